/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_send.c - what goes out: one send a packet, the header
 * written into the room in front of the frame.
 *
 * The stream that the far end sees is one, whatever feeds it. A relayed frame
 * keeps the spacing of its own numbers (its losses stay losses); when the
 * source changes, the offsets are chosen anew so that ours go on.
 */
#include "modules/rtp/rtp_port.h"

#define PAUSE (60 * BB_MS) /* a source silent for longer begins a new talk spurt */
#define JUMP 1000 /* sequence numbers that no stream leaps by itself */

void rtp_try_connect(struct rtp_media *m, bb_time now)
{
	const struct bb_addr *to;

	if (!latch_fixed(&m->latch, now))
		return;
	to = latch_target(&m->latch);
	m->connected = bb_msock_connect(m->init.pair->rtp, to) == 0;
}

void rtp_disconnect(struct rtp_media *m)
{
	if (m->connected)
		bb_msock_connect(m->init.pair->rtp, NULL);
	m->connected = false;
}

void rtp_sent(struct bb_mport *mp, struct rtp_media *m, int err)
{
	/* A full buffer is the network's loss; only what says "nobody there" is worth telling. */
	if ((err != ECONNREFUSED && err != EHOSTUNREACH && err != ENETUNREACH && err != EPERM) ||
	    m->unreachable)
		return;
	m->unreachable = true;
	bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_ERROR,
						    .value = -err,
						    .addr = *latch_target(&m->latch) });
}

static ssize_t send_once(const struct rtp_media *m, const uint8_t *data, size_t len)
{
	return bb_msock_send(m->init.pair->rtp, data, len,
			     m->connected ? NULL : latch_target(&m->latch));
}

static void transmit(struct bb_mport *mp, struct rtp_media *m, const uint8_t *data, size_t len)
{
	ssize_t n = send_once(m, data, len);

	/* What an earlier packet met; this one was not sent for it. The error waits to be read. */
	if (n == -ECONNREFUSED)
		n = send_once(m, data, len);
	if (n < 0) {
		rtp_sent(mp, m, (int)-n);
		return;
	}
	rtp_add(&m->count.tx_packets, 1);
	rtp_add(&m->count.tx_bytes, len - RTP_HEADER);
	m->tx_since_report++;
}

/* The timestamp that the time since the last packet makes. */
static uint32_t next_ts(const struct rtp_media *m, bb_time now)
{
	uint32_t gone;

	if (!m->tx_begun)
		return m->tx_ts;
	gone = rtp_ticks(now - m->tx_at, m->tx_clock);
	return m->tx_ts + (gone > m->tx_step ? gone : m->tx_step);
}

static bool find_pt(struct rtp_media *m, const struct bb_format *f)
{
	if (m->tx_format == f)
		return true;
	for (unsigned i = 0; i < m->setup->n_tx; i++)
		if (m->setup->tx[i].format == f) {
			m->tx_format = f;
			m->tx_pt = m->setup->tx[i].pt;
			if (m->tx_clock != f->clock) {
				m->tx_clock = f->clock;
				m->tx_resync = true;
			}
			return true;
		}
	return false;
}

static void relay_numbers(struct rtp_media *m, const struct bb_frame *f, struct rtp_packet *p,
			  bb_time now)
{
	int jump = (int16_t)(uint16_t)(f->seq + m->tx_seq_off - m->tx_seq);
	bool anew = !m->tx_relay || m->tx_resync || (f->flags & BB_FRAME_SWITCH) || jump > JUMP ||
		    jump < -JUMP;

	if (anew) {
		m->tx_seq_off = (uint16_t)(m->tx_seq + 1 - f->seq);
		m->tx_ts_off = next_ts(m, now) - f->ts;
		m->tx_relay = true;
	}
	p->seq = (uint16_t)(f->seq + m->tx_seq_off);
	p->ts = f->ts + m->tx_ts_off;
	p->marker = anew || (f->flags & BB_FRAME_MARKER);
}

static void own_numbers(struct rtp_media *m, const struct bb_frame *f, struct rtp_packet *p,
			bb_time now)
{
	bool paused = !m->tx_begun || m->tx_relay || m->tx_resync || now - m->tx_at > PAUSE;

	p->seq = (uint16_t)(m->tx_seq + 1);
	p->ts = paused ? next_ts(m, now) : m->tx_ts + m->tx_step;
	p->marker = paused || (f->flags & BB_FRAME_MARKER);
	m->tx_relay = false;
}

static void numbered(struct rtp_media *m, const struct rtp_packet *p, uint32_t step, bb_time now)
{
	m->tx_resync = false;
	/* A late one does not turn ours back. */
	if (m->tx_begun && (int16_t)(p->seq - m->tx_seq) <= 0)
		return;
	m->tx_begun = true;
	m->tx_seq = p->seq;
	m->tx_ts = p->ts;
	m->tx_step = step;
	m->tx_at = now;
}

void rtp_write(struct bb_mport *mp, void *state, struct bb_frame *f)
{
	struct rtp_media *m = state;
	bb_time now = bb_mport_now(mp);
	struct rtp_packet p;

	if (!m->setup || !m->setup->send || !bb_addr_set(latch_target(&m->latch)) ||
	    !find_pt(m, f->format))
		return;
	if (m->dtmf_tx.active) {
		/* The digit stands in the place of the voice. */
		m->tx_resync = true;
		return;
	}
	p.pt = m->tx_pt;
	p.ssrc = m->ssrc;
	if (f->flags & BB_FRAME_RTP)
		relay_numbers(m, f, &p, now);
	else
		own_numbers(m, f, &p, now);
	numbered(m, &p, (uint32_t)((uint64_t)f->samples * f->format->clock / f->format->rate), now);
	rtp_build(f->data - RTP_HEADER, &p);
	transmit(mp, m, f->data - RTP_HEADER, f->len + RTP_HEADER);
}

void rtp_send_event(struct bb_mport *mp, struct rtp_media *m)
{
	uint8_t b[RTP_HEADER + 4];
	bb_time now = bb_mport_now(mp);
	struct dtmf_send send;
	struct rtp_packet p;
	unsigned clock;

	if (!m->setup || !m->setup->send || m->setup->tx_dtmf < 0 ||
	    !bb_addr_set(latch_target(&m->latch))) {
		memset(&m->dtmf_tx, 0, sizeof(m->dtmf_tx));
		rtp_set(&m->count.digits, 0);
		return;
	}
	clock = m->setup->tx_dtmf_clock;
	if (!dtmf_tx_step(&m->dtmf_tx, clock, now, &send))
		return;
	if (!m->tx_clock)
		m->tx_clock = clock;
	if (send.marker)
		m->dtmf_ts = next_ts(m, now);
	p.pt = (uint8_t)m->setup->tx_dtmf;
	p.ssrc = m->ssrc;
	p.seq = (uint16_t)(m->tx_seq + 1);
	p.ts = m->dtmf_ts + send.offset;
	p.marker = send.marker;
	rtp_build(b, &p);
	memcpy(b + RTP_HEADER, send.payload, sizeof(send.payload));
	/* The voice goes on from where the event ends. */
	m->tx_begun = true;
	m->tx_seq = p.seq;
	if (send.marker) {
		m->tx_ts = p.ts;
		m->tx_at = now;
		m->tx_step = 0;
	}
	m->tx_resync = true;
	transmit(mp, m, b, sizeof(b));
	rtp_set(&m->count.digits, m->dtmf_tx.count);
}

static void report_on_source(struct rtp_media *m, struct rtcp_info *info, bb_time now)
{
	struct rtcp_report *r = &info->reports[0];

	if (!m->source.known)
		return;
	info->n_reports = 1;
	r->ssrc = m->source.ssrc;
	r->fraction = rtp_source_fraction(&m->source);
	r->lost = rtp_source_lost(&m->source);
	r->highest = rtp_source_extended(&m->source);
	r->jitter = m->source.jitter >> 4;
	/* Section 6.4.1: zero until a report of this very source came. */
	if (m->lsr_ssrc == m->source.ssrc)
		r->lsr = m->lsr;
	r->dlsr = r->lsr ? (uint32_t)(((now - m->lsr_at) << 16) / BB_SEC) : 0;
}

void rtp_send_report(struct bb_mport *mp, struct rtp_media *m, bool bye)
{
	uint8_t b[RTCP_MAX_PACKET];
	bb_time now = bb_mport_now(mp);
	struct rtcp_info info = { .ssrc = m->ssrc, .bye = bye };
	bool mux = m->setup && m->setup->mux;
	int n;

	if (!m->setup || !bb_addr_set(&m->rtcp_to) || (!m->tx_begun && !m->source.known))
		return;
	/* Section 6.6: who never sent anything says no BYE. */
	if (bye && !m->tx_begun && !m->reported)
		return;
	bb_str_copy(info.cname, sizeof(info.cname), bb_strz(m->cname));
	/* Section 6.4: a sender is who sent since the report before the last. */
	info.sender = m->tx_since_report || m->tx_before_report;
	if (info.sender) {
		rtcp_ntp(now + m->init.wall_offset, &info.ntp_sec, &info.ntp_frac);
		info.ts = m->tx_ts + rtp_ticks(now - m->tx_at, m->tx_clock);
		info.packets = (uint32_t)rtp_read(&m->count.tx_packets);
		info.octets = (uint32_t)rtp_read(&m->count.tx_bytes);
	}
	report_on_source(m, &info, now);
	m->tx_before_report = m->tx_since_report;
	m->tx_since_report = 0;
	m->reported = true;
	n = rtcp_build(b, sizeof(b), &info);
	/* One that is lost on the way is made up for by the next. */
	if (n > 0)
		bb_msock_send(mux ? m->init.pair->rtp : m->init.pair->rtcp, b, (size_t)n,
			      &m->rtcp_to);
}
