/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * subst.c - ${…} and $[…] in texts.
 *
 * The inside of a brace is substituted first and looked up afterwards, so
 * that names can be built of variables. Results are put in as they are: what
 * a value contains is never looked at again (EVAL() does that when asked).
 */
#include "core/dialplan/dialplan.h"

#include <limits.h>

#define MAX_NESTED 50 /* braces within braces; EVAL() of EVAL() too */
#define MAX_RESULT (4u << 20) /* bytes of one substituted text */

/* Without a channel (console, load time) one count serves all. */
static unsigned nested_bare;

static void put_text(struct bb_buf *out, struct bb_str s)
{
	if (out->l + s.l > MAX_RESULT && !out->err)
		out->err = -E2BIG;
	bb_buf_putstr(out, s);
}

/* Past the bracket that closes, or the end. @p inner tells of anything to substitute inside. */
static size_t find_close(struct bb_str t, size_t i, char open, char close, bool *closed,
			 bool *inner)
{
	char other = open == '{' ? '[' : '{';
	int depth = 1;

	*inner = *closed = false;
	while (i < t.l && depth) {
		if (t.p[i] == '$' && i + 1 < t.l && (t.p[i + 1] == open || t.p[i + 1] == other)) {
			*inner = true;
			if (t.p[i + 1] == open)
				depth++;
			i++;
		} else if (t.p[i] == open) {
			depth++;
		} else if (t.p[i] == close) {
			depth--;
		}
		i++;
	}
	*closed = depth == 0;
	return i;
}

/* A number as sscanf's %d reads one from the front. */
static bool take_int(struct bb_str *s, long *out)
{
	bool neg = false;
	long n = 0;
	size_t i = 0, digits = 0;

	while (i < s->l && (s->p[i] == ' ' || s->p[i] == '\t'))
		i++;
	if (i < s->l && (s->p[i] == '-' || s->p[i] == '+'))
		neg = s->p[i++] == '-';
	for (; i < s->l && s->p[i] >= '0' && s->p[i] <= '9'; i++, digits++)
		if (n < INT_MAX / 10)
			n = n * 10 + (s->p[i] - '0');
		else
			n = INT_MAX;
	if (!digits)
		return false;
	*out = neg ? -n : n;
	*s = bb_str_sub(*s, i, s->l);
	return true;
}

/* "NAME:offset:length" loses its tail; @return true when there is one. */
static bool split_range(struct bb_str *name, long *offset, long *length, bool *function)
{
	struct bb_str rest;
	int parens = 0;

	*offset = 0;
	*length = INT_MAX;
	*function = false;
	for (size_t i = 0; i < name->l; i++) {
		if (name->p[i] == '(') {
			*function = true;
			parens++;
		} else if (name->p[i] == ')') {
			parens--;
		} else if (name->p[i] == ':' && parens == 0) {
			rest = bb_str_sub(*name, i + 1, name->l);
			name->l = i;
			if (take_int(&rest, offset) && rest.l && rest.p[0] == ':') {
				rest = bb_str_sub(rest, 1, rest.l);
				take_int(&rest, length);
			}
			return true;
		}
	}
	return false;
}

static struct bb_str cut_range(struct bb_str v, long offset, long length)
{
	long l = (long)v.l;

	if (offset < 0)
		offset = l + offset < 0 ? 0 : l + offset;
	if (offset >= l)
		return BB_STR("");
	l -= offset;
	if (length < 0)
		length = l > -length ? l + length : 0;
	if (length < l)
		l = length;
	return bb_str_sub(v, (size_t)offset, (size_t)l);
}

static int put_variable(struct bb_chan *ch, struct bb_str name, struct bb_buf *out)
{
	struct bb_str fn, args, value;
	struct bb_buf result = { 0 };
	struct bb_arena *arena;
	bool function;
	long offset, length;
	int err = 0;

	split_range(&name, &offset, &length, &function);
	if (function && bb_func_split(name, &fn, &args)) {
		if (!bb_func_read(ch, fn, args, &result))
			put_text(out, cut_range(bb_buf_str(&result), offset, length));
		if (result.err && !out->err)
			out->err = result.err;
		bb_buf_free(&result);
		return out->err;
	}
	arena = bb_arena_new(256);
	if (!arena)
		return -ENOMEM;
	value = bb_var_lookup(ch, name, arena);
	if (value.p)
		put_text(out, cut_range(value, offset, length));
	bb_arena_free(arena);
	return err ? err : out->err;
}

/* One ${…} or $[…] that opens at @p i; returns past it. */
static size_t put_one(struct bb_chan *ch, struct bb_str text, size_t i, struct bb_buf *out)
{
	char open = text.p[i + 1], close = open == '{' ? '}' : ']';
	bool closed, inner;
	size_t end = find_close(text, i + 2, open, close, &closed, &inner);
	struct bb_str inside = bb_str_sub(text, i + 2, end - (i + 2) - (closed ? 1 : 0));
	struct bb_buf tmp = { 0 };
	int err = 0;

	if (!closed)
		bb_dp_warn(ch, "missing '%c' in '%.*s'", close, BB_FMT(text));
	if (inner) {
		err = bb_subst_into(ch, inside, &tmp);
		inside = bb_buf_str(&tmp);
	}
	if (!err)
		err = open == '{' ? put_variable(ch, inside, out) : bb_expr_eval(ch, inside, out);
	if (err && !out->err)
		out->err = err;
	bb_buf_free(&tmp);
	return end;
}

int bb_subst_into(struct bb_chan *ch, struct bb_str text, struct bb_buf *out)
{
	struct bb_dp *dp = ch ? bb_dp_of(ch) : NULL;
	unsigned *nested = dp ? &dp->nested : &nested_bare;
	size_t i = 0;

	if (*nested >= MAX_NESTED) {
		bb_dp_warn(ch, "too many substitutions within one another in '%.*s'", BB_FMT(text));
		return 0;
	}
	++*nested;
	while (i < text.l && !out->err) {
		const char *p = memchr(text.p + i, '$', text.l - i);
		size_t at = p ? (size_t)(p - text.p) : text.l;

		put_text(out, bb_str_sub(text, i, at - i));
		i = at;
		if (!p)
			break;
		if (i + 1 < text.l && (text.p[i + 1] == '{' || text.p[i + 1] == '[')) {
			i = put_one(ch, text, i, out);
		} else {
			bb_buf_putc(out, '$');
			i++;
		}
	}
	--*nested;
	return out->err;
}

struct bb_str bb_subst(struct bb_chan *ch, struct bb_str text, struct bb_arena *arena)
{
	struct bb_buf out = { 0 };
	struct bb_str r = bb_strn(NULL, 0);

	if (!bb_subst_into(ch, text, &out)) {
		r.p = bb_arena_strdup(arena, bb_buf_str(&out));
		r.l = r.p ? out.l : 0;
	}
	bb_buf_free(&out);
	return r;
}
