/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * digest.c - digest arithmetic and nonces (RFC 7616, RFC 8760).
 */
#include "modules/sip/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>

#include <bellbird/loop.h>
#include <bellbird/mem.h>

struct sip_nonce {
	struct bb_map_node map;
	struct bb_node node;
	bb_time made, until;
	uint32_t nc; /* the highest count, */
	uint64_t seen; /* and which of the 64 up to it came: bit i is nc - i */
	char text[SIP_NONCE_TEXT];
};

/* With what the allocator adds. */
#define NONCE_BYTES (sizeof(struct sip_nonce) + 16)

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

/* Looking an algorithm up costs OpenSSL more than hashing what a request shows: done once. */
static struct {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
} hashers[SIP_DIGEST_ALGS];

static EVP_MD_CTX *hasher(enum sip_digest_alg alg)
{
	if (!hashers[alg].md)
		hashers[alg].md = EVP_MD_fetch(NULL, sip_digest_alg_name(alg), NULL);
	if (!hashers[alg].ctx)
		hashers[alg].ctx = EVP_MD_CTX_new();
	return hashers[alg].md ? hashers[alg].ctx : NULL;
}

void sip_digest_forget(void)
{
	for (int i = 0; i < SIP_DIGEST_ALGS; i++) {
		EVP_MD_CTX_free(hashers[i].ctx);
		EVP_MD_free(hashers[i].md);
		hashers[i].ctx = NULL;
		hashers[i].md = NULL;
	}
}

/* Hash the parts with ':' between them. */
static int hash_parts(enum sip_digest_alg alg, const struct bb_str *parts, size_t n, char *hex)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	EVP_MD_CTX *ctx = hasher(alg);
	int ok;

	if (!ctx)
		return -ENOMEM;
	ok = EVP_DigestInit_ex(ctx, hashers[alg].md, NULL);
	for (size_t i = 0; ok && i < n; i++) {
		if (i)
			ok = EVP_DigestUpdate(ctx, ":", 1);
		if (ok && parts[i].l)
			ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].l);
	}
	if (ok)
		ok = EVP_DigestFinal_ex(ctx, md, &len);
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

int sip_nonces_init(struct sip_nonces *n)
{
	char hash[] = "SHA256";
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("digest", hash, 0),
				      OSSL_PARAM_construct_end() };
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	uint8_t secret[32];

	memset(n, 0, sizeof(*n));
	n->floor = INT64_MIN;
	bb_random(secret, sizeof(secret));
	n->mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	EVP_MAC_free(hmac);
	if (n->mac && EVP_MAC_init(n->mac, secret, sizeof(secret), params) != 1) {
		EVP_MAC_CTX_free(n->mac);
		n->mac = NULL;
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	return n->mac ? 0 : -ENOMEM;
}

static void nonce_drop(struct sip_nonces *n, struct sip_nonce *x)
{
	bb_map_remove(&n->used, &x->map);
	bb_list_remove(&x->node);
	bb_free(x);
}

void sip_nonces_free(struct sip_nonces *n)
{
	bb_list_each (node, &n->lately)
		nonce_drop(n, bb_list_entry(node, struct sip_nonce, node));
	bb_list_each (node, &n->kept)
		nonce_drop(n, bb_list_entry(node, struct sip_nonce, node));
	bb_map_free(&n->used);
	EVP_MAC_CTX_free(n->mac);
	n->mac = NULL;
}

void sip_nonces_held(const struct sip_nonces *n, size_t *count, size_t *bytes, size_t *most)
{
	*count = n->lately.count + n->kept.count;
	*bytes = *count * NONCE_BYTES + n->used.n_slots * sizeof(n->used.slots[0]);
	/* The table doubles when there is one for each of its slots. */
	*most = (SIP_NONCES_MAX + SIP_NONCES_KEPT) * (NONCE_BYTES + 2 * sizeof(n->used.slots[0]));
}

/* The key stays in the context: beginning anew costs no look-up and no key schedule. */
static bool nonce_seal(const struct sip_nonces *n, const char *head, char hex[25])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (EVP_MAC_init(n->mac, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(n->mac, (const unsigned char *)head, 16) != 1 ||
	    EVP_MAC_final(n->mac, md, &len, sizeof(md)) != 1 || len < 12)
		return false;
	to_hex(md, 12, hex);
	return true;
}

static void put_hex8(char *dst, uint32_t v)
{
	unsigned char bytes[4] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16),
				   (unsigned char)(v >> 8), (unsigned char)v };

	to_hex(bytes, sizeof(bytes), dst);
}

void sip_nonce_make(struct sip_nonces *n, char dst[SIP_NONCE_TEXT])
{
	uint32_t chance;

	bb_random(&chance, sizeof(chance));
	put_hex8(dst, (uint32_t)(bb_now() / BB_SEC));
	put_hex8(dst + 8, chance);
	/* One that could not be sealed is refused like anybody's. */
	if (!nonce_seal(n, dst, dst + 16))
		dst[16] = '\0';
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

static struct sip_nonce *find(const struct sip_nonces *n, struct bb_str nonce)
{
	struct bb_map_node *m = bb_map_get(&n->used, nonce);

	return m ? bb_map_entry(m, struct sip_nonce, map) : NULL;
}

static bb_time made_at(struct bb_str nonce)
{
	uint32_t at = 0;

	if (nonce.l >= 8)
		hex8(nonce.p, &at);
	return (bb_time)at * BB_SEC;
}

int sip_nonce_check(struct sip_nonces *n, struct bb_str nonce, bb_time lifetime)
{
	const struct sip_nonce *x;
	char seal[25];
	uint32_t at;
	bb_time age;

	if (nonce.l != 40 || hex8(nonce.p, &at) || !nonce_seal(n, nonce.p, seal) ||
	    CRYPTO_memcmp(seal, nonce.p + 16, 24) != 0)
		return -EINVAL;
	x = find(n, nonce);
	if (x && bb_now() <= x->until)
		return 0;
	age = bb_now() - made_at(nonce);
	return age >= -BB_SEC && age <= lifetime ? 0 : -ETIMEDOUT;
}

static void trim(struct sip_nonces *n, struct bb_list *l, size_t max, bb_time lifetime)
{
	bb_list_each (node, l) {
		struct sip_nonce *x = bb_list_entry(node, struct sip_nonce, node);

		if (l->count < max && bb_now() <= x->until)
			break;
		/* Forgotten before its time: it must not serve again. */
		if (bb_now() - x->made <= lifetime && x->made > n->floor)
			n->floor = x->made;
		nonce_drop(n, x);
	}
}

static struct sip_nonce *remember(struct sip_nonces *n, struct bb_str nonce)
{
	struct sip_nonce *x = bb_zalloc(sizeof(*x));

	if (!x)
		return NULL;
	if (bb_str_copy(x->text, sizeof(x->text), nonce) ||
	    bb_map_add(&n->used, &x->map, bb_strz(x->text))) {
		bb_free(x);
		return NULL;
	}
	x->made = made_at(nonce);
	return x;
}

/* @return false when that count was seen, or is too far back to know. */
static bool count_up(struct sip_nonce *x, uint32_t nc)
{
	uint32_t by;

	if (nc > x->nc) {
		by = nc - x->nc;
		x->seen = by < 64 ? x->seen << by | 1 : 1;
		x->nc = nc;
		return true;
	}
	by = x->nc - nc;
	if (by >= 64 || (x->seen >> by & 1))
		return false;
	x->seen |= 1ull << by;
	return true;
}

int sip_nonce_use(struct sip_nonces *n, struct bb_str nonce, uint32_t nc, bb_time lifetime,
		  bb_time keep)
{
	struct sip_nonce *x = find(n, nonce);
	bb_time until = bb_now() + keep;

	if (x && !count_up(x, nc))
		return -EALREADY;
	if (!x) {
		trim(n, &n->lately, SIP_NONCES_MAX, lifetime);
		trim(n, &n->kept, SIP_NONCES_KEPT, lifetime);
		/* Perhaps one that had to make room: it may have served this count. */
		if (made_at(nonce) <= n->floor)
			return -EALREADY;
		x = remember(n, nonce);
		if (!x)
			return -ENOMEM;
		x->nc = nc;
		x->seen = 1;
		x->until = x->made + lifetime + BB_SEC;
	}
	if (keep && until > x->until) {
		x->until = until;
		bb_list_remove(&x->node);
		bb_list_append(&n->kept, &x->node);
	} else if (!bb_node_linked(&x->node)) {
		bb_list_append(&n->lately, &x->node);
	}
	return 0;
}
