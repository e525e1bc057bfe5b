/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include <stdio.h>

#include "core/registry/registry.h"

/* One extension a row: its lines, and what Trace() noted. */
static const struct {
	const char *lines, *said;
} stories[] = {
	{ "same => n,Trace(${EXTEN} ${CONTEXT} ${PRIORITY})", "x main 2" },
	{ "same => n,Set(A=1)\nsame => n,Trace(${A}${B})", "1" },
	{ "same => n,Set(A=a,b)\nsame => n,Trace(${A})", "a,b" },
	{ "same => n,MSet(A=1,B=\"2,3\",C=4)\nsame => n,Trace(${A} ${B} ${C})", "1 2,3 4" },
	{ "same => n,Goto(there)\nsame => n,Trace(no)\nsame => n(there),Trace(yes)", "yes" },
	{ "same => n,Goto(other,100,1)", "other-100" },
	{ "same => n,Goto(other,nowhere,1)", "i-nowhere" },
	{ "same => n,Goto(nolabel)\nsame => n,Trace(no)", "" },
	{ "same => n,GotoIf($[1 = 1]?a:b)\nsame => n(a),Trace(a)\nsame => n,End\nsame => "
	  "n(b),Trace(b)",
	  "a" },
	{ "same => n,GotoIf(0?a:b)\nsame => n(a),Trace(a)\nsame => n,End\nsame => n(b),Trace(b)",
	  "b" },
	{ "same => n,GotoIf(0?a)\nsame => n,Trace(on)\nsame => n(a),Trace(a)", "on a" },
	{ "same => n,GotoIfTime(*,*,*,*?a)\nsame => n,Trace(no)\nsame => n(a),Trace(a)", "a" },
	{ "same => n,GotoIfTime(3:00-3:01,*,*,*?a)\nsame => n,Trace(no)\nsame => n(a),Trace(a)",
	  "no a" },
	{ "same => n,ExecIf(1?Trace(a,b):Trace(c))\nsame => n,ExecIf(0?Trace(a):Trace(c))",
	  "a,b c" },
	{ "same => n,Exec(Trace(x))\nsame => n,TryExec(Nope())\nsame => n,Trace(${TRYSTATUS})",
	  "x NOAPP" },
	{ "same => n,Gosub(sub,s,1(one,two))\nsame => n,Trace(${GOSUB_RETVAL}${ARG1})",
	  "one:two:2 back" },
	{ "same => n,Gosub(sub,deep,1(3))\nsame => n,Trace(end)", "3 2 1 0 end" },
	{ "same => n,Gosub(sub,s,1(\"a,b\",c\\,d))", "\"a,b\":c\\,d:2" },
	{ "same => n,Set(ARRAY(A,B,C)=\"a,b\",c\\,d)\nsame => n,Trace(<${A}><${B}><${C}>)",
	  "<a,b><c,d><>" },
	{ "same => n,GosubIf(1?sub,s,1(a):sub,s,1(b))", "a::1" },
	{ "same => n,Return()", "" },
	{ "same => n,Set(I=0)\nsame => n,While($[${I} < 3])\nsame => n,Trace(${I})\nsame => "
	  "n,Set(I=$[${I} + 1])\nsame => n,EndWhile()\nsame => n,Trace(done)",
	  "0 1 2 done" },
	{ "same => n,Set(I=0)\nsame => n,While(1)\nsame => n,Set(I=$[${I} + 1])\nsame => "
	  "n,ExecIf($[${I} > 2]?ExitWhile())\nsame => n,ExecIf($[${I} = "
	  "1]?ContinueWhile())\nsame => n,Trace(${I})\nsame => n,EndWhile\nsame => n,Trace(out)",
	  "2 out" },
	{ "same => n,Set(LOCAL(A)=1)\nsame => n,Set(A=out)\nsame => n,Gosub(sub,loc,1)\n"
	  "same => n,Trace(${A}${LOCAL(A)})",
	  "in none out" },
	{ "same => n,Set(HASH(h,a)=1)\nsame => n,Set(HASH(h,b)=2)\nsame => n,Trace(${HASH(h)} "
	  "${HASHKEYS(h)})",
	  "2,1 b,a" },
	{ "same => n,ExecIfTime(*,*,*,*?Trace(a):Trace(b))\nsame => "
	  "n,ExecIfTime(3:00-3:01,*,*,*?Trace(a):Trace(b))",
	  "a b" },
	{ "same => n,Playback()\nsame => n,Trace(no)", "" },
	{ "same => n,Wait(0,1)\nsame => n,Trace(on)", "on" },
	{ "same => n,Trace(open\nsame => n,Trace(on)", "open on" },
	{ "same => n,Fail()\nsame => n,Trace(${FAILSTATUS})", "FAILED" },
	{ "same => n,Set(T=x)\nsame => n,Sleep(${T})\nsame => n,Trace(${SLEEPSTATUS})", "FAILED" },
	{ "same => n,VoiceMail(100)\nsame => n,Trace(${VMSTATUS})", "FAILED" },
	{ "same => n,NoSuchThing()\nsame => n,Trace(no)", "" },
	{ "same => n,End\nsame => n,Trace(no)", "" },
	{ "same => n,Sleep(1)\nsame => n,Trace(slept)", "slept" },
	{ "same => n,RaiseException(bad)\nsame => n,Trace(no)", "e" },
	{ "same => n,Goto(handled,s,1)", "s h" },
	{ "same => n,Trace(${CALLERIDNUM} ${CHANNEL:0:6})", "555 Dp/leg" },
};

START_TEST(story)
{
	struct bb_buf text = { 0 };

	bb_buf_printf(
		&text,
		"[main]\nexten => x,1,NoOp(begin)\n%s\nexten => e,1,Trace(e)\n"
		"[other]\nexten => 100,1,Trace(other-100)\nexten => i,1,Trace(i-${INVALID_EXTEN})\n"
		"[sub]\nexten => s,1,Trace(${ARG1}:${ARG2}:${ARGC})\nsame => n,Return(back)\n"
		"exten => loc,1,Set(LOCAL(A)=in)\nsame => n,Trace(${A})\n"
		"same => n,Gosub(loc2,1)\nsame => n,Return()\n"
		"exten => loc2,1,Trace(none${LOCAL(A)})\nsame => n,Return()\n"
		"exten => deep,1,Trace(${ARG1})\nsame => n,GotoIf($[${ARG1} = 0]?out)\n"
		"same => n,Gosub(deep,1($[${ARG1} - 1]))\nsame => n(out),Return()\n"
		"[handled]\nexten => s,1,Trace(s)\nexten => h,1,Trace(h)\n",
		stories[_i].lines);
	world_open(bb_buf_cstr(&text));
	ck_assert_str_eq(world_said("x"), stories[_i].said);
	world_close();
	bb_buf_free(&text);
}
END_TEST

static const char menu[] = "[main]\n"
			   "exten => s,1,WaitExten(5)\n"
			   "exten => s2,1,WaitExten(5)\nsame => n,Trace(on)\n"
			   "exten => 1,1,Trace(one)\n"
			   "exten => 12,1,Trace(twelve)\n"
			   "exten => _2XX,1,Trace(${EXTEN})\n"
			   "exten => i,1,Trace(i-${INVALID_EXTEN})\n"
			   "exten => t,1,Trace(t)\n"
			   "exten => h,1,Trace(h)\n";

START_TEST(digits_dial_further)
{
	struct bb_chan *ch;

	world_open(menu);
	ch = world_call("s");
	world_dial(ch, "215");
	bb_sim_settle();
	ck_assert_str_eq(world_trace(), "215 h");
	ch = world_call("s");
	world_dial(ch, "1");
	ck_assert_str_eq(world_trace(), "");
	bb_sim_advance(6 * BB_SEC); /* 12 might have come */
	ck_assert_str_eq(world_trace(), "one h");
	ch = world_call("s");
	world_dial(ch, "12");
	ck_assert_str_eq(world_trace(), "twelve h");
	ch = world_call("s");
	world_dial(ch, "9");
	ck_assert_str_eq(world_trace(), "i-9 h");
	ck_assert_str_eq(world_said("s"), "t h");
	ck_assert_str_eq(world_said("s2"), "on h");
	world_close();
}
END_TEST

START_TEST(hangup_runs_h_and_handlers)
{
	struct bb_chan *ch;

	world_open("[main]\nexten => x,1,Sleep(10)\nsame => n,Trace(no)\nexten => h,1,Trace(h)\n"
		   "same => n,Sleep(1)\nsame => n,Trace(h2)\n"
		   "[sub]\nexten => s,1,Trace(handler-${ARG1})\nsame => n,Return()\n");
	ch = world_call("x");
	ck_assert_int_eq(bb_hangup_handler_push(ch, BB_STR("sub,s,1(a)")), 0);
	ck_assert_int_eq(bb_hangup_handler_push(ch, BB_STR("sub,s,1(b)")), 0);
	bb_chan_emit(ch, &(struct bb_event){ .type = BB_EV_HANGUP, .cause = 16 });
	bb_sim_advance(3 * BB_SEC);
	ck_assert_str_eq(world_trace(), "h h2 handler-b handler-a");
	world_close();
}
END_TEST

START_TEST(redirect_and_absolute_timeout)
{
	struct bb_chan *ch;

	world_open("[main]\nexten => x,1,Sleep(10)\nsame => n,Trace(no)\n"
		   "exten => T,1,Trace(T)\nsame => n,Sleep(1)\nsame => n,Trace(T2)\n"
		   "[away]\nexten => 5,1,Trace(away)\n");
	ch = world_call("x");
	ck_assert_int_eq(bb_chan_redirect(ch, BB_STR("away"), BB_STR("6"), BB_STR("1")), -ENOENT);
	ck_assert_int_eq(bb_chan_redirect(ch, BB_STR("away"), BB_STR("5"), BB_STR("1")), 0);
	bb_sim_settle();
	ck_assert_str_eq(world_trace(), "away");
	ch = world_call("x");
	bb_chan_set_timeout(ch, BB_TIMEOUT_ABSOLUTE, 2 * BB_SEC);
	bb_sim_advance(BB_SEC);
	ck_assert_str_eq(world_trace(), "");
	bb_sim_advance(5 * BB_SEC);
	ck_assert_str_eq(world_trace(), "T T2");
	world_close();
}
END_TEST

START_TEST(without_T_the_absolute_timeout_is_an_exception)
{
	struct bb_chan *ch;

	world_open("[main]\nexten => x,1,Sleep(10)\nsame => n,Trace(no)\n"
		   "exten => e,1,Trace(${EXCEPTION(reason)})\n");
	ch = world_call("x");
	bb_chan_set_timeout(ch, BB_TIMEOUT_ABSOLUTE, BB_SEC);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_str_eq(world_trace(), "ABSOLUTETIMEOUT");
	world_close();
}
END_TEST

START_TEST(unknown_places_are_refused)
{
	struct bb_chan *ch;
	unsigned cause = 0;

	world_open("[main]\nexten => x,1,Trace(x)\n");
	ck_assert_ptr_null(world_call("y"));
	ch = world_leg("y", "1");
	ck_assert_int_eq(bb_chan_run(ch, &cause), -ENOENT);
	ck_assert_uint_eq(cause, BB_CAUSE_UNALLOCATED);
	bb_chan_hangup(ch, cause);
	bb_chan_unref(ch);
	world_close();
}
END_TEST

START_TEST(an_endless_loop_stalls_nobody)
{
	struct bb_chan *ch;

	world_open("[main]\nexten => x,1,Sleep(1)\nsame => n(again),NoOp\nsame => n,Goto(again)\n"
		   "exten => h,1,Trace(h)\n");
	ch = world_call("x");
	/* It gives way to the loop, so that this timer is served, which ends it. */
	ck_assert_int_eq(bb_chan_set_timeout(ch, BB_TIMEOUT_ABSOLUTE, BB_SEC), 0);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_str_eq(world_trace(), "h");
	world_close();
}
END_TEST

static const char *const before = "[main]\nexten => x,1,Sleep(10)\nsame => n,Trace(old)\n";

static void reload(void *arg)
{
	struct bb_diag *d;

	(void)arg;
	ck_assert_int_eq(bb_diag_new(&d), 0);
	bb_modules_reload(d);
	bb_diag_free(d);
}

START_TEST(calls_finish_on_their_plan)
{
	struct bb_fiber *f;

	world_open(before);
	world_call("x");
	world_write("[main]\nexten => x,1,Trace(new)\n");
	ck_assert_int_eq(bb_fiber_spawn(&f, "reload", reload, NULL), 0);
	bb_sim_advance(BB_SEC);
	bb_sim_advance(20 * BB_SEC);
	ck_assert_str_eq(world_trace(), "old");
	ck_assert_str_eq(world_said("x"), "new");
	/* With a mistake nothing changes. */
	world_write("[main]\nexten => x,q,Trace(bad)\n");
	ck_assert_int_eq(bb_fiber_spawn(&f, "reload", reload, NULL), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_str_eq(world_said("x"), "new");
	world_close();
}
END_TEST

struct gosub {
	struct bb_chan *ch;
	int err;
};

static void run_gosub(void *arg)
{
	struct gosub *g = arg;

	g->err = bb_gosub(g->ch, BB_STR("sub,s,1(7)"));
}

START_TEST(a_leg_without_run_takes_a_subroutine)
{
	struct bb_fiber *f;
	struct gosub g;
	struct bb_arena *a = bb_arena_new(64);

	world_open("[sub]\nexten => s,1,Trace(in-${ARG1})\nsame => n,Gosub(inner,1)\nsame => "
		   "n,Return(r)\nexten => inner,1,Trace(inner)\nsame => n,Return()\n");
	g.ch = world_leg("none", "1");
	world_call("nothing");
	ck_assert_int_eq(bb_fiber_spawn(&f, "gosub", run_gosub, &g), 0);
	bb_sim_settle();
	ck_assert_int_eq(g.err, 0);
	ck_assert_str_eq(world_trace(), "in-7 inner");
	ck_assert(bb_str_is(bb_var_get(g.ch, "GOSUB_RETVAL", a), "r"));
	ck_assert(!bb_var_get(g.ch, "ARG1", a).p);
	bb_chan_hangup(g.ch, 16);
	bb_chan_unref(g.ch);
	bb_arena_free(a);
	world_close();
}
END_TEST

/* A dialed leg that never ran dial plan, with handlers from Dial's b() or another leg. */
START_TEST(handlers_without_a_run)
{
	struct bb_chan *ch;

	world_open("[main]\nexten => x,1,Trace(no)\n"
		   "exten => hh,1,Trace(${ARG1}${HANGUPCAUSE})\nsame => n,Sleep(1)\n"
		   "same => n,Trace(slept)\nsame => n,Return\n");
	world_call("none");
	ch = world_leg("x", "1");
	ck_assert_int_eq(bb_hangup_handler_push(ch, BB_STR("main,hh,1(a)")), 0);
	ck_assert_int_eq(bb_hangup_handler_push(ch, BB_STR("main,hh,1(b)")), 0);
	bb_chan_hangup(ch, 17);
	bb_chan_unref(ch);
	bb_sim_advance(3 * BB_SEC);
	ck_assert_str_eq(world_trace(), "b17 slept a17 slept");
	world_close();
}
END_TEST

static const struct {
	const char *steps, *trace;
} ifs[] = {
	{ "If(1)\nsame => n,Trace(a)\nsame => n,Else()\nsame => n,Trace(b)\nsame => n,EndIf()",
	  "a z" },
	{ "If(0)\nsame => n,Trace(a)\nsame => n,Else()\nsame => n,Trace(b)\nsame => n,EndIf()",
	  "b z" },
	{ "If(0)\nsame => n,Trace(a)\nsame => n,ElseIf(0)\nsame => n,Trace(b)\nsame => "
	  "n,ElseIf(1)\n"
	  "same => n,Trace(c)\nsame => n,ElseIf(1)\nsame => n,Trace(d)\nsame => n,EndIf()",
	  "c z" },
	{ "If(1)\nsame => n,ExitIf()\nsame => n,Trace(a)\nsame => n,EndIf()", "z" },
	{ "If(0)\nsame => n,If(1)\nsame => n,Trace(a)\nsame => n,Else()\nsame => n,Trace(b)\n"
	  "same => n,EndIf()\nsame => n,Else()\nsame => n,Trace(c)\nsame => n,EndIf()",
	  "c z" },
	{ "If(1)\nsame => n,If(0)\nsame => n,Trace(a)\nsame => n,EndIf()\nsame => n,Trace(b)\n"
	  "same => n,EndIf()",
	  "b z" },
	{ "If(0)\nsame => n,Trace(a)", "a z" },
	{ "ExecIf(1?Trace(a):Trace(b))", "a z" },
	{ "ExecIf(0?Trace(a))", "z" },
	{ "ExecIf(1?)", "" },
	{ "ExecIf(1)", "" },
	{ "GosubIf(1)", "z" },
	{ "Dial(Dp/)", "" },
	{ "Dial(Dp)", "" },
	{ "PlayTones(bogus!!)", "" },
};

START_TEST(conditions)
{
	char plan[600];

	snprintf(plan, sizeof(plan), "[main]\nexten => x,1,%s\nsame => n,Trace(z)\n",
		 ifs[_i].steps);
	world_open(plan);
	ck_assert_str_eq(world_said("x"), ifs[_i].trace);
	world_close();
}
END_TEST

static const struct {
	const char *step, *digits, *trace;
} reads[] = {
	{ "Read(D,,3)", "123", "123/OK" },
	{ "Read(D)", "12#", "12/OK" },
	{ "Read(D)", "#", "/OK" },
	{ "Read(D,,,e)", "#", "#/OK" },
	{ "Read(D,,,t(*))", "12*", "12/OK" },
	{ "Read(D,,2,t)", "#1", "#1/OK" },
	{ "Read(D,,3,,1,1)", "1", "1/TIMEOUT" },
	{ "Read()", "", "/ERROR" },
};

START_TEST(digits_into_a_variable)
{
	struct bb_chan *ch;
	char plan[300];

	snprintf(plan, sizeof(plan),
		 "[main]\nexten => x,1,%s\nsame => n,Trace(${D}/${READSTATUS})\n", reads[_i].step);
	world_open(plan);
	ch = world_call("x");
	ck_assert_ptr_nonnull(ch);
	if (*reads[_i].digits)
		world_dial(ch, reads[_i].digits);
	bb_sim_advance(15 * BB_SEC);
	ck_assert_str_eq(world_trace(), reads[_i].trace);
	world_close();
}
END_TEST

TCase *run_tests(void)
{
	TCase *t = tcase_create("run");

	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, digits_into_a_variable, 0, BB_ARRAY_SIZE(reads));
	tcase_add_loop_test(t, conditions, 0, BB_ARRAY_SIZE(ifs));
	tcase_add_test(t, handlers_without_a_run);
	tcase_add_loop_test(t, story, 0, BB_ARRAY_SIZE(stories));
	tcase_add_test(t, digits_dial_further);
	tcase_add_test(t, hangup_runs_h_and_handlers);
	tcase_add_test(t, redirect_and_absolute_timeout);
	tcase_add_test(t, without_T_the_absolute_timeout_is_an_exception);
	tcase_add_test(t, unknown_places_are_refused);
	tcase_add_test(t, an_endless_loop_stalls_nobody);
	tcase_add_test(t, calls_finish_on_their_plan);
	tcase_add_test(t, a_leg_without_run_takes_a_subroutine);
	return t;
}
