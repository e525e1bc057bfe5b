/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "tests/unit/core/channel/world.h"

int main(void)
{
	Suite *s = suite_create("channel");
	SRunner *r;
	int failed;

	suite_add_tcase(s, tests_events());
	suite_add_tcase(s, tests_waits());
	suite_add_tcase(s, tests_dial());
	suite_add_tcase(s, tests_bridge());
	suite_add_tcase(s, tests_story());
	suite_add_tcase(s, tests_local());
	suite_add_tcase(s, tests_oom());
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
