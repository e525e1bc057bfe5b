/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * logger.conf: which lines go where. Without it errors, warnings and notices
 * go to messages.log, and on a terminal also there.
 */
#include "core/config/config.h"

#include <bellbird/cli.h>
#include <bellbird/module.h>

#include "core/base/log_core.h"
#include "core/init.h"

#define MAX_DESTINATIONS 32
#define TERMINAL "-" /* what the log room calls the standard error output */

struct destination {
	char *path;
	struct bb_log_filter filter;
	enum bb_log_format format;
};

struct plan {
	struct destination v[MAX_DESTINATIONS];
	size_t n;
};

static struct plan *live;

static const char *const known_general[] = { "custom_levels",
					     "appendhostname",
					     "queue_log",
					     "queue_log_to_file",
					     "queue_log_name",
					     "queue_log_realtime_use_gmt",
					     "rotatestrategy",
					     "exec_after_rotate",
					     "logger_queue_limit",
					     "display_callids",
					     NULL };

struct general {
	struct bb_str dateformat;
};
static const struct bb_field general_fields[] = {
	{ .name = "dateformat",
	  .type = BB_T_STR,
	  .off = offsetof(struct general, dateformat),
	  .def = "%F %T.%3q",
	  .doc = "How lines are stamped: as strftime, and %3q for milliseconds." },
	{ 0 }
};

static const struct bb_conf_type types[] = {
	{ .file = "logger.conf",
	  .section = "general",
	  .fields = general_fields,
	  .size = sizeof(struct general),
	  .known = known_general,
	  .doc = "What all destinations have in common." },
	{ .file = "logger.conf",
	  .section = "logfiles",
	  .free_form = true,
	  .doc = "Files and their levels: name => "
		 "notice,warning,error,verbose(3),debug,dtmf,security; "
		 "[json] in front makes JSON lines; 'console' is the terminal." },
	{ 0 },
};

static void plan_free(struct plan *p)
{
	for (size_t i = 0; p && i < p->n; i++)
		bb_free(p->v[i].path);
	bb_free(p);
}

/* --- reading --- */

static bool known_level(struct bb_str word)
{
	return bb_str_iis(word, "fax") || bb_str_iis(word, "trace");
}

static void add_filter(struct bb_log_filter *all, const struct bb_log_filter *one)
{
	all->levels |= one->levels;
	if (one->verbose > all->verbose)
		all->verbose = one->verbose;
	if (one->debug > all->debug)
		all->debug = one->debug;
}

static void take_levels(struct bb_log_filter *all, struct bb_str text, const struct bb_where *at,
			struct bb_diag *d)
{
	static const char *const words[] = { "error", "warning", "notice",   "verbose",
					     "debug", "dtmf",	 "security", NULL };
	struct bb_str word, bad;

	while (bb_str_split(&text, ',', &word)) {
		struct bb_log_filter one = { 0 };

		if (bb_str_empty(word))
			continue;
		if (bb_log_parse_filter(&one, word, &bad) == 0)
			add_filter(all, &one);
		else if (known_level(word))
			bb_diag_add(
				d, BB_WARN, at,
				"the level '%.*s' is known but not built here; it has no effect",
				BB_FMT(word));
		else
			bb_diag_unknown(d, BB_MISTAKE, at, "log level", word, words);
	}
}

static int add_destination(struct plan *p, char *path, const struct destination *dest)
{
	if (!path)
		return -ENOMEM;
	if (p->n == MAX_DESTINATIONS) {
		bb_free(path);
		return -ENOSPC;
	}
	p->v[p->n] = *dest;
	p->v[p->n++].path = path;
	return 0;
}

static char *path_of(struct bb_str name)
{
	if (name.p[0] == '/')
		return bb_strdup(name);
	return bb_sprintf("%s/%.*s", bb_path("astlogdir"), BB_FMT(name));
}

static int take_line(struct plan *p, const struct bb_conf_value *v, struct bb_diag *d)
{
	struct destination dest = { .format = BB_LOG_TEXT };
	struct bb_str levels = v->value;
	int err;

	if (bb_str_istarts(levels, BB_STR("[json]"))) {
		dest.format = BB_LOG_JSON;
		levels = bb_str_sub(levels, 6, levels.l);
	} else if (bb_str_istarts(levels, BB_STR("[default]"))) {
		levels = bb_str_sub(levels, 9, levels.l);
	} else if (bb_str_istarts(levels, BB_STR("[plain]"))) {
		levels = bb_str_sub(levels, 7, levels.l);
	} else if (levels.l && levels.p[0] == '[') {
		bb_diag_add(d, BB_MISTAKE, &v->at,
			    "the format of '%.*s' is neither [default] nor [json]",
			    BB_FMT(v->name));
		return 0;
	}
	take_levels(&dest.filter, levels, &v->at, d);
	if (bb_str_istarts(v->name, BB_STR("syslog."))) {
		bb_diag_add(d, BB_WARN, &v->at,
			    "logging to syslog is known but not built here; it has no effect");
		return 0;
	}
	if (!bb_str_iis(v->name, "console"))
		err = add_destination(p, path_of(v->name), &dest);
	else if (bb_program_on_terminal())
		err = add_destination(p, bb_sprintf(TERMINAL), &dest);
	else
		return 0; /* each console has its own levels */
	if (err == -ENOSPC)
		bb_diag_add(d, BB_MISTAKE, &v->at, "more than %d log files", MAX_DESTINATIONS);
	return err == -ENOSPC ? 0 : err;
}

static int defaults(struct plan *p)
{
	struct destination dest = { .format = BB_LOG_TEXT };
	int err;

	dest.filter.levels =
		BB_LOG_BIT(BB_LOG_ERROR) | BB_LOG_BIT(BB_LOG_WARNING) | BB_LOG_BIT(BB_LOG_NOTICE);
	err = add_destination(p, path_of(BB_STR("messages.log")), &dest);
	if (err || !bb_program_on_terminal())
		return err;
	dest.filter.levels |= BB_LOG_BIT(BB_LOG_VERBOSE) | BB_LOG_BIT(BB_LOG_DEBUG);
	return add_destination(p, bb_sprintf(TERMINAL), &dest);
}

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx, struct bb_diag *d)
{
	const void *files = bb_conf_next(next, &types[1], NULL);
	const struct bb_conf_value *v = NULL;
	struct plan *p = bb_zalloc(sizeof(*p));
	int err = p ? 0 : -ENOMEM;

	if (!err && !bb_conf_where(files, NULL).line)
		err = defaults(p);
	while (!err && (v = bb_conf_value_next(files, v)))
		err = take_line(p, v, d);
	if (err) {
		plan_free(p);
		return err;
	}
	*ctx = p;
	return 0;
}

/* --- changing over --- */

static bool in_plan(const struct plan *p, const char *path)
{
	for (size_t i = 0; p && i < p->n; i++)
		if (strcmp(p->v[i].path, path) == 0)
			return true;
	return false;
}

static void commit(struct bb_self *self, void *ctx)
{
	struct plan *next = ctx;
	const struct general *g = bb_conf_next(bb_conf_live(), &types[0], NULL);

	if (g)
		bb_log_set_date_format(g->dateformat);

	if (!live && !in_plan(next, TERMINAL))
		bb_log_remove_file(TERMINAL); /* the one of the first moments */
	for (size_t i = 0; i < next->n; i++) {
		struct destination *n = &next->v[i];
		int err = bb_log_add_file(n->path, &n->filter, n->format);

		if (err)
			bb_error("cannot log to %s: %s", n->path, strerror(-err));
	}
	for (size_t i = 0; live && i < live->n; i++)
		if (!in_plan(next, live->v[i].path))
			bb_log_remove_file(live->v[i].path);
	plan_free(live);
	live = next;
}

static void undo(struct bb_self *self, void *ctx)
{
	plan_free(ctx);
}

static void stop(struct bb_self *self)
{
	plan_free(live);
	live = NULL;
}

/* --- commands --- */

struct row_out {
	struct bb_out *o;
};

static void levels_text(struct bb_buf *b, const struct bb_log_filter *f)
{
	for (unsigned l = BB_LOG_ERROR; l <= BB_LOG_SECURITY; l++) {
		if (!(f->levels & BB_LOG_BIT(l)))
			continue;
		bb_buf_printf(b, "%s%s", b->l ? " " : "", bb_log_level_name((enum bb_log_level)l));
		if (l == BB_LOG_VERBOSE && f->verbose)
			bb_buf_printf(b, "(%d)", f->verbose);
		if (l == BB_LOG_DEBUG && f->debug)
			bb_buf_printf(b, "(%d)", f->debug);
	}
}

static void show_one(const struct bb_log_info *i, void *arg)
{
	struct row_out *r = arg;
	struct bb_buf levels = { 0 };
	const char *path = i->path ? i->path : "(a console)";

	levels_text(&levels, &i->filter);
	bb_out_rowf(r->o, "sssuus", strcmp(path, TERMINAL) == 0 ? "console" : path,
		    i->format == BB_LOG_JSON ? "json" : "text", bb_buf_cstr(&levels), i->written,
		    i->lost, i->err ? strerror(i->err < 0 ? -i->err : i->err) : "");
	bb_buf_free(&levels);
}

static int show(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = {
		{ "File", BB_LEFT, true },   { "Format", BB_LEFT, false },
		{ "Levels", BB_LEFT, true }, { "Written", BB_RIGHT, false },
		{ "Lost", BB_RIGHT, false }, { "Problem", BB_LEFT, true },
	};
	struct row_out r = { o };

	bb_out_table(o, "log", columns, BB_ARRAY_SIZE(columns));
	bb_log_each(show_one, &r);
	bb_out_note(o, "%llu lines were dropped because too many waited",
		    (unsigned long long)bb_log_dropped());
	return 0;
}

static int rotate(struct bb_out *o, const void *args)
{
	bb_log_rotate();
	bb_out_text(o, "log files are opened anew");
	return 0;
}

static const struct bb_cli cli_show = {
	.words = "logger show",
	.aliases = (const char *const[]){ "logger show channels", NULL },
	.run = show,
	.doc = { .summary = "Show where log lines go", .since = "0.1" },
};

static const struct bb_cli cli_rotate = {
	.words = "logger rotate",
	.run = rotate,
	.doc = { .summary = "Open the log files anew, after they were moved away", .since = "0.1" },
};

static const struct bb_provide provides[] = {
	BB_CLI(&cli_show),
	BB_CLI(&cli_rotate),
	{ 0 },
};

const struct bb_module bb_logger_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "logger",
	.conf = types,
	.provides = provides,
	.prepare = prepare,
	.commit = commit,
	.abort = undo,
	.stop = stop,
	.doc = { .summary = "Where log lines go", .since = "0.1" },
};
