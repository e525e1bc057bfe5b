/* SPDX-License-Identifier: BSD-3-Clause */
/* quiet.c - what the parsers say in the log about nonsense is neither formatted nor written. */
#include "core/base/log_core.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct bb_log_filter nothing;

	if (bb_log_init() || bb_log_add_file("/dev/null", &nothing, BB_LOG_TEXT))
		abort();
	return 0;
}
