/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_time.c - STRFTIME() and STRPTIME(): calendar time as text.
 *
 * Zones are read from the machine's files (RFC 8536), on the pool; the
 * process's own zone is what an empty name means.
 */
#include <bellbird/app.h>
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct strftime_args {
	struct bb_str epoch, zone, format;
};

struct strptime_args {
	struct bb_str text, zone, format;
};

/* A zone is looked up for one moment, and once more for local times. */
struct lookup {
	char path[160];
	int64_t at;
	bool local; /* .at is local time as if it were UTC */
	int64_t offset; /* out: east of Greenwich, in seconds */
	char name[16]; /* out */
	bool dst; /* out */
};

#define MAX_ZONE_FILE 262144

static int64_t be(const unsigned char *p, int bytes)
{
	int64_t v = bytes && (p[0] & 0x80) ? -1 : 0;

	for (int i = 0; i < bytes; i++)
		v = (int64_t)((uint64_t)v << 8 | p[i]);
	return v;
}

struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

static void take_counts(const unsigned char *h, struct counts *c)
{
	const unsigned char *p = h + 20;

	c->isut = (uint32_t)be(p, 4);
	c->isstd = (uint32_t)be(p + 4, 4);
	c->leap = (uint32_t)be(p + 8, 4);
	c->time = (uint32_t)be(p + 12, 4);
	c->type = (uint32_t)be(p + 16, 4);
	c->chars = (uint32_t)be(p + 20, 4);
}

static size_t block_size(const struct counts *c, size_t width)
{
	return (size_t)c->time * (width + 1) + (size_t)c->type * 6 + c->chars +
	       (size_t)c->leap * (width + 4) + c->isstd + c->isut;
}

/* RFC 8536 §3.2: the data block of version 2, 64-bit times. */
static int find_type(const unsigned char *b, const struct counts *c, struct lookup *l)
{
	const unsigned char *times = b, *index = b + (size_t)c->time * 8;
	const unsigned char *types = index + c->time, *names = types + (size_t)c->type * 6;
	uint32_t type = 0, i, abbreviation;

	for (i = 0; i < c->time; i++) {
		int64_t t = be(times + (size_t)i * 8, 8);

		if (l->local && index[i] < c->type)
			t += be(types + (size_t)index[i] * 6, 4);
		if (t > l->at)
			break;
		type = index[i];
	}
	if (type >= c->type)
		return -EINVAL;
	l->offset = be(types + (size_t)type * 6, 4);
	l->dst = types[(size_t)type * 6 + 4];
	abbreviation = types[(size_t)type * 6 + 5];
	for (i = 0; i + 1 < sizeof(l->name) && abbreviation + i < c->chars; i++)
		l->name[i] = (char)names[abbreviation + i];
	return 0;
}

static int parse_zone(const unsigned char *data, size_t len, struct lookup *l)
{
	struct counts c;
	size_t skip;

	if (len < 44 || memcmp(data, "TZif", 4) || data[4] < '2')
		return -EINVAL;
	take_counts(data, &c);
	skip = 44 + block_size(&c, 4);
	if (skip + 44 > len || memcmp(data + skip, "TZif", 4))
		return -EINVAL;
	take_counts(data + skip, &c);
	if (c.time > 100000 || c.type > 256 || c.chars > 10000 ||
	    skip + 44 + block_size(&c, 8) > len)
		return -EINVAL;
	return find_type(data + skip + 44, &c, l);
}

/* On the pool. */
static int read_zone(void *arg)
{
	struct lookup *l = arg;
	FILE *f = fopen(l->path, "rb");
	unsigned char *data = f ? bb_alloc(MAX_ZONE_FILE) : NULL;
	int err = f ? -ENOMEM : -ENOENT;

	if (data)
		err = parse_zone(data, fread(data, 1, MAX_ZONE_FILE, f), l);
	bb_free(data);
	if (f)
		fclose(f);
	return err;
}

/* The offset that holds in a zone. The last rule of a file is taken to go on for ever. */
static int zone_at(struct bb_chan *ch, struct bb_str zone, struct lookup *l)
{
	char name[64];
	int err;

	if (bb_str_iis(zone, "UTC") || bb_str_iis(zone, "GMT") || bb_str_iis(zone, "Etc/UTC")) {
		bb_str_copy(l->name, sizeof(l->name), BB_STR("UTC"));
		return 0;
	}
	if (bb_str_copy(name, sizeof(name), zone) || strstr(name, "..") || name[0] == '/')
		err = -EINVAL;
	else {
		snprintf(l->path, sizeof(l->path), "/usr/share/zoneinfo/%s", name);
		err = bb_offload(ch, read_zone, l);
	}
	if (err)
		bb_warning("time zone '%.*s' is not known: taken for UTC", BB_FMT(zone));
	return err == -ENOMEM ? err : 0;
}

static int broken_down(struct bb_chan *ch, int64_t t, struct bb_str zone, struct tm *tm,
		       struct lookup *l)
{
	time_t at = (time_t)t;
	int err;

	if (!zone.l) {
		localtime_r(&at, tm);
		return 0;
	}
	l->at = t;
	err = zone_at(ch, zone, l);
	if (err)
		return err;
	at += (time_t)l->offset;
	gmtime_r(&at, tm);
	tm->tm_isdst = l->dst;
	tm->tm_gmtoff = (long)l->offset;
	tm->tm_zone = l->name;
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
	struct lookup l = { .offset = 0 };
	int64_t seconds = bb_wall() / BB_SEC;
	unsigned micro = (unsigned)(bb_wall() % BB_SEC);
	struct tm tm;
	double t;
	int err;

	if (epoch.l) {
		if (bb_str_double(epoch, &t) || !(t > -1e11 && t < 1e11)) {
			bb_warning("STRFTIME(): '%.*s' is no time", BB_FMT(epoch));
			return -EINVAL;
		}
		seconds = (int64_t)t - (t < (double)(int64_t)t);
		micro = (unsigned)((t - (double)seconds) * 1e6 + 0.5);
	}
	err = broken_down(ch, seconds, bb_str_trim(a->zone), &tm, &l);
	if (!err)
		put_format(out, a->format.l ? a->format : BB_STR("%c"), &tm, micro);
	return err ? err : out->err;
}

static int strptime_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct strptime_args *a = args;
	struct bb_str zone = bb_str_trim(a->zone);
	char *text = bb_strdup(a->text), *format = bb_strdup(a->format);
	struct lookup l = { .local = true };
	struct tm tm = { .tm_mday = 1, .tm_year = 70, .tm_isdst = -1 };
	int64_t t = 0;
	int err = text && format ? 0 : -ENOMEM;

	if (!err && !strptime(text, format, &tm)) {
		bb_warning("STRPTIME(): '%s' is not as '%s' says", text, format);
		err = -EINVAL;
	}
	if (!err && !zone.l) {
		t = mktime(&tm);
	} else if (!err) {
		t = timegm(&tm);
		l.at = t;
		err = zone_at(ch, zone, &l);
		t -= l.offset;
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
