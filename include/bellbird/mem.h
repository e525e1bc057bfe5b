/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/mem.h - the three ways memory is owned here, and no fourth:
 * plain blocks, arenas that are freed whole, and counted objects.
 *
 * Counted objects and arenas belong to the control thread and their counts
 * are plain integers. Plain blocks may be used on any thread.
 */
#ifndef BB_MEM_H
#define BB_MEM_H

#include <bellbird/base.h>
#include <bellbird/list.h>

BB_BEGIN_DECLS

/** Plain blocks. NULL when there is no memory. Any thread. */
BB_API void *bb_alloc(size_t size);
BB_API void *bb_zalloc(size_t size);
BB_API void *bb_realloc(void *p, size_t size);
BB_API void bb_free(void *p);
/** A terminated copy. */
BB_API char *bb_strdup(struct bb_str s);
BB_API char *bb_sprintf(const char *fmt, ...) BB_PRINTF(1, 2);

/**
 * An arena: allocations live until the arena is freed. Growth is in blocks,
 * the first of which comes with the arena itself, so that an ordinary message
 * or dial plan step costs one allocation.
 */
struct bb_arena;
/** @param first bytes of the first block. @return NULL without memory. */
BB_API struct bb_arena *bb_arena_new(size_t first);
BB_API void bb_arena_free(struct bb_arena *a);
/** Forget all allocations, keep the first block. */
BB_API void bb_arena_reset(struct bb_arena *a);
/** Zeroed, aligned for any type. NULL without memory. */
BB_API void *bb_arena_alloc(struct bb_arena *a, size_t size);
BB_API char *bb_arena_strdup(struct bb_arena *a, struct bb_str s);
BB_API char *bb_arena_printf(struct bb_arena *a, const char *fmt, ...) BB_PRINTF(2, 3);
/** Bytes reserved in all. */
BB_API size_t bb_arena_size(const struct bb_arena *a);

/**
 * A counted object: zeroed memory with one reference, and a destructor that
 * runs when the last one is dropped. Each subject wraps these in typed
 * functions (bb_chan_ref(), …) and outside code uses those.
 * @param type a literal; live objects are counted by it (`core show memory`).
 */
BB_API void *bb_obj_new(size_t size, void (*destroy)(void *obj), const char *type);
BB_API void *bb_obj_ref(void *obj);
BB_API void bb_obj_unref(void *obj);
BB_API unsigned bb_obj_refs(const void *obj);
/** Live objects of a type (all when NULL), for tests and the console. */
BB_API size_t bb_obj_live(const char *type);
BB_API void bb_obj_each_type(void (*fn)(const char *type, size_t live, size_t bytes, void *arg),
			     void *arg);

/**
 * A table or pool that holds on to memory between calls, shown by `core show
 * memory`: what grows with use has a bound, and there one sees how full it is.
 */
struct bb_mem_gauge {
	struct bb_node node;
	const char *name;
	/** How many, their bytes, and the most bytes there may be (0: no bound of their own). */
	void (*read)(size_t *n, size_t *bytes, size_t *most);
};
/** Control thread. Added twice it is there once; a module takes it away in `.stop`. */
BB_API void bb_mem_gauge_add(struct bb_mem_gauge *g);
BB_API void bb_mem_gauge_remove(struct bb_mem_gauge *g);

/**
 * Tests: let the n-th following allocation through this header fail, once
 * (1 is the next one; 0 switches off). @return allocations made since.
 */
BB_API unsigned long bb_mem_fail_at(unsigned long n);

BB_END_DECLS
#endif
