/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session.c - life of a session: making, finding, ending, and the requests
 * within its dialog that carry no offer.
 */
#include "modules/sip/session.h"

#include <stdio.h>

#include "modules/sip/cause.h"

/* An INVITE that rings has no end of its own; after its end CANCEL does nothing. */
static void let_go_invite(struct sip_ctrans *ct)
{
	if (!ct)
		return;
	sip_ctrans_cancel(ct, (struct bb_str){ 0 });
	sip_ctrans_detach(ct);
}

static void let_go_request(struct bb_sip_session *s)
{
	if (!s->rq)
		return;
	s->rq->on_cancel = NULL;
	s->rq->on_gone = NULL;
	s->rq->arg = NULL;
	sip_inreq_unref(s->rq);
	s->rq = NULL;
}

/* Let go of every transaction: none may call back any more. */
static void let_go(struct bb_sip_session *s)
{
	bb_timer_cancel(&s->ok_timer);
	bb_timer_cancel(&s->offer_timer);
	if (s->resolve)
		sip_resolve_cancel(s->resolve);
	s->resolve = NULL;
	let_go_invite(s->invite);
	let_go_invite(s->reinvite);
	s->invite = s->reinvite = NULL;
	if (s->asked)
		sip_strans_detach(s->asked);
	if (s->ok && !s->ok_is_first && s->ok != s->asked)
		sip_strans_detach(s->ok);
	s->asked = s->ok = NULL;
	let_go_request(s);
}

static void leave(struct bb_sip_session *s)
{
	if (!s->core)
		return; /* it went before us, and took us off its books */
	sip_session_settled(s);
	if (s->by_endpoint && bb_node_linked(&s->node))
		s->by_endpoint->calls--;
	sip_load_put(s->by_source);
	sip_load_put(s->by_endpoint);
	s->by_source = s->by_endpoint = NULL;
	bb_map_remove(&s->core->sessions, &s->by_tag);
	sip_tracee_remove(s->core, &s->tracee);
	bb_list_remove(&s->node);
}

static void session_destroy(void *obj)
{
	struct bb_sip_session *s = obj;

	bb_task_cancel(&s->tell);
	let_go(s);
	leave(s);
	sip_early_free_all(s);
	sip_dialog_free(&s->dlg);
	sip_endpoint_unref(s->ep);
	sip_msg_unref(s->msg);
	bb_free(s->lines);
	bb_free(s->request_uri);
	bb_free(s->local);
	bb_free(s->remote);
	bb_free(s->end_reason);
	bb_free(s->end_contact);
	bb_free(s->connected_texts);
	bb_buf_free(&s->extra);
	bb_buf_free(&s->ack);
	bb_arena_free(s->texts);
	bb_free(s->contact);
	bb_free(s->aor);
	bb_free(s->sdp);
	bb_free(s->end_text);
	bb_free(s->auth_line);
	sip_keyring_free(&s->keys);
	bb_free(s->first);
	bb_free(s->wanted);
}

int sip_session_new(struct bb_sip_session **sp, struct sip_core *c,
		    const struct bb_sip_endpoint *ep, const struct bb_sip_session_ops *ops,
		    void *arg)
{
	struct bb_sip_session *s = bb_obj_new(sizeof(*s), session_destroy, "sip session");

	if (!s)
		return -ENOMEM;
	s->core = c;
	s->ops = ops;
	s->arg = arg;
	s->ep = ep ? sip_endpoint_ref(ep) : NULL;
	s->since = bb_now();
	bb_random(&s->origin.id, sizeof(s->origin.id));
	s->origin.id >>= 16; /* some parsers read o= numbers as signed ones */
	s->origin.version = s->origin.id;
	*sp = s;
	return 0;
}

struct bb_sip_session *sip_session_ref(struct bb_sip_session *s)
{
	return bb_obj_ref(s);
}

void sip_session_unref(struct bb_sip_session *s)
{
	bb_obj_unref(s);
}

int sip_session_enter(struct bb_sip_session *s, const struct bb_addr *source)
{
	struct sip_core *c = s->core;
	char host[BB_ADDR_TEXT];
	int err = bb_map_add(&c->sessions, &s->by_tag, bb_strz(s->dlg.local_tag));

	if (!err)
		err = sip_tracee_add(c, &s->tracee, bb_strz(s->dlg.call_id));
	if (!err && s->ep) {
		s->by_endpoint = sip_load_get(&c->endpoints, bb_strz(s->ep->name));
		if (!s->by_endpoint)
			err = -ENOMEM;
	}
	if (!err && source) {
		s->by_source = sip_load_get(&c->sources, bb_strz(bb_addr_print_host(source, host)));
		if (!s->by_source)
			err = -ENOMEM;
	}
	if (err)
		return err;
	bb_list_append(&c->session_list, &s->node);
	if (s->by_endpoint)
		s->by_endpoint->calls++;
	/* Only what comes in counts as pending: what goes out is bounded by it. */
	if (source) {
		s->pending = true;
		c->pending++;
		s->by_source->pending++;
		if (s->by_endpoint)
			s->by_endpoint->pending++;
	}
	sip_session_ref(s); /* the core's, until it is over */
	return 0;
}

void sip_session_settled(struct bb_sip_session *s)
{
	if (!s->pending)
		return;
	s->pending = false;
	s->core->pending--;
	if (s->by_source)
		s->by_source->pending--;
	if (s->by_endpoint)
		s->by_endpoint->pending--;
}

/* --- the end --- */

static void tell_closed(void *arg)
{
	struct bb_sip_session *s = arg;
	const struct bb_sip_session_ops *ops = s->ops;

	if (ops && ops->closed)
		ops->closed(s, &s->end, s->arg);
	s->ops = NULL;
	sip_session_unref(s); /* the core's */
}

void sip_session_over(struct bb_sip_session *s, unsigned code, struct bb_str reason, unsigned cause,
		      bool remote, enum bb_sip_fault fault)
{
	if (s->state == SIP_S_OVER)
		return;
	s->state = SIP_S_OVER;
	bb_free(s->end_reason);
	s->end_reason = bb_strdup(reason);
	s->end.code = code;
	s->end.reason = bb_strz(s->end_reason);
	s->end.cause = cause;
	s->end.remote = remote;
	s->end.fault = fault;
	s->end.contacts = s->end_contact;
	let_go(s);
	leave(s);
	bb_task_post(&s->tell, tell_closed, s);
}

unsigned sip_session_cause(const struct sip_msg *m, unsigned code, struct bb_str *text)
{
	struct sip_values it;
	struct bb_str v;
	struct sip_reason_value r;
	unsigned cause = 0;

	*text = (struct bb_str){ 0 };
	sip_values_init(&it, m, SIP_HDR_REASON);
	while (sip_values_next(&it, &v) == 1) {
		if (sip_reason_parse(&r, v))
			continue;
		if (bb_str_iis(r.protocol, "Q.850") && r.cause > 0 && r.cause < 128) {
			*text = r.text;
			return r.cause;
		}
		if (bb_str_iis(r.protocol, "SIP")) {
			*text = r.text;
			if (r.cause == 200)
				cause = 26; /* answered elsewhere (RFC 3326 §2) */
			else if (r.cause >= 400)
				cause = sip_cause_from_code(r.cause);
		}
	}
	return cause ? cause : sip_cause_from_code(code);
}

void sip_session_keep_msg(struct bb_sip_session *s, struct sip_msg *m)
{
	sip_msg_ref(m);
	sip_msg_unref(s->msg);
	s->msg = m;
	bb_free(s->lines);
	s->lines = NULL;
	s->far_updates = sip_msg_has_token(m, SIP_HDR_ALLOW, "UPDATE");
}

int sip_session_keep_remote(struct bb_sip_session *s, const struct bb_media_desc *d)
{
	struct bb_media_desc *kept = bb_media_keep(d);

	if (!kept)
		return -ENOMEM;
	bb_free(s->remote);
	s->remote = kept;
	return 0;
}

/* What a call that only lasts takes is memory times the calls there are: a parsed message is three
 * times its text, and only its header lines are ever asked for again. */
void sip_session_slim(struct bb_sip_session *s)
{
	if (s->state != SIP_S_UP || s->ok || s->ack_owed || s->asked)
		return;
	if (s->msg)
		s->lines = bb_strdup(sip_msg_lines(s->msg));
	if (s->lines) {
		sip_msg_unref(s->msg);
		s->msg = NULL;
	}
	bb_free(s->local);
	s->local = NULL;
	/* It owns a story that nobody has taken, which is ours to tell until the end. */
	if (s->rq && !s->rq->pub.story) {
		bb_free(s->request_uri);
		s->request_uri = bb_strdup(s->rq->pub.uri_text);
		let_go_request(s);
	}
	sip_early_slim(s);
	s->target = (struct bb_sip_target){ 0 };
	s->caller = (struct bb_sip_party){ .restricted = s->caller.restricted };
	s->headers = NULL;
	s->flows = NULL;
	s->n_headers = s->n_flows = s->flow_at = 0;
	bb_arena_free(s->texts);
	s->texts = NULL;
}

static void put_bye(struct bb_buf *b, const struct sip_core *c, unsigned cause, const char *text)
{
	sip_put_reason(b, cause, text);
	sip_put_hdr(b, SIP_HDR_USER_AGENT, c->config->set.user_agent);
	sip_put_body(b, NULL, BB_STR(""));
}

static void over(struct bb_sip_session *s)
{
	sip_session_over(s, 0, bb_strz(s->end_text ? s->end_text : ""), s->end_cause, false,
			 BB_SIP_NO_FAULT);
}

/* Whatever the answer, it is over (RFC 3261 §15.1.1). */
static void bye_done(struct bb_sip_session *s, unsigned code)
{
	(void)code;
	over(s);
}

static int send_bye(struct bb_sip_session *s, void (*done)(struct bb_sip_session *s, unsigned code))
{
	struct bb_buf tail = { 0 };

	s->state = SIP_S_ENDING;
	s->bye_wanted = false;
	bb_timer_cancel(&s->ok_timer);
	bb_timer_cancel(&s->offer_timer);
	if (s->asked) {
		sip_strans_reply(s->asked, 487, NULL);
		sip_strans_detach(s->asked);
		s->asked = NULL;
	}
	put_bye(&tail, s->core, s->end_cause, s->end_text);
	return sip_session_send(s, SIP_BYE, &tail, done);
}

void sip_session_bye(struct bb_sip_session *s)
{
	if (send_bye(s, bye_done))
		over(s);
}

void sip_session_part(struct bb_sip_session *s, const char *why, unsigned cause, bool remote,
		      enum bb_sip_fault fault)
{
	s->end_cause = cause;
	send_bye(s, NULL);
	sip_session_over(s, 0, bb_strz(why), cause, remote, fault);
}

void sip_session_lost(struct bb_sip_session *s, unsigned code)
{
	if (code == 408)
		sip_session_part(s, "it does not answer any more", 18, true, BB_SIP_SILENT);
	else
		sip_session_part(s, "it no longer knows the call", 41, true, BB_SIP_NO_FAULT);
}

static int refuse_fork(struct sip_core *c, struct sip_dialog *d, struct bb_sip_session *s,
		       const struct sip_msg *rsp)
{
	unsigned max_forwards = (unsigned)c->config->set.max_forwards;
	struct sip_tries tries = { 0 };
	struct bb_buf ack = { 0 }, bye = { 0 };
	struct sip_flow f;
	int err = sip_dialog_flow(d, c->stack, &f);

	if (err)
		return err;
	sip_dialog_begin(d, &ack, SIP_ACK, rsp->cseq.number, max_forwards);
	if (s && s->auth_line && s->auth_cseq == rsp->cseq.number)
		bb_buf_puts(&ack, s->auth_line);
	sip_put_body(&ack, NULL, BB_STR(""));
	if (!ack.err)
		sip_send_ack(c->stack, &f, &ack);
	bb_buf_free(&ack);
	sip_dialog_begin(d, &bye, SIP_BYE, ++d->local_cseq, max_forwards);
	if (s)
		err = sip_keyring_put(&s->keys, &tries, &bye, BB_STR("BYE"), sip_dialog_uri(d));
	put_bye(&bye, c, 26, NULL);
	/* Nobody waits for what becomes of it. */
	if (!err)
		err = sip_ctrans_new(NULL, c->stack, &f, &bye, NULL, NULL);
	bb_buf_free(&bye);
	return err;
}

void sip_session_refuse_fork(struct sip_core *c, struct bb_sip_session *s,
			     const struct sip_msg *rsp)
{
	struct sip_dialog d = { 0 };
	int err = sip_dialog_of_stray(&d, rsp);

	if (!err)
		err = refuse_fork(c, &d, s, rsp);
	if (err)
		bb_debug(1, "A further branch that answered was not ended: %s", strerror(-err));
	sip_dialog_free(&d);
}

static void cancel(void *arg)
{
	struct bb_sip_session *s = arg;
	struct bb_buf reason = { 0 };
	struct bb_str value = { 0 };

	if (!s->invite || s->state != SIP_S_ENDING)
		return;
	sip_put_reason(&reason, s->end_cause, s->end_text);
	/* The value alone, without name and line end. */
	if (!reason.err && reason.l > 8)
		value = bb_str_trim(bb_str_sub(bb_buf_str(&reason), 8, reason.l));
	/* Without memory it is tried again: an INVITE that rings has no end of its own. */
	if (sip_ctrans_cancel(s->invite, value) == -ENOMEM)
		bb_timer_set(&s->offer_timer, BB_SEC, cancel, s);
	bb_buf_free(&reason);
}

void sip_session_end(struct bb_sip_session *s, unsigned cause, const char *text)
{
	if (s->state == SIP_S_OVER || s->state == SIP_S_ENDING || s->bye_wanted)
		return;
	s->end_cause = cause;
	s->ended_here = true;
	if (text)
		s->end_text = bb_strdup(bb_strz(text));
	switch (s->state) {
	case SIP_S_INCOMING:
		sip_session_reject(s, sip_code_from_cause(cause), NULL, NULL, 0);
		return;
	case SIP_S_CALLING:
		if (!s->invite) {
			sip_session_over(s, 487, bb_strz(text), cause, false, BB_SIP_NO_FAULT);
			return;
		}
		s->state = SIP_S_ENDING;
		cancel(s);
		return;
	default:
		/* A callee sends no BYE before the ACK of its 2xx (RFC 3261 §15). */
		if (s->ok && s->ok_is_first) {
			s->bye_wanted = true;
			return;
		}
		if (s->ack_owed)
			sip_session_send_ack(s, s->ack_cseq, NULL);
		sip_session_bye(s);
	}
}

void sip_session_drop(struct bb_sip_session *s)
{
	if (!s)
		return;
	s->ops = NULL;
	s->tracee.story = NULL;
	sip_session_end(s, 16, NULL);
	sip_session_unref(s);
}

void sip_sessions_abandon(struct sip_core *c)
{
	bb_list_each (node, &c->session_list) {
		struct bb_sip_session *s = bb_list_entry(node, struct bb_sip_session, node);

		s->ops = NULL;
		sip_session_over(s, 0, BB_STR(""), 0, false, BB_SIP_NO_FAULT);
		s->core = NULL;
		bb_task_cancel(&s->tell);
		sip_session_unref(s); /* the core's */
	}
}

/* --- finding --- */

static struct bb_sip_session *find(struct sip_core *c, struct bb_str local_tag,
				   struct bb_str call_id)
{
	struct bb_map_node *n = local_tag.p ? bb_map_get(&c->sessions, local_tag) : NULL;
	struct bb_sip_session *s = n ? bb_map_entry(n, struct bb_sip_session, by_tag) : NULL;

	return s && bb_str_is(call_id, s->dlg.call_id) ? s : NULL;
}

static bool is_its(const struct bb_sip_session *s, struct bb_str remote_tag)
{
	if (s->state == SIP_S_CALLING) {
		const struct sip_early *e = sip_early_find(s, remote_tag);

		return e && !e->gone;
	}
	return s->dlg.remote_tag && bb_str_is(remote_tag, s->dlg.remote_tag);
}

/* --- the 2xx we sent, until its ACK (RFC 3261 §13.3.1.4) --- */

static void ok_again(void *arg)
{
	struct bb_sip_session *s = arg;
	const struct sip_stack_conf *conf = sip_stack_conf(s->core->stack);

	if (bb_now() >= s->ok_until || !s->ok) {
		bool first = s->ok_is_first;

		/* The transaction may outlive us: it must not call back. */
		if (s->ok && !first)
			sip_strans_detach(s->ok);
		s->ok = NULL;
		bb_free(s->end_text);
		s->end_text = bb_strdup(BB_STR("no ACK came for our answer"));
		sip_session_part(s, s->end_text ? s->end_text : "",
				 s->bye_wanted ? s->end_cause : 102, false,
				 first ? BB_SIP_NO_ACK : BB_SIP_NO_FAULT);
		return;
	}
	sip_strans_resend(s->ok);
	s->ok_wait = s->ok_wait * 2 < conf->t2 ? s->ok_wait * 2 : conf->t2;
	if (bb_now() + s->ok_wait > s->ok_until)
		s->ok_wait = s->ok_until - bb_now();
	bb_timer_set(&s->ok_timer, s->ok_wait, ok_again, s);
}

void sip_session_ok_sent(struct bb_sip_session *s, struct sip_strans *st, uint32_t cseq)
{
	const struct sip_stack_conf *conf = sip_stack_conf(s->core->stack);

	s->ok = st;
	s->ok_cseq = cseq;
	s->ok_wait = conf->t1;
	s->ok_until = bb_now() + 64 * conf->t1 - BB_MS;
	bb_timer_set(&s->ok_timer, s->ok_wait, ok_again, s);
}

void sip_session_ok_acked(struct bb_sip_session *s)
{
	bb_timer_cancel(&s->ok_timer);
	if (s->ok && !s->ok_is_first)
		sip_strans_detach(s->ok);
	s->ok = NULL;
	s->ok_is_first = false;
	sip_session_settled(s);
}

void sip_session_ack(struct sip_core *c, struct sip_msg *m)
{
	struct bb_sip_session *s = find(c, m->to.tag, m->call_id);
	struct bb_media_desc d;
	const char *why = "";
	bool bore_offer;
	int err;

	if (!s || !is_its(s, m->from.tag) || !s->ok || m->cseq.number != s->ok_cseq)
		return;
	sip_session_ref(s);
	bore_offer = s->ok_bears_offer;
	s->ok_bears_offer = false;
	sip_session_ok_acked(s);
	if (s->bye_wanted) {
		sip_session_bye(s);
	} else if (bore_offer) {
		s->offered = false;
		err = sip_session_desc(m, &d, &why);
		if (err) {
			sip_session_part(s, err == -ENODATA ? "the ACK bore no answer" : why, 127,
					 true, BB_SIP_BAD_MEDIA);
		} else {
			sip_session_keep_remote(s, &d);
			if (s->ops && s->ops->acked)
				s->ops->acked(s, &d, s->arg);
		}
	} else if (s->ops && s->ops->acked) {
		s->ops->acked(s, NULL, s->arg);
	}
	sip_session_quiet(s);
	sip_session_unref(s);
}

void sip_session_stray(struct sip_core *c, struct sip_msg *m)
{
	struct bb_sip_session *s = find(c, m->from.tag, m->call_id);

	if (s && s->state != SIP_S_CALLING && s->dlg.remote_tag &&
	    bb_str_is(m->to.tag, s->dlg.remote_tag)) {
		if (s->ack.l && s->ack_cseq == m->cseq.number)
			sip_send_ack(c->stack, &s->ack_flow, &s->ack);
		return;
	}
	sip_session_refuse_fork(c, s, m);
}

/* --- requests within --- */

static void got_bye(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m)
{
	struct bb_str text;
	unsigned cause = sip_session_cause(m, 487, &text);

	sip_strans_reply(st, 200, NULL);
	/* A callee ought not to (§15.1.1); then that branch alone is over. */
	if (s->state == SIP_S_CALLING && sip_early_end(s, sip_early_find(s, m->from.tag)))
		return;
	if (s->asked) {
		sip_strans_reply(s->asked, 487, NULL);
		sip_strans_detach(s->asked);
		s->asked = NULL;
	}
	if (s->state == SIP_S_INCOMING && s->rq)
		sip_inreq_respond(s->rq, 487, NULL, NULL, 0);
	sip_session_over(s, s->state == SIP_S_UP || s->state == SIP_S_ENDING ? 0 : 487, text, cause,
			 true, BB_SIP_NO_FAULT);
}

static bool digit_of(struct bb_str v, char *digit)
{
	uint64_t n;

	v = bb_str_trim(v);
	if (v.l == 1 && strchr("0123456789*#ABCDabcd", v.p[0])) {
		*digit = v.p[0] >= 'a' ? (char)(v.p[0] - 'a' + 'A') : v.p[0];
		return true;
	}
	if (bb_str_u64(v, &n) == 0 && n >= 10 && n <= 15) {
		*digit = "*#ABCD"[n - 10];
		return true;
	}
	return false;
}

static bool parse_digit(struct bb_str body, bool relay, char *digit, unsigned *ms)
{
	struct bb_str line;
	bool got = false;
	uint64_t n;

	*ms = 250;
	if (!relay)
		return digit_of(body, digit);
	while (bb_str_split(&body, '\n', &line)) {
		ptrdiff_t eq = bb_str_chr(line, '=');
		struct bb_str name, value;

		if (eq < 0)
			continue;
		name = bb_str_trim(bb_strn(line.p, (size_t)eq));
		value = bb_str_trim(bb_str_sub(line, (size_t)eq + 1, line.l));
		if (bb_str_iis(name, "Signal"))
			got = digit_of(value, digit);
		else if (bb_str_iis(name, "Duration") && bb_str_u64(value, &n) == 0 && n > 0)
			*ms = n > 10000 ? 10000 : (unsigned)n;
	}
	return got;
}

static void got_info(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m)
{
	struct bb_str type = sip_msg_value(m, SIP_HDR_CONTENT_TYPE);
	bool relay = sip_ctype_is(type, "application/dtmf-relay");
	char digit;
	unsigned ms;

	if (!m->body.l) {
		sip_strans_reply(st, 200, NULL);
		return;
	}
	if (!relay && !sip_ctype_is(type, "application/dtmf")) {
		sip_strans_reply_with(
			st, 415, NULL,
			BB_STR("Accept: application/dtmf-relay, application/dtmf\r\n"));
		return;
	}
	if (!parse_digit(m->body, relay, &digit, &ms)) {
		sip_strans_reply(st, 400, "No Digit In It");
		return;
	}
	sip_strans_reply(st, 200, NULL);
	if (s->ops && s->ops->digit)
		s->ops->digit(s, digit, ms, s->arg);
}

static bool in_order(struct bb_sip_session *s, const struct sip_msg *m)
{
	if (s->state == SIP_S_CALLING)
		return sip_early_in_order(sip_early_find(s, m->from.tag), m);
	return sip_dialog_in_order(&s->dlg, m);
}

static void within(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m)
{
	char line[48];

	if (!in_order(s, m)) {
		bb_format(line, sizeof(line), "Retry-After: %u\r\n", bb_random_below(10));
		sip_strans_reply_with(st, 500, "CSeq Out Of Order", bb_strz(line));
		return;
	}
	switch (m->method) {
	case SIP_BYE:
		got_bye(s, st, m);
		return;
	case SIP_INVITE:
		sip_session_reinvited(s, st, m);
		return;
	case SIP_UPDATE:
		sip_session_updated(s, st, m);
		return;
	case SIP_INFO:
		got_info(s, st, m);
		return;
	case SIP_OPTIONS:
		sip_strans_reply_with(
			st, 200, NULL,
			BB_STR("Allow: " SIP_ALLOW_DIALOG "\r\nAccept: application/sdp\r\n"));
		return;
	case SIP_REFER:
		/* Transfer by REFER is not built: the phone is told, not left waiting. */
		sip_strans_reply_with(st, 501, NULL, BB_STR("Allow: " SIP_ALLOW_DIALOG "\r\n"));
		return;
	case SIP_UNKNOWN:
		sip_strans_reply_with(st, 501, NULL, BB_STR("Allow: " SIP_ALLOW_DIALOG "\r\n"));
		return;
	default:
		sip_strans_reply_with(st, 405, NULL, BB_STR("Allow: " SIP_ALLOW_DIALOG "\r\n"));
	}
}

bool sip_session_request(struct sip_core *c, struct sip_strans *st, struct sip_msg *m)
{
	struct bb_sip_session *s = find(c, m->to.tag, m->call_id);

	if (!s || !is_its(s, m->from.tag))
		return false;
	sip_session_ref(s);
	within(s, st, m);
	sip_session_unref(s);
	return true;
}

/* --- small services --- */

void sip_session_story(struct bb_sip_session *s, struct bb_story *story, const char *leg)
{
	s->tracee.story = story;
	bb_format(s->tracee.leg, sizeof(s->tracee.leg), "%s", leg ? leg : "");
}

struct bb_str sip_session_header(const struct bb_sip_session *s, const char *name, unsigned n)
{
	const struct sip_hdr *h;

	if (!s->msg)
		return sip_lines_value(bb_strz(s->lines), bb_strz(name), n);
	h = sip_msg_hdr_named(s->msg, bb_strz(name), n);
	return h ? h->value : (struct bb_str){ 0 };
}

int sip_session_add_header(struct bb_sip_session *s, struct bb_str name, struct bb_str value)
{
	if (!sip_is_token(name) || s->extra.l > 8192)
		return -EINVAL;
	sip_put_hdr_named(&s->extra, name, value);
	return s->extra.err;
}

const char *sip_session_state_name(const struct bb_sip_session *s)
{
	static const char *const names[] = { "calling", "incoming", "up", "ending", "over" };

	return names[s->state];
}

static struct bb_str uri_in(const char *value)
{
	struct sip_nameaddr na;

	return value && sip_nameaddr_parse(&na, bb_strz(value)) == 0 ? na.uri.text
								     : bb_strz(value ? value : "");
}

int sip_session_fact(const struct bb_sip_session *s, struct bb_str name, struct bb_buf *out)
{
	const struct sip_dialog *d = &s->dlg;
	char addr[BB_ADDR_TEXT];
	struct bb_str sdp;

	if (bb_str_iis(name, "call-id") || bb_str_iis(name, "call_id"))
		bb_buf_puts(out, d->call_id);
	else if (bb_str_iis(name, "local_uri"))
		bb_buf_putstr(out, uri_in(d->local));
	else if (bb_str_iis(name, "remote_uri"))
		bb_buf_putstr(out, uri_in(d->remote));
	else if (bb_str_iis(name, "local_tag"))
		bb_buf_puts(out, d->local_tag);
	else if (bb_str_iis(name, "remote_tag"))
		bb_buf_puts(out, d->remote_tag ? d->remote_tag : "");
	else if (bb_str_iis(name, "target_uri"))
		bb_buf_puts(out, d->target ? d->target : "");
	else if (bb_str_iis(name, "request_uri"))
		bb_buf_putstr(out, s->rq ? s->rq->pub.uri_text
					 : bb_strz(s->request_uri ? s->request_uri : d->target));
	else if (bb_str_iis(name, "local_addr"))
		bb_buf_puts(out, bb_addr_print(&d->flow.local, addr));
	else if (bb_str_iis(name, "remote_addr"))
		bb_buf_puts(out, bb_addr_print(&d->flow.remote, addr));
	else if (bb_str_iis(name, "transport"))
		bb_buf_puts(out, sip_tp_param(d->flow.type));
	else if (bb_str_iis(name, "state"))
		bb_buf_puts(out, sip_session_state_name(s));
	else if (bb_str_iis(name, "aor"))
		bb_buf_puts(out, s->aor ? s->aor : "");
	else if (bb_str_iis(name, "offered") && s->msg &&
		 sip_msg_body_of(s->msg, "application/sdp", &sdp))
		sip_desc_names(out, sdp);
	else
		return -ENOENT;
	return out->err;
}
