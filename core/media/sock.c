/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/sock.c - datagram sockets that outlive the ports which use them.
 *
 * Opening, registering and closing a socket takes the kernel longer than all
 * else that a leg asks of it. So a socket stays with the thread that watches
 * it, and a port takes it over by becoming its owner: a pointer. While it has
 * none, what comes is received and thrown away at once.
 */
#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"

/* --- on the control thread --- */

static void sock_free(struct bb_msock *s)
{
	bb_free(s->on);
	bb_free(s->off);
	bb_free(s);
	bb_engine.sockets--;
}

static void readable(struct bb_mport *mp, void *state, int fd);

int bb_msock_open(struct bb_msock **sp, const struct bb_addr *local, unsigned flags)
{
	struct bb_msock *s;
	int err = -ENOMEM;

	bb_assert_control();
	s = bb_zalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	bb_engine.sockets++;
	s->on = bb_mcmd_new(BB_MOP_SOCK_WATCH, NULL, NULL, 0);
	s->off = bb_mcmd_new(BB_MOP_SOCK_CLOSE, NULL, NULL, 0);
	if (!s->on || !s->off)
		goto out;
	s->on->sock = s->off->sock = s;
	s->local = *local;
	atomic_store_explicit(&s->thread, -ENOTCONN, memory_order_relaxed);
	s->watch = (struct bb_mwatch){ .fd = -1, .fn = readable, .state = s };
	s->ops = bb_engine.simulate ? &bb_msock_sim : &bb_msock_real;
	err = s->ops->open(s, flags);
	if (err < 0)
		goto out;
	bb_engine.sockets_opened++;
	*sp = s;
	return 0;
out:
	sock_free(s);
	return err;
}

void bb_msock_rest(struct bb_msock *s, unsigned thread)
{
	struct bb_mcmd *c = s->on;

	bb_assert_control();
	if (!c || thread >= bb_engine.n)
		return;
	s->on = NULL;
	atomic_store_explicit(&s->thread, (int)thread, memory_order_relaxed);
	bb_mcmd_send(bb_engine.threads[thread], c);
}

void bb_msock_close(struct bb_msock *s)
{
	int thread;
	struct bb_mcmd *c;

	if (!s)
		return;
	bb_assert_control();
	thread = bb_msock_thread(s);
	/* No thread knows it, or none is left that does. */
	if (thread < 0 || !bb_engine.open || bb_engine.ended) {
		s->ops->close(s);
		sock_free(s);
		return;
	}
	c = s->off;
	s->off = NULL;
	bb_mcmd_send(bb_engine.threads[thread], c);
}

void bb_msock_acked(struct bb_mcmd *c)
{
	if (c->op == BB_MOP_SOCK_CLOSE)
		sock_free(c->sock);
	bb_free(c);
}

const struct bb_addr *bb_msock_local(const struct bb_msock *s)
{
	return &s->local;
}

int bb_msock_thread(const struct bb_msock *s)
{
	return atomic_load_explicit(&s->thread, memory_order_relaxed);
}

bb_time bb_msock_disturbed(const struct bb_msock *s)
{
	return atomic_load_explicit(&s->disturbed, memory_order_relaxed);
}

/* --- on the media thread --- */

/* @p thread: where it is watched from now on, or a negative errno. */
static void now_at(struct bb_msock *s, int thread)
{
	atomic_store_explicit(&s->thread, thread, memory_order_relaxed);
}

void bb_msock_watch_now(struct bb_mthread *t, struct bb_msock *s)
{
	s->watched = s->ops->watch(t, s) == 0;
	/* A port that takes it tries again. */
	if (!s->watched)
		now_at(s, -ENOTCONN);
}

static void unwatch(struct bb_mthread *t, struct bb_msock *s)
{
	if (s->watched)
		s->ops->unwatch(t, s);
	s->watched = false;
}

void bb_msock_close_now(struct bb_mthread *t, struct bb_msock *s)
{
	unwatch(t, s);
	s->ops->close(s);
}

/* Nobody's: what it was meant for is over, or somebody tries ports. */
static void drop(struct bb_msock *s)
{
	struct bb_addr to;
	char byte;

	if (s->ops->recv(s, &byte, 1, NULL) >= 0) {
		atomic_store_explicit(&s->disturbed, bb_now(), memory_order_relaxed);
		return;
	}
	while (s->ops->error(s, &to))
		;
}

static void readable(struct bb_mport *mp, void *state, int fd)
{
	struct bb_msock *s = state;

	if (mp)
		s->fn(mp, s->state, s);
	else
		drop(s);
}

int bb_msock_take(struct bb_mport *mp, struct bb_msock *s,
		  void (*fn)(struct bb_mport *mp, void *state, struct bb_msock *s), void *state)
{
	int err = s->watched ? 0 : s->ops->watch(mp->t, s);

	if (err < 0)
		return err;
	s->watched = true;
	now_at(s, (int)mp->t->index);
	s->fn = fn;
	s->state = state;
	s->watch.mp = mp;
	return 0;
}

void bb_msock_leave(struct bb_mport *mp, struct bb_msock *s)
{
	if (!s->watch.mp)
		return;
	s->watch.mp = NULL;
	if (!mp->leaving)
		return;
	unwatch(mp->t, s);
	now_at(s, -ENOTCONN);
}

ssize_t bb_msock_recv(struct bb_msock *s, void *buf, size_t cap, struct bb_addr *from)
{
	return s->ops->recv(s, buf, cap, from);
}

ssize_t bb_msock_send(struct bb_msock *s, const void *data, size_t len, const struct bb_addr *to)
{
	return s->ops->send(s, data, len, to);
}

int bb_msock_connect(struct bb_msock *s, const struct bb_addr *peer)
{
	return s->ops->connect(s, peer);
}

int bb_msock_error(struct bb_msock *s, struct bb_addr *to)
{
	return s->ops->error(s, to);
}
