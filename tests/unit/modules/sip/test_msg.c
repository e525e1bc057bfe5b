/* SPDX-License-Identifier: BSD-3-Clause */
#include "sip_test.h"

static int parse(struct sip_msg **mp, const char *text, size_t len, struct sip_fault *f)
{
	return sip_msg_parse(mp, text, len, SIP_DATAGRAM, NULL, f);
}

#define HEAD                                                                                       \
	"Via: SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKx1;rport, SIP/2.0/TCP "                     \
	"other.example.com\r\n"                                                                    \
	"Via: SIP/2.0/UDP third.example.com;branch=z9hG4bKx3\r\n"                                  \
	"From: \"Alice \\\"A\\\" Smith\" <sip:alice@example.com;x=y>;tag=abc\r\n"                  \
	"To: <sip:bob@example.com>\r\n"                                                            \
	"Call-ID: 1@192.0.2.1\r\n"

START_TEST(names)
{
#define CHECK_NAME(id, name, compact, flags)                                                       \
	ck_assert_int_eq(sip_hdr_id_of(BB_STR(name)), SIP_HDR_##id);                               \
	ck_assert_str_eq(sip_hdr_name(SIP_HDR_##id), name);                                        \
	if (compact) {                                                                             \
		char c_[2] = { compact, 0 }, u_[2] = { (compact)-32, 0 };                          \
		ck_assert_int_eq(sip_hdr_id_of(bb_strz(c_)), SIP_HDR_##id);                        \
		ck_assert_int_eq(sip_hdr_id_of(bb_strz(u_)), SIP_HDR_##id);                        \
	}
	SIP_HDR_LIST(CHECK_NAME)
	ck_assert_int_eq(sip_hdr_id_of(BB_STR("cALL-iD")), SIP_HDR_CALL_ID);
	ck_assert_int_eq(sip_hdr_id_of(BB_STR("Call-IE")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_id_of(BB_STR("")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_id_of(BB_STR("z")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_id_of(BB_STR("X-Anything")), SIP_HDR_OTHER);
	for (unsigned m = SIP_INVITE; m < SIP_METHOD_N; m++)
		ck_assert_uint_eq(sip_method_of(bb_strz(sip_method_name(m))), m);
	ck_assert_int_eq(sip_method_of(BB_STR("invite")), SIP_UNKNOWN);
	ck_assert_str_eq(sip_reason_phrase(180), "Ringing");
	ck_assert_str_eq(sip_reason_phrase(100), "Trying");
	ck_assert_str_eq(sip_reason_phrase(608), "Rejected");
	ck_assert_str_eq(sip_reason_phrase(499), "Bad Request");
}
END_TEST

START_TEST(whole_request)
{
	static const char text[] =
		"\r\nINVITE sip:bob@example.com SIP/2.0\r\n" HEAD "CSeq: 7 INVITE\r\n"
		"m: <sip:a@h1>;q=0.5 , \"x, y\" <sip:b@h2,c> \r\n"
		"Contact: sip:c@h3;expires=60\r\n"
		"Supported:\r\n"
		"k: timer,\r\n  100rel ,replaces\r\n"
		"Max-Forwards: 12\r\n"
		"Subject: folded\r\n\tline\r\n"
		"X-One: 1\r\nx-one: 2\r\n"
		"Expires: 3600\r\n"
		"Session-Expires: 90;refresher=uac\r\n"
		"Content-Type: Application/SDP ; x=y\r\n"
		"Content-Length: 4\r\n\r\nbody and more";
	struct sip_nameaddr na;
	struct sip_values it;
	struct sip_fault f;
	struct sip_msg *m;
	struct bb_str v;
	uint32_t n;
	unsigned q;

	ck_assert_int_eq(parse(&m, text, sizeof(text) - 1, &f), 0);
	ck_assert(m->request && m->method == SIP_INVITE);
	ck_str_is(m->ruri.user, "bob");
	ck_str_is(m->via.host, "192.0.2.1");
	ck_assert_uint_eq(m->via.port, 5061);
	ck_str_is(m->via.branch, "z9hG4bKx1");
	ck_assert(m->via.has_rport && m->via.cookie && m->via.tp == SIP_TP_UDP);
	ck_str_is(m->from.tag, "abc");
	ck_str_is(m->from.display, "\"Alice \\\"A\\\" Smith\"");
	ck_assert_ptr_null(m->to.tag.p);
	ck_str_is(m->call_id, "1@192.0.2.1");
	ck_assert_uint_eq(m->cseq.number, 7);
	ck_assert_int_eq(m->max_forwards, 12);
	ck_str_is(m->body, "body");
	ck_str_is(sip_msg_value(m, SIP_HDR_SUBJECT), "folded  \tline");
	ck_assert(sip_ctype_is(sip_msg_value(m, SIP_HDR_CONTENT_TYPE), "application/sdp"));
	ck_assert(sip_msg_body_of(m, "application/sdp", &v));
	ck_assert(!sip_msg_body_of(m, "text/plain", &v));

	sip_values_init(&it, m, SIP_HDR_CONTACT);
	ck_assert_int_eq(sip_nameaddr_next(&it, &na), 1);
	ck_str_is(na.uri.user, "a");
	ck_assert_int_eq(sip_qvalue(na.params, &q), 0);
	ck_assert_uint_eq(q, 500);
	ck_assert_int_eq(sip_nameaddr_next(&it, &na), -EINVAL); /* the comma inside <> is no host */
	sip_values_init(&it, m, SIP_HDR_VIA);
	for (q = 0; sip_values_next(&it, &v) == 1; q++)
		;
	ck_assert_uint_eq(q, 3);
	ck_assert(sip_msg_has_token(m, SIP_HDR_SUPPORTED, "100REL"));
	ck_assert(sip_msg_has_token(m, SIP_HDR_SUPPORTED, "replaces"));
	ck_assert(!sip_msg_has_token(m, SIP_HDR_SUPPORTED, "path"));
	ck_str_is(sip_msg_hdr_named(m, BB_STR("X-One"), 1)->value, "2");
	ck_assert_ptr_null(sip_msg_hdr_named(m, BB_STR("X-One"), 2));
	ck_str_is(sip_msg_hdr_named(m, BB_STR("Contact"), 1)->value, "sip:c@h3;expires=60");
	/* The same of the text alone. */
	v = sip_msg_lines(m);
	ck_str_is(sip_lines_value(v, BB_STR("x-one"), 1), "2");
	ck_assert_ptr_null(sip_lines_value(v, BB_STR("X-One"), 2).p);
	ck_str_is(sip_lines_value(v, BB_STR("m"), 1), "sip:c@h3;expires=60");
	ck_assert(bb_str_eq(sip_lines_value(v, BB_STR("i"), 0), m->call_id));
	ck_assert(bb_str_eq(sip_lines_value(v, BB_STR("Subject"), 0),
			    sip_msg_hdr_named(m, BB_STR("Subject"), 0)->value));
	ck_str_is(bb_str_sub(v, v.l - 4, v.l), "\r\n\r\n");
	ck_assert_int_eq(sip_msg_seconds(m, SIP_HDR_EXPIRES, &n), 0);
	ck_assert_uint_eq(n, 3600);
	ck_assert_int_eq(sip_msg_seconds(m, SIP_HDR_SESSION_EXPIRES, &n), 0);
	ck_assert_uint_eq(n, 90);
	ck_assert_int_eq(sip_msg_seconds(m, SIP_HDR_MIN_SE, &n), -ENOENT);
	sip_msg_unref(m);
	ck_assert_uint_eq(bb_obj_live("sip_msg"), 0);
}
END_TEST

START_TEST(whole_response)
{
	static const char text[] = "SIP/2.0 180 Ringing now\r\n" HEAD "CSeq: 7 INVITE\r\n\r\n";
	struct sip_fault f;
	struct sip_msg *m;

	ck_assert_int_eq(parse(&m, text, sizeof(text) - 1, &f), 0);
	ck_assert(!m->request && m->status == 180 && m->method == SIP_INVITE);
	ck_str_is(m->reason, "Ringing now");
	sip_msg_unref(m);
}
END_TEST

/* What is wrong, and what is answered (0: nothing). */
static const struct {
	const char *text;
	unsigned code;
} broken[] = {
	{ "", 0 },
	{ "\r\n\r\n", 0 },
	{ "hello\r\n\r\n", 0 },
	{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0 },
	{ "INVITE sip:b@c SIP/2.0\r\n\r\n", 0 },
	{ "INVITE sip:b@c SIP/3.0\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 505 },
	{ "INVITE sip:b@c\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 0 },
	{ "INVITE sip:b@c sip:d SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 400 },
	{ "IN/VITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 BYE\r\n\r\n", 400 },
	{ "ACK sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 BYE\r\n\r\n", 0 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 2147483648 INVITE\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nCSeq: 1 INVITE\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nMax-Forwards: 256\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nl: 1\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nl: 0\r\nl: 1\r\n\r\nx", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nl: -1\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nl: 99999999999999999999\r\n\r\n",
	  400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nno colon here\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n: no name\r\n\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n", 400 },
	{ "INVITE sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\nX: a\rVia: b\r\n\r\n", 400 },
	{ "SIP/2.0 99 x\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 0 },
	{ "SIP/2.0 700 x\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 0 },
	{ "SIP/2.0 2000 x\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n", 0 },
	{ "SIP/2.0 200 OK\r\n" HEAD "\r\n", 0 },
};

START_TEST(refuses)
{
	struct sip_fault f;
	struct sip_msg *m;
	int err = parse(&m, broken[_i].text, strlen(broken[_i].text), &f);

	ck_assert_int_eq(err, -EBADMSG);
	ck_assert_msg(f.code == broken[_i].code, "%u instead of %u: %s", f.code, broken[_i].code,
		      broken[_i].text);
	ck_assert_ptr_nonnull(f.text);
	ck_assert_int_eq(m != NULL, f.code != 0);
	sip_msg_unref(m);
}
END_TEST

START_TEST(bounds)
{
	struct bb_buf b = { 0 };
	struct sip_fault f;
	struct sip_msg *m;

	bb_buf_puts(&b, "OPTIONS sip:b@c SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\n");
	for (unsigned i = 0; i < SIP_MAX_HEADERS; i++)
		bb_buf_puts(&b, "X: y\r\n");
	bb_buf_puts(&b, "\r\n");
	ck_assert_int_eq(parse(&m, b.p, b.l, &f), -EBADMSG);
	ck_assert_uint_eq(f.code, 400);
	sip_msg_unref(m);
	while (b.l <= SIP_MAX_MESSAGE)
		bb_buf_puts(&b, "more bytes than a message may have ");
	ck_assert_int_eq(parse(&m, b.p, b.l, &f), -EBADMSG);
	ck_assert_uint_eq(f.code, 0);
	ck_assert_ptr_null(m);
	bb_buf_free(&b);
}
END_TEST

START_TEST(via_values)
{
	static const struct {
		const char *text;
		const char *host;
		unsigned port;
		const char *branch, *received;
	} good[] = {
		{ "SIP  / 2.0  / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8",
		  "spindle.example.com", 0, "z9hG4bK9ikj8", NULL },
		{ "SIP/2.0/UDP [2001:db8::9:1]:5070;received=[2001:db8::9:255];branch=z9hG4bKas3",
		  "2001:db8::9:1", 5070, "z9hG4bKas3", "2001:db8::9:255" },
		{ "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3",
		  "2001:db8::9:1", 0, "z9hG4bKas3", "2001:db8::9:255" },
		{ "SIP/2.0/UNKNOWN h : 5 ;x", "h", 5, NULL, NULL },
	};
	static const char *const wrong[] = {
		"SIP/2.0 h",	    "SIP/2.0/UDP",     "SIP/2.0/UDP ",
		"SIP/3.0/UDP h",    "HTTP/2.0/UDP h",  "SIP/2.0/UDP h:0",
		"SIP/2.0/UDP h:",   "SIP/2.0/UDP h;",  "SIP/2.0/UDP h;;x",
		"SIP/2.0/UDP [1::", "SIP/2.0/UDP a b", "SIP/2.0/UDP h;rport=99999",
	};
	struct sip_via v;

	for (size_t i = 0; i < BB_ARRAY_SIZE(good); i++) {
		ck_assert_msg(sip_via_parse(&v, bb_strz(good[i].text)) == 0, "%s", good[i].text);
		ck_str_is(v.host, good[i].host);
		ck_assert_uint_eq(v.port, good[i].port);
		ck_assert(bb_str_eq(v.branch, bb_strz(good[i].branch)));
		ck_assert(bb_str_eq(v.received, bb_strz(good[i].received)));
	}
	for (size_t i = 0; i < BB_ARRAY_SIZE(wrong); i++)
		ck_assert_msg(sip_via_parse(&v, bb_strz(wrong[i])) == -EINVAL, "%s", wrong[i]);
}
END_TEST

START_TEST(nameaddr_values)
{
	static const struct {
		const char *text, *display, *user, *tag, *params;
	} good[] = {
		{ "sip:a@b", "", "a", NULL, "" },
		{ "sip:a@b;tag=x;y=z", "", "a", "x", "tag=x;y=z" },
		{ "<sip:a@b;tag=no>;tag=x", "", "a", "x", "tag=x" },
		{ "A. G. Bell <sip:a@b> ;tag=x", "A. G. Bell", "a", "x", "tag=x" },
		{ "caller<sip:a@b>", "caller", "a", NULL, "" },
		{ "\"a, <b>; \\\"c\" <sip:a@b>", "\"a, <b>; \\\"c\"", "a", NULL, "" },
		{ "\"\" < sip:a@b >", "\"\"", "a", NULL, "" },
	};
	static const char *const wrong[] = {
		"",
		"\"open <sip:a@b>",
		"<sip:a@b",
		"sip:a@b?x=y",
		"<sip:a@b>x",
		"<sip:a@b>;",
		"sip:a@b;tag=1;tag=2",
		"a, b <sip:a@b>",
		"\"q\" sip:a@b",
		"<sip:a@b>;tag=\"q\"",
		"<>",
	};
	struct sip_nameaddr na;

	for (size_t i = 0; i < BB_ARRAY_SIZE(good); i++) {
		ck_assert_msg(sip_nameaddr_parse(&na, bb_strz(good[i].text)) == 0, "%s",
			      good[i].text);
		ck_str_is(na.display, good[i].display);
		ck_str_is(na.uri.user, good[i].user);
		ck_assert(bb_str_eq(na.tag, bb_strz(good[i].tag)));
		ck_str_is(na.params, good[i].params);
	}
	for (size_t i = 0; i < BB_ARRAY_SIZE(wrong); i++)
		ck_assert_msg(sip_nameaddr_parse(&na, bb_strz(wrong[i])) == -EINVAL, "%s",
			      wrong[i]);
	ck_assert_int_eq(sip_nameaddr_parse(&na, BB_STR("*")), 0);
	ck_assert(na.star);
}
END_TEST

static int read_auth(const char *text, struct bb_str v[4])
{
	const struct sip_auth_param want[] = { { BB_STR("username"), &v[0] },
					       { BB_STR("realm"), &v[1] },
					       { BB_STR("nc"), &v[2] },
					       { BB_STR("nonce"), &v[3] } };
	struct bb_str scheme;

	return sip_auth_read(bb_strz(text), &scheme, want, BB_ARRAY_SIZE(want));
}

START_TEST(credentials)
{
	struct bb_str v[4];

	ck_assert_int_eq(read_auth("Digest  USERNAME=\"a, b\" ,realm = \"x\\\"y\",algorithm=MD5, "
				   "nc=00000001, nc=2",
				   v),
			 0);
	ck_str_is(v[0], "a, b");
	ck_str_is(v[1], "x\\\"y");
	ck_str_is(v[2], "00000001");
	ck_assert(!v[3].p);
	ck_assert_int_eq(read_auth("Digest username=\"a", v), -EINVAL);
	ck_assert_int_eq(read_auth("Digest username", v), -EINVAL);
	ck_assert_int_eq(read_auth("Digest =\"a\"", v), -EINVAL);
	ck_assert_int_eq(read_auth("Digest username=\"a\" x", v), -EINVAL);
	ck_assert_int_eq(read_auth("Digest username=\"a\", ", v), -EINVAL);
	ck_assert_int_eq(read_auth("Digest,username=\"a\"", v), -EINVAL);
	ck_assert_int_eq(read_auth("NoOneKnowsThisScheme opaque-data=here", v), 0);
	ck_assert(!v[0].p);
	ck_assert_int_eq(read_auth("Digest username=", v), 0);
	ck_str_is(v[0], "");
}
END_TEST

START_TEST(other_values)
{
	struct sip_reason_value r;
	struct sip_rack rack;
	struct bb_str v, rest;
	uint32_t n = 0;
	unsigned q;

	ck_assert_int_eq(sip_reason_parse(&r, BB_STR("Q.850 ;cause=16 ;text=\"Terminated; x\"")),
			 0);
	ck_str_is(r.protocol, "Q.850");
	ck_assert_uint_eq(r.cause, 16);
	ck_str_is(r.text, "Terminated; x");
	ck_assert_int_eq(sip_reason_parse(&r, BB_STR("Q.850;cause=x")), -EINVAL);
	ck_assert_int_eq(sip_rack_parse(&rack, BB_STR("776656 1 INVITE")), 0);
	ck_assert_uint_eq(rack.rseq, 776656);
	ck_assert_int_eq(rack.cseq.method, SIP_INVITE);
	ck_assert_int_eq(sip_rack_parse(&rack, BB_STR("776656 INVITE")), -EINVAL);
	ck_assert_int_eq(sip_seconds(BB_STR("99999999999999999999"), &n), -ERANGE);
	ck_assert_uint_eq(n, UINT32_MAX);
	ck_assert_int_eq(sip_seconds(BB_STR("-1"), &n), -EINVAL);
	ck_assert_int_eq(sip_qvalue(BB_STR("q=1.001"), &q), -EINVAL);
	ck_assert_int_eq(sip_qvalue(BB_STR("q=0.333"), &q), 0);
	ck_assert_uint_eq(q, 333);
	rest = BB_STR("a,,b");
	ck_assert_int_eq(sip_value_cut(&rest, &v), 1);
	ck_assert_int_eq(sip_value_cut(&rest, &v), -EINVAL);
	rest = BB_STR("a,");
	ck_assert_int_eq(sip_value_cut(&rest, &v), -EINVAL);
}
END_TEST

START_TEST(multipart)
{
	struct bb_buf b = { 0 };
	struct sip_fault f;
	struct sip_msg *m;
	struct bb_str v;

	st_read(&b, "torture/rfc4475/mpart01.dat");
	ck_assert_int_eq(parse(&m, b.p, b.l, &f), 0);
	ck_assert(sip_msg_body_of(m, "text/plain", &v));
	ck_str_is(v, "Hello");
	ck_assert(!sip_msg_body_of(m, "application/sdp", &v));
	sip_msg_unref(m);
	bb_buf_free(&b);
}
END_TEST

START_TEST(checks)
{
	static const char *const supported[] = { "timer", "100rel", NULL };
	struct bb_buf b = { 0 }, u = { 0 };
	struct sip_fault f;
	struct sip_msg *m;

	st_read(&b, "torture/rfc4475/bext01.dat");
	ck_assert_int_eq(parse(&m, b.p, b.l, &f), 0);
	ck_assert_int_eq(sip_msg_check(m, supported, &u, &f), -EBADMSG);
	ck_assert_uint_eq(f.code, 420);
	ck_str_is(bb_buf_str(&u), "nothingSupportsThis, nothingSupportsThisEither");
	sip_msg_unref(m);
	bb_buf_free(&b);
	bb_buf_free(&u);
	st_read(&b, "torture/rfc4475/unkscm.dat");
	ck_assert_int_eq(parse(&m, b.p, b.l, &f), 0);
	ck_assert_int_eq(sip_msg_check(m, supported, NULL, &f), -EBADMSG);
	ck_assert_uint_eq(f.code, 416);
	sip_msg_unref(m);
	bb_buf_free(&b);
}
END_TEST

/* Every torture message, by the parser and the stateless checks alone. */
START_TEST(torture)
{
	struct st_torture *rows;
	size_t n = st_torture_rows(&rows), bad = 0;

	ck_assert_uint_ge(n, 61);
	for (size_t i = 0; i < n; i++) {
		char name[160], got[16] = "accept";
		struct bb_buf b = { 0 };
		struct sip_fault f;
		struct sip_msg *m;
		int err;

		snprintf(name, sizeof(name), "torture/%s", rows[i].file);
		st_read(&b, name);
		err = parse(&m, b.p, b.l, &f);
		if (!err && m->request)
			err = sip_msg_check(m, NULL, NULL, &f);
		else if (!err)
			snprintf(got, sizeof(got), "drop"); /* matches no transaction */
		if (err)
			snprintf(got, sizeof(got), f.code ? "%u" : "drop", f.code);
		if (!st_wanted(&rows[i], got)) {
			fprintf(stderr, "%s: %s (%s), wanted %s\n", rows[i].name, got,
				f.text ? f.text : "", rows[i].wanted);
			bad++;
		}
		sip_msg_unref(m);
		bb_buf_free(&b);
	}
	free(rows);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_eq(bb_obj_live("sip_msg"), 0);
}
END_TEST

/* Each allocation of parsing fails in turn: -ENOMEM, and nothing is left. */
START_TEST(out_of_memory)
{
	struct bb_buf b = { 0 };
	struct sip_fault f;
	struct sip_msg *m;
	int err = -ENOMEM;

	st_read(&b, "torture/rfc4475/longreq.dat");
	for (unsigned long at = 1; err; at++) {
		ck_assert_uint_lt(at, 100);
		bb_mem_fail_at(at);
		err = parse(&m, b.p, b.l, &f);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		if (err)
			ck_assert_ptr_null(m);
		ck_assert_uint_eq(bb_obj_live("sip_msg"), err == 0);
	}
	sip_msg_unref(m);
	bb_buf_free(&b);
}
END_TEST

/* An ordinary message costs two allocations. */
START_TEST(allocations)
{
	struct bb_buf b = { 0 };
	struct sip_fault f;
	struct sip_msg *m;
	unsigned long n;

	st_read(&b, "torture/rfc4475/sdp01.dat");
	parse(&m, b.p, b.l, &f);
	sip_msg_unref(m);
	bb_mem_fail_at(0);
	n = bb_mem_fail_at(0);
	ck_assert_int_eq(parse(&m, b.p, b.l, &f), 0);
	n = bb_mem_fail_at(0) - n;
	ck_assert_uint_le(n, 2);
	sip_msg_unref(m);
	bb_buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip msg");
	TCase *tc = tcase_create("msg");

	tcase_add_test(tc, names);
	tcase_add_test(tc, whole_request);
	tcase_add_test(tc, whole_response);
	tcase_add_loop_test(tc, refuses, 0, BB_ARRAY_SIZE(broken));
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, via_values);
	tcase_add_test(tc, nameaddr_values);
	tcase_add_test(tc, credentials);
	tcase_add_test(tc, other_values);
	tcase_add_test(tc, multipart);
	tcase_add_test(tc, checks);
	tcase_add_test(tc, torture);
	tcase_add_test(tc, out_of_memory);
	tcase_add_test(tc, allocations);
	suite_add_tcase(s, tc);
	return st_run(s);
}
