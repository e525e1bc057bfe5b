/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bridge_translate.c - two legs of any kind: frames are translated where
 * their formats differ.
 */
#include "modules/bridge/two_party.h"

static unsigned score(const struct bb_bridge_info *info)
{
	return info->members == 2 && (info->translatable || info->same_format) ? 50 : 0;
}

static const struct bb_bridge_tech translate = {
	.name = "translate",
	.score = score,
	.state_size = sizeof(struct two_party),
	.join = two_party_join,
	.leave = two_party_leave,
	.doc = { .summary = "Pass frames between two legs, translated as needed", .since = "0.1" },
};

BB_MODULE(bridge_translate, .provides = (const struct bb_provide[]){ BB_BRIDGE(&translate), { 0 } },
	  .doc = { .summary = "Bridges that translate between two formats", .since = "0.1" });
