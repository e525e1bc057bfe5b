/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nothing without help: every descriptor of the core and of the modules that
 * are built, and the manual that is made of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "core/config/config.h"
#include "core/registry/registry.h"
#include "tests/unit/core/console/console_test.h"

static char dir[64];
static unsigned commands;

static void judge(const struct bb_cli *cli, const char *spelling, bool alias, void *arg)
{
	(void)arg;
	commands++;
	ck_assert_msg(cli->run != NULL, "%s", spelling);
	ck_assert_msg(cli->doc.summary && cli->doc.summary[0], "%s has no summary", spelling);
	ck_assert_msg(alias || cli->doc.since, "%s: since when?", spelling);
	for (const struct bb_field *f = cli->args; f && f->name; f++) {
		ck_assert_msg(f->doc && f->doc[0], "%s: %s is not explained", spelling, f->name);
		/* only the last may take the rest */
		ck_assert_msg(f->type != BB_T_REST || !f[1].name, "%s: %s", spelling, f->name);
	}
	/* completion and matching go by words */
	ck_assert_msg(strstr(spelling, "  ") == NULL && spelling[0] != ' ', "'%s'", spelling);
}

/* Words that mean two things cannot be told apart. */
static void unique(const struct bb_cli *cli, const char *spelling, bool alias, void *arg)
{
	struct bb_arena *a = bb_arena_new(8192);
	struct bb_words w;
	struct bb_command c;

	(void)alias;
	(void)arg;
	ck_assert_int_eq(bb_words_split(&w, bb_strz(spelling), a), 0);
	ck_assert_msg(bb_command_find(&w, &c, NULL) == 0, "%s", spelling);
	ck_assert_msg(c.cli == cli, "\"%s\" is there twice", spelling);
	bb_command_end(&c);
	bb_arena_free(a);
}

static int count(xmlDoc *doc, const char *path)
{
	xmlXPathContext *ctxt = xmlXPathNewContext(doc);
	xmlXPathObject *o = xmlXPathEvalExpression((const xmlChar *)path, ctxt);
	int n = o && o->nodesetval ? o->nodesetval->nodeNr : 0;

	xmlXPathFreeObject(o);
	xmlXPathFreeContext(ctxt);
	return n;
}

static void up(void)
{
	snprintf(dir, sizeof(dir), "/tmp/bellbird-manual-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(bb_config_init(dir, dir), 0);
	desk_open();
	ck_assert_int_eq(bb_registry_init(), 0);
}

static void down(void)
{
	char name[128];

	ck_assert_uint_eq(bb_registry_close(), 0);
	desk_close();
	bb_config_close();
	snprintf(name, sizeof(name), "%s/manual.xml", dir);
	unlink(name);
	snprintf(name, sizeof(name), "%s/manual.html", dir);
	unlink(name);
	rmdir(dir);
}

START_TEST(test_commands)
{
	up();
	bb_command_each(judge, NULL);
	bb_command_each(unique, NULL);
	ck_assert_uint_gt(commands, 10);
	down();
}
END_TEST

START_TEST(test_installed)
{
	struct bb_diag *d;

	up();
	ck_assert_int_eq(bb_diag_new(&d), 0);
	bb_modules_scan(d);
	/* What is judged when a module is opened: docs of all it provides. */
	for (size_t i = 0; bb_diag_at(d, i); i++)
		ck_abort_msg("%s", bb_diag_at(d, i)->text);
	bb_diag_free(d);
	down();
}
END_TEST

START_TEST(test_manual)
{
	char name[128];
	xmlDoc *doc;

	up();
	ck_assert_int_eq(bb_manual_write("/nonexistent-directory"), -ENOENT);
	ck_assert_int_eq(bb_manual_write(dir), 0);
	snprintf(name, sizeof(name), "%s/manual.xml", dir);
	doc = xmlReadFile(name, NULL, XML_PARSE_NONET);
	ck_assert_ptr_nonnull(doc);
	ck_assert_int_eq(count(doc, "/manual/command[@name='database put']/arguments/argument"), 3);
	ck_assert_int_eq(count(doc, "/manual/command[not(synopsis)]"), 0);
	ck_assert_int_eq(
		count(doc, "/manual/*[@name='database put']/arguments/argument[not(para)]"), 0);
	ck_assert_int_gt(count(doc, "/manual/command"), 10);
	ck_assert_int_eq(count(doc, "//argument[not(@type) or @type='']"), 0);
	xmlFreeDoc(doc);
	snprintf(name, sizeof(name), "%s/manual.html", dir);
	ck_assert_int_eq(access(name, R_OK), 0);
	down();
}
END_TEST

Suite *manual_suite(void)
{
	Suite *s = suite_create("manual");
	TCase *t = tcase_create("manual");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_commands);
	tcase_add_test(t, test_installed);
	tcase_add_test(t, test_manual);
	suite_add_tcase(s, t);
	return s;
}
