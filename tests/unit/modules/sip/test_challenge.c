/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Challenges to our requests (RFC 3261 §22, RFC 7616, RFC 8760): in the
 * beginning of a call and within it, of proxies and servers, one after the
 * other and all at once.
 */
#include "modules/sip/digest.h"
#include "peer_test.h"

#define WWW "WWW-Authenticate: Digest realm=\"home.test\",nonce=\"%s\",qop=\"auth\"%s\r\n"
#define PROXY "Proxy-Authenticate: Digest realm=\"proxy.test\",nonce=\"%s\"\r\n"

static const char *www(const char *nonce, const char *more)
{
	static char text[256];

	snprintf(text, sizeof(text), WWW, nonce, more);
	return text;
}

static const char *proxy(const char *nonce)
{
	static char text[256];

	snprintf(text, sizeof(text), PROXY, nonce);
	return text;
}

static struct bb_str param(const struct sip_hdr *h, const char *name)
{
	struct bb_str v, scheme;
	const struct sip_auth_param want = { bb_strz(name), &v };

	ck_assert_int_eq(sip_auth_read(h->value, &scheme, &want, 1), 0);
	return v;
}

/* The credentials of a message for that realm, computed anew. @return 0 when there are none. */
static unsigned shows(const struct sip_msg *m, enum sip_hdr_id id, const char *realm,
		      const char *nonce, const char *user, const char *method)
{
	for (const struct sip_hdr *h = sip_msg_hdr(m, id); h; h = sip_msg_hdr_next(m, h)) {
		struct sip_digest_in in = { .method = bb_strz(method) };
		char ha1[SIP_DIGEST_HEX], hex[SIP_DIGEST_HEX];

		if (!bb_str_is(param(h, "realm"), realm))
			continue;
		ck_assert_str_eq(bb_str_is(param(h, "nonce"), nonce) ? nonce : "another", nonce);
		ck_assert(bb_str_is(param(h, "username"), user));
		ck_assert(bb_str_eq(param(h, "uri"),
				    (m->method == SIP_ACK ? t.invite : m)->ruri_text));
		ck_assert_int_eq(sip_digest_alg_of(&in.alg, param(h, "algorithm")), 0);
		ck_assert_int_eq(sip_digest_ha1(in.alg, bb_strz(user), bb_strz(realm),
						BB_STR("secret"), ha1),
				 0);
		in.ha1 = bb_strz(ha1);
		in.uri = param(h, "uri");
		in.nonce = param(h, "nonce");
		in.qop = param(h, "qop");
		in.nc = param(h, "nc");
		in.cnonce = param(h, "cnonce");
		ck_assert_int_eq(sip_digest_response(&in, hex), 0);
		ck_assert(bb_str_is(param(h, "response"), hex));
		return in.qop.l ? (unsigned)strtoul(in.nc.p, NULL, 16) : 1;
	}
	return 0;
}

static unsigned shows_home(const struct sip_msg *m, const char *nonce, const char *method)
{
	return shows(m, SIP_HDR_AUTHORIZATION, "home.test", nonce, "somebody", method);
}

static unsigned shows_proxy(const struct sip_msg *m, const char *nonce, const char *method)
{
	return shows(m, SIP_HDR_PROXY_AUTHORIZATION, "proxy.test", nonce, "anybody", method);
}

/* First the proxy asks, then the server behind it, each for its own realm (§22.3). */
START_TEST(proxy_then_server)
{
	scene();
	call_as("keys");
	answer(t.invite, 407, "p", proxy("n1"), false);
	ck_assert_uint_eq(t.invites, 2);
	ck_assert_uint_eq(shows_proxy(t.invite, "n1", "INVITE"), 1);
	ck_assert_uint_eq(shows_home(t.invite, "", "INVITE"), 0);
	answer(t.invite, 401, "s", www("n2", ""), false);
	ck_assert_uint_eq(t.invites, 3);
	ck_assert_uint_eq(shows_proxy(t.invite, "n1", "INVITE"), 1);
	ck_assert_uint_eq(shows_home(t.invite, "n2", "INVITE"), 1);
	reply(200, "y", true);
	ck_assert_uint_eq(t.answered, 1);
	/* The ACK bears what the INVITE bore (§22.1). */
	ck_assert_uint_eq(shows_proxy(t.ack, "n1", "INVITE"), 1);
	ck_assert_uint_eq(shows_home(t.ack, "n2", "INVITE"), 1);
	/* What follows in the call shows both at once, and counts. */
	sip_session_end(t.s, 16, NULL);
	bb_sim_advance(100 * BB_MS);
	ck_assert_int_eq(t.request->method, SIP_BYE);
	ck_assert_uint_eq(shows_proxy(t.request, "n1", "BYE"), 1);
	ck_assert_uint_eq(shows_home(t.request, "n2", "BYE"), 2);
	answer(t.request, 200, "y", "", false);
	ck_assert_uint_eq(t.closed, 1);
	curtain();
}
END_TEST

/* A proxy that forked hands on what it got: several challenges in one response. */
START_TEST(all_at_once)
{
	char both[600];

	scene();
	call_as("keys");
	snprintf(both, sizeof(both), PROXY WWW, "n1", "n2", "");
	answer(t.invite, 407, "p", both, false);
	ck_assert_uint_eq(t.invites, 2);
	ck_assert_uint_eq(shows_proxy(t.invite, "n1", "INVITE"), 1);
	ck_assert_uint_eq(shows_home(t.invite, "n2", "INVITE"), 1);
	reply(200, "y", true);
	sip_session_end(t.s, 16, NULL);
	curtain();
}
END_TEST

/* Of several algorithms the first that we have is taken (RFC 8760 §2.4). */
START_TEST(algorithms)
{
	static const char three[] =
		"WWW-Authenticate: Digest realm=\"home.test\",nonce=\"n1\",algorithm=SHA-512-256,"
		"qop=\"auth\"\r\n"
		"WWW-Authenticate: Digest realm=\"home.test\",nonce=\"n2\",algorithm=SHA-256,"
		"qop=\"auth,auth-int\",opaque=\"o p\"\r\n"
		"WWW-Authenticate: Digest realm=\"home.test\",nonce=\"n3\",algorithm=MD5\r\n";

	scene();
	call_as("keys");
	answer(t.invite, 401, "s", three, false);
	ck_assert_uint_eq(t.invites, 2);
	ck_assert_uint_eq(shows_home(t.invite, "n2", "INVITE"), 1);
	ck_assert(bb_str_find(t.invite->raw, BB_STR("algorithm=SHA-256")) > 0);
	ck_assert(bb_str_find(t.invite->raw, BB_STR("opaque=\"o p\"")) > 0);
	reply(486, "y", false);
	ck_assert_uint_eq(t.end_code, 486);
	curtain();
}
END_TEST

/* Refused credentials end the attempt; a nonce gone stale does not, though not for ever. */
START_TEST(refused_and_stale)
{
	scene();
	call_as("keys");
	answer(t.invite, 401, "s", www("n1", ""), false);
	ck_assert_uint_eq(t.invites, 2);
	answer(t.invite, 401, "s", www("n2", ""), false);
	ck_assert_uint_eq(t.invites, 2);
	ck_assert_uint_eq(t.closed, 1);
	ck_assert_int_eq(t.fault, BB_SIP_NO_CREDENTIALS);
	curtain();

	scene();
	call_as("keys");
	for (unsigned i = 0; i < 20; i++)
		if (!t.closed)
			answer(t.invite, 401, "s", www("n3", ",stale=TRUE"), false);
	ck_assert_uint_eq(t.closed, 1);
	ck_assert_uint_gt(t.invites, 3);
	ck_assert_uint_lt(t.invites, 10);
	curtain();
}
END_TEST

/* Nothing of ours fits: the call ends, and says so. */
START_TEST(nothing_fits)
{
	scene();
	call_as("keys");
	answer(t.invite, 401, "s",
	       "WWW-Authenticate: Digest realm=\"home.test\",nonce=\"n\",qop=\"auth-int\"\r\n",
	       false);
	ck_assert_uint_eq(t.invites, 1);
	ck_assert_int_eq(t.fault, BB_SIP_NO_CREDENTIALS);
	curtain();
	scene();
	call_as("plain");
	answer(t.invite, 401, "s", www("n", ""), false);
	ck_assert_uint_eq(t.invites, 1);
	ck_assert_int_eq(t.fault, BB_SIP_NO_CREDENTIALS);
	curtain();
}
END_TEST

/* BYE, INFO and re-INVITE are said again when the far end asks within the call. */
START_TEST(within)
{
	struct bb_media_desc d;

	scene();
	call_as("keys");
	reply(200, "y", true);
	ck_assert_int_eq(sip_session_digit(t.s, '7', 100), 0);
	bb_sim_advance(100 * BB_MS);
	ck_assert_uint_eq(t.infos, 1);
	answer(t.request, 407, "y", proxy("n1"), false);
	ck_assert_uint_eq(t.infos, 2);
	ck_assert_uint_eq(shows_proxy(t.request, "n1", "INFO"), 1);
	ck_assert(bb_str_find(t.request->raw, BB_STR("Signal=7")) > 0);
	answer(t.request, 200, "y", "", false);
	describe(&d);
	ck_assert_int_eq(sip_session_offer(t.s, &d), 0);
	bb_sim_advance(100 * BB_MS);
	answer(t.invite, 401, "y", www("n2", ""), false);
	ck_assert_uint_eq(t.invites, 3);
	ck_assert_uint_eq(shows_home(t.invite, "n2", "INVITE"), 1);
	reply(200, "y", true);
	ck_assert_uint_eq(t.done_code, 200);
	ck_assert_uint_eq(shows_home(t.ack, "n2", "INVITE"), 1);
	/* Its nonce has run out meanwhile: once more, and then it is believed. */
	sip_session_end(t.s, 16, NULL);
	bb_sim_advance(100 * BB_MS);
	answer(t.request, 401, "y", www("n3", ""), false);
	ck_assert_uint_eq(t.byes, 2);
	ck_assert_uint_eq(shows_home(t.request, "n3", "BYE"), 1);
	ck_assert_uint_eq(t.closed, 0);
	answer(t.request, 401, "y", www("n4", ""), false);
	ck_assert_uint_eq(t.byes, 2);
	ck_assert_uint_eq(t.closed, 1);
	curtain();
}
END_TEST

/* The BYE of a call whose owner has heard of its end already is asked for credentials as well. */
START_TEST(bye_alone)
{
	scene();
	call_as("keys");
	reply(200, "y", false); /* no answer to our offer */
	ck_assert_uint_eq(t.closed, 1);
	ck_assert_uint_eq(t.byes, 1);
	answer(t.request, 401, "y", www("n1", ""), false);
	ck_assert_uint_eq(t.byes, 2);
	ck_assert_uint_eq(shows_home(t.request, "n1", "BYE"), 1);
	answer(t.request, 200, "y", "", false);
	curtain();
}
END_TEST

/* What an answer within a call means for the call (RFC 5057 §5.1). */
START_TEST(lost_within)
{
	static const struct {
		unsigned code;
		bool ends;
	} codes[] = { { 481, true }, { 408, true }, { 404, true }, { 501, false }, { 500, false } };

	for (size_t i = 0; i < BB_ARRAY_SIZE(codes); i++) {
		scene();
		call_as("keys");
		reply(200, "y", true);
		ck_assert_int_eq(sip_session_digit(t.s, '7', 100), 0);
		bb_sim_advance(100 * BB_MS);
		answer(t.request, codes[i].code, "y", "", false);
		ck_assert_uint_eq(t.closed, codes[i].ends);
		ck_assert_uint_eq(t.byes, codes[i].ends);
		if (t.s)
			sip_session_end(t.s, 16, NULL);
		curtain();
	}
}
END_TEST

BBT_MAIN("modules/sip/challenge",
	 BBT_CASE("challenges", BBT_SIMULATED, proxy_then_server, all_at_once, algorithms,
		  refused_and_stale, nothing_fits, within, bye_alone, lost_within))
