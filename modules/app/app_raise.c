/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_raise.c - RaiseException(): go to `e` with a reason.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>

struct raise_args {
	struct bb_str reason;
};

static int raise_run(struct bb_chan *ch, const void *args)
{
	struct bb_str reason = ((const struct raise_args *)args)->reason;

	if (!bb_raise(ch, reason))
		return 0;
	bb_warning("%s: no 'e' takes the exception '%.*s'", bb_chan_name(ch), BB_FMT(reason));
	return BB_END;
}

static const struct bb_app app_raise = {
	.name = "RaiseException",
	.args = (const struct bb_field[]){ { .name = "reason",
					     .type = BB_T_REST,
					     .off = offsetof(struct raise_args, reason),
					     .def = "",
					     .doc = "What EXCEPTION(reason) says afterwards." },
					   { 0 } },
	.args_size = sizeof(struct raise_args),
	.run = raise_run,
	.doc = { .summary = "Go to the e extension with a reason", .since = "0.1" },
};

BB_MODULE(app_raise, .provides = (const struct bb_provide[]){ BB_APP(&app_raise), { 0 } },
	  .doc = { .summary = "RaiseException()", .since = "0.1" });
