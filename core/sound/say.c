/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * say.c - numbers, digits and letters, spoken with the prompts of the core
 * sounds ("digits/…", "letters/…"). Grammar is English; the voice is the
 * channel's language.
 */
#include <stdio.h>

#include <bellbird/sound.h>

static int play(struct bb_chan *ch, const char *stop_digits, const char *folder, const char *name)
{
	char path[64];
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	err = bb_play(ch, bb_strz(path), stop_digits);
	return err == -ENOENT ? 0 : err; /* a missing word is said in the log; the rest is spoken */
}

int bb_say_digits(struct bb_chan *ch, struct bb_str digits, const char *stop_digits)
{
	int err = 0;

	for (size_t i = 0; i < digits.l && !err; i++) {
		char name[2] = { digits.p[i], '\0' };

		if (*name == '*')
			err = play(ch, stop_digits, "digits", "star");
		else if (*name == '#')
			err = play(ch, stop_digits, "digits", "pound");
		else if (*name == '-')
			err = play(ch, stop_digits, "digits", "minus");
		else if (*name >= '0' && *name <= '9')
			err = play(ch, stop_digits, "digits", name);
	}
	return err;
}

static int say_word(struct bb_chan *ch, unsigned n, const char *stop_digits)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", n);
	return play(ch, stop_digits, "digits", name);
}

/** 1 to 999. */
static int say_hundreds(struct bb_chan *ch, unsigned n, const char *stop_digits)
{
	int err = 0;

	if (n >= 100) {
		err = say_word(ch, n / 100, stop_digits);
		if (!err)
			err = play(ch, stop_digits, "digits", "hundred");
		n %= 100;
	}
	if (!err && n >= 20) {
		err = say_word(ch, n / 10 * 10, stop_digits);
		n %= 10;
	}
	if (!err && n)
		err = say_word(ch, n, stop_digits);
	return err;
}

int bb_say_number(struct bb_chan *ch, int64_t n, const char *gender, const char *stop_digits)
{
	static const struct {
		uint64_t unit;
		const char *word;
	} groups[] = {
		{ 1000000000, "billion" }, { 1000000, "million" }, { 1000, "thousand" }, { 1, NULL }
	};
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	int err = 0;

	if (left >= (uint64_t)1000000000000)
		return -ERANGE;
	if (n < 0)
		err = play(ch, stop_digits, "digits", "minus");
	if (!left && !err)
		err = say_word(ch, 0, stop_digits);
	for (size_t i = 0; i < BB_ARRAY_SIZE(groups) && left && !err; i++) {
		unsigned part = (unsigned)(left / groups[i].unit);

		left %= groups[i].unit;
		if (!part)
			continue;
		err = say_hundreds(ch, part, stop_digits);
		if (!err && groups[i].word)
			err = play(ch, stop_digits, "digits", groups[i].word);
	}
	return err;
}

/** The prompt of a character, or NULL for those that are not spoken. */
static const char *letter(char c, char name[16])
{
	static const struct {
		char c;
		const char *name;
	} marks[] = { { '!', "exclaimation-point" },
		      { '@', "at" },
		      { '$', "dollar" },
		      { '*', "asterisk" },
		      { '-', "dash" },
		      { '.', "dot" },
		      { '=', "equals" },
		      { '+', "plus" },
		      { '/', "slash" },
		      { ' ', "space" } };

	for (size_t i = 0; i < BB_ARRAY_SIZE(marks); i++)
		if (marks[i].c == c)
			return marks[i].name;
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c >= 'a' && c <= 'z')
		snprintf(name, 16, "%c", c);
	else if (c > ' ' && c < 127)
		snprintf(name, 16, "ascii%d", c);
	else
		return NULL;
	return name;
}

int bb_say_alpha(struct bb_chan *ch, struct bb_str text, const char *stop_digits)
{
	int err = 0;

	for (size_t i = 0; i < text.l && !err; i++) {
		char buf[16];
		const char *name;

		if (text.p[i] >= '0' && text.p[i] <= '9') {
			err = bb_say_digits(ch, bb_str_sub(text, i, 1), stop_digits);
			continue;
		}
		name = letter(text.p[i], buf);
		if (name)
			err = play(ch, stop_digits, "letters", name);
	}
	return err;
}
