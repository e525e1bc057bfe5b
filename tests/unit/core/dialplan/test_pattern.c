/* SPDX-License-Identifier: BSD-3-Clause */
#include "dialplan_test.h"

#include <stdlib.h>

static const struct {
	const char *pattern, *digits;
	int exact, can, more;
} matches[] = {
	{ "100", "100", 1, 1, 0 },	{ "100", "10", 0, 1, 1 },
	{ "100", "1000", 0, 0, 0 },	{ "10-0", "100", 1, 1, 0 },
	{ "100", "1-0-0", 1, 1, 0 },	{ "_1XX", "123", 1, 1, 0 },
	{ "_1XX", "12", 0, 1, 1 },	{ "_1XX", "1234", 0, 0, 0 },
	{ "_1XX", "12a", 0, 0, 0 },	{ "_NXX", "199", 0, 0, 0 },
	{ "_NXX", "299", 1, 1, 0 },	{ "_ZXX", "099", 0, 0, 0 },
	{ "_zxx", "199", 1, 1, 0 },	{ "_9.", "9", 0, 1, 1 },
	{ "_9.", "91", 1, 1, 1 },	{ "_9.", "912345", 1, 1, 1 },
	{ "_9!", "9", 2, 2, 2 },	{ "_9!", "912", 2, 2, 2 },
	{ "_!", "", 2, 2, 2 },		{ "_.", "x", 1, 1, 1 },
	{ "_[1-5]XX", "512", 1, 1, 0 }, { "_[1-5]XX", "612", 0, 0, 0 },
	{ "_[135]0", "30", 1, 1, 0 },	{ "_[135]0", "20", 0, 0, 0 },
	{ "_[1-38]", "8", 1, 1, 0 },	{ "_[a-c]1", "b1", 1, 1, 0 },
	{ "_1[]2", "12", 1, 1, 0 },	{ "_1-2X", "123", 1, 1, 0 },
	{ "_1[2", "12", 0, 0, 0 },	{ "s", "s", 1, 1, 0 },
	{ "_1XX", "_1XX", 1, 0, 0 },	{ "_*X", "*5", 1, 1, 0 },
	{ "_+X.", "+12", 1, 1, 1 },
};

START_TEST(one_pattern)
{
	const char *p = matches[_i].pattern;
	struct bb_str d = bb_strz(matches[_i].digits);

	ck_assert_int_eq(bb_pattern_match(p, d, BB_FIND_EXACT), matches[_i].exact);
	ck_assert_int_eq(bb_pattern_match(p, d, BB_FIND_CAN), matches[_i].can);
	ck_assert_int_eq(bb_pattern_match(p, d, BB_FIND_MORE), matches[_i].more);
}
END_TEST

/* Each comes before all that follow. */
static const char *const order[] = { "100",	 "101",	     "s",    "_100",	"_10[0-1]",
				     "_10N",	 "_10Z",     "_10X", "_10.",	"_10!",
				     "_1[1-3]X", "_1[4-6]X", "_1NX", "_1XX",	"_1X.",
				     "_1X!",	 "_1.",	     "_2",   "_[1-2]X", "_[58]",
				     "_[1-5]",	 "_NXXXXXX", "_NXX", "_NX.",	"_N.",
				     "_ZX",	 "_XX",	     "_X",   "_.",	"_!" };

static int shuffled(const void *a, const void *b)
{
	return bb_pattern_cmp(*(const char *const *)a, *(const char *const *)b);
}

START_TEST(order_is_total)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(order); i++)
		for (size_t k = 0; k < BB_ARRAY_SIZE(order); k++) {
			int c = bb_pattern_cmp(order[i], order[k]);

			ck_assert_msg(i == k  ? c == 0
				      : i < k ? c < 0
					      : c > 0,
				      "%s %d %s", order[i], c, order[k]);
		}
}
END_TEST

static int first(struct bb_exten *e, int kind, void *arg)
{
	(void)kind;
	*(struct bb_exten **)arg = e;
	return 1;
}

/* The tree answers as a walk over all patterns by order does. */
START_TEST(tree_is_the_order)
{
	struct bb_arena *a = bb_arena_new(4096);
	static const char alphabet[] = "0123456789XZN.![1-4][579]";
	struct bb_exten extens[400];
	const char *names[400];
	struct bb_pnode *root = NULL;
	size_t n = 0;

	srand(_i + 1);
	while (n < BB_ARRAY_SIZE(names)) {
		char name[40] = "_";
		int l = 1 + rand() % 5;
		struct bb_exten **slot;

		for (int k = 0; k < l; k++) {
			int c = rand() % 20;

			if (c < 13)
				bb_str_copy(name + strlen(name), 2, bb_strn(&alphabet[c], 1));
			else
				strcat(name, c == 13   ? "."
					     : c == 14 ? "!"
					     : c < 17  ? "[1-4]"
						       : "[579]");
		}
		slot = bb_ptree_slot(a, &root, bb_arena_strdup(a, bb_strz(name)));
		ck_assert_ptr_nonnull(slot);
		if (*slot)
			continue;
		names[n] = bb_arena_strdup(a, bb_strz(name));
		extens[n] = (struct bb_exten){ .name = names[n] };
		*slot = &extens[n];
		n++;
	}
	qsort(names, n, sizeof(*names), shuffled);
	for (int k = 0; k < 2000; k++) {
		char digits[8] = "";
		int l = 1 + rand() % 6;
		enum bb_match_mode mode = (enum bb_match_mode)(rand() % 3);
		struct bb_exten *found = NULL;
		const char *want = NULL;

		for (int i = 0; i < l; i++)
			digits[i] = (char)('0' + rand() % 10);
		bb_ptree_walk(root, bb_strz(digits), mode, first, &found);
		for (size_t i = 0; i < n && !want; i++)
			if (bb_pattern_match(names[i], bb_strz(digits), mode))
				want = names[i];
		ck_assert_msg((!found && !want) || (found && want && !strcmp(found->name, want)),
			      "%s (%d): tree %s, list %s", digits, mode, found ? found->name : "-",
			      want ? want : "-");
	}
	bb_arena_free(a);
}
END_TEST

TCase *pattern_tests(void)
{
	TCase *t = tcase_create("patterns");

	tcase_add_loop_test(t, one_pattern, 0, BB_ARRAY_SIZE(matches));
	tcase_add_test(t, order_is_total);
	tcase_add_loop_test(t, tree_is_the_order, 0, 8);
	return t;
}
