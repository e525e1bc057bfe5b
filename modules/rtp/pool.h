/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/pool.h - pairs of sockets, RTP on an even port and RTCP on the
 * next, opened before they are needed and used by one call after another.
 */
#ifndef RTP_POOL_H
#define RTP_POOL_H

#include <bellbird/list.h>
#include <bellbird/port.h>

struct rtp_host;

struct rtp_pair {
	struct bb_node node; /* while it rests */
	struct rtp_host *host;
	struct bb_msock *rtp, *rtcp;
	bool checksums;
	bb_time since; /* since when it rests; 0: no call has had it yet */
};

/** From rtp.conf. A @p start of 0 lets the kernel choose (tests). Pairs that rest inside stay. */
void rtp_pool_range(uint16_t start, uint16_t end, bool checksums);
/**
 * A pair bound to @p local (its port is ignored) that rests on @p thread; when the range is full,
 * maybe on another one. @return -EADDRINUSE when it is full and nothing rests …
 */
int rtp_pool_take(struct rtp_pair **pp, const struct bb_addr *local, unsigned thread);
/** Give a pair back; it rests, then another call has it. */
void rtp_pool_give(struct rtp_pair *pair);
/** Close all that rest, and from now on what is given back, until the next rtp_pool_range(). */
void rtp_pool_close(void);

struct rtp_pool_stats {
	unsigned out, resting; /* pairs */
};
void rtp_pool_stats(struct rtp_pool_stats *st);

#endif
