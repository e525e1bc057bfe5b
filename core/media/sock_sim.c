/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/sock_sim.c - sockets of media in simulation: datagrams on the
 * same in-memory network as those of signalling, lost, doubled and overtaken
 * as its seed says, and served as they come on the virtual clock.
 */
#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"

struct bb_msock_sim {
	struct bb_udp *udp;
	struct bb_addr peer; /* connected to it alone */
	const struct bb_dgram *in; /* being served */
	struct bb_addr refused; /* where something sent met nobody; unset when nothing did */
	int refused_err;
};

static void serve(struct bb_msock *s)
{
	/* It was being watched, or what came is nobody's. */
	if (s->watched)
		s->watch.fn(s->watch.mp, s->watch.state, -1);
	s->sim->in = NULL;
}

/* The turn reads the clock before, and sets the timers afterwards. */
static void came(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	struct bb_msock *s = arg;

	if (bb_addr_set(&s->sim->peer) && !bb_addr_eq(&s->sim->peer, &d->from))
		return;
	bb_media_sim_poll();
	s->sim->in = d;
	serve(s);
	bb_media_sim_poll();
}

static void refused(struct bb_udp *u, const struct bb_addr *to, int err, void *arg)
{
	struct bb_msock *s = arg;

	s->sim->refused = *to;
	s->sim->refused_err = err;
	bb_media_sim_poll();
	serve(s);
	bb_media_sim_poll();
}

static int sim_open(struct bb_msock *s, unsigned flags)
{
	static const struct bb_udp_ops ops = { .recv = came, .error = refused };
	int err;

	s->sim = bb_zalloc(sizeof(*s->sim));
	if (!s->sim)
		return -ENOMEM;
	err = bb_udp_open(&s->sim->udp, &s->local, &ops, s);
	if (err < 0) {
		bb_free(s->sim);
		s->sim = NULL;
		return err;
	}
	s->local = *bb_udp_local(s->sim->udp);
	return 0;
}

static void sim_close(struct bb_msock *s)
{
	bb_udp_close(s->sim->udp);
	bb_free(s->sim);
	s->sim = NULL;
}

/* It comes by itself. */
static int sim_watch(struct bb_mthread *t, struct bb_msock *s)
{
	return 0;
}

static void sim_unwatch(struct bb_mthread *t, struct bb_msock *s)
{
}

static ssize_t sim_recv(struct bb_msock *s, void *buf, size_t cap, struct bb_addr *from)
{
	const struct bb_dgram *d = s->sim->in;
	size_t n;

	if (!d)
		return -EAGAIN;
	n = d->len < cap ? d->len : cap;
	memcpy(buf, d->data, n);
	if (from)
		*from = d->from;
	s->sim->in = NULL;
	return (ssize_t)n;
}

static ssize_t sim_send(struct bb_msock *s, const void *data, size_t len, const struct bb_addr *to)
{
	int err = bb_udp_send(s->sim->udp, NULL, to ? to : &s->sim->peer, data, len);

	return err < 0 ? err : (ssize_t)len;
}

static int sim_connect(struct bb_msock *s, const struct bb_addr *peer)
{
	if (peer)
		s->sim->peer = *peer;
	else
		memset(&s->sim->peer, 0, sizeof(s->sim->peer));
	return 0;
}

static int sim_error(struct bb_msock *s, struct bb_addr *to)
{
	if (!bb_addr_set(&s->sim->refused))
		return 0;
	*to = s->sim->refused;
	memset(&s->sim->refused, 0, sizeof(s->sim->refused));
	return s->sim->refused_err;
}

const struct bb_msock_ops bb_msock_sim = {
	.open = sim_open,
	.close = sim_close,
	.watch = sim_watch,
	.unwatch = sim_unwatch,
	.recv = sim_recv,
	.send = sim_send,
	.connect = sim_connect,
	.error = sim_error,
};
