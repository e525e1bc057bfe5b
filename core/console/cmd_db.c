/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/cmd_db.c - database show, get, put, del, deltree.
 */
#include <bellbird/store.h>

#include "core/console/console_int.h"
#include "core/store/store_core.h"

struct db_args {
	struct bb_str family, key, value;
};

#define FAMILY(default_, doc_)                                                                     \
	{                                                                                          \
		.name = "family", .type = BB_T_STR, .off = offsetof(struct db_args, family),       \
		.def = default_, .complete = "db_family", .doc = doc_                              \
	}
#define KEY(default_, doc_)                                                                        \
	{                                                                                          \
		.name = "key", .type = BB_T_STR, .off = offsetof(struct db_args, key),             \
		.def = default_, .complete = "db_key", .doc = doc_                                 \
	}

static const struct bb_column columns[] = { { "Family" },
					    { "Key" },
					    { "Value", .flexible = true } };

struct listing {
	struct bb_out *o;
	struct bb_str tree;
	unsigned n;
};

static void show_key(struct bb_str family, struct bb_str key, struct bb_str value, void *arg)
{
	struct listing *l = arg;

	if (l->tree.l && !bb_str_eq(key, l->tree) &&
	    !(bb_str_starts(key, l->tree) && key.p[l->tree.l] == '/'))
		return;
	bb_out_rowf(l->o, "SSS", family, key, value);
	l->n++;
}

static int show_run(struct bb_out *o, const void *args)
{
	const struct db_args *a = args;
	struct listing l = { .o = o, .tree = a->key };

	bb_out_table(o, "keys", columns, BB_ARRAY_SIZE(columns));
	bb_db_each(a->family, show_key, &l);
	bb_out_note(o, "%u key%s", l.n, l.n == 1 ? "" : "s");
	return 0;
}

static int get_run(struct bb_out *o, const void *args)
{
	const struct db_args *a = args;
	struct bb_str v = bb_db_get(a->family, a->key);

	if (!v.p) {
		bb_out_error(o, "there is no key %.*s in family %.*s", BB_FMT(a->key),
			     BB_FMT(a->family));
		return -ENOENT;
	}
	bb_out_fact(o, "Value", "%.*s", BB_FMT(v));
	return 0;
}

static int explain(struct bb_out *o, int err)
{
	struct bb_store_stats st;

	bb_store_stats(&st);
	if (err && st.problem)
		bb_out_error(o, "%s", st.problem);
	else if (err == -EIO || err == -ENOSPC || err == -EROFS || err == -EBUSY)
		bb_out_error(o, "the database %s cannot be written: %s", st.path, strerror(-err));
	return err;
}

static int put_run(struct bb_out *o, const void *args)
{
	const struct db_args *a = args;
	int err = bb_db_put(a->family, a->key, a->value);

	if (err)
		return explain(o, err);
	bb_out_text(o, "Updated database successfully");
	return 0;
}

static int del_run(struct bb_out *o, const void *args)
{
	const struct db_args *a = args;
	int err = bb_db_del(a->family, a->key);

	if (err == -ENOENT)
		bb_out_error(o, "there is no key %.*s in family %.*s", BB_FMT(a->key),
			     BB_FMT(a->family));
	if (err)
		return explain(o, err);
	bb_out_text(o, "Database entry removed");
	return 0;
}

static int deltree_run(struct bb_out *o, const void *args)
{
	const struct db_args *a = args;
	int n = bb_db_deltree(a->family, a->key);

	if (n < 0)
		return explain(o, n);
	bb_out_fact_int(o, "Removed", n);
	return 0;
}

static const struct bb_cli show = {
	.words = "database show",
	.args = (const struct bb_field[]){ FAMILY("", "Only this family; left out: all."),
					   KEY("", "Only this key and those below it."),
					   { 0 } },
	.args_size = sizeof(struct db_args),
	.run = show_run,
	.doc = { .summary = "List the keys of the database",
		 .text = "The database is what DB(family/key) reads and writes.",
		 .since = "0.1" },
};

static const struct bb_cli get = {
	.words = "database get",
	.args = (const struct bb_field[]){ FAMILY(NULL, "The family."),
					   KEY(NULL, "The key."),
					   { 0 } },
	.args_size = sizeof(struct db_args),
	.run = get_run,
	.doc = { .summary = "Print one value of the database", .since = "0.1" },
};

static const struct bb_cli put = {
	.words = "database put",
	.args = (const struct bb_field[]){ FAMILY(NULL, "The family."),
					   KEY(NULL, "The key."),
					   { .name = "value",
					     .type = BB_T_REST,
					     .off = offsetof(struct db_args, value),
					     .doc = "The value; all that is left of the line." },
					   { 0 } },
	.args_size = sizeof(struct db_args),
	.run = put_run,
	.doc = { .summary = "Set one value of the database", .since = "0.1" },
};

static const struct bb_cli del = {
	.words = "database del",
	.args = (const struct bb_field[]){ FAMILY(NULL, "The family."),
					   KEY(NULL, "The key."),
					   { 0 } },
	.args_size = sizeof(struct db_args),
	.run = del_run,
	.doc = { .summary = "Remove one key of the database", .since = "0.1" },
};

static const struct bb_cli deltree = {
	.words = "database deltree",
	.args = (const struct bb_field[]){ FAMILY(NULL, "The family."),
					   KEY("", "Only this key and those below it."),
					   { 0 } },
	.args_size = sizeof(struct db_args),
	.run = deltree_run,
	.doc = { .summary = "Remove a family of the database, or a part of it", .since = "0.1" },
};

static void offer_family(struct bb_str family, struct bb_str key, struct bb_str value, void *arg)
{
	(void)key;
	(void)value;
	bb_out_candidate(arg, family);
}

static void complete_family(struct bb_out *o, struct bb_str word)
{
	(void)word;
	bb_db_each(bb_strz(NULL), offer_family, o);
}

static void offer_key(struct bb_str family, struct bb_str key, struct bb_str value, void *arg)
{
	(void)family;
	(void)value;
	bb_out_candidate(arg, key);
}

static void complete_key(struct bb_out *o, struct bb_str word)
{
	(void)word;
	bb_db_each(o->n_before ? o->before[0].text : bb_strz(NULL), offer_key, o);
}

void bb_console_db_commands(void)
{
	static const struct bb_cli *const all[] = { &show, &get, &put, &del, &deltree };

	bb_cli_add_core(all, BB_ARRAY_SIZE(all));
	bb_completer_add("db_family", complete_family);
	bb_completer_add("db_key", complete_key);
}
