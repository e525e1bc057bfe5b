/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * File names outlive the configuration that was read from them: an object
 * that is still held tells where it was written after the next reload. So
 * each name is kept once for the life of the process; there are few.
 */
#include "core/config/config.h"

#include <bellbird/map.h>

struct name {
	struct bb_map_node node;
	char text[];
};

static struct bb_map names;

const char *bb_conf_intern(const char *path)
{
	struct bb_str key = bb_strz(path);
	struct bb_map_node *found = bb_map_get(&names, key);
	struct name *n;

	if (found)
		return bb_map_entry(found, struct name, node)->text;
	n = bb_zalloc(sizeof(*n) + key.l + 1);
	if (!n)
		return NULL;
	memcpy(n->text, path, key.l);
	if (bb_map_add(&names, &n->node, bb_strn(n->text, key.l))) {
		bb_free(n);
		return NULL;
	}
	return n->text;
}

void bb_conf_intern_free(void)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *node;

	while ((node = bb_map_next(&names, &it))) {
		bb_map_remove(&names, node);
		bb_free(bb_map_entry(node, struct name, node));
	}
	bb_map_free(&names);
	memset(&names, 0, sizeof(names));
}
