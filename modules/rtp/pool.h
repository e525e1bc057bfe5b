/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/pool.h - pairs of sockets, RTP on an even port and RTCP on the
 * next, opened before they are needed.
 */
#ifndef RTP_POOL_H
#define RTP_POOL_H

#include <bellbird/net.h>

struct rtp_pair {
	int rtp, rtcp;
	struct bb_addr local; /* of the RTP socket, with its port */
	unsigned settings; /* under which it was opened: rtp.conf may have changed since */
};

/** From rtp.conf. A @p start of 0 lets the kernel choose (tests). */
void rtp_pool_range(uint16_t start, uint16_t end, bool checksums);
/** A pair bound to @p local; its port is ignored. @return -EADDRINUSE when the range is full … */
int rtp_pool_take(struct rtp_pair *pair, const struct bb_addr *local);
void rtp_pair_close(struct rtp_pair *pair);
/** Give a pair back that a call has used; it rests, then another call has it. Closed at most. */
void rtp_pool_give(struct rtp_pair *pair);
/** Close all that wait. */
void rtp_pool_close(void);

#endif
