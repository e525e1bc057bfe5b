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

struct check {
	const struct bb_plan *plan;
	const struct bb_conf *next;
	struct bb_diag *d;
	struct bb_context *ctx;
	struct bb_exten *exten;
	struct bb_prio *prio;
	struct bb_map told; /* names said once */
	struct bb_arena *arena;
	bool blind; /* some jump's target is only known at run time */
	unsigned nested;
};

static bb_device_known_fn device_known;

void bb_dialplan_device_check(bb_device_known_fn fn)
{
	device_known = fn;
}

/* Where the character at @p p of the step's arguments stands. */
static struct bb_where place(const struct check *c, const char *p)
{
	struct bb_where at = c->prio->args_at;
	size_t i = (size_t)(p - c->prio->args.p);

	if (c->prio->columns && i < c->prio->args.l)
		at.column = c->prio->columns[i];
	else
		at.column += (unsigned)i;
	return at;
}

static void say(struct check *c, enum bb_severity sev, const char *p, const char *fmt, ...)
	BB_PRINTF(4, 5);
static void say(struct check *c, enum bb_severity sev, const char *p, const char *fmt, ...)
{
	struct bb_where at = place(c, p);
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bb_diag_add(c->d, sev, &at, "%s", text);
}

static bool opaque(struct bb_str s)
{
	return bb_str_find(s, BB_STR("${")) >= 0 || bb_str_find(s, BB_STR("$[")) >= 0;
}

/* True the first time a name is asked for. */
static bool first_time(struct check *c, const char *kind, struct bb_str name)
{
	struct bb_map_node *n;
	const char *key = bb_arena_printf(c->arena, "%s %.*s", kind, BB_FMT(name));

	if (!key || bb_map_get(&c->told, bb_strz(key)))
		return false;
	n = bb_arena_alloc(c->arena, sizeof(*n));
	return n && bb_map_add(&c->told, n, bb_strz(key)) == 0;
}

/* Neither built nor known, with the nearest name; or known and not built, once. */
static void absent(struct check *c, enum bb_kind kind, const char *what, struct bb_str name,
		   const struct bb_where *at)
{
	bool app = kind == BB_KIND_APP;
	const char *const *known = app ? bb_known_apps() : bb_known_funcs();
	struct bb_near near = { .got = name };
	const char *best;

	if (app ? bb_known_app(name) : bb_known_func(name)) {
		if (first_time(c, what, name))
			bb_diag_add(c->d, BB_WARN, at, "%s %.*s is not built here%s", what,
				    BB_FMT(name),
				    app ? ": its steps are skipped" : ": it reads as empty");
		return;
	}
	bb_reg_offer(kind, &near);
	for (; known && *known; known++)
		bb_near_offer(&near, *known);
	best = bb_near_best(&near);
	if (best)
		bb_diag_add(c->d, BB_SUSPECT, at, "there is no %s '%.*s'; did you mean '%s'?", what,
			    BB_FMT(name), best);
	else
		bb_diag_add(c->d, BB_SUSPECT, at, "there is no %s '%.*s'", what, BB_FMT(name));
}

/* --- texts: ${} $[] --- */

static void check_text(struct check *c, struct bb_str s);

/* The inside of ${…}. */
static void check_reference(struct check *c, struct bb_str s)
{
	const struct bb_func *f;
	struct bb_str name, args;
	struct bb_where at;
	int depth = 0;

	check_text(c, s);
	if (!bb_func_split(s, &name, &args) || !name.l || opaque(name) ||
	    bb_str_chr(name, ':') >= 0)
		return;
	for (size_t i = 0; i < s.l; i++)
		depth += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
	if (depth > 0)
		say(c, BB_SUSPECT, name.p, "${%.*s(: '(' is never closed", BB_FMT(name));
	at = place(c, name.p);
	f = bb_reg_peek(BB_KIND_FUNC, name);
	if (!f) {
		absent(c, BB_KIND_FUNC, "function", name, &at);
	} else if (f->args) {
		at = place(c, args.p);
		bb_args_check(f->name, f->args, args, &at, c->d);
	}
}

static void check_expression(struct check *c, struct bb_str s)
{
	char why[160] = "";
	size_t offset = 0;

	check_text(c, s);
	if (bb_expr_check(s, &offset, why, sizeof(why)) == -EINVAL)
		say(c, BB_SUSPECT, s.p + offset, "expression $[%.*s]: %s", BB_FMT(s), why);
}

static void check_text(struct check *c, struct bb_str s)
{
	if (++c->nested > MAX_NESTED) {
		say(c, BB_SUSPECT, s.p, "substitutions are nested too deep");
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
			say(c, BB_SUSPECT, s.p + i, "'$%c' without its '%c'", open, close);
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

/* --- places --- */

/* "[[context,]exten,]priority[(args)]" must exist, as far as it is literal. */
static void check_target(struct check *c, struct bb_str s)
{
	struct bb_find f = { .any_cid = true };
	struct bb_goto_arg g;
	const struct bb_prio *p;
	ptrdiff_t open;
	uint64_t n;

	s = bb_str_trim(s);
	open = bb_str_chr(s, '(');
	if (open >= 0 && !opaque(bb_str_sub(s, 0, (size_t)open)))
		s = bb_str_sub(s, 0, (size_t)open);
	if (!s.l)
		return;
	if (opaque(s)) {
		c->blind = true;
		return;
	}
	g = bb_goto_split(s);
	f.context = g.context.p ? g.context : bb_strz(c->ctx->name);
	f.exten = g.exten.p ? g.exten : bb_strz(c->exten->name);
	if (g.priority.l && (g.priority.p[0] == '+' || g.priority.p[0] == '-')) {
		if (bb_str_u64(bb_str_sub(g.priority, 1, g.priority.l), &n))
			n = 0;
		f.prio = c->prio->n + (g.priority.p[0] == '+' ? (int)n : -(int)n);
	} else if (!bb_str_u64(g.priority, &n)) {
		f.prio = (int)(n > 1000000 ? 1000000 : n);
	} else {
		f.label = g.priority;
	}
	p = bb_plan_find(c->plan, &f);
	if (p) {
		((struct bb_prio *)p)->targeted = true;
		return;
	}
	if (f.status == BB_FIND_NOCONTEXT)
		say(c, BB_SUSPECT, s.p, "there is no context '%.*s'", BB_FMT(f.context));
	else if (f.status == BB_FIND_NOEXTEN)
		say(c, BB_SUSPECT, s.p, "there is no extension '%.*s' in context '%.*s'",
		    BB_FMT(f.exten), BB_FMT(f.context));
	else
		say(c, BB_SUSPECT, s.p, "'%.*s' in context '%.*s' has no %s '%.*s'",
		    BB_FMT(f.exten), BB_FMT(f.context), f.label.p ? "label" : "priority",
		    BB_FMT(g.priority));
}

/* Past what is opaque or in parentheses, up to @p stop. */
static size_t until(struct bb_str s, size_t i, char stop)
{
	int depth = 0;

	for (; i < s.l; i++) {
		if (strchr("([{", s.p[i]))
			depth++;
		else if (strchr(")]}", s.p[i]) && depth)
			depth--;
		else if (s.p[i] == stop && !depth)
			break;
	}
	return i;
}

/* "condition?target[:target]" */
static void check_branches(struct check *c, struct bb_str s)
{
	size_t q = until(s, 0, '?'), colon;

	if (q >= s.l)
		return;
	colon = until(s, q + 1, ':');
	check_target(c, bb_str_sub(s, q + 1, colon - q - 1));
	if (colon < s.l)
		check_target(c, bb_str_sub(s, colon + 1, s.l));
}

/*
 * Without anybody who knows better: the devices of a technology are sections
 * of the file of its name. "alice", "alice/…" and "number@trunk" name one.
 */
static int known_by_section(const struct bb_conf *next, struct bb_str device)
{
	ptrdiff_t slash = bb_str_chr(device, '/'), end;
	const struct bb_chan_driver *drv =
		bb_reg_peek(BB_KIND_CHAN, bb_str_sub(device, 0, (size_t)slash));
	struct bb_str name = bb_str_sub(device, (size_t)slash + 1, device.l);
	const struct bb_conf_text *text;
	char file[40];
	size_t l = drv ? strlen(drv->tech) : 0;

	if (!next || !l || l + sizeof(".conf") > sizeof(file))
		return -ENOSYS;
	for (size_t i = 0; i < l; i++)
		file[i] = drv->tech[i] >= 'A' && drv->tech[i] <= 'Z' ? (char)(drv->tech[i] + 32)
								     : drv->tech[i];
	memcpy(file + l, ".conf", sizeof(".conf"));
	text = bb_conf_raw(next, file);
	if (!text)
		return -ENOSYS;
	end = bb_str_chr(name, '/');
	if (end >= 0)
		name = bb_str_sub(name, 0, (size_t)end);
	end = bb_str_chr(name, '@');
	if (end >= 0)
		name = bb_str_sub(name, (size_t)end + 1, name.l);
	bb_conf_each_section(n, text)
	{
		struct bb_conf_section *s = bb_list_entry(n, struct bb_conf_section, node);

		if (!s->is_template && bb_str_eq(s->name, name))
			return 1;
	}
	return 0;
}

/* "SIP/alice&SIP/bob/…": devices that nothing defines. */
static void check_devices(struct check *c, struct bb_str s)
{
	struct bb_str device;
	bb_device_known_fn is_known = device_known ? device_known : known_by_section;

	while (bb_str_split(&s, '&', &device)) {
		if (!device.l || opaque(device) || bb_str_chr(device, '/') <= 0)
			continue;
		if (is_known(c->next, device) == 0)
			say(c, BB_SUSPECT, device.p, "nothing defines %.*s", BB_FMT(device));
	}
}

static void check_places(struct check *c, struct bb_str app, struct bb_str args)
{
	if (bb_str_iis(app, "Goto"))
		check_target(c, args);
	else if (bb_str_iis(app, "Gosub"))
		check_target(c, args);
	else if (bb_str_iis(app, "GotoIf") || bb_str_iis(app, "GosubIf") ||
		 bb_str_iis(app, "GotoIfTime"))
		check_branches(c, args);
	else if (bb_str_iis(app, "Dial"))
		check_devices(c, bb_str_sub(args, 0, until(args, 0, ',')));
}

/* --- steps --- */

static void check_step(struct check *c)
{
	struct bb_str app = bb_strz(c->prio->app), args = c->prio->args;
	const struct bb_app *desc;

	check_text(c, args);
	if (opaque(app) || !app.l)
		return;
	desc = bb_reg_peek(BB_KIND_APP, app);
	if (!desc)
		absent(c, BB_KIND_APP, "application", app, &c->prio->at);
	else if (desc->args)
		bb_args_check(desc->name, desc->args, args, &c->prio->args_at, c->d);
	check_places(c, app, args);
}

static bool leaves(const char *app)
{
	return bb_str_iis(bb_strz(app), "Goto") || bb_str_iis(bb_strz(app), "Hangup") ||
	       bb_str_iis(bb_strz(app), "Return");
}

/* Gaps, and steps that follow one that never comes back. */
static void check_flow(struct check *c)
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

static void each_exten(struct check *c, void (*fn)(struct check *c))
{
	bb_list_each (n, &c->plan->order) {
		c->ctx = bb_list_entry(n, struct bb_context, order);
		for (size_t i = 0; i < c->ctx->n_sorted; i++)
			for (c->exten = c->ctx->sorted[i]; c->exten; c->exten = c->exten->next_cid)
				fn(c);
	}
}

static void check_exten(struct check *c)
{
	for (unsigned i = 0; i < c->exten->n_prios; i++) {
		c->prio = &c->exten->prios[i];
		check_step(c);
	}
	c->prio = c->exten->hint;
	if (c->prio) {
		check_text(c, c->prio->args);
		check_devices(c, bb_str_sub(c->prio->args, 0, until(c->prio->args, 0, ',')));
	}
}

static void check_includes(struct check *c, struct bb_context *ctx)
{
	for (struct bb_include *i = ctx->includes; i; i = i->next) {
		struct bb_near near = { .got = bb_strz(i->name) };
		const char *best;

		if (opaque(bb_strz(i->name)) || bb_plan_context(c->plan, bb_strz(i->name)))
			continue;
		bb_list_each (n, &c->plan->order)
			bb_near_offer(&near, bb_list_entry(n, struct bb_context, order)->name);
		best = bb_near_best(&near);
		bb_diag_add(c->d, BB_SUSPECT, &i->at, "included context '%s' does not exist%s%s%s",
			    i->name, best ? "; did you mean '" : "", best ? best : "",
			    best ? "'?" : "");
	}
}

void bb_plan_check(const struct bb_plan *plan, const struct bb_conf *next, struct bb_diag *d)
{
	struct check c = { .plan = plan, .next = next, .d = d };

	c.arena = bb_arena_new(4096);
	if (!c.arena)
		return;
	each_exten(&c, check_exten);
	each_exten(&c, check_flow);
	bb_list_each (n, &plan->order)
		check_includes(&c, bb_list_entry(n, struct bb_context, order));
	bb_map_free(&c.told);
	bb_arena_free(c.arena);
}
