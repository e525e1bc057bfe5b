/* SPDX-License-Identifier: BSD-3-Clause */
#include "dialplan_test.h"

#include "expressions.h"

START_TEST(answers_of_asterisk)
{
	struct bb_buf out = { 0 };

	ck_assert_int_eq(bb_expr_eval(NULL, bb_strz(expressions[_i].text), &out), 0);
	ck_assert_msg(!strcmp(bb_buf_cstr(&out), expressions[_i].value), "$[%s] is '%s', not '%s'",
		      expressions[_i].text, bb_buf_cstr(&out), expressions[_i].value);
	bb_buf_free(&out);
}
END_TEST

START_TEST(no_memory_is_an_error)
{
	static const char *const texts[] = { "(1 + 2) * 3", "\"abc\" =~ \"(b)c\"",
					     "1 ? \"a\" ~~ \"b\" :: c", "POW(2,10) + SQRT(16)" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(texts); i++) {
		for (unsigned long n = 1; n < 200; n++) {
			struct bb_buf out = { 0 };
			int err;

			bb_mem_fail_at(n);
			err = bb_expr_eval(NULL, bb_strz(texts[i]), &out);
			bb_mem_fail_at(0);
			bb_buf_free(&out);
			ck_assert(err == 0 || err == -ENOMEM);
		}
	}
}
END_TEST

START_TEST(depth_costs_no_stack)
{
	struct bb_buf text = { 0 }, out = { 0 };

	for (int i = 0; i < 5000; i++)
		bb_buf_putc(&text, '(');
	bb_buf_putc(&text, '7');
	for (int i = 0; i < 5000; i++)
		bb_buf_putc(&text, ')');
	ck_assert_int_eq(bb_expr_eval(NULL, bb_buf_str(&text), &out), 0);
	ck_assert_str_eq(bb_buf_cstr(&out), "7");
	bb_buf_free(&text);
	bb_buf_free(&out);
}
END_TEST

static const struct {
	const char *text;
	int at; /* -1: sound */
} checks[] = {
	{ "1 + 2", -1 },
	{ "${A} = 1", -1 },
	{ "${A} ${OP} 1", -1 },
	{ "\"${A}\" = \"\"", -1 },
	{ "\"${CUT(A,\"x\",1)}\" = \"b\"", -1 },
	{ "$[${A} + 1] * 2", -1 },
	{ "(1 + 2", 6 },
	{ "1 +", 3 },
	{ "1 2", 2 },
	{ "1 ? 2", 5 },
	{ "\"a", 0 },
	{ "", -1 },
};

START_TEST(syntax_of_literal_text)
{
	char why[100] = "";
	size_t at = 0;
	int err = bb_expr_check(bb_strz(checks[_i].text), &at, why, sizeof(why));

	if (checks[_i].at < 0) {
		ck_assert_msg(!err, "'%s': %s", checks[_i].text, why);
	} else {
		ck_assert_int_eq(err, -EINVAL);
		ck_assert_uint_eq(at, (size_t)checks[_i].at);
	}
}
END_TEST

TCase *expr_tests(void)
{
	TCase *t = tcase_create("expressions");

	tcase_add_loop_test(t, answers_of_asterisk, 0, BB_ARRAY_SIZE(expressions));
	tcase_add_test(t, no_memory_is_an_error);
	tcase_add_test(t, depth_costs_no_stack);
	tcase_add_loop_test(t, syntax_of_literal_text, 0, BB_ARRAY_SIZE(checks));
	return t;
}
