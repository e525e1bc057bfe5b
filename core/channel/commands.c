/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the room offers to the console.
 */
#include <bellbird/cli.h>

#include "core/channel/channel.h"

extern const struct bb_cli bb_cmd_show_channels, bb_cmd_show_channel, bb_cmd_request_hangup,
	bb_cmd_bridge_show, bb_cmd_call_list, bb_cmd_call_show, bb_cmd_call_ladder;

const struct bb_provide bb_channel_provides[] = {
	BB_CLI(&bb_cmd_show_channels),	BB_CLI(&bb_cmd_show_channel),
	BB_CLI(&bb_cmd_request_hangup), BB_CLI(&bb_cmd_bridge_show),
	BB_CLI(&bb_cmd_call_list),	BB_CLI(&bb_cmd_call_show),
	BB_CLI(&bb_cmd_call_ladder),	{ 0 },
};

int bb_channel_completers(void)
{
	return bb_completer_add("channel", bb_channel_complete);
}
