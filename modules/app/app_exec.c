/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_exec.c - ExecIf(), ExecIfTime(), Exec() and TryExec(): applications named at run time.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/story.h>

/* "App(args)" into its two parts. */
static void split(struct bb_str call, struct bb_str *app, struct bb_str *args)
{
	ptrdiff_t open = bb_str_chr(call, '(');
	size_t end = call.l;

	*args = BB_STR("");
	*app = bb_str_trim(call);
	if (open < 0)
		return;
	*app = bb_str_trim(bb_str_sub(call, 0, (size_t)open));
	while (end > (size_t)open + 1 && call.p[end - 1] != ')')
		end--;
	if (end > (size_t)open + 1)
		*args = bb_str_sub(call, (size_t)open + 1, end - (size_t)open - 2);
}

static int execute(struct bb_chan *ch, struct bb_str call)
{
	struct bb_str app, args;

	split(call, &app, &args);
	return app.l ? bb_exec_app(ch, app, args) : 0;
}

struct exec_if_args {
	struct bb_branch_arg branch;
};

/* Without an application behind the '?' there is nothing to choose: the call ends. */
static int choose(struct bb_chan *ch, const char *app, const struct bb_branch_arg *b, bool holds)
{
	if (b->yes.l)
		return execute(ch, holds ? b->yes : b->no);
	bb_warning("%s: %s: no application behind '?'", bb_chan_name(ch), app);
	bb_chan_reason(ch, BB_CAUSE_FAILURE, "%s had no application behind '?'", app);
	return BB_END;
}

static int exec_if_run(struct bb_chan *ch, const void *args)
{
	const struct bb_branch_arg *b = &((const struct exec_if_args *)args)->branch;

	return choose(ch, "ExecIf", b, bb_true(b->cond));
}

static const struct bb_app app_exec_if = {
	.name = "ExecIf",
	.args =
		(const struct bb_field[]){
			{ .name = "condition?app(args):app(args)",
			  .type = BB_T_BRANCH,
			  .refers = BB_REF_APP,
			  .off = offsetof(struct exec_if_args, branch),
			  .doc = "What to run when it holds, and when it does not." },
			{ 0 } },
	.args_size = sizeof(struct exec_if_args),
	.run = exec_if_run,
	.on_bad = BB_BAD_HANGUP,
	.doc = { .summary = "Run an application on a condition",
		 .since = "0.1",
		 .text = "Example: ExecIf($[${N} > 3]?Playback(too-many):Playback(thanks))",
		 .see_also = "GotoIf Exec" },
};

static int exec_if_time_run(struct bb_chan *ch, const void *args)
{
	const struct bb_branch_arg *b = &((const struct exec_if_args *)args)->branch;
	char why[160] = "";
	int holds = bb_time_matches(b->cond, bb_wall(), why, sizeof(why));

	if (holds == -EINVAL)
		bb_warning("%s: ExecIfTime: %s", bb_chan_name(ch), why);
	if (holds < 0 && holds != -EINVAL)
		return holds;
	return choose(ch, "ExecIfTime", b, holds > 0);
}

static const struct bb_app app_exec_if_time = {
	.name = "ExecIfTime",
	.args =
		(const struct bb_field[]){
			{ .name = "times,weekdays,days,months?app(args):app(args)",
			  .type = BB_T_BRANCH,
			  .refers = BB_REF_APP,
			  .off = offsetof(struct exec_if_args, branch),
			  .doc = "What to run at these times, and what at others." },
			{ 0 } },
	.args_size = sizeof(struct exec_if_args),
	.run = exec_if_time_run,
	.doc = { .summary = "Run an application by the time",
		 .since = "0.1",
		 .text = "Example: ExecIfTime(9:00-17:00,mon-fri,*,*?Playback(welcome))",
		 .see_also = "ExecIf GotoIfTime" },
};

struct exec_args {
	struct bb_str call;
};

static int exec_run(struct bb_chan *ch, const void *args)
{
	return execute(ch, ((const struct exec_args *)args)->call);
}

/* The same, but a failure does not end the call. */
static int try_exec_run(struct bb_chan *ch, const void *args)
{
	struct bb_str app, text;
	struct bb_use use = { 0 };
	int err;

	split(((const struct exec_args *)args)->call, &app, &text);
	if (!bb_use_find(BB_KIND_APP, app, &use)) {
		bb_var_set(ch, "TRYSTATUS", BB_STR("NOAPP"));
		return 0;
	}
	bb_use_end(&use);
	err = bb_exec_app(ch, app, text);
	if (err == -ECANCELED)
		return err;
	bb_var_set(ch, "TRYSTATUS", err ? BB_STR("FAILED") : BB_STR("SUCCESS"));
	return 0;
}

static const struct bb_app app_exec = {
	.name = "Exec",
	.args = (const struct bb_field[]){ { .name = "app(args)",
					     .type = BB_T_APPCALL,
					     .refers = BB_REF_APP,
					     .off = offsetof(struct exec_args, call),
					     .doc = "The application with its arguments." },
					   { 0 } },
	.args_size = sizeof(struct exec_args),
	.run = exec_run,
	.doc = { .summary = "Run an application whose name is known only now",
		 .since = "0.1",
		 .text = "Example: Exec(${WHAT}(${WITH}))",
		 .see_also = "TryExec ExecIf" },
};

static const struct bb_app app_try_exec = {
	.name = "TryExec",
	.args = (const struct bb_field[]){ { .name = "app(args)",
					     .type = BB_T_APPCALL,
					     .refers = BB_REF_APP,
					     .off = offsetof(struct exec_args, call),
					     .doc = "The application with its arguments." },
					   { 0 } },
	.args_size = sizeof(struct exec_args),
	.run = try_exec_run,
	.status = "TRYSTATUS",
	.doc = { .summary = "Run an application and go on whatever comes of it",
		 .since = "0.1",
		 .text = "TRYSTATUS is SUCCESS, FAILED, or NOAPP when there is no such "
			 "application.",
		 .see_also = "Exec" },
};

BB_MODULE(app_exec,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_exec_if),
						   BB_APP(&app_exec_if_time),
						   BB_APP(&app_exec),
						   BB_APP(&app_try_exec),
						   { 0 } },
	  .doc = { .summary = "ExecIf(), ExecIfTime(), Exec() and TryExec()", .since = "0.1" });
