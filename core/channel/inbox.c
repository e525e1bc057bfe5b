/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inboxes: what a fiber waits on to hear several channels at once.
 */
#include "core/channel/channel.h"

struct bb_inbox {
	struct bb_consumer c;
	struct bb_list waiters;
	struct bb_qevent *lent; /* its strings are valid until the next wait */
	struct bb_chan *lent_of;
};

static void ready(struct bb_consumer *c, struct bb_chan *ch)
{
	struct bb_inbox *in = bb_container_of(c, struct bb_inbox, c);

	bb_waiters_wake(&in->waiters);
}

static void detach(struct bb_consumer *c, struct bb_chan *ch)
{
	struct bb_inbox *in = bb_container_of(c, struct bb_inbox, c);

	bb_chan_set_consumer(ch, NULL);
	bb_waiters_wake(&in->waiters);
}

static void give_back(struct bb_inbox *in)
{
	bb_qevent_free(in->lent);
	in->lent = NULL;
	bb_chan_unref(in->lent_of);
	in->lent_of = NULL;
}

int bb_inbox_new(struct bb_inbox **ip)
{
	struct bb_inbox *in = bb_zalloc(sizeof(*in));

	*ip = in;
	if (!in)
		return -ENOMEM;
	in->c.ready = ready;
	in->c.detach = detach;
	return 0;
}

void bb_inbox_free(struct bb_inbox *in)
{
	struct bb_node *n;

	if (!in)
		return;
	while ((n = in->c.chans.head) != NULL)
		bb_chan_set_consumer(bb_list_entry(n, struct bb_chan, consumer_node), NULL);
	give_back(in);
	bb_free(in);
}

void bb_inbox_consume(struct bb_inbox *in, struct bb_chan *ch)
{
	bb_chan_set_consumer(ch, in ? &in->c : NULL);
}

void bb_inbox_release(struct bb_inbox *in, struct bb_chan *ch)
{
	if (ch->consumer == &in->c)
		bb_chan_set_consumer(ch, NULL);
}

/* The channel whose next event is the oldest. */
static struct bb_chan *oldest(struct bb_inbox *in)
{
	struct bb_chan *best = NULL;
	uint64_t seq = UINT64_MAX;

	bb_list_each (n, &in->c.chans) {
		struct bb_chan *ch = bb_list_entry(n, struct bb_chan, consumer_node);
		struct bb_qevent *q;

		if (!ch->events.head)
			continue;
		q = bb_list_entry(ch->events.head, struct bb_qevent, node);
		if (q->seq < seq) {
			seq = q->seq;
			best = ch;
		}
	}
	return best;
}

int bb_wait_events(struct bb_chan *ch, struct bb_inbox *in, bb_time timeout, struct bb_event *ev)
{
	bb_time until = timeout < 0 ? -1 : bb_now() + timeout;
	unsigned seen = ch ? ch->interrupts : 0;
	struct bb_chan *from;

	give_back(in);
	for (;;) {
		if (ch && (bb_chan_check(ch) || ch->interrupts != seen || ch->state == BB_GONE))
			return bb_chan_canceled(ch);
		from = oldest(in);
		if (from) {
			in->lent_of = bb_chan_ref(from);
			in->lent = bb_chan_pop_event(from);
			*ev = in->lent->ev;
			return 0;
		}
		if (until >= 0 && bb_now() >= until)
			return -ETIMEDOUT;
		bb_waiter_park(ch, &in->waiters, until);
	}
}
