/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_sprintf.c - SPRINTF(): values by a format of C's printf.
 *
 * Each conversion is taken out of the format, judged, and handed to the C
 * library alone with a value of the right type: the format is the dial
 * plan's, so nothing of it reaches printf unseen.
 */
#include <bellbird/conf.h>
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#include <stdio.h>
#include <stdlib.h>

#define MAX_VALUES 64
#define MAX_WIDTH 512 /* of one field: a dial plan's slip must not fill the memory */

struct sprintf_args {
	struct bb_str text;
};

/* One conversion: "%-05.2lf". */
struct conversion {
	char flags[8];
	long width, precision; /* negative: none */
	char letter;
};

static long number_at(struct bb_str f, size_t *i)
{
	long n = 0;

	for (; *i < f.l && f.p[*i] >= '0' && f.p[*i] <= '9'; (*i)++)
		n = n > MAX_WIDTH ? n : n * 10 + (f.p[*i] - '0');
	return n;
}

/* From behind the '%'. @return -EINVAL for what printf or we do not know. */
static int take(struct bb_str f, size_t *i, struct conversion *c)
{
	size_t n = 0;

	*c = (struct conversion){ .width = -1, .precision = -1 };
	for (; *i < f.l && strchr("-+ #0", f.p[*i]); (*i)++)
		if (n + 1 < sizeof(c->flags) && !strchr(c->flags, f.p[*i]))
			c->flags[n++] = f.p[*i];
	if (*i < f.l && f.p[*i] >= '0' && f.p[*i] <= '9')
		c->width = number_at(f, i);
	if (*i < f.l && f.p[*i] == '.') {
		(*i)++;
		c->precision = number_at(f, i);
	}
	while (*i < f.l && strchr("hlLqjzt", f.p[*i]))
		(*i)++; /* how C keeps a number says nothing here */
	if (*i >= f.l || c->width > MAX_WIDTH || c->precision > MAX_WIDTH)
		return -EINVAL;
	c->letter = f.p[(*i)++];
	return strchr("diouxXcaAeEfFgGs%", c->letter) ? 0 : -EINVAL;
}

/* The conversion alone as printf wants it, with this length modifier. */
static const char *spell(const struct conversion *c, const char *length, char dst[64])
{
	char width[24] = "", precision[24] = "";

	if (c->width >= 0)
		snprintf(width, sizeof(width), "%ld", c->width);
	if (c->precision >= 0)
		snprintf(precision, sizeof(precision), ".%ld", c->precision);
	snprintf(dst, 64, "%%%s%s%s%s%c", c->flags, width, precision, length, c->letter);
	return dst;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int put(const struct conversion *c, const char *value, struct bb_buf *out)
{
	char format[64], *end;
	double d;
	long n;

	switch (c->letter) {
	case 's':
		bb_buf_printf(out, spell(c, "", format), value);
		return out->err;
	case 'a':
	case 'A':
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		d = strtod(value, &end);
		if (end == value)
			return -EINVAL;
		bb_buf_printf(out, spell(c, "", format), d);
		return out->err;
	default:
		n = strtol(value, &end, 10);
		if (end == value)
			return -EINVAL;
		/* -1 as %u is the largest of an int's width, as in Asterisk. */
		if (n >= INT32_MIN && n <= UINT32_MAX)
			bb_buf_printf(out, spell(c, "", format), (int)n);
		else
			bb_buf_printf(out, spell(c, "l", format), n);
		return out->err;
	}
}
#pragma GCC diagnostic pop

static int format_all(struct bb_str f, const struct bb_str *values, size_t n, struct bb_buf *out)
{
	struct conversion c;
	size_t i = 0, at = 0;
	int err = 0;

	while (i < f.l && !err) {
		if (f.p[i] != '%') {
			bb_buf_putc(out, f.p[i++]);
			continue;
		}
		i++;
		err = take(f, &i, &c);
		if (err) {
			bb_warning("SPRINTF: '%.*s' is no format", BB_FMT(f));
		} else if (c.letter == '%') {
			bb_buf_putc(out, '%');
		} else if (at >= n) {
			bb_warning("SPRINTF: '%.*s' wants more than %zu values", BB_FMT(f), n);
			err = -EINVAL;
		} else {
			err = put(&c, values[at].p, out);
			if (err == -EINVAL)
				bb_warning("SPRINTF: '%.*s' is no number for %%%c",
					   BB_FMT(values[at]), c.letter);
			at++;
		}
	}
	return err ? err : out->err;
}

static int sprintf_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str text = ((const struct sprintf_args *)args)->text;
	struct bb_str pieces[MAX_VALUES + 1];
	struct bb_arena *a = bb_arena_new(512);
	int n, err = -ENOMEM;

	(void)ch;
	n = a ? bb_args_split(text, ',', pieces, MAX_VALUES + 1, a) : -ENOMEM;
	if (n > 0)
		err = format_all(pieces[0], pieces + 1, (size_t)n - 1, out);
	else if (n == 0)
		err = -EINVAL;
	bb_arena_free(a);
	return err;
}

static const struct bb_func sprintf_func = {
	.name = "SPRINTF",
	.args =
		(const struct bb_field[]){
			{ .name = "format,value…",
			  .type = BB_T_REST,
			  .off = offsetof(struct sprintf_args, text),
			  .doc = "A format of C's printf with one value for each "
				 "conversion; no '*'." },
			{ 0 } },
	.args_size = sizeof(struct sprintf_args),
	.read = sprintf_read,
	.doc = { .summary = "Write values by a format",
		 .since = "0.1",
		 .text = "Example: ${SPRINTF(%05d,42)} is 00042" },
};

BB_MODULE(func_sprintf, .provides = (const struct bb_provide[]){ BB_FUNC(&sprintf_func), { 0 } },
	  .doc = { .summary = "SPRINTF()", .since = "0.1" });
