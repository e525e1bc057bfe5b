/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timespec.c - conditions of time: "9:00-17:00,mon-fri,1-15,jan&feb[,zone]".
 *
 * Each part is '*' or ranges joined by '&'; a range may run over the end
 * (22:00-6:00, sat-mon). Both ends count.
 */
#include "core/dialplan/dialplan.h"

#include <stdio.h>
#include <time.h>

static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL };
static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
				      "aug", "sep", "oct", "nov", "dec", NULL };

static int word_of(struct bb_str s, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (bb_str_iis(s, words[i]))
			return i;
	return -1;
}

static int day_of(struct bb_str s)
{
	uint64_t n;

	return bb_str_u64(s, &n) || n < 1 || n > 31 ? -1 : (int)n - 1;
}

/* "9:05" as a minute of the day; "24:00" is midnight's end. */
static int minute_of(struct bb_str s)
{
	ptrdiff_t colon = bb_str_chr(s, ':');
	uint64_t h, m;

	if (colon < 0 || bb_str_u64(bb_str_sub(s, 0, (size_t)colon), &h) ||
	    bb_str_u64(bb_str_sub(s, (size_t)colon + 1, s.l), &m) || m > 59 || h > 24)
		return -1;
	return h == 24 ? 1439 : (int)(h * 60 + m);
}

struct part {
	const char *what;
	int limit;
	int (*value)(struct bb_str s);
	void (*set)(struct bb_timespec *ts, int i);
};

static int weekday_of(struct bb_str s)
{
	return word_of(s, weekdays);
}

static int month_of(struct bb_str s)
{
	return word_of(s, months);
}

static void set_minute(struct bb_timespec *ts, int i)
{
	ts->minutes[i / 8] |= (uint8_t)(1u << (i % 8));
}

static void set_weekday(struct bb_timespec *ts, int i)
{
	ts->weekdays |= (uint8_t)(1u << i);
}

static void set_day(struct bb_timespec *ts, int i)
{
	ts->days |= 1u << i;
}

static void set_month(struct bb_timespec *ts, int i)
{
	ts->months |= 1u << i;
}

static const struct part parts[] = {
	{ "time of day", 1440, minute_of, set_minute },
	{ "day of the week", 7, weekday_of, set_weekday },
	{ "day of the month", 31, day_of, set_day },
	{ "month", 12, month_of, set_month },
};

static int take_part(struct bb_timespec *ts, const struct part *p, struct bb_str text, char *why,
		     size_t cap)
{
	struct bb_str range;

	if (!text.l || bb_str_is(text, "*")) {
		for (int i = 0; i < p->limit; i++)
			p->set(ts, i);
		return 0;
	}
	while (bb_str_split(&text, '&', &range)) {
		ptrdiff_t dash = bb_str_chr(range, '-');
		struct bb_str first = dash < 0 ? range : bb_str_sub(range, 0, (size_t)dash);
		struct bb_str last =
			dash < 0 ? range : bb_str_sub(range, (size_t)dash + 1, range.l);
		int a = p->value(bb_str_trim(first)), b = p->value(bb_str_trim(last));

		if (a < 0 || b < 0) {
			snprintf(why, cap, "'%.*s' is no %s", BB_FMT(a < 0 ? first : last),
				 p->what);
			return -EINVAL;
		}
		for (int i = a;; i = (i + 1) % p->limit) {
			p->set(ts, i);
			if (i == b)
				break;
		}
	}
	return 0;
}

static int take_zone(struct bb_timespec *ts, struct bb_str zone, char *why, size_t cap)
{
	int err = zone.l ? bb_zone_find(&ts->zone, zone) : 0;

	if (!err || err == -ENOMEM)
		return err;
	snprintf(why, cap, "there is no time zone '%.*s'", BB_FMT(zone));
	return -EINVAL;
}

int bb_timespec_parse(struct bb_timespec *ts, struct bb_str text, char *why, size_t cap)
{
	char sep = bb_str_chr(text, '|') >= 0 && bb_str_chr(text, ',') < 0 ? '|' : ',';
	struct bb_str piece;
	int err = 0;

	memset(ts, 0, sizeof(*ts));
	for (size_t i = 0; i < BB_ARRAY_SIZE(parts) && !err; i++) {
		if (!bb_str_split(&text, sep, &piece))
			piece = BB_STR("");
		err = take_part(ts, &parts[i], piece, why, cap);
	}
	if (!err && bb_str_split(&text, sep, &piece))
		err = take_zone(ts, bb_str_trim(piece), why, cap);
	return err;
}

bool bb_timespec_holds(const struct bb_timespec *ts, bb_time wall)
{
	time_t t = (time_t)(wall / BB_SEC);
	struct tm tm;
	int minute;

	if (ts->zone) {
		t += (time_t)bb_zone_at(ts->zone, t).offset;
		gmtime_r(&t, &tm);
	} else {
		localtime_r(&t, &tm);
	}
	minute = tm.tm_hour * 60 + tm.tm_min;
	return (ts->minutes[minute / 8] & (1u << (minute % 8))) &&
	       (ts->months & (1u << tm.tm_mon)) && (ts->days & (1u << (tm.tm_mday - 1))) &&
	       (ts->weekdays & (1u << tm.tm_wday));
}
