/* SPDX-License-Identifier: BSD-3-Clause */
/* Expressions and substitution of dial plans: any text gives some text, and ends. */
#include "core/dialplan/dialplan.h"
#include "fuzz.h"

/* "PATTERN digits": a pattern that is judged sound is matched, whatever is dialed. */
static void match(struct bb_str text, struct bb_arena *a)
{
	ptrdiff_t space = bb_str_chr(text, ' ');
	struct bb_str pattern = space < 0 ? text : bb_str_sub(text, 0, (size_t)space);
	struct bb_str digits = space < 0 ? text : bb_str_sub(text, (size_t)space + 1, text.l);
	const char *z = bb_arena_strdup(a, pattern);
	size_t at = 0;

	bb_pattern_match("_[1-5]X.", digits, BB_FIND_EXACT);
	if (!z || bb_pattern_check(pattern, &at)) {
		FUZZ_ASSERT(at <= pattern.l);
		return;
	}
	for (int mode = BB_FIND_EXACT; mode <= BB_FIND_MORE; mode++)
		bb_pattern_match(z, digits, (enum bb_match_mode)mode);
	FUZZ_ASSERT(bb_pattern_cmp(z, z) == 0);
}

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
	match(text, a);
out:
	bb_buf_free(&out);
	bb_arena_free(a);
	return 0;
}
