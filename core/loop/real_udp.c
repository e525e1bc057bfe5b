/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/real_udp.c - datagram sockets.
 *
 * libuv watches the descriptor; receiving and sending are our own, many
 * datagrams a system call, because libuv does not tell the local address. What
 * is sent within a turn lies in one buffer a socket and leaves at the turn's
 * end; while the kernel's buffer is full it waits there, up to a limit.
 */
#include <time.h>

#include <linux/errqueue.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bellbird/log.h>
#include <bellbird/mem.h>

#include "core/loop/real.h"

#define BATCH 32
#define DGRAM_MAX 65536
#define OUT_MAX ((size_t)4 << 20) /* Bytes waiting to be sent, a socket. */
#define OUT_KEEP ((size_t)256 << 10)
#define SOCKET_BUFFER (4 << 20)
#define CONTROL_BYTES 128

struct real_udp {
	struct bb_udp base;
	uv_poll_t poll;
	struct bb_node dirty; /* In the list of those with something to send. */
	int fd;
	bool closed, blocked;
	uint32_t lost; /* As the kernel counts, modulo 2^32. */
	int watching; /* Events, as libuv knows them; 0 when it stopped. */
	struct bb_buf out; /* struct record, its bytes, padding; and so on. */
	size_t sent; /* Of out. */
};

struct record {
	struct bb_addr from, to;
	size_t len;
	char data[];
};

/* One set of receive buffers serves all sockets: datagrams are handled one after the other. */
static struct {
	char *data; /* BATCH of DGRAM_MAX + 1 bytes, mapped: pages come when used. */
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct bb_addr from[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL_BYTES];
} rx;
static struct bb_list dirty;

#define RX_BYTES ((size_t)BATCH * (DGRAM_MAX + 8))

int bb_real_udp_start(void)
{
	void *p = mmap(NULL, RX_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	rx.data = p;
	memset(&dirty, 0, sizeof(dirty));
	return 0;
}

void bb_real_udp_stop(void)
{
	munmap(rx.data, RX_BYTES);
	rx.data = NULL;
}

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) ? -errno : 0;
}

static int open_socket(int *fdp, const struct bb_addr *local)
{
	int fd, err, family = bb_addr_family(local);

	fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (family == AF_INET6) {
		err = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		if (!err)
			err = set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		if (!err)
			err = set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	} else {
		err = set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
		if (!err)
			err = set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
	}
	if (err)
		goto out;
	/* How long each waited, and how many were lost before: see read_control(). */
	(void)set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	(void)set_int(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
	/* As much as the kernel allows: a burst must not be lost while we think. */
	(void)set_int(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
	(void)set_int(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
	if (bind(fd, &local->u.sa, bb_addr_len(local)))
		err = -errno;
out:
	if (err)
		close(fd);
	else
		*fdp = fd;
	return err;
}

static void udp_gone(uv_handle_t *h)
{
	struct real_udp *u = bb_container_of(h, struct real_udp, poll);

	bb_buf_free(&u->out);
	bb_free(u);
}

/* --- receiving --- */

static void count_lost(struct real_udp *u, uint32_t lost)
{
	static struct bb_log_limit limit = { .burst = 1, .every = 10 * BB_SEC };
	char local[BB_ADDR_TEXT];
	unsigned dropped;

	if (lost == u->lost)
		return;
	bb_loop.stats.udp_lost += lost - u->lost;
	if (bb_log_allow(&limit, &dropped))
		bb_warning("%s: %u datagrams were lost before they could be read: more came than "
			   "there is time for",
			   bb_addr_print(&u->base.local, local), lost - u->lost);
	u->lost = lost;
}

/* Since the kernel had it; the calendar may have been set meanwhile. */
static bb_time waited_since(const struct timespec *ts, bb_time wall)
{
	bb_time w = wall - ((bb_time)ts->tv_sec * BB_SEC + ts->tv_nsec / 1000);

	return w > 0 && w < 60 * BB_SEC ? w : 0;
}

/* What the kernel tells beside the datagram. */
static void read_control(struct real_udp *u, struct msghdr *m, struct bb_dgram *d, bb_time wall)
{
	struct bb_addr *to = &d->to;

	*to = u->base.local;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			to->u.in.sin_addr = info.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			to->u.in6.sin6_addr = info.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				to->u.in6.sin6_scope_id = info.ipi6_ifindex;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;

			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			d->waited = waited_since(&ts, wall);
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t lost;

			memcpy(&lost, CMSG_DATA(c), sizeof(lost));
			count_lost(u, lost);
		}
	}
}

static void prepare_rx(void)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *m = &rx.msgs[i].msg_hdr;

		rx.iov[i].iov_base = rx.data + (size_t)i * (DGRAM_MAX + 8);
		rx.iov[i].iov_len = DGRAM_MAX;
		memset(m, 0, sizeof(*m));
		m->msg_name = &rx.from[i].u;
		m->msg_namelen = sizeof(rx.from[i].u);
		m->msg_iov = &rx.iov[i];
		m->msg_iovlen = 1;
		m->msg_control = rx.control[i];
		m->msg_controllen = sizeof(rx.control[i]);
	}
}

/* @return how many there were. */
static int receive_batch(struct real_udp *u)
{
	bb_time now, wall;
	int n;

	prepare_rx();
	n = recvmmsg(u->fd, rx.msgs, BATCH, 0, NULL);
	if (n > 0)
		bb_loop.world->read_clock(&now, &wall);
	for (int i = 0; i < n && !u->closed; i++) {
		struct bb_dgram d = { .from = rx.from[i],
				      .data = rx.iov[i].iov_base,
				      .len = rx.msgs[i].msg_len };

		read_control(u, &rx.msgs[i].msg_hdr, &d, wall);
		d.data[d.len] = '\0';
		bb_watchdog_beat();
		u->base.ops->recv(&u->base, &d, u->base.arg);
	}
	return n;
}

static void tell_error(struct real_udp *u, const struct bb_addr *to, int err)
{
	if (!u->closed && u->base.ops->error)
		u->base.ops->error(&u->base, to, err, u->base.arg);
}

/* What ICMP told, and to whom the datagram had been sent. */
static void drain_errors(struct real_udp *u)
{
	/* A bound: whoever floods us with ICMP must not hold the loop. */
	for (unsigned i = 0; i < 64 && !u->closed; i++) {
		_Alignas(struct cmsghdr) char control[512];
		struct bb_addr to;
		char head[64];
		struct iovec iov = { head, sizeof(head) };
		struct msghdr m = { .msg_name = &to.u,
				    .msg_namelen = sizeof(to.u),
				    .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };

		memset(&to, 0, sizeof(to));
		if (recvmsg(u->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			struct sock_extended_err e;

			if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
			    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
				continue;
			memcpy(&e, CMSG_DATA(c), sizeof(e));
			if (bb_addr_set(&to))
				tell_error(u, &to, -(int)e.ee_errno);
		}
	}
}

static void watch(struct real_udp *u);
static void flush_one(struct real_udp *u);

static void ready(uv_poll_t *h, int status, int events)
{
	struct real_udp *u = bb_container_of(h, struct real_udp, poll);

	bb_loop_awake();
	/* libuv stops watching a descriptor that reported an error. */
	if (status < 0) {
		u->watching = 0;
		drain_errors(u);
	}
	if (!u->closed && (events & UV_WRITABLE)) {
		u->blocked = false;
		flush_one(u);
	}
	/* A few batches, then the other sockets and the timers have their turn. */
	for (unsigned i = 0; i < 4 && !u->closed; i++)
		if (receive_batch(u) < BATCH)
			break;
	if (!u->closed)
		watch(u);
}

static void watch(struct real_udp *u)
{
	int events = UV_READABLE | (u->blocked ? UV_WRITABLE : 0);

	if (u->watching != events && uv_poll_start(&u->poll, events, ready) == 0)
		u->watching = events;
}

/* --- sending --- */

static size_t record_bytes(size_t len)
{
	return (sizeof(struct record) + len + 15) & ~(size_t)15;
}

int bb_real_udp_send(struct bb_udp *base, const struct bb_addr *from, const struct bb_addr *to,
		     const void *data, size_t len)
{
	struct real_udp *u = bb_container_of(base, struct real_udp, base);
	struct record r = { .to = *to, .len = len };
	static const char zeros[16];
	size_t before = u->out.l;

	if (before - u->sent + record_bytes(len) > OUT_MAX)
		return -ENOBUFS;
	if (from)
		r.from = *from;
	bb_buf_put(&u->out, &r, sizeof(r));
	bb_buf_put(&u->out, data, len);
	bb_buf_put(&u->out, zeros, record_bytes(len) - sizeof(r) - len);
	if (u->out.err) {
		u->out.err = 0;
		bb_buf_truncate(&u->out, before);
		return -ENOMEM;
	}
	if (!bb_node_linked(&u->dirty))
		bb_list_append(&dirty, &u->dirty);
	return 0;
}

static size_t put_source(struct cmsghdr *c, const struct bb_addr *from)
{
	if (bb_addr_family(from) == AF_INET) {
		struct in_pktinfo info = { .ipi_spec_dst = from->u.in.sin_addr };

		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		return CMSG_SPACE(sizeof(info));
	}
	struct in6_pktinfo info = { .ipi6_addr = from->u.in6.sin6_addr,
				    .ipi6_ifindex = from->u.in6.sin6_scope_id };

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return CMSG_SPACE(sizeof(info));
}

/* Describe up to BATCH waiting records to the kernel. */
static unsigned gather(struct real_udp *u, struct mmsghdr *msgs, struct iovec *iov,
		       char control[][CONTROL_BYTES])
{
	size_t at = u->sent;
	unsigned n = 0;

	while (at < u->out.l && n < BATCH) {
		struct record *r = (struct record *)(void *)(u->out.p + at);
		struct msghdr *m = &msgs[n].msg_hdr;

		memset(m, 0, sizeof(*m));
		iov[n].iov_base = r->data;
		iov[n].iov_len = r->len;
		m->msg_name = &r->to.u;
		m->msg_namelen = bb_addr_len(&r->to);
		m->msg_iov = &iov[n];
		m->msg_iovlen = 1;
		if (bb_addr_set(&r->from)) {
			memset(control[n], 0, CONTROL_BYTES);
			m->msg_control = control[n];
			m->msg_controllen =
				put_source((struct cmsghdr *)(void *)control[n], &r->from);
		}
		at += record_bytes(r->len);
		n++;
	}
	return n;
}

static void skip(struct real_udp *u, unsigned n)
{
	while (n--) {
		struct record *r = (struct record *)(void *)(u->out.p + u->sent);

		u->sent += record_bytes(r->len);
	}
}

static void drained(struct real_udp *u)
{
	u->sent = 0;
	bb_buf_truncate(&u->out, 0);
	if (u->out.cap > OUT_KEEP)
		bb_buf_free(&u->out);
}

static void flush_one(struct real_udp *u)
{
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL_BYTES];
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	bool again = false;

	bb_list_remove(&u->dirty);
	while (!u->blocked && u->sent < u->out.l) {
		unsigned n = gather(u, msgs, iov, control);
		struct bb_addr to;
		int done = sendmmsg(u->fd, msgs, n, 0), err = done < 0 ? errno : 0;

		if (done >= 0) {
			skip(u, (unsigned)done);
			again = false;
			continue;
		}
		if (err == EINTR)
			continue;
		if (err == EAGAIN || err == EWOULDBLOCK || err == ENOBUFS) {
			u->blocked = true;
			break;
		}
		/*
		 * An ICMP error of an earlier datagram is reported at whatever is
		 * sent next: once more then. The second time it is this one's own.
		 */
		if (!again) {
			again = true;
			continue;
		}
		again = false;
		to = ((struct record *)(void *)(u->out.p + u->sent))->to;
		skip(u, 1);
		tell_error(u, &to, -err);
		if (u->closed)
			return;
	}
	if (u->sent == u->out.l) {
		drained(u);
	} else if (u->sent > OUT_KEEP) {
		bb_buf_consume(&u->out, u->sent);
		u->sent = 0;
	}
	if (u->blocked && !u->closed)
		watch(u);
}

static void flush_round(void)
{
	size_t n = dirty.count;

	while (n-- && dirty.head) {
		struct real_udp *u = bb_list_entry(dirty.head, struct real_udp, dirty);

		bb_list_remove(&u->dirty);
		if (!u->blocked)
			flush_one(u);
	}
}

void bb_real_udp_flush(void)
{
	/* Error callbacks may send in their turn. */
	for (unsigned i = 0; i < 8 && dirty.count; i++)
		flush_round();
	if (dirty.count)
		bb_loop.world->wake();
}

int bb_real_udp_open(struct bb_udp **up, const struct bb_addr *local)
{
	struct real_udp *u = bb_zalloc(sizeof(*u));
	socklen_t len = sizeof(u->base.local.u);
	int err;

	if (!u)
		return -ENOMEM;
	err = open_socket(&u->fd, local);
	if (err)
		goto out_free;
	if (getsockname(u->fd, &u->base.local.u.sa, &len)) {
		err = -errno;
		goto out_close;
	}
	err = uv_poll_init(&bb_uv, &u->poll, u->fd);
	if (err)
		goto out_close;
	err = uv_poll_start(&u->poll, UV_READABLE, ready);
	if (err) {
		uv_close((uv_handle_t *)&u->poll, udp_gone);
		close(u->fd);
		return err;
	}
	u->watching = UV_READABLE;
	*up = &u->base;
	return 0;
out_close:
	close(u->fd);
out_free:
	bb_free(u);
	return err;
}

void bb_real_udp_close(struct bb_udp *base)
{
	struct real_udp *u = bb_container_of(base, struct real_udp, base);

	u->closed = true;
	/* The last words: a 200 to the BYE that made us close. */
	if (!u->blocked)
		flush_one(u);
	bb_list_remove(&u->dirty);
	uv_close((uv_handle_t *)&u->poll, udp_gone);
	/* At once: the port is free for whoever opens it next. */
	close(u->fd);
}
