/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/console.c - the room's beginning and end.
 */
#include "core/console/server.h"
#include "core/loop/loop_core.h"

int bb_console_init(const char *path)
{
	int err = 0;

	bb_assert_control();
	bb_console_help_commands();
	bb_console_core_commands();
	bb_console_db_commands();
	bb_console_log_commands();
	if (path)
		err = bb_server_open(path);
	if (err)
		bb_commands_clear();
	return err;
}

void bb_console_close(void)
{
	bb_server_close();
	bb_commands_clear();
}
