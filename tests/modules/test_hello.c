/* SPDX-License-Identifier: BSD-3-Clause */
/* A module for the tests of the registry: an application and an option. */
#include <bellbird/app.h>

struct greeting {
	struct bb_str word;
};

static const struct bb_field fields[] = {
	{ .name = "word",
	  .type = BB_T_STR,
	  .off = offsetof(struct greeting, word),
	  .def = "hello",
	  .doc = "What is said." },
	{ 0 },
};

static const struct bb_conf_type types[] = {
	{ .file = "hello.conf",
	  .section = "general",
	  .fields = fields,
	  .size = sizeof(struct greeting),
	  .doc = "How to greet." },
	{ 0 },
};

static int hello_run(struct bb_chan *ch, const void *args)
{
	const struct greeting *g = bb_conf_next(bb_conf_live(), &types[0], NULL);

	return g ? (int)g->word.l : -ENOENT;
}

static const struct bb_app hello = {
	.name = "Hello",
	.run = hello_run,
	.doc = { .summary = "Say hello", .since = "0.1" },
};

static const struct bb_provide provides[] = { BB_APP(&hello), { 0 } };

BB_MODULE(test_hello, .conf = types, .provides = provides,
	  .doc = { .summary = "Greets", .since = "0.1" });
