/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/console.h - the console: commands, the socket that serves
 * them, and the client that a person sits at.
 *
 * The server lives on the control thread. The client is a process of its own
 * that knows only the socket: `-r`, `-x` and the terminal of `-c` are the
 * same program.
 */
#ifndef BB_CORE_CONSOLE_H
#define BB_CORE_CONSOLE_H

#include <bellbird/cli.h>

#include "core/report/report.h"

BB_BEGIN_DECLS

/**
 * Register the core's commands and completers, and listen on a Unix socket
 * (mode 0600, its owner and root only). @p path NULL: no socket (tests).
 * @return -EADDRINUSE when another process answers there, -ENOMEM …
 */
BB_API int bb_console_init(const char *path);
/** Say goodbye to the clients, close the socket and remove it. */
BB_API void bb_console_close(void);

/**
 * Run one command line and append its output to @p out. In a fiber it may
 * wait; outside of one, commands that would wait return at once.
 * `--json` and `--csv` in the line win over @p format.
 * @return what the command returned; -ENOENT no such command, -EINVAL bad arguments.
 */
BB_API int bb_console_exec(struct bb_str line, enum bb_out_format format, struct bb_buf *out);
/** The same for a terminal of @p width columns, with colours. */
BB_API int bb_console_exec_tty(struct bb_str line, unsigned width, bool colour, struct bb_buf *out);

/**
 * What could stand at the end of @p line: calls @p add for each candidate of
 * the last word, sorted, without doubles.
 */
BB_API void bb_console_complete(struct bb_str line, void (*add)(struct bb_str word, void *arg),
				void *arg);

/** Clients that are attached now. */
BB_API unsigned bb_console_clients(void);

/* --- the client: any process, no loop; blocks --- */

struct bb_client_options {
	const char *path; /**< Of the socket.                                               */
	const char *command; /**< Run this one and leave (`-x`); NULL: a prompt.               */
	unsigned verbose, debug; /**< Levels of log lines shown.                               */
	bool wait; /**< Wait for the socket to appear (`-c`), up to 20 s.            */
	bool local; /**< The terminal of `-c`: `exit` is explained, the PBX's end is
			 the client's end.                                            */
};
/** @return exit status for main(): 0; 1 the command failed; 2 nobody answers at the socket. */
BB_API int bb_console_client(const struct bb_client_options *opt);

/**
 * For `-c`, first thing in main() and before any thread: fork, and run the
 * client in the child on the terminal. @return its process id in the parent,
 * which goes on to become the PBX; negative errno.
 */
BB_API int bb_console_fork_client(const struct bb_client_options *opt);

/**
 * Write the reference manual of everything that is known (applications,
 * functions, commands, configuration) into @p dir: manual.xml and
 * manual.html. Blocks. @return 0 or a negative errno.
 */
BB_API int bb_manual_write(const char *dir);

BB_END_DECLS
#endif
