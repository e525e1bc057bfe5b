/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_thread.c - fibers as threads that hand a baton over.
 *
 * For systems without ucontext, and for tools that do not follow stack
 * switches. Only who holds the baton runs, so that it is one flow of control
 * all the same.
 */
#include <pthread.h>
#include <stdlib.h>

#include <bellbird/mem.h>

#include "core/loop/fiber_backend.h"

struct flow {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool fiber_has_it; /* The baton. */
	bool abandoned; /* The loop closes: end, whatever you wait for. */
};

static size_t flows;

static void *entry(void *arg)
{
	struct bb_fiber *f = arg;
	struct flow *w = f->flow;
	bool abandoned;

	pthread_mutex_lock(&w->lock);
	while (!w->fiber_has_it && !w->abandoned)
		pthread_cond_wait(&w->moved, &w->lock);
	abandoned = w->abandoned;
	pthread_mutex_unlock(&w->lock);
	if (abandoned)
		return NULL;
	bb_log_context_use(&f->log);
	bb_baton = true;
	bb_fiber_main(f);
	bb_baton = false;
	pthread_mutex_lock(&w->lock);
	w->fiber_has_it = false;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static int create(struct bb_fiber *f)
{
	struct flow *w = bb_zalloc(sizeof(*w));
	pthread_attr_t attr;
	int err;

	if (!w)
		return -ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->moved, NULL);
	f->flow = w;
	pthread_attr_init(&attr);
	/* Thread-local data and the C library's own frames lie on it too. */
	pthread_attr_setstacksize(&attr, BB_STACK_BYTES + (size_t)192 * 1024);
	err = pthread_create(&w->thread, &attr, entry, f);
	pthread_attr_destroy(&attr);
	if (err) {
		pthread_cond_destroy(&w->moved);
		pthread_mutex_destroy(&w->lock);
		bb_free(w);
		return -ENOMEM;
	}
	flows++;
	return 0;
}

static void resume(struct bb_fiber *f)
{
	struct flow *w = f->flow;

	bb_baton = false;
	pthread_mutex_lock(&w->lock);
	w->fiber_has_it = true;
	pthread_cond_broadcast(&w->moved);
	while (w->fiber_has_it)
		pthread_cond_wait(&w->moved, &w->lock);
	pthread_mutex_unlock(&w->lock);
	bb_baton = true;
}

static void yield(struct bb_fiber *f)
{
	struct flow *w = f->flow;
	bool abandoned;

	bb_baton = false;
	pthread_mutex_lock(&w->lock);
	w->fiber_has_it = false;
	pthread_cond_broadcast(&w->moved);
	while (!w->fiber_has_it && !w->abandoned)
		pthread_cond_wait(&w->moved, &w->lock);
	abandoned = w->abandoned;
	pthread_mutex_unlock(&w->lock);
	if (abandoned)
		pthread_exit(NULL);
	bb_baton = true;
}

static void destroy(struct bb_fiber *f)
{
	struct flow *w = f->flow;

	pthread_mutex_lock(&w->lock);
	w->abandoned = true;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->moved);
	pthread_mutex_destroy(&w->lock);
	bb_free(w);
	flows--;
}

static void close_pool(void)
{
}

static void stats(struct bb_fiber_stats *st)
{
	st->stack_bytes = flows * (BB_STACK_BYTES + (size_t)192 * 1024);
}

const struct bb_fiber_backend bb_fiber_thread = {
	.name = "thread",
	.create = create,
	.resume = resume,
	.yield = yield,
	.destroy = destroy,
	.close = close_pool,
	.stats = stats,
};
