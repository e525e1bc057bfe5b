/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_verbose.c - Verbose() and Log(): lines of the dial plan's own.
 */
#include <bellbird/app.h>
#include <bellbird/log.h>

#include <stdio.h>

struct verbose_args {
	struct bb_str text;
};

/* "3,text"; without a level the text is all there is. */
static int verbose_run(struct bb_chan *ch, const void *args)
{
	struct bb_str text = ((const struct verbose_args *)args)->text;
	ptrdiff_t comma = bb_str_chr(text, ',');
	uint64_t level = 0;

	(void)ch;
	if (comma >= 0 && !bb_str_u64(bb_str_trim(bb_str_sub(text, 0, (size_t)comma)), &level)) {
		text = bb_str_sub(text, (size_t)comma + 1, text.l);
		if (level > 10)
			level = 10;
	}
	bb_verbose((int)level, "%.*s", BB_FMT(text));
	return 0;
}

static const struct bb_app app_verbose = {
	.name = "Verbose",
	.args =
		(const struct bb_field[]){
			{ .name = "[level,]message",
			  .type = BB_T_REST,
			  .off = offsetof(struct verbose_args, text),
			  .doc = "A level from 0 to 10 (0 when left out), and the text." },
			{ 0 } },
	.args_size = sizeof(struct verbose_args),
	.run = verbose_run,
	.doc = { .summary = "Write a line for whoever watches at this verbosity",
		 .since = "0.1",
		 .text = "Example: Verbose(2,call from ${CALLERID(num)})",
		 .see_also = "Log NoOp" },
};

enum level { ERROR, WARNING, NOTICE, DEBUG, VERBOSE, DTMF };
static const char *const levels[] = {
	"ERROR", "WARNING", "NOTICE", "DEBUG", "VERBOSE", "DTMF", NULL
};

struct log_args {
	int level;
	struct bb_str text;
};

static int log_run(struct bb_chan *ch, const void *args)
{
	static const enum bb_log_level as[] = { BB_LOG_ERROR, BB_LOG_WARNING, BB_LOG_NOTICE,
						BB_LOG_DEBUG, BB_LOG_VERBOSE, BB_LOG_DTMF };
	const struct log_args *a = args;
	struct bb_place at = bb_chan_place(ch);
	int depth = a->level == DEBUG || a->level == VERBOSE ? 1 : 0;

	/* Asterisk names the place in the dial plan where other lines name a source file. */
	if (bb_log_wanted(as[a->level], depth))
		bb_log_at(as[a->level], depth, at.exten ? at.exten : "", (int)at.priority,
			  at.context ? at.context : "", "%.*s", BB_FMT(a->text));
	return 0;
}

static const struct bb_app app_log = {
	.name = "Log",
	.args = (const struct bb_field[]){ { .name = "level",
					     .type = BB_T_ENUM,
					     .words = levels,
					     .off = offsetof(struct log_args, level),
					     .doc = "Severity of the line." },
					   { .name = "message",
					     .type = BB_T_REST,
					     .off = offsetof(struct log_args, text),
					     .def = "",
					     .doc = "The text." },
					   { 0 } },
	.args_size = sizeof(struct log_args),
	.run = log_run,
	.doc = { .summary = "Write a line to the log",
		 .since = "0.1",
		 .text = "Example: Log(WARNING,nobody at the desk)",
		 .see_also = "Verbose NoOp" },
};

BB_MODULE(app_verbose,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_verbose), BB_APP(&app_log), { 0 } },
	  .doc = { .summary = "Verbose() and Log()", .since = "0.1" });
