/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan.c - the compiled plan: contexts, extensions and priorities in one
 * arena, counted, and which plan is live.
 */
#include "core/dialplan/dialplan.h"

#include <stdlib.h>

static struct bb_plan *live;

static void plan_free(struct bb_plan *p)
{
	bb_list_each (n, &p->order)
		bb_map_free(&bb_list_entry(n, struct bb_context, order)->literals);
	bb_map_free(&p->contexts);
	bb_vars_clear(&p->globals);
	bb_arena_free(p->arena);
	bb_free(p);
}

struct bb_plan *bb_plan_ref(struct bb_plan *p)
{
	p->refs++;
	return p;
}

void bb_plan_unref(struct bb_plan *p)
{
	if (p && --p->refs == 0)
		plan_free(p);
}

struct bb_plan *bb_plan_live(void)
{
	return live;
}

void bb_plan_commit(struct bb_plan *p)
{
	if (p) {
		if (p->clear_globals)
			bb_vars_clear(bb_globals());
		/* Moved, not copied: commit cannot fail. */
		while (p->globals.head) {
			struct bb_var *var = bb_list_entry(p->globals.head, struct bb_var, node);

			bb_vars_set(bb_globals(), bb_strz(var->name), 0, bb_strn(NULL, 0));
			bb_list_remove(&var->node);
			bb_list_prepend(bb_globals(), &var->node);
		}
	}
	bb_plan_unref(live);
	live = p;
}

struct bb_context *bb_plan_context(const struct bb_plan *p, struct bb_str name)
{
	struct bb_map_node *n = p ? bb_map_get(&p->contexts, name) : NULL;

	return n ? bb_map_entry(n, struct bb_context, node) : NULL;
}

struct bb_context *bb_plan_add_context(struct bb_plan *p, struct bb_str name,
				       const struct bb_where *at)
{
	struct bb_context *c = bb_plan_context(p, name);

	if (c)
		return c;
	c = bb_arena_alloc(p->arena, sizeof(*c));
	if (!c)
		return NULL;
	c->name = bb_arena_strdup(p->arena, name);
	c->at = *at;
	if (!c->name || bb_map_add(&p->contexts, &c->node, bb_strz(c->name)))
		return NULL;
	bb_list_append(&p->order, &c->order);
	return c;
}

static struct bb_exten *exten_new(struct bb_plan *p, struct bb_context *c, struct bb_str name,
				  struct bb_str cid, const struct bb_where *at)
{
	struct bb_exten *e = bb_arena_alloc(p->arena, sizeof(*e));

	if (!e)
		return NULL;
	e->name = bb_arena_strdup(p->arena, name);
	e->cid = cid.p ? bb_arena_strdup(p->arena, cid) : NULL;
	if (!e->name || (cid.p && !e->cid))
		return NULL;
	e->ctx = c;
	e->at = *at;
	p->n_extens++;
	return e;
}

/* The list of one name, callers that are asked for first, "any" last. */
static struct bb_exten *place_in(struct bb_exten **head, struct bb_exten *e)
{
	while (*head && (*head)->cid && (!e->cid || bb_pattern_cmp((*head)->cid, e->cid) < 0))
		head = &(*head)->next_cid;
	e->next_cid = *head;
	*head = e;
	return e;
}

static struct bb_exten *same_cid(struct bb_exten *e, struct bb_str cid)
{
	for (; e; e = e->next_cid)
		if (cid.p ? e->cid && bb_str_is(cid, e->cid) : !e->cid)
			return e;
	return NULL;
}

/* Without its '-', which are eye candy. */
static struct bb_str bare_name(struct bb_arena *a, struct bb_str name)
{
	char *p;
	size_t l = 0;

	if (bb_str_chr(name, '-') < 0)
		return name;
	p = bb_arena_strdup(a, name);
	if (!p)
		return bb_strn(NULL, 0);
	for (size_t i = 0; i < name.l; i++)
		if (name.p[i] != '-')
			p[l++] = name.p[i];
	p[l] = '\0';
	return bb_strn(p, l);
}

/* The head of a literal's list is what the map knows: it changes when a caller condition is put
 * in front. */
static struct bb_exten *add_literal(struct bb_plan *p, struct bb_context *c, struct bb_str name,
				    struct bb_str cid, const struct bb_where *at)
{
	struct bb_str key = bare_name(p->arena, name);
	struct bb_map_node *n;
	struct bb_exten *head, *e, *old;

	if (!key.p)
		return NULL;
	n = bb_map_get(&c->literals, key);
	head = old = n ? bb_map_entry(n, struct bb_exten, node) : NULL;
	e = same_cid(head, cid);
	if (e)
		return e;
	e = exten_new(p, c, name, cid, at);
	if (!e)
		return NULL;
	if (key.p == name.p)
		key = bb_strz(e->name);
	place_in(&head, e);
	if (head == old)
		return e;
	if (bb_map_add(&c->literals, &head->node, key))
		return NULL;
	if (old)
		bb_map_remove(&c->literals, &old->node);
	else
		c->n_literals++;
	return e;
}

struct bb_exten *bb_plan_add_exten(struct bb_plan *p, struct bb_context *c, struct bb_str name,
				   struct bb_str cid, const struct bb_where *at)
{
	struct bb_exten **slot, *e;
	char *pattern;

	if (!name.l || name.p[0] != '_')
		return add_literal(p, c, name, cid, at);
	pattern = bb_arena_strdup(p->arena, name);
	slot = pattern ? bb_ptree_slot(p->arena, &c->patterns, pattern) : NULL;
	if (!slot)
		return NULL;
	if (!*slot)
		c->n_sorted++;
	e = same_cid(*slot, cid);
	if (e)
		return e;
	e = exten_new(p, c, name, cid, at);
	return e ? place_in(slot, e) : NULL;
}

const struct bb_prio *bb_exten_prio(const struct bb_exten *e, int n)
{
	unsigned lo = 0, hi = e->n_prios;

	if (n == BB_PRIO_HINT)
		return e->hint;
	if (n >= 1 && (unsigned)n <= e->n_prios && e->prios[n - 1].n == n)
		return &e->prios[n - 1];
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (e->prios[mid].n == n)
			return &e->prios[mid];
		if (e->prios[mid].n < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct bb_prio *bb_exten_label(const struct bb_exten *e, struct bb_str label)
{
	for (unsigned i = 0; i < e->n_prios; i++)
		if (e->prios[i].label && bb_str_is(label, e->prios[i].label))
			return &e->prios[i];
	return NULL;
}

struct bb_prio *bb_plan_add_prio(struct bb_plan *p, struct bb_exten *e, int n, struct bb_prio **old,
				 int *err)
{
	struct bb_prio *more;
	unsigned i;

	*err = -ENOMEM;
	*old = (struct bb_prio *)bb_exten_prio(e, n);
	if (*old) {
		*err = -EEXIST;
		return NULL;
	}
	if (n == BB_PRIO_HINT) {
		e->hint = bb_arena_alloc(p->arena, sizeof(*e->hint));
		if (e->hint)
			e->hint->n = n;
		return e->hint;
	}
	if (e->n_prios == e->cap_prios) {
		more = bb_arena_alloc(p->arena, (e->cap_prios * 2 + 1) * sizeof(*more));
		if (!more)
			return NULL;
		if (e->n_prios)
			memcpy(more, e->prios, e->n_prios * sizeof(*more));
		e->prios = more;
		e->cap_prios = e->cap_prios * 2 + 1;
	}
	for (i = e->n_prios; i && e->prios[i - 1].n > n; i--)
		e->prios[i] = e->prios[i - 1];
	memset(&e->prios[i], 0, sizeof(e->prios[i]));
	e->prios[i].n = n;
	e->n_prios++;
	p->n_prios++;
	return &e->prios[i];
}

static int by_name(const void *a, const void *b)
{
	const struct bb_exten *const *x = a, *const *y = b;

	return bb_exten_name_cmp(bb_strz((*x)->name), bb_strz((*y)->name));
}

static void collect(struct bb_exten *e, void *arg)
{
	struct bb_context *c = arg;

	c->sorted[c->n_sorted++] = e;
}

int bb_plan_finish(struct bb_plan *p)
{
	bb_list_each (n, &p->order) {
		struct bb_context *c = bb_list_entry(n, struct bb_context, order);
		struct bb_map_iter it = { 0 };
		struct bb_map_node *m;

		c->sorted = bb_arena_alloc(p->arena, (c->n_sorted + c->n_literals + 1) *
							     sizeof(struct bb_exten *));
		if (!c->sorted)
			return -ENOMEM;
		c->n_sorted = 0;
		while ((m = bb_map_next(&c->literals, &it)))
			collect(bb_map_entry(m, struct bb_exten, node), c);
		qsort(c->sorted, c->n_sorted, sizeof(struct bb_exten *), by_name);
		bb_ptree_each(c->patterns, collect, c);
	}
	return 0;
}
