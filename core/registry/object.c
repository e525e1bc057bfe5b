/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shared objects that modules come from. One is unmapped only when nothing
 * will call into it any more; else it stays, and is not used again as long as
 * what was left behind is there: its start would clear what still runs.
 */
#include "core/registry/registry.h"

#include <dlfcn.h>

#include <bellbird/log.h>

#include "config.h"
#include "core/loop/loop_core.h"

struct remains {
	void *base; /* where the object is mapped */
	const char *name; /* of the module, to say it; NULL: only count */
	unsigned n;
};

/* Objects that stayed: each has a handle more than it has users. */
struct kept {
	struct bb_node node;
	void *handle;
};
static struct bb_list kept_objects;

static void judge(const char *what, const char *where, const void *code, void *arg)
{
	struct remains *r = arg;
	Dl_info info;

	if (!code || !dladdr(code, &info) || info.dli_fbase != r->base)
		return;
	r->n++;
	if (r->name)
		bb_error("module %s left %s behind%s%s%s", r->name, what, where ? " (" : "",
			 where ? where : "", where ? ")" : "");
}

static unsigned remains(const struct bb_module *m, const char *name)
{
	struct remains r = { .name = name };
	Dl_info info;

	if (!dladdr(m, &info))
		return 0;
	r.base = info.dli_fbase;
	bb_pending_each(judge, &r);
	return r.n;
}

static void keep(void *handle)
{
	struct kept *k = bb_zalloc(sizeof(*k));

	/* Without memory to note it down it stays all the same. */
	if (!k)
		return;
	k->handle = handle;
	bb_list_append(&kept_objects, &k->node);
}

static void let_go(void *handle)
{
#ifndef BB_SANITIZED /* leak reports keep their symbols */
	dlclose(handle);
#endif
}

void bb_object_close(void *handle, const struct bb_module *m, const char *name)
{
	if (!handle)
		return;
	if (remains(m, name))
		keep(handle);
	else
		let_go(handle);
}

static struct kept *find_kept(const void *handle)
{
	bb_list_each (node, &kept_objects) {
		struct kept *k = bb_list_entry(node, struct kept, node);

		if (k->handle == handle)
			return k;
	}
	return NULL;
}

int bb_object_open(void **handle, const struct bb_module **m, const char *path, struct bb_diag *d)
{
	struct kept *k;

	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*handle) {
		bb_self_refuse(d, path, "cannot be loaded: %s", dlerror());
		return -ENOEXEC;
	}
	*m = dlsym(*handle, "bb_module");
	k = find_kept(*handle);
	if (!*m) {
		bb_self_refuse(d, path, "has no 'bb_module': is it a module of Bellbird?");
	} else if (k && remains(*m, NULL)) {
		bb_self_refuse(d, path, "what it left behind when it was stopped is still there");
	} else {
		if (k) {
			let_go(k->handle);
			bb_list_remove(&k->node);
			bb_free(k);
		}
		return 0;
	}
	dlclose(*handle);
	return -ENOEXEC;
}

void bb_objects_forget(void)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&kept_objects)))
		bb_free(bb_list_entry(n, struct kept, node));
}
