/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_strings.c - LEN(), TOUPPER(), REGEX() and the like: functions of texts.
 */
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#include <regex.h>

struct text_args {
	struct bb_str text;
};

struct var_args {
	struct bb_str name, find, replace;
	int64_t max;
};

static int len_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_printf(out, "%zu", ((const struct text_args *)args)->text.l);
	return out->err;
}

static int upper_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = ((const struct text_args *)args)->text;

	(void)ch;
	for (size_t i = 0; i < s.l; i++)
		bb_buf_putc(out, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i]);
	return out->err;
}

static int lower_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = ((const struct text_args *)args)->text;

	(void)ch;
	for (size_t i = 0; i < s.l; i++)
		bb_buf_putc(out, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i]);
	return out->err;
}

/* The keys of a telephone (ITU-T E.161); what has none is left out. */
static int keypad_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	static const char keys[] = "22233344455566677778889999";
	struct bb_str s = ((const struct text_args *)args)->text;

	(void)ch;
	for (size_t i = 0; i < s.l; i++) {
		char c = s.p[i];

		if (c >= 'a' && c <= 'z')
			bb_buf_putc(out, keys[c - 'a']);
		else if (c >= 'A' && c <= 'Z')
			bb_buf_putc(out, keys[c - 'A']);
		else if (c >= '0' && c <= '9')
			bb_buf_putc(out, c);
	}
	return out->err;
}

static int quote_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = ((const struct text_args *)args)->text;

	(void)ch;
	bb_buf_putc(out, '"');
	for (size_t i = 0; i < s.l; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			bb_buf_putc(out, '\\');
		bb_buf_putc(out, s.p[i]);
	}
	bb_buf_putc(out, '"');
	return out->err;
}

/* The value of a variable or function that an argument names; empty when there is none. */
static struct bb_str value_of(struct bb_chan *ch, struct bb_str name, struct bb_arena *a)
{
	char *z = bb_arena_strdup(a, bb_str_trim(name));
	struct bb_str v = z ? bb_var_get(ch, z, a) : BB_STR("");

	return v.p ? v : BB_STR("");
}

static int replace_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct var_args *v = args;
	struct bb_arena *a = bb_arena_new(512);
	struct bb_str s;
	int64_t left = v->max ? v->max : INT64_MAX;
	ptrdiff_t at;

	if (!a)
		return -ENOMEM;
	s = value_of(ch, v->name, a);
	while (v->find.l && left-- > 0 && (at = bb_str_find(s, v->find)) >= 0) {
		bb_buf_putstr(out, bb_str_sub(s, 0, (size_t)at));
		bb_buf_putstr(out, v->replace);
		s = bb_str_sub(s, (size_t)at + v->find.l, s.l);
	}
	bb_buf_putstr(out, s);
	bb_arena_free(a);
	return out->err;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a set, where \\n, \\xHH and so on stand for one. */
static unsigned char next_char(struct bb_str s, size_t *i)
{
	char c = s.p[(*i)++];

	if (c != '\\' || *i >= s.l)
		return (unsigned char)c;
	c = s.p[(*i)++];
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'x':
		if (*i + 1 < s.l && hex_digit(s.p[*i]) >= 0 && hex_digit(s.p[*i + 1]) >= 0) {
			*i += 2;
			return (unsigned char)(hex_digit(s.p[*i - 2]) * 16 +
					       hex_digit(s.p[*i - 1]));
		}
		return 'x';
	default:
		return (unsigned char)c;
	}
}

/* Characters and ranges "0-9a-f"; a range that runs backwards goes on over the end. */
static void take_set(struct bb_str set, bool in[256])
{
	size_t i = 0;

	memset(in, 0, 256 * sizeof(in[0]));
	while (i < set.l) {
		unsigned char from = next_char(set, &i), to = from;

		if (i + 1 < set.l && set.p[i] == '-') {
			i++;
			to = next_char(set, &i);
		} else if (i + 1 == set.l && set.p[i] == '-') {
			i++;
		}
		for (unsigned char c = from;; c++) {
			in[c] = true;
			if (c == to)
				break;
		}
	}
}

/* Up to the first comma that has no backslash; false without one. What it leaves stays raw. */
static bool take_raw(struct bb_str *rest, struct bb_str *piece)
{
	size_t i = 0;

	while (i < rest->l && rest->p[i] != ',')
		i += rest->p[i] == '\\' && i + 1 < rest->l ? 2 : 1;
	if (i >= rest->l) {
		*piece = *rest;
		*rest = BB_STR("");
		return false;
	}
	*piece = bb_str_sub(*rest, 0, i);
	*rest = bb_str_sub(*rest, i + 1, rest->l);
	return true;
}

/* "allowed,text" */
static int filter_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = ((const struct text_args *)args)->text, set;
	bool allowed[256];

	(void)ch;
	if (!take_raw(&s, &set))
		return -EINVAL;
	take_set(set, allowed);
	for (size_t i = 0; i < s.l; i++)
		if (allowed[(unsigned char)s.p[i]])
			bb_buf_putc(out, s.p[i]);
	return out->err;
}

/* "variable,characters[,character]" */
static int replace_chars_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str rest = ((const struct text_args *)args)->text, name, set, with;
	struct bb_arena *a;
	bool found[256];
	struct bb_str s;
	size_t i = 0;
	char c = '\0';

	if (!take_raw(&rest, &name))
		return -EINVAL;
	take_raw(&rest, &set);
	take_raw(&rest, &with);
	if (!set.l)
		return -EINVAL;
	a = bb_arena_new(512);
	if (!a)
		return -ENOMEM;
	take_set(set, found);
	if (with.l)
		c = (char)next_char(with, &i);
	s = value_of(ch, name, a);
	for (i = 0; i < s.l; i++)
		if (!found[(unsigned char)s.p[i]])
			bb_buf_putc(out, s.p[i]);
		else if (c)
			bb_buf_putc(out, c);
	bb_arena_free(a);
	return out->err;
}

/* The pattern in quotes, where a backslash takes the next character as it is and goes away; then
 * the text. */
static int regex_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = ((const struct text_args *)args)->text;
	struct bb_buf pattern = { 0 }, text = { 0 };
	regex_t re;
	size_t i = 1;
	int err;

	(void)ch;
	if (!s.l || s.p[0] != '"')
		return -EINVAL;
	for (; i < s.l && s.p[i] != '"'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.l)
			i++;
		bb_buf_putc(&pattern, s.p[i]);
	}
	i++;
	if (i < s.l && s.p[i] == ' ')
		i++;
	bb_buf_putstr(&text, bb_str_sub(s, i, s.l));
	err = pattern.err ? pattern.err : text.err;
	if (!err) {
		err = regcomp(&re, bb_buf_cstr(&pattern), REG_EXTENDED | REG_NOSUB) ? -EINVAL : 0;
		if (err) {
			bb_warning("REGEX(): '%s' is no regular expression", bb_buf_cstr(&pattern));
		} else {
			bb_buf_putc(out, regexec(&re, bb_buf_cstr(&text), 0, NULL, 0) ? '0' : '1');
			regfree(&re);
		}
	}
	bb_buf_free(&pattern);
	bb_buf_free(&text);
	return err ? err : out->err;
}

/** Of every function here that takes one text and nothing else. */
static const struct bb_field text_fields[] = { { .name = "text",
						 .type = BB_T_REST,
						 .def = "",
						 .off = offsetof(struct text_args, text),
						 .doc = "The text." },
					       { 0 } };

static const struct bb_func len = {
	.name = "LEN",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = len_read,
	.doc = { .summary = "Count the characters of a text",
		 .since = "0.1",
		 .text = "Example: ${LEN(${EXTEN})}" },
};

static const struct bb_func upper = {
	.name = "TOUPPER",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = upper_read,
	.doc = { .summary = "Make letters capital", .since = "0.1", .see_also = "TOLOWER" },
};

static const struct bb_func lower = {
	.name = "TOLOWER",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = lower_read,
	.doc = { .summary = "Make letters small", .since = "0.1", .see_also = "TOUPPER" },
};

static const struct bb_func keypad = {
	.name = "KEYPADHASH",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = keypad_read,
	.doc = { .summary = "Spell a text on a telephone's keys",
		 .since = "0.1",
		 .text = "Example: ${KEYPADHASH(Les)} is 537" },
};

static const struct bb_func quote = {
	.name = "QUOTE",
	.args = text_fields,
	.args_size = sizeof(struct text_args),
	.read = quote_read,
	.doc = { .summary = "Put a text in quotes, its own quotes and backslashes escaped",
		 .since = "0.1" },
};

static const struct bb_func replace = {
	.name = "STRREPLACE",
	.args =
		(const struct bb_field[]){
			{ .name = "variable",
			  .type = BB_T_STR,
			  .off = offsetof(struct var_args, name),
			  .doc = "Name of a variable or function: without ${}." },
			{ .name = "find",
			  .type = BB_T_STR,
			  .off = offsetof(struct var_args, find),
			  .doc = "What to look for." },
			{ .name = "replace",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct var_args, replace),
			  .doc = "What to put there; nothing when left out." },
			{ .name = "max",
			  .type = BB_T_INT,
			  .def = "0",
			  .off = offsetof(struct var_args, max),
			  .doc = "How often at most; 0 is always." },
			{ 0 } },
	.args_size = sizeof(struct var_args),
	.read = replace_read,
	.doc = { .summary = "Replace a text within the value of a variable",
		 .since = "0.1",
		 .text = "Example: ${STRREPLACE(NUMBER,+,00)}",
		 .see_also = "FILTER" },
};

static const struct bb_func filter = {
	.name = "FILTER",
	.args =
		(const struct bb_field[]){
			{ .name = "allowed,text",
			  .type = BB_T_REST,
			  .off = offsetof(struct text_args, text),
			  .doc = "Characters and ranges (0-9a-f), a comma, the text." },
			{ 0 } },
	.args_size = sizeof(struct text_args),
	.read = filter_read,
	.doc = { .summary = "Keep only certain characters",
		 .since = "0.1",
		 .text = "Example: ${FILTER(0-9,${CALLERID(num)})}",
		 .see_also = "STRREPLACE REGEX" },
};

static const struct bb_func replace_chars = {
	.name = "REPLACE",
	.args =
		(const struct bb_field[]){
			{ .name = "variable,characters[,character]",
			  .type = BB_T_REST,
			  .off = offsetof(struct text_args, text),
			  .doc = "Name of a variable or function, without ${}; "
				 "characters and ranges (a-z) to replace; and by "
				 "what: left out, they go." },
			{ 0 } },
	.args_size = sizeof(struct text_args),
	.read = replace_chars_read,
	.doc = { .summary = "Replace characters in the value of a variable",
		 .since = "0.1",
		 .text = "Example: ${REPLACE(NAME, ,_)}",
		 .see_also = "STRREPLACE FILTER" },
};

static const struct bb_func regex = {
	.name = "REGEX",
	.args = (const struct bb_field[]){ { .name = "pattern text",
					     .type = BB_T_REST,
					     .off = offsetof(struct text_args, text),
					     .doc = "An extended regular expression in double "
						    "quotes, a blank, the text." },
					   { 0 } },
	.args_size = sizeof(struct text_args),
	.read = regex_read,
	.doc = { .summary = "Does a text match a regular expression?",
		 .since = "0.1",
		 .text = "1 or 0. Example: ${REGEX(\"^0[1-9]\" ${EXTEN})}",
		 .see_also = "FILTER" },
};

BB_MODULE(func_strings,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&len),
						   BB_FUNC(&upper),
						   BB_FUNC(&lower),
						   BB_FUNC(&keypad),
						   BB_FUNC(&quote),
						   BB_FUNC(&replace),
						   BB_FUNC(&filter),
						   BB_FUNC(&regex),
						   BB_FUNC(&replace_chars),
						   { 0 } },
	  .doc = { .summary = "Functions of texts", .since = "0.1" });
