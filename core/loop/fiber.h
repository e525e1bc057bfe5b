/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber.h - coroutines of the control thread.
 *
 * A fiber runs straight-line code that may wait. Exactly one flow of control
 * (the loop or one fiber) holds the control baton at a time, so control state
 * needs no lock with any backend: stacks changed in assembler (`asm`) or by
 * `ucontext`, or one pthread a fiber (`thread`).
 *
 * Waiting is park and wake and nothing else; everything above (timeouts,
 * channel events, offloads) is built of the two.
 */
#ifndef BB_CORE_FIBER_H
#define BB_CORE_FIBER_H

#include <bellbird/base.h>

struct bb_fiber;

/**
 * Make a fiber; it first runs at the end of this loop turn.
 * @param name for the watchdog and `core show threads`; a literal.
 * @return 0 or -ENOMEM.
 */
BB_API int bb_fiber_spawn(struct bb_fiber **fp, const char *name, void (*fn)(void *arg), void *arg);

/** The running fiber, or NULL on the loop itself. */
BB_API struct bb_fiber *bb_fiber_self(void);

/**
 * Give the baton back until somebody wakes this fiber. A wake that came since
 * the last park is not lost: then this returns at once. Wakes are not counted:
 * callers look at their condition again.
 */
BB_API void bb_fiber_park(void);
/** Park, but no longer than @p delay. @return true when it was the time that ended it. */
BB_API bool bb_fiber_park_for(bb_time delay);

/** Let a parked fiber run at the end of this loop turn. Control thread. Idempotent. */
BB_API void bb_fiber_wake(struct bb_fiber *f);

/** One word of fiber-local storage for the layer above (the run it executes). */
BB_API void bb_fiber_set_local(struct bb_fiber *f, void *local);
BB_API void *bb_fiber_local(const struct bb_fiber *f);

/** Live fibers and pooled stacks, for the console, tests and the bench. */
struct bb_fiber_stats {
	size_t live, pooled, peak;
	size_t trimmed; /**< Live ones that have given the unused part of their stacks back. */
	size_t stack_bytes, stack_each;
	/** Bytes of the deepest stack that was looked at so far, in whole pages: pooled ones and
	 * those that were trimmed. 0: the backend cannot tell. */
	size_t deepest;
	const char *backend;
};
BB_API void bb_fiber_stats(struct bb_fiber_stats *st);

#endif
