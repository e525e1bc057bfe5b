/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_text.c - TRIM(), PASSTHRU(), CSV_QUOTE(), BASENAME() and the like: what
 * takes one text and makes another of it.
 */
#include <bellbird/func.h>
#include <bellbird/mem.h>

struct text_args {
	struct bb_str text;
};

static struct bb_str text_of(const void *args)
{
	return ((const struct text_args *)args)->text;
}

/* Blanks are what stands before '!' in ASCII. */
static bool blank(char c)
{
	return (unsigned char)c <= ' ';
}

static struct bb_str skip_left(struct bb_str s)
{
	size_t i = 0;

	while (i < s.l && blank(s.p[i]))
		i++;
	return bb_str_sub(s, i, s.l);
}

static struct bb_str skip_right(struct bb_str s)
{
	while (s.l && blank(s.p[s.l - 1]))
		s.l--;
	return s;
}

static int trim_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_putstr(out, skip_right(skip_left(text_of(args))));
	return out->err;
}

static int ltrim_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_putstr(out, skip_left(text_of(args)));
	return out->err;
}

static int rtrim_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_putstr(out, skip_right(text_of(args)));
	return out->err;
}

static int passthru_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_putstr(out, text_of(args));
	return out->err;
}

/* RFC 4180 section 2: a quote within a field is doubled. */
static int csv_quote_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = text_of(args);

	(void)ch;
	bb_buf_putc(out, '"');
	for (size_t i = 0; i < s.l; i++) {
		if (s.p[i] == '"')
			bb_buf_putc(out, '"');
		bb_buf_putc(out, s.p[i]);
	}
	bb_buf_putc(out, '"');
	return out->err;
}

static int digit_sum_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = text_of(args);
	unsigned long long sum = 0;

	(void)ch;
	for (size_t i = 0; i < s.l; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			sum += (unsigned)(s.p[i] - '0');
	bb_buf_printf(out, "%llu", sum);
	return out->err;
}

/* Without slashes at the end, except the only one. */
static struct bb_str without_slashes(struct bb_str s)
{
	while (s.l > 1 && s.p[s.l - 1] == '/')
		s.l--;
	return s;
}

static size_t last_slash(struct bb_str s)
{
	size_t i = s.l;

	while (i && s.p[i - 1] != '/')
		i--;
	return i;
}

static int base_name_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = without_slashes(text_of(args));
	size_t at = last_slash(s);

	(void)ch;
	bb_buf_putstr(out, at == s.l ? s : bb_str_sub(s, at, s.l));
	return out->err;
}

static int dir_name_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str s = without_slashes(text_of(args));
	size_t at = last_slash(s);

	(void)ch;
	if (s.l)
		bb_buf_putstr(out, at ? without_slashes(bb_str_sub(s, 0, at)) : BB_STR("."));
	return out->err;
}

struct between_args {
	struct bb_str name, between;
};

static int strbetween_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct between_args *b = args;
	struct bb_arena *a = bb_arena_new(256);
	char *z = a ? bb_arena_strdup(a, bb_str_trim(b->name)) : NULL;
	struct bb_str s = z ? bb_var_get(ch, z, a) : BB_STR("");

	for (size_t i = 0; i < s.l; i++) {
		if (i)
			bb_buf_putstr(out, b->between);
		bb_buf_putc(out, s.p[i]);
	}
	bb_arena_free(a);
	return z ? out->err : -ENOMEM;
}

/** Of every function here that takes one text and nothing else. */
static const struct bb_field text_fields[] = { { .name = "text",
						 .type = BB_T_REST,
						 .def = "",
						 .off = offsetof(struct text_args, text),
						 .doc = "The text, commas and all." },
					       { 0 } };

#define OF_TEXT(id, upper, what, example)                                                          \
	static const struct bb_func id = {                                                         \
		.name = upper,                                                                     \
		.args = text_fields,                                                               \
		.args_size = sizeof(struct text_args),                                             \
		.read = id##_read,                                                                 \
		.doc = { .summary = what, .since = "0.1", .text = "Example: " example },           \
	}

OF_TEXT(trim, "TRIM", "A text without blanks at its ends", "${TRIM( a b )} is 'a b'");
OF_TEXT(ltrim, "LTRIM", "A text without blanks at its beginning", "${LTRIM( a )} is 'a '");
OF_TEXT(rtrim, "RTRIM", "A text without blanks at its end", "${RTRIM( a )} is ' a'");
OF_TEXT(passthru, "PASSTHRU", "The text itself, where a function wants a variable's name",
	"${CUT(PASSTHRU(a-b-c),-,2)} is b");
OF_TEXT(csv_quote, "CSV_QUOTE", "A text as a field of comma-separated values",
	"${CSV_QUOTE(a \"b\")} is \"a \"\"b\"\"\"");
OF_TEXT(digit_sum, "DIGIT_SUM", "The sum of a number's digits", "${DIGIT_SUM(1234)} is 10");
OF_TEXT(base_name, "BASENAME", "The last part of a path", "${BASENAME(/a/b.wav)} is b.wav");
OF_TEXT(dir_name, "DIRNAME", "A path without its last part", "${DIRNAME(/a/b.wav)} is /a");

static const struct bb_func strbetween = {
	.name = "STRBETWEEN",
	.args =
		(const struct bb_field[]){
			{ .name = "variable",
			  .type = BB_T_STR,
			  .off = offsetof(struct between_args, name),
			  .doc = "Name of a variable or function: without ${}." },
			{ .name = "text",
			  .type = BB_T_STR,
			  .off = offsetof(struct between_args, between),
			  .doc = "What to put between its characters." },
			{ 0 } },
	.args_size = sizeof(struct between_args),
	.read = strbetween_read,
	.doc = { .summary = "Put a text between all characters of a variable",
		 .since = "0.1",
		 .text = "Example: SendDTMF(${STRBETWEEN(PIN,w)})" },
};

BB_MODULE(func_text,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&trim),
						   BB_FUNC(&ltrim),
						   BB_FUNC(&rtrim),
						   BB_FUNC(&passthru),
						   BB_FUNC(&csv_quote),
						   BB_FUNC(&digit_sum),
						   BB_FUNC(&base_name),
						   BB_FUNC(&dir_name),
						   BB_FUNC(&strbetween),
						   { 0 } },
	  .doc = { .summary = "TRIM(), PASSTHRU(), CSV_QUOTE() and the like", .since = "0.1" });
