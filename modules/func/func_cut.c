/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_cut.c - CUT(), SORT(), PUSH(), POP(), SHIFT() and UNSHIFT(): lists in texts.
 */
#include <bellbird/func.h>
#include <bellbird/mem.h>

#include <stdlib.h>

struct cut_args {
	struct bb_str name, delim, fields;
};

struct list_args {
	struct bb_str name, delim;
};

struct sort_args {
	struct bb_str text;
};

static char *name_of(struct bb_str name, struct bb_arena *a)
{
	return bb_arena_strdup(a, bb_str_trim(name));
}

static struct bb_str value_of(struct bb_chan *ch, struct bb_str name, struct bb_arena *a)
{
	char *z = name_of(name, a);
	struct bb_str v = z ? bb_var_get(ch, z, a) : BB_STR("");

	return v.p ? v : BB_STR("");
}

/* "3", "2-", "-3", "2-4". */
static bool range_of(struct bb_str s, uint64_t *from, uint64_t *to)
{
	ptrdiff_t dash = bb_str_chr(s, '-');
	struct bb_str a = dash < 0 ? s : bb_str_sub(s, 0, (size_t)dash);
	struct bb_str b = dash < 0 ? s : bb_str_sub(s, (size_t)dash + 1, s.l);

	*from = 1;
	*to = UINT64_MAX;
	if (a.l && bb_str_u64(a, from))
		return false;
	return !b.l || !bb_str_u64(b, to);
}

/* Fields are taken from the front to the back, each once: a range behind one already passed gives
 * nothing, as in Asterisk. */
static int cut_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct cut_args *c = args;
	struct bb_arena *a = bb_arena_new(512);
	char delim = c->delim.l ? c->delim.p[0] : '-';
	struct bb_str s, ranges = c->fields, range;
	bool first = true, more;
	uint64_t field = 1;

	if (!a)
		return -ENOMEM;
	s = value_of(ch, c->name, a);
	more = s.l > 0;
	while (bb_str_split(&ranges, '&', &range)) {
		uint64_t from, to;

		if (!range_of(range, &from, &to))
			continue;
		while (more && field <= to) {
			ptrdiff_t end = bb_str_chr(s, delim);

			if (field >= from) {
				if (!first)
					bb_buf_putc(out, delim);
				bb_buf_putstr(out, end < 0 ? s : bb_str_sub(s, 0, (size_t)end));
				first = false;
			}
			more = end >= 0;
			s = more ? bb_str_sub(s, (size_t)end + 1, s.l) : s;
			field++;
		}
	}
	bb_arena_free(a);
	return out->err;
}

struct pair {
	struct bb_str key;
	double value;
	size_t order;
};

static int by_value(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static int sort_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str rest = ((const struct sort_args *)args)->text, piece;
	struct pair *pairs;
	size_t n = 1, k = 0;

	(void)ch;
	for (size_t i = 0; i < rest.l; i++)
		n += rest.p[i] == ',';
	pairs = bb_zalloc(n * sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	while (k < n && bb_str_split(&rest, ',', &piece)) {
		ptrdiff_t colon = bb_str_chr(piece, ':');

		if (colon < 0)
			continue;
		pairs[k].key = bb_str_sub(piece, 0, (size_t)colon);
		if (bb_str_double(bb_str_sub(piece, (size_t)colon + 1, piece.l), &pairs[k].value))
			pairs[k].value = 0;
		pairs[k].order = k;
		k++;
	}
	qsort(pairs, k, sizeof(*pairs), by_value);
	for (size_t i = 0; i < k; i++) {
		if (i)
			bb_buf_putc(out, ',');
		bb_buf_putstr(out, pairs[i].key);
	}
	bb_free(pairs);
	return out->err;
}

/* Put values before or behind those of the variable. */
static int add(struct bb_chan *ch, const struct list_args *l, struct bb_str values, bool front)
{
	struct bb_arena *a = bb_arena_new(512);
	char delim = l->delim.l ? l->delim.p[0] : ',';
	struct bb_buf joined = { 0 };
	struct bb_str old, piece;
	char *name;
	int err = -ENOMEM;

	name = a ? name_of(l->name, a) : NULL;
	if (name) {
		old = value_of(ch, l->name, a);
		if (!front)
			bb_buf_putstr(&joined, old);
		for (bool first = front || !old.l; bb_str_split(&values, ',', &piece);
		     first = false) {
			if (!first)
				bb_buf_putc(&joined, delim);
			bb_buf_putstr(&joined, piece);
		}
		if (front && old.l) {
			bb_buf_putc(&joined, delim);
			bb_buf_putstr(&joined, old);
		}
		err = joined.err ? joined.err : bb_var_set(ch, name, bb_buf_str(&joined));
	}
	bb_buf_free(&joined);
	bb_arena_free(a);
	return err;
}

/* Take the first or last value away and give it. */
static int take(struct bb_chan *ch, const struct list_args *l, struct bb_buf *out, bool front)
{
	struct bb_arena *a = bb_arena_new(512);
	char delim = l->delim.l ? l->delim.p[0] : ',';
	struct bb_str s;
	size_t cut;
	char *name;
	int err = 0;

	name = a ? name_of(l->name, a) : NULL;
	if (!name) {
		bb_arena_free(a);
		return -ENOMEM;
	}
	s = value_of(ch, l->name, a);
	if (s.l && front) {
		for (cut = 0; cut < s.l && s.p[cut] != delim; cut++)
			;
		bb_buf_putstr(out, bb_str_sub(s, 0, cut));
		err = bb_var_set(ch, name, cut < s.l ? bb_str_sub(s, cut + 1, s.l) : BB_STR(""));
	} else if (s.l) {
		for (cut = s.l; cut && s.p[cut - 1] != delim; cut--)
			;
		bb_buf_putstr(out, bb_str_sub(s, cut, s.l));
		err = bb_var_set(ch, name, cut ? bb_str_sub(s, 0, cut - 1) : BB_STR(""));
	}
	bb_arena_free(a);
	return err ? err : out->err;
}

static int push_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	return add(ch, args, value, false);
}

static int unshift_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	return add(ch, args, value, true);
}

static int pop_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return take(ch, args, out, false);
}

static int shift_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	return take(ch, args, out, true);
}

static const struct bb_func cut = {
	.name = "CUT",
	.args =
		(const struct bb_field[]){
			{ .name = "variable",
			  .type = BB_T_STR,
			  .off = offsetof(struct cut_args, name),
			  .doc = "Name of a variable or function: without ${}." },
			{ .name = "delimiter",
			  .type = BB_T_STR,
			  .def = "",
			  .off = offsetof(struct cut_args, delim),
			  .doc = "One character between the fields; - when left out." },
			{ .name = "fields",
			  .type = BB_T_STR,

			  .off = offsetof(struct cut_args, fields),
			  .doc = "Numbers from 1 and ranges, joined by &." },
			{ 0 } },
	.args_size = sizeof(struct cut_args),
	.read = cut_read,
	.doc = { .summary = "Take fields out of the value of a variable",
		 .since = "0.1",
		 .text = "Example: ${CUT(CHANNEL,/,2)}",
		 .see_also = "FIELDQTY" },
};

static const struct bb_func sort = {
	.name = "SORT",
	.args = (const struct bb_field[]){ { .name = "key:value,…",
					     .type = BB_T_REST,
					     .off = offsetof(struct sort_args, text),
					     .doc = "Pairs joined by commas." },
					   { 0 } },
	.args_size = sizeof(struct sort_args),
	.read = sort_read,
	.doc = { .summary = "Sort keys by their numbers",
		 .since = "0.1",
		 .text = "Example: ${SORT(a:3,b:1)} is b,a" },
};

static const struct bb_field list_fields[] = {
	{ .name = "variable",
	  .type = BB_T_STR,
	  .off = offsetof(struct list_args, name),
	  .doc = "Name of a variable or function: without ${}." },
	{ .name = "delimiter",
	  .type = BB_T_STR,
	  .def = "",
	  .off = offsetof(struct list_args, delim),
	  .doc = "One character between the values; a comma when left out." },
	{ 0 },
};

static const struct bb_func push = {
	.name = "PUSH",
	.args = list_fields,
	.args_size = sizeof(struct list_args),
	.write = push_write,
	.doc = { .summary = "Add values behind those of a list",
		 .since = "0.1",
		 .text = "Example: Set(PUSH(WHO)=alice)",
		 .see_also = "POP SHIFT UNSHIFT" },
};

static const struct bb_func unshift = {
	.name = "UNSHIFT",
	.args = list_fields,
	.args_size = sizeof(struct list_args),
	.write = unshift_write,
	.doc = { .summary = "Add values before those of a list",
		 .since = "0.1",
		 .see_also = "PUSH POP SHIFT" },
};

static const struct bb_func pop = {
	.name = "POP",
	.args = list_fields,
	.args_size = sizeof(struct list_args),
	.read = pop_read,
	.doc = { .summary = "Take the last value of a list away",
		 .since = "0.1",
		 .see_also = "PUSH SHIFT UNSHIFT" },
};

static const struct bb_func shift = {
	.name = "SHIFT",
	.args = list_fields,
	.args_size = sizeof(struct list_args),
	.read = shift_read,
	.doc = { .summary = "Take the first value of a list away",
		 .since = "0.1",
		 .see_also = "PUSH POP UNSHIFT" },
};

BB_MODULE(func_cut,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&cut),
						   BB_FUNC(&sort),
						   BB_FUNC(&push),
						   BB_FUNC(&unshift),
						   BB_FUNC(&pop),
						   BB_FUNC(&shift),
						   { 0 } },
	  .doc = { .summary = "Lists in texts", .since = "0.1" });
