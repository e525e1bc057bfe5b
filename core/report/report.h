/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/report/report.h - what a command says, for its reader: a table or facts
 * for people, the same as JSON or CSV for machines. Commands know only
 * <bellbird/cli.h>; who runs them (the console, a test) makes the struct
 * bb_out and finishes it.
 */
#ifndef BB_CORE_REPORT_H
#define BB_CORE_REPORT_H

#include <jansson.h>

#include <bellbird/cli.h>
#include <bellbird/mem.h>

struct bb_session; /* the console's: who asked */
struct bb_word; /* the console's: a word of its line */

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

/* --- out.c, out_json.c, out_text.c --- */

enum bb_out_format { BB_OUT_TEXT, BB_OUT_JSON, BB_OUT_CSV };

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

struct bb_out {
	enum bb_out_format format;
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

void bb_out_init(struct bb_out *o, enum bb_out_format format, struct bb_buf *text);
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

/* --- completers.c --- */

/** The completer added under a name, or NULL. */
void (*bb_completer_find(const char *what))(struct bb_out *o, struct bb_str word);
void bb_completers_clear(void);

#endif
