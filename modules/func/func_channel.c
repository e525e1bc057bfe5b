/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_channel.c - CHANNEL() and TIMEOUT(): the leg's own properties.
 */
#include <bellbird/chan.h>
#include <bellbird/func.h>
#include <bellbird/log.h>

struct item_args {
	struct bb_str item;
};

static const char *context_of(const struct bb_chan *ch)
{
	return bb_chan_place(ch).context;
}

static const char *exten_of(const struct bb_chan *ch)
{
	return bb_chan_place(ch).exten;
}

static const char *state_of(const struct bb_chan *ch)
{
	enum bb_chan_state st = bb_chan_state(ch);

	if (st == BB_GONE) /* in h: how far it came, as in Asterisk */
		st = bb_chan_answered(ch) ? BB_UP : bb_chan_outgoing(ch) ? BB_DOWN : BB_RING;
	return bb_chan_state_name(st);
}

static const char *tech_of(const struct bb_chan *ch)
{
	return bb_chan_driver(ch)->tech;
}

static const char *gone_of(const struct bb_chan *ch)
{
	return bb_chan_check(ch) ? "1" : "0";
}

/* Of every record: nobody bills here. */
static const char *amaflags_of(const struct bb_chan *ch)
{
	(void)ch;
	return "3";
}

static const struct {
	const char *name;
	const char *(*read)(const struct bb_chan *ch);
	void (*write)(struct bb_chan *ch, struct bb_str value);
} items[] = {
	{ "name", bb_chan_name, NULL },
	{ "uniqueid", bb_chan_uniqueid, NULL },
	{ "linkedid", bb_chan_linkedid, NULL },
	{ "language", bb_chan_language, bb_chan_set_language },
	{ "accountcode", bb_chan_accountcode, bb_chan_set_accountcode },
	{ "musicclass", bb_chan_musicclass, bb_chan_set_musicclass },
	{ "userfield", bb_chan_userfield, bb_chan_set_userfield },
	{ "context", context_of, NULL },
	{ "exten", exten_of, NULL },
	{ "state", state_of, NULL },
	{ "channeltype", tech_of, NULL },
	{ "checkhangup", gone_of, NULL },
	{ "amaflags", amaflags_of, NULL },
};

static int unknown(struct bb_str item)
{
	bb_warning("CHANNEL(%.*s) is not built here", BB_FMT(item));
	return -EINVAL;
}

static int channel_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str item = bb_str_trim(((const struct item_args *)args)->item);
	const struct bb_chan_driver *drv;
	int err;

	if (!ch)
		return -EINVAL;
	for (size_t i = 0; i < BB_ARRAY_SIZE(items); i++) {
		if (!bb_str_iis(item, items[i].name))
			continue;
		bb_buf_puts(out, items[i].read(ch) ? items[i].read(ch) : "");
		return out->err;
	}
	drv = bb_chan_driver(ch);
	err = drv->get ? drv->get(ch, item, out) : -ENOENT;
	return err == -ENOENT ? unknown(item) : err;
}

/* The handlers are subroutines, run when the leg has ended. */
static int write_handler(struct bb_chan *ch, struct bb_str item, struct bb_str value)
{
	if (bb_str_iis(item, "hangup_handler_push"))
		return bb_hangup_handler_push(ch, value);
	if (bb_str_iis(item, "hangup_handler_pop")) {
		int err = bb_hangup_handler_pop(ch);

		if (bb_str_trim(value).l)
			return bb_hangup_handler_push(ch, value);
		return err == -ENOENT ? 0 : err;
	}
	if (!bb_str_iis(item, "hangup_handler_wipe"))
		return -ENOENT;
	bb_hangup_handler_wipe(ch);
	return bb_str_trim(value).l ? bb_hangup_handler_push(ch, value) : 0;
}

static int channel_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	struct bb_str item = bb_str_trim(((const struct item_args *)args)->item);
	const struct bb_chan_driver *drv;
	int err;

	if (!ch)
		return -EINVAL;
	for (size_t i = 0; i < BB_ARRAY_SIZE(items); i++) {
		if (!bb_str_iis(item, items[i].name))
			continue;
		if (!items[i].write) {
			bb_warning("CHANNEL(%s) cannot be set", items[i].name);
			return -EINVAL;
		}
		items[i].write(ch, value);
		return 0;
	}
	err = write_handler(ch, item, value);
	if (err != -ENOENT)
		return err;
	drv = bb_chan_driver(ch);
	err = drv->set ? drv->set(ch, item, value) : -ENOENT;
	return err == -ENOENT ? unknown(item) : err;
}

/* --- TIMEOUT --- */

static int which_of(struct bb_str item, enum bb_timeout *which)
{
	if (bb_str_iis(item, "digit"))
		*which = BB_TIMEOUT_DIGIT;
	else if (bb_str_iis(item, "response"))
		*which = BB_TIMEOUT_RESPONSE;
	else if (bb_str_iis(item, "absolute"))
		*which = BB_TIMEOUT_ABSOLUTE;
	else
		return -EINVAL;
	return 0;
}

static int timeout_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	enum bb_timeout which;
	bb_time span;

	if (!ch || which_of(bb_str_trim(((const struct item_args *)args)->item), &which))
		return -EINVAL;
	span = bb_chan_timeout(ch, which);
	if (!span && which == BB_TIMEOUT_ABSOLUTE)
		bb_buf_putc(out, '0');
	else
		bb_buf_printf(out, "%.3f", (double)span / (double)BB_SEC);
	return out->err;
}

static int timeout_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	enum bb_timeout which;
	double seconds;

	if (!ch || which_of(bb_str_trim(((const struct item_args *)args)->item), &which))
		return -EINVAL;
	value = bb_str_trim(value);
	if (!value.l)
		value = BB_STR("0"); /* takes it back */
	if (bb_str_double(value, &seconds) || !(seconds >= 0 && seconds < 1e8)) {
		bb_warning("TIMEOUT(): '%.*s' is no number of seconds", BB_FMT(value));
		return -EINVAL;
	}
	return bb_chan_set_timeout(ch, which, (bb_time)(seconds * (double)BB_SEC));
}

static const struct bb_func channel = {
	.name = "CHANNEL",
	.args =
		(const struct bb_field[]){
			{ .name = "item",
			  .type = BB_T_REST,
			  .off = offsetof(struct item_args, item),
			  .doc = "name, uniqueid, linkedid, language, accountcode, musicclass, "
				 "userfield, context, exten, state, channeltype, "
				 "hangup_handler_push, hangup_handler_pop, hangup_handler_wipe, or "
				 "what the driver knows." },
			{ 0 } },
	.args_size = sizeof(struct item_args),
	.read = channel_read,
	.write = channel_write,
	.doc = { .summary = "A property of the leg",
		 .since = "0.1",
		 .text = "Example: Set(CHANNEL(language)=es)\nExample: "
			 "Set(CHANNEL(hangup_handler_push)=ended,s,1)" },
};

static const struct bb_func timeout = {
	.name = "TIMEOUT",
	.args = (const struct bb_field[]){ { .name = "item",
					     .type = BB_T_REST,
					     .off = offsetof(struct item_args, item),
					     .doc = "digit, response or absolute." },
					   { 0 } },
	.args_size = sizeof(struct item_args),
	.read = timeout_read,
	.write = timeout_write,
	.doc = { .summary = "How long something may last, in seconds",
		 .since = "0.1",
		 .text = "digit and response: how long the next and the first digit is waited for. "
			 "absolute: the call, from now on; 0 is for ever.\n\nExample: "
			 "Set(TIMEOUT(absolute)=3600)" },
};

BB_MODULE(func_channel,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&channel), BB_FUNC(&timeout), { 0 } },
	  .doc = { .summary = "CHANNEL() and TIMEOUT()", .since = "0.1" });
