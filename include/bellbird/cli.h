/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/cli.h - console commands.
 *
 * A command emits named columns and facts; the console prints them as an
 * aligned table for people and as JSON for machines. A command body never
 * knows which.
 */
#ifndef BB_CLI_H
#define BB_CLI_H

#include <bellbird/module.h>

BB_BEGIN_DECLS

struct bb_out; /**< Where one command's output goes. */

struct bb_cli {
	const char *words; /**< "sip show contacts"                          */
	const char *const *aliases; /**< NULL-ended other spellings: "pjsip show contacts" */
	const struct bb_field *args; /**< {0}-ended; after the words, space-separated; the last
					  may be BB_T_REST. .complete drives TAB. An
					  argument whose .def is "" may be left out: then
					  a text is empty, a number 0, an enum -1.      */
	size_t args_size;
	/** Runs in a fiber on the control thread and may wait. @return 0 is success; a negative
	 * errno makes `-x` fail. */
	int (*run)(struct bb_out *o, const void *args);
	/** Offer completions of argument @p field starting with @p word; NULL: by .complete. */
	void (*complete)(struct bb_out *o, const char *field, struct bb_str word);
	struct bb_doc doc;
};

/** A table: columns once, then cells row by row. JSON: an array of objects under @p name. */
struct bb_column {
	const char *name; /**< Heading, and JSON key in lower_case.              */
	enum { BB_LEFT, BB_RIGHT } align;
	bool flexible; /**< May be cut with … to fit the terminal.            */
	bool wide; /**< Left out where the terminal is too narrow for it (JSON has it).  */
	bool wrap; /**< The last column: goes on below instead of being cut.  */
	bool ditto; /**< Blank where it and all before it are as in the row above (JSON has it). */
};
BB_API void bb_out_table(struct bb_out *o, const char *name, const struct bb_column *cols,
			 size_t n);
/** One row; @p n cells as text. Typed cells: strings that are numbers stay numbers in JSON when
 * numeric is set by bb_out_rowf. */
BB_API void bb_out_row(struct bb_out *o, const char *const *cells, size_t n);
/** One row by format letters: s const char*, S struct bb_str, d int64_t, u uint64_t, f double (2
 * digits), F double (3 digits), b int (yes/no), t bb_time span (JSON: seconds, _s behind
 * the key), w bb_time wall. */
BB_API void bb_out_rowf(struct bb_out *o, const char *types, ...);
/** A line below the table for people ("3 active channels"); in JSON nothing. */
BB_API void bb_out_note(struct bb_out *o, const char *fmt, ...) BB_PRINTF(2, 3);
/** A count below the table: "1 active channel", "2 active channels" for people, with @p many as the
 * key in JSON, which must be none of the tables' names. */
BB_API void bb_out_count(struct bb_out *o, uint64_t n, const char *one, const char *many);
/** A named fact: "Version: 0.1" for people, "version": "0.1" in JSON. */
BB_API void bb_out_fact(struct bb_out *o, const char *name, const char *fmt, ...) BB_PRINTF(3, 4);
BB_API void bb_out_fact_int(struct bb_out *o, const char *name, int64_t value);
/** With three digits. */
BB_API void bb_out_fact_double(struct bb_out *o, const char *name, double value);
/** yes or no; true or false in JSON. */
BB_API void bb_out_fact_bool(struct bb_out *o, const char *name, bool value);
/** Free text for people; in JSON one string under "text". */
BB_API void bb_out_text(struct bb_out *o, const char *fmt, ...) BB_PRINTF(2, 3);
/** What went wrong; the command should return a negative errno too. */
BB_API void bb_out_error(struct bb_out *o, const char *fmt, ...) BB_PRINTF(2, 3);
/** One completion candidate (from .complete and completers). */
BB_API void bb_out_candidate(struct bb_out *o, struct bb_str text);
/** Columns of the terminal at the other end; 80 when unknown. */
BB_API unsigned bb_out_width(const struct bb_out *o);

/** The core's own commands and completers are added by name at start (modules use .provides). */
BB_API int bb_cli_add_core(const struct bb_cli *const *cmds, size_t n);
BB_API int bb_completer_add(const char *what, void (*fn)(struct bb_out *o, struct bb_str word));

BB_END_DECLS
#endif
