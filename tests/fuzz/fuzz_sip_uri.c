/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_sip_uri.c - an address is parsed, compared with itself, and written
 * again.
 */
#include "fuzz.h"

#include "modules/sip/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_str text = bb_strn((const char *)data, size), value;
	struct bb_buf b = { 0 };
	struct sip_uri u, v;
	struct sip_flow f;

	if (sip_uri_parse(&u, text))
		return 0;
	FUZZ_ASSERT(bb_str_chr(text, '\n') < 0 && bb_str_chr(text, '>') < 0);
	FUZZ_ASSERT(sip_uri_eq(&u, &u));
	sip_uri_param(&u, "transport", &value);
	sip_uri_put_request(&b, &u);
	FUZZ_ASSERT(sip_uri_parse(&v, bb_buf_str(&b)) == 0);
	FUZZ_ASSERT(bb_str_eq(u.host, v.host) && u.port == v.port);
	bb_buf_free(&b);
	if (u.user.p) {
		FUZZ_ASSERT(u.scheme == SIP_SCHEME_TEL || sip_unescape(&b, u.user) == 0);
		bb_buf_free(&b);
	}
	sip_uri_flow(&u, &f);
	return 0;
}
