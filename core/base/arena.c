/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/arena.c - memory that is freed whole.
 *
 * The first block lies in the same allocation as the arena itself. Later
 * blocks double up to a limit, so that a long message costs few of them.
 */
#include <stdalign.h>
#include <stdio.h>

#include <bellbird/mem.h>

#define ALIGN alignof(max_align_t)
#define BLOCK_MAX ((size_t)64 * 1024)

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct bb_arena {
	struct block *now; /* The block that allocations come from. */
	struct block *more; /* All blocks but the first. */
	size_t total;
	struct block first;
};

struct bb_arena *bb_arena_new(size_t first)
{
	struct bb_arena *a;

	if (first > SIZE_MAX / 2)
		return NULL;
	first = (first + ALIGN - 1) & ~(ALIGN - 1);
	a = bb_alloc(sizeof(*a) + first);
	if (!a)
		return NULL;
	memset(a, 0, sizeof(*a));
	a->first.size = first;
	a->now = &a->first;
	a->total = sizeof(*a) + first;
	return a;
}

static void free_more(struct bb_arena *a)
{
	while (a->more) {
		struct block *b = a->more;

		a->more = b->next;
		bb_free(b);
	}
}

void bb_arena_free(struct bb_arena *a)
{
	if (!a)
		return;
	free_more(a);
	bb_free(a);
}

void bb_arena_reset(struct bb_arena *a)
{
	free_more(a);
	a->first.used = 0;
	a->now = &a->first;
	a->total = sizeof(*a) + a->first.size;
}

static struct block *grow(struct bb_arena *a, size_t size)
{
	size_t room = a->now->size * 2;
	struct block *b;

	if (room < 512)
		room = 512;
	if (room > BLOCK_MAX)
		room = BLOCK_MAX;
	if (room < size)
		room = size;
	b = bb_alloc(sizeof(*b) + room);
	if (!b)
		return NULL;
	b->size = room;
	b->used = 0;
	b->next = a->more;
	a->more = b;
	a->total += sizeof(*b) + room;
	/* A huge block is full at once: go on filling the one before. */
	if (room - size >= a->now->size - a->now->used)
		a->now = b;
	return b;
}

/* @p size is not rounded: strings follow one another without gaps. */
static char *take(struct bb_arena *a, size_t size, size_t align)
{
	struct block *b = a->now;
	size_t at = (b->used + align - 1) & ~(align - 1);

	if (size > SIZE_MAX / 4)
		return NULL;
	if (at > b->size || size > b->size - at) {
		b = grow(a, size);
		if (!b)
			return NULL;
		at = 0;
	}
	b->used = at + size;
	return b->bytes + at;
}

void *bb_arena_alloc(struct bb_arena *a, size_t size)
{
	char *p = take(a, size ? size : 1, ALIGN);

	if (p)
		memset(p, 0, size ? size : 1);
	return p;
}

char *bb_arena_strdup(struct bb_arena *a, struct bb_str s)
{
	char *z;

	if (s.l == SIZE_MAX)
		return NULL;
	z = take(a, s.l + 1, 1);
	if (!z)
		return NULL;
	if (s.l)
		memcpy(z, s.p, s.l);
	z[s.l] = '\0';
	return z;
}

char *bb_arena_printf(struct bb_arena *a, const char *fmt, ...)
{
	struct block *b = a->now;
	size_t room = b->size - b->used;
	va_list ap;
	char *z;
	int n;

	/* Most texts fit into what is left: print in place, once. */
	va_start(ap, fmt);
	n = bb_vformat(b->bytes + b->used, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	z = take(a, (size_t)n + 1, 1);
	if (!z || (size_t)n < room)
		return z;
	va_start(ap, fmt);
	bb_vformat(z, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return z;
}

size_t bb_arena_size(const struct bb_arena *a)
{
	return a->total;
}
