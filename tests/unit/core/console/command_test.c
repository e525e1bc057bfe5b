/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finding commands, their arguments, completion, and the commands of this room.
 */
#include "bbtest.h"
#include "core/base/log_core.h"
#include "tests/unit/core/console/console_test.h"

static int status_of(const char *line)
{
	int status;

	say(line, &status);
	return status;
}

START_TEST(test_words)
{
	struct bb_arena *a = bb_arena_new(4096);
	struct bb_words w;
	char many[400];

	ck_assert_int_eq(bb_words_split(&w, BB_STR("  a \"b c\"d 'e\\' \\\"f "), a), 0);
	ck_assert_uint_eq(w.n, 4);
	ck_assert(bb_str_is(w.v[1].text, "b cd"));
	ck_assert(bb_str_is(w.v[2].text, "e\\"));
	ck_assert(bb_str_is(w.v[3].text, "\"f"));
	ck_assert(w.more);
	ck_assert_int_eq(bb_words_split(&w, BB_STR("a \"b"), a), 0);
	ck_assert(w.open && !w.more);
	ck_assert_int_eq(bb_words_split(&w, BB_STR(""), a), 0);
	ck_assert(w.n == 0 && w.more);
	ck_assert_int_eq(bb_words_split(&w, BB_STR("a --json \"--csv\""), a), 0);
	ck_assert(w.json && !w.csv && w.n == 2);
	memset(many, ' ', sizeof(many));
	for (size_t i = 0; i < sizeof(many); i += 2)
		many[i] = 'x';
	ck_assert_int_eq(bb_words_split(&w, bb_strn(many, sizeof(many)), a), -E2BIG);
	bb_arena_free(a);
}
END_TEST

START_TEST(test_find)
{
	desk_open();
	ck_assert_int_eq(status_of("test table"), 0);
	ck_assert_int_eq(status_of("TEST Table"), 0);
	ck_assert_int_eq(status_of("te ta"), 0);
	ck_assert_int_eq(status_of("old echo x"), 0);
	ck_assert_int_eq(status_of(""), 0);
	ck_assert_int_eq(status_of("   "), 0);
	/* "f" may be fail or fault */
	ck_assert_int_eq(status_of("test f"), -EAGAIN);
	ck_assert_ptr_nonnull(strstr(say("test f", NULL), "may mean: fail, fault"));
	ck_assert_int_eq(status_of("test"), -ENOENT);
	ck_assert_ptr_nonnull(strstr(say("test", NULL), "not complete"));
	ck_assert_int_eq(status_of("tset table"), -ENOENT);
	ck_assert_ptr_nonnull(strstr(say("tset table", NULL), "Did you mean \"test table\"?"));
	/* what is Asterisk's and none here has a sentence of its own, or one of ours that does it
	 */
	ck_assert_int_eq(status_of("queue show"), -ENOENT);
	ck_assert_ptr_nonnull(strstr(say("queue show", NULL), "queues are not built here"));
	ck_assert_ptr_nonnull(strstr(say("pjsip show auths", NULL), "sip show endpoint NAME"));
	ck_assert_ptr_nonnull(strstr(say("agix", NULL), "no such command"));
	ck_assert_ptr_nonnull(strstr(say("soft hangup x", NULL), "\"channel request hangup x\""));
	/* the longest command wins; otherwise it is an argument */
	ck_assert_ptr_nonnull(strstr(say("test echo twice x", NULL), "First:    x"));
	ck_assert_ptr_nonnull(strstr(say("test echo thrice", NULL), "First:    thrice"));
	desk_close();
}
END_TEST

START_TEST(test_arguments)
{
	const char *text;

	desk_open();
	text = say("test echo \"a b\" 9 green and  \"all\" that", NULL);
	ck_assert_str_eq(text,
			 "First:    a b\nCount:    9\nColour:   green\nThe rest: and  \"all\" "
			 "that\n");
	text = say("test echo x 1 red \"one quoted\"", NULL);
	ck_assert_ptr_nonnull(strstr(text, "The rest: one quoted\n"));
	ck_assert_int_eq(status_of("test echo"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(say("test echo", NULL), "first is missing: A word."));
	ck_assert_ptr_nonnull(strstr(say("test echo", NULL),
				     "Usage: test echo <first> [<count>] [red|green] [<rest>"));
	ck_assert_int_eq(status_of("test echo x 11"), -EINVAL);
	ck_assert_int_eq(status_of("test echo x blue"), -EINVAL);
	ck_assert_int_eq(status_of("test echo x 1 blue"), -EINVAL);
	ck_assert_int_eq(status_of("test table x"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(say("test table x", NULL), "\"x\" is one word too many"));
	ck_assert_int_eq(status_of("test echo \"x"), -EINVAL);
	desk_close();
}
END_TEST

START_TEST(test_status)
{
	int status;

	desk_open();
	ck_assert_str_eq(say("test wait", &status), "waited\n");
	ck_assert_int_eq(status, 0);
	ck_assert_str_eq(say("test fail", &status), "test fail: Device or resource busy\n");
	ck_assert_int_eq(status, -EBUSY);
	ck_assert_str_eq(say("test fault", &status), "the thing is broken\n");
	ck_assert_int_eq(status, -EIO);
	desk_close();
}
END_TEST

START_TEST(test_completion)
{
	desk_open();
	ck_assert_str_eq(tab("te"), "test");
	ck_assert_str_eq(tab("test "), "echo endless fail fault log many table wait");
	ck_assert_str_eq(tab("test f"), "fail fault");
	ck_assert_str_eq(tab("te ec"), "echo");
	ck_assert_str_eq(tab("test echo "), "apple apricot banana twice");
	ck_assert_str_eq(tab("test echo ap"), "apple apricot");
	ck_assert_str_eq(tab("test echo apple 1 "), "green red");
	ck_assert_str_eq(tab("test echo apple 1 r"), "red");
	ck_assert_str_eq(tab("nothing like "), "");
	ck_assert_str_eq(tab("x\"\\"), "");
	ck_assert_ptr_nonnull(strstr(tab(""), "core"));
	ck_assert_str_eq(tab("core show hel"), "help");
	ck_assert_str_eq(tab("core show help datab"), "database");
	ck_assert_str_eq(tab("core show help database del"), "del deltree");
	desk_close();
}
END_TEST

START_TEST(test_help)
{
	const char *text;
	int status;

	desk_open();
	text = say("core show help", &status);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(text, "database put"));
	ck_assert_ptr_null(strstr(text, "old echo"));
	text = say("core show help database put", &status);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(text, "database put <family> <key> <value>"));
	ck_assert_ptr_nonnull(strstr(text, "[Arguments]"));
	text = say("core show help database", &status);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(text, "database deltree"));
	ck_assert_ptr_null(strstr(text, "core show threads"));
	text = say("core show help nonsense", &status);
	ck_assert_int_eq(status, -ENOENT);
	ck_assert_int_eq(status_of("core show threads"), 0);
	text = say("core show memory --json", &status);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(strstr(text, "\"resident_kb\""));
	ck_assert_ptr_nonnull(strstr(text, "\"database cache\""));
	desk_close();
}
END_TEST

START_TEST(test_levels)
{
	desk_open();
	/* nobody sits here: it is for the files */
	ck_assert_int_eq(status_of("core set verbose 4"), 0);
	ck_assert_int_eq(bb_log_verbose(), 4);
	ck_assert_int_eq(status_of("core set debug 2 everywhere"), 0);
	ck_assert_int_eq(bb_log_debug(), 2);
	ck_assert_int_eq(status_of("core set verbose off"), 0);
	ck_assert_int_eq(bb_log_verbose(), 0);
	ck_assert_int_eq(status_of("core set verbose 3 here"), -EINVAL);
	ck_assert_int_eq(status_of("core set verbose 11"), -EINVAL);
	ck_assert_int_eq(status_of("core set verbose much"), -EINVAL);
	bb_log_set_debug(0);
	desk_close();
}
END_TEST

START_TEST(test_database)
{
	const char *text;
	int status;

	desk_open();
	ck_assert_int_eq(status_of("database put cidname 1234 Big Boss"), 0);
	ck_assert_int_eq(status_of("database put cidname/x 5 \"a  b\""), 0);
	ck_assert_int_eq(status_of("database put other k v"), 0);
	text = say("database show", NULL);
	ck_assert_str_eq(text, "Family   Key   Value\n"
			       "cidname  1234  Big Boss\n"
			       "cidname  x/5   a  b\n"
			       "other    k     v\n"
			       "3 keys\n");
	text = say("database show cidname x", NULL);
	ck_assert_ptr_nonnull(strstr(text, "1 key\n"));
	ck_assert_str_eq(say("database get cidname 1234", NULL), "Value: Big Boss\n");
	say("database get cidname nobody", &status);
	ck_assert_int_eq(status, -ENOENT);
	ck_assert_str_eq(tab("database get ot"), "other");
	ck_assert_str_eq(tab("database get other "), "k");
	ck_assert_str_eq(tab("database get cidname 1"), "1234");
	ck_assert_int_eq(status_of("database del other k"), 0);
	ck_assert_int_eq(status_of("database del other k"), -ENOENT);
	ck_assert_str_eq(say("database deltree cidname", NULL), "Removed: 2\n");
	ck_assert_ptr_nonnull(strstr(say("database show", NULL), "0 keys"));
	bb_store_fail(-ENOSPC);
	text = say("database put a b c", &status);
	ck_assert_int_eq(status, -ENOSPC);
	ck_assert_ptr_nonnull(strstr(text, "cannot be written"));
	desk_close();
}
END_TEST

static void count_word(struct bb_str word, void *arg)
{
	++*(unsigned *)arg;
}

/* Each line answers or fails, as a whole. */
START_TEST(test_without_memory)
{
	desk_open();
	BBT_OOM(3000)
	{
		struct bb_buf text = { 0 };
		unsigned words = 0;
		int plain, json;

		plain = bb_console_exec(BB_STR("test echo 'a b' 4 red \"c\" d"), BB_OUT_TEXT,
					&text);
		json = bb_console_exec(BB_STR("test table"), BB_OUT_JSON, &text);
		bb_console_exec(BB_STR("tset table"), BB_OUT_TEXT, &text);
		bb_console_exec(BB_STR("core show help test"), BB_OUT_TEXT, &text);
		bb_console_complete(BB_STR("test echo x 1 "), count_word, &words);
		if (!bbt_oom) {
			ck_assert_int_eq(plain, 0);
			ck_assert_int_eq(json, 0);
			ck_assert_uint_eq(words, 2);
			ck_assert_ptr_nonnull(strstr(bb_buf_cstr(&text), "Did you mean"));
		}
		bb_buf_free(&text);
	}
	desk_close();
}
END_TEST

Suite *command_suite(void)
{
	Suite *s = suite_create("console commands");
	TCase *t = tcase_create("commands");

	tcase_add_test(t, test_words);
	tcase_add_test(t, test_find);
	tcase_add_test(t, test_arguments);
	tcase_add_test(t, test_status);
	tcase_add_test(t, test_completion);
	tcase_add_test(t, test_help);
	tcase_add_test(t, test_levels);
	tcase_add_test(t, test_database);
	tcase_add_test(t, test_without_memory);
	suite_add_tcase(s, t);
	return s;
}
