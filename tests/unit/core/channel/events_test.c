/* SPDX-License-Identifier: BSD-3-Clause */
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

static void takes_in_order(void *arg)
{
	static const struct {
		struct bb_chan **ch;
		char digit;
	} want[] = { { &one, '1' }, { &two, '2' }, { &one, '3' }, { &two, '4' } };
	struct bb_inbox *in;
	struct bb_event ev;

	ck_assert_int_eq(bb_inbox_new(&in), 0);
	/* Told before anybody consumes: the hand-over brings them along. */
	chan_test_digits(one, "1");
	chan_test_digits(two, "2");
	bb_inbox_consume(in, one);
	bb_inbox_consume(in, two);
	chan_test_digits(one, "3");
	chan_test_digits(two, "4");
	for (size_t i = 0; i < BB_ARRAY_SIZE(want); i++) {
		ck_assert_int_eq(bb_wait_events(NULL, in, 0, &ev), 0);
		ck_assert_ptr_eq(ev.chan, *want[i].ch);
		ck_assert_int_eq(ev.digit, want[i].digit);
	}
	ck_assert_int_eq(bb_wait_events(NULL, in, 0, &ev), -ETIMEDOUT);
	bb_inbox_free(in);
}

START_TEST(an_inbox_hears_all_in_order)
{
	world_run(takes_in_order, NULL);
}
END_TEST

static void hands_over(void *arg)
{
	struct bb_inbox *a, *b;
	struct bb_event ev;

	ck_assert_int_eq(bb_inbox_new(&a), 0);
	ck_assert_int_eq(bb_inbox_new(&b), 0);
	bb_inbox_consume(a, one);
	chan_test_digits(one, "12");
	ck_assert_int_eq(bb_wait_events(NULL, a, 0, &ev), 0);
	ck_assert_int_eq(ev.digit, '1');
	bb_inbox_consume(b, one);
	ck_assert_int_eq(bb_wait_events(NULL, a, 0, &ev), -ETIMEDOUT);
	ck_assert_int_eq(bb_wait_events(NULL, b, 0, &ev), 0);
	ck_assert_int_eq(ev.digit, '2');
	chan_test_digits(one, "3");
	bb_inbox_free(b);
	ck_assert_int_eq(bb_wait_digit(one, 0), '3');
	bb_inbox_release(a, one); /* not its own: nothing happens */
	bb_inbox_free(a);
}

START_TEST(a_handover_moves_what_was_not_taken)
{
	world_run(hands_over, NULL);
}
END_TEST

START_TEST(queues_are_bounded_but_lose_no_end)
{
	struct bb_qevent *q;
	bool hangup = false;

	for (int i = 0; i < 1000; i++)
		chan_test_digits(one, "5");
	ck_assert_uint_eq(one->events.count, BB_CHAN_EVENTS);
	chan_test_hangup(one, 19, "gone away");
	chan_test_digits(one, "6");
	ck_assert_uint_eq(one->events.count, BB_CHAN_EVENTS + 1);
	while ((q = bb_chan_pop_event(one)) != NULL) {
		if (q->ev.type == BB_EV_HANGUP) {
			hangup = true;
			ck_assert_uint_eq(q->ev.cause, 19);
			ck_assert(bb_str_is(q->ev.text, "gone away"));
		}
		bb_qevent_free(q);
	}
	ck_assert(hangup);
}
END_TEST

static void keeps_texts(void *arg)
{
	struct bb_event ev;
	char text[] = "hello";

	bb_chan_emit(one, &(struct bb_event){ .type = BB_EV_TEXT, .text = bb_strz(text) });
	text[0] = 'x';
	ck_assert_int_eq(bb_wait_event(one, 0, &ev), 0);
	ck_assert(bb_str_is(ev.text, "hello"));
	ck_assert_ptr_eq(ev.chan, one);
}

START_TEST(texts_are_copied)
{
	world_run(keeps_texts, NULL);
}
END_TEST

START_TEST(one_hangup_and_one_destroy_each)
{
	struct bb_chan *ch = chan_test_incoming("three", "internal", "1");

	chan_test_log_clear();
	chan_test_hangup(ch, 16, "");
	bb_chan_hangup(ch, 17);
	chan_test_hangup(ch, 18, "");
	ck_assert_str_eq(chan_test_log(), ""); /* the driver emitted: it is told later */
	bb_sim_settle();
	ck_assert_str_eq(chan_test_log(), "three hangup 16");
	bb_chan_unref(ch);
	ck_assert_str_eq(chan_test_log(), "three hangup 16, three destroy");
}
END_TEST

START_TEST(the_last_reference_ends_a_channel)
{
	struct bb_chan *ch = chan_test_incoming("three", "internal", "1");

	chan_test_log_clear();
	bb_chan_unref(ch);
	ck_assert_str_eq(chan_test_log(), "three hangup 16, three destroy");
}
END_TEST

START_TEST(names_and_ids)
{
	struct bb_chan *found;

	ck_assert_msg(strncmp(bb_chan_name(one), "TEST/one-", 9) == 0, "%s", bb_chan_name(one));
	ck_assert_uint_eq(strlen(bb_chan_name(one)), 9 + 8);
	found = bb_chan_find(bb_strz(bb_chan_name(two)));
	ck_assert_ptr_eq(found, two);
	bb_chan_unref(found);
	found = bb_chan_find(bb_strz(bb_chan_uniqueid(one)));
	ck_assert_ptr_eq(found, one);
	bb_chan_unref(found);
	ck_assert_ptr_null(bb_chan_find(BB_STR("TEST/nobody-00000000")));
	ck_assert_ptr_eq(bb_chan_next(NULL), one);
	ck_assert_ptr_eq(bb_chan_next(one), two);
	ck_assert_ptr_null(bb_chan_next(two));
}
END_TEST

TCase *tests_events(void)
{
	TCase *t = tcase_create("events");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_inbox_hears_all_in_order);
	tcase_add_test(t, a_handover_moves_what_was_not_taken);
	tcase_add_test(t, queues_are_bounded_but_lose_no_end);
	tcase_add_test(t, texts_are_copied);
	tcase_add_test(t, one_hangup_and_one_destroy_each);
	tcase_add_test(t, the_last_reference_ends_a_channel);
	tcase_add_test(t, names_and_ids);
	return t;
}
