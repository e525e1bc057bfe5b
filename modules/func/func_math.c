/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_math.c - MATH(), INC(), DEC() and RAND(): numbers.
 */
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#include <limits.h>
#include <math.h>
#include <stdlib.h>

struct math_args {
	struct bb_str expr, type;
};

enum op { MUL, DIV, MOD, POW, AND, XOR, OR, SHL, SHR, LE, GE, EQ, LT, GT, ADD, SUB };

/* In the order in which they are looked for. */
static const struct {
	const char *text;
	enum op op;
} ops[] = {
	{ "*", MUL }, { "/", DIV },  { "%", MOD },  { "^", POW }, { "AND", AND }, { "XOR", XOR },
	{ "OR", OR }, { "<<", SHL }, { ">>", SHR }, { "<=", LE }, { ">=", GE },	  { "==", EQ },
	{ "<", LT },  { ">", GT },   { "+", ADD },  { "-", SUB },
};

/* What a number begins a text with, as C reads one: hexadecimal and 1e3 too. */
static bool number(struct bb_str s, double *out)
{
	char text[64], *end;
	size_t sign = s.l && (s.p[0] == '-' || s.p[0] == '+');

	bb_str_copy(text, sizeof(text), s);
	if (s.l <= sign || !strchr("0123456789.", text[sign])) /* no "inf", no "nan" */
		return false;
	*out = strtod(text, &end);
	return end != text;
}

/* @return false when the text holds no operation. */
static bool split(struct bb_str s, double *a, double *b, enum op *op)
{
	for (size_t k = 0; k < BB_ARRAY_SIZE(ops); k++) {
		/* From the second character: the first may be a sign. */
		ptrdiff_t at = bb_str_find(bb_str_sub(s, 1, s.l), bb_strz(ops[k].text));
		struct bb_str left, right;

		if (at < 0)
			continue;
		left = bb_str_trim(bb_str_sub(s, 0, (size_t)at + 1));
		right = bb_str_trim(bb_str_sub(s, (size_t)at + 1 + strlen(ops[k].text), s.l));
		*op = ops[k].op;
		return number(left, a) && number(right, b);
	}
	return false;
}

static long long whole(double x)
{
	return !isfinite(x) ? 0 : x > 9e18 ? LLONG_MAX : x < -9e18 ? LLONG_MIN : (long long)x;
}

static double calculate(enum op op, double a, double b)
{
	long long i = whole(a), k = whole(b);

	switch (op) {
	case MUL:
		return a * b;
	case DIV: /* by nothing and by less is 0, as in Asterisk */
		return b <= 0 ? 0 : a / b;
	case MOD:
		return k == 0 ? 0 : k == -1 ? 0 : (double)(i % k);
	case POW:
		return pow(a, b);
	case AND:
		return (double)(i & k);
	case XOR:
		return (double)(i ^ k);
	case OR:
		return (double)(i | k);
	case SHL:
		return k < 0 || k > 62 ? 0 : (double)((unsigned long long)i << k);
	case SHR:
		return k < 0 || k > 62 ? 0 : (double)(i >> k);
	case SUB:
		return a - b;
	default:
		return a + b;
	}
}

static bool compares(enum op op, double a, double b, bool *holds)
{
	switch (op) {
	case LE:
		*holds = a <= b;
		return true;
	case GE:
		*holds = a >= b;
		return true;
	case EQ:
		*holds = a == b;
		return true;
	case LT:
		*holds = a < b;
		return true;
	case GT:
		*holds = a > b;
		return true;
	default:
		return false;
	}
}

static int math_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct math_args *m = args;
	double a = 0, b = 0, r;
	enum op op;
	bool holds;

	(void)ch;
	if (!split(bb_str_trim(m->expr), &a, &b, &op)) {
		bb_warning("MATH(%.*s): two numbers and an operation are needed", BB_FMT(m->expr));
		return -EINVAL;
	}
	if (compares(op, a, b, &holds)) {
		bb_buf_puts(out, holds ? "TRUE" : "FALSE");
		return out->err;
	}
	r = calculate(op, a, b);
	if (!m->type.l || bb_str_iis(m->type, "f") || bb_str_iis(m->type, "float"))
		bb_buf_printf(out, "%f", r);
	else if (bb_str_iis(m->type, "i") || bb_str_iis(m->type, "int") ||
		 bb_str_iis(m->type, "integer"))
		bb_buf_printf(out, "%lld", whole(r));
	else if (bb_str_iis(m->type, "h") || bb_str_iis(m->type, "hex"))
		bb_buf_printf(out, "%x", (unsigned)whole(r));
	else if (bb_str_iis(m->type, "c") || bb_str_iis(m->type, "char"))
		bb_buf_printf(out, "%c", (int)(unsigned char)whole(r));
	else
		return -EINVAL;
	return out->err;
}

struct var_args {
	struct bb_str name;
};

static int step(struct bb_chan *ch, const void *args, struct bb_buf *out, int by)
{
	struct bb_str text = bb_str_trim(((const struct var_args *)args)->name), v;
	struct bb_arena *a = bb_arena_new(256);
	char *name = a ? bb_arena_strdup(a, text) : NULL;
	int64_t n;
	int err = -ENOMEM;

	if (name) {
		v = bb_var_get(ch, name, a);
		err = bb_str_i64(v, &n) || n == INT64_MAX || n == INT64_MIN ? -EINVAL : 0;
		if (err)
			bb_warning("'%s' is no number to count with: '%.*s'", name, BB_FMT(v));
		else
			err = bb_var_setf(ch, name, "%lld", (long long)(n + by));
		if (!err)
			bb_buf_printf(out, "%lld", (long long)(n + by));
	}
	bb_arena_free(a);
	return err ? err : out->err;
}

static int inc_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return step(ch, args, out, 1);
}

static int dec_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return step(ch, args, out, -1);
}

struct rand_args {
	int64_t min, max;
};

static int rand_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct rand_args *r = args;
	int64_t low = r->min < r->max ? r->min : r->max, high = r->min < r->max ? r->max : r->min;
	uint32_t width = (uint32_t)(high - low) + 1;

	(void)ch;
	bb_buf_printf(
		out, "%lld",
		(long long)(low + (width ? bb_random_below(width) : bb_random_below(UINT32_MAX))));
	return out->err;
}

static const struct bb_func math = {
	.name = "MATH",
	.args =
		(const struct bb_field[]){
			{ .name = "expression",
			  .type = BB_T_STR,
			  .off = offsetof(struct math_args, expr),
			  .doc = "Two numbers and + - * / % ^ AND OR XOR << >> or a comparison." },
			{ .name = "type",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct math_args, type),
			  .doc = "f (decimals, the default), i, h or c." },
			{ 0 } },
	.args_size = sizeof(struct math_args),
	.read = math_read,
	.doc = { .summary = "Calculate",
		 .since = "0.1",
		 .text = "A comparison is TRUE or FALSE. Example: ${MATH(123%16,i)}",
		 .see_also = "INC DEC" },
};

/* A number as it was, without the fraction that it has not. */
static void put_number(double x, struct bb_buf *out)
{
	if (x == trunc(x) && fabs(x) < 9e15)
		bb_buf_printf(out, "%lld", (long long)x);
	else
		bb_buf_printf(out, "%f", x);
}

static int pick(struct bb_str list, bool largest, struct bb_buf *out)
{
	struct bb_str piece;
	double best = 0, x;
	bool first = true;

	while (bb_str_split(&list, ',', &piece)) {
		if (!number(bb_str_trim(piece), &x)) {
			bb_warning("'%.*s' is no number", BB_FMT(piece));
			return -EINVAL;
		}
		if (first || (largest ? x > best : x < best))
			best = x;
		first = false;
	}
	if (first)
		return -EINVAL;
	put_number(best, out);
	return out->err;
}

static int min_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	return pick(((const struct var_args *)args)->name, false, out);
}

static int max_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	return pick(((const struct var_args *)args)->name, true, out);
}

static int abs_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	double x;

	(void)ch;
	if (!number(bb_str_trim(((const struct var_args *)args)->name), &x))
		return -EINVAL;
	put_number(fabs(x), out);
	return out->err;
}

static const struct bb_field number_fields[] = { { .name = "numbers",
						   .type = BB_T_REST,
						   .off = offsetof(struct var_args, name),
						   .doc = "Joined by commas." },
						 { 0 } };

static const struct bb_func min = {
	.name = "MIN",
	.args = number_fields,
	.args_size = sizeof(struct var_args),
	.read = min_read,
	.doc = { .summary = "The smallest of numbers",
		 .since = "0.1",
		 .text = "Example: ${MIN(${A},10)}",
		 .see_also = "MAX" },
};

static const struct bb_func max = {
	.name = "MAX",
	.args = number_fields,
	.args_size = sizeof(struct var_args),
	.read = max_read,
	.doc = { .summary = "The largest of numbers", .since = "0.1", .see_also = "MIN" },
};

static const struct bb_func abs_func = {
	.name = "ABS",
	.args = (const struct bb_field[]){ { .name = "number",
					     .type = BB_T_STR,
					     .off = offsetof(struct var_args, name),
					     .doc = "With a sign or without." },
					   { 0 } },
	.args_size = sizeof(struct var_args),
	.read = abs_read,
	.doc = { .summary = "A number without its sign", .since = "0.1" },
};

static const struct bb_func inc = {
	.name = "INC",
	.args = (const struct bb_field[]){ { .name = "variable",
					     .type = BB_T_STR,
					     .off = offsetof(struct var_args, name),
					     .doc = "Name of the variable: without ${}." },
					   { 0 } },
	.args_size = sizeof(struct var_args),
	.read = inc_read,
	.doc = { .summary = "Count a variable up, and be its new value",
		 .since = "0.1",
		 .text = "Example: ${INC(TRIES)}",
		 .see_also = "DEC MATH" },
};

static const struct bb_func dec = {
	.name = "DEC",
	.args = (const struct bb_field[]){ { .name = "variable",
					     .type = BB_T_STR,
					     .off = offsetof(struct var_args, name),
					     .doc = "Name of the variable: without ${}." },
					   { 0 } },
	.args_size = sizeof(struct var_args),
	.read = dec_read,
	.doc = { .summary = "Count a variable down, and be its new value",
		 .since = "0.1",
		 .see_also = "INC MATH" },
};

static const struct bb_func rnd = {
	.name = "RAND",
	.args = (const struct bb_field[]){ { .name = "min",
					     .type = BB_T_INT,
					     .def = "0",
					     .off = offsetof(struct rand_args, min),
					     .min = 0,
					     .max = INT_MAX,
					     .doc = "The smallest; 0 when left out." },
					   { .name = "max",
					     .type = BB_T_INT,
					     .def = "2147483647",
					     .off = offsetof(struct rand_args, max),
					     .min = 0,
					     .max = INT_MAX,
					     .doc = "The largest." },
					   { 0 } },
	.args_size = sizeof(struct rand_args),
	.read = rand_read,
	.doc = { .summary = "A random whole number",
		 .since = "0.1",
		 .text = "Example: ${RAND(1,6)}" },
};

BB_MODULE(func_math,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&math),
						   BB_FUNC(&inc),
						   BB_FUNC(&dec),
						   BB_FUNC(&rnd),
						   BB_FUNC(&min),
						   BB_FUNC(&max),
						   BB_FUNC(&abs_func),
						   { 0 } },
	  .doc = { .summary = "Numbers", .since = "0.1" });
