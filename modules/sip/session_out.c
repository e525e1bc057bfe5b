/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_out.c - an INVITE sent: one client transaction with all its early
 * dialogs, credentials when asked, further addresses when one fails, and the
 * ACK of what wins (RFC 3261 §13.2, RFC 3263 §4.3).
 */
#include <stdio.h>

#include "modules/sip/cause.h"
#include "modules/sip/session.h"

#define VIA_ROOM 110u /* what the Via line adds at most */

static int send_invite(struct bb_sip_session *s);
static void next_flow(struct bb_sip_session *s, int err);

static void provisional(struct bb_sip_session *s, struct sip_msg *m)
{
	const struct bb_media_desc *heard;

	s->provisional = true;
	if (s->state != SIP_S_CALLING)
		return;
	if (m->status == 100) {
		if (s->ops && s->ops->progress)
			s->ops->progress(s, 100, NULL, s->arg);
		return;
	}
	sip_session_keep_msg(s, m);
	heard = sip_early_provisional(s, m);
	sip_session_tell_identity(s, m);
	if (s->ops && s->ops->progress)
		s->ops->progress(s, m->status, heard, s->arg);
}

/* --- answered --- */

int sip_session_send_ack(struct bb_sip_session *s, uint32_t cseq, const struct bb_media_desc *desc)
{
	int err = sip_dialog_flow(&s->dlg, s->core->stack, &s->ack_flow);

	bb_buf_truncate(&s->ack, 0);
	sip_dialog_begin(&s->dlg, &s->ack, SIP_ACK, cseq,
			 (unsigned)s->core->config->set.max_forwards);
	if (s->auth_line && cseq == s->auth_cseq)
		bb_buf_puts(&s->ack, s->auth_line);
	if (!err)
		err = sip_put_desc(&s->ack, s, desc, &s->ack_flow);
	s->ack_cseq = cseq;
	s->ack_owed = false;
	if (!err)
		err = s->ack.err;
	if (!err)
		err = sip_send_ack(s->core->stack, &s->ack_flow, &s->ack);
	return err;
}

static int answer_of(struct bb_sip_session *s, struct sip_msg *m, struct bb_media_desc *d,
		     const char **why)
{
	int err = sip_session_desc(m, d, why);
	struct sip_early *e;

	if (err != -ENODATA || !s->offered)
		return err;
	/* The answer may have come in a 1xx of the same branch. */
	e = sip_early_find(s, m->to.tag);
	return e && e->last ? sip_session_desc(e->last, d, why) : err;
}

static void bad_answer(struct bb_sip_session *s, const char *why)
{
	sip_session_part(s, why, 58, true, BB_SIP_BAD_MEDIA);
}

static void answered(struct bb_sip_session *s, struct sip_msg *m)
{
	struct bb_media_desc d;
	const char *why = "";
	bool ours = s->offered;
	const struct sip_early *e = sip_early_find(s, m->to.tag);
	int err;

	if (e && e->gone && s->state == SIP_S_CALLING) {
		sip_session_refuse_fork(s->core, s, m);
		return;
	}
	if (s->state == SIP_S_UP || (s->state == SIP_S_ENDING && s->dlg.remote_tag)) {
		if (s->dlg.remote_tag && bb_str_is(m->to.tag, s->dlg.remote_tag)) {
			if (!s->ack_owed && s->ack_cseq == m->cseq.number)
				sip_send_ack(s->core->stack, &s->ack_flow, &s->ack);
		} else {
			sip_session_refuse_fork(s->core, s, m);
		}
		return;
	}
	if (sip_dialog_response(&s->dlg, m)) {
		sip_session_refuse_fork(s->core, s, m);
		sip_session_over(s, 500, BB_STR("the 200 cannot be used"), 41, false,
				 BB_SIP_NO_FAULT);
		return;
	}
	if (e && e->has_cseq) {
		s->dlg.remote_cseq = e->cseq;
		s->dlg.has_remote_cseq = true;
	}
	sip_session_keep_msg(s, m);
	if (s->state == SIP_S_ENDING) {
		/* The CANCEL came too late. */
		sip_session_send_ack(s, m->cseq.number, NULL);
		sip_session_bye(s);
		return;
	}
	s->state = SIP_S_UP;
	bb_free(s->first);
	s->first = NULL;
	err = answer_of(s, m, &d, &why);
	sip_early_free_all(s); /* those that are left end by a BYE each as they answer */
	if (err || ours)
		sip_session_send_ack(s, m->cseq.number, NULL);
	s->offered = false;
	if (err) {
		bad_answer(s, why);
		return;
	}
	if (!ours) {
		s->ack_owed = true;
		s->ack_cseq = m->cseq.number;
	}
	sip_session_keep_remote(s, &d);
	sip_session_tell_identity(s, m);
	if (s->ops && s->ops->answered)
		s->ops->answered(s, &d, s->arg);
	sip_session_quiet(s);
}

/* --- refused --- */

static void redirected(struct bb_sip_session *s, const struct sip_msg *m)
{
	struct sip_values it;
	struct sip_nameaddr na;
	unsigned best = 0, q;

	sip_values_init(&it, m, SIP_HDR_CONTACT);
	while (sip_nameaddr_next(&it, &na) == 1) {
		/* What is no SIP address ("mailto:") cannot be called, however much it is
		 * preferred. */
		if (na.star ||
		    (na.uri.scheme != SIP_SCHEME_SIP && na.uri.scheme != SIP_SCHEME_SIPS) ||
		    sip_qvalue(na.params, &q) || (s->end_contact && q <= best))
			continue;
		bb_free(s->end_contact);
		s->end_contact = bb_strdup(na.uri.text);
		best = q;
	}
	sip_session_over(s, m->status, m->reason, sip_cause_from_code(m->status), true,
			 BB_SIP_NO_FAULT);
}

static void show_credentials(struct bb_sip_session *s, struct sip_msg *m)
{
	int err = sip_keyring_learn(&s->keys, &s->tries, s->ep, m);

	if (!err)
		err = send_invite(s);
	if (err)
		sip_session_over(s, m->status, m->reason, 21, true, BB_SIP_NO_CREDENTIALS);
}

static void refused(struct bb_sip_session *s, struct sip_msg *m)
{
	struct bb_str text;
	unsigned cause = sip_session_cause(m, m->status, &text);

	sip_session_keep_msg(s, m);
	if (s->state == SIP_S_ENDING) {
		sip_session_over(s, m->status, bb_strz(s->end_text ? s->end_text : ""),
				 s->end_cause, false, BB_SIP_NO_FAULT);
		return;
	}
	if (m->status == 401 || m->status == 407) {
		show_credentials(s, m);
		return;
	}
	if (m->status < 400) {
		redirected(s, m);
		return;
	}
	if (m->status == 503 && !s->provisional && s->flow_at + 1 < s->n_flows) {
		next_flow(s, -ECONNREFUSED);
		return;
	}
	sip_session_over(s, m->status, text.l ? text : m->reason, cause, true, BB_SIP_NO_FAULT);
}

static void on_response(struct sip_ctrans *ct, struct sip_msg *m, void *arg)
{
	struct bb_sip_session *s = arg;

	sip_session_ref(s);
	if (m->status < 200) {
		provisional(s, m);
	} else if (m->status < 300) {
		answered(s, m);
	} else {
		/* This transaction has said all: the next one may be begun. */
		sip_ctrans_detach(ct);
		if (s->invite == ct)
			s->invite = NULL;
		refused(s, m);
	}
	sip_session_unref(s);
}

static enum bb_sip_fault fault_of(int err)
{
	return err == -ETIMEDOUT ? BB_SIP_SILENT : BB_SIP_PORT_CLOSED;
}

static void on_gone(struct sip_ctrans *ct, int err, void *arg)
{
	struct bb_sip_session *s = arg;

	sip_session_ref(s);
	if (s->invite == ct)
		s->invite = NULL;
	if (s->state == SIP_S_ENDING && !s->dlg.remote_tag)
		sip_session_over(s, 487, bb_strz(s->end_text ? s->end_text : ""), s->end_cause,
				 false, BB_SIP_NO_FAULT);
	else if (s->state == SIP_S_CALLING)
		next_flow(s, err ? err : -ETIMEDOUT);
	sip_session_unref(s);
}

static const struct sip_ctrans_ops invite_ops = { .response = on_response, .gone = on_gone };

/* --- sending --- */

/* From: who calls, as the endpoint wants to see it (RFC 3323 for the restricted). */
static int make_from(struct bb_sip_session *s, const struct sip_flow *f)
{
	const struct sip_settings *set = &s->core->config->set;
	bool hide = s->caller.restricted && !s->ep->trust_id_outbound;
	struct bb_str user = !bb_str_empty(s->ep->from_user)   ? s->ep->from_user
			     : !bb_str_empty(s->caller.number) ? s->caller.number
							       : set->default_from_user;
	struct bb_buf b = { 0 };
	char by[SIP_SENT_BY_TEXT];
	char *text;

	sip_flow_sent_by(s->core->stack, f, by);
	if (hide) {
		bb_buf_puts(&b, "\"Anonymous\" <sip:anonymous@anonymous.invalid>");
	} else {
		if (!bb_str_empty(s->caller.name)) {
			sip_put_quoted(&b, s->caller.name);
			bb_buf_putc(&b, ' ');
		}
		bb_buf_puts(&b, "<sip:");
		sip_escape_user(&b, user);
		bb_buf_putc(&b, '@');
		if (bb_str_empty(s->ep->from_domain))
			bb_buf_puts(&b, by);
		else
			bb_buf_putstr(&b, s->ep->from_domain);
		bb_buf_putc(&b, '>');
	}
	text = b.err ? NULL : bb_strdup(bb_buf_str(&b));
	bb_buf_free(&b);
	if (!text)
		return -ENOMEM;
	bb_free(s->dlg.local);
	s->dlg.local = text;
	return 0;
}

/*
 * RFC 3261 §18.1.1: what is too long for a datagram goes by TCP, if the address leaves the choice
 * to us. The way by UDP stays behind it, for when nobody listens there.
 */
static bool switch_to_tcp(struct bb_sip_session *s, size_t len)
{
	const struct sip_stack_conf *conf = sip_stack_conf(s->core->stack);
	struct sip_flow *f = &s->flows[s->flow_at];
	struct sip_flow tcp = { .type = SIP_TP_TCP, .remote = f->remote };
	struct sip_uri u;

	if (s->tcp_tried || !conf->udp_limit || len + VIA_ROOM <= conf->udp_limit)
		return false;
	if (f->type != SIP_TP_UDP || s->dlg.pinned || s->n_flows == SIP_RESOLVE_MAX)
		return false;
	if (!bb_str_empty(s->target.route) || !bb_str_empty(s->ep->transport) ||
	    sip_uri_parse(&u, s->target.uri) || sip_uri_param(&u, "transport", NULL))
		return false;
	s->tcp_tried = true;
	if (sip_flow_prepare(s->core->stack, &tcp))
		return false;
	memmove(f + 1, f, (s->n_flows - s->flow_at) * sizeof(*f));
	s->n_flows++;
	*f = tcp;
	return true;
}

static int send_invite(struct bb_sip_session *s)
{
	struct sip_flow *f = &s->flows[s->flow_at];
	char by[SIP_SENT_BY_TEXT];
	struct bb_buf b = { 0 };
	int err = sip_flow_prepare(s->core->stack, f);

	if (!err && !s->dlg.local[0])
		err = make_from(s, f);
	if (err)
		return err;
	s->dlg.flow = *f;
	sip_early_free_all(s); /* those of an INVITE that was refused (§12.3) */
	s->invite_cseq = ++s->dlg.local_cseq;
	sip_dialog_begin(&s->dlg, &b, SIP_INVITE, s->invite_cseq, s->max_forwards);
	sip_put_contact(&b, s, f);
	sip_put_usual(&b, s, true);
	sip_flow_sent_by(s->core->stack, f, by);
	sip_put_identity(&b, s, &s->caller, bb_strz(by));
	for (size_t i = 0; i < s->n_headers; i++)
		sip_put_hdr_named(&b, s->headers[i].name, s->headers[i].value);
	err = sip_session_credentials(s, &s->tries, &b, s->invite_cseq);
	if (!err)
		err = sip_put_desc(&b, s, s->first, f);
	s->offered = s->first != NULL;
	if (err) {
		bb_buf_free(&b);
		return err;
	}
	if (!b.err && switch_to_tcp(s, b.l)) {
		bb_buf_free(&b);
		return send_invite(s);
	}
	return sip_ctrans_new(&s->invite, s->core->stack, f, &b, &invite_ops, s);
}

static void next_flow(struct bb_sip_session *s, int err)
{
	if (s->provisional)
		s->n_flows = 0;
	while (s->flow_at + 1 < s->n_flows) {
		s->flow_at++;
		/* Another server: it asks for itself. */
		sip_keyring_free(&s->keys);
		s->tries = (struct sip_tries){ 0 };
		err = send_invite(s);
		if (!err)
			return;
	}
	sip_session_over(s, err == -ETIMEDOUT ? 408 : 503, BB_STR(""), err == -ETIMEDOUT ? 18 : 20,
			 false, fault_of(err));
}

static void begin(struct bb_sip_session *s)
{
	int err;

	s->flow_at = 0;
	err = send_invite(s);
	if (err == -ENOMEM)
		sip_session_over(s, 500, BB_STR("no memory"), 42, false, BB_SIP_NO_FAULT);
	else if (err)
		next_flow(s, err);
}

static void resolved(int err, const struct sip_flow *flows, size_t n, void *arg)
{
	struct bb_sip_session *s = arg;

	s->resolve = NULL;
	if (s->state == SIP_S_OVER)
		return;
	if (err || !n) {
		sip_session_over(s, 503, BB_STR("the host name was not found"), 3, false,
				 BB_SIP_NO_ADDRESS);
		return;
	}
	for (size_t i = 0; i < n && i < SIP_RESOLVE_MAX; i++)
		s->flows[s->n_flows++] = flows[i];
	begin(s);
}

/* The transport of the endpoint, unless the way is given already. */
static void bind_transport(struct bb_sip_session *s, struct sip_flow *f)
{
	struct sip_transport *t;

	if (bb_str_empty(s->ep->transport) || bb_addr_set(&s->target.remote))
		return;
	t = sip_transport_by_name(s->core->stack, s->ep->transport);
	if (t && sip_transport_type(t) == f->type)
		f->transport = sip_transport_id(t);
}

static int find_way(struct bb_sip_session *s)
{
	int err = sip_target_flow(s->core, &s->target, &s->flows[0]);

	if (!err) {
		bind_transport(s, &s->flows[0]);
		s->n_flows = 1;
		begin(s);
		return 0;
	}
	return err == -EAGAIN ? sip_target_resolve(&s->resolve, &s->target, resolved, s) : err;
}

/* --- making --- */

static int copy(struct bb_sip_session *s, struct bb_str *dst, struct bb_str src)
{
	char *p = bb_arena_strdup(s->texts, src.p ? src : BB_STR(""));

	if (!p)
		return -ENOMEM;
	*dst = bb_strn(p, src.l);
	return 0;
}

static int copy_route(struct bb_sip_session *s, struct bb_str given)
{
	struct bb_str proxy = s->ep->outbound_proxy;
	struct sip_uri u;
	char *p;

	if (!bb_str_empty(given) || bb_str_empty(proxy))
		return copy(s, &s->target.route, given);
	if (sip_uri_parse(&u, proxy))
		return -EINVAL;
	p = bb_arena_printf(s->texts, "<%.*s%s>", BB_FMT(proxy),
			    sip_uri_param(&u, "lr", NULL) ? "" : ";lr");
	s->target.route = bb_strz(p);
	/* A proxy of ours stands before any address of the contact's. */
	memset(&s->target.remote, 0, sizeof(s->target.remote));
	return p ? 0 : -ENOMEM;
}

static int copy_invite(struct bb_sip_session *s, const struct bb_sip_invite *in)
{
	int err;

	s->texts = bb_arena_new(1024);
	if (!s->texts)
		return -ENOMEM;
	s->flows = bb_arena_alloc(s->texts, SIP_RESOLVE_MAX * sizeof(*s->flows));
	if (!s->flows)
		return -ENOMEM;
	s->target = in->target;
	err = copy(s, &s->target.uri, in->target.uri);
	if (!err)
		err = copy_route(s, in->target.route);
	if (!err)
		err = copy(s, &s->target.transport, in->target.transport);
	s->max_forwards = (unsigned)s->core->config->set.max_forwards;
	if (in->hops && in->hops - 1 < s->max_forwards)
		s->max_forwards = in->hops - 1;
	s->caller.restricted = in->caller.restricted;
	if (!err)
		err = copy(s, &s->caller.name, in->caller.name);
	if (!err)
		err = copy(s, &s->caller.number, in->caller.number);
	if (!err && in->n_headers) {
		s->headers = bb_arena_alloc(s->texts, in->n_headers * sizeof(*s->headers));
		if (!s->headers)
			return -ENOMEM;
	}
	for (size_t i = 0; !err && i < in->n_headers; i++) {
		err = copy(s, &s->headers[i].name, in->headers[i].name);
		if (!err)
			err = copy(s, &s->headers[i].value, in->headers[i].value);
		s->n_headers = i + 1;
	}
	if (in->offer) {
		s->first = bb_media_keep(in->offer);
		if (!s->first)
			return -ENOMEM;
	}
	if (!err && !bb_str_empty(in->aor)) {
		s->aor = bb_strdup(in->aor);
		err = s->aor ? 0 : -ENOMEM;
	}
	return err;
}

int sip_session_invite(struct bb_sip_session **sp, struct sip_core *c,
		       const struct bb_sip_invite *in, const struct bb_sip_session_ops *ops,
		       void *arg)
{
	struct bb_sip_session *s;
	struct bb_buf to = { 0 };
	struct sip_uri u;
	int err;

	if (!in->endpoint || sip_uri_parse(&u, in->target.uri))
		return -EINVAL;
	err = sip_session_new(&s, c, in->endpoint, ops, arg);
	if (err)
		return err;
	s->state = SIP_S_CALLING;
	s->outgoing = true;
	err = copy_invite(s, in);
	bb_buf_puts(&to, "<");
	sip_uri_put(&to, u.scheme, u.user, u.host, u.port);
	bb_buf_puts(&to, ">");
	if (!err)
		err = to.err;
	if (!err)
		err = sip_dialog_uac(&s->dlg, BB_STR(""), bb_buf_str(&to), in->target.uri,
				     s->target.route);
	bb_buf_free(&to);
	s->dlg.pinned = bb_addr_set(&s->target.remote);
	if (!err)
		err = sip_session_enter(s, NULL);
	if (err) {
		sip_session_unref(s);
		return err;
	}
	sip_session_story(s, in->story, in->leg);
	err = find_way(s);
	if (err)
		sip_session_over(s, 503, BB_STR("there is no way to its address"), 3, false,
				 BB_SIP_NO_ADDRESS);
	*sp = s;
	return 0;
}
