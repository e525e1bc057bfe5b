/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/server.h - the socket side of the console.
 */
#ifndef BB_CONSOLE_SERVER_H
#define BB_CONSOLE_SERVER_H

#include <bellbird/log.h>

#include "core/console/console_int.h"

struct bb_tcp;

int bb_server_open(const char *path);
void bb_server_close(void);

/** Give a line of the log to the clients that want it. */
void bb_console_log_line(enum bb_log_level level, int depth, struct bb_str line);
/** What the clients want to hear, all together. */
void bb_console_log_levels(unsigned *verbose, unsigned *debug);
bool bb_console_wants_log(void);
/** Levels changed, a client came or went (log_feed.c). */
void bb_console_log_changed(void);
bool bb_console_session_wants(const struct bb_session *s, enum bb_log_level level, int depth);
/** The user at the other end is ours, or root. */
bool bb_console_peer_allowed(struct bb_tcp *t);

#endif
