/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * qualify.c - asks contacts by OPTIONS whether they are there
 * (qualify_frequency), and remembers how long the answer took.
 */
#include <stdio.h>

#include "modules/sip/core.h"
#include "modules/sip/resolve.h"

struct sip_qualify {
	struct bb_map_node map;
	struct sip_core *core;
	char *aor, *uri;
	char *route; /* while its host name is looked up */
	struct bb_timer next, limit;
	struct sip_resolve *resolve;
	struct sip_ctrans *ct;
	bb_time sent, rtt;
	enum bb_sip_contact_status status;
	bool seen; /* by the scan that runs */
};

static void ask(void *arg);

static struct sip_qualify *of_node(struct bb_map_node *n)
{
	return n ? bb_map_entry(n, struct sip_qualify, map) : NULL;
}

/* Those of one address of record: begin with bb_map_get(). */
static struct sip_qualify *next_same(const struct sip_qualify *q)
{
	return of_node(bb_map_next_same(&q->core->qualifies, &q->map));
}

static struct sip_qualify *find(struct sip_core *c, struct bb_str aor, struct bb_str uri)
{
	struct sip_qualify *q = of_node(bb_map_get(&c->qualifies, aor));

	while (q && !bb_str_is(uri, q->uri))
		q = next_same(q);
	return q;
}

/* Whatever was asked: its answer is no longer waited for. */
static void forget(struct sip_qualify *q)
{
	sip_resolve_cancel(q->resolve);
	if (q->ct)
		sip_ctrans_detach(q->ct);
	q->resolve = NULL;
	q->ct = NULL;
}

static void qualify_free(struct sip_qualify *q)
{
	bb_timer_cancel(&q->next);
	bb_timer_cancel(&q->limit);
	forget(q);
	bb_free(q->route);
	bb_map_remove(&q->core->qualifies, &q->map);
	bb_free(q->aor);
	bb_free(q->uri);
	bb_free(q);
}

static void tell(struct sip_core *c, struct bb_str aor)
{
	const struct bb_map_node *at = NULL;
	struct sip_endpoint *ep;

	while (c->endpoint_changed && (ep = sip_config_aor_user(c->config, aor, &at)))
		c->endpoint_changed(&ep->pub);
}

static void settle(struct sip_qualify *q, enum bb_sip_contact_status st, bb_time rtt)
{
	bool changed = q->status != st;
	struct sip_aor *a = sip_config_aor(q->core->config, bb_strz(q->aor));

	bb_timer_cancel(&q->limit);
	q->status = st;
	q->rtt = rtt;
	if (a)
		bb_timer_set(&q->next, a->pub.qualify_frequency, ask, q);
	if (!changed)
		return;
	bb_verbose(2, "Contact %s of %s is now %s", q->uri, q->aor,
		   st == BB_SIP_REACHABLE ? "reachable" : "unreachable");
	tell(q->core, bb_strz(q->aor));
}

static void on_response(struct sip_ctrans *ct, struct sip_msg *rsp, void *arg)
{
	struct sip_qualify *q = arg;

	if (rsp->status < 200)
		return;
	/* It lives on for a while (timer K), maybe longer than this contact or the next asking. */
	sip_ctrans_detach(ct);
	q->ct = NULL;
	/* Any final answer shows that somebody is there, but one made up for a silent hop. */
	settle(q, rsp->status == 408 || rsp->status == 503 ? BB_SIP_UNREACHABLE : BB_SIP_REACHABLE,
	       bb_now() - q->sent);
}

static void on_gone(struct sip_ctrans *ct, int err, void *arg)
{
	struct sip_qualify *q = arg;

	(void)ct;
	q->ct = NULL;
	if (err)
		settle(q, BB_SIP_UNREACHABLE, 0);
}

static const struct sip_ctrans_ops ops = { .response = on_response, .gone = on_gone };

static void too_late(void *arg)
{
	struct sip_qualify *q = arg;

	forget(q);
	settle(q, BB_SIP_UNREACHABLE, 0);
}

struct aim {
	const char *uri;
	struct sip_flow flow;
	struct sip_core *core;
	struct bb_buf route;
	int err;
};

static void aim_at(const struct bb_sip_contact *ct, void *arg)
{
	struct aim *a = arg;

	if (a->err != -ENOENT || !bb_str_is(ct->target.uri, a->uri))
		return;
	a->err = sip_target_flow(a->core, &ct->target, &a->flow);
	bb_buf_putstr(&a->route, ct->target.route);
}

static int send_options(struct sip_qualify *q, struct sip_flow *f, struct bb_str route)
{
	struct sip_core *c = q->core;
	char tag[SIP_TAG_TEXT], call_id[SIP_TAG_TEXT], by[SIP_SENT_BY_TEXT];
	struct bb_buf b = { 0 }, from = { 0 }, to = { 0 }, contact = { 0 };
	struct sip_request rq = { .method = SIP_OPTIONS, .uri = bb_strz(q->uri), .cseq = 1 };
	int err = sip_flow_prepare(c->stack, f);

	if (err)
		return err;
	sip_new_tag(tag, "");
	sip_new_call_id(call_id, "");
	sip_flow_sent_by(c->stack, f, by);
	bb_buf_printf(&from, "<sip:%.*s@%s>;tag=%s", BB_FMT(c->config->set.default_from_user), by,
		      tag);
	bb_buf_printf(&to, "<%s>", q->uri);
	rq.from = bb_buf_str(&from);
	rq.to = bb_buf_str(&to);
	rq.call_id = bb_strz(call_id);
	rq.max_forwards = (unsigned)c->config->set.max_forwards;
	rq.routes = &route;
	rq.n_routes = route.l ? 1 : 0;
	sip_request_begin(&b, &rq);
	sip_flow_put_uri(&contact, c->stack, f, c->config->set.default_from_user);
	sip_put_hdrf(&b, SIP_HDR_CONTACT, "<%s>", bb_buf_cstr(&contact));
	sip_put_hdr(&b, SIP_HDR_ACCEPT, BB_STR("application/sdp"));
	sip_put_hdr(&b, SIP_HDR_USER_AGENT, c->config->set.user_agent);
	sip_put_body(&b, NULL, BB_STR(""));
	err = b.err ? b.err : from.err ? from.err : to.err ? to.err : contact.err;
	if (!err)
		err = sip_ctrans_new(&q->ct, c->stack, f, &b, &ops, q);
	bb_buf_free(&b);
	bb_buf_free(&from);
	bb_buf_free(&to);
	bb_buf_free(&contact);
	return err;
}

static void unanswered(struct sip_qualify *q)
{
	q->ct = NULL;
	settle(q, BB_SIP_UNREACHABLE, 0);
}

/* The first address that can be sent to is asked. */
static void resolved(int err, const struct sip_flow *flows, size_t n, void *arg)
{
	struct sip_qualify *q = arg;
	bool sent = false;

	q->resolve = NULL;
	for (size_t i = 0; !err && i < n && !sent; i++) {
		struct sip_flow f = flows[i];

		sent = send_options(q, &f, bb_strz(q->route)) == 0;
	}
	bb_free(q->route);
	q->route = NULL;
	if (sent)
		q->sent = bb_now();
	else
		unanswered(q);
}

static int look_up(struct sip_qualify *q, struct bb_str route)
{
	const struct bb_sip_target to = { .uri = bb_strz(q->uri), .route = route };

	bb_free(q->route);
	q->route = bb_strdup(route);
	return q->route ? sip_target_resolve(&q->resolve, &to, resolved, q) : -ENOMEM;
}

static void ask(void *arg)
{
	struct sip_qualify *q = arg;
	struct sip_aor *a = sip_config_aor(q->core->config, bb_strz(q->aor));
	struct aim aim = { .uri = q->uri, .core = q->core, .err = -ENOENT };
	int err;

	if (!a || !a->pub.qualify_frequency)
		return;
	sip_contacts(q->core, bb_strz(q->aor), aim_at, &aim);
	err = aim.err == -EAGAIN ? look_up(q, bb_buf_str(&aim.route))
	      : aim.err		 ? aim.err
				 : send_options(q, &aim.flow, bb_buf_str(&aim.route));
	if (err) {
		unanswered(q);
	} else {
		q->sent = bb_now();
		if (a->pub.qualify_timeout)
			bb_timer_set(&q->limit, a->pub.qualify_timeout, too_late, q);
	}
	bb_buf_free(&aim.route);
}

struct scan {
	struct sip_core *core;
	struct sip_aor *aor;
};

static void scan_contact(const struct bb_sip_contact *ct, void *arg)
{
	struct scan *s = arg;
	struct sip_qualify *q = find(s->core, bb_strz(s->aor->pub.name), ct->target.uri);

	if (!q) {
		q = bb_zalloc(sizeof(*q));
		if (!q)
			return;
		q->core = s->core;
		q->status = BB_SIP_UNKNOWN;
		q->aor = bb_strdup(bb_strz(s->aor->pub.name));
		q->uri = bb_strdup(ct->target.uri);
		if (!q->aor || !q->uri ||
		    bb_map_add(&s->core->qualifies, &q->map, bb_strz(q->aor))) {
			qualify_free(q);
			return;
		}
		/* Not all at once after a start. */
		bb_timer_set(&q->next,
			     (bb_time)bb_random_below(500) * BB_MS *
				     (bb_time)(1 + s->core->qualifies.count / 50),
			     ask, q);
	}
	q->seen = true;
}

/* Contacts of one address of record: new ones are asked from now on, those that went no more. */
static void rescan_aor(struct sip_core *c, struct bb_str aor)
{
	struct scan s = { .core = c, .aor = sip_config_aor(c->config, aor) };
	struct sip_qualify *q, *next;

	for (q = of_node(bb_map_get(&c->qualifies, aor)); q; q = next_same(q))
		q->seen = false;
	if (s.aor && s.aor->pub.qualify_frequency)
		sip_contacts(c, bb_strz(s.aor->pub.name), scan_contact, &s);
	for (q = of_node(bb_map_get(&c->qualifies, aor)); q; q = next) {
		next = next_same(q);
		if (!q->seen)
			qualify_free(q);
	}
}

/* All of them, after a start or a reload: an aor may have gone, or be asked from now on. */
static void rescan(void *arg)
{
	struct sip_core *c = arg;
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	bb_list_each (node, &c->config->aor_list) {
		struct sip_aor *a = bb_list_entry(node, struct sip_aor, node);

		rescan_aor(c, bb_strz(a->pub.name));
	}
	while ((n = bb_map_next(&c->qualifies, &it))) {
		struct sip_qualify *q = of_node(n);

		if (!sip_config_aor(c->config, bb_strz(q->aor)))
			qualify_free(q);
	}
}

/* Told between changes, never within one: the store may be walked. */
static void location_changed(struct bb_str aor, void *arg)
{
	tell(arg, aor);
	rescan_aor(arg, aor);
}

void sip_qualify_start(struct sip_core *c)
{
	if (!c->qualify_watching)
		c->qualify_watching = bb_location_watch(location_changed, c) == 0;
	bb_timer_set(&c->qualify_timer, 0, rescan, c);
}

void sip_qualify_stop(struct sip_core *c)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	bb_timer_cancel(&c->qualify_timer);
	if (c->qualify_watching)
		bb_location_unwatch(location_changed, c);
	c->qualify_watching = false;
	while ((n = bb_map_next(&c->qualifies, &it)))
		qualify_free(of_node(n));
	bb_map_free(&c->qualifies);
}

enum bb_sip_contact_status sip_qualify_status(struct sip_core *c, struct bb_str aor,
					      struct bb_str uri, bb_time *rtt)
{
	struct sip_qualify *q = find(c, aor, uri);

	*rtt = q ? q->rtt : 0;
	return q ? q->status : BB_SIP_UNQUALIFIED;
}
