/* SPDX-License-Identifier: BSD-3-Clause */
/* Every creation path again, with the n-th allocation failing, for each n. */
#include "tests/unit/core/channel/world.h"

static void setup(void)
{
	world_open("[internal]\nexten => 1,1,Dial(TEST/bob&TEST/carol,20)\nsame => n,Hangup()\n",
		   NULL);
	chan_test_far("bob", "ring 10, answer 100");
	chan_test_far("carol", "ring 10");
}

static bool make_channel(void)
{
	struct bb_chan *ch = chan_test_incoming("alice", "internal", "1");

	bb_chan_unref(ch);
	return ch != NULL;
}

static bool make_bridge(void)
{
	struct bb_chan *one = chan_test_incoming("one", "internal", "1");
	struct bb_chan *two = one ? chan_test_incoming("two", "internal", "1") : NULL;
	struct bb_bridge *br = NULL;
	bool ok = two && !bb_bridge_new(&br, "t") && !bb_bridge_join(br, one, NULL) &&
		  !bb_bridge_join(br, two, NULL);

	if (one)
		bb_chan_hangup(one, 16);
	if (two)
		bb_chan_hangup(two, 16);
	bb_sim_settle();
	bb_bridge_unref(br);
	bb_chan_unref(one);
	bb_chan_unref(two);
	return ok;
}

static bool make_dial(void)
{
	struct bb_chan *caller = chan_test_incoming("alice", "internal", "1");
	struct bb_dial *d = NULL;
	bool ok = caller && !bb_dial_new(&d, caller, NULL, NULL) &&
		  !bb_dial_add(d, BB_STR("TEST/bob")) && !bb_dial_add(d, BB_STR("TEST/carol"));

	bb_dial_free(d);
	if (caller)
		bb_chan_hangup(caller, 16);
	bb_chan_unref(caller);
	return ok;
}

static bool make_story(void)
{
	struct bb_story *s = bb_story_open("192.0.2.1", "INVITE");
	struct bb_story_entry *e = NULL;
	size_t n = 0;

	bb_story_add(s, "leg", BB_STORY_STEP, "step");
	bb_story_reason(s, 1, "why");
	if (s)
		(void)bb_story_entries(s, &e, &n);
	bb_free(e);
	bb_story_close(s);
	return s != NULL;
}

static bool run_call(void)
{
	struct bb_chan *a = chan_test_incoming("alice", "internal", "1");
	unsigned cause = 0;

	if (!a)
		return false;
	if (bb_chan_run(a, &cause))
		bb_chan_hangup(a, cause);
	bb_sim_settle();
	world_ms(200);
	chan_test_hangup(a, 16, "");
	bb_chan_unref(a);
	world_ms(100);
	return true;
}

static bool (*const paths[])(void) = { make_channel, make_bridge, make_dial, make_story };

START_TEST(each_allocation_fails_once)
{
	unsigned long total, failures = 0;

	ck_assert(paths[_i]());
	bb_mem_fail_at(1000000);
	ck_assert(paths[_i]());
	total = bb_mem_fail_at(0);
	ck_assert_uint_gt(total, 0);
	for (unsigned long n = 1; n <= total; n++) {
		bb_mem_fail_at(n);
		failures += !paths[_i]();
		bb_mem_fail_at(0);
		bb_sim_settle();
		ck_assert_uint_eq(bb_chan_count(), 0);
		ck_assert_uint_eq(bb_obj_live("channel"), 0);
		ck_assert_uint_eq(bb_obj_live("bridge"), 0);
	}
	ck_assert_uint_gt(failures, 0);
	ck_assert(paths[_i]());
}
END_TEST

/* A whole call: whatever fails, nothing outlives it. */
START_TEST(a_call_with_each_allocation_failing)
{
	unsigned long total;

	ck_assert(run_call());
	bb_mem_fail_at(1000000);
	ck_assert(run_call());
	total = bb_mem_fail_at(0);
	for (unsigned long n = 1; n <= total; n++) {
		bb_mem_fail_at(n);
		run_call();
		bb_mem_fail_at(0);
		bb_sim_advance(60 * BB_SEC);
		ck_assert_msg(bb_chan_count() == 0, "a channel outlives allocation %lu", n);
		ck_assert_uint_eq(bb_obj_live("channel"), 0);
		ck_assert_uint_eq(bb_obj_live("bridge"), 0);
	}
}
END_TEST

TCase *tests_oom(void)
{
	TCase *t = tcase_create("oom");

	tcase_add_checked_fixture(t, setup, world_close);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, each_allocation_fails_once, 0, BB_ARRAY_SIZE(paths));
	tcase_add_test(t, a_call_with_each_allocation_failing);
	return t;
}
