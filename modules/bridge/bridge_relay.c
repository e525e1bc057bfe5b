/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bridge_relay.c - two RTP legs of the same format: a packet that comes in on
 * one goes out on the other with a new header and nothing else.
 */
#include "modules/bridge/two_party.h"

static unsigned score(const struct bb_bridge_info *info)
{
	return info->members == 2 && info->two_rtp && info->same_format ? 100 : 0;
}

static const struct bb_bridge_tech relay = {
	.name = "relay",
	.score = score,
	.state_size = sizeof(struct two_party),
	.join = two_party_join,
	.leave = two_party_leave,
	.doc = { .summary = "Pass RTP packets between two legs of one format", .since = "0.1" },
};

BB_MODULE(bridge_relay, .provides = (const struct bb_provide[]){ BB_BRIDGE(&relay), { 0 } },
	  .doc = { .summary = "Bridges that relay packets", .since = "0.1" });
