/* SPDX-License-Identifier: BSD-3-Clause */
/* app_repeat.c - Repeat(sound,times): play a sound several times; any digit ends it. */
#include <bellbird/app.h>
#include <bellbird/sound.h>

struct repeat_args {
	struct bb_str sound;
	int64_t times;
};

static int repeat_run(struct bb_chan *ch, const void *args)
{
	const struct repeat_args *a = args;
	int got = bb_chan_answer(ch);

	for (int64_t i = 0; i < a->times && !got; i++)
		got = bb_play(ch, a->sound, "any");
	if (got > 0) {
		bb_var_setf(ch, "REPEATDIGIT", "%c", got);
		return 0;
	}
	return got;
}

static const struct bb_field repeat_fields[] = {
	{ .name = "sound",
	  .type = BB_T_STR,
	  .off = offsetof(struct repeat_args, sound),
	  .doc = "Sound without extension." },
	{ .name = "times",
	  .type = BB_T_INT,
	  .off = offsetof(struct repeat_args, times),
	  .min = 1,
	  .max = 100,
	  .def = "2",
	  .doc = "How often." },
	{ 0 },
};

static const struct bb_app repeat = {
	.name = "Repeat",
	.args = repeat_fields,
	.args_size = sizeof(struct repeat_args),
	.run = repeat_run,
	.doc = { .summary = "Play a sound several times", .since = "0.1" },
};

BB_MODULE(app_repeat, .doc = { .summary = "The Repeat application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&repeat), { 0 } });
