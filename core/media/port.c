/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/port.c - the control side of ports: which exist, what they are
 * connected to, and moving them between threads.
 *
 * Control keeps what is wanted (who is connected to whom, on which thread
 * everybody shall live); wire() makes the media side agree whenever both ends
 * have come to rest on the same thread.
 */
#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"

#define COMMAND_MAX 256u

struct bb_port {
	struct bb_mport m;
	struct bb_pending pending; /* the driver's code runs until it is freed */
	const struct bb_format *rx, *tx;
	void (*event)(struct bb_port *p, const struct bb_port_event *ev, void *arg);
	void *arg;
	unsigned thread; /* where it lives, or is on its way to */
	bool moving; /* detached from one thread, not yet attached to the other */
	bool closing;
	/* Made with the port, and back here whenever they are not on their way: moving and
	 * closing cannot fail. */
	struct bb_mcmd *attach, *detach;
	struct bb_mcmd *held_head, *held_tail; /* commands that came while moving */
	struct bb_port *to[BB_SLOTS];
	bool wired[BB_SLOTS];
	struct bb_port *from; /* whose slot leads here */
	unsigned from_slot;
	struct bb_mcmd *unlink[BB_SLOTS]; /* there while wired, for the same reason */
};

static struct bb_mthread *thread_of(const struct bb_port *p)
{
	return bb_engine.threads[p->thread];
}

static void port_free(struct bb_port *p)
{
	struct bb_mcmd *c;

	bb_pending_remove(&p->pending);
	while ((c = p->held_head) != NULL) {
		p->held_head = c->next;
		bb_mlink_free(c->link);
		bb_free(c);
	}
	for (unsigned i = 0; i < BB_SLOTS; i++)
		bb_free(p->unlink[i]);
	bb_free(p->attach);
	bb_free(p->detach);
	bb_free(p->m.state);
	bb_free(p);
}

static unsigned least_loaded(void)
{
	unsigned best = 0;

	for (unsigned i = 1; i < bb_engine.n; i++)
		if (bb_engine.threads[i]->ports < bb_engine.threads[best]->ports)
			best = i;
	return best;
}

static void send_attach(struct bb_port *p, bool wake)
{
	struct bb_mcmd *c = p->attach;

	p->attach = NULL;
	c->wake = wake;
	bb_mcmd_send(thread_of(p), c);
}

static void send_detach(struct bb_port *p)
{
	struct bb_mcmd *c = p->detach;

	p->detach = NULL;
	p->moving = true;
	/* On the way to another thread packets wait for us; a port that closes has time. It is
	 * also how the thread knows which of the two it is. */
	c->hurry = !p->closing;
	bb_mcmd_send(thread_of(p), c);
}

int bb_port_new(struct bb_port **pp, const struct bb_port_params *params)
{
	const struct bb_port_driver *d = params->driver;
	struct bb_port *p;
	int err = -ENOMEM;

	bb_assert_control();
	if (!bb_engine.open || bb_engine.closing)
		return -ESHUTDOWN;
	p = bb_zalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->m.state = bb_zalloc(d->state_size ? d->state_size : 1);
	p->attach = bb_mcmd_new(BB_MOP_ATTACH, &p->m, NULL, 0);
	p->detach = bb_mcmd_new(BB_MOP_DETACH, &p->m, NULL, 0);
	if (!p->m.state || !p->attach || !p->detach)
		goto out;
	p->m.driver = d;
	p->m.port = p;
	p->rx = params->rx;
	p->tx = params->tx;
	p->event = params->event;
	p->arg = params->arg;
	p->thread = bb_port_place(params->near);
	if (params->sock && bb_msock_thread(params->sock) >= 0)
		p->thread = (unsigned)bb_msock_thread(params->sock);
	err = d->create ? d->create(p->m.state, params->init) : 0;
	if (err < 0)
		goto out;
	bb_engine.ports++;
	thread_of(p)->ports++;
	bb_pending_add(&p->pending, "a media port", d);
	send_attach(p, d->ticks);
	*pp = p;
	return 0;
out:
	port_free(p);
	return err;
}

/* Commands for a port on its way wait for it. */
static void port_send(struct bb_port *p, struct bb_mcmd *c)
{
	if (!p->moving) {
		bb_mcmd_send(thread_of(p), c);
		return;
	}
	c->next = NULL;
	if (p->held_tail)
		p->held_tail->next = c;
	else
		p->held_head = c;
	p->held_tail = c;
}

static const struct bb_format *slot_format(const struct bb_port *p, unsigned slot)
{
	return slot == BB_SLOT_TAP_OUT ? p->tx : p->rx;
}

static void unwire(struct bb_port *p, unsigned slot)
{
	struct bb_mcmd *c = p->unlink[slot];

	if (!p->wired[slot])
		return;
	p->wired[slot] = false;
	p->unlink[slot] = NULL;
	c->link = NULL;
	port_send(p, c);
}

/* Make the media side agree with what is wanted of a slot. */
static int wire(struct bb_port *p, unsigned slot)
{
	struct bb_port *to = p->to[slot];
	const struct bb_format *from_f = slot_format(p, slot);
	struct bb_mcmd *c = NULL;
	struct bb_mlink *l = NULL;
	int err = -ENOMEM;

	if (!to || !from_f || !to->tx || p->moving || to->moving || p->thread != to->thread) {
		unwire(p, slot);
		return 0;
	}
	if (!p->unlink[slot] && !p->wired[slot]) {
		p->unlink[slot] = bb_mcmd_new(BB_MOP_LINK, &p->m, NULL, 0);
		if (!p->unlink[slot])
			return -ENOMEM;
		p->unlink[slot]->slot = slot;
	}
	err = bb_mlink_new(&l, &to->m, from_f, to->tx);
	if (!err && (c = bb_mcmd_new(BB_MOP_LINK, &p->m, NULL, 0)) == NULL) {
		bb_mlink_free(l);
		err = -ENOMEM;
	}
	if (err < 0) {
		unwire(p, slot);
		return err;
	}
	c->slot = slot;
	c->link = l;
	p->wired[slot] = true;
	port_send(p, c);
	return 0;
}

static void wire_all(struct bb_port *p)
{
	for (unsigned i = 0; i < BB_SLOTS; i++)
		wire(p, i);
	if (p->from && p->from != p)
		wire(p->from, p->from_slot);
}

/* Forget where a slot leads. */
static void cut(struct bb_port *p, unsigned slot)
{
	if (!p->to[slot])
		return;
	unwire(p, slot);
	p->to[slot]->from = NULL;
	p->to[slot] = NULL;
}

static void cut_all(struct bb_port *p)
{
	for (unsigned i = 0; i < BB_SLOTS; i++)
		cut(p, i);
	if (p->from)
		cut(p->from, p->from_slot);
}

/* Take a port, and whatever it is connected to, to another thread. */
static void migrate(struct bb_port *p, unsigned target)
{
	if (p->thread == target)
		return;
	for (unsigned i = 0; i < BB_SLOTS; i++)
		unwire(p, i);
	if (p->from)
		unwire(p->from, p->from_slot);
	if (!p->moving)
		send_detach(p);
	bb_engine.threads[p->thread]->ports--;
	p->thread = target;
	bb_engine.threads[target]->ports++;
	for (unsigned i = 0; i < BB_SLOTS; i++)
		if (p->to[i])
			migrate(p->to[i], target);
	if (p->from)
		migrate(p->from, target);
}

static void detached(struct bb_port *p)
{
	struct bb_mcmd *c, *next;

	if (p->closing) {
		if (p->m.driver->destroy)
			p->m.driver->destroy(p->m.state);
		bb_engine.threads[p->thread]->ports--;
		bb_engine.ports--;
		port_free(p);
		return;
	}
	p->moving = false;
	send_attach(p, true);
	/* Connections first: what was commanded after them finds them in place. */
	wire_all(p);
	c = p->held_head;
	p->held_head = p->held_tail = NULL;
	for (; c; c = next) {
		next = c->next;
		bb_mcmd_send(thread_of(p), c);
	}
}

void bb_port_acked(struct bb_mcmd *c)
{
	struct bb_port *p = c->mp->port;

	switch (c->op) {
	case BB_MOP_ATTACH:
		p->attach = c;
		return;
	case BB_MOP_DETACH:
		p->detach = c;
		detached(p);
		return;
	case BB_MOP_LINK:
		bb_mlink_free(c->link);
		break;
	default:
		break;
	}
	bb_free(c);
}

/* The source sends another format than it was said to: translate from that. */
static void format_changed(struct bb_port *p, const struct bb_format *f)
{
	if (p->closing || p->rx == f)
		return;
	if (p->to[BB_SLOT_SINK] && !bb_media_can(f, p->to[BB_SLOT_SINK]->tx))
		return;
	p->rx = f;
	wire(p, BB_SLOT_SINK);
	wire(p, BB_SLOT_TAP_IN);
}

void bb_port_heard(struct bb_mevent *e)
{
	struct bb_port *p = e->port;

	if (e->msg.kind == BB_MSG_FORMAT)
		format_changed(p, e->format);
	else if (!p->closing && p->event)
		p->event(p, &e->ev, p->arg);
}

/* The threads have ended before their ports: nobody else holds anything of it. */
static void close_late(struct bb_port *p)
{
	cut_all(p);
	for (unsigned i = 0; i < BB_SLOTS; i++)
		bb_mlink_free(p->m.links[i]);
	if (p->m.driver->destroy)
		p->m.driver->destroy(p->m.state);
	port_free(p);
}

void bb_port_close(struct bb_port *p)
{
	if (!p)
		return;
	bb_assert_control();
	if (!bb_engine.open) {
		close_late(p);
		return;
	}
	cut_all(p);
	p->closing = true;
	p->event = NULL;
	if (!p->moving)
		send_detach(p);
}

void bb_port_set_formats(struct bb_port *p, const struct bb_format *rx, const struct bb_format *tx)
{
	bool rx_changed = p->rx != rx, tx_changed = p->tx != tx;

	bb_assert_control();
	p->rx = rx;
	p->tx = tx;
	if (rx_changed) {
		wire(p, BB_SLOT_SINK);
		wire(p, BB_SLOT_TAP_IN);
	}
	if (tx_changed) {
		wire(p, BB_SLOT_TAP_OUT);
		if (p->from)
			wire(p->from, p->from_slot);
	}
}

const struct bb_format *bb_port_rx(const struct bb_port *p)
{
	return p->rx;
}

const struct bb_format *bb_port_tx(const struct bb_port *p)
{
	return p->tx;
}

static int command(struct bb_port *p, unsigned cmd, const void *data, size_t len, bool wake)
{
	struct bb_mcmd *c;

	bb_assert_control();
	if (len > COMMAND_MAX)
		return -EMSGSIZE;
	c = bb_mcmd_new(BB_MOP_COMMAND, &p->m, data, len);
	if (!c)
		return -ENOMEM;
	c->cmd = cmd;
	c->wake = wake;
	port_send(p, c);
	return 0;
}

int bb_port_command(struct bb_port *p, unsigned cmd, const void *data, size_t len)
{
	return command(p, cmd, data, len, true);
}

int bb_port_command_lazy(struct bb_port *p, unsigned cmd, const void *data, size_t len)
{
	return command(p, cmd, data, len, false);
}

/* Let @p p's slot lead to @p to, and bring @p p there. */
static int lead(struct bb_port *p, unsigned slot, struct bb_port *to)
{
	const struct bb_format *f = slot_format(p, slot);
	int err;

	bb_assert_control();
	if (p->to[slot] == to && (p->wired[slot] || p->moving || to->moving))
		return 0;
	if (f && to->tx && !bb_media_can(f, to->tx))
		return -ENOTSUP;
	cut(p, slot);
	if (to->from)
		cut(to->from, to->from_slot);
	p->to[slot] = to;
	to->from = p;
	to->from_slot = slot;
	migrate(p, to->thread);
	err = wire(p, slot);
	if (err < 0)
		cut(p, slot);
	return err;
}

int bb_port_connect(struct bb_port *from, struct bb_port *to)
{
	return lead(from, BB_SLOT_SINK, to);
}

void bb_port_disconnect(struct bb_port *from)
{
	cut(from, BB_SLOT_SINK);
}

bool bb_port_connected(const struct bb_port *from)
{
	return from->to[BB_SLOT_SINK] != NULL;
}

int bb_port_tap(struct bb_port *p, bool out, struct bb_port *sink)
{
	unsigned slot = out ? BB_SLOT_TAP_OUT : BB_SLOT_TAP_IN;

	if (!sink) {
		cut(p, slot);
		return 0;
	}
	/* What listens comes to what is listened to, not the other way round. */
	if (sink->thread != p->thread) {
		if (sink->from)
			cut(sink->from, sink->from_slot);
		migrate(sink, p->thread);
	}
	return lead(p, slot, sink);
}

void *bb_port_state(struct bb_port *p)
{
	return p->m.state;
}

unsigned bb_port_place(const struct bb_port *near)
{
	return near ? near->thread : least_loaded();
}

unsigned bb_port_thread(const struct bb_port *p)
{
	return p->thread;
}

const struct bb_port_driver *bb_port_kind(const struct bb_port *p)
{
	return p->m.driver;
}
