/* SPDX-License-Identifier: BSD-3-Clause */
/* app_wait.c - Wait(): pause the dial plan. */
#include <bellbird/app.h>

struct wait_args {
	bb_time span;
};

static int wait_run(struct bb_chan *ch, const void *args)
{
	const struct wait_args *a = args;

	return bb_wait(ch, a->span);
}

static const struct bb_field wait_fields[] = { { .name = "seconds",
						 .type = BB_T_DURATION,
						 .unit = BB_SECONDS,
						 .off = offsetof(struct wait_args, span),
						 .min = 0,
						 .max = 86400 * BB_SEC,
						 .doc = "How long, in seconds with decimals." },
					       { 0 } };

static const struct bb_app app = {
	.name = "Wait",
	.args = wait_fields,
	.args_size = sizeof(struct wait_args),
	.run = wait_run,
	.doc = { .summary = "Pause the dial plan",
		 .since = "0.1",
		 .text = "The call goes on meanwhile; digits pressed are kept for what follows.\n"
			 "Example: Wait(1.5)" },
};

BB_MODULE(app_wait, .version = "0.1", .doc = { .summary = "Wait application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&app), { 0 } });
