/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of RTP that need neither sockets nor threads, by tables: packets,
 * counting, RTCP, telephone events, latching.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "modules/rtp/dtmf.h"
#include "modules/rtp/latch.h"
#include "modules/rtp/rtcp.h"
#include "modules/rtp/rtp_packet.h"

/* --- packets --- */

#define H 0x80, 0x00, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 9
static const struct {
	uint8_t data[40];
	size_t len;
	int err;
	size_t payload;
} packets[] = {
	{ { H, 1, 2, 3 }, 15, 0, 3 },
	{ { H }, 12, 0, 0 },
	{ { H }, 11, -EBADMSG, 0 },
	{ { 0x40 }, 12, -EBADMSG, 0 }, /* version 1 */
	{ { 0x82, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 1, 1, 1, 1, 2, 2, 2, 2, 7 },
	  21,
	  0,
	  1 }, /* CSRC */
	{ { 0x82, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 1, 1, 1, 1 }, 16, -EBADMSG, 0 },
	{ { 0x90, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 1, 3, 3, 3, 3, 7 },
	  21,
	  0,
	  1 }, /* ext. */
	{ { 0x90, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 9 }, 16, -EBADMSG, 0 },
	{ { 0x90, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0 }, 14, -EBADMSG, 0 },
	{ { 0xa0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 7, 7, 0, 2 }, 16, 0, 2 }, /* padding */
	{ { 0xa0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 7, 7, 0, 0 }, 16, -EBADMSG, 0 },
	{ { 0xa0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 7, 7, 0, 5 }, 16, -EBADMSG, 0 },
	{ { 0xa0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9 }, 12, -EBADMSG, 0 },
};

START_TEST(reads_packets)
{
	struct rtp_packet p;
	uint8_t b[40];

	memcpy(b, packets[_i].data, sizeof(b));
	ck_assert_int_eq(rtp_parse(&p, b, packets[_i].len), packets[_i].err);
	if (packets[_i].err)
		return;
	ck_assert_uint_eq(p.payload_len, packets[_i].payload);
	ck_assert_uint_eq(p.ts, 5);
	ck_assert_uint_eq(p.ssrc, 9);
}
END_TEST

START_TEST(writes_packets)
{
	struct rtp_packet in = {
		.marker = true, .pt = 101, .seq = 65535, .ts = 0xfedcba98, .ssrc = 1
	};
	struct rtp_packet out;
	uint8_t b[RTP_HEADER];

	rtp_build(b, &in);
	ck_assert_int_eq(rtp_parse(&out, b, sizeof(b)), 0);
	ck_assert(out.marker && out.pt == 101 && out.seq == 65535 && out.ts == in.ts &&
		  out.ssrc == 1);
}
END_TEST

#define SEQS 12
static const struct {
	uint16_t seq[SEQS];
	unsigned n;
	int32_t lost;
	enum rtp_order last;
} counts[] = {
	{ { 1, 2, 3, 4 }, 4, 0, RTP_NEXT },
	{ { 1, 2, 5 }, 3, 2, RTP_NEXT },
	{ { 1, 2, 5, 3 }, 4, 1, RTP_LATE },
	{ { 1, 2, 5, 3, 3 }, 5, 0, RTP_DUPLICATE }, /* counts as received: section 6.4.1 */
	{ { 1, 2, 2 }, 3, -1, RTP_DUPLICATE },
	{ { 65534, 65535, 0, 1 }, 4, 0, RTP_NEXT },
	{ { 65534, 65535, 2, 0 }, 4, 1, RTP_LATE },
	{ { 1, 2, 30000 }, 3, 0, RTP_SUSPECT },
	{ { 1, 2, 30000, 30001 }, 4, 0, RTP_RESTART },
	{ { 1, 2, 30000, 3 }, 4, 0, RTP_NEXT },
	{ { 1, 2, 30000, 40000 }, 4, 0, RTP_SUSPECT },
	{ { 10, 11, 9 }, 3, -1, RTP_LATE }, /* before the first one */
};

START_TEST(counts_packets)
{
	struct rtp_source s;
	enum rtp_order last = RTP_NEXT;
	unsigned lost;

	rtp_source_init(&s, 7, counts[_i].seq[0]);
	for (unsigned i = 1; i < counts[_i].n; i++)
		last = rtp_source_packet(&s, counts[_i].seq[i], &lost);
	ck_assert_int_eq(last, counts[_i].last);
	ck_assert_int_eq(rtp_source_lost(&s), counts[_i].lost);
}
END_TEST

START_TEST(measures_jitter_and_fraction)
{
	struct rtp_source s;
	unsigned lost;

	rtp_source_init(&s, 7, 0);
	/* Steady: none. */
	for (unsigned i = 0; i < 100; i++)
		rtp_source_jitter(&s, i * 160, i * 160 + 4000);
	ck_assert_uint_eq(s.jitter, 0);
	/* Each packet 10 ms off, to and fro: comes to D of 80 units. */
	for (unsigned i = 100; i < 400; i++)
		rtp_source_jitter(&s, i * 160, i * 160 + 4000 + (i & 1 ? 80 : 0));
	ck_assert_uint_ge(s.jitter >> 4, 75);
	ck_assert_uint_le(s.jitter >> 4, 80);
	for (uint16_t i = 1; i < 100; i++)
		if (i % 4)
			rtp_source_packet(&s, i, &lost);
	ck_assert_uint_ge(rtp_source_fraction(&s), 60);
	ck_assert_uint_le(rtp_source_fraction(&s), 66);
	ck_assert_uint_eq(rtp_source_fraction(&s), 0); /* nothing since */
	/* What came twice counts twice in reports, as if nothing more were lost (section 6.4.1). */
	for (uint16_t i = 101; i < 121; i += 2)
		for (unsigned twice = 0; twice < 2; twice++)
			rtp_source_packet(&s, i, &lost);
	ck_assert_uint_le(rtp_source_fraction(&s), 13);
}
END_TEST

START_TEST(estimates_opinion)
{
	ck_assert_double_ge(rtp_mos(0, 0, 0), 4.3);
	ck_assert_double_le(rtp_mos(0, 0, 0), 4.5);
	ck_assert_double_lt(rtp_mos(0.05, 0, 0), rtp_mos(0.01, 0, 0));
	ck_assert_double_lt(rtp_mos(0, 0, 600), rtp_mos(0, 0, 100));
	ck_assert_double_lt(rtp_mos(0, 80, 100), rtp_mos(0, 5, 100));
	ck_assert_double_ge(rtp_mos(1, 500, 5000), 1);
}
END_TEST

/* --- RTCP --- */

START_TEST(rtcp_there_and_back)
{
	struct rtcp_info in = { .ssrc = 0x01020304,
				.sender = _i & 1,
				.ntp_sec = 10,
				.ntp_frac = 20,
				.ts = 30,
				.packets = 40,
				.octets = 50,
				.n_reports = _i & 2 ? 1 : 0,
				.bye = _i & 4 };
	struct rtcp_info out;
	uint8_t b[RTCP_MAX_PACKET];
	int n;

	bb_str_copy(in.cname, sizeof(in.cname), bb_strn("abcdefgh", (size_t)(_i >> 3)));
	in.reports[0] = (struct rtcp_report){ .ssrc = 5,
					      .fraction = 6,
					      .lost = -7,
					      .highest = 8,
					      .jitter = 9,
					      .lsr = 10,
					      .dlsr = 11 };
	n = rtcp_build(b, sizeof(b), &in);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(n % 4, 0);
	ck_assert(rtp_is_rtcp(b, (size_t)n));
	ck_assert_int_eq(rtcp_parse(&out, b, (size_t)n), 0);
	ck_assert_uint_eq(out.ssrc, in.ssrc);
	ck_assert_int_eq(out.sender, in.sender);
	ck_assert_int_eq(out.bye, in.bye);
	ck_assert_str_eq(out.cname, in.cname);
	ck_assert_uint_eq(out.n_reports, in.n_reports);
	if (in.n_reports)
		ck_assert_mem_eq(&out.reports[0], &in.reports[0], sizeof(in.reports[0]));
	if (in.sender)
		ck_assert(out.ntp_sec == 10 && out.ntp_frac == 20 && out.ts == 30 &&
			  out.packets == 40 && out.octets == 50);
	/* Every cut is refused, and none reads beyond. */
	for (int cut = 1; cut < n; cut++) {
		uint8_t *c = malloc((size_t)cut);

		memcpy(c, b, (size_t)cut);
		rtcp_parse(&out, c, (size_t)cut);
		free(c);
	}
	ck_assert_int_eq(rtcp_build(b, (size_t)n - 1, &in), -EOVERFLOW);
}
END_TEST

static const struct {
	uint8_t data[32];
	size_t len;
	int err;
} broken[] = {
	{ { 0x80, 201, 0, 1, 0, 0, 0, 1 }, 8, 0 },
	{ { 0x80, 201, 0, 2, 0, 0, 0, 1 }, 8, -EBADMSG }, /* longer than it is */
	{ { 0x81, 201, 0, 1, 0, 0, 0, 1 }, 8, -EBADMSG }, /* a report that is not there */
	{ { 0x80, 200, 0, 1, 0, 0, 0, 1 }, 8, -EBADMSG }, /* SR without its 20 octets */
	{ { 0x40, 201, 0, 1, 0, 0, 0, 1 }, 8, -EBADMSG },
	{ { 0x80, 204, 0, 1, 0, 0, 0, 1 }, 8, 0 }, /* APP */
	{ { 0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 'a', 'b' }, 12, -EBADMSG },
	{ { 0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'a', 'b' }, 12, -EBADMSG }, /* no null octet */
	{ { 0x82, 203, 0, 1, 0, 0, 0, 1 }, 8, -EBADMSG },
	{ { 0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9 }, 12, -EBADMSG }, /* padding beyond */
	{ { 0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4 }, 12, 0 },
	{ { 0x80, 201, 0, 0 }, 4, -EBADMSG },
};

START_TEST(rtcp_broken)
{
	struct rtcp_info info;

	ck_assert_int_eq(rtcp_parse(&info, broken[_i].data, broken[_i].len), broken[_i].err);
}
END_TEST

START_TEST(rtcp_times)
{
	/* The example of RFC 3550 section 6.4.1, figure 2: 6.125 s. */
	struct rtcp_report r = { .lsr = 0xb7052000, .dlsr = 0x00054000 };
	uint32_t sec, frac;

	ck_assert_int_eq(rtcp_round_trip(0xb7108000, &r), 6125000);
	r.lsr = 0;
	ck_assert_int_eq(rtcp_round_trip(5, &r), -1);
	r.lsr = 100000;
	r.dlsr = 0;
	ck_assert_int_eq(rtcp_round_trip(50000, &r), -1); /* negative */
	ck_assert_int_eq(rtcp_round_trip(99950, &r), 0); /* by rounding alone */
	rtcp_ntp(1500000, &sec, &frac);
	ck_assert_uint_eq(sec, 2208988801u);
	ck_assert_uint_eq(frac, 0x80000000u);
}
END_TEST

/* --- telephone events, received --- */

/* A step: event, end bit, duration, timestamp, milliseconds since the last. Facts come out as
 * text: "+1" begins, "-1:100" ends after 100 ms; a dot lets the time pass instead of a packet. */
struct step {
	char event;
	bool end;
	uint16_t duration;
	uint32_t ts;
	unsigned later;
};
static const struct {
	struct step steps[12];
	unsigned clock;
	const char *facts;
} received[] = {
	{ { { 1, 0, 160, 1000, 0 },
	    { 1, 0, 320, 1000, 20 },
	    { 1, 1, 800, 1000, 20 },
	    { 1, 1, 800, 1000, 0 },
	    { 1, 1, 800, 1000, 0 } },
	  8000,
	  "+1 -1:100" },
	/* A duplicate of the first; the last ends lost. */
	{ { { 2, 0, 160, 1000, 0 },
	    { 2, 0, 160, 1000, 0 },
	    { 2, 0, 640, 1000, 20 },
	    { '.', 0, 0, 0, 300 } },
	  8000,
	  "+2 -2:80" },
	/* Reordered: an update after the end. */
	{ { { 3, 0, 160, 1000, 0 },
	    { 3, 1, 800, 1000, 20 },
	    { 3, 0, 640, 1000, 0 },
	    { 3, 1, 800, 1000, 0 } },
	  8000,
	  "+3 -3:100" },
	/* Only one end got through. */
	{ { { 4, 1, 800, 1000, 0 } }, 8000, "+4 -4:100" },
	/* The same digit twice. */
	{ { { 5, 1, 800, 1000, 0 }, { 5, 0, 160, 2600, 100 }, { 5, 1, 400, 2600, 20 } },
	  8000,
	  "+5 -5:100 +5 -5:50" },
	/* The end of the first was lost, the next begins. */
	{ { { 6, 0, 400, 1000, 0 }, { 7, 0, 160, 3000, 20 }, { 7, 1, 480, 3000, 20 } },
	  8000,
	  "+6 -6:50 +7 -7:60" },
	/* A straggler of the first after the second has begun. */
	{ { { 6, 1, 800, 1000, 0 },
	    { 7, 0, 160, 3000, 20 },
	    { 6, 1, 800, 1000, 0 },
	    { 7, 1, 800, 3000, 20 } },
	  8000,
	  "+6 -6:100 +7 -7:100" },
	/* Another clock. */
	{ { { 10, 0, 960, 48000, 0 }, { 10, 1, 4800, 48000, 20 } }, 48000, "+* -*:100" },
	/* Longer than a segment: 0xffff, then on with a new timestamp. */
	{ { { 1, 0, 65535, 1000, 0 }, { 1, 0, 160, 66535, 20 }, { 1, 1, 465, 66535, 20 } },
	  8000,
	  "+1 -1:8250" },
	/* An event that is no digit. */
	{ { { 32, 1, 800, 1000, 0 } }, 8000, "" },
	{ { { 16, 1, 800, 1000, 0 } }, 8000, "+! -!:100" },
	{ { { 15, 1, 800, 4294967000u, 0 }, { 14, 1, 800, 400, 100 } },
	  8000,
	  "+D -D:100 +C -C:100" },
};

static void tell(char *text, size_t cap, const struct dtmf_out *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		size_t l = strlen(text);

		if (out[i].end)
			snprintf(text + l, cap - l, "%s-%c:%u", l ? " " : "", out[i].digit,
				 out[i].ms);
		else
			snprintf(text + l, cap - l, "%s+%c", l ? " " : "", out[i].digit);
	}
}

START_TEST(dtmf_received)
{
	struct dtmf_rx rx = { 0 };
	struct dtmf_out out[3];
	char text[200] = "";
	bb_time now = 1000 * BB_SEC;

	for (unsigned i = 0; i < 12; i++) {
		const struct step *s = &received[_i].steps[i];
		uint8_t p[4] = { (uint8_t)s->event, s->end ? 0x8a : 0x0a };

		if (!s->ts && s->event != '.')
			break;
		now += s->later * BB_MS;
		rtp_put16(p + 2, s->duration);
		if (s->event == '.')
			tell(text, sizeof(text), out, dtmf_rx_expire(&rx, now, out));
		else
			tell(text, sizeof(text), out,
			     dtmf_rx_packet(&rx, p, 4, s->ts, received[_i].clock, now, out));
	}
	ck_assert_str_eq(text, received[_i].facts);
	ck_assert_int_eq(dtmf_rx_due(&rx), 0);
	ck_assert_uint_eq(dtmf_rx_packet(&rx, (const uint8_t *)"\1\2\3", 3, 1, 8000, now, out), 0);
}
END_TEST

/* What we send is understood, whichever of its packets get through. */
START_TEST(dtmf_sent)
{
	unsigned lose_every = _i ? (unsigned)_i + 1 : 0;
	struct dtmf_tx tx = { 0 };
	struct dtmf_rx rx = { 0 };
	struct dtmf_out out[3];
	struct dtmf_send send;
	char text[200] = "";
	bb_time now = BB_SEC;
	uint32_t ts = 0;
	unsigned n = 0, markers = 0, ends = 0;

	ck_assert_int_eq(dtmf_tx_queue(&tx, 'x', 100, now), -EINVAL);
	ck_assert_int_eq(dtmf_tx_queue(&tx, '1', 100, now), 0);
	ck_assert_int_eq(dtmf_tx_queue(&tx, '1', 60, now), 0);
	ck_assert_int_eq(dtmf_tx_queue(&tx, '#', 10, now), 0);
	for (unsigned i = 0; dtmf_tx_due(&tx) && i < 200; i++) {
		now = dtmf_tx_due(&tx);
		ck_assert(dtmf_tx_step(&tx, 8000, now, &send));
		ck_assert(!dtmf_tx_step(&tx, 8000, now, &send));
		if (send.marker) {
			ts = (uint32_t)(now / 125);
			markers++;
		}
		ends += send.payload[1] >> 7;
		if (lose_every && n++ % lose_every == 0)
			continue;
		tell(text, sizeof(text), out,
		     dtmf_rx_packet(&rx, send.payload, 4, ts, 8000, now, out));
	}
	ck_assert_uint_eq(markers, 3);
	ck_assert_uint_eq(ends, 9);
	ck_assert_str_eq(text, "+1 -1:100 +1 -1:60 +# -#:40");
}
END_TEST

/* Two seconds at 48 kHz: two segments, each end said three times, one event for who hears. */
START_TEST(dtmf_outlasts_a_segment)
{
	struct dtmf_tx tx = { 0 };
	struct dtmf_rx rx = { 0 };
	struct dtmf_out out[3];
	struct dtmf_send send;
	char text[200] = "";
	bb_time now = BB_SEC;
	unsigned full = 0, ends = 0, markers = 0, n = 0;

	ck_assert_int_eq(dtmf_tx_queue(&tx, '9', 2000, now), 0);
	while (dtmf_tx_due(&tx) && n++ < 300) {
		unsigned duration;

		now = dtmf_tx_due(&tx);
		ck_assert(dtmf_tx_step(&tx, 48000, now, &send));
		duration = rtp_get16(send.payload + 2);
		markers += send.marker;
		ends += send.payload[1] >> 7;
		if (duration == 0xffff) {
			full++;
			ck_assert_uint_eq(send.payload[1] >> 7, 0);
			ck_assert_uint_eq(send.offset, 0);
		}
		if (send.payload[1] >> 7) {
			ck_assert_uint_eq(send.offset, 0xffff);
			ck_assert_uint_eq(send.offset + duration, 96000);
		}
		/* The segment's last words may all be lost: the timestamps still join. */
		if (_i && duration == 0xffff)
			continue;
		tell(text, sizeof(text), out,
		     dtmf_rx_packet(&rx, send.payload, 4, 7000 + send.offset, 48000, now, out));
	}
	ck_assert_uint_eq(markers, 1);
	ck_assert_uint_eq(full, 3);
	ck_assert_uint_eq(ends, 3);
	ck_assert_str_eq(text, "+9 -9:2000");
}
END_TEST

START_TEST(dtmf_queue_is_bounded)
{
	struct dtmf_tx tx = { 0 };

	for (unsigned i = 0; i < DTMF_QUEUE; i++)
		ck_assert_int_eq(dtmf_tx_queue(&tx, '5', 100, 1), 0);
	ck_assert_int_eq(dtmf_tx_queue(&tx, '5', 100, 1), -ENOBUFS);
}
END_TEST

/* --- latching --- */

/* A step: who sends (a letter), how many packets in sequence, how many milliseconds later.
 * 'S' exact, 'P' the signalled host's other port, 'F' and 'G' foreign, 'N' the new address;
 * '!' signals N, '=' signals S again, '0' signals 0.0.0.0. What the last packet came to follows:
 * a accepted, m moved, r refused. At the end: where we send. */
struct lstep {
	char who;
	unsigned packets;
	unsigned later;
	char verdict;
};
static const struct {
	const char *what;
	struct lstep steps[8];
	char target;
	bool open, asymmetric;
} latches[] = {
	{ "the signalled address locks at once",
	  { { 'S', 1, 0, 'm' }, { 'F', 50, 10, 'r' } },
	  'S',
	  0,
	  0 },
	{ "another port of the host too", { { 'P', 1, 0, 'm' } }, 'P', 0, 0 },
	{ "and gives way to the exact one",
	  { { 'P', 9, 0, 'a' }, { 'S', 1, 100, 'm' }, { 'P', 9, 0, 'r' } },
	  'S',
	  0,
	  0 },
	{ "a stray packet locks nothing", { { 'F', 1, 0, 'r' }, { 'G', 1, 0, 'r' } }, 'S', 0, 0 },
	{ "behind translation", { { 'F', 3, 0, 'r' }, { 'F', 1, 0, 'm' } }, 'F', 0, 0 },
	{ "two foreign ones in turns prove nothing",
	  { { 'F', 3, 0, 'r' }, { 'G', 3, 0, 'r' }, { 'F', 3, 0, 'r' } },
	  'S',
	  0,
	  0 },
	{ "a hijacker is thrown out when the real one speaks",
	  { { 'F', 10, 0, 'a' }, { 'S', 1, 1000, 'm' }, { 'F', 100, 0, 'r' } },
	  'S',
	  0,
	  0 },
	{ "a hijacker comes too late", { { 'G', 10, 0, 'a' }, { 'F', 100, 500, 'r' } }, 'G', 0, 0 },
	{ "after the window the lock holds",
	  { { 'F', 10, 0, 'a' }, { 'S', 10, 6000, 'r' } },
	  'F',
	  0,
	  0 },
	{ "a new address opens it again; the old one is heard until the new one speaks",
	  { { 'S', 10, 0, 'a' }, { '!', 0, 9000, 0 }, { 'S', 1, 20, 'a' } },
	  'N',
	  0,
	  0 },
	{ "moved by re-INVITE",
	  { { 'S', 9, 0, 'a' }, { '!', 0, 9000, 0 }, { 'N', 1, 20, 'm' }, { 'S', 9, 20, 'r' } },
	  'N',
	  0,
	  0 },
	{ "what was on its way at a re-INVITE does not keep the new one out",
	  { { 'S', 9, 0, 'a' },
	    { '!', 0, 9000, 0 },
	    { 'S', 9, 20, 'a' },
	    { 'N', 1, 9000, 'm' },
	    { 'S', 9, 20, 'r' } },
	  'N',
	  0,
	  0 },
	{ "a source that stays after a re-INVITE is the new one too",
	  { { 'F', 9, 0, 'a' }, { '!', 0, 9000, 0 }, { 'F', 9, 20, 'a' }, { 'F', 3, 2000, 'a' } },
	  'N',
	  0,
	  0 },
	{ "and is answered then",
	  { { 'F', 9, 0, 'a' }, { '!', 0, 9000, 0 }, { 'F', 9, 20, 'a' }, { 'F', 4, 2000, 'm' } },
	  'F',
	  0,
	  0 },
	{ "unless the better one speaks in its window",
	  { { 'F', 9, 0, 'a' },
	    { '!', 0, 9000, 0 },
	    { 'F', 4, 2000, 'm' },
	    { 'N', 1, 4000, 'm' },
	    { 'F', 9, 0, 'r' } },
	  'N',
	  0,
	  0 },
	{ "the same address again changes nothing",
	  { { 'F', 9, 0, 'a' }, { '=', 0, 9000, 0 }, { 'S', 9, 20, 'r' } },
	  'F',
	  0,
	  0 },
	{ "0.0.0.0 is hold, no address",
	  { { 'S', 9, 0, 'a' }, { '0', 0, 100, 0 }, { 'S', 1, 0, 'a' } },
	  'S',
	  0,
	  0 },
	{ "not strict: anybody is heard, only the proven is answered",
	  { { 'F', 1, 0, 'a' }, { 'S', 1, 0, 'm' }, { 'G', 9, 0, 'a' } },
	  'S',
	  1,
	  0 },
	{ "not symmetric: the signalled address is answered",
	  { { 'F', 9, 0, 'a' }, { 'G', 9, 0, 'r' } },
	  'S',
	  0,
	  1 },
};

static struct bb_addr who(char c)
{
	struct bb_addr a;
	const char *text = c == 'S'   ? "192.0.2.1:4000"
			   : c == 'P' ? "192.0.2.1:5000"
			   : c == 'F' ? "203.0.113.9:4000"
			   : c == 'G' ? "203.0.113.10:4000"
			   : c == 'N' ? "198.51.100.3:4000"
				      : "0.0.0.0:4000";

	ck_assert_int_eq(bb_addr_parse(&a, bb_strz(text)), 0);
	return a;
}

START_TEST(latches_on)
{
	struct latch l = { .strict = !latches[_i].open,
			   .symmetric = !latches[_i].asymmetric,
			   .probation = 4 };
	bb_time now = BB_SEC;
	struct bb_addr a = who('S');
	uint16_t seq[128] = { 0 };

	latch_signalled(&l, &a, now);
	for (unsigned i = 0; i < 8 && latches[_i].steps[i].who; i++) {
		const struct lstep *s = &latches[_i].steps[i];
		enum latch_verdict v = LATCH_REFUSE;

		now += s->later * BB_MS;
		a = who(s->who == '!' ? 'N' : s->who == '=' ? 'S' : s->who);
		if (!s->packets) {
			latch_signalled(&l, &a, now);
			continue;
		}
		for (unsigned k = 0; k < s->packets; k++)
			v = latch_packet(&l, &a, (uint32_t)s->who, seq[(unsigned)s->who]++, now);
		ck_assert_msg(v == (s->verdict == 'r'	? LATCH_REFUSE
				    : s->verdict == 'a' ? LATCH_ACCEPT
							: LATCH_MOVED),
			      "%s: step %u (%c): %d", latches[_i].what, i, s->who, v);
	}
	a = who(latches[_i].target);
	ck_assert_msg(bb_addr_eq(latch_target(&l), &a), "%s: wrong target", latches[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("parts");
	Suite *s = suite_create("rtp parts");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, reads_packets, 0, BB_ARRAY_SIZE(packets));
	tcase_add_test(tc, writes_packets);
	tcase_add_loop_test(tc, counts_packets, 0, BB_ARRAY_SIZE(counts));
	tcase_add_test(tc, measures_jitter_and_fraction);
	tcase_add_test(tc, estimates_opinion);
	tcase_add_loop_test(tc, rtcp_there_and_back, 0, 64);
	tcase_add_loop_test(tc, rtcp_broken, 0, BB_ARRAY_SIZE(broken));
	tcase_add_test(tc, rtcp_times);
	tcase_add_loop_test(tc, dtmf_received, 0, BB_ARRAY_SIZE(received));
	tcase_add_loop_test(tc, dtmf_sent, 0, 5);
	tcase_add_loop_test(tc, dtmf_outlasts_a_segment, 0, 2);
	tcase_add_test(tc, dtmf_queue_is_bounded);
	tcase_add_loop_test(tc, latches_on, 0, BB_ARRAY_SIZE(latches));
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
