/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stack.c - subroutines: Gosub's frames, their locals, and hangup handlers.
 *
 * A frame keeps the place to return to. Its arguments and locals are
 * variables marked with its depth, which shadow others and go with it.
 */
#include "core/dialplan/dialplan.h"

#include <bellbird/log.h>

#define MAX_ARGS 64

static void frame_free(struct bb_gosub_frame *f)
{
	bb_list_remove(&f->node);
	bb_free(f->context);
	bb_free(f->exten);
	bb_free(f);
}

void bb_stack_unwind(struct bb_dp *dp, size_t keep)
{
	if (dp->frames.count <= keep)
		return;
	bb_vars_pop(&dp->ch->vars, (unsigned)keep + 1);
	while (dp->frames.count > keep)
		frame_free(bb_list_entry(dp->frames.tail, struct bb_gosub_frame, node));
}

static int push_frame(struct bb_dp *dp)
{
	struct bb_place at = bb_chan_place(dp->ch);
	struct bb_gosub_frame *f;

	if (dp->frames.count >= BB_MAX_FRAMES)
		return -E2BIG;
	f = bb_zalloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->context = bb_strdup(bb_strz(at.context ? at.context : ""));
	f->exten = bb_strdup(bb_strz(at.exten ? at.exten : ""));
	f->prio = (int)at.priority + 1;
	bb_list_append(&dp->frames, &f->node);
	if (!f->context || !f->exten) {
		frame_free(f);
		return -ENOMEM;
	}
	return 0;
}

/* ARGC, ARG1 … as locals. Arguments of the caller's frame beyond ours read as empty. */
static int set_args(struct bb_dp *dp, struct bb_str text)
{
	struct bb_var *outer = bb_vars_find(&dp->ch->vars, BB_STR("ARGC"));
	struct bb_arena *a = bb_arena_new(512);
	unsigned depth = (unsigned)dp->frames.count;
	struct bb_str pieces[MAX_ARGS];
	uint64_t before = 0;
	int n = 0, err = a ? 0 : -ENOMEM;
	char name[24];

	if (outer)
		bb_str_u64(outer->value, &before);
	if (!err && bb_str_trim(text).l) {
		n = bb_args_pieces(text, ',', pieces, MAX_ARGS); /* quotes and all */
	}
	for (int i = 0; !err && (i < n || (uint64_t)i < before) && i < MAX_ARGS; i++) {
		bb_str_copy(name, sizeof(name), bb_strz(bb_arena_printf(a, "ARG%d", i + 1)));
		err = bb_vars_push(&dp->ch->vars, bb_strz(name), i < n ? pieces[i] : BB_STR(""),
				   depth);
	}
	if (!err) {
		bb_str_copy(name, sizeof(name), bb_strz(bb_arena_printf(a, "%d", n)));
		err = bb_vars_push(&dp->ch->vars, BB_STR("ARGC"), bb_strz(name), depth);
	}
	bb_arena_free(a);
	return err;
}

/* "ctx,exten,prio(a,b)" into the place and what stands in the parentheses. */
static struct bb_goto_arg split_target(struct bb_str target, struct bb_str *args)
{
	ptrdiff_t open = bb_str_chr(target, '(');
	size_t end = target.l;

	*args = BB_STR("");
	if (open >= 0) {
		while (end > (size_t)open + 1 && target.p[end - 1] != ')')
			end--;
		if (end > (size_t)open + 1)
			*args = bb_str_sub(target, (size_t)open + 1, end - (size_t)open - 2);
		target = bb_str_sub(target, 0, (size_t)open);
	}
	return bb_goto_split(target);
}

int bb_gosub_enter(struct bb_chan *ch, struct bb_str target)
{
	struct bb_dp *dp = bb_dp_of(ch);
	struct bb_goto_arg g;
	struct bb_str args;
	int err;

	if (!dp)
		return -ENOMEM;
	g = split_target(target, &args);
	if (!g.priority.l)
		return -EINVAL;
	err = push_frame(dp);
	if (err)
		return err;
	err = bb_goto(ch, g.context, g.exten, g.priority);
	if (!err)
		err = set_args(dp, args);
	if (err)
		bb_stack_unwind(dp, dp->frames.count - 1);
	return err;
}

int bb_gosub_return(struct bb_chan *ch, struct bb_str value)
{
	struct bb_dp *dp = ch->frames;
	struct bb_gosub_frame *f;
	char *copy;
	int err;

	if (!dp || !dp->frames.tail)
		return -ENOENT;
	/* The value may be a view of a local that goes now. */
	copy = bb_strdup(value);
	if (!copy)
		return -ENOMEM;
	f = bb_list_entry(dp->frames.tail, struct bb_gosub_frame, node);
	err = bb_dp_set_place(dp, bb_strz(f->context), bb_strz(f->exten), f->prio);
	if (!err) {
		dp->moved = true;
		bb_stack_unwind(dp, dp->frames.count - 1);
		err = bb_vars_set(&ch->vars, BB_STR("GOSUB_RETVAL"), 0, bb_strz(copy));
	}
	bb_free(copy);
	return err;
}

int bb_gosub_pop(struct bb_chan *ch)
{
	struct bb_dp *dp = ch->frames;

	if (!dp || !dp->frames.tail)
		return -ENOENT;
	bb_stack_unwind(dp, dp->frames.count - 1);
	return 0;
}

int bb_var_set_local(struct bb_chan *ch, const char *name, struct bb_str value)
{
	struct bb_dp *dp = ch->frames;

	if (!dp || !dp->frames.tail)
		return -ENOENT;
	if (ch->vars.count >= BB_MAX_VARS)
		return -ENOSPC;
	return bb_vars_push(&ch->vars, bb_strz(name), value, (unsigned)dp->frames.count);
}

struct bb_str bb_var_get_local(struct bb_chan *ch, const char *name, struct bb_arena *arena)
{
	struct bb_dp *dp = ch ? ch->frames : NULL;
	struct bb_str r = bb_strn(NULL, 0);

	bb_list_each (n, dp && dp->frames.tail ? &ch->vars : &(struct bb_list){ 0 }) {
		struct bb_var *var = bb_list_entry(n, struct bb_var, node);

		if (var->frame != dp->frames.count || !bb_str_is(bb_strz(var->name), name))
			continue;
		r.p = bb_arena_strdup(arena, var->value);
		r.l = r.p ? var->value.l : 0;
		break;
	}
	return r;
}

/* Steps until the frame above @p keep has returned. */
static int run_frames(struct bb_chan *ch, struct bb_dp *dp, size_t keep)
{
	int err = 0;

	while (!err && dp->frames.count > keep) {
		err = bb_chan_check(ch);
		if (err)
			break;
		dp->moved = false;
		err = bb_dp_step(ch);
		if (err == -ENOENT) /* ran off its end: as good as a Return */
			return 0;
		if (err > BB_END) /* a digit dials nothing in here */
			err = 0;
		if (!err && !dp->moved)
			dp->prio++;
	}
	return err;
}

int bb_gosub(struct bb_chan *ch, struct bb_str target)
{
	struct bb_dp *dp = bb_dp_of(ch);
	struct bb_place at = bb_chan_place(ch);
	const struct bb_prio *step;
	struct bb_plan *before, *plan;
	char *context, *exten;
	size_t keep;
	int err = -ENOMEM;

	if (!dp)
		return -ENOMEM;
	context = bb_strdup(bb_strz(at.context ? at.context : ""));
	exten = bb_strdup(bb_strz(at.exten ? at.exten : ""));
	before = dp->plan;
	step = dp->step;
	keep = dp->frames.count;
	plan = bb_plan_ref(bb_dp_plan(ch));
	dp->plan = plan;
	if (context && exten)
		err = bb_gosub_enter(ch, target);
	if (!err) {
		err = run_frames(ch, dp, keep);
		bb_stack_unwind(dp, keep);
	}
	/* Back to where the channel stood: its own run goes on there. */
	if (context && exten)
		bb_dp_set_place(dp, bb_strz(context), bb_strz(exten), (int)at.priority);
	dp->moved = false;
	dp->step = step;
	dp->plan = before;
	bb_plan_unref(plan);
	bb_free(context);
	bb_free(exten);
	return err;
}

int bb_hangup_handler_push(struct bb_chan *ch, struct bb_str target)
{
	struct bb_dp *dp = bb_dp_of(ch);
	struct bb_handler *h;

	if (!dp)
		return -ENOMEM;
	if (dp->handlers.count >= BB_MAX_HANDLERS)
		return -ENOSPC;
	h = bb_zalloc(sizeof(*h) + target.l + 1);
	if (!h)
		return -ENOMEM;
	memcpy(h->target, target.p, target.l);
	bb_list_prepend(&dp->handlers, &h->node);
	return 0;
}

int bb_hangup_handler_pop(struct bb_chan *ch)
{
	struct bb_dp *dp = ch->frames;
	struct bb_node *n = dp ? bb_list_pop(&dp->handlers) : NULL;

	if (!n)
		return -ENOENT;
	bb_free(bb_list_entry(n, struct bb_handler, node));
	return 0;
}

void bb_hangup_handler_wipe(struct bb_chan *ch)
{
	while (bb_hangup_handler_pop(ch) == 0)
		;
}

void bb_dp_run_handlers(struct bb_chan *ch)
{
	struct bb_dp *dp = ch->frames;
	struct bb_node *n;

	while (dp && (n = bb_list_pop(&dp->handlers))) {
		struct bb_handler *h = bb_list_entry(n, struct bb_handler, node);
		int err = bb_gosub(ch, bb_strz(h->target));

		if (err == -ENOENT)
			bb_dp_warn(ch, "hangup handler '%s' does not exist", h->target);
		bb_free(h);
	}
}
