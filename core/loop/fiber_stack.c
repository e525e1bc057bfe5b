/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_stack.c - fibers on stacks of their own, on one thread.
 *
 * A stack is mapped with a guard page below, so that one that runs over stops
 * the program there instead of spoiling its neighbour. Stacks are pooled; the
 * warm ones at the top of the pool are used again as they are, deeper ones
 * give their pages back to the kernel, as does the unused part of a stack
 * whose fiber has waited for a while.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include <config.h>

#include "core/loop/fiber_backend.h"
#include "core/loop/fiber_switch.h"

#if BB_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if BB_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* So many idle stacks keep their pages; so many are kept at all. */
#define POOL_WARM 32
#define POOL_MAX 512

struct flow {
	struct bb_node node;
	struct bb_switch_point here; /* .stack lies above the guard page */
	void *fake; /* AddressSanitizer's. */
	void *tsan;
};

static const struct bb_switch *sw;
static struct bb_list pool;
static size_t flows, deepest, page;
static struct {
	struct bb_switch_point here;
	void *fake, *tsan;
	const void *stack;
	size_t stack_bytes;
} loop_flow;

static void before_switch(void **fake, const void *bottom, size_t size, void *tsan)
{
#if BB_ASAN
	__sanitizer_start_switch_fiber(fake, bottom, size);
#endif
#if BB_TSAN
	__tsan_switch_to_fiber(tsan, 0);
#endif
	(void)fake;
	(void)bottom;
	(void)size;
	(void)tsan;
}

static void after_switch(void *fake, const void **bottom, size_t *size)
{
#if BB_ASAN
	__sanitizer_finish_switch_fiber(fake, bottom, size);
#endif
	(void)fake;
	(void)bottom;
	(void)size;
}

static void leave(struct bb_fiber *f, bool for_ever)
{
	struct flow *w = f->flow;

	before_switch(for_ever ? NULL : &w->fake, loop_flow.stack, loop_flow.stack_bytes,
		      loop_flow.tsan);
	sw->change(&w->here, &loop_flow.here);
	after_switch(w->fake, &loop_flow.stack, &loop_flow.stack_bytes);
}

static void entry(void *arg)
{
	struct bb_fiber *f = arg;

	after_switch(NULL, &loop_flow.stack, &loop_flow.stack_bytes);
	bb_fiber_main(f);
	leave(f, true);
	abort();
}

static void unmap(struct flow *w)
{
	munmap(w->here.stack - page, BB_STACK_BYTES + page);
	bb_free(w);
	flows--;
}

static struct flow *new_flow(void)
{
	struct flow *w = bb_zalloc(sizeof(*w));
	char *map;

	if (!w)
		return NULL;
	map = mmap(NULL, BB_STACK_BYTES + page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED) {
		bb_free(w);
		return NULL;
	}
	flows++;
	w->here.stack = map + page;
	w->here.bytes = BB_STACK_BYTES;
	if (mprotect(map, page, PROT_NONE)) {
		unmap(w);
		return NULL;
	}
	return w;
}

static int create(struct bb_fiber *f)
{
	struct bb_node *n = bb_list_pop(&pool);
	struct flow *w = n ? bb_list_entry(n, struct flow, node) : new_flow();

	if (!w)
		return -ENOMEM;
	w->fake = NULL;
#if BB_TSAN
	w->tsan = __tsan_create_fiber(0);
	__tsan_set_fiber_name(w->tsan, f->name);
#endif
	sw->begin(&w->here, entry, f);
	f->flow = w;
	return 0;
}

static void resume(struct bb_fiber *f)
{
	struct flow *w = f->flow;

#if BB_TSAN
	loop_flow.tsan = __tsan_get_current_fiber();
#endif
	before_switch(&loop_flow.fake, w->here.stack, BB_STACK_BYTES, w->tsan);
	sw->change(&loop_flow.here, &w->here);
	after_switch(loop_flow.fake, NULL, NULL);
}

static void yield(struct bb_fiber *f)
{
	leave(f, false);
}

/* How deep a stack was used since its pages were given back: by whole pages, without touching any.
 */
static void measure(const struct flow *w)
{
	unsigned char there[BB_STACK_BYTES / 4096];
	size_t n = BB_STACK_BYTES / page, i;

	if (mincore(w->here.stack, BB_STACK_BYTES, there))
		return;
	for (i = 0; i < n && !(there[i] & 1); i++)
		;
	if ((n - i) * page > deepest)
		deepest = (n - i) * page;
}

/* Give the pages below @p end back. */
static void give_back(struct flow *w, const char *end)
{
	size_t bytes = (size_t)(end - w->here.stack) / page * page;

	measure(w);
	if (bytes)
		madvise(w->here.stack, bytes, MADV_DONTNEED);
}

static void trim(struct bb_fiber *f)
{
	struct flow *w = f->flow;

	give_back(w, sw->lowest(&w->here));
}

static void destroy(struct bb_fiber *f)
{
	struct flow *w = f->flow;

#if BB_TSAN
	__tsan_destroy_fiber(w->tsan);
#endif
	if (pool.count >= POOL_MAX) {
		measure(w);
		unmap(w);
		return;
	}
#if BB_ASAN
	/* Frames that were left without unwinding keep their red zones. */
	__asan_unpoison_memory_region(w->here.stack, BB_STACK_BYTES);
#endif
	if (pool.count < POOL_WARM) {
		bb_list_prepend(&pool, &w->node);
		return;
	}
	give_back(w, w->here.stack + BB_STACK_BYTES);
	bb_list_append(&pool, &w->node);
}

static bool guards(const struct bb_fiber *f, const void *address)
{
	const struct flow *w = f->flow;
	const char *a = address;

	return a < w->here.stack && a >= w->here.stack - page;
}

static void open_with(const struct bb_switch *s)
{
	sw = s;
	page = (size_t)sysconf(_SC_PAGESIZE);
	deepest = 0;
}

static void close_pool(void)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&pool)))
		unmap(bb_list_entry(n, struct flow, node));
}

static void stats(struct bb_fiber_stats *st)
{
	/* The warm ones have not been looked at. */
	bb_list_each (n, &pool)
		measure(bb_list_entry(n, struct flow, node));
	st->pooled = pool.count;
	st->stack_bytes = flows * BB_STACK_BYTES;
	st->stack_each = BB_STACK_BYTES;
	st->deepest = deepest;
}

#define ON_STACKS(how)                                                                             \
	.open = open_##how, .create = create, .resume = resume, .yield = yield, .trim = trim,      \
	.guards = guards, .destroy = destroy, .close = close_pool, .stats = stats

#ifdef HAVE_FIBER_ASM
static void open_asm(void)
{
	open_with(&bb_switch_asm);
}

const struct bb_fiber_backend bb_fiber_asm = { .name = "asm", ON_STACKS(asm) };
#endif

#ifdef HAVE_UCONTEXT_H
static void open_ucontext(void)
{
	open_with(&bb_switch_ucontext);
}

const struct bb_fiber_backend bb_fiber_ucontext = { .name = "ucontext", ON_STACKS(ucontext) };
#endif
