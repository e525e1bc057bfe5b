/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_goto.c - Goto(), GotoIf() and GotoIfTime(): the run continues elsewhere.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>

/* A label that does not exist ends the call, as in Asterisk; a number is left to `i`. */
static int jump(struct bb_chan *ch, struct bb_str target)
{
	int err = bb_goto_text(ch, target);

	if (err != -ENOENT && err != -EINVAL)
		return err;
	bb_warning("%s: cannot go to '%.*s': it does not exist", bb_chan_name(ch), BB_FMT(target));
	bb_chan_reason(ch, BB_CAUSE_FAILURE, "the dial plan went to '%.*s', which does not exist",
		       BB_FMT(target));
	return BB_END;
}

struct goto_args {
	struct bb_goto_arg target;
};

static int goto_run(struct bb_chan *ch, const void *args)
{
	const struct goto_args *a = args;
	int err = bb_goto_arg(ch, &a->target);

	if (err != -ENOENT && err != -EINVAL)
		return err;
	bb_warning("%s: cannot go to '%.*s': it does not exist", bb_chan_name(ch),
		   BB_FMT(a->target.priority));
	bb_chan_reason(ch, BB_CAUSE_FAILURE, "the dial plan went to '%.*s', which does not exist",
		       BB_FMT(a->target.priority));
	return BB_END;
}

static const struct bb_app app_goto = {
	.name = "Goto",
	.args =
		(const struct bb_field[]){
			{ .name = "[[context,]extension,]priority",
			  .type = BB_T_GOTO,
			  .refers = BB_REF_PLACE,
			  .off = offsetof(struct goto_args, target),
			  .doc = "A number or a label, and where it is when not here." },
			{ 0 } },
	.args_size = sizeof(struct goto_args),
	.run = goto_run,
	.on_bad = BB_BAD_HANGUP,
	.doc = { .summary = "Continue elsewhere in the dial plan",
		 .since = "0.1",
		 .text = "Example: Goto(menu,s,1)\n\nA number that does not exist there is "
			 "answered by the i extension of that context.",
		 .see_also = "GotoIf GotoIfTime Gosub" },
};

struct branch_args {
	struct bb_branch_arg branch;
};

static int take_branch(struct bb_chan *ch, const struct bb_branch_arg *b, bool yes)
{
	struct bb_str target = yes ? b->yes : b->no;

	return target.l ? jump(ch, target) : 0;
}

static int goto_if_run(struct bb_chan *ch, const void *args)
{
	const struct branch_args *a = args;

	return take_branch(ch, &a->branch, bb_true(a->branch.cond));
}

static const struct bb_app app_goto_if = {
	.name = "GotoIf",
	.args =
		(const struct bb_field[]){
			{ .name = "condition?true:false",
			  .type = BB_T_BRANCH,
			  .refers = BB_REF_PLACE,
			  .off = offsetof(struct branch_args, branch),
			  .doc = "Places to continue at; one of them may be left out." },
			{ 0 } },
	.args_size = sizeof(struct branch_args),
	.run = goto_if_run,
	.doc = { .summary = "Continue elsewhere on a condition",
		 .since = "0.1",
		 .text = "Nothing and 0 are false, any other text is true.\n\n"
			 "Example: GotoIf($[\"${CALLERID(num)}\" = \"\"]?anonymous:known)",
		 .see_also = "Goto GotoIfTime ExecIf" },
};

static int goto_if_time_run(struct bb_chan *ch, const void *args)
{
	const struct branch_args *a = args;
	char why[160] = "";
	int holds = bb_time_matches(a->branch.cond, bb_wall(), why, sizeof(why));

	if (holds < 0) {
		bb_warning("%s: GotoIfTime: %s", bb_chan_name(ch), why);
		return 0;
	}
	return take_branch(ch, &a->branch, holds);
}

static const struct bb_app app_goto_if_time = {
	.name = "GotoIfTime",
	.args = (const struct bb_field[]){ { .name = "times,weekdays,days,months?true:false",
					     .type = BB_T_BRANCH,
					     .refers = BB_REF_PLACE,
					     .off = offsetof(struct branch_args, branch),
					     .doc = "When, and the places to continue at." },
					   { 0 } },
	.args_size = sizeof(struct branch_args),
	.run = goto_if_time_run,
	.doc = { .summary = "Continue elsewhere at certain times",
		 .since = "0.1",
		 .text = "Each part is * or ranges joined by &; both ends of a range count.\n\n"
			 "Example: GotoIfTime(9:00-17:30,mon-fri,*,*?open,s,1)",
		 .see_also = "Goto GotoIf" },
};

BB_MODULE(app_goto,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_goto),
						   BB_APP(&app_goto_if),
						   BB_APP(&app_goto_if_time),
						   { 0 } },
	  .doc = { .summary = "Goto(), GotoIf() and GotoIfTime()", .since = "0.1" });
