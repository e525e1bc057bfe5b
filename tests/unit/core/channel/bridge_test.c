/* SPDX-License-Identifier: BSD-3-Clause */
#include <bellbird/dialplan.h>

#include "tests/unit/core/channel/world.h"

static const char plan[] = "[internal]\n"
			   "exten => 100,1,Dial(TEST/bob,20,tTH)\n"
			   "same => n,Hangup()\n"
			   "exten => 300,1,Note(came=${CHANNEL}/${BLINDTRANSFER})\n"
			   "same => n,Wait(100)\n"
			   "exten => 301,1,Wait(100)\n"
			   "[other]\n"
			   "exten => 9,1,Note(came=${CHANNEL})\n"
			   "same => n,Wait(100)\n";

static struct bb_chan *a, *b;

static void setup(void)
{
	world_open(plan, "[general]\nfeaturedigittimeout=500\n[featuremap]\nblindxfer=#1\n"
			 "disconnect=*0\n");
	chan_test_formats("alice", "ta");
	chan_test_formats("bob", "ta");
	chan_test_far("bob", "ring 10, answer 100");
	a = world_call("alice", "100");
	world_ms(200);
	b = chan_test_last("bob");
	ck_assert_ptr_nonnull(bb_chan_bridge(a));
	ck_assert_ptr_eq(bb_chan_bridge(a), bb_chan_bridge(b));
	chan_test_log_clear();
}

static void teardown(void)
{
	struct bb_chan *ch;

	while ((ch = bb_chan_next(NULL)) != NULL) {
		chan_test_hangup(ch, 16, "");
		bb_sim_settle();
	}
	world_close();
}

START_TEST(technique_follows_the_formats)
{
	struct bb_bridge *br = bb_chan_bridge(a);
	const struct bb_format *tb = bb_format_find(BB_STR("tb"));
	const struct bb_format *ta = bb_format_find(BB_STR("ta"));

	ck_assert_str_eq(bb_bridge_tech_name(br), "t_same");
	bb_port_set_formats(bb_chan_port(b, 0), tb, tb);
	chan_test_emit(b, BB_EV_MEDIA);
	bb_sim_settle();
	ck_assert_str_eq(bb_bridge_tech_name(br), "t_any");
	bb_port_set_formats(bb_chan_port(b, 0), ta, ta);
	bb_bridge_update(br);
	ck_assert_str_eq(bb_bridge_tech_name(br), "t_same");
	ck_assert_ptr_eq(bb_bridge_peer(br, a), b);
}
END_TEST

START_TEST(a_lost_port_is_unplugged_first)
{
	struct bb_port *p = bb_chan_port(b, 0);

	bb_chan_set_port(b, 0, NULL);
	ck_assert_str_eq(chan_test_log(), "bob unplugged, alice unplugged, alice plugged");
	ck_assert_str_eq(bb_bridge_tech_name(bb_chan_bridge(a)), "t_any");
	bb_chan_set_port(b, 0, p);
	ck_assert_str_eq(bb_bridge_tech_name(bb_chan_bridge(a)), "t_same");
}
END_TEST

START_TEST(digits_pass)
{
	chan_test_digits(a, "42");
	chan_test_digits(b, "7");
	bb_sim_settle();
	ck_assert_str_eq(chan_test_log(), "bob gets digit 4, bob gets digit 2, alice gets digit 7");
}
END_TEST

START_TEST(half_a_code_passes_after_its_time)
{
	chan_test_digits(b, "#");
	world_ms(400);
	ck_assert_str_eq(chan_test_log(), "");
	world_ms(200);
	ck_assert_str_eq(chan_test_log(), "alice gets digit #");
	chan_test_log_clear();
	chan_test_digits(b, "#5");
	bb_sim_settle();
	ck_assert_str_eq(chan_test_log(), "alice gets digit #, alice gets digit 5");
}
END_TEST

START_TEST(a_code_within_what_was_none)
{
	chan_test_digits(b, "##1");
	bb_sim_settle();
	ck_assert_str_eq(chan_test_log(), "alice gets digit #, bob unplugged, alice unplugged");
	ck_assert(b->member->away);
}
END_TEST

START_TEST(the_disconnect_key)
{
	chan_test_digits(b, "*0"); /* bob has no h */
	bb_sim_settle();
	ck_assert(logged("alice gets digit *"));
	chan_test_digits(a, "*0");
	bb_sim_settle();
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_ptr_nonnull(strstr(world_why(), "by the key *0"));
}
END_TEST

START_TEST(hold_unplugs_and_comes_back)
{
	chan_test_emit(b, BB_EV_HOLD);
	bb_sim_settle();
	ck_assert(b->held);
	ck_assert_int_eq(bb_device_state(BB_STR("TEST/bob")), BB_DEV_ONHOLD);
	chan_test_emit(b, BB_EV_UNHOLD);
	bb_sim_settle();
	ck_assert(!b->held);
	ck_assert(a->member->plugged);
	ck_assert(b->member->plugged);
}
END_TEST

START_TEST(the_callee_transfers_by_key)
{
	struct bb_buf want = { 0 };

	bb_buf_printf(&want, "%s/%s", bb_chan_name(a), bb_chan_name(b));
	chan_test_digits(b, "#1");
	world_ms(500);
	ck_assert_ptr_nonnull(bb_chan_bridge(a));
	chan_test_digits(b, "300");
	world_ms(4000);
	ck_assert_str_eq(world_note("came"), bb_buf_cstr(&want));
	bb_buf_free(&want);
	ck_assert_ptr_null(chan_test_last("bob"));
	ck_assert_ptr_eq(chan_test_last("alice"), a);
}
END_TEST

START_TEST(the_caller_transfers_by_key)
{
	bb_var_set(a, "TRANSFER_CONTEXT", BB_STR("other"));
	chan_test_digits(a, "#1");
	world_ms(500);
	chan_test_digits(a, "9");
	world_ms(4000);
	ck_assert_ptr_nonnull(strstr(world_note("came"), "bob"));
	ck_assert_ptr_null(chan_test_last("alice"));
	ck_assert(bb_chan_running(b));
}
END_TEST

START_TEST(a_wrong_number_goes_back_to_talking)
{
	chan_test_digits(b, "#1");
	world_ms(500);
	for (int i = 0; i < 3; i++) {
		chan_test_digits(b, "7");
		world_ms(4000);
	}
	ck_assert_ptr_eq(bb_chan_bridge(a), bb_chan_bridge(b));
	ck_assert_ptr_nonnull(bb_chan_bridge(a));
	chan_test_log_clear();
	chan_test_digits(b, "5");
	bb_sim_settle();
	ck_assert_str_eq(chan_test_log(), "alice gets digit 5");
}
END_TEST

START_TEST(nothing_dialed_goes_back_to_talking)
{
	chan_test_digits(b, "#1");
	world_ms(10000);
	ck_assert_ptr_nonnull(bb_chan_bridge(a));
	ck_assert(a->member->plugged);
	ck_assert(b->member->plugged);
}
END_TEST

START_TEST(the_partner_leaves_during_a_transfer)
{
	chan_test_digits(b, "#1");
	world_ms(500);
	chan_test_hangup(a, 16, "");
	world_ms(5000);
	ck_assert_uint_eq(bb_chan_count(), 0);
}
END_TEST

START_TEST(who_transfers_leaves_during_it)
{
	chan_test_digits(b, "#1");
	world_ms(500);
	chan_test_hangup(b, 16, "");
	world_ms(5000);
	ck_assert_uint_eq(bb_chan_count(), 0);
}
END_TEST

START_TEST(a_leg_asks_for_transfer)
{
	bb_chan_emit(b, &(struct bb_event){ .type = BB_EV_TRANSFER, .text = BB_STR("300") });
	world_ms(100);
	ck_assert_ptr_nonnull(strstr(world_note("came"), "alice"));
	ck_assert_ptr_null(chan_test_last("bob"));
}
END_TEST

START_TEST(a_leg_without_run_is_redirected)
{
	ck_assert_int_eq(bb_chan_redirect(b, BB_STR("internal"), BB_STR("301"), BB_STR("1")), 0);
	world_ms(100);
	ck_assert(bb_chan_running(b));
	ck_assert_ptr_null(bb_chan_bridge(b));
	ck_assert_ptr_null(chan_test_last("alice")); /* Dial without g ends */
}
END_TEST

START_TEST(an_announcement_to_one)
{
	struct bb_bridge *br = bb_chan_bridge(a);

	ck_assert_int_eq(bb_bridge_announce(br, a, BB_STR("no-such-sound")), 0);
	ck_assert_int_eq(bb_bridge_announce(br, a, BB_STR("no-such-sound")), -EBUSY);
	world_ms(1000);
	ck_assert(a->member->plugged);
	ck_assert(!a->member->away);
}
END_TEST

START_TEST(texts_and_names_pass)
{
	bb_chan_emit(a, &(struct bb_event){ .type = BB_EV_TEXT, .text = BB_STR("hi") });
	bb_chan_emit(a, &(struct bb_event){ .type = BB_EV_CONNECTED,
					    .text = BB_STR("Alice"),
					    .text2 = BB_STR("77") });
	bb_sim_settle();
	ck_assert_str_eq(chan_test_log(), "bob gets text hi, bob is told connected");
	ck_assert_str_eq(bb_chan_connected(b)->number, "77");
}
END_TEST

TCase *tests_bridge(void)
{
	TCase *t = tcase_create("bridge");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, technique_follows_the_formats);
	tcase_add_test(t, a_lost_port_is_unplugged_first);
	tcase_add_test(t, digits_pass);
	tcase_add_test(t, half_a_code_passes_after_its_time);
	tcase_add_test(t, a_code_within_what_was_none);
	tcase_add_test(t, the_disconnect_key);
	tcase_add_test(t, hold_unplugs_and_comes_back);
	tcase_add_test(t, the_callee_transfers_by_key);
	tcase_add_test(t, the_caller_transfers_by_key);
	tcase_add_test(t, a_wrong_number_goes_back_to_talking);
	tcase_add_test(t, nothing_dialed_goes_back_to_talking);
	tcase_add_test(t, the_partner_leaves_during_a_transfer);
	tcase_add_test(t, who_transfers_leaves_during_it);
	tcase_add_test(t, a_leg_asks_for_transfer);
	tcase_add_test(t, a_leg_without_run_is_redirected);
	tcase_add_test(t, an_announcement_to_one);
	tcase_add_test(t, texts_and_names_pass);
	return t;
}
