/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a file or a static table to a known module: open, check the ABI. None of
 * the module's code runs here.
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
	bb_object_close(self->handle, self->exported, self->table.name);
	bb_free(self->path);
	bb_free(self);
}

/* --- the ABI --- */

void bb_self_refuse(struct bb_diag *d, const char *path, const char *fmt, ...)
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
		bb_self_refuse(d, path, "'bb_module' in it is not a module's table");
		return -ENOEXEC;
	}
	if (m->abi_major != BB_ABI_MAJOR || m->abi_minor > BB_ABI_MINOR) {
		bb_self_refuse(d, path, "built for ABI %u.%u, this is %d.%d", m->abi_major,
			       m->abi_minor, BB_ABI_MAJOR, BB_ABI_MINOR);
		return -ENOEXEC;
	}
	if (m->size > sizeof(*m) || m->size < offsetof(struct bb_module, name) + sizeof(m->name)) {
		bb_self_refuse(d, path, "its table has %u bytes, at most %zu are known", m->size,
			       sizeof(*m));
		return -ENOEXEC;
	}
	if (!m->name || !m->name[0]) {
		bb_self_refuse(d, path, "it has no name");
		return -ENOEXEC;
	}
	return 0;
}

/* --- opening --- */

/* All that is wrong is said, not only the first. */
static int take_provides(struct bb_self *self, struct bb_diag *d)
{
	int err = bb_self_lint_conf(self, d);

	for (const struct bb_provide *p = self->table.provides; p && p->kind; p++) {
		int one = bb_self_lint_provide(self, p, d);

		if (!one)
			one = bb_entry_add(self, p);
		if (one == -ENOMEM)
			return one;
		if (one)
			err = one;
	}
	return err;
}

static int self_new(struct bb_self **sp, const struct bb_module *m, const char *path, void *handle,
		    struct bb_diag *d)
{
	struct bb_self *self;
	int err = check_abi(m, path, d);

	if (err)
		return err;
	if (bb_self_find(bb_strz(m->name))) {
		bb_self_refuse(d, path, "a module %s is there already", m->name);
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
	bb_list_append(&selves, &self->node);
	err = take_provides(self, d);
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
	const struct bb_module *m;
	void *handle;
	int err = bb_object_open(&handle, &m, path, d);

	if (err)
		return err;
	err = self_new(sp, m, path, handle, d);
	if (err)
		dlclose(handle); /* none of its code has run */
	return err;
}

int bb_self_add(struct bb_self **sp, const struct bb_module *m, struct bb_diag *d)
{
	return self_new(sp, m, NULL, NULL, d);
}
