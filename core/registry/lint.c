/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module's table is judged once, when it is opened, so that nobody has to ask
 * again later whether a descriptor is whole: documented, with the functions it
 * cannot do without, fields that lie within their struct, and names that are free.
 */
#include "core/registry/registry.h"

#include <bellbird/app.h>
#include <bellbird/bridge.h>
#include <bellbird/bus.h>
#include <bellbird/cdr.h>
#include <bellbird/cli.h>
#include <bellbird/file_format.h>
#include <bellbird/func.h>
#include <bellbird/translator.h>

struct lint {
	struct bb_self *self;
	struct bb_diag *d;
	bool bad;
};

static void fault(struct lint *l, const char *fmt, ...) BB_PRINTF(2, 3);

static void fault(struct lint *l, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	bb_self_refuse(l->d, l->self->path, "%s: %s", l->self->table.name, bb_buf_cstr(&b));
	bb_buf_free(&b);
	l->bad = true;
}

/* --- fields --- */

static bool needs_words(enum bb_type type)
{
	return type == BB_T_ENUM || type == BB_T_FLAGS;
}

static void lint_options(struct lint *l, const char *what, const struct bb_option *o)
{
	for (; o && o->letter; o++)
		if (!o->doc || !o->doc[0])
			fault(l, "the option '%c' of %s is not documented", o->letter, what);
}

static void lint_fields(struct lint *l, const char *what, const struct bb_field *f, size_t size)
{
	for (; f && f->name; f++) {
		if (!f->doc || !f->doc[0])
			fault(l, "the field '%s' of %s is not documented", f->name, what);
		if (!bb_field_size(f->type))
			fault(l, "the field '%s' of %s has no type", f->name, what);
		else if (f->off > size || size - f->off < bb_field_size(f->type))
			fault(l, "the field '%s' of %s lies outside of its struct of %zu bytes",
			      f->name, what, size);
		if (needs_words(f->type) && (!f->words || !f->words[0]))
			fault(l, "the field '%s' of %s has no words to choose from", f->name, what);
		lint_options(l, what, f->options);
	}
}

/* --- what a descriptor cannot do without --- */

static const char *codec_lacks(const struct bb_codec *c)
{
	if (!c->rate || !c->clock)
		return "a rate and a clock";
	return c->channels && c->ptime ? NULL : "channels and a packet time";
}

static const char *file_format_lacks(const struct bb_file_format *f)
{
	if (!f->extensions || !f->extensions[0])
		return ".extensions";
	if (!f->open && !f->format)
		return ".format, or .open to tell it";
	return f->read ? NULL : ".read";
}

/* @return what is missing, or NULL. */
static const char *lacks(const struct bb_provide *p)
{
	switch (p->kind) {
	case BB_KIND_APP:
		return p->u.app->run ? NULL : ".run";
	case BB_KIND_FUNC:
		return p->u.func->read || p->u.func->write ? NULL : ".read or .write";
	case BB_KIND_BRIDGE:
		return p->u.bridge->score ? NULL : ".score";
	case BB_KIND_CODEC:
		return codec_lacks(p->u.codec);
	case BB_KIND_TRANSLATOR:
		return p->u.translator->to && p->u.translator->run ? NULL : ".to and .run";
	case BB_KIND_FILE_FORMAT:
		return file_format_lacks(p->u.file_format);
	case BB_KIND_CDR_SINK:
		return p->u.cdr_sink->record ? NULL : ".record";
	case BB_KIND_LISTENER:
		return p->u.listener->hear ? NULL : ".hear";
	case BB_KIND_CLI:
		return p->u.cli->run ? NULL : ".run";
	case BB_KIND_EXTENSION:
		return p->u.extension->service && p->u.extension->point && p->u.extension->desc
			       ? NULL
			       : ".service, .point and .desc";
	case BB_KIND_CHAN: /* an unset function means "cannot" */
	case BB_KIND_SERVICE: /* one may exist to be plugged into alone */
	case BB_KIND_NONE:
		break;
	}
	return NULL;
}

/* --- names --- */

static void name_is_free(struct lint *l, const struct bb_provide *p, const char *name)
{
	struct bb_entry *other = bb_entry_find(p->kind, bb_strz(name));

	if (!other)
		return;
	if (other->self == l->self)
		fault(l, "provides the %s '%s' twice", bb_kind_name(p->kind), name);
	else
		fault(l, "the %s '%s' is there already, from the module %s", bb_kind_name(p->kind),
		      name, other->self->table.name);
}

static int lint_names(struct lint *l, const struct bb_provide *p)
{
	const char *const *alias = bb_provide_aliases(p);
	char *key = bb_provide_key(p);

	if (!key)
		return -ENOMEM;
	name_is_free(l, p, key);
	for (; alias && *alias; alias++)
		name_is_free(l, p, *alias);
	bb_free(key);
	return 0;
}

/* --- the whole --- */

int bb_self_lint_provide(struct bb_self *self, const struct bb_provide *p, struct bb_diag *d)
{
	struct lint l = { .self = self, .d = d };
	const char *name = p->u.any ? bb_provide_name(p) : NULL;
	const struct bb_doc *doc;
	int err;

	if (!name || !name[0]) {
		fault(&l, "provides a %s without a name", bb_kind_name(p->kind));
		return -EINVAL;
	}
	doc = bb_provide_doc(p);
	if (doc && (!doc->summary || !doc->summary[0]))
		fault(&l, "the %s '%s' has no summary", bb_kind_name(p->kind), name);
	if (lacks(p)) {
		fault(&l, "the %s '%s' lacks %s", bb_kind_name(p->kind), name, lacks(p));
		return -EINVAL;
	}
	lint_fields(&l, name, bb_provide_fields(p), bb_provide_args_size(p));
	err = lint_names(&l, p);
	return err ? err : l.bad ? -EINVAL : 0;
}

static bool same_type(const struct bb_conf_type *a, const struct bb_conf_type *b)
{
	if (strcmp(a->file, b->file) != 0 || !a->type != !b->type)
		return false;
	if (a->type)
		return strcmp(a->type, b->type) == 0;
	return a->section && b->section && strcmp(a->section, b->section) == 0;
}

static void lint_conf_type(struct lint *l, const struct bb_conf_type *t)
{
	const char *what = t->type ? t->type : t->section ? t->section : t->file;

	if (!t->doc || !t->doc[0])
		fault(l, "the configuration of %s in %s is not documented", what, t->file);
	lint_fields(l, what, t->fields, t->size);
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		for (const struct bb_conf_type *o = s->table.conf; s != l->self && o && o->file;
		     o++)
			if (same_type(t, o))
				fault(l, "%s in %s belongs to the module %s", what, t->file,
				      s->table.name);
	}
}

int bb_self_lint_conf(struct bb_self *self, struct bb_diag *d)
{
	struct lint l = { .self = self, .d = d };

	for (const struct bb_conf_type *t = self->table.conf; t && t->file; t++)
		lint_conf_type(&l, t);
	return l.bad ? -EINVAL : 0;
}
