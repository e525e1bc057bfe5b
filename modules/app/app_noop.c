/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_noop.c - NoOp(): nothing, seen on the console with its evaluated text.
 */
#include <bellbird/app.h>

struct noop_args {
	struct bb_str text;
};

static int noop_run(struct bb_chan *ch, const void *args)
{
	(void)ch;
	(void)args;
	return 0;
}

static const struct bb_app app_noop = {
	.name = "NoOp",
	.args =
		(const struct bb_field[]){
			{ .name = "text",
			  .type = BB_T_REST,
			  .off = offsetof(struct noop_args, text),
			  .def = "",
			  .doc = "Anything: it is evaluated and shown, no more." },
			{ 0 } },
	.args_size = sizeof(struct noop_args),
	.run = noop_run,
	.doc = { .summary = "Do nothing",
		 .since = "0.1",
		 .text = "The evaluated text stands in the call's story and, at verbose 3, on the "
			 "console.\n\nExample: NoOp(the caller is ${CALLERID(num)})",
		 .see_also = "Verbose Log" },
};

BB_MODULE(app_noop, .provides = (const struct bb_provide[]){ BB_APP(&app_noop), { 0 } },
	  .doc = { .summary = "NoOp()", .since = "0.1" });
