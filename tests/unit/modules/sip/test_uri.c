/* SPDX-License-Identifier: BSD-3-Clause */
#include "sip_test.h"

static const struct {
	const char *text;
	enum sip_scheme scheme;
	const char *user, *password, *host;
	unsigned port;
	const char *params, *headers;
} good[] = {
	{ "sip:alice@atlanta.com", SIP_SCHEME_SIP, "alice", NULL, "atlanta.com", 0, "", "" },
	{ "SIP:alice:secret@atlanta.com;transport=tcp", SIP_SCHEME_SIP, "alice", "secret",
	  "atlanta.com", 0, "transport=tcp", "" },
	{ "sips:alice@atlanta.com?subject=project%20x&priority=urgent", SIP_SCHEME_SIPS, "alice",
	  NULL, "atlanta.com", 0, "", "subject=project%20x&priority=urgent" },
	{ "sip:+1-212-555-1212:1234@gateway.com:5080;user=phone", SIP_SCHEME_SIP, "+1-212-555-1212",
	  "1234", "gateway.com", 5080, "user=phone", "" },
	{ "sip:alice;day=tuesday@atlanta.com", SIP_SCHEME_SIP, "alice;day=tuesday", NULL,
	  "atlanta.com", 0, "", "" },
	{ "sip:user;par=u%40example.net@example.com", SIP_SCHEME_SIP, "user;par=u%40example.net",
	  NULL, "example.com", 0, "", "" },
	{ "sip:[2001:db8::9:1]", SIP_SCHEME_SIP, NULL, NULL, "2001:db8::9:1", 0, "", "" },
	{ "sip:u@[2001:db8::10:5070]:5071;lr", SIP_SCHEME_SIP, "u", NULL, "2001:db8::10:5070", 5071,
	  "lr", "" },
	{ "sip:*72#@192.0.2.1", SIP_SCHEME_SIP, "*72#", NULL, "192.0.2.1", 0, "", "" },
	{ "tel:+1-201-555-0123;phone-context=x", SIP_SCHEME_TEL, "+1-201-555-0123", NULL, "", 0,
	  "phone-context=x", "" },
	{ "soap.beep://192.0.2.103:3002", SIP_SCHEME_OTHER, NULL, NULL, "", 0, "", "" },
	{ "urn:service:sos", SIP_SCHEME_OTHER, NULL, NULL, "", 0, "", "" },
};

static const char *const bad[] = {
	"",
	"sip",
	"sip:",
	":x",
	"sip:@host",
	"sip:a@",
	"sip:a@b c",
	"sip:a b@c",
	"<sip:a@b>",
	"sip:a@b:0",
	"sip:a@b:65536",
	"sip:a@b:x",
	"sip:a@b;",
	"sip:a@b;;x",
	"sip:a@b?",
	"sip:a%4@b",
	"sip:a%zz@b",
	"sip:2001:db8::10",
	"sip:[2001:db8::10",
	"sip:[2001:db8::10]x",
	"sip:[1.2.3.4]",
	"sip:a@b\r\nVia: x",
	"tel:",
	"tel:abc xyz",
	"sip:a@.b",
};

START_TEST(reads)
{
	struct sip_uri u;

	ck_assert_msg(sip_uri_parse(&u, bb_strz(good[_i].text)) == 0, "%s", good[_i].text);
	ck_assert_int_eq(u.scheme, good[_i].scheme);
	if (good[_i].user)
		ck_str_is(u.user, good[_i].user);
	else
		ck_assert_ptr_null(u.user.p);
	if (good[_i].password)
		ck_str_is(u.password, good[_i].password);
	else
		ck_assert_ptr_null(u.password.p);
	ck_str_is(u.host, good[_i].host);
	ck_assert_uint_eq(u.port, good[_i].port);
	ck_str_is(u.params, good[_i].params);
	ck_str_is(u.headers, good[_i].headers);
}
END_TEST

START_TEST(refuses)
{
	struct sip_uri u;

	ck_assert_msg(sip_uri_parse(&u, bb_strz(bad[_i])) == -EINVAL, "taken: %s", bad[_i]);
}
END_TEST

/* The sets of RFC 3261 section 19.1.4, and a few more. */
static const struct {
	const char *a, *b;
	bool equal;
} pairs[] = {
	{ "sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true },
	{ "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true },
	{ "sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true },
	{ "sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true },
	{ "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
	  "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true },
	{ "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
	  "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true },
	{ "SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false },
	{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false },
	{ "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false },
	{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false },
	{ "sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false },
	{ "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false },
	{ "sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false },
	{ "sip:a@b", "sips:a@b", false },
	{ "sip:b", "sip:a@b", false },
	{ "sip:a:x@b", "sip:a@b", false },
	{ "sip:a%3Bb@c", "sip:a;b@c", false },
	{ "sip:null-%00-null@a", "sip:null-@a", false },
	{ "tel:+1", "tel:+1", true },
};

START_TEST(compares)
{
	struct sip_uri a, b;

	ck_assert_int_eq(sip_uri_parse(&a, bb_strz(pairs[_i].a)), 0);
	ck_assert_int_eq(sip_uri_parse(&b, bb_strz(pairs[_i].b)), 0);
	ck_assert_msg(sip_uri_eq(&a, &b) == pairs[_i].equal, "%s %s", pairs[_i].a, pairs[_i].b);
	ck_assert_int_eq(sip_uri_eq(&b, &a), pairs[_i].equal);
	ck_assert(sip_uri_eq(&a, &a));
}
END_TEST

START_TEST(writes)
{
	struct bb_buf b = { 0 }, c = { 0 };
	struct sip_uri u;

	sip_uri_put(&b, SIP_SCHEME_SIP, BB_STR("a b@\xc3\xa4#"), BB_STR("2001:db8::1"), 5062);
	ck_str_is(bb_buf_str(&b), "sip:a%20b%40%C3%A4%23@[2001:db8::1]:5062");
	ck_assert_int_eq(sip_uri_parse(&u, bb_buf_str(&b)), 0);
	ck_assert(u.ipv6);
	ck_assert_int_eq(sip_unescape(&c, u.user), 0);
	ck_str_is(bb_buf_str(&c), "a b@\xc3\xa4#");
	bb_buf_free(&c);
	bb_buf_free(&b);
	ck_assert_int_eq(sip_unescape(&b, BB_STR("a%00b%41")), 0);
	ck_assert(bb_str_eq(bb_buf_str(&b), bb_strn("a\0bA", 4)));
	bb_buf_free(&b);
	ck_assert_int_eq(sip_unescape(&b, BB_STR("a%4")), -EINVAL);
	bb_buf_free(&b);
	ck_assert_int_eq(sip_uri_parse(&u, BB_STR("sip:a:p@b:5;x=1;method=INVITE;lr?to=q")), 0);
	sip_uri_put_request(&b, &u);
	ck_str_is(bb_buf_str(&b), "sip:a:p@b:5;x=1;lr");
	bb_buf_free(&b);
	sip_put_quoted(&b, BB_STR("say \"hi\" \\ \r\nVia: x"));
	ck_str_is(bb_buf_str(&b), "\"say \\\"hi\\\" \\\\   Via: x\"");
	bb_buf_free(&b);
	sip_put_unquoted(&b, BB_STR("\"a \\\"b\\\" c\""));
	ck_str_is(bb_buf_str(&b), "a \"b\" c");
	bb_buf_free(&b);
}
END_TEST

START_TEST(params)
{
	struct bb_str p = BB_STR("a ; b = \"x;y\\\";\" ;c=d"), n, v;

	ck_assert_int_eq(sip_param_next(&p, &n, &v), 1);
	ck_str_is(n, "a");
	ck_assert_ptr_null(v.p);
	ck_assert_int_eq(sip_param_next(&p, &n, &v), 1);
	ck_str_is(n, "b");
	ck_str_is(v, "\"x;y\\\";\"");
	ck_assert_int_eq(sip_param_next(&p, &n, &v), 1);
	ck_str_is(v, "d");
	ck_assert_int_eq(sip_param_next(&p, &n, &v), 0);
	ck_assert(sip_param(BB_STR("x=1;LR;y"), "lr", &v));
	ck_assert(!sip_param(BB_STR("x=1;LR;y"), "l", NULL));
	p = BB_STR("a=\"open");
	ck_assert_int_eq(sip_param_next(&p, &n, &v), -EINVAL);
	p = BB_STR("a;");
	ck_assert_int_eq(sip_param_next(&p, &n, &v), -EINVAL);
	p = BB_STR("a=");
	ck_assert_int_eq(sip_param_next(&p, &n, &v), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip uri");
	TCase *tc = tcase_create("uri");

	tcase_add_loop_test(tc, reads, 0, BB_ARRAY_SIZE(good));
	tcase_add_loop_test(tc, refuses, 0, BB_ARRAY_SIZE(bad));
	tcase_add_loop_test(tc, compares, 0, BB_ARRAY_SIZE(pairs));
	tcase_add_test(tc, writes);
	tcase_add_test(tc, params);
	suite_add_tcase(s, tc);
	return st_run(s);
}
