/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * parse.c - extensions.conf into a plan.
 *
 *	exten => NAME[/CALLER],PRIORITY[(LABEL)],APPLICATION[(ARGUMENTS)]
 *	same  =>              PRIORITY[(LABEL)],APPLICATION[(ARGUMENTS)]
 *
 * PRIORITY is a number, n, s or hint, the first three with "+m". The reader
 * of the file has already joined templates and includes.
 */
#include "core/dialplan/dialplan.h"

#include <stdio.h>

struct parse {
	struct bb_plan *plan;
	struct bb_diag *d;
	struct bb_context *ctx;
	const struct bb_conf_line *line;
	struct bb_exten *exten; /* of the last `exten` line: what `same` means */
	int last; /* its last priority; 0 before the first */
	unsigned switches_told; /* kinds, by bit */
	int err;
};

/* Where character @p i of the line's value stands. */
static struct bb_where where(const struct parse *p, size_t i)
{
	struct bb_where at = p->line->value_at;

	if (p->line->columns && i < p->line->value.l)
		at.column = p->line->columns[i];
	else
		at.column += (unsigned)i;
	return at;
}

static void complain(struct parse *p, enum bb_severity sev, size_t i, const char *fmt, ...)
	BB_PRINTF(4, 5);
static void complain(struct parse *p, enum bb_severity sev, size_t i, const char *fmt, ...)
{
	struct bb_where at = where(p, i);
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bb_diag_add(p->d, sev, &at, "%s", text);
}

static bool no_memory(struct parse *p, const void *got)
{
	if (!got)
		p->err = -ENOMEM;
	return !got;
}

/* A comma that is not within quotes, brackets or a reference. */
static size_t find_comma(struct bb_str v, size_t i)
{
	bool quoted = false;
	int depth = 0;

	for (; i < v.l; i++) {
		char c = v.p[i];

		if (c == '\\' && i + 1 < v.l)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{' || c == '('))
			depth++;
		else if (!quoted && (c == ']' || c == '}' || c == ')') && depth)
			depth--;
		else if (c == ',' && !quoted && !depth)
			break;
	}
	return i;
}

/* Names may be written with globals: ${COMPANY}. */
static struct bb_str expand(struct parse *p, struct bb_str s)
{
	struct bb_buf out = { 0 };
	struct bb_str r = s;
	char *text;

	if (bb_str_chr(s, '$') < 0)
		return s;
	if (bb_subst_into(NULL, s, &out)) {
		p->err = out.err == -ENOMEM ? -ENOMEM : p->err;
	} else {
		text = bb_arena_strdup(p->plan->arena, bb_buf_str(&out));
		if (!no_memory(p, text))
			r = bb_strn(text, out.l);
	}
	bb_buf_free(&out);
	return bb_str_trim(r);
}

/* --- the fields of a line --- */

/* "n+2(label)": @return the priority, or 0 when it is none (reported). */
static int take_priority(struct parse *p, struct bb_str s, size_t at, struct bb_str *label)
{
	ptrdiff_t open = bb_str_chr(s, '('), close = bb_str_chr(s, ')'), plus;
	struct bb_str word;
	uint64_t n, add = 0;

	*label = bb_strn(NULL, 0);
	if (open >= 0) {
		if (close < open)
			complain(p, BB_MISTAKE, at + (size_t)open,
				 "the label's '(' is never closed");
		*label = bb_str_trim(bb_str_sub(s, (size_t)open + 1,
						close < open ? s.l : (size_t)(close - open - 1)));
		if (close > open && bb_str_trim(bb_str_sub(s, (size_t)close + 1, s.l)).l)
			complain(p, BB_SUSPECT, at + (size_t)close + 1,
				 "text after the label is not looked at");
		s = bb_str_sub(s, 0, (size_t)open);
	}
	plus = bb_str_chr(s, '+');
	if (plus >= 0) {
		if (bb_str_u64(bb_str_trim(bb_str_sub(s, (size_t)plus + 1, s.l)), &add) ||
		    add > 100000)
			complain(p, BB_MISTAKE, at + (size_t)plus + 1,
				 "'%.*s' is no number to add to a priority",
				 BB_FMT(bb_str_sub(s, (size_t)plus + 1, s.l)));
		s = bb_str_sub(s, 0, (size_t)plus);
	}
	word = bb_str_trim(s);
	if (bb_str_iis(word, "hint"))
		return BB_PRIO_HINT;
	if (bb_str_iis(word, "n") || bb_str_iis(word, "next")) {
		if (!p->last) {
			complain(p, BB_MISTAKE, at, "the first priority cannot be 'n'");
			return 0;
		}
		return p->last + 1 + (int)add;
	}
	if (bb_str_iis(word, "s") || bb_str_iis(word, "same")) {
		if (!p->last) {
			complain(p, BB_MISTAKE, at, "the first priority cannot be 's'");
			return 0;
		}
		return p->last + (int)add;
	}
	if (bb_str_u64(word, &n) || n < 1 || n > 1000000) {
		complain(p, BB_MISTAKE, at, "'%.*s' is no priority: a number from 1, n, s or hint",
			 BB_FMT(word));
		return 0;
	}
	return (int)(n + add);
}

/* The arguments stand at value[from, to). */
static void set_args(struct parse *p, struct bb_prio *prio, size_t from, size_t to)
{
	struct bb_str text = bb_str_sub(p->line->value, from, to - from);
	unsigned *columns;
	char *copy = bb_arena_strdup(p->plan->arena, text);

	if (no_memory(p, copy))
		return;
	prio->args = bb_strn(copy, text.l);
	prio->args_at = where(p, from);
	if (p->line->columns && text.l) {
		columns = bb_arena_alloc(p->plan->arena, text.l * sizeof(*columns));
		if (no_memory(p, columns))
			return;
		memcpy(columns, p->line->columns + from, text.l * sizeof(*columns));
		prio->columns = columns;
	}
}

/* "App(args)" from @p i on. A text with a reference but no application (a hint) stays whole. */
static void take_app(struct parse *p, struct bb_prio *prio, size_t i)
{
	struct bb_str v = p->line->value, app;
	ptrdiff_t open, comma;
	size_t end = v.l;

	while (i < v.l && (v.p[i] == ' ' || v.p[i] == '\t'))
		i++;
	prio->at = where(p, i);
	if (prio->n == BB_PRIO_HINT) {
		prio->app = "";
		set_args(p, prio, i, v.l);
		return;
	}
	open = bb_str_chr(bb_str_sub(v, i, v.l), '(');
	comma = bb_str_chr(bb_str_sub(v, i, v.l), ',');
	app = bb_str_sub(v, i, open < 0 ? v.l : (size_t)open);
	if (comma >= 0 && (open < 0 || comma < open)) {
		/* App,args: the form of old; Asterisk has given it up, dial plans have not. */
		app = bb_str_sub(v, i, (size_t)comma);
		complain(p, BB_NOTE, i + (size_t)comma, "old form of arguments: write %.*s(…)",
			 BB_FMT(bb_str_trim(app)));
		set_args(p, prio, i + (size_t)comma + 1, v.l);
	} else if (open >= 0) {
		while (end > i + (size_t)open + 1 && v.p[end - 1] != ')')
			end--;
		if (end <= i + (size_t)open + 1) {
			complain(p, BB_SUSPECT, i + (size_t)open, "'(' is never closed");
			end = v.l + 1;
		}
		set_args(p, prio, i + (size_t)open + 1, end - 1);
	} else {
		set_args(p, prio, v.l, v.l);
	}
	app = bb_str_trim(app);
	if (!app.l)
		complain(p, BB_MISTAKE, i, "an application's name is missing");
	prio->app = bb_arena_strdup(p->plan->arena, app);
	no_memory(p, prio->app);
}

static void set_label(struct parse *p, struct bb_prio *prio, struct bb_str label, size_t at)
{
	const struct bb_prio *other = bb_exten_label(p->exten, label);

	if (other) {
		complain(p, BB_SUSPECT, at, "label '%.*s' is already priority %d (line %u)",
			 BB_FMT(label), other->n, other->at.line);
		return;
	}
	prio->label = bb_arena_strdup(p->plan->arena, label);
	no_memory(p, prio->label);
}

/* From the priority on, at value[i]. */
static void take_step(struct parse *p, size_t i)
{
	struct bb_str v = p->line->value, label;
	size_t comma = find_comma(v, i);
	struct bb_str word = bb_str_trim(bb_str_sub(v, i, comma - i));
	struct bb_prio *prio, *old;
	size_t at = word.p ? (size_t)(word.p - v.p) : i;
	int n = take_priority(p, word, at, &label), err;

	if (!n)
		return;
	if (comma >= v.l) {
		complain(p, BB_MISTAKE, v.l, "an application is missing after priority '%.*s'",
			 BB_FMT(word));
		return;
	}
	if (n > 0)
		p->last = n;
	prio = bb_plan_add_prio(p->plan, p->exten, n, &old, &err);
	if (!prio) {
		if (err == -ENOMEM)
			p->err = err;
		else
			complain(p, BB_SUSPECT, at,
				 "%s %d of '%s' in [%s] stands already in line %u: that one counts",
				 n > 0 ? "priority" : "hint", n > 0 ? n : 1, p->exten->name,
				 p->ctx->name, old->at.line);
		return;
	}
	take_app(p, prio, comma + 1);
	if (label.l)
		set_label(p, prio, label, at);
}

static void take_exten(struct parse *p)
{
	struct bb_str v = p->line->value, name, cid = bb_strn(NULL, 0);
	size_t comma = find_comma(v, 0), offset = 0;
	struct bb_where at = where(p, 0);
	const char *why;
	ptrdiff_t slash;

	p->exten = NULL;
	if (comma >= v.l) {
		/* An open bracket swallows the commas behind it. */
		if (bb_str_chr(v, '[') >= 0 && bb_str_chr(v, ']') < 0)
			complain(p, BB_MISTAKE, (size_t)bb_str_chr(v, '['), "'[' is never closed");
		else
			complain(p, BB_MISTAKE, 0,
				 "an extension needs a priority and an application: "
				 "NUMBER,1,Application(…)");
		return;
	}
	name = expand(p, bb_str_trim(bb_str_sub(v, 0, comma)));
	slash = bb_str_chr(name, '/');
	if (slash >= 0) {
		cid = bb_str_trim(bb_str_sub(name, (size_t)slash + 1, name.l));
		name = bb_str_trim(bb_str_sub(name, 0, (size_t)slash));
	}
	if (!name.l || name.l > BB_MAX_EXTEN) {
		complain(p, BB_MISTAKE, 0,
			 name.l ? "the extension's name is too long" : "the extension has no name");
		return;
	}
	why = name.p[0] == '_' ? bb_pattern_check(name, &offset) : NULL;
	if (why)
		complain(p, BB_SUSPECT, offset, "%s", why);
	p->exten = bb_plan_add_exten(p->plan, p->ctx, name, cid, &at);
	if (no_memory(p, p->exten))
		return;
	/* `n` counts on from the line before, whatever its name: as Asterisk does. */
	take_step(p, comma + 1);
}

static void take_include(struct parse *p)
{
	struct bb_str v = p->line->value, name;
	struct bb_include *inc = bb_arena_alloc(p->plan->arena, sizeof(*inc));
	ptrdiff_t cut = bb_str_chr(v, ',');
	char why[160] = "";
	size_t from;

	if (no_memory(p, inc))
		return;
	if (cut < 0)
		cut = bb_str_chr(v, '|');
	name = expand(p, bb_str_trim(cut < 0 ? v : bb_str_sub(v, 0, (size_t)cut)));
	inc->name = bb_arena_strdup(p->plan->arena, name);
	inc->at = where(p, 0);
	if (no_memory(p, inc->name))
		return;
	if (cut >= 0) {
		from = (size_t)cut + 1;
		inc->when = bb_arena_strdup(p->plan->arena,
					    bb_str_trim(expand(p, bb_str_sub(v, from, v.l))));
		inc->times = bb_arena_alloc(p->plan->arena, sizeof(*inc->times));
		if (no_memory(p, inc->when) || no_memory(p, inc->times))
			return;
		switch (bb_timespec_parse(inc->times, bb_strz(inc->when), why, sizeof(why))) {
		case 0:
			break;
		case -ENOMEM:
			p->err = -ENOMEM;
			return;
		default:
			complain(p, BB_MISTAKE, from, "%s", why);
		}
	}
	for (const struct bb_include *i = p->ctx->includes; i; i = i->next)
		if (bb_str_is(bb_strz(i->name), inc->name) && !i->when == !inc->when &&
		    (!i->when || bb_str_is(bb_strz(i->when), inc->when)))
			return; /* of two templates perhaps */
	if (p->ctx->last_include)
		p->ctx->last_include->next = inc;
	else
		p->ctx->includes = inc;
	p->ctx->last_include = inc;
}

static void take_word(struct parse *p, struct bb_word **list, const char *kind)
{
	struct bb_word *w = bb_arena_alloc(p->plan->arena, sizeof(*w));

	if (no_memory(p, w))
		return;
	w->text = bb_arena_strdup(p->plan->arena, p->line->value);
	w->kind = kind;
	w->at = where(p, 0);
	if (no_memory(p, w->text))
		return;
	while (*list)
		list = &(*list)->next;
	*list = w;
}

/* Fact: who answers to a switch in Asterisk. */
static const char *const switch_kinds[] = { "DUNDi", "IAX2", "Loopback", "Lua", "Realtime", NULL };

/* Kept for the console; of each kind it is said once that nothing is found through it. */
static void take_switch(struct parse *p, const char *kind)
{
	struct bb_str rest = p->line->value, name;
	size_t i = 0;

	take_word(p, &p->ctx->switches, kind);
	bb_str_split(&rest, '/', &name);
	name = bb_str_trim(name);
	while (switch_kinds[i] && !bb_str_iis(name, switch_kinds[i]))
		i++;
	if (!switch_kinds[i])
		bb_diag_unknown(p->d, BB_SUSPECT, &p->line->value_at, "switch", name, switch_kinds);
	else if (!(p->switches_told & 1u << i))
		complain(p, BB_WARN, 0, "%s => %s is not built here; nothing is found through it",
			 kind, switch_kinds[i]);
	p->switches_told |= 1u << i;
}

static const char *const context_words[] = { "exten",	  "same",      "include",
					     "ignorepat", "switch",    "lswitch",
					     "eswitch",	  "autohints", NULL };

static void take_line(struct parse *p)
{
	struct bb_str name = p->line->name;
	const char *kind = NULL;

	for (size_t i = 4; i < 7; i++)
		if (bb_str_iis(name, context_words[i]))
			kind = context_words[i];
	if (bb_str_iis(name, "exten")) {
		take_exten(p);
	} else if (bb_str_iis(name, "same")) {
		if (p->exten)
			take_step(p, 0);
		else
			bb_diag_add(p->d, BB_MISTAKE, &p->line->at,
				    "'same' without an extension before it");
	} else if (bb_str_iis(name, "include")) {
		take_include(p);
	} else if (bb_str_iis(name, "ignorepat")) {
		take_word(p, &p->ctx->ignorepats, "ignorepat");
	} else if (kind) {
		take_switch(p, kind);
	} else if (bb_str_iis(name, "autohints")) {
		if (bb_str_bool(p->line->value, &p->ctx->autohints))
			complain(p, BB_MISTAKE, 0, "autohints is yes or no");
	} else {
		bb_diag_unknown(p->d, BB_SUSPECT, &p->line->at, "option of a context", name,
				context_words);
	}
}

static void take_general(struct parse *p)
{
	static const char *const ignored[] = { "extenpatternmatchnew", "overrideswitch",
					       "userscontext", NULL };
	static const char *const all[] = { "static",
					   "writeprotect",
					   "autofallthrough",
					   "clearglobalvars",
					   "extenpatternmatchnew",
					   "overrideswitch",
					   "userscontext",
					   NULL };
	struct bb_plan *plan = p->plan;
	struct bb_str name = p->line->name;
	bool *flag = NULL;

	if (bb_str_iis(name, "static"))
		flag = &plan->is_static;
	else if (bb_str_iis(name, "writeprotect"))
		flag = &plan->writeprotect;
	else if (bb_str_iis(name, "autofallthrough"))
		flag = &plan->autofallthrough;
	else if (bb_str_iis(name, "clearglobalvars"))
		flag = &plan->clear_globals;
	if (flag) {
		if (bb_str_bool(p->line->value, flag))
			complain(p, BB_MISTAKE, 0, "%.*s is yes or no", BB_FMT(name));
		return;
	}
	/* Either way of matching gives the same answers here; the others need users.conf or
	 * switches. */
	for (size_t i = 0; ignored[i]; i++) {
		if (!bb_str_iis(name, ignored[i]))
			continue;
		bb_diag_add(p->d, i ? BB_WARN : BB_NOTE, &p->line->at, "%s %s", ignored[i],
			    i ? "is not built here" : "changes nothing here");
		return;
	}
	bb_diag_unknown(p->d, BB_SUSPECT, &p->line->at, "option of [general]", name, all);
}

static void take_global(struct parse *p)
{
	struct bb_str value = expand(p, p->line->value);
	struct bb_str name = bb_str_trim(p->line->name);
	int err;

	if (!name.l)
		return;
	err = bb_vars_set(&p->plan->globals, name, 0, value.p ? value : BB_STR(""));
	if (err)
		p->err = err;
}

static void take_section(struct parse *p, const struct bb_conf_section *s)
{
	bool general = bb_str_iis(s->name, "general"), globals = bb_str_iis(s->name, "globals");

	p->exten = NULL;
	p->last = 0;
	if (!general && !globals) {
		p->ctx = bb_plan_add_context(p->plan, s->name, &s->at);
		if (no_memory(p, p->ctx))
			return;
	}
	bb_list_each (n, &s->lines) {
		p->line = bb_list_entry(n, struct bb_conf_line, node);
		if (general)
			take_general(p);
		else if (globals)
			take_global(p);
		else
			take_line(p);
		if (p->err)
			return;
	}
}

static struct bb_plan *plan_new(void)
{
	struct bb_plan *plan = bb_zalloc(sizeof(*plan));

	if (!plan)
		return NULL;
	plan->refs = 1;
	plan->autofallthrough = true;
	plan->loaded = bb_wall();
	plan->arena = bb_arena_new(16384);
	if (!plan->arena) {
		bb_free(plan);
		return NULL;
	}
	return plan;
}

int bb_plan_build(struct bb_plan **pp, const struct bb_conf_text *text, struct bb_diag *d)
{
	struct parse p = { .plan = plan_new(), .d = d };
	bool pass_globals = true;

	if (!p.plan)
		return -ENOMEM;
	bb_vars_loading(&p.plan->globals);
	/* The globals first: names of extensions may be written with them. */
	for (int pass = 0; text && pass < 2 && !p.err; pass++) {
		bb_conf_each_section(n, text)
		{
			struct bb_conf_section *s = bb_list_entry(n, struct bb_conf_section, node);
			bool first =
				bb_str_iis(s->name, "general") || bb_str_iis(s->name, "globals");

			if (!s->is_template && first == pass_globals && !p.err)
				take_section(&p, s);
		}
		pass_globals = false;
	}
	bb_vars_loading(NULL);
	if (!p.err)
		p.err = bb_plan_finish(p.plan);
	if (p.err) {
		bb_plan_unref(p.plan);
		return p.err;
	}
	*pp = p.plan;
	return 0;
}
