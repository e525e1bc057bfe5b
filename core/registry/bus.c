/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event bus. Events wait in a queue until the end of the loop turn, so
 * that a listener never runs inside what it hears about.
 */
#include <bellbird/bus.h>

#include "core/registry/registry.h"

#include <bellbird/log.h>
#include <bellbird/loop.h>

#define MAX_QUEUED 10000 /* a listener that publishes what it hears must not eat the memory */

struct bb_bus_sub {
	struct bb_node node;
	char *topics;
	void (*hear)(const struct bb_bus_event *ev, void *arg);
	void *arg;
	bool gone;
};

struct queued {
	struct bb_node node;
	struct bb_arena *arena;
	struct bb_bus_event ev;
};

static struct bb_list subs, queue;
static struct bb_task task;
static bool delivering;
static struct bb_log_limit limit = { .burst = 1, .every = 10 * BB_SEC };

/* @p topics are space-separated prefixes; "" hears all. */
static bool hears(const char *topics, const char *topic)
{
	struct bb_str rest = bb_strz(topics), prefix;
	bool any = false;

	while (bb_str_split(&rest, ' ', &prefix)) {
		if (bb_str_empty(prefix))
			continue;
		any = true;
		if (bb_str_starts(bb_strz(topic), prefix))
			return true;
	}
	return !any;
}

bool bb_bus_wanted(const char *topic)
{
	struct bb_reg_iter it = { .kind = BB_KIND_LISTENER };
	const struct bb_listener_desc *l;

	bb_list_each (node, &subs) {
		struct bb_bus_sub *s = bb_list_entry(node, struct bb_bus_sub, node);

		if (!s->gone && hears(s->topics, topic))
			return true;
	}
	while ((l = bb_reg_next(&it, NULL)))
		if (hears(l->topics ? l->topics : "", topic))
			return true;
	return false;
}

/* --- delivery --- */

static void tell_subs(const struct bb_bus_event *ev)
{
	for (struct bb_node *n = subs.head; n; n = n->next) {
		struct bb_bus_sub *s = bb_list_entry(n, struct bb_bus_sub, node);

		if (!s->gone && hears(s->topics, ev->topic))
			s->hear(ev, s->arg);
	}
}

static void tell_modules(const struct bb_bus_event *ev)
{
	struct bb_reg_iter it = { .kind = BB_KIND_LISTENER };
	const struct bb_listener_desc *l;
	struct bb_use use = { 0 };

	while ((l = bb_reg_next(&it, &use)))
		if (l->hear && hears(l->topics ? l->topics : "", ev->topic))
			l->hear(ev);
}

static void sweep(void)
{
	bb_list_each (node, &subs) {
		struct bb_bus_sub *s = bb_list_entry(node, struct bb_bus_sub, node);

		if (!s->gone)
			continue;
		bb_list_remove(node);
		bb_free(s->topics);
		bb_free(s);
	}
}

static void deliver(void *arg)
{
	/* What is published meanwhile waits for the next turn. */
	size_t n = queue.count;

	delivering = true;
	while (n-- && queue.head) {
		struct queued *q = bb_list_entry(bb_list_pop(&queue), struct queued, node);

		tell_subs(&q->ev);
		tell_modules(&q->ev);
		bb_arena_free(q->arena);
	}
	delivering = false;
	sweep();
	if (queue.count)
		bb_task_post(&task, deliver, NULL);
}

/* --- publishing --- */

static struct queued *copy(const char *topic, const struct bb_fact *facts, size_t n)
{
	struct bb_arena *a = bb_arena_new(512);
	struct bb_fact *f;
	struct queued *q;

	if (!a)
		return NULL;
	q = bb_arena_alloc(a, sizeof(*q));
	f = bb_arena_alloc(a, (n + 1) * sizeof(*f));
	if (!q || !f)
		goto fail;
	q->arena = a;
	q->ev.topic = bb_arena_strdup(a, bb_strz(topic));
	if (!q->ev.topic)
		goto fail;
	for (size_t i = 0; i < n; i++) {
		const char *name = bb_arena_strdup(a, bb_strz(facts[i].name));
		const char *value = bb_arena_strdup(a, facts[i].value);

		if (!name || !value)
			goto fail;
		f[i].name = name;
		f[i].value = bb_strn(value, facts[i].value.l);
	}
	q->ev.facts = f;
	q->ev.n = n;
	q->ev.at = bb_wall();
	return q;
fail:
	bb_arena_free(a);
	return NULL;
}

void bb_bus_publish(const char *topic, const struct bb_fact *facts, size_t n)
{
	struct queued *q = NULL;
	unsigned dropped;

	if (!bb_bus_wanted(topic))
		return;
	if (queue.count < MAX_QUEUED)
		q = copy(topic, facts, n);
	if (!q) {
		if (bb_log_allow(&limit, &dropped))
			bb_warning("event '%s' is lost (and %u before): listeners cannot keep up",
				   topic, dropped);
		return;
	}
	bb_list_append(&queue, &q->node);
	bb_task_post(&task, deliver, NULL);
}

/* --- listening --- */

struct bb_bus_sub *bb_bus_listen(const char *topics,
				 void (*hear)(const struct bb_bus_event *ev, void *arg), void *arg)
{
	struct bb_bus_sub *s = bb_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->topics = bb_sprintf("%s", topics ? topics : "");
	if (!s->topics) {
		bb_free(s);
		return NULL;
	}
	s->hear = hear;
	s->arg = arg;
	bb_list_append(&subs, &s->node);
	return s;
}

void bb_bus_ignore(struct bb_bus_sub *sub)
{
	if (!sub)
		return;
	sub->gone = true;
	if (!delivering)
		sweep();
}

int bb_bus_init(void)
{
	memset(&subs, 0, sizeof(subs));
	memset(&queue, 0, sizeof(queue));
	delivering = false;
	return 0;
}

void bb_bus_close(void)
{
	bb_task_cancel(&task);
	while (queue.head)
		bb_arena_free(bb_list_entry(bb_list_pop(&queue), struct queued, node)->arena);
	bb_list_each (node, &subs) {
		bb_list_entry(node, struct bb_bus_sub, node)->gone = true;
	}
	sweep();
}
