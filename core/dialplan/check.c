/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * check.c - judges a plan as a whole: names that do not exist, arguments that
 * do not fit, places that nobody can go to. At load, at reload and for
 * --check alike; only the severities differ (see bb_severity).
 *
 * What stands within ${…} or $[…] becomes known when a call is there, so it
 * is opaque here: only literal text is judged.
 */
#include "core/dialplan/dialplan.h"
#include "core/registry/registry.h"

#include <stdio.h>

#define MAX_NESTED 50

struct bb_where bb_check_place(const char *p, void *arg)
{
	const struct bb_check *c = arg;
	struct bb_where at = c->prio->args_at;
	size_t i;

	if (p == c->prio->app)
		return c->prio->at;
	if (c->copy.p && p >= c->copy.p && p <= c->copy.p + c->copy.l)
		p = c->copy_of + (p - c->copy.p);
	i = (size_t)(p - c->prio->args.p);
	if (c->prio->columns && i < c->prio->args.l)
		at.column = c->prio->columns[i];
	else
		at.column += (unsigned)i;
	return at;
}

void bb_check_say(struct bb_check *c, enum bb_severity sev, const char *p, const char *fmt, ...)
{
	struct bb_where at = bb_check_place(p, c);
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bb_diag_add(c->d, sev, &at, "%s", text);
}

bool bb_check_opaque(struct bb_str s)
{
	return bb_str_find(s, BB_STR("${")) >= 0 || bb_str_find(s, BB_STR("$[")) >= 0;
}

bool bb_check_first(struct bb_check *c, const char *kind, struct bb_str name)
{
	struct bb_map_node *n;
	const char *key = bb_arena_printf(c->arena, "%s %.*s", kind, BB_FMT(name));

	if (!key || bb_map_get(&c->told, bb_strz(key)))
		return false;
	n = bb_arena_alloc(c->arena, sizeof(*n));
	return n && bb_map_add(&c->told, n, bb_strz(key)) == 0;
}

/* Neither built nor known, with the nearest name; or known and not built, once. */
static void absent(struct bb_check *c, enum bb_kind kind, const char *what, struct bb_str name)
{
	bool app = kind == BB_KIND_APP;
	const char *const *known = app ? bb_known_apps() : bb_known_funcs();
	struct bb_near near = { .got = name };
	char hint[80];

	if (app ? bb_known_app(name) : bb_known_func(name)) {
		if (bb_check_first(c, what, name))
			bb_check_say(c, BB_WARN, name.p, "%s %.*s is not built here%s", what,
				     BB_FMT(name),
				     app ? ": its steps are skipped" : ": it reads as empty");
		return;
	}
	if (bb_known_instead(name)) {
		bb_check_say(c, BB_SUSPECT, name.p,
			     "there is no %s '%.*s' any more, in Asterisk neither; use %s", what,
			     BB_FMT(name), bb_known_instead(name));
		return;
	}
	bb_reg_offer(kind, &near);
	for (; known && *known; known++)
		bb_near_offer(&near, *known);
	bb_check_say(c, BB_SUSPECT, name.p, "there is no %s '%.*s'%s", what, BB_FMT(name),
		     bb_near_hint(&near, hint, sizeof(hint)));
}

static void judge_args(struct bb_check *c, const char *who, const struct bb_field *fields,
		       struct bb_str args)
{
	struct bb_args_judge j = { .where = bb_check_place, .named = bb_check_named, .arg = c };

	if (fields)
		bb_args_check(who, fields, args, &j, c->d);
}

void bb_check_app(struct bb_check *c, struct bb_str app, struct bb_str args)
{
	const struct bb_app *desc;

	if (bb_check_opaque(app) || !app.l)
		return;
	desc = bb_reg_peek(BB_KIND_APP, app);
	if (desc)
		judge_args(c, desc->name, desc->args, args);
	else
		absent(c, BB_KIND_APP, "application", app);
}

/* --- texts: ${} $[] --- */

static void check_text(struct bb_check *c, struct bb_str s);

/* The inside of ${…}. */
static void check_reference(struct bb_check *c, struct bb_str s)
{
	const struct bb_func *f;
	struct bb_str name, args;
	int depth = 0;

	check_text(c, s);
	if (!bb_func_split(s, &name, &args) || !name.l || bb_check_opaque(name) ||
	    bb_str_chr(name, ':') >= 0)
		return;
	for (size_t i = 0; i < s.l; i++)
		depth += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
	if (depth > 0)
		bb_check_say(c, BB_SUSPECT, name.p, "${%.*s(: '(' is never closed", BB_FMT(name));
	f = bb_reg_peek(BB_KIND_FUNC, name);
	if (f)
		judge_args(c, f->name, f->args, args);
	else
		absent(c, BB_KIND_FUNC, "function", name);
}

static void check_expression(struct bb_check *c, struct bb_str s)
{
	char why[160] = "";
	size_t offset = 0;

	check_text(c, s);
	if (bb_expr_check(s, &offset, why, sizeof(why)) == -EINVAL)
		bb_check_say(c, BB_SUSPECT, s.p + offset, "expression $[%.*s]: %s", BB_FMT(s), why);
}

static void check_text(struct bb_check *c, struct bb_str s)
{
	if (++c->nested > MAX_NESTED) {
		bb_check_say(c, BB_SUSPECT, s.p, "substitutions are nested too deep");
		c->nested--;
		return;
	}
	for (size_t i = 0; i + 1 < s.l; i++) {
		char open, close;
		size_t from = i + 2, k;
		int depth = 1;

		if (s.p[i] != '$' || (s.p[i + 1] != '{' && s.p[i + 1] != '['))
			continue;
		open = s.p[i + 1];
		close = open == '{' ? '}' : ']';
		for (k = from; k < s.l && depth; k++)
			depth += s.p[k] == open ? 1 : s.p[k] == close ? -1 : 0;
		if (depth) {
			bb_check_say(c, BB_SUSPECT, s.p + i, "'$%c' without its '%c'", open, close);
			break;
		}
		if (open == '{')
			check_reference(c, bb_str_sub(s, from, k - 1 - from));
		else
			check_expression(c, bb_str_sub(s, from, k - 1 - from));
		i = k - 1;
	}
	c->nested--;
}

/* --- steps --- */

static void check_step(struct bb_check *c)
{
	check_text(c, c->prio->args);
	bb_check_app(c, bb_strz(c->prio->app), c->prio->args);
}

static bool leaves(const char *app)
{
	return bb_str_iis(bb_strz(app), "Goto") || bb_str_iis(bb_strz(app), "Hangup") ||
	       bb_str_iis(bb_strz(app), "Return");
}

/* Gaps, and steps that follow one that never comes back. */
static void check_flow(struct bb_check *c)
{
	struct bb_exten *e = c->exten;

	if (c->blind)
		return;
	for (unsigned i = 0; i < e->n_prios; i++) {
		struct bb_prio *p = &e->prios[i], *before = i ? &e->prios[i - 1] : NULL;

		if (p->label || p->targeted || (p->n == 1 && !before))
			continue;
		if (!before || before->n + 1 != p->n)
			bb_diag_add(c->d, BB_NOTE, &p->at,
				    "priority %d of '%s' is not reached: there is no %d", p->n,
				    e->name, p->n - 1);
		else if (leaves(before->app))
			bb_diag_add(c->d, BB_NOTE, &p->at,
				    "priority %d of '%s' is not reached: %s does not come back",
				    p->n, e->name, before->app);
	}
}

static void each_exten(struct bb_check *c, void (*fn)(struct bb_check *c))
{
	bb_list_each (n, &c->plan->order) {
		c->ctx = bb_list_entry(n, struct bb_context, order);
		for (size_t i = 0; i < c->ctx->n_sorted; i++)
			for (c->exten = c->ctx->sorted[i]; c->exten; c->exten = c->exten->next_cid)
				fn(c);
	}
}

static void check_exten(struct bb_check *c)
{
	ptrdiff_t comma;

	for (unsigned i = 0; i < c->exten->n_prios; i++) {
		c->prio = &c->exten->prios[i];
		check_step(c);
	}
	c->prio = c->exten->hint;
	if (c->prio) {
		check_text(c, c->prio->args);
		comma = bb_str_chr(c->prio->args, ',');
		bb_check_named(BB_REF_DEVICE,
			       comma < 0 ? c->prio->args
					 : bb_str_sub(c->prio->args, 0, (size_t)comma),
			       false, c);
	}
}

static void check_includes(struct bb_check *c, struct bb_context *ctx)
{
	char hint[BB_MAX_EXTEN];

	for (struct bb_include *i = ctx->includes; i; i = i->next) {
		struct bb_str name = bb_strz(i->name);

		if (bb_check_opaque(name) || bb_plan_context(c->plan, name))
			continue;
		/* Fact: the context that Asterisk's parking makes by itself. */
		if (bb_str_iis(name, "parkedcalls"))
			bb_diag_add(c->d, BB_WARN, &i->at,
				    "included context '%s' is of parking, which is not built here",
				    i->name);
		else
			bb_diag_add(c->d, BB_SUSPECT, &i->at,
				    "included context '%s' does not exist%s", i->name,
				    bb_check_context_hint(c, name, hint, sizeof(hint)));
	}
}

void bb_plan_check(const struct bb_plan *plan, const struct bb_conf *next, struct bb_diag *d)
{
	struct bb_check c = { .plan = plan, .next = next, .d = d };

	c.arena = bb_arena_new(4096);
	if (!c.arena)
		return;
	each_exten(&c, check_exten);
	each_exten(&c, check_flow);
	bb_list_each (n, &plan->order)
		check_includes(&c, bb_list_entry(n, struct bb_context, order));
	bb_check_sounds(&c);
	bb_check_objects(&c);
	bb_map_free(&c.told);
	bb_arena_free(c.arena);
}
