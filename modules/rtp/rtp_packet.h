/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_packet.h - the RTP header (RFC 3550 section 5.1), and what
 * a receiver knows about a source (appendix A.1, A.3, A.8).
 */
#ifndef RTP_PACKET_H
#define RTP_PACKET_H

#include <bellbird/base.h>

#define RTP_HEADER 12u

static inline uint16_t rtp_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t rtp_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void rtp_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void rtp_put32(uint8_t *p, uint32_t v)
{
	rtp_put16(p, (uint16_t)(v >> 16));
	rtp_put16(p + 2, (uint16_t)v);
}

struct rtp_packet {
	bool marker;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts, ssrc;
	uint8_t *payload; /* into the datagram */
	size_t payload_len; /* without padding */
};

/** @return 0 or -EBADMSG. */
int rtp_parse(struct rtp_packet *p, uint8_t *data, size_t len);
/** Write RTP_HEADER bytes. */
void rtp_build(uint8_t *dst, const struct rtp_packet *p);
/** RFC 5761 section 4: an RTCP packet on the port of RTP. */
bool rtp_is_rtcp(const uint8_t *data, size_t len);

enum rtp_order { RTP_NEXT, RTP_LATE, RTP_DUPLICATE, RTP_RESTART, RTP_SUSPECT };

struct rtp_source {
	bool known;
	uint32_t ssrc;
	uint16_t max_seq;
	uint32_t cycles; /* shifted: multiples of 65536 */
	uint32_t base_seq, bad_seq;
	uint64_t window; /* bit n: max_seq - n was received */
	uint32_t received, duplicates;
	uint32_t expected_prior, received_prior;
	bool have_transit;
	uint32_t transit;
	uint32_t jitter; /* in timestamp units, times 16 */
};

void rtp_source_init(struct rtp_source *s, uint32_t ssrc, uint16_t seq);
/**
 * Count a packet. @p lost gets how many are missing right before it. A jump is
 * believed when the next packet follows it (RTP_RESTART; RTP_SUSPECT before).
 */
enum rtp_order rtp_source_packet(struct rtp_source *s, uint16_t seq, unsigned *lost);
/** Appendix A.8. @p arrival in units of the clock. */
void rtp_source_jitter(struct rtp_source *s, uint32_t ts, uint32_t arrival);
static inline uint32_t rtp_source_extended(const struct rtp_source *s)
{
	return s->cycles + s->max_seq;
}
static inline uint32_t rtp_source_expected(const struct rtp_source *s)
{
	return s->known ? rtp_source_extended(s) - s->base_seq + 1 : 0;
}
/** Appendix A.3: the fraction lost since the last call, times 256. */
uint8_t rtp_source_fraction(struct rtp_source *s);
/** Cumulative, clamped to 24 bits signed. */
int32_t rtp_source_lost(const struct rtp_source *s);

/** ITU-T G.107 in its short form. @p loss 0..1, times in ms. @return 1..4.5. */
double rtp_mos(double loss, double jitter, double rtt);

#endif
