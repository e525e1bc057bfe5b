/* SPDX-License-Identifier: BSD-3-Clause */
#include "dialplan_test.h"

#include <time.h>

/* The app(args) of a step, or NULL. */
static const char *step(struct bb_plan *p, const char *context, const char *exten, int prio,
			const char *cid)
{
	static char text[200];
	struct bb_find f = { .context = bb_strz(context),
			     .exten = bb_strz(exten),
			     .prio = prio,
			     .cid = bb_strz(cid) };
	const struct bb_prio *s = bb_plan_find(p, &f);
	struct bb_buf b = { 0 };

	if (!s)
		return NULL;
	bb_buf_printf(&b, "%s(%.*s)", s->app, BB_FMT(s->args));
	bb_str_copy(text, sizeof(text), bb_buf_str(&b));
	bb_buf_free(&b);
	return text;
}

static const char plan_text[] = "[general]\nautofallthrough=no\n[globals]\nNUM=77\nBOTH=${NUM}8\n"
				"[a]\n"
				"exten => 100,1,Answer()\n"
				" same => n,Set(X=f(1,2))\n"
				" same => n+2(lab),NoOp\n"
				" same => s(again),NoOp(dup)\n"
				"exten => 100,6,Hangup\n"
				"exten = 200/555,1,NoOp(for 555)\n"
				"exten = 200,1,NoOp(for all)\n"
				"exten = 200/,1,NoOp(for nobody)\n"
				"exten => _2XX,1,NoOp(pattern)\n"
				"exten => _2XX,2,NoOp(second)\n"
				"exten => ${NUM},1,NoOp(by global)\n"
				"exten => 300,hint,SIP/300&SIP/301,CustomPresence:x\n"
				"exten => _[1-3,5]9,1,NoOp(set)\n"
				"include => b\n"
				"include => c,9:00-17:00,mon-fri,*,*\n"
				"ignorepat => 9\n"
				"[b]\nexten => 400,1,NoOp(b)\n"
				"[a]\nexten => 500,1,NoOp(again)\n"
				"[c]\nexten => 600,1,NoOp(c)\n";

START_TEST(a_plan)
{
	struct bb_diag *d = NULL;
	struct bb_plan *p = plan_of(plan_text, &d);
	struct bb_find f = { .context = BB_STR("a"),
			     .exten = BB_STR("100"),
			     .label = BB_STR("lab") };

	ck_assert(!p->autofallthrough);
	ck_assert_str_eq(step(p, "a", "100", 1, ""), "Answer()");
	ck_assert_str_eq(step(p, "a", "100", 2, ""), "Set(X=f(1,2))");
	ck_assert_ptr_null(step(p, "a", "100", 3, ""));
	ck_assert_str_eq(step(p, "a", "100", 5, ""), "NoOp()");
	ck_assert_int_eq(bb_plan_find(p, &f)->n, 5);
	ck_assert_str_eq(step(p, "a", "100", 6, ""), "Hangup()");
	ck_assert_str_eq(step(p, "a", "200", 1, "555"), "NoOp(for 555)");
	ck_assert_str_eq(step(p, "a", "200", 1, "556"), "NoOp(for all)");
	ck_assert_str_eq(step(p, "a", "200", 1, ""), "NoOp(for nobody)");
	/* what lacks the priority leaves it to the next best */
	ck_assert_str_eq(step(p, "a", "200", 2, "1"), "NoOp(second)");
	ck_assert_str_eq(step(p, "a", "250", 1, ""), "NoOp(pattern)");
	ck_assert_str_eq(step(p, "a", "77", 1, ""), "NoOp(by global)");
	ck_assert_str_eq(step(p, "a", "39", 1, ""), "NoOp(set)");
	ck_assert_str_eq(step(p, "a", "300", BB_PRIO_HINT, ""),
			 "(SIP/300&SIP/301,CustomPresence:x)");
	ck_assert_str_eq(step(p, "a", "400", 1, ""), "NoOp(b)");
	ck_assert_str_eq(step(p, "a", "500", 1, ""), "NoOp(again)");
	ck_assert(bb_str_is(bb_vars_find(&p->globals, BB_STR("BOTH"))->value, "778"));
	bb_plan_unref(p);
	bb_diag_free(d);
}
END_TEST

START_TEST(digits_that_may_go_on)
{
	struct bb_diag *d = NULL;
	struct bb_plan *p = plan_of("[m]\nexten => 1,1,NoOp\nexten => 12,1,NoOp\nexten => "
				    "_3XX,1,NoOp\nexten => _4.,1,NoOp\nexten => _5!,1,NoOp\n",
				    &d);
	static const struct {
		const char *digits;
		bool exact, can, more;
	} rows[] = { { "1", true, true, true },	   { "12", true, true, false },
		     { "3", false, true, true },   { "33", false, true, true },
		     { "333", true, true, false }, { "4", false, true, true },
		     { "44", true, true, true },   { "5", true, true, false },
		     { "55", true, true, false },  { "6", false, false, false },
		     { "", false, true, true } };

	for (size_t i = 0; i < BB_ARRAY_SIZE(rows); i++)
		for (int m = 0; m < 3; m++) {
			struct bb_find f = { .context = BB_STR("m"),
					     .exten = bb_strz(rows[i].digits),
					     .prio = 1,
					     .mode = (enum bb_match_mode)m };
			bool want = m == 0 ? rows[i].exact : m == 1 ? rows[i].can : rows[i].more;

			ck_assert_msg((bb_plan_find(p, &f) != NULL) == want, "'%s' mode %d",
				      rows[i].digits, m);
		}
	bb_plan_unref(p);
	bb_diag_free(d);
}
END_TEST

/* Mistakes with their exact places. */
static const struct {
	const char *text, *said;
} wrong[] = {
	{ "[a]\nexten => 1,1,NoOp(x\n", "2:18 '(' is never closed\n" },
	{ "[a]\nexten => 1,q,NoOp\n", "2:12 'q' is no priority: a number from 1, n, s or hint\n" },
	{ "[a]\nexten => 1\n",
	  "2:10 an extension needs a priority and an application: NUMBER,1,Application(…)\n" },
	{ "[a]\nexten => 1,1\n", "2:13 an application is missing after priority '1'\n" },
	{ "[a]\nexten => 1,n,NoOp\n", "2:12 the first priority cannot be 'n'\n" },
	{ "[a]\nsame => n,NoOp\n", "2:1 'same' without an extension before it\n" },
	{ "[a]\nexten => _1[2,1,NoOp\n", "2:12 '[' is never closed\n" },
	{ "[a]\nexten => _1.2,1,NoOp\n",
	  "2:13 what follows '.' or '!' in a pattern is never looked at\n" },
	{ "[a]\nexten => 1,1,NoOp\nexten => 1,1,Hangup\n",
	  "3:12 priority 1 of '1' in [a] stands already in line 2: that one counts\n" },
	{ "[a]\nexten => 1,1(l),NoOp\nsame => n(l),NoOp\n",
	  "3:9 label 'l' is already priority 1 (line 2)\n" },
	{ "[a]\ninclude => b,9:00-25:00,mon,*,*\n", "2:14 '25:00' is no time of day\n" },
	{ "[a]\ninclude => b,*,moo,*,*\n", "2:14 'moo' is no day of the week\n" },
	{ "[general]\nautofallthrough=perhaps\n", "2:17 autofallthrough is yes or no\n" },
};

START_TEST(places_of_mistakes)
{
	struct bb_diag *d = NULL;

	bb_plan_unref(plan_of(wrong[_i].text, &d));
	ck_assert_str_eq(mistakes(d), wrong[_i].said);
	bb_diag_free(d);
}
END_TEST

START_TEST(no_memory)
{
	for (unsigned long n = 1; n < 150; n++) {
		struct bb_conf_text *conf = NULL;
		struct bb_plan *plan = NULL;
		struct bb_diag *d;
		int err;

		ck_assert_int_eq(bb_diag_new(&d), 0);
		ck_assert_int_eq(
			bb_conf_text_parse(&conf, NULL, "extensions.conf", bb_strz(plan_text), d),
			0);
		bb_mem_fail_at(n);
		err = bb_plan_build(&plan, conf, d);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		if (!err)
			bb_plan_unref(plan);
		bb_conf_text_free(conf);
		bb_diag_free(d);
	}
}
END_TEST

static const struct {
	const char *spec;
	int hour, minute, weekday, day, month; /* of 2026 */
	bool holds;
} times[] = {
	/* 2026-11-21 is a Saturday */
	{ "*,*,*,*", 3, 0, 6, 21, 11, true },
	{ "9:00-17:00,mon-fri,*,*", 9, 0, 6, 20, 11, true },
	{ "9:00-17:00,mon-fri,*,*", 17, 0, 6, 20, 11, true },
	{ "9:00-17:00,mon-fri,*,*", 17, 1, 6, 20, 11, false },
	{ "9:00-17:00,mon-fri,*,*", 12, 0, 6, 21, 11, false },
	{ "22:00-6:00,*,*,*", 23, 0, 6, 21, 11, true },
	{ "22:00-6:00,*,*,*", 5, 0, 6, 21, 11, true },
	{ "22:00-6:00,*,*,*", 7, 0, 6, 21, 11, false },
	{ "*,sat-mon,*,*", 7, 0, 6, 22, 11, true },
	{ "*,*,1-15&21,*", 7, 0, 6, 21, 11, true },
	{ "*,*,*,dec-jan", 7, 0, 6, 21, 11, false },
	{ "*|*|*|nov", 7, 0, 6, 21, 11, true },
	{ "*", 7, 0, 6, 21, 11, true },
};

START_TEST(conditions_of_time)
{
	struct tm tm = { .tm_year = 126,
			 .tm_mon = times[_i].month - 1,
			 .tm_mday = times[_i].day,
			 .tm_hour = times[_i].hour,
			 .tm_min = times[_i].minute,
			 .tm_isdst = -1 };
	char why[100] = "";

	ck_assert_int_eq(bb_time_matches(bb_strz(times[_i].spec), (bb_time)mktime(&tm) * BB_SEC,
					 why, sizeof(why)),
			 times[_i].holds);
}
END_TEST

static const struct {
	const char *spec;
	int64_t at;
	int holds;
} zones[] = {
	{ "23:13-23:13,*,*,*,Europe/Berlin", 1700000000, 1 },
	{ "17:13,*,*,*,America/New_York", 1700000000, 1 },
	{ "22:13,*,*,*,UTC", 1700000000, 1 },
	{ "22:13,tue,14,nov,GMT", 1700000000, 1 },
	{ "*,wed,*,*,Asia/Tokyo", 1700000000, 1 },
	{ "22:00-23:59,*,*,*,Asia/Tokyo", 1700000000, 0 },
	{ "*,*,*,*,Nowhere/City", 1700000000, -EINVAL },
	{ "*,*,*,*,../../../etc/passwd", 1700000000, -EINVAL },
	{ "*,*,*,*,Europe", 1700000000, -EINVAL },
};

/* Also within a folder that is no zone, and outside of the folder of zones. */
START_TEST(conditions_in_zones)
{
	char why[100] = "";

	ck_assert_int_eq(
		bb_time_matches(bb_strz(zones[_i].spec), zones[_i].at * BB_SEC, why, sizeof(why)),
		zones[_i].holds);
	ck_assert_int_eq(why[0] != '\0', zones[_i].holds < 0);
	bb_zones_close();
}
END_TEST

TCase *parse_tests(void)
{
	TCase *t = tcase_create("parser");

	tcase_add_test(t, a_plan);
	tcase_add_test(t, digits_that_may_go_on);
	tcase_add_loop_test(t, places_of_mistakes, 0, BB_ARRAY_SIZE(wrong));
	tcase_add_test(t, no_memory);
	tcase_add_loop_test(t, conditions_of_time, 0, BB_ARRAY_SIZE(times));
	tcase_add_loop_test(t, conditions_in_zones, 0, BB_ARRAY_SIZE(zones));
	return t;
}
