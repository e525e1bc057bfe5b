/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of RTP endpoints share: a far end, and an
 * endpoint of ours whose events are kept.
 */
#ifndef ENDPOINT_TEST_H
#define ENDPOINT_TEST_H

#include <bellbird/mem.h>
#include <bellbird/rtp.h>

#include "modules/rtp/dtmf.h"
#include "modules/rtp/pool.h"
#include "modules/rtp/rtcp.h"
#include "modules/rtp/rtp_api.h"
#include "modules/rtp/rtp_packet.h"
#include "tests/unit/core/media/media_test.h"
#include "tests/unit/modules/codec/codecs.h"
#include "tests/unit/modules/rtp/far_sock.h"

/* --- a far end --- */

struct peer {
	struct far_sock rtp, rtcp;
	struct bb_addr addr;
	uint16_t seq;
	uint32_t ts, ssrc;
	struct rtp_packet got;
	uint8_t buf[2048];
};

static inline void peer_open(struct peer *p, const char *host)
{
	memset(p, 0, sizeof(*p));
	ck_assert_int_eq(bb_addr_parse(&p->addr, bb_strz(host)), 0);
	far_open(&p->rtp, &p->rtcp, &p->addr);
	p->seq = 100;
	p->ts = 5000;
	p->ssrc = 0x1234;
}

static inline void peer_close(struct peer *p)
{
	far_close(&p->rtp);
	far_close(&p->rtcp);
}

static inline void peer_send(struct peer *p, const struct bb_rtp *r, uint8_t pt, bool marker,
			     const void *payload, size_t len)
{
	struct rtp_packet h = {
		.marker = marker, .pt = pt, .seq = p->seq, .ts = p->ts, .ssrc = p->ssrc
	};
	const struct bb_addr *to = rtp_api.local(r);
	uint8_t b[RTP_HEADER + 400];

	rtp_build(b, &h);
	memcpy(b + RTP_HEADER, payload, len);
	far_send(&p->rtp, to, b, RTP_HEADER + len);
}

static inline void peer_voice(struct peer *p, const struct bb_rtp *r, uint8_t pt, uint8_t value)
{
	uint8_t b[160];

	memset(b, value, sizeof(b));
	peer_send(p, r, pt, false, b, sizeof(b));
	p->seq++;
	p->ts += 160;
}

static inline bool peer_recv(struct peer *p)
{
	size_t n = far_recv(&p->rtp, p->buf, sizeof(p->buf), true);

	return n && rtp_parse(&p->got, p->buf, n) == 0;
}

static inline void peer_drain(struct peer *p)
{
	while (far_recv(&p->rtp, p->buf, sizeof(p->buf), false))
		;
}

/* --- our end --- */

static struct bb_port_event events[256];
static unsigned n_events;

static inline void on_event(struct bb_rtp *r, const struct bb_port_event *ev, void *arg)
{
	if (n_events < BB_ARRAY_SIZE(events))
		events[n_events++] = *ev;
}

static inline const struct bb_port_event *event_of(enum bb_port_event_type type)
{
	bb_sim_settle();
	for (unsigned i = 0; i < n_events; i++)
		if (events[i].type == type)
			return &events[i];
	return NULL;
}

static inline void up(bool simulate)
{
	mt_open_with(simulate, codec_modules, BB_ARRAY_SIZE(codec_modules));
	rtp_settings = (struct rtp_settings){
		.strict = RTP_STRICT_YES, .probation = 4, .rtcp_interval = 5000, .checksums = true
	};
	rtp_pool_range(0, 0, true);
	n_events = 0;
}

static inline void down(void)
{
	/* What was closed has come back. */
	mt_barrier();
	rtp_pool_close();
	mt_close();
}

static inline struct bb_rtp *endpoint(const char *host, struct bb_rtp *near)
{
	struct bb_rtp_params params = { .near = near ? rtp_api.port(near) : NULL,
					.symmetric = true,
					.timeout = 30 * BB_SEC,
					.timeout_hold = 300 * BB_SEC,
					.event = on_event };
	struct bb_rtp *r = NULL;

	ck_assert_int_eq(bb_addr_parse(&params.local, bb_strz(host)), 0);
	ck_assert_int_eq(rtp_api.create(&r, &params), 0);
	return r;
}

struct line {
	const char *name;
	uint8_t pt;
};

static inline struct bb_stream_desc describe(const struct bb_addr *a, const struct line *lines,
					     unsigned n)
{
	struct bb_stream_desc d = {
		.type = BB_AUDIO, .rtp = *a, .dtmf_pt = 101, .dtmf_clock = 8000, .n_codecs = n
	};

	for (unsigned i = 0; i < n; i++) {
		d.codecs[i].format = bb_format_find(bb_strz(lines[i].name));
		d.codecs[i].pt = lines[i].pt;
	}
	return d;
}

static inline void configure(struct bb_rtp *r, const struct bb_addr *remote, const char *codec,
			     uint8_t ours, uint8_t theirs)
{
	struct bb_stream_desc l = describe(rtp_api.local(r), &(struct line){ codec, ours }, 1);
	struct bb_stream_desc f = describe(remote, &(struct line){ codec, theirs }, 1);

	ck_assert_int_eq(rtp_api.configure(r, &l, &f), 0);
	if (mt_simulated)
		bb_sim_settle();
	else
		mt_barrier();
}

static inline void join(struct bb_rtp *a, struct bb_rtp *b)
{
	ck_assert_int_eq(bb_port_connect(rtp_api.port(a), rtp_api.port(b)), 0);
	ck_assert_int_eq(bb_port_connect(rtp_api.port(b), rtp_api.port(a)), 0);
	mt_barrier();
	mt_barrier();
}

/* Echo: the endpoint is its own sink. */
static inline struct bb_rtp *echo(struct peer *p)
{
	struct bb_rtp *r = endpoint("127.0.0.1", NULL);

	configure(r, &p->addr, "ulaw", 0, 0);
	ck_assert_int_eq(bb_port_connect(rtp_api.port(r), rtp_api.port(r)), 0);
	return r;
}

#endif
