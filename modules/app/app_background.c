/* SPDX-License-Identifier: BSD-3-Clause */
/* app_background.c - Background(): play sounds while an extension may be dialed. */
#include <bellbird/app.h>
#include <bellbird/sound.h>

struct background_args {
	struct bb_strlist files;
	struct bb_opts options;
	struct bb_str language;
	struct bb_str context;
};

/** With m only a digit that is an extension of its own ends the playing. */
static const char *ends(struct bb_chan *ch, const struct background_args *a, char digits[17])
{
	struct bb_str context = a->context.l ? a->context : bb_strz(bb_chan_place(ch).context);
	struct bb_str caller = bb_strz(bb_chan_caller(ch)->number);
	size_t n = 0;

	if (bb_opts_has(&a->options, 'p'))
		return "";
	if (!bb_opts_has(&a->options, 'm'))
		return "any";
	for (const char *c = "0123456789*#ABCD"; *c; c++)
		if (bb_exten_exists(context, bb_strn(c, 1), caller))
			digits[n++] = *c;
	digits[n] = '\0';
	return digits;
}

static int play_all(struct bb_chan *ch, const struct background_args *a, bool *failed)
{
	char digits[17];
	const char *stop = ends(ch, a, digits);

	for (size_t i = 0; i < a->files.n; i++) {
		int got = bb_play(ch, a->files.v[i], stop);

		if (got == -ECANCELED || got > 0)
			return got;
		if (got < 0) {
			*failed = true;
			break; /* as Asterisk: what stands behind is not played */
		}
	}
	return 0;
}

static int background_run(struct bb_chan *ch, const void *args)
{
	const struct background_args *a = args;
	char language[24];
	bool failed = false;
	int got, err = 0;

	if (bb_chan_state(ch) != BB_UP) {
		if (bb_opts_has(&a->options, 's')) {
			bb_var_set(ch, "BACKGROUNDSTATUS", BB_STR("SUCCESS"));
			return 0;
		}
		if (!bb_opts_has(&a->options, 'n'))
			err = bb_chan_answer(ch);
		if (err)
			return err;
	}
	(void)bb_str_copy(language, sizeof(language), bb_strz(bb_chan_language(ch)));
	if (a->language.l)
		bb_chan_set_language(ch, a->language);
	got = play_all(ch, a, &failed);
	bb_chan_set_language(ch, bb_strz(language));
	bb_var_set(ch, "BACKGROUNDSTATUS", failed ? BB_STR("FAILED") : BB_STR("SUCCESS"));
	if (got > 0 && a->context.l)
		bb_goto(ch, a->context, BB_STR("s"), BB_STR("1"));
	return got;
}

static const struct bb_option background_options[] = {
	{ .letter = 's', .doc = "Skip playing when the channel is not answered yet." },
	{ .letter = 'n', .doc = "Do not answer first." },
	{ .letter = 'p', .doc = "Digits do not end the playing." },
	{ .letter = 'm', .doc = "Only a digit that is a one-digit extension ends the playing." },
	{ 0 }
};

static const struct bb_field background_fields[] = {
	{ .name = "filename",
	  .type = BB_T_LIST,
	  .refers = BB_REF_SOUND,
	  .sep = '&',
	  .off = offsetof(struct background_args, files),
	  .doc = "Sounds without extension, joined by '&'." },
	{ .name = "options",
	  .type = BB_T_OPTIONS,
	  .off = offsetof(struct background_args, options),
	  .options = background_options,
	  .def = "",
	  .doc = "Option letters." },
	{ .name = "langoverride",
	  .type = BB_T_STR,
	  .off = offsetof(struct background_args, language),
	  .def = "",
	  .doc = "Language of the sounds instead of the channel's." },
	{ .name = "context",
	  .type = BB_T_STR,
	  .refers = BB_REF_CONTEXT,
	  .off = offsetof(struct background_args, context),
	  .def = "",
	  .doc = "Context in which the dialed extension is looked up." },
	{ 0 }
};

static const struct bb_app background = {
	.name = "BackGround",
	.args = background_fields,
	.args_size = sizeof(struct background_args),
	.run = background_run,
	.status = "BACKGROUNDSTATUS",
	.on_bad = BB_BAD_HANGUP,
	.doc = { .summary = "Play sounds while waiting for an extension to be dialed",
		 .since = "0.1",
		 .text = "The first digit ends the playing and begins the extension. Let WaitExten "
			 "follow.\n"
			 "Example: Background(demo-congrats)",
		 .see_also = "Playback WaitExten" },
};

BB_MODULE(app_background, .version = "0.1",
	  .doc = { .summary = "Background application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&background), { 0 } });
