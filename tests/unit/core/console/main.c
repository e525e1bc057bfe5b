/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include <bellbird/log.h>

#include "tests/unit/core/console/console_test.h"

/* --- commands that the tests run --- */

struct echo_args {
	struct bb_str first, rest;
	int colour;
	int64_t count;
};

static const char *const colours[] = { "red", "green", NULL };

static int echo_run(struct bb_out *o, const void *args)
{
	const struct echo_args *a = args;

	bb_out_fact(o, "First", "%.*s", BB_FMT(a->first));
	bb_out_fact_int(o, "Count", a->count);
	bb_out_fact(o, "Colour", "%s", a->colour < 0 ? "-" : colours[a->colour]);
	bb_out_fact(o, "The rest", "%.*s", BB_FMT(a->rest));
	return 0;
}

static const struct bb_field echo_fields[] = { { .name = "first",
						 .type = BB_T_STR,
						 .off = offsetof(struct echo_args, first),
						 .complete = "fruit",
						 .doc = "A word." },
					       { .name = "count",
						 .type = BB_T_INT,
						 .off = offsetof(struct echo_args, count),
						 .min = 0,
						 .max = 10,
						 .def = "3",
						 .doc = "A number." },
					       { .name = "colour",
						 .type = BB_T_ENUM,
						 .off = offsetof(struct echo_args, colour),
						 .words = colours,
						 .def = "",
						 .doc = "A choice." },
					       { .name = "rest",
						 .type = BB_T_REST,
						 .off = offsetof(struct echo_args, rest),
						 .def = "",
						 .doc = "What is left." },
					       { 0 } };

static int table_run(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "Name" },
						 { "Bytes In", BB_RIGHT },
						 { "A long text", .flexible = true },
						 { "State" } };

	bb_out_table(o, "things", cols, BB_ARRAY_SIZE(cols));
	bb_out_rowf(o, "sdss", "alice", (int64_t)7, "short", "Up");
	bb_out_rowf(o, "sdss", "b\xc3\xb6rk", (int64_t)123456789,
		    "a text that is much longer than a narrow terminal can show", "Failed");
	bb_out_rowf(o, "sdss", "\033[31mevil\nname", (int64_t)-1, "\xff\xfe,\"q\"",
		    (const char *)NULL);
	bb_out_note(o, "3 things");
	return 0;
}

static int wait_run(struct bb_out *o, const void *args)
{
	bb_fiber_park_for(50 * BB_MS);
	bb_out_text(o, "waited");
	return 0;
}

static int fail_run(struct bb_out *o, const void *args)
{
	return -EBUSY;
}

static int fault_run(struct bb_out *o, const void *args)
{
	bb_out_error(o, "the %s is broken", "thing");
	return -EIO;
}

static int many_run(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "Number", BB_RIGHT }, { "Text" } };

	bb_out_table(o, "rows", cols, BB_ARRAY_SIZE(cols));
	for (int64_t i = 0; i < 20000; i++)
		bb_out_rowf(o, "ds", i,
			    "\xc3\xa4\xc3\xb6\xc3\xbc this line makes the output long enough");
	return 0;
}

static int endless_run(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "Text" } };

	bb_out_table(o, "rows", cols, BB_ARRAY_SIZE(cols));
	for (unsigned i = 0; i < 400000; i++)
		bb_out_rowf(o, "s", "a line of a command that does not know when to end ...");
	return 0;
}

static int log_run(struct bb_out *o, const void *args)
{
	bb_verbose(3, "Executing [100@internal:2] Dial(\"SIP/101-00000001\")");
	bb_verbose(5, "deep water");
	bb_warning("a name that bites: %s", "\033[2J");
	return 0;
}

#define COMMAND(name_, words_, run_, ...)                                                          \
	static const struct bb_cli name_ = { .words = words_,                                      \
					     .run = run_,                                          \
					     .doc = { .summary = "A command of the tests",         \
						      .since = "0.1" },                            \
					     __VA_ARGS__ }
COMMAND(cmd_table, "test table", table_run);
COMMAND(cmd_echo, "test echo", echo_run, .args = echo_fields, .args_size = sizeof(struct echo_args),
	.aliases = (const char *const[]){ "old echo", NULL });
COMMAND(cmd_echo_twice, "test echo twice", echo_run, .args = echo_fields,
	.args_size = sizeof(struct echo_args));
COMMAND(cmd_wait, "test wait", wait_run);
COMMAND(cmd_fail, "test fail", fail_run);
COMMAND(cmd_fault, "test fault", fault_run);
COMMAND(cmd_many, "test many", many_run);
COMMAND(cmd_endless, "test endless", endless_run);
COMMAND(cmd_log, "test log", log_run);

static void fruit(struct bb_out *o, struct bb_str word)
{
	bb_out_candidate(o, BB_STR("apple"));
	bb_out_candidate(o, BB_STR("apricot"));
	bb_out_candidate(o, BB_STR("banana"));
	bb_out_candidate(o, BB_STR("banana"));
}

void add_test_commands(void)
{
	static const struct bb_cli *const all[] = { &cmd_table, &cmd_echo,    &cmd_echo_twice,
						    &cmd_wait,	&cmd_fail,    &cmd_fault,
						    &cmd_many,	&cmd_endless, &cmd_log };

	ck_assert_int_eq(bb_cli_add_core(all, BB_ARRAY_SIZE(all)), 0);
	ck_assert_int_eq(bb_completer_add("fruit", fruit), 0);
}

/* --- a console without a socket --- */

static struct bb_buf out;

void desk_open(void)
{
	const struct bb_loop_options loop = { .simulate = true, .seed = 1 };
	const struct bb_store_options store = { .simulate = true };

	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
	ck_assert_int_eq(bb_console_init(NULL), 0);
	add_test_commands();
}

void desk_close(void)
{
	bb_buf_free(&out);
	bb_console_close();
	bb_store_close();
	ck_assert_uint_eq(bb_loop_close(), 0);
}

struct line {
	const char *text;
	unsigned width;
	bool colour, done;
	int status;
};

static void run_line(void *arg)
{
	struct line *l = arg;

	if (l->width || l->colour)
		l->status = bb_console_exec_tty(bb_strz(l->text), l->width, l->colour, &out);
	else
		l->status = bb_console_exec(bb_strz(l->text), BB_OUT_TEXT, &out);
	l->done = true;
}

static bool is_done(void *arg)
{
	return ((struct line *)arg)->done;
}

static const char *run(struct line *l)
{
	struct bb_fiber *f;

	bb_buf_truncate(&out, 0);
	ck_assert_int_eq(bb_fiber_spawn(&f, "test", run_line, l), 0);
	ck_assert(bb_sim_until(is_done, l, 10 * BB_SEC));
	return bb_buf_cstr(&out);
}

const char *say(const char *line, int *status)
{
	struct line l = { .text = line };
	const char *text = run(&l);

	if (status)
		*status = l.status;
	return text;
}

const char *say_tty(const char *line, unsigned width, bool colour)
{
	struct line l = { .text = line, .width = width, .colour = colour };

	return run(&l);
}

static void add(struct bb_str word, void *arg)
{
	bb_buf_printf(arg, "%s%.*s", ((struct bb_buf *)arg)->l ? " " : "", BB_FMT(word));
}

const char *tab(const char *line)
{
	bb_buf_truncate(&out, 0);
	bb_console_complete(bb_strz(line), add, &out);
	return bb_buf_cstr(&out);
}

int main(void)
{
	SRunner *r = srunner_create(text_suite());
	int failed;

	srunner_add_suite(r, command_suite());
	srunner_add_suite(r, socket_suite());
	srunner_add_suite(r, manual_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
