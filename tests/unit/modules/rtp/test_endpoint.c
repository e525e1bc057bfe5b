/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTP endpoints against sockets on loopback: in simulation, where the clock
 * is ours, and for relaying on real media threads too.
 */
#include "modules/bridge/two_party.h"
#include "tests/unit/modules/rtp/endpoint_test.h"

/* PCMU under other numbers on each side; spacing, gaps and one SSRC. */
START_TEST(relays)
{
	struct bb_rtp *a, *b;
	struct peer pa, pb;
	uint16_t seq;
	uint32_t ts, ssrc;

	up(!(_i & 1));
	peer_open(&pa, _i & 2 ? "[::1]" : "127.0.0.1");
	peer_open(&pb, "127.0.0.1");
	a = endpoint(_i & 2 ? "[::1]" : "127.0.0.1", NULL);
	b = endpoint("127.0.0.1", a);
	configure(a, &pa.addr, "ulaw", 0, 0);
	configure(b, &pb.addr, "ulaw", 97, 98);
	join(a, b);
	peer_voice(&pa, a, 0, 0x55);
	ck_assert(peer_recv(&pb));
	ck_assert_uint_eq(pb.got.pt, 98);
	ck_assert(pb.got.marker);
	ck_assert_uint_eq(pb.got.payload_len, 160);
	ck_assert_uint_eq(pb.got.payload[159], 0x55);
	seq = pb.got.seq;
	ts = pb.got.ts;
	ssrc = pb.got.ssrc;
	ck_assert_uint_ne(ssrc, pa.ssrc);
	peer_voice(&pa, a, 0, 0x56);
	ck_assert(peer_recv(&pb));
	ck_assert(pb.got.seq == (uint16_t)(seq + 1) && pb.got.ts == ts + 160 && !pb.got.marker);
	pa.seq += 3; /* lost on the way to us: lost for the far end too */
	pa.ts += 3 * 160;
	peer_voice(&pa, a, 0, 0x57);
	ck_assert(peer_recv(&pb));
	ck_assert(pb.got.seq == (uint16_t)(seq + 5) && pb.got.ts == ts + 5 * 160 &&
		  pb.got.ssrc == ssrc);
	/* Back the other way, by the numbers that we wrote. */
	peer_voice(&pb, b, 97, 0x11);
	ck_assert(peer_recv(&pa));
	ck_assert_uint_eq(pa.got.pt, 0);
	ck_assert_uint_eq(pa.got.payload[0], 0x11);
	rtp_api.close(a);
	rtp_api.close(b);
	peer_close(&pa);
	peer_close(&pb);
	down();
}
END_TEST

START_TEST(bridges_two)
{
	struct two_party t = { { NULL, NULL } };
	struct bb_rtp *a, *b, *c;
	struct peer pa, pb;

	up(true);
	peer_open(&pa, "127.0.0.1");
	peer_open(&pb, "127.0.0.1");
	a = endpoint("127.0.0.1", NULL);
	b = endpoint("127.0.0.1", NULL);
	c = endpoint("127.0.0.1", NULL);
	configure(a, &pa.addr, "ulaw", 0, 0);
	configure(b, &pb.addr, "alaw", 8, 8);
	ck_assert_int_eq(two_party_join(NULL, &t, NULL, rtp_api.port(a)), 0);
	ck_assert_int_eq(two_party_join(NULL, &t, NULL, rtp_api.port(b)), 0);
	ck_assert_int_eq(two_party_join(NULL, &t, NULL, rtp_api.port(c)), -EBUSY);
	mt_barrier();
	peer_voice(&pa, a, 0, 1);
	ck_assert(peer_recv(&pb));
	peer_voice(&pb, b, 8, 1);
	ck_assert(peer_recv(&pa));
	/* The first leaves, and the second is joined with another. */
	two_party_leave(NULL, &t, NULL, rtp_api.port(a));
	peer_voice(&pa, a, 0, 1);
	ck_assert(!peer_recv(&pb));
	ck_assert_ptr_eq(t.port[0], rtp_api.port(b));
	configure(c, &pa.addr, "ulaw", 0, 0);
	ck_assert_int_eq(two_party_join(NULL, &t, NULL, rtp_api.port(c)), 0);
	mt_barrier();
	peer_voice(&pb, b, 8, 1);
	ck_assert(peer_recv(&pa));
	two_party_leave(NULL, &t, NULL, rtp_api.port(c));
	two_party_leave(NULL, &t, NULL, rtp_api.port(b));
	ck_assert(!bb_port_connected(rtp_api.port(b)) && !bb_port_connected(rtp_api.port(c)));
	rtp_api.close(a);
	rtp_api.close(b);
	rtp_api.close(c);
	peer_close(&pa);
	peer_close(&pb);
	down();
}
END_TEST

START_TEST(goes_on_when_the_source_changes)
{
	struct bb_rtp *a, *b;
	struct peer pa, pb;
	uint16_t seq;
	uint32_t ts, ssrc;

	up(true);
	peer_open(&pa, "127.0.0.1");
	peer_open(&pb, "127.0.0.1");
	a = endpoint("127.0.0.1", NULL);
	b = endpoint("127.0.0.1", a);
	configure(a, &pa.addr, "ulaw", 0, 0);
	configure(b, &pb.addr, "ulaw", 0, 0);
	join(a, b);
	peer_voice(&pa, a, 0, 1);
	peer_voice(&pa, a, 0, 1);
	ck_assert(peer_recv(&pb) && peer_recv(&pb));
	seq = pb.got.seq;
	ts = pb.got.ts;
	ssrc = pb.got.ssrc;
	/* The far end begins anew, 100 ms later, with everything different. */
	bb_sim_advance(100 * BB_MS);
	pa.ssrc = 0x9999;
	pa.seq = 40000;
	pa.ts = 77;
	peer_voice(&pa, a, 0, 2);
	ck_assert(peer_recv(&pb));
	ck_assert_uint_eq(pb.got.ssrc, ssrc);
	ck_assert_uint_eq(pb.got.seq, (uint16_t)(seq + 1));
	ck_assert(pb.got.marker);
	ck_assert_uint_eq(pb.got.ts, ts + 800);
	/* The same SSRC, but numbers that leap: believed at the second packet. */
	seq = pb.got.seq;
	pa.seq = 10000;
	peer_voice(&pa, a, 0, 2);
	ck_assert(!peer_recv(&pb));
	peer_voice(&pa, a, 0, 2);
	ck_assert(peer_recv(&pb));
	ck_assert_uint_eq(pb.got.seq, (uint16_t)(seq + 1));
	ck_assert(pb.got.marker);
	/* Duplicates go no further; a late one keeps its place. */
	pa.seq--;
	peer_voice(&pa, a, 0, 2);
	ck_assert(!peer_recv(&pb));
	pa.seq++;
	peer_voice(&pa, a, 0, 3);
	ck_assert(peer_recv(&pb));
	seq = pb.got.seq;
	pa.seq -= 2;
	peer_voice(&pa, a, 0, 4);
	ck_assert(peer_recv(&pb));
	ck_assert_uint_eq(pb.got.seq, (uint16_t)(seq - 1));
	rtp_api.close(a);
	rtp_api.close(b);
	peer_close(&pa);
	peer_close(&pb);
	down();
}
END_TEST

START_TEST(translates)
{
	struct bb_rtp *a, *b;
	struct peer pa, pb;
	struct bb_rtp_stats st;
	uint16_t seq;

	up(true);
	peer_open(&pa, "127.0.0.1");
	peer_open(&pb, "127.0.0.1");
	a = endpoint("127.0.0.1", NULL);
	b = endpoint("127.0.0.1", a);
	configure(a, &pa.addr, "ulaw", 0, 0);
	configure(b, &pb.addr, "alaw", 8, 8);
	join(a, b);
	peer_voice(&pa, a, 0, 0x80);
	ck_assert(peer_recv(&pb));
	ck_assert_uint_eq(pb.got.pt, 8);
	ck_assert_uint_eq(pb.got.payload[5], 0xaa);
	seq = pb.got.seq;
	pa.seq++;
	pa.ts += 160;
	peer_voice(&pa, a, 0, 0x80);
	ck_assert(peer_recv(&pb));
	ck_assert_uint_eq(pb.got.seq, (uint16_t)(seq + 2));
	rtp_api.stats(a, &st);
	ck_assert_uint_eq(st.rx_packets, 2);
	ck_assert_uint_eq(st.rx_lost, 1);
	ck_assert_uint_eq(st.rx_bytes, 320);
	rtp_api.stats(b, &st);
	ck_assert_uint_eq(st.tx_packets, 2);
	rtp_api.close(a);
	rtp_api.close(b);
	peer_close(&pa);
	peer_close(&pb);
	down();
}
END_TEST

START_TEST(unknown_payloads_leave_no_gap)
{
	struct bb_rtp *r;
	struct peer p;
	uint16_t seq;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	seq = p.got.seq;
	peer_voice(&p, r, 13, 1); /* comfort noise */
	peer_voice(&p, r, 19, 1);
	peer_voice(&p, r, 77, 1);
	ck_assert(!peer_recv(&p));
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	ck_assert_uint_eq(p.got.seq, (uint16_t)(seq + 1));
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

static int heard_at(struct peer *p, struct bb_rtp *r, uint16_t seq, uint8_t pt, size_t len)
{
	uint8_t b[160] = { 0 };

	p->ts = 5000 + seq * 160u;
	p->seq = seq;
	peer_send(p, r, pt, false, b, len);
	return peer_recv(p) ? p->got.seq : -1;
}

/* Reordered with what is no audio: no number is used twice. */
START_TEST(overtaken_packets_share_no_number)
{
	struct bb_rtp *r;
	struct peer p;
	uint16_t n;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	n = (uint16_t)heard_at(&p, r, 100, 0, 160);
	ck_assert_int_eq(heard_at(&p, r, 102, 13, 1), -1);
	ck_assert_int_eq(heard_at(&p, r, 101, 0, 160), -1); /* its number was given up */
	ck_assert_int_eq(heard_at(&p, r, 103, 0, 160), (uint16_t)(n + 2));
	ck_assert_int_eq(heard_at(&p, r, 104, 0, 160), (uint16_t)(n + 3));
	ck_assert_int_eq(heard_at(&p, r, 106, 0, 160), (uint16_t)(n + 5));
	ck_assert_int_eq(heard_at(&p, r, 105, 13, 1), -1); /* late: left its gap before */
	ck_assert_int_eq(heard_at(&p, r, 107, 0, 160), (uint16_t)(n + 6));
	ck_assert_int_eq(heard_at(&p, r, 109, 0, 160), (uint16_t)(n + 8));
	ck_assert_int_eq(heard_at(&p, r, 108, 0, 160), (uint16_t)(n + 7)); /* audio alone */
	ck_assert_int_eq(heard_at(&p, r, 110, 0, 0), -1); /* a keep-alive */
	ck_assert_int_eq(heard_at(&p, r, 111, 0, 160), (uint16_t)(n + 9));
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

START_TEST(latches_and_refuses_a_hijacker)
{
	struct bb_rtp *r;
	struct peer real, thief;
	struct bb_rtp_stats st;
	const struct bb_port_event *ev;

	up(true);
	peer_open(&real, "127.0.0.1");
	peer_open(&thief, "127.0.0.2");
	r = echo(&real);
	peer_voice(&thief, r, 0, 9);
	ck_assert(!peer_recv(&thief));
	peer_voice(&real, r, 0, 1);
	ck_assert(peer_recv(&real));
	ev = event_of(BB_PORT_LATCHED);
	ck_assert_ptr_nonnull(ev);
	ck_assert(bb_addr_eq(&ev->addr, &real.addr));
	ck_assert_ptr_nonnull(event_of(BB_PORT_FIRST));
	for (unsigned i = 0; i < 20; i++)
		peer_voice(&thief, r, 0, 9);
	ck_assert(!peer_recv(&thief));
	ck_assert(!peer_recv(&real));
	rtp_api.stats(r, &st);
	ck_assert_uint_eq(st.rx_packets, 1);
	ck_assert(st.latched && bb_addr_eq(&st.remote, &real.addr));
	/* The call moves there by re-INVITE: then it is legitimate. */
	configure(r, &thief.addr, "ulaw", 0, 0);
	peer_voice(&thief, r, 0, 7);
	ck_assert(peer_recv(&thief));
	peer_voice(&real, r, 0, 1);
	ck_assert(!peer_recv(&real));
	rtp_api.close(r);
	peer_close(&real);
	peer_close(&thief);
	down();
}
END_TEST

START_TEST(latches_behind_translation)
{
	struct bb_rtp *r;
	struct peer nat;
	struct bb_addr said;

	up(true);
	peer_open(&nat, "127.0.0.1");
	ck_assert_int_eq(bb_addr_parse(&said, BB_STR("10.99.99.99:4000")), 0);
	r = endpoint("127.0.0.1", NULL);
	configure(r, &said, "ulaw", 0, 0);
	ck_assert_int_eq(bb_port_connect(rtp_api.port(r), rtp_api.port(r)), 0);
	for (unsigned i = 0; i < 3; i++)
		peer_voice(&nat, r, 0, 1);
	ck_assert(!peer_recv(&nat));
	peer_voice(&nat, r, 0, 1);
	ck_assert(peer_recv(&nat));
	rtp_api.close(r);
	peer_close(&nat);
	down();
}
END_TEST

static void send_event(struct peer *p, struct bb_rtp *r, unsigned event, bool end,
		       unsigned duration)
{
	uint8_t b[4] = { (uint8_t)event, end ? 0x8a : 0x0a, (uint8_t)(duration >> 8),
			 (uint8_t)duration };

	peer_send(p, r, 101, false, b, sizeof(b));
	p->seq++;
}

START_TEST(hears_digits)
{
	struct bb_rtp *r;
	struct peer p;
	const struct bb_port_event *ev;
	uint16_t seq;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	seq = p.got.seq;
	send_event(&p, r, 5, false, 160);
	send_event(&p, r, 5, false, 320);
	ev = event_of(BB_PORT_DTMF_BEGIN);
	ck_assert(ev && ev->digit == '5');
	ck_assert_ptr_null(event_of(BB_PORT_DTMF_END));
	for (unsigned i = 0; i < 3; i++)
		send_event(&p, r, 5, true, 800);
	ev = event_of(BB_PORT_DTMF_END);
	ck_assert(ev && ev->digit == '5' && ev->ms == 100);
	/* Its packets are none of the voice's. */
	p.ts += 800;
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	ck_assert_uint_eq(p.got.seq, (uint16_t)(seq + 1));
	/* An end that is lost is made up. */
	n_events = 0;
	send_event(&p, r, 11, false, 160);
	bb_sim_advance(400 * BB_MS);
	ev = event_of(BB_PORT_DTMF_END);
	ck_assert(ev && ev->digit == '#' && ev->ms == 20);
	/* A new source has a time of its own, which may lie before the old one's. */
	n_events = 0;
	p.ssrc++;
	p.ts -= 100000;
	send_event(&p, r, 7, false, 160);
	ev = event_of(BB_PORT_DTMF_BEGIN);
	ck_assert(ev && ev->digit == '7');
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

/* What was lost stays lost when the far end begins its numbers anew. */
START_TEST(counts_across_a_restart)
{
	struct bb_rtp_stats st;
	struct bb_rtp *r;
	struct peer p;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	p.seq += 5;
	peer_voice(&p, r, 0, 1);
	rtp_api.stats(r, &st);
	ck_assert_uint_eq(st.rx_lost, 5);
	p.seq += 20000;
	for (unsigned i = 0; i < 4; i++)
		peer_voice(&p, r, 0, 1);
	rtp_api.stats(r, &st);
	ck_assert_uint_eq(st.rx_lost, 5);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

START_TEST(sends_digits)
{
	struct bb_rtp *r;
	struct peer p;
	struct bb_stream_desc l, f;
	unsigned events_seen = 0, ends = 0, voice = 0, markers = 0;
	uint32_t ts[2] = { 0 };
	uint16_t last;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	last = p.got.seq;
	ck_assert_int_eq(rtp_api.send_digit(r, '1', 100), 0);
	ck_assert_int_eq(rtp_api.send_digit(r, '2', 60), 0);
	ck_assert_int_eq(rtp_api.send_digit(r, 'x', 60), -EINVAL);
	for (unsigned i = 0; i < 40; i++) {
		bb_sim_advance(20 * BB_MS);
		peer_voice(&p, r, 0, 1);
		while (peer_recv(&p)) {
			ck_assert_uint_eq(p.got.seq, (uint16_t)(last + 1));
			last = p.got.seq;
			if (p.got.pt != 101) {
				voice++;
				continue;
			}
			events_seen++;
			ck_assert(p.got.payload[0] == 1 || p.got.payload[0] == 2);
			if (p.got.marker) {
				markers++;
				ts[p.got.payload[0] - 1] = p.got.ts;
			}
			ck_assert_uint_eq(p.got.ts, ts[p.got.payload[0] - 1]);
			if (p.got.payload[1] & 0x80) {
				ends++;
				ck_assert_uint_eq(rtp_get16(p.got.payload + 2),
						  p.got.payload[0] == 1 ? 800 : 480);
			}
		}
	}
	ck_assert_uint_eq(markers, 2);
	ck_assert_uint_eq(ends, 6);
	ck_assert_uint_eq(events_seen, 7 + 5);
	ck_assert_uint_ge(voice, 20);
	/* Voice came back with a timestamp that counts the digits' time. */
	ck_assert_uint_ge(p.got.ts - ts[1], 20 * 160);
	l = describe(rtp_api.local(r), &(struct line){ "ulaw", 0 }, 1);
	f = describe(&p.addr, &(struct line){ "ulaw", 0 }, 1);
	f.dtmf_pt = -1;
	ck_assert_int_eq(rtp_api.configure(r, &l, &f), 0);
	ck_assert_int_eq(rtp_api.send_digit(r, '1', 100), -ENOTSUP);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

/* Lost, doubled and overtaken on the virtual clock, the same way each time. */
static const struct bb_sim_net bad_network = {
	.loss = 80, .duplicate = 50, .reorder = 50, .delay_min = 5 * BB_MS, .delay_max = 25 * BB_MS
};

START_TEST(digits_through_a_bad_network)
{
	static const char dialed[] = "0123456789*#ABCD";
	struct bb_rtp *a, *b;
	char begun[40] = "", ended[40] = "";

	up(true);
	bb_sim_net_set(&bad_network);
	a = endpoint("127.0.0.1", NULL);
	b = endpoint("127.0.0.2", NULL);
	configure(a, rtp_api.local(b), "ulaw", 0, 0);
	configure(b, rtp_api.local(a), "ulaw", 0, 0);
	for (unsigned i = 0; dialed[i]; i++)
		ck_assert_int_eq(rtp_api.send_digit(a, dialed[i], 100), 0);
	bb_sim_advance(10 * BB_SEC);
	for (unsigned i = 0; i < n_events; i++) {
		if (events[i].type == BB_PORT_DTMF_BEGIN)
			begun[strlen(begun)] = events[i].digit;
		if (events[i].type == BB_PORT_DTMF_END)
			ended[strlen(ended)] = events[i].digit;
	}
	ck_assert_str_eq(begun, dialed);
	ck_assert_str_eq(ended, dialed);
	rtp_api.close(a);
	rtp_api.close(b);
	down();
}
END_TEST

START_TEST(voice_through_a_bad_network)
{
	struct bb_rtp *r;
	struct bb_rtp_stats st;
	struct peer p;
	unsigned heard = 0;

	up(true);
	peer_open(&p, "127.0.0.2");
	r = echo(&p);
	bb_sim_net_set(&bad_network);
	for (unsigned i = 0; i < 1000; i++) {
		peer_voice(&p, r, 0, 1);
		bb_sim_advance(20 * BB_MS);
		while (far_recv(&p.rtp, p.buf, sizeof(p.buf), false))
			heard++;
	}
	rtp_api.stats(r, &st);
	/* Each kind of trouble is seen as what it is. */
	ck_assert_uint_ge(st.rx_lost, 50);
	ck_assert_uint_le(st.rx_lost, 110);
	ck_assert_uint_ge(st.rx_duplicates, 25);
	ck_assert_uint_le(st.rx_duplicates, 75);
	ck_assert_uint_ge(st.rx_reordered, 1);
	ck_assert_double_ge(st.rx_jitter, 1);
	/* What came once went out once, and met the same on its way back. */
	ck_assert_uint_ge(heard, 800);
	ck_assert_uint_le(heard, 980);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

START_TEST(notices_silence)
{
	struct bb_rtp *r;
	struct peer p;
	bb_time from;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	from = bb_now();
	bb_sim_advance(29 * BB_SEC);
	ck_assert_ptr_null(event_of(BB_PORT_TIMEOUT));
	peer_voice(&p, r, 0, 1);
	bb_sim_advance(29 * BB_SEC);
	ck_assert_ptr_null(event_of(BB_PORT_TIMEOUT));
	bb_sim_advance(2 * BB_SEC);
	ck_assert_ptr_nonnull(event_of(BB_PORT_TIMEOUT));
	ck_assert_int_ge(bb_now() - from, 59 * BB_SEC);
	n_events = 0;
	bb_sim_advance(100 * BB_SEC);
	ck_assert_ptr_null(event_of(BB_PORT_TIMEOUT)); /* once */
	peer_voice(&p, r, 0, 1);
	rtp_api.hold(r, true);
	bb_sim_advance(250 * BB_SEC);
	ck_assert_ptr_null(event_of(BB_PORT_TIMEOUT));
	bb_sim_advance(60 * BB_SEC);
	ck_assert_ptr_nonnull(event_of(BB_PORT_TIMEOUT));
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

/* After the window the socket is connected; a refused port is told once. */
START_TEST(notices_a_closed_port)
{
	struct bb_rtp *r;
	struct peer p, other;
	const struct bb_port_event *ev;
	unsigned n = 0;

	up(true);
	peer_open(&p, "127.0.0.1");
	peer_open(&other, "127.0.0.1");
	r = echo(&p);
	configure(r, &p.addr, "ulaw", 0, 0);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	far_close(&p.rtp);
	ck_assert_int_eq(rtp_api.send_digit(r, '1', 200), 0);
	bb_sim_advance(400 * BB_MS);
	ev = event_of(BB_PORT_ERROR);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->value, -ECONNREFUSED);
	for (unsigned i = 0; i < n_events; i++)
		n += events[i].type == BB_PORT_ERROR;
	ck_assert_uint_eq(n, 1);
	/* Somewhere else it goes on, from a socket that was connected before. */
	other.ssrc = 0x5678;
	configure(r, &other.addr, "ulaw", 0, 0);
	peer_voice(&other, r, 0, 1);
	ck_assert(peer_recv(&other));
	rtp_api.close(r);
	far_close(&p.rtcp);
	peer_close(&other);
	down();
}
END_TEST

static const struct {
	enum bb_direction local, remote;
	bool send, recv;
} directions[] = {
	{ BB_SENDRECV, BB_SENDRECV, true, true },   { BB_SENDRECV, BB_SENDONLY, false, true },
	{ BB_SENDRECV, BB_RECVONLY, true, false },  { BB_RECVONLY, BB_SENDRECV, false, true },
	{ BB_INACTIVE, BB_SENDRECV, false, false }, { BB_SENDRECV, BB_INACTIVE, false, false },
};

START_TEST(keeps_to_the_direction)
{
	struct bb_rtp *a, *b;
	struct peer pa, pb;
	struct bb_stream_desc l, f;

	up(true);
	peer_open(&pa, "127.0.0.1");
	peer_open(&pb, "127.0.0.1");
	a = endpoint("127.0.0.1", NULL);
	b = endpoint("127.0.0.1", a);
	configure(b, &pb.addr, "ulaw", 0, 0);
	l = describe(rtp_api.local(a), &(struct line){ "ulaw", 0 }, 1);
	f = describe(&pa.addr, &(struct line){ "ulaw", 0 }, 1);
	l.dir = directions[_i].local;
	f.dir = directions[_i].remote;
	ck_assert_int_eq(rtp_api.configure(a, &l, &f), 0);
	join(a, b);
	peer_voice(&pa, a, 0, 1);
	ck_assert_int_eq(peer_recv(&pb), directions[_i].recv);
	peer_voice(&pb, b, 0, 1);
	ck_assert_int_eq(peer_recv(&pa), directions[_i].send);
	rtp_api.close(a);
	rtp_api.close(b);
	peer_close(&pa);
	peer_close(&pb);
	down();
}
END_TEST

static const struct {
	struct line local[3], remote[3];
	const char *sent;
} choices[] = {
	{ { { "ulaw", 0 } }, { { "alaw", 8 }, { "ulaw", 0 } }, "ulaw" }, /* our answer */
	{ { { "alaw", 8 }, { "ulaw", 0 } }, { { "ulaw", 0 } }, "ulaw" }, /* theirs */
	{ { { "alaw", 8 }, { "ulaw", 0 } }, { { "ulaw", 0 }, { "alaw", 8 } }, "ulaw" },
	{ { { "ulaw", 0 } }, { { "alaw", 8 } }, NULL },
};

START_TEST(sends_the_first_of_the_answer)
{
	struct bb_rtp *r;
	struct bb_stream_desc l, f;
	struct peer p;
	unsigned nl = 0, nf = 0;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = endpoint("127.0.0.1", NULL);
	while (nl < 3 && choices[_i].local[nl].name)
		nl++;
	while (nf < 3 && choices[_i].remote[nf].name)
		nf++;
	l = describe(rtp_api.local(r), choices[_i].local, nl);
	f = describe(&p.addr, choices[_i].remote, nf);
	if (choices[_i].sent) {
		ck_assert_int_eq(rtp_api.configure(r, &l, &f), 0);
		ck_assert_str_eq(bb_port_tx(rtp_api.port(r))->name, choices[_i].sent);
	} else {
		ck_assert_int_eq(rtp_api.configure(r, &l, &f), -ENOTSUP);
	}
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

START_TEST(lack_of_memory_is_told)
{
	struct peer p;

	up(true);
	peer_open(&p, "127.0.0.1");
	for (unsigned long at = 1; at < 20; at++) {
		struct bb_rtp_params params = { .symmetric = true };
		struct bb_rtp *r = NULL;
		struct bb_stream_desc l, f;
		int err;

		bb_addr_parse(&params.local, BB_STR("127.0.0.1"));
		l = describe(&p.addr, &(struct line){ "ulaw", 0 }, 1);
		f = l;
		bb_mem_fail_at(at);
		err = rtp_api.create(&r, &params);
		if (!err)
			err = rtp_api.configure(r, &l, &f);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		rtp_api.close(r);
		mt_barrier();
	}
	ck_assert_uint_eq(rtp_endpoints(), 0);
	peer_close(&p);
	down();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("endpoint");
	Suite *s = suite_create("rtp endpoint");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, relays, 0, 4);
	tcase_add_test(tc, bridges_two);
	tcase_add_test(tc, goes_on_when_the_source_changes);
	tcase_add_test(tc, translates);
	tcase_add_test(tc, unknown_payloads_leave_no_gap);
	tcase_add_test(tc, overtaken_packets_share_no_number);
	tcase_add_test(tc, latches_and_refuses_a_hijacker);
	tcase_add_test(tc, latches_behind_translation);
	tcase_add_test(tc, hears_digits);
	tcase_add_test(tc, counts_across_a_restart);
	tcase_add_test(tc, sends_digits);
	tcase_add_test(tc, digits_through_a_bad_network);
	tcase_add_test(tc, voice_through_a_bad_network);
	tcase_add_test(tc, notices_silence);
	tcase_add_test(tc, notices_a_closed_port);
	tcase_add_loop_test(tc, keeps_to_the_direction, 0, BB_ARRAY_SIZE(directions));
	tcase_add_loop_test(tc, sends_the_first_of_the_answer, 0, BB_ARRAY_SIZE(choices));
	tcase_add_test(tc, lack_of_memory_is_told);
	suite_add_tcase(s, tc);
	return mt_run(s);
}
