/* SPDX-License-Identifier: BSD-3-Clause */
/* cli_legs.c - the command `legs show`: every channel and how long it has been there. */
#include <bellbird/chan.h>
#include <bellbird/cli.h>
#include <bellbird/loop.h>

static int legs_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = {
		{ .name = "Channel", .flexible = true },
		{ .name = "State" },
		{ .name = "Age", .align = BB_RIGHT },
	};

	bb_out_table(o, "legs", columns, BB_ARRAY_SIZE(columns));
	for (struct bb_chan *ch = bb_chan_next(NULL); ch; ch = bb_chan_next(ch))
		bb_out_rowf(o, "sst", bb_chan_name(ch), bb_chan_state_name(bb_chan_state(ch)),
			    bb_now() - bb_chan_created(ch));
	bb_out_note(o, "%u legs", bb_chan_count());
	return 0;
}

static const struct bb_cli legs = {
	.words = "legs show",
	.run = legs_run,
	.doc = { .summary = "Show every leg and its age", .since = "0.1" },
};

BB_MODULE(cli_legs, .doc = { .summary = "The command legs show", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_CLI(&legs), { 0 } });
