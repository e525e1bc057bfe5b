/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One core on the virtual clock, and a peer that speaks by hand: what a whole
 * user agent on the other side would never do.
 */
#include "bbtest.h"
#include "modules/sip/session.h"

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n"                  \
	"m=audio 7000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n"

static struct {
	struct sip_core *core;
	struct sip_config *config;
	struct bb_sip_session *s;
	unsigned answered, offers, offers_done, done_code, closed;
	bool answer_offers;
	/* the peer, and somebody who has nothing to do with anything */
	struct bb_udp *peer, *bystander;
	struct sip_msg *invite; /* last one that the peer got */
	unsigned invites, acks, byes, cancels, code, heard_by_bystander;
} t;

static void describe(struct bb_media_desc *d)
{
	memset(d, 0, sizeof(*d));
	d->n = 1;
	d->streams[0].type = BB_AUDIO;
	d->streams[0].dtmf_pt = 101;
	d->streams[0].dtmf_clock = 8000;
	memcpy(d->streams[0].profile, "RTP/AVP", 8);
	memcpy(d->streams[0].media, "audio", 6);
	bb_addr_parse(&d->streams[0].rtp, BB_STR("0.0.0.0:4000"));
}

/* --- the user of the core --- */

static void on_answered(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	(void)s;
	(void)d;
	(void)arg;
	t.answered++;
}

static void on_offer(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct bb_media_desc mine;

	(void)d;
	(void)arg;
	t.offers++;
	describe(&mine);
	if (t.answer_offers)
		ck_assert_int_eq(sip_session_answer(s, &mine), 0);
}

static void on_offer_done(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *d,
			  void *arg)
{
	(void)s;
	(void)d;
	(void)arg;
	t.offers_done++;
	t.done_code = code;
}

static void on_closed(struct bb_sip_session *s, const struct bb_sip_end *e, void *arg)
{
	(void)e;
	(void)arg;
	t.closed++;
	t.s = NULL;
	sip_session_drop(s);
}

static const struct bb_sip_session_ops ops = {
	.answered = on_answered, .offer = on_offer, .offer_done = on_offer_done, .closed = on_closed
};

/* --- the peer --- */

static void peer_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	struct sip_flow flow = { .type = SIP_TP_UDP, .local = d->to, .remote = d->from };
	struct sip_fault fault;
	struct sip_msg *m;

	(void)u;
	(void)arg;
	ck_assert_int_eq(sip_msg_parse(&m, d->data, d->len, SIP_DATAGRAM, &flow, &fault), 0);
	if (!m->request) {
		t.code = m->status;
	} else if (m->method == SIP_INVITE) {
		t.invites++;
		sip_msg_unref(t.invite);
		t.invite = sip_msg_ref(m);
	}
	t.acks += m->request && m->method == SIP_ACK;
	t.byes += m->request && m->method == SIP_BYE;
	t.cancels += m->request && m->method == SIP_CANCEL;
	sip_msg_unref(m);
}

static void bystander_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	(void)u;
	(void)d;
	(void)arg;
	t.heard_by_bystander++;
}

/* Answer the last INVITE. */
static void reply(unsigned code, const char *tag, bool sdp)
{
	struct bb_buf out = { 0 };

	sip_reply_begin(&out, t.invite, code, NULL, bb_strz(tag));
	bb_buf_printf(&out, "Contact: <sip:%s@10.0.0.3:5070>\r\n", tag);
	sip_put_body(&out, sdp ? "application/sdp" : NULL, sdp ? BB_STR(SDP) : BB_STR(""));
	ck_assert_int_eq(out.err, 0);
	ck_assert_int_eq(bb_udp_send(t.peer, NULL, &t.invite->flow.remote, out.p, out.l), 0);
	bb_buf_free(&out);
	bb_sim_advance(100 * BB_MS);
}

static void say(const char *text)
{
	struct bb_addr to;

	ck_assert_int_eq(bb_addr_parse(&to, BB_STR("10.0.0.1:5060")), 0);
	ck_assert_int_eq(bb_udp_send(t.peer, NULL, &to, text, strlen(text)), 0);
	bb_sim_advance(100 * BB_MS);
}

/* A request within the dialog of the last INVITE. */
static void ask(const char *method, const char *tag, unsigned cseq, const char *branch, bool sdp)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b,
		      "%s sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.3:5070;branch=z9hG4bK%s"
		      "\r\nMax-Forwards: 70\r\nFrom: <sip:600@10.0.0.3>;tag=%s\r\nTo: %.*s\r\n"
		      "Call-ID: %.*s\r\nCSeq: %u %s\r\nContact: <sip:%s@10.0.0.3:5070>\r\n",
		      method, branch, tag, BB_FMT(t.invite->from.text), BB_FMT(t.invite->call_id),
		      cseq, method, tag);
	sip_put_body(&b, sdp ? "application/sdp" : NULL, sdp ? BB_STR(SDP) : BB_STR(""));
	t.code = 0;
	say(bb_buf_cstr(&b));
	bb_buf_free(&b);
}

/* --- the scene --- */

static struct bb_str cred[] = { { "cred", 4 } };

static void add_endpoint(const char *name, bool auth, bool force_rport)
{
	struct bb_sip_endpoint ep = { .tech = "SIP",
				      .auth = { cred, auth ? 1u : 0u },
				      .identify_by = BB_SIP_BY_USERNAME,
				      .from_user = BB_STR("a"),
				      .force_rport = force_rport };

	ep.name = name;
	ck_assert_int_eq(sip_config_add_endpoint(t.config, &ep), 0);
}

static void open_udp(struct bb_udp **u, const char *at, const struct bb_udp_ops *o)
{
	struct bb_addr a;

	ck_assert_int_eq(bb_addr_parse(&a, bb_strz(at)), 0);
	ck_assert_int_eq(bb_udp_open(u, &a, o, NULL), 0);
}

static void scene(void)
{
	static const struct bb_udp_ops peer_ops = { .recv = peer_recv },
				       bystander_ops = { .recv = bystander_recv };
	struct sip_credentials cr = { .name = "cred",
				      .username = BB_STR("alice"),
				      .password = BB_STR("right"),
				      .nonce_lifetime = 32 * BB_SEC,
				      .algorithms = 1 };
	struct sip_transport_def def = { .name = "udp", .type = SIP_TP_UDP };

	memset(&t, 0, sizeof(t));
	t.config = sip_config_new();
	ck_assert_int_eq(bb_addr_parse(&def.bind, BB_STR("10.0.0.1:5060")), 0);
	ck_assert_int_eq(sip_config_add_credentials(t.config, &cr), 0);
	add_endpoint("natted", true, true);
	add_endpoint("plain", true, false);
	ck_assert_int_eq(sip_config_add_transport(t.config, &def), 0);
	ck_assert_int_eq(sip_config_finish(t.config), 0);
	ck_assert_int_eq(sip_core_new(&t.core, t.config), 0);
	ck_assert_int_eq(sip_core_open(t.core, &def), 0);
	open_udp(&t.peer, "10.0.0.3:5070", &peer_ops);
	open_udp(&t.bystander, "10.0.0.4:5060", &bystander_ops);
}

static void call(void)
{
	struct bb_media_desc offer;
	struct bb_sip_invite in = { .endpoint =
					    &sip_config_endpoint(t.config, BB_STR("plain"))->pub,
				    .offer = &offer };

	in.target.uri = BB_STR("sip:600@10.0.0.3:5070");
	describe(&offer);
	ck_assert_int_eq(sip_session_invite(&t.s, t.core, &in, &ops, NULL), 0);
	bb_sim_advance(100 * BB_MS);
	ck_assert_uint_eq(t.invites, 1);
}

static void talk(void)
{
	call();
	reply(200, "y", true);
	ck_assert_uint_eq(t.answered, 1);
	ck_assert_uint_eq(t.acks, 1);
}

static void curtain(void)
{
	struct sip_stats st;

	bb_sim_advance(80 * BB_SEC);
	sip_stack_stats(t.core->stack, &st);
	ck_assert_uint_eq(t.core->session_list.count, 0);
	ck_assert_uint_eq(st.client, 0);
	ck_assert_uint_eq(st.server, 0);
	sip_core_free(t.core);
	sip_config_unref(t.config);
	sip_msg_unref(t.invite);
	bb_udp_close(t.peer);
	bb_udp_close(t.bystander);
	ck_assert_uint_eq(bb_obj_live("sip session"), 0);
	ck_assert_uint_eq(bb_obj_live("sip_ctrans"), 0);
}

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

BBT_MAIN("modules/sip/peer", BBT_CASE("by hand", BBT_SIMULATED, unasked_200, reinvite_left_hanging,
				      reinvite_answered_after_bye, branches_count_apart,
				      their_offer_taken_back, challenge_to_the_source))
