/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Family/key/value: visible at once, waits for its commit, comes back when
 * that fails, survives a restart.
 */
#include "tests/unit/core/store/store_test.h"

static int put(const char *family, const char *key, const char *value)
{
	return bb_db_put(bb_strz(family), bb_strz(key), bb_strz(value));
}

static bool is(const char *family, const char *key, const char *value)
{
	struct bb_str v = bb_db_get(bb_strz(family), bb_strz(key));

	return value ? v.p && bb_str_is(v, value) : !v.p;
}

static void collect(struct bb_str family, struct bb_str key, struct bb_str value, void *arg)
{
	bb_buf_printf(arg, "%.*s|%.*s=%.*s\n", BB_FMT(family), BB_FMT(key), BB_FMT(value));
}

static void basics(void *arg)
{
	struct bb_buf b = { 0 };

	ck_assert(is("a", "x", NULL));
	ck_assert_int_eq(put("a", "x", "1"), 0);
	ck_assert(is("a", "x", "1"));
	ck_assert_int_eq(put("a", "x", "2"), 0);
	ck_assert_int_eq(put("a", "b/c", "3"), 0);
	ck_assert_int_eq(put("a", "empty", ""), 0);
	ck_assert(is("a", "empty", ""));
	/* one key in two spellings, as in Asterisk */
	ck_assert(is("a/b", "c", "3"));
	ck_assert_int_eq(put("b", "y", "4"), 0);
	bb_db_each(bb_strz(NULL), collect, &b);
	ck_assert_str_eq(bb_buf_cstr(&b), "a|b/c=3\na|empty=\na|x=2\nb|y=4\n");
	bb_buf_truncate(&b, 0);
	bb_db_each(BB_STR("a/b"), collect, &b);
	ck_assert_str_eq(bb_buf_cstr(&b), "a/b|c=3\n");
	bb_buf_free(&b);
	ck_assert_int_eq(bb_db_del(BB_STR("a"), BB_STR("x")), 0);
	ck_assert_int_eq(bb_db_del(BB_STR("a"), BB_STR("x")), -ENOENT);
	ck_assert(is("a", "x", NULL));
}

START_TEST(test_basics)
{
	world_open(NULL);
	in_fiber(basics, NULL);
	world_close();
}
END_TEST

static void bounds(void *arg)
{
	static char big[70000];

	memset(big, 'k', sizeof(big) - 1);
	ck_assert_int_eq(bb_db_put(BB_STR(""), BB_STR("x"), BB_STR("v")), -EINVAL);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), BB_STR(""), BB_STR("v")), -EINVAL);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), bb_strn(big, 600), BB_STR("v")), -ENAMETOOLONG);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), BB_STR("k"), bb_strz(big)), -E2BIG);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), bb_strn("a\0b", 3), BB_STR("v")), -EINVAL);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), BB_STR("k"), bb_strn("a\0b", 3)), -EINVAL);
	ck_assert_uint_eq(bb_db_count(), 0);
}

START_TEST(test_bounds)
{
	world_open(NULL);
	in_fiber(bounds, NULL);
	world_close();
}
END_TEST

static void trees(void *arg)
{
	static const char *const keys[] = { "t", "t/1", "t/2/x", "tt", "u" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(keys); i++)
		ck_assert_int_eq(put("f", keys[i], "v"), 0);
	ck_assert_int_eq(put("g", "t", "v"), 0);
	ck_assert_int_eq(bb_db_deltree(BB_STR("f"), BB_STR("t")), 3);
	ck_assert(is("f", "t", NULL));
	ck_assert(is("f", "t/2/x", NULL));
	ck_assert(is("f", "tt", "v"));
	ck_assert_int_eq(bb_db_deltree(BB_STR("f"), BB_STR("")), 2);
	ck_assert_int_eq(bb_db_deltree(BB_STR("f"), BB_STR("")), 0);
	ck_assert_int_eq(bb_db_deltree(BB_STR(""), BB_STR("")), -EINVAL);
	ck_assert(is("g", "t", "v"));
	ck_assert_uint_eq(bb_db_count(), 1);
}

START_TEST(test_trees)
{
	const char *path = temp_path();

	world_open(path);
	in_fiber(trees, NULL);
	/* the disk agrees */
	world_restart(path);
	ck_assert_uint_eq(bb_db_count(), 1);
	ck_assert(is("g", "t", "v"));
	world_close();
}
END_TEST

static void failing(void *arg)
{
	ck_assert_int_eq(put("f", "old", "1"), 0);
	bb_store_fail(-ENOSPC);
	ck_assert_int_eq(put("f", "old", "2"), -ENOSPC);
	ck_assert(is("f", "old", "1"));
	ck_assert_int_eq(put("f", "new", "1"), -ENOSPC);
	ck_assert(is("f", "new", NULL));
	ck_assert_int_eq(bb_db_del(BB_STR("f"), BB_STR("old")), -ENOSPC);
	ck_assert(is("f", "old", "1"));
	ck_assert_int_eq(bb_db_deltree(BB_STR("f"), BB_STR("")), -ENOSPC);
	ck_assert(is("f", "old", "1"));
	ck_assert_uint_eq(bb_db_count(), 1);
	bb_store_fail(0);
	ck_assert_int_eq(put("f", "old", "3"), 0);
	ck_assert(is("f", "old", "3"));
}

START_TEST(test_failure_reverts)
{
	world_open(NULL);
	in_fiber(failing, NULL);
	world_close();
}
END_TEST

START_TEST(test_pending_writes)
{
	world_open(NULL);
	/* Outside of a fiber nothing waits: several writes of a key are on their way together. */
	ck_assert_int_eq(put("f", "k", "1"), 0);
	bb_sim_settle();
	ck_assert_int_eq(put("f", "k", "2"), 0);
	ck_assert_int_eq(bb_db_del(BB_STR("f"), BB_STR("k")), 0);
	ck_assert(is("f", "k", NULL));
	ck_assert_int_eq(put("f", "k", "3"), 0);
	ck_assert(is("f", "k", "3"));
	bb_store_fail(-EIO);
	bb_sim_settle();
	ck_assert(is("f", "k", "1"));
	bb_store_fail(0);
	ck_assert_int_eq(put("f", "k", "4"), 0);
	ck_assert_int_eq(bb_db_del(BB_STR("f"), BB_STR("k")), 0);
	bb_sim_settle();
	ck_assert(is("f", "k", NULL));
	ck_assert_uint_eq(bb_db_count(), 0);
	world_close();
}
END_TEST

static void put_once(void *arg)
{
	int *err = arg;

	*err = put("f", "k", "value");
}

START_TEST(test_no_memory)
{
	unsigned long n;
	int err = -ENOMEM;

	world_open(NULL);
	in_fiber(put_once, &err);
	for (n = 1; n < 100; n++) {
		ck_assert_int_eq(bb_db_del(BB_STR("f"), BB_STR("k")), 0);
		bb_sim_settle();
		bb_mem_fail_at(n);
		err = put("f", "k", "value");
		bb_mem_fail_at(0);
		bb_sim_settle();
		if (!err && is("f", "k", "value")) {
			/* Refused all before; from here on nothing is allocated. */
			break;
		}
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert(is("f", "k", NULL));
		ck_assert_int_eq(put("f", "k", "value"), 0);
	}
	ck_assert_uint_gt(n, 3);
	ck_assert_uint_lt(n, 100);
	world_close();
}
END_TEST

Suite *astdb_suite(void)
{
	Suite *s = suite_create("astdb");
	TCase *t = tcase_create("astdb");

	tcase_add_test(t, test_basics);
	tcase_add_test(t, test_bounds);
	tcase_add_test(t, test_trees);
	tcase_add_test(t, test_failure_reverts);
	tcase_add_test(t, test_pending_writes);
	tcase_add_test(t, test_no_memory);
	suite_add_tcase(s, t);
	return s;
}
