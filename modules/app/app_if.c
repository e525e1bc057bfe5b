/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_if.c - If(), ElseIf(), Else(), ExitIf() and EndIf().
 *
 * The parts are priorities of one extension, found by counting the pairs in
 * between, as loops are. A part that is reached by running into it ends the
 * one before; only an ElseIf() that was jumped to asks its condition, and a
 * note of that jump is all there is to remember.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#define JUMPED "~IF~" /* the variable with the place that was jumped to */

static bool is(const char *app, const char *name)
{
	return bb_str_iis(bb_strz(app), name);
}

/* Behind @p from the next part of the same If: with @p any also ElseIf and Else. 0: there is none.
 */
static unsigned find_part(struct bb_chan *ch, unsigned from, bool any)
{
	unsigned depth = 1;
	const char *app;

	while ((app = bb_app_at(ch, ++from))) {
		if (is(app, "If"))
			depth++;
		else if (is(app, "EndIf") && --depth == 0)
			return from;
		else if (any && depth == 1 && (is(app, "ElseIf") || is(app, "Else")))
			return from;
	}
	return 0;
}

static int go(struct bb_chan *ch, unsigned priority)
{
	char text[16];

	bb_format(text, sizeof(text), "%u", priority);
	return bb_goto(ch, bb_strn(NULL, 0), bb_strn(NULL, 0), bb_strz(text));
}

static int lost(struct bb_chan *ch, const char *app)
{
	bb_warning("%s: %s without its EndIf", bb_chan_name(ch), app);
	return 0;
}

/* Behind the EndIf; when that is the extension's last, to where nothing is. */
static int leave(struct bb_chan *ch, const char *app)
{
	unsigned end = find_part(ch, bb_chan_place(ch).priority, false);

	return end ? go(ch, end) : lost(ch, app);
}

/* The condition did not hold: the part behind it. */
static int next_part(struct bb_chan *ch, const char *app)
{
	unsigned part = find_part(ch, bb_chan_place(ch).priority, true);

	if (!part)
		return lost(ch, app);
	if (is(bb_app_at(ch, part), "ElseIf"))
		bb_var_setf(ch, JUMPED, "%s@%s:%u", bb_chan_place(ch).exten,
			    bb_chan_place(ch).context, part);
	else if (is(bb_app_at(ch, part), "Else"))
		part++;
	return go(ch, part);
}

struct if_args {
	struct bb_str condition;
};

static int if_run(struct bb_chan *ch, const void *args)
{
	return bb_true(((const struct if_args *)args)->condition) ? 0 : next_part(ch, "If");
}

static int else_if_run(struct bb_chan *ch, const void *args)
{
	struct bb_place at = bb_chan_place(ch);
	struct bb_arena *a = bb_arena_new(256);
	const char *here;
	bool jumped;

	if (!a)
		return -ENOMEM;
	here = bb_arena_printf(a, "%s@%s:%u", at.exten, at.context, at.priority);
	jumped = here && bb_str_is(bb_var_get(ch, JUMPED, a), here);
	bb_arena_free(a);
	if (!jumped)
		return leave(ch, "ElseIf");
	bb_var_set(ch, JUMPED, bb_strn(NULL, 0));
	return bb_true(((const struct if_args *)args)->condition) ? 0 : next_part(ch, "ElseIf");
}

static int else_run(struct bb_chan *ch, const void *args)
{
	(void)args;
	return leave(ch, "Else");
}

static int exit_if_run(struct bb_chan *ch, const void *args)
{
	(void)args;
	return leave(ch, "ExitIf");
}

static int end_if_run(struct bb_chan *ch, const void *args)
{
	(void)ch;
	(void)args;
	return 0;
}

static const struct bb_field condition_fields[] = { { .name = "condition",
						      .type = BB_T_REST,
						      .off = offsetof(struct if_args, condition),
						      .def = "",
						      .doc = "Nothing and 0 do not hold." },
						    { 0 } };

static const struct bb_app app_if = {
	.name = "If",
	.args = condition_fields,
	.args_size = sizeof(struct if_args),
	.run = if_run,
	.doc = { .summary = "Run the steps up to Else, ElseIf or EndIf on a condition",
		 .since = "0.1",
		 .text = "Example:\n  same => n,If($[${N} > 3])\n  same => n,Playback(too-many)\n"
			 "  same => n,Else()\n  same => n,Playback(thanks)\n  same => n,EndIf()",
		 .see_also = "ElseIf Else EndIf ExitIf ExecIf" },
};

static const struct bb_app app_else_if = {
	.name = "ElseIf",
	.args = condition_fields,
	.args_size = sizeof(struct if_args),
	.run = else_if_run,
	.doc = { .summary = "What to run when If did not hold and this does",
		 .since = "0.1",
		 .see_also = "If Else EndIf" },
};

static const struct bb_app app_else = {
	.name = "Else",
	.run = else_run,
	.doc = { .summary = "What to run when nothing before it held",
		 .since = "0.1",
		 .see_also = "If ElseIf EndIf" },
};

static const struct bb_app app_exit_if = {
	.name = "ExitIf",
	.run = exit_if_run,
	.doc = { .summary = "Go on behind EndIf", .since = "0.1", .see_also = "If EndIf" },
};

static const struct bb_app app_end_if = {
	.name = "EndIf",
	.run = end_if_run,
	.doc = { .summary = "The end of If", .since = "0.1", .see_also = "If" },
};

BB_MODULE(app_if,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_if),
						   BB_APP(&app_else_if),
						   BB_APP(&app_else),
						   BB_APP(&app_exit_if),
						   BB_APP(&app_end_if),
						   { 0 } },
	  .doc = { .summary = "If() and its companions", .since = "0.1" });
