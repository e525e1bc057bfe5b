/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vars.c - scopes of variables, and looking one up.
 *
 * A scope is a short list, newest first: a subroutine's locals shadow what
 * stood before, and disappear again with their frame.
 */
#include "core/dialplan/dialplan.h"

static struct bb_list globals;
static const struct bb_list *loading; /* of a plan that is being read: names in it may use them */

struct bb_list *bb_globals(void)
{
	return &globals;
}

void bb_vars_loading(const struct bb_list *l)
{
	loading = l;
}

struct bb_var *bb_vars_find(const struct bb_list *v, struct bb_str name)
{
	bb_list_each (n, v) {
		struct bb_var *var = bb_list_entry(n, struct bb_var, node);

		if (!strncmp(var->name, name.p ? name.p : "", name.l) && !var->name[name.l])
			return var;
	}
	return NULL;
}

static struct bb_var *var_new(struct bb_str name, unsigned inherit, struct bb_str value)
{
	struct bb_var *var = bb_alloc(sizeof(*var) + name.l + 1 + value.l + 1);
	char *p;

	if (!var)
		return NULL;
	memset(var, 0, sizeof(*var));
	memcpy(var->name, name.p, name.l);
	var->name[name.l] = '\0';
	p = var->name + name.l + 1;
	if (value.l)
		memcpy(p, value.p, value.l);
	p[value.l] = '\0';
	var->value = bb_strn(p, value.l);
	var->inherit = (unsigned char)inherit;
	return var;
}

static void var_remove(struct bb_var *var)
{
	bb_list_remove(&var->node);
	bb_free(var);
}

int bb_vars_set(struct bb_list *v, struct bb_str name, unsigned inherit, struct bb_str value)
{
	struct bb_var *old = bb_vars_find(v, name), *var;

	if (!value.p) {
		if (old)
			var_remove(old);
		return 0;
	}
	var = var_new(name, inherit, value);
	if (!var)
		return -ENOMEM;
	if (old) {
		var->frame = old->frame;
		bb_list_insert(v, &old->node, &var->node);
		var_remove(old);
	} else {
		bb_list_prepend(v, &var->node);
	}
	return 0;
}

int bb_vars_push(struct bb_list *v, struct bb_str name, struct bb_str value, unsigned frame)
{
	struct bb_var *var = bb_vars_find(v, name);

	if (var && var->frame == frame)
		return bb_vars_set(v, name, 0, value);
	var = var_new(name, 0, value.p ? value : BB_STR(""));
	if (!var)
		return -ENOMEM;
	var->frame = frame;
	bb_list_prepend(v, &var->node);
	return 0;
}

void bb_vars_pop(struct bb_list *v, unsigned frame)
{
	bb_list_each (n, v) {
		struct bb_var *var = bb_list_entry(n, struct bb_var, node);

		if (var->frame >= frame)
			var_remove(var);
	}
}

void bb_vars_clear(struct bb_list *v)
{
	bb_list_each (n, v)
		var_remove(bb_list_entry(n, struct bb_var, node));
}

static struct bb_list *scope(struct bb_chan *ch)
{
	return ch ? &ch->vars : &globals;
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
		var = bb_vars_find(&globals, name);
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
	va_list ap;
	int err;

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

int bb_var_inherit(struct bb_chan *child, struct bb_chan *parent)
{
	struct bb_list *from, *to;
	int err = 0;

	if (!child || !parent)
		return -EINVAL;
	from = &parent->vars;
	to = &child->vars;
	/* From the oldest, so that the newest of one name wins. */
	for (struct bb_node *n = from->tail; n && !err; n = n->prev) {
		struct bb_var *var = bb_list_entry(n, struct bb_var, node);

		if (var->inherit)
			err = bb_vars_set(to, bb_strz(var->name), var->inherit == 2 ? 2 : 0,
					  var->value);
	}
	return err;
}

int bb_var_copy(struct bb_chan *to, struct bb_chan *from)
{
	int err = 0;

	for (struct bb_node *n = from->vars.tail; n && !err; n = n->prev) {
		struct bb_var *var = bb_list_entry(n, struct bb_var, node);

		err = bb_vars_set(&to->vars, bb_strz(var->name), var->inherit, var->value);
	}
	return err;
}
