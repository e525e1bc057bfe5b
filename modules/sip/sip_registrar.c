/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sip_registrar.c - a registrar (RFC 3261 §10.3) over the location store,
 * with Path (RFC 3327). A request's contacts are judged all together, then
 * applied as one change; the 200 waits for its commit.
 */
#include <stdio.h>
#include <time.h>

#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>
#include <bellbird/sip.h>

static const struct bb_sip_api *sip;

#define CONTACTS_MAX 32 /* in one request */
#define BINDINGS_MAX 128 /* looked at of one address of record */

/** One REGISTER being served. */
struct reg {
	struct bb_sip_request *rq;
	const struct bb_sip_aor *aor;
	struct bb_arena *arena;
	struct bb_str path; /* all of its Path lines as one list; empty without */
	struct bb_location_change *changes;
	size_t n, cap;
	size_t added, removed; /* bindings that appear and go */
	bool star;
};

static void reg_free(struct reg *r)
{
	sip->aor_unref(r->aor);
	sip->request_unref(r->rq);
	bb_arena_free(r->arena);
	bb_free(r);
}

static void refuse(struct reg *r, unsigned code, const char *phrase)
{
	bb_debug(1, "REGISTER at %s refused with %u: %s", r->aor ? r->aor->name : "?", code,
		 phrase);
	sip->respond(r->rq, code, phrase, NULL, 0);
	reg_free(r);
}

/* --- the answer --- */

static int put_binding(struct reg *r, struct bb_sip_header *h, const struct bb_binding *b)
{
	bb_time left = (b->expires - bb_wall() + BB_SEC / 2) / BB_SEC;
	char q[16] = "";
	char *text;

	if (b->q < 1000)
		bb_format(q, sizeof(q), ";q=0.%03u", b->q);
	text = bb_arena_printf(r->arena, "<%.*s>%s%.*s%s;expires=%lld", BB_FMT(b->contact),
			       b->params.l ? ";" : "", BB_FMT(b->params), q,
			       (long long)(left > 0 ? left : 0));
	h->name = BB_STR("Contact");
	h->value = bb_strz(text);
	return text ? 0 : -ENOMEM;
}

static struct bb_str date(char dst[40])
{
	time_t now = (time_t)(bb_wall() / BB_SEC);
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(dst, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		dst[0] = '\0';
	return bb_strz(dst);
}

/* All current bindings, the date (§10.3 step 8), and Path as it was accepted. */
static void answer(struct reg *r)
{
	struct bb_sip_header h[BINDINGS_MAX + 3];
	const struct bb_binding *b = NULL;
	char now[40];
	size_t n = 0;

	while (n < BINDINGS_MAX && (b = bb_location_next(bb_strz(r->aor->name), b)))
		if (put_binding(r, &h[n++], b)) {
			refuse(r, 500, NULL);
			return;
		}
	if (r->path.l && n) {
		h[n].name = BB_STR("Path");
		h[n++].value = r->path;
	}
	h[n].name = BB_STR("Date");
	h[n++].value = date(now);
	sip->respond(r->rq, 200, NULL, h, n);
	reg_free(r);
}

static void committed(int err, void *arg)
{
	struct reg *r = arg;

	if (err) {
		bb_warning("Registration at %s could not be stored: %s", r->aor->name,
			   strerror(-err));
		refuse(r, 500, "Could Not Be Stored");
		return;
	}
	answer(r);
}

/* --- judging --- */

static const struct bb_binding *bound(const struct reg *r, struct bb_str uri)
{
	const struct bb_binding *b = NULL;

	while ((b = bb_location_next(bb_strz(r->aor->name), b)))
		if (bb_str_eq(b->contact, uri) || sip->uri_eq(b->contact, uri))
			return b;
	return NULL;
}

/* §10.3 step 7: within one Call-ID only a higher CSeq counts. */
static bool in_order(const struct reg *r, const struct bb_binding *b)
{
	return !bb_str_eq(b->call_id, r->rq->call_id) || r->rq->cseq > b->cseq;
}

static struct bb_location_change *change_of(const struct reg *r, struct bb_str uri)
{
	for (size_t i = 0; i < r->n; i++)
		if (bb_str_eq(r->changes[i].b.contact, uri) ||
		    sip->uri_eq(r->changes[i].b.contact, uri))
			return &r->changes[i];
	return NULL;
}

static int grow(struct reg *r)
{
	size_t cap = r->cap ? 2 * r->cap : 2;
	struct bb_location_change *more = bb_arena_alloc(r->arena, cap * sizeof(*more));

	if (!more)
		return -ENOMEM;
	if (r->n)
		memcpy(more, r->changes, r->n * sizeof(*more));
	r->changes = more;
	r->cap = cap;
	return 0;
}

/* Contacts may be written twice in one request: the last one counts, under the first's name. */
static struct bb_location_change *change(struct reg *r, struct bb_str uri)
{
	const struct bb_binding *old = bound(r, uri);
	struct bb_location_change *c = change_of(r, uri);

	if (c)
		return c;
	if (r->n == r->cap && grow(r))
		return NULL;
	c = &r->changes[r->n];
	c->b.contact = old ? bb_strz(bb_arena_strdup(r->arena, old->contact)) : uri;
	if (!c->b.contact.p)
		return NULL;
	r->n++;
	return c;
}

static int remove_binding(struct reg *r, struct bb_str uri)
{
	struct bb_location_change *c = change(r, uri);

	if (!c)
		return -ENOMEM;
	c->op = BB_LOC_REMOVE;
	return 0;
}

static int put_contact(struct reg *r, const struct bb_sip_contact_value *v, bb_time life)
{
	const struct bb_sip_request *rq = r->rq;
	const struct bb_binding *old = bound(r, v->uri);
	struct bb_location_change *c = change(r, v->uri);

	if (!c)
		return -ENOMEM;
	c->op = BB_LOC_PUT;
	c->b = (struct bb_binding){
		.contact = c->b.contact,
		.params = v->params,
		.path = r->path,
		.call_id = rq->call_id,
		.cseq = rq->cseq,
		.q = v->q,
		.expires = bb_wall() + life,
		.user_agent = sip->request_header(rq, "User-Agent", 0),
		.transport = rq->transport,
		.local = rq->local,
		.remote = rq->source,
		.connection = rq->connection,
		.reachable = true,
		.instance = v->instance,
		.since = old ? old->since : bb_wall(),
	};
	return 0;
}

/* How long one contact wants to stay. @return -ERANGE: too short. */
static int lifetime(const struct reg *r, const struct bb_sip_contact_value *v, int64_t header,
		    bb_time *life)
{
	int64_t secs = v->expires >= 0 ? v->expires : header;

	if (secs < 0) {
		*life = r->aor->default_expiration < r->aor->maximum_expiration
				? r->aor->default_expiration
				: r->aor->maximum_expiration;
		return 0;
	}
	*life = secs * BB_SEC;
	if (secs > r->aor->maximum_expiration / BB_SEC)
		*life = r->aor->maximum_expiration;
	/* What asks for an hour or more is not too brief, whatever is configured (§10.3 step 7). */
	if (secs > 0 && secs < 3600 && *life < r->aor->minimum_expiration)
		return -ERANGE;
	return 0;
}

/* @return 0 or a status code to refuse with. */
static unsigned judge_one(struct reg *r, const struct bb_sip_contact_value *v, int64_t header)
{
	const struct bb_binding *old = bound(r, v->uri);
	bb_time life;

	if (!bb_str_iis(v->parsed.scheme, "sip") && !bb_str_iis(v->parsed.scheme, "sips"))
		return 400;
	if (lifetime(r, v, header, &life))
		return 423;
	if (old && !in_order(r, old))
		return 400;
	if (life > 0)
		return put_contact(r, v, life) ? 500 : 0;
	/* What is not there needs no removing, unless this request has just put it. */
	return (old || change_of(r, v->uri)) && remove_binding(r, v->uri) ? 500 : 0;
}

static unsigned judge_star(struct reg *r, int64_t header)
{
	const struct bb_binding *b = NULL;

	if (header != 0)
		return 400;
	while ((b = bb_location_next(bb_strz(r->aor->name), b))) {
		if (!in_order(r, b))
			return 400;
		if (remove_binding(r, b->contact))
			return 500;
	}
	return 0;
}

struct watch {
	const struct bb_binding *b;
	bool unreachable;
};

static void look(const struct bb_sip_contact *c, void *arg)
{
	struct watch *w = arg;

	if (c->binding == w->b)
		w->unreachable = c->status == BB_SIP_UNREACHABLE;
}

/* The binding that makes room: unreachable ones first where configured, then the one that would
 * expire first. */
static const struct bb_binding *victim(const struct reg *r)
{
	const struct bb_binding *b = NULL, *best = NULL;
	bool best_gone = false;

	while ((b = bb_location_next(bb_strz(r->aor->name), b))) {
		struct watch w = { .b = b };

		if (change_of(r, b->contact))
			continue;
		if (r->aor->remove_unavailable)
			sip->contacts(bb_strz(r->aor->name), look, &w);
		if (!r->aor->remove_existing && !w.unreachable)
			continue;
		if (!best || (w.unreachable && !best_gone) ||
		    (w.unreachable == best_gone && b->expires < best->expires)) {
			best = b;
			best_gone = w.unreachable;
		}
	}
	return best;
}

static void count(struct reg *r)
{
	r->added = r->removed = 0;
	for (size_t i = 0; i < r->n; i++) {
		bool was = bound(r, r->changes[i].b.contact);

		r->added += !was && r->changes[i].op == BB_LOC_PUT;
		r->removed += was && r->changes[i].op == BB_LOC_REMOVE;
	}
}

/* max_contacts. @return 0 or a status code. */
static unsigned make_room(struct reg *r)
{
	size_t have = bb_location_count(bb_strz(r->aor->name));

	count(r);
	while (r->added && have + r->added > (size_t)r->aor->max_contacts + r->removed) {
		const struct bb_binding *b = victim(r);

		if (!b)
			return 403;
		if (remove_binding(r, b->contact))
			return 500;
		r->removed++;
	}
	return 0;
}

static unsigned judge(struct reg *r)
{
	struct bb_str text = sip->request_header(r->rq, "Expires", 0);
	struct bb_sip_contact_value v;
	int64_t header = -1;
	uint64_t secs;
	unsigned pos = 0, code, count = 0;
	int got;

	if (text.p)
		header = bb_str_u64(text, &secs) == 0
				 ? (int64_t)(secs > 0xffffffff ? 0xffffffff : secs)
				 : 3600;
	while ((got = sip->request_contact(r->rq, &pos, &v)) == 1) {
		if (++count > CONTACTS_MAX)
			return 400;
		if (v.star) {
			r->star = true;
			continue;
		}
		code = judge_one(r, &v, header);
		if (code)
			return code;
	}
	if (got < 0 || (r->star && count != 1))
		return 400;
	code = r->star ? judge_star(r, header) : 0;
	return code ? code : make_room(r);
}

/* --- the request --- */

static const struct bb_sip_aor *aor_of(const struct bb_sip_request *rq, bool *exists)
{
	char full[256], user[128];
	const struct bb_sip_aor *a = NULL;

	*exists = false;
	if (sip->unescape(rq->to.user, user, sizeof(user)))
		return NULL;
	if (bb_format(full, sizeof(full), "%s@%.*s", user, BB_FMT(rq->to.host)) < (int)sizeof(full))
		a = sip->aor_find(bb_strz(full));
	if (!a)
		a = sip->aor_find(bb_strz(user));
	if (!a)
		return NULL;
	*exists = true;
	if (sip->may_register(rq, bb_strz(a->name)))
		return a;
	sip->aor_unref(a);
	return NULL;
}

static void too_brief(struct reg *r)
{
	char text[24];
	struct bb_sip_header h = { .name = BB_STR("Min-Expires") };

	bb_format(text, sizeof(text), "%lld", (long long)(r->aor->minimum_expiration / BB_SEC));
	h.value = bb_strz(text);
	sip->respond(r->rq, 423, NULL, &h, 1);
	reg_free(r);
}

/* Each proxy on the way may have written a line of its own; topmost is the nearest. */
static int take_path(struct reg *r)
{
	struct bb_str line = sip->request_header(r->rq, "Path", 0);
	char *all;

	r->path = BB_STR("");
	if (!r->aor->support_path || !line.l)
		return 0;
	r->path = line;
	for (unsigned i = 1; (line = sip->request_header(r->rq, "Path", i)).p; i++) {
		all = bb_arena_printf(r->arena, "%.*s, %.*s", BB_FMT(r->path), BB_FMT(line));
		if (!all)
			return -ENOMEM;
		r->path = bb_strz(all);
	}
	return 0;
}

static void serve(struct reg *r)
{
	unsigned code = take_path(r) ? 500 : judge(r);

	if (code == 423) {
		too_brief(r);
	} else if (code) {
		refuse(r, code, code == 403 ? "Too Many Contacts" : NULL);
	} else if (!r->n) {
		answer(r);
	} else {
		bb_verbose(3, "%s: %zu contacts added, %zu removed, %zu in all", r->aor->name,
			   r->added, r->removed,
			   bb_location_count(bb_strz(r->aor->name)) + r->added - r->removed);
		/* From here on the request belongs to the commit. */
		if (bb_location_apply(bb_strz(r->aor->name), r->changes, r->n, committed, r))
			refuse(r, 500, NULL);
	}
}

static enum bb_sip_verdict on_register(struct bb_sip_request *rq)
{
	struct reg *r;
	bool exists;
	const struct bb_sip_aor *aor = aor_of(rq, &exists);

	if (!aor || !aor->max_contacts) {
		bb_security("REGISTER for '%.*s' refused: %s", BB_FMT(rq->to_uri),
			    aor	     ? "max_contacts is 0"
			    : exists ? "that address of record is not the endpoint's"
				     : "there is no such address of record");
		sip->aor_unref(aor);
		sip->respond(rq, exists ? 403 : 404, NULL, NULL, 0);
		return BB_SIP_CLAIMED;
	}
	r = bb_zalloc(sizeof(*r));
	if (r)
		r->arena = bb_arena_new(2048);
	if (!r || !r->arena) {
		bb_free(r);
		sip->aor_unref(aor);
		sip->respond(rq, 503, NULL, NULL, 0);
		return BB_SIP_CLAIMED;
	}
	r->rq = sip->request_ref(rq);
	r->aor = aor;
	serve(r);
	return BB_SIP_CLAIMED;
}

static const struct bb_sip_handler handler = {
	.name = "registrar",
	.methods = BB_SIP_REGISTER,
	.request = on_register,
	.doc = { .summary = "Register contacts at addresses of record", .since = "0.1" },
};
static const struct bb_extension extension = {
	.service = "sip/1", .point = "request", .desc = &handler, .name = "registrar"
};

static int start(struct bb_self *self, struct bb_diag *d)
{
	(void)d;
	sip = bb_service_get(self, "sip/1");
	return sip ? 0 : -ENOENT;
}

BB_MODULE(sip_registrar, .needs = (const char *const[]){ "sip/1", NULL },
	  .provides = (const struct bb_provide[]){ BB_EXTENDS(&extension), { 0 } },
	  .doc = { .summary = "Register SIP phones at addresses of record", .since = "0.1" },
	  .start = start);
