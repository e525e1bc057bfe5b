/* SPDX-License-Identifier: BSD-3-Clause */
/* app_read.c - Read(): digits of the caller into a variable. */
#include <bellbird/app.h>
#include <bellbird/sound.h>
#include <bellbird/story.h>

struct read_args {
	struct bb_str variable;
	struct bb_strlist files;
	int64_t max;
	struct bb_opts options;
	int64_t attempts;
	bb_time timeout;
};

#define MAX_DIGITS 255

/** The tone to dial by goes on until the first digit. @return as prompt(). */
static int tone(struct bb_chan *ch, const struct read_args *a, bb_time span)
{
	int got = a->files.n ? bb_tones_start(ch, a->files.v[0]) : 0;

	if (!got)
		got = bb_wait_digit(ch, span);
	bb_tones_stop(ch);
	return got;
}

/** Play the prompts; a digit pressed meanwhile is the first one. @return it, 0, -ECANCELED, or why
 * a prompt cannot be played: then nothing is read, as in Asterisk. */
static int prompt(struct bb_chan *ch, const struct read_args *a)
{
	for (size_t i = 0; i < a->files.n; i++) {
		int got = bb_play(ch, a->files.v[i], "any");

		if (got)
			return got;
	}
	return 0;
}

/** Nothing but the digit that ends it was dialed: with e it is what was dialed. */
static int only_end(const struct read_args *a, const char *ends, char *dst)
{
	if (!bb_opts_has(&a->options, 'e'))
		return 0;
	dst[0] = ends[0];
	dst[1] = '\0';
	return 1;
}

/** One attempt. @return digits read, -ETIMEDOUT with fewer than wanted, -ECANCELED. */
static int attempt(struct bb_chan *ch, const struct read_args *a, char *dst, size_t cap)
{
	struct bb_str end = bb_opts_arg(&a->options, 't');
	char ends[2] = { bb_opts_has(&a->options, 't') ? (end.l ? *end.p : '\0') : '#', '\0' };
	unsigned max = a->max > 0 && a->max < MAX_DIGITS ? (unsigned)a->max : MAX_DIGITS;
	bb_time span = a->timeout > 0 ? a->timeout : 10 * BB_SEC;
	int first;

	dst[0] = '\0';
	first = bb_opts_has(&a->options, 'i') ? tone(ch, a, span) : prompt(ch, a);
	if (first < 0)
		return first;
	if (first && first == ends[0])
		return only_end(a, ends, dst);
	if (first) {
		int n;

		dst[0] = (char)first;
		dst[1] = '\0';
		if (max == 1)
			return 1;
		n = bb_read_digits(ch, dst + 1, cap - 1, max - 1, ends, span, span);
		return n < 0 ? n : n + 1;
	}
	first = bb_read_digits(ch, dst, cap, max, ends, span, span);
	return first == 0 ? only_end(a, ends, dst) : first;
}

static int read_run(struct bb_chan *ch, const void *args)
{
	const struct read_args *a = args;
	char digits[MAX_DIGITS + 1] = "";
	const char *status = "ERROR";
	int n = -ETIMEDOUT;

	if (bb_chan_state(ch) != BB_UP) {
		if (bb_opts_has(&a->options, 's')) {
			bb_var_set(ch, "READSTATUS", BB_STR("SKIPPED"));
			return 0;
		}
		if (!bb_opts_has(&a->options, 'n')) {
			int err = bb_chan_answer(ch);

			if (err)
				return err;
		}
	}
	for (int64_t i = 0; i < (a->attempts > 0 ? a->attempts : 1) && n == -ETIMEDOUT; i++) {
		n = attempt(ch, a, digits, sizeof(digits));
		if (n == -ETIMEDOUT && digits[0])
			break; /* what was dialed before the pause counts */
	}
	if (n == -ECANCELED)
		status = "HANGUP";
	else if (n >= 0)
		status = "OK";
	else if (n == -ETIMEDOUT)
		status = "TIMEOUT";
	else
		digits[0] = '\0';
	bb_story(ch, BB_STORY_DECISION, "%s \"%s\" (%s)", n == -ECANCELED ? "had dialed" : "dialed",
		 digits, status);
	bb_var_set(ch, a->variable.p, bb_strz(digits));
	bb_var_set(ch, "READSTATUS", bb_strz(status));
	return n == -ECANCELED ? n : 0;
}

static const struct bb_option read_options[] = {
	{ .letter = 's', .doc = "Return at once when the channel is not answered yet." },
	{ .letter = 'n', .doc = "Do not answer first." },
	{ .letter = 't',
	  .arg = "digit",
	  .arg_optional = true,
	  .doc = "Digit that ends the input instead of '#'; without one, none does." },
	{ .letter = 'e', .doc = "When nothing but the ending digit is dialed, read that." },
	{ .letter = 'i', .doc = "The filename is a tone of indications.conf to dial by." },
	{ 0 }
};

static const struct bb_field read_fields[] = {
	{ .name = "variable",
	  .type = BB_T_VAR,
	  .off = offsetof(struct read_args, variable),
	  .doc = "Variable that gets the digits." },
	{ .name = "filename",
	  .type = BB_T_LIST,
	  .refers = BB_REF_SOUND,
	  .sep = '&',
	  .off = offsetof(struct read_args, files),
	  .def = "",
	  .doc = "Sounds to play first, joined by '&'." },
	{ .name = "maxdigits",
	  .type = BB_T_INT,
	  .off = offsetof(struct read_args, max),
	  .min = 0,
	  .max = 255,
	  .def = "0",
	  .doc = "Digits at most; 0 waits for '#'." },
	{ .name = "options",
	  .type = BB_T_OPTIONS,
	  .off = offsetof(struct read_args, options),
	  .options = read_options,
	  .def = "",
	  .doc = "Option letters." },
	{ .name = "attempts",
	  .type = BB_T_INT,
	  .off = offsetof(struct read_args, attempts),
	  .min = 0,
	  .max = 1000,
	  .def = "1",
	  .doc = "How often to ask when nothing is dialed." },
	{ .name = "timeout",
	  .type = BB_T_DURATION,
	  .unit = BB_SECONDS,
	  .off = offsetof(struct read_args, timeout),
	  .def = "0",
	  .doc = "Seconds to wait for each digit; 0 is ten." },
	{ 0 }
};

static const struct bb_app read_app = {
	.name = "Read",
	.args = read_fields,
	.args_size = sizeof(struct read_args),
	.run = read_run,
	.status = "READSTATUS",
	.failed = "ERROR",
	.doc = { .summary = "Read digits into a variable",
		 .since = "0.1",
		 .text = "READSTATUS is OK, ERROR, HANGUP, TIMEOUT or SKIPPED.\n"
			 "Example: Read(PIN,vm-password,4)",
		 .see_also = "Background SendDTMF" },
};

BB_MODULE(app_read, .version = "0.1", .doc = { .summary = "Read application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&read_app), { 0 } });
