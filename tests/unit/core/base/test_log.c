/* SPDX-License-Identifier: BSD-3-Clause */
/* Log lines and appended records, by the files they end in. */
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bellbird/append.h>
#include <bellbird/log.h>
#include <jansson.h>

#include "bbtest.h"
#include "core/base/log_core.h"

static char dir[] = "/tmp/bblogXXXXXX";
static char path[64], other[64];

static void up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/full", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	ck_assert_int_eq(bb_log_init(), 0);
	bb_log_set_call_id(NULL);
}

static void down(void)
{
	char gone[80];

	bb_log_close();
	unlink(path);
	unlink(other);
	snprintf(gone, sizeof(gone), "%s.1", path);
	unlink(gone);
	rmdir(dir);
}

static struct bb_log_filter filter(const char *text)
{
	struct bb_log_filter f;

	ck_assert_int_eq(bb_log_parse_filter(&f, bb_strz(text), NULL), 0);
	return f;
}

static void add(const char *where, const char *levels, enum bb_log_format format)
{
	struct bb_log_filter f = filter(levels);

	ck_assert_int_eq(bb_log_add_file(where, &f, format), 0);
}

static char *slurp(const char *from)
{
	static char text[200000];
	FILE *f;
	size_t n;

	bb_log_flush();
	f = fopen(from, "r");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

START_TEST(levels_choose_the_file)
{
	char *text;

	up();
	add(path, "notice,warning", BB_LOG_TEXT);
	add(other, "error,verbose(3)", BB_LOG_TEXT);
	ck_assert(bb_log_wanted(BB_LOG_VERBOSE, 3));
	ck_assert(!bb_log_wanted(BB_LOG_VERBOSE, 4));
	ck_assert(!bb_log_wanted(BB_LOG_DEBUG, 1));
	bb_log_set_call_id("call-1");
	bb_warning("odd %d", 7);
	bb_error("bad");
	bb_verbose(3, "seen");
	bb_verbose(4, "unseen");
	text = slurp(path);
	ck_assert_ptr_nonnull(strstr(text, "WARNING[call-1] test_log.c:"));
	ck_assert_ptr_nonnull(strstr(text, ": odd 7\n"));
	ck_assert_ptr_null(strstr(text, "bad"));
	text = slurp(other);
	ck_assert_ptr_nonnull(strstr(text, "bad\n"));
	ck_assert_ptr_nonnull(strstr(text, "VERBOSE[call-1]:     -- seen\n"));
	ck_assert_ptr_null(strstr(text, "unseen"));
	ck_assert_int_eq(bb_log_remove_file(other), 0);
	ck_assert_int_eq(bb_log_remove_file(other), -ENOENT);
	ck_assert(!bb_log_wanted(BB_LOG_ERROR, 0));
	down();
}
END_TEST

START_TEST(depths_follow_the_console)
{
	up();
	add(path, "*", BB_LOG_TEXT);
	ck_assert(!bb_log_wanted(BB_LOG_DEBUG, 1));
	bb_log_set_debug(2);
	bb_log_set_verbose(5);
	ck_assert(bb_log_wanted(BB_LOG_DEBUG, 2));
	ck_assert(!bb_log_wanted(BB_LOG_DEBUG, 3));
	ck_assert(bb_log_wanted(BB_LOG_VERBOSE, 5));
	ck_assert_int_eq(bb_log_debug(), 2);
	ck_assert_int_eq(bb_log_verbose(), 5);
	down();
}
END_TEST

START_TEST(a_stranger_cannot_forge_lines)
{
	char *text;

	up();
	add(path, "notice", BB_LOG_TEXT);
	bb_notice("from %s", "evil\r\n[2026] ERROR: forged\033[2J\n");
	text = slurp(path);
	ck_assert_ptr_nonnull(strstr(text, "evil\n    [2026] ERROR: forged\\x1b[2J\n"));
	down();
}
END_TEST

START_TEST(json_lines)
{
	char *text;
	json_t *j;

	up();
	add(path, "notice,debug(1)", BB_LOG_JSON);
	bb_log_set_call_id("c\"1");
	bb_notice("a \"b\" \\ \x01 \xff \xc3\xa9 \n end");
	text = slurp(path);
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	j = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert_str_eq(json_string_value(json_object_get(j, "message")),
			 "a \"b\" \\ \x01 \xef\xbf\xbd \xc3\xa9 \n end");
	ck_assert_str_eq(json_string_value(json_object_get(j, "call")), "c\"1");
	ck_assert_str_eq(json_string_value(json_object_get(j, "level")), "NOTICE");
	ck_assert_int_gt(json_integer_value(json_object_get(j, "line")), 10);
	json_decref(j);
	down();
}
END_TEST

START_TEST(rotation)
{
	char moved[80];

	up();
	snprintf(moved, sizeof(moved), "%s.1", path);
	add(path, "notice", BB_LOG_TEXT);
	bb_notice("first");
	bb_log_flush();
	ck_assert_int_eq(rename(path, moved), 0);
	bb_log_rotate();
	bb_notice("second");
	ck_assert_ptr_nonnull(strstr(slurp(path), "second"));
	ck_assert_ptr_null(strstr(slurp(path), "first"));
	ck_assert_ptr_nonnull(strstr(slurp(moved), "first"));
	down();
}
END_TEST

static unsigned lost, failing;

static void sum(const struct bb_log_info *i, void *arg)
{
	lost += (unsigned)i->lost;
	failing += i->err != 0;
}

START_TEST(one_sentence_for_a_file_that_fails)
{
	char *text, *at;

	up();
	snprintf(other, sizeof(other), "%s/none/log", dir);
	add(path, "error,notice", BB_LOG_TEXT);
	add(other, "notice", BB_LOG_TEXT);
	for (int i = 0; i < 10; i++) {
		bb_notice("line %d", i);
		bb_log_flush();
	}
	text = slurp(path);
	ck_assert_ptr_nonnull(strstr(text, "line 9"));
	at = strstr(text, "Cannot write");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(strstr(at, "No such file"));
	ck_assert_ptr_null(strstr(at + 1, "Cannot write"));
	bb_log_each(sum, NULL);
	ck_assert_uint_eq(failing, 1);
	ck_assert_uint_eq(lost, 10);
	/* It works again: told, and no longer lost. */
	snprintf(other, sizeof(other), "%s/none", dir);
	ck_assert_int_eq(mkdir(other, 0700), 0);
	bb_log_rotate();
	bb_notice("back");
	bb_log_flush();
	ck_assert_ptr_nonnull(strstr(slurp(path), "is written again; 10 entries were lost"));
	snprintf(other, sizeof(other), "%s/none/log", dir);
	unlink(other);
	snprintf(other, sizeof(other), "%s/none", dir);
	rmdir(other);
	down();
}
END_TEST

START_TEST(a_full_disk)
{
	up();
	add("/dev/full", "notice", BB_LOG_TEXT);
	add(path, "error", BB_LOG_TEXT);
	bb_notice("x");
	bb_log_flush();
	ck_assert_ptr_nonnull(strstr(slurp(path), "No space left on device"));
	down();
}
END_TEST

START_TEST(a_full_queue_drops_and_counts)
{
	up();
	add(path, "*", BB_LOG_TEXT);
	bb_log_set_queue_max(10);
	bb_notice("too long for ten bytes");
	ck_assert_uint_eq(bb_log_dropped(), 1);
	ck_assert_int_eq(bb_append_file(other, BB_STR("record")), -ENOBUFS);
	bb_log_set_queue_max(1 << 20);
	bb_notice("room");
	bb_log_flush();
	ck_assert_ptr_nonnull(strstr(slurp(path), "2 log lines or records were dropped"));
	down();
}
END_TEST

static void *logs(void *arg)
{
	bb_log_set_call_id("thread");
	for (int i = 0; i < 200; i++)
		bb_notice("thread line");
	return NULL;
}

START_TEST(threads)
{
	pthread_t t[4];
	unsigned n = 0;

	up();
	add(path, "notice", BB_LOG_TEXT);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, logs, NULL), 0);
	for (int i = 0; i < 50; i++)
		bb_log_rotate();
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (char *p = slurp(path); (p = strstr(p, "NOTICE[thread]")); p++)
		n++;
	ck_assert_uint_eq(n, 800);
	down();
}
END_TEST

START_TEST(records)
{
	up();
	ck_assert_int_eq(bb_append_file(path, BB_STR("a,b\n")), 0);
	ck_assert_int_eq(bb_append_file(other, BB_STR("other\n")), 0);
	ck_assert_int_eq(bb_append_file(path, BB_STR("c,d\n")), 0);
	ck_assert_int_eq(bb_append_file("", BB_STR("c,d\n")), -EINVAL);
	bb_log_flush();
	ck_assert_str_eq(slurp(path), "a,b\nc,d\n");
	ck_assert_str_eq(slurp(other), "other\n");
	down();
	ck_assert_int_eq(bb_append_file(path, BB_STR("late")), -ECANCELED);
}
END_TEST

static unsigned sunk;

static void sink(const struct bb_log_line *l, void *arg)
{
	bb_assert_control();
	ck_assert_str_eq(l->text, "to the console");
	ck_assert_str_eq(l->call_id, "c7");
	/* A sink that logs is not called within itself. */
	if (++sunk == 1)
		bb_verbose(2, "to the console");
}

START_TEST(consoles)
{
	struct bb_log_filter f = filter("verbose(2)");
	struct bb_log_sink *s;

	up();
	ck_assert_int_eq(bb_log_add_sink(&s, &f, sink, NULL), 0);
	bb_log_set_call_id("c7");
	bb_verbose(2, "to the console");
	bb_verbose(3, "too deep");
	ck_assert_uint_eq(sunk, 0);
	bb_sim_settle();
	ck_assert_uint_eq(sunk, 2);
	bb_verbose(2, "to the console");
	bb_log_remove_sink(s);
	bb_sim_settle();
	ck_assert_uint_eq(sunk, 2);
	down();
}
END_TEST

START_TEST(filters)
{
	struct bb_log_filter f;
	struct bb_str bad;

	ck_assert_int_eq(bb_log_parse_filter(&f, BB_STR("Notice, debug(4) ,dtmf"), &bad), 0);
	ck_assert_uint_eq(f.levels, BB_LOG_BIT(BB_LOG_NOTICE) | BB_LOG_BIT(BB_LOG_DEBUG) |
					    BB_LOG_BIT(BB_LOG_DTMF));
	ck_assert_int_eq(f.debug, 4);
	ck_assert_int_eq(bb_log_parse_filter(&f, BB_STR("notice,wraning"), &bad), -EINVAL);
	bbt_str_eq(bad, "wraning");
	ck_assert_int_eq(bb_log_parse_filter(&f, BB_STR("debug(11)"), &bad), -EINVAL);
	ck_assert_int_eq(bb_log_parse_filter(&f, BB_STR("notice(2)"), &bad), -EINVAL);
	ck_assert_int_eq(bb_log_parse_filter(&f, BB_STR("debug("), &bad), -EINVAL);
}
END_TEST

START_TEST(limits)
{
	struct bb_log_limit l = { .burst = 3, .every = BB_SEC };
	unsigned dropped = 99;

	for (int i = 0; i < 3; i++)
		ck_assert(bb_log_allow(&l, &dropped));
	ck_assert_uint_eq(dropped, 0);
	ck_assert(!bb_log_allow(&l, &dropped));
	ck_assert(!bb_log_allow(&l, &dropped));
	bb_sim_advance(BB_SEC);
	ck_assert(bb_log_allow(&l, &dropped));
	ck_assert_uint_eq(dropped, 2);
	ck_assert(!bb_log_allow(&l, &dropped));
	bb_sim_advance(100 * BB_SEC);
	for (int i = 0; i < 3; i++)
		ck_assert(bb_log_allow(&l, &dropped));
	ck_assert(!bb_log_allow(&l, &dropped));
}
END_TEST

START_TEST(without_memory)
{
	up();
	add(path, "*", BB_LOG_TEXT);
	BBT_OOM(200)
	{
		int err;

		bb_notice("%600s", "long");
		bb_log_flush();
		err = bb_append_file(other, BB_STR("x"));
		ck_assert(err == 0 || err == -ENOMEM);
		bb_log_flush();
	}
	down();
}
END_TEST

BBT_MAIN("core/base/log",
	 BBT_CASE("files", BBT_NO_LOOP, levels_choose_the_file, depths_follow_the_console,
		  a_stranger_cannot_forge_lines, json_lines, rotation,
		  one_sentence_for_a_file_that_fails, a_full_disk, a_full_queue_drops_and_counts,
		  threads, records, filters, without_memory),
	 BBT_CASE("loop", BBT_SIMULATED, consoles, limits))
