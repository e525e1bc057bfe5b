/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * module show, load, unload, reload.
 */
#include "core/registry/registry.h"

#include <stdio.h>

#include <bellbird/cli.h>

struct name_arg {
	struct bb_str name;
};

/* --- what went wrong, on the console --- */

void bb_cli_diag(struct bb_out *o, const struct bb_diag *d, bool strict)
{
	struct bb_buf b = { 0 };

	for (size_t i = 0; bb_diag_at(d, i); i++) {
		bb_buf_truncate(&b, 0);
		bb_diag_print(d, i, BB_DIAG_START, strict, &b);
		bb_out_text(o, "%s", bb_buf_cstr(&b));
	}
	bb_buf_free(&b);
}

static void complete_module(struct bb_out *o, struct bb_str word)
{
	struct bb_module_info info;
	size_t it = 0;

	while (bb_module_next(&it, &info))
		if (!info.core && bb_str_istarts(bb_strz(info.name), word))
			bb_out_candidate(o, bb_strz(info.name));
}

int bb_cli_module_init(void)
{
	return bb_completer_add("module", complete_module);
}

/* --- module show --- */

static const struct bb_column columns[] = {
	{ "Module", BB_LEFT, false }, { "Summary", BB_LEFT, true }, { "State", BB_LEFT, false },
	{ "Uses", BB_RIGHT, false },  { "Held by", BB_LEFT, true },
};

static void show_row(struct bb_out *o, const struct bb_module_info *info)
{
	struct bb_buf who = { 0 };

	bb_module_holders(info->name, &who);
	bb_out_rowf(o, "sssus", info->name, info->summary,
		    info->core ? "part of the program" : bb_module_state_name(info->state),
		    (uint64_t)info->uses, bb_buf_cstr(&who));
	bb_buf_free(&who);
}

static void show_table(struct bb_out *o, bool all, struct bb_str like)
{
	struct bb_module_info info;
	size_t it = 0;
	unsigned n = 0;

	bb_out_table(o, "modules", columns, BB_ARRAY_SIZE(columns));
	while (bb_module_next(&it, &info)) {
		if (!all && (info.core || info.state == BB_MODULE_OPEN))
			continue;
		if (like.l && bb_str_find(bb_strz(info.name), like) < 0)
			continue;
		show_row(o, &info);
		n++;
	}
	bb_out_note(o, "%u module%s", n, n == 1 ? "" : "s");
}

static void show_provide(enum bb_kind kind, const char *entry, unsigned uses, void *arg)
{
	bb_out_rowf(arg, "ssu", bb_kind_name(kind), entry, (uint64_t)uses);
}

static int show_one(struct bb_out *o, struct bb_str name)
{
	static const struct bb_column provides[] = { { "Kind", BB_LEFT, false },
						     { "Name", BB_LEFT, true },
						     { "Uses", BB_RIGHT, false } };
	struct bb_module_info info;
	struct bb_buf who = { 0 };
	size_t it = 0;

	if (name.l > 3 && bb_str_is(bb_str_sub(name, name.l - 3, 3), ".so"))
		name.l -= 3;
	while (bb_module_next(&it, &info)) {
		if (!bb_str_is(name, info.name))
			continue;
		bb_module_holders(info.name, &who);
		bb_out_fact(o, "Module", "%s", info.name);
		bb_out_fact(o, "Summary", "%s", info.summary);
		bb_out_fact(o, "State", "%s", bb_module_state_name(info.state));
		bb_out_fact(o, "File", "%s", info.path ? info.path : "part of the program");
		bb_out_fact(o, "Held by", "%s", who.l ? bb_buf_cstr(&who) : "nobody");
		bb_buf_free(&who);
		bb_out_table(o, "provides", provides, BB_ARRAY_SIZE(provides));
		bb_module_each_provide(info.name, show_provide, o);
		return 0;
	}
	bb_out_error(o, "there is no module '%.*s' (module show all lists them)", BB_FMT(name));
	return -ENOENT;
}

struct show_args {
	struct bb_str what;
};

static int show(struct bb_out *o, const void *args)
{
	struct bb_str what = bb_str_trim(((const struct show_args *)args)->what);

	if (bb_str_empty(what))
		show_table(o, false, bb_strz(NULL));
	else if (bb_str_is(what, "all"))
		show_table(o, true, bb_strz(NULL));
	else if (bb_str_starts(what, BB_STR("like ")))
		show_table(o, false, bb_str_trim(bb_str_sub(what, 5, what.l)));
	else
		return show_one(o, what);
	return 0;
}

static const struct bb_cli cli_show = {
	.words = "module show",
	.args =
		(const struct bb_field[]){
			{ .name = "what",
			  .type = BB_T_REST,
			  .off = offsetof(struct show_args, what),
			  .def = "",
			  .doc = "Nothing for what is loaded; 'all'; 'like TEXT'; or one module.",
			  .complete = "module" },
			{ 0 },
		},
	.args_size = sizeof(struct show_args),
	.run = show,
	.doc = { .summary = "Show modules, their states and who holds them",
		 .text = "module show            what is loaded\n"
			 "module show all        what is installed, and parts of the program\n"
			 "module show like sip   those whose names contain a text\n"
			 "module show chan_sip   one: its file, what it provides, who holds it",
		 .since = "0.1" },
};

/* --- module load, unload, reload --- */

#define NAME_ARG                                                                                   \
	(const struct bb_field[])                                                                  \
	{                                                                                          \
		{ .name = "module",                                                                \
		  .type = BB_T_STR,                                                                \
		  .off = offsetof(struct name_arg, name),                                          \
		  .doc = "Name of the module: app_dial.",                                          \
		  .complete = "module" },                                                          \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static int failed(struct bb_out *o, struct bb_str name, int err)
{
	switch (err) {
	case -ENOENT:
		bb_out_error(o, "there is no module '%.*s' to be found", BB_FMT(name));
		break;
	case -EALREADY:
		bb_out_error(o, "%.*s is loaded already", BB_FMT(name));
		break;
	case -EPERM:
		bb_out_error(o, "%.*s is a part of the program", BB_FMT(name));
		break;
	case -EAGAIN:
		bb_out_error(o, "a reload is running; try again when it has ended");
		break;
	case -EBUSY:
	case -EINVAL:
		break; /* the sentences above say it */
	default:
		bb_out_error(o, "%.*s: %s", BB_FMT(name), strerror(-err));
		break;
	}
	return err;
}

static int load(struct bb_out *o, const void *args)
{
	struct bb_str name = ((const struct name_arg *)args)->name;
	struct bb_diag *d;
	int err = bb_diag_new(&d);

	if (err)
		return err;
	err = bb_module_load(name, d);
	bb_cli_diag(o, d, bb_modules_checked_strict());
	bb_diag_free(d);
	if (err == -EBUSY)
		err = -EAGAIN;
	if (err)
		return failed(o, name, err);
	bb_out_text(o, "%.*s is loaded", BB_FMT(name));
	return 0;
}

struct unload_args {
	struct bb_str name;
	int hangup;
};

static void say_ended(struct bb_out *o, unsigned calls)
{
	bb_out_text(o, "%u call%s that held it %s ended", calls, calls == 1 ? "" : "s",
		    calls == 1 ? "is" : "are");
}

static int unload(struct bb_out *o, const void *args)
{
	const struct unload_args *a = args;
	struct bb_buf who = { 0 };
	struct bb_diag *d;
	char *z;
	int err = bb_diag_new(&d);

	if (err)
		return err;
	err = bb_module_unload(a->name, d);
	for (size_t i = 0; bb_diag_at(d, i); i++)
		bb_out_error(o, "%s", bb_diag_at(d, i)->text);
	bb_diag_free(d);
	z = bb_strdup(a->name);
	if (err == -EINPROGRESS && z) {
		bb_module_holders(z, &who);
		bb_out_text(o,
			    "%s drains and leaves with its last user%s%s ('module load %s' takes "
			    "it back)",
			    z, who.l ? ": " : "", bb_buf_cstr(&who), z);
		if (a->hangup)
			say_ended(o, bb_module_hang_up(z));
		err = 0;
	} else if (err) {
		failed(o, a->name, err);
	} else {
		bb_out_text(o, "%.*s is unloaded", BB_FMT(a->name));
	}
	bb_buf_free(&who);
	bb_free(z);
	return err;
}

static const char *const hangup_words[] = { "no", "hangup", "--hangup", NULL };

static int reload(struct bb_out *o, const void *args)
{
	struct bb_str name = ((const struct name_arg *)args)->name;
	struct bb_diag *d;
	int err = bb_diag_new(&d);

	if (err)
		return err;
	err = bb_str_empty(name) ? bb_modules_reload(d) : bb_module_reload(name, d);
	bb_cli_diag(o, d, bb_modules_checked_strict());
	bb_diag_free(d);
	if (err == -EBUSY)
		err = -EAGAIN;
	if (err) {
		bb_out_error(o, "nothing was reloaded: what runs stays as it is");
		return failed(o, name, err);
	}
	bb_out_text(o, "reloaded");
	return 0;
}

static const struct bb_cli cli_load = {
	.words = "module load",
	.args = NAME_ARG,
	.args_size = sizeof(struct name_arg),
	.run = load,
	.doc = { .summary = "Load a module, or take back its unloading", .since = "0.1" },
};

static const struct bb_cli cli_unload = {
	.words = "module unload",
	.args =
		(const struct bb_field[]){
			{ .name = "module",
			  .type = BB_T_STR,
			  .off = offsetof(struct unload_args, name),
			  .doc = "Name of the module: app_dial.",
			  .complete = "module" },
			{ .name = "hangup",
			  .type = BB_T_ENUM,
			  .words = hangup_words,
			  .off = offsetof(struct unload_args, hangup),
			  .def = "no",
			  .doc = "--hangup: end the calls that hold it, so that it leaves soon." },
			{ 0 },
		},
	.args_size = sizeof(struct unload_args),
	.run = unload,
	.doc = { .summary = "Unload a module as soon as nobody uses it",
		 .text = "It takes no new users from now on and leaves with its last one.",
		 .since = "0.1" },
};

static const struct bb_cli cli_reload = {
	.words = "module reload",
	.args =
		(const struct bb_field[]){
			{ .name = "module",
			  .type = BB_T_STR,
			  .off = offsetof(struct name_arg, name),
			  .def = "",
			  .doc = "Name of one module; all without.",
			  .complete = "module" },
			{ 0 },
		},
	.args_size = sizeof(struct name_arg),
	.run = reload,
	.doc = { .summary = "Read the configuration of a module anew", .since = "0.1" },
};

const struct bb_provide bb_module_provides[] = {
	BB_CLI(&cli_show), BB_CLI(&cli_load), BB_CLI(&cli_unload), BB_CLI(&cli_reload), { 0 },
};
