/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_offer.c - offers within a dialog, both ways: re-INVITE (RFC 3261
 * §14), UPDATE received (RFC 3311), and what happens when they meet (491).
 */
#include <stdio.h>

#include "modules/sip/session.h"

bool sip_session_is_quiet(const struct bb_sip_session *s)
{
	return s->state == SIP_S_UP && !s->reinvite && !s->asked && !s->ok && !s->ack_owed &&
	       !bb_timer_active(&s->offer_timer);
}

void sip_session_quiet(struct bb_sip_session *s)
{
	if (s->offer_wanted && sip_session_is_quiet(s))
		sip_session_send_offer(s);
	sip_session_slim(s);
}

/* --- theirs --- */

static void asked_gone(struct sip_strans *st, int err, void *arg)
{
	struct bb_sip_session *s = arg;

	(void)err;
	if (s->asked == st)
		s->asked = NULL;
	if (s->ok == st)
		s->ok = NULL; /* the timer finds out */
	else
		sip_session_quiet(s);
}

static void asked_cancel(struct sip_strans *st, struct sip_msg *cancel, void *arg)
{
	struct bb_sip_session *s = arg;

	(void)cancel;
	if (s->asked == st)
		s->asked = NULL;
	sip_strans_reply(st, 487, NULL);
	sip_strans_detach(st);
	sip_session_quiet(s);
}

static const struct sip_strans_ops asked_ops = { .cancel = asked_cancel, .gone = asked_gone };

static bool meets_another(struct bb_sip_session *s, struct sip_strans *st)
{
	char line[48];

	if (s->reinvite || s->offered) {
		sip_strans_reply(st, 491, NULL);
		return true;
	}
	if (s->asked || s->ok || s->ack_owed || s->state != SIP_S_UP) {
		snprintf(line, sizeof(line), "Retry-After: %u\r\n", bb_random_below(10));
		sip_strans_reply_with(st, 500, "Another Offer Is Open", bb_strz(line));
		return true;
	}
	return false;
}

/* What stands in the way of anything that came within. */
static bool unreadable(struct sip_strans *st, const struct sip_msg *m)
{
	if (!sip_session_body_refused(m))
		return false;
	sip_strans_reply_with(st, 415, NULL, BB_STR(SIP_ACCEPTED_BODY));
	return true;
}

static void hear_offer(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m,
		       bool invite)
{
	struct bb_media_desc d;
	const char *why = "";
	int err = sip_session_desc(m, &d, &why);

	if (err && err != -ENODATA) {
		sip_strans_reply(st, 488, NULL);
		return;
	}
	sip_dialog_refresh(&s->dlg, m);
	sip_session_keep_msg(s, m);
	sip_session_tell_identity(s, m);
	s->asked = st;
	s->asked_invite = invite;
	s->asked_for_offer = err == -ENODATA;
	sip_strans_set_ops(st, &asked_ops, s);
	if (!err)
		sip_session_keep_remote(s, &d);
	if (s->ops && s->ops->offer)
		s->ops->offer(s, err ? NULL : &d, s->arg);
	else
		sip_session_refuse_offer(s, 488, NULL);
}

void sip_session_reinvited(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m)
{
	if (!unreadable(st, m) && !meets_another(s, st))
		hear_offer(s, st, m, true);
}

/* Target refresh or identity alone. */
static void plain_update(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m)
{
	struct bb_buf b = { 0 };

	/* Before the answer each branch of a fork has a target of its own. */
	if (s->state != SIP_S_CALLING)
		sip_dialog_refresh(&s->dlg, m);
	sip_strans_begin(st, &b, 200, NULL);
	sip_put_contact(&b, s, &s->dlg.flow);
	sip_put_usual(&b, s, false);
	sip_put_body(&b, NULL, BB_STR(""));
	if (b.err) {
		bb_buf_free(&b);
		sip_strans_reply(st, 500, NULL);
		return;
	}
	sip_strans_send(st, 200, &b);
	sip_session_tell_identity(s, m);
}

void sip_session_updated(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m)
{
	struct bb_str sdp;

	if (unreadable(st, m))
		return;
	if (!sip_msg_body_of(m, "application/sdp", &sdp)) {
		plain_update(s, st, m);
		return;
	}
	if (!meets_another(s, st))
		hear_offer(s, st, m, false);
}

/* --- ours --- */

static void failed(struct bb_sip_session *s, unsigned code)
{
	s->offered = false;
	if (sip_ends_dialog(code)) {
		sip_session_lost(s, code);
		return;
	}
	if (s->ops && s->ops->offer_done)
		s->ops->offer_done(s, code, NULL, s->arg);
	sip_session_quiet(s);
}

/* A 1xx and nothing more would keep all further offers waiting: it is taken back (§9.1), and ends
 * with a 487, or like a call that no longer answers. */
static void unanswered(void *arg)
{
	struct bb_sip_session *s = arg;

	if (s->reinvite)
		sip_ctrans_cancel(s->reinvite, (struct bb_str){ 0 });
}

static void glare_over(void *arg)
{
	sip_session_quiet(arg);
}

static void accepted(struct bb_sip_session *s, struct sip_msg *m)
{
	struct bb_media_desc d;
	const char *why = "";
	int err;

	sip_dialog_refresh(&s->dlg, m);
	sip_session_keep_msg(s, m);
	sip_session_send_ack(s, m->cseq.number, NULL);
	s->offered = false;
	err = sip_session_desc(m, &d, &why);
	if (err) {
		sip_session_part(s, why, 58, true, BB_SIP_BAD_MEDIA);
		return;
	}
	sip_session_keep_remote(s, &d);
	if (s->ops && s->ops->offer_done)
		s->ops->offer_done(s, m->status, &d, s->arg);
	sip_session_quiet(s);
}

static int send_reinvite(struct bb_sip_session *s);

static void refused(struct bb_sip_session *s, struct sip_msg *m)
{
	s->offered = false;
	if (m->status == 491) {
		/* Who made the Call-ID waits longer (RFC 3261 §14.1). */
		bb_time wait = s->outgoing ? 2100 * BB_MS + bb_random_below(190) * 10 * BB_MS
					   : bb_random_below(200) * 10 * BB_MS;

		s->offer_wanted = true;
		bb_timer_set(&s->offer_timer, wait, glare_over, s);
		return;
	}
	if ((m->status == 401 || m->status == 407) &&
	    sip_keyring_learn(&s->keys, &s->reinvite_tries, s->ep, m) == 0 && send_reinvite(s) == 0)
		return;
	failed(s, m->status);
}

static void on_response(struct sip_ctrans *ct, struct sip_msg *m, void *arg)
{
	struct bb_sip_session *s = arg;

	if (m->status < 200) {
		bb_timer_set(&s->offer_timer, 64 * sip_stack_conf(s->core->stack)->t1, unanswered,
			     s);
		return;
	}
	bb_timer_cancel(&s->offer_timer);
	sip_session_ref(s);
	/* The 2xx again comes as a stray one. */
	sip_ctrans_detach(ct);
	s->reinvite = NULL;
	if (s->state == SIP_S_UP && m->status < 300)
		accepted(s, m);
	else if (s->state == SIP_S_UP)
		refused(s, m);
	else if (m->status < 300)
		sip_session_send_ack(s, m->cseq.number, NULL); /* our BYE is on its way */
	sip_session_unref(s);
}

static void on_gone(struct sip_ctrans *ct, int err, void *arg)
{
	struct bb_sip_session *s = arg;

	if (s->reinvite != ct)
		return;
	sip_session_ref(s);
	s->reinvite = NULL;
	bb_timer_cancel(&s->offer_timer);
	if (s->state == SIP_S_UP)
		failed(s, err == -ETIMEDOUT ? 408 : 503);
	sip_session_unref(s);
}

static const struct sip_ctrans_ops reinvite_ops = { .response = on_response, .gone = on_gone };

static int send_reinvite(struct bb_sip_session *s)
{
	struct bb_buf b = { 0 };
	struct sip_flow f;
	int err = sip_dialog_flow(&s->dlg, s->core->stack, &f);

	if (err)
		return err;
	s->reinvite_cseq = ++s->dlg.local_cseq;
	sip_dialog_begin(&s->dlg, &b, SIP_INVITE, s->reinvite_cseq,
			 (unsigned)s->core->config->set.max_forwards);
	sip_put_contact(&b, s, &f);
	sip_put_usual(&b, s, true);
	if (s->connected_texts) {
		char by[SIP_SENT_BY_TEXT];

		sip_flow_sent_by(s->core->stack, &f, by);
		sip_put_identity(&b, s, &s->connected, bb_strz(by));
	}
	err = sip_session_credentials(s, &s->reinvite_tries, &b, s->reinvite_cseq);
	if (!err)
		err = sip_put_desc(&b, s, s->wanted, &f);
	if (err) {
		bb_buf_free(&b);
		return err;
	}
	s->offered = true;
	err = sip_ctrans_new(&s->reinvite, s->core->stack, &f, &b, &reinvite_ops, s);
	if (err)
		s->offered = false;
	return err;
}

void sip_session_send_offer(struct bb_sip_session *s)
{
	s->offer_wanted = false;
	s->reinvite_tries = (struct sip_tries){ 0 };
	if (send_reinvite(s) && s->ops && s->ops->offer_done)
		s->ops->offer_done(s, 503, NULL, s->arg);
}

int sip_session_offer(struct bb_sip_session *s, const struct bb_media_desc *desc)
{
	if (s->state == SIP_S_OVER || s->state == SIP_S_ENDING)
		return -ENOTCONN;
	bb_free(s->wanted);
	s->wanted = bb_media_keep(desc);
	if (!s->wanted)
		return -ENOMEM;
	if (!sip_session_is_quiet(s)) {
		s->offer_wanted = true;
		return -EAGAIN;
	}
	s->offer_wanted = false;
	s->reinvite_tries = (struct sip_tries){ 0 };
	return send_reinvite(s);
}
