/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/pending.c - what will still call somebody's code.
 */
#include "core/loop/world.h"

void bb_pending_add(struct bb_pending *p, const char *what, const void *code)
{
	bb_assert_control();
	p->what = what;
	p->code = code;
	if (!bb_node_linked(&p->node))
		bb_list_append(&bb_loop.pending, &p->node);
}

void bb_pending_remove(struct bb_pending *p)
{
	bb_list_remove(&p->node);
}

static void each_task(const struct bb_list *tasks,
		      void (*fn)(const char *what, const char *where, const void *code, void *arg),
		      void *arg)
{
	bb_list_each (node, tasks) {
		const struct bb_task *t = bb_list_entry(node, struct bb_task, node);

		fn("a task", NULL, (const void *)(uintptr_t)t->fn, arg);
	}
}

void bb_pending_each(void (*fn)(const char *what, const char *where, const void *code, void *arg),
		     void *arg)
{
	char text[BB_ADDR_TEXT];
	const struct bb_timer *t;

	bb_assert_control();
	for (size_t i = 0; (t = bb_heap_at(&bb_loop.timers, i)); i++)
		fn("a timer", t->where, (const void *)(uintptr_t)t->fn, arg);
	each_task(&bb_loop.tasks, fn, arg);
	each_task(&bb_loop.last, fn, arg);
	bb_list_each (node, &bb_loop.pending) {
		const struct bb_pending *p = bb_list_entry(node, struct bb_pending, node);
		bool named = p->local && bb_addr_set(p->local);

		fn(p->what, named ? bb_addr_print(p->local, text) : NULL, p->code, arg);
	}
}
