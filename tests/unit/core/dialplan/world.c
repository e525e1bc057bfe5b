/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The core on a simulated clock, a driver whose far end the test plays, and an
 * application Trace(text) that writes down where dial plan passed.
 */
#include "world.h"

#include "core/media/media_core.h"
#include "core/registry/registry.h"
#include "core/store/store_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct bb_buf trace;
static struct bb_self *self;
static char dir[64];

struct trace_args {
	struct bb_str text;
};

static int trace_run(struct bb_chan *ch, const void *args)
{
	(void)ch;
	if (trace.l)
		bb_buf_putc(&trace, ' ');
	bb_buf_putstr(&trace, ((const struct trace_args *)args)->text);
	return 0;
}

struct sleep_args {
	bb_time span;
};

static int sleep_run(struct bb_chan *ch, const void *args)
{
	return bb_wait(ch, ((const struct sleep_args *)args)->span);
}

static int hangup_run(struct bb_chan *ch, const void *args)
{
	(void)ch;
	(void)args;
	return BB_END;
}

static int fail_run(struct bb_chan *ch, const void *args)
{
	(void)ch;
	(void)args;
	return -EIO;
}

static const struct bb_app app_trace = {
	.name = "Trace",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .def = "",
					     .off = offsetof(struct trace_args, text),
					     .doc = "Text." },
					   { 0 } },
	.args_size = sizeof(struct trace_args),
	.run = trace_run,
	.doc = { .summary = "Note a place" },
};
static const struct bb_app app_sleep = {
	.name = "Sleep",
	.args = (const struct bb_field[]){ { .name = "seconds",
					     .type = BB_T_DURATION,
					     .unit = BB_SECONDS,
					     .off = offsetof(struct sleep_args, span),
					     .doc = "How long." },
					   { 0 } },
	.args_size = sizeof(struct sleep_args),
	.run = sleep_run,
	.status = "SLEEPSTATUS",
	.doc = { .summary = "Wait" },
};
static const struct bb_app app_end = {
	.name = "End",
	.run = hangup_run,
	.doc = { .summary = "Hang up" },
};
static const struct bb_app app_fail = {
	.name = "Fail",
	.run = fail_run,
	.status = "FAILSTATUS",
	.doc = { .summary = "Fail" },
};

static int test_answer(struct bb_chan *ch)
{
	bb_chan_emit(ch, &(struct bb_event){ .type = BB_EV_ANSWERED });
	return 0;
}

static void test_hangup(struct bb_chan *ch, unsigned cause)
{
	(void)ch;
	(void)cause;
}

static const struct bb_chan_driver driver = {
	.tech = "Dp",
	.answer = test_answer,
	.hangup = test_hangup,
	.doc = { .summary = "A leg of the test" },
};

static int test_start(struct bb_self *me, struct bb_diag *d)
{
	(void)d;
	self = me;
	return 0;
}

static const struct bb_module test_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "dp_test",
	.provides = (const struct bb_provide[]){ BB_APP(&app_trace),
						 BB_APP(&app_sleep),
						 BB_APP(&app_end),
						 BB_APP(&app_fail),
						 BB_CHAN(&driver),
						 { 0 } },
	.doc = { .summary = "What tests of the dial plan need" },
	.start = test_start,
};

void world_write(const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/extensions.conf", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

void world_open(const char *extensions)
{
	static const char *const only[] = { BB_TOP_BUILDDIR "/modules/app/.libs",
					    BB_TOP_BUILDDIR "/modules/func/.libs", NULL };
	const struct bb_loop_options loop = { .simulate = true, .seed = 7 };
	const struct bb_store_options store = { .simulate = true };
	struct bb_diag *d;

	snprintf(dir, sizeof(dir), "/tmp/bellbird-dp-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	world_write(extensions);
	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_config_init(dir, dir), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
	ck_assert_int_eq(bb_registry_init(), 0);
	ck_assert_int_eq(bb_media_init(0, true), 0);
	bb_registry_search_only(only);
	ck_assert_int_eq(bb_channel_init(), 0);
	ck_assert_int_eq(bb_dialplan_init(), 0);
	ck_assert_int_eq(bb_static_module_add(&test_module), 0);
	ck_assert_int_eq(bb_diag_new(&d), 0);
	ck_assert_msg(bb_modules_load(d) == 0, "%s", mistakes(d));
	bb_diag_free(d);
}

void world_close(void)
{
	char path[128];

	bb_sim_advance(60 * BB_SEC);
	ck_assert_uint_eq(bb_chan_count(), 0);
	bb_modules_stop();
	bb_dialplan_close();
	bb_channel_close();
	bb_media_close();
	ck_assert_uint_eq(bb_registry_close(), 0);
	bb_store_close();
	bb_config_close();
	ck_assert_uint_eq(bb_loop_close(), 0);
	ck_assert_uint_eq(bb_obj_live("channel"), 0);
	snprintf(path, sizeof(path), "%s/extensions.conf", dir);
	unlink(path);
	rmdir(dir);
	bb_buf_free(&trace);
}

struct bb_chan *world_leg(const char *exten, const char *number)
{
	struct bb_party caller = { 0 };
	struct bb_chan_params p = { .device = BB_STR("leg"),
				    .context = BB_STR("main"),
				    .exten = bb_strz(exten),
				    .caller = &caller };
	struct bb_chan *ch;

	bb_str_copy(caller.number, sizeof(caller.number), bb_strz(number));
	bb_str_copy(caller.name, sizeof(caller.name), BB_STR("Ann"));
	ck_assert_int_eq(bb_chan_new(&ch, self, &driver, &p), 0);
	return ch;
}

struct bb_chan *world_call(const char *exten)
{
	struct bb_chan *ch = world_leg(exten, "555");
	unsigned cause = 0;
	int err;

	bb_buf_truncate(&trace, 0);
	err = bb_chan_run(ch, &cause);
	if (err) {
		bb_chan_hangup(ch, cause);
		bb_chan_unref(ch);
		bb_sim_settle();
		return NULL;
	}
	bb_chan_unref(ch);
	bb_sim_settle();
	return ch;
}

void world_dial(struct bb_chan *ch, const char *digits)
{
	for (; *digits; digits++)
		bb_chan_emit(ch,
			     &(struct bb_event){ .type = BB_EV_DTMF, .digit = *digits, .ms = 80 });
	bb_sim_settle();
}

const char *world_trace(void)
{
	return bb_buf_cstr(&trace);
}

const char *world_said(const char *exten)
{
	world_call(exten);
	bb_sim_advance(30 * BB_SEC);
	return world_trace();
}
