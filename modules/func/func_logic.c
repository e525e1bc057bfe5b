/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func_logic.c - IF(), IFTIME(), ISNULL(), EXISTS() and SET().
 */
#include <bellbird/func.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

struct branch_args {
	struct bb_branch_arg branch;
};

struct text_args {
	struct bb_str text;
};

/* The text for what does not hold is Asterisk's rest of the argument: only quotes around it go. */
static void put_no(struct bb_buf *out, struct bb_str s)
{
	s = bb_str_trim(s);
	if (s.l >= 2 && s.p[0] == '"' && s.p[s.l - 1] == '"')
		s = bb_str_sub(s, 1, s.l - 2);
	bb_buf_putstr(out, s);
}

/* In the other one quotes keep blanks and go; a backslash takes the next character as it is and
 * goes. */
static void put_yes(struct bb_buf *out, struct bb_str s)
{
	s = bb_str_trim(s);
	for (size_t i = 0; i < s.l; i++) {
		if (s.p[i] == '"')
			continue;
		if (s.p[i] == '\\' && ++i == s.l)
			break;
		bb_buf_putc(out, s.p[i]);
	}
}

static int if_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct bb_branch_arg *b = &((const struct branch_args *)args)->branch;

	(void)ch;
	if (!b->cond.l || bb_str_is(b->cond, "\"\"")) {
		bb_warning("IF() without a condition");
		return -EINVAL;
	}
	if (bb_true(b->cond))
		put_yes(out, b->yes);
	else
		put_no(out, b->no);
	return out->err;
}

static int if_time_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct bb_branch_arg *b = &((const struct branch_args *)args)->branch;
	char why[160] = "";
	int holds = bb_time_matches(b->cond, bb_wall(), why, sizeof(why));

	(void)ch;
	if (holds == -EINVAL)
		bb_warning("IFTIME(): %s", why);
	if (holds < 0 && holds != -EINVAL)
		return holds;
	if (holds > 0)
		put_yes(out, b->yes);
	else
		put_no(out, b->no);
	return out->err;
}

static int is_null_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_putc(out, ((const struct text_args *)args)->text.l ? '0' : '1');
	return out->err;
}

static int exists_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	(void)ch;
	bb_buf_putc(out, ((const struct text_args *)args)->text.l ? '1' : '0');
	return out->err;
}

static int set_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	struct bb_str text = ((const struct text_args *)args)->text, value;
	ptrdiff_t eq = bb_str_chr(text, '=');
	char *name;
	int err;

	if (eq < 0)
		return -EINVAL;
	value = bb_str_trim(bb_str_sub(text, (size_t)eq + 1, text.l));
	name = bb_strdup(bb_str_trim(bb_str_sub(text, 0, (size_t)eq)));
	if (!name)
		return -ENOMEM;
	err = bb_var_set(ch, name, value.p ? value : BB_STR(""));
	bb_free(name);
	bb_buf_putstr(out, value);
	return err ? err : out->err;
}

static const struct bb_func iff = {
	.name = "IF",
	.args =
		(const struct bb_field[]){
			{ .name = "condition?true:false",
			  .type = BB_T_BRANCH,
			  .off = offsetof(struct branch_args, branch),
			  .doc = "Condition, and the texts for both cases; one may be left out." },
			{ 0 } },
	.args_size = sizeof(struct branch_args),
	.read = if_read,
	.doc = { .summary = "One text or another by a condition",
		 .since = "0.1",
		 .text = "Nothing and 0 are false. Example: ${IF($[${N} = 1]?call:calls)}",
		 .see_also = "IFTIME" },
};

static const struct bb_func iftime = {
	.name = "IFTIME",
	.args =
		(const struct bb_field[]){
			{ .name = "times,weekdays,days,months?true:false",
			  .type = BB_T_BRANCH,
			  .off = offsetof(struct branch_args, branch),
			  .doc = "Condition, and the texts for both cases; one may be left out." },
			{ 0 } },
	.args_size = sizeof(struct branch_args),
	.read = if_time_read,
	.doc = { .summary = "One text or another by the time",
		 .since = "0.1",
		 .text = "Example: ${IFTIME(9:00-17:00,mon-fri,*,*?open:closed)}",
		 .see_also = "IF" },
};

static const struct bb_func isnull = {
	.name = "ISNULL",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .def = "",
					     .off = offsetof(struct text_args, text),
					     .doc = "The text." },
					   { 0 } },
	.args_size = sizeof(struct text_args),
	.read = is_null_read,
	.doc = { .summary = "Is a text empty?",
		 .since = "0.1",
		 .text = "1 when nothing stands there, 0 otherwise.",
		 .see_also = "EXISTS" },
};

static const struct bb_func exists = {
	.name = "EXISTS",
	.args = (const struct bb_field[]){ { .name = "text",
					     .type = BB_T_REST,
					     .def = "",
					     .off = offsetof(struct text_args, text),
					     .doc = "The text." },
					   { 0 } },
	.args_size = sizeof(struct text_args),
	.read = exists_read,
	.doc = { .summary = "Is there a text?",
		 .since = "0.1",
		 .text = "1 when something stands there, 0 otherwise.",
		 .see_also = "ISNULL" },
};

static const struct bb_func set = {
	.name = "SET",
	.args = (const struct bb_field[]){ { .name = "variable=value",
					     .type = BB_T_REST,
					     .off = offsetof(struct text_args, text),
					     .doc = "An assignment." },
					   { 0 } },
	.args_size = sizeof(struct text_args),
	.read = set_read,
	.doc = { .summary = "Set a variable and be its value",
		 .since = "0.1",
		 .text = "Example: ${SET(N=5)}" },
};

BB_MODULE(func_logic,
	  .provides = (const struct bb_provide[]){ BB_FUNC(&iff),
						   BB_FUNC(&iftime),
						   BB_FUNC(&isnull),
						   BB_FUNC(&exists),
						   BB_FUNC(&set),
						   { 0 } },
	  .doc = { .summary = "Conditions", .since = "0.1" });
