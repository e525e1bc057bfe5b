/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * app_set.c - Set() and MSet(): variables and functions are given values.
 */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>
#include <bellbird/mem.h>

struct set_args {
	struct bb_str text;
};

/* "name=value"; the name is taken as it stands, blanks too, as Asterisk takes it. */
static int assign(struct bb_chan *ch, const char *app, struct bb_str text, bool unquote)
{
	ptrdiff_t eq = bb_str_chr(text, '=');
	struct bb_str name, value;
	char *z;
	int err;

	if (eq < 0) {
		bb_warning("%s: %s(%.*s) needs an '='", bb_chan_name(ch), app, BB_FMT(text));
		return 0;
	}
	name = bb_str_sub(text, 0, (size_t)eq);
	value = bb_str_sub(text, (size_t)eq + 1, text.l);
	if (unquote) {
		name = bb_str_trim(name);
		value = bb_str_trim(value);
		if (value.l >= 2 && value.p[0] == '"' && value.p[value.l - 1] == '"')
			value = bb_str_sub(value, 1, value.l - 2);
	} else if (bb_str_chr(name, '(') < 0 && bb_str_chr(name, ' ') >= 0) {
		bb_warning("%s: blanks around '=' belong to the name and the value: '%.*s'",
			   bb_chan_name(ch), BB_FMT(name));
	}
	if (!value.p)
		value = BB_STR("");
	z = bb_strdup(name);
	if (!z)
		return -ENOMEM;
	err = bb_var_set(ch, z, value);
	bb_free(z);
	/* A function that refuses has said so itself. */
	return err == -ENOMEM || err == -ENOSPC || err == -ECANCELED ? err : 0;
}

static int set_run(struct bb_chan *ch, const void *args)
{
	return assign(ch, "Set", ((const struct set_args *)args)->text, false);
}

/* Past a comma outside of quotes; backslashes hide it. */
static size_t next_comma(struct bb_str s, size_t i)
{
	bool quoted = false;
	int depth = 0;

	for (; i < s.l; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == '(')
			depth++;
		else if (!quoted && s.p[i] == ')' && depth)
			depth--;
		else if (!quoted && !depth && s.p[i] == ',')
			return i;
	}
	return s.l;
}

static int mset_run(struct bb_chan *ch, const void *args)
{
	struct bb_str text = ((const struct set_args *)args)->text;
	size_t i = 0;
	int err = 0;

	while (!err && i < text.l) {
		size_t end = next_comma(text, i);
		struct bb_buf plain = { 0 };

		for (; i < end; i++) {
			if (text.p[i] == '\\' && i + 1 < end)
				i++;
			bb_buf_putc(&plain, text.p[i]);
		}
		err = plain.err ? plain.err : assign(ch, "MSet", bb_buf_str(&plain), true);
		bb_buf_free(&plain);
		i = end + 1;
	}
	return err;
}

static const struct bb_app app_set = {
	.name = "Set",
	.args =
		(const struct bb_field[]){
			{ .name = "name=value",
			  .type = BB_T_REST,
			  .off = offsetof(struct set_args, text),
			  .doc = "A variable or a function, '=', and everything behind it." },
			{ 0 } },
	.args_size = sizeof(struct set_args),
	.run = set_run,
	.doc = { .summary = "Set a variable or write a function",
		 .since = "0.1",
		 .text = "A leading '_' lets the legs that this one calls inherit the variable, "
			 "'__' their legs too. Everything behind '=' is the value, commas and "
			 "quotes as they stand.\n\nExample: Set(CALLERID(name)=Reception)",
		 .see_also = "MSet" },
};

static const struct bb_app app_mset = {
	.name = "MSet",
	.args = (const struct bb_field[]){ { .name = "name=value,…",
					     .type = BB_T_REST,
					     .off = offsetof(struct set_args, text),
					     .doc = "Assignments, joined by commas." },
					   { 0 } },
	.args_size = sizeof(struct set_args),
	.run = mset_run,
	.doc = { .summary = "Set several variables at once",
		 .since = "0.1",
		 .text = "Quotes around a value disappear; a comma within one needs a backslash or "
			 "quotes.\n\nExample: MSet(A=1,B=\"two, three\")",
		 .see_also = "Set" },
};

BB_MODULE(app_set,
	  .provides = (const struct bb_provide[]){ BB_APP(&app_set), BB_APP(&app_mset), { 0 } },
	  .doc = { .summary = "Set() and MSet()", .since = "0.1" });
