/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exec.c - one step: substitute, split by the typed fields, run.
 */
#include "core/dialplan/dialplan.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"

#include <bellbird/log.h>

/* What most steps need for their arguments; a leg that waits in one keeps it. */
#define STEP_ARENA 640
#define STEPS_A_TURN 1000 /* priorities without a wait before the loop gets a turn */
#define MAX_CALLS 30 /* applications that run applications */

/* What a plan expects to find when an application of Asterisk's is not built here. */
static const struct {
	const char *app, *variable, *value;
} absent[] = {
	{ "VoiceMail", "VMSTATUS", "FAILED" },
	{ "VoiceMailMain", "VMSTATUS", "FAILED" },
	{ "Queue", "QUEUESTATUS", "UNKNOWN" },
	{ "AGI", "AGISTATUS", "NOTFOUND" },
	{ "Record", "RECORD_STATUS", "ERROR" },
	{ "ConfBridge", "CONFBRIDGE_RESULT", "FAILED" },
	{ "Transfer", "TRANSFERSTATUS", "UNSUPPORTED" },
	{ "SendText", "SENDTEXTSTATUS", "UNSUPPORTED" },
	{ "Originate", "ORIGINATE_STATUS", "UNKNOWN" },
	{ "ChanIsAvail", "AVAILSTATUS", "0" },
	{ "Bridge", "BRIDGERESULT", "FAILURE" },
};

static void set_status(struct bb_chan *ch, const struct bb_app *app)
{
	if (app->status)
		bb_var_set(ch, app->status, bb_strz(app->failed ? app->failed : "FAILED"));
}

/* An application that is not there. What Asterisk knows fails and goes on; a name that nobody
 * knows ends the call, as it does there. */
static int not_there(struct bb_chan *ch, struct bb_str name)
{
	if (!bb_known_app(name)) {
		const char *instead = bb_known_instead(name);

		bb_dp_warn(ch, "there is no application '%.*s'%s%s", BB_FMT(name),
			   instead ? "; use " : "", instead ? instead : "");
		bb_chan_reason(ch, BB_CAUSE_FAILURE, "there is no application '%.*s'",
			       BB_FMT(name));
		return BB_END;
	}
	bb_dp_warn(ch, "application %.*s is not built here: skipped", BB_FMT(name));
	for (size_t i = 0; i < BB_ARRAY_SIZE(absent); i++)
		if (bb_str_iis(name, absent[i].app))
			bb_var_set(ch, absent[i].variable, bb_strz(absent[i].value));
	return 0;
}

/* The typed arguments. @return 0, BB_BAD_… handled: 1 go on without running, 2 hang up. */
static int take_args(struct bb_chan *ch, const struct bb_app *app, struct bb_str text,
		     struct bb_arena *a, void **args)
{
	struct bb_args_error e = { 0 };
	int err = 0;

	*args = bb_arena_alloc(a, app->args_size ? app->args_size : 1);
	if (!*args)
		return -ENOMEM;
	if (app->args)
		err = bb_args_parse(app->args, text, *args, a, &e);
	if (!err && e.text[0])
		bb_dp_warn(ch, "%s(%.*s): %s", app->name, BB_FMT(text), e.text);
	if (e.ignored[0])
		bb_dp_warn(ch, "%s: option letters '%s' are not built here", app->name, e.ignored);
	if (err == -EINVAL)
		bb_dp_warn(ch, "%s(%.*s): %s%s%s", app->name, BB_FMT(text), e.field ? e.field : "",
			   e.field ? ": " : "", e.text);
	return err;
}

static int run_app(struct bb_chan *ch, const struct bb_app *app, const struct bb_use *use,
		   struct bb_str text, struct bb_arena *a)
{
	void *args;
	int err = take_args(ch, app, text, a, &args);

	if (err) {
		set_status(ch, app);
		return err == -EINVAL && app->on_bad == BB_BAD_HANGUP ? BB_END : 0;
	}
	bb_watchdog_enter(bb_use_module(use), app->name);
	err = app->run(ch, args);
	bb_watchdog_leave();
	if (err >= 0 || err == -ECANCELED)
		return err;
	bb_dp_warn(ch, "%s(%.*s): %s", app->name, BB_FMT(text), strerror(-err));
	set_status(ch, app);
	return 0;
}

static int exec_app(struct bb_chan *ch, struct bb_str name, struct bb_str args, struct bb_arena *a)
{
	struct bb_use use = { 0 };
	const struct bb_app *app = bb_use_find(BB_KIND_APP, name, &use);
	int err;

	if (!app)
		return not_there(ch, name);
	bb_use_note(&use, "application");
	err = run_app(ch, app, &use, args, a);
	bb_use_end(&use);
	return err;
}

int bb_exec_app(struct bb_chan *ch, struct bb_str app, struct bb_str args)
{
	struct bb_dp *dp = bb_dp_of(ch);
	struct bb_arena *a;
	int err;

	if (!dp)
		return -ENOMEM;
	if (dp->calls >= MAX_CALLS) {
		bb_dp_warn(ch, "too many applications within one another at %.*s", BB_FMT(app));
		return -E2BIG;
	}
	a = bb_arena_new(512);
	if (!a)
		return -ENOMEM;
	dp->calls++;
	err = exec_app(ch, app, args, a);
	dp->calls--;
	bb_arena_free(a);
	return err;
}

/* A plan that loops without ever waiting must not stop everybody else. */
static void breathe(struct bb_chan *ch, struct bb_dp *dp)
{
	if (dp->turn != bb_now()) {
		dp->turn = bb_now();
		dp->steps = 0;
	}
	if (++dp->steps < STEPS_A_TURN || !bb_fiber_self())
		return;
	if (!dp->loop_told) {
		bb_dp_warn(ch, "%u priorities on %s without a wait: is this a loop without end?",
			   dp->steps, bb_chan_name(ch));
		dp->loop_told = true;
	}
	dp->steps = 0;
	bb_fiber_wake(bb_fiber_self());
	bb_fiber_park();
}

static void tell(struct bb_chan *ch, const struct bb_dp *dp, struct bb_str args)
{
	const struct bb_prio *p = dp->step;

	bb_chan_set_step(ch, dp->context, dp->exten, (unsigned)dp->prio, p->app, args);
	bb_verbose(3, "Executing [%s@%s:%d] %s(\"%s\", \"%.*s\")", dp->exten, dp->context, dp->prio,
		   p->app, bb_chan_name(ch), BB_FMT(args));
	bb_story(ch, BB_STORY_STEP, "%s@%s:%d %s(%.*s)  [%s:%u]", dp->exten, dp->context, dp->prio,
		 p->app, BB_FMT(args), bb_base_name(p->at.file), p->at.line);
}

int bb_dp_step(struct bb_chan *ch)
{
	struct bb_dp *dp = bb_dp_of(ch);
	const struct bb_prio *p, *outer;
	struct bb_arena *a;
	struct bb_str args;
	int err;

	if (!dp || !dp->context)
		return -ENOENT;
	p = bb_dp_find(ch, bb_strz(dp->context), bb_strz(dp->exten), dp->prio, NULL);
	if (!p)
		return -ENOENT;
	outer = dp->step;
	dp->step = p;
	breathe(ch, dp);
	a = dp->spare ? dp->spare : bb_arena_new(STEP_ARENA);
	dp->spare = NULL;
	if (!a)
		return -ENOMEM;
	args = bb_str_chr(p->args, '$') < 0 ? p->args : bb_subst(ch, p->args, a);
	if (!args.p) {
		bb_dp_warn(ch, "%s: no memory for its arguments", p->app);
		err = 0;
	} else {
		tell(ch, dp, args);
		err = exec_app(ch, bb_strz(p->app), args, a);
	}
	if (dp->spare) {
		bb_arena_free(a);
	} else {
		bb_arena_reset(a);
		dp->spare = a;
	}
	dp->step = outer;
	return err;
}
