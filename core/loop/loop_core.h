/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/loop_core.h - starting, turning and stopping the control loop,
 * and choosing between the real world and the simulated one.
 */
#ifndef BB_CORE_LOOP_H
#define BB_CORE_LOOP_H

#include <bellbird/loop.h>
#include <bellbird/net.h>

struct bb_loop_options {
	bool simulate; /**< Virtual clock, in-memory network, inline pool. */
	uint64_t seed; /**< Of everything random in simulation. */
	bb_time wall; /**< Simulated calendar time at start; 0 is 2026-01-01. */
	unsigned pool_threads; /**< 0: 4. */
	bb_time stall_limit; /**< The watchdog's; 0: 200 ms. */
	const char *fibers; /**< Backend of fibers; NULL: the default. */
};

/** The calling thread becomes the control thread. */
BB_API int bb_loop_init(const struct bb_loop_options *opt);
/** Run until bb_loop_stop(). In simulation also until nothing is left that could ever happen. */
BB_API void bb_loop_run(void);
BB_API void bb_loop_stop(void);
/** Everything is closed and freed; timers, sockets and fibers still there are reported. @return how
 * many. */
BB_API unsigned bb_loop_close(void);

/** Call @p fn on SIGTERM, SIGINT, SIGHUP … (control thread). @return -ENOTSUP in simulation. */
BB_API int bb_loop_on_signal(int signum, void (*fn)(int signum, void *arg), void *arg);

/** True when the caller holds the control baton (the control thread, or a fiber that it resumed).
 */
BB_API bool bb_on_control(void);
/** Debug builds: abort unless bb_on_control(). At each public entry point. */
#ifdef NDEBUG
#define bb_assert_control() ((void)0)
#else
BB_API void bb_assert_control_at(const char *file, int line);
#define bb_assert_control() bb_assert_control_at(__FILE__, __LINE__)
#endif

/** Who is at the other end of an accepted Unix stream. @return -ENOTSUP for another kind. */
BB_API int bb_tcp_peer_uid(const struct bb_tcp *c, unsigned *uid);

/**
 * Call @p fn once when this turn's tasks and fibers have run, before what was sent goes out. For
 * waking another thread once a turn, whatever the turn asked of it.
 */
BB_API void bb_turn_end_post(struct bb_task *t, void (*fn)(void *arg), void *arg);

/** What runs now, for the watchdog: "module/name". Literals or names that outlive the call. */
BB_API void bb_watchdog_enter(const char *module, const char *name);
BB_API void bb_watchdog_leave(void);

/** Pending things, for tests that say nothing may outlive its call. */
struct bb_loop_stats {
	size_t timers, tasks, udp, tcp, work, fibers, processes;
	uint64_t turns, stalls;
	uint64_t udp_lost; /**< Datagrams that the kernel had no room for. */
	bb_time longest_stall;
};
BB_API void bb_loop_stats(struct bb_loop_stats *st);
/** Walk the armed timers with where they were armed. */
BB_API void bb_timer_each(void (*fn)(const struct bb_timer *t, void *arg), void *arg);

/**
 * What will call code that may be a module's: a socket, a process, a look-up, a media port.
 * Embedded in it and linked from its beginning to its end, so that what a module leaves behind is
 * found when it is to be closed. Nobody is asked to name an owner: it is whose code is called.
 */
struct bb_pending {
	struct bb_node node;
	const char *what; /**< "a datagram socket": a literal. */
	const void *code; /**< A function or a constant of the object it calls into. */
	const struct bb_addr *local; /**< Of sockets; NULL for others. */
};
/** Link, or say anew what is called. */
BB_API void bb_pending_add(struct bb_pending *p, const char *what, const void *code);
BB_API void bb_pending_remove(struct bb_pending *p);
/**
 * Walk all of them, the armed timers and the posted tasks. @p where tells one from another
 * ("file:line", a local address) and may be NULL. @p fn must not open or end any.
 */
BB_API void bb_pending_each(void (*fn)(const char *what, const char *where, const void *code,
				       void *arg),
			    void *arg);

/* --- simulation (on the loop, never in a fiber; only after bb_loop_init() with .simulate) --- */

/** Advance virtual time by up to @p span, running all that falls due. Returns early only on
 * bb_loop_stop(). */
BB_API void bb_sim_advance(bb_time span);
/** Run what is due now, without advancing time. */
BB_API void bb_sim_settle(void);
/** Run until @p cond returns true; @return false when @p limit of virtual time passed first. */
BB_API bool bb_sim_until(bool (*cond)(void *arg), void *arg, bb_time limit);

/** How the in-memory network treats each datagram. Streams are only delayed. */
struct bb_sim_net {
	unsigned loss, duplicate, reorder; /**< Parts per thousand. */
	bb_time delay_min, delay_max;
	bb_time waited; /**< What each datagram is said to have waited to be read. */
};
BB_API void bb_sim_net_set(const struct bb_sim_net *net);
/** Every datagram that is sent, delivered or not; for transcripts. NULL removes. */
BB_API void bb_sim_net_watch(void (*fn)(const struct bb_addr *from, const struct bb_addr *to,
					const void *data, size_t len, bool delivered, void *arg),
			     void *arg);
/** A name that bb_resolve() answers in simulation. */
BB_API int bb_sim_host(const char *name, const struct bb_addr *addr);

#endif
