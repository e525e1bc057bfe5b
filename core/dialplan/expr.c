/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * expr.c - the inside of $[ ]: cut into words and evaluated in one pass.
 *
 * Operators wait on a stack until one that binds less comes by, so the depth
 * of parentheses costs no machine stack. From the loosest:
 *
 *	?::   |   &   = != < > <= >=   + -   * / %   - ! (of one operand)   : =~ ~~
 *
 * Everything binds to the left, `?::` too. Both branches of a condition are
 * evaluated, since functions run as they are met.
 */
#include "core/dialplan/dialplan.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_WORDS 20000 /* of one expression */

struct op {
	enum bb_expr_op kind;
	int prec;
	size_t base; /* of a function: its first argument */
	struct bb_str name;
};

struct expr {
	struct bb_chan *ch;
	struct bb_str text;
	size_t pos, at; /* after and at the current word */
	enum bb_expr_op word; /* BB_OP_NONE: an operand or the end */
	bool end, opaque;
	struct bb_value value;
	struct bb_arena *arena;
	struct bb_value *vals;
	struct op *ops;
	size_t n_vals, n_ops, cap_vals, cap_ops, words;
	bool check, excused; /* excused: what ${…} becomes may make it sound */
	bool partial; /* wrong, but what stood before the wrong word is a value */
	const char *why;
	size_t why_at;
};

static const struct {
	const char *text;
	enum bb_expr_op op;
	int prec;
} operators[] = {
	/* the longer spelling first */
	{ "||", BB_OP_OR, 2 },	    { "&&", BB_OP_AND, 3 },    { "==", BB_OP_EQ, 4 },
	{ "=~", BB_OP_EQTILDE, 8 }, { "~~", BB_OP_CONCAT, 8 }, { ">=", BB_OP_GE, 4 },
	{ "<=", BB_OP_LE, 4 },	    { "!=", BB_OP_NE, 4 },     { "::", BB_OP_ELSE, 1 },
	{ "|", BB_OP_OR, 2 },	    { "&", BB_OP_AND, 3 },     { "=", BB_OP_EQ, 4 },
	{ ">", BB_OP_GT, 4 },	    { "<", BB_OP_LT, 4 },      { "+", BB_OP_PLUS, 5 },
	{ ",", BB_OP_COMMA, 0 },    { "-", BB_OP_MINUS, 5 },   { "*", BB_OP_MULT, 6 },
	{ "/", BB_OP_DIV, 6 },	    { "%", BB_OP_MOD, 6 },     { "?", BB_OP_COND, 1 },
	{ "!", BB_OP_NOT, 7 },	    { ":", BB_OP_COLON, 8 },   { "(", BB_OP_OPEN, 0 },
	{ ")", BB_OP_CLOSE, 0 },
};

static int prec_of(enum bb_expr_op op)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(operators); i++)
		if (operators[i].op == op)
			return operators[i].prec;
	return op == BB_OP_NEG ? 7 : 0;
}

/* Past the `}` or `]` that closes what opens at @p i ("${" or "$["). */
static size_t skip_opaque(struct bb_str t, size_t i)
{
	char open = t.p[i + 1], close = open == '{' ? '}' : ']';
	int depth = 0;

	for (i++; i < t.l; i++) {
		if (t.p[i] == open)
			depth++;
		else if (t.p[i] == close && --depth == 0)
			return i + 1;
	}
	return t.l;
}

static bool opens(const struct expr *e, size_t i)
{
	return i + 1 < e->text.l && e->text.p[i] == '$' &&
	       (e->text.p[i + 1] == '{' || (e->check && e->text.p[i + 1] == '['));
}

static bool word_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c >= 0x80 || (c && strchr(".';\\_^#@", c));
}

/* A bare word; "$x" counts as its two characters. */
static size_t bare_end(struct expr *e, size_t i)
{
	while (i < e->text.l) {
		if (opens(e, i)) {
			e->opaque = true;
			i = skip_opaque(e->text, i);
		} else if (e->text.p[i] == '$' && i + 1 < e->text.l) {
			i += 2;
		} else if (word_char((unsigned char)e->text.p[i])) {
			i++;
		} else {
			break;
		}
	}
	return i;
}

static size_t quoted_end(struct expr *e, size_t i)
{
	for (i++; i < e->text.l; i++) {
		if (e->check && opens(e, i)) {
			e->opaque = true;
			i = skip_opaque(e->text, i) - 1;
		} else if (e->text.p[i] == '"') {
			return i + 1;
		}
	}
	return 0;
}

static bool is_number(struct bb_str s)
{
	size_t i = 0, dots = 0;

	for (; i < s.l; i++) {
		if (s.p[i] == '.') {
			if (dots++ || !i || i + 1 == s.l)
				return false;
		} else if (s.p[i] < '0' || s.p[i] > '9') {
			return false;
		}
	}
	return s.l > 0;
}

static int take_operand(struct expr *e, size_t end)
{
	struct bb_str s = bb_str_sub(e->text, e->pos, end - e->pos);
	char *p;

	e->pos = end;
	e->word = BB_OP_NONE;
	e->value = (struct bb_value){ .type = is_number(s) ? BB_V_NUMERIC : BB_V_STRING };
	p = bb_arena_strdup(e->arena, s);
	if (!p)
		return -ENOMEM;
	e->value.s = bb_strn(p, s.l);
	return 0;
}

/* The next word. What is no part of any is passed over, as Asterisk does. */
static int next_word(struct expr *e)
{
	e->opaque = false;
	for (; e->pos < e->text.l; e->pos++) {
		struct bb_str rest = bb_str_sub(e->text, e->pos, e->text.l);
		size_t end;

		e->at = e->pos;
		if (++e->words > MAX_WORDS)
			return -E2BIG;
		for (size_t i = 0; i < BB_ARRAY_SIZE(operators); i++) {
			if (bb_str_starts(rest, bb_strz(operators[i].text))) {
				e->word = operators[i].op;
				e->pos += strlen(operators[i].text);
				return 0;
			}
		}
		if (rest.p[0] == '"') {
			end = quoted_end(e, e->pos);
			if (end)
				return take_operand(e, end);
			if (e->check && !e->why) {
				e->why = "a quote that is never closed";
				e->why_at = e->pos;
			}
			continue;
		}
		end = bare_end(e, e->pos);
		if (end > e->pos)
			return take_operand(e, end);
	}
	e->at = e->text.l;
	e->end = true;
	e->word = BB_OP_NONE;
	return 0;
}

static int grow(struct bb_arena *a, void **array, size_t n, size_t *cap, size_t size)
{
	void *p;

	if (n < *cap)
		return 0;
	p = bb_arena_alloc(a, (*cap * 2 + 8) * size);
	if (!p)
		return -ENOMEM;
	if (n)
		memcpy(p, *array, n * size);
	*array = p;
	*cap = *cap * 2 + 8;
	return 0;
}

static int push_value(struct expr *e, struct bb_value v)
{
	if (grow(e->arena, (void **)&e->vals, e->n_vals, &e->cap_vals, sizeof(*e->vals)))
		return -ENOMEM;
	e->vals[e->n_vals++] = v;
	return 0;
}

static int push_op(struct expr *e, enum bb_expr_op kind, struct bb_str name)
{
	if (grow(e->arena, (void **)&e->ops, e->n_ops, &e->cap_ops, sizeof(*e->ops)))
		return -ENOMEM;
	e->ops[e->n_ops++] = (struct op){ kind, prec_of(kind), e->n_vals, name };
	return 0;
}

static int fail(struct expr *e, const char *why)
{
	if (!e->why) {
		e->why = why;
		e->why_at = e->at;
	}
	return -EINVAL;
}

static bool is_open(const struct op *o)
{
	return o->kind == BB_OP_OPEN || o->kind == BB_OP_FUNC || o->kind == BB_OP_COND;
}

static int apply_top(struct expr *e)
{
	enum bb_expr_op kind = e->ops[--e->n_ops].kind;
	struct bb_value *v = &e->vals[e->n_vals];
	struct bb_value r = { 0 };
	int err = 0;

	if (kind == BB_OP_NEG || kind == BB_OP_NOT) {
		if (!e->check)
			err = bb_value_op(e->ch, kind, &v[-1], NULL, &v[-1], e->arena);
		return err;
	}
	if (kind == BB_OP_ELSE) {
		if (!e->check)
			v[-3] = bb_value_true(&v[-3]) ? v[-2] : v[-1];
		e->n_vals -= 2;
		return 0;
	}
	if (!e->check) {
		err = bb_value_op(e->ch, kind, &v[-2], &v[-1], &r, e->arena);
		v[-2] = r;
	}
	e->n_vals--;
	return err;
}

/* Apply what binds at least as tightly as @p prec, up to something open. */
static int reduce(struct expr *e, int prec)
{
	int err = 0;

	while (!err && e->n_ops && !is_open(&e->ops[e->n_ops - 1]) &&
	       e->ops[e->n_ops - 1].prec >= prec)
		err = apply_top(e);
	return err;
}

/* A dial plan function in an expression: NAME(arg,…) without ${}. */
static int call_function(struct expr *e, struct bb_str name, struct bb_value *args, size_t n,
			 struct bb_value *r)
{
	struct bb_buf text = { 0 }, out = { 0 };
	const char *p;
	int err;

	for (size_t i = 0; i < name.l; i++) {
		char c = name.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) {
			bb_dp_warn(e->ch, "'%.*s' cannot be the name of a function", BB_FMT(name));
			*r = bb_value_number(0);
			return 0;
		}
	}
	if (bb_value_math(e->ch, name, args, n, r) != -ENOENT)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (i)
			bb_buf_putc(&text, ',');
		if (bb_value_to_text(&args[i], e->arena))
			text.err = -ENOMEM;
		bb_buf_putstr(&text, args[i].s);
	}
	err = text.err;
	*r = bb_value_number(0);
	if (!err && !bb_func_read(e->ch, name, bb_buf_str(&text), &out)) {
		p = bb_arena_strdup(e->arena, bb_buf_str(&out));
		if (!p || out.err)
			err = -ENOMEM;
		else if (strspn(p, "-0123456789. \t") == out.l)
			*r = bb_value_number(strtold(p, NULL));
		else
			*r = bb_value_text(bb_strn(p, out.l));
	}
	bb_buf_free(&text);
	bb_buf_free(&out);
	return err;
}

static int close_paren(struct expr *e)
{
	struct op top;
	struct bb_value r = { 0 };
	int err = reduce(e, 0);

	if (err)
		return err;
	if (!e->n_ops || e->ops[e->n_ops - 1].kind == BB_OP_COND)
		return fail(e, e->n_ops ? "'?' without its '::'" : "')' without '('");
	top = e->ops[--e->n_ops];
	if (top.kind == BB_OP_OPEN)
		return 0;
	if (!e->check)
		err = call_function(e, top.name, e->vals + top.base, e->n_vals - top.base, &r);
	e->n_vals = top.base;
	return err ? err : push_value(e, r);
}

/* A word where an operand is due. *have: one is there now. */
static int operand(struct expr *e, bool after_comma, bool *have)
{
	struct bb_value v = e->value;
	size_t pos;
	int err;

	switch (e->word) {
	case BB_OP_OPEN:
		return push_op(e, BB_OP_OPEN, BB_STR(""));
	case BB_OP_MINUS:
		return push_op(e, BB_OP_NEG, BB_STR(""));
	case BB_OP_NOT:
		return push_op(e, BB_OP_NOT, BB_STR(""));
	case BB_OP_NONE:
		break;
	case BB_OP_COMMA:
	case BB_OP_CLOSE:
		if (after_comma) { /* an argument that is left out */
			err = push_value(e, bb_value_text(BB_STR("")));
			*have = !err;
			e->pos = e->at;
			return err;
		}
		return fail(e, "an operand is missing");
	default:
		return fail(e, "an operand is missing");
	}
	if (e->end)
		return fail(e, "it ends where an operand is due");
	pos = e->pos;
	while (pos < e->text.l && (e->text.p[pos] == ' ' || e->text.p[pos] == '\t'))
		pos++;
	if (pos < e->text.l && e->text.p[pos] == '(') {
		e->pos = pos + 1;
		return push_op(e, BB_OP_FUNC, v.s);
	}
	err = push_value(e, v);
	*have = !err;
	return err;
}

/* A word after an operand. *have becomes false when another operand is due. */
static int operation(struct expr *e, bool *have, bool *after_comma)
{
	int prec = prec_of(e->word), err;

	switch (e->word) {
	case BB_OP_NONE:
	case BB_OP_OPEN:
	case BB_OP_NOT:
		return fail(e, "an operator is missing between two operands");
	case BB_OP_CLOSE:
		return close_paren(e);
	case BB_OP_COMMA:
		err = reduce(e, 0);
		if (err)
			return err;
		if (!e->n_ops || e->ops[e->n_ops - 1].kind != BB_OP_FUNC)
			return fail(e, "',' outside of a function's arguments");
		*have = false;
		*after_comma = true;
		return 0;
	case BB_OP_ELSE:
		err = reduce(e, 0);
		if (err)
			return err;
		if (!e->n_ops || e->ops[e->n_ops - 1].kind != BB_OP_COND)
			return fail(e, "'::' without '?'");
		e->ops[e->n_ops - 1].kind = BB_OP_ELSE;
		*have = false;
		return 0;
	default:
		err = reduce(e, prec);
		*have = false;
		return err ? err : push_op(e, e->word, BB_STR(""));
	}
}

static int finish(struct expr *e, bool have)
{
	int err;

	if (!have) {
		if (!e->n_ops && !e->n_vals) /* nothing at all is the empty text */
			return push_value(e, bb_value_text(BB_STR("")));
		return fail(e, "it ends where an operand is due");
	}
	err = reduce(e, 0);
	if (err)
		return err;
	if (e->n_ops)
		return fail(e, e->ops[e->n_ops - 1].kind == BB_OP_COND
				       ? "'?' without its '::'"
				       : "'(' that is never closed");
	return 0;
}

static int evaluate(struct expr *e)
{
	bool have = false, after_comma = false, was_opaque = false;
	int err;

	for (;;) {
		err = next_word(e);
		if (err)
			return err;
		if (e->end)
			return finish(e, have);
		if (have) {
			/* What ${…} becomes may bring an operator along. */
			if (e->check && e->word == BB_OP_NONE && (e->opaque || was_opaque)) {
				e->excused = true;
				return 0;
			}
			after_comma = false;
			err = operation(e, &have, &after_comma);
			if (err == -EINVAL && !reduce(e, 0))
				e->partial = !e->n_ops && e->n_vals == 1;
		} else {
			bool was = after_comma;

			after_comma = false;
			err = operand(e, was, &have);
		}
		if (err)
			return err;
		was_opaque = e->opaque;
	}
}

int bb_expr_eval(struct bb_chan *ch, struct bb_str text, struct bb_buf *out)
{
	struct expr e = { .ch = ch, .text = text };
	int err;

	e.arena = bb_arena_new(1024);
	if (!e.arena)
		return -ENOMEM;
	err = evaluate(&e);
	if (err == -EINVAL || err == -E2BIG) {
		bb_dp_warn(ch, "expression '%.*s': %s (at character %zu)", BB_FMT(text),
			   e.why ? e.why : "it is too long", e.why_at + 1);
		/* As Asterisk: nothing when the first word is wrong, what stood before a later
		 * one when that is a value, and 0 otherwise. */
		if (!e.partial && (e.n_ops || e.n_vals || err == -E2BIG))
			bb_buf_putc(out, '0');
		err = 0;
	}
	if (!err && (e.partial || (!e.why && e.n_vals))) {
		err = bb_value_to_text(&e.vals[0], e.arena);
		if (!err)
			bb_buf_putstr(out, e.vals[0].s);
	}
	bb_arena_free(e.arena);
	return err ? err : out->err;
}

int bb_expr_check(struct bb_str text, size_t *offset, char *why, size_t cap)
{
	struct expr e = { .text = text, .check = true };
	int err;

	e.arena = bb_arena_new(1024);
	if (!e.arena)
		return -ENOMEM;
	err = evaluate(&e);
	if (e.why && !e.excused) {
		err = -EINVAL;
		*offset = e.why_at;
		bb_str_copy(why, cap, bb_strz(e.why));
	} else if (err == -EINVAL) {
		err = 0;
	}
	bb_arena_free(e.arena);
	return err == -E2BIG ? 0 : err;
}
