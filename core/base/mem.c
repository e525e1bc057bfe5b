/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/mem.c - plain blocks, the hook that lets tests run out of them,
 * and what there is in all.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <bellbird/mem.h>

#include "config.h"
#include "core/base/mem_core.h"

#ifdef HAVE_MALLINFO2
#include <malloc.h>
#endif

/* Counting begins with the first bb_mem_fail_at(): nobody else pays for it. */
static atomic_bool counting;
static atomic_ulong made, fail_at;

static bool refused(void)
{
	unsigned long n;

	if (!atomic_load_explicit(&counting, memory_order_relaxed))
		return false;
	n = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed) + 1;
	return n == atomic_load_explicit(&fail_at, memory_order_relaxed);
}

unsigned long bb_mem_fail_at(unsigned long n)
{
	unsigned long since = atomic_exchange(&made, 0);

	atomic_store(&fail_at, n);
	atomic_store(&counting, true);
	return since;
}

void *bb_alloc(size_t size)
{
	return refused() ? NULL : malloc(size ? size : 1);
}

void *bb_zalloc(size_t size)
{
	return refused() ? NULL : calloc(1, size ? size : 1);
}

void *bb_realloc(void *p, size_t size)
{
	return refused() ? NULL : realloc(p, size ? size : 1);
}

void bb_free(void *p)
{
	free(p);
}

char *bb_strdup(struct bb_str s)
{
	char *z;

	if (s.l == SIZE_MAX)
		return NULL;
	z = bb_alloc(s.l + 1);
	if (!z)
		return NULL;
	if (s.l)
		memcpy(z, s.p, s.l);
	z[s.l] = '\0';
	return z;
}

char *bb_sprintf(const char *fmt, ...)
{
	va_list ap;
	char *z;
	int n;

	va_start(ap, fmt);
	n = bb_vformat(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	z = bb_alloc((size_t)n + 1);
	if (!z)
		return NULL;
	va_start(ap, fmt);
	bb_vformat(z, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return z;
}

/* --- what there is in all --- */

/* A sanitizer's allocator, where there is one, counts for itself. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
size_t __sanitizer_get_heap_size(void) __attribute__((weak));

void bb_mem_stats(struct bb_mem_stats *st)
{
	*st = (struct bb_mem_stats){ 0 };
	if (__sanitizer_get_current_allocated_bytes && __sanitizer_get_heap_size) {
		size_t heap = __sanitizer_get_heap_size();

		st->used = __sanitizer_get_current_allocated_bytes();
		st->idle = heap > st->used ? heap - st->used : 0;
		return;
	}
#ifdef HAVE_MALLINFO2
	{
		struct mallinfo2 m = mallinfo2();

		st->used = m.uordblks + m.hblkhd;
		st->idle = m.fordblks;
	}
#endif
}

static struct bb_list gauges;

void bb_mem_gauge_add(struct bb_mem_gauge *g)
{
	if (!bb_node_linked(&g->node))
		bb_list_append(&gauges, &g->node);
}

void bb_mem_gauge_remove(struct bb_mem_gauge *g)
{
	bb_list_remove(&g->node);
}

struct bb_mem_gauge *bb_mem_gauge_next(struct bb_mem_gauge *prev)
{
	struct bb_node *n = prev ? prev->node.next : gauges.head;

	return n ? bb_list_entry(n, struct bb_mem_gauge, node) : NULL;
}
