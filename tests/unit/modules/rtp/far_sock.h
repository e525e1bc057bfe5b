/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A far end's socket in the world that the test runs in: the kernel's, or the
 * in-memory network's on the virtual clock.
 */
#ifndef FAR_SOCK_H
#define FAR_SOCK_H

#include <poll.h>

#include "tests/unit/core/media/media_test.h"
#include "tests/unit/modules/rtp/far_end.h"

#define FAR_QUEUE 64u /* what came and was not taken yet; after that the oldest goes */

struct far_sock {
	int fd;
	struct bb_udp *udp;
	unsigned first, n;
	struct {
		size_t len;
		uint8_t data[512];
	} in[FAR_QUEUE];
};

static inline void far_came(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	struct far_sock *f = arg;
	unsigned at = (f->first + f->n) % FAR_QUEUE;

	if (f->n == FAR_QUEUE)
		f->first = (f->first + 1) % FAR_QUEUE;
	else
		f->n++;
	ck_assert_uint_le(d->len, sizeof(f->in[at].data));
	f->in[at].len = d->len;
	memcpy(f->in[at].data, d->data, d->len);
}

/* RTP and RTCP; @p addr: the host, gets the port of RTP. */
static inline void far_open(struct far_sock *rtp, struct far_sock *rtcp, struct bb_addr *addr)
{
	static const struct bb_udp_ops ops = { .recv = far_came };
	static uint16_t port = 30000;
	struct bb_addr next;

	memset(rtp, 0, sizeof(*rtp));
	memset(rtcp, 0, sizeof(*rtcp));
	if (!mt_simulated) {
		ck_assert_int_eq(far_pair(&rtp->fd, &rtcp->fd, addr), 0);
		return;
	}
	port = (uint16_t)(port + 2);
	bb_addr_set_port(addr, port);
	next = *addr;
	bb_addr_set_port(&next, (uint16_t)(port + 1));
	ck_assert_int_eq(bb_udp_open(&rtp->udp, addr, &ops, rtp), 0);
	ck_assert_int_eq(bb_udp_open(&rtcp->udp, &next, &ops, rtcp), 0);
}

static inline void far_close(struct far_sock *f)
{
	if (f->udp)
		bb_udp_close(f->udp);
	else if (f->fd)
		close(f->fd);
	f->udp = NULL;
	f->fd = 0;
}

static inline void far_send(struct far_sock *f, const struct bb_addr *to, const void *b, size_t len)
{
	if (mt_simulated) {
		ck_assert_int_eq(bb_udp_send(f->udp, NULL, to, b, len), 0);
		bb_sim_settle();
		return;
	}
	/* A refusal of the packet before is told by failing this one. */
	if (sendto(f->fd, b, len, 0, &to->u.sa, bb_addr_len(to)) < 0)
		ck_assert_int_eq(sendto(f->fd, b, len, 0, &to->u.sa, bb_addr_len(to)),
				 (ssize_t)len);
}

/* @return its length, 0 when nothing is there. @p wait: it must come, on a real thread a bit later.
 */
static inline size_t far_recv(struct far_sock *f, void *buf, size_t cap, bool wait)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	unsigned at = f->first;
	ssize_t n;

	if (!mt_simulated) {
		n = poll(&p, 1, wait ? 5000 : 0) > 0 ? recv(f->fd, buf, cap, MSG_DONTWAIT) : 0;
		return n > 0 ? (size_t)n : 0;
	}
	bb_sim_settle();
	if (!f->n)
		return 0;
	f->first = (f->first + 1) % FAR_QUEUE;
	f->n--;
	ck_assert_uint_ge(cap, f->in[at].len);
	memcpy(buf, f->in[at].data, f->in[at].len);
	return f->in[at].len;
}

#endif
