/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber.c - which fiber runs next: spawn, park and wake.
 */
#include <stdlib.h>

#include <bellbird/mem.h>

#include "config.h"
#include "core/base/mem_core.h"
#include "core/loop/fiber_backend.h"

/* A fiber that waits for so long gives the unused part of its stack back, with others together. */
#define TRIM_AFTER (2 * BB_SEC)
#define TRIM_BATCH 64
#define TRIM_PAUSE (10 * BB_MS)

static struct {
	const struct bb_fiber_backend *backend;
	struct bb_list all, ready;
	struct bb_list waiting; /* parked and not trimmed yet; linked by .ready, oldest first */
	struct bb_timer trim_timer;
	size_t peak, trimmed;
	struct bb_fiber *self;
} sched;

static void read_gauge(size_t *n, size_t *bytes, size_t *most)
{
	struct bb_fiber_stats st;

	bb_fiber_stats(&st);
	*n = st.live + st.pooled;
	*bytes = st.stack_bytes;
	*most = 0;
}

static const struct bb_fiber_backend *const backends[] = {
#ifdef HAVE_FIBER_ASM
	&bb_fiber_asm,
#endif
#ifdef HAVE_UCONTEXT_H
	&bb_fiber_ucontext,
#endif
	&bb_fiber_thread,
};

static const struct bb_fiber_backend *find_backend(const char *name)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(backends); i++)
		if (strcmp(backends[i]->name, name) == 0)
			return backends[i];
	return NULL;
}

static bool guarded(const void *address, struct bb_fiber **fp)
{
	*fp = sched.self;
	return sched.self && sched.backend->guards(sched.self, address);
}

int bb_fibers_open(const char *name)
{
	static struct bb_mem_gauge gauge = { .name = "fiber stacks", .read = read_gauge };
	const char *env = getenv("BB_FIBERS");

	memset(&sched, 0, sizeof(sched));
	if (!name && env && *env)
		name = env;
	if (!name)
		name = BB_FIBERS_DEFAULT;
	sched.backend = find_backend(name);
	if (!sched.backend) {
		bb_error("There is no fiber backend '%s' here", name);
		return -EINVAL;
	}
	bb_mem_gauge_add(&gauge);
	if (sched.backend->open)
		sched.backend->open();
	if (sched.backend->guards)
		bb_fiber_guard_open(guarded);
	return 0;
}

/* --- stacks of those that wait for long --- */

static void trim_some(void *arg)
{
	bb_time due = bb_now() - TRIM_AFTER;
	unsigned n = 0;

	(void)arg;
	while (sched.waiting.head) {
		struct bb_fiber *f = bb_list_entry(sched.waiting.head, struct bb_fiber, ready);

		if (f->parked > due) {
			bb_timer_set(&sched.trim_timer, f->parked - due, trim_some, NULL);
			return;
		}
		if (n++ == TRIM_BATCH) {
			bb_timer_set(&sched.trim_timer, TRIM_PAUSE, trim_some, NULL);
			return;
		}
		bb_list_remove(&f->ready);
		sched.backend->trim(f);
		sched.trimmed++;
	}
}

static void begin_waiting(struct bb_fiber *f)
{
	if (!sched.backend->trim)
		return;
	f->parked = bb_now();
	bb_list_append(&sched.waiting, &f->ready);
	if (!bb_timer_active(&sched.trim_timer))
		bb_timer_set(&sched.trim_timer, TRIM_AFTER, trim_some, NULL);
}

static void end_waiting(struct bb_fiber *f)
{
	if (!sched.backend->trim)
		return;
	if (!bb_node_linked(&f->ready))
		sched.trimmed--;
	bb_list_remove(&f->ready);
	/* Nothing is left of a fiber that ended. */
	if (!sched.waiting.head)
		bb_timer_cancel(&sched.trim_timer);
}

/* --- who runs --- */

int bb_fiber_spawn(struct bb_fiber **fp, const char *name, void (*fn)(void *arg), void *arg)
{
	struct bb_fiber *f;
	int err;

	bb_assert_control();
	f = bb_zalloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->name = name;
	f->fn = fn;
	f->arg = arg;
	err = sched.backend->create(f);
	if (err) {
		bb_free(f);
		return err;
	}
	f->state = BB_FIBER_READY;
	bb_list_append(&sched.all, &f->all);
	bb_list_append(&sched.ready, &f->ready);
	if (sched.all.count > sched.peak)
		sched.peak = sched.all.count;
	if (fp)
		*fp = f;
	return 0;
}

void bb_fiber_main(struct bb_fiber *f)
{
	f->fn(f->arg);
	f->state = BB_FIBER_ENDED;
}

struct bb_fiber *bb_fiber_self(void)
{
	return bb_baton ? sched.self : NULL;
}

void bb_fiber_park(void)
{
	struct bb_fiber *f = bb_fiber_self();

	/* The loop itself must never wait: this would stop everything for good. */
	if (!f)
		abort();
	if (f->woken) {
		f->woken = false;
		return;
	}
	f->state = BB_FIBER_PARKED;
	begin_waiting(f);
	sched.backend->yield(f);
}

static void park_over(void *arg)
{
	struct bb_fiber *f = arg;

	f->timed_out = true;
	bb_fiber_wake(f);
}

bool bb_fiber_park_for(bb_time delay)
{
	struct bb_fiber *f = bb_fiber_self();

	if (!f)
		abort();
	f->timed_out = false;
	bb_timer_set(&f->timer, delay, park_over, f);
	bb_fiber_park();
	bb_timer_cancel(&f->timer);
	return f->timed_out;
}

void bb_fiber_wake(struct bb_fiber *f)
{
	bb_assert_control();
	switch (f->state) {
	case BB_FIBER_PARKED:
		end_waiting(f);
		f->state = BB_FIBER_READY;
		bb_list_append(&sched.ready, &f->ready);
		break;
	case BB_FIBER_RUNNING:
	case BB_FIBER_READY:
		f->woken = true;
		break;
	case BB_FIBER_ENDED:
		break;
	}
}

static void drop(struct bb_fiber *f)
{
	bb_timer_cancel(&f->timer);
	if (f->state == BB_FIBER_PARKED)
		end_waiting(f);
	bb_list_remove(&f->all);
	bb_list_remove(&f->ready);
	sched.backend->destroy(f);
	bb_free(f);
}

static void resume(struct bb_fiber *f)
{
	struct bb_log_context *before = bb_log_context_use(&f->log);

	f->state = BB_FIBER_RUNNING;
	f->woken = false;
	sched.self = f;
	bb_watchdog_beat();
	bb_watchdog_flow(&f->watch);
	sched.backend->resume(f);
	sched.self = NULL;
	bb_watchdog_flow(NULL);
	bb_log_context_use(before);
	if (f->state == BB_FIBER_ENDED)
		drop(f);
}

bool bb_fibers_ready(void)
{
	return sched.ready.count > 0;
}

void bb_fibers_run(void)
{
	/* Those that become ready meanwhile run after the tasks of this round. */
	size_t n = sched.ready.count;

	while (n-- && sched.ready.count)
		resume(bb_list_entry(bb_list_pop(&sched.ready), struct bb_fiber, ready));
}

void bb_fibers_rest(void)
{
	bb_timer_cancel(&sched.trim_timer);
}

size_t bb_fibers_close(void)
{
	size_t n = sched.all.count;

	if (!sched.backend)
		return 0;
	while (sched.all.head)
		drop(bb_list_entry(sched.all.head, struct bb_fiber, all));
	sched.backend->close();
	bb_fiber_guard_close();
	return n;
}

void bb_fiber_set_local(struct bb_fiber *f, void *local)
{
	f->local = local;
}

void *bb_fiber_local(const struct bb_fiber *f)
{
	return f->local;
}

void bb_fiber_stats(struct bb_fiber_stats *st)
{
	memset(st, 0, sizeof(*st));
	if (!sched.backend)
		return;
	st->live = sched.all.count;
	st->peak = sched.peak;
	st->trimmed = sched.trimmed;
	st->backend = sched.backend->name;
	sched.backend->stats(st);
}
