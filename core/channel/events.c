/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events of channels: how drivers tell, where it is queued, who takes it.
 *
 * The queue is part of the channel and bounded. What can be lost without harm
 * (digits, texts) is dropped when it is full; answer and hangup have a place
 * of their own in the channel, so that neither a full queue nor a lack of
 * memory can lose them.
 */
#include <bellbird/log.h>

#include "core/channel/channel.h"

static uint64_t next_seq;

void bb_qevent_free(struct bb_qevent *q)
{
	if (q && !q->fixed)
		bb_free(q);
}

struct bb_qevent *bb_chan_pop_event(struct bb_chan *ch)
{
	struct bb_node *n = bb_list_pop(&ch->events);

	return n ? bb_list_entry(n, struct bb_qevent, node) : NULL;
}

static struct bb_str keep(char **at, struct bb_str s)
{
	struct bb_str copy = bb_strn(*at, s.l);

	if (!s.p)
		return s;
	memcpy(*at, s.p, s.l);
	(*at)[s.l] = '\0';
	*at += s.l + 1;
	return copy;
}

static struct bb_qevent *copy_event(struct bb_chan *ch, const struct bb_event *ev)
{
	struct bb_qevent *q;
	char *at;

	if (ch->events.count >= BB_CHAN_EVENTS)
		return NULL;
	q = bb_zalloc(sizeof(*q) + ev->text.l + ev->text2.l + 2);
	if (!q)
		return NULL;
	at = (char *)(q + 1);
	q->ev = *ev;
	q->ev.text = keep(&at, ev->text);
	q->ev.text2 = keep(&at, ev->text2);
	return q;
}

/* The two that must never be lost. */
static struct bb_qevent *fixed_event(struct bb_chan *ch, const struct bb_event *ev)
{
	struct bb_qevent *q = ev->type == BB_EV_ANSWERED ? &ch->ev_answered : &ch->ev_hangup;

	bb_list_remove(&q->node);
	q->fixed = true;
	q->ev = *ev;
	q->ev.text2 = bb_strz(NULL);
	q->ev.text = ev->type == BB_EV_HANGUP && ch->why[0] ? bb_strz(ch->why) : bb_strz(NULL);
	return q;
}

void bb_chan_queue_event(struct bb_chan *ch, const struct bb_event *ev)
{
	bool fixed = ev->type == BB_EV_ANSWERED || ev->type == BB_EV_HANGUP;
	struct bb_qevent *q = fixed ? fixed_event(ch, ev) : copy_event(ch, ev);

	if (!q) {
		bb_debug(1, "%s: an event was dropped, %zu are waiting", ch->name,
			 ch->events.count);
		return;
	}
	q->seq = ++next_seq;
	q->ev.chan = ch;
	bb_list_append(&ch->events, &q->node);
	if (ch->consumer)
		ch->consumer->ready(ch->consumer, ch);
	else
		bb_waiters_wake(&ch->waiters);
}

/* What a channel itself learns from its driver's words, before anybody consumes them. */
static bool absorb(struct bb_chan *ch, const struct bb_event *ev)
{
	switch (ev->type) {
	case BB_EV_TRYING:
		ch->reached = true;
		return true;
	case BB_EV_RINGING:
		ch->reached = true;
		if (ch->state == BB_DOWN || ch->state == BB_DIALING) {
			bb_chan_set_state(ch, BB_RINGING);
			bb_story(ch, BB_STORY_STATE, "is ringing");
		}
		return false;
	case BB_EV_PROGRESS:
		ch->reached = true;
		return false;
	case BB_EV_ANSWERED:
		ch->reached = true;
		if (ch->state == BB_UP)
			return true;
		bb_chan_set_state(ch, BB_UP);
		bb_story(ch, BB_STORY_STATE, ch->outgoing ? "answered" : "was answered");
		bb_waiters_wake(&ch->waiters);
		return !ch->outgoing;
	case BB_EV_HOLD:
	case BB_EV_UNHOLD:
		if (ch->held == (ev->type == BB_EV_HOLD))
			return true;
		ch->held = ev->type == BB_EV_HOLD;
		bb_story(ch, BB_STORY_STATE,
			 ch->held ? "put the other side on hold"
				  : "took the other side back from hold");
		bb_device_channel_changed(ch);
		return false;
	case BB_EV_CONNECTED:
		if (ev->text.p)
			bb_str_copy(ch->caller.name, sizeof(ch->caller.name), ev->text);
		if (ev->text2.p)
			bb_str_copy(ch->caller.number, sizeof(ch->caller.number), ev->text2);
		return false;
	default:
		return false;
	}
}

void bb_chan_emit(struct bb_chan *ch, const struct bb_event *ev)
{
	if (ch->hungup)
		return;
	if (ev->type == BB_EV_HANGUP) {
		bb_chan_far_hangup(ch, ev->cause, ev->text);
		return;
	}
	if (ev->type == BB_EV_DTMF)
		bb_log_(BB_LOG_DTMF, 0, "DTMF '%c' received on %s, duration %u ms", ev->digit,
			ch->name, ev->ms);
	if (!absorb(ch, ev))
		bb_chan_queue_event(ch, ev);
}

void bb_chan_set_consumer(struct bb_chan *ch, struct bb_consumer *c)
{
	if (ch->consumer == c)
		return;
	if (c)
		bb_chan_ref(ch);
	if (ch->consumer) {
		bb_list_remove(&ch->consumer_node);
		ch->consumer = NULL;
		if (!c) {
			bb_waiters_wake(&ch->waiters);
			bb_chan_unref(ch);
			return;
		}
		bb_chan_unref(ch);
	}
	if (!c)
		return;
	ch->consumer = c;
	bb_list_append(&c->chans, &ch->consumer_node);
	if (ch->events.count)
		c->ready(c, ch);
}

void bb_chan_detach(struct bb_chan *ch)
{
	if (ch->consumer)
		ch->consumer->detach(ch->consumer, ch);
	if (ch->bridge)
		bb_bridge_leave(ch->bridge, ch);
}
