/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/timer.c - the timer heap.
 *
 * Four children a node, with the times in the heap itself, so that sifting
 * touches few cache lines. Setting a timer must not fail: the array is address
 * space reserved at start, and the kernel gives pages as it grows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <bellbird/log.h>

#include "core/loop/world.h"

struct bb_heap_slot {
	bb_time at;
	uint64_t seq;
	struct bb_timer *timer;
};

int bb_heap_open(struct bb_heap *h, size_t max)
{
	void *p = mmap(NULL, max * sizeof(*h->slots), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	memset(h, 0, sizeof(*h));
	h->slots = p;
	h->reserved = max;
	return 0;
}

void bb_heap_close(struct bb_heap *h)
{
	if (!h->slots)
		return;
	/* Owners that outlive the loop may still cancel: to them the timer is off. */
	for (size_t i = 0; i < h->count; i++)
		h->slots[i].timer->slot = 0;
	munmap(h->slots, h->reserved * sizeof(*h->slots));
	memset(h, 0, sizeof(*h));
}

static inline bool earlier(const struct bb_heap_slot *a, const struct bb_heap_slot *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static inline void place(struct bb_heap *h, size_t i, struct bb_heap_slot s)
{
	h->slots[i] = s;
	s.timer->slot = i + 1;
}

static void sift_up(struct bb_heap *h, size_t i, struct bb_heap_slot s)
{
	while (i) {
		size_t parent = (i - 1) / 4;

		if (!earlier(&s, &h->slots[parent]))
			break;
		place(h, i, h->slots[parent]);
		i = parent;
	}
	place(h, i, s);
}

static void sift_down(struct bb_heap *h, size_t i, struct bb_heap_slot s)
{
	for (;;) {
		size_t first = i * 4 + 1, best = first;
		size_t end = first + 4 < h->count ? first + 4 : h->count;

		if (first >= h->count)
			break;
		for (size_t c = first + 1; c < end; c++)
			if (earlier(&h->slots[c], &h->slots[best]))
				best = c;
		if (!earlier(&h->slots[best], &s))
			break;
		place(h, i, h->slots[best]);
		i = best;
	}
	place(h, i, s);
}

/* Put @p s where @p i became free. */
static void settle(struct bb_heap *h, size_t i, struct bb_heap_slot s)
{
	if (i && earlier(&s, &h->slots[(i - 1) / 4]))
		sift_up(h, i, s);
	else
		sift_down(h, i, s);
}

void bb_heap_set(struct bb_heap *h, struct bb_timer *t, bb_time at)
{
	struct bb_heap_slot s = { .at = at, .seq = ++h->seq, .timer = t };

	t->at = at;
	t->seq = s.seq;
	if (t->slot) {
		settle(h, t->slot - 1, s);
		return;
	}
	if (h->count == h->reserved) {
		fprintf(stderr, "bellbird: more than %zu timers are set\n", h->reserved);
		abort();
	}
	sift_up(h, h->count++, s);
}

void bb_heap_remove(struct bb_heap *h, struct bb_timer *t)
{
	size_t i;

	if (!t->slot)
		return;
	i = t->slot - 1;
	t->slot = 0;
	h->count--;
	if (i < h->count)
		settle(h, i, h->slots[h->count]);
}

struct bb_timer *bb_heap_first(const struct bb_heap *h)
{
	return h->count ? h->slots[0].timer : NULL;
}

struct bb_timer *bb_heap_at(const struct bb_heap *h, size_t i)
{
	return i < h->count ? h->slots[i].timer : NULL;
}

void bb_timer_set_at(struct bb_timer *t, bb_time at, void (*fn)(void *), void *arg,
		     const char *where)
{
	bb_assert_control();
	t->fn = fn;
	t->arg = arg;
	t->where = where;
	bb_heap_set(&bb_loop.timers, t, at);
}

void bb_timer_cancel(struct bb_timer *t)
{
	if (!t || !t->slot)
		return;
	bb_assert_control();
	bb_heap_remove(&bb_loop.timers, t);
}

void bb_timer_each(void (*fn)(const struct bb_timer *t, void *arg), void *arg)
{
	bb_assert_control();
	for (size_t i = 0; i < bb_loop.timers.count; i++)
		fn(bb_loop.timers.slots[i].timer, arg);
}

void bb_timers_run(void)
{
	bb_time now = bb_now();
	uint64_t last = bb_loop.timers.seq;
	struct bb_timer *t;

	/* Those that are set while we run wait for the next turn: I/O must get its chance. */
	while ((t = bb_heap_first(&bb_loop.timers)) && t->at <= now && t->seq <= last) {
		bb_heap_remove(&bb_loop.timers, t);
		bb_watchdog_enter("timer", t->where);
		t->fn(t->arg);
		bb_watchdog_leave();
	}
}
