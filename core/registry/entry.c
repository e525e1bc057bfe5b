/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registries: everything that modules provide, by kind and name, and who
 * uses it now. The only place that counts.
 */
#include "core/registry/registry.h"

#include <stdlib.h>

#include "core/base/log_core.h"

#define N_KINDS (BB_KIND_EXTENSION + 1)

static struct {
	struct bb_map names; /* struct bb_entry_name */
	struct bb_entry **v; /* visible ones, by name */
	size_t n, cap;
	unsigned generation;
} kinds[N_KINDS];

static struct bb_list extensions; /* visible ones, in load order */

static struct bb_list idle_holds; /* of struct bb_call_hold */
#define IDLE_HOLDS 64

/* --- adding and dropping --- */

static int name_add(struct bb_entry *e, const char *text)
{
	size_t l = strlen(text);
	struct bb_entry_name *n = bb_zalloc(sizeof(*n) + l + 1);

	if (!n)
		return -ENOMEM;
	memcpy(n->text, text, l);
	n->entry = e;
	kinds[e->kind].names.fold = true;
	if (bb_map_add(&kinds[e->kind].names, &n->node, bb_strn(n->text, l))) {
		bb_free(n);
		return -ENOMEM;
	}
	n->next = e->names;
	e->names = n;
	return 0;
}

static void entry_free(struct bb_entry *e)
{
	while (e->names) {
		struct bb_entry_name *n = e->names;

		e->names = n->next;
		bb_map_remove(&kinds[e->kind].names, &n->node);
		bb_free(n);
	}
	bb_list_remove(&e->in_self);
	bb_list_remove(&e->in_order);
	bb_free(e->name);
	bb_free(e);
}

/* So that publishing, which comes after .start, cannot fail. */
static int reserve(enum bb_kind kind)
{
	size_t cap = kinds[kind].cap ? kinds[kind].cap * 2 : 16;
	struct bb_entry **v;

	if (kinds[kind].names.count < kinds[kind].cap)
		return 0;
	v = bb_realloc(kinds[kind].v, cap * sizeof(struct bb_entry *));
	if (!v)
		return -ENOMEM;
	kinds[kind].v = v;
	kinds[kind].cap = cap;
	return 0;
}

int bb_entry_add(struct bb_self *self, const struct bb_provide *p)
{
	const char *const *alias = bb_provide_aliases(p);
	struct bb_entry *e = bb_zalloc(sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->kind = p->kind;
	e->desc = p->u.any;
	e->self = self;
	e->name = bb_provide_key(p);
	err = e->name ? reserve(p->kind) : -ENOMEM;
	if (!err)
		err = name_add(e, e->name);
	for (; alias && *alias && !err; alias++)
		err = name_add(e, *alias);
	if (err)
		entry_free(e);
	else
		bb_list_append(&self->entries, &e->in_self);
	return err;
}

static size_t place_of(const struct bb_entry *e)
{
	size_t lo = 0, hi = kinds[e->kind].n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (bb_str_icmp(bb_strz(kinds[e->kind].v[mid]->name), bb_strz(e->name)) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void show(struct bb_entry *e)
{
	size_t at = place_of(e), n = kinds[e->kind].n++;

	memmove(&kinds[e->kind].v[at + 1], &kinds[e->kind].v[at],
		(n - at) * sizeof(struct bb_entry *));
	kinds[e->kind].v[at] = e;
	/* A hidden one keeps its place: a walk may stand on it, and a drain may be taken back. */
	if (e->kind == BB_KIND_EXTENSION && !bb_node_linked(&e->in_order))
		bb_list_append(&extensions, &e->in_order);
}

static void hide(struct bb_entry *e)
{
	for (size_t i = 0; i < kinds[e->kind].n; i++) {
		if (kinds[e->kind].v[i] != e)
			continue;
		kinds[e->kind].n--;
		memmove(&kinds[e->kind].v[i], &kinds[e->kind].v[i + 1],
			(kinds[e->kind].n - i) * sizeof(struct bb_entry *));
		return;
	}
}

static void set_visible(struct bb_entry *e, bool visible)
{
	if (e->visible == visible)
		return;
	e->visible = visible;
	if (visible)
		show(e);
	else
		hide(e);
	kinds[e->kind].generation++;
}

void bb_entries_publish(struct bb_self *self, bool visible)
{
	bb_list_each (node, &self->entries) {
		set_visible(bb_list_entry(node, struct bb_entry, in_self), visible);
	}
}

void bb_entries_publish_facts(struct bb_self *self)
{
	bb_list_each (node, &self->entries) {
		struct bb_entry *e = bb_list_entry(node, struct bb_entry, in_self);

		if (e->kind == BB_KIND_CODEC)
			set_visible(e, true);
	}
}

void bb_entries_drop(struct bb_self *self)
{
	bb_entries_publish(self, false);
	bb_list_each (node, &self->entries) {
		entry_free(bb_list_entry(node, struct bb_entry, in_self));
	}
}

void bb_entries_free(void)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&idle_holds)))
		bb_free(bb_list_entry(n, struct bb_call_hold, node));
	for (size_t k = 0; k < N_KINDS; k++) {
		bb_map_free(&kinds[k].names);
		bb_free(kinds[k].v);
		memset(&kinds[k], 0, sizeof(kinds[k]));
	}
}

/* --- finding --- */

struct bb_entry *bb_entry_find(enum bb_kind kind, struct bb_str name)
{
	struct bb_map_node *n = NULL;

	if ((size_t)kind < N_KINDS)
		n = bb_map_get(&kinds[kind].names, name);
	return n ? bb_map_entry(n, struct bb_entry_name, node)->entry : NULL;
}

const void *bb_reg_peek(enum bb_kind kind, struct bb_str name)
{
	struct bb_entry *e = bb_entry_find(kind, name);

	return e ? e->desc : NULL;
}

void bb_reg_peek_each(enum bb_kind kind, void (*fn)(const void *desc, void *arg), void *arg)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	while ((n = bb_map_next(&kinds[kind].names, &it)))
		fn(bb_map_entry(n, struct bb_entry_name, node)->entry->desc, arg);
}

void bb_reg_offer(enum bb_kind kind, struct bb_near *near)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	while ((n = bb_map_next(&kinds[kind].names, &it)))
		bb_near_offer(near, bb_map_entry(n, struct bb_entry_name, node)->text);
}

unsigned bb_reg_generation(enum bb_kind kind)
{
	return kinds[kind].generation;
}

/* "sip/1" */
static bool need_matches(const char *need, const struct bb_service *s)
{
	const char *slash = strchr(need, '/');
	size_t l = slash ? (size_t)(slash - need) : strlen(need);

	if (strlen(s->name) != l || memcmp(s->name, need, l) != 0)
		return false;
	return !slash || strtoul(slash + 1, NULL, 10) == s->major;
}

struct bb_entry *bb_need_find(const char *need)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	while ((n = bb_map_next(&kinds[BB_KIND_SERVICE].names, &it))) {
		struct bb_entry *e = bb_map_entry(n, struct bb_entry_name, node)->entry;

		if (need_matches(need, e->desc))
			return e;
	}
	return NULL;
}

/* --- uses --- */

/* Without memory the use counts all the same; it just cannot be told which call has it. */
static struct bb_call_hold *call_hold(struct bb_entry *e, const char *call)
{
	struct bb_call_hold *h;

	if (!call || !*call)
		return NULL;
	h = idle_holds.count ? bb_list_entry(bb_list_pop(&idle_holds), struct bb_call_hold, node)
			     : bb_zalloc(sizeof(*h));
	if (!h)
		return NULL;
	bb_str_copy(h->call, sizeof(h->call), bb_strz(call));
	bb_list_append(&e->calls, &h->node);
	return h;
}

static void call_let_go(struct bb_call_hold *h)
{
	if (!h)
		return;
	bb_list_remove(&h->node);
	if (idle_holds.count < IDLE_HOLDS)
		bb_list_append(&idle_holds, &h->node);
	else
		bb_free(h);
}

void bb_use_for_call(struct bb_use *use, const char *call)
{
	if (!use->entry)
		return;
	call_let_go(use->call);
	use->call = call_hold(use->entry, call);
}

static const void *hold(struct bb_entry *e, struct bb_use *use)
{
	e->uses++;
	use->entry = e;
	use->who = NULL;
	use->call = call_hold(e, bb_log_call_id());
	return e->desc;
}

const void *bb_use_find(enum bb_kind kind, struct bb_str name, struct bb_use *use)
{
	struct bb_entry *e = bb_entry_find(kind, name);

	*use = (struct bb_use){ 0 };
	return e && e->visible ? hold(e, use) : NULL;
}

void bb_use_at(const struct bb_ext_iter *it, struct bb_use *use)
{
	*use = (struct bb_use){ 0 };
	if (it->at)
		hold(it->at, use);
}

static void note(struct bb_entry *e, const char *who, int change)
{
	size_t spare = BB_ENTRY_NOTES;

	if (!who)
		return;
	for (size_t i = 0; i < BB_ENTRY_NOTES; i++) {
		if (e->notes[i].n && strcmp(e->notes[i].who, who) == 0) {
			e->notes[i].n = (unsigned)((int)e->notes[i].n + change);
			return;
		}
		if (!e->notes[i].n && spare == BB_ENTRY_NOTES)
			spare = i;
	}
	if (change > 0 && spare < BB_ENTRY_NOTES) {
		e->notes[spare].who = who;
		e->notes[spare].n = 1;
	}
}

void bb_use_note(struct bb_use *use, const char *who)
{
	if (!use->entry)
		return;
	note(use->entry, use->who, -1);
	use->who = who;
	note(use->entry, who, 1);
}

void bb_use_copy(const struct bb_use *use, struct bb_use *copy)
{
	*copy = (struct bb_use){ 0 };
	if (!use->entry)
		return;
	hold(use->entry, copy);
	bb_use_note(copy, use->who);
}

void bb_use_end(struct bb_use *use)
{
	struct bb_entry *e = use->entry;

	if (!e)
		return;
	note(e, use->who, -1);
	call_let_go(use->call);
	*use = (struct bb_use){ 0 };
	if (--e->uses == 0)
		bb_self_idle(e->self);
}

const char *bb_use_module(const struct bb_use *use)
{
	return use->entry ? use->entry->self->table.name : "";
}

unsigned bb_self_uses(const struct bb_self *self)
{
	unsigned n = 0;

	bb_list_each (node, &self->entries) {
		n += bb_list_entry(node, struct bb_entry, in_self)->uses;
	}
	return n;
}

/* --- walking --- */

const void *bb_reg_next(struct bb_reg_iter *it, struct bb_use *use)
{
	struct bb_entry *e = NULL;

	if ((size_t)it->kind < N_KINDS && it->pos < kinds[it->kind].n)
		e = kinds[it->kind].v[it->pos++];
	if (use) {
		bb_use_end(use);
		if (e)
			hold(e, use);
	}
	return e ? e->desc : NULL;
}

static bool plugs_into(const struct bb_entry *e, const struct bb_ext_iter *it)
{
	const struct bb_extension *x = e->desc;
	size_t l = strcspn(x->service, "/");

	if (strcmp(x->point, it->point) != 0)
		return false;
	/* The walker may say "sip" or "sip/1". */
	return strcmp(x->service, it->service) == 0 ||
	       (strlen(it->service) == l && memcmp(x->service, it->service, l) == 0);
}

const void *bb_ext_next(struct bb_ext_iter *it)
{
	struct bb_use old = { .entry = it->at };
	struct bb_node *n = it->at ? it->at->in_order.next : extensions.head;

	it->at = NULL;
	for (; n; n = n->next) {
		struct bb_entry *e = bb_list_entry(n, struct bb_entry, in_order);

		if (e->visible && plugs_into(e, it)) {
			e->uses++;
			it->at = e;
			break;
		}
	}
	bb_use_end(&old);
	return it->at ? ((const struct bb_extension *)it->at->desc)->desc : NULL;
}

void bb_ext_end(struct bb_ext_iter *it)
{
	struct bb_use old = { .entry = it->at };

	it->at = NULL;
	bb_use_end(&old);
}
