/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * match.c - which extension a number means: in its context first (the literal
 * one, then patterns by order), then through the includes that hold now.
 *
 * An extension that matches but lacks the wanted priority does not end the
 * search: the next best one is asked, as Asterisk does.
 */
#include "core/dialplan/dialplan.h"

#include <bellbird/loop.h>

struct search {
	const struct bb_plan *plan;
	struct bb_find *f;
	const struct bb_prio *found;
	unsigned walk, depth;
	bool decided; /* a '!' says that no more digits are wanted */
};

static unsigned walks;

static bool cid_fits(const struct bb_exten *e, struct bb_str cid)
{
	if (!e->cid)
		return true;
	if (!*e->cid || !cid.l)
		return !*e->cid && !cid.l;
	return bb_pattern_match(e->cid, cid, BB_FIND_EXACT) != 0;
}

/* Of one name: the first whose caller fits and that has the step. */
static int try_list(struct bb_exten *e, int kind, void *arg)
{
	struct search *s = arg;
	struct bb_find *f = s->f;

	for (; e; e = e->next_cid) {
		if (!f->any_cid && !cid_fits(e, f->cid))
			continue;
		if (f->mode == BB_FIND_MORE && kind == 2) {
			s->decided = true;
			return 1;
		}
		if (f->status < BB_FIND_NOPRIO)
			f->status = BB_FIND_NOPRIO;
		if (f->label.p) {
			if (f->status < BB_FIND_NOLABEL)
				f->status = BB_FIND_NOLABEL;
			s->found = bb_exten_label(e, f->label);
		} else {
			s->found = bb_exten_prio(e, f->prio);
		}
		if (s->found) {
			f->status = BB_FIND_OK;
			f->found_exten = e;
			f->found_context = e->ctx;
			return 1;
		}
	}
	return 0;
}

/* Literals that begin with the digits stand together. */
static int try_longer(struct search *s, const struct bb_context *c)
{
	struct bb_str d = s->f->exten;
	size_t lo = 0, hi = c->n_literals;
	int r = 0;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (bb_exten_name_cmp(bb_strz(c->sorted[mid]->name), d) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < c->n_literals && !r; lo++) {
		if (!bb_pattern_match(c->sorted[lo]->name, d, BB_FIND_CAN))
			break;
		if (bb_pattern_match(c->sorted[lo]->name, d, s->f->mode))
			r = try_list(c->sorted[lo], 1, s);
	}
	return r;
}

static int try_literal(struct search *s, const struct bb_context *c)
{
	struct bb_str d = s->f->exten;
	struct bb_map_node *n;
	char bare[BB_MAX_EXTEN];
	size_t l = 0;

	if (bb_str_chr(d, '-') >= 0) {
		for (size_t i = 0; i < d.l && l < sizeof(bare); i++)
			if (d.p[i] != '-')
				bare[l++] = d.p[i];
		d = bb_strn(bare, l);
	}
	n = bb_map_get(&c->literals, d);
	return n ? try_list(bb_map_entry(n, struct bb_exten, node), 1, s) : 0;
}

/* A pattern asked for by its own name (`_1XX`) is itself. */
static int try_pattern_name(struct search *s, const struct bb_context *c)
{
	int r = 0;

	for (size_t i = c->n_literals; i < c->n_sorted && !r; i++)
		if (bb_str_iis(s->f->exten, c->sorted[i]->name))
			r = try_list(c->sorted[i], 1, s);
	return r;
}

static int search_context(struct search *s, struct bb_context *c)
{
	struct bb_find *f = s->f;
	bb_time wall = f->wall ? f->wall : bb_wall();
	int r;

	if (c->mark == s->walk || s->depth >= BB_MAX_INCLUDES)
		return 0;
	c->mark = s->walk;
	if (f->status < BB_FIND_NOEXTEN)
		f->status = BB_FIND_NOEXTEN;
	r = f->mode == BB_FIND_EXACT ? try_literal(s, c) : try_longer(s, c);
	if (!r && f->exten.l && f->exten.p[0] == '_')
		r = try_pattern_name(s, c);
	if (!r)
		r = bb_ptree_walk(c->patterns, f->exten, f->mode, try_list, s);
	s->depth++;
	for (struct bb_include *i = c->includes; i && !r; i = i->next) {
		struct bb_context *in;

		if (i->times && !bb_timespec_holds(i->times, wall))
			continue;
		in = bb_plan_context(s->plan, bb_strz(i->name));
		if (in)
			r = search_context(s, in);
	}
	s->depth--;
	return r;
}

const struct bb_prio *bb_plan_find(const struct bb_plan *p, struct bb_find *f)
{
	struct search s = { .plan = p, .f = f, .walk = ++walks };
	struct bb_context *c = bb_plan_context(p, f->context);

	f->status = BB_FIND_NOCONTEXT;
	f->found_exten = NULL;
	f->found_context = NULL;
	if (!c || f->exten.l > BB_MAX_EXTEN)
		return NULL;
	search_context(&s, c);
	return s.decided ? NULL : s.found;
}

static bool ask(struct bb_str context, struct bb_str exten, struct bb_str callerid,
		enum bb_match_mode mode)
{
	struct bb_find f = {
		.context = context, .exten = exten, .cid = callerid, .prio = 1, .mode = mode
	};

	return bb_plan_find(bb_plan_live(), &f) != NULL;
}

bool bb_exten_exists(struct bb_str context, struct bb_str exten, struct bb_str callerid)
{
	return ask(context, exten, callerid, BB_FIND_EXACT);
}

bool bb_exten_can_match(struct bb_str context, struct bb_str exten, struct bb_str callerid)
{
	return ask(context, exten, callerid, BB_FIND_CAN);
}

bool bb_exten_match_more(struct bb_str context, struct bb_str exten, struct bb_str callerid)
{
	return ask(context, exten, callerid, BB_FIND_MORE);
}

bool bb_context_exists(struct bb_str context)
{
	return bb_plan_context(bb_plan_live(), context) != NULL;
}

struct bb_str bb_exten_hint(struct bb_str context, struct bb_str exten, struct bb_arena *arena)
{
	struct bb_find f = { .context = context, .exten = exten, .prio = BB_PRIO_HINT };
	const struct bb_prio *p = bb_plan_find(bb_plan_live(), &f);
	struct bb_str s = bb_strn(NULL, 0);

	if (p) {
		s.p = bb_arena_strdup(arena, p->args);
		s.l = s.p ? p->args.l : 0;
	}
	return s;
}
