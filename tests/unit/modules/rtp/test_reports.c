/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RTCP of an endpoint: what it reports, when, to whom, and what it takes from
 * the reports of others (RFC 3550 section 6).
 */
#include "tests/unit/modules/rtp/endpoint_test.h"

/* The last report that came; @return how many. */
static unsigned reports_of(struct peer *p, struct rtcp_info *last)
{
	uint8_t b[RTCP_MAX_PACKET];
	unsigned told = 0;
	size_t n;

	while ((n = far_recv(&p->rtcp, b, sizeof(b), false)) > 0) {
		ck_assert_int_eq(rtcp_parse(last, b, n), 0);
		told++;
	}
	return told;
}

static void wait_report(struct peer *p, struct rtcp_info *last)
{
	for (unsigned i = 0; i < 200; i++) {
		bb_sim_advance(100 * BB_MS);
		if (reports_of(p, last))
			return;
	}
	ck_abort_msg("no report came");
}

static void send_report(struct peer *p, const struct bb_rtp *r, const struct rtcp_info *info)
{
	struct bb_addr to = *rtp_api.local(r);
	uint8_t b[RTCP_MAX_PACKET];
	int n = rtcp_build(b, sizeof(b), info);

	bb_addr_set_port(&to, (uint16_t)(bb_addr_port(&to) + 1));
	far_send(&p->rtcp, &to, b, (size_t)n);
}

START_TEST(reports)
{
	struct bb_rtp *r;
	struct peer p;
	struct rtcp_info info = { .n_reports = 0 }, back = { .ssrc = 0x1234, .n_reports = 1 };
	struct bb_rtp_stats st;
	unsigned told = 0;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	for (unsigned i = 0; i < 400; i++) {
		if (i % 10) {
			peer_voice(&p, r, 0, 1);
		} else {
			p.seq++;
			p.ts += 160;
		}
		peer_drain(&p);
		bb_sim_advance(20 * BB_MS);
		told += reports_of(&p, &info);
	}
	ck_assert_uint_ge(told, 1);
	ck_assert_uint_le(told, 4);
	ck_assert(info.sender && info.packets > 50 && info.octets == info.packets * 160);
	ck_assert_uint_eq(info.n_reports, 1);
	ck_assert_uint_eq(info.reports[0].ssrc, 0x1234);
	ck_assert_uint_ge(info.reports[0].fraction, 22);
	ck_assert_uint_le(info.reports[0].fraction, 29);
	ck_assert_uint_ge(strlen(info.cname), 8);
	/* Answer: it came 100 ms ago, of which we kept it for 60. */
	peer_drain(&p);
	back.reports[0] =
		(struct rtcp_report){ .ssrc = info.ssrc, .fraction = 64, .lost = 3, .jitter = 80 };
	back.reports[0].lsr = rtcp_middle(info.ntp_sec, info.ntp_frac);
	bb_sim_advance(100 * BB_MS);
	{
		uint32_t sec, frac, now;

		rtcp_ntp(bb_wall(), &sec, &frac);
		now = rtcp_middle(sec, frac);
		back.reports[0].dlsr = now - back.reports[0].lsr - (40u << 16) / 1000;
	}
	send_report(&p, r, &back);
	rtp_api.stats(r, &st);
	ck_assert_double_ge(st.rtt, 35);
	ck_assert_double_le(st.rtt, 45);
	ck_assert_double_ge(st.tx_jitter, 9.9);
	ck_assert_double_le(st.tx_jitter, 10.1);
	ck_assert_uint_eq(st.tx_lost, 3);
	ck_assert_double_lt(st.tx_mos, 2.5);
	ck_assert_double_gt(st.rx_mos, 2.5);
	ck_assert_uint_ge(st.rx_lost, 38);
	/* BYE when it closes. */
	reports_of(&p, &info);
	rtp_api.close(r);
	ck_assert_uint_eq(reports_of(&p, &info), 1);
	ck_assert(info.bye);
	peer_close(&p);
	down();
}
END_TEST

/* Section 6.4: an SR while something was sent in the last interval or the one before it. */
START_TEST(a_sender_is_one_for_two_intervals)
{
	struct bb_rtp *r;
	struct peer p;
	struct rtcp_info info = { .n_reports = 0 };

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	wait_report(&p, &info);
	ck_assert(info.sender && info.packets == 1);
	wait_report(&p, &info);
	ck_assert(info.sender);
	wait_report(&p, &info);
	ck_assert(!info.sender);
	peer_voice(&p, r, 0, 1);
	wait_report(&p, &info);
	ck_assert(info.sender && info.packets == 2);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

/* Section 6.6: no BYE from who never sent a packet, of either kind. */
START_TEST(who_was_silent_says_no_bye)
{
	struct bb_rtp *r;
	struct peer p;
	struct rtcp_info info = { .n_reports = 0 };

	up(true);
	peer_open(&p, "127.0.0.1");
	r = endpoint("127.0.0.1", NULL);
	configure(r, &p.addr, "ulaw", 0, 0);
	peer_voice(&p, r, 0, 1); /* heard, not answered */
	if (_i)
		wait_report(&p, &info);
	rtp_api.close(r);
	bb_sim_settle();
	ck_assert_uint_eq(reports_of(&p, &info), _i);
	ck_assert_int_eq(info.bye, _i);
	peer_close(&p);
	down();
}
END_TEST

/* Section 6.4.1: LSR and DLSR are of the source that is reported on. */
START_TEST(another_sources_report_is_not_its_own)
{
	struct rtcp_info sr = { .ssrc = 0x1234, .sender = true, .ntp_sec = 7, .ntp_frac = 9 << 16 };
	struct rtcp_info info = { .n_reports = 0 };
	struct bb_rtp *r;
	struct peer p;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	send_report(&p, r, &sr);
	wait_report(&p, &info);
	ck_assert_uint_eq(info.n_reports, 1);
	ck_assert_uint_eq(info.reports[0].lsr, 7 << 16 | 9);
	ck_assert_uint_gt(info.reports[0].dlsr, 0);
	p.ssrc = 0x9999;
	peer_voice(&p, r, 0, 1);
	wait_report(&p, &info);
	ck_assert_uint_eq(info.reports[0].ssrc, 0x9999);
	ck_assert_uint_eq(info.reports[0].lsr, 0);
	ck_assert_uint_eq(info.reports[0].dlsr, 0);
	sr.ssrc = 0x9999;
	send_report(&p, r, &sr);
	wait_report(&p, &info);
	ck_assert_uint_eq(info.reports[0].lsr, 7 << 16 | 9);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

/* On hold by 0.0.0.0 (RFC 2543), or by a port of 0, the reports go where they went. */
START_TEST(hold_is_no_place_to_report_to)
{
	struct bb_rtp *r;
	struct peer p;
	struct rtcp_info info = { .n_reports = 0 };
	struct bb_addr none;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	wait_report(&p, &info);
	if (_i) {
		none = p.addr;
		bb_addr_set_port(&none, 0);
	} else {
		ck_assert_int_eq(bb_addr_parse(&none, BB_STR("0.0.0.0:4000")), 0);
	}
	configure(r, &none, "ulaw", 0, 0);
	wait_report(&p, &info);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

/* What comes while nothing is to be heard is no loss of what comes afterwards. */
START_TEST(what_was_not_wanted_is_not_lost)
{
	struct bb_rtp *r;
	struct bb_stream_desc l, f;
	struct peer p;
	uint16_t seq;

	up(true);
	peer_open(&p, "127.0.0.1");
	r = echo(&p);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	seq = p.got.seq;
	l = describe(rtp_api.local(r), &(struct line){ "ulaw", 0 }, 1);
	f = describe(&p.addr, &(struct line){ "ulaw", 0 }, 1);
	f.dir = BB_RECVONLY;
	ck_assert_int_eq(rtp_api.configure(r, &l, &f), 0);
	for (unsigned i = 0; i < 100; i++)
		peer_voice(&p, r, 0, 1);
	ck_assert(!peer_recv(&p));
	configure(r, &p.addr, "ulaw", 0, 0);
	peer_voice(&p, r, 0, 1);
	ck_assert(peer_recv(&p));
	ck_assert_uint_eq(p.got.seq, (uint16_t)(seq + 1));
	ck_assert(p.got.marker);
	rtp_api.close(r);
	peer_close(&p);
	down();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("reports");
	Suite *s = suite_create("rtp reports");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, reports);
	tcase_add_test(tc, a_sender_is_one_for_two_intervals);
	tcase_add_loop_test(tc, who_was_silent_says_no_bye, 0, 2);
	tcase_add_test(tc, another_sources_report_is_not_its_own);
	tcase_add_loop_test(tc, hold_is_no_place_to_report_to, 0, 2);
	tcase_add_test(tc, what_was_not_wanted_is_not_lost);
	suite_add_tcase(s, tc);
	return mt_run(s);
}
