/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two user agents, each a whole core, on the virtual clock and a network that
 * may lose, double and reorder: calls from INVITE to BYE, with what happens
 * in between. After each test nothing may be left of any call. BBT_SEED=n
 * runs with that seed.
 */
#include "bbtest.h"
#include "modules/sip/session.h"

struct side {
	struct sip_core *core;
	struct sip_config *config;
	struct bb_sip_session *s;
	unsigned progress, answered, acked, offers, offers_done, digits, closed, accepted;
	unsigned code, done_code, forwards;
	char digit;
	enum bb_sip_fault fault;
	bool remote_end;
	/* what the called side does */
	bool ring_only, refuse_busy;
	bb_time answer_after;
	struct bb_timer timer;
	enum bb_direction heard;
};

static struct side a, b;
static uint16_t next_port = 4000;
static unsigned long turn; /* the allocation that failed */
static bool starved; /* allocations fail: only that nothing breaks is claimed */

static void describe(struct bb_media_desc *d, enum bb_direction dir)
{
	memset(d, 0, sizeof(*d));
	d->n = 1;
	d->streams[0].type = BB_AUDIO;
	d->streams[0].dir = dir;
	d->streams[0].dtmf_pt = 101;
	d->streams[0].dtmf_clock = 8000;
	memcpy(d->streams[0].profile, "RTP/AVP", 8);
	memcpy(d->streams[0].media, "audio", 6);
	bb_addr_parse(&d->streams[0].rtp, BB_STR("0.0.0.0:0"));
	bb_addr_set_port(&d->streams[0].rtp, next_port);
	next_port += 2;
}

/* --- both sides --- */

static void on_progress(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *d,
			void *arg)
{
	struct side *x = arg;

	(void)s;
	(void)d;
	x->progress = code;
}

static void on_answered(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct side *x = arg;
	struct bb_media_desc mine;

	x->answered++;
	ck_assert_ptr_nonnull(d);
	ck_assert(!bb_addr_is_any(&d->streams[0].rtp));
	if (s->ack_owed) {
		describe(&mine, BB_SENDRECV);
		ck_assert(sip_session_answer(s, &mine) == 0 || starved);
	}
}

static void on_acked(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct side *x = arg;

	(void)s;
	(void)d;
	x->acked++;
}

static void on_offer(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct side *x = arg;
	struct bb_media_desc mine;

	x->offers++;
	if (d)
		x->heard = d->streams[0].dir;
	describe(&mine, d ? bb_direction_flip(d->streams[0].dir) : BB_SENDRECV);
	ck_assert(sip_session_answer(s, &mine) == 0 || starved);
}

static void on_offer_done(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *d,
			  void *arg)
{
	struct side *x = arg;

	(void)s;
	(void)d;
	x->offers_done++;
	x->done_code = code;
}

static void on_digit(struct bb_sip_session *s, char digit, unsigned ms, void *arg)
{
	struct side *x = arg;

	(void)s;
	ck_assert_uint_eq(ms, 120);
	x->digit = digit;
	x->digits++;
}

static void on_closed(struct bb_sip_session *s, const struct bb_sip_end *e, void *arg)
{
	struct side *x = arg;

	x->closed++;
	x->code = e->code;
	x->fault = e->fault;
	x->remote_end = e->remote;
	bb_timer_cancel(&x->timer);
	if (x->s == s)
		x->s = NULL;
	sip_session_drop(s);
}

static const struct bb_sip_session_ops ops = {
	.progress = on_progress,
	.answered = on_answered,
	.acked = on_acked,
	.offer = on_offer,
	.offer_done = on_offer_done,
	.digit = on_digit,
	.closed = on_closed,
};

/* --- the called side --- */

static void answer(void *arg)
{
	struct side *x = arg;
	struct bb_media_desc mine;

	if (!x->s)
		return;
	describe(&mine, BB_SENDRECV);
	if (sip_session_answer(x->s, &mine)) {
		ck_assert(starved);
		sip_session_end(x->s, 42, NULL);
	}
}

static enum bb_sip_verdict on_invite(struct bb_sip_request *rq)
{
	struct bb_sip_session *s;

	if (sip_session_accept(&s, (struct sip_inreq *)(void *)rq, &ops, &b)) {
		ck_assert(starved);
		sip_inreq_respond((struct sip_inreq *)(void *)rq, 500, NULL, NULL, 0);
		return BB_SIP_CLAIMED;
	}
	b.accepted++;
	b.forwards = rq->max_forwards;
	b.s = s;
	if (b.refuse_busy) {
		sip_session_reject(s, 486, NULL, NULL, 0);
		return BB_SIP_CLAIMED;
	}
	sip_session_progress(s, 180, NULL);
	if (!b.ring_only)
		bb_timer_set(&b.timer, b.answer_after, answer, &b);
	return BB_SIP_CLAIMED;
}

static const struct bb_sip_handler handler = { .name = "channel",
					       .methods = BB_SIP_INVITE,
					       .request = on_invite };
static const struct bb_sip_handler *const handlers[] = { &handler, NULL };

/* --- the scene --- */

static struct bb_str me[] = { { "a", 1 } }, cred[] = { { "cred", 4 } };

static void side_up(struct side *x, const char *addr, const char *password)
{
	struct sip_credentials cr = { .name = "cred",
				      .username = BB_STR("alice"),
				      .password = bb_strz(password),
				      .nonce_lifetime = 32 * BB_SEC,
				      .algorithms = 3 };
	struct bb_sip_endpoint ep = { .name = "a",
				      .tech = "SIP",
				      .auth = { cred, 1 },
				      .aors = { me, 1 },
				      .identify_by = BB_SIP_BY_USERNAME,
				      .force_rport = true,
				      .max_pending = 5 };
	struct bb_sip_endpoint out = { .name = "b",
				       .tech = "SIP",
				       .outbound_auth = { cred, 1 },
				       .from_user = BB_STR("a"),
				       .force_rport = true };
	struct sip_transport_def t = { .name = "udp", .type = SIP_TP_UDP };

	memset(x, 0, sizeof(*x));
	x->config = sip_config_new();
	ck_assert_ptr_nonnull(x->config);
	ck_assert_int_eq(bb_addr_parse(&t.bind, bb_strz(addr)), 0);
	ck_assert_int_eq(sip_config_add_credentials(x->config, &cr), 0);
	ck_assert_int_eq(sip_config_add_endpoint(x->config, &ep), 0);
	ck_assert_int_eq(sip_config_add_endpoint(x->config, &out), 0);
	ck_assert_int_eq(sip_config_add_transport(x->config, &t), 0);
	ck_assert_int_eq(sip_config_finish(x->config), 0);
	ck_assert_int_eq(sip_core_new(&x->core, x->config), 0);
	ck_assert_int_eq(sip_core_open(x->core, &t), 0);
	x->core->handlers = handlers;
}

static void scene(const char *password_of_a)
{
	side_up(&a, "10.0.0.1:5060", password_of_a);
	side_up(&b, "10.0.0.2:5060", "right");
	b.answer_after = BB_SEC;
}

static void call(struct bb_sip_session **sp, bool delayed)
{
	struct bb_media_desc offer;
	struct bb_sip_invite in = { .endpoint = &sip_config_endpoint(a.config, BB_STR("b"))->pub };

	in.target.uri = BB_STR("sip:600@10.0.0.2");
	describe(&offer, BB_SENDRECV);
	in.offer = delayed ? NULL : &offer;
	ck_assert_int_eq(sip_session_invite(sp, a.core, &in, &ops, &a), 0);
}

static void empty(const struct side *x)
{
	struct sip_stats st;

	sip_stack_stats(x->core->stack, &st);
	ck_assert_uint_eq(x->core->session_list.count, 0);
	ck_assert_uint_eq(x->core->pending, 0);
	ck_assert_uint_eq(x->core->calls.count, 0);
	ck_assert_uint_eq(x->core->endpoints.count, 0);
	ck_assert_uint_eq(x->core->sources.count, 0);
	ck_assert_msg(st.client == 0, "allocation %lu: %zu client transactions are left", turn,
		      st.client);
	ck_assert_uint_eq(st.server, 0);
}

/* Nothing outlives its call. */
static void curtain(void)
{
	bb_sim_advance(80 * BB_SEC);
	empty(&a);
	empty(&b);
	sip_core_free(a.core);
	sip_core_free(b.core);
	sip_config_unref(a.config);
	sip_config_unref(b.config);
	ck_assert_uint_eq(bb_obj_live("sip session"), 0);
	ck_assert_uint_eq(bb_obj_live("sip request"), 0);
	ck_assert_uint_eq(bb_obj_live("sip config"), 0);
}

static void talk(bool delayed)
{
	call(&a.s, delayed);
	bb_sim_advance(3 * BB_SEC);
	ck_assert_uint_eq(a.progress, 180);
	ck_assert_uint_eq(a.answered, 1);
	ck_assert_uint_eq(b.acked, 1);
	ck_assert_uint_eq(b.accepted, 1);
}

START_TEST(answered_and_ended)
{
	scene("right");
	talk(false);
	sip_session_end(a.s, 16, NULL);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(a.closed, 1);
	ck_assert_uint_eq(b.closed, 1);
	ck_assert(b.remote_end);
	ck_assert(!a.remote_end);
	curtain();
}
END_TEST

/* A call that is sent on counts one hop less than it came with. */
START_TEST(hops)
{
	static const unsigned came[] = { 0, 70, 12, 2, 200 }, wanted[] = { 70, 69, 11, 1, 70 };
	struct bb_media_desc offer;

	scene("right");
	for (size_t i = 0; i < BB_ARRAY_SIZE(came); i++) {
		struct bb_sip_invite in = {
			.endpoint = &sip_config_endpoint(a.config, BB_STR("b"))->pub,
			.hops = came[i],
			.offer = &offer
		};

		describe(&offer, BB_SENDRECV);
		in.target.uri = BB_STR("sip:600@10.0.0.2");
		ck_assert_int_eq(sip_session_invite(&a.s, a.core, &in, &ops, &a), 0);
		bb_sim_advance(3 * BB_SEC);
		ck_assert_uint_eq(b.forwards, wanted[i]);
		sip_session_end(a.s, 16, NULL);
		bb_sim_advance(3 * BB_SEC);
	}
	/* The last hop: what comes with 0 goes nowhere. */
	b.accepted = 0;
	{
		struct bb_sip_invite in = {
			.endpoint = &sip_config_endpoint(a.config, BB_STR("b"))->pub,
			.hops = 1,
			.offer = &offer
		};

		in.target.uri = BB_STR("sip:600@10.0.0.2");
		ck_assert_int_eq(sip_session_invite(&a.s, a.core, &in, &ops, &a), 0);
		bb_sim_advance(3 * BB_SEC);
		ck_assert_uint_eq(b.accepted, 0);
		ck_assert_uint_eq(a.code, 483);
	}
	curtain();
}
END_TEST

START_TEST(what_an_established_call_keeps)
{
	scene("right");
	talk(false);
	ck_assert_ptr_null(a.s->msg);
	ck_assert_ptr_null(a.s->texts);
	ck_assert_ptr_null(a.s->local);
	ck_assert_ptr_null(b.s->msg);
	ck_assert_ptr_nonnull(a.s->remote);
	/* Their headers can be read all the same. */
	ck_assert(bb_str_eq(sip_session_header(a.s, "i", 0), bb_strz(a.s->dlg.call_id)));
	ck_assert_int_ge(bb_str_find(sip_session_header(b.s, "CSeq", 0), BB_STR("INVITE")), 0);
	ck_assert_ptr_null(sip_session_header(b.s, "X-None", 0).p);
	sip_session_end(a.s, 16, NULL);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(b.closed, 1);
	curtain();
}
END_TEST

START_TEST(ended_by_the_called)
{
	scene("right");
	talk(false);
	sip_session_end(b.s, 16, NULL);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(a.closed, 1);
	ck_assert(a.remote_end);
	curtain();
}
END_TEST

START_TEST(delayed_offer)
{
	scene("right");
	talk(true);
	ck_assert_ptr_nonnull(b.s->remote);
	sip_session_drop(a.s);
	a.s = NULL;
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(b.closed, 1);
	ck_assert_uint_eq(a.closed, 0);
	curtain();
}
END_TEST

START_TEST(canceled)
{
	scene("right");
	b.ring_only = true;
	call(&a.s, false);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(a.progress, 180);
	sip_session_end(a.s, 26, NULL);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(a.closed, 1);
	ck_assert_uint_eq(a.code, 487);
	ck_assert_uint_eq(b.closed, 1);
	ck_assert_uint_eq(b.code, 487);
	curtain();
}
END_TEST

START_TEST(refused)
{
	scene("right");
	b.refuse_busy = true;
	call(&a.s, false);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(a.closed, 1);
	ck_assert_uint_eq(a.code, 486);
	ck_assert(a.remote_end);
	curtain();
}
END_TEST

START_TEST(wrong_password)
{
	scene("wrong");
	call(&a.s, false);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(b.accepted, 0);
	ck_assert_uint_eq(a.closed, 1);
	ck_assert_uint_eq(a.code, 401);
	ck_assert_int_eq(a.fault, BB_SIP_NO_CREDENTIALS);
	curtain();
}
END_TEST

START_TEST(nobody_there)
{
	scene("right");
	sip_core_free(b.core);
	ck_assert_int_eq(sip_core_new(&b.core, b.config), 0);
	call(&a.s, false);
	bb_sim_advance(40 * BB_SEC);
	ck_assert_uint_eq(a.closed, 1);
	ck_assert(a.fault == BB_SIP_SILENT || a.fault == BB_SIP_PORT_CLOSED);
	curtain();
}
END_TEST

START_TEST(hold_and_resume)
{
	struct bb_media_desc d;

	scene("right");
	talk(false);
	describe(&d, BB_SENDONLY);
	ck_assert_int_eq(sip_session_offer(a.s, &d), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(b.offers, 1);
	ck_assert_int_eq(b.heard, BB_SENDONLY);
	ck_assert_uint_eq(a.offers_done, 1);
	ck_assert_uint_eq(a.done_code, 200);
	ck_assert_int_eq(a.s->remote->streams[0].dir, BB_RECVONLY);
	describe(&d, BB_SENDRECV);
	ck_assert_int_eq(sip_session_offer(b.s, &d), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(a.offers, 1);
	ck_assert_int_eq(a.heard, BB_SENDRECV);
	sip_session_end(a.s, 16, NULL);
	curtain();
	ck_assert_uint_eq(b.closed, 1);
}
END_TEST

START_TEST(glare)
{
	struct bb_media_desc d;

	scene("right");
	talk(false);
	describe(&d, BB_SENDONLY);
	ck_assert_int_eq(sip_session_offer(a.s, &d), 0);
	describe(&d, BB_SENDRECV);
	ck_assert_int_eq(sip_session_offer(b.s, &d), 0);
	bb_sim_advance(10 * BB_SEC);
	/* Both were refused at first, and both came through in the end. */
	ck_assert_uint_eq(a.offers_done, 1);
	ck_assert_uint_eq(b.offers_done, 1);
	ck_assert_uint_eq(a.done_code, 200);
	ck_assert_uint_eq(b.done_code, 200);
	ck_assert_uint_eq(a.closed + b.closed, 0);
	sip_session_end(b.s, 16, NULL);
	curtain();
}
END_TEST

START_TEST(digits_by_info)
{
	scene("right");
	talk(false);
	ck_assert_int_eq(sip_session_digit(a.s, '#', 120), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(b.digits, 1);
	ck_assert_int_eq(b.digit, '#');
	sip_session_end(a.s, 16, NULL);
	curtain();
}
END_TEST

START_TEST(no_ack)
{
	const struct bb_sim_net dead = { .loss = 1000 }, alive = { 0 };

	scene("right");
	call(&a.s, false);
	bb_sim_advance(BB_SEC / 2);
	ck_assert_uint_eq(b.accepted, 1);
	bb_sim_net_set(&dead);
	bb_sim_advance(30 * BB_SEC);
	ck_assert_uint_eq(b.closed, 0);
	bb_sim_advance(5 * BB_SEC);
	ck_assert_uint_eq(b.closed, 1);
	ck_assert_int_eq(b.fault, BB_SIP_NO_ACK);
	bb_sim_net_set(&alive);
	if (a.s)
		sip_session_end(a.s, 16, NULL);
	bb_sim_advance(100 * BB_SEC);
	curtain();
}
END_TEST

START_TEST(caps)
{
	struct bb_sip_session *s[12];
	unsigned refused_calls;

	scene("right");
	b.ring_only = true;
	for (size_t i = 0; i < BB_ARRAY_SIZE(s); i++)
		call(&s[i], false);
	bb_sim_advance(BB_SEC);
	refused_calls = a.closed;
	ck_assert_uint_eq(b.accepted, 5);
	ck_assert_uint_eq(refused_calls, BB_ARRAY_SIZE(s) - 5);
	ck_assert_uint_eq(a.code, 503);
	ck_assert_uint_eq(b.core->pending, 5);
	/* Who gives up makes room. */
	bb_list_each (node, &a.core->session_list)
		sip_session_end(bb_list_entry(node, struct bb_sip_session, node), 16, NULL);
	bb_sim_advance(10 * BB_SEC);
	ck_assert_uint_eq(b.core->pending, 0);
	call(&s[0], false);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(b.accepted, 6);
	sip_session_end(s[0], 16, NULL);
	curtain();
}
END_TEST

/* Many calls through a bad network: whatever happens, nothing is left. */
START_TEST(through_a_bad_network)
{
	const struct bb_sim_net bad = { .loss = 200,
					.duplicate = 100,
					.reorder = 100,
					.delay_min = 5 * BB_MS,
					.delay_max = 120 * BB_MS };
	const struct bb_sim_net alive = { 0 };

	scene("right");
	for (unsigned i = 0; i < 15; i++) {
		unsigned closed = a.closed;

		bb_sim_net_set(&bad);
		b.ring_only = i % 5 == 4;
		call(&a.s, i % 3 == 2);
		bb_sim_advance((bb_time)(2 + bb_random_below(8)) * BB_SEC);
		if (a.s)
			sip_session_end(a.s, i % 2 ? 16 : 26, NULL);
		bb_sim_advance(150 * BB_SEC);
		bb_sim_net_set(&alive);
		bb_sim_advance(80 * BB_SEC);
		ck_assert_msg(a.closed == closed + 1, "seed %llu, call %u: closed %u times",
			      (unsigned long long)bbt_seed(), i, a.closed - closed);
		/* A callee that never heard of the end is told by its own user. */
		if (b.s)
			sip_session_end(b.s, 16, NULL);
		bb_sim_advance(80 * BB_SEC);
		empty(&a);
		empty(&b);
	}
	curtain();
}
END_TEST

/* --- a proxy that forks, and both branches answer --- */

static struct {
	struct bb_udp *udp;
	unsigned acks_y, acks_z, byes_y, byes_z;
} fork_;

static void branch(struct sip_msg *m, unsigned code, const char *tag, bool sdp)
{
	struct bb_buf out = { 0 };

	sip_reply_begin(&out, m, code, NULL, bb_strz(tag));
	bb_buf_printf(&out, "Contact: <sip:%s@10.0.0.3>\r\n", tag);
	sip_put_body(&out, sdp ? "application/sdp" : NULL,
		     sdp ? BB_STR("v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\n"
				  "t=0 0\r\nm=audio 7000 RTP/AVP 101\r\n"
				  "a=rtpmap:101 telephone-event/8000\r\n")
			 : BB_STR(""));
	ck_assert_int_eq(out.err, 0);
	ck_assert_int_eq(bb_udp_send(fork_.udp, NULL, &m->flow.remote, out.p, out.l), 0);
	bb_buf_free(&out);
}

static void fork_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	struct sip_flow flow = { .type = SIP_TP_UDP, .local = d->to, .remote = d->from };
	struct sip_fault fault;
	struct sip_msg *m;
	bool z;

	(void)u;
	(void)arg;
	ck_assert_int_eq(sip_msg_parse(&m, d->data, d->len, SIP_DATAGRAM, &flow, &fault), 0);
	z = bb_str_is(m->to.tag, "z");
	if (m->request && m->method == SIP_INVITE) {
		branch(m, 183, "x", true);
		branch(m, 180, "y", false);
		branch(m, 200, "y", true);
		branch(m, 200, "z", true);
		branch(m, 200, "y", true); /* again: so does the ACK */
	} else if (m->request && m->method == SIP_ACK) {
		*(z ? &fork_.acks_z : &fork_.acks_y) += 1;
	} else if (m->request && m->method == SIP_BYE) {
		*(z ? &fork_.byes_z : &fork_.byes_y) += 1;
		branch(m, 200, "none", false);
	}
	sip_msg_unref(m);
}

START_TEST(two_branches_answer)
{
	static const struct bb_udp_ops udp_ops = { .recv = fork_recv };
	struct bb_media_desc offer;
	struct bb_sip_invite in;
	struct bb_addr at;

	scene("right");
	memset(&fork_, 0, sizeof(fork_));
	ck_assert_int_eq(bb_addr_parse(&at, BB_STR("10.0.0.3:5060")), 0);
	ck_assert_int_eq(bb_udp_open(&fork_.udp, &at, &udp_ops, NULL), 0);
	describe(&offer, BB_SENDRECV);
	in = (struct bb_sip_invite){ .endpoint = &sip_config_endpoint(a.config, BB_STR("b"))->pub,
				     .offer = &offer };
	in.target.uri = BB_STR("sip:600@10.0.0.3");
	ck_assert_int_eq(sip_session_invite(&a.s, a.core, &in, &ops, &a), 0);
	bb_sim_advance(5 * BB_SEC);
	ck_assert_uint_eq(a.answered, 1);
	ck_assert_str_eq(a.s->dlg.remote_tag, "y");
	ck_assert_str_eq(a.s->dlg.target, "sip:y@10.0.0.3");
	ck_assert_uint_eq(fork_.acks_y, 2);
	ck_assert_uint_eq(fork_.acks_z, 1);
	ck_assert_uint_eq(fork_.byes_z, 1);
	ck_assert_uint_eq(fork_.byes_y, 0);
	sip_session_end(a.s, 16, NULL);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(fork_.byes_y, 1);
	ck_assert_uint_eq(a.closed, 1);
	bb_sim_advance(40 * BB_SEC);
	bb_udp_close(fork_.udp);
	curtain();
}
END_TEST

/* Each allocation of a whole call with hold fails in turn. */
START_TEST(without_memory)
{
	struct bb_sip_invite in;
	struct bb_media_desc d;

	scene("right");
	starved = true;
	BBT_OOM(4000)
	{
		in = (struct bb_sip_invite){
			.endpoint = &sip_config_endpoint(a.config, BB_STR("b"))->pub, .offer = &d
		};
		in.target.uri = BB_STR("sip:600@10.0.0.2");
		describe(&d, BB_SENDRECV);
		starved = bbt_oom != 0;
		if (sip_session_invite(&a.s, a.core, &in, &ops, &a))
			a.s = NULL;
		bb_sim_advance(3 * BB_SEC);
		describe(&d, BB_SENDONLY);
		if (a.s)
			sip_session_offer(a.s, &d);
		bb_sim_advance(BB_SEC);
		if (a.s)
			sip_session_end(a.s, 16, NULL);
		bb_sim_advance(200 * BB_SEC);
		if (b.s)
			sip_session_end(b.s, 16, NULL);
		bb_sim_advance(100 * BB_SEC);
		turn = bbt_oom;
		empty(&a);
		empty(&b);
	}
	curtain();
}
END_TEST

BBT_MAIN("modules/sip/session",
	 BBT_CASE("calls", BBT_SIMULATED, answered_and_ended, hops, what_an_established_call_keeps,
		  ended_by_the_called, delayed_offer, canceled, refused, wrong_password,
		  nobody_there, hold_and_resume, glare, digits_by_info, no_ack, caps,
		  two_branches_answer, through_a_bad_network, without_memory))
