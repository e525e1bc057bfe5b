/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Call records in SQLite and CSV, and DB() and its sisters: the modules
 * themselves, loaded from their files.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <bellbird/cdr.h>
#include <bellbird/func.h>

#include "core/base/log_core.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/registry/registry.h"
#include "core/store/store_core.h"

static char dir[64], log_dir[256];

static void file(const char *name, const char *data)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(data, f);
	fclose(f);
}

static void up(const char *cdr_conf)
{
	static const char *const dirs[] = { BB_TOP_BUILDDIR "/modules/cdr/.libs",
					    BB_TOP_BUILDDIR "/modules/func/.libs", NULL };
	const struct bb_loop_options loop = { 0 };
	const struct bb_store_options store = { 0 };
	struct bb_diag *d;

	snprintf(dir, sizeof(dir), "/tmp/bellbird-cdr-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	file("modules.conf",
	     "[modules]\nautoload=no\nload=cdr_csv.so\nload=cdr_sqlite.so\nload=func_db.so\n");
	if (cdr_conf)
		file("cdr.conf", cdr_conf);
	ck_assert_int_eq(bb_config_init(dir, dir), 0);
	ck_assert_int_eq(bb_loop_init(&loop), 0);
	ck_assert_int_eq(bb_log_init(), 0);
	ck_assert_int_eq(bb_store_init(&store), 0);
	ck_assert_int_eq(bb_registry_init(), 0);
	bb_registry_search_only(dirs);
	ck_assert_int_eq(bb_diag_new(&d), 0);
	ck_assert_int_eq(bb_modules_load(d), 0);
	bb_diag_free(d);
	snprintf(log_dir, sizeof(log_dir), "%s", bb_path("astlogdir"));
}

static void down(void)
{
	char cmd[300];

	bb_modules_stop();
	ck_assert_uint_eq(bb_registry_close(), 0);
	bb_store_close();
	bb_log_close();
	ck_assert_uint_eq(bb_loop_close(), 0);
	bb_config_close();
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

static void wait_for_work(void *arg)
{
	struct bb_loop_stats st;

	/* the directory is made on the pool */
	do {
		bb_fiber_park_for(BB_MS);
		bb_loop_stats(&st);
	} while (st.work);
	bb_loop_stop();
}

static void settle(void)
{
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "test", wait_for_work, NULL), 0);
	bb_loop_run();
}

static const struct bb_cdr call = {
	.whole_call = true,
	.linkedid = "n1-7",
	.uniqueid = "n1-7",
	.sequence = "3",
	.channel = "SIP/alice-00000001",
	.dstchannel = "SIP/bob-00000002",
	.src = "1001",
	.clid = "\"Alice \"\"A\" <1001>",
	.dst = "1002",
	.dcontext = "internal",
	.accountcode = "sales",
	.lastapp = "Dial",
	.lastdata = "SIP/bob,20\nevil",
	.userfield = "u",
	.disposition = "ANSWERED",
	.start = 1700000000 * BB_SEC + 250 * BB_MS,
	.answer = 1700000005 * BB_SEC,
	.end = 1700000065 * BB_SEC,
	.duration = 65,
	.billsec = 60,
	.cause = 16,
	.reason = "alice hung up",
	.legs = 2,
	.codec = "ulaw",
	.mos = 4.4,
};

static const char *read_csv(const char *name)
{
	static char text[4096];
	char path[400];
	FILE *f;
	size_t n;

	bb_log_flush();
	snprintf(path, sizeof(path), "%s/cdr-csv/%s", log_dir, name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

#define LINE                                                                                       \
	"\"sales\",\"1001\",\"1002\",\"internal\",\"\"\"Alice \"\"\"\"A\"\" <1001>\","             \
	"\"SIP/alice-00000001\",\"SIP/bob-00000002\",\"Dial\",\"SIP/bob,20 evil\","                \
	"\"2023-11-14 22:13:20\",\"2023-11-14 22:13:25\",\"2023-11-14 22:14:25\",65,60,"           \
	"\"ANSWERED\",\"DOCUMENTATION\""

START_TEST(test_csv)
{
	struct bb_cdr leg = call, unanswered = call;

	up("[csv]\nusegmtime=yes\nloguniqueid=yes\nloguserfield=yes\n");
	settle();
	leg.whole_call = false;
	bb_cdr_emit(&leg);
	bb_cdr_emit(&call);
	ck_assert_str_eq(read_csv("Master.csv"), LINE ",\"n1-7\",\"u\"\n");
	ck_assert_str_eq(read_csv("sales.csv"), LINE ",\"n1-7\",\"u\"\n");
	ck_assert_ptr_null(read_csv("Legs.csv"));
	/* an account code is no path */
	unanswered.accountcode = "../../evil";
	unanswered.answer = 0;
	bb_cdr_emit(&unanswered);
	ck_assert_ptr_nonnull(
		strstr(read_csv("Master.csv"), "\"2023-11-14 22:13:20\",\"\",\"2023"));
	ck_assert_ptr_null(read_csv("../../evil.csv"));
	down();
}
END_TEST

START_TEST(test_csv_options)
{
	struct bb_cdr leg = call;

	up("[csv]\nusegmtime=yes\nlegs=yes\naccountlogs=no\nnewcdrcolumns=yes\n");
	settle();
	leg.whole_call = false;
	bb_cdr_emit(&leg);
	bb_cdr_emit(&call);
	ck_assert_str_eq(read_csv("Master.csv"), LINE ",\"n1-7\",\"3\"\n");
	ck_assert_str_eq(read_csv("Legs.csv"), LINE ",\"n1-7\",\"3\"\n");
	ck_assert_ptr_null(read_csv("sales.csv"));
	down();
}
END_TEST

static void row(const struct bb_sql_value *v, size_t n, void *arg)
{
	for (size_t i = 0; i < n; i++) {
		switch (v[i].type) {
		case BB_SQL_INT:
			bb_buf_printf(arg, "%d|", (int)v[i].i);
			break;
		case BB_SQL_REAL:
			bb_buf_printf(arg, "%.1f|", v[i].r);
			break;
		case BB_SQL_TEXT:
			bb_buf_printf(arg, "%.*s|", BB_FMT(v[i].s));
			break;
		case BB_SQL_NULL:
			bb_buf_puts(arg, "NULL|");
			break;
		}
	}
	bb_buf_putc(arg, '\n');
}

START_TEST(test_sqlite)
{
	struct bb_cdr leg = call;
	struct bb_buf b = { 0 };

	up(NULL);
	settle();
	leg.whole_call = false;
	leg.answer = 0;
	leg.mos = 0;
	bb_cdr_emit(&leg);
	bb_cdr_emit(&call);
	ck_assert_int_eq(
		bb_sql_query("SELECT kind, linkedid, src, dst, start, answer, \"end\", "
			     "duration, billsec, cause, reason, legs, codec, mos, lastdata "
			     "FROM cdr ORDER BY id",
			     row, &b),
		0);
	ck_assert_str_eq(bb_buf_cstr(&b),
			 "leg|n1-7|1001|1002|2023-11-14 22:13:20.250|NULL|2023-11-14 "
			 "22:14:25.000|65|60|16|alice hung up|2|ulaw|NULL|SIP/bob,20\nevil|\n"
			 "call|n1-7|1001|1002|2023-11-14 22:13:20.250|2023-11-14 "
			 "22:13:25.000|2023-11-14 22:14:25.000|65|60|16|alice hung up|2|ulaw|4.4|"
			 "SIP/bob,20\nevil|\n");
	bb_buf_free(&b);
	down();
}
END_TEST

/* --- DB and its sisters --- */

struct db_args {
	struct bb_str path;
};

static const char *read_func(const char *name, const char *path, int *err)
{
	static struct bb_buf out;
	const struct db_args args = { bb_strz(path) };
	struct bb_use use = { 0 };
	const struct bb_func *f = bb_use_find(BB_KIND_FUNC, bb_strz(name), &use);

	ck_assert_ptr_nonnull(f);
	bb_buf_truncate(&out, 0);
	*err = f->read(NULL, &args, &out);
	bb_use_end(&use);
	return bb_buf_cstr(&out);
}

static int write_func(const char *name, const char *path, const char *value)
{
	const struct db_args args = { bb_strz(path) };
	struct bb_use use = { 0 };
	const struct bb_func *f = bb_use_find(BB_KIND_FUNC, bb_strz(name), &use);
	int err;

	ck_assert_ptr_nonnull(f);
	err = f->write(NULL, &args, bb_strz(value));
	bb_use_end(&use);
	return err;
}

static void use_db(void *arg)
{
	int err;

	ck_assert_str_eq(read_func("DB", "f/k", &err), "");
	ck_assert_int_eq(err, 0);
	ck_assert_str_eq(read_func("DB_EXISTS", "f/k", &err), "0");
	ck_assert_int_eq(write_func("DB", "f/k/l,m", "v,w"), 0);
	ck_assert_str_eq(read_func("DB", "f/k/l,m", &err), "v,w");
	ck_assert_str_eq(read_func("DB", "/f/k/l,m", &err), "v,w");
	ck_assert_str_eq(read_func("DB_EXISTS", "f/k/l,m", &err), "1");
	ck_assert_str_eq(read_func("DB_DELETE", "f/k/l,m", &err), "v,w");
	ck_assert_int_eq(err, 0);
	ck_assert_str_eq(read_func("DB_EXISTS", "f/k/l,m", &err), "0");
	ck_assert_str_eq(read_func("DB_DELETE", "f/k/l,m", &err), "");
	ck_assert_int_eq(err, 0);
	ck_assert_int_eq(write_func("DB_DELETE", "f/k", ""), 0);
	read_func("DB", "nokey", &err);
	ck_assert_int_eq(err, -EINVAL);
	read_func("DB", "f/", &err);
	ck_assert_int_eq(err, -EINVAL);
	read_func("DB", "//k", &err);
	ck_assert_int_eq(err, -EINVAL);
	bb_store_fail(-ENOSPC);
	ck_assert_int_eq(write_func("DB", "f/k", "v"), -ENOSPC);
	ck_assert_str_eq(read_func("DB", "f/k", &err), "");
	bb_loop_stop();
}

START_TEST(test_db)
{
	struct bb_fiber *f;

	up(NULL);
	settle();
	ck_assert_int_eq(bb_fiber_spawn(&f, "test", use_db, NULL), 0);
	bb_loop_run();
	down();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("records and database");
	TCase *t = tcase_create("modules");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, test_csv);
	tcase_add_test(t, test_csv_options);
	tcase_add_test(t, test_sqlite);
	tcase_add_test(t, test_db);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
