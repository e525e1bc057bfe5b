/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trans_test.c - the world of trans_test.h.
 */
#include "trans_test.h"

struct world w;

long w_ms(void)
{
	return (long)((bb_now() - w.start) / BB_MS);
}

static void note(struct notes *n, const char *what, int err, struct bb_str text)
{
	struct seen *s;

	ck_assert_uint_lt(n->n, MAX_SEEN);
	s = &n->v[n->n++];
	s->at = bb_now() - w.start;
	snprintf(s->what, sizeof(s->what), "%s", what);
	s->err = err;
	bb_str_copy(s->text, sizeof(s->text), text);
}

static void note_msg(struct notes *n, struct bb_str text)
{
	struct bb_str word = text;
	ptrdiff_t sp;
	char what[24];

	if (bb_str_starts(text, BB_STR("SIP/2.0 ")))
		word = bb_str_sub(text, 8, text.l);
	sp = bb_str_chr(word, ' ');
	bb_str_copy(what, sizeof(what), bb_strn(word.p, sp > 0 ? (size_t)sp : word.l));
	note(n, what, 0, text);
}

/* --- the peer --- */

static void peer_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	note_msg(&w.wire, bb_strn(d->data, d->len));
}

static const struct bb_udp_ops peer_ops = { .recv = peer_recv };

void w_peer_send(const char *fmt, ...)
{
	struct bb_buf b = { 0 }, out = { 0 };
	va_list ap;

	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < b.l; i++) {
		if (b.p[i] == '\n')
			bb_buf_putc(&out, '\r');
		bb_buf_putc(&out, b.p[i]);
	}
	ck_assert_int_eq(bb_udp_send(w.peer, NULL, sip_transport_local(w.udp), out.p, out.l), 0);
	bb_buf_free(&b);
	bb_buf_free(&out);
	bb_mem_fail_at(w.fail_at);
	bb_sim_settle();
	bb_mem_fail_at(0);
}

void w_peer_reply(unsigned code, const char *to_tag)
{
	const struct seen *s = NULL;
	struct sip_fault f;
	struct sip_msg *m;
	struct bb_buf b = { 0 };

	for (unsigned i = 0; i < w.wire.n; i++)
		if (w.wire.v[i].what[0] > '9' && strcmp(w.wire.v[i].what, "ACK"))
			s = &w.wire.v[i];
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(sip_msg_parse(&m, s->text, strlen(s->text), SIP_DATAGRAM, NULL, &f), 0);
	sip_reply_begin(&b, m, code, NULL, bb_strz(to_tag));
	sip_put_body(&b, NULL, BB_STR(""));
	ck_assert_int_eq(bb_udp_send(w.peer, NULL, sip_transport_local(w.udp), b.p, b.l), 0);
	bb_buf_free(&b);
	sip_msg_unref(m);
	bb_sim_settle();
}

void w_peer_request(const char *method, const char *branch, unsigned cseq, const char *extra)
{
	w_peer_send("%s sip:b@10.0.0.1 SIP/2.0\n"
		    "Via: SIP/2.0/UDP 10.0.0.2:5070;branch=%s\n"
		    "From: <sip:a@10.0.0.2>;tag=peer\nTo: <sip:b@10.0.0.1>\nCall-ID: call-1\n"
		    "CSeq: %u %s\n%sContent-Length: 0\n\n",
		    method, branch, cseq, method, extra);
}

/* --- the user --- */

static void on_cancel(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	note(&w.user, "cancel", 0, m->raw);
	sip_strans_reply(st, 487, NULL);
}

static void on_gone(struct sip_strans *st, int err, void *arg)
{
	note(&w.user, "gone", err, BB_STR(""));
	if (w.st == st)
		w.st = NULL;
}

static const struct sip_strans_ops strans_ops = { .cancel = on_cancel, .gone = on_gone };

static void on_request(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	note_msg(&w.user, m->raw);
	w.st = st;
	sip_strans_set_ops(st, &strans_ops, NULL);
	if (w.auto_reply)
		ck_assert_int_eq(sip_strans_reply(st, w.auto_reply, NULL), 0);
}

static void on_ack(struct sip_msg *m, void *arg)
{
	note(&w.user, "ack", 0, m->raw);
}

static void on_stray(struct sip_msg *m, void *arg)
{
	note(&w.user, "stray", 0, m->raw);
}

static void on_closed(const struct sip_flow *f, int err, void *arg)
{
	note(&w.user, "closed", err, BB_STR(""));
}

static void on_response(struct sip_ctrans *ct, struct sip_msg *m, void *arg)
{
	note_msg(&w.user, m->raw);
}

static void on_ct_gone(struct sip_ctrans *ct, int err, void *arg)
{
	note(&w.user, "gone", err, BB_STR(""));
	if (w.ct == ct)
		w.ct = NULL;
}

static const struct sip_ctrans_ops ctrans_ops = { .response = on_response, .gone = on_ct_gone };

int w_request(const char *method, size_t body)
{
	struct sip_flow to = { .type = SIP_TP_UDP, .remote = *bb_udp_local(w.peer) };
	struct bb_buf b = { 0 };

	sip_request_begin(&b, &(struct sip_request){
				      .method = sip_method_of(bb_strz(method)),
				      .uri = BB_STR("sip:b@10.0.0.2:5070"),
				      .from = BB_STR("<sip:a@10.0.0.1>;tag=mine"),
				      .to = BB_STR("<sip:b@10.0.0.2>"),
				      .call_id = BB_STR("out-1"),
				      .cseq = 1,
			      });
	while (b.l < body)
		sip_put_hdr_named(&b, BB_STR("X-Fill"),
				  BB_STR("0123456789012345678901234567890123"));
	sip_put_body(&b, NULL, BB_STR(""));
	return sip_ctrans_new(&w.ct, w.stack, &to, &b, &ctrans_ops, NULL);
}

/* --- the world --- */

static struct sip_transport *listen_on(enum sip_tp type)
{
	struct sip_transport_conf c = { .type = type };
	struct sip_transport *t;

	c.name = bb_strz(sip_tp_param(type));
	ck_assert_int_eq(bb_addr_parse(&c.bind, BB_STR("10.0.0.1:5060")), 0);
	ck_assert_int_eq(sip_transport_open(&t, w.stack, &c), 0);
	return t;
}

void w_open(const struct sip_stack_conf *conf)
{
	static const struct sip_stack_ops ops = {
		.request = on_request, .ack = on_ack, .stray = on_stray, .closed = on_closed
	};
	struct bb_loop_options opt = { .simulate = true, .seed = 1 };
	struct sip_stack_conf defaults;
	struct bb_addr a;

	memset(&w, 0, sizeof(w));
	ck_assert_int_eq(bb_loop_init(&opt), 0);
	bb_sim_net_set(&(struct bb_sim_net){ 0 });
	sip_stack_defaults(&defaults);
	ck_assert_int_eq(sip_stack_new(&w.stack, conf ? conf : &defaults, &ops, NULL), 0);
	w.udp = listen_on(SIP_TP_UDP);
	w.tcp = listen_on(SIP_TP_TCP);
	ck_assert_int_eq(bb_addr_parse(&a, BB_STR("10.0.0.2:5070")), 0);
	ck_assert_int_eq(bb_udp_open(&w.peer, &a, &peer_ops, NULL), 0);
	w.start = bb_now();
}

void w_close(void)
{
	struct bb_loop_stats ls;
	struct sip_stats st;

	bb_sim_advance(200 * BB_SEC);
	sip_stack_stats(w.stack, &st);
	ck_assert_uint_eq(st.client, 0);
	ck_assert_uint_eq(st.server, 0);
	ck_assert_uint_eq(bb_obj_live("sip_ctrans"), 0);
	ck_assert_uint_eq(bb_obj_live("sip_strans"), 0);
	ck_assert_uint_eq(bb_obj_live("sip_msg"), 0);
	sip_stack_free(w.stack);
	bb_udp_close(w.peer);
	bb_sim_settle();
	bb_loop_stats(&ls);
	ck_assert_uint_eq(ls.timers, 0);
	ck_assert_uint_eq(bb_obj_live("sip_conn"), 0);
	ck_assert_uint_eq(bb_loop_close(), 0);
}

/* --- judging --- */

void w_times(const struct notes *n, const char *what, const long *want)
{
	char got[1024] = "", expected[1024] = "";
	size_t g = 0, e = 0;

	for (unsigned i = 0; i < n->n; i++)
		if (!strcmp(n->v[i].what, what))
			g += (size_t)snprintf(got + g, sizeof(got) - g, "%.3f ",
					      (double)n->v[i].at / BB_MS);
	for (; *want >= 0; want++)
		e += (size_t)snprintf(expected + e, sizeof(expected) - e, "%ld.000 ", *want);
	ck_assert_str_eq(got, expected);
}

unsigned w_count(const struct notes *n, const char *what)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n->n; i++)
		count += !strcmp(n->v[i].what, what);
	return count;
}

const struct seen *w_last(const struct notes *n, const char *what)
{
	for (unsigned i = n->n; i > 0; i--)
		if (!strcmp(n->v[i - 1].what, what))
			return &n->v[i - 1];
	ck_abort_msg("no %s was seen", what);
	return NULL;
}

void w_clear(void)
{
	w.wire.n = w.user.n = 0;
}
