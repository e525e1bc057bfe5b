/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_sip_call.c - what happens on a SIP leg: calls that come in, and what
 * the session of either direction tells.
 */
#include <stdio.h>

#include <bellbird/dialplan.h>
#include <bellbird/log.h>

#include "modules/sip/chan_sip.h"

static void emit(struct cs *c, enum bb_event_type type)
{
	bb_chan_emit(c->ch, &(struct bb_event){ .type = type });
}

/* --- the session tells --- */

static void refuse_media(struct cs *c, const struct bb_media_desc *d)
{
	char ours[200];
	struct bb_buf theirs = { 0 };

	(void)d;
	cs_sip->session_fact(c->session, BB_STR("offered"), &theirs);
	bb_formats_print(&c->allow, ours, sizeof(ours));
	bb_chan_reason(c->ch, BB_CAUSE_BEARER_NOT_AVAILABLE,
		       "no common codec: %s says %s, allowed is %s", c->ep->name,
		       bb_buf_cstr(&theirs), ours);
	bb_buf_free(&theirs);
}

static void on_progress(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *d,
			void *arg)
{
	struct cs *c = arg;

	(void)s;
	if (code == 100) {
		emit(c, BB_EV_TRYING);
		return;
	}
	/* Told again when the branch that was heard has ended and another one is heard now. */
	if (d && cs_take_answer(c, d) == 0 && !c->early) {
		c->early = true;
		emit(c, BB_EV_PROGRESS);
	}
	if (code == 180)
		emit(c, BB_EV_RINGING);
}

static void on_answered(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct cs *c = arg;

	if (d && cs_take_answer(c, d)) {
		refuse_media(c, d);
		cs_sip->session_end(s, BB_CAUSE_BEARER_NOT_AVAILABLE, "no common codec");
		bb_chan_emit(c->ch, &(struct bb_event){ .type = BB_EV_HANGUP,
							.cause = BB_CAUSE_BEARER_NOT_AVAILABLE,
							.text = BB_STR("no common codec") });
		return;
	}
	c->up = true;
	cs_watch(c);
	emit(c, BB_EV_ANSWERED);
}

/* The answer to an offer that went out in our 200. */
static void on_acked(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct cs *c = arg;

	if (!d || cs_take_answer(c, d) == 0)
		return;
	refuse_media(c, d);
	cs_sip->session_end(s, BB_CAUSE_BEARER_NOT_AVAILABLE, "no common codec");
}

static void on_offer(struct bb_sip_session *s, const struct bb_media_desc *d, void *arg)
{
	struct cs *c = arg;
	struct bb_media_desc answer;

	if (!d) {
		if (cs_make_offer(c, &answer))
			cs_sip->session_refuse_offer(s, 500, NULL);
		else
			cs_sip->session_answer(s, &answer);
		return;
	}
	if (cs_take_offer(c, d, &answer)) {
		char ours[200];
		struct bb_buf theirs = { 0 };

		cs_sip->session_fact(s, BB_STR("offered"), &theirs);
		bb_story(c->ch, BB_STORY_REFUSAL,
			 "its new offer was refused: it offers %s, allowed is %s",
			 bb_buf_cstr(&theirs), bb_formats_print(&c->allow, ours, sizeof(ours)));
		bb_buf_free(&theirs);
		cs_sip->session_refuse_offer(s, 488, NULL);
		return;
	}
	cs_sip->session_answer(s, &answer);
}

static void on_digit(struct bb_sip_session *s, char digit, unsigned ms, void *arg)
{
	struct cs *c = arg;

	(void)s;
	bb_chan_emit(c->ch, &(struct bb_event){ .type = BB_EV_DTMF, .digit = digit, .ms = ms });
}

static void on_identity(struct bb_sip_session *s, struct bb_str name, struct bb_str number,
			void *arg)
{
	struct cs *c = arg;

	(void)s;
	bb_chan_emit(c->ch,
		     &(struct bb_event){ .type = BB_EV_CONNECTED, .text = name, .text2 = number });
}

/* Why it ended, in words a caller understands. @return false when the cause says it all. */
static bool explain(const struct cs *c, const struct bb_sip_end *e, struct bb_buf *b)
{
	const char *who = c->ep->name;

	switch (e->fault) {
	case BB_SIP_SILENT:
		bb_buf_printf(b, "%s did not answer at all: its device or the way to it is silent",
			      who);
		return true;
	case BB_SIP_PORT_CLOSED:
		bb_buf_printf(b, "%s cannot be reached: nothing listens at its address", who);
		return true;
	case BB_SIP_NO_ADDRESS:
		bb_buf_printf(b, "%s cannot be reached: %.*s", who, BB_FMT(e->reason));
		return true;
	case BB_SIP_NO_ACK:
		bb_buf_printf(b, "%s never acknowledged our answer", who);
		return true;
	case BB_SIP_BAD_MEDIA:
		bb_buf_printf(b, "the session description of %s cannot be used: %.*s", who,
			      BB_FMT(e->reason));
		return true;
	case BB_SIP_NO_CREDENTIALS:
		bb_buf_printf(b, "%s did not accept our credentials (%u)", who, e->code);
		return true;
	default:
		break;
	}
	if (!e->remote || e->code < 300 || e->code == 487)
		return false;
	bb_buf_printf(b, "%s answered %u %.*s", who, e->code, BB_FMT(e->reason));
	return true;
}

/* The user part without its parameters and escapes; "s" when there is none. */
static void exten_of(struct bb_str u, char *dst, size_t cap)
{
	ptrdiff_t semi = bb_str_chr(u, ';');

	if (semi >= 0)
		u.l = (size_t)semi;
	if (cs_sip->unescape(u, dst, cap))
		bb_str_copy(dst, cap, u);
	if (!dst[0] && cap > 1)
		memcpy(dst, "s", 2);
}

/* As redirect_method=user: the number named is dialed in the caller's context, so that a phone
 * cannot send a call past the dial plan. */
static void follow(struct cs *c, const char *contact)
{
	struct bb_sip_uri u;
	char exten[80];

	if (cs_sip->uri_parse(&u, bb_strz(contact)) || bb_str_empty(u.user))
		return;
	exten_of(u.user, exten, sizeof(exten));
	bb_chan_emit(c->ch, &(struct bb_event){ .type = BB_EV_REDIRECT, .text = bb_strz(exten) });
}

static void on_closed(struct bb_sip_session *s, const struct bb_sip_end *e, void *arg)
{
	struct cs *c = arg;
	struct bb_buf why = { 0 };

	c->session = NULL;
	if (e->contacts) {
		follow(c, e->contacts);
		bb_buf_printf(&why, "%s redirects to %s", c->ep->name, e->contacts);
	} else if (explain(c, e, &why)) {
		bb_story(c->ch, BB_STORY_REFUSAL, "%s", bb_buf_cstr(&why));
		if (c->up || !c->target.uri.p)
			bb_chan_reason(c->ch, e->cause, "%s", bb_buf_cstr(&why));
	} else if (!bb_str_empty(e->reason)) {
		bb_buf_putstr(&why, e->reason);
	}
	bb_chan_emit(c->ch, &(struct bb_event){ .type = BB_EV_HANGUP,
						.cause = e->cause,
						.text = bb_buf_str(&why) });
	bb_buf_free(&why);
	cs_sip->session_drop(s);
}

const struct bb_sip_session_ops cs_session_ops = {
	.progress = on_progress,
	.answered = on_answered,
	.acked = on_acked,
	.offer = on_offer,
	.digit = on_digit,
	.identity = on_identity,
	.closed = on_closed,
};

/* --- calls that come in --- */

void cs_parse_callerid(struct bb_str text, struct bb_party *p)
{
	ptrdiff_t lt = bb_str_chr(text, '<'), gt = bb_str_chr(text, '>');
	struct bb_str name = text, number = { 0 };

	if (lt >= 0 && gt > lt) {
		number = bb_strn(text.p + lt + 1, (size_t)(gt - lt - 1));
		name = bb_strn(text.p, (size_t)lt);
	}
	name = bb_str_trim(name);
	if (name.l >= 2 && name.p[0] == '"' && name.p[name.l - 1] == '"')
		name = bb_strn(name.p + 1, name.l - 2);
	/* A bare number is the number. */
	if (lt < 0 && name.l && strspn(name.p, "+0123456789*#") >= name.l) {
		number = name;
		name = (struct bb_str){ 0 };
	}
	bb_str_copy(p->name, sizeof(p->name), name);
	bb_str_copy(p->number, sizeof(p->number), bb_str_trim(number));
}

static struct bb_str uri_user(struct bb_str value)
{
	ptrdiff_t lt = bb_str_chr(value, '<'), gt = bb_str_chr(value, '>');
	struct bb_sip_uri u;

	if (lt >= 0 && gt > lt)
		value = bb_strn(value.p + lt + 1, (size_t)(gt - lt - 1));
	return cs_sip->uri_parse(&u, value) == 0 ? u.user : (struct bb_str){ 0 };
}

static void caller_of(const struct bb_sip_request *rq, struct bb_party *p)
{
	const struct bb_sip_endpoint *ep = rq->endpoint;
	struct bb_str asserted = { 0 }, privacy;

	memset(p, 0, sizeof(*p));
	bb_str_copy(p->name, sizeof(p->name), rq->from_name);
	bb_str_copy(p->number, sizeof(p->number), rq->from.user);
	if (ep->trust_id_inbound) {
		asserted = cs_sip->request_header(rq, "P-Asserted-Identity", 0);
		if (!asserted.p)
			asserted = cs_sip->request_header(rq, "Remote-Party-ID", 0);
		privacy = cs_sip->request_header(rq, "Privacy", 0);
		p->restricted = privacy.p && !bb_str_iis(privacy, "none");
	}
	if (asserted.p) {
		struct bb_party said;

		cs_parse_callerid(asserted, &said);
		bb_str_copy(p->name, sizeof(p->name), bb_strz(said.name));
		bb_str_copy(p->number, sizeof(p->number), uri_user(asserted));
	}
	if (!bb_str_empty(ep->callerid))
		cs_parse_callerid(ep->callerid, p);
	p->restricted |= ep->callerid_restricted;
}

static bool has_common_codec(struct bb_sip_session *s, struct bb_sip_request *rq,
			     const struct bb_formats *allow)
{
	const struct bb_media_desc *offer = cs_sip->session_remote(s);
	struct bb_formats common;
	struct bb_buf theirs = { 0 };
	char ours[200];

	if (!offer)
		return allow->n > 0;
	cs_common(allow, offer, &common);
	if (common.n)
		return true;
	cs_sip->session_fact(s, BB_STR("offered"), &theirs);
	bb_formats_print(allow, ours, sizeof(ours));
	bb_story_add(rq->story, rq->endpoint->name, BB_STORY_REFUSAL,
		     "488: it offers %s, allowed is %s", bb_buf_cstr(&theirs), ours);
	bb_story_reason(rq->story, BB_CAUSE_BEARER_NOT_AVAILABLE,
			"no common codec: %s offers %s, allowed is %s", rq->endpoint->name,
			bb_buf_cstr(&theirs), ours);
	bb_buf_free(&theirs);
	return false;
}

static void set_variables(struct cs *c)
{
	for (size_t i = 0; i < c->ep->set_var.n; i++) {
		struct bb_str v = c->ep->set_var.v[i];
		ptrdiff_t eq = bb_str_chr(v, '=');
		char name[128];

		if (eq > 0 &&
		    bb_str_copy(name, sizeof(name), bb_str_trim(bb_strn(v.p, (size_t)eq))) == 0)
			bb_var_set(c->ch, name, bb_str_trim(bb_str_sub(v, (size_t)eq + 1, v.l)));
	}
}

static int make_channel(struct bb_chan **chp, struct bb_sip_request *rq)
{
	const struct bb_sip_endpoint *ep = rq->endpoint;
	struct bb_party caller;
	char exten[80];
	int err;
	struct bb_chan_params p = { .tech = ep->tech,
				    .device = bb_strz(ep->name),
				    .context = ep->context,
				    .caller = &caller,
				    .language = ep->language,
				    .accountcode = ep->accountcode,
				    .musicclass = ep->moh_suggest,
				    .story = rq->story,
				    .hops = rq->max_forwards };

	caller_of(rq, &caller);
	exten_of(rq->uri.user, exten, sizeof(exten));
	p.exten = bb_strz(exten);
	err = bb_chan_new(chp, cs_self, &cs_driver, &p);
	/* Else it stays the request's, which is refused: it is kept and tells why. */
	if (!err)
		rq->story = NULL;
	return err;
}

static void run(struct cs *c)
{
	unsigned cause = 0;
	int err;

	set_variables(c);
	err = bb_chan_run(c->ch, &cause);
	if (!err)
		return;
	if (!cause)
		cause = err == -ENOENT ? BB_CAUSE_UNALLOCATED : BB_CAUSE_SWITCH_CONGESTION;
	cs_sip->session_reject(c->session, cs_sip->code_from_cause(cause), NULL, NULL, 0);
	bb_chan_hangup(c->ch, cause);
}

enum bb_sip_verdict cs_on_invite(struct bb_sip_request *rq)
{
	const struct bb_sip_endpoint *ep = rq->endpoint;
	struct bb_sip_session *s;
	struct bb_formats allow, common;
	struct bb_chan *ch;
	struct cs *c;

	if (!ep || rq->action != BB_SIP_TO_DIALPLAN)
		return BB_SIP_PASS;
	if (cs_sip->session_accept(&s, rq, NULL, NULL)) {
		cs_sip->respond(rq, 500, NULL, NULL, 0);
		return BB_SIP_CLAIMED;
	}
	cs_sip->endpoint_formats(ep, &allow);
	if (!has_common_codec(s, rq, &allow)) {
		cs_sip->session_reject(s, 488, NULL, NULL, 0);
		cs_sip->session_drop(s);
		return BB_SIP_CLAIMED;
	}
	if (make_channel(&ch, rq)) {
		cs_sip->session_reject(s, 503, NULL, NULL, 0);
		cs_sip->session_drop(s);
		return BB_SIP_CLAIMED;
	}
	c = cs_of(ch);
	c->ch = ch;
	c->session = s;
	c->ep = cs_sip->endpoint_ref(ep);
	c->allow = allow;
	c->dtmf_mode = ep->dtmf_mode;
	bb_list_append(&cs_all, &c->node);
	cs_sip->session_own(s, &cs_session_ops, c);
	cs_sip->session_story(s, bb_chan_story(ch), bb_chan_name(ch));
	common = allow;
	if (cs_sip->session_remote(s))
		cs_common(&allow, cs_sip->session_remote(s), &common);
	bb_chan_set_formats(ch, &common);
	if (cs_rtp_open(c, NULL, NULL)) {
		bb_chan_reason(ch, BB_CAUSE_SWITCH_CONGESTION, "no RTP port is free");
		cs_sip->session_reject(s, 503, NULL, NULL, 0);
		bb_chan_hangup(ch, BB_CAUSE_SWITCH_CONGESTION);
	} else {
		run(c);
	}
	bb_chan_unref(ch);
	return BB_SIP_CLAIMED;
}
