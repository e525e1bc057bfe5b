/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_group.c - GROUP(), GROUP_COUNT(), GROUP_MATCH_COUNT() and GROUP_LIST():
 * channels that belong together, to be counted and limited.
 *
 * A channel is in one group of each category. That is a variable of it, with a
 * name that no dial plan writes; counting walks the channels.
 */
#include <bellbird/chan.h>
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

#include <regex.h>

#define PREFIX "~GROUP~"

struct group_args {
	struct bb_str text;
};

static int name_of(struct bb_str category, char **z)
{
	*z = bb_sprintf(PREFIX "%.*s", BB_FMT(category));
	return *z ? 0 : -ENOMEM;
}

/* The channel's own group of a category, in @p a. */
static struct bb_str own_group(struct bb_chan *ch, struct bb_str category, struct bb_arena *a)
{
	char *z = NULL;
	struct bb_str g = BB_STR("");

	if (!name_of(category, &z))
		g = bb_var_get(ch, z, a);
	bb_free(z);
	return g;
}

static int group_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_arena *a = ch ? bb_arena_new(128) : NULL;

	if (!a)
		return ch ? -ENOMEM : -EINVAL;
	bb_buf_putstr(out, own_group(ch, bb_str_trim(((const struct group_args *)args)->text), a));
	bb_arena_free(a);
	return out->err;
}

static int group_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	char *z;
	int err;

	if (!ch)
		return -EINVAL;
	err = name_of(bb_str_trim(((const struct group_args *)args)->text), &z);
	if (!err) /* an empty one leaves the group */
		err = bb_var_set(ch, z, value.l ? value : bb_strn(NULL, 0));
	bb_free(z);
	return err;
}

/* "group[@category]" */
static void split(struct bb_str text, struct bb_str *group, struct bb_str *category)
{
	ptrdiff_t at = bb_str_chr(text, '@');

	*group = bb_str_trim(at < 0 ? text : bb_str_sub(text, 0, (size_t)at));
	*category = at < 0 ? BB_STR("") : bb_str_trim(bb_str_sub(text, (size_t)at + 1, text.l));
}

/* What is counted: by name, or by expressions. An unset category is any. */
struct count {
	struct bb_str group, category;
	const regex_t *group_re, *category_re;
	unsigned n;
};

static void count_one(const char *name, struct bb_str value, void *arg)
{
	struct bb_str category = bb_strz(name);
	struct count *c = arg;

	if (!bb_str_starts(category, BB_STR(PREFIX)))
		return;
	category = bb_str_sub(category, sizeof(PREFIX) - 1, category.l);
	if (c->group_re ? regexec(c->group_re, value.p, 0, NULL, 0) != 0
			: !bb_str_ieq(value, c->group))
		return;
	if (c->category_re ? regexec(c->category_re, category.p, 0, NULL, 0) != 0
			   : c->category.l && !bb_str_ieq(category, c->category))
		return;
	c->n++;
}

static int count_all(struct count *c, struct bb_buf *out)
{
	for (struct bb_chan *o = bb_chan_next(NULL); o; o = bb_chan_next(o))
		bb_var_each(o, count_one, c);
	bb_buf_printf(out, "%u", c->n);
	return out->err;
}

static int count_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_arena *a = bb_arena_new(128);
	struct count c = { .n = 0 };
	int err = 0;

	if (!a)
		return -ENOMEM;
	split(((const struct group_args *)args)->text, &c.group, &c.category);
	if (!c.group.l && ch)
		c.group = own_group(ch, c.category, a);
	if (c.group.l)
		err = count_all(&c, out);
	else
		bb_buf_putc(out, '0');
	bb_arena_free(a);
	return err ? err : out->err;
}

static int compile(struct bb_str text, regex_t *re)
{
	char *z = bb_strdup(text);
	int err = z ? 0 : -ENOMEM;

	if (!err && regcomp(re, z, REG_EXTENDED | REG_NOSUB)) {
		bb_warning("GROUP_MATCH_COUNT(): '%s' is no regular expression", z);
		err = -EINVAL;
	}
	bb_free(z);
	return err;
}

static int match_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct count c = { .n = 0 };
	regex_t group, category;
	int err;

	(void)ch;
	split(((const struct group_args *)args)->text, &c.group, &c.category);
	if (!c.group.l)
		return -EINVAL;
	err = compile(c.group, &group);
	if (err)
		return err;
	c.group_re = &group;
	if (c.category.l) {
		err = compile(c.category, &category);
		if (!err)
			c.category_re = &category;
	}
	if (!err)
		err = count_all(&c, out);
	if (c.category_re)
		regfree(&category);
	regfree(&group);
	return err;
}

/* Variables come newest first, the list is told oldest first. */
static void list_one(const char *name, struct bb_str value, void *arg)
{
	struct bb_str category = bb_strz(name);
	struct bb_buf *out = arg, one = { 0 };

	if (!bb_str_starts(category, BB_STR(PREFIX)))
		return;
	category = bb_str_sub(category, sizeof(PREFIX) - 1, category.l);
	bb_buf_putstr(&one, value);
	if (category.l)
		bb_buf_printf(&one, "@%.*s", BB_FMT(category));
	if (out->l)
		bb_buf_printf(&one, " %.*s", BB_FMT(bb_buf_str(out)));
	bb_buf_truncate(out, 0);
	bb_buf_putstr(out, bb_buf_str(&one));
	if (one.err && !out->err)
		out->err = one.err;
	bb_buf_free(&one);
}

static int list_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_buf list = { 0 };

	(void)args;
	if (!ch)
		return -EINVAL;
	bb_var_each(ch, list_one, &list);
	bb_buf_putstr(out, bb_buf_str(&list));
	if (list.err && !out->err)
		out->err = list.err;
	bb_buf_free(&list);
	return out->err;
}

#define ONE_FIELD(what, text_of_it)                                                                \
	(const struct bb_field[])                                                                  \
	{                                                                                          \
		{ .name = (what),                                                                  \
		  .type = BB_T_REST,                                                               \
		  .def = "",                                                                       \
		  .off = offsetof(struct group_args, text),                                        \
		  .doc = (text_of_it) },                                                           \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct bb_func group = {
	.name = "GROUP",
	.args = ONE_FIELD("category", "A channel is in one group of each category."),
	.args_size = sizeof(struct group_args),
	.read = group_read,
	.write = group_write,
	.doc = { .summary = "The group that the channel is in",
		 .since = "0.1",
		 .text = "Example: Set(GROUP(trunks)=provider)\nExample: "
			 "GotoIf($[${GROUP_COUNT(provider@trunks)} > 10]?full)",
		 .see_also = "GROUP_COUNT GROUP_LIST" },
};

static const struct bb_func group_count = {
	.name = "GROUP_COUNT",
	.args = ONE_FIELD("group[@category]", "The channel's own group when left out; of any "
					      "category when none is named."),
	.args_size = sizeof(struct group_args),
	.read = count_read,
	.doc = { .summary = "Count the channels of a group",
		 .since = "0.1",
		 .see_also = "GROUP GROUP_MATCH_COUNT" },
};

static const struct bb_func group_match_count = {
	.name = "GROUP_MATCH_COUNT",
	.args = ONE_FIELD("group[@category]", "Extended regular expressions."),
	.args_size = sizeof(struct group_args),
	.read = match_read,
	.doc = { .summary = "Count the channels of all groups that match",
		 .since = "0.1",
		 .see_also = "GROUP_COUNT" },
};

static const struct bb_func group_list = {
	.name = "GROUP_LIST",
	.args = ONE_FIELD("nothing", "Takes no argument."),
	.args_size = sizeof(struct group_args),
	.read = list_read,
	.doc = { .summary = "The groups that the channel is in, as group@category",
		 .since = "0.1",
		 .see_also = "GROUP" },
};

BB_MODULE(func_group,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&group),
						   BB_FUNC(&group_count),
						   BB_FUNC(&group_match_count),
						   BB_FUNC(&group_list),
						   { 0 } },
	  .doc = { .summary = "GROUP() and what counts groups", .since = "0.1" });
