/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/bridge.h - joining legs.
 *
 * A bridge consumes its members' events itself, on the control thread: it is
 * no loop in a fiber. Channels join and leave; transfer, pickup and parking
 * are all "leave this one, join that one". It uses the cheapest technique
 * that its members allow and changes it live.
 */
#ifndef BB_BRIDGE_H
#define BB_BRIDGE_H

#include <bellbird/chan.h>
#include <bellbird/port.h>

BB_BEGIN_DECLS

struct bb_bridge; /**< Counted. */

struct bb_bridge_info {
	unsigned members;
	bool two_rtp; /**< Two members, both RTP endpoints.                     */
	bool same_format; /**< Each one's rx is the other's tx.                     */
	bool translatable; /**< There are paths both ways.                           */
};

/** How media flows in a bridge (BB_BRIDGE). All functions run on the control thread and use
 * bb_port_connect() and the like, or ports of their own. */
struct bb_bridge_tech {
	const char *name; /**< "relay"                                          */
	/** 0: cannot; the highest score wins. Asked anew whenever a member or its formats change.
	 */
	unsigned (*score)(const struct bb_bridge_info *info);
	size_t state_size; /**< Zeroed, one a bridge, the core's.                */
	/** It was chosen; every member joins next. May be NULL. @return a negative errno: the
	 * bridge goes on without media. */
	int (*begin)(struct bb_bridge *br, void *state);
	/** @p port is the channel's and stays its driver's. @return a negative errno: this member
	 * has no media here, which its story tells. May be NULL. */
	int (*join)(struct bb_bridge *br, void *state, struct bb_chan *ch, struct bb_port *port);
	/** Take away every connection of @p port that .join made. Only after a .join that returned
	 * 0. May be NULL. */
	void (*leave)(struct bb_bridge *br, void *state, struct bb_chan *ch, struct bb_port *port);
	/** All members have left; give back what .begin took. May be NULL. */
	void (*end)(struct bb_bridge *br, void *state);
	struct bb_doc doc;
};

/** What a member may do, and what happens when legs leave. */
struct bb_member_opts {
	const char *features; /**< DTMF features this member may use: 't' blind transfer, 'h'
				 disconnect; "" none. */
	bool pass_dtmf; /**< Digits go to the others.                                */
	bool ends_bridge; /**< When it hangs up, the others leave too.                 */
	bool hold_music; /**< The others hear music while it holds.                   */
	struct bb_str transfer_context;
};

BB_API int bb_bridge_new(struct bb_bridge **bp, const char *name);
BB_API struct bb_bridge *bb_bridge_ref(struct bb_bridge *b);
BB_API void bb_bridge_unref(struct bb_bridge *b);
/** Join; the bridge becomes the consumer of the channel's events. */
BB_API int bb_bridge_join(struct bb_bridge *b, struct bb_chan *ch,
			  const struct bb_member_opts *opts);
/** Leave; events go back to the channel's own run. Wakes bb_bridge_wait(). */
BB_API void bb_bridge_leave(struct bb_bridge *b, struct bb_chan *ch);
/** Wait until @p ch is no member any more. In @p ch's fiber. @return 0, -ECANCELED when interrupted
 * (it has left then). */
BB_API int bb_bridge_wait(struct bb_bridge *b, struct bb_chan *ch);
/** Play a sound to one member while it stays in; the others hear nothing of it. Returns at once,
 * what goes wrong is logged. @return -ENOMEM, -EBUSY when something talks with it already. */
BB_API int bb_bridge_announce(struct bb_bridge *b, struct bb_chan *ch, struct bb_str sound);
/** Everybody leaves. */
BB_API void bb_bridge_dissolve(struct bb_bridge *b);
BB_API struct bb_bridge *bb_chan_bridge(const struct bb_chan *ch);
BB_API struct bb_chan *bb_bridge_next(struct bb_bridge *b, struct bb_chan *prev);
/** The other of two; NULL otherwise. */
BB_API struct bb_chan *bb_bridge_peer(struct bb_bridge *b, struct bb_chan *ch);
BB_API const char *bb_bridge_id(const struct bb_bridge *b);
BB_API const char *bb_bridge_tech_name(const struct bb_bridge *b);
/** A member's formats or direction changed: choose the technique again. */
BB_API void bb_bridge_update(struct bb_bridge *b);
/** A member left by hangup with this cause; told to whoever waits (Dial's g). */
BB_API unsigned bb_bridge_end_cause(const struct bb_bridge *b);
/** Called with each digit a member sent, before features; return true to swallow it. For
 * applications. */
BB_API void bb_bridge_on_digit(struct bb_bridge *b,
			       bool (*fn)(struct bb_bridge *b, struct bb_chan *from, char digit,
					  void *arg),
			       void *arg);
/** All bridges; NULL first. Not held. */
BB_API struct bb_bridge *bb_bridge_each(struct bb_bridge *prev);

BB_END_DECLS
#endif
