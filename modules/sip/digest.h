/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * digest.h - digest authentication (RFC 7616, RFC 8760, RFC 3261 §22): the
 * arithmetic, and nonces that carry their own time, so that a challenge costs
 * no memory. Only nonces that were used with success are remembered, in a
 * bounded table, against replay.
 */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

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

#define SIP_NONCE_TEXT 48 /* terminated */
#define SIP_NONCES_MAX 8192

/** The nonces of one realm of use. */
struct sip_nonces {
	uint8_t secret[32];
	struct bb_map used; /* struct sip_nonce by text */
	struct bb_list order; /* oldest first */
	uint32_t forgotten; /* Of this second (bb_now()) and before, some were dropped while fresh.
			     */
};
void sip_nonces_init(struct sip_nonces *n);
void sip_nonces_free(struct sip_nonces *n);
void sip_nonces_held(const struct sip_nonces *n, size_t *count, size_t *bytes, size_t *most);
void sip_nonce_make(struct sip_nonces *n, char dst[SIP_NONCE_TEXT]);
/** Is it ours and no older than @p lifetime? @return 0, -EINVAL not ours, -ETIMEDOUT stale. */
int sip_nonce_check(struct sip_nonces *n, struct bb_str nonce, bb_time lifetime);
/**
 * It was used with a right answer: each count serves once.
 * @return 0, -EALREADY when the count was seen, or may have been (answer stale), -ENOMEM.
 */
int sip_nonce_use(struct sip_nonces *n, struct bb_str nonce, uint32_t nc, bb_time lifetime);

#endif
