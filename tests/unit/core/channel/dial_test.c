/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/core/channel/world.h"

static const char plan[] = "[internal]\n"
			   "exten => 100,1,Dial(TEST/bob,20)\n"
			   "same => n,Note(st=${DIALSTATUS}/${HANGUPCAUSE})\n"
			   "same => n,Hangup()\n"
			   "exten => 200,1,Dial(TEST/bob&TEST/carol&TEST/dave,20)\n"
			   "same => n,Note(st=${DIALSTATUS}/${HANGUPCAUSE})\n"
			   "same => n,Hangup(${HANGUPCAUSE})\n"
			   "exten => 300,1,Dial(TEST/bob,20,g)\n"
			   "same => n,Note(st=${DIALSTATUS}/${DIALEDPEERNUMBER}/"
			   "${ANSWEREDTIME}/${DIALEDTIME})\n"
			   "same => n,Wait(5)\n"
			   "exten => 400,1,Dial(TEST/bob,,S(3))\n"
			   "exten => 500,1,Dial(TEST/bob,20,U(screen)g)\n"
			   "same => n,Note(st=${DIALSTATUS})\n"
			   "exten => 600,1,Dial(TEST/bob,20,b(pre^s^1(x)))\n"
			   "exten => 700,1,Dial(TEST/bob,20,G(internal^710^1))\n"
			   "exten => 710,1,Note(who1=${CHANNEL})\n"
			   "same => n,Note(who2=${CHANNEL})\n"
			   "same => n,Wait(1)\n"
			   "exten => 800,1,Dial(TEST/bob,20,r)\n"
			   "[screen]\n"
			   "exten => s,1,Wait(1)\n"
			   "same => n,Set(GOSUB_RESULT=BUSY)\n"
			   "same => n,Return()\n"
			   "[pre]\n"
			   "exten => s,1,Note(pre=${CHANNEL}-${ARG1})\n"
			   "same => n,Return()\n";

static void setup(void)
{
	world_open(plan, NULL);
}

START_TEST(answer_and_hangup)
{
	struct bb_chan *a;

	chan_test_far("bob", "try 5, ring 100, answer 2000, hangup 9000 16");
	a = world_call("alice", "100");
	world_ms(500);
	ck_assert(logged("alice is told ringing"));
	world_ms(2000);
	ck_assert_int_eq(bb_chan_state(a), BB_UP);
	ck_assert_str_eq(world_var(a, "DIALSTATUS"), "ANSWER");
	ck_assert_ptr_nonnull(bb_chan_bridge(a));
	ck_assert_str_eq(bb_chan_linkedid(chan_test_last("bob")), bb_chan_uniqueid(a));
	world_ms(10000);
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_str_eq(chan_test_log(),
			 "bob request, bob dial, alice is told ringing, alice answer, "
			 "bob hangup 16, bob destroy, alice hangup 16, alice destroy");
	ck_assert_ptr_nonnull(strstr(world_why(), "TEST/bob-"));
	ck_assert_ptr_nonnull(strstr(world_why(), "hung up after 7 seconds"));
}
END_TEST

START_TEST(forking_cancels_the_losers)
{
	chan_test_far("bob", "ring 100, answer 3000");
	chan_test_far("carol", "ring 100");
	chan_test_far("dave", "try 10");
	world_call("alice", "200");
	world_ms(3100);
	ck_assert(logged("carol hangup 26"));
	ck_assert(logged("dave hangup 26"));
	ck_assert(!logged("bob hangup"));
	ck_assert_uint_eq(bb_chan_count(), 2);
	chan_test_hangup(chan_test_last("alice"), 16, "");
	bb_sim_settle();
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert(logged("bob hangup 16"));
}
END_TEST

START_TEST(caller_gives_up)
{
	chan_test_far("bob", "ring 100");
	world_call("alice", "100");
	world_ms(5000);
	chan_test_hangup(chan_test_last("alice"), 16, "");
	bb_sim_settle();
	ck_assert(logged("bob hangup 16"));
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_str_eq(world_why(), "the caller (TEST/alice) hung up before anybody answered; "
				      "TEST/bob was ringing");
}
END_TEST

/* Script of each of three, and what Dial makes of it. */
static const struct {
	const char *bob, *carol, *dave, *status;
} ranks[] = {
	{ "busy 100", "busy 100", "busy 100", "BUSY/17" },
	{ "busy 100", "hangup 100 34", "refuse 2", "BUSY/17" },
	{ "hangup 100 34", "refuse 113", "refuse 2", "CONGESTION/34" },
	{ "refuse 113", "refuse 2", "refuse 2", "CHANUNAVAIL/20" },
	{ "ring 100", "busy 100", "busy 100", "NOANSWER/19" },
	{ "hangup 100 19", "busy 100", "busy 100", "NOANSWER/19" },
	{ "hangup 100 21", "refuse 2", "hangup 50 21", "CHANUNAVAIL/3" },
	{ "hangup 100 21", "busy 100", "busy 100", "BUSY/17" },
	{ "hangup 100 1", "refuse 2", "hangup 50 1", "CHANUNAVAIL/3" },
};

START_TEST(ranking)
{
	chan_test_far("bob", ranks[_i].bob);
	chan_test_far("carol", ranks[_i].carol);
	chan_test_far("dave", ranks[_i].dave);
	world_call("alice", "200");
	world_ms(25000);
	ck_assert_str_eq(world_note("st"), ranks[_i].status);
	ck_assert_uint_eq(bb_chan_count(), 0);
}
END_TEST

START_TEST(reasons_of_failures)
{
	static const struct {
		const char *script, *why;
	} t[] = {
		{ "ring 10, busy 100", "TEST/bob is busy: 486 Busy Here" },
		{ "refuse 113", "TEST/bob cannot be reached: it is not registered" },
		{ "ring 100", "nobody answered within 20.0 seconds: TEST/bob rang" },
		{ "", "nobody answered within 20.0 seconds: TEST/bob did not respond at all" },
		{ "hangup 100 21", "TEST/bob refused the call" },
	};

	for (size_t i = 0; i < BB_ARRAY_SIZE(t); i++) {
		chan_test_far("bob", t[i].script);
		world_call("alice", "100");
		world_ms(25000);
		ck_assert_str_eq(world_why(), t[i].why);
	}
	world_call("alice", "999");
	ck_assert_ptr_nonnull(strstr(world_why(), "999"));
	ck_assert_ptr_nonnull(strstr(world_why(), "does not exist"));
}
END_TEST

START_TEST(goes_on_with_g)
{
	/* Seconds are rounded: 5.6 and 7.6. */
	chan_test_far("bob", "ring 100, answer 2000, hangup 7600 16");
	world_call("alice", "300");
	world_ms(8000);
	ck_assert_str_eq(world_note("st"), "ANSWER/bob/6/8");
	ck_assert_uint_eq(bb_chan_count(), 1);
	ck_assert(!logged("alice hangup"));
}
END_TEST

START_TEST(time_limit)
{
	chan_test_far("bob", "answer 1000");
	world_call("alice", "400");
	world_ms(3500);
	ck_assert_uint_eq(bb_chan_count(), 2);
	world_ms(600);
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_ptr_nonnull(strstr(world_why(), "time limit of 3.0 seconds"));
}
END_TEST

START_TEST(callee_screens)
{
	chan_test_far("bob", "answer 100");
	world_call("alice", "500");
	world_ms(2000);
	ck_assert_str_eq(world_note("st"), "BUSY");
	ck_assert(logged("bob hangup"));
	ck_assert(!logged("alice answer"));
}
END_TEST

START_TEST(caller_gone_while_callee_screens)
{
	chan_test_far("bob", "answer 100");
	world_call("alice", "500");
	world_ms(600);
	ck_assert_uint_eq(bb_chan_count(), 2);
	chan_test_hangup(chan_test_last("alice"), 16, "");
	bb_sim_settle();
	ck_assert_uint_eq(bb_chan_count(), 0);
}
END_TEST

START_TEST(subroutine_before_dialing)
{
	chan_test_far("bob", "ring 100");
	world_call("alice", "600");
	world_ms(500);
	ck_assert_ptr_nonnull(strstr(world_note("pre"), "TEST/bob-"));
	ck_assert_ptr_nonnull(strstr(world_note("pre"), "-x"));
	ck_assert(logged("bob request, bob dial"));
	chan_test_hangup(chan_test_last("alice"), 16, "");
}
END_TEST

START_TEST(both_are_sent)
{
	chan_test_far("bob", "answer 100");
	world_call("alice", "700");
	world_ms(500);
	ck_assert_ptr_nonnull(strstr(world_note("who1"), "alice"));
	ck_assert_uint_eq(bb_chan_count(), 2);
	ck_assert_ptr_null(bb_chan_bridge(chan_test_last("alice")));
	world_ms(2000);
	ck_assert_uint_eq(bb_chan_count(), 0);
}
END_TEST

START_TEST(redirection_is_bounded)
{
	chan_test_far("bob", "redirect 100 TEST/bob");
	world_call("alice", "100");
	world_ms(5000);
	ck_assert_str_eq(world_note("st"), "CONGESTION/34");
	ck_assert_uint_eq(bb_chan_count(), 0);
}
END_TEST

START_TEST(redirection_is_followed)
{
	chan_test_far("bob", "redirect 100 TEST/carol");
	chan_test_far("carol", "answer 100");
	world_call("alice", "100");
	world_ms(500);
	ck_assert(logged("bob hangup"));
	ck_assert_ptr_nonnull(bb_chan_bridge(chan_test_last("carol")));
	chan_test_hangup(chan_test_last("carol"), 16, "");
}
END_TEST

START_TEST(early_media_of_the_first)
{
	chan_test_formats("alice", "ta");
	chan_test_formats("bob", "ta");
	chan_test_formats("carol", "ta");
	chan_test_far("bob", "progress 100");
	chan_test_far("carol", "progress 200, answer 1000");
	chan_test_far("dave", "busy 10");
	world_call("alice", "200");
	world_ms(300);
	ck_assert(logged("alice is told progress"));
	ck_assert(bb_port_connected(bb_chan_port(chan_test_last("bob"), 0)));
	ck_assert(!bb_port_connected(bb_chan_port(chan_test_last("carol"), 0)));
	world_ms(1000);
	ck_assert_ptr_null(chan_test_last("bob"));
	ck_assert_ptr_nonnull(bb_chan_bridge(chan_test_last("carol")));
	chan_test_hangup(chan_test_last("carol"), 16, "");
}
END_TEST

START_TEST(device_states)
{
	chan_test_far("bob", "ring 100, answer 1000");
	chan_test_far("carol", "refuse 113");
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/bob")), BB_DEV_NOT_INUSE);
	ck_assert_int_eq(bb_device_state(BB_STR("TST/carol")), BB_DEV_UNAVAILABLE);
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/nobody")), BB_DEV_INVALID);
	ck_assert_int_eq(bb_device_state(BB_STR("Nope/x")), BB_DEV_INVALID);
	world_call("alice", "100");
	world_ms(500);
	ck_assert_int_eq(bb_device_state(BB_STR("TST/bob")), BB_DEV_RINGING);
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/bob&TEST/alice")), BB_DEV_RINGINUSE);
	world_ms(1000);
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/bob")), BB_DEV_INUSE);
	chan_test_emit(chan_test_last("bob"), BB_EV_HOLD);
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/bob")), BB_DEV_ONHOLD);
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/carol&TEST/dave")), BB_DEV_UNAVAILABLE);
	chan_test_hangup(chan_test_last("bob"), 16, "");
}
END_TEST

TCase *tests_dial(void)
{
	TCase *t = tcase_create("dial");

	tcase_add_checked_fixture(t, setup, world_close);
	tcase_add_test(t, answer_and_hangup);
	tcase_add_test(t, forking_cancels_the_losers);
	tcase_add_test(t, caller_gives_up);
	tcase_add_loop_test(t, ranking, 0, BB_ARRAY_SIZE(ranks));
	tcase_add_test(t, reasons_of_failures);
	tcase_add_test(t, goes_on_with_g);
	tcase_add_test(t, time_limit);
	tcase_add_test(t, callee_screens);
	tcase_add_test(t, caller_gone_while_callee_screens);
	tcase_add_test(t, subroutine_before_dialing);
	tcase_add_test(t, both_are_sent);
	tcase_add_test(t, redirection_is_bounded);
	tcase_add_test(t, redirection_is_followed);
	tcase_add_test(t, early_media_of_the_first);
	tcase_add_test(t, device_states);
	return t;
}
