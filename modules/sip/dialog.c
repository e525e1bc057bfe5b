/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dialog.c - RFC 3261 §12.
 */
#include "modules/sip/dialog.h"

#include "modules/sip/resolve.h"

void sip_dialog_free(struct sip_dialog *d)
{
	bb_free(d->call_id);
	bb_free(d->local_tag);
	bb_free(d->remote_tag);
	bb_free(d->local);
	bb_free(d->remote);
	bb_free(d->target);
	bb_free(d->routes);
	memset(d, 0, sizeof(*d));
}

static int replace(char **p, struct bb_str s)
{
	char *n = bb_strdup(s);

	if (!n)
		return -ENOMEM;
	bb_free(*p);
	*p = n;
	return 0;
}

/* A From or To without its tag: display name and URI. */
static int identity(char **p, const struct sip_nameaddr *na)
{
	struct bb_buf b = { 0 };
	int err;

	if (na->display.l) {
		bb_buf_putstr(&b, na->display);
		bb_buf_putc(&b, ' ');
	}
	bb_buf_printf(&b, "<%.*s>", BB_FMT(na->uri.text));
	err = b.err ? b.err : replace(p, bb_buf_str(&b));
	bb_buf_free(&b);
	return err;
}

/* Record-Route values: as they stand for the server, reversed for the client. */
static int take_routes(char **p, const struct sip_msg *m, bool reverse)
{
	struct bb_str v[SIP_ROUTES_MAX], value;
	struct sip_values it;
	struct bb_buf b = { 0 };
	size_t n = 0;
	int err, got;

	sip_values_init(&it, m, SIP_HDR_RECORD_ROUTE);
	while ((got = sip_values_next(&it, &value)) == 1 && n < SIP_ROUTES_MAX)
		v[n++] = value;
	if (got < 0)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (i)
			bb_buf_puts(&b, ", ");
		bb_buf_putstr(&b, v[reverse ? n - 1 - i : i]);
	}
	err = b.err ? b.err : replace(p, bb_buf_str(&b));
	bb_buf_free(&b);
	return err;
}

static int take_target(struct sip_dialog *d, const struct sip_msg *m)
{
	struct bb_str v = sip_msg_value(m, SIP_HDR_CONTACT);
	struct sip_nameaddr na;

	if (!v.p || sip_nameaddr_parse(&na, v) || na.star)
		return -ENOENT;
	return replace(&d->target, na.uri.text);
}

int sip_dialog_uas(struct sip_dialog *d, const struct sip_msg *m, struct bb_str tag)
{
	int err = replace(&d->call_id, m->call_id);

	if (!err)
		err = replace(&d->local_tag, tag);
	if (!err)
		err = replace(&d->remote_tag, m->from.tag.p ? m->from.tag : BB_STR(""));
	if (!err)
		err = identity(&d->local, &m->to);
	if (!err)
		err = identity(&d->remote, &m->from);
	if (!err)
		err = take_routes(&d->routes, m, false);
	if (!err)
		err = take_target(d, m);
	d->remote_cseq = m->cseq.number;
	d->has_remote_cseq = true;
	d->local_cseq = bb_random_below(1000) + 1;
	d->flow = m->flow;
	return err == -ENOENT ? -EBADMSG : err;
}

int sip_dialog_uac(struct sip_dialog *d, struct bb_str local, struct bb_str remote,
		   struct bb_str target, struct bb_str routes)
{
	char tag[SIP_TAG_TEXT], id[SIP_TAG_TEXT];
	int err;

	sip_new_tag(tag, "");
	sip_new_call_id(id, "");
	err = replace(&d->call_id, bb_strz(id));
	if (!err)
		err = replace(&d->local_tag, bb_strz(tag));
	if (!err)
		err = replace(&d->local, local);
	if (!err)
		err = replace(&d->remote, remote);
	if (!err)
		err = replace(&d->target, target);
	if (!err)
		err = replace(&d->routes, routes);
	d->local_cseq = bb_random_below(1000) + 1;
	return err;
}

int sip_dialog_response(struct sip_dialog *d, const struct sip_msg *rsp)
{
	int err = replace(&d->remote_tag, rsp->to.tag.p ? rsp->to.tag : BB_STR(""));

	/* Empty (§12.1.2): what another branch of the fork counted is not this one's. */
	d->has_remote_cseq = false;
	if (!err)
		err = take_routes(&d->routes, rsp, true);
	if (!err)
		err = take_target(d, rsp);
	if (!d->pinned) {
		struct bb_addr local = d->flow.local;

		d->flow = rsp->flow;
		if (!bb_addr_set(&d->flow.local))
			d->flow.local = local;
	}
	/* A 2xx without Contact breaks §12.1.1; the target we have may still work. */
	return err == -ENOENT ? 0 : err;
}

int sip_dialog_of_stray(struct sip_dialog *d, const struct sip_msg *rsp)
{
	int err = replace(&d->call_id, rsp->call_id);

	if (!err)
		err = replace(&d->local_tag, rsp->from.tag.p ? rsp->from.tag : BB_STR(""));
	if (!err)
		err = identity(&d->local, &rsp->from);
	if (!err)
		err = identity(&d->remote, &rsp->to);
	if (!err)
		err = replace(&d->target, rsp->to.uri.text);
	if (!err)
		err = sip_dialog_response(d, rsp);
	d->local_cseq = rsp->cseq.number;
	d->flow = rsp->flow;
	return err;
}

int sip_dialog_refresh(struct sip_dialog *d, const struct sip_msg *m)
{
	int err = take_target(d, m);

	return err == -ENOENT ? 0 : err;
}

bool sip_dialog_in_order(struct sip_dialog *d, const struct sip_msg *m)
{
	if (d->has_remote_cseq && m->cseq.number <= d->remote_cseq)
		return false;
	d->remote_cseq = m->cseq.number;
	d->has_remote_cseq = true;
	return true;
}

static bool first_route(const struct sip_dialog *d, struct sip_nameaddr *na)
{
	struct bb_str rest = bb_strz(d->routes), v;

	return d->routes && d->routes[0] && sip_value_cut(&rest, &v) == 1 &&
	       sip_nameaddr_parse(na, v) == 0;
}

struct bb_str sip_dialog_uri(const struct sip_dialog *d)
{
	struct sip_nameaddr na;

	/* A first hop without lr is a strict router (§12.2.1.1). */
	if (first_route(d, &na) && !sip_uri_param(&na.uri, "lr", NULL))
		return na.uri.text;
	return bb_strz(d->target);
}

void sip_dialog_begin(struct sip_dialog *d, struct bb_buf *b, enum sip_method method, uint32_t cseq,
		      unsigned max_forwards)
{
	struct bb_buf from = { 0 }, to = { 0 }, routes = { 0 };
	struct bb_str rest = bb_strz(d->routes ? d->routes : ""), first;
	struct sip_nameaddr na;
	struct sip_request r = { .method = method, .cseq = cseq, .max_forwards = max_forwards };
	struct bb_str all;

	bb_buf_printf(&from, "%s;tag=%s", d->local, d->local_tag);
	bb_buf_printf(&to, "%s", d->remote);
	if (d->remote_tag && d->remote_tag[0])
		bb_buf_printf(&to, ";tag=%s", d->remote_tag);
	if (first_route(d, &na) && !sip_uri_param(&na.uri, "lr", NULL)) {
		sip_value_cut(&rest, &first);
		rest = bb_str_trim(rest);
		if (rest.l)
			bb_buf_printf(&routes, "%.*s, ", BB_FMT(rest));
		bb_buf_printf(&routes, "<%s>", d->target);
	} else {
		bb_buf_putstr(&routes, rest);
	}
	all = bb_buf_str(&routes);
	r.uri = sip_dialog_uri(d);
	r.from = bb_buf_str(&from);
	r.to = bb_buf_str(&to);
	r.call_id = bb_strz(d->call_id);
	r.routes = &all;
	r.n_routes = all.l ? 1 : 0;
	sip_request_begin(b, &r);
	if (!b->err && (from.err || to.err || routes.err))
		b->err = -ENOMEM;
	bb_buf_free(&from);
	bb_buf_free(&to);
	bb_buf_free(&routes);
}

int sip_dialog_flow(struct sip_dialog *d, struct sip_stack *s, struct sip_flow *f)
{
	struct sip_nameaddr na;
	struct sip_uri u;
	/* The way back of a connection that is gone leads to a port nobody listens at: only the
	 * remote target is left then. */
	bool lost = d->flow.conn && !sip_flow_alive(s, &d->flow);
	int err = -ENOENT;

	memset(f, 0, sizeof(*f));
	if (!d->pinned || lost) {
		if (first_route(d, &na))
			err = sip_uri_flow(&na.uri, f);
		else if (sip_uri_parse(&u, bb_strz(d->target)) == 0)
			err = sip_uri_flow(&u, f);
		/* The same place over the same connection, while there is one. */
		if (!err && f->type == d->flow.type && bb_addr_eq(&f->remote, &d->flow.remote))
			*f = d->flow;
	}
	/* A host name was looked up for the first request: go the way that worked. */
	if (err)
		*f = d->flow;
	if (f->conn && !sip_flow_alive(s, f)) {
		f->conn = 0;
		f->transport = 0;
		memset(&f->local, 0, sizeof(f->local));
	}
	return sip_flow_prepare(s, f);
}
