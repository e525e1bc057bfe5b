/* SPDX-License-Identifier: BSD-3-Clause */
/* app_answer.c - Answer(): answer the call. */
#include <bellbird/app.h>
#include <bellbird/chan.h>

struct answer_args {
	bb_time delay;
};

static int answer_run(struct bb_chan *ch, const void *args)
{
	const struct answer_args *a = args;
	int err = bb_chan_answer(ch);

	if (err || a->delay <= 0)
		return err;
	return bb_wait(ch, a->delay);
}

static const struct bb_field answer_fields[] = {
	{ .name = "delay",
	  .type = BB_T_DURATION,
	  .unit = BB_MILLISECONDS,
	  .off = offsetof(struct answer_args, delay),
	  .min = 0,
	  .max = 3600 * BB_SEC,
	  .def = "0",
	  .doc = "Wait so long after answering, in milliseconds." },
	{ 0 }
};

static const struct bb_app app = {
	.name = "Answer",
	.args = answer_fields,
	.args_size = sizeof(struct answer_args),
	.run = answer_run,
	.doc = { .summary = "Answer the call",
		 .since = "0.1",
		 .text = "Does nothing when the call is answered already.\n"
			 "Example: Answer(500)",
		 .see_also = "Hangup Ringing Progress" },
};

BB_MODULE(app_answer, .version = "0.1", .doc = { .summary = "Answer application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&app), { 0 } });
