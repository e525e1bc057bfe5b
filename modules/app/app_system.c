/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_system.c - System() and TrySystem(): programs of the machine.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>

struct system_args {
	struct bb_str command;
};

static const char *result_of(struct bb_chan *ch, struct bb_str command)
{
	int status = 0, err = bb_system(command, &status, NULL);

	if (err == -EPERM) {
		bb_warning("%s: System() is off: live_dangerously = yes in [options] allows it",
			   bb_chan_name(ch));
		bb_story(ch, BB_STORY_REFUSAL, "System() is off: [options] live_dangerously");
	}
	if (err)
		return "FAILURE";
	return status == 0 ? "SUCCESS" : status == 127 ? "FAILURE" : "APPERROR";
}

/* A command that could not be run ends the call; one that failed does not. */
static int system_run(struct bb_chan *ch, const void *args)
{
	const char *result = result_of(ch, ((const struct system_args *)args)->command);

	bb_var_set(ch, "SYSTEMSTATUS", bb_strz(result));
	return bb_str_is(bb_strz(result), "FAILURE") && bb_dangerous_allowed() ? BB_END : 0;
}

static int try_system_run(struct bb_chan *ch, const void *args)
{
	const char *result = result_of(ch, ((const struct system_args *)args)->command);

	bb_var_set(ch, "SYSTEMSTATUS", bb_strz(result));
	return 0;
}

static const struct bb_field fields[] = {
	{ .name = "command",
	  .type = BB_T_REST,
	  .off = offsetof(struct system_args, command),
	  .doc = "For the shell. What callers control must not reach it: FILTER() it." },
	{ 0 },
};

static const struct bb_app app_system = {
	.name = "System",
	.args = fields,
	.args_size = sizeof(struct system_args),
	.run = system_run,
	.on_bad = BB_BAD_HANGUP,
	.status = "SYSTEMSTATUS",
	.failed = "FAILURE",
	.doc = { .summary = "Run a program and wait for its end",
		 .since = "0.1",
		 .text = "Off unless [options] says live_dangerously = yes. SYSTEMSTATUS is "
			 "SUCCESS, APPERROR (it failed) or FAILURE (it could not be run).",
		 .see_also = "TrySystem" },
};

static const struct bb_app app_try_system = {
	.name = "TrySystem",
	.args = fields,
	.args_size = sizeof(struct system_args),
	.run = try_system_run,
	.status = "SYSTEMSTATUS",
	.failed = "FAILURE",
	.doc = { .summary = "Run a program; the call goes on whatever happens",
		 .since = "0.1",
		 .text = "As System(), but a command that cannot be run does not end the call.",
		 .see_also = "System" },
};

BB_MODULE(app_system,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_system),
						   BB_APP(&app_try_system),
						   { 0 } },
	  .doc = { .summary = "System() and TrySystem()", .since = "0.1" });
