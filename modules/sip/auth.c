/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auth.c - digest credentials asked for and checked (RFC 3261 §22, RFC 8760);
 * keyring.c shows ours. A request of somebody unknown is answered as one
 * of somebody known whose password is wrong, in the same time.
 */
#include <stdio.h>

#include "modules/sip/core.h"

/*
 * A nonce with which a phone registers goes on serving: each count of it serves once, so that
 * nothing can be replayed, and the next refresh needs no challenge (RFC 7616 section 3.3). As long
 * as the longest registration by default.
 */
#define REGISTERED (7200 * BB_SEC)

static struct bb_str realm_of(const struct sip_core *c, const struct sip_credentials *cr)
{
	return cr && !bb_str_empty(cr->realm) ? cr->realm : c->config->set.default_realm;
}

/* What a challenge to nobody is modelled on: the first credentials there are. */
static struct sip_credentials *any_credentials(const struct sip_core *c)
{
	struct bb_node *n = c->config->credential_list.head;

	return n ? bb_list_entry(n, struct sip_credentials, node) : NULL;
}

static struct sip_credentials *credentials_of(const struct bb_sip_endpoint *ep, size_t i)
{
	return sip_config_credentials(sip_endpoint_config(ep), ep->auth.v[i]);
}

struct bb_str sip_auth_user(const struct sip_msg *m)
{
	const struct sip_hdr *h = sip_msg_hdr(m, SIP_HDR_AUTHORIZATION);
	struct bb_str user = { 0 }, scheme;
	const struct sip_auth_param want = { BB_STR("username"), &user };

	if (h && sip_auth_read(h->value, &scheme, &want, 1))
		user = bb_strn(NULL, 0);
	return user;
}

struct shown {
	struct bb_str user, realm, nonce, uri, response, qop, nc, cnonce;
	enum sip_digest_alg alg;
};

static int read_shown(struct shown *s, struct bb_str value)
{
	struct bb_str alg, scheme;
	const struct sip_auth_param want[] = {
		{ BB_STR("username"), &s->user },
		{ BB_STR("realm"), &s->realm },
		{ BB_STR("nonce"), &s->nonce },
		{ BB_STR("uri"), &s->uri },
		{ BB_STR("response"), &s->response },
		{ BB_STR("qop"), &s->qop },
		{ BB_STR("nc"), &s->nc },
		{ BB_STR("cnonce"), &s->cnonce },
		{ BB_STR("algorithm"), &alg },
	};

	if (sip_auth_read(value, &scheme, want, BB_ARRAY_SIZE(want)) ||
	    !bb_str_iis(scheme, "Digest") || !s->user.p || !s->realm.p || !s->nonce.p ||
	    !s->uri.p || !s->response.p)
		return -EINVAL;
	if (!bb_str_empty(s->qop) && !bb_str_iis(s->qop, "auth"))
		return -EINVAL;
	return sip_digest_alg_of(&s->alg, alg);
}

static uint32_t count_of(struct bb_str nc)
{
	uint32_t v = 0;

	for (size_t i = 0; i < nc.l && i < 8; i++) {
		char ch = nc.p[i];
		unsigned d = ch >= '0' && ch <= '9'   ? (unsigned)(ch - '0')
			     : ch >= 'a' && ch <= 'f' ? (unsigned)(ch - 'a' + 10)
			     : ch >= 'A' && ch <= 'F' ? (unsigned)(ch - 'A' + 10)
						      : 0;
		v = v << 4 | d;
	}
	return v;
}

/* What answers of credentials that do not exist, or do not fit, are compared with. */
#define NOBODY "0123456789abcdef0123456789abcdef"

/* H(A1) of credentials in our own realm, computed when first asked for; unset when there is none.
 */
static struct bb_str own_ha1(const struct sip_core *c, struct sip_credentials *cr,
			     enum sip_digest_alg alg)
{
	char hex[SIP_DIGEST_HEX];

	if (!(cr->algorithms & 1ull << alg))
		return bb_strn(NULL, 0);
	if (cr->ha1[alg].p)
		return cr->ha1[alg];
	if (cr->own[alg].p || bb_str_empty(cr->password))
		return cr->own[alg];
	if (sip_digest_ha1(alg, cr->username, realm_of(c, cr), cr->password, hex) == 0)
		cr->own[alg] = bb_strz(bb_arena_strdup(c->config->arena, bb_strz(hex)));
	return cr->own[alg];
}

/* Does the answer fit these credentials? NULL @p cr does the same work and says no. */
static bool answer_fits(struct sip_core *c, const struct sip_msg *m, const struct shown *s,
			struct sip_credentials *cr)
{
	char want[SIP_DIGEST_HEX];
	struct sip_digest_in in = { .alg = s->alg,
				    .ha1 = cr ? own_ha1(c, cr, s->alg) : bb_strn(NULL, 0),
				    .method = m->method_text,
				    .uri = s->uri,
				    .nonce = s->nonce,
				    .qop = s->qop,
				    .nc = s->nc,
				    .cnonce = s->cnonce };
	bool usable = in.ha1.p && !bb_str_empty(cr->username);

	if (!usable)
		in.ha1 = BB_STR(NOBODY);
	if (sip_digest_response(&in, want))
		return false;
	return sip_digest_equal(bb_strz(want), s->response) && usable &&
	       bb_str_eq(cr->username, s->user) && bb_str_eq(realm_of(c, cr), s->realm);
}

static const struct sip_credentials *find_fitting(struct sip_core *c, const struct sip_msg *m,
						  const struct shown *s,
						  const struct bb_sip_endpoint *ep)
{
	const struct sip_credentials *found = NULL;
	size_t n = ep ? ep->auth.n : 0;

	if (!n) {
		answer_fits(c, m, s, NULL);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		struct sip_credentials *cr = credentials_of(ep, i);

		if (answer_fits(c, m, s, cr) && !found)
			found = cr;
	}
	return found;
}

enum sip_auth_verdict sip_auth_verify(struct sip_core *c, const struct sip_msg *m,
				      const struct bb_sip_endpoint *ep)
{
	const struct sip_hdr *h;
	enum sip_auth_verdict v = SIP_AUTH_MISSING;

	if (ep && !ep->auth.n)
		return SIP_AUTH_OK;
	for (h = sip_msg_hdr(m, SIP_HDR_AUTHORIZATION); h; h = sip_msg_hdr_next(m, h)) {
		const struct sip_credentials *cr;
		const struct sip_credentials *any = any_credentials(c);
		bb_time life = any ? any->nonce_lifetime : 32 * BB_SEC;
		struct shown s;
		int age, used;

		v = SIP_AUTH_WRONG;
		if (read_shown(&s, h->value))
			continue;
		age = sip_nonce_check(&c->nonces, s.nonce, life);
		cr = find_fitting(c, m, &s, ep);
		/* A nonce of an earlier life of ours is old, not wrong. */
		if (age && (cr || age == -ETIMEDOUT))
			return SIP_AUTH_STALE;
		if (!cr)
			continue;
		used = sip_nonce_use(&c->nonces, s.nonce, bb_str_empty(s.qop) ? 1 : count_of(s.nc),
				     life, m->method == SIP_REGISTER ? REGISTERED : 0);
		return used == 0 ? SIP_AUTH_OK : SIP_AUTH_STALE;
	}
	return v;
}

void sip_auth_challenge(struct sip_core *c, struct bb_buf *b, const struct bb_sip_endpoint *ep,
			bool stale)
{
	const struct sip_credentials *cr = ep && ep->auth.n ? credentials_of(ep, 0) : NULL;
	char nonce[SIP_NONCE_TEXT];

	if (!cr)
		cr = any_credentials(c);
	sip_nonce_make(&c->nonces, nonce);
	/* The strongest first (RFC 8760 §2.4). */
	for (int alg = SIP_DIGEST_ALGS - 1; alg >= 0; alg--) {
		if (!((cr ? cr->algorithms : 1u) & 1ull << alg))
			continue;
		bb_buf_puts(b, "WWW-Authenticate: Digest realm=");
		sip_put_quoted(b, realm_of(c, cr));
		bb_buf_printf(b, ",nonce=\"%s\",algorithm=%s,qop=\"auth\"%s\r\n", nonce,
			      sip_digest_alg_name((enum sip_digest_alg)alg),
			      stale ? ",stale=true" : "");
	}
}
