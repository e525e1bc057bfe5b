/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_in.c - an INVITE received: from the request that a handler claims
 * to its final answer.
 */
#include "modules/sip/cause.h"
#include "modules/sip/session.h"

static void canceled(struct sip_inreq *rq, struct sip_msg *cancel, void *arg)
{
	struct bb_sip_session *s = arg;
	struct bb_str text;
	unsigned cause = sip_session_cause(cancel, 487, &text);

	if (s->state != SIP_S_INCOMING)
		return;
	sip_inreq_respond(rq, 487, NULL, NULL, 0);
	sip_session_over(s, 487, text, cause, true, BB_SIP_NO_FAULT);
}

static void gone(struct sip_inreq *rq, int err, void *arg)
{
	struct bb_sip_session *s = arg;

	(void)rq;
	if (s->ok_is_first)
		s->ok = NULL;
	if (s->state == SIP_S_INCOMING)
		sip_session_over(s, 0, BB_STR("the answer could not be sent"), 41, false,
				 err == -ETIMEDOUT ? BB_SIP_SILENT : BB_SIP_PORT_CLOSED);
}

static int refuse_body(struct sip_inreq *rq, const char *why)
{
	sip_inreq_refuse(rq, 488, NULL, 58, "its session description cannot be used: %s", why);
	return -EBADMSG;
}

bool sip_session_body_refused(const struct sip_msg *m)
{
	struct bb_str disp = sip_msg_value(m, SIP_HDR_CONTENT_DISPOSITION), sdp, handling;
	struct bb_str coding = sip_msg_value(m, SIP_HDR_CONTENT_ENCODING);
	ptrdiff_t semi = disp.p ? bb_str_chr(disp, ';') : -1;
	bool coded = coding.p && !bb_str_iis(coding, "identity");

	if (!m->body.l || (!coded && sip_msg_body_of(m, "application/sdp", &sdp)))
		return false;
	return !(semi >= 0 &&
		 sip_param(bb_str_sub(disp, (size_t)semi + 1, disp.l), "handling", &handling) &&
		 bb_str_iis(handling, "optional"));
}

static int take_offer(struct bb_sip_session *s, struct sip_inreq *rq)
{
	struct bb_media_desc d;
	const char *why;
	int err;

	if (sip_session_body_refused(rq->msg)) {
		sip_strans_reply_with(rq->st, 415, NULL, BB_STR(SIP_ACCEPTED_BODY));
		return -EBADMSG;
	}
	err = sip_session_desc(rq->msg, &d, &why);
	if (err == -ENODATA)
		return 0;
	if (err)
		return refuse_body(rq, why);
	return sip_session_keep_remote(s, &d);
}

/* --- an INVITE that nobody answers --- */

static void give_up(struct bb_sip_session *s, unsigned code, const char *why)
{
	s->end_cause = 19;
	bb_free(s->end_text);
	s->end_text = bb_strdup(bb_strz(why));
	sip_session_reject(s, code, NULL, NULL, 0);
}

static void wait_on(struct bb_sip_session *s);

/*
 * Each minute a 1xx goes out, so that proxies between do not give up (§13.3.1.1); who has gone
 * without a word is found out by it where the network tells.
 */
static void minute(void *arg)
{
	struct bb_sip_session *s = arg;

	if (s->state != SIP_S_INCOMING || !s->rq || !s->rq->st)
		return;
	if (s->ok_until && bb_now() >= s->ok_until) {
		if (s->expires)
			give_up(s, 487, "its INVITE expired"); /* §13.3.1 */
		else
			give_up(s, 480, "it was not answered in time (answer_timeout)");
		return;
	}
	if (sip_strans_resend(s->rq->st))
		sip_session_progress(s, 183, NULL);
	wait_on(s);
}

static void wait_on(struct bb_sip_session *s)
{
	bb_time wait = 60 * BB_SEC;

	if (s->ok_until && s->ok_until - bb_now() < wait)
		wait = s->ok_until - bb_now();
	bb_timer_set(&s->ok_timer, wait > 0 ? wait : 0, minute, s);
}

static void set_limit(struct bb_sip_session *s, const struct sip_msg *invite)
{
	bb_time limit = s->ep ? s->ep->answer_timeout : 0;
	uint32_t secs;

	s->expires = sip_msg_seconds(invite, SIP_HDR_EXPIRES, &secs) == 0 && secs &&
		     (!limit || secs <= limit / BB_SEC);
	if (s->expires)
		limit = secs * BB_SEC;
	s->ok_until = limit ? bb_now() + limit : 0;
	wait_on(s);
}

int sip_session_accept(struct bb_sip_session **sp, struct sip_inreq *rq,
		       const struct bb_sip_session_ops *ops, void *arg)
{
	struct bb_sip_session *s;
	int err;

	if (!rq->st || rq->pub.method != BB_SIP_INVITE)
		return -EINVAL;
	err = sip_session_new(&s, rq->core, rq->pub.endpoint, ops, arg);
	if (err)
		return err;
	s->state = SIP_S_INCOMING;
	err = sip_dialog_uas(&s->dlg, rq->msg, sip_strans_tag(rq->st));
	if (err == -EBADMSG)
		sip_inreq_refuse(rq, 400, "Missing Contact", 111,
				 "the INVITE has no usable Contact");
	s->dlg.pinned = rq->pub.connection || (s->ep && s->ep->rewrite_contact);
	if (!err)
		err = take_offer(s, rq);
	if (!err)
		err = sip_session_enter(s, &rq->pub.source);
	if (err) {
		sip_session_unref(s);
		return err;
	}
	s->rq = sip_inreq_ref(rq);
	rq->on_cancel = canceled;
	rq->on_gone = gone;
	rq->arg = s;
	sip_session_keep_msg(s, rq->msg);
	set_limit(s, rq->msg);
	/* Messages are told by the session now; the story itself goes to the owner. */
	s->tracee.story = rq->tracee.story;
	rq->tracee.story = NULL;
	*sp = s;
	return 0;
}

static void begin(struct bb_sip_session *s, struct bb_buf *b, unsigned code)
{
	struct bb_str host = { 0 };
	char by[SIP_SENT_BY_TEXT];

	sip_strans_begin(s->rq->st, b, code, NULL);
	sip_put_contact(b, s, &s->dlg.flow);
	sip_put_usual(b, s, false);
	if (s->connected_texts) {
		sip_flow_sent_by(s->core->stack, &s->dlg.flow, by);
		host = bb_strz(by);
		sip_put_identity(b, s, &s->connected, host);
	}
	bb_buf_putstr(b, bb_buf_str(&s->extra));
}

int sip_session_progress(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *desc)
{
	struct bb_buf b = { 0 };
	int err;

	if (s->state != SIP_S_INCOMING || !s->rq || !s->rq->st)
		return -EINVAL;
	if (code < 101 || code > 199)
		return -EINVAL;
	begin(s, &b, code);
	/* An offer of ours waits for the 2xx: without 100rel a 1xx may get lost. */
	err = sip_put_desc(&b, s, s->remote ? desc : NULL, &s->dlg.flow);
	if (err) {
		bb_buf_free(&b);
		return err;
	}
	return sip_strans_send(s->rq->st, code, &b);
}

static int answer_first(struct bb_sip_session *s, const struct bb_media_desc *desc)
{
	struct bb_buf b = { 0 };
	struct bb_media_desc keep;
	int err;

	if (!s->rq || !s->rq->st)
		return -ENOTCONN;
	if (!desc && s->local) {
		bb_media_copy(&keep, s->local);
		desc = &keep;
	}
	if (!desc)
		return -EINVAL;
	begin(s, &b, 200);
	err = sip_put_desc(&b, s, desc, &s->dlg.flow);
	if (err) {
		bb_buf_free(&b);
		return err;
	}
	err = sip_strans_send(s->rq->st, 200, &b);
	if (err)
		return err;
	s->state = SIP_S_UP;
	s->ok_is_first = true;
	s->ok_bears_offer = !s->remote;
	s->offered = s->ok_bears_offer;
	sip_session_ok_sent(s, s->rq->st, s->rq->pub.cseq);
	return 0;
}

static int answer_offer(struct bb_sip_session *s, const struct bb_media_desc *desc)
{
	struct sip_strans *st = s->asked;
	struct sip_msg *m = sip_strans_request(st);
	uint32_t cseq = m ? m->cseq.number : 0;
	struct bb_buf b = { 0 };
	int err;

	if (!desc)
		return -EINVAL;
	sip_strans_begin(st, &b, 200, NULL);
	sip_put_contact(&b, s, &s->dlg.flow);
	sip_put_usual(&b, s, false);
	err = sip_put_desc(&b, s, desc, &s->dlg.flow);
	if (err) {
		bb_buf_free(&b);
		return err;
	}
	s->asked = NULL;
	err = sip_strans_send(st, 200, &b);
	if (err || !s->asked_invite) {
		sip_strans_detach(st);
		sip_session_quiet(s);
		return err;
	}
	s->ok_is_first = false;
	s->ok_bears_offer = s->asked_for_offer;
	s->offered = s->ok_bears_offer;
	sip_session_ok_sent(s, st, cseq);
	return 0;
}

int sip_session_answer(struct bb_sip_session *s, const struct bb_media_desc *desc)
{
	int err;

	if (s->state == SIP_S_INCOMING)
		return answer_first(s, desc);
	if (s->state != SIP_S_UP)
		return -EINVAL;
	if (s->asked)
		return answer_offer(s, desc);
	if (!s->ack_owed)
		return -EINVAL;
	err = sip_session_send_ack(s, s->ack_cseq, desc);
	sip_session_quiet(s);
	return err;
}

int sip_session_refuse_offer(struct bb_sip_session *s, unsigned code, const char *phrase)
{
	struct sip_strans *st = s->asked;

	if (s->ack_owed) {
		/* An ACK cannot refuse: the dialog ends (RFC 3261 §13.2.2.4). */
		sip_session_send_ack(s, s->ack_cseq, NULL);
		sip_session_end(s, 58, phrase);
		return 0;
	}
	if (!st)
		return -EINVAL;
	s->asked = NULL;
	sip_strans_reply(st, code, phrase);
	sip_strans_detach(st);
	sip_session_quiet(s);
	return 0;
}

int sip_session_reject(struct bb_sip_session *s, unsigned code, const char *phrase,
		       const struct bb_sip_header *headers, size_t n)
{
	struct bb_buf b = { 0 };
	unsigned cause = s->end_cause ? s->end_cause : sip_cause_from_code(code);
	int err;

	if (s->state != SIP_S_INCOMING || !s->rq || !s->rq->st)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		sip_put_hdr_named(&b, headers[i].name, headers[i].value);
	sip_put_reason(&b, cause, s->end_text);
	if (code == 503)
		sip_put_hdrf(&b, SIP_HDR_RETRY_AFTER, "%u",
			     (unsigned)s->core->config->set.retry_after);
	bb_buf_putstr(&b, bb_buf_str(&s->extra));
	err = b.err ? b.err : sip_strans_reply_with(s->rq->st, code, phrase, bb_buf_str(&b));
	bb_buf_free(&b);
	sip_session_over(s, code, bb_strz(phrase ? phrase : s->end_text), cause, false,
			 BB_SIP_NO_FAULT);
	return err;
}
