/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The room: what it offers to the console, how it begins and ends.
 */
#include "core/channel/channel.h"
#include "core/registry/registry.h"

/* Bounds of the stories. A call that runs is told within those that hold when it is told. */
static const struct bb_field story_fields[] = {
	{ .name = "steps",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, entries),
	  .min = 50,
	  .max = 100000,
	  .def = "400",
	  .doc = "Entries of one call's story; the beginning stays, the oldest of the rest go." },
	{ .name = "text",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, text),
	  .min = 4096,
	  .max = 16777216,
	  .def = "24576",
	  .doc = "Bytes of one call's story." },
	{ .name = "messages",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, raw),
	  .min = 1024,
	  .max = 16777216,
	  .def = "8192",
	  .doc = "Bytes of it that whole messages may take, so that they crowd out no steps." },
	{ .name = "calls",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, kept),
	  .min = 1,
	  .max = 100000,
	  .def = "100",
	  .doc = "How many ended calls keep their story." },
	{ .name = "memory",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, kept_bytes),
	  .min = 65536,
	  .max = 1073741824,
	  .def = "4194304",
	  .doc = "Bytes that the stories of ended calls may take in all." },
	{ .name = "refused",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, refused),
	  .min = 1,
	  .max = 100000,
	  .def = "100",
	  .doc = "How many refused requests keep their story." },
	{ .name = "refused_per_source",
	  .type = BB_T_INT,
	  .off = offsetof(struct bb_story_options, per_source),
	  .min = 1,
	  .max = 1000,
	  .def = "5",
	  .doc = "How many of them may come from one address." },
	{ 0 }
};

static const struct bb_conf_type types[] = {
	{ .file = "bellbird.conf",
	  .section = "stories",
	  .fields = story_fields,
	  .size = sizeof(struct bb_story_options),
	  .doc = "How much is remembered of calls, running ones and ended ones." },
	{ 0 },
};

static const struct bb_story_options *wanted(const struct bb_conf *c)
{
	return bb_conf_next(c, &types[0], NULL);
}

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx, struct bb_diag *d)
{
	(void)self;
	(void)d;
	*ctx = (void *)(uintptr_t)bb_conf_hold(wanted(next));
	return 0;
}

static void abort_prepared(struct bb_self *self, void *ctx)
{
	(void)self;
	bb_conf_drop(ctx);
}

/* What runs goes on as it began; its story says when the rest became another. */
static void tell_reload(void)
{
	struct bb_call *c = NULL;

	while ((c = bb_call_next(BB_CALLS_LIVE, c)))
		bb_story_add(c->story, c->first, BB_STORY_DECISION,
			     "the configuration was read anew; the call goes on in the dial plan "
			     "that it began with");
}

static void commit(struct bb_self *self, void *ctx)
{
	(void)self;
	if (ctx)
		bb_story_set_options(ctx);
	bb_conf_drop(ctx);
	bb_call_keep((unsigned)bb_story_options()->kept, (size_t)bb_story_options()->kept_bytes);
	tell_reload();
}

static const struct bb_module room = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "channel",
	.conf = types,
	.provides = bb_channel_provides,
	.prepare = prepare,
	.commit = commit,
	.abort = abort_prepared,
	.doc = { .summary = "Channels, bridges, dialing, and the stories of calls",
		 .since = "0.1" },
};

int bb_channel_init(void)
{
	int err = bb_channel_completers();

	bb_call_gauge();
	bb_registry_on_call_end(bb_call_end);
	return err ? err : bb_core_module_add(&room);
}

void bb_channel_close(void)
{
	bb_registry_on_call_end(NULL);
	bb_call_keep(0, 0);
	bb_device_forget();
}
