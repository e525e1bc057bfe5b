/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/cdr.c - each record goes to every sink that is loaded.
 */
#include "core/loop/loop_core.h"
#include "core/store/store_core.h"

void bb_cdr_emit(const struct bb_cdr *r)
{
	struct bb_reg_iter it = { .kind = BB_KIND_CDR_SINK };
	const struct bb_cdr_sink *sink;
	struct bb_use use = { 0 };

	bb_assert_control();
	while ((sink = bb_reg_next(&it, &use))) {
		bb_watchdog_enter(bb_use_module(&use), sink->name);
		sink->record(r);
		bb_watchdog_leave();
		bb_use_end(&use);
	}
}
