/* SPDX-License-Identifier: BSD-3-Clause */
/* app_playback.c - Playback(): play sounds to the caller. */
#include <bellbird/app.h>
#include <bellbird/sound.h>

enum { SKIP = 1, NOANSWER = 2 };

struct playback_args {
	struct bb_strlist files;
	uint64_t options;
};

static int playback_run(struct bb_chan *ch, const void *args)
{
	const struct playback_args *a = args;
	const char *status = "SUCCESS";
	int err = 0;

	if (bb_chan_state(ch) != BB_UP) {
		if ((a->options & SKIP)) {
			bb_var_set(ch, "PLAYBACKSTATUS", BB_STR("SUCCESS"));
			return 0;
		}
		err = (a->options & NOANSWER) ? bb_chan_signal(ch, BB_SIG_PROGRESS)
					      : bb_chan_answer(ch);
		if (err)
			return err;
	}
	for (size_t i = 0; i < a->files.n && err != -ECANCELED; i++) {
		err = bb_play(ch, a->files.v[i], "");
		if (err)
			status = "FAILED";
	}
	bb_var_set(ch, "PLAYBACKSTATUS", bb_strz(status));
	return err == -ECANCELED ? err : 0;
}

static const char *const option_words[] = { "skip", "noanswer", NULL };

static const struct bb_field playback_fields[] = {
	{ .name = "filename",
	  .type = BB_T_LIST,
	  .refers = BB_REF_SOUND,
	  .sep = '&',
	  .off = offsetof(struct playback_args, files),
	  .doc = "Sounds without extension, joined by '&'." },
	{ .name = "options",
	  .type = BB_T_FLAGS,
	  .off = offsetof(struct playback_args, options),
	  .words = option_words,
	  .def = "",
	  .doc = "skip: do nothing when the channel is not answered yet; noanswer: play "
		 "without answering first." },
	{ 0 }
};

static const struct bb_app playback = {
	.name = "Playback",
	.args = playback_fields,
	.args_size = sizeof(struct playback_args),
	.run = playback_run,
	.on_bad = BB_BAD_HANGUP,
	.status = "PLAYBACKSTATUS",
	.doc = { .summary = "Play sounds to the caller",
		 .since = "0.1",
		 .text = "Answers the channel first unless told otherwise. PLAYBACKSTATUS is "
			 "SUCCESS or "
			 "FAILED.\nExample: Playback(hello-world&vm-goodbye)",
		 .see_also = "Background" },
};

BB_MODULE(app_playback, .version = "0.1",
	  .doc = { .summary = "Playback application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&playback), { 0 } });
