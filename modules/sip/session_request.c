/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_request.c - requests of ours within a dialog that carry no offer
 * (BYE, INFO, UPDATE for an identity), sent again with credentials when they
 * are asked for (RFC 3261 §22), and what their refusal means for the dialog
 * (RFC 5057).
 */
#include <stdio.h>

#include "modules/sip/session.h"

/** Holds the session, which may be over for its owner: a BYE is seen through all the same. */
struct sip_within {
	struct bb_sip_session *s;
	enum sip_method method;
	struct sip_tries tries;
	struct bb_buf tail; /* from Contact to the end of the body */
	void (*done)(struct bb_sip_session *s, unsigned code);
};

static int transmit(struct sip_within *w);

bool sip_ends_dialog(unsigned code)
{
	switch (code) {
	case 404:
	case 408: /* RFC 3261 §12.2.1.2 */
	case 410:
	case 416:
	case 481:
	case 482:
	case 483:
	case 484:
	case 485:
	case 502:
	case 604:
		return true;
	default:
		return false;
	}
}

static void finish(struct sip_within *w, unsigned code)
{
	struct bb_sip_session *s = w->s;

	if (w->done)
		w->done(s, code);
	bb_buf_free(&w->tail);
	bb_free(w);
	sip_session_unref(s);
}

static void on_response(struct sip_ctrans *ct, struct sip_msg *rsp, void *arg)
{
	struct sip_within *w = arg;
	struct bb_sip_session *s = w->s;

	if (rsp->status < 200)
		return;
	sip_ctrans_detach(ct);
	if ((rsp->status == 401 || rsp->status == 407) &&
	    sip_keyring_learn(&s->keys, &w->tries, s->ep, rsp) == 0 && transmit(w) == 0)
		return;
	finish(w, rsp->status);
}

static void on_gone(struct sip_ctrans *ct, int err, void *arg)
{
	(void)ct;
	finish(arg, err == -ETIMEDOUT ? 408 : 503);
}

static const struct sip_ctrans_ops within_ops = { .response = on_response, .gone = on_gone };

static int transmit(struct sip_within *w)
{
	struct bb_sip_session *s = w->s;
	struct bb_buf b = { 0 };
	struct sip_flow f;
	int err = sip_dialog_flow(&s->dlg, s->core->stack, &f);

	if (err)
		return err;
	sip_dialog_begin(&s->dlg, &b, w->method, ++s->dlg.local_cseq,
			 (unsigned)s->core->config->set.max_forwards);
	err = sip_keyring_put(&s->keys, &w->tries, &b, bb_strz(sip_method_name(w->method)),
			      sip_dialog_uri(&s->dlg));
	bb_buf_putstr(&b, bb_buf_str(&w->tail));
	if (err || b.err) {
		bb_buf_free(&b);
		return err ? err : -ENOMEM;
	}
	return sip_ctrans_new(NULL, s->core->stack, &f, &b, &within_ops, w);
}

int sip_session_send(struct bb_sip_session *s, enum sip_method method, struct bb_buf *tail,
		     void (*done)(struct bb_sip_session *s, unsigned code))
{
	struct sip_within *w = tail->err ? NULL : bb_zalloc(sizeof(*w));
	int err = -ENOMEM;

	if (w) {
		w->s = sip_session_ref(s);
		w->method = method;
		w->tail = *tail;
		w->done = done;
		err = transmit(w);
		if (!err) {
			*tail = (struct bb_buf){ 0 };
			return 0;
		}
		bb_free(w);
		sip_session_unref(s);
	}
	bb_buf_free(tail);
	return err;
}

int sip_session_credentials(struct bb_sip_session *s, struct sip_tries *t, struct bb_buf *b,
			    uint32_t cseq)
{
	size_t from = b->l;
	int err = sip_keyring_put(&s->keys, t, b, BB_STR("INVITE"), sip_dialog_uri(&s->dlg));

	bb_free(s->auth_line);
	s->auth_line = NULL;
	s->auth_cseq = cseq;
	if (err || b->l == from)
		return err;
	s->auth_line = bb_strdup(bb_strn(b->p + from, b->l - from));
	return s->auth_line ? 0 : -ENOMEM;
}

/* --- those there are --- */

/* A dialog that the far end has lost, or does not answer in, ends (RFC 5057 §5). */
static void judge(struct bb_sip_session *s, unsigned code)
{
	if (s->state == SIP_S_UP && sip_ends_dialog(code))
		sip_session_lost(s, code);
}

int sip_session_digit(struct bb_sip_session *s, char digit, unsigned ms)
{
	struct bb_buf b = { 0 };
	char body[48];
	struct sip_flow f;
	int err;

	if (s->state != SIP_S_UP)
		return -ENOTCONN;
	err = sip_dialog_flow(&s->dlg, s->core->stack, &f);
	if (err)
		return err;
	sip_put_contact(&b, s, &f);
	sip_put_usual(&b, s, true);
	snprintf(body, sizeof(body), "Signal=%c\r\nDuration=%u\r\n", digit, ms);
	sip_put_body(&b, "application/dtmf-relay", bb_strz(body));
	return sip_session_send(s, SIP_INFO, &b, judge);
}

void sip_session_connected(struct bb_sip_session *s, const struct bb_sip_party *who)
{
	struct bb_buf b = { 0 };
	struct sip_flow f;
	char by[SIP_SENT_BY_TEXT], *texts;

	texts = bb_sprintf("%.*s%.*s", BB_FMT(who->name), BB_FMT(who->number));
	if (!texts)
		return;
	bb_free(s->connected_texts);
	s->connected_texts = texts;
	s->connected.name = bb_strn(texts, who->name.l);
	s->connected.number = bb_strn(texts + who->name.l, who->number.l);
	s->connected.restricted = who->restricted;
	if (s->state != SIP_S_UP || !s->ep || !s->ep->send_connected_line ||
	    (!s->ep->send_pai && !s->ep->send_rpid))
		return;
	if (!s->far_updates || s->ok || s->ack_owed)
		return;
	if (sip_dialog_flow(&s->dlg, s->core->stack, &f))
		return;
	sip_put_contact(&b, s, &f);
	sip_put_usual(&b, s, true);
	sip_flow_sent_by(s->core->stack, &f, by);
	sip_put_identity(&b, s, &s->connected, bb_strz(by));
	sip_put_body(&b, NULL, BB_STR(""));
	sip_session_send(s, SIP_UPDATE, &b, judge);
}
