/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/location_int.h - a binding in memory, and its way to the disk.
 */
#ifndef BB_LOCATION_INT_H
#define BB_LOCATION_INT_H

#include <bellbird/location.h>
#include <bellbird/map.h>

#include "core/store/store_int.h"

/** One allocation: the texts of .b stand behind it, but for the names of known transports. */
struct bb_loc_binding {
	struct bb_binding b;
	struct bb_loc_aor *aor;
	struct bb_loc_binding *conn_next, **conn_prev;
	uint32_t refs, size;
	uint32_t heap_at; /**< 1 + place among the expiries; 0: not there. */
	uint32_t shown; /**< How many live sets hold it (two while they change). */
	char texts[];
};

/** Bindings of one address-of-record, by q then by age (the oldest first). Holds each. */
struct bb_loc_set {
	struct bb_loc_binding **v;
	size_t n;
};

struct bb_loc_aor {
	struct bb_map_node node;
	struct bb_loc_set live; /**< What callers see. */
	struct bb_loc_set disk; /**< What is committed, while .ops wait. */
	struct op *ops; /**< In order. */
	struct bb_loc_aor *changed_next;
	bool marked, telling;
	char name[];
};

int bb_loc_aor_get(struct bb_loc_aor **ap, struct bb_str name);
int bb_loc_binding_new(struct bb_loc_binding **bp, const struct bb_binding *from,
		       struct bb_loc_aor *aor);
/** At start: put in what was on disk. */
int bb_loc_restore(struct bb_str aor, const struct bb_binding *b);

/** Add the statement that writes, or removes, one binding. */
int bb_loc_disk_put(struct bb_store_batch *batch, struct bb_str aor, const struct bb_binding *b);
int bb_loc_disk_remove(struct bb_store_batch *batch, struct bb_str aor, struct bb_str contact);
/** Remove it if it still is the one that has expired. Nobody waits for that. */
void bb_loc_disk_expire(struct bb_str aor, const struct bb_binding *b);

#endif
