/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_while.c - While(), EndWhile(), ExitWhile() and ContinueWhile().
 *
 * A loop is a pair of priorities of one extension; its other end is found by
 * counting the pairs in between, each time anew: nothing needs remembering.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>

#include <stdio.h>

static bool is(const char *app, const char *name)
{
	return bb_str_iis(bb_strz(app), name);
}

/* The EndWhile of the loop that @p from is inside of, or 0. */
static unsigned find_end(struct bb_chan *ch, unsigned from)
{
	unsigned depth = 1;
	const char *app;

	while ((app = bb_app_at(ch, ++from))) {
		if (is(app, "While"))
			depth++;
		else if (is(app, "EndWhile") && --depth == 0)
			return from;
	}
	return 0;
}

/* The While of the loop that @p from is inside of, or 0. */
static unsigned find_begin(struct bb_chan *ch, unsigned from)
{
	unsigned depth = 1;
	const char *app;

	while (from > 1 && (app = bb_app_at(ch, --from))) {
		if (is(app, "EndWhile"))
			depth++;
		else if (is(app, "While") && --depth == 0)
			return from;
	}
	return 0;
}

static int go(struct bb_chan *ch, unsigned priority)
{
	struct bb_goto_arg g = { 0 };
	char text[16];

	snprintf(text, sizeof(text), "%u", priority);
	g.priority = bb_strz(text);
	return bb_goto_arg(ch, &g);
}

static int lost(struct bb_chan *ch, const char *app, const char *other)
{
	bb_warning("%s: %s without its %s", bb_chan_name(ch), app, other);
	return 0;
}

struct while_args {
	struct bb_str condition;
};

static int while_run(struct bb_chan *ch, const void *args)
{
	unsigned end;

	if (bb_true(((const struct while_args *)args)->condition))
		return 0;
	end = find_end(ch, bb_chan_place(ch).priority);
	return end ? go(ch, end + 1) : lost(ch, "While", "EndWhile");
}

static int end_while_run(struct bb_chan *ch, const void *args)
{
	unsigned begin = find_begin(ch, bb_chan_place(ch).priority);

	(void)args;
	return begin ? go(ch, begin) : lost(ch, "EndWhile", "While");
}

static int exit_while_run(struct bb_chan *ch, const void *args)
{
	unsigned end = find_end(ch, bb_chan_place(ch).priority);

	(void)args;
	return end ? go(ch, end + 1) : lost(ch, "ExitWhile", "EndWhile");
}

static int continue_while_run(struct bb_chan *ch, const void *args)
{
	unsigned begin = find_begin(ch, bb_chan_place(ch).priority);

	(void)args;
	return begin ? go(ch, begin) : lost(ch, "ContinueWhile", "While");
}

static const struct bb_app app_while = {
	.name = "While",
	.args =
		(const struct bb_field[]){
			{ .name = "condition",
			  .type = BB_T_REST,
			  .off = offsetof(struct while_args, condition),
			  .def = "",
			  .doc = "Evaluated each time round; nothing and 0 end the loop." },
			{ 0 } },
	.args_size = sizeof(struct while_args),
	.run = while_run,
	.doc = { .summary = "Begin a loop",
		 .since = "0.1",
		 .text = "Example:\n  same => n,Set(I=0)\n  same => n,While($[${I} < 3])\n"
			 "  same => n,Playback(beep)\n  same => n,Set(I=$[${I} + 1])\n"
			 "  same => n,EndWhile()",
		 .see_also = "EndWhile ExitWhile ContinueWhile" },
};

static const struct bb_app app_end_while = {
	.name = "EndWhile",
	.run = end_while_run,
	.doc = { .summary = "End a loop: back to its While()",
		 .since = "0.1",
		 .see_also = "While" },
};

static const struct bb_app app_exit_while = {
	.name = "ExitWhile",
	.run = exit_while_run,
	.doc = { .summary = "Leave a loop", .since = "0.1", .see_also = "While ContinueWhile" },
};

static const struct bb_app app_continue_while = {
	.name = "ContinueWhile",
	.run = continue_while_run,
	.doc = { .summary = "Go to the next round of a loop",
		 .since = "0.1",
		 .see_also = "While ExitWhile" },
};

BB_MODULE(app_while,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_while),
						   BB_APP(&app_end_while),
						   BB_APP(&app_exit_while),
						   BB_APP(&app_continue_while),
						   { 0 } },
	  .doc = { .summary = "While() and its companions", .since = "0.1" });
