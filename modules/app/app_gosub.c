/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_gosub.c - Gosub(), GosubIf(), Return() and StackPop(): subroutines.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>

static int enter(struct bb_chan *ch, struct bb_str target)
{
	int err = bb_gosub_enter(ch, target);

	if (!err || err == -ENOMEM)
		return err;
	bb_warning("%s: cannot run the subroutine '%.*s': %s", bb_chan_name(ch), BB_FMT(target),
		   err == -E2BIG ? "too many within one another" : "it does not exist");
	bb_chan_reason(ch, BB_CAUSE_FAILURE, "the subroutine '%.*s' could not be run",
		       BB_FMT(target));
	return BB_END;
}

struct gosub_args {
	struct bb_str target;
};

static int gosub_run(struct bb_chan *ch, const void *args)
{
	return enter(ch, ((const struct gosub_args *)args)->target);
}

static const struct bb_app app_gosub = {
	.name = "Gosub",
	.args =
		(const struct bb_field[]){
			{ .name = "[[context,]extension,]priority[(arguments)]",
			  .type = BB_T_APPCALL,
			  .refers = BB_REF_PLACE,
			  .off = offsetof(struct gosub_args, target),
			  .doc = "Where it begins, and what ARG1, ARG2 … are in it." },
			{ 0 } },
	.args_size = sizeof(struct gosub_args),
	.run = gosub_run,
	.on_bad = BB_BAD_HANGUP,
	.doc = { .summary = "Run a subroutine and come back",
		 .since = "0.1",
		 .text = "ARGC, ARG1 … and what is set by LOCAL() last until its Return().\n\n"
			 "Example: Gosub(sub-log,s,1(${EXTEN},in))",
		 .see_also = "GosubIf Return StackPop" },
};

struct gosub_if_args {
	struct bb_branch_arg branch;
};

static int gosub_if_run(struct bb_chan *ch, const void *args)
{
	const struct bb_branch_arg *b = &((const struct gosub_if_args *)args)->branch;
	struct bb_str target = bb_true(b->cond) ? b->yes : b->no;

	return target.l ? enter(ch, target) : 0;
}

static const struct bb_app app_gosub_if = {
	.name = "GosubIf",
	.args =
		(const struct bb_field[]){
			{ .name = "condition?true:false",
			  .type = BB_T_BRANCH,
			  .refers = BB_REF_PLACE,
			  .off = offsetof(struct gosub_if_args, branch),
			  .doc = "Subroutines with their arguments; one may be left out." },
			{ 0 } },
	.args_size = sizeof(struct gosub_if_args),
	.run = gosub_if_run,
	.doc = { .summary = "Run a subroutine on a condition",
		 .since = "0.1",
		 .text = "Example: GosubIf($[${NIGHT}]?night,s,1(${EXTEN}))",
		 .see_also = "Gosub Return" },
};

struct return_args {
	struct bb_str value;
};

static int return_run(struct bb_chan *ch, const void *args)
{
	int err = bb_gosub_return(ch, ((const struct return_args *)args)->value);

	if (err != -ENOENT)
		return err;
	bb_warning("%s: Return without Gosub", bb_chan_name(ch));
	bb_chan_reason(ch, BB_CAUSE_FAILURE, "the dial plan returned from nowhere");
	return BB_END;
}

static const struct bb_app app_return = {
	.name = "Return",
	.args = (const struct bb_field[]){ { .name = "value",
					     .type = BB_T_REST,
					     .off = offsetof(struct return_args, value),
					     .def = "",
					     .doc = "What GOSUB_RETVAL is afterwards." },
					   { 0 } },
	.args_size = sizeof(struct return_args),
	.run = return_run,
	.doc = { .summary = "Come back from a subroutine",
		 .since = "0.1",
		 .text = "Example: Return(${RESULT})",
		 .see_also = "Gosub StackPop" },
};

static int stack_pop_run(struct bb_chan *ch, const void *args)
{
	(void)args;
	if (bb_gosub_pop(ch))
		bb_warning("%s: StackPop without Gosub", bb_chan_name(ch));
	return 0;
}

static const struct bb_app app_stack_pop = {
	.name = "StackPop",
	.run = stack_pop_run,
	.doc = { .summary = "Forget where the newest subroutine would return to",
		 .since = "0.1",
		 .see_also = "Gosub Return" },
};

BB_MODULE(app_gosub,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_gosub),
						   BB_APP(&app_gosub_if),
						   BB_APP(&app_return),
						   BB_APP(&app_stack_pop),
						   { 0 } },
	  .doc = { .summary = "Gosub(), GosubIf(), Return() and StackPop()", .since = "0.1" });
