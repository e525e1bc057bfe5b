/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/cmd_help.c - core show help, applications, functions: told from
 * the descriptors, so that no help can be missing or out of date.
 */
#include <stdlib.h>

#include <bellbird/app.h>
#include <bellbird/func.h>

#include "core/config/config.h"
#include "core/console/console_int.h"
#include "core/registry/registry.h"

#define TEXT_INDENT 4

/* --- pieces that every help page is made of --- */

/* A paragraph filled to the terminal's width. */
static void paragraph(struct bb_buf *b, struct bb_str text, size_t indent, size_t width)
{
	size_t at = 0;
	struct bb_str word;

	if (width < indent + 20)
		width = indent + 20;
	while (text.l) {
		size_t n = 0, w;

		while (n < text.l && text.p[n] != ' ' && text.p[n] != '\n')
			n++;
		word = bb_str_sub(text, 0, n);
		w = bb_text_width(word);
		if (at && at + 1 + w > width) {
			bb_buf_putc(b, '\n');
			at = 0;
		}
		if (n && at == 0) {
			bb_buf_printf(b, "%*s", (int)indent, "");
			at = indent;
		} else if (n) {
			bb_buf_putc(b, ' ');
			at++;
		}
		bb_buf_putstr(b, word);
		at += w;
		/* A newline in a descriptor's text ends a line; two, a paragraph. */
		if (n < text.l && text.p[n] == '\n') {
			bb_buf_putc(b, '\n');
			at = 0;
		}
		text = bb_str_sub(text, n + 1, SIZE_MAX);
	}
	bb_buf_putc(b, '\n');
}

static void heading(struct bb_out *o, struct bb_buf *b, const char *text)
{
	bb_buf_printf(b, "%s%s\n", b->l ? "\n" : "", text);
	(void)o;
}

static size_t page_width(const struct bb_out *o)
{
	unsigned w = bb_out_width(o);

	return w > 100 ? 100 : w;
}

/* Name(arg,[arg[,options]]) */
void bb_help_syntax(struct bb_buf *b, const char *name, const struct bb_field *args)
{
	size_t open = 0;

	bb_buf_printf(b, "%s(", name);
	for (const struct bb_field *f = args; f && f->name; f++) {
		bool optional = f->def != NULL;
		char sep = f->sep ? f->sep : ',';

		if (optional) {
			bb_buf_putc(b, '[');
			open++;
		}
		if (f != args)
			bb_buf_putc(b, ',');
		bb_buf_puts(b, f->name);
		if (f->type == BB_T_LIST)
			bb_buf_printf(b, "[%c%s…]", sep, f->name);
	}
	while (open--)
		bb_buf_putc(b, ']');
	bb_buf_putc(b, ')');
}

static void one_arg(struct bb_out *o, struct bb_buf *b, const struct bb_field *f)
{
	bb_buf_printf(b, "  %s", f->name);
	if (f->def && f->def[0])
		bb_buf_printf(b, " (default %s)", f->def);
	else if (!f->def)
		bb_buf_puts(b, " (required)");
	bb_buf_putc(b, '\n');
	paragraph(b, bb_strz(f->doc), TEXT_INDENT + 2, page_width(o));
	if (f->words) {
		bb_buf_printf(b, "%*sOne of:", TEXT_INDENT + 2, "");
		for (size_t i = 0; f->words[i]; i++)
			bb_buf_printf(b, "%s %s", i ? "," : "", f->words[i]);
		bb_buf_putc(b, '\n');
	}
	for (const struct bb_option *opt = f->options; opt && opt->letter; opt++) {
		bb_buf_printf(b, "%*s%c", TEXT_INDENT + 2, "", opt->letter);
		if (opt->arg)
			bb_buf_printf(b, opt->arg_optional ? "[(%s)]" : "(%s)", opt->arg);
		bb_buf_putc(b, '\n');
		paragraph(b, bb_strz(opt->doc), TEXT_INDENT + 6, page_width(o));
	}
}

static void help_text(struct bb_out *o, const char *usage, const struct bb_field *args,
		      const struct bb_doc *doc, const char *module)
{
	struct bb_buf b = { 0 };

	heading(o, &b, "[Synopsis]");
	paragraph(&b, bb_strz(doc->summary), 2, page_width(o));
	heading(o, &b, "[Syntax]");
	bb_buf_printf(&b, "  %s\n", usage);
	if (args && args->name) {
		heading(o, &b, "[Arguments]");
		for (const struct bb_field *f = args; f->name; f++)
			one_arg(o, &b, f);
	}
	if (doc->text) {
		heading(o, &b, "[Description]");
		paragraph(&b, bb_strz(doc->text), 2, page_width(o));
	}
	if (doc->since) {
		heading(o, &b, "[Since]");
		bb_buf_printf(&b, "  %s\n", doc->since);
	}
	if (doc->see_also) {
		heading(o, &b, "[See also]");
		paragraph(&b, bb_strz(doc->see_also), 2, page_width(o));
	}
	if (module) {
		heading(o, &b, "[Provided by]");
		bb_buf_printf(&b, "  %s\n", module);
	}
	bb_out_text(o, "%s", bb_buf_cstr(&b));
	bb_buf_free(&b);
}

static const struct bb_column arg_columns[] = {
	{ "Name" }, { "Required" }, { "Default" }, { "Description", .flexible = true }
};
static const struct bb_column option_columns[] = {
	{ "Argument" }, { "Letter" }, { "Takes" }, { "Description", .flexible = true }
};

/* The same for a machine. */
static void help_data(struct bb_out *o, const char *usage, const struct bb_field *args,
		      const struct bb_doc *doc, const char *module)
{
	bb_out_fact(o, "Synopsis", "%s", doc->summary ? doc->summary : "");
	bb_out_fact(o, "Syntax", "%s", usage);
	bb_out_fact(o, "Description", "%s", doc->text ? doc->text : "");
	bb_out_fact(o, "Since", "%s", doc->since ? doc->since : "");
	bb_out_fact(o, "See also", "%s", doc->see_also ? doc->see_also : "");
	bb_out_fact(o, "Module", "%s", module ? module : "");
	bb_out_table(o, "arguments", arg_columns, BB_ARRAY_SIZE(arg_columns));
	for (const struct bb_field *f = args; f && f->name; f++)
		bb_out_rowf(o, "sbss", f->name, f->def == NULL, f->def, f->doc);
	bb_out_table(o, "options", option_columns, BB_ARRAY_SIZE(option_columns));
	for (const struct bb_field *f = args; f && f->name; f++) {
		for (const struct bb_option *opt = f->options; opt && opt->letter; opt++) {
			const char letter[2] = { opt->letter, '\0' };

			bb_out_rowf(o, "ssss", f->name, letter, opt->arg, opt->doc);
		}
	}
}

static void help_page(struct bb_out *o, const char *usage, const struct bb_field *args,
		      const struct bb_doc *doc, const char *module)
{
	if (o->format == BB_OUT_TEXT)
		help_text(o, usage, args, doc, module);
	else
		help_data(o, usage, args, doc, module);
}

/* --- applications and functions --- */

static const struct bb_doc *doc_of(enum bb_kind kind, const void *desc)
{
	return kind == BB_KIND_APP ? &((const struct bb_app *)desc)->doc
				   : &((const struct bb_func *)desc)->doc;
}

static const char *name_of(enum bb_kind kind, const void *desc)
{
	return kind == BB_KIND_APP ? ((const struct bb_app *)desc)->name
				   : ((const struct bb_func *)desc)->name;
}

static const struct bb_field *args_of(enum bb_kind kind, const void *desc)
{
	return kind == BB_KIND_APP ? ((const struct bb_app *)desc)->args
				   : ((const struct bb_func *)desc)->args;
}

struct like_args {
	int like;
	struct bb_str pattern;
};

static const char *const like_words[] = { "like", NULL };
static const struct bb_field like_fields[] = {
	{ .name = "like",
	  .type = BB_T_ENUM,
	  .words = like_words,
	  .off = offsetof(struct like_args, like),
	  .def = "",
	  .doc = "List only names that contain what follows." },
	{ .name = "text",
	  .type = BB_T_STR,
	  .off = offsetof(struct like_args, pattern),
	  .def = "",
	  .doc = "A part of a name, without regard to case." },
	{ 0 }
};

static bool contains(const char *name, struct bb_str part)
{
	struct bb_str s = bb_strz(name);

	for (; s.l >= part.l; s = bb_str_sub(s, 1, SIZE_MAX)) {
		if (bb_str_istarts(s, part))
			return true;
		if (!s.l)
			break;
	}
	return false;
}

static int show_all(struct bb_out *o, enum bb_kind kind, const char *table, const char *what,
		    struct bb_str part)
{
	static const struct bb_column cols[] = { { "Name" },
						 { "Synopsis", .flexible = true },
						 { "Module" } };
	struct bb_reg_iter it = { .kind = kind };
	struct bb_use use = { 0 };
	const void *desc;
	unsigned n = 0;

	bb_out_table(o, table, cols, BB_ARRAY_SIZE(cols));
	while ((desc = bb_reg_next(&it, &use))) {
		const char *name = name_of(kind, desc);

		if (contains(name, part)) {
			bb_out_rowf(o, "sss", name, doc_of(kind, desc)->summary,
				    bb_use_module(&use));
			n++;
		}
		bb_use_end(&use);
	}
	bb_out_note(o, "%u %s%s", n, what, n == 1 ? "" : "s");
	return 0;
}

static int show_one(struct bb_out *o, enum bb_kind kind, const char *what, struct bb_str name)
{
	struct bb_near near = { .got = name };
	struct bb_use use = { 0 };
	struct bb_buf usage = { 0 };
	const void *desc = bb_use_find(kind, name, &use);
	const char *best;

	if (!desc) {
		bb_reg_offer(kind, &near);
		best = bb_near_best(&near);
		if (best)
			bb_out_error(o, "no %s is called %.*s. Did you mean %s?", what,
				     BB_FMT(name), best);
		else if (kind == BB_KIND_APP ? bb_known_app(name) : bb_known_func(name))
			bb_out_error(o, "the %s %.*s is known in Asterisk and not built here", what,
				     BB_FMT(name));
		else
			bb_out_error(o, "no %s is called %.*s", what, BB_FMT(name));
		return -ENOENT;
	}
	bb_help_syntax(&usage, name_of(kind, desc), args_of(kind, desc));
	if (o->format != BB_OUT_TEXT)
		bb_out_fact(o, "Name", "%s", name_of(kind, desc));
	help_page(o, bb_buf_cstr(&usage), args_of(kind, desc), doc_of(kind, desc),
		  bb_use_module(&use));
	bb_buf_free(&usage);
	bb_use_end(&use);
	return 0;
}

struct name_args {
	struct bb_str name;
};

static int applications_run(struct bb_out *o, const void *args)
{
	const struct like_args *a = args;

	return show_all(o, BB_KIND_APP, "applications", "application", a->pattern);
}

static int functions_run(struct bb_out *o, const void *args)
{
	const struct like_args *a = args;

	return show_all(o, BB_KIND_FUNC, "functions", "function", a->pattern);
}

static int application_run(struct bb_out *o, const void *args)
{
	const struct name_args *a = args;

	return show_one(o, BB_KIND_APP, "application", a->name);
}

static int function_run(struct bb_out *o, const void *args)
{
	const struct name_args *a = args;

	return show_one(o, BB_KIND_FUNC, "function", a->name);
}

static void complete_kind(struct bb_out *o, enum bb_kind kind)
{
	struct bb_reg_iter it = { .kind = kind };
	struct bb_use use = { 0 };
	const void *desc;

	while ((desc = bb_reg_next(&it, &use))) {
		bb_out_candidate(o, bb_strz(name_of(kind, desc)));
		bb_use_end(&use);
	}
}

static void complete_application(struct bb_out *o, struct bb_str word)
{
	(void)word;
	complete_kind(o, BB_KIND_APP);
}

static void complete_function(struct bb_out *o, struct bb_str word)
{
	(void)word;
	complete_kind(o, BB_KIND_FUNC);
}

static const struct bb_cli applications = {
	.words = "core show applications",
	.aliases = (const char *const[]){ "show applications", NULL },
	.args = like_fields,
	.args_size = sizeof(struct like_args),
	.run = applications_run,
	.doc = { .summary = "List the applications of the dial plan",
		 .text = "Example: core show applications like play",
		 .since = "0.1",
		 .see_also = "core_show_application" },
};

static const struct bb_cli functions = {
	.words = "core show functions",
	.aliases = (const char *const[]){ "show functions", NULL },
	.args = like_fields,
	.args_size = sizeof(struct like_args),
	.run = functions_run,
	.doc = { .summary = "List the functions of the dial plan", .since = "0.1" },
};

static const struct bb_cli application = {
	.words = "core show application",
	.aliases = (const char *const[]){ "show application", NULL },
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_STR,
					     .off = offsetof(struct name_args, name),
					     .complete = "application",
					     .doc = "Name of the application." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.run = application_run,
	.doc = { .summary = "Explain an application, its arguments and options", .since = "0.1" },
};

static const struct bb_cli function = {
	.words = "core show function",
	.aliases = (const char *const[]){ "show function", NULL },
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_STR,
					     .off = offsetof(struct name_args, name),
					     .complete = "function",
					     .doc = "Name of the function." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.run = function_run,
	.doc = { .summary = "Explain a function and its arguments", .since = "0.1" },
};

/* --- commands --- */

struct help_args {
	struct bb_str words;
};

struct listing {
	struct bb_out *o;
	struct bb_str begin;
	const char **v;
	const struct bb_cli **cli;
	size_t n, cap;
};

static void count_one(const struct bb_cli *cli, const char *spelling, bool alias, void *arg)
{
	struct listing *l = arg;

	(void)cli;
	l->cap += !alias && bb_str_istarts(bb_strz(spelling), l->begin);
}

struct command_line {
	const char *spelling, *summary;
};

static void keep_one(const struct bb_cli *cli, const char *spelling, bool alias, void *arg)
{
	struct listing *l = arg;
	struct command_line *c = (struct command_line *)(void *)l->v;

	if (alias || l->n == l->cap || !bb_str_istarts(bb_strz(spelling), l->begin))
		return;
	c[l->n].spelling = spelling;
	c[l->n++].summary = cli->doc.summary;
}

static int by_spelling(const void *a, const void *b)
{
	const struct command_line *x = a, *y = b;

	return strcmp(x->spelling, y->spelling);
}

static int list_commands(struct bb_out *o, struct bb_str begin)
{
	static const struct bb_column cols[] = { { "Command" }, { "Summary", .flexible = true } };
	struct listing l = { .o = o, .begin = begin };
	struct command_line *c;

	bb_command_each(count_one, &l);
	if (l.cap == 0)
		return -ENOENT;
	c = bb_zalloc(l.cap * sizeof(*c));
	if (!c)
		return -ENOMEM;
	l.v = (const char **)(void *)c;
	bb_command_each(keep_one, &l);
	qsort(c, l.n, sizeof(*c), by_spelling);
	bb_out_table(o, "commands", cols, BB_ARRAY_SIZE(cols));
	for (size_t i = 0; i < l.n; i++)
		bb_out_rowf(o, "ss", c[i].spelling, c[i].summary);
	bb_out_note(o, "Every command takes --json and --csv; core show help COMMAND explains one");
	bb_free(c);
	return 0;
}

static int explain_command(struct bb_out *o, struct bb_command *c)
{
	struct bb_buf usage = { 0 };

	bb_command_usage(c->cli, c->cli->words, &usage);
	if (o->format != BB_OUT_TEXT)
		bb_out_fact(o, "Name", "%s", c->cli->words);
	help_page(o, bb_buf_cstr(&usage), c->cli->args, &c->cli->doc,
		  c->use.entry ? bb_use_module(&c->use) : NULL);
	if (c->cli->aliases && c->cli->aliases[0]) {
		struct bb_buf also = { 0 };

		for (size_t i = 0; c->cli->aliases[i]; i++)
			bb_buf_printf(&also, "%s%s", i ? ", " : "", c->cli->aliases[i]);
		bb_out_fact(o, "Also", "%s", bb_buf_cstr(&also));
		bb_buf_free(&also);
	}
	bb_buf_free(&usage);
	return 0;
}

static int help_run(struct bb_out *o, const void *args)
{
	const struct help_args *h = args;
	struct bb_arena *a;
	struct bb_words *w;
	struct bb_command c = { 0 };
	struct bb_buf why = { 0 };
	int err;

	if (bb_str_empty(h->words))
		return list_commands(o, BB_STR(""));
	a = bb_arena_new(8192);
	w = a ? bb_arena_alloc(a, sizeof(*w)) : NULL;
	err = w ? bb_words_split(w, h->words, a) : -ENOMEM;
	if (!err)
		err = bb_command_find(w, &c, &why);
	if (!err)
		err = explain_command(o, &c);
	else if (err != -ENOMEM && list_commands(o, h->words) == 0)
		err = 0;
	else if (err != -ENOMEM)
		bb_out_error(o, "%s", bb_buf_cstr(&why));
	bb_command_end(&c);
	bb_buf_free(&why);
	bb_arena_free(a);
	return err;
}

static void complete_command(struct bb_out *o, const char *field, struct bb_str word)
{
	struct bb_words before = { .n = o->n_before };

	(void)field;
	(void)word;
	memcpy(before.v, o->before, o->n_before * sizeof(o->before[0]));
	bb_command_next_words(&before, before.n, o->add, o->add_arg);
}

static const struct bb_cli help = {
	.words = "core show help",
	.aliases = (const char *const[]){ "help", NULL },
	.args = (const struct bb_field[]){ { .name = "command",
					     .type = BB_T_REST,
					     .off = offsetof(struct help_args, words),
					     .def = "",
					     .doc = "The command to explain, or how it begins." },
					   { 0 } },
	.args_size = sizeof(struct help_args),
	.run = help_run,
	.complete = complete_command,
	.doc = { .summary = "List the commands, or explain one",
		 .text = "Example: core show help database put",
		 .since = "0.1" },
};

void bb_console_help_commands(void)
{
	static const struct bb_cli *const all[] = { &help, &applications, &application, &functions,
						    &function };

	bb_cli_add_core(all, BB_ARRAY_SIZE(all));
	bb_completer_add("application", complete_application);
	bb_completer_add("function", complete_function);
}
