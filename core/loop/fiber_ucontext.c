/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_ucontext.c - fibers on stacks of their own, on one thread.
 *
 * A stack is mapped with a guard page below, so that one that runs over stops
 * the program there instead of spoiling its neighbour. Stacks are pooled; the
 * warm ones at the top of the pool are used again as they are, deeper ones
 * give their pages back to the kernel.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/loop/fiber_backend.h"

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
	ucontext_t here;
	char *map;
	void *fake; /* AddressSanitizer's. */
	void *tsan;
};

static struct bb_list pool;
static size_t flows;
static struct {
	ucontext_t here;
	void *fake, *tsan;
	const void *stack;
	size_t stack_bytes;
} loop_flow;

static size_t guard_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

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
	swapcontext(&w->here, &loop_flow.here);
	after_switch(w->fake, &loop_flow.stack, &loop_flow.stack_bytes);
}

/* makecontext() passes ints alone: the pointer comes in two halves. */
static void entry(unsigned high, unsigned low)
{
	struct bb_fiber *f = (struct bb_fiber *)((uintptr_t)high << 16 << 16 | (uintptr_t)low);

	after_switch(NULL, &loop_flow.stack, &loop_flow.stack_bytes);
	bb_fiber_main(f);
	leave(f, true);
	abort();
}

static void unmap(struct flow *w)
{
	munmap(w->map, BB_STACK_BYTES + guard_bytes());
	bb_free(w);
	flows--;
}

static struct flow *new_flow(void)
{
	struct flow *w = bb_zalloc(sizeof(*w));

	if (!w)
		return NULL;
	w->map = mmap(NULL, BB_STACK_BYTES + guard_bytes(), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (w->map == MAP_FAILED) {
		bb_free(w);
		return NULL;
	}
	flows++;
	if (mprotect(w->map, guard_bytes(), PROT_NONE)) {
		unmap(w);
		return NULL;
	}
	return w;
}

/* By itself: the compiler takes getcontext() for a function that returns twice. */
static __attribute__((noinline)) bool prepare(struct flow *w)
{
	return getcontext(&w->here) == 0;
}

static int create(struct bb_fiber *f)
{
	struct bb_node *n = bb_list_pop(&pool);
	struct flow *w = n ? bb_list_entry(n, struct flow, node) : new_flow();
	uintptr_t p = (uintptr_t)f;

	if (!w)
		return -ENOMEM;
	if (!prepare(w)) {
		unmap(w);
		return -ENOMEM;
	}
	w->here.uc_stack.ss_sp = w->map + guard_bytes();
	w->here.uc_stack.ss_size = BB_STACK_BYTES;
	w->here.uc_link = NULL;
	w->fake = NULL;
#if BB_TSAN
	w->tsan = __tsan_create_fiber(0);
	__tsan_set_fiber_name(w->tsan, f->name);
#endif
	makecontext(&w->here, (void (*)(void))entry, 2, (unsigned)(p >> 16 >> 16), (unsigned)p);
	f->flow = w;
	return 0;
}

static void resume(struct bb_fiber *f)
{
	struct flow *w = f->flow;

#if BB_TSAN
	loop_flow.tsan = __tsan_get_current_fiber();
#endif
	before_switch(&loop_flow.fake, w->map + guard_bytes(), BB_STACK_BYTES, w->tsan);
	swapcontext(&loop_flow.here, &w->here);
	after_switch(loop_flow.fake, NULL, NULL);
}

static void yield(struct bb_fiber *f)
{
	leave(f, false);
}

static void destroy(struct bb_fiber *f)
{
	struct flow *w = f->flow;

#if BB_TSAN
	__tsan_destroy_fiber(w->tsan);
#endif
	if (pool.count >= POOL_MAX) {
		unmap(w);
		return;
	}
#if BB_ASAN
	/* Frames that were left without unwinding keep their red zones. */
	__asan_unpoison_memory_region(w->map + guard_bytes(), BB_STACK_BYTES);
#endif
	if (pool.count < POOL_WARM) {
		bb_list_prepend(&pool, &w->node);
		return;
	}
	madvise(w->map + guard_bytes(), BB_STACK_BYTES, MADV_DONTNEED);
	bb_list_append(&pool, &w->node);
}

static void close_pool(void)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&pool)))
		unmap(bb_list_entry(n, struct flow, node));
}

static void stats(struct bb_fiber_stats *st)
{
	st->pooled = pool.count;
	st->stack_bytes = flows * BB_STACK_BYTES;
}

const struct bb_fiber_backend bb_fiber_ucontext = {
	.name = "ucontext",
	.create = create,
	.resume = resume,
	.yield = yield,
	.destroy = destroy,
	.close = close_pool,
	.stats = stats,
};
