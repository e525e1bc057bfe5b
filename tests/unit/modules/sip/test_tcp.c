/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams: framing, keep-alive, reuse, caps, timeouts, what breaks. */
#include "trans_test.h"

static struct {
	struct bb_tcp *c;
	struct bb_listener *l;
	struct bb_buf in;
	unsigned accepted, connected, closed;
} p;

static void p_connected(struct bb_tcp *c, void *arg)
{
	p.connected++;
}

static void p_recv(struct bb_tcp *c, const char *data, size_t len, void *arg)
{
	bb_buf_put(&p.in, data, len);
}

static void p_closed(struct bb_tcp *c, int err, void *arg)
{
	p.closed++;
	bb_tcp_close(c);
	if (p.c == c)
		p.c = NULL;
}

static const struct bb_tcp_ops p_ops = { .connected = p_connected,
					 .recv = p_recv,
					 .closed = p_closed };

static void p_accept(struct bb_listener *l, struct bb_tcp *c, void *arg)
{
	p.accepted++;
	p.c = c;
	bb_tcp_set_ops(c, &p_ops, NULL);
}

static const struct bb_listener_ops p_listener = { .accept = p_accept };

static void p_connect(void)
{
	ck_assert_int_eq(bb_tcp_connect(&p.c, sip_transport_local(w.tcp), &p_ops, NULL), 0);
	bb_sim_settle();
	ck_assert_uint_eq(p.connected, 1);
}

static void p_open(const struct sip_stack_conf *conf)
{
	memset(&p, 0, sizeof(p));
	w_open(conf);
}

static void p_end(void)
{
	if (p.c)
		bb_tcp_close(p.c);
	p.c = NULL;
	bb_listener_close(p.l);
	bb_sim_settle();
	bb_buf_free(&p.in);
	w_close();
}

static void p_send(const char *text)
{
	ck_assert_int_eq(bb_tcp_send(p.c, text, strlen(text)), 0);
	bb_sim_settle();
}

#define OPTIONS(branch, length, body)                                                              \
	"OPTIONS sip:b@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.2:5071;branch=z9hG4bK" branch   \
	"\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: " branch                               \
	"\r\nCSeq: 1 OPTIONS\r\n" length "\r\n" body

static unsigned p_count(const char *what)
{
	unsigned n = 0;

	for (const char *at = bb_buf_cstr(&p.in); (at = strstr(at, what)); at++)
		n++;
	return n;
}

START_TEST(framing)
{
	static const char two[] =
		OPTIONS("a", "l: 5\r\n", "12345") OPTIONS("b", "Content-Length :\r\n 0\r\n", "");

	p_open(NULL);
	w.auto_reply = 200;
	p_connect();
	p_send(two);
	ck_assert_uint_eq(w_count(&w.user, "OPTIONS"), 2);
	ck_assert_uint_eq(p_count("SIP/2.0 200 OK\r\n"), 2);
	ck_assert_uint_eq(p.closed, 0);
	p_end();
}
END_TEST

START_TEST(byte_by_byte)
{
	static const char text[] = OPTIONS("a", "Content-Length: 3\r\n", "abc")
		OPTIONS("b", "Content-Length: 0\r\n", "");

	p_open(NULL);
	w.auto_reply = 200;
	p_connect();
	for (size_t i = 0; i < strlen(text); i++) {
		char one[2] = { text[i], 0 };

		p_send(one);
	}
	ck_assert_uint_eq(w_count(&w.user, "OPTIONS"), 2);
	ck_assert_uint_eq(p_count("SIP/2.0 200 OK\r\n"), 2);
	/* Nothing is retransmitted, and timer J is 0 on a stream. */
	bb_sim_settle();
	ck_assert_uint_eq(w_count(&w.user, "gone"), 2);
	p_end();
}
END_TEST

START_TEST(keep_alive)
{
	struct sip_stack_conf c;

	sip_stack_defaults(&c);
	p_open(&c);
	w.auto_reply = 200;
	p_connect();
	p_send("\r\n\r\n");
	ck_assert_str_eq(bb_buf_cstr(&p.in), "\r\n");
	bb_buf_free(&p.in);
	p_send("\r\n");
	ck_assert_uint_eq(p.in.l, 0);
	p_send("\r\n\r\n" OPTIONS("a", "l: 0\r\n", ""));
	ck_assert_int_eq(strncmp(bb_buf_cstr(&p.in), "\r\nSIP/2.0 200", 13), 0);
	p_end();
	sip_stack_defaults(&c);
	c.keep_alive = 30 * BB_SEC;
	p_open(&c);
	p_connect();
	p_send(OPTIONS("a", "l: 0\r\n", ""));
	bb_sim_advance(10 * BB_SEC); /* a 100 came at 3.5 s */
	bb_buf_free(&p.in);
	bb_sim_advance(23 * BB_SEC);
	ck_assert_uint_eq(p.in.l, 0);
	bb_sim_advance(BB_SEC);
	ck_assert_str_eq(bb_buf_cstr(&p.in), "\r\n\r\n");
	p_end();
}
END_TEST

START_TEST(closes_what_it_cannot_follow)
{
	p_open(NULL);
	p_connect();
	p_send(OPTIONS("a", "", ""));
	ck_assert_uint_eq(p_count("SIP/2.0 400 "), 1);
	ck_assert_uint_eq(p.closed, 1);
	ck_assert_uint_eq(w_count(&w.user, "closed"), 1);
	p_end();
	p_open(NULL);
	p_connect();
	for (int i = 0; i < 5000 && !p.closed; i++)
		p_send("X-Endless: 0123456789012345678901234567890123456789\r\n");
	ck_assert_uint_eq(p.closed, 1);
	p_end();
}
END_TEST

START_TEST(timeouts)
{
	struct sip_stack_conf c;

	p_open(NULL); /* says nothing */
	p_connect();
	bb_sim_advance(31900 * BB_MS);
	ck_assert_uint_eq(p.closed, 0);
	bb_sim_advance(200 * BB_MS);
	ck_assert_uint_eq(p.closed, 1);
	p_end();
	p_open(NULL); /* says half a message */
	w.auto_reply = 200;
	p_connect();
	p_send(OPTIONS("a", "l: 0\r\n", ""));
	bb_sim_advance(100 * BB_SEC);
	ck_assert_uint_eq(p.closed, 0);
	p_send("OPTIONS sip:");
	bb_sim_advance(33 * BB_SEC);
	ck_assert_uint_eq(p.closed, 1);
	p_end();
	sip_stack_defaults(&c);
	c.idle_timeout = 60 * BB_SEC;
	p_open(&c);
	w.auto_reply = 200;
	p_connect();
	p_send(OPTIONS("a", "l: 0\r\n", ""));
	bb_sim_advance(50 * BB_SEC);
	p_send(OPTIONS("b", "l: 0\r\n", ""));
	bb_sim_advance(59 * BB_SEC);
	ck_assert_uint_eq(p.closed, 0);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_uint_eq(p.closed, 1);
	p_end();
}
END_TEST

START_TEST(caps)
{
	struct sip_stack_conf c;
	struct bb_tcp *held[3];
	struct sip_stats st;

	sip_stack_defaults(&c);
	c.max_connections_per_source = 2;
	p_open(&c);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(bb_tcp_connect(&held[i], sip_transport_local(w.tcp), &p_ops, NULL),
				 0);
	bb_sim_settle();
	ck_assert_uint_eq(p.closed, 1);
	sip_stack_stats(w.stack, &st);
	ck_assert_uint_eq(st.conns, 2);
	ck_assert_uint_eq(st.conns_refused, 1);
	bb_sim_advance(40 * BB_SEC);
	ck_assert_uint_eq(p.closed, 3);
	p_end();
}
END_TEST

static void p_listen(void)
{
	ck_assert_int_eq(bb_tcp_listen(&p.l, bb_udp_local(w.peer), &p_listener, NULL), 0);
}

START_TEST(long_requests_and_reuse)
{
	p_open(NULL);
	p_listen();
	ck_assert_int_eq(w_request("INVITE", 1500), 0);
	ck_assert_int_eq(sip_ctrans_flow(w.ct)->type, SIP_TP_TCP);
	ck_assert_int_eq(w_request("OPTIONS", 1500), 0);
	bb_sim_advance(10 * BB_SEC);
	ck_assert_uint_eq(p.accepted, 1);
	ck_assert_uint_eq(p_count("INVITE sip:"), 1); /* no timer A on a stream */
	ck_assert_uint_eq(p_count("OPTIONS sip:"), 1);
	ck_assert_uint_eq(p_count("Via: SIP/2.0/TCP 10.0.0.1:5060;branch="), 2);
	ck_assert_uint_eq(w.wire.n, 0);
	/* The connection breaks: both are told at once. */
	bb_tcp_close(p.c);
	p.c = NULL;
	bb_sim_settle();
	ck_assert_uint_eq(w_count(&w.user, "gone"), 2);
	ck_assert_int_lt(w_last(&w.user, "gone")->err, 0);
	ck_assert_int_ne(w_last(&w.user, "gone")->err, -ETIMEDOUT);
	p_end();
}
END_TEST

START_TEST(response_after_the_connection_broke)
{
	struct bb_addr a;

	p_open(NULL);
	ck_assert_int_eq(bb_addr_parse(&a, BB_STR("127.0.0.1:5071")), 0);
	p_connect();
	a = *bb_tcp_local(p.c);
	bb_addr_set_port(&a, 5071);
	ck_assert_int_eq(bb_tcp_listen(&p.l, &a, &p_listener, NULL), 0);
	p_send(OPTIONS("a", "l: 0\r\n", ""));
	ck_assert_ptr_nonnull(w.st);
	bb_tcp_close(p.c);
	p.c = NULL;
	bb_sim_settle();
	/* Section 18.2.2: a new one, to the port of the Via. */
	ck_assert_int_eq(sip_strans_reply(w.st, 200, NULL), 0);
	bb_sim_settle();
	ck_assert_uint_eq(p.accepted, 1);
	ck_assert_uint_eq(p_count("SIP/2.0 200 OK"), 1);
	p_end();
}
END_TEST

START_TEST(flows)
{
	struct sip_flow f = { .type = SIP_TP_TCP };
	char sent_by[SIP_SENT_BY_TEXT];
	struct bb_buf b = { 0 };

	p_open(NULL);
	p_listen();
	f.remote = *bb_udp_local(w.peer);
	ck_assert_int_eq(sip_flow_prepare(w.stack, &f), 0);
	ck_assert(f.conn != 0 && sip_flow_alive(w.stack, &f));
	sip_flow_sent_by(w.stack, &f, sent_by);
	ck_assert_str_eq(sent_by, "10.0.0.1:5060");
	sip_flow_put_uri(&b, w.stack, &f, BB_STR("100"));
	ck_str_is(bb_buf_str(&b), "sip:100@10.0.0.1:5060;transport=tcp");
	bb_buf_free(&b);
	ck_assert(sip_stack_is_me(w.stack, BB_STR("10.0.0.1"), 0));
	ck_assert(sip_stack_is_me(w.stack, BB_STR("10.0.0.1"), 5060));
	ck_assert(!sip_stack_is_me(w.stack, BB_STR("10.0.0.1"), 5061));
	ck_assert(!sip_stack_is_me(w.stack, BB_STR("10.0.0.2"), 5060));
	ck_assert(!sip_stack_is_me(w.stack, BB_STR("example.com"), 0));
	bb_sim_settle();
	bb_tcp_close(p.c);
	p.c = NULL;
	bb_sim_settle();
	ck_assert(!sip_flow_alive(w.stack, &f));
	ck_assert_int_eq(sip_flow_prepare(w.stack, &f), -ENOTCONN);
	p_end();
}
END_TEST

START_TEST(behind_a_router)
{
	struct bb_cidr net;
	struct sip_transport_conf c = { .external_host = BB_STR("pbx.example.com"),
					.external_port = 6060,
					.local_nets = &net,
					.n_local_nets = 1 };
	struct sip_flow f = { .type = SIP_TP_UDP };
	char sent_by[SIP_SENT_BY_TEXT];

	p_open(NULL);
	ck_assert_int_eq(bb_cidr_parse(&net, BB_STR("10.0.0.0/8")), 0);
	c.name = BB_STR("udp");
	ck_assert_int_eq(sip_transport_update(w.udp, &c), 0);
	f.remote = *bb_udp_local(w.peer);
	ck_assert_int_eq(sip_flow_prepare(w.stack, &f), 0);
	sip_flow_sent_by(w.stack, &f, sent_by);
	ck_assert_str_eq(sent_by, "10.0.0.1:5060");
	ck_assert_int_eq(bb_addr_parse(&f.remote, BB_STR("192.0.2.1:5060")), 0);
	sip_flow_sent_by(w.stack, &f, sent_by);
	ck_assert_str_eq(sent_by, "pbx.example.com:6060");
	ck_assert(sip_stack_is_me(w.stack, BB_STR("PBX.example.com"), 6060));
	p_end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip streams");
	TCase *tc = tcase_create("tcp");

	tcase_add_test(tc, framing);
	tcase_add_test(tc, byte_by_byte);
	tcase_add_test(tc, keep_alive);
	tcase_add_test(tc, closes_what_it_cannot_follow);
	tcase_add_test(tc, timeouts);
	tcase_add_test(tc, caps);
	tcase_add_test(tc, long_requests_and_reuse);
	tcase_add_test(tc, response_after_the_connection_broke);
	tcase_add_test(tc, flows);
	tcase_add_test(tc, behind_a_router);
	suite_add_tcase(s, tc);
	return st_run(s);
}
