/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two stacks over real sockets of the loopback: UDP and TCP, IPv4 and IPv6,
 * bound to an address and to any.
 */
#include "core/loop/loop_core.h"
#include "modules/sip/trans.h"
#include "sip_test.h"

static const struct {
	enum sip_tp type;
	const char *bind;
} ways[] = {
	{ SIP_TP_UDP, "127.0.0.1:0" }, { SIP_TP_UDP, "0.0.0.0:0" },   { SIP_TP_UDP, "[::1]:0" },
	{ SIP_TP_UDP, "[::]:0" },      { SIP_TP_TCP, "127.0.0.1:0" }, { SIP_TP_TCP, "0.0.0.0:0" },
	{ SIP_TP_TCP, "[::1]:0" },
};

static struct sip_stack *a, *b;
static char asked[SIP_SENT_BY_TEXT];
static unsigned status;

static void b_request(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	char text[BB_ADDR_TEXT];

	/* The Via names where the request came from, wildcard or not. */
	bb_addr_print_host(&m->flow.local, text);
	ck_str_is(m->via.host, text);
	snprintf(asked, sizeof(asked), "%.*s", BB_FMT(m->ruri_text));
	sip_strans_reply_body(st, 200, NULL, BB_STR("Supported: x\r\n"), "text/plain",
			      BB_STR("here"));
}

static void a_response(struct sip_ctrans *ct, struct sip_msg *m, void *arg)
{
	status = m->status;
	ck_str_is(m->body, "here");
	ck_assert(sip_msg_has_token(m, SIP_HDR_SUPPORTED, "x"));
	sip_ctrans_detach(ct);
	bb_loop_stop();
}

static void expired(void *arg)
{
	ck_abort_msg("no answer came");
}

static struct sip_transport *open_one(struct sip_stack **s, const struct sip_stack_ops *ops, int i)
{
	struct sip_transport_conf tc = { .type = ways[i].type, .name = BB_STR("t") };
	struct sip_stack_conf conf;
	struct sip_transport *t;

	sip_stack_defaults(&conf);
	ck_assert_int_eq(sip_stack_new(s, &conf, ops, NULL), 0);
	ck_assert_int_eq(bb_addr_parse(&tc.bind, bb_strz(ways[i].bind)), 0);
	ck_assert_int_eq(sip_transport_open(&t, *s, &tc), 0);
	return t;
}

START_TEST(asks_and_answers)
{
	static const struct sip_stack_ops a_ops = { 0 }, b_ops = { .request = b_request };
	static const struct sip_ctrans_ops ops = { .response = a_response };
	struct bb_loop_options opt = { 0 };
	struct sip_flow to = { .type = ways[_i].type };
	struct bb_timer guard = { 0 };
	struct bb_buf req = { 0 };
	struct sip_transport *t;

	ck_assert_int_eq(bb_loop_init(&opt), 0);
	open_one(&a, &a_ops, _i);
	t = open_one(&b, &b_ops, _i);
	to.remote = *sip_transport_local(t);
	if (bb_addr_is_any(&to.remote))
		ck_assert_int_eq(bb_addr_from(&to.remote,
					      bb_addr_family(&to.remote) == AF_INET6
						      ? BB_STR("::1")
						      : BB_STR("127.0.0.1"),
					      bb_addr_port(&to.remote)),
				 0);
	sip_request_begin(&req, &(struct sip_request){ .method = SIP_OPTIONS,
						       .uri = BB_STR("sip:b"),
						       .from = BB_STR("<sip:a>;tag=1"),
						       .to = BB_STR("<sip:b>"),
						       .call_id = BB_STR("x"),
						       .cseq = 1 });
	sip_put_body(&req, NULL, BB_STR(""));
	ck_assert_int_eq(sip_ctrans_new(NULL, a, &to, &req, &ops, NULL), 0);
	bb_timer_set(&guard, 10 * BB_SEC, expired, NULL);
	bb_loop_run();
	bb_timer_cancel(&guard);
	ck_assert_uint_eq(status, 200);
	ck_assert_str_eq(asked, "sip:b");
	sip_stack_free(a);
	sip_stack_free(b);
	ck_assert_uint_eq(bb_loop_close(), 0);
}
END_TEST

static void gone(struct sip_ctrans *ct, int err, void *arg)
{
	status = (unsigned)-err;
	bb_loop_stop();
}

/* Nobody there: ICMP, or a refused connection, ends it long before timer F. */
START_TEST(nobody_there)
{
	static const struct sip_stack_ops a_ops = { 0 };
	static const struct sip_ctrans_ops ops = { .gone = gone };
	struct bb_loop_options opt = { 0 };
	struct sip_flow to = { .type = ways[_i].type };
	struct bb_timer guard = { 0 };
	struct bb_buf req = { 0 };
	struct sip_transport *t;

	ck_assert_int_eq(bb_loop_init(&opt), 0);
	open_one(&a, &a_ops, _i);
	t = open_one(&b, &a_ops, _i);
	to.remote = *sip_transport_local(t); /* a port that was free a moment ago */
	sip_stack_free(b);
	bb_buf_puts(&req, "OPTIONS sip:x SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n");
	ck_assert_int_eq(sip_ctrans_new(NULL, a, &to, &req, &ops, NULL), 0);
	bb_timer_set(&guard, 10 * BB_SEC, expired, NULL);
	bb_loop_run();
	bb_timer_cancel(&guard);
	ck_assert_int_eq(status, ECONNREFUSED);
	sip_stack_free(a);
	ck_assert_uint_eq(bb_loop_close(), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip over real sockets");
	TCase *tc = tcase_create("real");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, asks_and_answers, 0, BB_ARRAY_SIZE(ways));
	tcase_add_loop_test(tc, nobody_there, 0, 1);
	tcase_add_loop_test(tc, nobody_there, 4, 5);
	suite_add_tcase(s, tc);
	return st_run(s);
}
