/* SPDX-License-Identifier: BSD-3-Clause */
/* The grammar of .conf files: lines, comments, sections, templates, includes, places. */
#include "bbtest.h"
#include "core/config/config.h"

#include <sys/stat.h>
#include <unistd.h>

static struct bb_diag *diag;
static struct bb_conf_text *text;

static void begin(void)
{
	ck_assert_int_eq(bb_diag_new(&diag), 0);
}

static void end(void)
{
	bb_conf_text_free(text);
	text = NULL;
	bb_diag_free(diag);
	diag = NULL;
	bb_conf_intern_free();
}

static void parse(const char *data)
{
	begin();
	ck_assert_int_eq(bb_conf_text_parse(&text, NULL, "t.conf", bb_strz(data), diag), 0);
}

/* The whole text as "[a]x=1;y>2;[b]!" */
static void flat(struct bb_buf *b)
{
	bb_list_each (node, &text->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		bb_buf_printf(b, "[%s]%s", s->name.p, s->is_template ? "!" : "");
		bb_list_each (ln, &s->lines) {
			struct bb_conf_line *l = bb_list_entry(ln, struct bb_conf_line, node);

			bb_buf_printf(b, "%s%s%s;", l->name.p, l->arrow ? ">" : "=", l->value.p);
		}
	}
}

static void expect(const char *data, const char *want)
{
	struct bb_buf b = { 0 };

	parse(data);
	flat(&b);
	ck_assert_str_eq(bb_buf_cstr(&b), want);
	ck_assert_msg(bb_diag_count(diag, BB_MISTAKE) == 0, "%s: %s", data,
		      bb_diag_at(diag, 0) ? bb_diag_at(diag, 0)->text : "");
	bb_buf_free(&b);
	end();
}

START_TEST(lines)
{
	expect("[a]\nx=1\ny => 2\n z\t=\t 3 4 \r\nempty=\n", "[a]x=1;y>2;z=3 4;empty=;");
	expect("\xef\xbb\xbf[a]\nx=1", "[a]x=1;");
	expect("[a]\nx=1=2\nexten => 1,1,Set(a=b)\n", "[a]x=1=2;exten>1,1,Set(a=b);");
	expect("", "");
}
END_TEST

START_TEST(comments)
{
	expect("; one\n[a] ; two\nx=1;three\n", "[a]x=1;");
	expect("[a]\nx=1\\;2 ; c\n", "[a]x=1;2;");
	expect("[a]\nx=\\;\\;\n", "[a]x=;;;");
	expect("[a]\n;-- x=1\n y=2 --;z=3\n", "[a]z=3;");
	expect("[a]\nx=1 ;-- in --; 2\n", "[a]x=1  2;");
	expect("[a]\n;--- no block\nx=1\n", "[a]x=1;");
	expect("[a]\n;-- a ;-- b --; c --;x=1\n", "[a]x=1;");
	expect("[a]\n;--;\nx=1\n--;y=2\n", "[a]y=2;");
	expect("[a]\n;----------;\nx=1\n", "[a]x=1;");
}
END_TEST

START_TEST(templates)
{
	expect("[t](!)\nx=1\n[a](t)\ny=2\n", "[t]!x=1;[a]x=1;y=2;");
	expect("[t](!)\nx=1\n[u](!,t)\ny=2\n[a](u)\n", "[t]!x=1;[u]!x=1;y=2;[a]x=1;y=2;");
	expect("[t](!)\nx=1\n[u](!)\ny=2\n[a](t,u)\n", "[t]!x=1;[u]!y=2;[a]x=1;y=2;");
	/* What is added to a template later does not reach who inherited before. */
	expect("[t](!)\nx=1\n[a](t)\n[t](+)\ny=2\n", "[t]!x=1;y=2;[a]x=1;");
	expect("[a]\nx=1\n[b]\n[a](+)\ny=2\n", "[a]x=1;y=2;[b]");
	expect("[a]\nx=1\n[a]\ny=2\n", "[a]x=1;[a]y=2;");
	expect("[a]\ntype=auth\n[a]\ntype=aor\n[a](+type=aor)\nz=1\n",
	       "[a]type=auth;[a]type=aor;z=1;");
	expect("[a]\nx=1\n[a](+)\nx+=2\n", "[a]x=12;");
	expect("[a]\nx=1\nx += ,2\n", "[a]x=1 ,2;");
	expect("[a]\nx += 2\n", "[a]x=2;");
	expect("[T](!)\nx=1\n[a](t)\n", "[T]!x=1;[a]x=1;");
}
END_TEST

static void mistake(const char *data, unsigned line, unsigned column, const char *part)
{
	const struct bb_diag_item *it = NULL;

	parse(data);
	for (size_t i = 0; bb_diag_at(diag, i); i++)
		if (bb_diag_at(diag, i)->sev == BB_MISTAKE) {
			it = bb_diag_at(diag, i);
			break;
		}
	ck_assert_msg(it != NULL, "no mistake in: %s", data);
	ck_assert_msg(strstr(it->text, part) != NULL, "'%s' does not say '%s'", it->text, part);
	ck_assert_msg(it->at.line == line && it->at.column == column, "%s: at %u:%u, not %u:%u",
		      it->text, it->at.line, it->at.column, line, column);
	ck_assert_str_eq(it->at.file, "t.conf");
	end();
}

START_TEST(mistakes)
{
	mistake("[a\nx=1\n", 1, 1, "no closing ']'");
	mistake("x=1\n", 1, 1, "before any [section]");
	mistake("[a]\n  junk\n", 2, 3, "no '='");
	mistake("[a]\n =1\n", 2, 2, "no name");
	mistake("[a] junk\n", 1, 5, "after ']'");
	mistake("[a](t\n", 1, 4, "no closing ')'");
	mistake("[tmpl](!)\n[a](tmlp)\n", 2, 5, "did you mean [tmpl]");
	mistake("[a](+)\n", 1, 5, "adds to [a]");
	mistake("[a]\n\n;-- x\ny=1\n", 3, 0, "never closed");
	mistake("[a]\n#exec date\n", 2, 1, "#exec is not supported");
	mistake("[a]\n#inclued \"x\"\n", 2, 1, "did you mean 'include'");
	mistake("[a]\n#include\n", 2, 1, "needs the name");
	mistake("[a]\n#include \"x\"\n", 2, 10, "cannot be included");
	mistake("[a](b) c\n", 1, 7, "text after");
}
END_TEST

START_TEST(places)
{
	struct bb_conf_section *s;
	struct bb_conf_line *l;

	parse("[t](!)\n  x = hello ;-- c --;world\n[a](t)\n ;-- c --; y=1\n");
	s = bb_conf_section_find(text, BB_STR("a"), false);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->at.line, 3);
	l = bb_list_entry(s->lines.head, struct bb_conf_line, node);
	bbt_str_eq(l->value, "hello world");
	ck_assert(l->inherited);
	ck_assert_uint_eq(l->at.line, 2);
	ck_assert_uint_eq(l->at.column, 3);
	ck_assert_uint_eq(l->value_at.column, 7);
	ck_assert_ptr_nonnull(l->columns);
	ck_assert_uint_eq(l->columns[6], 22); /* the w */
	l = bb_list_entry(l->node.next, struct bb_conf_line, node);
	ck_assert_uint_eq(l->at.line, 4);
	ck_assert_uint_eq(l->at.column, 12);
	ck_assert_ptr_null(l->columns);
	end();
}
END_TEST

/* --- files --- */

static char dir[] = "/tmp/bb-conf-XXXXXX";

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

static void remove_all(void)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

START_TEST(includes)
{
	struct bb_buf b = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	file("a.conf", "[a]\n#include \"b.inc\"\nlast=1\n#tryinclude none.inc\n"
		       "#include <x_*.inc>\n#include \"no_*.inc\"\n");
	file("b.inc", "in=b\n[b]\nx=1\n");
	file("x_2.inc", "[x2]\n");
	file("x_1.inc", "[x1]\ny=1\n");
	begin();
	ck_assert_int_eq(bb_conf_text_read(&text, dir, "a.conf", diag), 0);
	flat(&b);
	/* Lines behind an include belong to the section before it. */
	ck_assert_str_eq(bb_buf_cstr(&b), "[a]in=b;last=1;[b]x=1;[x1]y=1;[x2]");
	ck_assert_uint_eq(bb_diag_count(diag, BB_MISTAKE), 0);
	ck_assert_uint_eq(bb_diag_count(diag, BB_WARN), 1);
	ck_assert_uint_eq(text->files.count, 4);
	bb_buf_free(&b);
	end();
	file("c.conf", "[a]\n#include \"nothere.inc\"\n");
	begin();
	ck_assert_int_eq(bb_conf_text_read(&text, dir, "c.conf", diag), 0);
	ck_assert_uint_eq(bb_diag_count(diag, BB_MISTAKE), 1);
	ck_assert_ptr_nonnull(strstr(bb_diag_at(diag, 0)->text, "does not exist"));
	ck_assert_uint_eq(bb_diag_at(diag, 0)->at.line, 2);
	end();
	file("d.conf", "[a]\n#include \"d.conf\"\n");
	begin();
	ck_assert_int_eq(bb_conf_text_read(&text, dir, "d.conf", diag), 0);
	ck_assert_uint_eq(bb_diag_count(diag, BB_MISTAKE), 1);
	ck_assert_ptr_nonnull(strstr(bb_diag_at(diag, 0)->text, "nested more than"));
	end();
	begin();
	ck_assert_int_eq(bb_conf_text_read(&text, dir, "e.conf", diag), -ENOENT);
	ck_assert_ptr_null(bb_diag_at(diag, 0));
	end();
	begin();
	ck_assert_int_lt(bb_conf_text_read(&text, "/", "tmp", diag), 0);
	ck_assert_uint_eq(bb_diag_count(diag, BB_MISTAKE), 1);
	end();
	remove_all();
}
END_TEST

START_TEST(without_memory)
{
	BBT_OOM(500)
	{
		struct bb_diag *d = NULL;
		struct bb_conf_text *t = NULL;
		int err = bb_diag_new(&d);

		if (!err)
			err = bb_conf_text_parse(&t, NULL, "t.conf",
						 BB_STR("[t](!)\nx=1 ;-- --;2\n[a](t)\nx+=2\n"
							"junk\n[b](none)\n"),
						 d);
		if (!bbt_oom) {
			ck_assert_int_eq(err, 0);
			ck_assert_uint_eq(bb_diag_count(d, BB_MISTAKE), 2);
		}
		bb_conf_text_free(err ? NULL : t);
		bb_diag_free(d);
		bb_conf_intern_free();
	}
}
END_TEST

BBT_MAIN("core/config/reader",
	 BBT_CASE("grammar", BBT_NO_LOOP, lines, comments, templates, mistakes, places),
	 BBT_CASE("files", BBT_NO_LOOP, includes), BBT_CASE("memory", BBT_NO_LOOP, without_memory))
