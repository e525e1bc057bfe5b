/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_rtp.c - a run of datagrams: parsed, counted, their telephone events
 * followed, their source latched on. Each begins with its length.
 */
#include "fuzz.h"

#include "modules/rtp/dtmf.h"
#include "modules/rtp/latch.h"
#include "modules/rtp/rtp_packet.h"

struct ends {
	struct rtp_source source;
	struct dtmf_rx rx;
	struct latch latch;
	unsigned begun, ended;
	bb_time now;
};

static void event(struct ends *e, const struct rtp_packet *p)
{
	struct dtmf_out out[3];
	unsigned n = dtmf_rx_packet(&e->rx, p->payload, p->payload_len, p->ts, 8000, e->now, out);

	FUZZ_ASSERT(n <= 3);
	for (unsigned i = 0; i < n; i++) {
		FUZZ_ASSERT(dtmf_event(out[i].digit) >= 0);
		if (out[i].end)
			e->ended++;
		else
			e->begun++;
		/* A digit ends that has begun, and one at a time. */
		FUZZ_ASSERT(e->ended <= e->begun && e->begun - e->ended <= 1);
	}
	FUZZ_ASSERT((e->begun - e->ended) == (e->rx.active ? 1u : 0u));
}

static void packet(struct ends *e, uint8_t *data, size_t len)
{
	struct bb_addr from = { .u.in = { .sin_family = AF_INET, .sin_port = 1 } };
	struct rtp_packet p;
	uint8_t again[RTP_HEADER];
	unsigned lost;

	if (rtp_parse(&p, data, len) < 0)
		return;
	FUZZ_ASSERT(p.payload >= data + RTP_HEADER && p.payload + p.payload_len <= data + len);
	rtp_build(again, &p);
	FUZZ_ASSERT(rtp_get32(again + 8) == p.ssrc && rtp_get16(again + 2) == p.seq);
	from.u.in.sin_addr.s_addr = p.ssrc % 3;
	latch_packet(&e->latch, &from, p.ssrc, p.seq, e->now);
	if (e->latch.rank)
		FUZZ_ASSERT(bb_addr_set(&e->latch.source));
	if (!e->source.known || e->source.ssrc != p.ssrc)
		rtp_source_init(&e->source, p.ssrc, p.seq);
	else
		rtp_source_packet(&e->source, p.seq, &lost);
	rtp_source_jitter(&e->source, p.ts, (uint32_t)(e->now / 125));
	FUZZ_ASSERT(rtp_source_lost(&e->source) <= 0x7fffff);
	event(e, &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ends e = { .latch = { .strict = true, .symmetric = true, .probation = 4 },
			  .now = BB_SEC };
	struct bb_addr said = { .u.in = { .sin_family = AF_INET, .sin_port = 1 } };

	said.u.in.sin_addr.s_addr = 1;
	latch_signalled(&e.latch, &said, e.now);
	while (size > 1) {
		size_t len = data[0] < size ? data[0] : size - 1;
		uint8_t *copy = malloc(len ? len : 1);

		if (!copy)
			return 0;
		memcpy(copy, data + 1, len);
		packet(&e, copy, len);
		free(copy);
		e.now += 20 * BB_MS;
		data += 1 + len;
		size -= 1 + len;
	}
	return 0;
}
