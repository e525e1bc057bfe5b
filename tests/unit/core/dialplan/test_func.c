/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include "functions.h"

/* In order, on one leg: each sees what those before it did. 555 called, "Ann". */
static const struct {
	const char *text, *value;
} steps[] = {
	{ "${SET(q=a,b)}${q}", "a,ba,b" },
	{ "${INC(I)}${I}${DEC(I)}", "665" },
	{ "${CALLERID(num)}/${CALLERID(name)}/${CALLERID(all)}", "555/Ann/\"Ann\" <555>" },
	{ "${CALLERID(pres)}${CALLERID(ani)}", "allowed_not_screened555" },
	{ "${CHANNEL(name):0:6}${CHANNEL(state)}", NULL },
	{ "${TIMEOUT(digit)} ${TIMEOUT(response)} ${TIMEOUT(absolute)}", "5.000 10.000 0" },
	{ "${RAND(3,3)}", "3" },
	{ "${HASH(h,a)}${HASHKEYS(h)}", "1b,a" },
	{ "${PP} ${UU} ${A1}/${A2}/${A3}", "a,b,c b,c,a x/y/" },
	{ "${POP(PP)}${PP}${SHIFT(PP)}${PP}", "ca,bab" },
	{ "${SORT(a:3,b:1,c:2)}", "b,c,a" },
	{ "${QUOTE(a,b)}", "\"a,b\"" },
	{ "${EVAL(${T})}", "glob" },
	{ "${GLOBAL(G)}${GLOBAL(I)}", "glob" },
	{ "${DIALPLAN_EXISTS(main,x,1)}${DIALPLAN_EXISTS(main,y,1)}${VALID_EXTEN(main,x,1)}",
	  "101" },
	{ "${SHARED(S)}", "shared" },
	{ "${STRFTIME(1500000000,Europe/Madrid,%H:%M %Z)}", "04:40 CEST" },
	{ "${STRPTIME(2017-07-14 04:40:00,Europe/Madrid,%Y-%m-%d %H:%M:%S)}", "1500000000" },
	{ "${LEN(${NOSUCHFUNC(x)})}", "0" },
	{ "${CHANNEL(language)}", "es" },
	{ "${CALLERID(name)}", "Ann" },
	{ "${GROUP()} ${GROUP(c)} ${GROUP_LIST()}", "ga gb ga gb@c" },
	{ "${GROUP_COUNT()}${GROUP_COUNT(gb)}${GROUP_COUNT(gb@c)}${GROUP_COUNT(ga@c)}", "1110" },
	{ "${GROUP_MATCH_COUNT(^g)}${GROUP_MATCH_COUNT(.@c)}${GROUP_MATCH_COUNT(x)}", "210" },
	{ "${CDR(userfield)} ${CDR(mine)} ${CDR(amaflags,u)} ${CDR(disposition)}",
	  "uf own 3 NO ANSWER" },
	{ "${VARIABLE_EXISTS(T)}${VARIABLE_EXISTS(U)}${GLOBAL_EXISTS(E)}${GLOBAL_EXISTS(T)}",
	  "1010" },
	{ "${HASH(w)}", "2,1" },
	{ "${STAT(e,/)}${STAT(d,/)}${STAT(f,/)}${STAT(e,/nowhere)}", "1100" },
};

static const struct {
	const char *name, *value;
} sets[] = {
	{ "D", "a-b-c" },
	{ "I", "5" },
	{ "HASH(h,a)", "1" },
	{ "HASH(h,b)", "2" },
	{ "ARRAY(A1,A2,A3)", "x,y" },
	{ "PUSH(PP)", "a" },
	{ "PUSH(PP)", "b,c" },
	{ "UNSHIFT(UU)", "a" },
	{ "UNSHIFT(UU)", "b,c" },
	{ "T", "${G}" },
	{ "SHARED(S)", "shared" },
	{ "GROUP()", "ga" },
	{ "GROUP(c)", "gb" },
	{ "CDR(userfield)", "uf" },
	{ "CDR(mine)", "own" },
	{ "U", "x" },
	{ "DELETE(U)", "" },
	{ "HASH(w,a)", "" },
	{ "HASH(w,b)", "" },
	{ "HASH(w)", "2,1" },
	{ "CHANNEL(language)", "es" },
	{ "GLOBAL(G)", "glob" },
	{ "GLOBAL(E)", "" },
	{ "GLOBAL(L)", "one,two,three" },
	{ "GLOBAL(EE)", "a&b&c&d" },
	{ "GLOBAL(AA)", "hello world" },
	{ "GLOBAL(BB)", "0123456789" },
	{ "GLOBAL(L3)", "a,b,c" },
};

struct ask {
	struct bb_chan *ch;
	const char *text;
	struct bb_buf out;
};

static void evaluate(void *arg)
{
	struct ask *a = arg;

	bb_subst_into(a->ch, bb_strz(a->text), &a->out);
}

static void ask(struct bb_chan *ch, const char *text, const char *want)
{
	struct ask a = { .ch = ch, .text = text };
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "ask", evaluate, &a), 0);
	bb_sim_settle();
	ck_assert_msg(!want || !strcmp(bb_buf_cstr(&a.out), want), "%s is '%s', not '%s'", text,
		      bb_buf_cstr(&a.out), want);
	bb_buf_free(&a.out);
}

static struct bb_chan *leg(void)
{
	struct bb_chan *ch;

	world_open("[main]\nexten => x,1,NoOp\n");
	ch = world_leg("x", "555");
	for (size_t i = 0; i < BB_ARRAY_SIZE(sets); i++)
		ck_assert_int_eq(bb_var_set(ch, sets[i].name, bb_strz(sets[i].value)), 0);
	return ch;
}

static void done(struct bb_chan *ch)
{
	bb_chan_hangup(ch, 16);
	bb_chan_unref(ch);
	world_close();
}

START_TEST(answers_of_asterisk)
{
	struct bb_chan *ch = leg();

	for (size_t i = 0; i < BB_ARRAY_SIZE(functions); i++)
		ask(ch, functions[i].text, functions[i].value);
	done(ch);
}
END_TEST

START_TEST(on_a_leg)
{
	struct bb_chan *ch = leg();

	for (size_t i = 0; i < BB_ARRAY_SIZE(steps); i++)
		ask(ch, steps[i].text, steps[i].value);
	ck_assert_int_eq(bb_var_set(ch, "CALLERID(all)", BB_STR("\"Bo Li\" <77>")), 0);
	ask(ch, "${CALLERID(name)} ${CALLERID(num)}", "Bo Li 77");
	ck_assert_int_eq(bb_var_set(ch, "TIMEOUT(digit)", BB_STR("2.5")), 0);
	ask(ch, "${TIMEOUT(digit)}", "2.500");
	ck_assert_int_eq(bb_var_set(ch, "LOCAL(x)", BB_STR("1")), -ENOENT);
	ck_assert_int_eq(bb_var_set(ch, "LEN(x)", BB_STR("1")), -ENOSYS);
	done(ch);
}
END_TEST

static const char *const bad[] = { "${REGEX(\"(\" x)}",	    "${MATH(x)}",
				   "${FILTER(a)}",	    "${TIMEOUT(x)}",
				   "${CALLERID(nonsense)}", "${SPRINTF(%d %s,1)}",
				   "${STRPTIME(x,UTC,%Y)}", "${INC(D)}",
				   "${RAND(-1,x)}" };

START_TEST(bad_arguments_read_as_nothing)
{
	struct bb_chan *ch = leg();

	for (size_t i = 0; i < BB_ARRAY_SIZE(bad); i++)
		ask(ch, bad[i], "");
	done(ch);
}
END_TEST

START_TEST(inheritance)
{
	struct bb_chan *ch = leg(), *child = world_leg("x", "1");
	struct bb_arena *a = bb_arena_new(64);

	bb_var_set(ch, "_ONE", BB_STR("1"));
	bb_var_set(ch, "__ALL", BB_STR("2"));
	bb_var_set(ch, "NONE", BB_STR("3"));
	ck_assert_int_eq(bb_var_inherit(child, ch), 0);
	ck_assert(bb_str_is(bb_var_get(child, "ONE", a), "1"));
	ck_assert(bb_str_is(bb_var_get(child, "ALL", a), "2"));
	ck_assert(!bb_var_get(child, "NONE", a).p);
	ck_assert_uint_eq(bb_vars_find(&child->vars, BB_STR("ONE"))->inherit, 0);
	ck_assert_uint_eq(bb_vars_find(&child->vars, BB_STR("ALL"))->inherit, 2);
	/* The two ends of a Local channel are one leg. */
	ck_assert_int_eq(bb_var_copy(child, ch), 0);
	ck_assert(bb_str_is(bb_var_get(child, "NONE", a), "3"));
	ck_assert_uint_eq(bb_vars_find(&child->vars, BB_STR("ONE"))->inherit, 1);
	bb_arena_free(a);
	bb_chan_hangup(child, 16);
	bb_chan_unref(child);
	done(ch);
}
END_TEST

TCase *func_tests(void)
{
	TCase *t = tcase_create("functions");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, answers_of_asterisk);
	tcase_add_test(t, on_a_leg);
	tcase_add_test(t, bad_arguments_read_as_nothing);
	tcase_add_test(t, inheritance);
	return t;
}
