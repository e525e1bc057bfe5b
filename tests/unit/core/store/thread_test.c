/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store as it runs: its thread, files, faults, and the death of the process.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bellbird/loop.h>

#include "tests/unit/core/store/store_test.h"

static void real_open(const char *path)
{
	const struct bb_loop_options loop = { 0 };
	const struct bb_store_options store = { .path = path };

	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
}

struct ride {
	void (*fn)(void *arg);
	void *arg;
};

static void ride(void *arg)
{
	struct ride *r = arg;

	r->fn(r->arg);
	bb_loop_stop();
}

static void run_fiber(void (*fn)(void *arg), void *arg)
{
	struct ride r = { fn, arg };
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "test", ride, &r), 0);
	bb_loop_run();
}

static void put_many(void *arg)
{
	char key[16];

	for (unsigned i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		ck_assert_int_eq(bb_db_put(BB_STR("f"), bb_strz(key), bb_strz(key)), 0);
	}
}

START_TEST(test_thread)
{
	const char *path = temp_path();
	struct bb_store_stats st;
	struct stat file;

	real_open(path);
	run_fiber(put_many, NULL);
	bb_store_stats(&st);
	ck_assert_ptr_null(st.problem);
	ck_assert_uint_eq(st.queued, 0);
	ck_assert_uint_ge(st.transactions, 200);
	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_uint_eq(file.st_mode & 0777, 0600);
	bb_store_close();
	ck_assert_uint_eq(bb_loop_close(), 0);
	real_open(path);
	ck_assert_uint_eq(bb_db_count(), 200);
	ck_assert(bb_str_is(bb_db_get(BB_STR("f"), BB_STR("k199")), "k199"));
	world_close();
}
END_TEST

struct outcome {
	int err[4];
	unsigned n;
};

static void note(int err, void *arg)
{
	struct outcome *o = arg;

	o->err[o->n++] = err;
}

static void row(const struct bb_sql_value *v, size_t n, void *arg)
{
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(v[0].type, BB_SQL_INT);
	ck_assert_int_eq(v[1].type, BB_SQL_TEXT);
	ck_assert_int_eq(v[2].type, BB_SQL_NULL);
	bb_buf_printf(arg, "%d=%.*s\n", (int)v[0].i, BB_FMT(v[1].s));
}

START_TEST(test_group_commit)
{
	const struct bb_sql_value one[] = { { .type = BB_SQL_INT, .i = 1 },
					    { .type = BB_SQL_TEXT, .s = BB_STR("one") } };
	const struct bb_sql_value two[] = { { .type = BB_SQL_INT, .i = 2 },
					    { .type = BB_SQL_TEXT, .s = BB_STR("two") } };
	const char *insert = "INSERT INTO t (a, b) VALUES (?1, ?2)";
	struct bb_store_batch *b;
	struct bb_store_stats st;
	struct outcome o = { .n = 0 };
	struct bb_buf text = { 0 };

	real_open(temp_path());
	ck_assert_int_eq(bb_sql_exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT)", NULL,
				     0, NULL, NULL),
			 0);
	bb_store_flush();
	bb_store_stats(&st);
	uint64_t before = st.transactions;
	ck_assert_int_eq(bb_sql_exec(insert, one, 2, note, &o), 0);
	/* a batch that fails does so alone, and as a whole */
	ck_assert_int_eq(bb_store_batch_new(&b), 0);
	ck_assert_int_eq(bb_store_batch_add(b, insert, two, 2), 0);
	ck_assert_int_eq(bb_store_batch_add(b, insert, one, 2), 0);
	ck_assert_int_eq(bb_store_batch_submit(b, note, &o), 0);
	ck_assert_int_eq(bb_sql_exec("this is no SQL", NULL, 0, note, &o), 0);
	ck_assert_uint_eq(o.n, 0);
	bb_store_flush();
	ck_assert_uint_eq(o.n, 3);
	ck_assert_int_eq(o.err[0], 0);
	ck_assert_int_eq(o.err[1], -EEXIST);
	ck_assert_int_eq(o.err[2], -EINVAL);
	bb_store_stats(&st);
	ck_assert_uint_eq(st.transactions, before + 1);
	ck_assert_int_eq(bb_sql_query("SELECT a, b, c FROM t ORDER BY a", row, &text), 0);
	ck_assert_str_eq(bb_buf_cstr(&text), "1=one\n");
	bb_buf_free(&text);
	world_close();
}
END_TEST

START_TEST(test_queue_bound)
{
	const struct bb_loop_options loop = { .simulate = true };
	const struct bb_store_options store = { .simulate = true, .max_queue = 3 };
	struct outcome o = { .n = 0 };

	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
	bb_store_flush();
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(bb_sql_exec("DELETE FROM astdb", NULL, 0, note, &o), 0);
	ck_assert_int_eq(bb_sql_exec("DELETE FROM astdb", NULL, 0, note, &o), -ENOBUFS);
	bb_sim_settle();
	ck_assert_uint_eq(o.n, 3);
	ck_assert_int_eq(bb_sql_exec("DELETE FROM astdb", NULL, 0, note, &o), 0);
	world_close();
}
END_TEST

static void try_put(void *arg)
{
	*(int *)arg = bb_db_put(BB_STR("f"), BB_STR("k"), BB_STR("v"));
}

static void expect_broken(const char *path, const char *word)
{
	struct bb_store_stats st;
	int err = 0;

	real_open(path);
	bb_store_stats(&st);
	ck_assert_ptr_nonnull(st.problem);
	ck_assert_msg(strstr(st.problem, word) != NULL, "%s", st.problem);
	run_fiber(try_put, &err);
	ck_assert_int_eq(err, -EIO);
	ck_assert_uint_eq(bb_db_count(), 0);
	world_close();
}

START_TEST(test_unreadable)
{
	const char *path = temp_path();
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	for (unsigned i = 0; i < 1000; i++)
		fputs("this is no database ", f);
	fclose(f);
	expect_broken(path, "move it away");
	/* it was not touched */
	expect_broken("/nonexistent-directory/db", "cannot be opened");
}
END_TEST

START_TEST(test_newer)
{
	const char *path = temp_path();

	real_open(path);
	ck_assert_int_eq(bb_sql_query("PRAGMA user_version=1000", row, NULL), 0);
	bb_store_close();
	bb_loop_close();
	expect_broken(path, "newer version");
}
END_TEST

static void no_row(const struct bb_sql_value *v, size_t n, void *arg)
{
}

static void fill_disk(void *arg)
{
	static char big[60000];
	char key[16];
	int err = 0;

	memset(big, 'x', sizeof(big) - 1);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), BB_STR("first"), BB_STR("v")), 0);
	ck_assert_int_eq(bb_sql_query("PRAGMA max_page_count=30", no_row, NULL), 0);
	for (unsigned i = 0; i < 10 && !err; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		err = bb_db_put(BB_STR("f"), bb_strz(key), bb_strz(big));
	}
	ck_assert_int_eq(err, -ENOSPC);
	ck_assert_ptr_null(bb_db_get(BB_STR("f"), bb_strz(key)).p);
	ck_assert(bb_str_is(bb_db_get(BB_STR("f"), BB_STR("first")), "v"));
	/* there is room again */
	ck_assert_int_eq(bb_sql_query("PRAGMA max_page_count=100000", no_row, NULL), 0);
	ck_assert_int_eq(bb_db_put(BB_STR("f"), bb_strz(key), bb_strz(big)), 0);
}

START_TEST(test_full_disk)
{
	real_open(temp_path());
	run_fiber(fill_disk, NULL);
	world_close();
}
END_TEST

/* --- kill -9 --- */

static int told[2];

static void tell(int err, void *arg)
{
	char c = err ? 'E' : 'K';

	(void)arg;
	if (write(told[1], &c, 1) != 1)
		_exit(3);
}

static void victim(const char *path)
{
	struct bb_location_change ch = { .op = BB_LOC_PUT };

	real_open(path);
	ch.b.contact = BB_STR("sip:alice@192.0.2.7");
	ch.b.transport = BB_STR("udp");
	ch.b.expires = bb_wall() + 3600 * BB_SEC;
	if (bb_db_put(BB_STR("f"), BB_STR("k"), BB_STR("kept")))
		_exit(4);
	if (bb_location_apply(BB_STR("alice"), &ch, 1, tell, NULL))
		_exit(5);
	bb_loop_run();
	_exit(6);
}

START_TEST(test_kill)
{
	const char *path = temp_path();
	char c = 0;
	int status;
	pid_t pid;

	ck_assert_int_eq(pipe(told), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		victim(path);
	ck_assert_int_eq(read(told[0], &c, 1), 1);
	ck_assert_int_eq(c, 'K');
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	real_open(path);
	ck_assert_uint_eq(bb_location_count(BB_STR("alice")), 1);
	ck_assert(
		bb_str_is(bb_location_next(BB_STR("alice"), NULL)->contact, "sip:alice@192.0.2.7"));
	ck_assert(bb_str_is(bb_db_get(BB_STR("f"), BB_STR("k")), "kept"));
	world_close();
}
END_TEST

Suite *store_suite(void)
{
	Suite *s = suite_create("store");
	TCase *t = tcase_create("store");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_thread);
	tcase_add_test(t, test_group_commit);
	tcase_add_test(t, test_queue_bound);
	tcase_add_test(t, test_unreadable);
	tcase_add_test(t, test_newer);
	tcase_add_test(t, test_full_disk);
	tcase_add_test(t, test_kill);
	suite_add_tcase(s, t);
	return s;
}
