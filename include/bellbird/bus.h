/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/bus.h - the event bus: facts that others may want to hear about.
 *
 * An event is a topic and named values, like "channel.hangup" with "channel",
 * "cause". Publishing costs nothing when nobody listens. Listeners run on the
 * control thread at the end of the loop turn, in order, and cannot veto.
 */
#ifndef BB_BUS_H
#define BB_BUS_H

#include <bellbird/module.h>

BB_BEGIN_DECLS

struct bb_fact {
	const char *name;
	struct bb_str value;
};
struct bb_bus_event {
	const char *topic;
	bb_time at; /**< bb_wall() */
	const struct bb_fact *facts;
	size_t n;
};

/** A module's descriptor (BB_LISTENER). */
struct bb_listener_desc {
	const char *name;
	const char *topics; /**< Space-separated prefixes: "channel. bridge."; "" hears all. */
	/** Control thread, outside of fibers: must not wait. The event is valid during the call. */
	void (*hear)(const struct bb_bus_event *ev);
	struct bb_doc doc;
};

BB_API bool bb_bus_wanted(const char *topic);
/** Values are copied. */
BB_API void bb_bus_publish(const char *topic, const struct bb_fact *facts, size_t n);
/** For the core and consoles; @return a handle for bb_bus_ignore(), NULL without memory. */
struct bb_bus_sub;
BB_API struct bb_bus_sub *bb_bus_listen(const char *topics,
					void (*hear)(const struct bb_bus_event *ev, void *arg),
					void *arg);
BB_API void bb_bus_ignore(struct bb_bus_sub *sub);

BB_END_DECLS
#endif
