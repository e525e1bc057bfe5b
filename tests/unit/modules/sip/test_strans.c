/* SPDX-License-Identifier: BSD-3-Clause */
/* The server machines, matching, caps: each timer at its exact virtual time. */
#include "trans_test.h"

START_TEST(invite_trying_and_retransmissions)
{
	w_open(NULL);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_assert_int_eq(sip_strans_state(w.st), SIP_PROCEEDING);
	bb_sim_advance(300 * BB_MS);
	ck_times(&w.wire, "100", 200);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_times(&w.wire, "100", 200, 300);
	ck_assert_int_eq(sip_strans_reply(w.st, 180, NULL), 0);
	bb_sim_settle();
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_times(&w.wire, "180", 300, 300);
	ck_assert_int_eq(sip_strans_reply(w.st, 100, NULL), 0); /* too late to say that */
	bb_sim_settle();
	ck_assert_uint_eq(w_count(&w.wire, "100"), 2);
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 1);
	ck_assert_int_eq(sip_strans_reply(w.st, 486, NULL), 0);
	w_close();
}
END_TEST

START_TEST(invite_refused_timers_g_h)
{
	w_open(NULL);
	w.auto_reply = 486;
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_assert_int_eq(sip_strans_state(w.st), SIP_COMPLETED);
	ck_assert_int_eq(sip_strans_reply(w.st, 200, NULL), -EALREADY);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.wire, "486", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500,
		 31500);
	ck_times(&w.user, "gone", 32000);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, -ETIMEDOUT);
	ck_assert_uint_eq(w_count(&w.wire, "100"), 0);
	w_close();
}
END_TEST

START_TEST(invite_refused_ack_timer_i)
{
	w_open(NULL);
	w.auto_reply = 486;
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	bb_sim_advance(600 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_times(&w.wire, "486", 0, 500, 600);
	w_peer_request("ACK", "z9hG4bK1", 1, "");
	ck_assert_int_eq(sip_strans_state(w.st), SIP_CONFIRMED);
	w_peer_request("ACK", "z9hG4bK1", 1, "");
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.wire, "486", 0, 500, 600);
	ck_times(&w.user, "gone", 5600);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, 0);
	ck_assert_uint_eq(w_count(&w.user, "ack"), 0);
	w_close();
}
END_TEST

START_TEST(invite_accepted_timer_l)
{
	w_open(NULL);
	w.auto_reply = 200;
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_assert_int_eq(sip_strans_state(w.st), SIP_ACCEPTED);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	ck_assert_uint_eq(w_count(&w.wire, "200"), 1); /* the dialog sends it again, not we */
	ck_assert_int_eq(sip_strans_resend(w.st), 0);
	bb_sim_settle();
	ck_assert_uint_eq(w_count(&w.wire, "200"), 2);
	w_peer_request("ACK", "z9hG4bK1", 1, ""); /* with the same branch, as RFC 2543 phones do */
	w_peer_request("ACK", "z9hG4bK2", 1, "");
	ck_assert_uint_eq(w_count(&w.user, "ack"), 2);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.user, "gone", 32000);
	w_close();
}
END_TEST

START_TEST(other_trying_and_timer_j)
{
	w_open(NULL);
	w_peer_request("OPTIONS", "z9hG4bK1", 1, "");
	ck_assert_int_eq(sip_strans_state(w.st), SIP_TRYING);
	ck_assert_int_eq(sip_strans_reply(w.st, 180, NULL), 0);
	ck_assert_int_eq(sip_strans_reply(w.st, 100, NULL), 0);
	ck_assert_int_eq(sip_strans_reply(w.st, 408, NULL), 0);
	w_peer_request("OPTIONS", "z9hG4bK1", 1, "");
	ck_assert_uint_eq(w.wire.n, 0); /* RFC 4320 */
	bb_sim_advance(5 * BB_SEC);
	ck_times(&w.wire, "100", 3500);
	ck_assert_int_eq(sip_strans_state(w.st), SIP_PROCEEDING);
	w_peer_request("OPTIONS", "z9hG4bK1", 1, "");
	ck_times(&w.wire, "100", 3500, 5000);
	ck_assert_int_eq(sip_strans_reply(w.st, 200, NULL), 0);
	ck_assert_int_eq(sip_strans_reply(w.st, 200, NULL), -EALREADY);
	bb_sim_advance(10 * BB_SEC);
	w_peer_request("OPTIONS", "z9hG4bK1", 1, "");
	ck_times(&w.wire, "200", 5000, 15000);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.user, "gone", 37000);
	ck_assert_uint_eq(w_count(&w.user, "OPTIONS"), 1);
	w_close();
}
END_TEST

START_TEST(other_without_an_answer)
{
	w_open(NULL);
	w_peer_request("OPTIONS", "z9hG4bK1", 1, "");
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.user, "gone", 32000);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, -ETIMEDOUT);
	w_close();
}
END_TEST

START_TEST(cancels)
{
	const char *tag;

	w_open(NULL);
	w_peer_request("CANCEL", "z9hG4bK1", 1, "");
	ck_times(&w.wire, "481", 0);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	w_peer_request("CANCEL", "z9hG4bK1", 1, "Reason: SIP;cause=200\n");
	w_peer_request("CANCEL", "z9hG4bK1", 1, "Reason: SIP;cause=200\n");
	ck_assert_uint_eq(w_count(&w.wire, "200"), 2);
	ck_assert_uint_eq(w_count(&w.wire, "487"), 1);
	ck_assert_uint_eq(w_count(&w.user, "cancel"), 1);
	tag = strstr(w_last(&w.wire, "200")->text, "To: ");
	ck_assert_ptr_nonnull(tag);
	ck_assert_int_eq(
		strncmp(tag, strstr(w_last(&w.wire, "487")->text, "To: "), strcspn(tag, "\r")), 0);
	w_close();
}
END_TEST

/* Of another request too a CANCEL is answered, and changes nothing (section 9.2). */
START_TEST(cancel_of_options)
{
	w_open(NULL);
	w_peer_request("OPTIONS", "z9hG4bK1", 1, "");
	w_peer_request("CANCEL", "z9hG4bK1", 1, "");
	ck_assert_uint_eq(w_count(&w.wire, "200"), 1);
	ck_assert_uint_eq(w_count(&w.user, "cancel"), 0);
	sip_strans_reply(w.st, 404, NULL);
	bb_sim_advance(BB_MS);
	ck_assert_uint_eq(w_count(&w.wire, "404"), 1);
	w_close();
}
END_TEST

START_TEST(merged)
{
	w_open(NULL);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	w_peer_request("INVITE", "z9hG4bK2", 1, "");
	ck_times(&w.wire, "482", 0);
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 1);
	sip_strans_reply(w.st, 401, NULL);
	/* Answered: a new attempt is no merged request, even with the old CSeq. */
	w_peer_request("INVITE", "z9hG4bK3", 1, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 2);
	sip_strans_reply(w.st, 401, NULL);
	w_close();
}
END_TEST

START_TEST(old_style_matching)
{
	w_open(NULL);
	w_peer_request("INVITE", "1", 1, "");
	w_peer_request("INVITE", "1", 1, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 1);
	w_peer_request("CANCEL", "1", 1, "");
	ck_assert_uint_eq(w_count(&w.wire, "487"), 1);
	w_peer_request("ACK", "1", 1, "");
	ck_assert_int_eq(sip_strans_state(w.st), SIP_CONFIRMED);
	w_peer_request("INVITE", "1", 2, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 2);
	sip_strans_reply(w.st, 404, NULL);
	w_close();
}
END_TEST

static void another_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	*(bool *)arg = bb_str_starts(bb_strn(d->data, d->len), BB_STR("SIP/2.0 200 "));
}

/* A phone behind the same router as the bad one, on another port, is still served. */
static void another_phone(void)
{
	static const struct bb_udp_ops ops = { .recv = another_recv };
	static const char text[] = "OPTIONS sip:b@x SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 10.0.0.2:5071;rport;branch=z9hG4bKother\r\n"
				   "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: o\r\n"
				   "CSeq: 1 OPTIONS\r\n\r\n";
	struct bb_addr a = *bb_udp_local(w.peer);
	struct bb_udp *u;
	bool served = false;

	bb_addr_set_port(&a, 5071);
	ck_assert_int_eq(bb_udp_open(&u, &a, &ops, &served), 0);
	w.auto_reply = 200;
	ck_assert_int_eq(bb_udp_send(u, NULL, sip_transport_local(w.udp), text, sizeof(text) - 1),
			 0);
	bb_sim_settle();
	ck_assert(served);
	w.auto_reply = 0;
	bb_udp_close(u);
}

static void waits(bb_time waited)
{
	bb_sim_net_set(&(struct bb_sim_net){ .waited = waited });
}

/* While messages wait too long new requests get 503; what goes on is served, and who was refused
 * stays refused. */
START_TEST(overload)
{
	struct sip_stack_conf c;
	struct sip_stats st;

	sip_stack_defaults(&c);
	c.overload_delay = 100 * BB_MS;
	w_open(&c);
	/* A moment that we catch up with refuses nobody. */
	waits(150 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	bb_sim_advance(400 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK2", 2, "");
	waits(50 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK3", 3, "");
	waits(150 * BB_MS);
	bb_sim_advance(400 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK4", 4, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 4);
	/* It lasts. */
	bb_sim_advance(600 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK5", 5, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 4);
	ck_assert_uint_eq(w_count(&w.wire, "503"), 1);
	ck_assert_ptr_nonnull(strstr(w_last(&w.wire, "503")->text, "Retry-After: 5\r\n"));
	/* What is there already goes on: sent again it is known, and it can be cancelled. */
	w_peer_request("INVITE", "z9hG4bK4", 4, "");
	ck_assert_uint_eq(w_count(&w.wire, "503"), 1);
	w_peer_request("CANCEL", "z9hG4bK4", 4, "");
	ck_assert_uint_eq(w_count(&w.wire, "487"), 1);
	/* Over; but the one that was refused does not become a call when it is sent again. */
	waits(10 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK5", 5, "");
	ck_assert_uint_eq(w_count(&w.wire, "503"), 2);
	w_peer_request("INVITE", "z9hG4bK6", 6, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 5);
	/* A relapse refuses at once. */
	waits(150 * BB_MS);
	w_peer_request("INVITE", "z9hG4bK7", 7, "");
	ck_assert_uint_eq(w_count(&w.wire, "503"), 3);
	sip_stack_stats(w.stack, &st);
	ck_assert_uint_eq(st.over_cap, 3);
	ck_assert_uint_eq(st.overload, 2);
	ck_assert_int_eq(st.longest_wait, 150 * BB_MS);
	waits(0);
	for (unsigned i = 1; i <= 6; i++) {
		char branch[32];

		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		w_peer_request("CANCEL", branch, i, "");
	}
	w_close();
}
END_TEST

START_TEST(caps)
{
	struct sip_stack_conf c;
	struct sip_stats st;
	char branch[32];

	sip_stack_defaults(&c);
	c.max_transactions_per_source = 3;
	c.retry_after = 7;
	w_open(&c);
	for (unsigned i = 1; i <= 5; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		w_peer_request("INVITE", branch, i, "");
	}
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 3);
	ck_assert_uint_eq(w_count(&w.wire, "503"), 2);
	ck_assert_ptr_nonnull(strstr(w_last(&w.wire, "503")->text, "Retry-After: 7\r\n"));
	/* What was accepted can still be cancelled, and makes room. */
	w_peer_request("CANCEL", "z9hG4bK1", 1, "");
	w_peer_request("ACK", "z9hG4bK1", 1, "");
	w_peer_request("INVITE", "z9hG4bK6", 6, "");
	ck_assert_uint_eq(w_count(&w.user, "INVITE"), 4);
	another_phone();
	sip_stack_stats(w.stack, &st);
	ck_assert_uint_eq(st.over_cap, 2);
	sip_stack_refuse(w.stack, true);
	w_peer_request("OPTIONS", "z9hG4bK7", 7, "");
	ck_assert_uint_eq(w_count(&w.wire, "503"), 3);
	sip_stack_refuse(w.stack, false);
	for (unsigned i = 2; i <= 6; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		w_peer_request("CANCEL", branch, i, "");
	}
	w_close();
}
END_TEST

START_TEST(where_responses_go)
{
	w_open(NULL);
	w.auto_reply = 200;
	/* No rport: to the port of the Via, which is not ours. */
	w_peer_send("OPTIONS sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.9:5999;branch=z9hG4bKa\n"
		    "From: <sip:a>;tag=1\nTo: <sip:b>\nCall-ID: a\nCSeq: 1 OPTIONS\n\n");
	ck_assert_uint_eq(w.wire.n, 0);
	/* With rport to where it came from. */
	w_peer_send(
		"OPTIONS sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.9:5999;rport;branch=z9hG4bKb\n"
		"From: <sip:a>;tag=1\nTo: <sip:b>\nCall-ID: b\nCSeq: 1 OPTIONS\n\n");
	ck_assert_uint_eq(w.wire.n, 1);
	ck_assert_ptr_nonnull(strstr(w.wire.v[0].text,
				     "10.0.0.9:5999;branch=z9hG4bKb;received=10.0.0.2;rport=5070"));
	/* Without, but the user knows better. */
	w.auto_reply = 0;
	w_peer_send("OPTIONS sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.9:5999;branch=z9hG4bKc\n"
		    "From: <sip:a>;tag=1\nTo: <sip:b>\nCall-ID: c\nCSeq: 1 OPTIONS\n\n");
	sip_strans_force_rport(w.st);
	ck_assert_int_eq(sip_strans_reply(w.st, 200, NULL), 0);
	bb_sim_settle();
	ck_assert_uint_eq(w.wire.n, 2);
	w_close();
}
END_TEST

START_TEST(detached)
{
	w_open(NULL);
	w_peer_request("INVITE", "z9hG4bK1", 1, "");
	sip_strans_detach(w.st);
	bb_sim_settle();
	ck_times(&w.wire, "500", 0);
	w_peer_request("ACK", "z9hG4bK1", 1, "");
	w_close();
	ck_assert_uint_eq(w_count(&w.user, "gone"), 0);
}
END_TEST

START_TEST(malformed_is_answered_or_dropped)
{
	struct sip_stats st;

	w_open(NULL);
	w_peer_send("OPTIONS sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bKa\n"
		    "From: <sip:a>;tag=1\nTo: <sip:b>\nCall-ID: a\nCSeq: x OPTIONS\n\n");
	ck_times(&w.wire, "400", 0);
	w_peer_send("OPTIONS sip:b@x SIP/7.0\nVia: SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bKa\n"
		    "From: <sip:a>;tag=1\nTo: <sip:b>\nCall-ID: a\nCSeq: 1 OPTIONS\n\n");
	ck_times(&w.wire, "505", 0);
	w_peer_send("rubbish that is no message\n\n");
	w_peer_send("\n\n");
	w_peer_send("ACK sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bKa\n"
		    "From: <sip:a>;tag=1\nTo: <sip:b>\nCall-ID: a\nCSeq: x ACK\n\n");
	ck_assert_uint_eq(w.wire.n, 2);
	ck_assert_uint_eq(w.user.n, 0);
	sip_stack_stats(w.stack, &st);
	ck_assert_uint_eq(st.malformed, 2);
	ck_assert_uint_eq(st.dropped, 2);
	w_close();
}
END_TEST

/* Each allocation of receiving and answering fails in turn. */
START_TEST(out_of_memory)
{
	char branch[32];
	unsigned answered = 0;

	w_open(NULL);
	w.auto_reply = 0;
	for (unsigned i = 1; !answered; i++) {
		ck_assert_uint_lt(i, 60);
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		w.fail_at = i;
		w_clear();
		w_peer_request("OPTIONS", branch, i, "");
		if (w.st)
			sip_strans_reply(w.st, 200, NULL);
		bb_sim_settle();
		answered = w_count(&w.wire, "200");
	}
	w_close();
}
END_TEST

/* Every torture message through the whole lower half, answered as a plain user agent would. */
static void torture_request(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	static const char *const supported[] = { NULL };
	struct sip_fault f;

	ck_assert_uint_eq(bb_obj_refs(m) >= 2, 1);
	sip_strans_reply(st, sip_msg_check(m, supported, NULL, &f) ? f.code : 299, NULL);
}

static char torture_got[16];

static void torture_trace(const struct sip_trace *t, void *arg)
{
	if (t->out)
		snprintf(torture_got, sizeof(torture_got), "%.3s", t->raw.p + 8);
	if (!strcmp(torture_got, "299"))
		snprintf(torture_got, sizeof(torture_got), "accept");
}

START_TEST(torture)
{
	static const struct sip_stack_ops ops = { .request = torture_request,
						  .trace = torture_trace };
	struct sip_transport_conf tc = { .type = SIP_TP_UDP, .name = BB_STR("udp") };
	struct st_torture *rows;
	struct sip_stack_conf conf;
	size_t n = st_torture_rows(&rows), bad = 0;

	w_open(NULL);
	sip_transport_close(w.udp);
	sip_stack_free(w.stack);
	sip_stack_defaults(&conf);
	ck_assert_int_eq(sip_stack_new(&w.stack, &conf, &ops, NULL), 0);
	ck_assert_int_eq(bb_addr_parse(&tc.bind, BB_STR("10.0.0.1:5060")), 0);
	ck_assert_int_eq(sip_transport_open(&w.udp, w.stack, &tc), 0);
	for (size_t i = 0; i < n; i++) {
		char name[160];
		struct bb_buf b = { 0 };

		snprintf(name, sizeof(name), "torture/%s", rows[i].file);
		st_read(&b, name);
		snprintf(torture_got, sizeof(torture_got), "drop");
		ck_assert_int_eq(bb_udp_send(w.peer, NULL, &tc.bind, b.p, b.l), 0);
		bb_sim_settle();
		if (!st_wanted(&rows[i], torture_got)) {
			fprintf(stderr, "%s: %s, wanted %s\n", rows[i].name, torture_got,
				rows[i].wanted);
			bad++;
		}
		bb_buf_free(&b);
	}
	free(rows);
	ck_assert_uint_eq(bad, 0);
	w_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip server transactions");
	TCase *tc = tcase_create("strans");

	tcase_add_test(tc, invite_trying_and_retransmissions);
	tcase_add_test(tc, invite_refused_timers_g_h);
	tcase_add_test(tc, invite_refused_ack_timer_i);
	tcase_add_test(tc, invite_accepted_timer_l);
	tcase_add_test(tc, other_trying_and_timer_j);
	tcase_add_test(tc, other_without_an_answer);
	tcase_add_test(tc, cancels);
	tcase_add_test(tc, cancel_of_options);
	tcase_add_test(tc, merged);
	tcase_add_test(tc, old_style_matching);
	tcase_add_test(tc, caps);
	tcase_add_test(tc, overload);
	tcase_add_test(tc, where_responses_go);
	tcase_add_test(tc, detached);
	tcase_add_test(tc, malformed_is_answered_or_dropped);
	tcase_add_test(tc, out_of_memory);
	tcase_add_test(tc, torture);
	suite_add_tcase(s, tc);
	return st_run(s);
}
