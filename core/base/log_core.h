/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log_core.h - where log lines go.
 */
#ifndef BB_CORE_LOG_H
#define BB_CORE_LOG_H

#include <bellbird/log.h>

/** "ERROR", "WARNING" … */
BB_API const char *bb_log_level_name(enum bb_log_level level);

/** What belongs to one flow of control (the loop, a fiber, another thread). */
struct bb_log_context {
	char call_id[48];
};
/** Make @p c (NULL: the thread's own) the calling thread's. @return the one before. */
BB_API struct bb_log_context *bb_log_context_use(struct bb_log_context *c);
/** The id that lines of this flow are stamped with from now on; NULL: none. Any thread. */
BB_API void bb_log_set_call_id(const char *id);
BB_API const char *bb_log_call_id(void);

#endif
