/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * room.c - the dial plan as a part of the core: its file, and the three steps
 * by which a new plan takes the place of the old one.
 */
#include "core/dialplan/dialplan.h"
#include "core/registry/registry.h"

#include <bellbird/log.h>

/* The whole file is ours; its lines are read raw (bb_conf_raw()). */
static const struct bb_conf_type room_conf[] = {
	{ .file = "extensions.conf",
	  .section = "*",
	  .free_form = true,
	  .doc = "The dial plan: one section a context, and [general] and [globals]." },
	{ 0 },
};

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx, struct bb_diag *d)
{
	const struct bb_conf_text *text = bb_conf_raw(next, "extensions.conf");
	struct bb_plan *plan;
	int err = bb_plan_build(&plan, text, d);

	(void)self;
	if (err)
		return err;
	bb_plan_check(plan, next, d);
	*ctx = plan;
	return 0;
}

static void commit(struct bb_self *self, void *ctx)
{
	(void)self;
	bb_plan_commit(ctx);
}

static void abort_prepared(struct bb_self *self, void *ctx)
{
	(void)self;
	bb_plan_unref(ctx);
}

static const struct bb_module room = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "dialplan",
	.conf = room_conf,
	.provides = bb_dialplan_provides,
	.doc = { .summary = "The dial plan of extensions.conf", .since = "0.1" },
	.prepare = prepare,
	.commit = commit,
	.abort = abort_prepared,
};

int bb_dialplan_init(void)
{
	struct bb_plan *empty;
	int err = bb_plan_build(&empty, NULL, NULL);

	if (err)
		return err;
	bb_plan_commit(empty);
	bb_run_ops_set(&bb_dialplan_run_ops);
	err = bb_dialplan_cli_init();
	return err ? err : bb_core_module_add(&room);
}

void bb_dialplan_close(void)
{
	bb_run_ops_set(NULL);
	bb_plan_commit(NULL);
	bb_vars_clear(bb_globals());
}
