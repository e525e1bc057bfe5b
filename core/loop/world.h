/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/world.h - what the files of this folder share: the state of the
 * loop, and the table behind which stands the real world or the simulated one.
 */
#ifndef BB_CORE_WORLD_H
#define BB_CORE_WORLD_H

#include <stdatomic.h>

#include <bellbird/list.h>

#include "core/loop/loop_core.h"

/* --- timers: a heap that is used for the loop's own and for the simulated wire --- */

struct bb_heap {
	struct bb_heap_slot *slots;
	size_t count, reserved;
	uint64_t seq;
};
int bb_heap_open(struct bb_heap *h, size_t max);
void bb_heap_close(struct bb_heap *h);
void bb_heap_set(struct bb_heap *h, struct bb_timer *t, bb_time at);
void bb_heap_remove(struct bb_heap *h, struct bb_timer *t);
struct bb_timer *bb_heap_first(const struct bb_heap *h);
struct bb_timer *bb_heap_at(const struct bb_heap *h, size_t i);

/* --- what both worlds have in common of each object --- */

struct bb_udp {
	struct bb_pending pending;
	const struct bb_udp_ops *ops;
	void *arg;
	struct bb_addr local;
};

struct bb_tcp {
	struct bb_pending pending;
	const struct bb_tcp_ops *ops;
	void *arg;
	struct bb_addr local, remote;
};

struct bb_listener {
	struct bb_pending pending;
	const struct bb_listener_ops *ops;
	void *arg;
	struct bb_addr local;
};

struct bb_process {
	struct bb_pending pending;
	const struct bb_process_ops *ops;
	void *arg;
};

struct bb_resolve {
	struct bb_pending pending;
	struct bb_task task;
	void (*done)(int err, const struct bb_addr *addrs, size_t n, void *arg);
	void *arg;
	int err;
	size_t n;
	struct bb_addr addrs[16];
	uint16_t port;
	bool cancelled;
	bool flying; /**< The world still holds it. */
};

struct bb_job {
	struct bb_pending pending;
	int (*work)(void *arg);
	void (*done)(int result, void *arg);
	void *arg;
	int result;
	struct bb_task task;
};

/** The world's half of each public function. */
struct bb_world {
	const char *name;
	int (*open)(const struct bb_loop_options *opt);
	/** Close what is in nobody's hands (lingering streams), then everything. */
	void (*close)(void);
	void (*read_clock)(bb_time *now, bb_time *wall);
	/**
	 * Dispatch I/O; sleep for it until @p wake_at (-1: for ever, 0: not at all).
	 * @return false when nothing can ever happen (simulation).
	 */
	bool (*poll)(bb_time wake_at);
	/** Make a poll that sleeps return. Any thread. */
	void (*wake)(void);
	void (*flush)(void);
	int (*work)(struct bb_job *job);
	int (*on_signal)(int signum, void (*fn)(int, void *), void *arg);
	int (*spawn)(struct bb_process **pp, const char *const *argv, const char *input);
	void (*kill)(struct bb_process *p, int signal);
	int (*udp_open)(struct bb_udp **up, const struct bb_addr *local);
	int (*udp_send)(struct bb_udp *u, const struct bb_addr *from, const struct bb_addr *to,
			const void *data, size_t len);
	void (*udp_close)(struct bb_udp *u);
	int (*tcp_listen)(struct bb_listener **lp, const struct bb_addr *local);
	int (*unix_listen)(struct bb_listener **lp, const char *path);
	void (*listener_close)(struct bb_listener *l);
	int (*tcp_connect)(struct bb_tcp **cp, const struct bb_addr *to);
	int (*tcp_send)(struct bb_tcp *c, const void *data, size_t len);
	size_t (*tcp_queued)(const struct bb_tcp *c);
	void (*tcp_close)(struct bb_tcp *c);
	/** NULL: nobody can tell. */
	int (*tcp_peer_uid)(const struct bb_tcp *c, unsigned *uid);
	/** Ends in bb_resolve_finish(). */
	int (*resolve)(struct bb_resolve *r, struct bb_str host);
	void (*resolve_cancel)(struct bb_resolve *r);
	int (*source_for)(struct bb_addr *local, const struct bb_addr *to);
};
extern const struct bb_world bb_world_real, bb_world_sim;

/* --- the loop's state --- */

struct bb_loop {
	const struct bb_world *world; /**< NULL: not open. */
	_Atomic bb_time now, wall;
	atomic_bool simulated; /**< Other threads live in virtual time too. */
	bool stop, clock_stale;
	struct bb_heap timers;
	struct bb_list tasks, last, pending;
	struct bb_loop_stats stats;
	bb_time stall_limit;
	atomic_uint beat; /**< Counts dispatches; even while the loop sleeps. */
};
extern struct bb_loop bb_loop;
/** True on the thread that holds the control baton. */
extern _Thread_local bool bb_baton;

/** Called first in whatever the world dispatches: one look at the clock a turn. */
void bb_loop_awake(void);
/** Timers, tasks, fibers, flush. */
void bb_loop_turn(void);
/** Something is to do before the loop may sleep. */
bool bb_loop_busy(void);

int bb_posts_open(void);
void bb_posts_close(void);
void bb_posts_run(void);
bool bb_posts_waiting(void);

void bb_timers_run(void);
void bb_tasks_run(void);
void bb_last_run(void);

void bb_job_done(struct bb_job *job);
/** The child has ended and all it said was told. Its owner may not be called after this. */
void bb_process_over(struct bb_process *p, int status);
void bb_resolve_finish(struct bb_resolve *r);

int bb_process_real_spawn(struct bb_process **pp, const char *const *argv, const char *input);
void bb_process_real_kill(struct bb_process *p, int signal);
int bb_source_for_real(struct bb_addr *local, const struct bb_addr *to);

/* --- fibers and the watchdog --- */

/** @param name of the backend; NULL: what BB_FIBERS in the environment or configure said.
 * @return 0, or -EINVAL when there is none of that name. */
int bb_fibers_open(const char *name);
void bb_fibers_run(void);
bool bb_fibers_ready(void);
/** No timer of its own is armed any more. */
void bb_fibers_rest(void);
/** Free all; @return how many were still alive. */
size_t bb_fibers_close(void);

int bb_watchdog_open(void);
void bb_watchdog_close(void);
void bb_watchdog_stats(struct bb_loop_stats *st);
/** A new callback begins (or, with idle, the loop goes to sleep). */
static inline void bb_watchdog_beat(void)
{
	atomic_fetch_add_explicit(&bb_loop.beat, 2, memory_order_relaxed);
}
void bb_watchdog_idle(bool idle);

#define BB_WATCH_DEPTH 8
/** What a flow of control (the loop, or a fiber) is in the middle of. */
struct bb_watch {
	unsigned depth;
	struct {
		const char *module, *name;
	} at[BB_WATCH_DEPTH];
};
/** The flow that runs from now on; NULL is the loop. */
void bb_watchdog_flow(struct bb_watch *w);

#endif
