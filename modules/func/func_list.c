/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_list.c - FIELDQTY(), FIELDNUM() and LISTFILTER(): texts that are lists.
 */
#include <bellbird/func.h>
#include <bellbird/mem.h>

struct list_args {
	struct bb_str name, delim, value;
};

/* The value of the variable or function that is named; empty when there is none. */
static struct bb_str list_of(struct bb_chan *ch, const struct list_args *l, struct bb_arena *a)
{
	char *z = bb_arena_strdup(a, bb_str_trim(l->name));
	struct bb_str v = z ? bb_var_get(ch, z, a) : BB_STR("");

	return v.p ? v : BB_STR("");
}

static int fieldqty_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct list_args *l = args;
	struct bb_arena *a = bb_arena_new(512);
	struct bb_str s;
	size_t n;

	if (!a)
		return -ENOMEM;
	s = list_of(ch, l, a);
	n = s.l ? 1 : 0;
	for (size_t i = 0; l->delim.l && i < s.l; i++)
		n += s.p[i] == l->delim.p[0];
	bb_arena_free(a);
	bb_buf_printf(out, "%zu", n);
	return out->err;
}

static int fieldnum_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct list_args *l = args;
	struct bb_arena *a = bb_arena_new(512);
	struct bb_str rest, field;
	size_t n = 0, found = 0;

	if (!a)
		return -ENOMEM;
	rest = list_of(ch, l, a);
	while (l->delim.l && !found && bb_str_split(&rest, l->delim.p[0], &field)) {
		n++;
		if (bb_str_eq(field, l->value))
			found = n;
	}
	bb_arena_free(a);
	bb_buf_printf(out, "%zu", found);
	return out->err;
}

static int listfilter_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct list_args *l = args;
	struct bb_arena *a = bb_arena_new(512);
	struct bb_str rest;
	bool more, first = true;

	if (!a)
		return -ENOMEM;
	rest = list_of(ch, l, a);
	for (more = rest.l > 0; more;) {
		ptrdiff_t at = l->delim.l ? bb_str_find(rest, l->delim) : -1;
		struct bb_str field = at < 0 ? rest : bb_str_sub(rest, 0, (size_t)at);

		more = at >= 0;
		if (more)
			rest = bb_str_sub(rest, (size_t)at + l->delim.l, rest.l);
		if (bb_str_eq(field, l->value))
			continue;
		if (!first)
			bb_buf_putstr(out, l->delim);
		bb_buf_putstr(out, field);
		first = false;
	}
	bb_arena_free(a);
	return out->err;
}

#define NAME                                                                                       \
	{                                                                                          \
		.name = "variable", .type = BB_T_STR, .off = offsetof(struct list_args, name),     \
		.doc = "Name of a variable or function that holds the list: without ${}."          \
	}

static const struct bb_func fieldqty = {
	.name = "FIELDQTY",
	.args = (const struct bb_field[]){ NAME,
					   { .name = "delimiter",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct list_args, delim),
					     .doc = "One character between the fields." },
					   { 0 } },
	.args_size = sizeof(struct list_args),
	.read = fieldqty_read,
	.doc = { .summary = "Count the fields in the value of a variable",
		 .since = "0.1",
		 .text = "Example: ${FIELDQTY(LIST,&)}",
		 .see_also = "CUT FIELDNUM" },
};

static const struct bb_func fieldnum = {
	.name = "FIELDNUM",
	.args = (const struct bb_field[]){ NAME,
					   { .name = "delimiter",
					     .type = BB_T_STR,
					     .off = offsetof(struct list_args, delim),
					     .doc = "One character between the fields." },
					   { .name = "value",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct list_args, value),
					     .doc = "The field to look for." },
					   { 0 } },
	.args_size = sizeof(struct list_args),
	.read = fieldnum_read,
	.doc = { .summary = "Which field of a list has a value?",
		 .since = "0.1",
		 .text = "Counts from 1; 0 when none has it. Example: ${FIELDNUM(LIST,&,alice)}",
		 .see_also = "FIELDQTY CUT" },
};

static const struct bb_func listfilter = {
	.name = "LISTFILTER",
	.args = (const struct bb_field[]){ NAME,
					   { .name = "delimiter",
					     .type = BB_T_STR,
					     .def = "",
					     .off = offsetof(struct list_args, delim),
					     .doc = "What stands between the fields." },
					   { .name = "value",
					     .type = BB_T_STR,
					     .off = offsetof(struct list_args, value),
					     .doc = "The field to leave out, wherever it stands." },
					   { 0 } },
	.args_size = sizeof(struct list_args),
	.read = listfilter_read,
	.doc = { .summary = "A list without one of its fields",
		 .since = "0.1",
		 .text = "Example: ${LISTFILTER(MEMBERS,&,SIP/alice)}",
		 .see_also = "FIELDNUM CUT" },
};

BB_MODULE(func_list,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&fieldqty),
						   BB_FUNC(&fieldnum),
						   BB_FUNC(&listfilter),
						   { 0 } },
	  .doc = { .summary = "FIELDQTY(), FIELDNUM() and LISTFILTER()", .since = "0.1" });
