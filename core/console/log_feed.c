/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/log_feed.c - lines of the log on their way to the consoles,
 * each at its own level; and who may sit at one.
 */
#include <unistd.h>

#include "core/console/server.h"
#include "core/loop/loop_core.h"

bool bb_console_session_wants(const struct bb_session *s, enum bb_log_level level, int depth)
{
	if (level == BB_LOG_VERBOSE)
		return depth <= (int)s->verbose;
	if (level == BB_LOG_DEBUG)
		return depth <= (int)s->debug;
	return true;
}

void bb_console_log_changed(void)
{
}

/* The mode of the socket keeps others out already; this does where a file system has no modes. */
bool bb_console_peer_allowed(struct bb_tcp *t)
{
	unsigned uid;

	return bb_tcp_peer_uid(t, &uid) == 0 && (uid == 0 || uid == (unsigned)geteuid());
}
