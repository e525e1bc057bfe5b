/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resolve.h - from an address or Route to the flows to try, in order.
 */
#ifndef SIP_RESOLVE_H
#define SIP_RESOLVE_H

#include "modules/sip/flow.h"
#include "modules/sip/uri.h"

#define SIP_RESOLVE_MAX 8u

/**
 * Transport, host and port that an address asks for (maddr, transport, port, RFC 3263 section 4.1
 * without NAPTR; sips is TLS). @param host a view into the address.
 */
void sip_uri_target(const struct sip_uri *u, enum sip_tp *tp, struct bb_str *host, uint16_t *port);
/** The flow for an address with a literal host. @return -EADDRNOTAVAIL when the host is a name,
 * -EINVAL. */
int sip_uri_flow(const struct sip_uri *u, struct sip_flow *f);

struct sip_resolve;
/**
 * Look an address up. @p done runs once, never before this returns; flows have type and
 * remote set. The address need not outlive the call.
 */
int sip_resolve(struct sip_resolve **rp, const struct sip_uri *u,
		void (*done)(int err, const struct sip_flow *flows, size_t n, void *arg),
		void *arg);
/** done will not be called. Not after done. */
void sip_resolve_cancel(struct sip_resolve *r);

#endif
