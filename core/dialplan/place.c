/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * place.c - what a channel carries for the dial plan, and where it stands.
 */
#include "core/dialplan/dialplan.h"

struct bb_dp *bb_dp_of(struct bb_chan *ch)
{
	struct bb_dp *dp = ch->frames;

	if (dp)
		return dp;
	dp = bb_zalloc(sizeof(*dp));
	if (!dp)
		return NULL;
	dp->ch = ch;
	dp->digit_timeout = 5 * BB_SEC;
	dp->response_timeout = 10 * BB_SEC;
	ch->frames = dp;
	return dp;
}

void bb_dp_free(struct bb_chan *ch)
{
	struct bb_dp *dp = ch->frames;

	if (!dp)
		return;
	ch->frames = NULL;
	bb_stack_unwind(dp, 0);
	bb_list_each (n, &dp->handlers) {
		bb_list_remove(n);
		bb_free(bb_list_entry(n, struct bb_handler, node));
	}
	bb_vars_clear(&dp->shared);
	bb_arena_free(dp->spare);
	bb_free(dp->context);
	bb_free(dp->exten);
	bb_free(dp->redirect_context);
	bb_free(dp->redirect_exten);
	bb_free(dp);
}

/* Replace a text when it is another one. */
static int set_text(char **at, struct bb_str s)
{
	char *copy;

	if (*at && bb_str_is(s, *at))
		return 0;
	copy = bb_strdup(s);
	if (!copy)
		return -ENOMEM;
	bb_free(*at);
	*at = copy;
	return 0;
}

int bb_dp_set_place(struct bb_dp *dp, struct bb_str context, struct bb_str exten, int prio)
{
	int err = 0;

	if (context.p)
		err = set_text(&dp->context, context);
	if (!err && exten.p)
		err = set_text(&dp->exten, exten);
	if (!err)
		dp->prio = prio;
	return err;
}

struct bb_place bb_chan_place(const struct bb_chan *ch)
{
	const struct bb_dp *dp = ch ? ch->frames : NULL;

	if (dp && dp->context)
		return (struct bb_place){ dp->context, dp->exten, (unsigned)dp->prio };
	if (!ch)
		return (struct bb_place){ 0 };
	return (struct bb_place){ ch->context, ch->exten, ch->priority };
}

struct bb_plan *bb_dp_plan(struct bb_chan *ch)
{
	struct bb_dp *dp = ch ? ch->frames : NULL;

	return dp && dp->plan ? dp->plan : bb_plan_live();
}

static const struct bb_prio *find_in(struct bb_plan *plan, struct bb_chan *ch,
				     struct bb_str context, struct bb_str exten, int prio,
				     struct bb_find *f)
{
	*f = (struct bb_find){ .context = context,
			       .exten = exten,
			       .prio = prio,
			       .cid = bb_strz(bb_chan_caller(ch)->number) };
	return bb_plan_find(plan, f);
}

const struct bb_prio *bb_dp_find(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
				 int prio, struct bb_find *f)
{
	struct bb_find own;

	return find_in(bb_dp_plan(ch), ch, context, exten, prio, f ? f : &own);
}

int bb_dp_resolve(struct bb_chan *ch, struct bb_plan *plan, struct bb_str context,
		  struct bb_str exten, struct bb_str priority)
{
	struct bb_place at = bb_chan_place(ch);
	const struct bb_prio *p;
	struct bb_find f;
	uint64_t n = 1;

	if (!context.p)
		context = bb_strz(at.context);
	if (!exten.p)
		exten = bb_strz(at.exten);
	if (!priority.p) {
		n = at.priority ? at.priority : 1;
	} else if (priority.l && (priority.p[0] == '+' || priority.p[0] == '-')) {
		if (bb_str_u64(bb_str_sub(priority, 1, priority.l), &n) || n > 100000)
			return -ENOENT;
		if (priority.p[0] == '-' && n >= at.priority)
			return -ENOENT;
		n = priority.p[0] == '+' ? at.priority + n : at.priority - n;
	} else if (bb_str_u64(priority, &n)) {
		f = (struct bb_find){ .context = context,
				      .exten = exten,
				      .label = priority,
				      .cid = bb_strz(bb_chan_caller(ch)->number) };
		p = bb_plan_find(plan, &f);
		return p ? p->n : -ENOENT;
	}
	if (n < 1 || n > 1000000)
		return -ENOENT;
	p = find_in(plan, ch, context, exten, (int)n, &f);
	return p ? p->n : -ENOENT;
}

struct bb_goto_arg bb_goto_split(struct bb_str target)
{
	struct bb_goto_arg g = { 0 };
	struct bb_str piece[3];
	size_t n = 0;

	while (n < 3 && bb_str_split(&target, ',', &piece[n]))
		n++;
	if (n == 3)
		g = (struct bb_goto_arg){ piece[0], piece[1], piece[2] };
	else if (n == 2)
		g = (struct bb_goto_arg){ bb_strn(NULL, 0), piece[0], piece[1] };
	else if (n == 1)
		g.priority = piece[0];
	/* An empty part is a part that was left out. */
	if (g.context.p && !g.context.l)
		g.context.p = NULL;
	if (g.exten.p && !g.exten.l)
		g.exten.p = NULL;
	return g;
}

bool bb_place_exists(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
		     struct bb_str priority)
{
	struct bb_find f = { .context = context, .exten = exten, .any_cid = true };
	uint64_t n;

	if (ch)
		return bb_dp_resolve(ch, bb_dp_plan(ch), context, exten, priority) > 0;
	if (bb_str_u64(priority, &n))
		f.label = priority;
	else
		f.prio = n > 1000000 ? 0 : (int)n;
	return bb_plan_find(bb_plan_live(), &f) != NULL;
}

int bb_goto(struct bb_chan *ch, struct bb_str context, struct bb_str exten, struct bb_str priority)
{
	struct bb_dp *dp = bb_dp_of(ch);
	int n, err;

	if (!dp)
		return -ENOMEM;
	if (!dp->context) {
		err = bb_dp_set_place(dp, bb_strz(ch->context), bb_strz(ch->exten), 1);
		if (err)
			return err;
	}
	n = bb_dp_resolve(ch, bb_dp_plan(ch), context, exten, priority);
	if (n < 0)
		return n;
	err = bb_dp_set_place(dp, context, exten, n);
	if (!err)
		dp->moved = true;
	return err;
}

int bb_goto_arg(struct bb_chan *ch, const struct bb_goto_arg *g)
{
	struct bb_str context = g->context.l ? g->context : bb_strn(NULL, 0);
	struct bb_str exten = g->exten.l ? g->exten : bb_strn(NULL, 0);
	struct bb_dp *dp;
	uint64_t n;
	int err;

	if (!g->priority.l)
		return -EINVAL;
	err = bb_goto(ch, context, exten, g->priority);
	dp = ch->frames;
	if (err != -ENOENT || !dp || bb_str_u64(g->priority, &n) || n < 1 || n > 1000000)
		return err;
	/* A number is gone to whether it exists or not: `i` takes it from there. */
	err = bb_dp_set_place(dp, context, exten, (int)n);
	if (!err)
		dp->moved = true;
	return err;
}

int bb_goto_text(struct bb_chan *ch, struct bb_str target)
{
	struct bb_goto_arg g = bb_goto_split(target);

	return bb_goto_arg(ch, &g);
}

int bb_chan_redirect(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
		     struct bb_str priority)
{
	struct bb_place at = bb_chan_place(ch);
	struct bb_dp *dp = bb_dp_of(ch);
	unsigned cause = 0;
	int n, err;

	if (!dp)
		return -ENOMEM;
	/* Transfer targets are of the plan that is live now. */
	n = bb_dp_resolve(ch, bb_plan_live(), context, exten, priority.l ? priority : BB_STR("1"));
	if (n < 0)
		return n;
	if (!context.p)
		context = bb_strz(at.context);
	if (!exten.p)
		exten = bb_strz(at.exten);
	if (!ch->run) {
		bb_chan_detach(ch);
		return bb_chan_run_at(ch, context, exten, priority.l ? priority : BB_STR("1"),
				      &cause);
	}
	err = set_text(&dp->redirect_context, context);
	if (!err)
		err = set_text(&dp->redirect_exten, exten);
	if (err)
		return err;
	dp->redirect_prio = n;
	bb_chan_interrupt(ch, BB_INT_REDIRECT);
	return 0;
}

const char *bb_app_at(struct bb_chan *ch, unsigned priority)
{
	struct bb_place at = bb_chan_place(ch);
	const struct bb_prio *p;

	if (!at.context || !at.exten)
		return NULL;
	p = bb_dp_find(ch, bb_strz(at.context), bb_strz(at.exten), (int)priority, NULL);
	return p ? p->app : NULL;
}

bb_time bb_chan_timeout(struct bb_chan *ch, enum bb_timeout which)
{
	struct bb_dp *dp = bb_dp_of(ch);

	if (!dp)
		return 0;
	if (which == BB_TIMEOUT_DIGIT)
		return dp->digit_timeout;
	if (which == BB_TIMEOUT_RESPONSE)
		return dp->response_timeout;
	return dp->absolute > bb_now() ? dp->absolute - bb_now() : 0;
}

int bb_chan_set_timeout(struct bb_chan *ch, enum bb_timeout which, bb_time span)
{
	struct bb_dp *dp = bb_dp_of(ch);

	if (!dp)
		return -ENOMEM;
	if (span < 0)
		return -EINVAL;
	if (which == BB_TIMEOUT_DIGIT) {
		dp->digit_timeout = span;
	} else if (which == BB_TIMEOUT_RESPONSE) {
		dp->response_timeout = span;
	} else {
		dp->absolute = span ? bb_now() + span : 0;
		bb_chan_set_deadline(ch, dp->absolute);
	}
	return 0;
}

struct bb_str bb_shared_get(struct bb_chan *ch, const char *name, struct bb_arena *arena)
{
	struct bb_dp *dp = ch->frames;
	struct bb_var *var = dp ? bb_vars_find(&dp->shared, bb_strz(name)) : NULL;
	struct bb_str v = bb_strn(NULL, 0);

	if (var) {
		v.p = bb_arena_strdup(arena, var->value);
		v.l = v.p ? var->value.l : 0;
	}
	return v;
}

int bb_shared_set(struct bb_chan *ch, const char *name, struct bb_str value)
{
	struct bb_dp *dp = bb_dp_of(ch);

	if (!dp)
		return -ENOMEM;
	if (dp->shared.count >= BB_MAX_VARS)
		return -ENOSPC;
	return bb_vars_set(&dp->shared, bb_strz(name), 0, value);
}

bool bb_true(struct bb_str text)
{
	text = bb_str_trim(text);
	if (!text.l)
		return false;
	if (text.p[0] < '0' || text.p[0] > '9')
		return true;
	/* A text that begins with digits is what they say. */
	for (size_t i = 0; i < text.l && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		if (text.p[i] != '0')
			return true;
	return false;
}

int bb_time_matches(struct bb_str spec, bb_time wall, char *why, size_t cap)
{
	struct bb_timespec ts;
	int r = bb_timespec_parse(&ts, spec, why, cap);

	return r ? r : bb_timespec_holds(&ts, wall);
}
