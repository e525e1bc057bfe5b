/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cli.c - the dial plan on the console.
 */
#include "core/dialplan/dialplan.h"
#include "core/registry/registry.h"

#include <bellbird/cli.h>
#include <bellbird/log.h>

/* --- dialplan show [exten@]context --- */

struct show_args {
	struct bb_str what;
};

struct show {
	struct bb_out *o;
	struct bb_str exten; /* unset: all */
	size_t contexts, extens, prios;
	bool table;
};

static bool wanted(const struct show *s, const struct bb_exten *e)
{
	return !s->exten.p || bb_str_is(s->exten, e->name) ||
	       bb_pattern_match(e->name, s->exten, BB_FIND_EXACT);
}

static void show_step(struct show *s, const struct bb_context *c, const struct bb_exten *e,
		      const struct bb_prio *p)
{
	char what[300], name[BB_MAX_EXTEN + 40], number[16], at[200];
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "%s%s%s", e->name, e->cid ? "/" : "", e->cid ? e->cid : "");
	bb_str_copy(name, sizeof(name), bb_buf_str(&b));
	bb_buf_truncate(&b, 0);
	if (p->n == BB_PRIO_HINT)
		bb_buf_putstr(&b, p->args);
	else
		bb_buf_printf(&b, "%s(%.*s)", p->app, BB_FMT(p->args));
	bb_str_copy(what, sizeof(what), bb_buf_str(&b));
	bb_buf_truncate(&b, 0);
	bb_buf_printf(&b, "%s:%u", bb_base_name(p->at.file), p->at.line);
	bb_str_copy(at, sizeof(at), bb_buf_str(&b));
	bb_buf_truncate(&b, 0);
	if (p->n == BB_PRIO_HINT)
		bb_buf_puts(&b, "hint");
	else
		bb_buf_printf(&b, "%d%s%s%s", p->n, p->label ? "(" : "", p->label ? p->label : "",
			      p->label ? ")" : "");
	bb_str_copy(number, sizeof(number), bb_buf_str(&b));
	bb_buf_free(&b);
	bb_out_row(s->o, (const char *const[]){ c->name, name, number, what, at }, 5);
	s->prios++;
}

static void show_exten(struct show *s, const struct bb_context *c, const struct bb_exten *e)
{
	s->extens++;
	if (e->hint)
		show_step(s, c, e, e->hint);
	for (unsigned i = 0; i < e->n_prios; i++)
		show_step(s, c, e, &e->prios[i]);
}

static void show_context(struct show *s, const struct bb_context *c)
{
	char what[200];

	s->contexts++;
	for (size_t i = 0; i < c->n_sorted; i++)
		for (const struct bb_exten *e = c->sorted[i]; e; e = e->next_cid)
			if (wanted(s, e))
				show_exten(s, c, e);
	if (s->exten.p)
		return;
	for (const struct bb_include *i = c->includes; i; i = i->next) {
		struct bb_buf b = { 0 };

		bb_buf_printf(&b, "%s%s%s", i->name, i->when ? "," : "", i->when ? i->when : "");
		bb_str_copy(what, sizeof(what), bb_buf_str(&b));
		bb_buf_free(&b);
		bb_out_row(s->o, (const char *const[]){ c->name, "", "include", what, "" }, 5);
	}
	for (const struct bb_word *w = c->ignorepats; w; w = w->next)
		bb_out_row(s->o, (const char *const[]){ c->name, "", w->kind, w->text, "" }, 5);
	for (const struct bb_word *w = c->switches; w; w = w->next)
		bb_out_row(s->o, (const char *const[]){ c->name, "", w->kind, w->text, "" }, 5);
}

static bool has_exten(const struct show *s, struct bb_plan *plan, struct bb_str context)
{
	bb_list_each (n, &plan->order) {
		struct bb_context *c = bb_list_entry(n, struct bb_context, order);

		if (context.l && !bb_str_is(context, c->name))
			continue;
		for (size_t i = 0; i < c->n_sorted; i++)
			for (const struct bb_exten *e = c->sorted[i]; e; e = e->next_cid)
				if (wanted(s, e))
					return true;
	}
	return false;
}

static int show_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = {
		{ "Context", BB_LEFT, true },	 { "Extension", .ditto = true },
		{ "Priority", BB_RIGHT, false }, { "Application", BB_LEFT, true },
		{ "Where", BB_LEFT, false },
	};
	const struct show_args *a = args;
	struct show s = { .o = o };
	struct bb_str context = a->what;
	ptrdiff_t at = bb_str_chr(a->what, '@');
	struct bb_plan *plan = bb_plan_live();

	if (at > 0)
		s.exten = bb_str_sub(a->what, 0, (size_t)at);
	if (at >= 0)
		context = bb_str_sub(a->what, (size_t)at + 1, a->what.l);
	if (context.l && !bb_plan_context(plan, context)) {
		bb_out_error(o, "There is no existence of '%.*s' context", BB_FMT(context));
		return -ENOENT;
	}
	if (s.exten.l && !has_exten(&s, plan, context)) {
		bb_out_error(o,
			     "There is no existence of '%.*s' extension; \"dialplan explain %.*s "
			     "from CONTEXT\" looks into includes, too",
			     BB_FMT(a->what), BB_FMT(s.exten));
		return -ENOENT;
	}
	bb_out_table(o, "dialplan", columns, BB_ARRAY_SIZE(columns));
	bb_list_each (n, &plan->order) {
		struct bb_context *c = bb_list_entry(n, struct bb_context, order);

		if (!context.l || bb_str_is(context, c->name))
			show_context(&s, c);
	}
	bb_out_note(o, "%zu extension%s (%zu priorit%s) in %zu context%s", s.extens,
		    s.extens == 1 ? "" : "s", s.prios, s.prios == 1 ? "y" : "ies", s.contexts,
		    s.contexts == 1 ? "" : "s");
	return 0;
}

static const struct bb_cli cli_show = {
	.words = "dialplan show",
	.args =
		(const struct bb_field[]){
			{ .name = "context",
			  .type = BB_T_STR,
			  .off = offsetof(struct show_args, what),
			  .def = "",
			  .complete = "context",
			  .doc = "A context, or extension@context; all contexts when left out." },
			{ 0 } },
	.args_size = sizeof(struct show_args),
	.run = show_run,
	.doc = { .summary = "Show the dial plan",
		 .since = "0.1",
		 .text = "Extensions stand in the order in which they are tried.\n"
			 "Example: dialplan show 100@internal" },
};

/* --- dialplan reload --- */

static int reload_run(struct bb_out *o, const void *args)
{
	struct bb_diag *d;
	struct bb_buf line = { 0 };
	bool strict = bb_settings()->strict;
	int err = bb_diag_new(&d);

	(void)args;
	if (err)
		return err;
	err = bb_module_reload(BB_STR("dialplan"), d);
	for (size_t i = 0; bb_diag_at(d, i); i++) {
		bb_diag_print(d, i, BB_DIAG_START, strict, &line);
		bb_out_text(o, "%s", bb_buf_cstr(&line));
		bb_buf_truncate(&line, 0);
	}
	bb_buf_free(&line);
	bb_diag_free(d);
	if (err)
		bb_out_error(o, "The dial plan was not reloaded; the running one stays");
	else
		bb_out_text(o, "Dialplan reloaded: %zu extensions, %zu priorities.",
			    bb_plan_live()->n_extens, bb_plan_live()->n_prios);
	return err;
}

static const struct bb_cli cli_reload = {
	.words = "dialplan reload",
	.aliases = (const char *const[]){ "extensions reload", NULL },
	.run = reload_run,
	.doc = { .summary = "Read extensions.conf anew",
		 .since = "0.1",
		 .text = "With a mistake in it nothing changes. Calls that run finish on the plan "
			 "they began with." },
};

/* --- globals --- */

static void show_global(const char *name, struct bb_str value, void *arg)
{
	struct bb_buf b = { 0 };

	bb_buf_putstr(&b, value);
	bb_out_row(arg, (const char *const[]){ name, bb_buf_cstr(&b) }, 2);
	bb_buf_free(&b);
}

static int globals_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = { { "Variable", BB_LEFT, false },
						    { "Value", BB_LEFT, true } };

	(void)args;
	bb_out_table(o, "globals", columns, BB_ARRAY_SIZE(columns));
	bb_var_each(NULL, show_global, o);
	bb_out_note(o, "%zu variable%s", bb_globals()->count, bb_globals()->count == 1 ? "" : "s");
	return 0;
}

static const struct bb_cli cli_globals = {
	.words = "dialplan show globals",
	.run = globals_run,
	.doc = { .summary = "Show the global variables", .since = "0.1" },
};

struct set_args {
	struct bb_str name, value;
};

static int set_global_run(struct bb_out *o, const void *args)
{
	const struct set_args *a = args;
	int err = bb_vars_set(bb_globals(), a->name, 0, a->value);

	if (!err)
		bb_out_text(o, "Global variable '%.*s' set to '%.*s'", BB_FMT(a->name),
			    BB_FMT(a->value));
	return err;
}

static const struct bb_cli cli_set_global = {
	.words = "dialplan set global",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_STR,
					     .off = offsetof(struct set_args, name),
					     .doc = "Name of the variable." },
					   { .name = "value",
					     .type = BB_T_REST,
					     .off = offsetof(struct set_args, value),
					     .def = "",
					     .doc = "Its new value." },
					   { 0 } },
	.args_size = sizeof(struct set_args),
	.run = set_global_run,
	.doc = { .summary = "Set a global variable",
		 .since = "0.1",
		 .text = "Example: dialplan set global NIGHT yes" },
};

/* --- dialplan eval --- */

static int eval_run(struct bb_out *o, const void *args)
{
	const struct show_args *a = args;
	struct bb_buf out = { 0 };
	int err = bb_subst_into(NULL, a->what, &out);

	if (err)
		bb_out_error(o, "%s", strerror(-err));
	else
		bb_out_fact(o, "Result", "%s", bb_buf_cstr(&out));
	bb_buf_free(&out);
	return err;
}

static const struct bb_cli cli_eval = {
	.words = "dialplan eval",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .off = offsetof(struct show_args, what),
					     .doc = "Text with ${…} and $[…] in it." },
					   { 0 } },
	.args_size = sizeof(struct show_args),
	.run = eval_run,
	.doc = { .summary = "Substitute variables and expressions in a text",
		 .since = "0.1",
		 .text = "There is no channel: only globals and functions that need none.\n"
			 "Example: dialplan eval $[ 6 * 7 ]" },
};

/* --- core show hints --- */

static int hints_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = { { "Extension", BB_LEFT, false },
						    { "Context", BB_LEFT, false },
						    { "Devices", BB_LEFT, true },
						    { "State", BB_LEFT, false } };
	size_t count = 0;

	(void)args;
	bb_out_table(o, "hints", columns, BB_ARRAY_SIZE(columns));
	bb_list_each (n, &bb_plan_live()->order) {
		struct bb_context *c = bb_list_entry(n, struct bb_context, order);

		for (size_t i = 0; i < c->n_sorted; i++) {
			const struct bb_exten *e = c->sorted[i];
			struct bb_str devices;
			ptrdiff_t comma;

			if (!e->hint)
				continue;
			comma = bb_str_chr(e->hint->args, ',');
			devices = comma < 0 ? e->hint->args
					    : bb_str_sub(e->hint->args, 0, (size_t)comma);
			bb_out_row(o,
				   (const char *const[]){
					   e->name, c->name, e->hint->args.p,
					   bb_device_state_name(bb_device_state(devices)) },
				   4);
			count++;
		}
	}
	bb_out_note(o, "%zu hint%s", count, count == 1 ? "" : "s");
	return 0;
}

static const struct bb_cli cli_hints = {
	.words = "core show hints",
	.aliases = (const char *const[]){ "core show hint", "show hints", NULL },
	.run = hints_run,
	.doc = { .summary = "Show the hints and the states of their devices", .since = "0.1" },
};

/* --- completion --- */

static void complete_context(struct bb_out *o, struct bb_str word)
{
	bb_list_each (n, &bb_plan_live()->order) {
		struct bb_context *c = bb_list_entry(n, struct bb_context, order);

		if (bb_str_starts(bb_strz(c->name), word))
			bb_out_candidate(o, bb_strz(c->name));
	}
}

static void complete_exten(struct bb_out *o, struct bb_str word)
{
	bb_list_each (n, &bb_plan_live()->order) {
		struct bb_context *c = bb_list_entry(n, struct bb_context, order);

		for (size_t i = 0; i < c->n_literals && i < 1000; i++)
			if (bb_str_starts(bb_strz(c->sorted[i]->name), word))
				bb_out_candidate(o, bb_strz(c->sorted[i]->name));
	}
}

const struct bb_provide bb_dialplan_provides[] = {
	{ .kind = BB_KIND_CLI, .u.cli = &cli_globals },
	{ .kind = BB_KIND_CLI, .u.cli = &cli_set_global },
	{ .kind = BB_KIND_CLI, .u.cli = &cli_reload },
	{ .kind = BB_KIND_CLI, .u.cli = &bb_cli_explain },
	{ .kind = BB_KIND_CLI, .u.cli = &cli_eval },
	{ .kind = BB_KIND_CLI, .u.cli = &cli_show },
	{ .kind = BB_KIND_CLI, .u.cli = &cli_hints },
	{ 0 },
};

int bb_dialplan_cli_init(void)
{
	int err = bb_completer_add("context", complete_context);

	return err ? err : bb_completer_add("exten", complete_exten);
}
