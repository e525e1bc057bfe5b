/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_time.c - STRFTIME() and STRPTIME(): calendar time as text. The
 * process's own zone is what an empty name of one means.
 */
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>
#include <bellbird/zone.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct strftime_args {
	struct bb_str epoch, zone, format;
};

struct strptime_args {
	struct bb_str text, zone, format;
};

/* NULL for a zone that nobody knows: UTC serves. */
static int zone_of(struct bb_str name, const struct bb_zone **z)
{
	int err = bb_zone_find(z, name);

	if (!err)
		return 0;
	*z = NULL;
	if (err != -ENOMEM)
		bb_warning("time zone '%.*s' is not known: taken for UTC", BB_FMT(name));
	return err == -ENOMEM ? err : 0;
}

/* @p zt keeps the name that @p tm points at. */
static int broken_down(int64_t t, struct bb_str zone, struct tm *tm, struct bb_zone_time *zt)
{
	const struct bb_zone *z = NULL;
	time_t at = (time_t)t;
	int err;

	if (!zone.l) {
		localtime_r(&at, tm);
		return 0;
	}
	err = zone_of(zone, &z);
	if (err)
		return err;
	if (z)
		*zt = bb_zone_at(z, t);
	at += (time_t)zt->offset;
	gmtime_r(&at, tm);
	tm->tm_isdst = zt->dst;
	tm->tm_gmtoff = (long)zt->offset;
	tm->tm_zone = zt->name;
	return 0;
}

/* One conversion of strftime(3). */
static void put_one(struct bb_buf *out, const char *conversion, const struct tm *tm)
{
	char text[128];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strftime(text, sizeof(text), conversion, tm))
		bb_buf_puts(out, text);
#pragma GCC diagnostic pop
}

/* The conversions of strftime(3), and %3q: digits of the fraction of the second. */
static void put_format(struct bb_buf *out, struct bb_str f, const struct tm *tm, unsigned micro)
{
	for (size_t i = 0; i < f.l; i++) {
		size_t from = i;
		unsigned digits = 3;
		char conversion[8] = "%", fraction[8];

		if (f.p[i] != '%' || i + 1 >= f.l) {
			bb_buf_putc(out, f.p[i]);
			continue;
		}
		i++;
		if (f.p[i] >= '1' && f.p[i] <= '6' && i + 1 < f.l && f.p[i + 1] == 'q')
			digits = (unsigned)(f.p[i++] - '0');
		if (f.p[i] == 'q') {
			snprintf(fraction, sizeof(fraction), "%06u", micro % 1000000);
			bb_buf_put(out, fraction, digits);
			continue;
		}
		while (i + 1 < f.l && i - from < 4 && strchr("EO_-^#0", f.p[i]))
			i++;
		memcpy(conversion, f.p + from, i + 1 - from);
		conversion[i + 1 - from] = '\0';
		put_one(out, conversion, tm);
	}
}

static int strftime_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct strftime_args *a = args;
	struct bb_str epoch = bb_str_trim(a->epoch);
	struct bb_zone_time zt = { .name = "UTC" };
	int64_t seconds = bb_wall() / BB_SEC;
	unsigned micro = (unsigned)(bb_wall() % BB_SEC);
	struct tm tm;
	double t;
	int err;

	(void)ch;
	if (epoch.l && (bb_str_double(epoch, &t) || !(t > -1e11 && t < 1e11))) {
		bb_warning("STRFTIME(): '%.*s' is no time: now is taken", BB_FMT(epoch));
	} else if (epoch.l) {
		seconds = (int64_t)t - (t < (double)(int64_t)t);
		micro = (unsigned)((t - (double)seconds) * 1e6 + 0.5);
	}
	err = broken_down(seconds, bb_str_trim(a->zone), &tm, &zt);
	if (!err)
		put_format(out, a->format.l ? a->format : BB_STR("%c"), &tm, micro);
	return err ? err : out->err;
}

static int strptime_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct strptime_args *a = args;
	struct bb_str zone = bb_str_trim(a->zone);
	char *text = bb_strdup(a->text), *format = bb_strdup(a->format);
	const struct bb_zone *z;
	struct tm tm = { .tm_mday = 1, .tm_year = 70, .tm_isdst = -1 };
	int64_t t = 0;
	int err = text && format ? 0 : -ENOMEM;

	(void)ch;
	if (!err && !strptime(text, format, &tm)) {
		bb_warning("STRPTIME(): '%s' is not as '%s' says", text, format);
		err = -EINVAL;
	}
	if (!err && !zone.l) {
		t = mktime(&tm);
	} else if (!err) {
		t = timegm(&tm);
		err = zone_of(zone, &z);
		if (!err && z)
			t -= bb_zone_at_local(z, t).offset;
	}
	bb_free(text);
	bb_free(format);
	if (!err)
		bb_buf_printf(out, "%lld", (long long)t);
	return err ? err : out->err;
}

static const struct bb_func fmt = {
	.name = "STRFTIME",
	.args =
		(const struct bb_field[]){
			{ .name = "epoch",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct strftime_args, epoch),
			  .doc = "Seconds since 1970; now when left out." },
			{ .name = "timezone",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct strftime_args, zone),
			  .doc = "Such as Europe/Madrid; the own one when left out." },
			{ .name = "format",
			  .type = BB_T_REST,
			  .def = "%c",
			  .off = offsetof(struct strftime_args, format),
			  .doc = "As strftime(3), and %3q for thousandths." },
			{ 0 } },
	.args_size = sizeof(struct strftime_args),
	.read = strftime_read,
	.doc = { .summary = "Write a time as text",
		 .since = "0.1",
		 .text = "Example: ${STRFTIME(${EPOCH},,%Y-%m-%d %H:%M)}",
		 .see_also = "STRPTIME" },
};

static const struct bb_func prs = {
	.name = "STRPTIME",
	.args =
		(const struct bb_field[]){
			{ .name = "text",
			  .type = BB_T_STR,
			  .off = offsetof(struct strptime_args, text),
			  .doc = "The time as text." },
			{ .name = "timezone",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct strptime_args, zone),
			  .doc = "Where it is meant; the own one when left out." },
			{ .name = "format",
			  .type = BB_T_REST,
			  .off = offsetof(struct strptime_args, format),
			  .doc = "As strptime(3)." },
			{ 0 } },
	.args_size = sizeof(struct strptime_args),
	.read = strptime_read,
	.doc = { .summary = "Read a time from text, as seconds since 1970",
		 .since = "0.1",
		 .text = "Example: ${STRPTIME(2026-11-21,UTC,%Y-%m-%d)}",
		 .see_also = "STRFTIME" },
};

BB_MODULE(func_time, .provides = (const struct bb_provide[]){ BB_FUNC(&fmt), BB_FUNC(&prs), { 0 } },
	  .doc = { .summary = "STRFTIME() and STRPTIME()", .since = "0.1" });
