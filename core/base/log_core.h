/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log_core.h - where log lines go, and the call they speak of.
 *
 * Before bb_log_init() and after bb_log_close() lines go to the standard
 * error output at once, as do errors, warnings and notices while there is no
 * destination at all.
 */
#ifndef BB_CORE_LOG_H
#define BB_CORE_LOG_H

#include <bellbird/log.h>

#define BB_LOG_BIT(level) (1u << (level))
#define BB_LOG_ALL 0x7fu

/** "ERROR", "WARNING" … */
BB_API const char *bb_log_level_name(enum bb_log_level level);

/** Which lines a destination takes. */
struct bb_log_filter {
	unsigned levels; /**< BB_LOG_BIT()s. */
	int verbose; /**< Deepest verbose line; 0: what bb_log_set_verbose() says. */
	int debug; /**< The same for debug lines. */
};
/** "notice,warning,verbose(3),debug" or "*". @return 0, or -EINVAL with the bad word in @p bad. */
BB_API int bb_log_parse_filter(struct bb_log_filter *f, struct bb_str text, struct bb_str *bad);

enum bb_log_format { BB_LOG_TEXT, BB_LOG_JSON };

/** What stands before a verbose line so that steps stand further in than what they belong to: "==
 * ", "-- ", "> ". */
BB_API const char *bb_log_verbose_mark(int depth);

/**
 * How text lines are stamped: as strftime(3), and %q (%3q) for tenths
 * (thousandths) of a second. @return -ENAMETOOLONG.
 */
BB_API int bb_log_set_date_format(struct bb_str format);

/** A line as a destination gets it. */
struct bb_log_line {
	enum bb_log_level level;
	int depth;
	bb_time wall;
	int line;
	const char *file, *func, *call_id, *text; /**< Terminated, never NULL. */
};
/** One line of @p format, ended by a newline. */
BB_API void bb_log_render(struct bb_buf *out, const struct bb_log_line *l,
			  enum bb_log_format format);

/** Start the log thread. @return 0, -ENOMEM, -EAGAIN. */
BB_API int bb_log_init(void);
/** Write what is queued, end the thread, forget all destinations. */
BB_API void bb_log_close(void);
/** Block until all that is queued by now is written or lost. For tests and the end. */
BB_API void bb_log_flush(void);

/**
 * Write lines to a file ("-": the standard error output); it is opened at its
 * first line. A path that stands already gets the new filter and format.
 */
BB_API int bb_log_add_file(const char *path, const struct bb_log_filter *f,
			   enum bb_log_format format);
/** @return -ENOENT. */
BB_API int bb_log_remove_file(const char *path);
/** Close all files, those of bb_append_file() too; the next line opens them anew. */
BB_API void bb_log_rotate(void);

/** A console. @p fn runs on the control thread, in order, from the loop. */
struct bb_log_sink;
BB_API int bb_log_add_sink(struct bb_log_sink **sp, const struct bb_log_filter *f,
			   void (*fn)(const struct bb_log_line *l, void *arg), void *arg);
BB_API void bb_log_set_sink(struct bb_log_sink *s, const struct bb_log_filter *f);
/** No call comes after this returns. */
BB_API void bb_log_remove_sink(struct bb_log_sink *s);

/** `core set verbose`, `core set debug`: for destinations without a depth of their own. */
BB_API void bb_log_set_verbose(int depth);
BB_API void bb_log_set_debug(int depth);
BB_API int bb_log_verbose(void);
BB_API int bb_log_debug(void);

/** For `logger show channels`: one call a file, then one a sink (path NULL). */
struct bb_log_info {
	const char *path;
	struct bb_log_filter filter;
	enum bb_log_format format;
	uint64_t written, lost; /**< Lines. */
	int err; /**< Why it cannot be written now, or 0. */
};
BB_API void bb_log_each(void (*fn)(const struct bb_log_info *i, void *arg), void *arg);
/** Lines and records that were dropped because too many waited. */
BB_API uint64_t bb_log_dropped(void);
/** Most bytes that may wait for the log thread (8 MiB). For tests. */
BB_API void bb_log_set_queue_max(size_t bytes);

/** What belongs to one flow of control (the loop, a fiber, another thread). */
struct bb_log_context {
	char call_id[48];
};
/** Make @p c (NULL: the thread's own) the calling thread's. @return the one before. */
BB_API struct bb_log_context *bb_log_context_use(struct bb_log_context *c);
/** The id that lines of this flow are stamped with from now on; NULL: none. Any thread. */
BB_API void bb_log_set_call_id(const char *id);
BB_API const char *bb_log_call_id(void);

/**
 * What the log takes from the loop, which stands above it: the time, and a way to the control
 * thread. NULL: the system's clocks, and no way.
 */
struct bb_log_host {
	bb_time (*now)(void);
	bb_time (*wall)(void);
	int (*post)(void (*fn)(void *arg), void *arg);
};
void bb_log_host_set(const struct bb_log_host *h);

/**
 * For a signal handler whose program ends: @p text to the standard error output and to the text
 * files that are open and take errors, by write() alone, past the queue.
 */
BB_API void bb_log_last_words(const char *text, size_t len);

/* --- between log.c and log_out.c --- */

const struct bb_log_host *bb_log_host(void);

/** What bb_log_wanted() looks at: the levels and the deepest lines that anybody takes. */
void bb_log_publish(unsigned levels, int verbose, int debug);
/** @return false when there is no log thread to take it. */
bool bb_log_queue(const struct bb_log_line *l);

#endif
