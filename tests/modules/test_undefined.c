/* SPDX-License-Identifier: BSD-3-Clause */
/* Wants a function that nobody exports: the loader must name it. */
#include <bellbird/module.h>

int bb_there_is_no_such_function(void);

static int start(struct bb_self *self, struct bb_diag *d)
{
	return bb_there_is_no_such_function();
}

BB_MODULE(test_undefined, .start = start);
