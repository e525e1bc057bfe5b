/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/manual.c - the reference manual, made of the descriptors of
 * everything that is installed: first as XML, then as a page to read.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxml/tree.h>
#include <libxml/xmlsave.h>

#include <bellbird/app.h>
#include <bellbird/func.h>

#include "config.h"
#include "core/console/console_int.h"
#include "core/console/manual.h"
#include "core/registry/registry.h"

#define X(text) ((const xmlChar *)(text))

/* --- what there is --- */

struct item {
	enum bb_kind kind;
	const char *name, *module;
	const void *desc;
	const struct bb_field *args;
	const struct bb_doc *doc;
};

struct items {
	struct item *v;
	size_t n, cap;
	int err;
};

static void keep(struct items *all, const struct item *i)
{
	if (all->n == all->cap && !all->err) {
		size_t cap = all->cap ? all->cap * 2 : 128;
		struct item *v = bb_realloc(all->v, cap * sizeof(*v));

		if (!v) {
			all->err = -ENOMEM;
			return;
		}
		all->v = v;
		all->cap = cap;
	}
	if (!all->err)
		all->v[all->n++] = *i;
}

static void keep_provide(struct items *all, const struct bb_provide *p, const char *module)
{
	struct item i = { .kind = p->kind, .module = module, .desc = p->u.any };

	switch (p->kind) {
	case BB_KIND_APP:
		i.name = p->u.app->name;
		i.args = p->u.app->args;
		i.doc = &p->u.app->doc;
		break;
	case BB_KIND_FUNC:
		i.name = p->u.func->name;
		i.args = p->u.func->args;
		i.doc = &p->u.func->doc;
		break;
	case BB_KIND_CLI:
		i.name = p->u.cli->words;
		i.args = p->u.cli->args;
		i.doc = &p->u.cli->doc;
		break;
	default:
		return;
	}
	keep(all, &i);
}

static void keep_command(const struct bb_cli *cli, const char *spelling, bool alias, void *arg)
{
	const struct bb_provide p = { .kind = BB_KIND_CLI, .u.cli = cli };
	struct items *all = arg;

	(void)spelling;
	if (alias)
		return;
	/* Those of running modules were met with their module. */
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].desc == cli)
			return;
	keep_provide(all, &p, NULL);
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = bb_str_icmp(bb_strz(x->name), bb_strz(y->name));

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : order;
}

static int collect(struct items *all)
{
	struct bb_diag *d = NULL;
	int err = bb_diag_new(&d);

	if (!err)
		err = bb_modules_scan(d);
	if (err > 0)
		err = 0;
	bb_diag_free(d);
	bb_list_each (n, bb_selves()) {
		struct bb_self *self = bb_list_entry(n, struct bb_self, node);

		for (const struct bb_provide *p = self->table.provides; p && p->kind; p++)
			keep_provide(all, p, self->table.name);
	}
	bb_command_each(keep_command, all);
	if (all->n)
		qsort(all->v, all->n, sizeof(all->v[0]), by_kind_and_name);
	return err ? err : all->err;
}

/* --- XML --- */

static const char *type_word(enum bb_type t)
{
	static const char *const words[] = {
		[BB_T_STR] = "text",
		[BB_T_INT] = "number",
		[BB_T_BOOL] = "yes or no",
		[BB_T_DURATION] = "duration",
		[BB_T_DOUBLE] = "decimal number",
		[BB_T_ADDR] = "address",
		[BB_T_CIDR] = "network",
		[BB_T_ENUM] = "choice",
		[BB_T_FLAGS] = "choices",
		[BB_T_LIST] = "list",
		[BB_T_REST] = "rest of the line",
		[BB_T_VAR] = "variable",
		[BB_T_GOTO] = "place in the dial plan",
		[BB_T_BRANCH] = "branch",
		[BB_T_APPCALL] = "application call",
		[BB_T_OPTIONS] = "options",
	};

	return (size_t)t < BB_ARRAY_SIZE(words) && words[t] ? words[t] : "";
}

static const char *unit_word(const struct bb_field *f)
{
	if (f->type != BB_T_DURATION)
		return NULL;
	return f->unit == BB_MILLISECONDS ? "milliseconds"
	       : f->unit == BB_MINUTES	  ? "minutes"
					  : "seconds";
}

static void set(xmlNode *n, const char *name, const char *value)
{
	if (value)
		xmlNewProp(n, X(name), X(value));
}

static xmlNode *add(xmlNode *to, const char *name, const char *text)
{
	return text ? xmlNewTextChild(to, NULL, X(name), X(text))
		    : xmlNewChild(to, NULL, X(name), NULL);
}

static void add_paragraphs(xmlNode *to, const char *text)
{
	struct bb_str rest = bb_strz(text);

	while (!bb_str_empty(rest)) {
		ptrdiff_t end = bb_str_find(rest, BB_STR("\n\n"));
		struct bb_str one = end < 0 ? rest : bb_str_sub(rest, 0, (size_t)end);
		char *z = bb_strdup(one);

		if (z)
			add(to, "para", z);
		bb_free(z);
		rest = end < 0 ? BB_STR("") : bb_str_sub(rest, (size_t)end + 2, SIZE_MAX);
	}
}

static void add_field(xmlNode *to, const char *element, const struct bb_field *f)
{
	xmlNode *n = add(to, element, NULL);

	set(n, "name", f->name);
	set(n, "type", type_word(f->type));
	set(n, "unit", unit_word(f));
	if (f->def)
		set(n, "default", f->def);
	else
		set(n, "required", "yes");
	set(n, "alias", f->alias);
	if (f->min < f->max) {
		char number[32];

		snprintf(number, sizeof(number), "%lld", (long long)f->min);
		if (f->min != BB_ANY)
			set(n, "min", number);
		snprintf(number, sizeof(number), "%lld", (long long)f->max);
		if (f->max != INT64_MAX)
			set(n, "max", number);
	}
	add(n, "para", f->doc);
	for (size_t i = 0; f->words && f->words[i]; i++)
		add(n, "choice", f->words[i]);
	for (const struct bb_option *o = f->options; o && o->letter; o++) {
		const char letter[2] = { o->letter, '\0' };
		xmlNode *opt = add(n, "option", NULL);

		set(opt, "letter", letter);
		set(opt, "argument", o->arg);
		if (o->arg && o->arg_optional)
			set(opt, "argument-optional", "yes");
		add(opt, "para", o->doc);
	}
}

static const char *element_of(enum bb_kind kind)
{
	return kind == BB_KIND_APP ? "application" : kind == BB_KIND_FUNC ? "function" : "command";
}

static void add_item(xmlNode *root, const struct item *i)
{
	xmlNode *n = add(root, element_of(i->kind), NULL), *list;
	struct bb_str rest = bb_strz(i->doc->see_also), word;
	struct bb_buf usage = { 0 };

	set(n, "name", i->name);
	set(n, "module", i->module);
	set(n, "since", i->doc->since);
	add(n, "synopsis", i->doc->summary);
	if (i->kind == BB_KIND_CLI)
		bb_command_usage(i->desc, i->name, &usage);
	else
		bb_help_syntax(&usage, i->name, i->args);
	add(n, "syntax", bb_buf_cstr(&usage));
	bb_buf_free(&usage);
	if (i->kind == BB_KIND_CLI) {
		const char *const *alias = ((const struct bb_cli *)i->desc)->aliases;

		for (; alias && *alias; alias++)
			add(n, "alias", *alias);
	}
	if (i->args && i->args->name) {
		list = add(n, "arguments", NULL);
		for (const struct bb_field *f = i->args; f->name; f++)
			add_field(list, "argument", f);
	}
	if (i->doc->text)
		add_paragraphs(add(n, "description", NULL), i->doc->text);
	while (!bb_str_empty(rest) && bb_str_split(&rest, ' ', &word)) {
		char *z = bb_str_empty(word) ? NULL : bb_strdup(word);

		if (z)
			add(n, "see", z);
		bb_free(z);
	}
}

static void add_configuration(xmlNode *root)
{
	bb_list_each (n, bb_selves()) {
		struct bb_self *self = bb_list_entry(n, struct bb_self, node);

		for (const struct bb_conf_type *t = self->table.conf; t && t->file; t++) {
			xmlNode *c = add(root, "configuration", NULL);

			set(c, "file", t->file);
			set(c, "type", t->type);
			set(c, "section", t->section);
			set(c, "module", self->table.name);
			add(c, "para", t->doc);
			for (const struct bb_field *f = t->fields; f && f->name; f++)
				add_field(c, "setting", f);
		}
	}
}

static int write_file(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "we");
	int err = 0;

	if (!f)
		return -errno;
	if (fwrite(data, 1, len, f) != len)
		err = -EIO;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

static int save(xmlDoc *doc, const char *dir, const char *name, int options)
{
	char *path = bb_sprintf("%s/%s", dir, name);
	xmlBuffer *buf = xmlBufferCreate();
	xmlSaveCtxt *ctxt = buf ? xmlSaveToBuffer(buf, "UTF-8", options) : NULL;
	int err = path && ctxt ? 0 : -ENOMEM;

	if (!err && xmlSaveDoc(ctxt, doc) < 0)
		err = -ENOMEM;
	if (ctxt && xmlSaveClose(ctxt) < 0 && !err)
		err = -ENOMEM;
	if (!err)
		err = write_file(path, xmlBufferContent(buf), (size_t)xmlBufferLength(buf));
	xmlBufferFree(buf);
	bb_free(path);
	return err;
}

int bb_manual_write(const char *dir)
{
	struct items all = { 0 };
	xmlDoc *doc = NULL, *page = NULL;
	xmlNode *root;
	int err = collect(&all);

	if (err)
		goto out;
	doc = xmlNewDoc(X("1.0"));
	root = doc ? xmlNewNode(NULL, X("manual")) : NULL;
	if (!root) {
		err = -ENOMEM;
		goto out;
	}
	xmlDocSetRootElement(doc, root);
	set(root, "version", PACKAGE_VERSION);
	for (size_t i = 0; i < all.n; i++)
		add_item(root, &all.v[i]);
	add_configuration(root);
	page = bb_manual_page(doc);
	err = page ? save(doc, dir, "manual.xml", XML_SAVE_FORMAT) : -ENOMEM;
	if (!err)
		err = save(page, dir, "manual.html", XML_SAVE_AS_HTML | XML_SAVE_FORMAT);
out:
	xmlFreeDoc(doc);
	xmlFreeDoc(page);
	bb_free(all.v);
	return err;
}
