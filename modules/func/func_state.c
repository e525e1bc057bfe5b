/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_state.c - DEVICE_STATE(), EXTENSION_STATE(), and what the dial plan has.
 */
#include <bellbird/chan.h>
#include <bellbird/device.h>
#include <bellbird/func.h>
#include <bellbird/mem.h>

struct state_args {
	struct bb_str what;
};

static int device_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_puts(out, bb_device_state_name(bb_device_state(
				 bb_str_trim(((const struct state_args *)args)->what))));
	return out->err;
}

/* "exten[@context]": the devices of its hint together. */
static int exten_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str what = bb_str_trim(((const struct state_args *)args)->what), hint;
	struct bb_str context = ch ? bb_strz(bb_chan_place(ch).context) : BB_STR("default");
	struct bb_arena *a = bb_arena_new(128);
	ptrdiff_t at = bb_str_chr(what, '@'), comma;

	if (!a)
		return -ENOMEM;
	if (at >= 0) {
		context = bb_str_sub(what, (size_t)at + 1, what.l);
		what = bb_str_sub(what, 0, (size_t)at);
	}
	hint = bb_exten_hint(context, what, a);
	comma = bb_str_chr(hint, ',');
	if (comma >= 0)
		hint = bb_str_sub(hint, 0, (size_t)comma);
	bb_buf_puts(out, hint.p ? bb_device_state_name(bb_device_state(hint)) : "UNKNOWN");
	bb_arena_free(a);
	return out->err;
}

struct place_args {
	struct bb_str context, exten, priority;
};

/* Only what stands in the live plan; a priority is asked for as 1 when none is given. */
static int exists_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct place_args here, *p = &here;
	bool there;

	here = *(const struct place_args *)args;
	if (!p->context.l && ch)
		p->context = bb_strz(bb_chan_place(ch).context);
	if (!p->exten.l)
		there = bb_context_exists(p->context);
	else if (!p->priority.l || bb_str_is(p->priority, "1"))
		there = bb_exten_exists(p->context, p->exten,
					ch ? bb_strz(bb_chan_caller(ch)->number) : BB_STR(""));
	else
		there = bb_place_exists(ch, p->context, p->exten, p->priority);
	bb_buf_putc(out, there ? '1' : '0');
	return out->err;
}

static const struct bb_func device = {
	.name = "DEVICE_STATE",
	.args = (const struct bb_field[]){ { .name = "device",
					     .type = BB_T_REST,
					     .off = offsetof(struct state_args, what),
					     .doc = "Such as SIP/alice; several joined by &." },
					   { 0 } },
	.args_size = sizeof(struct state_args),
	.read = device_read,
	.doc = { .summary = "The state of a device",
		 .since = "0.1",
		 .text = "UNKNOWN, NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE, RINGING, "
			 "RINGINUSE or ONHOLD.",
		 .see_also = "EXTENSION_STATE" },
};

static const struct bb_func exten = {
	.name = "EXTENSION_STATE",
	.args = (const struct bb_field[]){ { .name = "extension[@context]",
					     .type = BB_T_REST,
					     .off = offsetof(struct state_args, what),
					     .doc = "An extension with a hint." },
					   { 0 } },
	.args_size = sizeof(struct state_args),
	.read = exten_read,
	.doc = { .summary = "The state of a hint's devices",
		 .since = "0.1",
		 .text = "Example: ${EXTENSION_STATE(100@internal)}",
		 .see_also = "DEVICE_STATE" },
};

static const struct bb_func exists = {
	.name = "DIALPLAN_EXISTS",
	.args = (const struct bb_field[]){ { .name = "context",
					     .type = BB_T_STR,
					     .off = offsetof(struct place_args, context),
					     .doc = "Name of the context." },
					   { .name = "extension",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct place_args, exten),
					     .doc = "An extension in it." },
					   { .name = "priority",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct place_args, priority),
					     .doc = "A number or label of it." },
					   { 0 } },
	.args_size = sizeof(struct place_args),
	.read = exists_read,
	.doc = { .summary = "Does a place in the dial plan exist?",
		 .since = "0.1",
		 .text = "1 or 0. Example: ${DIALPLAN_EXISTS(internal,${NUMBER},1)}" },
};

static const struct bb_func valid = {
	.name = "VALID_EXTEN",
	.args = (const struct bb_field[]){ { .name = "context",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct place_args, context),
					     .doc = "Name of the context; the channel's." },
					   { .name = "extension",
					     .type = BB_T_STR,
					     .off = offsetof(struct place_args, exten),
					     .doc = "An extension in it." },
					   { .name = "priority",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct place_args, priority),
					     .doc = "A number or label of it." },
					   { 0 } },
	.args_size = sizeof(struct place_args),
	.read = exists_read,
	.doc = { .summary = "Does an extension exist?",
		 .since = "0.1",
		 .text = "1 or 0.",
		 .see_also = "DIALPLAN_EXISTS" },
};

BB_MODULE(func_state,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&device),
						   BB_FUNC(&exten),
						   BB_FUNC(&exists),
						   BB_FUNC(&valid),
						   { 0 } },
	  .doc = { .summary = "States of devices, hints and the dial plan", .since = "0.1" });
