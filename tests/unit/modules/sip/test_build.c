/* SPDX-License-Identifier: BSD-3-Clause */
#include "sip_test.h"

static const char invite[] =
	"INVITE sip:bob@example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKx1;rport;x=y, SIP/2.0/TCP second\r\n"
	"Via: SIP/2.0/UDP third;branch=z9hG4bKx3\r\n"
	"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n"
	"Route: <sip:r1;lr>\r\n"
	"From: Alice <sip:alice@example.com>;tag=abc\r\n"
	"To: <sip:bob@example.com>\r\n"
	"Call-ID: 1@10.0.0.1\r\n"
	"Timestamp: 54\r\n"
	"CSeq: 7 INVITE\r\n"
	"Content-Length: 0\r\n\r\n";

static struct sip_msg *parse(struct bb_str text, const struct sip_flow *flow)
{
	struct sip_fault f;
	struct sip_msg *m;

	ck_assert_msg(sip_msg_parse(&m, text.p, text.l, SIP_STREAM, flow, &f) == 0, "%s\n%.*s",
		      f.text, BB_FMT(text));
	return m;
}

START_TEST(reply)
{
	struct sip_flow flow = { .type = SIP_TP_UDP };
	struct bb_buf b = { 0 };
	struct sip_msg *m, *r;

	ck_assert_int_eq(bb_addr_parse(&flow.remote, BB_STR("192.0.2.9:1024")), 0);
	m = parse(bb_strz(invite), &flow);
	sip_reply_begin(&b, m, 180, NULL, BB_STR("mine"));
	sip_put_hdr(&b, SIP_HDR_REASON, BB_STR("evil\r\nVia: injected"));
	sip_put_body(&b, "text/plain", BB_STR("hi"));
	r = parse(bb_buf_str(&b), NULL);
	ck_assert_uint_eq(r->status, 180);
	ck_str_is(r->reason, "Ringing");
	ck_str_is(r->via.received, "192.0.2.9");
	ck_assert_uint_eq(r->via.rport, 1024);
	ck_str_is(sip_msg_value(r, SIP_HDR_VIA),
		  "SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKx1;x=y;received=192.0.2.9;rport=1024, "
		  "SIP/2.0/TCP second");
	ck_str_is(sip_msg_hdr_next(r, sip_msg_hdr(r, SIP_HDR_VIA))->value,
		  "SIP/2.0/UDP third;branch=z9hG4bKx3");
	ck_str_is(r->to.tag, "mine");
	ck_str_is(r->from.tag, "abc");
	ck_str_is(sip_msg_value(r, SIP_HDR_RECORD_ROUTE), "<sip:p1;lr>, <sip:p2;lr>");
	ck_str_is(sip_msg_value(r, SIP_HDR_REASON), "evil  Via: injected");
	ck_str_is(r->body, "hi");
	ck_assert_ptr_null(sip_msg_value(r, SIP_HDR_TIMESTAMP).p);
	sip_msg_unref(r);
	bb_buf_free(&b);

	sip_reply_begin(&b, m, 100, NULL, BB_STR("mine"));
	sip_put_body(&b, NULL, BB_STR(""));
	r = parse(bb_buf_str(&b), NULL);
	ck_assert_ptr_null(r->to.tag.p);
	ck_str_is(sip_msg_value(r, SIP_HDR_TIMESTAMP), "54");
	sip_msg_unref(r);
	bb_buf_free(&b);

	sip_reply_begin(&b, m, 404, "No\r\nsuch", BB_STR("mine"));
	sip_put_body(&b, NULL, BB_STR(""));
	r = parse(bb_buf_str(&b), NULL);
	ck_str_is(r->reason, "No  such");
	ck_assert_ptr_null(sip_msg_value(r, SIP_HDR_RECORD_ROUTE).p);
	sip_msg_unref(r);
	bb_buf_free(&b);
	sip_msg_unref(m);
}
END_TEST

START_TEST(no_received_for_the_same_address)
{
	struct sip_flow flow = { .type = SIP_TP_UDP };
	struct bb_buf b = { 0 }, t = { 0 };
	struct sip_msg *m;

	ck_assert_int_eq(bb_addr_parse(&flow.remote, BB_STR("[2001:db8::1]:5062")), 0);
	bb_buf_puts(&t,
		    "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP [2001:DB8:0::1];branch=z9hG4bKq\r\n"
		    "From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
		    "l: 0\r\n\r\n");
	m = parse(bb_buf_str(&t), &flow);
	sip_reply_begin(&b, m, 200, NULL, BB_STR("other"));
	ck_assert_int_ge(
		bb_str_find(bb_buf_str(&b),
			    BB_STR("Via: SIP/2.0/UDP [2001:DB8:0::1];branch=z9hG4bKq\r\n")),
		0);
	ck_assert_int_lt(bb_str_find(bb_buf_str(&b), BB_STR("other")), 0);
	bb_buf_free(&b);
	bb_buf_free(&t);
	sip_msg_unref(m);
}
END_TEST

START_TEST(followers)
{
	static const char rsp[] =
		"SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx1\r\n"
		"From: Alice <sip:alice@example.com>;tag=abc\r\n"
		"To: <sip:bob@example.com>;tag=theirs\r\nCall-ID: 1@10.0.0.1\r\n"
		"CSeq: 7 INVITE\r\nl: 0\r\n\r\n";
	struct sip_msg *m = parse(bb_strz(invite), NULL), *r = parse(bb_strz(rsp), NULL), *x;
	struct bb_buf b = { 0 };

	ck_assert_int_eq(sip_ack_from(&b, m, r), 0);
	x = parse(bb_buf_str(&b), NULL);
	ck_assert_int_eq(x->method, SIP_ACK);
	ck_str_is(x->to.tag, "theirs");
	ck_str_is(x->ruri_text, "sip:bob@example.com");
	ck_str_is(x->via.branch, "z9hG4bKx1");
	ck_assert_ptr_null(sip_msg_hdr_next(x, sip_msg_hdr(x, SIP_HDR_VIA)));
	ck_str_is(sip_msg_value(x, SIP_HDR_ROUTE), "<sip:r1;lr>");
	ck_assert_uint_eq(x->cseq.number, 7);
	sip_msg_unref(x);
	bb_buf_free(&b);
	ck_assert_int_eq(sip_cancel_from(&b, m, BB_STR("SIP;cause=200")), 0);
	x = parse(bb_buf_str(&b), NULL);
	ck_assert_int_eq(x->method, SIP_CANCEL);
	ck_assert_ptr_null(x->to.tag.p);
	ck_str_is(sip_msg_value(x, SIP_HDR_REASON), "SIP;cause=200");
	sip_msg_unref(x);
	bb_buf_free(&b);
	sip_msg_unref(m);
	sip_msg_unref(r);
}
END_TEST

static int request(struct bb_buf *b)
{
	struct bb_str routes[] = { BB_STR("<sip:r1;lr>"), BB_STR("<sip:r2;lr>") };

	sip_request_begin(b, &(struct sip_request){
				     .method = SIP_OPTIONS,
				     .uri = BB_STR("sip:bob@example.com"),
				     .from = BB_STR("<sip:a@b>;tag=x"),
				     .to = BB_STR("<sip:c@d>"),
				     .call_id = BB_STR("id"),
				     .cseq = 3,
				     .max_forwards = 70,
				     .routes = routes,
				     .n_routes = 2,
			     });
	sip_put_hdrf(b, SIP_HDR_CONTACT, "<sip:%s@h>", "me\r\n");
	sip_put_body(b, NULL, bb_strn("", 0));
	return b->err;
}

START_TEST(requests)
{
	struct bb_buf b = { 0 };

	ck_assert_int_eq(request(&b), 0);
	ck_str_is(bb_buf_str(&b),
		  "OPTIONS sip:bob@example.com SIP/2.0\r\nRoute: <sip:r1;lr>\r\nRoute: "
		  "<sip:r2;lr>\r\n"
		  "Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=x\r\nTo: <sip:c@d>\r\nCall-ID: id\r\n"
		  "CSeq: 3 OPTIONS\r\nContact: <sip:me  @h>\r\nContent-Length: 0\r\n\r\n");
	bb_buf_free(&b);
}
END_TEST

START_TEST(out_of_memory)
{
	struct bb_buf b = { 0 };
	int err = -ENOMEM;

	for (unsigned long at = 1; err; at++) {
		ck_assert_uint_lt(at, 100);
		bb_mem_fail_at(at);
		err = request(&b);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		bb_buf_free(&b);
	}
}
END_TEST

START_TEST(ids)
{
	char a[SIP_TAG_TEXT], b[SIP_TAG_TEXT];

	sip_new_branch(a, "node1");
	sip_new_branch(b, "node1");
	ck_assert_str_ne(a, b);
	ck_assert(bb_str_starts(bb_strz(a), BB_STR("z9hG4bKnode1")));
	sip_new_tag(a, "a node name that is much too long for it");
	ck_assert_uint_eq(strlen(a), 15 + 20);
	ck_assert(sip_is_token(bb_strz(b)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip build");
	TCase *tc = tcase_create("build");

	tcase_add_test(tc, reply);
	tcase_add_test(tc, no_received_for_the_same_address);
	tcase_add_test(tc, followers);
	tcase_add_test(tc, requests);
	tcase_add_test(tc, out_of_memory);
	tcase_add_test(tc, ids);
	suite_add_tcase(s, tc);
	return st_run(s);
}
