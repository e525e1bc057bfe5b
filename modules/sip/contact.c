/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * contact.c - from an address of record to the contacts behind it: static
 * ones of the configuration, and what is registered.
 */
#include "modules/sip/core.h"
#include "modules/sip/resolve.h"

#define CONTACTS_MAX 128
#define FEW 8 /* as many need no allocation */

static int by_q(struct bb_sip_contact *v, int n, const struct bb_sip_contact *c)
{
	int at = n;

	while (at > 0 && v[at - 1].q < c->q)
		at--;
	memmove(&v[at + 1], &v[at], (size_t)(n - at) * sizeof(*v));
	v[at] = *c;
	return n + 1;
}

static void from_binding(struct bb_sip_contact *out, const struct sip_aor *a,
			 const struct bb_binding *b)
{
	*out = (struct bb_sip_contact){ .binding = b, .q = b->q };
	out->target.uri = b->contact;
	out->target.transport = b->transport;
	out->target.connection = b->connection;
	if (!bb_str_empty(a->route)) {
		out->target.route = a->route;
		out->target.connection = 0;
		return;
	}
	if (a->pub.support_path && !bb_str_empty(b->path)) {
		out->target.route = b->path;
		out->target.connection = 0;
	} else if (b->connection || a->rewrite) {
		out->target.remote = b->remote;
		out->target.local = b->local;
	}
}

int sip_contacts(struct sip_core *c, struct bb_str aor,
		 void (*fn)(const struct bb_sip_contact *ct, void *arg), void *arg)
{
	struct sip_aor *a = sip_config_aor(c->config, aor);
	struct bb_sip_contact few[FEW + 1], *v = few, one;
	const struct bb_binding *b = NULL;
	size_t room;
	int n = 0;

	if (!a)
		return -ENOENT;
	room = a->pub.contact.n + bb_location_count(bb_strz(a->pub.name));
	if (room > CONTACTS_MAX)
		room = CONTACTS_MAX;
	if (room > FEW)
		v = bb_alloc((room + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < a->pub.contact.n && (size_t)n < room; i++) {
		one = (struct bb_sip_contact){ .q = 1000 };
		one.target.uri = a->pub.contact.v[i];
		one.target.route = a->route;
		n = by_q(v, n, &one);
	}
	while ((size_t)n < room && (b = bb_location_next(bb_strz(a->pub.name), b))) {
		from_binding(&one, a, b);
		n = by_q(v, n, &one);
	}
	for (int i = 0; i < n; i++) {
		v[i].status =
			sip_qualify_status(c, bb_strz(a->pub.name), v[i].target.uri, &v[i].rtt);
		if (v[i].binding && !v[i].binding->reachable)
			v[i].status = BB_SIP_UNREACHABLE;
		fn(&v[i], arg);
	}
	if (v != few)
		bb_free(v);
	return n;
}

struct reach {
	bool any, ok;
};

static void look(const struct bb_sip_contact *ct, void *arg)
{
	struct reach *r = arg;

	r->any = true;
	r->ok |= ct->status != BB_SIP_UNREACHABLE;
}

bool sip_endpoint_reachable(struct sip_core *c, const struct bb_sip_endpoint *ep, bool *registered)
{
	struct reach r = { 0 };

	for (size_t i = 0; i < ep->aors.n; i++)
		sip_contacts(c, ep->aors.v[i], look, &r);
	if (registered)
		*registered = r.any;
	return r.ok;
}

/* Where a target leads by its own words: the first Route, else its URI. */
static int way_of(const struct bb_sip_target *t, struct sip_uri *u)
{
	struct bb_str route = t->route, first;
	struct sip_nameaddr na;
	int err;

	if (bb_str_empty(route) || sip_value_cut(&route, &first) != 1)
		return sip_uri_parse(u, t->uri);
	err = sip_nameaddr_parse(&na, first);
	*u = na.uri;
	return err;
}

int sip_target_flow(struct sip_core *c, const struct bb_sip_target *t, struct sip_flow *f)
{
	struct sip_uri u;
	int err;

	(void)c;
	memset(f, 0, sizeof(*f));
	if (bb_addr_set(&t->remote)) {
		f->type = sip_tp_of(t->transport);
		if (f->type == SIP_TP_NONE)
			f->type = SIP_TP_UDP;
		f->conn = t->connection;
		f->local = t->local;
		f->remote = t->remote;
		return 0;
	}
	err = way_of(t, &u);
	if (!err)
		err = sip_uri_flow(&u, f);
	return err == -EADDRNOTAVAIL ? -EAGAIN : err;
}

int sip_target_resolve(struct sip_resolve **rp, const struct bb_sip_target *t,
		       void (*done)(int err, const struct sip_flow *flows, size_t n, void *arg),
		       void *arg)
{
	struct sip_uri u;
	int err = way_of(t, &u);

	return err ? err : sip_resolve(rp, &u, done, arg);
}

void sip_endpoint_formats(const struct bb_sip_endpoint *ep, struct bb_formats *fs)
{
	static const char *const usual[] = { "ulaw", "alaw", "g722" };

	fs->n = 0;
	for (size_t i = 0; i < ep->n_codecs; i++) {
		struct bb_str rest = ep->codecs[i].text, word, bad;

		/* Word by word: one that is not loaded does not lose the others. */
		while (bb_str_split(&rest, ',', &word)) {
			bool allow = ep->codecs[i].allow;

			if (word.l && word.p[0] == '!') {
				allow = !allow;
				word = bb_str_sub(word, 1, word.l);
			}
			if (word.l)
				bb_formats_parse(fs, word, allow, &bad);
		}
	}
	if (!ep->n_codecs)
		for (size_t i = 0; i < BB_ARRAY_SIZE(usual); i++) {
			const struct bb_format *f = bb_format_find(bb_strz(usual[i]));

			if (f)
				bb_formats_add(fs, f);
		}
}
