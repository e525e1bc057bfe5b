/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/latch.c - whose packets are taken.
 */
#include "modules/rtp/latch.h"

static bool sendable(const struct bb_addr *a)
{
	return bb_addr_set(a) && !bb_addr_is_any(a) && bb_addr_port(a);
}

void latch_signalled(struct latch *l, const struct bb_addr *remote, bb_time now)
{
	bool same = bb_addr_set(&l->signalled) && bb_addr_eq(&l->signalled, remote);

	/* 0.0.0.0 is a way to say hold (RFC 2543): it tells no new address. */
	if (same || !sendable(remote))
		return;
	l->signalled = *remote;
	l->since = now;
	l->settled = false;
	l->stale = l->rank != LATCH_NONE;
	l->candidate_count = 0;
}

static enum latch_rank rank_of(const struct latch *l, const struct bb_addr *from)
{
	if (bb_addr_eq(from, &l->signalled))
		return LATCH_EXACT;
	return bb_addr_eq_host(from, &l->signalled) ? LATCH_HOST : LATCH_FOREIGN;
}

static enum latch_verdict lock(struct latch *l, const struct bb_addr *from, enum latch_rank rank)
{
	l->source = *from;
	l->rank = rank;
	l->stale = false;
	l->settled = rank == LATCH_EXACT;
	l->candidate_count = 0;
	return LATCH_MOVED;
}

/* A foreign source shows that it is a stream and no stray packet. */
static bool proven(struct latch *l, const struct bb_addr *from, uint32_t ssrc, uint16_t seq)
{
	bool next = l->candidate_count && bb_addr_eq(from, &l->candidate) &&
		    ssrc == l->candidate_ssrc && seq == (uint16_t)(l->candidate_seq + 1);

	if (!next) {
		l->candidate = *from;
		l->candidate_ssrc = ssrc;
		l->candidate_count = 0;
	}
	l->candidate_seq = seq;
	return ++l->candidate_count >= l->probation;
}

static enum latch_verdict learn(struct latch *l, const struct bb_addr *from, uint32_t ssrc,
				uint16_t seq, enum latch_rank better_than)
{
	enum latch_rank rank = rank_of(l, from);

	if (rank > better_than && (rank > LATCH_FOREIGN || proven(l, from, ssrc, seq)))
		return lock(l, from, rank);
	return l->strict ? LATCH_REFUSE : LATCH_ACCEPT;
}

enum latch_verdict latch_packet(struct latch *l, const struct bb_addr *from, uint32_t ssrc,
				uint16_t seq, bb_time now)
{
	bool mine = l->rank && bb_addr_eq(from, &l->source);
	enum latch_verdict v;

	if (!l->rank)
		return learn(l, from, ssrc, seq, LATCH_NONE);
	if (l->stale) {
		/* The old source is heard until the new one speaks. */
		if (mine && rank_of(l, from) == LATCH_FOREIGN && now - l->since < LATCH_LINGER)
			return LATCH_ACCEPT;
		v = learn(l, from, ssrc, seq, LATCH_NONE);
		/* It is also the new one; a better one has its time all the same. */
		if (v == LATCH_MOVED && mine)
			l->since = now;
		return v == LATCH_REFUSE && mine ? LATCH_ACCEPT : v;
	}
	if (mine)
		return LATCH_ACCEPT;
	if (!l->settled && now - l->since < LATCH_WINDOW)
		return learn(l, from, ssrc, seq, l->rank);
	l->settled = true;
	return l->strict ? LATCH_REFUSE : LATCH_ACCEPT;
}

const struct bb_addr *latch_target(const struct latch *l)
{
	/* Until the new address speaks, ours goes where it was signalled. */
	if (l->symmetric && l->rank && !l->stale)
		return &l->source;
	return &l->signalled;
}

bool latch_fixed(struct latch *l, bb_time now)
{
	if (!l->strict || !l->rank || l->stale)
		return false;
	if (!l->settled && now - l->since >= LATCH_WINDOW)
		l->settled = true;
	return l->settled && bb_addr_eq(latch_target(l), &l->source);
}
