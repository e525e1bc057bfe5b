/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * digest.c - digest arithmetic and nonces (RFC 7616, RFC 8760).
 */
#include "modules/sip/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#include <bellbird/loop.h>
#include <bellbird/mem.h>

struct sip_nonce {
	struct bb_map_node map;
	struct bb_node node;
	bb_time at;
	uint32_t nc;
	char text[SIP_NONCE_TEXT];
};

const char *sip_digest_alg_name(enum sip_digest_alg alg)
{
	return alg == SIP_DIGEST_SHA256 ? "SHA-256" : "MD5";
}

int sip_digest_alg_of(enum sip_digest_alg *alg, struct bb_str name)
{
	if (!name.p || bb_str_iis(name, "MD5"))
		*alg = SIP_DIGEST_MD5;
	else if (bb_str_iis(name, "SHA-256"))
		*alg = SIP_DIGEST_SHA256;
	else
		return -ENOENT;
	return 0;
}

static void to_hex(const unsigned char *d, size_t n, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[d[i] >> 4];
		hex[2 * i + 1] = digits[d[i] & 15];
	}
	hex[2 * n] = '\0';
}

/* Hash the parts with ':' between them. */
static int hash_parts(enum sip_digest_alg alg, const struct bb_str *parts, size_t n, char *hex)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok;

	if (!ctx)
		return -ENOMEM;
	ok = EVP_DigestInit_ex(ctx, alg == SIP_DIGEST_SHA256 ? EVP_sha256() : EVP_md5(), NULL);
	for (size_t i = 0; ok && i < n; i++) {
		if (i)
			ok = EVP_DigestUpdate(ctx, ":", 1);
		if (ok && parts[i].l)
			ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].l);
	}
	if (ok)
		ok = EVP_DigestFinal_ex(ctx, md, &len);
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return -ENOSYS;
	to_hex(md, len, hex);
	return 0;
}

int sip_digest_ha1(enum sip_digest_alg alg, struct bb_str user, struct bb_str realm,
		   struct bb_str password, char hex[SIP_DIGEST_HEX])
{
	const struct bb_str parts[] = { user, realm, password };

	return hash_parts(alg, parts, 3, hex);
}

int sip_digest_response(const struct sip_digest_in *in, char hex[SIP_DIGEST_HEX])
{
	char ha2[SIP_DIGEST_HEX];
	const struct bb_str a2[] = { in->method, in->uri };
	int err = hash_parts(in->alg, a2, 2, ha2);

	if (err)
		return err;
	if (bb_str_empty(in->qop)) {
		const struct bb_str old[] = { in->ha1, in->nonce, bb_strz(ha2) };

		return hash_parts(in->alg, old, 3, hex);
	}
	const struct bb_str parts[] = { in->ha1,    in->nonce, in->nc,
					in->cnonce, in->qop,   bb_strz(ha2) };

	return hash_parts(in->alg, parts, 6, hex);
}

bool sip_digest_equal(struct bb_str a, struct bb_str b)
{
	return a.l == b.l && CRYPTO_memcmp(a.p, b.p, a.l) == 0;
}

/* --- nonces: 8 hex of time, 8 of chance, 24 of a keyed hash over both --- */

void sip_nonces_init(struct sip_nonces *n)
{
	memset(n, 0, sizeof(*n));
	bb_random(n->secret, sizeof(n->secret));
}

static void nonce_drop(struct sip_nonces *n, struct sip_nonce *x)
{
	bb_map_remove(&n->used, &x->map);
	bb_list_remove(&x->node);
	bb_free(x);
}

void sip_nonces_free(struct sip_nonces *n)
{
	bb_list_each (node, &n->order)
		nonce_drop(n, bb_list_entry(node, struct sip_nonce, node));
	bb_map_free(&n->used);
}

void sip_nonces_held(const struct sip_nonces *n, size_t *count, size_t *bytes, size_t *most)
{
	*count = n->order.count;
	*bytes = n->order.count * sizeof(struct sip_nonce);
	*most = SIP_NONCES_MAX * sizeof(struct sip_nonce);
}

static void nonce_seal(const struct sip_nonces *n, const char *head, char hex[25])
{
	unsigned char md[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int len = sizeof(md);
	char full[2 * EVP_MAX_MD_SIZE + 1];

	HMAC(EVP_sha256(), n->secret, sizeof(n->secret), (const unsigned char *)head, 16, md, &len);
	to_hex(md, 12, full);
	memcpy(hex, full, 25);
}

void sip_nonce_make(struct sip_nonces *n, char dst[SIP_NONCE_TEXT])
{
	char seal[25];
	uint32_t chance;

	bb_random(&chance, sizeof(chance));
	snprintf(dst, SIP_NONCE_TEXT, "%08x%08x", (unsigned)(bb_now() / BB_SEC), chance);
	nonce_seal(n, dst, seal);
	memcpy(dst + 16, seal, sizeof(seal));
}

static int hex8(const char *p, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 8; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return -EINVAL;
	}
	*out = v;
	return 0;
}

int sip_nonce_check(struct sip_nonces *n, struct bb_str nonce, bb_time lifetime)
{
	char seal[25];
	uint32_t at;
	bb_time age;

	if (nonce.l != 40 || hex8(nonce.p, &at))
		return -EINVAL;
	nonce_seal(n, nonce.p, seal);
	if (CRYPTO_memcmp(seal, nonce.p + 16, 24) != 0)
		return -EINVAL;
	age = bb_now() - (bb_time)at * BB_SEC;
	return age >= -BB_SEC && age <= lifetime ? 0 : -ETIMEDOUT;
}

static void nonces_trim(struct sip_nonces *n, bb_time lifetime)
{
	bb_list_each (node, &n->order) {
		struct sip_nonce *x = bb_list_entry(node, struct sip_nonce, node);

		bool old = bb_now() - x->at > lifetime + BB_SEC;

		if (n->order.count < SIP_NONCES_MAX && !old)
			break;
		if (!old) {
			uint32_t made = 0;

			hex8(x->text, &made);
			if (made > n->forgotten)
				n->forgotten = made;
		}
		nonce_drop(n, x);
	}
}

int sip_nonce_use(struct sip_nonces *n, struct bb_str nonce, uint32_t nc, bb_time lifetime)
{
	struct bb_map_node *m = bb_map_get(&n->used, nonce);
	struct sip_nonce *x;
	uint32_t made = 0;

	if (m) {
		x = bb_map_entry(m, struct sip_nonce, map);
		if (nc <= x->nc)
			return -EALREADY;
		x->nc = nc;
		return 0;
	}
	nonces_trim(n, lifetime);
	/* Perhaps one that had to make room: it may have served this count. */
	if (n->forgotten && hex8(nonce.p, &made) == 0 && made <= n->forgotten)
		return -EALREADY;
	x = bb_zalloc(sizeof(*x));
	if (!x)
		return -ENOMEM;
	if (bb_str_copy(x->text, sizeof(x->text), nonce) ||
	    bb_map_add(&n->used, &x->map, bb_strz(x->text))) {
		bb_free(x);
		return -ENOMEM;
	}
	x->at = bb_now();
	x->nc = nc;
	bb_list_append(&n->order, &x->node);
	return 0;
}
