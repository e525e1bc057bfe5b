/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One typed field from one text: what options and arguments have in common.
 */
#include "core/config/config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <bellbird/net.h>

static int complain(char *why, size_t cap, const char *fmt, ...) BB_PRINTF(3, 4);

static int complain(char *why, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (cap)
		vsnprintf(why, cap, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- durations --- */

static const struct {
	const char *word;
	double us;
} units[] = {
	{ "us", 1.0 }, { "ms", 1e3 },	{ "s", 1e6 },	 { "sec", 1e6 },
	{ "m", 60e6 }, { "min", 60e6 }, { "h", 3600e6 }, { "d", 86400e6 },
};

static double unit_us(enum bb_unit unit)
{
	switch (unit) {
	case BB_MILLISECONDS:
		return 1e3;
	case BB_MINUTES:
		return 60e6;
	case BB_SECONDS:
		break;
	}
	return 1e6;
}

int bb_duration_parse(struct bb_str text, enum bb_unit unit, bb_time *out)
{
	double factor = unit_us(unit), number;
	struct bb_str digits, word;
	size_t i = 0;

	text = bb_str_trim(text);
	if (i < text.l && (text.p[i] == '-' || text.p[i] == '+'))
		i++;
	while (i < text.l && ((text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == '.'))
		i++;
	digits = bb_strn(text.p, i);
	word = bb_str_trim(bb_str_sub(text, i, text.l));
	if (bb_str_double(digits, &number))
		return -EINVAL;
	if (word.l) {
		factor = 0;
		for (size_t u = 0; u < BB_ARRAY_SIZE(units); u++)
			if (bb_str_iis(word, units[u].word))
				factor = units[u].us;
		if (factor == 0)
			return -EINVAL;
	}
	number *= factor;
	if (!(fabs(number) < 9e18))
		return -ERANGE;
	*out = (bb_time)llround(number);
	return 0;
}

/* --- numbers --- */

static const char *unit_name(enum bb_unit unit)
{
	return unit == BB_MILLISECONDS ? "milliseconds"
	       : unit == BB_MINUTES    ? "minutes"
				       : "seconds";
}

static bool too_small(const struct bb_field *f, double v)
{
	return (f->min < f->max || f->max == BB_ANY) && f->min != BB_ANY && v < (double)f->min;
}

static bool too_large(const struct bb_field *f, double v)
{
	return f->min < f->max && f->max != INT64_MAX && v > (double)f->max;
}

static int check_range(const struct bb_field *f, double v, struct bb_str text, char *why,
		       size_t cap)
{
	if (too_small(f, v))
		return complain(why, cap, "'%.*s' is less than %lld", BB_FMT(text),
				(long long)f->min);
	if (too_large(f, v))
		return complain(why, cap, "'%.*s' is more than %lld", BB_FMT(text),
				(long long)f->max);
	return 0;
}

static int parse_int(const struct bb_field *f, struct bb_str t, void *at, char *why, size_t cap)
{
	int64_t v;
	int err = bb_str_i64(t, &v);

	if (err == -ERANGE)
		return complain(why, cap, "'%.*s' is out of range", BB_FMT(t));
	if (err)
		return complain(why, cap, "'%.*s' is not a whole number", BB_FMT(t));
	err = check_range(f, (double)v, t, why, cap);
	if (!err)
		*(int64_t *)at = v;
	return err;
}

static int parse_double(const struct bb_field *f, struct bb_str t, void *at, char *why, size_t cap)
{
	double v;
	int err;

	if (bb_str_double(t, &v) || !isfinite(v))
		return complain(why, cap, "'%.*s' is not a number", BB_FMT(t));
	err = check_range(f, v, t, why, cap);
	if (!err)
		*(double *)at = v;
	return err;
}

static int parse_duration(const struct bb_field *f, struct bb_str t, void *at, char *why,
			  size_t cap)
{
	bb_time v;
	int err = bb_duration_parse(t, f->unit, &v);

	if (err == -ERANGE)
		return complain(why, cap, "'%.*s' is out of range", BB_FMT(t));
	if (err)
		return complain(why, cap,
				"'%.*s' is not a time (a bare number is %s; 20s, 5m, 500ms)",
				BB_FMT(t), unit_name(f->unit));
	if (too_small(f, (double)v))
		return complain(why, cap, "'%.*s' is less than %g %s", BB_FMT(t),
				(double)f->min / unit_us(f->unit), unit_name(f->unit));
	if (too_large(f, (double)v))
		return complain(why, cap, "'%.*s' is more than %g %s", BB_FMT(t),
				(double)f->max / unit_us(f->unit), unit_name(f->unit));
	*(bb_time *)at = v;
	return 0;
}

/* --- words --- */

static int word_index(const struct bb_field *f, struct bb_str t)
{
	for (int i = 0; f->words && f->words[i]; i++)
		if (bb_str_iis(t, f->words[i]))
			return i;
	return -1;
}

static int bad_word(const struct bb_field *f, struct bb_str t, char *why, size_t cap)
{
	const char *near = bb_nearest(t, f->words);
	struct bb_buf list = { 0 };
	int err;

	if (near)
		return complain(why, cap, "'%.*s' is not a choice; did you mean '%s'?", BB_FMT(t),
				near);
	for (size_t i = 0; f->words && f->words[i]; i++)
		if (f->words[i][0])
			bb_buf_printf(&list, "%s%s", list.l ? ", " : "", f->words[i]);
	err = complain(why, cap, "'%.*s' is not one of: %s", BB_FMT(t), bb_buf_cstr(&list));
	bb_buf_free(&list);
	return err;
}

static int parse_enum(const struct bb_field *f, struct bb_str t, void *at, char *why, size_t cap)
{
	int i = word_index(f, t);

	if (i < 0)
		return bad_word(f, t, why, cap);
	*(int *)at = i;
	return 0;
}

static int parse_flags(const struct bb_field *f, struct bb_str t, void *at, char *why, size_t cap)
{
	uint64_t bits = 0;
	struct bb_str piece;

	while (bb_str_split(&t, f->sep ? f->sep : ',', &piece)) {
		int i;

		if (bb_str_empty(piece))
			continue;
		i = word_index(f, piece);
		if (i < 0 || i > 63)
			return bad_word(f, piece, why, cap);
		bits |= UINT64_C(1) << i;
	}
	*(uint64_t *)at = bits;
	return 0;
}

/* --- texts --- */

static int parse_str(struct bb_str t, void *at, struct bb_arena *a)
{
	const char *p = bb_arena_strdup(a, t);

	if (!p)
		return -ENOMEM;
	*(struct bb_str *)at = bb_strn(p, t.l);
	return 0;
}

/* Repeated options go on where the last one ended. */
static int parse_list(const struct bb_field *f, struct bb_str t, void *at, struct bb_arena *a)
{
	struct bb_strlist *list = at;
	struct bb_str rest = t, piece, *v;
	size_t n = 0;

	while (bb_str_split(&rest, f->sep ? f->sep : ',', &piece))
		n += !bb_str_empty(piece);
	if (!n)
		return 0;
	v = bb_arena_alloc(a, (list->n + n) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (list->n)
		memcpy(v, list->v, list->n * sizeof(*v));
	n = list->n;
	while (bb_str_split(&t, f->sep ? f->sep : ',', &piece)) {
		if (bb_str_empty(piece))
			continue;
		if (parse_str(piece, &v[n], a))
			return -ENOMEM;
		n++;
	}
	list->v = v;
	list->n = n;
	return 0;
}

/* --- jumps: split here, resolved by the dial plan --- */

/* The parts of "[[context,]exten,]priority", cut outside of parentheses. */
static int parse_goto(struct bb_str t, void *at, struct bb_arena *a, char *why, size_t cap)
{
	struct bb_goto_arg *g = at;
	struct bb_str parts[4];
	int depth = 0, n = 0;
	size_t from = 0;

	memset(g, 0, sizeof(*g));
	for (size_t i = 0; i <= t.l; i++) {
		char c = i < t.l ? t.p[i] : ',';

		if (c == '(' || c == '[' || c == '{')
			depth++;
		else if ((c == ')' || c == ']' || c == '}') && depth)
			depth--;
		if (i < t.l && (c != ',' || depth))
			continue;
		if (n == 3)
			return complain(why, cap,
					"'%.*s' is no target: [[context,]extension,]priority",
					BB_FMT(t));
		parts[n++] = bb_str_trim(bb_strn(t.p + from, i - from));
		from = i + 1;
	}
	if (parse_str(parts[n - 1], &g->priority, a))
		return -ENOMEM;
	if (n > 1 && !bb_str_empty(parts[n - 2]) && parse_str(parts[n - 2], &g->exten, a))
		return -ENOMEM;
	if (n > 2 && !bb_str_empty(parts[0]) && parse_str(parts[0], &g->context, a))
		return -ENOMEM;
	if (bb_str_empty(parts[n - 1]))
		return complain(why, cap, "the target has no priority");
	return 0;
}

/* The first `c` outside of parentheses, braces and brackets; -1 without. */
static ptrdiff_t outside(struct bb_str t, char want)
{
	int depth = 0;

	for (size_t i = 0; i < t.l; i++) {
		char c = t.p[i];

		if (c == '(' || c == '[' || c == '{')
			depth++;
		else if ((c == ')' || c == ']' || c == '}') && depth)
			depth--;
		else if (c == want && !depth)
			return (ptrdiff_t)i;
	}
	return -1;
}

static int parse_branch(struct bb_str t, void *at, struct bb_arena *a, char *why, size_t cap)
{
	struct bb_branch_arg *b = at;
	ptrdiff_t q = bb_str_chr(t, '?'), colon;
	struct bb_str rest;

	memset(b, 0, sizeof(*b));
	if (q < 0)
		return complain(why, cap, "no '?' in '%.*s': condition?true:false", BB_FMT(t));
	if (parse_str(bb_str_trim(bb_str_sub(t, 0, (size_t)q)), &b->cond, a))
		return -ENOMEM;
	rest = bb_str_sub(t, (size_t)q + 1, t.l);
	colon = outside(rest, ':');
	if (colon >= 0) {
		struct bb_str no = bb_str_trim(bb_str_sub(rest, (size_t)colon + 1, rest.l));

		if (!bb_str_empty(no) && parse_str(no, &b->no, a))
			return -ENOMEM;
		rest = bb_str_sub(rest, 0, (size_t)colon);
	}
	rest = bb_str_trim(rest);
	if (!bb_str_empty(rest) && parse_str(rest, &b->yes, a))
		return -ENOMEM;
	return 0;
}

int bb_field_parse(const struct bb_field *f, struct bb_str text, void *dst, struct bb_arena *a,
		   char *why, size_t cap)
{
	void *at = (char *)dst + f->off;
	struct bb_str t = bb_str_trim(text);

	switch (f->type) {
	case BB_T_STR:
	case BB_T_REST:
		return parse_str(text, at, a);
	case BB_T_VAR:
	case BB_T_APPCALL:
		return parse_str(t, at, a);
	case BB_T_INT:
		return parse_int(f, t, at, why, cap);
	case BB_T_DOUBLE:
		return parse_double(f, t, at, why, cap);
	case BB_T_DURATION:
		return parse_duration(f, t, at, why, cap);
	case BB_T_BOOL:
		if (bb_str_bool(t, at))
			return complain(why, cap, "'%.*s' is neither yes nor no", BB_FMT(t));
		return 0;
	case BB_T_ADDR:
		if (bb_addr_parse(at, t))
			return complain(why, cap, "'%.*s' is not an IP address", BB_FMT(t));
		return 0;
	case BB_T_CIDR:
		if (bb_cidr_parse(at, t))
			return complain(why, cap, "'%.*s' is not a network (10.0.0.0/8)",
					BB_FMT(t));
		return 0;
	case BB_T_ENUM:
		return parse_enum(f, t, at, why, cap);
	case BB_T_FLAGS:
		return parse_flags(f, t, at, why, cap);
	case BB_T_LIST:
		return parse_list(f, t, at, a);
	case BB_T_GOTO:
		return parse_goto(t, at, a, why, cap);
	case BB_T_BRANCH:
		return parse_branch(t, at, a, why, cap);
	case BB_T_OPTIONS:
	case BB_T_END:
		break;
	}
	return complain(why, cap, "the field '%s' cannot be read from text", f->name);
}

size_t bb_field_size(enum bb_type type)
{
	static const size_t sizes[] = {
		[BB_T_STR] = sizeof(struct bb_str),
		[BB_T_INT] = sizeof(int64_t),
		[BB_T_BOOL] = sizeof(bool),
		[BB_T_DURATION] = sizeof(bb_time),
		[BB_T_DOUBLE] = sizeof(double),
		[BB_T_ADDR] = sizeof(struct bb_addr),
		[BB_T_CIDR] = sizeof(struct bb_cidr),
		[BB_T_ENUM] = sizeof(int),
		[BB_T_FLAGS] = sizeof(uint64_t),
		[BB_T_LIST] = sizeof(struct bb_strlist),
		[BB_T_REST] = sizeof(struct bb_str),
		[BB_T_VAR] = sizeof(struct bb_str),
		[BB_T_GOTO] = sizeof(struct bb_goto_arg),
		[BB_T_BRANCH] = sizeof(struct bb_branch_arg),
		[BB_T_APPCALL] = sizeof(struct bb_str),
		[BB_T_OPTIONS] = sizeof(struct bb_opts),
	};

	return (size_t)type < BB_ARRAY_SIZE(sizes) ? sizes[type] : 0;
}
