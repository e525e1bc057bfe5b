/* SPDX-License-Identifier: BSD-3-Clause */
/* A module for the tests of the registry: an application, an option, a timer that it may leave
 * behind. */
#include <bellbird/app.h>
#include <bellbird/loop.h>

struct greeting {
	struct bb_str word;
	bool leak;
};

static const struct bb_field fields[] = {
	{ .name = "word",
	  .type = BB_T_STR,
	  .off = offsetof(struct greeting, word),
	  .def = "hello",
	  .doc = "What is said." },
	{ .name = "leak",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct greeting, leak),
	  .def = "no",
	  .doc = "Leave a timer behind." },
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

static struct bb_timer timer;

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

static void never(void *arg)
{
}

static int start(struct bb_self *self, struct bb_diag *d)
{
	const struct greeting *g = bb_conf_next(bb_conf_live(), &types[0], NULL);

	memset(&timer, 0, sizeof(timer));
	if (g && g->leak)
		bb_timer_set(&timer, 3600 * BB_SEC, never, NULL);
	return 0;
}

static const struct bb_provide provides[] = { BB_APP(&hello), { 0 } };

BB_MODULE(test_hello, .conf = types, .provides = provides, .start = start,
	  .doc = { .summary = "Greets", .since = "0.1" });
