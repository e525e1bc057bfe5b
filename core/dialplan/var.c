/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * var.c - variables as the dial plan's language has them: plain, predefined,
 * and functions that look like one.
 */
#include "core/dialplan/dialplan.h"

static const struct bb_list *loading; /* of a plan that is being read: names in it may use them */

void bb_vars_loading(const struct bb_list *l)
{
	loading = l;
}

static struct bb_list *scope(struct bb_chan *ch)
{
	return ch ? &ch->vars : bb_globals();
}

/* "FUNC(args)" into its parts; false for a plain name. */
bool bb_func_split(struct bb_str text, struct bb_str *name, struct bb_str *args)
{
	ptrdiff_t open = bb_str_chr(text, '(');
	size_t end = text.l;

	if (open < 0)
		return false;
	*name = bb_str_trim(bb_strn(text.p, (size_t)open));
	while (end > (size_t)open + 1 && text.p[end - 1] != ')')
		end--;
	if (end <= (size_t)open + 1)
		end = text.l + 1; /* no closing parenthesis: all of it */
	*args = bb_strn(text.p + open + 1, end - 1 - ((size_t)open + 1));
	return true;
}

struct bb_str bb_var_lookup(struct bb_chan *ch, struct bb_str name, struct bb_arena *arena)
{
	struct bb_str value = bb_predefined(ch, name, arena);
	struct bb_var *var;

	if (value.p)
		return value;
	var = ch ? bb_vars_find(&ch->vars, name) : NULL;
	if (!var && !ch && loading)
		var = bb_vars_find(loading, name);
	if (!var)
		var = bb_vars_find(bb_globals(), name);
	if (!var)
		return bb_predefined_legacy(ch, name, arena);
	/* A copy: what comes next in the step may replace the variable. */
	value.p = bb_arena_strdup(arena, var->value);
	value.l = value.p ? var->value.l : 0;
	return value;
}

struct bb_str bb_var_get(struct bb_chan *ch, const char *name, struct bb_arena *arena)
{
	struct bb_str text = bb_strz(name), fn, args;
	struct bb_buf out = { 0 };
	struct bb_str value = bb_strn(NULL, 0);

	if (!bb_func_split(text, &fn, &args))
		return bb_var_lookup(ch, text, arena);
	if (!bb_func_read(ch, fn, args, &out)) {
		value.p = bb_arena_strdup(arena, bb_buf_str(&out));
		value.l = value.p ? out.l : 0;
	}
	bb_buf_free(&out);
	return value;
}

int bb_var_set(struct bb_chan *ch, const char *name, struct bb_str value)
{
	struct bb_str text = bb_strz(name), fn, args;
	struct bb_list *v = scope(ch);
	unsigned inherit = 0;

	if (bb_func_split(text, &fn, &args))
		return bb_func_write(ch, fn, args, value);
	while (inherit < 2 && text.l && text.p[0] == '_') {
		inherit++;
		text = bb_str_sub(text, 1, text.l);
	}
	if (!text.l)
		return -EINVAL;
	if (ch && v->count >= BB_MAX_VARS && !bb_vars_find(v, text))
		return -ENOSPC;
	return bb_vars_set(v, text, inherit, value);
}

int bb_var_setf(struct bb_chan *ch, const char *name, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	char text[64];
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = bb_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (err >= 0 && (size_t)err < sizeof(text))
		return bb_var_set(ch, name, bb_strn(text, (size_t)err));
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	err = b.err ? b.err : bb_var_set(ch, name, bb_buf_str(&b));
	bb_buf_free(&b);
	return err;
}

void bb_var_each(struct bb_chan *ch, void (*fn)(const char *name, struct bb_str value, void *arg),
		 void *arg)
{
	struct bb_list *v = scope(ch);

	bb_list_each (n, v) {
		struct bb_var *var = bb_list_entry(n, struct bb_var, node);

		fn(var->name, var->value, arg);
	}
}
