/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/server.h - the socket side of the console.
 */
#ifndef BB_CONSOLE_SERVER_H
#define BB_CONSOLE_SERVER_H

#include "core/base/log_core.h"
#include "core/console/console_int.h"

int bb_server_open(const char *path);
void bb_server_close(void);

/* --- log_feed.c --- */

/** From now on @p fn gets what this session's levels let through. */
int bb_console_log_open(struct bb_session *s, void (*fn)(const struct bb_log_line *l, void *arg),
			void *arg);
void bb_console_log_close(struct bb_session *s);
/** A line as a console shows it, without newline at its end. */
void bb_console_log_render(struct bb_buf *b, const struct bb_log_line *l, bool colour);

#endif
