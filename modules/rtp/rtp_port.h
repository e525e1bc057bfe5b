/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_port.h - the port of an RTP endpoint: what lives on a media
 * thread. rtp_recv.c and rtp_send.c are its two directions, rtp_time.c what
 * happens by the clock.
 */
#ifndef RTP_PORT_H
#define RTP_PORT_H

#include <stdatomic.h>

#include <bellbird/list.h>
#include <bellbird/mem.h>
#include <bellbird/rtp.h>

#include "modules/rtp/dtmf.h"
#include "modules/rtp/latch.h"
#include "modules/rtp/pool.h"
#include "modules/rtp/rtcp.h"
#include "modules/rtp/rtp_packet.h"

/** What was negotiated. Made by control, used by media, freed by control. */
struct rtp_setup {
	struct bb_node node; /* control's */
	struct bb_addr remote, rtcp;
	bool mux, send, recv;
	const struct bb_format *rx[128]; /* by payload type */
	int rx_dtmf, tx_dtmf; /* payload types, or -1 */
	unsigned rx_dtmf_clock, tx_dtmf_clock;
	struct {
		const struct bb_format *format;
		uint8_t pt;
	} tx[BB_MAX_FORMATS];
	unsigned n_tx;
	unsigned clock; /* of what is sent first */
};

enum rtp_command { RTP_CMD_SETUP = 1, RTP_CMD_HOLD, RTP_CMD_DIGIT, RTP_CMD_BYE };
struct rtp_digit {
	char digit;
	unsigned ms;
};

/* .value of BB_PORT_DRIVER events: .data is a setup that is used no more. */
#define RTP_EV_SETUP_DONE 1

/** Counters that control reads while media writes. */
struct rtp_counters {
	atomic_ullong rx_packets, rx_bytes, tx_packets, tx_bytes;
	atomic_ullong rx_reordered, rx_duplicates, rx_discarded;
	atomic_ullong rx_expected, rx_received; /* of sources before and this one */
	atomic_uint rx_jitter, tx_jitter, rtt; /* microseconds; rtt + 1, 0 unknown */
	atomic_uint tx_lost, tx_fraction;
	atomic_uint digits; /* queued to be sent */
};

struct rtp_init {
	struct rtp_pair *pair;
	bool symmetric, strict;
	unsigned probation;
	bb_time timeout, timeout_hold, rtcp_interval;
	bb_time wall_offset; /* bb_wall() - bb_now() */
};

struct rtp_media {
	struct rtp_init init;
	struct rtp_counters count;
	const struct rtp_setup *setup;
	struct bb_list setups; /* control's: all that live */
	char cname[24];

	/* receiving */
	struct latch latch;
	bool connected, first_seen, switched, held, unreachable, timed_out;
	struct rtp_source source;
	uint64_t expected_before, received_before;
	unsigned clock; /* of the last audio packet */
	uint16_t seq_adjust; /* packets that were no audio: the sink's numbers have no gap there */
	uint16_t adjusted_at; /* the last of them */
	uint32_t last_rx_samples;
	uint32_t last_rx_ts;
	bb_time last_rx; /* or when it was last begun to wait */
	struct dtmf_rx dtmf_rx;

	/* sending */
	uint32_t ssrc;
	bool tx_begun, tx_relay, tx_resync;
	uint16_t tx_seq, tx_seq_off;
	uint32_t tx_ts, tx_ts_off;
	uint32_t tx_step; /* duration of the last packet in the clock */
	unsigned tx_clock;
	bb_time tx_at;
	const struct bb_format *tx_format;
	uint8_t tx_pt;
	struct dtmf_tx dtmf_tx;
	uint32_t dtmf_ts;

	/* RTCP */
	struct bb_addr rtcp_to;
	bb_time rtcp_next;
	uint32_t lsr, lsr_ssrc;
	bb_time lsr_at;
	unsigned tx_since_report, tx_before_report; /* packets, since the last and before it */
	bool reported;
};

extern const struct bb_port_driver rtp_driver;

/* One writer: no locked instruction is needed. */
static inline void rtp_add(atomic_ullong *c, unsigned long long n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_relaxed);
}
static inline unsigned long long rtp_read(const atomic_ullong *c)
{
	return atomic_load_explicit((atomic_ullong *)c, memory_order_relaxed);
}
static inline void rtp_set(atomic_uint *c, unsigned v)
{
	atomic_store_explicit(c, v, memory_order_relaxed);
}
static inline unsigned rtp_get(const atomic_uint *c)
{
	return atomic_load_explicit((atomic_uint *)c, memory_order_relaxed);
}
static inline uint32_t rtp_ticks(bb_time span, unsigned clock)
{
	return (uint32_t)(span * clock / BB_SEC);
}

/* rtp_recv.c */
void rtp_readable(struct bb_mport *mp, void *state, struct bb_msock *s);
void rtcp_readable(struct bb_mport *mp, void *state, struct bb_msock *s);
void rtp_tell_digits(struct bb_mport *mp, const struct dtmf_out *out, unsigned n);

/* rtp_send.c */
void rtp_write(struct bb_mport *mp, void *state, struct bb_frame *f);
void rtp_send_event(struct bb_mport *mp, struct rtp_media *m);
void rtp_send_report(struct bb_mport *mp, struct rtp_media *m, bool bye);
void rtp_sent(struct bb_mport *mp, struct rtp_media *m, int err);
/* Let the kernel do the filtering, and the look-up of the route once. */
void rtp_try_connect(struct rtp_media *m, bb_time now);
void rtp_disconnect(struct rtp_media *m);

/* rtp_time.c */
void rtp_arm(struct bb_mport *mp, struct rtp_media *m);
void rtp_timer(struct bb_mport *mp, void *state, bb_time now);
void rtp_schedule_report(struct rtp_media *m, bb_time now, bool first);

#endif
