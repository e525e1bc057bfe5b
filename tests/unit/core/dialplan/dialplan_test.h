/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DIALPLAN_TEST_H
#define DIALPLAN_TEST_H

#include <check.h>

#include "core/dialplan/dialplan.h"

/** A plan from a text; mistakes into @p d (made when it points at NULL). */
struct bb_plan *plan_of(const char *text, struct bb_diag **d);
/** All mistakes, one a line: "line:column severity text". In static memory. */
const char *mistakes(struct bb_diag *d);

TCase *expr_tests(void);
TCase *subst_tests(void);
TCase *pattern_tests(void);
TCase *parse_tests(void);
TCase *run_tests(void);
TCase *func_tests(void);
TCase *check_tests(void);

#endif
