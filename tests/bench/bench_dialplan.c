/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the dial plan costs: a match against the number of extensions, and a
 * priority. One line a figure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/dialplan/dialplan.h"
#include "core/loop/loop_core.h"
#include "core/registry/registry.h"

static double clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static struct bb_plan *build(const struct bb_buf *text)
{
	struct bb_conf_text *conf = NULL;
	struct bb_plan *plan = NULL;
	struct bb_diag *d;

	if (bb_diag_new(&d) || bb_conf_text_parse(&conf, NULL, "bench", bb_buf_str(text), d) ||
	    bb_plan_build(&plan, conf, d))
		exit(1);
	bb_conf_text_free(conf);
	bb_diag_free(d);
	return plan;
}

static void one_match(const char *kind, unsigned n, struct bb_plan *plan)
{
	enum { ROUNDS = 200000 };
	struct bb_find f = { .context = BB_STR("c"), .prio = 1 };
	unsigned missed = 0;
	double began;
	char number[16];

	began = clock_ns();
	for (unsigned i = 0; i < ROUNDS; i++) {
		snprintf(number, sizeof(number), "%06u", (i * 7919u) % n);
		f.exten = bb_strz(number);
		missed += !bb_plan_find(plan, &f);
	}
	printf("match %-9s %7u %10.1f ns  a look-up (%u missed)\n", kind, n,
	       (clock_ns() - began) / ROUNDS, missed);
}

static void matches(void)
{
	for (unsigned n = 10; n <= 100000; n *= 10) {
		struct bb_buf literal = { 0 }, pattern = { 0 };
		struct bb_plan *p;

		bb_buf_puts(&literal, "[c]\n");
		bb_buf_puts(&pattern, "[c]\n");
		for (unsigned i = 0; i < n; i++) {
			bb_buf_printf(&literal, "exten => %06u,1,NoOp\n", i);
			bb_buf_printf(&pattern, "exten => _%06u!,1,NoOp\n", i);
		}
		p = build(&literal);
		one_match("literal", n, p);
		bb_plan_unref(p);
		p = build(&pattern);
		one_match("pattern", n, p);
		bb_plan_unref(p);
		bb_buf_free(&literal);
		bb_buf_free(&pattern);
	}
}

/* --- priorities --- */

struct nop_args {
	struct bb_str text;
};

static int nop_run(struct bb_chan *ch, const void *args)
{
	(void)ch;
	(void)args;
	return 0;
}

static const struct bb_app nop = {
	.name = "Nop",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .def = "",
					     .off = offsetof(struct nop_args, text),
					     .doc = "Text." },
					   { 0 } },
	.args_size = sizeof(struct nop_args),
	.run = nop_run,
	.doc = { .summary = "Nothing" },
};

static const struct bb_chan_driver driver = { .tech = "Bench", .doc = { .summary = "A leg" } };

static const struct bb_module bench_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "bench",
	.provides = (const struct bb_provide[]){ BB_APP(&nop), BB_CHAN(&driver), { 0 } },
	.doc = { .summary = "What the bench needs" },
};

static void priorities(const char *what, const char *step)
{
	enum { STEPS = 200000 };
	struct bb_chan_params params = { .device = BB_STR("x"),
					 .context = BB_STR("c"),
					 .exten = BB_STR("100") };
	struct bb_buf text = { 0 };
	struct bb_chan *ch;
	struct bb_dp *dp;
	double began;

	bb_buf_printf(&text, "[c]\nexten => 100,1,%s\n", step);
	bb_plan_commit(build(&text));
	if (bb_chan_new(&ch, NULL, &driver, &params))
		exit(1);
	dp = bb_dp_of(ch);
	if (!dp || bb_dp_set_place(dp, BB_STR("c"), BB_STR("100"), 1))
		exit(1);
	began = clock_ns();
	for (int i = 0; i < STEPS; i++)
		bb_dp_step(ch);
	began = clock_ns() - began;
	printf("%-24s %10.1f ns  a priority, %.0f a second\n", what, began / STEPS,
	       1e9 * STEPS / began);
	bb_chan_hangup(ch, 16);
	bb_chan_unref(ch);
	bb_sim_settle();
	bb_buf_free(&text);
}

int main(void)
{
	static const char *const none[] = { NULL };
	struct bb_loop_options loop = { .simulate = true };
	struct bb_diag *d;

	if (bb_loop_init(&loop) || bb_config_init("/nonexistent", "/tmp") || bb_registry_init())
		return 1;
	bb_registry_search_only(none);
	if (bb_channel_init() || bb_dialplan_init() || bb_static_module_add(&bench_module) ||
	    bb_diag_new(&d) || bb_modules_load(d))
		return 1;
	matches();
	priorities("plain step", "Nop(text)");
	priorities("step with a variable", "Nop(${EXTEN:1} of ${CONTEXT})");
	priorities("step with an expression", "Nop($[${PRIORITY} + 1])");
	return 0;
}
