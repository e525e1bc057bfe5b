/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_cdr.c - CDR(): what the leg's record will say, as far as it is known now.
 *
 * Names that no record has are the dial plan's own: they are kept on the leg
 * and can be read back.
 */
#include <bellbird/cdr.h>
#include <bellbird/chan.h>
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

#include <time.h>

struct cdr_args {
	struct bb_str name;
	struct bb_opts options;
};

/* How a value is told; the letter u asks for it raw. */
enum kind { TEXT, WHEN, SPAN, OUTCOME, AMA };

static const struct {
	const char *name;
	enum kind kind;
	size_t off;
	void (*write)(struct bb_chan *ch, struct bb_str value);
} items[] = {
	{ "clid", TEXT, offsetof(struct bb_cdr, clid), NULL },
	{ "src", TEXT, offsetof(struct bb_cdr, src), NULL },
	{ "dst", TEXT, offsetof(struct bb_cdr, dst), NULL },
	{ "dcontext", TEXT, offsetof(struct bb_cdr, dcontext), NULL },
	{ "channel", TEXT, offsetof(struct bb_cdr, channel), NULL },
	{ "dstchannel", TEXT, offsetof(struct bb_cdr, dstchannel), NULL },
	{ "lastapp", TEXT, offsetof(struct bb_cdr, lastapp), NULL },
	{ "lastdata", TEXT, offsetof(struct bb_cdr, lastdata), NULL },
	{ "uniqueid", TEXT, offsetof(struct bb_cdr, uniqueid), NULL },
	{ "linkedid", TEXT, offsetof(struct bb_cdr, linkedid), NULL },
	{ "sequence", TEXT, offsetof(struct bb_cdr, sequence), NULL },
	{ "accountcode", TEXT, offsetof(struct bb_cdr, accountcode), bb_chan_set_accountcode },
	{ "userfield", TEXT, offsetof(struct bb_cdr, userfield), bb_chan_set_userfield },
	{ "start", WHEN, offsetof(struct bb_cdr, start), NULL },
	{ "answer", WHEN, offsetof(struct bb_cdr, answer), NULL },
	{ "end", WHEN, offsetof(struct bb_cdr, end), NULL },
	{ "duration", SPAN, offsetof(struct bb_cdr, start), NULL },
	{ "billsec", SPAN, offsetof(struct bb_cdr, answer), NULL },
	{ "disposition", OUTCOME, offsetof(struct bb_cdr, disposition), NULL },
	{ "amaflags", AMA, 0, NULL },
};

static void put_when(bb_time t, bool raw, struct bb_buf *out)
{
	time_t seconds = (time_t)(t / BB_SEC);
	char text[40];
	struct tm tm;

	if (!t)
		return;
	if (raw) {
		bb_buf_printf(out, "%lld.%06lld", (long long)(t / BB_SEC), (long long)(t % BB_SEC));
		return;
	}
	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	bb_buf_puts(out, text);
}

/* From a moment of the record until its end, or until now. */
static void put_span(bb_time from, bb_time end, bool fraction, struct bb_buf *out)
{
	bb_time span = from ? (end ? end : bb_wall()) - from : 0;

	if (span < 0)
		span = 0;
	if (fraction)
		bb_buf_printf(out, "%lld.%06lld", (long long)(span / BB_SEC),
			      (long long)(span % BB_SEC));
	else
		bb_buf_printf(out, "%lld", (long long)(span / BB_SEC));
}

/* Asterisk's numbers of the outcomes. */
static int outcome_number(const char *text)
{
	static const char *const names[] = { "NO ANSWER", "NULL",     "FAILED",
					     "BUSY",	  "ANSWERED", "CONGESTION" };

	for (int i = 0; i < (int)BB_ARRAY_SIZE(names); i++)
		if (bb_str_is(bb_strz(names[i]), text))
			return i ? 1 << (i - 1) : 0;
	return 0;
}

static void put_item(size_t i, const struct bb_cdr *r, const struct bb_opts *o, struct bb_buf *out)
{
	const void *at = (const char *)r + items[i].off;
	bool raw = bb_opts_has(o, 'u');
	const char *text;

	switch (items[i].kind) {
	case TEXT:
		text = *(const char *const *)at;
		bb_buf_puts(out, text ? text : "");
		break;
	case WHEN:
		put_when(*(const bb_time *)at, raw, out);
		break;
	case SPAN:
		put_span(*(const bb_time *)at, r->end, bb_opts_has(o, 'f'), out);
		break;
	case OUTCOME:
		text = *(const char *const *)at;
		if (raw)
			bb_buf_printf(out, "%d", outcome_number(text));
		else
			bb_buf_puts(out, text);
		break;
	case AMA: /* every record is for documentation: nobody bills here */
		bb_buf_puts(out, raw ? "3" : "DOCUMENTATION");
		break;
	}
}

static int own_name(struct bb_str name, char **z)
{
	*z = bb_sprintf("~CDR~%.*s~", BB_FMT(name));
	return *z ? 0 : -ENOMEM;
}

static int own_read(struct bb_chan *ch, struct bb_str name, struct bb_buf *out)
{
	struct bb_arena *a = bb_arena_new(128);
	char *z = NULL;
	int err = a ? own_name(name, &z) : -ENOMEM;

	if (!err)
		bb_buf_putstr(out, bb_var_get(ch, z, a));
	bb_free(z);
	bb_arena_free(a);
	return err ? err : out->err;
}

static int cdr_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct cdr_args *c = args;
	struct bb_cdr r;
	char clid[BB_CLID_SIZE];

	if (!ch)
		return -EINVAL;
	for (size_t i = 0; i < BB_ARRAY_SIZE(items); i++) {
		if (!bb_str_iis(c->name, items[i].name))
			continue;
		bb_cdr_of(ch, &r, clid);
		put_item(i, &r, &c->options, out);
		return out->err;
	}
	return own_read(ch, c->name, out);
}

static int cdr_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	const struct cdr_args *c = args;
	char *z;
	int err;

	if (!ch)
		return -EINVAL;
	for (size_t i = 0; i < BB_ARRAY_SIZE(items); i++) {
		if (!bb_str_iis(c->name, items[i].name))
			continue;
		if (items[i].write) {
			items[i].write(ch, value);
			return 0;
		}
		bb_warning("CDR(%s) cannot be set", items[i].name);
		return -EINVAL;
	}
	err = own_name(c->name, &z);
	if (!err)
		err = bb_var_set(ch, z, value);
	bb_free(z);
	return err;
}

static const struct bb_option options[] = {
	{ .letter = 'f', .doc = "duration and billsec with the fraction of the second." },
	{ .letter = 'u',
	  .doc = "Raw: times as seconds since 1970, disposition and amaflags as "
		 "numbers." },
	{ 0 }
};

static const struct bb_func cdr = {
	.name = "CDR",
	.args =
		(const struct bb_field[]){
			{ .name = "name",
			  .type = BB_T_STR,
			  .off = offsetof(struct cdr_args, name),
			  .doc = "clid, src, dst, dcontext, channel, dstchannel, lastapp, "
				 "lastdata, start, answer, end, duration, billsec, disposition, "
				 "amaflags, accountcode, uniqueid, linkedid, userfield, sequence, "
				 "or a name of your own." },
			{ .name = "options",
			  .type = BB_T_OPTIONS,
			  .off = offsetof(struct cdr_args, options),
			  .options = options,
			  .def = "",
			  .doc = "Letters." },
			{ 0 } },
	.args_size = sizeof(struct cdr_args),
	.read = cdr_read,
	.write = cdr_write,
	.doc = { .summary = "The leg's call record",
		 .since = "0.1",
		 .text = "accountcode and userfield can be set, and names of your own, which the "
			 "leg keeps. Example: Set(CDR(userfield)=${CHOICE})",
		 .see_also = "CHANNEL" },
};

BB_MODULE(func_cdr, .provides = (const struct bb_provide[]){ BB_FUNC(&cdr), { 0 } },
	  .doc = { .summary = "CDR()", .since = "0.1" });
