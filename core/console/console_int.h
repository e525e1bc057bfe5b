/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/console_int.h - between the files of this folder.
 */
#ifndef BB_CONSOLE_INT_H
#define BB_CONSOLE_INT_H

#include <jansson.h>

#include <bellbird/mem.h>

#include "core/console/console.h"

/* --- text.c: what may be shown on a terminal --- */

/** Columns that valid UTF-8 takes. */
size_t bb_text_width(struct bb_str s);
/** Bytes of the longest beginning that takes at most @p columns. */
size_t bb_text_fit(struct bb_str s, size_t columns);
/**
 * Append @p s as valid UTF-8 without control characters: what comes from the
 * network must not steer a terminal. Newlines and tabs stay when @p lines.
 */
void bb_text_clean(struct bb_buf *b, struct bb_str s, bool lines);
/** Bytes of @p s, at most @p max, that do not cut a character. */
size_t bb_text_cut(struct bb_str s, size_t max);

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
/** The completer added under a name, or NULL. */
void (*bb_completer_find(const char *what))(struct bb_out *o, struct bb_str word);
void bb_commands_clear(void);

/* --- out.c, out_json.c, out_text.c --- */

#define BB_OUT_MAX ((size_t)16 * 1024 * 1024)
#define BB_OUT_COLUMNS 32

enum bb_cell_type {
	BB_CELL_TEXT,
	BB_CELL_INT,
	BB_CELL_UINT,
	BB_CELL_DOUBLE,
	BB_CELL_BOOL,
	BB_CELL_NULL
};
struct bb_cell {
	enum bb_cell_type type;
	struct bb_str text; /**< For people; clean. */
	int64_t i;
	uint64_t u;
	double d;
	bool span; /**< i is seconds of a time span. */
};

struct bb_log_sink;

/** Who asked: a console's own levels, and the lines it gets. */
struct bb_session {
	unsigned verbose, debug;
	struct bb_log_sink *sink; /**< NULL: it wants no log (`-x`). */
};

struct bb_out {
	enum bb_console_format format;
	unsigned width; /**< 0: unlimited. */
	bool colour;
	struct bb_session *session; /**< NULL: nobody sits there. */
	struct bb_buf *text; /**< Where it goes. */
	size_t begin; /**< Where ours begins in it. */
	size_t weight; /**< Bytes held elsewhere, about. */
	bool failed, full;
	/* the table, or the block of facts, that is being filled */
	enum { BB_OUT_NONE, BB_OUT_TABLE, BB_OUT_FACTS } block;
	struct bb_column cols[BB_OUT_COLUMNS];
	size_t n_cols;
	struct bb_buf cells; /**< Texts one behind the other, each terminated. */
	size_t n_cells;
	bool after_block; /**< A blank line is due before the next block. */
	/* JSON */
	json_t *root, *rows;
	/* completion */
	void (*add)(struct bb_str word, void *arg);
	void *add_arg;
	struct bb_str word;
	const struct bb_word *before; /**< Arguments that stand before the word. */
	size_t n_before;
};

void bb_out_init(struct bb_out *o, enum bb_console_format format, struct bb_buf *text);
/** Write what is still held, and the JSON. */
void bb_out_finish(struct bb_out *o, int status);
/** End the block that is being filled. */
void bb_out_flush(struct bb_out *o);
/** out_text.c: print the held cells. */
void bb_out_print_table(struct bb_out *o);
void bb_out_print_facts(struct bb_out *o);
void bb_out_print_csv_row(struct bb_out *o, const struct bb_cell *c, size_t n);
/** out_json.c */
void bb_out_json_row(struct bb_out *o, const struct bb_cell *c, size_t n);
void bb_out_json_set(struct bb_out *o, const char *name, json_t *value);
void bb_out_json_text(struct bb_out *o, const char *key, struct bb_str text);
/** "Call ID" as "call_id". */
void bb_out_json_key(char *dst, size_t cap, const char *name);
json_t *bb_json_value(const struct bb_cell *c);
json_t *bb_json_text(struct bb_str s);

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
