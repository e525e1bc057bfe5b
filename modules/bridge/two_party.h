/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/bridge/two_party.h - two ports that hear each other: what the relay
 * and the translating technique have in common.
 */
#ifndef BRIDGE_TWO_PARTY_H
#define BRIDGE_TWO_PARTY_H

#include <bellbird/bridge.h>

struct two_party {
	struct bb_port *port[2];
};

static inline int two_party_join(struct bb_bridge *br, void *state, struct bb_chan *ch,
				 struct bb_port *port)
{
	struct two_party *t = state;
	unsigned at = t->port[0] ? 1 : 0;
	int err;

	if (t->port[at])
		return -EBUSY;
	if (at) {
		err = bb_port_connect(port, t->port[0]);
		if (!err)
			err = bb_port_connect(t->port[0], port);
		if (err < 0) {
			bb_port_disconnect(port);
			return err;
		}
	}
	t->port[at] = port;
	return 0;
}

static inline void two_party_leave(struct bb_bridge *br, void *state, struct bb_chan *ch,
				   struct bb_port *port)
{
	struct two_party *t = state;

	if (port != t->port[0] && port != t->port[1])
		return;
	for (unsigned i = 0; i < 2; i++)
		if (t->port[i])
			bb_port_disconnect(t->port[i]);
	if (port == t->port[0])
		t->port[0] = t->port[1];
	t->port[1] = NULL;
}

#endif
