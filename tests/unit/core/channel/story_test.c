/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "core/console/console.h"
#include "tests/unit/core/channel/world.h"

static const char plan[] = "[internal]\n"
			   "exten => 100,1,Dial(TEST/bob,20)\n"
			   "same => n,Hangup()\n"
			   "exten => 200,1,Dial(Local/100@internal&Local/nowhere@internal,20)\n"
			   "exten => 300,1,Wait(3)\n"
			   "same => n,Hangup(21)\n";

static void setup(void)
{
	world_open(plan, NULL);
	bb_story_set_options(&(struct bb_story_options){ 0 });
}

static size_t entries(const struct bb_story *s)
{
	struct bb_story_entry *e;
	size_t n;

	ck_assert_int_eq(bb_story_entries(s, &e, &n), 0);
	bb_free(e);
	return n;
}

START_TEST(a_story_is_bounded)
{
	struct bb_story *s = bb_story_new();
	char raw[1500];
	struct bb_story_entry *e;
	size_t n;

	memset(raw, 'r', sizeof(raw));
	bb_story_add(s, "first", BB_STORY_STATE, "how it began");
	for (int i = 0; i < 5000; i++)
		bb_story_message(s, "leg", BB_STORY_IN, "192.0.2.1:5060", "OPTIONS",
				 bb_strn(raw, sizeof(raw)));
	bb_story_add(s, "last", BB_STORY_STATE, "how it ended");
	ck_assert_uint_lt(bb_story_size(s), 40000);
	ck_assert_uint_le(entries(s), 410);
	ck_assert_uint_eq(entries(s) + bb_story_dropped(s), 5002);
	ck_assert_int_eq(bb_story_entries(s, &e, &n), 0);
	ck_assert_str_eq(e[0].text, "how it began");
	ck_assert_str_eq(e[0].leg, "first");
	ck_assert_str_eq(e[n - 1].text, "how it ended");
	ck_assert_str_eq(e[n - 2].text, "OPTIONS");
	ck_assert_str_eq(e[n - 2].peer, "192.0.2.1:5060");
	ck_assert_int_eq(e[n - 2].dir, BB_STORY_IN);
	bb_free(e);
	bb_story_unref(s);
}
END_TEST

START_TEST(long_texts_are_cut)
{
	struct bb_story *s = bb_story_new();
	struct bb_buf b = { 0 };

	for (int i = 0; i < 5000; i++)
		bb_buf_putc(&b, 'x');
	bb_story_add(s, "leg", BB_STORY_STEP, "%s", bb_buf_cstr(&b));
	bb_story_message(s, bb_buf_cstr(&b), BB_STORY_OUT, bb_buf_cstr(&b), bb_buf_cstr(&b),
			 bb_buf_str(&b));
	ck_assert_uint_eq(entries(s), 2);
	ck_assert_uint_lt(bb_story_size(s), 20000);
	bb_story_reason(s, 3, "%s", "the first");
	bb_story_reason(s, 4, "%s", "the second");
	ck_assert_str_eq(bb_story_why(s), "the first");
	ck_assert_uint_eq(bb_story_cause(s), 3);
	bb_story_unref(s);
	bb_buf_free(&b);
	bb_story_add(NULL, "leg", BB_STORY_STEP, "nothing");
	bb_story_message(NULL, "", BB_STORY_IN, "", "", bb_strz(NULL));
	bb_story_close(NULL);
}
END_TEST

START_TEST(refused_ones_are_bounded_per_source)
{
	struct bb_story *s;
	unsigned n = 0, noisy = 0;
	struct bb_call *c = NULL;

	for (int i = 0; i < 2000; i++) {
		s = bb_story_open("192.0.2.66", "INVITE 100");
		ck_assert_ptr_nonnull(s);
		bb_story_reason(s, 21, "the password of 100 was wrong");
		bb_story_close(s);
	}
	s = bb_story_open("192.0.2.1", "INVITE 101");
	bb_story_reason(s, 21, "the password of 101 was wrong");
	bb_story_close(s);
	while ((c = bb_call_next(BB_CALLS_REFUSED, c)) != NULL) {
		n++;
		noisy += strcmp(c->src, "192.0.2.66") == 0;
	}
	ck_assert_uint_eq(noisy, 5);
	ck_assert_uint_eq(n, 6);
	ck_assert_uint_le(bb_obj_live("story"), 6);
}
END_TEST

START_TEST(open_ones_are_bounded_too)
{
	struct bb_story *open[1000], *other;
	unsigned n = 0;

	for (unsigned i = 0; i < 1000; i++) {
		open[i] = bb_story_open("192.0.2.66", "INVITE");
		n += open[i] != NULL;
	}
	ck_assert_uint_eq(n, 64);
	other = bb_story_open("192.0.2.67", "INVITE");
	ck_assert_ptr_nonnull(other);
	bb_story_close(other);
	for (unsigned i = 0; i < 1000; i++)
		bb_story_close(open[i]);
	bb_story_close(NULL);
}
END_TEST

START_TEST(many_sources_are_bounded)
{
	char source[24];
	unsigned n = 0;
	struct bb_call *c = NULL;

	for (unsigned i = 0; i < 3000; i++) {
		snprintf(source, sizeof(source), "10.0.%u.%u", i / 250, i % 250);
		bb_story_close(bb_story_open(source, "INVITE"));
	}
	while ((c = bb_call_next(BB_CALLS_REFUSED, c)) != NULL)
		n++;
	ck_assert_uint_eq(n, 100);
}
END_TEST

START_TEST(the_last_calls_are_kept)
{
	struct bb_call *c = NULL;
	unsigned n = 0;

	bb_story_set_options(&(struct bb_story_options){ .kept = 3 });
	for (int i = 0; i < 10; i++) {
		world_call("alice", "300");
		world_ms(4000);
	}
	while ((c = bb_call_next(BB_CALLS_KEPT, c)) != NULL)
		n++;
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(bb_obj_live("call"), 3);
	ck_assert_str_eq(world_why(), "the dial plan ended the call, in Hangup of 300@internal:2");
	ck_assert_uint_eq(world_last()->cause, 21);
}
END_TEST

static void tell(const char *command, struct bb_buf *out)
{
	out->l = 0;
	ck_assert_msg(bb_console_exec(bb_strz(command), BB_OUT_TEXT, out) == 0, "%s: %s", command,
		      bb_buf_cstr(out));
}

/* Every rung of a ladder begins and ends at the same columns, and fits a terminal. */
static void rails_stand(const char *text)
{
	size_t rungs = 0, width = 0;

	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		size_t l = (size_t)(end - line);

		if (l < 12 || line[11] != '|')
			continue;
		width = rungs++ ? width : l;
		ck_assert_msg(l == width && l <= 80 && end[-1] == '|', "a rung is askew: %.*s",
			      (int)l, line);
	}
	ck_assert_uint_gt(rungs, 2);
}

START_TEST(the_console_tells_it)
{
	struct bb_buf out = { 0 };
	struct bb_chan *a;

	chan_test_far("bob", "try 5, ring 100, answer 2000, hangup 9000 16");
	a = world_call("alice", "100");
	bb_story_message(bb_chan_story(a), bb_chan_name(a), BB_STORY_IN, "192.0.2.1:5060", "INVITE",
			 BB_STR("INVITE sip:100 SIP/2.0"));
	world_ms(50);
	bb_story_message(bb_chan_story(a), bb_chan_name(chan_test_last("bob")), BB_STORY_OUT,
			 "192.0.2.2:5060", "INVITE", bb_strz(NULL));
	world_ms(1000);
	tell("core show channels", &out);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "100@internal:1"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "Dial(TEST/bob,20)"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "2 active channels"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "1 active call\n"));
	tell("core show channels concise", &out);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "!internal!100!1!Ring!Dial!TEST/bob,20!"));
	tell("core show channels verbose", &out);
	tell("core show channels count", &out);
	ck_assert_ptr_null(strstr(bb_buf_cstr(&out), "TEST/"));
	world_ms(2000);
	tell("bridge show all", &out);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "dial"));
	tell("call list", &out);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "talking"));
	world_ms(10000);
	tell("call show 1", &out);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "received INVITE from 192.0.2.1:5060"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "is ringing"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "hung up after 7 seconds"));
	tell("call ladder 1", &out);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "bellbird"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "INVITE"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), ">|"));
	rails_stand(bb_buf_cstr(&out));
	out.l = 0;
	ck_assert_int_lt(bb_console_exec(BB_STR("call show 77"), BB_OUT_TEXT, &out), 0);
	bb_buf_free(&out);
}
END_TEST

START_TEST(the_console_acts)
{
	struct bb_buf out = { 0 };
	struct bb_chan *b;
	char line[200];

	chan_test_far("bob", "answer 100");
	tell("channel originate TEST/bob extension 300@internal", &out);
	world_ms(500);
	b = chan_test_last("bob");
	ck_assert(bb_chan_running(b));
	snprintf(line, sizeof(line), "core show channel %s", bb_chan_name(b));
	tell(line, &out);
	snprintf(line, sizeof(line), "channel redirect %s internal,300,1", bb_chan_name(b));
	tell(line, &out);
	world_ms(2800); /* Wait(3) began anew */
	ck_assert_ptr_eq(chan_test_last("bob"), b);
	tell("channel request hangup all", &out);
	bb_sim_settle();
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_str_eq(world_why(), "all channels were hung up from the console");
	tell("channel originate TEST/bob application Wait 2", &out);
	world_ms(500);
	ck_assert_uint_eq(bb_chan_count(), 1);
	world_ms(2000);
	ck_assert_uint_eq(bb_chan_count(), 0);
	/* nobody to call is an error at once; the dial plan's way to write an application is known
	 */
	out.l = 0;
	ck_assert_int_lt(bb_console_exec(BB_STR("channel originate TEST/none application Wait(2)"),
					 BB_OUT_TEXT, &out),
			 0);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&out), "there is no such device"));
	world_ms(500);
	bb_buf_free(&out);
}
END_TEST

START_TEST(bridged_calls_become_one)
{
	struct bb_chan *one = chan_test_incoming("one", "internal", "300");
	struct bb_chan *two = chan_test_incoming("two", "internal", "300");
	struct bb_bridge *br;
	char young[64];

	bb_str_copy(young, sizeof(young), bb_strz(bb_chan_linkedid(two)));
	bb_story(two, BB_STORY_STATE, "younger");
	ck_assert_uint_eq(bb_call_count(), 2);
	ck_assert_int_eq(bb_bridge_new(&br, "t"), 0);
	ck_assert_int_eq(bb_bridge_join(br, two, NULL), 0);
	ck_assert_int_eq(bb_bridge_join(br, one, NULL), 0);
	ck_assert_uint_eq(bb_call_count(), 1);
	ck_assert_str_eq(bb_chan_linkedid(two), bb_chan_uniqueid(one));
	ck_assert_ptr_eq(bb_call_find(bb_strz(young)), one->call);
	ck_assert_ptr_eq(bb_chan_story(two), bb_chan_story(one));
	bb_chan_hangup(one, 16);
	bb_chan_hangup(two, 16);
	bb_chan_unref(one);
	bb_chan_unref(two);
	bb_bridge_unref(br);
	bb_sim_settle();
	ck_assert_ptr_eq(bb_call_find(bb_strz(young)), world_last());
	ck_assert_uint_eq(world_last()->n_legs, 2);
}
END_TEST

START_TEST(records)
{
	const struct world_record *leg, *whole;

	chan_test_far("bob", "ring 100, answer 2000, hangup 9000 16");
	world_call("alice", "100");
	world_ms(15000);
	ck_assert_uint_eq(world_records(), 3); /* two legs and the call */
	leg = world_record(0);
	ck_assert(!leg->whole);
	ck_assert_ptr_nonnull(strstr(leg->channel, "bob"));
	ck_assert_ptr_nonnull(strstr(leg->dstchannel, "alice"));
	ck_assert_str_eq(leg->disposition, "ANSWERED");
	ck_assert_int_eq(leg->billsec, 7);
	whole = world_record(2);
	ck_assert(whole->whole);
	ck_assert_ptr_nonnull(strstr(whole->channel, "alice"));
	ck_assert_ptr_nonnull(strstr(whole->dstchannel, "bob"));
	ck_assert_str_eq(whole->disposition, "ANSWERED");
	ck_assert_str_eq(whole->lastapp, "Dial");
	ck_assert_str_eq(whole->src, "alice");
	ck_assert_str_eq(whole->dst, "100");
	ck_assert_int_eq(whole->duration, 9);
	ck_assert_int_eq(whole->billsec, 7);
	ck_assert_ptr_nonnull(strstr(whole->reason, "hung up after 7 seconds"));
	chan_test_far("bob", "busy 100");
	world_call("alice", "100");
	world_ms(5000);
	ck_assert_uint_eq(world_records(), 6);
	ck_assert_str_eq(world_record(5)->disposition, "BUSY");
	ck_assert_int_eq(world_record(5)->billsec, 0);
}
END_TEST

START_TEST(local_channels)
{
	chan_test_far("bob", "ring 100, answer 1000");
	world_call("alice", "200");
	world_ms(500);
	ck_assert(logged("alice is told ringing"));
	world_ms(1000);
	ck_assert(logged("alice answer"));
	ck_assert_uint_eq(bb_chan_count(), 4);
	ck_assert_uint_eq(bb_call_count(), 1);
	chan_test_digits(chan_test_last("alice"), "5");
	bb_sim_settle();
	ck_assert(logged("bob gets digit 5"));
	chan_test_emit(chan_test_last("bob"), BB_EV_TEXT);
	chan_test_hangup(chan_test_last("bob"), 16, "");
	bb_sim_settle();
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert_ptr_nonnull(strstr(world_why(), "TEST/bob-"));
}
END_TEST

START_TEST(local_channels_cancelled)
{
	chan_test_far("bob", "ring 100");
	world_call("alice", "200");
	world_ms(500);
	ck_assert_uint_eq(bb_chan_count(), 4);
	chan_test_hangup(chan_test_last("alice"), 16, "");
	bb_sim_settle();
	ck_assert_uint_eq(bb_chan_count(), 0);
	ck_assert(logged("bob hangup"));
}
END_TEST

TCase *tests_story(void)
{
	TCase *t = tcase_create("story");

	tcase_add_checked_fixture(t, setup, world_close);
	tcase_add_test(t, a_story_is_bounded);
	tcase_add_test(t, long_texts_are_cut);
	tcase_add_test(t, refused_ones_are_bounded_per_source);
	tcase_add_test(t, open_ones_are_bounded_too);
	tcase_add_test(t, many_sources_are_bounded);
	tcase_add_test(t, the_last_calls_are_kept);
	tcase_add_test(t, the_console_tells_it);
	tcase_add_test(t, the_console_acts);
	tcase_add_test(t, bridged_calls_become_one);
	tcase_add_test(t, records);
	tcase_add_test(t, local_channels);
	tcase_add_test(t, local_channels_cancelled);
	return t;
}
