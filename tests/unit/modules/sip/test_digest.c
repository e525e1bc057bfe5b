/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Digest arithmetic against the examples of RFC 7616 §3.9.1 and RFC 2617
 * §3.5, nonces, and the tables between status codes and causes.
 */
#include "bbtest.h"

#include <bellbird/loop.h>

#include "modules/sip/cause.h"
#include "modules/sip/digest.h"

static void mufasa(enum sip_digest_alg alg, const char *want)
{
	char ha1[SIP_DIGEST_HEX], got[SIP_DIGEST_HEX];
	struct sip_digest_in in = {
		.alg = alg,
		.method = BB_STR("GET"),
		.uri = BB_STR("/dir/index.html"),
		.nonce = BB_STR("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
		.qop = BB_STR("auth"),
		.nc = BB_STR("00000001"),
		.cnonce = BB_STR("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
	};

	ck_assert_int_eq(sip_digest_ha1(alg, BB_STR("Mufasa"), BB_STR("http-auth@example.org"),
					BB_STR("Circle of Life"), ha1),
			 0);
	in.ha1 = bb_strz(ha1);
	ck_assert_int_eq(sip_digest_response(&in, got), 0);
	ck_assert_str_eq(got, want);
}

START_TEST(rfc7616)
{
	mufasa(SIP_DIGEST_MD5, "8ca523f5e9506fed4657c9700eebdbec");
	mufasa(SIP_DIGEST_SHA256,
	       "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}
END_TEST

/* Without qop (RFC 2069): the computation of RFC 2617 §3.2.2.1, second form. */
START_TEST(without_qop)
{
	char ha1[SIP_DIGEST_HEX], got[SIP_DIGEST_HEX];
	struct sip_digest_in in = { .alg = SIP_DIGEST_MD5,
				    .method = BB_STR("GET"),
				    .uri = BB_STR("/dir/index.html"),
				    .nonce = BB_STR("dcd98b7102dd2f0e8b11d0f600bfb0c093") };

	ck_assert_int_eq(sip_digest_ha1(SIP_DIGEST_MD5, BB_STR("Mufasa"),
					BB_STR("testrealm@host.com"), BB_STR("Circle Of Life"),
					ha1),
			 0);
	ck_assert_str_eq(ha1, "939e7578ed9e3c518a452acee763bce9");
	in.ha1 = bb_strz(ha1);
	ck_assert_int_eq(sip_digest_response(&in, got), 0);
	ck_assert_str_eq(got, "670fd8c2df070c60b045671b8b24ff02");
	in.qop = BB_STR("auth");
	in.nc = BB_STR("00000001");
	in.cnonce = BB_STR("0a4f113b");
	ck_assert_int_eq(sip_digest_response(&in, got), 0);
	ck_assert_str_eq(got, "6629fae49393a05397450978507c4ef1");
}
END_TEST

START_TEST(nonces)
{
	struct sip_nonces n, other;
	char text[SIP_NONCE_TEXT], changed[SIP_NONCE_TEXT];

	ck_assert_int_eq(sip_nonces_init(&n), 0);
	ck_assert_int_eq(sip_nonces_init(&other), 0);
	sip_nonce_make(&n, text);
	ck_assert_int_eq(sip_nonce_check(&n, bb_strz(text), 32 * BB_SEC), 0);
	/* Of somebody else, or touched: not ours. */
	ck_assert_int_eq(sip_nonce_check(&other, bb_strz(text), 32 * BB_SEC), -EINVAL);
	memcpy(changed, text, sizeof(text));
	changed[7] = changed[7] == '0' ? '1' : '0';
	ck_assert_int_eq(sip_nonce_check(&n, bb_strz(changed), 32 * BB_SEC), -EINVAL);
	ck_assert_int_eq(sip_nonce_check(&n, BB_STR("abc"), 32 * BB_SEC), -EINVAL);
	/* Each count once, the late ones too. */
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0), 0);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0), -EALREADY);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 3, 32 * BB_SEC, 0), 0);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 2, 32 * BB_SEC, 0), 0);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 2, 32 * BB_SEC, 0), -EALREADY);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 100, 32 * BB_SEC, 0), 0);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 36, 32 * BB_SEC, 0), -EALREADY);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 37, 32 * BB_SEC, 0), 0);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 3, 32 * BB_SEC, 0), -EALREADY);
	bb_sim_advance(34 * BB_SEC);
	ck_assert_int_eq(sip_nonce_check(&n, bb_strz(text), 32 * BB_SEC), -ETIMEDOUT);
	sip_nonces_free(&n);
	sip_nonces_free(&other);
}
END_TEST

/* What a phone registers with serves for its next refresh. */
START_TEST(kept_nonces)
{
	struct sip_nonces n;
	char text[SIP_NONCE_TEXT];

	ck_assert_int_eq(sip_nonces_init(&n), 0);
	sip_nonce_make(&n, text);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 7200 * BB_SEC), 0);
	for (uint32_t nc = 2; nc < 5; nc++) {
		bb_sim_advance(7000 * BB_SEC);
		ck_assert_int_eq(sip_nonce_check(&n, bb_strz(text), 32 * BB_SEC), 0);
		ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), nc, 32 * BB_SEC, 7200 * BB_SEC),
				 0);
		ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), nc, 32 * BB_SEC, 7200 * BB_SEC),
				 -EALREADY);
	}
	bb_sim_advance(7201 * BB_SEC);
	ck_assert_int_eq(sip_nonce_check(&n, bb_strz(text), 32 * BB_SEC), -ETIMEDOUT);
	sip_nonces_free(&n);
}
END_TEST

/* More fresh ones than are remembered: one that had to make room serves nobody again. */
START_TEST(forgotten_nonces)
{
	struct sip_nonces n;
	char first[SIP_NONCE_TEXT], text[SIP_NONCE_TEXT];
	size_t count, bytes, most;

	ck_assert_int_eq(sip_nonces_init(&n), 0);
	sip_nonce_make(&n, first);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(first), 1, 32 * BB_SEC, 0), 0);
	for (int i = 0; i < SIP_NONCES_MAX; i++) {
		bb_sim_advance(2 * BB_MS);
		sip_nonce_make(&n, text);
		ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0), 0);
	}
	sip_nonces_held(&n, &count, &bytes, &most);
	ck_assert_uint_eq(count, SIP_NONCES_MAX);
	ck_assert_uint_lt(bytes, most);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(first), 1, 32 * BB_SEC, 0), -EALREADY);
	sip_nonce_make(&n, text);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0), 0);
	sip_nonces_free(&n);
}
END_TEST

/* However many are used, memory has an end. */
START_TEST(nonces_are_bounded)
{
	struct sip_nonces n;
	char text[SIP_NONCE_TEXT];

	ck_assert_int_eq(sip_nonces_init(&n), 0);
	for (unsigned i = 0; i < SIP_NONCES_MAX + 500; i++) {
		bb_sim_advance(BB_MS);
		sip_nonce_make(&n, text);
		ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0), 0);
	}
	ck_assert_uint_le(n.lately.count, SIP_NONCES_MAX);
	bb_sim_advance(60 * BB_SEC);
	sip_nonce_make(&n, text);
	ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0), 0);
	ck_assert_uint_eq(n.lately.count, 1);
	sip_nonces_free(&n);
}
END_TEST

/* What could not be noted down as used is taken for used. */
START_TEST(nonces_without_memory)
{
	BBT_OOM(100)
	{
		struct sip_nonces n;
		char text[SIP_NONCE_TEXT];

		if (sip_nonces_init(&n))
			continue;
		sip_nonce_make(&n, text);
		if (sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0) == 0)
			ck_assert_int_eq(sip_nonce_use(&n, bb_strz(text), 1, 32 * BB_SEC, 0),
					 -EALREADY);
		else
			ck_assert_uint_ne(bbt_oom, 0);
		sip_nonces_free(&n);
	}
}
END_TEST

START_TEST(causes)
{
	ck_assert_uint_eq(sip_cause_from_code(486), 17);
	ck_assert_uint_eq(sip_cause_from_code(404), 1);
	ck_assert_uint_eq(sip_cause_from_code(488), 58);
	ck_assert_uint_eq(sip_cause_from_code(599), 34);
	ck_assert_uint_eq(sip_code_from_cause(17), 486);
	ck_assert_uint_eq(sip_code_from_cause(1), 404);
	ck_assert_uint_eq(sip_code_from_cause(19), 480);
	ck_assert_uint_eq(sip_code_from_cause(99), 500);
	/* Whatever the cause, it is a final refusal. */
	for (unsigned c = 0; c < 130; c++)
		ck_assert(sip_code_from_cause(c) >= 400 && sip_code_from_cause(c) < 700);
}
END_TEST

BBT_MAIN("modules/sip/digest", BBT_CASE("arithmetic", BBT_NO_LOOP, rfc7616, without_qop, causes),
	 BBT_CASE("nonces", BBT_SIMULATED, nonces, kept_nonces, nonces_are_bounded,
		  forgotten_nonces, nonces_without_memory))
