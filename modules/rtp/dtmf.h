/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/dtmf.h - telephone events in RTP (RFC 4733), both ways.
 */
#ifndef RTP_DTMF_H
#define RTP_DTMF_H

#include <bellbird/base.h>

#define DTMF_STEP (20 * BB_MS) /* between packets of an event */
#define DTMF_ENDS 3 /* section 2.5.1.4 */
#define DTMF_GAP (60 * BB_MS) /* silence between digits */
#define DTMF_QUEUE 32

/** '0'..'9', '*', '#', 'A'..'D', '!' (flash). @return the event code, or -1. */
int dtmf_event(char digit);
/** @return the digit, or 0 for an event that is none. */
char dtmf_digit(unsigned event);

/** Receiving. Zero-initialised is idle. */
struct dtmf_rx {
	bool active, seen;
	uint8_t event;
	uint32_t ts; /* of the event (of its last segment) */
	uint32_t before; /* duration of earlier segments */
	uint32_t duration; /* of this segment, the longest told */
	unsigned clock;
	bb_time heard;
};
struct dtmf_out {
	char digit;
	bool end;
	unsigned ms;
};
/** One packet; up to three facts come out (the end of the last one, a begin, an end). */
unsigned dtmf_rx_packet(struct dtmf_rx *rx, const uint8_t *payload, size_t len, uint32_t ts,
			unsigned clock, bb_time now, struct dtmf_out out[3]);
/** When an event whose end was lost is over; 0 while idle. */
bb_time dtmf_rx_due(const struct dtmf_rx *rx);
unsigned dtmf_rx_expire(struct dtmf_rx *rx, bb_time now, struct dtmf_out *out);

/** Sending: digits one after the other. Zero-initialised is idle. */
struct dtmf_tx {
	struct {
		uint8_t event;
		unsigned ms;
	} queue[DTMF_QUEUE];
	unsigned first, count;
	bool active;
	unsigned ends; /* end packets sent, of the event or of a segment that it outlasts */
	uint32_t elapsed, before; /* of the event; where the segment begins in it */
	bb_time next; /* when the next step is due */
};
/** @return -EINVAL for no digit, -ENOBUFS. */
int dtmf_tx_queue(struct dtmf_tx *tx, char digit, unsigned ms, bb_time now);
struct dtmf_send {
	uint8_t payload[4];
	bool marker; /* the first packet: take a new timestamp; all others keep it */
	uint32_t offset; /* from it to the segment's: section 2.5.1.3 */
};
/** The packet that is due, if any. */
bool dtmf_tx_step(struct dtmf_tx *tx, unsigned clock, bb_time now, struct dtmf_send *send);
/** 0 while idle. */
bb_time dtmf_tx_due(const struct dtmf_tx *tx);

#endif
