/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/location.h - the location store: address-of-record to bindings.
 *
 * Changes of one address-of-record are serialised; memory applies them in
 * order, and an acknowledged change survives the death of the process.
 */
#ifndef BB_LOCATION_H
#define BB_LOCATION_H

#include <bellbird/net.h>

BB_BEGIN_DECLS

/** One binding (RFC 3261 §10, RFC 3327). Texts belong to the store. */
struct bb_binding {
	struct bb_str contact; /**< URI as registered.                                       */
	struct bb_str params; /**< Of the Contact header field, without q and expires.      */
	struct bb_str path; /**< Path values, comma-joined; "" none.                      */
	struct bb_str call_id;
	uint32_t cseq;
	unsigned q; /**< Thousandths; 1000 when unsaid.                           */
	bb_time expires; /**< bb_wall().                                               */
	struct bb_str user_agent;
	/* the flow it came by */
	struct bb_str transport; /**< "udp", "tcp"                                             */
	struct bb_addr local, remote;
	uint64_t connection; /**< Id of a stream connection of this process; 0 for UDP.    */
	bool reachable; /**< False: came by a connection that is gone.                */
	struct bb_str instance; /**< +sip.instance, "" none.                                  */
	uint32_t node; /**< Which node holds the flow.                               */
	bb_time since; /**< bb_wall() of the first registration.                     */
};

/** Walk the live bindings of an address-of-record, by q, then the oldest first. NULL first. Valid
 * until the next change. */
BB_API const struct bb_binding *bb_location_next(struct bb_str aor, const struct bb_binding *prev);
BB_API unsigned bb_location_count(struct bb_str aor);
/** Walk all; for the console. */
BB_API void bb_location_each(void (*fn)(struct bb_str aor, const struct bb_binding *b, void *arg),
			     void *arg);

/** A set of changes to one address-of-record, applied as a whole (RFC 3261 §10.3 step 7). */
struct bb_location_change {
	enum { BB_LOC_PUT, BB_LOC_REMOVE } op;
	struct bb_binding b; /**< REMOVE: only .contact matters. */
};
/**
 * Apply; memory changes at once (later calls see it), @p done runs after the
 * commit, or with an error after memory was put back. Changes of one
 * address-of-record are answered in order. Contacts are compared byte for
 * byte: whoever knows what equals what (RFC 3261 §19.1.4) gives the text that
 * is stored. .since and .reachable of a PUT are the store's. @return -ENOSPC
 * over 256 bindings, -EINVAL, -ENOBUFS, -ENOMEM: nothing changed, no done.
 */
BB_API int bb_location_apply(struct bb_str aor, const struct bb_location_change *ch, size_t n,
			     void (*done)(int err, void *arg), void *arg);
/** A stream connection ended: its bindings count as unreachable until registered again. */
BB_API void bb_location_connection_gone(uint64_t connection);

/** Told once a turn after any change of an address-of-record (put, removed, expired, unreachable).
 */
BB_API int bb_location_watch(void (*fn)(struct bb_str aor, void *arg), void *arg);
BB_API void bb_location_unwatch(void (*fn)(struct bb_str aor, void *arg), void *arg);

BB_END_DECLS
#endif
