/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/sim_tcp.c - streams on the simulated wire: only ever delayed.
 *
 * What travels holds a reference to its receiver's end, so that an end lives
 * until the last of its bytes has arrived somewhere or nowhere.
 */
#include <bellbird/mem.h>

#include "core/loop/sim.h"

#define QUEUE_MAX ((size_t)1 << 20)

struct sim_tcp {
	struct bb_tcp base;
	struct sim_tcp *peer; /* Counted. */
	unsigned refs;
	bool open; /* In the hands of its owner. */
	bool standing, ended;
	bb_time last; /* When the latest that was sent arrives. */
	size_t flying; /* Bytes sent that have not arrived. */
	struct bb_buf early; /* Sent before the connection stood. */
};

struct sim_listener {
	struct bb_listener base;
	struct bb_node node;
};

struct stream_event {
	struct bb_sim_event e;
	struct sim_tcp *from, *to; /* Counted; to is NULL for a connect. */
	enum { CONNECT, CONNECTED, REFUSED, BYTES, END } kind;
	size_t len;
	char data[];
};

static void deref(struct sim_tcp *c)
{
	if (!c || --c->refs)
		return;
	bb_buf_free(&c->early);
	bb_free(c);
}

static struct sim_tcp *ref(struct sim_tcp *c)
{
	if (c)
		c->refs++;
	return c;
}

static void free_event(struct stream_event *s)
{
	deref(s->from);
	deref(s->to);
	bb_free(s);
}

static void drop(struct bb_sim_event *e)
{
	free_event(bb_container_of(e, struct stream_event, e));
}

static void end(struct sim_tcp *c, int err)
{
	if (!c->open || c->ended)
		return;
	c->ended = true;
	if (c->base.ops && c->base.ops->closed)
		c->base.ops->closed(&c->base, err, c->base.arg);
}

static void deliver(struct bb_sim_event *e);

static int send_event(struct sim_tcp *from, struct sim_tcp *to, int kind, const void *data,
		      size_t len)
{
	struct stream_event *s = bb_zalloc(sizeof(*s) + len + 1);
	bb_time at = bb_now() + bb_sim_delay();

	if (!s)
		return -ENOMEM;
	s->e.deliver = deliver;
	s->e.drop = drop;
	s->from = ref(from);
	s->to = ref(to);
	s->kind = kind;
	s->len = len;
	if (len)
		memcpy(s->data, data, len);
	if (at < from->last)
		at = from->last;
	from->last = at;
	from->flying += len;
	bb_sim_send(&s->e, at);
	return 0;
}

static struct sim_tcp *new_tcp(void)
{
	struct sim_tcp *c = bb_zalloc(sizeof(*c));

	if (c) {
		c->refs = 1;
		c->open = true;
	}
	return c;
}

static struct sim_listener *listener_at(const struct bb_addr *to)
{
	bb_list_each (n, &bb_sim.listeners) {
		struct sim_listener *l = bb_list_entry(n, struct sim_listener, node);
		const struct bb_addr *local = &l->base.local;

		if (bb_addr_port(local) == bb_addr_port(to) &&
		    bb_addr_family(local) == bb_addr_family(to) &&
		    (bb_addr_eq_host(local, to) || bb_addr_is_any(local)))
			return l;
	}
	return NULL;
}

/* A connection reaches the listener, if there is one. */
static void arrive(struct sim_tcp *caller)
{
	struct sim_listener *l = listener_at(&caller->base.remote);
	struct sim_tcp *c = l && caller->open ? new_tcp() : NULL;

	if (!c || send_event(c, caller, CONNECTED, NULL, 0)) {
		bb_free(c);
		if (caller->open && send_event(caller, caller, REFUSED, NULL, 0))
			end(caller, -ECONNREFUSED);
		return;
	}
	c->base.local = caller->base.remote;
	c->base.remote = caller->base.local;
	c->standing = true;
	c->peer = ref(caller);
	caller->peer = ref(c);
	bb_loop.stats.tcp++;
	l->base.ops->accept(&l->base, &c->base, l->base.arg);
	if (c->open && !c->base.ops)
		bb_tcp_close(&c->base);
}

static void stands(struct sim_tcp *c)
{
	c->standing = true;
	if (c->early.l && send_event(c, c->peer, BYTES, c->early.p, c->early.l)) {
		end(c, -ENOMEM);
		return;
	}
	bb_buf_free(&c->early);
	if (c->open && c->base.ops && c->base.ops->connected)
		c->base.ops->connected(&c->base, c->base.arg);
}

static void take(struct stream_event *s)
{
	struct sim_tcp *to = s->to;

	switch (s->kind) {
	case CONNECT:
		arrive(s->from);
		break;
	case CONNECTED:
		if (to->open && to->peer)
			stands(to);
		break;
	case REFUSED:
		end(to, -ECONNREFUSED);
		break;
	case BYTES:
		s->from->flying -= s->len;
		if (to->open && !to->ended && to->base.ops && to->base.ops->recv)
			to->base.ops->recv(&to->base, s->data, s->len, to->base.arg);
		else if (!to->open)
			end(s->from, -ECONNRESET);
		break;
	case END:
		end(to, 0);
		break;
	}
}

static void deliver(struct bb_sim_event *e)
{
	struct stream_event *s = bb_container_of(e, struct stream_event, e);

	take(s);
	free_event(s);
}

static bool port_taken(uint16_t port, const void *arg)
{
	struct bb_addr at = *(const struct bb_addr *)arg;

	bb_addr_set_port(&at, port);
	return listener_at(&at) != NULL;
}

int bb_sim_tcp_listen(struct bb_listener **lp, const struct bb_addr *local)
{
	uint16_t port = bb_addr_port(local);
	struct sim_listener *l;

	if (port ? port_taken(port, local) : !(port = bb_sim_port(port_taken, local)))
		return -EADDRINUSE;
	l = bb_zalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->base.local = *local;
	bb_addr_set_port(&l->base.local, port);
	bb_list_append(&bb_sim.listeners, &l->node);
	*lp = &l->base;
	return 0;
}

void bb_sim_listener_close(struct bb_listener *base)
{
	struct sim_listener *l = bb_container_of(base, struct sim_listener, base);

	bb_list_remove(&l->node);
	bb_free(l);
}

int bb_sim_tcp_connect(struct bb_tcp **cp, const struct bb_addr *to)
{
	struct sim_tcp *c = new_tcp();

	if (!c)
		return -ENOMEM;
	c->base.remote = *to;
	bb_sim_source(&c->base.local, to);
	bb_addr_set_port(&c->base.local, bb_sim_port(port_taken, &c->base.local));
	if (send_event(c, NULL, CONNECT, NULL, 0)) {
		bb_free(c);
		return -ENOMEM;
	}
	*cp = &c->base;
	return 0;
}

int bb_sim_tcp_send(struct bb_tcp *base, const void *data, size_t len)
{
	struct sim_tcp *c = bb_container_of(base, struct sim_tcp, base);

	if (c->ended || (c->standing && !c->peer))
		return -ENOTCONN;
	if (len > QUEUE_MAX - c->flying - c->early.l)
		return -ENOBUFS;
	if (!c->standing) {
		size_t before = c->early.l;

		bb_buf_put(&c->early, data, len);
		if (!c->early.err)
			return 0;
		c->early.err = 0;
		bb_buf_truncate(&c->early, before);
		return -ENOMEM;
	}
	return send_event(c, c->peer, BYTES, data, len);
}

size_t bb_sim_tcp_queued(const struct bb_tcp *base)
{
	const struct sim_tcp *c = bb_container_of(base, struct sim_tcp, base);

	return c->flying + c->early.l;
}

void bb_sim_tcp_close(struct bb_tcp *base)
{
	struct sim_tcp *c = bb_container_of(base, struct sim_tcp, base);

	c->open = false;
	c->base.ops = NULL;
	/* Without memory for its end the peer learns of it by sending. */
	if (c->peer)
		(void)send_event(c, c->peer, END, NULL, 0);
	/* The two ends hold each other: this one lets go. */
	deref(c->peer);
	c->peer = NULL;
	deref(c);
}
