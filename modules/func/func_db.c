/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_db.c - DB(), DB_EXISTS() and DB_DELETE(): the database from the dial plan.
 */
#include <bellbird/func.h>
#include <bellbird/mem.h>
#include <bellbird/store.h>

struct db_args {
	struct bb_str path;
};

static const struct bb_field fields[] = {
	{ .name = "family/key",
	  .type = BB_T_REST,
	  .off = offsetof(struct db_args, path),
	  .doc = "Family, a slash, and the key, which may hold more slashes." },
	{ 0 }
};

/* Up to the first slash is the family. */
static int split(const struct db_args *a, struct bb_str *family, struct bb_str *key)
{
	ptrdiff_t slash = bb_str_chr(a->path, '/');

	/* Asterisk's own form of a key, "/family/key". */
	if (slash == 0) {
		struct db_args rest = { bb_str_sub(a->path, 1, SIZE_MAX) };

		return bb_str_starts(rest.path, BB_STR("/")) ? -EINVAL : split(&rest, family, key);
	}
	if (slash < 0 || (size_t)slash + 1 == a->path.l)
		return -EINVAL;
	*family = bb_str_sub(a->path, 0, (size_t)slash);
	*key = bb_str_sub(a->path, (size_t)slash + 1, SIZE_MAX);
	return 0;
}

/* The value, also left in DB_RESULT as Asterisk does; unset when there is none. */
static int look_up(struct bb_chan *ch, const struct db_args *a, struct bb_str *value)
{
	struct bb_str family, key;
	int err = split(a, &family, &key);

	if (err)
		return err;
	*value = bb_db_get(family, key);
	if (value->p && ch)
		err = bb_var_set(ch, "DB_RESULT", *value);
	return err;
}

static int db_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str value;
	int err = look_up(ch, args, &value);

	if (!err)
		bb_buf_putstr(out, value);
	return err ? err : out->err;
}

static int db_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	struct bb_str family, key;
	int err = split(args, &family, &key);

	(void)ch;
	return err ? err : bb_db_put(family, key, value);
}

static int exists_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str value;
	int err = look_up(ch, args, &value);

	if (!err)
		bb_buf_putc(out, value.p ? '1' : '0');
	return err ? err : out->err;
}

static int forget(const struct db_args *a)
{
	struct bb_str family, key;
	int err = split(a, &family, &key);

	if (!err)
		err = bb_db_del(family, key);
	return err == -ENOENT ? 0 : err;
}

static int delete_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str value;
	int err = look_up(ch, args, &value);

	if (err)
		return err;
	bb_buf_putstr(out, value);
	err = forget(args);
	return err ? err : out->err;
}

static int delete_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	(void)ch;
	(void)value;
	return forget(args);
}

static const struct bb_func db = {
	.name = "DB",
	.args = fields,
	.args_size = sizeof(struct db_args),
	.read = db_read,
	.write = db_write,
	.doc = { .summary = "Read or write a value of the database",
		 .text = "What is written survives a restart. A key that does not exist reads as "
			 "nothing. Reading also sets DB_RESULT.\n\n"
			 "Example: Set(DB(cidname/${CALLERID(num)})=Reception)",
		 .since = "0.1",
		 .see_also = "DB_EXISTS DB_DELETE" },
};

static const struct bb_func db_exists = {
	.name = "DB_EXISTS",
	.args = fields,
	.args_size = sizeof(struct db_args),
	.read = exists_read,
	.doc = { .summary = "Tell whether a key of the database exists",
		 .text = "1 or 0. When it exists, DB_RESULT becomes its value.\n\n"
			 "Example: GotoIf($[${DB_EXISTS(blocked/${CALLERID(num)})}]?refuse)",
		 .since = "0.1",
		 .see_also = "DB DB_DELETE" },
};

static const struct bb_func db_delete = {
	.name = "DB_DELETE",
	.args = fields,
	.args_size = sizeof(struct db_args),
	.read = delete_read,
	.write = delete_write,
	.doc = { .summary = "Remove a key of the database and return what it was",
		 .text = "DB_RESULT becomes the value too. Writing to it removes the key as "
			 "well.\n\n"
			 "Example: Set(DB_DELETE(forward/${EXTEN})=)",
		 .since = "0.1",
		 .see_also = "DB DB_EXISTS" },
};

BB_MODULE(func_db, .version = "0.1",
	  .provides = (const struct bb_provide[]){ BB_FUNC(&db),
						   BB_FUNC(&db_exists),
						   BB_FUNC(&db_delete),
						   { 0 } },
	  .doc = { .summary = "The database from the dial plan", .since = "0.1" });
