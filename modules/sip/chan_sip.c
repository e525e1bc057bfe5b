/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_sip.c - SIP channels: the driver "SIP", also known as "PJSIP". All
 * protocol work is the "sip" service's.
 */
#include "modules/sip/chan_sip.h"

#include <stdio.h>

#include <bellbird/device.h>
#include <bellbird/log.h>
#include <bellbird/sound.h>

struct bb_self *cs_self;
const struct bb_sip_api *cs_sip;
const struct bb_rtp_api *cs_rtp;
struct bb_list cs_all;

struct cs *cs_check(struct bb_chan *ch)
{
	return ch && bb_chan_driver(ch) == &cs_driver ? cs_of(ch) : NULL;
}

/* --- legs going out: whom a target means --- */

/** "alice", "number@trunk", "alice/sip:uri", "alice/extension", "alice/aor". */
struct aim {
	const struct bb_sip_endpoint *ep;
	struct bb_str user; /* replaces the user part */
	struct bb_str uri; /* exactly this */
	struct bb_str aor; /* only this one */
	const struct bb_chan_request *rq;
	void (*add)(struct bb_chan *ch, void *arg);
	void *arg;
	unsigned made, skipped;
	int err;
};

static bool is_aor_of(const struct bb_sip_endpoint *ep, struct bb_str name)
{
	for (size_t i = 0; i < ep->aors.n; i++)
		if (bb_str_ieq(ep->aors.v[i], name))
			return true;
	return false;
}

static int take_aim(struct aim *a, struct bb_str target)
{
	ptrdiff_t slash = bb_str_chr(target, '/'), at;
	struct bb_str rest;

	if (slash >= 0) {
		a->ep = cs_sip->endpoint_find(bb_strn(target.p, (size_t)slash));
		rest = bb_str_sub(target, (size_t)slash + 1, target.l);
		if (!a->ep)
			return -ENOENT;
		if (bb_str_istarts(rest, BB_STR("sip:")) || bb_str_istarts(rest, BB_STR("sips:")))
			a->uri = rest;
		else if (is_aor_of(a->ep, rest))
			a->aor = rest;
		else
			a->user = rest;
		return 0;
	}
	a->ep = cs_sip->endpoint_find(target);
	if (a->ep)
		return 0;
	at = bb_str_chr(target, '@');
	if (at < 0)
		return -ENOENT;
	a->user = bb_strn(target.p, (size_t)at);
	a->ep = cs_sip->endpoint_find(bb_str_sub(target, (size_t)at + 1, target.l));
	return a->ep ? 0 : -ENOENT;
}

static int put(struct cs *c, struct bb_str *dst, struct bb_str src)
{
	char *p = bb_arena_strdup(c->texts, src.p ? src : BB_STR(""));

	*dst = bb_strn(p, p ? src.l : 0);
	return p ? 0 : -ENOMEM;
}

/* The contact's URI with another user part. */
static int put_user(struct cs *c, struct bb_str uri, struct bb_str user)
{
	struct bb_sip_uri u;
	bool v6;
	char *p, port[8] = "";

	if (cs_sip->uri_parse(&u, uri))
		return -EINVAL;
	v6 = bb_str_chr(u.host, ':') >= 0;
	if (u.port)
		snprintf(port, sizeof(port), ":%u", u.port);
	p = bb_arena_printf(c->texts, "%.*s:%.*s@%s%.*s%s%s%s%.*s", BB_FMT(u.scheme), BB_FMT(user),
			    v6 ? "[" : "", BB_FMT(u.host), v6 ? "]" : "", port,
			    u.params.l ? ";" : "", BB_FMT(u.params));
	c->target.uri = bb_strz(p);
	return p ? 0 : -ENOMEM;
}

/* What the caller has comes first, so that nothing needs translating. */
static void order_formats(struct cs *c, const struct bb_formats *hint)
{
	struct bb_formats allow;

	cs_sip->endpoint_formats(c->ep, &allow);
	c->allow.n = 0;
	if (hint)
		bb_formats_common(hint, &allow, &c->allow);
	for (unsigned i = 0; i < allow.n; i++)
		if (!bb_formats_has(&c->allow, allow.v[i]))
			bb_formats_add(&c->allow, allow.v[i]);
}

static int fill(struct cs *c, const struct aim *a, const struct bb_sip_target *t, struct bb_str aor)
{
	int err;

	c->texts = bb_arena_new(192);
	if (!c->texts)
		return -ENOMEM;
	c->target = *t;
	err = a->user.l ? put_user(c, t->uri, a->user) : put(c, &c->target.uri, t->uri);
	if (!err)
		err = put(c, &c->target.route, t->route);
	if (!err)
		err = put(c, &c->target.transport, t->transport);
	if (!err)
		err = put(c, &c->aor, aor);
	order_formats(c, a->rq->formats);
	return err ? err : c->allow.n ? 0 : -ENOPROTOOPT;
}

static void make_leg(struct aim *a, const struct bb_sip_target *t, struct bb_str aor)
{
	const struct bb_sip_endpoint *ep = a->ep;
	struct bb_chan_params p = { .tech = ep->tech,
				    .device = bb_strz(ep->name),
				    .outgoing = true,
				    .context = ep->context,
				    .language = ep->language,
				    .accountcode = ep->accountcode,
				    .musicclass = ep->moh_suggest,
				    .parent = a->rq->caller };
	struct bb_port *near = a->rq->caller ? bb_chan_port(a->rq->caller, 0) : NULL;
	struct bb_chan *ch;
	struct cs *c;
	int err = bb_chan_new(&ch, cs_self, &cs_driver, &p);

	if (err) {
		a->err = err;
		return;
	}
	c = cs_of(ch);
	c->ch = ch;
	c->ep = cs_sip->endpoint_ref(ep);
	c->dtmf_mode = ep->dtmf_mode;
	bb_list_append(&cs_all, &c->node);
	if (!bb_str_empty(ep->callerid))
		cs_parse_callerid(ep->callerid, bb_chan_caller(ch));
	err = fill(c, a, t, aor);
	if (!err)
		err = cs_rtp_open(c, &c->target, near);
	if (err) {
		a->err = err;
		bb_chan_hangup(ch, BB_CAUSE_SWITCH_CONGESTION);
		bb_chan_unref(ch);
		return;
	}
	bb_chan_set_formats(ch, &c->allow);
	a->made++;
	a->add(ch, a->arg);
}

static void each_contact(const struct bb_sip_contact *ct, void *arg)
{
	struct aim *a = arg;

	if (ct->status == BB_SIP_UNREACHABLE) {
		a->skipped++;
		return;
	}
	/* A contact written out is one of the registered ones, if it is: then its way is known. */
	if (a->uri.p && !cs_sip->uri_eq(ct->target.uri, a->uri))
		return;
	make_leg(a, &ct->target, a->aor);
}

static void dial_aors(struct aim *a)
{
	struct bb_str only = a->aor;

	for (size_t i = 0; i < a->ep->aors.n; i++) {
		if (only.p && !bb_str_ieq(a->ep->aors.v[i], only))
			continue;
		a->aor = a->ep->aors.v[i];
		cs_sip->contacts(a->aor, each_contact, a);
	}
}

static int request(const struct bb_chan_request *rq, void (*add)(struct bb_chan *ch, void *arg),
		   void *arg, unsigned *cause)
{
	struct aim a = { .rq = rq, .add = add, .arg = arg };
	int err = take_aim(&a, rq->target);

	if (err) {
		*cause = BB_CAUSE_NO_ROUTE;
		return err;
	}
	dial_aors(&a);
	if (!a.made && a.uri.p) {
		const struct bb_sip_target t = { .uri = a.uri };

		make_leg(&a, &t, (struct bb_str){ 0 });
	}
	cs_sip->endpoint_unref(a.ep);
	if (a.made)
		return 0;
	*cause = a.err ? BB_CAUSE_SWITCH_CONGESTION : BB_CAUSE_SUBSCRIBER_ABSENT;
	return a.err ? a.err : -EHOSTUNREACH;
}

/* --- the driver's functions --- */

static int dial(struct bb_chan *ch)
{
	struct cs *c = cs_of(ch);
	const struct bb_party *who = bb_chan_connected(ch);
	struct bb_media_desc offer;
	int err;
	struct bb_sip_invite in = { .endpoint = c->ep,
				    .target = c->target,
				    .offer = &offer,
				    .headers = c->headers,
				    .n_headers = c->n_headers,
				    .story = bb_chan_story(ch),
				    .leg = bb_chan_name(ch),
				    .hops = bb_chan_hops(ch),
				    .aor = c->aor };

	in.caller.name = bb_strz(who->name);
	in.caller.number = bb_strz(who->number);
	in.caller.restricted = who->restricted;
	err = cs_make_offer(c, &offer);
	return err ? err : cs_sip->session_invite(&c->session, &in, &cs_session_ops, c);
}

static int make_answer(struct cs *c, struct bb_media_desc *out)
{
	const struct bb_media_desc *theirs = cs_sip->session_remote(c->session);

	if (!theirs)
		return cs_make_offer(c, out);
	return cs_take_offer(c, theirs, out);
}

static int answer(struct bb_chan *ch)
{
	struct cs *c = cs_of(ch);
	struct bb_media_desc desc;
	int err;

	if (!c->session)
		return -ENOTCONN;
	err = c->early_sent ? 0 : make_answer(c, &desc);
	if (!err)
		err = cs_sip->session_answer(c->session, c->early_sent ? NULL : &desc);
	if (err)
		return err;
	c->up = true;
	cs_watch(c);
	bb_chan_emit(ch, &(struct bb_event){ .type = BB_EV_ANSWERED });
	return 0;
}

/* 183 with a description: what we play before the answer can be heard. */
static int early_media(struct cs *c)
{
	struct bb_media_desc desc;
	int err;

	if (c->early_sent)
		return 0;
	if (!cs_sip->session_remote(c->session))
		return cs_sip->session_progress(c->session, 183, NULL);
	err = make_answer(c, &desc);
	if (!err)
		err = cs_sip->session_progress(c->session, 183, &desc);
	c->early_sent = !err;
	return err;
}

static int signal_early(struct cs *c, enum bb_signal sig)
{
	int err;

	switch (sig) {
	case BB_SIG_RINGING:
		if (!c->ep->inband_progress)
			return cs_sip->session_progress(c->session, 180, NULL);
		err = early_media(c);
		if (!err && !c->ringing_played)
			c->ringing_played = bb_tones_start(c->ch, BB_STR("ring")) == 0;
		return err;
	case BB_SIG_PROGRESS:
		return early_media(c);
	case BB_SIG_BUSY:
		return cs_sip->session_reject(c->session, 486, NULL, NULL, 0);
	case BB_SIG_CONGESTION:
		return cs_sip->session_reject(c->session, 503, NULL, NULL, 0);
	default:
		return 0;
	}
}

static int signal_leg(struct bb_chan *ch, enum bb_signal sig)
{
	struct cs *c = cs_of(ch);

	if (!c->session)
		return -ENOTCONN;
	if (sig == BB_SIG_CONNECTED_LINE) {
		const struct bb_party *p = bb_chan_connected(ch);
		const struct bb_sip_party who = { .name = bb_strz(p->name),
						  .number = bb_strz(p->number),
						  .restricted = p->restricted };

		cs_sip->session_connected(c->session, &who);
		return 0;
	}
	if (bb_chan_outgoing(ch) || c->up)
		return sig == BB_SIG_HOLD || sig == BB_SIG_UNHOLD ? 0 : -ENOTSUP;
	return signal_early(c, sig);
}

static int dtmf(struct bb_chan *ch, char digit, unsigned ms)
{
	struct cs *c = cs_of(ch);
	int err = -ENOTSUP;

	if (!c->session)
		return -ENOTCONN;
	if (c->dtmf_mode != BB_SIP_DTMF_INFO && c->dtmf_mode != BB_SIP_DTMF_NONE &&
	    c->dtmf_mode != BB_SIP_DTMF_INBAND && c->rtp)
		err = cs_rtp->send_digit(c->rtp, digit, ms);
	if (err && (c->dtmf_mode == BB_SIP_DTMF_INFO || c->dtmf_mode == BB_SIP_DTMF_AUTO ||
		    c->dtmf_mode == BB_SIP_DTMF_AUTO_INFO))
		err = cs_sip->session_digit(c->session, digit, ms);
	return err;
}

/* Before the answer a redirection (302); after it a transfer needs REFER, which is not built. */
static int transfer(struct bb_chan *ch, struct bb_str target)
{
	struct cs *c = cs_of(ch);
	char text[320];
	struct bb_sip_header contact = { .name = BB_STR("Contact") };
	struct bb_buf host = { 0 };
	int err;

	if (!c->session)
		return -ENOTCONN;
	if (c->up || bb_chan_outgoing(ch) || !c->ep->allow_transfer)
		return -ENOTSUP;
	cs_sip->session_fact(c->session, BB_STR("local_addr"), &host);
	if (bb_str_istarts(target, BB_STR("sip:")))
		snprintf(text, sizeof(text), "<%.*s>", BB_FMT(target));
	else
		snprintf(text, sizeof(text), "<sip:%.*s@%s>", BB_FMT(target), bb_buf_cstr(&host));
	bb_buf_free(&host);
	contact.value = bb_strz(text);
	err = cs_sip->session_reject(c->session, 302, NULL, &contact, 1);
	return err;
}

static void hangup(struct bb_chan *ch, unsigned cause)
{
	struct cs *c = cs_of(ch);
	struct bb_sip_session *s = c->session;

	c->session = NULL;
	cs_rtp_close(c);
	if (!s)
		return;
	/* The BYE still belongs to the call's story; what follows does not. */
	cs_sip->session_end(s, cause, NULL);
	cs_sip->session_drop(s);
}

static void destroy(struct bb_chan *ch)
{
	struct cs *c = cs_of(ch);

	bb_list_remove(&c->node);
	if (c->session)
		cs_sip->session_drop(c->session);
	cs_rtp_close(c);
	cs_sip->endpoint_unref(c->ep);
	bb_arena_free(c->texts);
	bb_free(c->local);
}

static int device_state(struct bb_str device)
{
	const struct bb_sip_endpoint *ep = cs_sip->endpoint_find(device);
	int st;

	if (!ep)
		return BB_DEV_INVALID;
	st = cs_sip->endpoint_reachable(ep, NULL) ? BB_DEV_NOT_INUSE : BB_DEV_UNAVAILABLE;
	cs_sip->endpoint_unref(ep);
	return st;
}

const struct bb_chan_driver cs_driver = {
	.tech = "SIP",
	.aliases = (const char *const[]){ "PJSIP", NULL },
	.pvt_size = sizeof(struct cs),
	.request = request,
	.dial = dial,
	.answer = answer,
	.signal = signal_leg,
	.dtmf = dtmf,
	.transfer = transfer,
	.hangup = hangup,
	.destroy = destroy,
	.device_state = device_state,
	.get = cs_get,
	.doc = { .summary = "Call a SIP address",
		 .text = "Dial(SIP/alice) rings every contact of the endpoint alice.\n"
			 "Dial(PJSIP/1234@trunk) calls 1234 by the endpoint trunk.\n"
			 "Dial(SIP/alice/sip:alice@192.0.2.1) calls exactly that address.",
		 .since = "0.1" },
};

static const struct bb_sip_handler inbound = {
	.name = "channel",
	.methods = BB_SIP_INVITE,
	.request = cs_on_invite,
	.doc = { .summary = "Make calls of INVITE requests", .since = "0.1" },
};
static const struct bb_extension extension = {
	.service = "sip/1", .point = "request", .desc = &inbound, .name = "channel"
};

static int start(struct bb_self *self, struct bb_diag *d)
{
	(void)d;
	cs_self = self;
	memset(&cs_all, 0, sizeof(cs_all));
	cs_sip = bb_service_get(self, "sip/1");
	cs_rtp = bb_service_get(self, "rtp/1");
	return cs_sip && cs_rtp ? 0 : -ENOENT;
}

BB_MODULE(chan_sip, .needs = (const char *const[]){ "sip/1", "rtp/1", NULL },
	  .provides = (const struct bb_provide[]){ BB_CHAN(&cs_driver),
						   BB_EXTENDS(&extension),
						   BB_FUNC(&cs_func_header),
						   BB_FUNC(&cs_func_dial_contacts),
						   BB_FUNC(&cs_func_endpoint),
						   BB_FUNC(&cs_func_aor),
						   BB_CLI(&cs_cli_channelstats),
						   { 0 } },
	  .doc = { .summary = "SIP channels", .since = "0.1" }, .start = start);
