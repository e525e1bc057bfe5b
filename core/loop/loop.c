/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/loop.c - the control loop: opening, turning, closing, the clock.
 *
 * A turn is: I/O, the timers that are due, then tasks and fibers in rounds
 * until none is left, then what was sent goes out; then the loop sleeps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <bellbird/log.h>
#include <bellbird/mem.h>

#include "config.h"
#include "core/base/clock.h"
#include "core/base/log_core.h"
#include "core/base/random_core.h"
#include "core/loop/fiber.h"
#include "core/loop/world.h"

#define TIMERS_MAX ((size_t)8 << 20)
/* Tasks that post tasks for ever must not keep the network waiting. */
#define ROUNDS_MAX 256

struct bb_loop bb_loop;
_Thread_local bool bb_baton;

bb_time bb_now(void)
{
	if (bb_baton || atomic_load_explicit(&bb_loop.simulated, memory_order_relaxed))
		return atomic_load_explicit(&bb_loop.now, memory_order_relaxed);
	return bb_read_clock(CLOCK_MONOTONIC);
}

bb_time bb_wall(void)
{
	if (bb_baton || atomic_load_explicit(&bb_loop.simulated, memory_order_relaxed))
		return atomic_load_explicit(&bb_loop.wall, memory_order_relaxed);
	return bb_read_clock(CLOCK_REALTIME);
}

bool bb_on_control(void)
{
	return bb_baton;
}

#ifdef NDEBUG
BB_API void bb_assert_control_at(const char *file, int line);
#endif
void bb_assert_control_at(const char *file, int line)
{
	if (bb_baton)
		return;
	fprintf(stderr, "%s:%d: called without the control baton\n", file, line);
	abort();
}

static const struct bb_log_host log_host = { bb_now, bb_wall, bb_loop_post };

int bb_loop_init(const struct bb_loop_options *opt)
{
	static const struct bb_loop_options plain;
	bb_time now = 0, wall = 0;
	int err;

	if (bb_loop.world)
		return -EBUSY;
	if (!opt)
		opt = &plain;
	memset(&bb_loop.stats, 0, sizeof(bb_loop.stats));
	memset(&bb_loop.tasks, 0, sizeof(bb_loop.tasks));
	memset(&bb_loop.last, 0, sizeof(bb_loop.last));
	memset(&bb_loop.pending, 0, sizeof(bb_loop.pending));
	bb_loop.stop = false;
	bb_loop.stall_limit = opt->stall_limit > 0 ? opt->stall_limit : 200 * BB_MS;
	err = bb_fibers_open(opt->fibers);
	if (err)
		return err;
	err = bb_heap_open(&bb_loop.timers, TIMERS_MAX);
	if (err) {
		bb_fibers_close();
		return err;
	}
	bb_loop.world = opt->simulate ? &bb_world_sim : &bb_world_real;
	err = bb_loop.world->open(opt);
	if (err) {
		bb_loop.world = NULL;
		bb_heap_close(&bb_loop.timers);
		bb_fibers_close();
		return err;
	}
	if (opt->simulate)
		bb_random_seed(opt->seed);
	bb_loop.world->read_clock(&now, &wall);
	atomic_store(&bb_loop.now, now);
	atomic_store(&bb_loop.wall, wall);
	atomic_store(&bb_loop.simulated, opt->simulate);
	bb_loop.clock_stale = false;
	bb_baton = true;
	bb_posts_open();
	bb_log_host_set(&log_host);
	/* Virtual time has no stalls; a missing watchdog stops nobody. */
	if (!opt->simulate && bb_watchdog_open())
		bb_warning("The watchdog could not be started: stalls will not be reported");
	return 0;
}

void bb_loop_awake(void)
{
	bb_time now, wall;

	bb_watchdog_idle(false);
	if (!bb_loop.clock_stale)
		return;
	bb_loop.clock_stale = false;
	bb_loop.world->read_clock(&now, &wall);
	atomic_store_explicit(&bb_loop.now, now, memory_order_relaxed);
	atomic_store_explicit(&bb_loop.wall, wall, memory_order_relaxed);
}

bb_time bb_loop_late(void)
{
	bb_time now = 0, wall = 0;

	if (!bb_loop.world)
		return 0;
	bb_loop.world->read_clock(&now, &wall);
	return now - bb_now();
}

void bb_loop_turn(void)
{
	bb_loop.stats.turns++;
	bb_posts_run();
	bb_timers_run();
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		if (!bb_loop.tasks.count && !bb_fibers_ready())
			break;
		/* Tasks first, until none is left: fibers find a settled world. */
		for (unsigned i = 0; i < ROUNDS_MAX && bb_loop.tasks.count; i++)
			bb_tasks_run();
		bb_fibers_run();
	}
	bb_last_run();
	bb_loop.world->flush();
}

bool bb_loop_busy(void)
{
	return bb_loop.tasks.count || bb_loop.last.count || bb_fibers_ready() || bb_posts_waiting();
}

static bb_time wake_at(void)
{
	struct bb_timer *t = bb_heap_first(&bb_loop.timers);

	if (bb_loop.stop || bb_loop_busy())
		return 0;
	return t ? t->at : -1;
}

void bb_loop_run(void)
{
	bb_assert_control();
	bb_loop.stop = false;
	/* Starting up took its time. */
	bb_loop.clock_stale = true;
	bb_loop_awake();
	/* What was posted before the loop ran comes first. */
	bb_loop_turn();
	while (!bb_loop.stop) {
		bb_loop.clock_stale = true;
		if (!bb_loop.world->poll(wake_at()))
			break;
		bb_loop_awake();
		bb_loop_turn();
	}
}

void bb_loop_stop(void)
{
	bb_assert_control();
	bb_loop.stop = true;
}

/* What is still there belongs to somebody who forgot it: name it. */
static unsigned report_leaks(void)
{
	struct bb_loop_stats st;
	struct bb_timer *t;

	bb_loop_stats(&st);
	for (size_t i = 0; (t = bb_heap_at(&bb_loop.timers, i)) && i < 8; i++)
		bb_warning("A timer set at %s is still armed at the end", t->where);
	if (st.udp || st.tcp || st.processes)
		bb_warning("Still open at the end: %zu datagram sockets, %zu streams and "
			   "listeners, %zu processes",
			   st.udp, st.tcp, st.processes);
	return (unsigned)(st.timers + st.udp + st.tcp + st.processes);
}

unsigned bb_loop_close(void)
{
	unsigned left;
	size_t fibers;

	if (!bb_loop.world)
		return 0;
	bb_assert_control();
	bb_watchdog_close();
	/* What was promised for the end of this turn; it may free what it holds. */
	for (unsigned i = 0; i < ROUNDS_MAX && bb_loop.tasks.count; i++)
		bb_tasks_run();
	bb_last_run();
	bb_fibers_rest();
	left = report_leaks();
	fibers = bb_fibers_close();
	if (fibers)
		bb_warning("%zu fibers are still alive at the end", fibers);
	/* First: a thread that still posts must not wake a world that is gone. */
	bb_log_host_set(NULL);
	bb_posts_close();
	/* The world frees them. */
	while (bb_list_pop(&bb_loop.pending))
		;
	bb_loop.world->close();
	while (bb_list_pop(&bb_loop.tasks))
		;
	while (bb_list_pop(&bb_loop.last))
		;
	bb_heap_close(&bb_loop.timers);
	bb_random_unseed();
	atomic_store(&bb_loop.simulated, false);
	bb_loop.world = NULL;
	bb_baton = false;
	return left + (unsigned)fibers;
}

void bb_loop_stats(struct bb_loop_stats *st)
{
	struct bb_fiber_stats fibers;

	*st = bb_loop.stats;
	bb_fiber_stats(&fibers);
	bb_watchdog_stats(st);
	st->timers = bb_loop.timers.count;
	st->tasks = bb_loop.tasks.count;
	st->fibers = fibers.live;
}

int bb_loop_on_signal(int signum, void (*fn)(int signum, void *arg), void *arg)
{
	bb_assert_control();
	return bb_loop.world->on_signal(signum, fn, arg);
}

static void job_task(void *arg)
{
	struct bb_job *job = arg;
	void (*done)(int, void *) = job->done;
	void *done_arg = job->arg;
	int result = job->result;

	bb_pending_remove(&job->pending);
	bb_free(job);
	bb_loop.stats.work--;
	if (done)
		done(result, done_arg);
}

void bb_job_done(struct bb_job *job)
{
	bb_task_post(&job->task, job_task, job);
}

int bb_work(int (*work)(void *arg), void (*done)(int result, void *arg), void *arg)
{
	struct bb_job *job;
	int err;

	bb_assert_control();
	job = bb_zalloc(sizeof(*job));
	if (!job)
		return -ENOMEM;
	job->work = work;
	job->done = done;
	job->arg = arg;
	bb_loop.stats.work++;
	err = bb_loop.world->work(job);
	if (err) {
		bb_loop.stats.work--;
		bb_free(job);
		return err;
	}
	bb_pending_add(&job->pending, "blocking work", (const void *)(uintptr_t)work);
	return 0;
}

int bb_process_spawn(struct bb_process **pp, const char *const *argv, const char *input,
		     const struct bb_process_ops *ops, void *arg)
{
	struct bb_process *p;
	int err;

	bb_assert_control();
	if (!argv || !argv[0] || !ops)
		return -EINVAL;
	err = bb_loop.world->spawn(&p, argv, input);
	if (err)
		return err;
	p->ops = ops;
	p->arg = arg;
	bb_pending_add(&p->pending, "a child process", ops);
	bb_loop.stats.processes++;
	if (pp)
		*pp = p;
	return 0;
}

void bb_process_over(struct bb_process *p, int status)
{
	bb_loop.stats.processes--;
	bb_pending_remove(&p->pending);
	if (p->ops->exit)
		p->ops->exit(p, status, p->arg);
}

void bb_process_kill(struct bb_process *p, int signal)
{
	bb_assert_control();
	if (p)
		bb_loop.world->kill(p, signal);
}
