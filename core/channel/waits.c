/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting in a fiber: for time, for events, for digits, for work elsewhere.
 * Every wait looks at its condition again after each wake, since wakes are
 * not counted, and ends with -ECANCELED when the channel is interrupted.
 */
#include <bellbird/app.h>
#include <bellbird/log.h>

#include "core/channel/channel.h"
#include "core/loop/fiber.h"

/* An application that goes on waiting where every wait is canceled would keep the thread from all
 * other calls: after so many in one step it only gets a turn now and then. */
#define DEAF_AFTER 100
#define DEAF_PAUSE (10 * BB_MS)

bool bb_waiter_park(struct bb_chan *ch, struct bb_list *more, bb_time until)
{
	struct bb_fiber *self = bb_fiber_self();
	struct bb_waiter own = { .fiber = self }, guard = own, other = own;
	bool timed = false;

	if (ch)
		bb_list_append(&ch->waiters, &own.node);
	if (ch && ch->guard)
		bb_list_append(&ch->guard->waiters, &guard.node);
	if (more)
		bb_list_append(more, &other.node);
	if (until < 0)
		bb_fiber_park();
	else if (until > bb_now())
		timed = bb_fiber_park_for(until - bb_now());
	else
		timed = true;
	bb_list_remove(&own.node);
	bb_list_remove(&guard.node);
	bb_list_remove(&other.node);
	return timed;
}

void bb_waiters_wake(struct bb_list *waiters)
{
	bb_list_each (n, waiters)
		bb_fiber_wake(bb_list_entry(n, struct bb_waiter, node)->fiber);
}

int bb_chan_check(const struct bb_chan *ch)
{
	if (ch->interrupt || (ch->guard && (ch->guard->interrupt || ch->guard->hungup)))
		return -ECANCELED;
	return 0;
}

int bb_chan_canceled(struct bb_chan *ch)
{
	if (!bb_fiber_self() || ++ch->deaf <= DEAF_AFTER)
		return -ECANCELED;
	if (ch->deaf == DEAF_AFTER + 1)
		bb_error("%s: %s goes on although the leg was interrupted: it does not heed "
			 "-ECANCELED",
			 ch->name, ch->app);
	bb_fiber_park_for(DEAF_PAUSE);
	return -ECANCELED;
}

void bb_chan_set_guard(struct bb_chan *ch, struct bb_chan *guard)
{
	struct bb_chan *old = ch->guard;

	ch->guard = bb_chan_ref(guard);
	bb_chan_unref(old);
}

void bb_chan_interrupt(struct bb_chan *ch, enum bb_interrupt why)
{
	if (why > ch->interrupt)
		ch->interrupt = why;
	ch->interrupts++;
	bb_waiters_wake(&ch->waiters);
}

enum bb_interrupt bb_chan_take_interrupt(struct bb_chan *ch)
{
	enum bb_interrupt why = ch->interrupt;

	ch->interrupt = BB_INT_NONE;
	return why;
}

int bb_wait(struct bb_chan *ch, bb_time span)
{
	bb_time until = bb_now() + (span > 0 ? span : 0);
	unsigned seen = ch ? ch->interrupts : 0;

	for (;;) {
		if (ch && (bb_chan_check(ch) || ch->interrupts != seen))
			return bb_chan_canceled(ch);
		if (bb_now() >= until)
			return 0;
		bb_waiter_park(ch, NULL, until);
	}
}

int bb_wait_event(struct bb_chan *ch, bb_time timeout, struct bb_event *ev)
{
	bb_time until = timeout < 0 ? -1 : bb_now() + timeout;
	unsigned seen = ch->interrupts;

	bb_qevent_free(ch->ev_last);
	ch->ev_last = NULL;
	for (;;) {
		if (bb_chan_check(ch) || ch->interrupts != seen || ch->state == BB_GONE)
			return bb_chan_canceled(ch);
		if (!ch->consumer && ch->events.count) {
			ch->ev_last = bb_chan_pop_event(ch);
			*ev = ch->ev_last->ev;
			return 0;
		}
		if (until >= 0 && bb_now() >= until)
			return -ETIMEDOUT;
		bb_waiter_park(ch, NULL, until);
	}
}

int bb_wait_digit(struct bb_chan *ch, bb_time timeout)
{
	bb_time until = timeout < 0 ? -1 : bb_now() + timeout;
	struct bb_event ev;

	for (;;) {
		bb_time left = until < 0 ? -1 : until - bb_now();
		int err = bb_wait_event(ch, left < 0 && until >= 0 ? 0 : left, &ev);

		if (err)
			return err;
		if (ev.type == BB_EV_DTMF)
			return (unsigned char)ev.digit;
	}
}

int bb_chan_answer(struct bb_chan *ch)
{
	int err = bb_chan_check(ch);

	if (err || ch->state == BB_GONE)
		return bb_chan_canceled(ch);
	if (ch->state != BB_UP && !ch->answering && !ch->outgoing) {
		ch->answering = true;
		if (ch->drv->answer)
			err = bb_chan_drive(ch, ch->drv->answer(ch));
		else
			bb_chan_emit(ch, &(struct bb_event){ .type = BB_EV_ANSWERED });
		if (err) {
			ch->answering = false;
			return err;
		}
	}
	while (ch->state != BB_UP) {
		if (!bb_fiber_self())
			return -EINPROGRESS;
		bb_waiter_park(ch, NULL, -1);
		if (bb_chan_check(ch) || ch->state == BB_GONE)
			return -ECANCELED;
	}
	return 0;
}

struct offload {
	struct bb_fiber *fiber;
	int (*fn)(void *arg);
	void *arg;
	int result;
	bool done;
};

static int offload_work(void *arg)
{
	struct offload *o = arg;

	return o->fn(o->arg);
}

static void offload_done(int result, void *arg)
{
	struct offload *o = arg;

	o->result = result;
	o->done = true;
	bb_fiber_wake(o->fiber);
}

/* The work may use what is on this fiber's stack, so nothing ends the wait but its end. */
int bb_offload(struct bb_chan *ch, int (*fn)(void *arg), void *arg)
{
	struct offload o = { .fiber = bb_fiber_self(), .fn = fn, .arg = arg };
	int err;

	if (!o.fiber)
		return -EINVAL;
	err = bb_work(offload_work, offload_done, &o);
	if (err)
		return err;
	while (!o.done)
		bb_fiber_park();
	return o.result;
}
