/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/init.h - the program's life: all rooms in their order, signals, the
 * state directory's lock, and the end.
 */
#ifndef BB_CORE_INIT_H
#define BB_CORE_INIT_H

#include "core/config/config.h"

struct bb_options {
	const char *config, *state; /**< -C, -S */
	const char *command; /**< -x */
	const char *manual; /**< --write-manual */
	bool foreground, console, remote, check;
	unsigned verbose, debug; /**< How often -v and -d were given. */
};

/** Exit statuses of --check. */
enum { BB_CHECK_CLEAN, BB_CHECK_WARNINGS, BB_CHECK_ERRORS };

/** Judge the configuration, print what is wrong. @return the exit status. */
int bb_program_check(const struct bb_options *opt);
/** Be the PBX until it is stopped. @return the exit status. */
int bb_program_run(const struct bb_options *opt);
/** Write the reference manual. @return the exit status. */
int bb_program_manual(const struct bb_options *opt);
/** -r and -x. @return the exit status. */
int bb_program_attach(const struct bb_options *opt);

/** The rooms above the registry, in order (rooms.c). */
int bb_rooms_init(const struct bb_options *opt);
void bb_rooms_close(void);
/** The program's own console commands (commands.c). */
int bb_program_commands_init(void);
/** Path of the console's socket. bb_free() it. */
char *bb_socket_path(void);

/** End the program: now (calls are hung up), or when the last call has ended. */
void bb_program_stop(bool gracefully, int status, const char *why);
/** Read everything anew; in a fiber. What is wrong is logged. @return as bb_modules_reload(). */
int bb_program_reload(struct bb_diag *d);
/** Does it stay in the foreground without a console of its own? Then log lines go to the terminal.
 */
bool bb_program_on_terminal(void);
/** When it began: bb_now(), bb_wall(). */
bb_time bb_program_started(void);
bb_time bb_program_started_wall(void);

/** Lock the state directory against a second instance (lock.c). @return the descriptor, or -errno,
 * said on stderr. */
int bb_state_lock(void);
void bb_state_unlock(int fd);
/** Make the directories of the state. @return 0 or -errno, said on stderr. */
int bb_state_make(void);

#endif
