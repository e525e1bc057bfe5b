/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a file or a static table to a known module: open, check the ABI, lint.
 * None of the module's code runs here.
 */
#include "core/registry/registry.h"

#include <dlfcn.h>

#include <bellbird/log.h>

#include <config.h>

static struct bb_list selves;

struct bb_list *bb_selves(void)
{
	return &selves;
}

struct bb_self *bb_self_find(struct bb_str name)
{
	if (name.l > 3 && bb_str_is(bb_str_sub(name, name.l - 3, 3), ".so"))
		name.l -= 3;
	bb_list_each (node, &selves) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		if (bb_str_is(name, s->table.name))
			return s;
	}
	return NULL;
}

const char *bb_self_name(const struct bb_self *self)
{
	return self ? self->table.name : "core";
}

void bb_self_close(struct bb_self *self)
{
	if (!self)
		return;
	bb_task_cancel(&self->done);
	bb_timer_cancel(&self->poll);
	bb_entries_drop(self);
	bb_list_remove(&self->node);
	bb_free(self->needs);
#ifndef BB_SANITIZED /* leak reports keep their symbols */
	if (self->handle)
		dlclose(self->handle);
#endif
	bb_free(self->path);
	bb_free(self);
}

/* --- the ABI --- */

static void sorry(struct bb_diag *d, const char *path, const char *fmt, ...) BB_PRINTF(3, 4);

static void sorry(struct bb_diag *d, const char *path, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	struct bb_where at = { path, 0, 0 };
	va_list ap;

	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	bb_diag_add(d, BB_WARN, path ? &at : NULL, "%s; the module is not used", bb_buf_cstr(&b));
	bb_buf_free(&b);
}

static int check_abi(const struct bb_module *m, const char *path, struct bb_diag *d)
{
	if (m->magic != BB_ABI_MAGIC) {
		sorry(d, path, "'bb_module' in it is not a module's table");
		return -ENOEXEC;
	}
	if (m->abi_major != BB_ABI_MAJOR || m->abi_minor > BB_ABI_MINOR) {
		sorry(d, path, "built for ABI %u.%u, this is %d.%d", m->abi_major, m->abi_minor,
		      BB_ABI_MAJOR, BB_ABI_MINOR);
		return -ENOEXEC;
	}
	if (m->size > sizeof(*m) || m->size < offsetof(struct bb_module, name) + sizeof(m->name)) {
		sorry(d, path, "its table has %u bytes, at most %zu are known", m->size,
		      sizeof(*m));
		return -ENOEXEC;
	}
	if (!m->name || !m->name[0]) {
		sorry(d, path, "it has no name");
		return -ENOEXEC;
	}
	return 0;
}

/* --- lint --- */

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
	sorry(l->d, l->self->path, "%s: %s", l->self->table.name, bb_buf_cstr(&b));
	bb_buf_free(&b);
	l->bad = true;
}

static void lint_fields(struct lint *l, const char *what, const struct bb_field *f)
{
	for (; f && f->name; f++) {
		if (!f->doc || !f->doc[0])
			fault(l, "the field '%s' of %s is not documented", f->name, what);
		for (const struct bb_option *o = f->options; o && o->letter; o++)
			if (!o->doc || !o->doc[0])
				fault(l, "the option '%c' of %s is not documented", o->letter,
				      what);
	}
}

static void lint_provide(struct lint *l, const struct bb_provide *p)
{
	const char *name = p->u.any ? bb_provide_name(p) : NULL;
	const struct bb_doc *doc;
	struct bb_entry *other;
	char *key;

	if (!name || !name[0]) {
		fault(l, "provides a %s without a name", bb_kind_name(p->kind));
		return;
	}
	doc = bb_provide_doc(p);
	if (doc && (!doc->summary || !doc->summary[0]))
		fault(l, "the %s '%s' has no summary", bb_kind_name(p->kind), name);
	lint_fields(l, name, bb_provide_fields(p));
	key = bb_provide_key(p);
	other = key ? bb_entry_find(p->kind, bb_strz(key)) : NULL;
	if (other && other->self != l->self)
		fault(l, "the %s '%s' is there already, from the module %s", bb_kind_name(p->kind),
		      key, other->self->table.name);
	bb_free(key);
}

static bool same_type(const struct bb_conf_type *a, const struct bb_conf_type *b)
{
	if (strcmp(a->file, b->file) != 0 || !a->type != !b->type)
		return false;
	if (a->type)
		return strcmp(a->type, b->type) == 0;
	return a->section && b->section && strcmp(a->section, b->section) == 0;
}

static void lint_conf(struct lint *l, const struct bb_conf_type *t)
{
	const char *what = t->type ? t->type : t->section ? t->section : t->file;

	if (!t->doc || !t->doc[0])
		fault(l, "the configuration of %s in %s is not documented", what, t->file);
	lint_fields(l, what, t->fields);
	bb_list_each (node, &selves) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		for (const struct bb_conf_type *o = s->table.conf; s != l->self && o && o->file;
		     o++)
			if (same_type(t, o))
				fault(l, "%s in %s belongs to the module %s", what, t->file,
				      s->table.name);
	}
}

int bb_self_lint(struct bb_self *self, struct bb_diag *d)
{
	struct lint l = { .self = self, .d = d };

	for (const struct bb_provide *p = self->table.provides; p && p->kind; p++)
		lint_provide(&l, p);
	for (const struct bb_conf_type *t = self->table.conf; t && t->file; t++)
		lint_conf(&l, t);
	return l.bad ? -EINVAL : 0;
}

/* --- opening --- */

static int self_new(struct bb_self **sp, const struct bb_module *m, const char *path, void *handle,
		    struct bb_diag *d)
{
	struct bb_self *self;
	int err = check_abi(m, path, d);

	if (err)
		return err;
	if (bb_self_find(bb_strz(m->name))) {
		sorry(d, path, "a module %s is there already", m->name);
		return -EEXIST;
	}
	self = bb_zalloc(sizeof(*self));
	if (!self)
		return -ENOMEM;
	memcpy(&self->table, m, m->size);
	self->exported = m;
	if (path) {
		self->path = bb_sprintf("%s", path);
		if (!self->path) {
			bb_free(self);
			return -ENOMEM;
		}
	}
	err = bb_self_lint(self, d);
	for (const struct bb_provide *p = self->table.provides; p && p->kind && !err; p++)
		err = bb_entry_add(self, p);
	bb_list_append(&selves, &self->node);
	if (err) {
		bb_self_close(self);
		return err;
	}
	self->handle = handle;
	*sp = self;
	return 0;
}

int bb_self_open(struct bb_self **sp, const char *path, struct bb_diag *d)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct bb_module *m;
	int err;

	if (!handle) {
		sorry(d, path, "cannot be loaded: %s", dlerror());
		return -ENOEXEC;
	}
	m = dlsym(handle, "bb_module");
	if (!m) {
		sorry(d, path, "has no 'bb_module': is it a module of Bellbird?");
		err = -ENOEXEC;
	} else {
		err = self_new(sp, m, path, handle, d);
	}
	if (err)
		dlclose(handle);
	return err;
}

int bb_self_add(struct bb_self **sp, const struct bb_module *m, struct bb_diag *d)
{
	return self_new(sp, m, NULL, NULL, d);
}
