/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain.c - `dialplan explain`: which extension a number would mean, which
 * others match and why they lose, and what would run.
 */
#include "core/dialplan/dialplan.h"

#include <bellbird/cli.h>

#include <stdio.h>
#include <time.h>

struct explain_args {
	struct bb_str number, from, context, rest;
};

struct explain {
	struct bb_out *o;
	struct bb_str number, cid;
	bb_time wall;
	const struct bb_exten *winner;
	unsigned rank;
	struct bb_context *seen[BB_MAX_INCLUDES];
	size_t n_seen;
};

static void row(struct explain *x, const char *context, const char *exten, const char *what,
		const struct bb_where *at)
{
	char rank[16], where[220] = "";

	snprintf(rank, sizeof(rank), "%u", ++x->rank);
	if (at)
		snprintf(where, sizeof(where), "%s:%u", bb_base_name(at->file), at->line);
	bb_out_row(x->o, (const char *const[]){ rank, context, exten, what, where }, 5);
}

static void judge(struct explain *x, const struct bb_context *c, const struct bb_exten *e)
{
	for (; e; e = e->next_cid) {
		const char *what;

		if (!bb_pattern_match(e->name, x->number, BB_FIND_EXACT))
			continue;
		if (e == x->winner)
			what = "is chosen";
		else if (e->cid && (!x->cid.l || !bb_pattern_match(e->cid, x->cid, BB_FIND_EXACT)))
			what = "matches, but is for another caller";
		else if (!bb_exten_prio(e, 1))
			what = "matches, but has no priority 1";
		else if (e->name[0] != '_')
			what = "matches, but a context before this one has it";
		else
			what = "matches, but comes later in the order";
		row(x, c->name, e->name, what, &e->at);
	}
}

static void walk(struct explain *x, struct bb_context *c)
{
	for (size_t i = 0; i < x->n_seen; i++)
		if (x->seen[i] == c)
			return;
	if (x->n_seen == BB_MAX_INCLUDES)
		return;
	x->seen[x->n_seen++] = c;
	for (size_t i = 0; i < c->n_sorted; i++)
		judge(x, c, c->sorted[i]);
	for (struct bb_include *i = c->includes; i; i = i->next) {
		struct bb_context *in = bb_plan_context(bb_plan_live(), bb_strz(i->name));

		if (i->times && !bb_timespec_holds(i->times, x->wall))
			row(x, i->name, "", "is included, but not at this time", &i->at);
		else if (!in)
			row(x, i->name, "", "is included, but does not exist", &i->at);
		else
			walk(x, in);
	}
}

/* "at 2026-11-21 22:10", "at 22:10", "at sat 22:10": a calendar time. */
static int parse_time(struct bb_str s, bb_time *wall)
{
	static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
	time_t now = (time_t)(*wall / BB_SEC);
	struct tm tm;
	char text[64];
	const char *p = text, *end;
	int day = -1;

	if (bb_str_copy(text, sizeof(text), bb_str_trim(s)))
		return -EINVAL;
	localtime_r(&now, &tm);
	end = strptime(p, "%Y-%m-%d", &tm);
	if (end)
		p = end;
	for (int i = 0; i < 7 && !end; i++)
		if (!strncasecmp(p, days[i], 3))
			day = i;
	if (day >= 0) {
		while (*p && *p != ' ')
			p++;
		tm.tm_mday += (day - tm.tm_wday + 7) % 7;
	}
	while (*p == ' ')
		p++;
	tm.tm_sec = 0;
	if (*p) {
		p = strptime(p, "%H:%M", &tm);
		if (!p || *p)
			return -EINVAL;
	}
	tm.tm_isdst = -1;
	*wall = (bb_time)mktime(&tm) * BB_SEC;
	return 0;
}

/* "… [caller NUMBER] [at TIME]" */
static int parse_rest(struct explain *x, struct bb_str rest)
{
	while (rest.l) {
		struct bb_str word;

		if (!bb_str_split(&rest, ' ', &word) || !word.l)
			continue;
		if (bb_str_iis(word, "at"))
			return parse_time(rest, &x->wall);
		if (!bb_str_iis(word, "caller") || !bb_str_split(&rest, ' ', &x->cid))
			return -EINVAL;
	}
	return 0;
}

static void tell_steps(struct explain *x)
{
	const struct bb_exten *e = x->winner;

	for (unsigned i = 0; i < e->n_prios; i++)
		bb_out_text(x->o, "  %d. %s(%.*s) [%s:%u]", e->prios[i].n, e->prios[i].app,
			    BB_FMT(e->prios[i].args), bb_base_name(e->prios[i].at.file),
			    e->prios[i].at.line);
}

static int explain_run(struct bb_out *o, const void *args)
{
	static const struct bb_column columns[] = {
		{ "No", BB_RIGHT, false },	 { "Context", BB_LEFT, false },
		{ "Extension", BB_LEFT, false }, { "Verdict", BB_LEFT, true },
		{ "Where", BB_LEFT, false },
	};
	const struct explain_args *a = args;
	struct explain x = { .o = o, .number = a->number, .wall = bb_wall() };
	struct bb_find f = { .context = a->context, .exten = a->number, .prio = 1 };
	struct bb_context *c = bb_plan_context(bb_plan_live(), a->context);

	if (!bb_str_iis(a->from, "from") || parse_rest(&x, a->rest)) {
		bb_out_error(o, "Usage: dialplan explain NUMBER from CONTEXT [caller NUMBER] [at "
				"[DAY|YYYY-MM-DD] HH:MM]");
		return -EINVAL;
	}
	if (!c) {
		bb_out_error(o, "There is no context '%.*s'", BB_FMT(a->context));
		return -ENOENT;
	}
	f.cid = x.cid;
	f.wall = x.wall;
	bb_plan_find(bb_plan_live(), &f);
	x.winner = f.found_exten;
	bb_out_table(o, "candidates", columns, BB_ARRAY_SIZE(columns));
	walk(&x, c);
	if (!x.winner) {
		bb_out_note(o, "Nothing takes %.*s: a call would be refused", BB_FMT(a->number));
		return 0;
	}
	bb_out_note(o, "%.*s means '%s' of [%s]", BB_FMT(a->number), x.winner->name,
		    x.winner->ctx->name);
	tell_steps(&x);
	return 0;
}

static void complete_from(struct bb_out *o, const char *field, struct bb_str word)
{
	if (strcmp(field, "from") == 0)
		bb_out_candidate(o, BB_STR("from"));
}

const struct bb_cli bb_cli_explain = {
	.words = "dialplan explain",
	.args =
		(const struct bb_field[]){
			{ .name = "number",
			  .type = BB_T_STR,
			  .off = offsetof(struct explain_args, number),
			  .complete = "exten",
			  .doc = "What somebody dials." },
			{ .name = "from",
			  .type = BB_T_STR,
			  .off = offsetof(struct explain_args, from),
			  .def = "from",
			  .doc = "The word from." },
			{ .name = "context",
			  .type = BB_T_STR,
			  .off = offsetof(struct explain_args, context),
			  .def = "default",
			  .complete = "context",
			  .doc = "Where the call begins." },
			{ .name = "conditions",
			  .type = BB_T_REST,
			  .off = offsetof(struct explain_args, rest),
			  .def = "",
			  .doc = "caller NUMBER, and at [DAY|YYYY-MM-DD] HH:MM." },
			{ 0 } },
	.args_size = sizeof(struct explain_args),
	.run = explain_run,
	.complete = complete_from,
	.doc = { .summary = "Tell what a dialed number would do, and why",
		 .since = "0.1",
		 .text = "Shows every extension that matches, in the order in which they are "
			 "tried, and what would run.\n"
			 "Example: dialplan explain 5551234 from internal at sat 22:10" },
};
