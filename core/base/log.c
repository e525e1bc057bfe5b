/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log.c - making a log line, and deciding whether anybody wants it.
 */
#include <stdio.h>
#include <unistd.h>

#include <bellbird/log.h>
#include <bellbird/loop.h>

#include "core/base/log_core.h"

const char *bb_log_level_name(enum bb_log_level level)
{
	static const char *const names[] = { "ERROR", "WARNING", "NOTICE",  "VERBOSE",
					     "DEBUG", "DTMF",	 "SECURITY" };

	return (unsigned)level < BB_ARRAY_SIZE(names) ? names[level] : "?";
}

static _Thread_local struct bb_log_context own, *current;

struct bb_log_context *bb_log_context_use(struct bb_log_context *c)
{
	struct bb_log_context *before = current;

	current = c;
	return before;
}

void bb_log_set_call_id(const char *id)
{
	struct bb_log_context *c = current ? current : &own;

	(void)bb_str_copy(c->call_id, sizeof(c->call_id), bb_strz(id));
}

const char *bb_log_call_id(void)
{
	return current ? current->call_id : own.call_id;
}

bool bb_log_wanted(enum bb_log_level level, int depth)
{
	(void)depth;
	return level == BB_LOG_ERROR || level == BB_LOG_WARNING || level == BB_LOG_NOTICE ||
	       level == BB_LOG_SECURITY;
}

void bb_log_at(enum bb_log_level level, int depth, const char *file, int line, const char *func,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	bb_log_vat(level, depth, file, line, func, fmt, ap);
	va_end(ap);
}

void bb_log_vat(enum bb_log_level level, int depth, const char *file, int line, const char *func,
		const char *fmt, va_list ap)
{
	struct bb_buf b = { 0 };

	(void)depth;
	bb_buf_printf(&b, "%s: %s:%d %s: ", bb_log_level_name(level), file, line, func);
	bb_buf_vprintf(&b, fmt, ap);
	bb_buf_putc(&b, '\n');
	if (b.l && write(STDERR_FILENO, b.p, b.l) < 0)
		b.err = -errno;
	bb_buf_free(&b);
}

bool bb_log_allow(struct bb_log_limit *l, unsigned *dropped)
{
	bb_time now = bb_now();

	if (l->every > 0 && now - l->since >= l->every) {
		bb_time n = (now - l->since) / l->every;

		l->used = (bb_time)l->used > n ? l->used - (unsigned)n : 0;
		l->since += n * l->every;
	}
	if (l->used >= l->burst) {
		l->dropped++;
		return false;
	}
	if (l->used == 0)
		l->since = now;
	l->used++;
	if (dropped)
		*dropped = l->dropped;
	l->dropped = 0;
	return true;
}
