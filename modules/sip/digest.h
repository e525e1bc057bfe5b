/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * digest.h - digest authentication (RFC 7616, RFC 8760, RFC 3261 §22): the
 * arithmetic, and nonces that carry their own time, so that a challenge costs
 * no memory. Only nonces that were used with success are remembered, in a
 * bounded table, against replay, and so that a phone which registers need not
 * be challenged each time.
 */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include <bellbird/base.h>
#include <bellbird/list.h>
#include <bellbird/map.h>

enum sip_digest_alg { SIP_DIGEST_MD5, SIP_DIGEST_SHA256, SIP_DIGEST_ALGS };
#define SIP_DIGEST_HEX 65 /* terminated */

const char *sip_digest_alg_name(enum sip_digest_alg alg);
/** Unset is MD5. @return -ENOENT for one we do not compute. */
int sip_digest_alg_of(enum sip_digest_alg *alg, struct bb_str name);

/** Hex of H(username:realm:password). @return -ENOSYS when the library lacks the hash. */
int sip_digest_ha1(enum sip_digest_alg alg, struct bb_str user, struct bb_str realm,
		   struct bb_str password, char hex[SIP_DIGEST_HEX]);

struct sip_digest_in {
	enum sip_digest_alg alg;
	struct bb_str ha1; /**< Hex. */
	struct bb_str method, uri, nonce;
	struct bb_str qop; /**< Empty: RFC 2069 form. */
	struct bb_str nc, cnonce;
};
int sip_digest_response(const struct sip_digest_in *in, char hex[SIP_DIGEST_HEX]);
/** Without regard to where they differ. */
bool sip_digest_equal(struct bb_str a, struct bb_str b);

/** Give back what the arithmetic keeps between calls; it is made again by need. */
void sip_digest_forget(void);

#define SIP_NONCE_TEXT 48 /* terminated */
#define SIP_NONCES_MAX 8192 /* used lately */
#define SIP_NONCES_KEPT 65536 /* of phones that register */

/** The nonces of one realm of use. */
struct sip_nonces {
	void *mac; /* keyed */
	struct bb_map used; /* struct sip_nonce by text */
	/* Both by the time until when they serve. */
	struct bb_list lately, kept;
	bb_time floor; /* What is not remembered and was made by then may have been used. */
};
/** @return 0, -ENOMEM. */
int sip_nonces_init(struct sip_nonces *n);
void sip_nonces_free(struct sip_nonces *n);
void sip_nonces_held(const struct sip_nonces *n, size_t *count, size_t *bytes, size_t *most);
void sip_nonce_make(struct sip_nonces *n, char dst[SIP_NONCE_TEXT]);
/**
 * Is it ours, and no older than @p lifetime or kept by its last use?
 * @return 0, -EINVAL not ours, -ETIMEDOUT stale.
 */
int sip_nonce_check(struct sip_nonces *n, struct bb_str nonce, bb_time lifetime);
/**
 * It was used with a right answer: each count serves once, and the last 64 may come in any order
 * (RFC 7616 section 3.4).
 * @param keep so long from now on it goes on serving, whatever its age; 0: no longer than its life.
 * @return 0, -EALREADY when the count was seen, or may have been (answer stale), -ENOMEM.
 */
int sip_nonce_use(struct sip_nonces *n, struct bb_str nonce, uint32_t nc, bb_time lifetime,
		  bb_time keep);

#endif
