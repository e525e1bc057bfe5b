/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_sdp.c - a description is parsed and printed; what was printed must be
 * readable and print the same.
 */
#include "fuzz.h"

#include "modules/sip/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_arena *a = bb_arena_new(4096);
	struct bb_buf b = { 0 }, c = { 0 };
	struct sdp_session *s;
	const char *why;
	int err;

	if (!a)
		return 0;
	err = sdp_parse(&s, a, bb_strn((const char *)data, size), &why);
	FUZZ_ASSERT(err == 0 || why);
	if (!err) {
		sdp_print(&b, s);
		err = sdp_parse(&s, a, bb_buf_str(&b), &why);
		FUZZ_ASSERT(err == 0);
		sdp_print(&c, s);
		FUZZ_ASSERT(bb_str_eq(bb_buf_str(&b), bb_buf_str(&c)));
	}
	bb_buf_free(&b);
	bb_buf_free(&c);
	bb_arena_free(a);
	return 0;
}
