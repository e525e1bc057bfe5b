/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sockets of a far end: RTP on an even port and RTCP on the next, with
 * nothing of ours behind them.
 */
#ifndef FAR_END_H
#define FAR_END_H

#include <errno.h>
#include <unistd.h>

#include <bellbird/net.h>

static inline int far_bound(struct bb_addr *a)
{
	socklen_t len = sizeof(a->u);
	int fd = socket(bb_addr_family(a), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, &a->u.sa, bb_addr_len(a)) < 0 || getsockname(fd, &a->u.sa, &len) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/** @p addr: the host; gets the port of RTP. @return 0 or a negative errno. */
static inline int far_pair(int *rtp, int *rtcp, struct bb_addr *addr)
{
	struct bb_addr a, b;

	for (unsigned tries = 0; tries < 64; tries++) {
		a = *addr;
		bb_addr_set_port(&a, 0);
		*rtp = far_bound(&a);
		if (*rtp < 0)
			return *rtp;
		b = a;
		bb_addr_set_port(&b, bb_addr_port(&a) | 1);
		*rtcp = bb_addr_port(&a) & 1 ? -EADDRINUSE : far_bound(&b);
		if (*rtcp >= 0) {
			*addr = a;
			return 0;
		}
		close(*rtp);
	}
	return -EADDRINUSE;
}

#endif
