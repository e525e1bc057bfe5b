/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * system.c - programs started by the dial plan.
 *
 * The process is the loop's; the fiber parks until it has ended, so nothing
 * else waits. A hangup does not end it: what it does is seen through.
 */
#include "core/dialplan/dialplan.h"
#include "core/loop/fiber.h"

#define MAX_OUTPUT 65536

struct child {
	struct bb_fiber *fiber;
	struct bb_buf *output;
	int status;
	bool ended;
};

static void on_output(struct bb_process *p, const char *data, size_t len, void *arg)
{
	struct child *c = arg;

	(void)p;
	if (!c->output || c->output->l >= MAX_OUTPUT)
		return;
	if (len > MAX_OUTPUT - c->output->l)
		len = MAX_OUTPUT - c->output->l;
	bb_buf_put(c->output, data, len);
}

static void on_exit_status(struct bb_process *p, int status, void *arg)
{
	struct child *c = arg;

	(void)p;
	c->status = status;
	c->ended = true;
	bb_fiber_wake(c->fiber);
}

bool bb_dangerous_allowed(void)
{
	return bb_settings()->live_dangerously;
}

int bb_system(struct bb_str command, int *status, struct bb_buf *output)
{
	static const struct bb_process_ops ops = { on_output, on_exit_status };
	struct child c = { .fiber = bb_fiber_self(), .output = output };
	struct bb_process *p;
	char *text;
	int err;

	if (!bb_dangerous_allowed() || !c.fiber)
		return -EPERM;
	text = bb_strdup(command);
	if (!text)
		return -ENOMEM;
	err = bb_process_spawn(&p, (const char *const[]){ "/bin/sh", "-c", text, NULL }, NULL, &ops,
			       &c);
	while (!err && !c.ended)
		bb_fiber_park();
	bb_free(text);
	if (!err)
		*status = c.status;
	return err;
}
