/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/loop.h - time, timers, deferred calls, blocking work and processes
 * of the control thread.
 *
 * Behind this header stand libuv in the running program, and a virtual clock
 * in simulation; code cannot tell which. Callbacks run on the control thread,
 * one after the other, and are never re-entered. A callback must not block:
 * the watchdog reports one that takes too long.
 *
 * What is made here belongs to the module whose code it calls, and that module
 * ends it before its .stop returns. What is left behind is named in the log,
 * and the module's code then stays in memory.
 */
#ifndef BB_LOOP_H
#define BB_LOOP_H

#include <bellbird/base.h>
#include <bellbird/list.h>

BB_BEGIN_DECLS

/** Monotonic time, read once a loop turn. Any thread (others read the clock). */
BB_API bb_time bb_now(void);
/** How long this turn of the loop has lasted: so long may what is read now have waited for us. */
BB_API bb_time bb_loop_late(void);
/** Calendar time in microseconds since 1970, read once a loop turn. */
BB_API bb_time bb_wall(void);

/** A one-shot timer, embedded in its owner. Zero-initialised is off. */
struct bb_timer {
	bb_time at;
	size_t slot; /**< 1 + place in the heap; 0 is off. */
	void (*fn)(void *arg);
	void *arg;
	const char *where; /**< "file:line" that armed it. */
	uint64_t seq; /**< Equal times fire in the order they were set. */
};
#define BB_WHERE_2(line) #line
#define BB_WHERE_1(line) BB_WHERE_2(line)
#define BB_WHERE __FILE__ ":" BB_WHERE_1(__LINE__)

/** Arm, or arm anew, for @p delay microseconds from now. Cannot fail after bb_loop_init(). */
#define bb_timer_set(t, delay, fn, arg) bb_timer_set_at(t, bb_now() + (delay), fn, arg, BB_WHERE)
BB_API void bb_timer_set_at(struct bb_timer *t, bb_time at, void (*fn)(void *), void *arg,
			    const char *where);
BB_API void bb_timer_cancel(struct bb_timer *t);
static inline bool bb_timer_active(const struct bb_timer *t)
{
	return t->slot != 0;
}

/**
 * A call deferred to the end of this loop turn, before the loop sleeps. In
 * order; posting a queued task again does nothing. Zero-initialised is idle.
 */
struct bb_task {
	struct bb_node node;
	void (*fn)(void *arg);
	void *arg;
};
BB_API void bb_task_post(struct bb_task *t, void (*fn)(void *), void *arg);
BB_API void bb_task_cancel(struct bb_task *t);

/** Call @p fn on the control thread, soon. From any thread. @return -ENOMEM, -ECANCELED without a
 * loop. */
BB_API int bb_loop_post(void (*fn)(void *arg), void *arg);

/**
 * Run @p work on the pool, then @p done on the control thread with what work
 * returned (@p done may be NULL). For what blocks and ends soon (file reads).
 * Once accepted it cannot be cancelled: a module is .busy until @p done.
 * A fiber uses bb_offload() instead. @return -ENOMEM.
 */
BB_API int bb_work(int (*work)(void *arg), void (*done)(int result, void *arg), void *arg);

/** A child process. Its callbacks run on the control thread. */
struct bb_process;
struct bb_process_ops {
	/** Output of the child's stdout and stderr; may be NULL (then discarded). */
	void (*output)(struct bb_process *p, const char *data, size_t len, void *arg);
	/** Ended: exit status, or -signal. The process object is freed afterwards. */
	void (*exit)(struct bb_process *p, int status, void *arg);
};
/**
 * @param argv NULL-ended; argv[0] is searched for in PATH; no shell. @param input text for its
 * stdin, copied; NULL: its stdin is empty. @p pp may be NULL. @return -ENOENT, -EACCES, -ENOMEM …:
 * then no callback comes.
 */
BB_API int bb_process_spawn(struct bb_process **pp, const char *const *argv, const char *input,
			    const struct bb_process_ops *ops, void *arg);
/** Send it a signal. Its .exit still comes. Not after .exit. */
BB_API void bb_process_kill(struct bb_process *p, int signal);

BB_END_DECLS
#endif
