/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/dtmf.c - telephone events in RTP.
 *
 * An event is known by its timestamp: all its packets bear the same one, so
 * that duplicates, reordering and lost beginnings all come to "have I told of
 * this timestamp already?".
 */
#include "modules/rtp/dtmf.h"
#include "modules/rtp/rtp_packet.h"

#define LOST_END (250 * BB_MS) /* several packets' time, whatever the sender's step */
#define VOLUME 10 /* -10 dBm0 */
#define SEGMENT 0xffffu
#define LONGEST 60000u /* ms */

static const char digits[] = "0123456789*#ABCD!";

int dtmf_event(char digit)
{
	const char *at;

	if (digit >= 'a' && digit <= 'd')
		digit = (char)(digit - 'a' + 'A');
	at = digit ? strchr(digits, digit) : NULL;
	return at ? (int)(at - digits) : -1;
}

char dtmf_digit(unsigned event)
{
	return event < sizeof(digits) - 1 ? digits[event] : 0;
}

static unsigned put_end(struct dtmf_rx *rx, struct dtmf_out *out)
{
	rx->active = false;
	out->digit = dtmf_digit(rx->event);
	out->end = true;
	out->ms = (unsigned)((uint64_t)(rx->before + rx->duration) * 1000 / rx->clock);
	return 1;
}

/* Section 2.5.2.3: an event longer than a segment goes on where that ended; the timestamp says so
 * also when the segment's last report was lost. */
static bool next_segment(const struct dtmf_rx *rx, uint8_t event, uint32_t ts)
{
	return rx->active && rx->event == event && ts == rx->ts + SEGMENT;
}

static unsigned begin(struct dtmf_rx *rx, uint8_t event, uint32_t ts, unsigned clock,
		      struct dtmf_out *out)
{
	rx->active = rx->seen = true;
	rx->event = event;
	rx->ts = ts;
	rx->before = 0;
	rx->duration = 0;
	rx->clock = clock;
	out->digit = dtmf_digit(event);
	out->end = false;
	out->ms = 0;
	return 1;
}

unsigned dtmf_rx_packet(struct dtmf_rx *rx, const uint8_t *payload, size_t len, uint32_t ts,
			unsigned clock, bb_time now, struct dtmf_out out[3])
{
	unsigned n = 0;
	uint32_t duration;

	if (len < 4 || !clock || !dtmf_digit(payload[0]))
		return 0;
	duration = rtp_get16(payload + 2);
	if (next_segment(rx, payload[0], ts)) {
		rx->before += SEGMENT;
		rx->duration = 0;
		rx->ts = ts;
	} else if (!rx->seen || ts != rx->ts) {
		/* A straggler of an event that is over. */
		if (rx->seen && (int32_t)(ts - rx->ts) < 0 && now - rx->heard < 5 * BB_SEC)
			return 0;
		if (rx->active)
			n += put_end(rx, &out[n]);
		n += begin(rx, payload[0], ts, clock, &out[n]);
	} else if (!rx->active) {
		return 0; /* its end was told already */
	}
	rx->heard = now;
	if (duration > rx->duration)
		rx->duration = duration;
	if (payload[1] & 0x80)
		n += put_end(rx, &out[n]);
	return n;
}

bb_time dtmf_rx_due(const struct dtmf_rx *rx)
{
	return rx->active ? rx->heard + LOST_END : 0;
}

unsigned dtmf_rx_expire(struct dtmf_rx *rx, bb_time now, struct dtmf_out *out)
{
	if (!rx->active || now < rx->heard + LOST_END)
		return 0;
	return put_end(rx, out);
}

int dtmf_tx_queue(struct dtmf_tx *tx, char digit, unsigned ms, bb_time now)
{
	int event = dtmf_event(digit);
	unsigned at = (tx->first + tx->count) % DTMF_QUEUE;

	if (event < 0)
		return -EINVAL;
	if (tx->count == DTMF_QUEUE)
		return -ENOBUFS;
	tx->queue[at].event = (uint8_t)event;
	/* Below 40 ms nobody hears it (Q.24). */
	tx->queue[at].ms = ms < 40 ? 40 : ms > LONGEST ? LONGEST : ms;
	if (!tx->count++ && tx->next < now)
		tx->next = now;
	return 0;
}

bb_time dtmf_tx_due(const struct dtmf_tx *tx)
{
	return tx->count ? tx->next : 0;
}

/* Section 2.5.1.3: one that lasts longer than a segment. @return the duration to report. */
static uint32_t in_segment(struct dtmf_tx *tx)
{
	if (tx->elapsed - tx->before <= SEGMENT)
		return tx->elapsed - tx->before;
	/* Section 2.5.1.4: the last word of a segment is said three times too. */
	if (tx->ends++ < DTMF_ENDS)
		return SEGMENT;
	tx->ends = 0;
	tx->before += SEGMENT;
	return tx->elapsed - tx->before;
}

bool dtmf_tx_step(struct dtmf_tx *tx, unsigned clock, bb_time now, struct dtmf_send *send)
{
	uint32_t step = clock / 50, total, duration;
	bool end;

	if (!tx->count || now < tx->next)
		return false;
	total = (uint32_t)((uint64_t)tx->queue[tx->first].ms * clock / 1000);
	send->marker = !tx->active;
	if (!tx->active) {
		tx->active = true;
		tx->elapsed = tx->before = 0;
		tx->ends = 0;
	}
	tx->elapsed = total - tx->elapsed > step ? tx->elapsed + step : total;
	duration = in_segment(tx);
	send->offset = tx->before;
	end = tx->before + duration == total && !send->marker;
	send->payload[0] = tx->queue[tx->first].event;
	send->payload[1] = (uint8_t)((end ? 0x80 : 0) | VOLUME);
	rtp_put16(send->payload + 2, (uint16_t)duration);
	/* From the time it was due: a late turn does not make the digit longer. */
	tx->next = now - tx->next > DTMF_STEP ? now + DTMF_STEP : tx->next + DTMF_STEP;
	if (end && ++tx->ends == DTMF_ENDS) {
		tx->active = false;
		tx->first = (tx->first + 1) % DTMF_QUEUE;
		tx->count--;
		tx->next += DTMF_GAP - DTMF_STEP;
	}
	return true;
}
