/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/map.c - the intrusive hash table.
 *
 * Chains in a power-of-two table that doubles when there are more nodes than
 * slots. Equal keys keep the order they came in.
 */
#include <bellbird/map.h>
#include <bellbird/mem.h>

static struct bb_map_node **slot_of(const struct bb_map *m, uint32_t hash)
{
	return &m->slots[hash & (m->n_slots - 1)];
}

static bool same(const struct bb_map *m, const struct bb_map_node *n, uint32_t hash,
		 struct bb_str key)
{
	return n->hash == hash && (m->fold ? bb_str_ieq(n->key, key) : bb_str_eq(n->key, key));
}

struct bb_map_node *bb_map_get(const struct bb_map *m, struct bb_str key)
{
	uint32_t hash;

	if (!m->count)
		return NULL;
	hash = bb_str_hash(key, m->fold);
	for (struct bb_map_node *n = *slot_of(m, hash); n; n = n->next)
		if (same(m, n, hash, key))
			return n;
	return NULL;
}

struct bb_map_node *bb_map_next_same(const struct bb_map *m, const struct bb_map_node *n)
{
	for (struct bb_map_node *o = n->next; o; o = o->next)
		if (same(m, o, n->hash, n->key))
			return o;
	return NULL;
}

static void append(struct bb_map *m, struct bb_map_node *n)
{
	struct bb_map_node **at = slot_of(m, n->hash);

	while (*at)
		at = &(*at)->next;
	n->next = NULL;
	*at = n;
}

static int resize(struct bb_map *m, size_t n_slots)
{
	struct bb_map_node **old = m->slots;
	size_t n_old = m->n_slots;
	struct bb_map_node **slots = bb_zalloc(n_slots * sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	m->slots = slots;
	m->n_slots = n_slots;
	for (size_t i = 0; i < n_old; i++) {
		struct bb_map_node *n = old[i];

		while (n) {
			struct bb_map_node *next = n->next;

			append(m, n);
			n = next;
		}
	}
	bb_free(old);
	return 0;
}

int bb_map_add(struct bb_map *m, struct bb_map_node *n, struct bb_str key)
{
	if (!m->n_slots && resize(m, 8))
		return -ENOMEM;
	/* A table that cannot grow still works, with longer chains. */
	if (m->count >= m->n_slots)
		(void)resize(m, m->n_slots * 2);
	n->key = key;
	n->hash = bb_str_hash(key, m->fold);
	append(m, n);
	n->linked = true;
	m->count++;
	return 0;
}

void bb_map_remove(struct bb_map *m, struct bb_map_node *n)
{
	struct bb_map_node **at;

	if (!n->linked)
		return;
	for (at = slot_of(m, n->hash); *at; at = &(*at)->next) {
		if (*at != n)
			continue;
		*at = n->next;
		n->next = NULL;
		n->linked = false;
		m->count--;
		return;
	}
}

struct bb_map_node *bb_map_next(const struct bb_map *m, struct bb_map_iter *it)
{
	struct bb_map_node *n;

	if (!it->started) {
		it->started = true;
		it->slot = 0;
		it->next = NULL;
	}
	while (!it->next && it->slot < m->n_slots)
		it->next = m->slots[it->slot++];
	n = it->next;
	if (n)
		it->next = n->next;
	return n;
}

void bb_map_free(struct bb_map *m)
{
	if (!m)
		return;
	bb_free(m->slots);
	m->slots = NULL;
	m->n_slots = m->count = 0;
}
