/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyring.c - challenges answered (RFC 3261 §22, RFC 7616, RFC 8760).
 */
#include <stdio.h>

#include "modules/sip/build.h"
#include "modules/sip/keyring.h"

struct challenge {
	struct bb_str realm, nonce, opaque;
	enum sip_digest_alg alg;
	bool qop, stale, proxy;
};

/** One answer: the texts stand behind it in the same block. */
struct sip_key {
	struct bb_node node;
	struct challenge ch;
	const struct sip_credentials *cr; /* of the endpoint's set, which the session holds */
	uint32_t at; /* which challenge of all */
	uint32_t count; /* uses of the nonce */
	char text[];
};

void sip_keyring_free(struct sip_keyring *k)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&k->keys)))
		bb_free(bb_list_entry(n, struct sip_key, node));
}

/* --- reading --- */

static int read_challenge(struct challenge *ch, struct bb_str value, bool proxy)
{
	struct bb_str scheme, stale, qop, alg, word;
	const struct sip_auth_param want[] = {
		{ BB_STR("realm"), &ch->realm },   { BB_STR("nonce"), &ch->nonce },
		{ BB_STR("opaque"), &ch->opaque }, { BB_STR("algorithm"), &alg },
		{ BB_STR("stale"), &stale },	   { BB_STR("qop"), &qop },
	};

	memset(ch, 0, sizeof(*ch));
	ch->proxy = proxy;
	if (sip_auth_read(value, &scheme, want, BB_ARRAY_SIZE(want)) ||
	    !bb_str_iis(scheme, "Digest") || !ch->realm.p || !ch->nonce.p)
		return -EINVAL;
	if (sip_digest_alg_of(&ch->alg, alg))
		return -ENOTSUP;
	ch->stale = bb_str_iis(stale, "true");
	if (!qop.p)
		return 0;
	while (bb_str_split(&qop, ',', &word))
		ch->qop |= bb_str_iis(word, "auth");
	return ch->qop ? 0 : -ENOTSUP;
}

static bool usable(const struct sip_credentials *cr, const struct challenge *ch)
{
	return !bb_str_empty(cr->username) && (!bb_str_empty(cr->password) || cr->ha1[ch->alg].p);
}

/* Those of that very realm before those for any. */
static const struct sip_credentials *ours_for(const struct bb_sip_endpoint *ep,
					      const struct challenge *ch)
{
	const struct sip_credentials *any = NULL;

	for (size_t i = 0; i < ep->outbound_auth.n; i++) {
		const struct sip_credentials *cr =
			sip_config_credentials(sip_endpoint_config(ep), ep->outbound_auth.v[i]);

		if (!cr || !usable(cr, ch))
			continue;
		if (bb_str_eq(cr->realm, ch->realm))
			return cr;
		if (!any && (bb_str_empty(cr->realm) || bb_str_is(cr->realm, "*")))
			any = cr;
	}
	return any;
}

/* --- learning --- */

static struct sip_key *key_of(struct sip_keyring *k, const struct challenge *ch)
{
	bb_list_each (node, &k->keys) {
		struct sip_key *key = bb_list_entry(node, struct sip_key, node);

		if (key->ch.proxy == ch->proxy && bb_str_eq(key->ch.realm, ch->realm))
			return key;
	}
	return NULL;
}

static struct bb_str keep(char **at, struct bb_str s)
{
	struct bb_str copy = bb_strn(*at, s.l);

	if (!s.p)
		return s;
	memcpy(*at, s.p, s.l);
	*at += s.l;
	return copy;
}

static int replace(struct sip_keyring *k, struct sip_key *old, const struct challenge *ch,
		   const struct sip_credentials *cr)
{
	struct sip_key *key;
	char *at;

	if (!old && k->keys.count == SIP_KEYS_MAX)
		return -ENOBUFS;
	key = bb_zalloc(sizeof(*key) + ch->realm.l + ch->nonce.l + ch->opaque.l);
	if (!key)
		return -ENOMEM;
	at = key->text;
	key->ch = *ch;
	key->ch.realm = keep(&at, ch->realm);
	key->ch.nonce = keep(&at, ch->nonce);
	key->ch.opaque = keep(&at, ch->opaque);
	key->cr = cr;
	key->at = ++k->learnt;
	if (old)
		bb_list_remove(&old->node);
	bb_free(old);
	bb_list_append(&k->keys, &key->node);
	return 0;
}

/* @return 1: learnt; 0: nothing of it can be used, or its realm was dealt with; an error. */
static int learn_one(struct sip_keyring *k, const struct sip_tries *t,
		     const struct bb_sip_endpoint *ep, const struct challenge *ch, uint32_t before)
{
	const struct sip_credentials *cr = ours_for(ep, ch);
	struct sip_key *old = key_of(k, ch);
	int err;

	if (!cr || (old && old->at > before))
		return 0;
	/* Another request has learnt of it since this one was sent: that is to be shown first. */
	if (old && old->at > t->last)
		return 1;
	/* It was learnt for this request and shown in it. */
	if (old && old->at > t->first && !ch->stale)
		return -EACCES;
	err = replace(k, old, ch, cr);
	return err ? err : 1;
}

int sip_keyring_learn(struct sip_keyring *k, struct sip_tries *t, const struct bb_sip_endpoint *ep,
		      const struct sip_msg *rsp)
{
	static const enum sip_hdr_id ids[] = { SIP_HDR_WWW_AUTHENTICATE,
					       SIP_HDR_PROXY_AUTHENTICATE };
	uint32_t before = k->learnt;
	const struct sip_hdr *h;
	bool again = false;
	int err = -ENOENT;

	if (!ep)
		return -ENOENT;
	if (t->n >= SIP_TRIES_MAX)
		return -EACCES;
	/* A proxy that forked hands on both kinds together (§22.3). */
	for (size_t i = 0; i < BB_ARRAY_SIZE(ids); i++)
		for (h = sip_msg_hdr(rsp, ids[i]); h; h = sip_msg_hdr_next(rsp, h)) {
			struct challenge ch;
			int got;

			if (read_challenge(&ch, h->value, ids[i] == SIP_HDR_PROXY_AUTHENTICATE))
				continue;
			got = learn_one(k, t, ep, &ch, before);
			if (got == -ENOMEM)
				return got;
			if (got < 0)
				err = got;
			again |= got > 0;
		}
	return again ? 0 : err;
}

/* --- showing --- */

static int put_answer(struct bb_buf *b, struct sip_key *key, struct bb_str method,
		      struct bb_str uri)
{
	const struct challenge *ch = &key->ch;
	char ha1[SIP_DIGEST_HEX], hex[SIP_DIGEST_HEX], cnonce[17], nc[9];
	struct sip_digest_in in = {
		.alg = ch->alg, .method = method, .uri = uri, .nonce = ch->nonce
	};
	int err;

	bb_random_text(cnonce, 16);
	snprintf(nc, sizeof(nc), "%08x", ++key->count);
	in.nc = bb_strz(nc);
	in.cnonce = bb_strz(cnonce);
	if (ch->qop)
		in.qop = BB_STR("auth");
	in.ha1 = key->cr->ha1[ch->alg];
	if (!in.ha1.p) {
		err = sip_digest_ha1(ch->alg, key->cr->username, ch->realm, key->cr->password, ha1);
		if (err)
			return err;
		in.ha1 = bb_strz(ha1);
	}
	err = sip_digest_response(&in, hex);
	if (err)
		return err;
	bb_buf_printf(b,
		      "%s: Digest username=", ch->proxy ? "Proxy-Authorization" : "Authorization");
	sip_put_quoted(b, key->cr->username);
	bb_buf_printf(b, ",realm=\"%.*s\",nonce=\"%.*s\",uri=\"%.*s\",response=\"%s\",algorithm=%s",
		      BB_FMT(ch->realm), BB_FMT(ch->nonce), BB_FMT(uri), hex,
		      sip_digest_alg_name(ch->alg));
	if (ch->qop)
		bb_buf_printf(b, ",qop=auth,nc=%s,cnonce=\"%s\"", nc, cnonce);
	if (ch->opaque.p)
		bb_buf_printf(b, ",opaque=\"%.*s\"", BB_FMT(ch->opaque));
	bb_buf_puts(b, "\r\n");
	return b->err;
}

int sip_keyring_put(struct sip_keyring *k, struct sip_tries *t, struct bb_buf *b,
		    struct bb_str method, struct bb_str uri)
{
	int err = 0;

	if (!t->n++)
		t->first = k->learnt;
	t->last = k->learnt;
	bb_list_each (node, &k->keys) {
		err = put_answer(b, bb_list_entry(node, struct sip_key, node), method, uri);
		if (err)
			break;
	}
	return err;
}
