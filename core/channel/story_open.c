/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stories that begin before there is a channel. Whoever sends us requests
 * decides how many there are, so they are bounded per source and in all; what
 * is over the bound is counted, not kept.
 */
#include <bellbird/map.h>

#include "core/channel/channel.h"

#define MAX_OPEN 512 /* at one time, of all sources */
#define MAX_OPEN_SOURCE 64

struct source {
	struct bb_map_node node;
	unsigned open;
	char name[];
};

static struct bb_map sources;
static unsigned open_stories;

static struct source *find(const char *source)
{
	struct bb_map_node *n = bb_map_get(&sources, bb_strz(source));

	return n ? bb_map_entry(n, struct source, node) : NULL;
}

static struct source *add(const char *source)
{
	struct source *src = bb_zalloc(sizeof(*src) + strlen(source) + 1);

	if (!src)
		return NULL;
	bb_str_copy(src->name, strlen(source) + 1, bb_strz(source));
	if (bb_map_add(&sources, &src->node, bb_strz(src->name))) {
		bb_free(src);
		return NULL;
	}
	return src;
}

static void forget(struct source *src)
{
	if (src->open)
		return;
	bb_map_remove(&sources, &src->node);
	bb_free(src);
	if (!sources.count)
		bb_map_free(&sources);
}

struct bb_story *bb_story_open(const char *source, const char *title)
{
	struct source *src;
	struct bb_story *s;

	if (!source)
		source = "";
	src = find(source);
	if (open_stories >= MAX_OPEN || (src && src->open >= MAX_OPEN_SOURCE))
		return NULL;
	if (!src)
		src = add(source);
	if (!src)
		return NULL;
	s = bb_story_new();
	if (!s || bb_story_name(s, source, title)) {
		bb_story_unref(s);
		forget(src);
		return NULL;
	}
	src->open++;
	open_stories++;
	return s;
}

void bb_story_opened_done(struct bb_story *s)
{
	const char *source = bb_story_source(s);
	struct source *src = bb_story_take_opened(s) ? find(source) : NULL;

	if (!src || !src->open)
		return;
	src->open--;
	open_stories--;
	forget(src);
}

void bb_story_close(struct bb_story *s)
{
	if (!s)
		return;
	bb_story_opened_done(s);
	bb_call_keep_refused(s);
}
