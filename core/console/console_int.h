/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/console_int.h - between the files of this folder.
 */
#ifndef BB_CONSOLE_INT_H
#define BB_CONSOLE_INT_H

#include <bellbird/mem.h>

#include "core/console/console.h"

/* --- words.c: a line as words --- */

struct bb_word {
	struct bb_str text; /**< Unquoted, terminated, in the arena. */
	size_t at, end; /**< Where it stands in the line. */
};
#define BB_WORDS_MAX 64
struct bb_words {
	struct bb_word v[BB_WORDS_MAX];
	size_t n;
	bool open; /**< A quote is not closed. */
	bool more; /**< Ends with a space: a further word would begin. */
	bool json, csv; /**< --json, --csv stood there; they are not among the words. */
};
/** Split by spaces; "…" and '…' group, a backslash protects. @return -E2BIG, -ENOMEM. */
int bb_words_split(struct bb_words *w, struct bb_str line, struct bb_arena *a);

/* --- commands.c: which command a line means --- */

/** A command that was found, held. */
struct bb_command {
	const struct bb_cli *cli;
	struct bb_use use; /**< Of a module's; none for the core's own. */
	const char *spelling;
	size_t words; /**< How many words of the line name it. */
};
/** @return 0, -ENOENT, or -EAGAIN when the words are ambiguous; @p why gets a sentence. */
int bb_command_find(const struct bb_words *w, struct bb_command *c, struct bb_buf *why);
void bb_command_end(struct bb_command *c);
/** Walk all spellings of all commands; for aliases @p alias is true. */
void bb_command_each(void (*fn)(const struct bb_cli *cli, const char *spelling, bool alias,
				void *arg),
		     void *arg);
/** The next words that could follow the first @p n of @p w. */
void bb_command_next_words(const struct bb_words *w, size_t n,
			   void (*add)(struct bb_str word, void *arg), void *arg);
/** "database put <family> <key> <value>" */
void bb_command_usage(const struct bb_cli *cli, const char *spelling, struct bb_buf *out);
void bb_commands_clear(void);

/* --- elsewhere.c --- */

/**
 * Is the line a command of Asterisk's that is none here? Then @p instead becomes the line that does
 * the same, or @p says a sentence.
 */
bool bb_elsewhere(const struct bb_words *w, struct bb_str line, struct bb_buf *instead,
		  struct bb_buf *says);

/* --- server.c --- */

struct bb_log_sink;

/** Who asked: a console's own levels, and the lines it gets. */
struct bb_session {
	unsigned verbose, debug;
	struct bb_log_sink *sink; /**< NULL: it wants no log (`-x`). */
};

/* --- exec.c --- */

int bb_exec_line(struct bb_str line, struct bb_out *o);

/* --- cmd_help.c --- */

/** "Dial(destinations[,timeout[,options]])" */
void bb_help_syntax(struct bb_buf *b, const char *name, const struct bb_field *args);

/* --- commands of this room --- */

void bb_console_core_commands(void);
void bb_console_help_commands(void);
void bb_console_db_commands(void);
void bb_console_log_commands(void);

#define BB_CONSOLE_LINE_MAX 4096

#endif
