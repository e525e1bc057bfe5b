/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of modules: static ones for every turn of it, real files for the loader. */
#include "tests/unit/core/registry/registry_test.h"

#include <bellbird/app.h>
#include <bellbird/func.h>

static void trailed(const char *want)
{
	ck_assert_str_eq(bb_buf_cstr(&trail), want);
	bb_buf_truncate(&trail, 0);
}

/* --- what the modules of the test provide --- */

static int run(struct bb_chan *ch, const void *args)
{
	return 0;
}

#define APP(ident, text)                                                                           \
	static const struct bb_app ident = { .name = text,                                         \
					     .run = run,                                           \
					     .doc = { .summary = "Do it" } }
APP(app_one, "One");
APP(app_two, "Two");
static const struct bb_app undocumented = { .name = "Bare", .run = run };

static const int base_api = 42;
static const char *const points[] = { "request", NULL };
static const struct bb_service base_service = { .name = "base",
						.major = 1,
						.api = &base_api,
						.points = points,
						.doc = { .summary = "Base of all" } };
static const char *const needs_base[] = { "base/1", NULL };
static const char *const needs_other[] = { "base/2", NULL };

struct limits {
	int64_t max;
};
static const struct bb_field limit_fields[] = {
	{ .name = "max",
	  .type = BB_T_INT,
	  .off = 0,
	  .min = 0,
	  .max = 9,
	  .def = "1",
	  .doc = "Max." },
	{ 0 },
};
static const struct bb_conf_type limit_types[] = {
	{ .file = "limits.conf",
	  .section = "general",
	  .fields = limit_fields,
	  .size = sizeof(struct limits),
	  .doc = "Limits." },
	{ 0 },
};

static int64_t live_max(void)
{
	const struct limits *l = bb_conf_next(bb_conf_live(), &limit_types[0], NULL);

	return l ? l->max : -1;
}

static unsigned work;

static int base_start(struct bb_self *self, struct bb_diag *d)
{
	bb_buf_printf(&trail, "base starts %d;", (int)live_max());
	return 0;
}
static int base_prepare(struct bb_self *self, const struct bb_conf *next, void **ctx,
			struct bb_diag *d)
{
	const struct limits *l = bb_conf_next(next, &limit_types[0], NULL);

	bb_buf_puts(&trail, bb_checking() ? "base checks;" : "base prepares;");
	*ctx = &work;
	if (l->max == 7) {
		struct bb_where at = bb_conf_where(l, "max");

		bb_diag_add(d, BB_MISTAKE, &at, "seven is taken");
		return -EINVAL;
	}
	return 0;
}
static void base_commit(struct bb_self *self, void *ctx)
{
	ck_assert_ptr_eq(ctx, &work);
	bb_buf_puts(&trail, "base commits;");
}
static void base_abort(struct bb_self *self, void *ctx)
{
	bb_buf_puts(&trail, "base aborts;");
}
static void base_drain(struct bb_self *self)
{
	bb_buf_puts(&trail, "base drains;");
}
static void base_undrain(struct bb_self *self)
{
	bb_buf_puts(&trail, "base undrains;");
}
static unsigned base_busy(struct bb_self *self)
{
	return work;
}
static void base_stop(struct bb_self *self)
{
	bb_buf_puts(&trail, "base stops;");
}

static const struct bb_module base = {
	TABLE("base"),
	.conf = limit_types,
	.provides =
		(const struct bb_provide[]){ BB_APP(&app_one), BB_SERVICE(&base_service), { 0 } },
	.start = base_start,
	.prepare = base_prepare,
	.commit = base_commit,
	.abort = base_abort,
	.drain = base_drain,
	.undrain = base_undrain,
	.busy = base_busy,
	.stop = base_stop,
};

static int user_start(struct bb_self *self, struct bb_diag *d)
{
	const int *api = bb_service_get(self, "base");

	ck_assert_ptr_eq(api, &base_api);
	ck_assert_ptr_null(bb_service_get(self, "bas"));
	ck_assert_str_eq(bb_self_name(self), "user");
	bb_buf_puts(&trail, "user starts;");
	return 0;
}
static void user_stop(struct bb_self *self)
{
	bb_buf_puts(&trail, "user stops;");
}

static const int handler_a = 1;
static const struct bb_extension ext_a = {
	.service = "base/1", .point = "request", .desc = &handler_a, .name = "a"
};
static const struct bb_module user = {
	TABLE("user"),
	.needs = needs_base,
	.provides = (const struct bb_provide[]){ BB_APP(&app_two), BB_EXTENDS(&ext_a), { 0 } },
	.start = user_start,
	.stop = user_stop,
};

/* The user comes first in the list, the base first in life. */
static void base_and_user(void)
{
	work = 0;
	ck_assert_int_eq(bb_static_module_add(&user), 0);
	ck_assert_int_eq(bb_static_module_add(&base), 0);
	load_ok();
}

START_TEST(order_of_needs)
{
	struct bb_use use = { 0 };

	up();
	file("limits.conf", "[general]\nmax=3\n");
	base_and_user();
	trailed("base prepares;base commits;base starts 3;user starts;");
	ck_assert_ptr_eq(bb_use_find(BB_KIND_APP, BB_STR("TWO"), &use), &app_two);
	ck_assert_str_eq(bb_use_module(&use), "user");
	bb_use_end(&use);
	bb_registry_close();
	trailed("base drains;user stops;base stops;");
	down(0);
}
END_TEST

START_TEST(drains)
{
	struct bb_use use = { 0 }, copy = { 0 }, none = { 0 };
	struct bb_buf who = { 0 };

	up();
	base_and_user();
	ck_assert_int_eq(bb_module_unload(BB_STR("base"), diag), -EBUSY);
	said("user needs it");
	ck_assert_ptr_nonnull(bb_use_find(BB_KIND_APP, BB_STR("Two"), &use));
	bb_use_copy(&use, &copy);
	bb_use_note(&copy, "channel");
	ck_assert_int_eq(bb_module_unload(BB_STR("user"), diag), -EINPROGRESS);
	/* Hidden at once, and whoever has it keeps it. */
	ck_assert_ptr_null(bb_use_find(BB_KIND_APP, BB_STR("Two"), &none));
	bb_module_holders("user", &who);
	ck_assert_str_eq(bb_buf_cstr(&who), "1 channel, 1 running application");
	bb_buf_truncate(&trail, 0);
	/* Taken back. */
	ck_assert_int_eq(bb_module_load(BB_STR("user"), diag), 0);
	ck_assert_ptr_nonnull(bb_use_find(BB_KIND_APP, BB_STR("Two"), &none));
	bb_use_end(&none);
	ck_assert_int_eq(bb_module_load(BB_STR("user"), diag), -EALREADY);
	/* Again, and to the end. */
	ck_assert_int_eq(bb_module_unload(BB_STR("user"), diag), -EINPROGRESS);
	bb_use_end(&use);
	bb_sim_settle();
	trailed("");
	bb_use_end(&copy);
	bb_sim_settle();
	trailed("user stops;");
	ck_assert_ptr_null(bb_reg_peek(BB_KIND_APP, BB_STR("Two")));
	/* Unused: at once. Work that is not counted by uses holds it, too. */
	work = 2;
	ck_assert_int_eq(bb_module_unload(BB_STR("base"), diag), -EINPROGRESS);
	trailed("base drains;");
	bb_sim_advance(BB_SEC);
	trailed("");
	work = 0;
	bb_sim_advance(BB_SEC);
	trailed("base stops;");
	ck_assert_int_eq(bb_module_unload(BB_STR("base"), diag), -ENOENT);
	/* And back again, with what it needs. */
	fresh_diag();
	ck_assert_int_eq(bb_module_load(BB_STR("user"), diag), 0);
	trailed("base prepares;base commits;base starts 1;user starts;");
	ck_assert_int_eq(bb_module_unload(BB_STR("settings"), diag), -EPERM);
	bb_buf_free(&who);
	down(0);
}
END_TEST

static void (*barrier_done)(void *arg);
static void *barrier_arg;

static void slow_barrier(void (*done)(void *arg), void *arg)
{
	barrier_done = done;
	barrier_arg = arg;
}

START_TEST(waits_for_the_barrier)
{
	up();
	base_and_user();
	bb_registry_set_barrier(slow_barrier);
	bb_buf_truncate(&trail, 0);
	ck_assert_int_eq(bb_module_unload(BB_STR("user"), diag), -EINPROGRESS);
	bb_sim_advance(BB_SEC);
	trailed("");
	barrier_done(barrier_arg);
	trailed("user stops;");
	bb_registry_set_barrier(NULL);
	down(0);
}
END_TEST

START_TEST(reloads)
{
	up();
	file("limits.conf", "[general]\nmax=3\n");
	base_and_user();
	bb_buf_truncate(&trail, 0);
	file("limits.conf", "[general]\nmax=5\n");
	ck_assert_int_eq(bb_modules_reload(diag), 0);
	trailed("base prepares;base commits;");
	ck_assert_int_eq(live_max(), 5);
	/* A mistake anywhere changes nothing anywhere. */
	file("limits.conf", "[general]\nmax=77\n");
	ck_assert_int_eq(bb_modules_reload(diag), -EINVAL);
	trailed("base prepares;base aborts;");
	said("more than 9");
	ck_assert_int_eq(live_max(), 5);
	fresh_diag();
	file("limits.conf", "[general]\nmax=7\n");
	ck_assert_int_eq(bb_modules_reload(diag), -EINVAL);
	/* Who refuses has undone itself. */
	trailed("base prepares;");
	said("seven is taken");
	ck_assert_int_eq(live_max(), 5);
	fresh_diag();
	file("limits.conf", "[general]\nmax=6\n");
	ck_assert_int_eq(bb_module_reload(BB_STR("user"), diag), 0);
	trailed("");
	ck_assert_int_eq(live_max(), 5);
	ck_assert_int_eq(bb_module_reload(BB_STR("base"), diag), 0);
	ck_assert_int_eq(live_max(), 6);
	trailed("base prepares;base commits;");
	down(0);
}
END_TEST

START_TEST(checks)
{
	up();
	work = 0;
	file("limits.conf", "[general]\nmax=3\nmox=4\n");
	bb_static_module_add(&user);
	bb_static_module_add(&base);
	ck_assert_int_eq(bb_modules_check(diag), -EINVAL);
	said("did you mean 'max'");
	trailed("base checks;base aborts;");
	ck_assert(!bb_checking());
	/* What is installed is known to the checker, and nothing runs. */
	ck_assert_ptr_eq(bb_reg_peek(BB_KIND_APP, BB_STR("one")), &app_one);
	down(0);
}
END_TEST

START_TEST(refuses_a_start)
{
	up();
	file("limits.conf", "[general]\nmax=x\n[more]\n");
	bb_static_module_add(&base);
	ck_assert_int_eq(bb_modules_load(diag), -EINVAL);
	ck_assert_uint_eq(bb_diag_count(diag, BB_MISTAKE), 2);
	trailed("base prepares;base aborts;");
	ck_assert_int_eq(live_max(), -1);
	down(0);
}
END_TEST

START_TEST(modules_conf)
{
	struct bb_use use = { 0 };

	up();
	file("modules.conf", "[modules]\nautoload=no\nload => user.so\nload => chan_unistim.so\n"
			     "noload => app_nothing.so\nload => app_queue.so\nload => bsae\n");
	base_and_user();
	trailed("base prepares;base commits;base starts 1;user starts;");
	said("modules of Asterisk's that are not built here: chan_unistim.so, app_queue.so (line "
	     "6)");
	said("did you mean 'base'");
	ck_assert_uint_eq(bb_diag_count(diag, BB_WARN), 1);
	down(0);
	up();
	file("modules.conf", "[modules]\nautoload=yes\nnoload=base\n");
	base_and_user();
	trailed("");
	said("the module user is not loaded: it needs 'base/1' of base, which is not to be loaded");
	ck_assert_ptr_null(bb_use_find(BB_KIND_APP, BB_STR("Two"), &use));
	down(0);
}
END_TEST

START_TEST(needs_that_fail)
{
	static const struct bb_module wants = { TABLE("wants"), .needs = needs_other };
	static const char *const needs_b[] = { "b/1", NULL }, *const needs_a[] = { "a/1", NULL };
	static const struct bb_service sa = { .name = "a", .major = 1, .doc = { .summary = "A" } },
				       sb = { .name = "b", .major = 1, .doc = { .summary = "B" } };
	static const struct bb_provide p_a[] = { BB_SERVICE(&sa), { 0 } };
	static const struct bb_module a = { TABLE("a"), .needs = needs_b, .provides = p_a };
	static const struct bb_provide p_b[] = { BB_SERVICE(&sb), { 0 } };
	static const struct bb_module b = { TABLE("b"), .needs = needs_a, .provides = p_b };

	up();
	bb_static_module_add(&wants);
	bb_static_module_add(&a);
	bb_static_module_add(&b);
	base_and_user();
	said("wants is not loaded: it needs 'base/2', which no module provides");
	said("which in turn needs");
	/* The rest goes on. */
	trailed("base prepares;base commits;base starts 1;user starts;");
	down(0);
}
END_TEST

START_TEST(lint)
{
	static const struct bb_provide p_bare[] = { BB_APP(&undocumented), { 0 } };
	static const struct bb_module bare = { TABLE("bare"), .provides = p_bare };
	static const struct bb_provide p_twice[] = { BB_APP(&app_one), { 0 } };
	static const struct bb_module twice = { TABLE("twice"), .provides = p_twice };

	up();
	bb_static_module_add(&base);
	bb_static_module_add(&bare);
	bb_static_module_add(&twice);
	load_ok();
	said("the application 'Bare' has no summary");
	said("the application 'One' is there already, from the module base");
	down(0);
}
END_TEST

START_TEST(extensions)
{
	static const int handler_b = 2;
	static const struct bb_extension ext_b = {
		.service = "base/1", .point = "request", .desc = &handler_b, .name = "b"
	};
	static const struct bb_provide p_late[] = { BB_EXTENDS(&ext_b), { 0 } };
	static const struct bb_module late = { TABLE("late"), .needs = needs_base,
					       .provides = p_late };
	struct bb_ext_iter it = { .service = "base", .point = "request" };
	struct bb_ext_iter other = { .service = "base", .point = "response" };
	struct bb_use use = { 0 };

	up();
	base_and_user();
	bb_static_module_add(&late);
	ck_assert_int_eq(bb_module_load(BB_STR("late"), diag), 0);
	ck_assert_ptr_eq(bb_ext_next(&it), &handler_a);
	bb_use_at(&it, &use);
	ck_assert_int_eq(bb_module_unload(BB_STR("user"), diag), -EINPROGRESS);
	/* The walk goes on from one that hides. */
	ck_assert_ptr_eq(bb_ext_next(&it), &handler_b);
	ck_assert_ptr_null(bb_ext_next(&it));
	bb_use_end(&use);
	bb_sim_settle();
	ck_assert_ptr_eq(bb_ext_next(&it), &handler_b);
	bb_ext_end(&it);
	ck_assert_ptr_null(bb_ext_next(&other));
	down(0);
}
END_TEST

START_TEST(walks)
{
	struct bb_reg_iter it = { .kind = BB_KIND_APP };
	struct bb_use use = { 0 };
	unsigned gen = bb_reg_generation(BB_KIND_APP);

	up();
	base_and_user();
	ck_assert_uint_ne(bb_reg_generation(BB_KIND_APP), gen);
	ck_assert_ptr_eq(bb_reg_next(&it, &use), &app_one);
	ck_assert_str_eq(bb_use_module(&use), "base");
	ck_assert_ptr_eq(bb_reg_next(&it, &use), &app_two);
	ck_assert_ptr_null(bb_reg_next(&it, &use));
	ck_assert_ptr_null(use.entry);
	down(0);
}
END_TEST

/* --- real files --- */

START_TEST(files)
{
	static const char *const dirs[] = { BB_TOP_BUILDDIR "/tests/modules/.libs", NULL };
	const struct bb_app *app;
	struct bb_use use = { 0 };

	up_with(dirs);
	file("hello.conf", "[general]\nword=welcome\n");
	load_ok();
	said("built for ABI 2.0, this is 1.0");
	said("has no 'bb_module'");
	said("bb_there_is_no_such_function");
	app = bb_use_find(BB_KIND_APP, BB_STR("Hello"), &use);
	ck_assert_ptr_nonnull(app);
	ck_assert_int_eq(app->run(NULL, NULL), 7);
	ck_assert_int_eq(bb_module_unload(BB_STR("test_hello"), diag), -EINPROGRESS);
	/* Still there for who uses it. */
	ck_assert_int_eq(app->run(NULL, NULL), 7);
	bb_use_end(&use);
	bb_sim_settle();
	ck_assert_ptr_null(bb_use_find(BB_KIND_APP, BB_STR("Hello"), &use));
	file("hello.conf", "[general]\nword=hi\n");
	ck_assert_int_eq(bb_module_load(BB_STR("test_hello.so"), diag), 0);
	app = bb_use_find(BB_KIND_APP, BB_STR("Hello"), &use);
	ck_assert_int_eq(app->run(NULL, NULL), 2);
	bb_use_end(&use);
	ck_assert_int_eq(bb_module_unload(BB_STR("test_hello"), diag), 0);
	ck_assert_int_eq(bb_module_load(BB_STR("test_nothing"), diag), -ENOENT);
	down(0);
}
END_TEST

START_TEST(without_memory)
{
	up();
	file("limits.conf", "[general]\nmax=3\n");
	bb_diag_free(diag);
	diag = NULL;
	BBT_OOM(4000)
	{
		struct bb_diag *d = NULL;
		int err = bb_diag_new(&d);

		bb_registry_close();
		bb_conf_intern_free();
		if (!err)
			err = bb_registry_init();
		bb_registry_search_only((const char *const[]){ NULL });
		if (!err)
			err = bb_static_module_add(&user);
		if (!err)
			err = bb_static_module_add(&base);
		if (!err)
			err = bb_modules_load(d);
		if (!bbt_oom)
			ck_assert_int_eq(err, 0);
		bb_buf_free(&trail);
		bb_diag_free(d);
	}
	down(0);
}
END_TEST

BBT_MAIN("core/registry/modules",
	 BBT_CASE("static", BBT_SIMULATED, order_of_needs, drains, waits_for_the_barrier, reloads,
		  checks, refuses_a_start, modules_conf, needs_that_fail, lint, extensions, walks),
	 BBT_CASE("files", BBT_SIMULATED, files), BBT_CASE("memory", BBT_SIMULATED, without_memory))
