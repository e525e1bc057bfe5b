/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/sock_real.c - sockets of media as the kernel has them.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/media/engine.h"

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

static int real_open(struct bb_msock *s, unsigned flags)
{
	int err = bb_addr_port(&s->local) ? 0 : choose_port(&s->local);
	int fd = err < 0 ? err : open_bound(&s->local, flags);

	if (fd < 0)
		return fd;
	s->watch.fd = fd;
	return 0;
}

static void real_close(struct bb_msock *s)
{
	close(s->watch.fd);
}

static int real_watch(struct bb_mthread *t, struct bb_msock *s)
{
	return t->io->watch(t, &s->watch);
}

static void real_unwatch(struct bb_mthread *t, struct bb_msock *s)
{
	t->io->unwatch(t, &s->watch);
}

static ssize_t real_recv(struct bb_msock *s, void *buf, size_t cap, struct bb_addr *from)
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

static ssize_t real_send(struct bb_msock *s, const void *data, size_t len, const struct bb_addr *to)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	ssize_t n = to ? sendto(s->watch.fd, data, len, flags, &to->u.sa, bb_addr_len(to))
		       : send(s->watch.fd, data, len, flags);

	return n < 0 ? -errno : n;
}

static int real_connect(struct bb_msock *s, const struct bb_addr *peer)
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

static int real_error(struct bb_msock *s, struct bb_addr *to)
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
	*to = sent;
	return reported(&msg);
}

const struct bb_msock_ops bb_msock_real = {
	.open = real_open,
	.close = real_close,
	.watch = real_watch,
	.unwatch = real_unwatch,
	.recv = real_recv,
	.send = real_send,
	.connect = real_connect,
	.error = real_error,
};
