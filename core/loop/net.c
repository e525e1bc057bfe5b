/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/net.c - the public half of the network: what is the same in both
 * worlds.
 */
#include <bellbird/mem.h>

#include "core/loop/world.h"

int bb_addr_source_for(struct bb_addr *local, const struct bb_addr *to)
{
	if (!bb_addr_set(to))
		return -EINVAL;
	if (!bb_loop.world)
		return bb_source_for_real(local, to);
	return bb_loop.world->source_for(local, to);
}

int bb_udp_open(struct bb_udp **up, const struct bb_addr *local, const struct bb_udp_ops *ops,
		void *arg)
{
	struct bb_udp *u;
	int err;

	bb_assert_control();
	if (!bb_addr_set(local) || !ops || !ops->recv)
		return -EINVAL;
	err = bb_loop.world->udp_open(&u, local);
	if (err)
		return err;
	u->ops = ops;
	u->arg = arg;
	u->pending.local = &u->local;
	bb_pending_add(&u->pending, "a datagram socket", ops);
	bb_loop.stats.udp++;
	*up = u;
	return 0;
}

int bb_udp_send(struct bb_udp *u, const struct bb_addr *from, const struct bb_addr *to,
		const void *data, size_t len)
{
	bb_assert_control();
	if (bb_addr_family(to) != bb_addr_family(&u->local))
		return -EAFNOSUPPORT;
	if (from && (!bb_addr_set(from) || bb_addr_is_any(from)))
		from = NULL;
	if (from && bb_addr_family(from) != bb_addr_family(to))
		return -EAFNOSUPPORT;
	if (len > 65507)
		return -EMSGSIZE;
	return bb_loop.world->udp_send(u, from, to, data, len);
}

const struct bb_addr *bb_udp_local(const struct bb_udp *u)
{
	return &u->local;
}

uint64_t bb_udp_lost(void)
{
	return bb_loop.stats.udp_lost;
}

void bb_udp_close(struct bb_udp *u)
{
	if (!u)
		return;
	bb_assert_control();
	bb_loop.stats.udp--;
	bb_pending_remove(&u->pending);
	bb_loop.world->udp_close(u);
}

static int listening(struct bb_listener **lp, struct bb_listener *l, int err,
		     const struct bb_listener_ops *ops, void *arg)
{
	if (err)
		return err;
	l->ops = ops;
	l->arg = arg;
	l->pending.local = &l->local;
	bb_pending_add(&l->pending, "a listening socket", ops);
	bb_loop.stats.tcp++;
	*lp = l;
	return 0;
}

int bb_tcp_listen(struct bb_listener **lp, const struct bb_addr *local,
		  const struct bb_listener_ops *ops, void *arg)
{
	struct bb_listener *l = NULL;
	int err;

	bb_assert_control();
	if (!bb_addr_set(local) || !ops || !ops->accept)
		return -EINVAL;
	err = bb_loop.world->tcp_listen(&l, local);
	return listening(lp, l, err, ops, arg);
}

int bb_unix_listen(struct bb_listener **lp, const char *path, const struct bb_listener_ops *ops,
		   void *arg)
{
	struct bb_listener *l = NULL;
	int err;

	bb_assert_control();
	if (!path || !*path || !ops || !ops->accept)
		return -EINVAL;
	err = bb_loop.world->unix_listen(&l, path);
	return listening(lp, l, err, ops, arg);
}

const struct bb_addr *bb_listener_local(const struct bb_listener *l)
{
	return &l->local;
}

void bb_listener_close(struct bb_listener *l)
{
	if (!l)
		return;
	bb_assert_control();
	bb_loop.stats.tcp--;
	bb_pending_remove(&l->pending);
	bb_loop.world->listener_close(l);
}

int bb_tcp_connect(struct bb_tcp **cp, const struct bb_addr *to, const struct bb_tcp_ops *ops,
		   void *arg)
{
	struct bb_tcp *c;
	int err;

	bb_assert_control();
	if (!bb_addr_set(to) || !ops)
		return -EINVAL;
	err = bb_loop.world->tcp_connect(&c, to);
	if (err)
		return err;
	bb_tcp_set_ops(c, ops, arg);
	bb_loop.stats.tcp++;
	*cp = c;
	return 0;
}

void bb_tcp_set_ops(struct bb_tcp *c, const struct bb_tcp_ops *ops, void *arg)
{
	bb_assert_control();
	c->ops = ops;
	c->arg = arg;
	c->pending.local = &c->local;
	bb_pending_add(&c->pending, "a connection", ops);
}

int bb_tcp_send(struct bb_tcp *c, const void *data, size_t len)
{
	bb_assert_control();
	if (len == 0)
		return 0;
	return bb_loop.world->tcp_send(c, data, len);
}

size_t bb_tcp_queued(const struct bb_tcp *c)
{
	return bb_loop.world->tcp_queued(c);
}

int bb_tcp_peer_uid(const struct bb_tcp *c, unsigned *uid)
{
	return bb_loop.world->tcp_peer_uid ? bb_loop.world->tcp_peer_uid(c, uid) : -ENOTSUP;
}

const struct bb_addr *bb_tcp_local(const struct bb_tcp *c)
{
	return &c->local;
}

const struct bb_addr *bb_tcp_remote(const struct bb_tcp *c)
{
	return &c->remote;
}

void bb_tcp_close(struct bb_tcp *c)
{
	if (!c)
		return;
	bb_assert_control();
	bb_loop.stats.tcp--;
	bb_pending_remove(&c->pending);
	bb_loop.world->tcp_close(c);
}

static void resolve_task(void *arg)
{
	struct bb_resolve *r = arg;

	bb_pending_remove(&r->pending);
	if (!r->cancelled)
		r->done(r->err, r->addrs, r->err ? 0 : r->n, r->arg);
	bb_free(r);
}

void bb_resolve_finish(struct bb_resolve *r)
{
	r->flying = false;
	if (r->cancelled) {
		bb_free(r);
		return;
	}
	for (size_t i = 0; i < r->n; i++)
		bb_addr_set_port(&r->addrs[i], r->port);
	if (!r->err && r->n == 0)
		r->err = -ENOENT;
	bb_task_post(&r->task, resolve_task, r);
}

int bb_resolve(struct bb_resolve **rp, struct bb_str host, uint16_t port,
	       void (*done)(int err, const struct bb_addr *addrs, size_t n, void *arg), void *arg)
{
	struct bb_resolve *r;
	int err;

	bb_assert_control();
	if (bb_str_empty(host) || host.l > 253 || memchr(host.p, '\0', host.l))
		return -EINVAL;
	r = bb_zalloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->done = done;
	r->arg = arg;
	r->port = port;
	if (!bb_addr_from(&r->addrs[0], host, port)) {
		r->n = 1;
		bb_resolve_finish(r);
	} else {
		r->flying = true;
		err = bb_loop.world->resolve(r, host);
		if (err) {
			bb_free(r);
			return err;
		}
	}
	bb_pending_add(&r->pending, "a name look-up", (const void *)(uintptr_t)done);
	if (rp)
		*rp = r;
	return 0;
}

void bb_resolve_cancel(struct bb_resolve *r)
{
	if (!r)
		return;
	bb_assert_control();
	r->cancelled = true;
	bb_pending_remove(&r->pending);
	if (r->flying) {
		bb_loop.world->resolve_cancel(r);
		return;
	}
	/* In its own task already: that frees it. */
	if (!bb_node_linked(&r->task.node))
		return;
	bb_task_cancel(&r->task);
	bb_free(r);
}
