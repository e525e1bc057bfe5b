/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/latch.h - whose packets are taken, and where ours go.
 *
 * Behind address translation the far end's description is wrong about its own
 * address, so that media goes back to where media comes from. Taking the
 * first sender would hand the call to whoever guesses the port. Hence:
 *
 * - A packet from the signalled address locks at once.
 * - One from the same host but another port locks at once too.
 * - Any other source must send several packets in sequence first.
 * - During a window after signalling a better source replaces a worse one;
 *   then the lock holds until the next change of the signalled address.
 * - After such a change the source of before is heard on, but proves nothing
 *   by what was on its way: only one that still goes on a while later and has
 *   not been replaced is the new one too (its translator kept its address).
 */
#ifndef RTP_LATCH_H
#define RTP_LATCH_H

#include <bellbird/net.h>

#define LATCH_WINDOW (5 * BB_SEC)
#define LATCH_LINGER                                                                               \
	(2 * BB_SEC) /* what is on its way when the address changes has come by then               \
		      */

enum latch_rank { LATCH_NONE, LATCH_FOREIGN, LATCH_HOST, LATCH_EXACT };

struct latch {
	bool strict; /* others than the locked source are refused */
	bool symmetric; /* send to the locked source rather than the signalled address */
	unsigned probation; /* packets a foreign source must show */
	struct bb_addr signalled;
	struct bb_addr source; /* locked; set when rank */
	enum latch_rank rank;
	bool settled; /* the source may not change any more */
	bool stale; /* signalled anew: the source is that of before */
	bb_time since; /* when the address was signalled */
	struct bb_addr candidate;
	uint32_t candidate_ssrc;
	uint16_t candidate_seq;
	unsigned candidate_count;
};

/** The far end's description came (again). */
void latch_signalled(struct latch *l, const struct bb_addr *remote, bb_time now);

enum latch_verdict { LATCH_REFUSE, LATCH_ACCEPT, LATCH_MOVED /**< Accept; locked just now. */ };
enum latch_verdict latch_packet(struct latch *l, const struct bb_addr *from, uint32_t ssrc,
				uint16_t seq, bb_time now);
/** Where to send; unset when nowhere. */
const struct bb_addr *latch_target(const struct latch *l);
/** True when only the locked source will be taken from now on and it is the target too. */
bool latch_fixed(struct latch *l, bb_time now);

#endif
