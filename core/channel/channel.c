/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The room: what it offers to the console, how it begins and ends.
 */
#include "core/channel/channel.h"
#include "core/registry/registry.h"

static const struct bb_module room = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "channel",
	.provides = bb_channel_provides,
	.doc = { .summary = "Channels, bridges, dialing, and the stories of calls",
		 .since = "0.1" },
};

int bb_channel_init(void)
{
	int err = bb_channel_completers();

	bb_call_gauge();
	bb_registry_on_call_end(bb_call_end);
	return err ? err : bb_core_module_add(&room);
}

void bb_channel_close(void)
{
	bb_registry_on_call_end(NULL);
	bb_call_keep(0, 0);
	bb_device_forget();
}
