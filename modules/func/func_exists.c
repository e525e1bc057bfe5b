/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_exists.c - VARIABLE_EXISTS(), GLOBAL_EXISTS(), CHANNEL_EXISTS(),
 * DELETE(), GLOBAL_DELETE() and IMPORT(): is it there, and of whom?
 */
#include <bellbird/chan.h>
#include <bellbird/func.h>
#include <bellbird/mem.h>

struct name_args {
	struct bb_str name;
};

struct import_args {
	struct bb_str channel, name;
};

struct search {
	struct bb_str name;
	bool found;
};

static void compare(const char *name, struct bb_str value, void *arg)
{
	struct search *s = arg;

	(void)value;
	if (bb_str_is(s->name, name))
		s->found = true;
}

/* @p ch NULL: the globals. */
static int put_there(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct search s = { .name = bb_str_trim(((const struct name_args *)args)->name) };

	bb_var_each(ch, compare, &s);
	bb_buf_putc(out, s.found ? '1' : '0');
	return out->err;
}

static int variable_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return ch ? put_there(ch, args, out) : -EINVAL;
}

static int global_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	return put_there(NULL, args, out);
}

/* Setting nothing at all takes a variable away; a function has no such thing. */
static int forget(struct bb_chan *ch, const void *args)
{
	struct bb_str name = bb_str_trim(((const struct name_args *)args)->name);
	char *z;
	int err;

	if (bb_str_chr(name, '(') >= 0)
		return -EINVAL;
	z = bb_strdup(name);
	err = z ? bb_var_set(ch, z, bb_strn(NULL, 0)) : -ENOMEM;
	bb_free(z);
	return err;
}

static int variable_delete(struct bb_chan *ch, const void *args, struct bb_str value)
{
	(void)value;
	return ch ? forget(ch, args) : -EINVAL;
}

static int global_delete(struct bb_chan *ch, const void *args, struct bb_str value)
{
	(void)ch;
	(void)value;
	return forget(NULL, args);
}

static int channel_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_chan *other = bb_chan_find(bb_str_trim(((const struct name_args *)args)->name));

	(void)ch;
	bb_buf_putc(out, other ? '1' : '0');
	bb_chan_unref(other);
	return out->err;
}

static int import_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct import_args *i = args;
	struct bb_chan *other = bb_chan_find(bb_str_trim(i->channel));
	struct bb_arena *a = bb_arena_new(256);
	char *z = a ? bb_arena_strdup(a, bb_str_trim(i->name)) : NULL;

	(void)ch;
	if (other && z)
		bb_buf_putstr(out, bb_var_get(other, z, a));
	bb_arena_free(a);
	bb_chan_unref(other);
	return z ? out->err : -ENOMEM;
}

static const struct bb_field name_fields[] = { { .name = "name",
						 .type = BB_T_STR,
						 .off = offsetof(struct name_args, name),
						 .doc = "Its name: without ${}." },
					       { 0 } };

static const struct bb_func variable_exists = {
	.name = "VARIABLE_EXISTS",
	.args = name_fields,
	.args_size = sizeof(struct name_args),
	.read = variable_read,
	.doc = { .summary = "Does the channel have a variable, be it empty?",
		 .since = "0.1",
		 .text = "1 or 0. Example: ${VARIABLE_EXISTS(TRIES)}",
		 .see_also = "GLOBAL_EXISTS ISNULL" },
};

static const struct bb_func global_exists = {
	.name = "GLOBAL_EXISTS",
	.args = name_fields,
	.args_size = sizeof(struct name_args),
	.read = global_read,
	.doc = { .summary = "Is there a global variable, be it empty?",
		 .since = "0.1",
		 .see_also = "VARIABLE_EXISTS GLOBAL" },
};

static const struct bb_func delete_func = {
	.name = "DELETE",
	.args = name_fields,
	.args_size = sizeof(struct name_args),
	.write = variable_delete,
	.doc = { .summary = "Take a variable away from the channel",
		 .since = "0.1",
		 .text = "Example: Set(DELETE(TRIES)=)",
		 .see_also = "GLOBAL_DELETE" },
};

static const struct bb_func global_delete_func = {
	.name = "GLOBAL_DELETE",
	.args = name_fields,
	.args_size = sizeof(struct name_args),
	.write = global_delete,
	.doc = { .summary = "Take a global variable away",
		 .since = "0.1",
		 .see_also = "DELETE GLOBAL" },
};

static const struct bb_func channel_exists = {
	.name = "CHANNEL_EXISTS",
	.args = name_fields,
	.args_size = sizeof(struct name_args),
	.read = channel_read,
	.doc = { .summary = "Is there a channel of that name?",
		 .since = "0.1",
		 .text = "1 or 0. Example: ${CHANNEL_EXISTS(${OTHER})}" },
};

static const struct bb_func import = {
	.name = "IMPORT",
	.args = (const struct bb_field[]){ { .name = "channel",
					     .type = BB_T_STR,
					     .off = offsetof(struct import_args, channel),
					     .doc = "The other channel's name." },
					   { .name = "variable",
					     .type = BB_T_STR,
					     .off = offsetof(struct import_args, name),
					     .doc = "A variable or function: without ${}." },
					   { 0 } },
	.args_size = sizeof(struct import_args),
	.read = import_read,
	.doc = { .summary = "A variable of another channel",
		 .since = "0.1",
		 .text = "Empty when there is no such channel. Example: "
			 "${IMPORT(${OTHER},CALLERID(num))}",
		 .see_also = "SHARED CHANNEL_EXISTS" },
};

BB_MODULE(func_exists,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&variable_exists),
						   BB_FUNC(&global_exists),
						   BB_FUNC(&delete_func),
						   BB_FUNC(&global_delete_func),
						   BB_FUNC(&channel_exists),
						   BB_FUNC(&import),
						   { 0 } },
	  .doc = { .summary = "VARIABLE_EXISTS(), CHANNEL_EXISTS(), IMPORT() and the like",
		   .since = "0.1" });
