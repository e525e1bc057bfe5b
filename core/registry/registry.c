/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The room itself: its begin and end, parts of the core and static modules,
 * and what the console asks of modules.
 */
#include "core/registry/registry.h"

#include <bellbird/log.h>

#define MAX_STATIC 64

static struct {
	const struct bb_module *m;
	bool core;
} statics[MAX_STATIC];
static size_t n_statics;

static int remember(const struct bb_module *m, bool core)
{
	if (n_statics == MAX_STATIC)
		return -ENOSPC;
	statics[n_statics].m = m;
	statics[n_statics++].core = core;
	return 0;
}

int bb_core_module_add(const struct bb_module *m)
{
	return remember(m, true);
}

int bb_static_module_add(const struct bb_module *m)
{
	return remember(m, false);
}

int bb_statics_scan(struct bb_diag *d)
{
	for (size_t i = 0; i < n_statics; i++) {
		struct bb_self *self;
		int err;

		if (bb_self_find(bb_strz(statics[i].m->name)))
			continue;
		err = bb_self_add(&self, statics[i].m, d);
		if (err == -ENOMEM)
			return err;
		if (err)
			continue; /* said */
		self->core = statics[i].core;
		self->is_static = true;
		self->wanted = true;
	}
	return 0;
}

int bb_registry_init(void)
{
	int err = bb_core_module_add(&bb_settings_module);

	if (!err)
		err = bb_core_module_add(&bb_modules_module);
	if (!err)
		err = bb_core_module_add(&bb_logger_module);
	if (!err)
		err = bb_cli_module_init();
	return err ? err : bb_bus_init();
}

unsigned bb_registry_close(void)
{
	struct bb_list *all = bb_selves();
	unsigned held = 0;

	bb_modules_stop();
	bb_bus_close();
	for (struct bb_node *n = all->tail, *prev; n; n = prev) {
		struct bb_self *s = bb_list_entry(n, struct bb_self, node);

		prev = n->prev;
		held += bb_self_uses(s) != 0;
		/* Its code stays until the process ends: for whoever holds it, and for answers that
		 * other threads still owe it. */
		s->handle = NULL;
	}
	bb_conf_set_live(NULL);
	bb_settings_set(NULL);
	while (all->tail)
		bb_self_close(bb_list_entry(all->tail, struct bb_self, node));
	bb_entries_free();
	bb_objects_forget();
	n_statics = 0;
	bb_registry_set_barrier(NULL);
	bb_registry_search_only(NULL);
	return held;
}

/* --- what the console asks --- */

const char *bb_module_state_name(enum bb_module_state st)
{
	switch (st) {
	case BB_MODULE_RUNNING:
		return "running";
	case BB_MODULE_DRAINING:
		return "draining";
	case BB_MODULE_STOPPING:
		return "stopping";
	case BB_MODULE_OPEN:
		break;
	}
	return "not loaded";
}

bool bb_module_next(size_t *it, struct bb_module_info *info)
{
	struct bb_node *n = bb_selves()->head;
	const struct bb_self *s;

	for (size_t i = 0; n && i < *it; i++)
		n = n->next;
	if (!n)
		return false;
	++*it;
	s = bb_list_entry(n, struct bb_self, node);
	info->name = s->table.name;
	info->path = s->path;
	info->summary = s->table.doc.summary ? s->table.doc.summary : "";
	info->version = s->table.version ? s->table.version : "";
	info->state = s->state;
	info->uses = bb_self_uses(s);
	info->provides = (unsigned)s->entries.count;
	info->core = s->core;
	return true;
}

void bb_module_each_provide(const char *name,
			    void (*fn)(enum bb_kind kind, const char *entry, unsigned uses,
				       void *arg),
			    void *arg)
{
	const struct bb_self *s = bb_self_find(bb_strz(name));

	if (!s)
		return;
	bb_list_each (node, &s->entries) {
		const struct bb_entry *e = bb_list_entry(node, struct bb_entry, in_self);

		fn(e->kind, e->name, e->uses, arg);
	}
}
