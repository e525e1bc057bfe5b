/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arguments judged as they are written, before anything is substituted:
 * `${…}` and `$[…]` may become anything, so only what is wholly literal can
 * be wrong already.
 */
#include "core/config/config.h"

struct check {
	const char *who;
	struct bb_str text;
	const struct bb_args_judge *j;
	struct bb_diag *d;
	struct bb_arena *arena;
};

static struct bb_where place(const struct check *c, size_t offset)
{
	struct bb_where w = c->j->at;

	if (c->j->where)
		return c->j->where(c->text.p + offset, c->j->arg);
	if (w.column)
		w.column += (unsigned)offset;
	return w;
}

/* Behind the substitution that begins at @p i, or @p i when there is none. */
static size_t skip_opaque(struct bb_str t, size_t i)
{
	char open, close;
	unsigned depth = 0;

	if (i + 1 >= t.l || t.p[i] != '$' || (t.p[i + 1] != '{' && t.p[i + 1] != '['))
		return i;
	open = t.p[i + 1];
	close = open == '{' ? '}' : ']';
	for (i++; i < t.l; i++) {
		if (t.p[i] == open)
			depth++;
		else if (t.p[i] == close && --depth == 0)
			return i + 1;
	}
	return t.l;
}

static bool has_opaque(struct bb_str t)
{
	for (size_t i = 0; i < t.l; i++)
		if (skip_opaque(t, i) != i)
			return true;
	return false;
}

/* Nothing but one substitution: it may bring commas, and with them other arguments. */
static bool all_opaque(struct bb_str t)
{
	t = bb_str_trim(t);
	return t.l && skip_opaque(t, 0) == t.l;
}

static size_t piece_end(struct bb_str t, size_t from)
{
	unsigned paren = 0, bracket = 0;
	bool quote = false;

	for (size_t i = from; i < t.l; i++) {
		size_t behind = skip_opaque(t, i);

		if (behind != i) {
			i = behind - 1;
			continue;
		}
		if (t.p[i] == '\\')
			i++;
		else if (t.p[i] == '(')
			paren++;
		else if (t.p[i] == ')' && paren)
			paren--;
		else if (t.p[i] == '[')
			bracket++;
		else if (t.p[i] == ']' && bracket)
			bracket--;
		else if (t.p[i] == '"')
			quote = !quote;
		else if (t.p[i] == ',' && !paren && !bracket && !quote)
			return i;
	}
	return t.l;
}

static void named(const struct check *c, enum bb_refers refers, struct bb_str text, bool letter)
{
	if (refers != BB_REF_NONE && c->j->named && bb_str_trim(text).l)
		c->j->named(refers, text, letter, c->j->arg);
}

/* --- option letters --- */

static const struct bb_option *option_find(const struct bb_option *o, char letter)
{
	for (; o && o->letter; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* Behind the parentheses that open at @p i; 0 when they do not close. */
static size_t skip_parens(struct bb_str t, size_t i)
{
	unsigned depth = 0;

	while (i < t.l) {
		size_t behind = skip_opaque(t, i);

		if (behind != i) {
			i = behind;
			continue;
		}
		if (t.p[i] == '\\')
			i++;
		else if (t.p[i] == '(')
			depth++;
		else if (t.p[i] == ')' && --depth == 0)
			return i + 1;
		i++;
	}
	return 0;
}

static void unknown_letter(const struct check *c, char letter, size_t offset)
{
	struct bb_where at = place(c, offset);

	if (strchr(bb_known_letters(c->who), letter))
		bb_diag_add(c->d, BB_WARN, &at,
			    "%s: the option '%c' is known but not built here; it has no effect",
			    c->who, letter);
	else
		bb_diag_add(c->d, BB_SUSPECT, &at, "%s: unknown option '%c'", c->who, letter);
}

static void check_option_arg(const struct check *c, const struct bb_option *opt, struct bb_str text,
			     size_t offset)
{
	struct bb_field one = { .name = opt->arg, .type = opt->type, .unit = BB_SECONDS };
	struct bb_where at = place(c, offset);
	union {
		max_align_t align;
		unsigned char bytes[256];
	} value = { .bytes = { 0 } };
	char why[160];

	if (has_opaque(text) || opt->type == BB_T_END || opt->type == BB_T_ENUM ||
	    opt->type == BB_T_FLAGS || opt->type == BB_T_OPTIONS)
		return;
	if (bb_field_parse(&one, text, &value, c->arena, why, sizeof(why)) == -EINVAL)
		bb_diag_add(c->d, BB_SUSPECT, &at, "%s: option %c(%s): %s", c->who, opt->letter,
			    opt->arg, why);
}

static void check_options(const struct check *c, const struct bb_field *f, struct bb_str t,
			  size_t offset)
{
	size_t i = 0;

	while (i < t.l) {
		size_t at = i, behind = skip_opaque(t, i);
		const struct bb_option *opt;
		struct bb_where w = place(c, offset + at);
		char letter = t.p[i];

		if (behind != i) {
			/* What stands in parentheses behind it belongs to a letter we cannot see.
			 */
			i = behind;
			if (i < t.l && t.p[i] == '(')
				i = skip_parens(t, i);
			if (!i)
				return;
			continue;
		}
		i++;
		if (letter == ' ' || letter == '\t' || letter == '"' || letter == '\\')
			continue;
		if (letter == '(' || letter == ')') {
			bb_diag_add(c->d, BB_SUSPECT, &w,
				    "%s: '%c' without an option letter before it", c->who, letter);
			return;
		}
		opt = option_find(f->options, letter);
		if (!opt)
			unknown_letter(c, letter, offset + at);
		if (i < t.l && t.p[i] == '(') {
			size_t end = skip_parens(t, i);

			if (!end) {
				bb_diag_add(c->d, BB_SUSPECT, &w,
					    "%s: option %c( has no closing ')'", c->who, letter);
				return;
			}
			if (opt && opt->arg) {
				struct bb_str text = bb_strn(t.p + i + 1, end - i - 2);

				check_option_arg(c, opt, text, offset + i + 1);
				named(c, opt->refers, text, true);
			}
			i = end;
		} else if (opt && opt->arg && !opt->arg_optional &&
			   (i >= t.l || skip_opaque(t, i) == i)) {
			bb_diag_add(c->d, BB_SUSPECT, &w, "%s: option %c needs an argument: %c(%s)",
				    c->who, letter, letter, opt->arg);
		}
	}
}

/* --- fields --- */

static void check_literal(const struct check *c, const struct bb_field *f, struct bb_str raw,
			  size_t offset)
{
	struct bb_field one = *f;
	struct bb_where at = place(c, offset);
	union {
		max_align_t align;
		unsigned char bytes[512];
	} value = { .bytes = { 0 } };
	struct bb_str text = raw;
	char why[160];

	one.off = 0;
	if (f->type != BB_T_GOTO && f->type != BB_T_BRANCH && f->type != BB_T_APPCALL &&
	    bb_args_split(raw, '\0', &text, 1, c->arena) < 1)
		return;
	if (bb_field_parse(&one, text, &value, c->arena, why, sizeof(why)) == -EINVAL)
		bb_diag_add(c->d, BB_SUSPECT, &at, "%s: %s: %s", c->who, f->name, why);
}

/* The first @p want outside of substitutions and, when @p flat, of parentheses; the end without. */
static size_t outside(struct bb_str t, size_t i, char want, bool flat)
{
	unsigned depth = 0;

	for (; i < t.l; i++) {
		size_t behind = skip_opaque(t, i);

		if (behind != i)
			i = behind - 1;
		else if (t.p[i] == want && !depth)
			return i;
		else if (flat && t.p[i] == '(')
			depth++;
		else if (flat && t.p[i] == ')' && depth)
			depth--;
	}
	return t.l;
}

static void check_branch(const struct check *c, const struct bb_field *f, struct bb_str raw,
			 size_t offset)
{
	struct bb_where at = place(c, offset);
	size_t q = outside(raw, 0, '?', false), colon;

	if (q == raw.l) {
		if (!all_opaque(raw))
			bb_diag_add(c->d, BB_SUSPECT, &at, "%s: no '?' in 'condition?true:false'",
				    c->who);
		return;
	}
	colon = outside(raw, q + 1, ':', true);
	named(c, f->refers, bb_str_sub(raw, q + 1, colon - q - 1), false);
	if (colon < raw.l)
		named(c, f->refers, bb_str_sub(raw, colon + 1, raw.l), false);
}

static bool takes_rest(const struct bb_field *f)
{
	return f->type == BB_T_REST ||
	       ((f->type == BB_T_GOTO || f->type == BB_T_BRANCH || f->type == BB_T_APPCALL) &&
		!f[1].name);
}

static void check_piece(const struct check *c, const struct bb_field *f, struct bb_str raw,
			size_t offset)
{
	struct bb_where at = place(c, offset);
	size_t lead = 0;

	while (lead < raw.l && (raw.p[lead] == ' ' || raw.p[lead] == '\t'))
		lead++;
	if (bb_str_empty(bb_str_trim(raw))) {
		if (!f->def && !(f->type == BB_T_STR && raw.l) && f->type != BB_T_REST)
			bb_diag_add(c->d, BB_SUSPECT, &at, "%s: the argument '%s' is missing",
				    c->who, f->name);
	} else if (f->type == BB_T_OPTIONS) {
		check_options(c, f, raw, offset);
	} else if (f->type == BB_T_BRANCH) {
		check_branch(c, f, raw, offset);
	} else {
		if (!has_opaque(raw))
			check_literal(c, f, raw, offset + lead);
		named(c, f->refers, raw, false);
	}
}

static void check_all(const struct check *c, const struct bb_field *fields)
{
	const struct bb_field *f;
	bool more = c->text.l > 0;
	size_t at = 0;

	for (f = fields; f && f->name; f++) {
		struct bb_str raw;
		size_t end;

		if (!more) {
			struct bb_where w = place(c, c->text.l);

			if (!f->def)
				bb_diag_add(c->d, BB_SUSPECT, &w,
					    "%s: the argument '%s' is missing", c->who, f->name);
			continue;
		}
		end = takes_rest(f) ? c->text.l : piece_end(c->text, at);
		raw = bb_strn(c->text.p + at, end - at);
		check_piece(c, f, raw, at);
		if (all_opaque(raw))
			return; /* from here on nobody knows which argument is which */
		more = end < c->text.l;
		at = end + 1;
	}
	if (more && !bb_str_empty(bb_str_trim(bb_str_sub(c->text, at, c->text.l)))) {
		struct bb_where w = place(c, at);
		size_t n = (size_t)(f ? f - fields : 0);

		bb_diag_add(c->d, BB_SUSPECT, &w, "%s takes only %zu argument%s", c->who, n,
			    n == 1 ? "" : "s");
	}
}

void bb_args_check(const char *who, const struct bb_field *fields, struct bb_str text,
		   const struct bb_args_judge *j, struct bb_diag *d)
{
	struct check c = { .who = who, .text = text, .j = j, .d = d };

	c.arena = bb_arena_new(1024);
	if (!c.arena) {
		struct bb_where at = place(&c, 0);

		bb_diag_add(d, BB_MISTAKE, &at, "%s: no memory to judge the arguments", who);
		return;
	}
	check_all(&c, fields);
	bb_arena_free(c.arena);
}
