/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a bridge does with its members' events: digits pass or are a feature,
 * hold brings music to the others, a hangup takes the member out.
 */
#include <bellbird/log.h>

#include "core/base/log_core.h"
#include "core/channel/channel.h"

static const struct bb_feature_ops *features;
static const struct bb_sound_ops *sound;

void bb_feature_ops_set(const struct bb_feature_ops *ops)
{
	features = ops;
}

void bb_sound_ops_set(const struct bb_sound_ops *ops)
{
	sound = ops;
}

void bb_chan_silence(struct bb_chan *ch)
{
	if (sound)
		sound->drop(ch);
}

void bb_member_features_leave(struct bb_member *m)
{
	if (features)
		features->leave(m);
}

void bb_member_music(struct bb_member *m, bool on)
{
	if (!sound || m->music == on)
		return;
	m->music = on && sound->music(m->ch, BB_STR("")) == 0;
	if (!on)
		sound->music_stop(m->ch);
}

static bool hears_hold(struct bb_bridge *b, struct bb_member *m)
{
	bb_list_each (n, &b->members) {
		struct bb_member *o = bb_list_entry(n, struct bb_member, node);

		if (o != m && o->hold_music && o->ch->held && !o->ch->hungup)
			return true;
	}
	return false;
}

/* Music runs for whoever has a holding partner, and ends when none is left. */
void bb_bridge_music(struct bb_bridge *b)
{
	bb_list_each (n, &b->members) {
		struct bb_member *o = bb_list_entry(n, struct bb_member, node);
		bool want = !o->away && !o->ch->hungup && hears_hold(b, o);

		if (want == o->music)
			continue;
		if (want)
			bb_bridge_unplug(b, o);
		bb_member_music(o, want);
		bb_bridge_plug(b, o);
	}
}

/* Who gets no music is told of the hold itself. */
static void hold(struct bb_bridge *b, struct bb_member *m, bool held)
{
	bb_bridge_music(b);
	if (m->hold_music)
		return;
	bb_list_each (n, &b->members) {
		struct bb_chan *o = bb_list_entry(n, struct bb_member, node)->ch;

		if (o != m->ch)
			bb_chan_signal(o, held ? BB_SIG_HOLD : BB_SIG_UNHOLD);
	}
}

void bb_bridge_pass_digit(struct bb_bridge *b, struct bb_chan *from, char digit, unsigned ms)
{
	bb_list_each (n, &b->members) {
		struct bb_member *o = bb_list_entry(n, struct bb_member, node);

		if (o->ch != from)
			bb_chan_send_digit(o->ch, digit, ms ? ms : 100);
	}
}

static void digit(struct bb_bridge *b, struct bb_member *m, const struct bb_event *ev)
{
	if (b->on_digit && b->on_digit(b, m->ch, ev->digit, b->on_digit_arg))
		return;
	if (features && features->digit(m, ev->digit, ev->ms))
		return;
	if (m->pass_dtmf)
		bb_bridge_pass_digit(b, m->ch, ev->digit, ev->ms);
}

static void text(struct bb_bridge *b, struct bb_member *m, struct bb_str words)
{
	bb_list_each (n, &b->members) {
		struct bb_chan *o = bb_list_entry(n, struct bb_member, node)->ch;

		if (o != m->ch && !o->hungup && o->drv->text)
			bb_chan_drive(o, o->drv->text(o, words));
	}
}

static void connected(struct bb_bridge *b, struct bb_member *m)
{
	struct bb_chan *o = bb_bridge_peer(b, m->ch);

	if (!o)
		return;
	o->connected = m->ch->caller;
	bb_chan_signal(o, BB_SIG_CONNECTED_LINE);
}

static void hangup(struct bb_bridge *b, struct bb_member *m, unsigned cause)
{
	b->end_cause = cause;
	bb_bridge_leave(b, m->ch);
}

/* @return false when the member is gone. */
static bool handle(struct bb_bridge *b, struct bb_member *m, const struct bb_event *ev)
{
	switch (ev->type) {
	case BB_EV_HANGUP:
		hangup(b, m, ev->cause);
		return false;
	case BB_EV_DTMF:
		digit(b, m, ev);
		break;
	case BB_EV_HOLD:
	case BB_EV_UNHOLD:
		hold(b, m, ev->type == BB_EV_HOLD);
		break;
	case BB_EV_TEXT:
		text(b, m, ev->text);
		break;
	case BB_EV_CONNECTED:
		connected(b, m);
		break;
	case BB_EV_TRANSFER:
		if (features)
			features->transfer(m, ev->text);
		break;
	case BB_EV_ANSWERED:
		if (m->ch->call && b->members.count > 1)
			m->ch->call->talked = true;
		bb_bridge_choose(b);
		break;
	case BB_EV_MEDIA:
		bb_bridge_choose(b);
		break;
	case BB_EV_RINGING:
	case BB_EV_PROGRESS:
	case BB_EV_DTMF_BEGIN:
	case BB_EV_REDIRECT:
	case BB_EV_WAKE:
	case BB_EV_TRYING:
		break;
	}
	return true;
}

/* One event of whichever member has the oldest; @return false when there is none. */
static bool one(struct bb_bridge *b)
{
	struct bb_chan *best = NULL;
	struct bb_qevent *q;
	uint64_t seq = UINT64_MAX;

	bb_list_each (n, &b->consumer.chans) {
		struct bb_chan *ch = bb_list_entry(n, struct bb_chan, consumer_node);

		if (!ch->events.head)
			continue;
		q = bb_list_entry(ch->events.head, struct bb_qevent, node);
		if (q->seq < seq) {
			seq = q->seq;
			best = ch;
		}
	}
	if (!best)
		return false;
	bb_chan_ref(best);
	q = bb_chan_pop_event(best);
	if (best->member && best->bridge == b) {
		bb_chan_log_as(best);
		handle(b, best->member, &q->ev);
	}
	bb_qevent_free(q);
	bb_chan_unref(best);
	return true;
}

void bb_bridge_events(struct bb_bridge *b)
{
	char before[48];

	bb_str_copy(before, sizeof(before), bb_strz(bb_log_call_id()));
	bb_bridge_ref(b);
	while (one(b))
		;
	/* A fiber may ask for this (bb_bridge_wait()): its own lines go on as they were. */
	bb_log_set_call_id(before);
	bb_bridge_unref(b);
}
