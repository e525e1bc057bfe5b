/* SPDX-License-Identifier: BSD-3-Clause */
/* peer_test.c - the core, its user and the peer of peer_test.h. */
#include "peer_test.h"

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n"                  \
	"m=audio 7000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n"

struct peer_world t;

void describe(struct bb_media_desc *d)
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

static void on_progress(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *d,
			void *arg)
{
	(void)s;
	(void)arg;
	t.progress = code;
	t.heard += d != NULL;
}

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
	(void)arg;
	t.closed++;
	t.end_code = e->code;
	t.fault = e->fault;
	t.s = NULL;
	sip_session_drop(s);
}

static const struct bb_sip_session_ops ops = { .progress = on_progress,
					       .answered = on_answered,
					       .offer = on_offer,
					       .offer_done = on_offer_done,
					       .closed = on_closed };

static enum bb_sip_verdict on_invite(struct bb_sip_request *rq)
{
	if (sip_session_accept(&t.s, (struct sip_inreq *)(void *)rq, &ops, NULL) == 0 && t.ring)
		sip_session_progress(t.s, 180, NULL);
	return BB_SIP_CLAIMED;
}

static const struct bb_sip_handler handler = { .name = "channel",
					       .methods = BB_SIP_INVITE,
					       .request = on_invite };
static const struct bb_sip_handler *const handlers[] = { &handler, NULL };

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
		t.rung += m->status > 100 && m->status < 200;
		snprintf(t.response, sizeof(t.response), "%.*s", BB_FMT(m->raw));
	} else if (m->method == SIP_INVITE) {
		t.invites++;
		sip_msg_unref(t.invite);
		t.invite = sip_msg_ref(m);
	}
	if (m->request && m->method == SIP_ACK) {
		sip_msg_unref(t.ack);
		t.ack = sip_msg_ref(m);
		t.acks++;
	} else if (m->request) {
		sip_msg_unref(t.request);
		t.request = sip_msg_ref(m);
	}
	t.options += m->request && m->method == SIP_OPTIONS;
	t.infos += m->request && m->method == SIP_INFO;
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

void answer(struct sip_msg *m, unsigned code, const char *tag, const char *extra, bool sdp)
{
	struct bb_buf out = { 0 };

	sip_reply_begin(&out, m, code, NULL, bb_strz(tag));
	bb_buf_printf(&out, "Contact: <sip:%s@10.0.0.3:5070>\r\n%s", tag, extra);
	sip_put_body(&out, sdp ? "application/sdp" : NULL, sdp ? BB_STR(SDP) : BB_STR(""));
	ck_assert_int_eq(out.err, 0);
	ck_assert_int_eq(bb_udp_send(t.peer, NULL, &m->flow.remote, out.p, out.l), 0);
	bb_buf_free(&out);
	bb_sim_advance(100 * BB_MS);
}

void reply(unsigned code, const char *tag, bool sdp)
{
	answer(t.invite, code, tag, "", sdp);
}

void say(const char *text)
{
	struct bb_addr to;

	ck_assert_int_eq(bb_addr_parse(&to, BB_STR("10.0.0.1:5060")), 0);
	ck_assert_int_eq(bb_udp_send(t.peer, NULL, &to, text, strlen(text)), 0);
	bb_sim_advance(100 * BB_MS);
}

void ask_with(const char *method, const char *tag, unsigned cseq, const char *branch,
	      const char *extra, const char *type, const char *body)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b,
		      "%s sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.3:5070;branch=z9hG4bK%s"
		      "\r\nMax-Forwards: 70\r\nFrom: <sip:600@10.0.0.3>;tag=%s\r\nTo: %.*s\r\n"
		      "Call-ID: %.*s\r\nCSeq: %u %s\r\nContact: <sip:%s@10.0.0.3:5070>\r\n%s",
		      method, branch, tag, BB_FMT(t.invite->from.text), BB_FMT(t.invite->call_id),
		      cseq, method, tag, extra);
	sip_put_body(&b, type, bb_strz(body));
	t.code = 0;
	say(bb_buf_cstr(&b));
	bb_buf_free(&b);
}

void ask(const char *method, const char *tag, unsigned cseq, const char *branch, bool sdp)
{
	ask_with(method, tag, cseq, branch, "", sdp ? "application/sdp" : NULL, sdp ? SDP : "");
}

static void us(const char *method, const char *branch, const char *extra, const char *type,
	       const char *body)
{
	struct bb_buf b = { 0 };

	bb_buf_printf(&b,
		      "%s sip:600@10.0.0.1 SIP/2.0\r\n"
		      "Via: SIP/2.0/UDP 10.0.0.3:5070;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
		      "From: <sip:open@10.0.0.1>;tag=1\r\nTo: <sip:600@10.0.0.1>\r\n"
		      "Call-ID: us-%s\r\nCSeq: 1 %s\r\nContact: <sip:x@10.0.0.3:5070>\r\n%s",
		      method, branch, branch, method, extra);
	sip_put_body(&b, type, bb_strz(body));
	t.code = 0;
	say(bb_buf_cstr(&b));
	bb_buf_free(&b);
}

void invite_us(const char *branch, const char *extra, const char *type, const char *body)
{
	us("INVITE", branch, extra, type, body);
}

void ack_us(const char *branch)
{
	us("ACK", branch, "", NULL, "");
}

/* --- the scene --- */

static struct bb_str cred[] = { { "cred", 4 } };
static struct bb_str by_name[] = { { "sip:x@phone.test:5070", 21 } };
static struct bb_str ours[] = { { "any", 3 }, { "home", 4 } };

static void add_endpoint(const char *name, bool auth, bool force_rport)
{
	struct bb_sip_endpoint ep = { .tech = "SIP",
				      .auth = { cred, auth ? 1u : 0u },
				      .identify_by = BB_SIP_BY_USERNAME,
				      .from_user = BB_STR("a"),
				      .answer_timeout = 170 * BB_SEC,
				      .force_rport = force_rport };

	ep.name = name;
	ck_assert_int_eq(sip_config_add_endpoint(t.config, &ep), 0);
}

static void add_ours(const char *name, const char *realm, const char *user)
{
	struct sip_credentials cr = { .realm = bb_strz(realm),
				      .username = bb_strz(user),
				      .password = BB_STR("secret") };
	struct bb_sip_endpoint ep = { .name = "keys",
				      .tech = "SIP",
				      .outbound_auth = { ours, 2 },
				      .from_user = BB_STR("a"),
				      .force_rport = true };

	cr.name = name;
	ck_assert_int_eq(sip_config_add_credentials(t.config, &cr), 0);
	if (realm[0])
		ck_assert_int_eq(sip_config_add_endpoint(t.config, &ep), 0);
}

static void open_udp(struct bb_udp **u, const char *at, const struct bb_udp_ops *o)
{
	struct bb_addr a;

	ck_assert_int_eq(bb_addr_parse(&a, bb_strz(at)), 0);
	ck_assert_int_eq(bb_udp_open(u, &a, o, NULL), 0);
}

void scene(void)
{
	static const struct bb_udp_ops peer_ops = { .recv = peer_recv },
				       bystander_ops = { .recv = bystander_recv };
	struct sip_credentials cr = { .name = "cred",
				      .username = BB_STR("alice"),
				      .password = BB_STR("right"),
				      .nonce_lifetime = 32 * BB_SEC,
				      .algorithms = 1 };
	const struct bb_sip_aor named = { .name = "named",
					  .contact = { by_name, 1 },
					  .qualify_frequency = 10 * BB_SEC,
					  .qualify_timeout = 3 * BB_SEC };
	struct sip_transport_def def = { .name = "udp", .type = SIP_TP_UDP };

	memset(&t, 0, sizeof(t));
	t.config = sip_config_new();
	ck_assert_int_eq(bb_addr_parse(&def.bind, BB_STR("10.0.0.1:5060")), 0);
	ck_assert_int_eq(sip_config_add_credentials(t.config, &cr), 0);
	add_endpoint("natted", true, true);
	add_endpoint("plain", true, false);
	add_endpoint("open", false, true);
	ck_assert_int_eq(sip_config_add_aor(t.config, &named), 0);
	add_ours("any", "", "anybody");
	add_ours("home", "home.test", "somebody");
	ck_assert_int_eq(sip_config_add_transport(t.config, &def), 0);
	ck_assert_int_eq(sip_config_finish(t.config), 0);
	ck_assert_int_eq(sip_core_new(&t.core, t.config), 0);
	ck_assert_int_eq(sip_core_open(t.core, &def), 0);
	t.core->handlers = handlers;
	open_udp(&t.peer, "10.0.0.3:5070", &peer_ops);
	open_udp(&t.bystander, "10.0.0.4:5060", &bystander_ops);
}

void call_as(const char *endpoint)
{
	struct bb_media_desc offer;
	struct bb_sip_invite in = { .endpoint =
					    &sip_config_endpoint(t.config, bb_strz(endpoint))->pub,
				    .offer = &offer };

	in.target.uri = BB_STR("sip:600@10.0.0.3:5070");
	describe(&offer);
	ck_assert_int_eq(sip_session_invite(&t.s, t.core, &in, &ops, NULL), 0);
	bb_sim_advance(100 * BB_MS);
	ck_assert_uint_eq(t.invites, 1);
}

void call(void)
{
	call_as("plain");
}

void talk(void)
{
	call();
	reply(200, "y", true);
	ck_assert_uint_eq(t.answered, 1);
	ck_assert_uint_eq(t.acks, 1);
}

void curtain(void)
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
	sip_msg_unref(t.request);
	sip_msg_unref(t.ack);
	if (t.peer)
		bb_udp_close(t.peer);
	bb_udp_close(t.bystander);
	ck_assert_uint_eq(bb_obj_live("sip session"), 0);
	ck_assert_uint_eq(bb_obj_live("sip_ctrans"), 0);
}
