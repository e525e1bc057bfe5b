/* SPDX-License-Identifier: BSD-3-Clause */
/* Expressions and substitution of dial plans: any text gives some text, and ends. */
#include "core/dialplan/dialplan.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_str text = bb_strn((const char *)data, size);
	struct bb_buf out = { 0 };
	struct bb_timespec ts;
	struct bb_arena *a = bb_arena_new(256);
	char why[160];
	size_t at = 0;

	if (!a || size > 512)
		goto out;
	bb_expr_check(text, &at, why, sizeof(why));
	bb_expr_eval(NULL, text, &out);
	bb_buf_truncate(&out, 0);
	bb_subst_into(NULL, text, &out);
	bb_timespec_parse(&ts, text, why, sizeof(why));
	bb_pattern_match("_[1-5]X.", text, BB_FIND_EXACT);
out:
	bb_buf_free(&out);
	bb_arena_free(a);
	return 0;
}
