/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_packet.c - the RTP header, and counting what comes.
 */
#include "modules/rtp/rtp_packet.h"

#define MAX_DROPOUT 3000 /* RFC 3550 appendix A.1 */
#define MAX_MISORDER 100
#define SEQ_MOD 65536u

bool rtp_is_rtcp(const uint8_t *data, size_t len)
{
	return len >= 8 && data[0] >> 6 == 2 && data[1] >= 192 && data[1] <= 223;
}

int rtp_parse(struct rtp_packet *p, uint8_t *data, size_t len)
{
	size_t at = RTP_HEADER;

	if (len < RTP_HEADER || data[0] >> 6 != 2)
		return -EBADMSG;
	at += (size_t)(data[0] & 0x0f) * 4;
	if (data[0] & 0x10) { /* an extension header */
		if (len < at + 4)
			return -EBADMSG;
		at += 4 + (size_t)rtp_get16(data + at + 2) * 4;
	}
	if (len < at)
		return -EBADMSG;
	if (data[0] & 0x20) { /* padding: the last octet counts itself too */
		if (len == at || data[len - 1] == 0 || data[len - 1] > len - at)
			return -EBADMSG;
		len -= data[len - 1];
	}
	p->marker = data[1] & 0x80;
	p->pt = data[1] & 0x7f;
	p->seq = rtp_get16(data + 2);
	p->ts = rtp_get32(data + 4);
	p->ssrc = rtp_get32(data + 8);
	p->payload = data + at;
	p->payload_len = len - at;
	return 0;
}

void rtp_build(uint8_t *dst, const struct rtp_packet *p)
{
	dst[0] = 0x80;
	dst[1] = (uint8_t)((p->marker ? 0x80 : 0) | p->pt);
	rtp_put16(dst + 2, p->seq);
	rtp_put32(dst + 4, p->ts);
	rtp_put32(dst + 8, p->ssrc);
}

static void restart(struct rtp_source *s, uint16_t seq)
{
	s->base_seq = seq;
	s->max_seq = seq;
	s->bad_seq = SEQ_MOD + 1;
	s->cycles = 0;
	s->window = 1;
	s->received = 1;
	s->duplicates = 0;
	s->received_prior = 0;
	s->expected_prior = 0;
}

void rtp_source_init(struct rtp_source *s, uint32_t ssrc, uint16_t seq)
{
	memset(s, 0, sizeof(*s));
	s->known = true;
	s->ssrc = ssrc;
	restart(s, seq);
}

static enum rtp_order late(struct rtp_source *s, unsigned behind)
{
	if (behind < 64) {
		if (s->window >> behind & 1) {
			s->duplicates++;
			return RTP_DUPLICATE;
		}
		s->window |= (uint64_t)1 << behind;
	}
	s->received++;
	return RTP_LATE;
}

enum rtp_order rtp_source_packet(struct rtp_source *s, uint16_t seq, unsigned *lost)
{
	uint16_t delta = (uint16_t)(seq - s->max_seq);

	*lost = 0;
	if (delta == 0) {
		s->duplicates++;
		return RTP_DUPLICATE;
	}
	if (delta < MAX_DROPOUT) {
		if (seq < s->max_seq)
			s->cycles += SEQ_MOD;
		s->max_seq = seq;
		s->window = delta < 64 ? s->window << delta : 0;
		s->window |= 1;
		s->received++;
		*lost = delta - 1u;
		return RTP_NEXT;
	}
	if (delta > SEQ_MOD - MAX_MISORDER)
		return late(s, SEQ_MOD - delta);
	/* Two in a row beyond all reason: the other side began anew without telling. */
	if (seq == s->bad_seq) {
		restart(s, seq);
		return RTP_RESTART;
	}
	s->bad_seq = (seq + 1u) & (SEQ_MOD - 1);
	return RTP_SUSPECT;
}

void rtp_source_jitter(struct rtp_source *s, uint32_t ts, uint32_t arrival)
{
	uint32_t transit = arrival - ts;
	int64_t d = (int32_t)(transit - s->transit);

	s->transit = transit;
	if (!s->have_transit) {
		s->have_transit = true;
		return;
	}
	if (d < 0)
		d = -d;
	/* A jump of the clock is no jitter. */
	if (d > 0x100000)
		return;
	s->jitter += (uint32_t)d - ((s->jitter + 8) >> 4);
}

/* In reports duplicates count as received (section 6.4.1). */
static uint32_t came(const struct rtp_source *s)
{
	return s->received + s->duplicates;
}

uint8_t rtp_source_fraction(struct rtp_source *s)
{
	uint32_t expected = rtp_source_expected(s);
	uint32_t expected_interval = expected - s->expected_prior;
	uint32_t received_interval = came(s) - s->received_prior;
	int64_t lost = (int64_t)expected_interval - received_interval;

	s->expected_prior = expected;
	s->received_prior = came(s);
	if (!expected_interval || lost <= 0)
		return 0;
	lost = lost * 256 / expected_interval;
	return (uint8_t)(lost > 255 ? 255 : lost);
}

int32_t rtp_source_lost(const struct rtp_source *s)
{
	int64_t lost = (int64_t)rtp_source_expected(s) - came(s);

	if (lost > 0x7fffff)
		return 0x7fffff;
	return (int32_t)(lost < -0x800000 ? -0x800000 : lost);
}

double rtp_mos(double loss, double jitter, double rtt)
{
	/* One way: half the round trip, a buffer of twice the jitter, packing and coding. */
	double delay = rtt / 2 + jitter * 2 + 25;
	double percent = loss * 100, r = 93.2;

	r -= 0.024 * delay;
	if (delay > 177.3)
		r -= 0.11 * (delay - 177.3);
	/* G.113 appendix I: G.711 with concealment has Ie 0 and Bpl 25.1. */
	r -= 95 * percent / (percent + 25.1);
	if (r <= 0)
		return 1;
	if (r > 100)
		r = 100;
	return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
}
