/* SPDX-License-Identifier: BSD-3-Clause */
/* app_senddtmf.c - SendDTMF(): dial digits to a far end. */
#include <bellbird/app.h>
#include <bellbird/sound.h>

struct senddtmf_args {
	struct bb_str digits;
	bb_time between, duration;
	struct bb_str channel;
};

static int senddtmf_run(struct bb_chan *ch, const void *args)
{
	const struct senddtmf_args *a = args;
	struct bb_chan *to = ch;
	int err;

	if (a->channel.l) {
		to = bb_chan_find(a->channel);
		if (!to)
			return -ENOENT;
	}
	err = bb_send_digits(to, a->digits, a->duration, a->between);
	if (to != ch)
		bb_chan_unref(to);
	return err;
}

static const struct bb_field senddtmf_fields[] = {
	{ .name = "digits",
	  .type = BB_T_STR,
	  .off = offsetof(struct senddtmf_args, digits),
	  .doc = "Digits 0-9, *, #, A-D; 'w' waits half a second, 'W' a whole one." },
	{ .name = "timeout_ms",
	  .type = BB_T_DURATION,
	  .unit = BB_MILLISECONDS,
	  .off = offsetof(struct senddtmf_args, between),
	  .def = "250",
	  .doc = "Milliseconds between digits." },
	{ .name = "duration_ms",
	  .type = BB_T_DURATION,
	  .unit = BB_MILLISECONDS,
	  .off = offsetof(struct senddtmf_args, duration),
	  .def = "100",
	  .doc = "Milliseconds of each digit." },
	{ .name = "channel",
	  .type = BB_T_STR,
	  .off = offsetof(struct senddtmf_args, channel),
	  .def = "",
	  .doc = "Another channel to send to." },
	{ 0 }
};

static const struct bb_app senddtmf = {
	.name = "SendDTMF",
	.args = senddtmf_fields,
	.args_size = sizeof(struct senddtmf_args),
	.run = senddtmf_run,
	.doc = { .summary = "Send DTMF digits",
		 .since = "0.1",
		 .text = "Example: SendDTMF(ww1234#)",
		 .see_also = "Read" },
};

BB_MODULE(app_senddtmf, .version = "0.1",
	  .doc = { .summary = "SendDTMF application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&senddtmf), { 0 } });
