/* SPDX-License-Identifier: BSD-3-Clause */
/* The client machines: each timer at its exact virtual time. */
#include "trans_test.h"

START_TEST(invite_timers_a_b)
{
	w_open(NULL);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	ck_assert_int_eq(sip_ctrans_state(w.ct), SIP_CALLING);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.wire, "INVITE", 0, 500, 1500, 3500, 7500, 15500, 31500);
	ck_times(&w.user, "gone", 32000);
	ck_assert_int_eq(w.user.v[0].err, -ETIMEDOUT);
	ck_assert_uint_eq(w.user.n, 1);
	for (unsigned i = 1; i < w.wire.n; i++)
		ck_assert_str_eq(w.wire.v[i].text, w.wire.v[0].text);
	w_close();
}
END_TEST

START_TEST(invite_refused_timer_d)
{
	w_open(NULL);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	bb_sim_advance(600 * BB_MS);
	w_peer_reply(100, "");
	ck_assert_int_eq(sip_ctrans_state(w.ct), SIP_PROCEEDING);
	bb_sim_advance(60 * BB_SEC); /* Proceeding has no end of its own */
	w_peer_reply(180, "t");
	w_peer_reply(486, "t");
	ck_assert_int_eq(sip_ctrans_state(w.ct), SIP_COMPLETED);
	ck_times(&w.wire, "INVITE", 0, 500);
	ck_times(&w.wire, "ACK", 60600);
	ck_assert_ptr_nonnull(
		strstr(w_last(&w.wire, "ACK")->text, "To: <sip:b@10.0.0.2>;tag=t\r\n"));
	bb_sim_advance(BB_SEC);
	w_peer_reply(486, "t");
	w_peer_reply(180, "t");
	ck_times(&w.wire, "ACK", 60600, 61600);
	ck_times(&w.user, "486", 60600);
	ck_assert_uint_eq(w_count(&w.user, "180"), 1);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.user, "gone", 92600);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, 0);
	w_close();
}
END_TEST

START_TEST(invite_accepted_timer_m)
{
	struct bb_buf ack = { 0 };
	struct sip_flow to = { .type = SIP_TP_UDP };

	w_open(NULL);
	to.remote = *bb_udp_local(w.peer);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	bb_sim_settle();
	w_peer_reply(200, "t");
	ck_assert_int_eq(sip_ctrans_state(w.ct), SIP_ACCEPTED);
	bb_sim_advance(2 * BB_SEC);
	w_peer_reply(200, "t");
	w_peer_reply(200, "fork");
	ck_assert_uint_eq(w_count(&w.user, "200"), 3);
	bb_buf_puts(&ack, "ACK sip:b@10.0.0.2 SIP/2.0\r\nCall-ID: out-1\r\n\r\n");
	ck_assert_int_eq(sip_send_ack(w.stack, &to, &ack), 0);
	ck_assert_int_eq(sip_send_ack(w.stack, &to, &ack), 0);
	bb_sim_settle();
	ck_assert_uint_eq(w_count(&w.wire, "ACK"), 2);
	ck_assert_str_eq(w.wire.v[w.wire.n - 1].text, w.wire.v[w.wire.n - 2].text);
	bb_buf_free(&ack);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.user, "gone", 32000);
	/* After that a 2xx is nobody's (RFC 6026 section 7.2). */
	w_peer_reply(200, "late");
	ck_assert_uint_eq(w_count(&w.user, "stray"), 0);
	w_close();
}
END_TEST

START_TEST(other_timers_e_f)
{
	w_open(NULL);
	ck_assert_int_eq(w_request("OPTIONS", 0), 0);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.wire, "OPTIONS", 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500,
		 31500);
	ck_times(&w.user, "gone", 32000);
	ck_assert_int_eq(w.user.v[0].err, -ETIMEDOUT);
	w_close();
}
END_TEST

START_TEST(other_timer_k)
{
	w_open(NULL);
	ck_assert_int_eq(w_request("OPTIONS", 0), 0);
	bb_sim_advance(400 * BB_MS);
	w_peer_reply(100, "");
	bb_sim_advance(9600 * BB_MS); /* in Proceeding each T2 */
	ck_times(&w.wire, "OPTIONS", 0, 500, 4500, 8500);
	w_peer_reply(200, "t");
	ck_assert_int_eq(sip_ctrans_state(w.ct), SIP_COMPLETED);
	w_peer_reply(200, "t");
	ck_assert_uint_eq(w_count(&w.user, "200"), 1);
	bb_sim_advance(100 * BB_SEC);
	ck_times(&w.user, "gone", 15000);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, 0);
	w_close();
}
END_TEST

START_TEST(settable_timers)
{
	struct sip_stack_conf c;

	sip_stack_defaults(&c);
	c.t1 = 100 * BB_MS;
	c.t2 = 400 * BB_MS;
	c.t4 = BB_SEC;
	c.timer_b = 2 * BB_SEC;
	w_open(&c);
	ck_assert_int_eq(w_request("OPTIONS", 0), 0);
	bb_sim_advance(10 * BB_SEC);
	ck_times(&w.wire, "OPTIONS", 0, 100, 300, 700, 1100, 1500, 1900);
	ck_times(&w.user, "gone", 2000);
	w_close();
}
END_TEST

START_TEST(cancel_waits_for_a_provisional)
{
	const char *via;

	w_open(NULL);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	ck_assert_int_eq(sip_ctrans_cancel(w.ct, BB_STR("SIP;cause=200;text=\"elsewhere\"")), 0);
	bb_sim_advance(700 * BB_MS);
	ck_assert_uint_eq(w_count(&w.wire, "CANCEL"), 0);
	w_peer_reply(100, "");
	ck_times(&w.wire, "CANCEL", 700);
	ck_assert_ptr_nonnull(strstr(w_last(&w.wire, "CANCEL")->text, "Reason: SIP;cause=200"));
	/* The same Via, as section 9.1 says. */
	via = strstr(w.wire.v[0].text, "Via: ");
	ck_assert_ptr_nonnull(via);
	ck_assert_int_eq(
		strncmp(via, strstr(w_last(&w.wire, "CANCEL")->text, "Via: "), strcspn(via, "\r")),
		0);
	w_peer_reply(200, "t"); /* to the CANCEL */
	ck_assert_uint_eq(w_count(&w.user, "200"), 0);
	ck_assert_int_eq(sip_ctrans_cancel(w.ct, BB_STR("")), 0);
	bb_sim_advance(100 * BB_SEC);
	/* No final response ever: the INVITE ends 64*T1 after the CANCEL. */
	ck_times(&w.user, "gone", 32700);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, -ETIMEDOUT);
	w_close();
}
END_TEST

START_TEST(cancel_after_the_answer)
{
	w_open(NULL);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	bb_sim_settle();
	w_peer_reply(200, "t");
	ck_assert_int_eq(sip_ctrans_cancel(w.ct, BB_STR("")), -EALREADY);
	bb_sim_settle();
	ck_assert_uint_eq(w_count(&w.wire, "CANCEL"), 0);
	w_close();
}
END_TEST

START_TEST(detached)
{
	w_open(NULL);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	sip_ctrans_detach(w.ct);
	bb_sim_settle();
	w_peer_reply(180, "t");
	w_peer_reply(200, "t");
	ck_assert_uint_eq(w.user.n, 1);
	ck_assert_uint_eq(w_count(&w.user, "stray"), 1);
	w_close();
}
END_TEST

static void nothing(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
}

START_TEST(unreachable)
{
	static const struct bb_udp_ops none = { .recv = nothing };
	struct bb_addr a;

	w_open(NULL);
	ck_assert_int_eq(w_request("OPTIONS", 0), 0);
	bb_sim_settle();
	ck_assert_int_eq(sip_ctrans_state(w.ct), SIP_TRYING);
	/* From now on the host lives, but the port is closed: the next datagram is told so. */
	bb_udp_close(w.peer);
	ck_assert_int_eq(bb_addr_parse(&a, BB_STR("10.0.0.2:9")), 0);
	ck_assert_int_eq(bb_udp_open(&w.peer, &a, &none, NULL), 0);
	bb_sim_advance(BB_SEC);
	ck_times(&w.user, "gone", 500);
	ck_assert_int_eq(w_last(&w.user, "gone")->err, -ECONNREFUSED);
	w_close();
}
END_TEST

START_TEST(no_such_way)
{
	struct sip_flow to = { .type = SIP_TP_UDP };
	struct bb_buf b = { 0 };

	w_open(NULL);
	ck_assert_int_eq(bb_addr_parse(&to.remote, BB_STR("[2001:db8::1]:5060")), 0);
	bb_buf_puts(&b, "OPTIONS sip:x SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n");
	ck_assert_int_eq(sip_ctrans_new(&w.ct, w.stack, &to, &b, NULL, NULL), -EPROTONOSUPPORT);
	ck_assert_ptr_null(b.p);
	to.type = SIP_TP_TLS;
	bb_buf_puts(&b, "OPTIONS sip:x SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n");
	ck_assert_int_eq(sip_ctrans_new(&w.ct, w.stack, &to, &b, NULL, NULL), -EPROTONOSUPPORT);
	to.type = SIP_TP_UDP;
	bb_buf_puts(&b, "nonsense");
	ck_assert_int_eq(sip_ctrans_new(&w.ct, w.stack, &to, &b, NULL, NULL), -EINVAL);
	ck_assert_uint_eq(bb_obj_live("sip_ctrans"), 0);
	w_close();
}
END_TEST

START_TEST(long_request_by_udp_after_all)
{
	w_open(NULL); /* nobody listens for TCP on the peer's port */
	ck_assert_int_eq(w_request("INVITE", 1500), 0);
	ck_assert_int_eq(sip_ctrans_flow(w.ct)->type, SIP_TP_TCP);
	bb_sim_advance(100 * BB_MS);
	ck_assert_int_eq(sip_ctrans_flow(w.ct)->type, SIP_TP_UDP);
	ck_assert_uint_eq(w_count(&w.wire, "INVITE"), 1);
	ck_assert_ptr_nonnull(
		strstr(w_last(&w.wire, "INVITE")->text, "Via: SIP/2.0/UDP 10.0.0.1:5060"));
	ck_assert_ptr_null(strstr(w_last(&w.wire, "INVITE")->text, "SIP/2.0/TCP"));
	w_peer_reply(200, "t");
	ck_assert_uint_eq(w_count(&w.user, "200"), 1);
	w_close();
}
END_TEST

START_TEST(prints_itself)
{
	struct bb_buf b = { 0 };

	w_open(NULL);
	ck_assert_int_eq(w_request("INVITE", 0), 0);
	sip_trans_print(&b, w.stack);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&b), "INVITE client"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&b), "Calling"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&b), "out-1"));
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&b), "end 32.0s"));
	bb_buf_free(&b);
	sip_transport_print(&b, w.stack);
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&b), "10.0.0.1:5060"));
	bb_buf_free(&b);
	w_close();
}
END_TEST

/* Each allocation of sending fails in turn. */
START_TEST(out_of_memory)
{
	int err = -ENOMEM;

	w_open(NULL);
	for (unsigned long at = 1; err; at++) {
		ck_assert_uint_lt(at, 100);
		bb_mem_fail_at(at);
		err = w_request("OPTIONS", 0);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
	}
	bb_sim_settle();
	ck_assert_uint_eq(bb_obj_live("sip_ctrans"), 1);
	w_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip client transactions");
	TCase *tc = tcase_create("ctrans");

	tcase_add_test(tc, invite_timers_a_b);
	tcase_add_test(tc, invite_refused_timer_d);
	tcase_add_test(tc, invite_accepted_timer_m);
	tcase_add_test(tc, other_timers_e_f);
	tcase_add_test(tc, other_timer_k);
	tcase_add_test(tc, settable_timers);
	tcase_add_test(tc, cancel_waits_for_a_provisional);
	tcase_add_test(tc, cancel_after_the_answer);
	tcase_add_test(tc, detached);
	tcase_add_test(tc, unreachable);
	tcase_add_test(tc, no_such_way);
	tcase_add_test(tc, long_request_by_udp_after_all);
	tcase_add_test(tc, prints_itself);
	tcase_add_test(tc, out_of_memory);
	suite_add_tcase(s, tc);
	return st_run(s);
}
