/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_backend.h - the ways to keep a second flow of control.
 */
#ifndef BB_CORE_FIBER_BACKEND_H
#define BB_CORE_FIBER_BACKEND_H

#include <bellbird/list.h>

#include "core/base/log_core.h"
#include "core/loop/fiber.h"
#include "core/loop/world.h"

struct bb_fiber {
	struct bb_node all, ready;
	enum { BB_FIBER_READY, BB_FIBER_RUNNING, BB_FIBER_PARKED, BB_FIBER_ENDED } state;
	bool woken; /**< Since the last park. */
	bool timed_out; /**< Of bb_fiber_park_for(). */
	struct bb_timer timer;
	void (*fn)(void *arg);
	void *arg;
	void *local;
	const char *name;
	bb_time parked; /**< Since when, while it is among those that may be trimmed. */
	void *flow; /**< The backend's. */
	struct bb_watch watch;
	struct bb_log_context log;
};

struct bb_fiber_backend {
	const char *name;
	/** Called once before the others; may be NULL. */
	void (*open)(void);
	/** Make f->flow, which will call bb_fiber_main(f) at the first resume. */
	int (*create)(struct bb_fiber *f);
	/** Loop: give the baton to @p f; returns when it yields or ends. */
	void (*resume)(struct bb_fiber *f);
	/** Fiber: give the baton back. With f->state ended it does not return. */
	void (*yield)(struct bb_fiber *f);
	/** Loop: free the flow of a fiber that ended, or that never will. */
	void (*destroy)(struct bb_fiber *f);
	/** Loop: give memory below what a parked fiber uses of its stack back. NULL: cannot. */
	void (*trim)(struct bb_fiber *f);
	/** Lies @p address just below the fiber's stack? In a signal handler. NULL: nobody knows.
	 */
	bool (*guards)(const struct bb_fiber *f, const void *address);
	/** Free what is pooled. */
	void (*close)(void);
	/** Pooled flows and the bytes of all stacks. */
	void (*stats)(struct bb_fiber_stats *st);
};
extern const struct bb_fiber_backend bb_fiber_asm, bb_fiber_ucontext, bb_fiber_thread;

/** The body of each fiber; sets it ended. */
void bb_fiber_main(struct bb_fiber *f);

/**
 * Tell on the standard error output and in the log when a fiber runs over its stack, before the
 * program dies of it. @p guarded is asked in the signal handler whose guard page an address is in.
 */
void bb_fiber_guard_open(bool (*guarded)(const void *address, struct bb_fiber **fp));
void bb_fiber_guard_close(void);

#if defined(__SANITIZE_ADDRESS__)
#define BB_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BB_ASAN 1
#endif
#endif
#ifndef BB_ASAN
#define BB_ASAN 0
#endif
#if defined(__SANITIZE_THREAD__)
#define BB_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BB_TSAN 1
#endif
#endif
#ifndef BB_TSAN
#define BB_TSAN 0
#endif

/* Sanitizers' red zones and shadow frames need room. */
#define BB_STACK_BYTES ((size_t)(BB_ASAN || BB_TSAN ? 256 : 64) * 1024)

#endif
