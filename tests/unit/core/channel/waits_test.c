/* SPDX-License-Identifier: BSD-3-Clause */
#include <bellbird/app.h>

#include "tests/unit/core/channel/world.h"

static struct bb_chan *one, *two;

static void setup(void)
{
	world_open("[internal]\nexten => 1,1,Wait(1)\n", NULL);
	one = chan_test_incoming("one", "internal", "1");
	two = chan_test_incoming("two", "internal", "1");
}

static void teardown(void)
{
	bb_chan_hangup(one, 0);
	bb_chan_hangup(two, 0);
	bb_chan_unref(one);
	bb_chan_unref(two);
	world_close();
}

/* --- every kind of wait, interrupted --- */

static int result;
static struct bb_inbox *inbox;

static int slow(void *arg)
{
	return *(int *)arg;
}

static int answer_to_all = 42;

static void in_wait(void *arg)
{
	result = bb_wait(one, 100 * BB_SEC);
}
static void in_event(void *arg)
{
	struct bb_event ev;

	result = bb_wait_event(one, -1, &ev);
}
static void in_digit(void *arg)
{
	result = bb_wait_digit(one, 100 * BB_SEC);
}
static void in_events(void *arg)
{
	struct bb_event ev;

	result = bb_wait_events(one, inbox, -1, &ev);
}
static void in_bridge(void *arg)
{
	struct bb_bridge *b;

	ck_assert_int_eq(bb_bridge_new(&b, "t"), 0);
	ck_assert_int_eq(bb_bridge_join(b, one, NULL), 0);
	result = bb_bridge_wait(b, one);
	ck_assert_ptr_null(bb_chan_bridge(one));
	bb_bridge_unref(b);
}
static void in_guarded(void *arg)
{
	bb_chan_set_guard(two, one);
	result = bb_wait(two, 100 * BB_SEC);
	bb_chan_set_guard(two, NULL);
}

static void (*const waits[])(void *arg) = { in_wait,   in_event,  in_digit,
					    in_events, in_bridge, in_guarded };

START_TEST(hangup_interrupts)
{
	ck_assert_int_eq(bb_inbox_new(&inbox), 0);
	bb_inbox_consume(inbox, two);
	result = 1;
	world_fork(waits[_i], NULL);
	world_ms(1000);
	ck_assert_int_eq(result, 1);
	chan_test_hangup(one, 16, "");
	bb_sim_settle();
	ck_assert_int_eq(result, -ECANCELED);
	bb_inbox_free(inbox);
}
END_TEST

START_TEST(redirect_interrupts_until_it_is_taken)
{
	ck_assert_int_eq(bb_inbox_new(&inbox), 0);
	bb_inbox_consume(inbox, two);
	result = 1;
	world_fork(waits[_i], NULL);
	world_ms(1000);
	bb_chan_interrupt(one, BB_INT_REDIRECT);
	bb_sim_settle();
	ck_assert_int_eq(result, -ECANCELED);
	/* It stays until the run loop takes it. */
	ck_assert_int_eq(bb_chan_check(one), -ECANCELED);
	world_run(in_wait, NULL);
	ck_assert_int_eq(result, -ECANCELED);
	ck_assert_int_eq(bb_chan_take_interrupt(one), BB_INT_REDIRECT);
	ck_assert_int_eq(bb_chan_check(one), 0);
	bb_inbox_free(inbox);
}
END_TEST

START_TEST(an_interrupt_taken_by_another_fiber_is_seen)
{
	result = 1;
	world_fork(in_digit, NULL);
	world_ms(1000);
	bb_chan_interrupt(one, BB_INT_REDIRECT);
	bb_chan_take_interrupt(one);
	bb_sim_settle();
	ck_assert_int_eq(result, -ECANCELED);
}
END_TEST

START_TEST(a_hangup_outranks_a_redirect)
{
	bb_chan_interrupt(one, BB_INT_REDIRECT);
	bb_chan_hangup(one, 17);
	bb_chan_interrupt(one, BB_INT_REDIRECT);
	ck_assert_int_eq(bb_chan_take_interrupt(one), BB_INT_HANGUP);
	ck_assert_uint_eq(bb_chan_cause(one), 17);
}
END_TEST

static void after_the_end(void *arg)
{
	struct bb_event ev;
	bb_time before = bb_now();

	bb_chan_take_interrupt(one);
	ck_assert_int_eq(bb_wait_event(one, -1, &ev), -ECANCELED);
	ck_assert_int_eq(bb_wait_digit(one, BB_SEC), -ECANCELED);
	ck_assert_int_eq(bb_wait(one, 2 * BB_SEC), 0);
	ck_assert_int_eq(bb_now() - before, 2 * BB_SEC);
	ck_assert_int_eq(bb_offload(one, slow, &answer_to_all), 42);
}

START_TEST(in_h_work_goes_on_and_media_waits_end)
{
	bb_chan_hangup(one, 16);
	world_run(after_the_end, NULL);
}
END_TEST

static void offloads_while_hung_up(void *arg)
{
	bb_chan_hangup(one, 16);
	result = bb_offload(one, slow, &answer_to_all);
}

START_TEST(an_offload_ends_with_its_function)
{
	world_run(offloads_while_hung_up, NULL);
	ck_assert_int_eq(result, 42);
}
END_TEST

static void times(void *arg)
{
	struct bb_event ev;
	bb_time t = bb_now();

	ck_assert_int_eq(bb_wait(one, 1500 * BB_MS), 0);
	ck_assert_int_eq(bb_now() - t, 1500 * BB_MS);
	t = bb_now();
	ck_assert_int_eq(bb_wait_event(one, 700 * BB_MS, &ev), -ETIMEDOUT);
	ck_assert_int_eq(bb_now() - t, 700 * BB_MS);
	t = bb_now();
	ck_assert_int_eq(bb_wait_digit(one, 0), -ETIMEDOUT);
	ck_assert_int_eq(bb_wait_digit(one, 300 * BB_MS), -ETIMEDOUT);
	ck_assert_int_eq(bb_now() - t, 300 * BB_MS);
	chan_test_emit(one, BB_EV_HOLD);
	chan_test_digits(one, "5");
	ck_assert_int_eq(bb_wait_digit(one, BB_SEC), '5');
}

START_TEST(waits_take_their_time)
{
	world_run(times, NULL);
}
END_TEST

static void answers(void *arg)
{
	ck_assert_int_eq(bb_chan_answer(one), 0);
	ck_assert_int_eq(bb_chan_state(one), BB_UP);
	ck_assert_int_eq(bb_chan_answer(one), 0);
	bb_chan_hangup(two, 16);
	ck_assert_int_eq(bb_chan_answer(two), -ECANCELED);
}

START_TEST(answering)
{
	world_run(answers, NULL);
	ck_assert(logged("one answer"));
	ck_assert(!logged("two answer"));
}
END_TEST

START_TEST(the_deadline_hangs_up)
{
	bb_chan_set_deadline(one, bb_now() + 5 * BB_SEC);
	bb_chan_set_deadline(two, bb_now() + 5 * BB_SEC);
	bb_chan_set_deadline(two, 0);
	world_ms(6000);
	ck_assert_int_eq(bb_chan_state(one), BB_GONE);
	ck_assert_int_eq(bb_chan_state(two), BB_RING);
}
END_TEST

static unsigned beats, beats_while_deaf;
static struct bb_timer beat_timer;

static void beat(void *arg)
{
	beats++;
	bb_timer_set(&beat_timer, 20 * BB_MS, beat, NULL);
}

static void never_listens(void *arg)
{
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_int_eq(bb_wait(one, BB_SEC), -ECANCELED);
	beats_while_deaf = beats;
}

/* It gets its answer each time, and all others get theirs. */
START_TEST(who_ignores_the_end_holds_up_nobody)
{
	bb_chan_hangup(one, 16);
	world_fork(never_listens, NULL);
	beat(NULL);
	world_ms(60000);
	ck_assert_uint_ge(beats_while_deaf, 400);
	bb_timer_cancel(&beat_timer);
}
END_TEST

TCase *tests_waits(void)
{
	TCase *t = tcase_create("waits");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, hangup_interrupts, 0, BB_ARRAY_SIZE(waits));
	tcase_add_loop_test(t, redirect_interrupts_until_it_is_taken, 0, BB_ARRAY_SIZE(waits));
	tcase_add_test(t, an_interrupt_taken_by_another_fiber_is_seen);
	tcase_add_test(t, a_hangup_outranks_a_redirect);
	tcase_add_test(t, in_h_work_goes_on_and_media_waits_end);
	tcase_add_test(t, an_offload_ends_with_its_function);
	tcase_add_test(t, waits_take_their_time);
	tcase_add_test(t, answering);
	tcase_add_test(t, the_deadline_hangs_up);
	tcase_add_test(t, who_ignores_the_end_holds_up_nobody);
	return t;
}
