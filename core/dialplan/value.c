/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * value.c - values of expressions, and what the operators make of them.
 *
 * A text that looks like a number is compared and counted as one; any other
 * text is not: arithmetic takes it for 0 (a missing side of + and - is left
 * out), and a comparison with it is one of texts.
 */
#include "core/dialplan/dialplan.h"

#include <limits.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

struct bb_value bb_value_number(long double n)
{
	return (struct bb_value){ .type = BB_V_NUMBER, .n = n };
}

struct bb_value bb_value_text(struct bb_str s)
{
	struct bb_value v = { .type = BB_V_STRING, .s = s };
	size_t i;

	for (i = 0; i < s.l && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.'); i++)
		;
	if (s.l && i == s.l)
		v.type = BB_V_NUMERIC;
	return v;
}

bool bb_value_to_number(struct bb_value *v)
{
	if (v->type == BB_V_NUMBER)
		return true;
	if (v->type == BB_V_STRING)
		return false;
	v->n = strtold(v->s.p, NULL);
	if (!isfinite(v->n))
		v->n = 0;
	v->type = BB_V_NUMBER;
	return true;
}

int bb_value_to_text(struct bb_value *v, struct bb_arena *a)
{
	char *p;

	if (v->type != BB_V_NUMBER)
		return 0;
	p = bb_arena_printf(a, "%.18Lg", v->n);
	if (!p)
		return -ENOMEM;
	v->s = bb_strz(p);
	v->type = BB_V_STRING;
	return 0;
}

static bool zero_or_null(struct bb_value *v)
{
	if (v->type != BB_V_NUMBER && !v->s.l)
		return true;
	return bb_value_to_number(v) && v->n == 0;
}

bool bb_value_true(struct bb_value *v)
{
	if (v->type == BB_V_STRING)
		return v->s.l && !bb_str_is(v->s, "\"\"") && !bb_str_is(v->s, "0");
	bb_value_to_number(v);
	return v->n != 0;
}

/* What C's conversion of a text's leading digits gives; too large is as large as can be. */
static long leading_int(const char *s)
{
	long n = strtol(s, NULL, 10);

	return n > INT_MAX ? INT_MAX : n < INT_MIN ? INT_MIN : n;
}

static struct bb_value complement(const struct bb_value *a)
{
	if (a->type == BB_V_NUMBER)
		return bb_value_number(a->n == 0);
	if (!a->s.l || bb_str_is(a->s, "0"))
		return bb_value_number(1);
	return bb_value_number(leading_int(a->s.p) == 0);
}

static int compare(enum bb_expr_op op, struct bb_value *a, struct bb_value *b, struct bb_value *r,
		   struct bb_arena *arena)
{
	bool lt, eq;

	if (a->type == BB_V_STRING || b->type == BB_V_STRING) {
		int c;

		if (bb_value_to_text(a, arena) || bb_value_to_text(b, arena))
			return -ENOMEM;
		c = bb_str_cmp(a->s, b->s);
		lt = c < 0;
		eq = c == 0;
	} else {
		bb_value_to_number(a);
		bb_value_to_number(b);
		lt = a->n < b->n;
		eq = a->n == b->n;
	}
	switch (op) {
	case BB_OP_EQ:
		*r = bb_value_number(eq);
		break;
	case BB_OP_NE:
		*r = bb_value_number(!eq);
		break;
	case BB_OP_LT:
		*r = bb_value_number(lt);
		break;
	case BB_OP_LE:
		*r = bb_value_number(lt || eq);
		break;
	case BB_OP_GT:
		*r = bb_value_number(!lt && !eq);
		break;
	default:
		*r = bb_value_number(!lt);
		break;
	}
	return 0;
}

static void sum(struct bb_chan *ch, enum bb_expr_op op, struct bb_value *a, struct bb_value *b,
		struct bb_value *r)
{
	long double sign = op == BB_OP_PLUS ? 1 : -1;
	bool an = bb_value_to_number(a), bn = bb_value_to_number(b);

	if (!an || !bn)
		bb_dp_warn(ch, "an operand of '%c' is not a number: '%.*s'", sign > 0 ? '+' : '-',
			   BB_FMT(an ? b->s : a->s));
	/* -0 stays what it is when it stands alone */
	*r = bb_value_number(an && bn ? a->n + sign * b->n : an ? a->n : bn ? sign * b->n : 0);
}

static void product(struct bb_chan *ch, enum bb_expr_op op, struct bb_value *a, struct bb_value *b,
		    struct bb_value *r)
{
	bool an = bb_value_to_number(a), bn = bb_value_to_number(b);
	char sign = op == BB_OP_MULT ? '*' : op == BB_OP_DIV ? '/' : '%';

	if (!an || !bn) {
		bb_dp_warn(ch, "an operand of '%c' is not a number: '%.*s'", sign,
			   BB_FMT(an ? b->s : a->s));
		*r = bb_value_number(op == BB_OP_DIV && an ? INT_MAX : 0);
		return;
	}
	if (op != BB_OP_MULT && b->n == 0) {
		bb_dp_warn(ch, "division by zero");
		*r = bb_value_number(op == BB_OP_DIV ? INT_MAX : 0);
		return;
	}
	if (op == BB_OP_MULT)
		*r = bb_value_number(a->n * b->n);
	else if (op == BB_OP_DIV)
		*r = bb_value_number(a->n / b->n);
	else
		*r = bb_value_number(fmodl(a->n, b->n));
}

/* Quotes at both ends take all quotes inside away with them. */
static int strip_quotes(struct bb_value *v, struct bb_arena *a)
{
	char *p;
	size_t l = 0;

	if (bb_value_to_text(v, a))
		return -ENOMEM;
	if (!v->s.l || v->s.p[0] != '"' || v->s.p[v->s.l - 1] != '"')
		return 0;
	p = bb_arena_strdup(a, v->s);
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < v->s.l; i++)
		if (v->s.p[i] != '"')
			p[l++] = v->s.p[i];
	p[l] = '\0';
	v->s = bb_strn(p, l);
	return 0;
}

/* Counted repetitions are written out by the library: (a{1000}){1000} would take all memory. */
static bool too_large(struct bb_str pattern)
{
	uint64_t total = 1;

	for (size_t i = 0; i < pattern.l; i++) {
		uint64_t n = 0, most = 0;

		if (pattern.p[i] != '{')
			continue;
		for (i++; i < pattern.l && pattern.p[i] != '}'; i++) {
			if (pattern.p[i] < '0' || pattern.p[i] > '9')
				n = 0;
			else
				n = n * 10 + (uint64_t)(pattern.p[i] - '0');
			most = n > most ? n : most;
			if (most > 1000)
				return true;
		}
		total *= most ? most : 1;
		if (total > 1000)
			return true;
	}
	return pattern.l > 2000;
}

static int match(struct bb_chan *ch, enum bb_expr_op op, struct bb_value *a, struct bb_value *b,
		 struct bb_value *r, struct bb_arena *arena)
{
	regmatch_t rm[2];
	regex_t re;
	char why[128], *p;
	int err;

	if (strip_quotes(a, arena) || strip_quotes(b, arena))
		return -ENOMEM;
	if (too_large(b->s)) {
		bb_dp_warn(ch, "a regular expression is too large: '%.*s'", BB_FMT(b->s));
		*r = bb_value_text(BB_STR(""));
		return 0;
	}
	err = regcomp(&re, b->s.p, REG_EXTENDED);
	if (err) {
		regerror(err, &re, why, sizeof(why));
		bb_dp_warn(ch, "regular expression '%s': %s", b->s.p, why);
		*r = bb_value_text(BB_STR(""));
		return 0;
	}
	if (regexec(&re, a->s.p, 2, rm, 0) == 0 && (op == BB_OP_EQTILDE || rm[0].rm_so == 0)) {
		if (rm[1].rm_so >= 0) {
			p = bb_arena_strdup(arena, bb_str_sub(a->s, (size_t)rm[1].rm_so,
							      (size_t)(rm[1].rm_eo - rm[1].rm_so)));
			err = p ? 0 : -ENOMEM;
			if (p)
				*r = bb_value_text(bb_strz(p));
		} else {
			*r = bb_value_number(rm[0].rm_eo - rm[0].rm_so);
		}
	} else {
		*r = re.re_nsub ? bb_value_text(BB_STR("")) : bb_value_number(0);
	}
	regfree(&re);
	return err;
}

static int concat(struct bb_value *a, struct bb_value *b, struct bb_value *r,
		  struct bb_arena *arena)
{
	char *p;

	if (strip_quotes(a, arena) || strip_quotes(b, arena))
		return -ENOMEM;
	p = bb_arena_alloc(arena, a->s.l + b->s.l + 1);
	if (!p)
		return -ENOMEM;
	memcpy(p, a->s.p, a->s.l);
	memcpy(p + a->s.l, b->s.p, b->s.l);
	*r = bb_value_text(bb_strn(p, a->s.l + b->s.l));
	return 0;
}

int bb_value_op(struct bb_chan *ch, enum bb_expr_op op, struct bb_value *a, struct bb_value *b,
		struct bb_value *r, struct bb_arena *arena)
{
	switch (op) {
	case BB_OP_OR:
		*r = zero_or_null(a) ? *b : *a;
		return 0;
	case BB_OP_AND:
		*r = zero_or_null(a) || zero_or_null(b) ? bb_value_number(0) : *a;
		return 0;
	case BB_OP_EQ:
	case BB_OP_NE:
	case BB_OP_LT:
	case BB_OP_GT:
	case BB_OP_LE:
	case BB_OP_GE:
		return compare(op, a, b, r, arena);
	case BB_OP_PLUS:
	case BB_OP_MINUS:
		sum(ch, op, a, b, r);
		return 0;
	case BB_OP_MULT:
	case BB_OP_DIV:
	case BB_OP_MOD:
		product(ch, op, a, b, r);
		return 0;
	case BB_OP_COLON:
	case BB_OP_EQTILDE:
		return match(ch, op, a, b, r, arena);
	case BB_OP_CONCAT:
		return concat(a, b, r, arena);
	case BB_OP_NEG:
		if (!bb_value_to_number(a))
			bb_dp_warn(ch, "the operand of '-' is not a number: '%.*s'", BB_FMT(a->s));
		*r = bb_value_number(a->type == BB_V_NUMBER ? -a->n : 0);
		return 0;
	case BB_OP_NOT:
		*r = complement(a);
		return 0;
	default:
		return -EINVAL;
	}
}

static long double absolute(long double x)
{
	return x < 0 ? x * -1 : x;
}

static long double exp10_of(long double x)
{
	return powl(10, x);
}

int bb_value_math(struct bb_chan *ch, struct bb_str name, struct bb_value *args, size_t n,
		  struct bb_value *r)
{
	static const struct {
		const char *name;
		long double (*one)(long double);
		long double (*two)(long double, long double);
	} table[] = {
		{ "COS", cosl, NULL },	     { "SIN", sinl, NULL },
		{ "TAN", tanl, NULL },	     { "ACOS", acosl, NULL },
		{ "ASIN", asinl, NULL },     { "ATAN", atanl, NULL },
		{ "ATAN2", NULL, atan2l },   { "POW", NULL, powl },
		{ "SQRT", sqrtl, NULL },     { "FLOOR", floorl, NULL },
		{ "CEIL", ceill, NULL },     { "ROUND", roundl, NULL },
		{ "RINT", rintl, NULL },     { "TRUNC", truncl, NULL },
		{ "EXP", expl, NULL },	     { "EXP2", exp2l, NULL },
		{ "EXP10", exp10_of, NULL }, { "LOG", logl, NULL },
		{ "LOG2", log2l, NULL },     { "LOG10", log10l, NULL },
		{ "ABS", absolute, NULL },   { "REMAINDER", NULL, remainderl },
	};

	for (size_t i = 0; i < BB_ARRAY_SIZE(table); i++) {
		if (!bb_str_is(name, table[i].name))
			continue;
		*r = bb_value_number(0);
		if (n != (table[i].two ? 2u : 1u)) {
			bb_dp_warn(ch, "%s() takes %s", table[i].name,
				   table[i].two ? "two arguments" : "one argument");
			return 0;
		}
		for (size_t k = 0; k < n; k++)
			if (!bb_value_to_number(&args[k]))
				args[k].n = 0;
		r->n = table[i].two ? table[i].two(args[0].n, args[1].n) : table[i].one(args[0].n);
		return 0;
	}
	return -ENOENT;
}
