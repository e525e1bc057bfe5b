/* SPDX-License-Identifier: BSD-3-Clause */
/* app_playtones.c - PlayTones() and StopPlayTones(): a tone list while the dial plan goes on. */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>
#include <bellbird/sound.h>

struct tones_args {
	struct bb_str tones;
};

static int start_run(struct bb_chan *ch, const void *args)
{
	const struct tones_args *a = args;

	int err = bb_tones_start(ch, a->tones);

	if (err != -EINVAL)
		return err;
	bb_warning("%s: PlayTones: '%.*s' is neither a tone nor a list of tones", bb_chan_name(ch),
		   BB_FMT(a->tones));
	return BB_END;
}

static int stop_run(struct bb_chan *ch, const void *args)
{
	bb_tones_stop(ch);
	return 0;
}

static const struct bb_field start_fields[] = {
	{ .name = "tonelist",
	  .type = BB_T_REST,
	  .off = offsetof(struct tones_args, tones),
	  .doc = "A tone of indications.conf by name (busy), or a list such as 425/500,0/500." },
	{ 0 }
};

static const struct bb_app play_tones = {
	.name = "PlayTones",
	.args = start_fields,
	.args_size = sizeof(struct tones_args),
	.run = start_run,
	.on_bad = BB_BAD_HANGUP,
	.doc = { .summary = "Play tones while the dial plan goes on",
		 .since = "0.1",
		 .text = "Example: PlayTones(425/500,0/500)",
		 .see_also = "StopPlayTones" },
};

static const struct bb_app stop_tones = {
	.name = "StopPlayTones",
	.run = stop_run,
	.doc = { .summary = "Stop what PlayTones started",
		 .since = "0.1",
		 .see_also = "PlayTones" },
};

BB_MODULE(app_playtones, .version = "0.1",
	  .doc = { .summary = "Tone applications", .since = "0.1" },
	  .provides = (const struct bb_provide[]){
		  BB_APP(&play_tones), BB_APP(&stop_tones), { 0 } });
