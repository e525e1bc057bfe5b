/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_vars.c - GLOBAL(), LOCAL(), SHARED(), HASH(), ARRAY(), EVAL(), ENV():
 * variables in other places than the channel's own.
 */
#include <bellbird/chan.h>
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#include <stdlib.h>

struct name_args {
	struct bb_str name;
};

struct shared_args {
	struct bb_str name, channel;
};

struct hash_args {
	struct bb_str hash, key;
};

static int put_var(struct bb_chan *ch, struct bb_str name, struct bb_buf *out)
{
	struct bb_arena *a = bb_arena_new(256);
	char *z = a ? bb_arena_strdup(a, bb_str_trim(name)) : NULL;

	if (z)
		bb_buf_putstr(out, bb_var_get(ch, z, a));
	bb_arena_free(a);
	return z ? out->err : -ENOMEM;
}

static int global_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	return put_var(NULL, ((const struct name_args *)args)->name, out);
}

/* @p how sets one variable of the channel. */
static int set_var(struct bb_chan *ch, struct bb_str name, struct bb_str value,
		   int (*how)(struct bb_chan *ch, const char *name, struct bb_str value))
{
	char *z = bb_strdup(bb_str_trim(name));
	int err = z ? how(ch, z, value) : -ENOMEM;

	bb_free(z);
	return err;
}

static int global_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	(void)ch;
	return set_var(NULL, ((const struct name_args *)args)->name, value, bb_var_set);
}

static int local_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_arena *a = bb_arena_new(256);
	char *z =
		a ? bb_arena_strdup(a, bb_str_trim(((const struct name_args *)args)->name)) : NULL;

	if (z)
		bb_buf_putstr(out, bb_var_get_local(ch, z, a));
	bb_arena_free(a);
	return z ? out->err : -ENOMEM;
}

static int local_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	int err = ch ? set_var(ch, ((const struct name_args *)args)->name, value, bb_var_set_local)
		     : -EINVAL;

	if (err == -ENOENT)
		bb_warning("LOCAL() outside of a subroutine");
	return err;
}

/* The channel meant, held; the caller's own when none is named. */
static struct bb_chan *whose(struct bb_chan *ch, struct bb_str name)
{
	if (!name.l)
		return ch ? bb_chan_ref(ch) : NULL;
	return bb_chan_find(name);
}

static int shared_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct shared_args *s = args;
	struct bb_chan *other = whose(ch, s->channel);
	struct bb_arena *a = bb_arena_new(256);
	char *z = a ? bb_arena_strdup(a, s->name) : NULL;

	if (z && other)
		bb_buf_putstr(out, bb_shared_get(other, z, a));
	bb_arena_free(a);
	bb_chan_unref(other);
	return !z ? -ENOMEM : !other ? -ENOENT : out->err;
}

static int shared_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	const struct shared_args *s = args;
	struct bb_chan *other = whose(ch, s->channel);
	int err = other ? set_var(other, s->name, value, bb_shared_set) : -ENOENT;

	bb_chan_unref(other);
	return err;
}

/* A hash is variables with names that no dial plan writes. */
static char *hash_name(const struct hash_args *h)
{
	return bb_sprintf("~HASH~%.*s~%.*s~", BB_FMT(h->hash), BB_FMT(h->key));
}

struct keys {
	struct bb_str prefix;
	struct bb_buf *out;
	bool values;
};

static void collect(const char *name, struct bb_str value, void *arg)
{
	struct keys *k = arg;
	struct bb_str n = bb_strz(name);

	if (!bb_str_starts(n, k->prefix) || n.l <= k->prefix.l)
		return;
	if (k->out->l)
		bb_buf_putc(k->out, ',');
	bb_buf_putstr(k->out,
		      k->values ? value : bb_str_sub(n, k->prefix.l, n.l - k->prefix.l - 1));
}

static int join(struct bb_chan *ch, struct bb_str hash, bool values, struct bb_buf *out)
{
	struct keys k = { .out = out, .values = values };
	char *prefix = bb_sprintf("~HASH~%.*s~", BB_FMT(hash));

	if (!prefix)
		return -ENOMEM;
	k.prefix = bb_strz(prefix);
	bb_var_each(ch, collect, &k);
	bb_free(prefix);
	return out->err;
}

static int hash_keys_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return join(ch, ((const struct name_args *)args)->name, false, out);
}

/* Without a key all values, in the order of HASHKEYS(). */
static int hash_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct hash_args *h = args;
	char *name;
	int err;

	if (!h->key.l)
		return join(ch, h->hash, true, out);
	name = hash_name(h);
	err = name ? put_var(ch, bb_strz(name), out) : -ENOMEM;
	bb_free(name);
	return err;
}

#define MAX_ARRAY 100

/* Without a key: a value for each key that there is, in the order of HASHKEYS(). */
static int hash_write_all(struct bb_chan *ch, struct bb_str hash, struct bb_str value)
{
	struct bb_arena *a = bb_arena_new(512);
	struct bb_str pieces[MAX_ARRAY], rest, key;
	struct bb_buf keys = { 0 };
	int n = a ? bb_args_split(value, ',', pieces, MAX_ARRAY, a) : -ENOMEM, i = 0;
	int err = n < 0 ? n : join(ch, hash, false, &keys);

	rest = bb_buf_str(&keys);
	for (; !err && i < n && bb_str_split(&rest, ',', &key); i++) {
		char *name = hash_name(&(struct hash_args){ hash, key });

		err = name ? bb_var_set(ch, name, pieces[i]) : -ENOMEM;
		bb_free(name);
	}
	bb_buf_free(&keys);
	bb_arena_free(a);
	return err;
}

static int hash_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	const struct hash_args *h = args;
	char *name;
	int err;

	if (!h->key.l)
		return hash_write_all(ch, h->hash, value);
	name = hash_name(h);
	err = name ? bb_var_set(ch, name, value) : -ENOMEM;
	bb_free(name);
	return err;
}

/* ARRAY(a,b,c)=1,2,3; what is quoted holds commas. */
static int array_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	struct bb_str names = ((const struct name_args *)args)->name, name, pieces[MAX_ARRAY];
	struct bb_arena *a = bb_arena_new(512);
	int n = a ? bb_args_split(value, ',', pieces, MAX_ARRAY, a) : -ENOMEM, i = 0;
	int err = n < 0 ? n : 0;

	for (; !err && bb_str_split(&names, ',', &name); i++)
		if (name.l)
			err = set_var(ch, name, i < n ? pieces[i] : BB_STR(""), bb_var_set);
	bb_arena_free(a);
	return err;
}

static int eval_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_arena *a = bb_arena_new(512);
	struct bb_str v;

	if (!a)
		return -ENOMEM;
	v = bb_subst(ch, ((const struct name_args *)args)->name, a);
	bb_buf_putstr(out, v);
	bb_arena_free(a);
	return v.p ? out->err : -ENOMEM;
}

static int env_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	char *name = bb_strdup(((const struct name_args *)args)->name);
	const char *v = name ? getenv(name) : NULL;

	(void)ch;
	if (v)
		bb_buf_puts(out, v);
	bb_free(name);
	return name ? out->err : -ENOMEM;
}

static int exception_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	char *name = bb_sprintf("~EXCEPTION~%.*s",
				BB_FMT(bb_str_trim(((const struct name_args *)args)->name)));
	int err = !name ? -ENOMEM : ch ? put_var(ch, bb_strz(name), out) : -EINVAL;

	bb_free(name);
	return err;
}

static const struct bb_func global = {
	.name = "GLOBAL",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "Name of the variable: without ${}." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.read = global_read,
	.write = global_write,
	.doc = { .summary = "A global variable",
		 .since = "0.1",
		 .text = "Example: Set(GLOBAL(NIGHT)=yes)",
		 .see_also = "LOCAL SHARED" },
};

static const struct bb_func local = {
	.name = "LOCAL",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "Name of the variable: without ${}." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.read = local_read,
	.write = local_write,
	.doc = { .summary = "A variable of the subroutine that runs",
		 .since = "0.1",
		 .text = "Gone after its Return(). Example: Set(LOCAL(N)=${ARG1})",
		 .see_also = "GLOBAL" },
};

static const struct bb_func shared = {
	.name = "SHARED",
	.args =
		(const struct bb_field[]){
			{ .name = "name",
			  .type = BB_T_STR,
			  .off = offsetof(struct shared_args, name),
			  .doc = "Name of the variable." },
			{ .name = "channel",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct shared_args, channel),
			  .doc = "Name of the channel; this one when left out." },
			{ 0 } },
	.args_size = sizeof(struct shared_args),
	.read = shared_read,
	.write = shared_write,
	.doc = { .summary = "A variable that other channels may use too",
		 .since = "0.1",
		 .text = "Example: ${SHARED(STATE,${OTHER})}",
		 .see_also = "GLOBAL" },
};

static const struct bb_func hash = {
	.name = "HASH",
	.args = (const struct bb_field[]){ { .name = "hash",
					     .type = BB_T_STR,
					     .off = offsetof(struct hash_args, hash),
					     .doc = "Name of the table." },
					   { .name = "key",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct hash_args, key),
					     .doc = "Its key." },
					   { 0 } },
	.args_size = sizeof(struct hash_args),
	.read = hash_read,
	.write = hash_write,
	.doc = { .summary = "A table of variables by key",
		 .since = "0.1",
		 .text = "Example: Set(HASH(price,${EXTEN})=5)",
		 .see_also = "HASHKEYS" },
};

static const struct bb_func hashkeys = {
	.name = "HASHKEYS",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "Name of the table." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.read = hash_keys_read,
	.doc = { .summary = "The keys of a table, joined by commas",
		 .since = "0.1",
		 .see_also = "HASH" },
};

static const struct bb_func array = {
	.name = "ARRAY",
	.args = (const struct bb_field[]){ { .name = "variable,…",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "Names, joined by commas." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.write = array_write,
	.doc = { .summary = "Set several variables from one list",
		 .since = "0.1",
		 .text = "Example: Set(ARRAY(A,B)=1,2)",
		 .see_also = "SET" },
};

static const struct bb_func eval = {
	.name = "EVAL",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "A text whose result has ${} in it." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.read = eval_read,
	.doc = { .summary = "Substitute once more",
		 .since = "0.1",
		 .text = "Example: ${EVAL(${TEMPLATE})}" },
};

static const struct bb_func env = {
	.name = "ENV",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "Name of the variable." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.read = env_read,
	.doc = { .summary = "A variable of the environment",
		 .since = "0.1",
		 .text = "Example: ${ENV(LANG)}" },
};

static const struct bb_func exception = {
	.name = "EXCEPTION",
	.args = (const struct bb_field[]){ { .name = "name",
					     .type = BB_T_REST,
					     .off = offsetof(struct name_args, name),
					     .doc = "reason, context, exten or priority." },
					   { 0 } },
	.args_size = sizeof(struct name_args),
	.read = exception_read,
	.doc = { .summary = "What led to the e extension",
		 .since = "0.1",
		 .text = "Example: ${EXCEPTION(reason)}" },
};

BB_MODULE(func_vars,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&global),
						   BB_FUNC(&local),
						   BB_FUNC(&shared),
						   BB_FUNC(&hash),
						   BB_FUNC(&hashkeys),
						   BB_FUNC(&array),
						   BB_FUNC(&eval),
						   BB_FUNC(&env),
						   BB_FUNC(&exception),
						   { 0 } },
	  .doc = { .summary = "Variables in other places", .since = "0.1" });
