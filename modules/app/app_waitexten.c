/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_waitexten.c - WaitExten(): wait for the caller to dial.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>
#include <bellbird/sound.h>

#include <stdio.h>

struct wait_args {
	bb_time span;
	struct bb_opts options;
};

/* Nobody dialed: the next priority, or `t`, or an exception. */
static int timed_out(struct bb_chan *ch)
{
	struct bb_place at = bb_chan_place(ch);

	bb_verbose(3, "Timeout on %s, %s", bb_chan_name(ch),
		   bb_app_at(ch, at.priority + 1) ? "continuing" : "going to 't'");
	if (bb_app_at(ch, at.priority + 1))
		return 0;
	if (!bb_goto(ch, bb_strz(NULL), BB_STR("t"), BB_STR("1")))
		return 0;
	if (!bb_raise(ch, BB_STR("RESPONSETIMEOUT")))
		return 0;
	bb_warning("%s: nobody dialed, and [%s] has neither 't' nor 'e'", bb_chan_name(ch),
		   at.context ? at.context : "");
	bb_chan_reason(ch, BB_CAUSE_NORMAL, "nobody dialed in time");
	return BB_END;
}

static int wait_run(struct bb_chan *ch, const void *args)
{
	const struct wait_args *a = args;
	bool music = bb_opts_has(&a->options, 'm'), tone = bb_opts_has(&a->options, 'd');
	struct bb_str musicclass = bb_opts_arg(&a->options, 'm');
	int r;

	if (music)
		bb_moh_start(ch, musicclass.p ? musicclass : BB_STR(""));
	else if (tone)
		bb_tones_start(ch, BB_STR("dial"));
	r = bb_wait_digit(ch, a->span > 0 ? a->span : bb_chan_timeout(ch, BB_TIMEOUT_RESPONSE));
	if (music)
		bb_moh_stop(ch);
	else if (tone)
		bb_tones_stop(ch);
	return r == -ETIMEDOUT ? timed_out(ch) : r;
}

static const struct bb_app app_wait_exten = {
	.name = "WaitExten",
	.args =
		(const struct bb_field[]){
			{ .name = "seconds",
			  .type = BB_T_DURATION,
			  .unit = BB_SECONDS,
			  .def = "0",
			  .off = offsetof(struct wait_args, span),
			  .doc = "How long for the first digit; TIMEOUT(response) when left out." },
			{ .name = "options",
			  .type = BB_T_OPTIONS,
			  .def = "",
			  .off = offsetof(struct wait_args, options),
			  .options =
				  (const struct bb_option[]){
					  { .letter = 'm',
					    .arg = "class",
					    .arg_optional = true,
					    .type = BB_T_STR,
					    .doc = "Play music meanwhile, of this class." },
					  { .letter = 'd', .doc = "Play the dial tone meanwhile." },
					  { 0 } },
			  .doc = "What the caller hears." },
			{ 0 } },
	.args_size = sizeof(struct wait_args),
	.run = wait_run,
	.doc = { .summary = "Wait for the caller to dial an extension",
		 .since = "0.1",
		 .text = "The digits are collected as long as more could mean something, and the "
			 "run goes on at what was dialed, or at i. When nobody dials it goes on "
			 "with the next priority, or at t.",
		 .see_also = "Background" },
};

BB_MODULE(app_waitexten, .provides = (const struct bb_provide[]){ BB_APP(&app_wait_exten), { 0 } },
	  .doc = { .summary = "WaitExten()", .since = "0.1" });
