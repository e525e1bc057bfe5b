/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arguments of applications and functions at run time, after substitution:
 * split as Asterisk's applications do, then filled by the typed fields.
 *
 * The rules of splitting: a comma separates outside of parentheses, brackets
 * and double quotes; quotes disappear; a backslash disappears and makes the
 * next character ordinary. Blanks are kept (CUT(x, ,1) means a blank).
 */
#include "core/config/config.h"

#include <stdio.h>

static int bad(struct bb_args_error *e, const struct bb_field *f, size_t offset, const char *fmt,
	       ...) BB_PRINTF(4, 5);

static int bad(struct bb_args_error *e, const struct bb_field *f, size_t offset, const char *fmt,
	       ...)
{
	va_list ap;

	e->offset = offset;
	e->field = f ? f->name : NULL;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- splitting --- */

/* One raw piece from @p from: where it ends (at a separator or at the end). */
static size_t piece_end(struct bb_str t, size_t from, char sep)
{
	unsigned paren = 0, bracket = 0;
	bool quote = false;

	for (size_t i = from; i < t.l; i++) {
		char c = t.p[i];

		if (c == '\\')
			i++;
		else if (c == '(')
			paren++;
		else if (c == ')' && paren)
			paren--;
		else if (c == '[')
			bracket++;
		else if (c == ']' && bracket)
			bracket--;
		else if (c == '"')
			quote = !quote;
		else if (c == sep && !paren && !bracket && !quote)
			return i;
	}
	return t.l;
}

/* The piece without its quotes and backslashes. */
static int unquote(struct bb_str raw, struct bb_arena *a, struct bb_str *out)
{
	char *p = bb_arena_alloc(a, raw.l + 1);
	size_t n = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < raw.l; i++) {
		if (raw.p[i] == '"')
			continue;
		if (raw.p[i] == '\\' && ++i == raw.l)
			break;
		p[n++] = raw.p[i];
	}
	*out = bb_strn(p, n);
	return 0;
}

int bb_args_pieces(struct bb_str text, char sep, struct bb_str *pieces, size_t max)
{
	size_t at = 0, n = 0;

	while (n < max && text.l) {
		size_t end = piece_end(text, at, sep);

		pieces[n++] = bb_strn(text.p + at, end - at);
		if (end >= text.l)
			break;
		at = end + 1;
	}
	return (int)n;
}

int bb_args_split(struct bb_str text, char sep, struct bb_str *pieces, size_t max,
		  struct bb_arena *a)
{
	int n = bb_args_pieces(text, sep, pieces, max);

	for (int i = 0; i < n; i++)
		if (unquote(pieces[i], a, &pieces[i]))
			return -ENOMEM;
	return n;
}

/* --- option letters --- */

static const struct bb_option *option_find(const struct bb_option *o, char letter)
{
	for (; o && o->letter; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static void set_letter(struct bb_opts *o, char c)
{
	if (c >= 'a' && c <= 'z')
		o->lower |= UINT64_C(1) << (c - 'a');
	else if (c >= 'A' && c <= 'Z')
		o->upper |= UINT64_C(1) << (c - 'A');
	else if (c >= '0' && c <= '9')
		o->digit |= UINT64_C(1) << (c - '0');
}

static void ignore_letter(struct bb_args_error *e, char c)
{
	size_t l = strlen(e->ignored);

	if (l + 1 < sizeof(e->ignored) && !strchr(e->ignored, c))
		e->ignored[l] = c;
}

/*
 * The text in parentheses from @p *i, which stands behind '('. Quotes count
 * only when the text begins with one; a backslash makes the next character
 * ordinary. @return false when the closing one is missing.
 */
static bool option_text(struct bb_str t, size_t *i, char *dst, size_t *len)
{
	bool quotes = *i < t.l && t.p[*i] == '"', quote = false;
	unsigned depth = 1;
	size_t n = 0;

	for (; *i < t.l; (*i)++) {
		char c = t.p[*i];

		if (c == '"' && quotes) {
			quote = !quote;
			continue;
		}
		if (c == '\\' && *i + 1 < t.l) {
			if (quote && t.p[*i + 1] != '"')
				dst[n++] = c;
			dst[n++] = t.p[++*i];
			continue;
		}
		if (c == '(' && !quote)
			depth++;
		if (c == ')' && !quote && --depth == 0) {
			(*i)++;
			dst[n] = '\0';
			*len = n;
			return true;
		}
		dst[n++] = c;
	}
	return false;
}

static void keep_arg(struct bb_opts *o, struct bb_opt_arg *args, char letter, struct bb_str text)
{
	/* The last one said counts, as in Asterisk. */
	for (size_t k = 0; k < o->n_args; k++)
		if (args[k].letter == letter) {
			args[k].text = text;
			return;
		}
	args[o->n_args].letter = letter;
	args[o->n_args++].text = text;
}

/* Judge the argument of a letter by its type; the text itself is what is kept. */
static int judge_arg(const struct bb_field *f, const struct bb_option *opt, struct bb_str text,
		     size_t offset, struct bb_arena *a, struct bb_args_error *e)
{
	struct bb_field one = { .name = opt->arg, .type = opt->type, .unit = BB_SECONDS };
	union {
		max_align_t align;
		unsigned char bytes[256];
	} value;
	char why[160];
	int err;

	switch (opt->type) {
	case BB_T_INT:
	case BB_T_DOUBLE:
	case BB_T_BOOL:
	case BB_T_DURATION:
	case BB_T_ADDR:
	case BB_T_CIDR:
		break;
	default:
		return 0;
	}
	err = bb_field_parse(&one, text, &value, a, why, sizeof(why));
	if (err == -EINVAL)
		return bad(e, f, offset, "option %c(%s): %s", opt->letter, opt->arg, why);
	return err;
}

static int parse_options(const struct bb_field *f, struct bb_str t, size_t offset, void *dst,
			 struct bb_arena *a, struct bb_args_error *e)
{
	struct bb_opts *o = (struct bb_opts *)(void *)((char *)dst + f->off);
	struct bb_opt_arg *args = bb_arena_alloc(a, (t.l + 1) * sizeof(*args));
	char *store = bb_arena_alloc(a, t.l * 2 + 2);
	size_t i = 0, used = 0;

	if (!args || !store)
		return -ENOMEM;
	memset(o, 0, sizeof(*o));
	o->args = args;
	while (i < t.l) {
		const struct bb_option *opt;
		size_t at = i, len;
		char c = t.p[i++];

		if (c == ' ' || c == '\t')
			continue;
		if (c == '(' || c == ')')
			return bad(e, f, offset + at, "'%c' without an option letter before it", c);
		opt = option_find(f->options, c);
		if (opt)
			set_letter(o, c);
		else
			ignore_letter(e, c);
		if (i < t.l && t.p[i] == '(') {
			i++;
			if (!option_text(t, &i, store + used, &len))
				return bad(e, f, offset + at, "option %c( has no closing ')'", c);
			if (opt && opt->arg) {
				struct bb_str text = bb_strn(store + used, len);
				int err = judge_arg(f, opt, text, offset + at, a, e);

				if (err)
					return err;
				keep_arg(o, args, c, text);
			}
			used += len + 1;
		} else if (opt && opt->arg && !opt->arg_optional) {
			return bad(e, f, offset + at, "option %c needs an argument: %c(%s)", c, c,
				   opt->arg);
		}
	}
	return 0;
}

static uint64_t letter_bits(const struct bb_opts *o, char c, unsigned *bit)
{
	if (c >= 'a' && c <= 'z') {
		*bit = (unsigned)(c - 'a');
		return o->lower;
	}
	if (c >= 'A' && c <= 'Z') {
		*bit = (unsigned)(c - 'A');
		return o->upper;
	}
	*bit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : 63;
	return c >= '0' && c <= '9' ? o->digit : 0;
}

bool bb_opts_has(const struct bb_opts *o, char letter)
{
	unsigned bit;
	uint64_t bits = letter_bits(o, letter, &bit);

	return bits >> bit & 1;
}

struct bb_str bb_opts_arg(const struct bb_opts *o, char letter)
{
	for (size_t i = 0; i < o->n_args; i++)
		if (o->args[i].letter == letter)
			return o->args[i].text;
	return bb_strz(NULL);
}

/* --- filling --- */

/* Types that want the text as it was written, quotes and all. */
static bool wants_raw(enum bb_type t)
{
	return t == BB_T_REST || t == BB_T_OPTIONS || t == BB_T_APPCALL || t == BB_T_BRANCH ||
	       t == BB_T_GOTO || t == BB_T_VAR;
}

/* Types whose value may itself hold commas: they end only with the text. */
static bool takes_rest(const struct bb_field *f)
{
	if (f->type == BB_T_REST)
		return true;
	return (f->type == BB_T_GOTO || f->type == BB_T_BRANCH || f->type == BB_T_APPCALL) &&
	       !f[1].name;
}

static int use_default(const struct bb_field *f, void *dst, size_t offset, struct bb_arena *a,
		       struct bb_args_error *e)
{
	char why[160];
	int err;

	if (!f->def)
		return bad(e, f, offset, "the argument '%s' is missing", f->name);
	switch (f->type) {
	case BB_T_OPTIONS:
		return parse_options(f, bb_strz(f->def), offset, dst, a, e);
	case BB_T_STR:
	case BB_T_REST:
	case BB_T_VAR:
	case BB_T_APPCALL:
		break;
	default:
		if (!f->def[0])
			return 0; /* stays zero: unset */
		break;
	}
	err = bb_field_parse(f, bb_strz(f->def), dst, a, why, sizeof(why));
	return err == -EINVAL ? bad(e, f, offset, "%s: %s", f->name, why) : err;
}

static int fill(const struct bb_field *f, struct bb_str raw, size_t offset, void *dst,
		struct bb_arena *a, struct bb_args_error *e)
{
	struct bb_str value = raw;
	char why[160];
	int err;

	if (bb_str_empty(bb_str_trim(raw)) && (f->type != BB_T_STR || raw.l == 0) &&
	    f->type != BB_T_REST)
		return use_default(f, dst, offset, a, e);
	if (f->type == BB_T_OPTIONS)
		return parse_options(f, raw, offset, dst, a, e);
	if (!wants_raw(f->type)) {
		err = unquote(raw, a, &value);
		if (err)
			return err;
	}
	err = bb_field_parse(f, value, dst, a, why, sizeof(why));
	if (err == -EINVAL && f->def) { /* said, and as if it had been left out */
		err = use_default(f, dst, offset, a, e);
		if (!err)
			bad(e, f, offset, "%s: %s; it is left out", f->name, why);
		return err;
	}
	return err == -EINVAL ? bad(e, f, offset, "%s: %s", f->name, why) : err;
}

int bb_args_parse(const struct bb_field *fields, struct bb_str text, void *dst, struct bb_arena *a,
		  struct bb_args_error *e)
{
	const struct bb_field *f;
	size_t at = 0;
	bool more = text.l > 0;
	int err;

	memset(e, 0, sizeof(*e));
	for (f = fields; f && f->name; f++) {
		size_t end;

		if (!more) {
			err = use_default(f, dst, at, a, e);
			if (err)
				return err;
			continue;
		}
		end = takes_rest(f) ? text.l : piece_end(text, at, ',');
		err = fill(f, bb_strn(text.p + at, end - at), at, dst, a, e);
		if (err)
			return err;
		more = end < text.l;
		at = end + 1;
	}
	/* Commas with nothing behind them mean nothing. */
	if (more && !bb_str_empty(bb_str_trim(bb_str_sub(text, at, text.l)))) {
		size_t n = (size_t)(f ? f - fields : 0);

		bad(e, NULL, at, "takes only %zu argument%s; the others are left out", n,
		    n == 1 ? "" : "s");
	}
	return 0;
}
