/* SPDX-License-Identifier: BSD-3-Clause */
#include "dialplan_test.h"

#include <stdlib.h>

struct bb_plan *plan_of(const char *text, struct bb_diag **d)
{
	struct bb_conf_text *conf = NULL;
	struct bb_plan *plan = NULL;

	if (!*d)
		ck_assert_int_eq(bb_diag_new(d), 0);
	ck_assert_int_eq(bb_conf_text_parse(&conf, NULL, "extensions.conf", bb_strz(text), *d), 0);
	ck_assert_int_eq(bb_plan_build(&plan, conf, *d), 0);
	bb_conf_text_free(conf);
	return plan;
}

const char *mistakes(struct bb_diag *d)
{
	static struct bb_buf out;
	const struct bb_diag_item *item;

	bb_buf_truncate(&out, 0);
	for (size_t i = 0; (item = bb_diag_at(d, i)); i++)
		bb_buf_printf(&out, "%u:%u %s\n", item->at.line, item->at.column, item->text);
	return bb_buf_cstr(&out);
}

int main(void)
{
	Suite *s = suite_create("dialplan");
	SRunner *r;
	int failed;

	suite_add_tcase(s, expr_tests());
	suite_add_tcase(s, subst_tests());
	suite_add_tcase(s, pattern_tests());
	suite_add_tcase(s, parse_tests());
	suite_add_tcase(s, run_tests());
	suite_add_tcase(s, func_tests());
	suite_add_tcase(s, check_tests());
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
