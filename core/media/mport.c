/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/mport.c - the media side of a port: what drivers are given, and
 * the time they are served at.
 */
#include "core/media/engine.h"

#define MAX_LATE 5u /* ticks that are made up for; beyond that time is skipped */

static void timer_off(struct bb_mport *mp)
{
	struct bb_mthread *t = mp->t;

	if (!bb_node_linked(&mp->timer))
		return;
	bb_list_remove(&mp->timer);
	t->timers--;
	if (!t->wheel[mp->timer_slot].count)
		t->wheel_used[mp->timer_slot / 64] &= ~((uint64_t)1 << mp->timer_slot % 64);
}

void bb_mport_attach(struct bb_mthread *t, struct bb_mport *mp)
{
	mp->t = t;
	if (mp->driver->ticks && mp->driver->tick) {
		if (!t->ticking.count)
			t->next_tick = t->now + BB_TICK;
		bb_list_append(&t->ticking, &mp->tick);
	}
	if (mp->driver->attach)
		mp->driver->attach(mp, mp->state);
}

void bb_mport_detach(struct bb_mport *mp, bool leaving)
{
	mp->leaving = leaving;
	if (mp->driver->detach)
		mp->driver->detach(mp, mp->state);
	bb_list_remove(&mp->tick);
	timer_off(mp);
}

static void run_ticks(struct bb_mthread *t)
{
	for (unsigned late = 0; t->ticking.count && t->next_tick <= t->now; late++) {
		if (late == MAX_LATE) {
			t->next_tick = t->now + BB_TICK;
			return;
		}
		bb_list_each (n, &t->ticking) {
			struct bb_mport *mp = bb_list_entry(n, struct bb_mport, tick);

			mp->driver->tick(mp, mp->state, t->next_tick);
		}
		t->next_tick += BB_TICK;
	}
}

static void run_slot(struct bb_mthread *t, struct bb_list *slot)
{
	struct bb_list due = { 0 };

	bb_list_each (n, slot) {
		if (bb_list_entry(n, struct bb_mport, timer)->timer_at > t->now)
			continue;
		bb_list_remove(n);
		bb_list_append(&due, n);
	}
	/* From the front each time: one that fires may set another's. */
	while (due.head) {
		struct bb_mport *mp = bb_list_entry(due.head, struct bb_mport, timer);

		timer_off(mp);
		if (mp->driver->timer)
			mp->driver->timer(mp, mp->state, t->now);
	}
}

static void run_wheel(struct bb_mthread *t)
{
	int64_t to = t->now / BB_WHEEL_STEP;

	if (to - t->wheel_at > (int64_t)BB_WHEEL_SLOTS)
		t->wheel_at = to - BB_WHEEL_SLOTS;
	while (t->timers && t->wheel_at < to) {
		t->wheel_at++;
		run_slot(t, &t->wheel[(uint64_t)t->wheel_at % BB_WHEEL_SLOTS]);
	}
	t->wheel_at = to;
}

/* When the next slot that holds anything comes; one of a later round costs one early look. */
static bb_time wheel_due(const struct bb_mthread *t)
{
	int64_t at = t->wheel_at + 1, end = t->wheel_at + 1 + BB_WHEEL_SLOTS;

	while (t->timers && at < end) {
		unsigned slot = (unsigned)((uint64_t)at % BB_WHEEL_SLOTS);
		uint64_t rest = t->wheel_used[slot / 64] >> slot % 64;

		if (rest)
			return (at + __builtin_ctzll(rest)) * BB_WHEEL_STEP;
		at += 64 - slot % 64;
	}
	return INT64_MAX;
}

bb_time bb_mtimers_run(struct bb_mthread *t)
{
	bb_time due = INT64_MAX, wheel;

	run_ticks(t);
	run_wheel(t);
	if (t->ticking.count)
		due = t->next_tick;
	wheel = wheel_due(t);
	return wheel < due ? wheel : due;
}

void bb_mport_timer(struct bb_mport *mp, bb_time at)
{
	struct bb_mthread *t = mp->t;
	int64_t slot = (at + BB_WHEEL_STEP - 1) / BB_WHEEL_STEP;

	timer_off(mp);
	if (!at)
		return;
	if (slot <= t->wheel_at)
		slot = t->wheel_at + 1;
	mp->timer_at = at;
	mp->timer_slot = (unsigned)((uint64_t)slot % BB_WHEEL_SLOTS);
	bb_list_append(&t->wheel[mp->timer_slot], &mp->timer);
	t->wheel_used[mp->timer_slot / 64] |= (uint64_t)1 << mp->timer_slot % 64;
	t->timers++;
}

void bb_mport_push(struct bb_mport *mp, struct bb_frame *f)
{
	if (mp->links[BB_SLOT_TAP_IN])
		bb_mlink_push(mp, mp->links[BB_SLOT_TAP_IN], f, true);
	if (mp->links[BB_SLOT_SINK])
		bb_mlink_push(mp, mp->links[BB_SLOT_SINK], f, false);
}

bool bb_mport_has_sink(const struct bb_mport *mp)
{
	return mp->links[BB_SLOT_SINK] || mp->links[BB_SLOT_TAP_IN];
}

bool bb_mport_wants_lost(const struct bb_mport *mp)
{
	return (mp->links[BB_SLOT_SINK] && mp->links[BB_SLOT_SINK]->n) ||
	       (mp->links[BB_SLOT_TAP_IN] && mp->links[BB_SLOT_TAP_IN]->n);
}

void bb_mport_event(struct bb_mport *mp, const struct bb_port_event *ev)
{
	struct bb_mevent *e = bb_mevent_get(mp->t);

	if (!e)
		return;
	e->msg.kind = BB_MSG_EVENT;
	e->port = mp->port;
	e->ev = *ev;
	bb_msg_send(mp->t, &e->msg);
}

int bb_mport_watch(struct bb_mport *mp, struct bb_mwatch *w)
{
	int err = mp->t->io->watch(mp->t, w);

	/* Unset where it could not be watched: then there is nothing to end. */
	w->mp = err ? NULL : mp;
	if (!err)
		mp->t->watches++;
	return err;
}

void bb_mport_unwatch(struct bb_mport *mp, struct bb_mwatch *w)
{
	if (!w->mp)
		return;
	w->mp = NULL;
	mp->t->io->unwatch(mp->t, w);
	mp->t->watches--;
}

bb_time bb_mport_now(const struct bb_mport *mp)
{
	return mp->t->now;
}

uint8_t *bb_mport_scratch(struct bb_mport *mp)
{
	return mp->t->scratch + BB_HEADROOM;
}
