/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/task.c - calls deferred to the end of the turn, and calls that
 * other threads ask for.
 */
#include <pthread.h>

#include <bellbird/mem.h>

#include "core/loop/world.h"

struct post {
	struct bb_node node;
	void (*fn)(void *arg);
	void *arg;
};

static pthread_mutex_t posts_lock = PTHREAD_MUTEX_INITIALIZER;
static struct bb_list posts;
static bool posts_taken; /* There is a loop that will run them. */

void bb_task_post(struct bb_task *t, void (*fn)(void *), void *arg)
{
	bb_assert_control();
	if (bb_node_linked(&t->node))
		return;
	t->fn = fn;
	t->arg = arg;
	bb_list_append(&bb_loop.tasks, &t->node);
}

void bb_task_cancel(struct bb_task *t)
{
	if (!t || !bb_node_linked(&t->node))
		return;
	bb_assert_control();
	bb_list_remove(&t->node);
}

void bb_tasks_run(void)
{
	/* Those that come while these run have their turn after the fibers. */
	size_t n = bb_loop.tasks.count;

	while (n--) {
		struct bb_node *node = bb_list_pop(&bb_loop.tasks);
		struct bb_task *t;

		if (!node)
			return;
		t = bb_list_entry(node, struct bb_task, node);
		bb_watchdog_beat();
		t->fn(t->arg);
	}
}

void bb_turn_end_post(struct bb_task *t, void (*fn)(void *), void *arg)
{
	bb_assert_control();
	if (bb_node_linked(&t->node))
		return;
	t->fn = fn;
	t->arg = arg;
	bb_list_append(&bb_loop.last, &t->node);
}

void bb_last_run(void)
{
	struct bb_node *node;

	while ((node = bb_list_pop(&bb_loop.last))) {
		struct bb_task *t = bb_list_entry(node, struct bb_task, node);

		t->fn(t->arg);
	}
}

int bb_posts_open(void)
{
	pthread_mutex_lock(&posts_lock);
	posts_taken = true;
	pthread_mutex_unlock(&posts_lock);
	return 0;
}

int bb_loop_post(void (*fn)(void *arg), void *arg)
{
	struct post *p = bb_zalloc(sizeof(*p));
	bool first, taken;

	if (!p)
		return -ENOMEM;
	p->fn = fn;
	p->arg = arg;
	pthread_mutex_lock(&posts_lock);
	taken = posts_taken;
	first = posts.count == 0;
	if (taken) {
		bb_list_append(&posts, &p->node);
		/* Under the lock: the loop cannot be closed between. */
		if (first)
			bb_loop.world->wake();
	}
	pthread_mutex_unlock(&posts_lock);
	if (!taken) {
		bb_free(p);
		return -ECANCELED;
	}
	return 0;
}

bool bb_posts_waiting(void)
{
	bool waiting;

	pthread_mutex_lock(&posts_lock);
	waiting = posts.count > 0;
	pthread_mutex_unlock(&posts_lock);
	return waiting;
}

static struct post *take_post(void)
{
	struct bb_node *n;

	pthread_mutex_lock(&posts_lock);
	n = bb_list_pop(&posts);
	pthread_mutex_unlock(&posts_lock);
	return n ? bb_list_entry(n, struct post, node) : NULL;
}

void bb_posts_run(void)
{
	struct post *p;
	size_t n;

	pthread_mutex_lock(&posts_lock);
	n = posts.count;
	pthread_mutex_unlock(&posts_lock);
	/* A thread that posts without end waits for the next turn. */
	while (n-- && (p = take_post())) {
		bb_watchdog_beat();
		p->fn(p->arg);
		bb_free(p);
	}
}

void bb_posts_close(void)
{
	pthread_mutex_lock(&posts_lock);
	posts_taken = false;
	pthread_mutex_unlock(&posts_lock);
	/* What was accepted is kept: it may free something. */
	bb_posts_run();
}
