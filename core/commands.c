/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/commands.c - the program's own commands: core reload, stop, show settings, version, uptime.
 */
#include <bellbird/cli.h>
#include <bellbird/loop.h>
#include <bellbird/module.h>

#include <config.h>
#include "core/config/config.h"
#include "core/init.h"
#include "core/registry/registry.h"

static int core_reload(struct bb_out *o, const void *args)
{
	struct bb_diag *d;
	int err = bb_diag_new(&d);

	if (err)
		return err;
	err = bb_program_reload(d);
	bb_cli_diag(o, d, bb_modules_checked_strict());
	bb_diag_free(d);
	if (err == -EBUSY)
		bb_out_error(o, "a reload is running already");
	else if (err)
		bb_out_error(o, "nothing was reloaded: what runs stays as it is");
	else
		bb_out_text(o, "configuration reloaded");
	return err;
}

static int stop_now(struct bb_out *o, const void *args)
{
	bb_out_text(o, "stopping");
	bb_program_stop(false, 0, "by the console");
	return 0;
}

static int stop_gracefully(struct bb_out *o, const void *args)
{
	bb_out_text(o, "no new calls; stopping when the last one has ended");
	bb_program_stop(true, 0, "by the console");
	return 0;
}

static int show_version(struct bb_out *o, const void *args)
{
	bb_out_fact(o, "Version", "Bellbird %s", PACKAGE_VERSION);
	bb_out_fact(o, "ABI", "%d.%d", BB_ABI_MAJOR, BB_ABI_MINOR);
	return 0;
}

static int show_uptime(struct bb_out *o, const void *args)
{
	int64_t s = (bb_now() - bb_program_started()) / BB_SEC;

	bb_out_fact(o, "Uptime", "%lld days, %02lld:%02lld:%02lld", (long long)(s / 86400),
		    (long long)(s / 3600 % 24), (long long)(s / 60 % 60), (long long)(s % 60));
	bb_out_fact_int(o, "Seconds", s);
	return 0;
}

static void limit(struct bb_out *o, const char *name, int64_t value)
{
	if (value)
		bb_out_fact(o, name, "%lld", (long long)value);
	else
		bb_out_fact(o, name, "no limit");
}

/* Where the modules come from that are here, whatever astmoddir says. */
static struct bb_str modules_from(void)
{
	bb_list_each (node, bb_selves()) {
		const char *path = bb_list_entry(node, struct bb_self, node)->path;
		const char *slash = path ? strrchr(path, '/') : NULL;

		if (slash)
			return bb_strn(path, (size_t)(slash - path));
	}
	return BB_STR("the program itself");
}

static int show_settings(struct bb_out *o, const void *args)
{
	static const char *const dirs[] = { "astetcdir",   "astdatadir", "astvarlibdir", "astdbdir",
					    "astspooldir", "astrundir",	 "astlogdir" };
	const struct bb_settings *s = bb_settings();

	limit(o, "Maximum calls", s->maxcalls);
	if (!bb_str_empty(s->system_name))
		bb_out_fact(o, "System name", "%.*s", BB_FMT(s->system_name));
	bb_out_fact(o, "Default language", "%.*s", BB_FMT(s->language));
	bb_out_fact(o, "Strict", "%s", s->strict ? "yes" : "no");
	bb_out_fact(o, "Live dangerously", "%s", s->live_dangerously ? "yes" : "no");
	if (s->media_threads)
		bb_out_fact_int(o, "Media threads", s->media_threads);
	else
		bb_out_fact(o, "Media threads", "one a core");
	bb_out_fact(o, "Modules from", "%.*s", BB_FMT(modules_from()));
	for (size_t i = 0; i < BB_ARRAY_SIZE(dirs); i++)
		bb_out_fact(o, dirs[i], "%s", bb_path(dirs[i]));
	return 0;
}

static const struct bb_cli cli_reload = {
	.words = "core reload",
	.run = core_reload,
	.doc = { .summary = "Read the whole configuration anew",
		 .text = "With a mistake nothing changes. No call is dropped.",
		 .since = "0.1" },
};

static const struct bb_cli cli_stop_now = {
	.words = "core stop now",
	.run = stop_now,
	.doc = { .summary = "Hang up all calls and end the program", .since = "0.1" },
};

static const struct bb_cli cli_stop_gracefully = {
	.words = "core stop gracefully",
	.run = stop_gracefully,
	.doc = { .summary = "Take no new calls, and end when the last one has", .since = "0.1" },
};

static const struct bb_cli cli_version = {
	.words = "core show version",
	.run = show_version,
	.doc = { .summary = "Show the version", .since = "0.1" },
};

static const struct bb_cli cli_uptime = {
	.words = "core show uptime",
	.run = show_uptime,
	.doc = { .summary = "Show how long the program has been running", .since = "0.1" },
};

static const struct bb_cli cli_settings = {
	.words = "core show settings",
	.run = show_settings,
	.doc = { .summary = "Show options and directories in effect", .since = "0.1" },
};

static const struct bb_provide provides[] = {
	BB_CLI(&cli_reload),
	BB_CLI(&cli_stop_now),
	BB_CLI(&cli_stop_gracefully),
	BB_CLI(&cli_version),
	BB_CLI(&cli_uptime),
	BB_CLI(&cli_settings),
	{ 0 },
};

static const struct bb_module program = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "program",
	.provides = provides,
	.doc = { .summary = "Reload, stop, version and uptime", .since = "0.1" },
};

int bb_program_commands_init(void)
{
	return bb_core_module_add(&program);
}
