/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vars.c - scopes of variables: a channel's and the globals.
 *
 * A scope is a short list, newest first: a subroutine's locals shadow what
 * stood before, and disappear again with their frame.
 */
#include "core/channel/channel.h"

#define ROOM_LEAST 15

static struct bb_list globals;

struct bb_list *bb_globals(void)
{
	return &globals;
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

/* It may be a part of what stands there now. */
static void put_value(struct bb_var *var, char *at, struct bb_str value)
{
	if (value.l)
		memmove(at, value.p, value.l);
	at[value.l] = '\0';
	var->value = bb_strn(at, value.l);
}

static struct bb_var *var_new(struct bb_str name, unsigned inherit, struct bb_str value)
{
	/* Counters and results of applications change and stay short. */
	size_t room = value.l < ROOM_LEAST ? ROOM_LEAST : value.l;
	struct bb_var *var = bb_alloc(sizeof(*var) + name.l + 1 + room + 1);

	if (!var)
		return NULL;
	memset(var, 0, sizeof(*var));
	memcpy(var->name, name.p, name.l);
	var->name[name.l] = '\0';
	var->room = room;
	put_value(var, var->name + name.l + 1, value);
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
	if (old && value.l <= old->room) {
		put_value(old, old->name + name.l + 1, value);
		old->inherit = (unsigned char)inherit;
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

struct bb_str bb_vars_get(const struct bb_chan *ch, const char *name)
{
	struct bb_var *var = bb_vars_find(&ch->vars, bb_strz(name));

	if (!var)
		var = bb_vars_find(&globals, bb_strz(name));
	return var ? var->value : (struct bb_str){ 0 };
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
