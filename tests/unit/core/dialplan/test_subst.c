/* SPDX-License-Identifier: BSD-3-Clause */
#include "dialplan_test.h"

/* G is "glob", E is empty; what Asterisk 22 makes of each. */
static const struct {
	const char *text, *value;
} texts[] = {
	{ "${G:0:2}", "gl" },
	{ "${G:1}", "lob" },
	{ "${G:-2}", "ob" },
	{ "${G:-2:1}", "o" },
	{ "${G:1:-1}", "lo" },
	{ "${G:10}", "" },
	{ "${G:0:-10}", "" },
	{ "${G:-10}", "glob" },
	{ "${G:-10:2}", "gl" },
	{ "${G:2:0}", "" },
	{ "${G:a}", "glob" },
	{ "${G:1:}", "lob" },
	{ "${G::2}", "glob" },
	{ "${NOPE}", "" },
	{ "x${NOPE}y", "xy" },
	{ "${G}${G}", "globglob" },
	{ "$G", "$G" },
	{ "$", "$" },
	{ "$$", "$$" },
	{ "${}", "" },
	{ "plain", "plain" },
	{ "$[${E}=1]", "" },
	{ "$[\"${E}\"=\"\"]", "1" },
	{ "$[${G}=glob]", "1" },
	{ "$[1+$[2*3]]", "7" },
	{ "${${N}}", "glob" },
	{ "${${N}:1}", "lob" },
	{ "${G:$[1+1]}", "ob" },
	{ "a${G}b$[1]c", "aglobb1c" },
	{ "", "" },
};

START_TEST(text)
{
	struct bb_buf out = { 0 };

	bb_vars_set(bb_globals(), BB_STR("G"), 0, BB_STR("glob"));
	bb_vars_set(bb_globals(), BB_STR("E"), 0, BB_STR(""));
	bb_vars_set(bb_globals(), BB_STR("N"), 0, BB_STR("G"));
	ck_assert_int_eq(bb_subst_into(NULL, bb_strz(texts[_i].text), &out), 0);
	ck_assert_msg(!strcmp(bb_buf_cstr(&out), texts[_i].value), "%s is '%s', not '%s'",
		      texts[_i].text, bb_buf_cstr(&out), texts[_i].value);
	bb_buf_free(&out);
	bb_vars_clear(bb_globals());
}
END_TEST

START_TEST(long_values_are_not_cut)
{
	struct bb_buf value = { 0 }, out = { 0 };

	for (int i = 0; i < 100000; i++)
		bb_buf_putc(&value, 'a');
	bb_vars_set(bb_globals(), BB_STR("L"), 0, bb_buf_str(&value));
	ck_assert_int_eq(bb_subst_into(NULL, BB_STR("${L}${L}"), &out), 0);
	ck_assert_uint_eq(out.l, 200000);
	bb_buf_free(&value);
	bb_buf_free(&out);
	bb_vars_clear(bb_globals());
}
END_TEST

START_TEST(braces_without_end_are_bounded)
{
	struct bb_buf braces = { 0 }, out = { 0 };

	for (int i = 0; i < 3000; i++)
		bb_buf_puts(&braces, "${");
	ck_assert_int_eq(bb_subst_into(NULL, bb_buf_str(&braces), &out), 0);
	bb_buf_free(&braces);
	bb_buf_free(&out);
}
END_TEST

START_TEST(no_memory)
{
	bb_vars_set(bb_globals(), BB_STR("G"), 0, BB_STR("glob"));
	for (unsigned long n = 1; n < 100; n++) {
		struct bb_buf out = { 0 };
		int err;

		bb_mem_fail_at(n);
		err = bb_subst_into(NULL, BB_STR("a${G:$[1 + 1]}$[\"${G}\" = \"glob\"]"), &out);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		if (!err)
			ck_assert_str_eq(bb_buf_cstr(&out), "aob1");
		bb_buf_free(&out);
	}
	bb_vars_clear(bb_globals());
}
END_TEST

START_TEST(scopes)
{
	struct bb_list v = { 0 };

	bb_vars_set(&v, BB_STR("A"), 0, BB_STR("1"));
	bb_vars_push(&v, BB_STR("A"), BB_STR("2"), 1);
	bb_vars_push(&v, BB_STR("B"), BB_STR("b"), 2);
	bb_vars_set(&v, BB_STR("A"), 0, BB_STR("3"));
	ck_assert(bb_str_is(bb_vars_find(&v, BB_STR("A"))->value, "3"));
	bb_vars_pop(&v, 2);
	ck_assert_ptr_null(bb_vars_find(&v, BB_STR("B")));
	bb_vars_pop(&v, 1);
	ck_assert(bb_str_is(bb_vars_find(&v, BB_STR("A"))->value, "1"));
	bb_vars_set(&v, BB_STR("A"), 0, bb_strn(NULL, 0));
	ck_assert_uint_eq(v.count, 0);
}
END_TEST

START_TEST(values_change_in_place)
{
	struct bb_list v = { 0 };
	struct bb_var *var;
	struct bb_str part;

	bb_vars_set(&v, BB_STR("A"), 0, BB_STR("one"));
	var = bb_vars_find(&v, BB_STR("A"));
	bb_vars_set(&v, BB_STR("A"), 2, BB_STR("fourteen bytes"));
	ck_assert_ptr_eq(bb_vars_find(&v, BB_STR("A")), var);
	ck_assert(bb_str_is(var->value, "fourteen bytes"));
	ck_assert_uint_eq(var->inherit, 2);
	/* A part of itself, in place and in a new one. */
	part = bb_str_sub(var->value, 4, 4);
	bb_vars_set(&v, BB_STR("A"), 0, part);
	ck_assert(bb_str_is(var->value, "teen"));
	ck_assert_uint_eq(strlen(var->value.p), 4);
	bb_vars_set(&v, BB_STR("A"), 0, BB_STR("what has no room in the place of the old one"));
	part = bb_str_sub(bb_vars_find(&v, BB_STR("A"))->value, 5, 35);
	bb_vars_set(&v, BB_STR("A"), 0, part);
	ck_assert(bb_str_is(bb_vars_find(&v, BB_STR("A"))->value,
			    "has no room in the place of the old"));
	ck_assert_uint_eq(v.count, 1);
	bb_vars_clear(&v);
}
END_TEST

TCase *subst_tests(void)
{
	TCase *t = tcase_create("substitution");

	tcase_add_loop_test(t, text, 0, BB_ARRAY_SIZE(texts));
	tcase_add_test(t, long_values_are_not_cut);
	tcase_add_test(t, braces_without_end_are_bounded);
	tcase_add_test(t, no_memory);
	tcase_add_test(t, scopes);
	tcase_add_test(t, values_change_in_place);
	return t;
}
