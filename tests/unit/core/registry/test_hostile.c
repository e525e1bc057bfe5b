/* SPDX-License-Identifier: BSD-3-Clause */
/* Modules whose author made a mistake: each is told in a sentence, and the house stands. */
#include "tests/unit/core/registry/registry_test.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/cli.h>
#include <bellbird/func.h>
#include <bellbird/translator.h>

#include "config.h"
#include "core/base/log_core.h"

#define MODULES BB_TOP_BUILDDIR "/tests/modules/.libs"

/* --- the table --- */

static int run(struct bb_chan *ch, const void *args)
{
	return 0;
}

static int read_it(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return 0;
}

static void refuses(const struct bb_module *m, const char *sentence)
{
	struct bb_self *self = NULL;

	fresh_diag();
	ck_assert_int_lt(bb_self_add(&self, m, diag), 0);
	ck_assert_ptr_null(self);
	said(sentence);
}

START_TEST(tables)
{
	static const struct bb_module good = { TABLE("m") };
	struct bb_module m = good;

	up();
	m.magic = 42;
	refuses(&m, "'bb_module' in it is not a module's table");
	m = good;
	m.abi_minor++;
	refuses(&m, "built for ABI 1.1, this is 1.0");
	m = good;
	m.abi_major++;
	refuses(&m, "built for ABI 2.0, this is 1.0");
	m = good;
	m.size += 8;
	refuses(&m, "bytes, at most");
	m.size = 8;
	refuses(&m, "its table has 8 bytes");
	m = good;
	m.name = "";
	refuses(&m, "it has no name");
	down(0);
}
END_TEST

static void never(struct bb_self *self)
{
	ck_abort_msg("called beyond the end of its table");
}

/* What an older module's table does not have reads as unset. */
START_TEST(shorter_table)
{
	struct bb_module old = { TABLE("old"), .stop = never };

	up();
	old.size = offsetof(struct bb_module, drain);
	ck_assert_int_eq(bb_static_module_add(&old), 0);
	load_ok();
	ck_assert_int_eq(bb_module_unload(BB_STR("old"), diag), 0);
	down(0);
}
END_TEST

/* --- what it provides --- */

struct args {
	int64_t n;
};
#define DOC .doc = { .summary = "Do it" }
#define PROVIDES(...)                                                                              \
	.provides = (const struct bb_provide[])                                                    \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct bb_app idle = { .name = "Idle", DOC };
static const struct bb_func mute = { .name = "MUTE", DOC };
static const struct bb_cli silent = { .words = "be silent", DOC };
static const struct bb_translator nowhere = { .from = "a/8000", DOC };
static const struct bb_codec timeless = { .name = "timeless", .rate = 8000, DOC };
static const struct bb_provide strange[] = { { .kind = (enum bb_kind)99, .u.app = &idle }, { 0 } };
static const struct bb_module no_run = { TABLE("a"), PROVIDES(BB_APP(&idle)) };
static const struct bb_module no_read = { TABLE("b"), PROVIDES(BB_FUNC(&mute)) };
static const struct bb_module no_command = { TABLE("c"), PROVIDES(BB_CLI(&silent)) };
static const struct bb_module no_target = { TABLE("d"), PROVIDES(BB_TRANSLATOR(&nowhere)) };
static const struct bb_module no_clock = { TABLE("e"), PROVIDES(BB_CODEC(&timeless)) };
static const struct bb_module no_kind = { TABLE("f"), .provides = strange };
static const struct bb_module no_descriptor = { TABLE("g"), PROVIDES(BB_APP(NULL)) };

START_TEST(descriptors)
{
	up();
	refuses(&no_run, "the application 'Idle' lacks .run");
	refuses(&no_read, "the function 'MUTE' lacks .read or .write");
	refuses(&no_command, "the command 'be silent' lacks .run");
	refuses(&no_target, "the translator 'a/8000' lacks .to and .run");
	refuses(&no_clock, "the codec 'timeless' lacks a rate and a clock");
	refuses(&no_kind, "provides a ? without a name");
	refuses(&no_descriptor, "provides a application without a name");
	down(0);
}
END_TEST

static const struct bb_field outside[] = {
	{ .name = "n", .type = BB_T_STR, .off = offsetof(struct args, n), .doc = "N." }, { 0 }
};
static const struct bb_field wordless[] = { { .name = "w", .type = BB_T_ENUM, .doc = "W." },
					    { 0 } };
static const struct bb_field typeless[] = { { .name = "t", .doc = "T." }, { 0 } };
static const struct bb_app far_app = {
	.name = "A", .run = run, .args = outside, .args_size = sizeof(struct args), DOC
};
static const struct bb_func wordless_func = {
	.name = "F", .read = read_it, .args = wordless, .args_size = sizeof(int), DOC
};
static const struct bb_conf_type typeless_conf[] = {
	{ .file = "f.conf", .section = "general", .fields = typeless, .doc = "F." }, { 0 }
};
static const struct bb_module too_far = { TABLE("a"), PROVIDES(BB_APP(&far_app)) };
static const struct bb_module no_words = { TABLE("b"), PROVIDES(BB_FUNC(&wordless_func)) };
static const struct bb_module no_type = { TABLE("c"), .conf = typeless_conf };

START_TEST(fields)
{
	up();
	refuses(&too_far, "the field 'n' of A lies outside of its struct of 8 bytes");
	refuses(&no_words, "the field 'w' of F has no words to choose from");
	refuses(&no_type, "the field 't' of general has no type");
	down(0);
}
END_TEST

static const struct bb_app once = { .name = "Once", .run = run, DOC };
static const char *const alias[] = { "First", NULL };
static const struct bb_chan_driver first = { .tech = "First", DOC };
static const struct bb_chan_driver second = { .tech = "Second", .aliases = alias, DOC };
static const struct bb_module owner = { TABLE("owner"), PROVIDES(BB_APP(&once), BB_CHAN(&first)) };
static const struct bb_module twin = { TABLE("owner") };
static const struct bb_module thief = { TABLE("thief"), PROVIDES(BB_APP(&once)) };
static const struct bb_module alias_thief = { TABLE("alias_thief"), PROVIDES(BB_CHAN(&second)) };
static const struct bb_module twice = { TABLE("twice"),
					PROVIDES(BB_CHAN(&second), BB_CHAN(&second)) };

START_TEST(names)
{
	struct bb_self *self = NULL;

	up();
	refuses(&twice, "provides the channel driver 'Second' twice");
	ck_assert_int_eq(bb_self_add(&self, &owner, diag), 0);
	refuses(&twin, "a module owner is there already");
	refuses(&thief, "the application 'Once' is there already, from the module owner");
	refuses(&alias_thief, "the channel driver 'First' is there already, from the module owner");
	/* What was refused left no names behind. */
	ck_assert_ptr_null(bb_reg_peek(BB_KIND_CHAN, BB_STR("Second")));
	down(0);
}
END_TEST

/* --- what it leaves behind --- */

static struct bb_buf log_text;
static struct bb_log_sink *log_sink;

static void log_line(const struct bb_log_line *l, void *arg)
{
	bb_buf_printf(&log_text, "%s\n", l->text);
}

static void leaky_up(const char *conf)
{
	static const char *const dirs[] = { MODULES, NULL };
	struct bb_log_filter f;

	ck_assert_int_eq(bb_log_init(), 0);
	ck_assert_int_eq(bb_log_parse_filter(&f, BB_STR("error"), NULL), 0);
	ck_assert_int_eq(bb_log_add_sink(&log_sink, &f, log_line, NULL), 0);
	up_with(dirs);
	file("logger.conf", "[logfiles]\n"); /* no file: only the sink above hears */
	file("leaky.conf", conf);
	load_ok();
}

static void leaky_down(void)
{
	bb_log_remove_sink(log_sink);
	bb_buf_free(&log_text);
	down(0);
	bb_log_close();
}

/* The module's object while it is mapped; NULL otherwise. */
static void *mapped(void)
{
	void *handle = dlopen(MODULES "/test_leaky.so", RTLD_NOW | RTLD_NOLOAD);

	if (handle)
		dlclose(handle);
	return handle;
}

static void tidy(void)
{
	void *handle = dlopen(MODULES "/test_leaky.so", RTLD_NOW);
	void (*fn)(void);

	ck_assert_ptr_nonnull(handle);
	*(void **)&fn = dlsym(handle, "leaky_tidy");
	ck_assert_ptr_nonnull(fn);
	fn();
	dlclose(handle);
}

static const struct {
	const char *word, *sentence;
} remains[] = {
	{ "timer", "module test_leaky left a timer behind (" },
	{ "task", "module test_leaky left a task behind\n" },
	{ "datagrams", "module test_leaky left a datagram socket behind (127.0.0.1:5099)\n" },
	{ "listener", "module test_leaky left a listening socket behind (127.0.0.1:5099)\n" },
	{ "connection", "module test_leaky left a connection behind" },
	{ "process", "module test_leaky left a child process behind\n" },
	{ "lookup", "module test_leaky left a name look-up behind\n" },
	{ "work", "module test_leaky left blocking work behind\n" },
};

START_TEST(nothing_left)
{
	leaky_up("");
	ck_assert_ptr_nonnull(mapped());
	ck_assert_int_eq(bb_module_unload(BB_STR("test_leaky"), diag), 0);
	bb_sim_settle();
	ck_assert_str_eq(bb_buf_cstr(&log_text), "");
#ifndef BB_SANITIZED
	ck_assert_ptr_null(mapped());
#endif
	leaky_down();
}
END_TEST

/* Its code stays where it is, since it will be called. */
START_TEST(left_behind)
{
	char conf[64];

	snprintf(conf, sizeof(conf), "[general]\nleave=%s\n", remains[_i].word);
	leaky_up(conf);
	ck_assert_int_eq(bb_module_unload(BB_STR("test_leaky"), diag), 0);
	ck_assert_ptr_nonnull(mapped());
	bb_sim_advance(10 * BB_SEC);
	ck_assert_msg(strstr(bb_buf_cstr(&log_text), remains[_i].sentence), "%s",
		      bb_buf_cstr(&log_text));
	tidy();
	leaky_down();
}
END_TEST

/* It is started again only once nothing of it runs any more. */
START_TEST(fails_half_way)
{
	leaky_up("[general]\nleave=timer\nfail=yes\n");
	said("the module test_leaky does not start: Input/output error");
	file("leaky.conf", "");
	fresh_diag();
	ck_assert_int_lt(bb_module_load(BB_STR("test_leaky"), diag), 0);
	said("what it left behind when it was stopped is still there");
	bb_sim_settle();
	ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&log_text), "left a timer behind"));
	ck_assert_ptr_nonnull(mapped());
	bb_sim_advance(10 * BB_SEC);
	fresh_diag();
	ck_assert_int_eq(bb_module_load(BB_STR("test_leaky"), diag), 0);
	ck_assert_int_eq(bb_module_unload(BB_STR("test_leaky"), diag), 0);
#ifndef BB_SANITIZED
	ck_assert_ptr_null(mapped());
#endif
	leaky_down();
}
END_TEST

/* --- coming and going --- */

#ifndef BB_SANITIZED /* there nothing is unmapped, and the same path is the same object */
static void copy_file(const char *from, const char *to)
{
	char cmd[3 * PATH_MAX];

	/* Beside it first: a file that is mapped is never written into. */
	snprintf(cmd, sizeof(cmd), "cp %s %s.new && mv %s.new %s", from, to, to, to);
	ck_assert_int_eq(system(cmd), 0);
}

/* After unloading, load reads the file anew: another one may be there by now. */
START_TEST(changed_file)
{
	static char where[] = "/tmp/bb-mod-XXXXXX";
	const char *const dirs[] = { where, NULL };
	char path[PATH_MAX];

	ck_assert_ptr_nonnull(mkdtemp(where));
	snprintf(path, sizeof(path), "%s/test_hello.so", where);
	copy_file(MODULES "/test_hello.so", path);
	up_with(dirs);
	load_ok();
	copy_file(MODULES "/test_old.so", path);
	/* A reload reads configuration; the code that runs stays. */
	ck_assert_int_eq(bb_modules_reload(diag), 0);
	ck_assert_ptr_nonnull(bb_reg_peek(BB_KIND_APP, BB_STR("Hello")));
	ck_assert_int_eq(bb_module_unload(BB_STR("test_hello"), diag), 0);
	ck_assert_int_lt(bb_module_load(BB_STR("test_hello"), diag), 0);
	said("built for ABI 2.0, this is 1.0");
	copy_file(MODULES "/test_hello.so", path);
	fresh_diag();
	ck_assert_int_eq(bb_module_load(BB_STR("test_hello"), diag), 0);
	ck_assert_ptr_nonnull(bb_reg_peek(BB_KIND_APP, BB_STR("Hello")));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(where), 0);
	down(0);
}
END_TEST
#endif

START_TEST(two_hundred_times)
{
	static const char *const dirs[] = { MODULES, NULL };
	struct bb_use use = { 0 };

	up_with(dirs);
	file("modules.conf", "[modules]\nautoload=no\nload=test_hello\n");
	load_ok();
	for (unsigned i = 0; i < 200; i++) {
		const struct bb_app *app = bb_use_find(BB_KIND_APP, BB_STR("Hello"), &use);

		ck_assert_ptr_nonnull(app);
		ck_assert_int_eq(bb_module_unload(BB_STR("test_hello"), diag), -EINPROGRESS);
		/* Every third time it is taken back while somebody is in it. */
		if (i % 3 == 0)
			ck_assert_int_eq(bb_module_load(BB_STR("test_hello"), diag), 0);
		ck_assert_int_eq(app->run(NULL, NULL), 5);
		bb_use_end(&use);
		bb_sim_settle();
		if (i % 3)
			ck_assert_int_eq(bb_module_load(BB_STR("test_hello"), diag), 0);
	}
	down(0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("core/registry/hostile");
	TCase *c = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, bbt_simulated_up, bbt_loop_down);
	tcase_add_test(c, tables);
	tcase_add_test(c, shorter_table);
	tcase_add_test(c, descriptors);
	tcase_add_test(c, fields);
	tcase_add_test(c, names);
	tcase_add_test(c, nothing_left);
	tcase_add_loop_test(c, left_behind, 0, (int)BB_ARRAY_SIZE(remains));
	tcase_add_test(c, fails_half_way);
#ifndef BB_SANITIZED
	tcase_add_test(c, changed_file);
#endif
	tcase_add_test(c, two_hundred_times);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
