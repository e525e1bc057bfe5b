/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/log_feed.c - lines of the log on their way to a console, each
 * at its own level; and the commands that set it.
 */
#include <time.h>

#include "core/console/server.h"

static struct bb_log_filter filter_of(const struct bb_session *s)
{
	struct bb_log_filter f = { .levels = BB_LOG_ALL,
				   .verbose = (int)s->verbose,
				   .debug = (int)s->debug };

	/* 0 would mean: as deep as the files. */
	if (!s->verbose)
		f.levels &= ~BB_LOG_BIT(BB_LOG_VERBOSE);
	if (!s->debug)
		f.levels &= ~BB_LOG_BIT(BB_LOG_DEBUG);
	return f;
}

int bb_console_log_open(struct bb_session *s, void (*fn)(const struct bb_log_line *l, void *arg),
			void *arg)
{
	struct bb_log_filter f = filter_of(s);

	return s->sink ? 0 : bb_log_add_sink(&s->sink, &f, fn, arg);
}

void bb_console_log_close(struct bb_session *s)
{
	if (s->sink)
		bb_log_remove_sink(s->sink);
	s->sink = NULL;
}

static const char *colour_of(enum bb_log_level level)
{
	switch (level) {
	case BB_LOG_ERROR:
	case BB_LOG_SECURITY:
		return "\033[31m";
	case BB_LOG_WARNING:
		return "\033[33m";
	case BB_LOG_NOTICE:
		return "\033[32m";
	default:
		return "\033[36m";
	}
}

void bb_console_log_render(struct bb_buf *b, const struct bb_log_line *l, bool colour)
{
	time_t s = (time_t)(l->wall / BB_SEC);
	char stamp[32] = "";
	struct tm tm;

	if (l->level == BB_LOG_VERBOSE) {
		bb_buf_puts(b, bb_log_verbose_mark(l->depth));
		bb_text_clean(b, bb_strz(l->text), true);
		return;
	}
	if (localtime_r(&s, &tm))
		strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	bb_buf_printf(b, "[%s] %s%s%s", stamp, colour ? colour_of(l->level) : "",
		      bb_log_level_name(l->level), colour ? "\033[0m" : "");
	if (l->call_id[0])
		bb_buf_printf(b, "[%s]", l->call_id);
	if (l->level == BB_LOG_DEBUG)
		bb_buf_printf(b, " %s:%d %s", l->file, l->line, l->func);
	bb_buf_puts(b, ": ");
	bb_text_clean(b, bb_strz(l->text), true);
}

/* --- core set verbose, core set debug --- */

struct set_args {
	struct bb_str level;
	int where;
};

static const char *const places[] = { "here", "everywhere", NULL };

static int level_of(struct bb_out *o, struct bb_str text, unsigned *level)
{
	uint64_t n;

	if (bb_str_iis(text, "off")) {
		*level = 0;
		return 0;
	}
	if (bb_str_u64(text, &n) || n > 10) {
		bb_out_error(o, "a level is a number from 0 to 10, or off");
		return -EINVAL;
	}
	*level = (unsigned)n;
	return 0;
}

static int set_level(struct bb_out *o, const struct set_args *a, const char *what, bool verbose)
{
	bool mine = o->session && o->session->sink;
	bool all = a->where == 1 || (a->where < 0 && !mine);
	unsigned level;
	int err = level_of(o, a->level, &level);

	if (err)
		return err;
	if (!all && !mine) {
		bb_out_error(o, "nobody sits at this console: say everywhere");
		return -EINVAL;
	}
	if (mine) {
		struct bb_log_filter f;

		if (verbose)
			o->session->verbose = level;
		else
			o->session->debug = level;
		f = filter_of(o->session);
		bb_log_set_sink(o->session->sink, &f);
	}
	if (all && verbose)
		bb_log_set_verbose((int)level);
	else if (all)
		bb_log_set_debug((int)level);
	bb_out_text(o, "%s level is %u %s", what, level,
		    all ? "in the log files too" : "at this console");
	return 0;
}

static int set_verbose(struct bb_out *o, const void *args)
{
	return set_level(o, args, "Verbose", true);
}

static int set_debug(struct bb_out *o, const void *args)
{
	return set_level(o, args, "Debug", false);
}

static const struct bb_field set_fields[] = {
	{ .name = "level",
	  .type = BB_T_STR,
	  .off = offsetof(struct set_args, level),
	  .doc = "0 to 10, or off." },
	{ .name = "where",
	  .type = BB_T_ENUM,
	  .words = places,
	  .off = offsetof(struct set_args, where),
	  .def = "",
	  .doc = "Only this console, or the log files as well." },
	{ 0 }
};

static const struct bb_cli verbose_cli = {
	.words = "core set verbose",
	.args = set_fields,
	.args_size = sizeof(struct set_args),
	.run = set_verbose,
	.doc = { .summary = "Set how much of calls is told",
		 .text = "At a console: what it shows. From -x, or with everywhere: what log files "
			 "without a depth of their own take.\n\n3 shows each step of the dial "
			 "plan.",
		 .since = "0.1" },
};

static const struct bb_cli debug_cli = {
	.words = "core set debug",
	.args = set_fields,
	.args_size = sizeof(struct set_args),
	.run = set_debug,
	.doc = { .summary = "Set how much is told for developers",
		 .text = "As core set verbose.",
		 .since = "0.1" },
};

void bb_console_log_commands(void)
{
	static const struct bb_cli *const all[] = { &verbose_cli, &debug_cli };

	bb_cli_add_core(all, BB_ARRAY_SIZE(all));
}
