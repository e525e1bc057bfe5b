/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/map.h - an intrusive hash table with string keys.
 *
 * The node lives in the caller's struct, and the key it points at must live
 * and stay unchanged as long as the node is in the map.
 */
#ifndef BB_MAP_H
#define BB_MAP_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

struct bb_map_node {
	struct bb_map_node *next;
	struct bb_str key;
	uint32_t hash;
	bool linked;
};

/** Zero-initialised is empty and compares case-sensitively. */
struct bb_map {
	struct bb_map_node **slots;
	size_t n_slots, count;
	bool fold; /**< Set before first use: ignore ASCII case. */
};

/** First node with the key, or NULL. */
BB_API struct bb_map_node *bb_map_get(const struct bb_map *m, struct bb_str key);
/** The next node with the same key after @p n, or NULL. */
BB_API struct bb_map_node *bb_map_next_same(const struct bb_map *m, const struct bb_map_node *n);
/** Insert; equal keys may stand together. @return 0 or -ENOMEM. */
BB_API int bb_map_add(struct bb_map *m, struct bb_map_node *n, struct bb_str key);
/** Take out; does nothing for a node that is not in. */
BB_API void bb_map_remove(struct bb_map *m, struct bb_map_node *n);
/** Walk in no order; @p it starts zeroed. The node returned may be removed before the next call. */
struct bb_map_iter {
	size_t slot;
	struct bb_map_node *next;
	bool started;
};
BB_API struct bb_map_node *bb_map_next(const struct bb_map *m, struct bb_map_iter *it);
/** Free the slots; the nodes are the caller's. */
BB_API void bb_map_free(struct bb_map *m);

#define bb_map_entry(node, type, member) bb_container_of(node, type, member)

BB_END_DECLS
#endif
