/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/log.h - log lines.
 *
 * A line is formatted only when somebody listens at its level, and written by
 * the log thread, so that a slow disk stalls nobody. Lines are stamped with
 * the id of the call that is being served, which the core knows. Any thread
 * but a media thread's packet path.
 */
#ifndef BB_LOG_H
#define BB_LOG_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

enum bb_log_level {
	BB_LOG_ERROR, /**< Something does not work; somebody must act.   */
	BB_LOG_WARNING, /**< Something is odd and was worked around.       */
	BB_LOG_NOTICE, /**< Significant, expected.                        */
	BB_LOG_VERBOSE, /**< For whoever watches calls; has a level 1..10. */
	BB_LOG_DEBUG, /**< For developers; has a level 1..10.            */
	BB_LOG_DTMF, /**< Each digit.                                   */
	BB_LOG_SECURITY /**< Refused credentials and the like.             */
};

/** True when a line of this level would reach somebody. Cheap. */
BB_API bool bb_log_wanted(enum bb_log_level level, int depth);
BB_API void bb_log_at(enum bb_log_level level, int depth, const char *file, int line,
		      const char *func, const char *fmt, ...) BB_PRINTF(6, 7);
BB_API void bb_log_vat(enum bb_log_level level, int depth, const char *file, int line,
		       const char *func, const char *fmt, va_list ap) BB_PRINTF(6, 0);

#define bb_log_(level, depth, ...)                                                                 \
	do {                                                                                       \
		if (bb_log_wanted(level, depth))                                                   \
			bb_log_at(level, depth, __FILE__, __LINE__, __func__, __VA_ARGS__);        \
	} while (0)

#define bb_error(...) bb_log_(BB_LOG_ERROR, 0, __VA_ARGS__)
#define bb_warning(...) bb_log_(BB_LOG_WARNING, 0, __VA_ARGS__)
#define bb_notice(...) bb_log_(BB_LOG_NOTICE, 0, __VA_ARGS__)
#define bb_security(...) bb_log_(BB_LOG_SECURITY, 0, __VA_ARGS__)
#define bb_verbose(depth, ...) bb_log_(BB_LOG_VERBOSE, depth, __VA_ARGS__)
#define bb_debug(depth, ...) bb_log_(BB_LOG_DEBUG, depth, __VA_ARGS__)

/**
 * A limit on how often one kind of line is written: at most @c burst at once
 * and one more each @c every. Zero-initialise and set both.
 */
struct bb_log_limit {
	unsigned burst;
	bb_time every;
	unsigned used, dropped;
	bb_time since;
};
/** @return true when the line may be written; @p dropped tells how many were held back since the
 * last. */
BB_API bool bb_log_allow(struct bb_log_limit *l, unsigned *dropped);

BB_END_DECLS
#endif
