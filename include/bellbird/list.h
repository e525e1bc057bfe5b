/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/list.h - an intrusive doubly linked list, all inline.
 *
 * A node that is in no list is zero; bb_list_remove() makes it so again, and
 * removing a node that is in no list does nothing.
 */
#ifndef BB_LIST_H
#define BB_LIST_H

#include <bellbird/base.h>

struct bb_node {
	struct bb_node *next, *prev;
	struct bb_list *list;
};

/** Zero-initialised is empty. */
struct bb_list {
	struct bb_node *head, *tail;
	size_t count;
};

static inline bool bb_node_linked(const struct bb_node *n)
{
	return n->list != NULL;
}

/** Insert before @p at; at the end when @p at is NULL. */
static inline void bb_list_insert(struct bb_list *l, struct bb_node *at, struct bb_node *n)
{
	n->list = l;
	n->next = at;
	n->prev = at ? at->prev : l->tail;
	if (n->prev)
		n->prev->next = n;
	else
		l->head = n;
	if (at)
		at->prev = n;
	else
		l->tail = n;
	l->count++;
}

static inline void bb_list_append(struct bb_list *l, struct bb_node *n)
{
	bb_list_insert(l, NULL, n);
}

static inline void bb_list_prepend(struct bb_list *l, struct bb_node *n)
{
	bb_list_insert(l, l->head, n);
}

static inline void bb_list_remove(struct bb_node *n)
{
	struct bb_list *l = n->list;

	if (!l)
		return;
	if (n->prev)
		n->prev->next = n->next;
	else
		l->head = n->next;
	if (n->next)
		n->next->prev = n->prev;
	else
		l->tail = n->prev;
	l->count--;
	n->next = n->prev = NULL;
	n->list = NULL;
}

static inline struct bb_node *bb_list_pop(struct bb_list *l)
{
	struct bb_node *n = l->head;

	if (n)
		bb_list_remove(n);
	return n;
}

#define bb_list_entry(node, type, member) bb_container_of(node, type, member)

/** Walk; the current node may be removed and freed inside the body. */
#define bb_list_each(node, list)                                                                   \
	for (struct bb_node *node = (list)->head, *node##_next = node ? node->next : NULL; node;   \
	     node = node##_next, node##_next = node ? node->next : NULL)

#endif
