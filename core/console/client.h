/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/client.h - the client: its connection, and the prompt.
 *
 * Blocks, and knows nothing of the loop: it is another process.
 */
#ifndef BB_CONSOLE_CLIENT_H
#define BB_CONSOLE_CLIENT_H

#include <signal.h>

#include <jansson.h>

#include "core/console/console.h"

struct bb_link {
	int fd; /**< -1: not connected. */
	struct bb_buf in;
	char host[256], version[64];
	int pid;
	json_int_t next_id;
	bool ended; /**< The server said goodbye. */
	char bye[256];
	/** A line of the log came. */
	void (*log)(struct bb_str line, void *arg);
	void *arg;
	/** Signals let through while it waits (NULL: as they are), and what they set: then a
	 * wait ends with -EINTR. */
	const sigset_t *wait_mask;
	const volatile sig_atomic_t *interrupted;
};

/** Connect and greet. @return 0 or a negative errno. */
int bb_link_open(struct bb_link *l, const struct bb_client_options *opt, bool want_log);
void bb_link_close(struct bb_link *l);
/**
 * Take one message off the wire; waits up to @p ms (-1: for ever). Log lines go to .log.
 * @return 1 with *msg for the caller, 0 nothing for it (or only log), -ENOTCONN it has ended.
 */
int bb_link_read(struct bb_link *l, int ms, json_t **msg);
/** Messages already here, so that poll() would not tell. */
bool bb_link_ready(const struct bb_link *l);
/** Run a command; its output goes to stdout as it comes. @return its status, or -ENOTCONN. */
int bb_link_exec(struct bb_link *l, const char *command, unsigned width, bool colour);
/** Candidates of the last word, in a new array, or NULL. */
json_t *bb_link_complete(struct bb_link *l, const char *line);

/** The prompt with editing, when standard input is a terminal. @return exit status. */
int bb_prompt_run(struct bb_link *l, const struct bb_client_options *opt);
/** Lines of a pipe. */
int bb_pipe_run(struct bb_link *l, const struct bb_client_options *opt);
/** Columns of the terminal on stdout; 0: it is none. */
unsigned bb_terminal_width(void);
bool bb_terminal_colour(void);

#define BB_CLIENT_SHELL_MAX 4096 /**< Of one typed line. */

enum bb_line_result { BB_LINE_OK, BB_LINE_FAILED, BB_LINE_QUIT, BB_LINE_GONE };
/** One typed line: `!cmd`, exit and quit are the client's, the rest is the server's. */
enum bb_line_result bb_line_run(struct bb_link *l, const struct bb_client_options *opt,
				struct bb_str line);

#endif
