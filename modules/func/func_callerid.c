/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_callerid.c - CALLERID() and CONNECTEDLINE(): who is at the ends of a leg.
 */
#include <bellbird/chan.h>
#include <bellbird/func.h>
#include <bellbird/log.h>

struct party_args {
	struct bb_str item;
};

static const char presentation[] = "allowed_not_screened";
static const char withheld[] = "prohib_not_screened";
static const char unknown[] = "unavailable";

static void put_all(const struct bb_party *p, struct bb_buf *out)
{
	bb_buf_printf(out, "\"%s\" <%s>", p->name, p->number);
}

/* @return false when the item is none of a party's. */
static bool read_party(const struct bb_party *p, struct bb_str item, struct bb_buf *out)
{
	if (bb_str_iis(item, "num") || bb_str_iis(item, "number"))
		bb_buf_puts(out, p->number);
	else if (bb_str_iis(item, "name"))
		bb_buf_puts(out, p->name);
	else if (bb_str_iis(item, "all"))
		put_all(p, out);
	else if (bb_str_iis(item, "pres") || bb_str_iis(item, "num-pres") ||
		 bb_str_iis(item, "name-pres"))
		bb_buf_puts(out, p->restricted		      ? withheld
				 : p->name[0] || p->number[0] ? presentation
							      : unknown);
	else if (bb_str_iis(item, "name-valid"))
		bb_buf_putc(out, p->name[0] ? '1' : '0');
	else if (bb_str_iis(item, "num-valid"))
		bb_buf_putc(out, p->number[0] ? '1' : '0');
	else if (bb_str_iis(item, "ton") || bb_str_iis(item, "num-plan") ||
		 bb_str_iis(item, "ani2"))
		bb_buf_putc(out, '0'); /* no technology here tells a type of number */
	else
		return false;
	return true;
}

/* "Name" <number>, Name <number>, or a number alone. */
static void split_all(struct bb_str s, struct bb_party *p)
{
	ptrdiff_t open = bb_str_chr(s, '<'), close = bb_str_chr(s, '>');
	struct bb_str name = BB_STR(""), number = bb_str_trim(s);

	if (open >= 0) {
		name = bb_str_trim(bb_str_sub(s, 0, (size_t)open));
		number = bb_str_trim(bb_str_sub(s, (size_t)open + 1,
						close > open ? (size_t)(close - open - 1) : s.l));
	} else {
		/* What is no number is a name. */
		for (size_t i = 0; i < number.l; i++) {
			if (strchr("0123456789+*#-. ()", number.p[i]))
				continue;
			name = number;
			number = BB_STR("");
			break;
		}
	}
	if (name.l >= 2 && name.p[0] == '"' && name.p[name.l - 1] == '"')
		name = bb_str_sub(name, 1, name.l - 2);
	bb_str_copy(p->name, sizeof(p->name), name);
	bb_str_copy(p->number, sizeof(p->number), number);
}

static bool write_party(struct bb_party *p, struct bb_str item, struct bb_str value)
{
	if (bb_str_iis(item, "num") || bb_str_iis(item, "number"))
		bb_str_copy(p->number, sizeof(p->number), bb_str_trim(value));
	else if (bb_str_iis(item, "name"))
		bb_str_copy(p->name, sizeof(p->name), value);
	else if (bb_str_iis(item, "all"))
		split_all(value, p);
	else if (bb_str_iis(item, "pres") || bb_str_iis(item, "num-pres") ||
		 bb_str_iis(item, "name-pres"))
		p->restricted = bb_str_istarts(bb_str_trim(value), BB_STR("prohib")) ||
				bb_str_iis(bb_str_trim(value), "unavailable");
	else
		return false;
	return true;
}

static int callerid_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str item = bb_str_trim(((const struct party_args *)args)->item);

	if (!ch)
		return -EINVAL;
	if (bb_str_iis(item, "dnid"))
		bb_buf_puts(out, bb_chan_dialed(ch));
	else if (bb_str_iis(item, "ani") || bb_str_iis(item, "ani-num"))
		bb_buf_puts(out, bb_chan_caller(ch)->number);
	else if (!read_party(bb_chan_caller(ch), item, out)) {
		bb_warning("CALLERID(%.*s) is not built here", BB_FMT(item));
		return -EINVAL;
	}
	return out->err;
}

static int callerid_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	struct bb_str item = bb_str_trim(((const struct party_args *)args)->item);

	if (!ch)
		return -EINVAL;
	if (write_party(bb_chan_caller(ch), item, value))
		return 0;
	bb_warning("CALLERID(%.*s) cannot be set here", BB_FMT(item));
	return -EINVAL;
}

static int connected_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str item = bb_str_trim(((const struct party_args *)args)->item);

	if (!ch)
		return -EINVAL;
	if (!read_party(bb_chan_connected(ch), item, out)) {
		bb_warning("CONNECTEDLINE(%.*s) is not built here", BB_FMT(item));
		return -EINVAL;
	}
	return out->err;
}

/* "name,i" sets without telling the phone; without the i the driver is told. */
static int connected_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	struct bb_str rest = ((const struct party_args *)args)->item, item, flag;

	if (!ch || !bb_str_split(&rest, ',', &item))
		return -EINVAL;
	if (!write_party(bb_chan_connected(ch), item, value)) {
		bb_warning("CONNECTEDLINE(%.*s) cannot be set here", BB_FMT(item));
		return -EINVAL;
	}
	if (!bb_str_split(&rest, ',', &flag) || !bb_str_is(flag, "i"))
		bb_chan_signal(ch, BB_SIG_CONNECTED_LINE);
	return 0;
}

static const struct bb_func callerid = {
	.name = "CALLERID",
	.args = (const struct bb_field[]){ { .name = "item",
					     .type = BB_T_REST,
					     .off = offsetof(struct party_args, item),
					     .doc = "num, name, all, pres, ani or dnid." },
					   { 0 } },
	.args_size = sizeof(struct party_args),
	.read = callerid_read,
	.write = callerid_write,
	.doc = { .summary = "Who calls",
		 .since = "0.1",
		 .text = "Example: Set(CALLERID(name)=Reception)",
		 .see_also = "CONNECTEDLINE" },
};

static const struct bb_func connected = {
	.name = "CONNECTEDLINE",
	.args =
		(const struct bb_field[]){
			{ .name = "item",
			  .type = BB_T_REST,
			  .off = offsetof(struct party_args, item),
			  .doc = "num, name, all or pres; with ,i the phone is not told." },
			{ 0 } },
	.args_size = sizeof(struct party_args),
	.read = connected_read,
	.write = connected_write,
	.doc = { .summary = "Who is connected to this leg",
		 .since = "0.1",
		 .text = "Example: Set(CONNECTEDLINE(name,i)=Reception)",
		 .see_also = "CALLERID" },
};

BB_MODULE(func_callerid,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&callerid), BB_FUNC(&connected), { 0 } },
	  .doc = { .summary = "CALLERID() and CONNECTEDLINE()", .since = "0.1" });
