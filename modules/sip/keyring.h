/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyring.h - the credentials we show, for as long as one Call-ID lasts: one
 * answer a realm, learnt from challenges and repeated in each request that
 * follows (RFC 3261 §22.2, §22.3). A proxy and the server behind it ask each
 * for their own, in one response or one after the other.
 */
#ifndef SIP_KEYRING_H
#define SIP_KEYRING_H

#include "modules/sip/config.h"
#include "modules/sip/msg.h"

#define SIP_KEYS_MAX 8 /* realms of one Call-ID */
#define SIP_TRIES_MAX                                                                              \
	6 /* of one request: as many realms one after the other, or nonces gone stale */

/** Zero-initialised is empty. */
struct sip_keyring {
	struct bb_list keys; /* struct sip_key */
	uint32_t learnt; /* challenges so far */
};

/**
 * How one request fares, over all its tries: tells credentials that were
 * refused from those that were not shown yet. Zero before the first try.
 */
struct sip_tries {
	uint32_t first, last; /* .learnt when it was sent first, and last */
	unsigned n;
};

void sip_keyring_free(struct sip_keyring *k);
/**
 * Write the Authorization and Proxy-Authorization lines that a request shall
 * bear; none before the first challenge. Counts as a try of it.
 * @return 0 or an error of the buffer or the digest.
 */
int sip_keyring_put(struct sip_keyring *k, struct sip_tries *t, struct bb_buf *b,
		    struct bb_str method, struct bb_str uri);
/**
 * Take the challenges of a 401 or 407 to that request. Of several algorithms
 * for one realm the first is answered that we have (RFC 8760 §2.4).
 * @return 0: send it again; -ENOENT when no credentials fit, -EACCES when they were refused,
 * -ENOMEM.
 */
int sip_keyring_learn(struct sip_keyring *k, struct sip_tries *t, const struct bb_sip_endpoint *ep,
		      const struct sip_msg *rsp);

#endif
