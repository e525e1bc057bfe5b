/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a terminal is sent: widths, cutting, cleaning; tables, facts, JSON, CSV.
 */
#include "tests/unit/core/console/console_test.h"

START_TEST(test_width)
{
	ck_assert_uint_eq(bb_text_width(BB_STR("abc")), 3);
	ck_assert_uint_eq(bb_text_width(BB_STR("b\xc3\xb6rk")), 4);
	ck_assert_uint_eq(bb_text_width(BB_STR("\xe6\x97\xa5\xe6\x9c\xac")), 4); /* wide */
	ck_assert_uint_eq(bb_text_width(BB_STR("e\xcc\x81")), 1); /* combining */
	ck_assert_uint_eq(bb_text_width(BB_STR("\xff\xfe")), 2);
	ck_assert_uint_eq(bb_text_fit(BB_STR("\xe6\x97\xa5\xe6\x9c\xac"), 3), 3);
	ck_assert_uint_eq(bb_text_fit(BB_STR("abc"), 2), 2);
	ck_assert_uint_eq(bb_text_cut(BB_STR("a\xc3\xb6"), 2), 1);
	ck_assert_uint_eq(bb_text_cut(BB_STR("a\xc3\xb6"), 3), 3);
}
END_TEST

static const char *clean(struct bb_str s, bool lines)
{
	static struct bb_buf b;

	bb_buf_truncate(&b, 0);
	bb_text_clean(&b, s, lines);
	return bb_buf_cstr(&b);
}

START_TEST(test_clean)
{
	ck_assert_str_eq(clean(BB_STR("a\033[2Jb"), false), "a^[[2Jb");
	ck_assert_str_eq(clean(BB_STR("a\nb\tc"), false), "a b c");
	ck_assert_str_eq(clean(BB_STR("a\nb\tc\r"), true), "a\nb\tc^M");
	ck_assert_str_eq(clean(bb_strn("\0x", 2), true), "^@x");
	ck_assert_str_eq(clean(BB_STR("\xc3\xb6 \xc3"), true), "\xc3\xb6 \xef\xbf\xbd");
	/* overlong, surrogate, too high, C1 control, right-to-left override */
	ck_assert_str_eq(clean(BB_STR("\xc0\xaf"), true), "\xef\xbf\xbd\xef\xbf\xbd");
	ck_assert_str_eq(clean(BB_STR("\xc2\x9b"), true), "\xef\xbf\xbd");
	ck_assert_str_eq(clean(BB_STR("\xe2\x80\xae"), true), "\xef\xbf\xbd");
	ck_assert_ptr_null(strstr(clean(BB_STR("\xed\xa0\x80\xf5\x80\x80\x80"), true), "\xed"));
}
END_TEST

START_TEST(test_table)
{
	desk_open();
	ck_assert_str_eq(
		say("test table", NULL),
		"Name              Bytes In  A long text"
		"                                                 State\n"
		"alice                    7  short"
		"                                                       Up\n"
		"b\xc3\xb6rk             123456789  a text that is much longer than a narrow "
		"terminal can show  Failed\n"
		"^[[31mevil name         -1  \xef\xbf\xbd\xef\xbf\xbd,\"q\"\n"
		"3 things\n");
	desk_close();
}
END_TEST

START_TEST(test_table_fits)
{
	struct bb_str rest, line;
	const char *text;

	desk_open();
	for (unsigned width = 50; width < 120; width += 7) {
		text = say_tty("test table", width, false);
		rest = bb_strz(text);
		while (bb_str_split(&rest, '\n', &line))
			ck_assert_msg(bb_text_width(line) <= width, "%u: %.*s", width,
				      BB_FMT(line));
	}
	text = say_tty("test table", 60, false);
	ck_assert_ptr_nonnull(strstr(text, "\xe2\x80\xa6  Failed"));
	/* too narrow for what cannot be cut: nothing breaks */
	text = say_tty("test table", 10, false);
	ck_assert_ptr_nonnull(strstr(text, "a tex\xe2\x80\xa6"));
	ck_assert_ptr_null(strstr(text, "\033"));
	text = say_tty("test table", 80, true);
	ck_assert_ptr_nonnull(strstr(text, "\033[1mName"));
	ck_assert_ptr_nonnull(strstr(text, "\033[31mFailed\033[0m"));
	ck_assert_ptr_null(strstr(text, "\033[31mevil"));
	desk_close();
}
END_TEST

START_TEST(test_prose_fits)
{
	const char *text;

	desk_open();
	/* whole words, and the colour ends with the text */
	text = say_tty("queue show", 20, true);
	ck_assert_str_eq(text, "\033[31mqueues are not built\nhere\033[0m\n");
	/* a word that is longer stays whole; nobody knows the width of a pipe */
	text = say_tty("queue show", 3, false);
	ck_assert_ptr_nonnull(strstr(text, "queues"));
	ck_assert_str_eq(say_tty("queue show", 0, false), "queues are not built here\n");
	desk_close();
}
END_TEST

START_TEST(test_json)
{
	json_t *j, *rows, *row;
	int status;

	desk_open();
	j = json_loads(say("test table --json", &status), 0, NULL);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(j);
	rows = json_object_get(j, "things");
	ck_assert_uint_eq(json_array_size(rows), 3);
	row = json_array_get(rows, 1);
	ck_assert_str_eq(json_string_value(json_object_get(row, "name")), "b\xc3\xb6rk");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "bytes_in")), 123456789);
	ck_assert(json_is_string(json_object_get(row, "a_long_text")));
	ck_assert(json_is_null(json_object_get(json_array_get(rows, 2), "state")));
	ck_assert(json_is_true(json_object_get(j, "ok")));
	json_decref(j);
	j = json_loads(say("test echo --json \"two words\" 5", NULL), 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(j, "first")), "two words");
	ck_assert_int_eq(json_integer_value(json_object_get(j, "count")), 5);
	json_decref(j);
	j = json_loads(say("--json test fault", &status), 0, NULL);
	ck_assert_int_eq(status, -EIO);
	ck_assert(json_is_false(json_object_get(j, "ok")));
	ck_assert_str_eq(json_string_value(json_object_get(j, "error")), "the thing is broken");
	json_decref(j);
	j = json_loads(say("no such thing --json", &status), 0, NULL);
	ck_assert_int_eq(status, -ENOENT);
	ck_assert(json_is_string(json_object_get(j, "error")));
	json_decref(j);
	desk_close();
}
END_TEST

START_TEST(test_csv)
{
	desk_open();
	ck_assert_str_eq(
		say("test table --csv", NULL),
		"Name,Bytes In,A long text,State\n"
		"alice,7,short,Up\n"
		"b\xc3\xb6rk,123456789,a text that is much longer than a narrow terminal can "
		"show,Failed\n"
		"\"^[[31mevil\nname\",-1,\"\xef\xbf\xbd\xef\xbf\xbd,\"\"q\"\"\",\n");
	desk_close();
}
END_TEST

START_TEST(test_facts)
{
	desk_open();
	ck_assert_str_eq(say("test echo x", NULL),
			 "First:    x\nCount:    3\nColour:   -\nThe rest: \n");
	desk_close();
}
END_TEST

START_TEST(test_bound)
{
	const char *text;

	desk_open();
	text = say("test endless", NULL);
	ck_assert_uint_lt(strlen(text), BB_OUT_MAX + 1024 * 1024);
	ck_assert_ptr_nonnull(strstr(text, "the output was too long"));
	text = say("test endless --json", NULL);
	ck_assert_uint_lt(strlen(text), 3 * BB_OUT_MAX);
	ck_assert_ptr_nonnull(strstr(text, "the output was too long"));
	desk_close();
}
END_TEST

Suite *text_suite(void)
{
	Suite *s = suite_create("console output");
	TCase *t = tcase_create("output");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_width);
	tcase_add_test(t, test_clean);
	tcase_add_test(t, test_table);
	tcase_add_test(t, test_table_fits);
	tcase_add_test(t, test_json);
	tcase_add_test(t, test_csv);
	tcase_add_test(t, test_prose_fits);
	tcase_add_test(t, test_facts);
	tcase_add_test(t, test_bound);
	suite_add_tcase(s, t);
	return s;
}
