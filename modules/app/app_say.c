/* SPDX-License-Identifier: BSD-3-Clause */
/* app_say.c - SayDigits(), SayNumber(), SayAlpha(). */
#include <bellbird/app.h>
#include <bellbird/sound.h>

struct say_args {
	struct bb_str text;
};

struct number_args {
	int64_t number;
	struct bb_str gender;
};

static int digits_run(struct bb_chan *ch, const void *args)
{
	const struct say_args *a = args;

	return bb_say_digits(ch, a->text, "");
}

static int number_run(struct bb_chan *ch, const void *args)
{
	const struct number_args *a = args;

	return bb_say_number(ch, a->number, a->gender.p, "");
}

static int alpha_run(struct bb_chan *ch, const void *args)
{
	const struct say_args *a = args;

	return bb_say_alpha(ch, a->text, "");
}

static const struct bb_field digits_fields[] = { { .name = "digits",
						   .type = BB_T_STR,
						   .off = offsetof(struct say_args, text),
						   .doc = "What to say, digit by digit." },
						 { 0 } };
static const struct bb_field number_fields[] = {
	{ .name = "number",
	  .type = BB_T_INT,
	  .off = offsetof(struct number_args, number),
	  .min = -999999999999,
	  .max = 999999999999,
	  .doc = "A whole number." },
	{ .name = "gender",
	  .type = BB_T_STR,
	  .off = offsetof(struct number_args, gender),
	  .def = "",
	  .doc = "Gender of what is counted, for languages that ask for it; English does not." },
	{ 0 }
};
static const struct bb_field alpha_fields[] = { { .name = "string",
						  .type = BB_T_REST,
						  .off = offsetof(struct say_args, text),
						  .doc = "Letters, digits and marks to spell." },
						{ 0 } };

static const struct bb_app say_digits = {
	.name = "SayDigits",
	.args = digits_fields,
	.args_size = sizeof(struct say_args),
	.run = digits_run,
	.doc = { .summary = "Say digits one by one",
		 .since = "0.1",
		 .text = "Example: SayDigits(${EXTEN})",
		 .see_also = "SayNumber SayAlpha" },
};
static const struct bb_app say_number = {
	.name = "SayNumber",
	.args = number_fields,
	.args_size = sizeof(struct number_args),
	.run = number_run,
	.doc = { .summary = "Say a number",
		 .since = "0.1",
		 .text = "With English grammar, in the voice of the channel's language.\n"
			 "Example: SayNumber(1234)",
		 .see_also = "SayDigits" },
};
static const struct bb_app say_alpha = {
	.name = "SayAlpha",
	.args = alpha_fields,
	.args_size = sizeof(struct say_args),
	.run = alpha_run,
	.doc = { .summary = "Spell a text",
		 .since = "0.1",
		 .text = "Example: SayAlpha(AB12)",
		 .see_also = "SayDigits" },
};

BB_MODULE(app_say, .version = "0.1", .doc = { .summary = "Speaking applications", .since = "0.1" },
	  .provides = (const struct bb_provide[]){
		  BB_APP(&say_digits), BB_APP(&say_number), BB_APP(&say_alpha), { 0 } });
