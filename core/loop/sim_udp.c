/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/sim_udp.c - datagrams on the simulated wire: lost, doubled, late
 * and out of order, as the seed says.
 */
#include <bellbird/mem.h>

#include "core/loop/sim.h"

/* How much later than its fellows a datagram comes that is overtaken. */
#define OVERTAKEN (20 * BB_MS)

struct sim_udp {
	struct bb_udp base;
	struct bb_node node;
	bb_time last; /* When the latest one sent arrives, unless it is overtaken. */
	uint64_t id; /* Tells a socket from a later one at its address. */
};

struct dgram_event {
	struct bb_sim_event e;
	struct bb_addr from, to;
	uint64_t sender;
	size_t len;
	char data[];
};

static uint64_t last_id;

static struct sim_udp *of_node(struct bb_node *n)
{
	return bb_list_entry(n, struct sim_udp, node);
}

static struct sim_udp *by_id(uint64_t id)
{
	bb_list_each (n, &bb_sim.udp)
		if (of_node(n)->id == id)
			return of_node(n);
	return NULL;
}

/* An exact address wins over "any", as in the kernel. */
static struct sim_udp *receiver(const struct bb_addr *to)
{
	struct sim_udp *any = NULL;

	bb_list_each (n, &bb_sim.udp) {
		struct sim_udp *u = of_node(n);
		struct bb_addr *local = &u->base.local;

		if (bb_addr_family(local) != bb_addr_family(to) ||
		    bb_addr_port(local) != bb_addr_port(to))
			continue;
		if (bb_addr_eq(local, to))
			return u;
		if (bb_addr_is_any(local))
			any = u;
	}
	return any;
}

/* Somebody lives at that address: the port is closed, the host not dead. */
static bool host_lives(const struct bb_addr *to)
{
	struct bb_addr own;

	bb_list_each (n, &bb_sim.udp) {
		const struct bb_addr *local = &of_node(n)->base.local;

		if (bb_addr_eq_host(local, to))
			return true;
	}
	bb_sim_source(&own, to);
	return bb_addr_eq_host(&own, to);
}

static void told(const struct dgram_event *d, bool delivered)
{
	if (bb_sim.watch)
		bb_sim.watch(&d->from, &d->to, d->data, d->len, delivered, bb_sim.watch_arg);
}

static void drop(struct bb_sim_event *e)
{
	bb_free(bb_container_of(e, struct dgram_event, e));
}

static void deliver(struct bb_sim_event *e)
{
	struct dgram_event *d = bb_container_of(e, struct dgram_event, e);
	struct sim_udp *u = receiver(&d->to), *sender;

	told(d, u != NULL);
	if (u) {
		struct bb_dgram dgram = { .from = d->from,
					  .to = d->to,
					  .data = d->data,
					  .len = d->len,
					  .waited = bb_sim.net.waited };

		u->base.ops->recv(&u->base, &dgram, u->base.arg);
	} else if (host_lives(&d->to)) {
		sender = by_id(d->sender);
		if (sender && sender->base.ops->error)
			sender->base.ops->error(&sender->base, &d->to, -ECONNREFUSED,
						sender->base.arg);
	}
	bb_free(d);
}

static bool port_taken(uint16_t port, const void *arg)
{
	const struct bb_addr *local = arg;

	bb_list_each (n, &bb_sim.udp) {
		const struct bb_addr *other = &of_node(n)->base.local;

		if (bb_addr_family(other) == bb_addr_family(local) && bb_addr_port(other) == port &&
		    (bb_addr_eq_host(other, local) || bb_addr_is_any(other) ||
		     bb_addr_is_any(local)))
			return true;
	}
	return false;
}

/* Like Linux without SO_REUSEADDR, but one test may play a host inside "any". */
static bool address_taken(const struct bb_addr *local)
{
	bb_list_each (n, &bb_sim.udp)
		if (bb_addr_eq(&of_node(n)->base.local, local))
			return true;
	return false;
}

int bb_sim_udp_open(struct bb_udp **up, const struct bb_addr *local)
{
	struct sim_udp *u;
	uint16_t port = bb_addr_port(local);

	if (port ? address_taken(local) : !(port = bb_sim_port(port_taken, local)))
		return -EADDRINUSE;
	u = bb_zalloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->base.local = *local;
	bb_addr_set_port(&u->base.local, port);
	u->id = ++last_id;
	bb_list_append(&bb_sim.udp, &u->node);
	*up = &u->base;
	return 0;
}

void bb_sim_udp_close(struct bb_udp *base)
{
	struct sim_udp *u = bb_container_of(base, struct sim_udp, base);

	bb_list_remove(&u->node);
	bb_free(u);
}

static bb_time arrival(struct sim_udp *u)
{
	bb_time at = bb_now() + bb_sim_delay();

	if (bb_sim_below(1000) < bb_sim.net.reorder)
		return at + BB_MS + bb_sim_below((uint32_t)OVERTAKEN);
	if (at < u->last)
		at = u->last;
	u->last = at;
	return at;
}

static int put_on_wire(struct sim_udp *u, const struct dgram_event *like, const void *data)
{
	struct dgram_event *d = bb_alloc(sizeof(*d) + like->len + 1);

	if (!d)
		return -ENOMEM;
	memcpy(d, like, sizeof(*d));
	if (like->len)
		memcpy(d->data, data, like->len);
	d->data[like->len] = '\0';
	if (bb_sim_below(1000) < bb_sim.net.loss) {
		told(d, false);
		bb_free(d);
		return 0;
	}
	bb_sim_send(&d->e, arrival(u));
	return 0;
}

int bb_sim_udp_send(struct bb_udp *base, const struct bb_addr *from, const struct bb_addr *to,
		    const void *data, size_t len)
{
	struct sim_udp *u = bb_container_of(base, struct sim_udp, base);
	struct dgram_event d = { .e = { .deliver = deliver, .drop = drop },
				 .from = u->base.local,
				 .to = *to,
				 .sender = u->id,
				 .len = len };
	int err;

	if (bb_addr_is_any(&d.from)) {
		if (from)
			d.from = *from;
		else
			bb_sim_source(&d.from, to);
		bb_addr_set_port(&d.from, bb_addr_port(&u->base.local));
	}
	err = put_on_wire(u, &d, data);
	if (!err && bb_sim_below(1000) < bb_sim.net.duplicate)
		err = put_on_wire(u, &d, data);
	return err;
}
