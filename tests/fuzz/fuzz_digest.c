/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_digest.c - credentials as they come from anybody: every parameter lies
 * within the text, what is computed of them is hexadecimal, and a nonce that we
 * did not make is never taken for ours.
 */
#include "fuzz.h"

#include <ctype.h>

#include "core/loop/loop_core.h"
#include "modules/sip/digest.h"
#include "modules/sip/msg.h"

enum { USERNAME, REALM, NONCE, URI, RESPONSE, ALGORITHM, QOP, NC, CNONCE, OPAQUE, N_PARAMS };

#define WORD(text)                                                                                 \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static struct bb_str value[N_PARAMS];
static const struct sip_auth_param wanted[N_PARAMS] = {
	{ WORD("username"), &value[USERNAME] }, { WORD("realm"), &value[REALM] },
	{ WORD("nonce"), &value[NONCE] },	{ WORD("uri"), &value[URI] },
	{ WORD("response"), &value[RESPONSE] }, { WORD("algorithm"), &value[ALGORITHM] },
	{ WORD("qop"), &value[QOP] },		{ WORD("nc"), &value[NC] },
	{ WORD("cnonce"), &value[CNONCE] },	{ WORD("opaque"), &value[OPAQUE] },
};

static void compute(enum sip_digest_alg alg)
{
	char ha1[SIP_DIGEST_HEX], hex[SIP_DIGEST_HEX];
	struct sip_digest_in in = { .alg = alg,
				    .method = BB_STR("REGISTER"),
				    .uri = value[URI],
				    .nonce = value[NONCE],
				    .qop = value[QOP],
				    .nc = value[NC],
				    .cnonce = value[CNONCE] };

	if (sip_digest_ha1(alg, value[USERNAME], value[REALM], BB_STR("secret"), ha1))
		return;
	in.ha1 = bb_strz(ha1);
	if (sip_digest_response(&in, hex))
		return;
	FUZZ_ASSERT(strlen(hex) == (alg == SIP_DIGEST_SHA256 ? 64 : 32));
	for (const char *p = hex; *p; p++)
		FUZZ_ASSERT(isxdigit((unsigned char)*p));
	FUZZ_ASSERT(sip_digest_equal(bb_strz(hex), bb_strz(hex)));
	sip_digest_equal(value[RESPONSE], bb_strz(hex));
}

static void check_nonce(void)
{
	static struct sip_nonces nonces;
	static bool open;

	if (!open) {
		static const struct bb_loop_options simulated = { .simulate = true };

		if (bb_loop_init(&simulated) || sip_nonces_init(&nonces))
			abort();
		open = true;
	}
	FUZZ_ASSERT(sip_nonce_check(&nonces, value[NONCE], BB_SEC) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_str text = bb_strn((const char *)data, size), scheme = { 0 };
	enum sip_digest_alg alg;

	if (sip_auth_read(text, &scheme, wanted, N_PARAMS))
		return 0;
	FUZZ_ASSERT(scheme.p >= text.p && scheme.p + scheme.l <= text.p + text.l);
	for (size_t i = 0; i < N_PARAMS; i++)
		FUZZ_ASSERT(!value[i].p ||
			    (value[i].p >= text.p && value[i].p + value[i].l <= text.p + text.l));
	if (!sip_digest_alg_of(&alg, value[ALGORITHM]))
		compute(alg);
	check_nonce();
	return 0;
}
