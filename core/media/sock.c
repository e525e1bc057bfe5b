/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/sock.c - datagram sockets that outlive the ports which use them.
 *
 * Opening, registering and closing a socket takes the kernel longer than all
 * else that a leg asks of it. So a socket stays with the thread that watches
 * it, and a port takes it over by becoming its owner: a pointer. While it has
 * none, what comes is received and thrown away at once.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"

/* --- on the control thread --- */

static void set_options(int fd, int family, unsigned flags)
{
	int on = 1;

	/* Without it an unconnected socket hears nothing of "port unreachable". */
	if (family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	}
#ifdef SO_NO_CHECK
	if (flags & BB_MSOCK_NO_CHECKSUM && family == AF_INET)
		setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
#endif
}

static int open_bound(const struct bb_addr *local, unsigned flags)
{
	int family = bb_addr_family(local);
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	set_options(fd, family, flags);
	if (bind(fd, &local->u.sa, bb_addr_len(local)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* A port that nobody has. A socket that is bound to "any port" would lose the one it got as soon
 * as it was connected and is not any more: it must be asked for by its number. */
static int choose_port(struct bb_addr *local)
{
	struct bb_addr a = *local;
	socklen_t len = sizeof(a.u);
	int fd = open_bound(local, 0), err = 0;

	if (fd < 0)
		return fd;
	if (getsockname(fd, &a.u.sa, &len) < 0)
		err = -errno;
	close(fd);
	bb_addr_set_port(local, bb_addr_port(&a));
	return err;
}

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
	err = bb_addr_port(local) ? 0 : choose_port(&s->local);
	if (!err)
		err = open_bound(&s->local, flags);
	if (err < 0)
		goto out;
	s->watch = (struct bb_mwatch){ .fd = err, .fn = readable, .state = s };
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
		close(s->watch.fd);
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
	s->watched = t->io->watch(t, &s->watch) == 0;
	/* A port that takes it tries again. */
	if (!s->watched)
		now_at(s, -ENOTCONN);
}

static void unwatch(struct bb_mthread *t, struct bb_msock *s)
{
	if (s->watched)
		t->io->unwatch(t, &s->watch);
	s->watched = false;
}

void bb_msock_close_now(struct bb_mthread *t, struct bb_msock *s)
{
	unwatch(t, s);
	close(s->watch.fd);
}

/* Nobody's: what it was meant for is over, or somebody tries ports. */
static void drop(struct bb_msock *s)
{
	char byte;

	if (recv(s->watch.fd, &byte, 1, MSG_DONTWAIT) >= 0) {
		atomic_store_explicit(&s->disturbed, bb_now(), memory_order_relaxed);
		return;
	}
	while (bb_msock_error(s, NULL))
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
	int err = s->watched ? 0 : mp->t->io->watch(mp->t, &s->watch);

	if (err < 0)
		return err;
	s->watched = true;
	now_at(s, (int)mp->t->index);
	s->fn = fn;
	s->state = state;
	s->watch.mp = mp;
	mp->t->watches++;
	return 0;
}

void bb_msock_leave(struct bb_mport *mp, struct bb_msock *s)
{
	if (!s->watch.mp)
		return;
	s->watch.mp = NULL;
	mp->t->watches--;
	if (!mp->leaving)
		return;
	unwatch(mp->t, s);
	now_at(s, -ENOTCONN);
}

ssize_t bb_msock_recv(struct bb_msock *s, void *buf, size_t cap, struct bb_addr *from)
{
	socklen_t len = sizeof(from->u);
	ssize_t n;

	if (from) {
		memset(from, 0, sizeof(*from));
		n = recvfrom(s->watch.fd, buf, cap, MSG_DONTWAIT, &from->u.sa, &len);
	} else {
		n = recv(s->watch.fd, buf, cap, MSG_DONTWAIT);
	}
	return n < 0 ? -errno : n;
}

ssize_t bb_msock_send(struct bb_msock *s, const void *data, size_t len, const struct bb_addr *to)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	ssize_t n = to ? sendto(s->watch.fd, data, len, flags, &to->u.sa, bb_addr_len(to))
		       : send(s->watch.fd, data, len, flags);

	return n < 0 ? -errno : n;
}

int bb_msock_connect(struct bb_msock *s, const struct bb_addr *peer)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int err = peer ? connect(s->watch.fd, &peer->u.sa, bb_addr_len(peer))
		       : connect(s->watch.fd, &none, sizeof(none));

	/* Undone, it keeps the address and port it was bound to. */
	return err < 0 ? -errno : 0;
}

static int reported(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct sock_extended_err e;

		if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_errno)
			return -(int)e.ee_errno;
	}
	return -ECONNREFUSED;
}

int bb_msock_error(struct bb_msock *s, struct bb_addr *to)
{
	union {
		struct cmsghdr align;
		char room[256];
	} control;
	struct bb_addr sent = { 0 };
	struct msghdr msg = { .msg_name = &sent.u,
			      .msg_namelen = sizeof(sent.u),
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };

	if (recvmsg(s->watch.fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return 0;
	if (to)
		*to = sent;
	return reported(&msg);
}
