/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bridges: who is in, who waits, how it ends.
 */
#include <bellbird/bus.h>
#include <bellbird/log.h>

#include "core/channel/channel.h"

static struct bb_list bridges;

static void destroy(void *obj)
{
	struct bb_bridge *b = obj;

	bb_task_cancel(&b->task);
	if (b->tech && b->tech->end)
		b->tech->end(b, b->state);
	bb_free(b->state);
	bb_use_end(&b->use);
	bb_list_remove(&b->node);
}

static void run_events(void *arg)
{
	struct bb_bridge *b = arg;

	b->task_held = false;
	bb_bridge_events(b);
	bb_bridge_unref(b);
}

static void ready(struct bb_consumer *c, struct bb_chan *ch)
{
	struct bb_bridge *b = bb_container_of(c, struct bb_bridge, consumer);

	if (b->task_held)
		return;
	b->task_held = true;
	bb_bridge_ref(b);
	bb_task_post(&b->task, run_events, b);
}

static void detach(struct bb_consumer *c, struct bb_chan *ch)
{
	bb_bridge_leave(bb_container_of(c, struct bb_bridge, consumer), ch);
}

int bb_bridge_new(struct bb_bridge **bp, const char *name)
{
	struct bb_bridge *b = bb_obj_new(sizeof(*b), destroy, "bridge");
	unsigned char r[16];
	char *at;

	*bp = b;
	if (!b)
		return -ENOMEM;
	b->consumer.ready = ready;
	b->consumer.detach = detach;
	b->created = bb_now();
	bb_str_copy(b->name, sizeof(b->name), bb_strz(name ? name : ""));
	bb_random(r, sizeof(r));
	at = b->id;
	for (unsigned i = 0; i < sizeof(r); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = "0123456789abcdef"[r[i] >> 4];
		*at++ = "0123456789abcdef"[r[i] & 15];
	}
	bb_list_append(&bridges, &b->node);
	return 0;
}

struct bb_bridge *bb_bridge_ref(struct bb_bridge *b)
{
	return b ? bb_obj_ref(b) : NULL;
}

void bb_bridge_unref(struct bb_bridge *b)
{
	if (b)
		bb_obj_unref(b);
}

static void publish(struct bb_bridge *b, struct bb_chan *ch, const char *topic)
{
	struct bb_fact facts[] = {
		{ "bridge", bb_strz(b->id) },
		{ "technique", bb_strz(bb_bridge_tech_name(b)) },
		{ "channel", bb_strz(ch->name) },
		{ "uniqueid", bb_strz(ch->uniqueid) },
		{ "linkedid", bb_strz(bb_chan_linkedid(ch)) },
	};

	if (bb_bus_wanted(topic))
		bb_bus_publish(topic, facts, BB_ARRAY_SIZE(facts));
}

/* Who is talking with whom, for displays, records and ${BRIDGEPEER}. */
static void introduce(struct bb_bridge *b, struct bb_chan *ch)
{
	bb_list_each (n, &b->members) {
		struct bb_chan *other = bb_list_entry(n, struct bb_member, node)->ch;

		if (other == ch)
			continue;
		bb_call_merge(ch, other);
		bb_text_set(&ch->peer, BB_CHAN_NAME, bb_strz(other->name));
		bb_text_set(&other->peer, BB_CHAN_NAME, bb_strz(ch->name));
		if (ch->state == BB_UP && other->state == BB_UP && ch->call) {
			ch->call->talked = true;
			bb_text_free(&ch->call->hint, 1);
		}
		if (b->members.count > 2)
			continue;
		ch->connected = other->caller;
		other->connected = ch->caller;
		bb_vars_set(&ch->vars, BB_STR("BRIDGEPEER"), 0, bb_strz(other->name));
		bb_vars_set(&other->vars, BB_STR("BRIDGEPEER"), 0, bb_strz(ch->name));
	}
}

static struct bb_member *member_new(struct bb_bridge *b, struct bb_chan *ch,
				    const struct bb_member_opts *o)
{
	struct bb_member *m = bb_zalloc(sizeof(*m));

	if (!m)
		return NULL;
	m->bridge = bb_bridge_ref(b);
	m->ch = ch;
	m->pass_dtmf = !o || o->pass_dtmf;
	m->ends_bridge = o && o->ends_bridge;
	m->hold_music = o && o->hold_music;
	if (o && o->features)
		bb_str_copy(m->features, sizeof(m->features), bb_strz(o->features));
	if (o)
		bb_str_copy(m->transfer_context, sizeof(m->transfer_context), o->transfer_context);
	return m;
}

static const char *other_member(const struct bb_bridge *b, const struct bb_chan *ch)
{
	bb_list_each (n, (struct bb_list *)&b->members) {
		const struct bb_chan *other = bb_list_entry(n, struct bb_member, node)->ch;

		if (other != ch)
			return other->name;
	}
	return "nobody";
}

int bb_bridge_join(struct bb_bridge *b, struct bb_chan *ch, const struct bb_member_opts *opts)
{
	struct bb_member *m;

	if (ch->hungup)
		return -ECANCELED;
	if (b->dissolving)
		return -ENOTCONN;
	if (ch->bridge)
		bb_bridge_leave(ch->bridge, ch);
	m = member_new(b, ch, opts);
	if (!m)
		return -ENOMEM;
	bb_list_append(&b->members, &m->node);
	ch->bridge = b;
	ch->member = m;
	bb_chan_set_guard(ch, NULL);
	introduce(b, ch);
	bb_bridge_choose(b);
	bb_chan_set_consumer(ch, &b->consumer);
	bb_verbose(4, "Channel %s joined '%s' %s <%s>", ch->name, bb_bridge_tech_name(b), b->name,
		   b->id);
	if (b->members.count > 1)
		bb_story(ch, BB_STORY_BRIDGE, "is bridged with %s (bridge %.8s, media by %s)",
			 other_member(b, ch), b->id, bb_bridge_tech_name(b));
	publish(b, ch, "bridge.enter");
	if (ch->held)
		bb_bridge_music(b);
	return 0;
}

void bb_bridge_leave(struct bb_bridge *b, struct bb_chan *ch)
{
	struct bb_member *m = ch->member;
	bool ends;

	if (ch->bridge != b || !m)
		return;
	ends = m->ends_bridge;
	bb_chan_ref(ch);
	bb_member_features_leave(m);
	bb_member_music(m, false);
	bb_bridge_unplug(b, m);
	bb_list_remove(&m->node);
	bb_bridge_music(b);
	ch->bridge = NULL;
	ch->member = NULL;
	if (ch->consumer == &b->consumer)
		bb_chan_set_consumer(ch, NULL);
	bb_verbose(4, "Channel %s left '%s' %s <%s>", ch->name, bb_bridge_tech_name(b), b->name,
		   b->id);
	if (!ch->hungup && b->members.count)
		bb_story(ch, BB_STORY_BRIDGE, "left the bridge %.8s", b->id);
	publish(b, ch, "bridge.leave");
	bb_free(m);
	bb_waiters_wake(&b->waiters);
	bb_waiters_wake(&ch->waiters);
	bb_bridge_choose(b);
	bb_chan_unref(ch);
	if (ends)
		bb_bridge_dissolve(b);
	bb_bridge_unref(b); /* the member's */
}

void bb_bridge_dissolve(struct bb_bridge *b)
{
	if (b->dissolving)
		return;
	b->dissolving = true;
	bb_bridge_ref(b);
	while (b->members.head)
		bb_bridge_leave(b, bb_list_entry(b->members.head, struct bb_member, node)->ch);
	bb_waiters_wake(&b->waiters);
	bb_bridge_unref(b);
}

int bb_bridge_wait(struct bb_bridge *b, struct bb_chan *ch)
{
	int err = 0;

	bb_bridge_ref(b);
	while (ch->bridge == b) {
		err = bb_chan_check(ch);
		if (err)
			break;
		bb_waiter_park(ch, &b->waiters, -1);
	}
	if (!err)
		err = bb_chan_check(ch);
	/* Events of the same turn first: the cause of a far hangup is among them. */
	if (err)
		bb_bridge_events(b);
	bb_bridge_leave(b, ch);
	bb_bridge_unref(b);
	return err;
}

struct bb_chan *bb_bridge_next(struct bb_bridge *b, struct bb_chan *prev)
{
	struct bb_node *n;

	if (prev && (!prev->member || prev->bridge != b))
		return NULL;
	n = prev ? prev->member->node.next : b->members.head;
	return n ? bb_list_entry(n, struct bb_member, node)->ch : NULL;
}

struct bb_chan *bb_bridge_peer(struct bb_bridge *b, struct bb_chan *ch)
{
	struct bb_chan *first, *second;

	if (b->members.count != 2)
		return NULL;
	first = bb_bridge_next(b, NULL);
	second = bb_bridge_next(b, first);
	if (ch == first)
		return second;
	return ch == second ? first : NULL;
}

const char *bb_bridge_id(const struct bb_bridge *b)
{
	return b->id;
}

unsigned bb_bridge_end_cause(const struct bb_bridge *b)
{
	return b->end_cause;
}

void bb_bridge_on_digit(struct bb_bridge *b,
			bool (*fn)(struct bb_bridge *b, struct bb_chan *from, char digit,
				   void *arg),
			void *arg)
{
	b->on_digit = fn;
	b->on_digit_arg = arg;
}

struct bb_bridge *bb_bridge_each(struct bb_bridge *prev)
{
	struct bb_node *n = prev ? prev->node.next : bridges.head;

	return n ? bb_list_entry(n, struct bb_bridge, node) : NULL;
}
