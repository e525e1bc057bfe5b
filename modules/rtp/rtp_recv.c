/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_recv.c - what comes in: one receive a packet.
 */
#include "modules/rtp/rtp_port.h"

#define DATAGRAM 2048u
#define CONCEAL_MAX 10u /* more missing packets than this are a pause, not a loss */

void rtp_tell_digits(struct bb_mport *mp, const struct dtmf_out *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		bb_mport_event(mp, &(struct bb_port_event){ .type = out[i].end ? BB_PORT_DTMF_END
									       : BB_PORT_DTMF_BEGIN,
							    .digit = out[i].digit,
							    .ms = out[i].ms });
}

/* What the network said about something sent: "port unreachable" mostly. */
static void drain_errors(struct bb_mport *mp, struct rtp_media *m, struct bb_msock *s)
{
	struct bb_addr to;
	int err;

	/* A socket has had other calls, whose last words may be refused only now. */
	while ((err = bb_msock_error(s, &to)) != 0)
		if (s == m->init.pair->rtp && bb_addr_eq(&to, latch_target(&m->latch)))
			rtp_sent(mp, m, -err);
}

static ssize_t receive(struct bb_mport *mp, struct rtp_media *m, struct bb_msock *s, uint8_t *buf,
		       struct bb_addr *from)
{
	bool connected = m->connected && s == m->init.pair->rtp;
	ssize_t n = bb_msock_recv(s, buf, DATAGRAM, connected ? NULL : from);

	if (connected)
		*from = m->latch.source;
	if (n < 0)
		drain_errors(mp, m, s);
	return n;
}

/* What follows has numbers and a time of its own; what was before stays counted. */
static void begins_anew(struct rtp_media *m, uint32_t expected, uint32_t received)
{
	m->expected_before += expected;
	m->received_before += received;
	m->switched = true;
	m->dtmf_rx.seen = false;
}

/* RTP_DUPLICATE and RTP_SUSPECT shall go no further. */
static enum rtp_order count(struct rtp_media *m, const struct rtp_packet *p, unsigned *lost)
{
	struct rtp_source *s = &m->source;
	uint32_t expected = rtp_source_expected(s), received = s->received;
	enum rtp_order order = RTP_NEXT;

	*lost = 0;
	if (!s->known || s->ssrc != p->ssrc) {
		begins_anew(m, expected, received);
		rtp_source_init(s, p->ssrc, p->seq);
		m->seq_adjust = 0;
	} else {
		order = rtp_source_packet(s, p->seq, lost);
	}
	if (order == RTP_DUPLICATE) {
		rtp_add(&m->count.rx_duplicates, 1);
		return order;
	}
	if (order == RTP_SUSPECT) {
		rtp_add(&m->count.rx_discarded, 1);
		return order;
	}
	if (order == RTP_LATE)
		rtp_add(&m->count.rx_reordered, 1);
	if (order == RTP_RESTART)
		begins_anew(m, expected, received);
	atomic_store_explicit(&m->count.rx_expected, m->expected_before + rtp_source_expected(s),
			      memory_order_relaxed);
	atomic_store_explicit(&m->count.rx_received, m->received_before + s->received,
			      memory_order_relaxed);
	return order;
}

static void measure_jitter(struct bb_mport *mp, struct rtp_media *m, uint32_t ts, unsigned clock)
{
	if (m->clock != clock) {
		m->clock = clock;
		m->source.have_transit = false;
	}
	rtp_source_jitter(&m->source, ts, rtp_ticks(bb_mport_now(mp), clock));
	rtp_set(&m->count.rx_jitter,
		(unsigned)((uint64_t)(m->source.jitter >> 4) * 1000000u / clock));
}

/* Whoever decodes wants to know what is missing, in order. */
static void push_lost(struct bb_mport *mp, struct rtp_media *m, const struct rtp_packet *p,
		      const struct bb_format *format, unsigned lost)
{
	if (!lost || lost > CONCEAL_MAX || !bb_mport_wants_lost(mp))
		return;
	for (unsigned i = lost; i; i--) {
		struct bb_frame f = { .format = format,
				      .data = p->payload,
				      .flags = BB_FRAME_RTP | BB_FRAME_LOST,
				      .seq = (uint16_t)(p->seq - m->seq_adjust - i),
				      .ts = p->ts - i * m->last_rx_samples,
				      .at = bb_mport_now(mp) };

		bb_mport_push(mp, &f);
	}
}

static void audio(struct bb_mport *mp, struct rtp_media *m, const struct rtp_packet *p,
		  const struct bb_format *format, unsigned lost)
{
	struct bb_frame f = { .format = format,
			      .data = p->payload,
			      .len = p->payload_len,
			      .cap = DATAGRAM,
			      .seq = (uint16_t)(p->seq - m->seq_adjust),
			      .ts = p->ts,
			      .flags = BB_FRAME_RTP,
			      .at = bb_mport_now(mp) };

	measure_jitter(mp, m, p->ts, format->clock);
	if (!m->setup->recv) {
		/* What comes after that is no loss of what was not wanted. */
		m->switched = true;
		return;
	}
	if (p->marker)
		f.flags |= BB_FRAME_MARKER;
	if (m->switched) {
		f.flags |= BB_FRAME_SWITCH;
		m->switched = false;
	}
	if (format->bytes_per_ms)
		f.samples = (uint32_t)(p->payload_len * format->rate /
				       ((size_t)format->bytes_per_ms * 1000));
	push_lost(mp, m, p, format, lost);
	m->last_rx_samples = (uint32_t)((uint64_t)f.samples * format->clock / format->rate);
	bb_mport_push(mp, &f);
}

/* Nothing to hear: comfort noise, events, payload types that nobody agreed upon, keep-alives. */
static void no_audio(struct rtp_media *m, const struct rtp_packet *p, enum rtp_order order)
{
	/* A late one left a gap already, as if it had been lost. */
	if (order == RTP_LATE)
		return;
	m->seq_adjust++;
	m->adjusted_at = p->seq;
}

/* Overtaken by such a packet: the number it would have had is taken. */
static bool number_is_gone(const struct rtp_media *m, const struct rtp_packet *p)
{
	return m->seq_adjust && (uint16_t)(m->adjusted_at - p->seq) < 128;
}

static void telephone_event(struct bb_mport *mp, struct rtp_media *m, const struct rtp_packet *p)
{
	struct dtmf_out out[3];
	bool was = m->dtmf_rx.active;
	unsigned n = dtmf_rx_packet(&m->dtmf_rx, p->payload, p->payload_len, p->ts,
				    m->setup->rx_dtmf_clock, bb_mport_now(mp), out);

	rtp_tell_digits(mp, out, n);
	if (!was && m->dtmf_rx.active)
		rtp_arm(mp, m);
}

static void moved(struct bb_mport *mp, struct rtp_media *m, const struct bb_addr *from)
{
	/* RTCP goes beside it, unless a place of its own was named on that host. */
	if (m->init.symmetric && !bb_addr_eq_host(&m->rtcp_to, from)) {
		m->rtcp_to = *from;
		if (!m->setup || !m->setup->mux)
			bb_addr_set_port(&m->rtcp_to, (uint16_t)(bb_addr_port(from) + 1));
	}
	bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_LATCHED,
						    .value = m->latch.rank,
						    .addr = *from });
}

/* Whose packet is it? @return false to drop it. */
static bool admit(struct bb_mport *mp, struct rtp_media *m, const struct rtp_packet *p,
		  const struct bb_addr *from)
{
	enum latch_verdict v = LATCH_ACCEPT;

	if (!m->connected) {
		v = latch_packet(&m->latch, from, p->ssrc, p->seq, bb_mport_now(mp));
		if (v == LATCH_REFUSE) {
			rtp_add(&m->count.rx_discarded, 1);
			return false;
		}
		if (v == LATCH_MOVED)
			moved(mp, m, from);
		rtp_try_connect(m, bb_mport_now(mp));
	}
	m->last_rx = bb_mport_now(mp);
	m->unreachable = m->timed_out = false;
	if (!m->first_seen) {
		m->first_seen = true;
		bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_FIRST, .addr = *from });
	}
	return true;
}

static void rtp_packet(struct bb_mport *mp, struct rtp_media *m, uint8_t *buf, size_t len,
		       const struct bb_addr *from)
{
	struct rtp_packet p;
	const struct bb_format *format;
	enum rtp_order order;
	unsigned lost;

	if (!m->setup || rtp_parse(&p, buf, len) < 0) {
		rtp_add(&m->count.rx_discarded, 1);
		return;
	}
	if (!admit(mp, m, &p, from))
		return;
	rtp_add(&m->count.rx_packets, 1);
	rtp_add(&m->count.rx_bytes, p.payload_len);
	order = count(m, &p, &lost);
	if (order == RTP_DUPLICATE || order == RTP_SUSPECT)
		return;
	format = m->setup->rx[p.pt];
	if (format && p.payload_len) {
		if (order != RTP_LATE || !number_is_gone(m, &p))
			audio(mp, m, &p, format, lost);
		return;
	}
	no_audio(m, &p, order);
	if (p.pt == m->setup->rx_dtmf)
		telephone_event(mp, m, &p);
}

/* --- RTCP --- */

static void report_about_us(struct rtp_media *m, const struct rtcp_report *r, bb_time now)
{
	unsigned clock = m->tx_clock ? m->tx_clock : 8000;
	uint32_t sec, frac;
	bb_time rtt;

	rtcp_ntp(now + m->init.wall_offset, &sec, &frac);
	rtt = rtcp_round_trip(rtcp_middle(sec, frac), r);
	if (rtt >= 0)
		rtp_set(&m->count.rtt, (unsigned)rtt + 1);
	rtp_set(&m->count.tx_lost, r->lost > 0 ? (unsigned)r->lost : 0);
	rtp_set(&m->count.tx_fraction, r->fraction);
	rtp_set(&m->count.tx_jitter, (unsigned)((uint64_t)r->jitter * 1000000u / clock));
}

static void rtcp_packet(struct bb_mport *mp, struct rtp_media *m, const uint8_t *buf, size_t len,
			const struct bb_addr *from)
{
	struct rtcp_info info;
	bb_time now = bb_mport_now(mp);
	bool known = bb_addr_eq_host(from, &m->rtcp_to) ||
		     (m->latch.rank && bb_addr_eq_host(from, &m->latch.source));

	if (!m->setup || !known || rtcp_parse(&info, buf, len) < 0) {
		rtp_add(&m->count.rx_discarded, 1);
		return;
	}
	/* Another port of that host may be anybody behind its NAT: the sender of the sound knows
	 * its own number. */
	if (m->init.symmetric && (!m->source.known || info.ssrc == m->source.ssrc))
		m->rtcp_to = *from;
	if (info.sender) {
		m->lsr_ssrc = info.ssrc;
		m->lsr = rtcp_middle(info.ntp_sec, info.ntp_frac);
		m->lsr_at = now;
	}
	for (unsigned i = 0; i < info.n_reports; i++)
		if (info.reports[i].ssrc == m->ssrc)
			report_about_us(m, &info.reports[i], now);
}

void rtp_readable(struct bb_mport *mp, void *state, struct bb_msock *s)
{
	struct rtp_media *m = state;
	uint8_t *buf = bb_mport_scratch(mp);
	struct bb_addr from;
	ssize_t n = receive(mp, m, s, buf, &from);

	if (n <= 0)
		return;
	if (rtp_is_rtcp(buf, (size_t)n))
		rtcp_packet(mp, m, buf, (size_t)n, &from);
	else
		rtp_packet(mp, m, buf, (size_t)n, &from);
}

void rtcp_readable(struct bb_mport *mp, void *state, struct bb_msock *s)
{
	struct rtp_media *m = state;
	uint8_t *buf = bb_mport_scratch(mp);
	struct bb_addr from;
	ssize_t n = receive(mp, m, s, buf, &from);

	if (n > 0)
		rtcp_packet(mp, m, buf, (size_t)n, &from);
}
