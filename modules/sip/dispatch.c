/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dispatch.c - a request outside dialogs, from the transaction to the handler
 * that claims it: checks (RFC 3261 §8.2), caps, identification,
 * authentication, routes. What is refused leaves no state behind.
 */
#include <stdio.h>

#include "modules/sip/cause.h"
#include "modules/sip/core.h"
#include "modules/sip/session.h"

/* --- routes --- */

static bool in_class(struct bb_str *pat, char ch)
{
	bool hit = false;
	size_t i = 1;

	for (; i < pat->l && pat->p[i] != ']'; i++) {
		if (i + 2 < pat->l && pat->p[i + 1] == '-' && pat->p[i + 2] != ']') {
			hit |= ch >= pat->p[i] && ch <= pat->p[i + 2];
			i += 2;
		} else {
			hit |= ch == pat->p[i];
		}
	}
	*pat = bb_str_sub(*pat, i, pat->l);
	return hit;
}

/* As in extensions.conf: without '_' literally, X Z N classes, '.' and '!' the rest. */
static bool user_matches(struct bb_str pat, struct bb_str user)
{
	if (bb_str_empty(pat))
		return true;
	if (pat.p[0] != '_')
		return bb_str_eq(pat, user);
	pat = bb_str_sub(pat, 1, pat.l);
	while (pat.l) {
		char p = pat.p[0], u;

		if (p == '!')
			return true;
		if (!user.l)
			return false;
		if (p == '.')
			return true;
		u = user.p[0];
		if (p == 'X' || p == 'x') {
			if (u < '0' || u > '9')
				return false;
		} else if (p == 'Z' || p == 'z') {
			if (u < '1' || u > '9')
				return false;
		} else if (p == 'N' || p == 'n') {
			if (u < '2' || u > '9')
				return false;
		} else if (p == '[') {
			if (!in_class(&pat, u))
				return false;
		} else if (p != u) {
			return false;
		}
		pat = bb_str_sub(pat, 1, pat.l);
		user = bb_str_sub(user, 1, user.l);
	}
	return user.l == 0;
}

static bool route_matches(const struct sip_route *r, const struct sip_msg *m, struct bb_str user)
{
	bool hit = r->n_nets == 0;

	for (size_t i = 0; i < r->n_nets && !hit; i++)
		hit = bb_cidr_has(&r->nets[i], &m->flow.remote);
	if (!hit)
		return false;
	hit = r->method.n == 0;
	for (size_t i = 0; i < r->method.n && !hit; i++)
		hit = bb_str_iis(r->method.v[i], sip_method_name(m->method));
	return hit && (bb_str_empty(r->domain) || bb_str_ieq(r->domain, m->ruri.host)) &&
	       user_matches(r->user, user);
}

/* The user as the dial plan will see it: no spelling of it slips past a route. */
static const struct sip_route *route_of(const struct sip_core *c, const struct sip_msg *m)
{
	struct bb_str user = m->ruri.user;
	ptrdiff_t semi = bb_str_chr(user, ';');
	char plain[128];

	if (semi >= 0)
		user.l = (size_t)semi;
	if (!sip_unescape_to(user, plain, sizeof(plain)))
		user = bb_strz(plain);
	bb_list_each (node, &c->config->routes) {
		const struct sip_route *r = bb_list_entry(node, struct sip_route, node);

		if (route_matches(r, m, user))
			return r;
	}
	return NULL;
}

/* --- who is it --- */

static struct sip_endpoint *by_name(const struct sip_core *c, struct bb_str name, uint64_t how)
{
	struct sip_endpoint *ep = name.l ? sip_config_endpoint(c->config, name) : NULL;

	return ep && (!how || (ep->pub.identify_by & how)) ? ep : NULL;
}

static struct sip_endpoint *by_user(const struct sip_core *c, const struct sip_uri *u,
				    const char *prefix, uint64_t how)
{
	char full[256], plain[128];
	struct bb_str user = prefix ? bb_strz(prefix) : u->user;
	struct sip_endpoint *ep = NULL;

	if (!sip_unescape_to(user, plain, sizeof(plain)))
		user = bb_strz(plain);
	if (bb_format(full, sizeof(full), "%.*s@%.*s", BB_FMT(user), BB_FMT(u->host)) <
	    (int)sizeof(full))
		ep = by_name(c, bb_strz(full), how);
	return ep ? ep : by_name(c, user, how);
}

static struct sip_endpoint *identify(const struct sip_core *c, const struct sip_msg *m)
{
	struct sip_endpoint *ep;
	struct bb_str shown;

	bb_list_each (node, &c->config->identifies) {
		const struct sip_identify *i = bb_list_entry(node, struct sip_identify, node);

		if (bb_cidr_has(&i->match, &m->flow.remote) &&
		    (i->endpoint->pub.identify_by & BB_SIP_BY_IP))
			return sip_config_endpoint(c->config, bb_strz(i->endpoint->pub.name));
	}
	ep = by_user(c, &m->from.uri, NULL, BB_SIP_BY_USERNAME);
	if (ep)
		return ep;
	shown = sip_auth_user(m);
	if (shown.p) {
		ep = sip_config_by_auth_user(c->config, shown);
		if (ep)
			return ep;
	}
	return by_user(c, &m->from.uri, "anonymous", 0);
}

/* --- answers that keep no state --- */

static void answer(struct sip_strans *st, unsigned code, const char *header)
{
	sip_strans_dismiss(st, code, NULL, bb_strz(header));
}

static void challenge(struct sip_core *c, struct sip_strans *st, const struct bb_sip_endpoint *ep,
		      bool stale)
{
	struct bb_buf b = { 0 };

	sip_auth_challenge(c, &b, ep, stale);
	if (b.err)
		sip_strans_dismiss(st, 500, NULL, BB_STR(""));
	else
		sip_strans_dismiss(st, 401, NULL, bb_buf_str(&b));
	bb_buf_free(&b);
}

static void options(struct sip_strans *st)
{
	answer(st, 200,
	       "Allow: " SIP_ALLOW "\r\nAccept: application/sdp\r\nAccept-Encoding: identity\r\n"
	       "Accept-Language: en\r\nSupported: path\r\n");
}

/* --- the steps --- */

/* We are no proxy that could do what Proxy-Require asks. */
static void put_proxy_require(struct bb_buf *b, const struct sip_msg *m)
{
	const struct sip_hdr *h = sip_msg_hdr(m, SIP_HDR_PROXY_REQUIRE);

	for (; h; h = sip_msg_hdr_next(m, h)) {
		if (b->l)
			bb_buf_puts(b, ", ");
		bb_buf_putstr(b, h->value);
	}
}

static bool well_formed(struct sip_core *c, struct sip_strans *st, struct sip_msg *m)
{
	struct bb_buf unsupported = { 0 };
	struct sip_fault fault = { 0 };
	int err = sip_msg_check(m, sip_option_tags, &unsupported, &fault);

	if (!err || fault.code == 420)
		put_proxy_require(&unsupported, m);
	if (unsupported.l) {
		fault.code = 420;
		err = -EBADMSG;
	}
	if (err) {
		struct bb_buf line = { 0 };

		if (unsupported.l)
			sip_put_hdr(&line, SIP_HDR_UNSUPPORTED, bb_buf_str(&unsupported));
		sip_strans_dismiss(st, fault.code ? fault.code : 400, NULL, bb_buf_str(&line));
		bb_buf_free(&line);
	}
	bb_buf_free(&unsupported);
	return !err;
}

/* What is refused before it becomes a call is told all the same; the core bounds it per source. */
static void tell_refusal(struct sip_core *c, struct sip_msg *m, unsigned code, unsigned cause,
			 const char *why)
{
	char source[BB_ADDR_TEXT], summary[160], title[240], answered[8];
	struct bb_story *s;

	sip_summary(m->raw, summary, sizeof(summary));
	bb_format(title, sizeof(title), "%.*s by %.*s", BB_FMT(m->ruri.user),
		  BB_FMT(m->from.uri.user));
	s = bb_story_open(bb_addr_print_host(&m->flow.remote, source), title);
	bb_story_message(s, "", BB_STORY_IN, bb_addr_print(&m->flow.remote, source), summary,
			 m->raw);
	bb_story_add(s, "", BB_STORY_REFUSAL, "%s", why);
	bb_story_reason(s, cause, "%s", why);
	bb_format(answered, sizeof(answered), "%u", code);
	bb_story_message(s, "", BB_STORY_OUT, source, answered, BB_STR(""));
	bb_story_close(s);
	sip_log_refusal(c, &m->flow.remote, "%s refused: %s", summary, why);
}

static void busy(struct sip_core *c, struct sip_strans *st, struct sip_msg *m, const char *fmt, ...)
	BB_PRINTF(4, 5);
static void busy(struct sip_core *c, struct sip_strans *st, struct sip_msg *m, const char *fmt, ...)
{
	static struct bb_log_limit limit = { .burst = 1, .every = 10 * BB_SEC };
	char line[48], why[200];
	unsigned dropped;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	bb_format(line, sizeof(line), "Retry-After: %u\r\n", (unsigned)c->config->set.retry_after);
	if (bb_log_allow(&limit, &dropped))
		bb_warning("New calls get 503: %s", why);
	tell_refusal(c, m, 503, 42, why);
	sip_strans_dismiss(st, 503, NULL, bb_strz(line));
}

/* Caps on calls that are on their way: in all and of this address. */
static bool has_room(struct sip_core *c, struct sip_strans *st, struct sip_msg *m)
{
	const struct sip_settings *set = &c->config->set;
	char host[BB_ADDR_TEXT];
	struct bb_map_node *n;

	if (m->method != SIP_INVITE)
		return true;
	if (c->pending >= (unsigned)set->max_pending ||
	    (set->max_calls && c->session_list.count >= (size_t)set->max_calls)) {
		busy(c, st, m, "there are too many calls in all (max_pending, max_calls)");
		return false;
	}
	n = bb_map_get(&c->sources, bb_strz(bb_addr_print_host(&m->flow.remote, host)));
	if (n && bb_map_entry(n, struct sip_load, map)->pending >=
			 (unsigned)set->max_pending_per_source) {
		busy(c, st, m, "this address has %lld unestablished calls (max_pending_per_source)",
		     (long long)set->max_pending_per_source);
		return false;
	}
	return true;
}

/* The same of the endpoint; asked after its credentials, so that a stranger learns nothing of it.
 */
static bool endpoint_has_room(struct sip_core *c, struct sip_strans *st, struct sip_msg *m,
			      const struct bb_sip_endpoint *ep)
{
	struct bb_map_node *n = ep ? bb_map_get(&c->endpoints, bb_strz(ep->name)) : NULL;
	const struct sip_load *l;

	if (m->method != SIP_INVITE || !n)
		return true;
	l = bb_map_entry(n, struct sip_load, map);
	if (ep->max_calls && l->calls >= (unsigned)ep->max_calls) {
		busy(c, st, m, "%s has %lld calls (max_calls)", ep->name, (long long)ep->max_calls);
		return false;
	}
	if (ep->max_pending && l->pending >= (unsigned)ep->max_pending) {
		busy(c, st, m, "%s has %lld unestablished calls (max_pending)", ep->name,
		     (long long)ep->max_pending);
		return false;
	}
	return true;
}

static bool in_some_auth(const struct sip_core *c, struct bb_str user)
{
	bb_list_each (node, &c->config->credential_list)
		if (user.p &&
		    bb_str_eq(bb_list_entry(node, struct sip_credentials, node)->username, user))
			return true;
	return false;
}

static bool shows_its_name(const struct bb_sip_endpoint *ep, struct bb_str user)
{
	for (size_t i = 0; i < ep->auth.n; i++) {
		const struct sip_credentials *cr =
			sip_config_credentials(sip_endpoint_config(ep), ep->auth.v[i]);

		if (cr && bb_str_eq(cr->username, user))
			return true;
	}
	return false;
}

/* Wrong credentials: the answer is the same for all; story and log tell which. */
static void refuse_credentials(struct sip_core *c, struct sip_strans *st, struct sip_msg *m,
			       const struct bb_sip_endpoint *ep)
{
	struct bb_str user = sip_auth_user(m);
	char why[320];

	if (ep && shows_its_name(ep, user))
		bb_format(why, sizeof(why), "the password of %s is wrong", ep->name);
	else if (ep)
		bb_format(why, sizeof(why),
			  "'%.*s' is not the user name of %s, or the password is wrong",
			  BB_FMT(user), ep->name);
	else
		bb_format(why, sizeof(why), "nobody here is called '%.*s'%s",
			  BB_FMT(m->from.uri.user),
			  in_some_auth(c, user)
				  ? ", and the user name of the credentials identifies nobody "
				    "(identify_by without auth_username)"
				  : ", and no credentials have that user name");
	tell_refusal(c, m, 401, 21, why);
	challenge(c, st, ep, false);
}

static void refuse_by_route(struct sip_core *c, struct sip_strans *st, struct sip_msg *m,
			    const struct sip_route *route)
{
	char why[160];

	bb_format(why, sizeof(why), "the route [%s] refuses it", route->name);
	/* Calls have a story; of the rest a line in the log is enough. */
	if (m->method == SIP_INVITE)
		tell_refusal(c, m, route->code, sip_cause_from_code(route->code), why);
	else
		sip_log_refusal(c, &m->flow.remote, "the route [%s] refuses %s", route->name,
				sip_method_name(m->method));
	answer(st, route->code, "");
}

static bool authenticated(struct sip_core *c, struct sip_strans *st, struct sip_msg *m,
			  const struct bb_sip_endpoint *ep)
{
	switch (sip_auth_verify(c, m, ep)) {
	case SIP_AUTH_OK:
		return true;
	case SIP_AUTH_MISSING:
		challenge(c, st, ep, false);
		return false;
	case SIP_AUTH_STALE:
		challenge(c, st, ep, true);
		return false;
	default:
		refuse_credentials(c, st, m, ep);
		return false;
	}
}

static enum bb_sip_verdict ask(const struct bb_sip_handler *h, struct sip_inreq *rq)
{
	return h->methods & rq->pub.method ? h->request(&rq->pub) : BB_SIP_PASS;
}

static bool ordered(const struct sip_core *c, const char *name)
{
	for (size_t i = 0; i < c->config->set.request_order.n; i++)
		if (bb_str_is(c->config->set.request_order.v[i], name))
			return true;
	return false;
}

/* One name of the order; unset: those it does not name. */
static enum bb_sip_verdict ask_named(struct sip_core *c, struct sip_inreq *rq, struct bb_str name)
{
	struct bb_ext_iter it = { .service = "sip/1", .point = "request" };
	const struct bb_sip_handler *h;
	enum bb_sip_verdict v = BB_SIP_PASS;

	if (c->handlers) {
		for (size_t i = 0; c->handlers[i] && v == BB_SIP_PASS; i++) {
			h = c->handlers[i];
			if (name.p ? bb_str_is(name, h->name) : !ordered(c, h->name))
				v = ask(h, rq);
		}
		return v;
	}
	while (v == BB_SIP_PASS && (h = bb_ext_next(&it)))
		if (name.p ? bb_str_is(name, h->name) : !ordered(c, h->name))
			v = ask(h, rq);
	bb_ext_end(&it);
	return v;
}

enum bb_sip_verdict sip_handlers_ask(struct sip_core *c, struct sip_inreq *rq)
{
	struct sip_config *cf = sip_config_ref(c->config);
	enum bb_sip_verdict v = BB_SIP_PASS;

	for (size_t i = 0; v == BB_SIP_PASS && i < cf->set.request_order.n; i++)
		v = ask_named(c, rq, cf->set.request_order.v[i]);
	if (v == BB_SIP_PASS)
		v = ask_named(c, rq, (struct bb_str){ 0 });
	sip_config_unref(cf);
	return v;
}

static void hand_over(struct sip_core *c, struct sip_strans *st, struct sip_msg *m,
		      struct sip_endpoint *ep, const struct sip_route *route)
{
	static const struct bb_sip_header allow = { { "Allow", 5 },
						    { SIP_ALLOW, sizeof(SIP_ALLOW) - 1 } };
	struct sip_inreq *rq;

	if (sip_inreq_new(&rq, c, st, m)) {
		sip_strans_dismiss(st, 503, NULL, BB_STR("Retry-After: 5\r\n"));
		return;
	}
	rq->pub.action = route ? route->action : BB_SIP_TO_DIALPLAN;
	if (sip_stack_is_me(c->stack, m->ruri.host, m->ruri.port))
		rq->pub.domain = m->ruri.host;
	if (ep)
		rq->pub.endpoint = sip_endpoint_ref(&ep->pub);
	if (m->method == SIP_INVITE)
		sip_inreq_story(rq);
	if (rq->pub.action == BB_SIP_TO_PROXY)
		sip_inreq_refuse(rq, 501, "Proxying Is Not Built", 79,
				 "the route [%s] says proxy, which is not built", route->name);
	else if (sip_handlers_ask(c, rq) == BB_SIP_PASS)
		sip_inreq_respond(rq, m->method == SIP_REFER ? 501 : 405, NULL, &allow, 1);
	sip_inreq_unref(rq);
}

void sip_dispatch(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	struct sip_core *c = arg;
	const struct sip_route *route;
	struct sip_endpoint *ep;

	if (!well_formed(c, st, m))
		return;
	if (m->to.tag.p) {
		if (!sip_session_request(c, st, m))
			answer(st, 481, "");
		return;
	}
	if (m->method == SIP_UNKNOWN || m->method == SIP_BYE || m->method == SIP_PRACK) {
		answer(st, m->method == SIP_UNKNOWN ? 501 : 481, "Allow: " SIP_ALLOW "\r\n");
		return;
	}
	route = route_of(c, m);
	if (route && route->action == BB_SIP_TO_REFUSAL) {
		refuse_by_route(c, st, m, route);
		return;
	}
	if (m->method == SIP_OPTIONS) {
		options(st);
		return;
	}
	/* Only calls are sent on. */
	if (m->max_forwards == 0 && m->method == SIP_INVITE) {
		answer(st, 483, "");
		return;
	}
	ep = identify(c, m);
	if (!ep || ep->pub.force_rport)
		sip_strans_force_rport(st);
	if (!has_room(c, st, m))
		return;
	if (authenticated(c, st, m, ep ? &ep->pub : NULL) &&
	    endpoint_has_room(c, st, m, ep ? &ep->pub : NULL))
		hand_over(c, st, m, ep, route);
}
