/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One core on the virtual clock, and a peer that speaks by hand: crossings,
 * forks, silence, forgeries.
 */
#include "peer_test.h"

/* A 200 that nobody asked for must not make us send to whom it names (RFC 6026 section 7.2). */
START_TEST(unasked_200)
{
	scene();
	say("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKforged\r\n"
	    "From: <sip:x@10.0.0.1>;tag=1\r\nTo: <sip:y@10.0.0.4>;tag=2\r\nCall-ID: forged\r\n"
	    "CSeq: 1 INVITE\r\nContact: <sip:y@10.0.0.4>\r\nContent-Length: 0\r\n\r\n");
	bb_sim_advance(40 * BB_SEC);
	ck_assert_uint_eq(t.heard_by_bystander, 0);
	curtain();
}
END_TEST

/* A re-INVITE that got a 100 and no more ends with its call. */
START_TEST(reinvite_left_hanging)
{
	struct bb_media_desc d;

	scene();
	talk();
	describe(&d);
	ck_assert_int_eq(sip_session_offer(t.s, &d), 0);
	bb_sim_advance(100 * BB_MS);
	ck_assert_uint_eq(t.invites, 2);
	reply(100, "y", false);
	ask("BYE", "y", 100, "bye", false);
	ck_assert_uint_eq(t.code, 200);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(t.closed, 1);
	ck_assert_uint_ge(t.cancels, 1);
	curtain();
}
END_TEST

/* A re-INVITE that got a 100 and no more is taken back, and further offers go out. */
START_TEST(reinvite_bounded)
{
	struct bb_media_desc d;

	scene();
	talk();
	describe(&d);
	ck_assert_int_eq(sip_session_offer(t.s, &d), 0);
	bb_sim_advance(100 * BB_MS);
	reply(100, "y", false);
	ck_assert_int_eq(sip_session_offer(t.s, &d), -EAGAIN);
	bb_sim_advance(30 * BB_SEC);
	ck_assert_uint_eq(t.cancels, 0);
	reply(180, "y", false); /* somebody is asked there: it begins anew */
	bb_sim_advance(30 * BB_SEC);
	ck_assert_uint_eq(t.cancels, 0);
	bb_sim_advance(3 * BB_SEC);
	ck_assert_uint_ge(t.cancels, 1);
	answer(t.request, 200, "y", "", false);
	reply(487, "y", false);
	ck_assert_uint_eq(t.offers_done, 1);
	ck_assert_uint_eq(t.done_code, 487);
	ck_assert_uint_eq(t.invites, 3);
	reply(200, "y", true);
	ck_assert_uint_eq(t.done_code, 200);
	sip_session_end(t.s, 16, NULL);
	curtain();
}
END_TEST

/* And when nothing comes of that either, the call is over (RFC 3261 section 12.2.1.2). */
START_TEST(reinvite_into_silence)
{
	struct bb_media_desc d;

	scene();
	talk();
	describe(&d);
	ck_assert_int_eq(sip_session_offer(t.s, &d), 0);
	bb_sim_advance(100 * BB_MS);
	reply(100, "y", false);
	bb_sim_advance(70 * BB_SEC);
	ck_assert_uint_eq(t.closed, 1);
	ck_assert_int_eq(t.fault, BB_SIP_SILENT);
	ck_assert_uint_ge(t.byes, 1);
	curtain();
}
END_TEST

/* A 2xx gets its ACK although a BYE is on its way (section 13.2.2.4). */
START_TEST(reinvite_answered_after_bye)
{
	struct bb_media_desc d;

	scene();
	talk();
	describe(&d);
	ck_assert_int_eq(sip_session_offer(t.s, &d), 0);
	bb_sim_advance(100 * BB_MS);
	ck_assert_uint_eq(t.invites, 2);
	sip_session_end(t.s, 16, NULL);
	bb_sim_advance(100 * BB_MS);
	ck_assert_uint_eq(t.byes, 1);
	reply(200, "y", true);
	ck_assert_uint_eq(t.acks, 2);
	curtain();
}
END_TEST

/* Each branch of a fork counts its own requests, and has its own target. */
START_TEST(branches_count_apart)
{
	scene();
	call();
	reply(183, "x", true);
	ask("UPDATE", "x", 5000, "up", false);
	ck_assert_uint_eq(t.code, 200);
	ck_assert_str_eq(t.s->dlg.target, "sip:600@10.0.0.3:5070");
	reply(200, "y", true);
	ck_assert_uint_eq(t.answered, 1);
	ask("BYE", "y", 100, "bye", false);
	ck_assert_uint_eq(t.code, 200);
	curtain();
}
END_TEST

/* The BYE of one branch ends that branch alone; the next one is heard then. */
START_TEST(branch_ends)
{
	scene();
	call();
	reply(183, "x", true);
	ck_assert_uint_eq(t.heard, 1);
	reply(180, "y", false);
	reply(183, "z", true);
	ck_assert_uint_eq(t.heard, 1);
	ask("INFO", "x", 5000, "i1", false);
	ck_assert_uint_eq(t.code, 200);
	ask("INFO", "y", 7, "i2", false);
	ck_assert_uint_eq(t.code, 200);
	ask("INFO", "y", 6, "i3", false);
	ck_assert_uint_eq(t.code, 500);
	ask("BYE", "x", 5001, "b1", false);
	ck_assert_uint_eq(t.code, 200);
	ck_assert_uint_eq(t.closed, 0);
	ck_assert_uint_eq(t.cancels, 0);
	ck_assert_uint_eq(t.heard, 2);
	/* It said that it is gone: what it says now is no answer to anybody. */
	ask("INFO", "x", 5002, "i4", false);
	ck_assert_uint_eq(t.code, 481);
	reply(200, "x", true);
	ck_assert_uint_eq(t.answered, 0);
	ck_assert_uint_eq(t.byes, 1);
	reply(200, "y", true);
	ck_assert_uint_eq(t.answered, 1);
	ck_assert_str_eq(t.s->dlg.remote_tag, "y");
	/* The confirmed dialog goes on counting where its early one was. */
	ask("INFO", "y", 7, "i5", false);
	ck_assert_uint_eq(t.code, 500);
	ask("BYE", "y", 8, "b2", false);
	ck_assert_uint_eq(t.code, 200);
	ck_assert_uint_eq(t.closed, 1);
	curtain();
}
END_TEST

START_TEST(last_branch_ends)
{
	scene();
	call();
	reply(183, "x", true);
	reply(180, "y", false);
	ask("BYE", "y", 1, "b1", false);
	ck_assert_uint_eq(t.closed, 0);
	ask("BYE", "x", 1, "b2", false);
	ck_assert_uint_eq(t.code, 200);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(t.closed, 1);
	ck_assert_uint_ge(t.cancels, 1);
	curtain();
}
END_TEST

/* An INVITE that nobody answers: a 1xx each minute (section 13.3.1.1), and an end. */
START_TEST(never_answered)
{
	for (unsigned rings = 0; rings < 2; rings++) {
		scene();
		t.ring = rings;
		invite_us("n", "", NULL, "");
		bb_sim_advance(5 * BB_SEC);
		ck_assert_uint_eq(t.rung, rings);
		bb_sim_advance(60 * BB_SEC);
		ck_assert_uint_eq(t.rung, rings + 1);
		bb_sim_advance(60 * BB_SEC);
		ck_assert_uint_eq(t.rung, rings + 2);
		ck_assert_uint_eq(t.closed, 0);
		bb_sim_advance(46 * BB_SEC);
		ck_assert_uint_eq(t.closed, 1);
		ck_assert_uint_eq(t.code, 480);
		ck_assert_uint_eq(t.end_code, 480);
		ack_us("n");
		curtain();
	}
}
END_TEST

/* A body in a coding we do not know is refused with what we do (section 8.2.3), within a call too.
 */
START_TEST(unreadable_bodies)
{
	static const char gz[] = "Content-Encoding: gzip\r\n",
			  opt[] = "Content-Disposition: session;handling=optional\r\n";

	scene();
	invite_us("c", gz, "application/sdp", "x");
	ck_assert_uint_eq(t.code, 415);
	ck_assert_ptr_nonnull(strstr(t.response, "Accept-Encoding: identity"));
	ack_us("c");
	talk();
	t.answer_offers = true;
	ask_with("INVITE", "y", 10, "r1", gz, "application/sdp", "x");
	ck_assert_uint_eq(t.code, 415);
	ask("ACK", "y", 10, "r1", false);
	ask_with("UPDATE", "y", 11, "u", "", "text/plain", "x");
	ck_assert_uint_eq(t.code, 415);
	ck_assert_ptr_nonnull(strstr(t.response, "Accept: application/sdp"));
	ask_with("UPDATE", "y", 12, "u2", opt, "text/plain", "x");
	ck_assert_uint_eq(t.code, 200);
	ck_assert_uint_eq(t.offers, 0);
	sip_session_end(t.s, 16, NULL);
	curtain();
}
END_TEST

/* The INVITE says itself how long it is good for (section 13.3.1). */
START_TEST(expires)
{
	scene();
	t.ring = true;
	invite_us("e", "Expires: 20\r\n", NULL, "");
	bb_sim_advance(19 * BB_SEC);
	ck_assert_uint_eq(t.closed, 0);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_uint_eq(t.code, 487);
	ck_assert_uint_eq(t.closed, 1);
	ack_us("e");
	curtain();
}
END_TEST

static enum bb_sip_contact_status named(void)
{
	bb_time rtt;

	return sip_qualify_status(t.core, BB_STR("named"), BB_STR("sip:x@phone.test:5070"), &rtt);
}

/* A contact by host name is looked up each time, and asked where its name leads. */
START_TEST(qualify_by_name)
{
	struct bb_addr at;

	scene();
	sip_qualify_start(t.core);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_uint_eq(t.options, 0);
	ck_assert_int_eq(named(), BB_SIP_UNREACHABLE);
	ck_assert_int_eq(bb_addr_parse(&at, BB_STR("10.0.0.3:0")), 0);
	ck_assert_int_eq(bb_sim_host("phone.test", &at), 0);
	bb_sim_advance(11 * BB_SEC);
	ck_assert_uint_ge(t.options, 1);
	answer(t.request, 200, "o", "", false);
	ck_assert_int_eq(named(), BB_SIP_REACHABLE);
	/* And silence is noticed. */
	bb_sim_advance(15 * BB_SEC);
	ck_assert_int_eq(named(), BB_SIP_UNREACHABLE);
	sip_qualify_stop(t.core);
	curtain();
}
END_TEST

/* Our offer waits for theirs to be settled, and goes out as well when they take it back. */
START_TEST(their_offer_taken_back)
{
	struct bb_media_desc d;

	scene();
	talk();
	ask("INVITE", "y", 10, "re", true);
	ck_assert_uint_eq(t.offers, 1);
	describe(&d);
	ck_assert_int_eq(sip_session_offer(t.s, &d), -EAGAIN);
	ask("CANCEL", "y", 10, "re", false);
	ck_assert_uint_eq(t.code, 487);
	ck_assert_uint_eq(t.invites, 2);
	ask("ACK", "y", 10, "re", false);
	reply(200, "y", true);
	ck_assert_uint_eq(t.offers_done, 1);
	ck_assert_uint_eq(t.done_code, 200);
	sip_session_end(t.s, 16, NULL);
	curtain();
}
END_TEST

/* force_rport is each endpoint's own, for refusals and answers to CANCEL too. */
START_TEST(challenge_to_the_source)
{
	static const char invite[] =
		"INVITE sip:600@10.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.0.0.3:5099;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
		"From: <sip:%s@10.0.0.1>;tag=1\r\nTo: <sip:600@10.0.0.1>\r\nCall-ID: %s\r\n"
		"CSeq: 1 INVITE\r\nContact: <sip:x@10.0.0.3:5070>\r\nContent-Length: 0\r\n\r\n";
	char text[600];

	scene();
	snprintf(text, sizeof(text), invite, "n", "natted", "n");
	say(text);
	ck_assert_uint_eq(t.code, 401);
	t.code = 0;
	snprintf(text, sizeof(text), invite, "p", "plain", "p");
	say(text);
	ck_assert_uint_eq(t.code, 0);
	curtain();
}
END_TEST

BBT_MAIN("modules/sip/peer",
	 BBT_CASE("by hand", BBT_SIMULATED, unasked_200, reinvite_left_hanging, reinvite_bounded,
		  reinvite_into_silence, branch_ends, qualify_by_name, last_branch_ends,
		  never_answered, unreadable_bodies, expires, reinvite_answered_after_bye,
		  branches_count_apart, their_offer_taken_back, challenge_to_the_source))
