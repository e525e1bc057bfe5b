/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/exec.c - running one line, and completing one.
 */
#include <stdlib.h>

#include "core/config/config.h"
#include "core/console/console_int.h"
#include "core/loop/loop_core.h"

static void usage(const struct bb_command *c, struct bb_out *o)
{
	struct bb_buf b = { 0 };

	bb_command_usage(c->cli, c->spelling, &b);
	bb_out_error(o, "Usage: %s", bb_buf_cstr(&b));
	bb_buf_free(&b);
}

static size_t count_fields(const struct bb_field *f)
{
	size_t n = 0;

	while (f && f[n].name)
		n++;
	return n;
}

/* A command's words after its name into its struct. */
static int parse_args(const struct bb_command *c, const struct bb_words *w, struct bb_str line,
		      void *dst, struct bb_arena *a, struct bb_out *o)
{
	const struct bb_field *fields = c->cli->args;
	size_t n = count_fields(fields), at = c->words;
	char why[256];

	for (size_t i = 0; i < n; i++, at++) {
		const struct bb_field *f = &fields[i];
		struct bb_str text = bb_strz(f->def);
		int err;

		if (at < w->n && f->type == BB_T_REST && at + 1 < w->n) {
			text = bb_str_trim(bb_str_sub(line, w->v[at].at, SIZE_MAX));
			at = w->n;
		} else if (at < w->n) {
			text = w->v[at].text;
		}
		if (!text.p) {
			bb_out_error(o, "%s is missing: %s", f->name, f->doc ? f->doc : "");
			usage(c, o);
			return -EINVAL;
		}
		if (at >= w->n && bb_str_empty(text) && f->type != BB_T_STR &&
		    f->type != BB_T_REST) {
			if (f->type == BB_T_ENUM)
				*(int *)(void *)((char *)dst + f->off) = -1;
			continue;
		}
		err = bb_field_parse(f, text, dst, a, why, sizeof(why));
		if (err == -EINVAL) {
			bb_out_error(o, "%s: %s", f->name, why);
			usage(c, o);
		}
		if (err)
			return err;
	}
	if (at < w->n) {
		bb_out_error(o, "\"%.*s\" is one word too many", BB_FMT(w->v[at].text));
		usage(c, o);
		return -EINVAL;
	}
	return 0;
}

static int run(struct bb_command *c, const struct bb_words *w, struct bb_str line,
	       struct bb_arena *a, struct bb_out *o)
{
	void *args = bb_arena_alloc(a, c->cli->args_size ? c->cli->args_size : 1);
	int err = args ? 0 : -ENOMEM;

	if (!err)
		err = parse_args(c, w, line, args, a, o);
	if (!err) {
		bb_watchdog_enter(c->use.entry ? bb_use_module(&c->use) : "console", c->cli->words);
		err = c->cli->run(o, args);
		bb_watchdog_leave();
	}
	if (err < 0 && !o->failed)
		bb_out_error(o, "%s: %s", c->spelling, strerror(-err));
	return err < 0 ? err : 0;
}

/* The format is known when the line is split: what is in @p o of it is the default. */
static void settle_format(struct bb_out *o, const struct bb_words *w)
{
	struct bb_out fresh;

	if (!w->json && !w->csv)
		return;
	json_decref(o->root);
	bb_out_init(&fresh, w->json ? BB_OUT_JSON : BB_OUT_CSV, o->text);
	fresh.session = o->session;
	fresh.width = 0;
	*o = fresh;
}

/* What the line means. A spelling of Asterisk's becomes ours, in *line too. */
static int find(struct bb_words *w, struct bb_str *line, struct bb_command *c, struct bb_arena *a,
		struct bb_buf *why)
{
	struct bb_buf instead = { 0 }, says = { 0 };
	int err = bb_command_find(w, c, why);

	if (err == -ENOENT && bb_elsewhere(w, *line, &instead, &says)) {
		bb_buf_truncate(why, 0);
		bb_buf_putstr(why, bb_buf_str(&says));
		if (instead.l) {
			*line = bb_strz(bb_arena_strdup(a, bb_buf_str(&instead)));
			err = line->p ? bb_words_split(w, *line, a) : -ENOMEM;
			if (!err)
				err = bb_command_find(w, c, why);
		}
	}
	bb_buf_free(&instead);
	bb_buf_free(&says);
	return err;
}

int bb_exec_line(struct bb_str line, struct bb_out *o)
{
	struct bb_arena *a = bb_arena_new(8192);
	struct bb_words *w = a ? bb_arena_alloc(a, sizeof(*w)) : NULL;
	struct bb_command c = { 0 };
	struct bb_buf why = { 0 };
	int err = w ? 0 : -ENOMEM;

	if (!err && line.l > BB_CONSOLE_LINE_MAX)
		err = -E2BIG;
	if (!err)
		err = bb_words_split(w, line, a);
	if (!err)
		settle_format(o, w);
	if (!err && w->open) {
		bb_out_error(o, "a quotation mark is not closed");
		err = -EINVAL;
	}
	if (!err && w->n) {
		err = find(w, &line, &c, a, &why);
		if (err)
			bb_out_error(o, "%s", bb_buf_cstr(&why));
		else
			err = run(&c, w, line, a, o);
	}
	if (err && !o->failed)
		bb_out_error(o, "%s", strerror(-err));
	bb_out_finish(o, err);
	bb_command_end(&c);
	bb_buf_free(&why);
	bb_arena_free(a);
	return err;
}

static int exec(struct bb_str line, enum bb_out_format format, unsigned width, bool colour,
		struct bb_buf *out)
{
	struct bb_out o;
	int err;

	bb_assert_control();
	bb_out_init(&o, format, out);
	o.width = width;
	o.colour = colour;
	err = bb_exec_line(line, &o);
	return err ? err : out->err;
}

int bb_console_exec(struct bb_str line, enum bb_out_format format, struct bb_buf *out)
{
	return exec(line, format, 0, false, out);
}

int bb_console_exec_tty(struct bb_str line, unsigned width, bool colour, struct bb_buf *out)
{
	return exec(line, BB_OUT_TEXT, width, colour, out);
}

/* --- completion --- */

#define CANDIDATES_MAX 1000

struct candidates {
	struct bb_arena *arena;
	const char *v[CANDIDATES_MAX];
	size_t n;
	struct bb_str word;
};

static void add_candidate(struct bb_str text, void *arg)
{
	struct candidates *c = arg;
	char *copy;

	if (c->n == CANDIDATES_MAX || bb_str_empty(text) || !bb_str_istarts(text, c->word))
		return;
	copy = bb_arena_strdup(c->arena, text);
	if (copy)
		c->v[c->n++] = copy;
}

static void complete_field(const struct bb_field *f, const struct bb_cli *cli, struct bb_out *o)
{
	void (*fn)(struct bb_out * o, struct bb_str word) = bb_completer_find(f->complete);

	if (f->type == BB_T_ENUM || f->type == BB_T_FLAGS) {
		for (size_t i = 0; f->words && f->words[i]; i++)
			bb_out_candidate(o, bb_strz(f->words[i]));
	} else if (f->type == BB_T_BOOL) {
		bb_out_candidate(o, BB_STR("yes"));
		bb_out_candidate(o, BB_STR("no"));
	}
	if (fn)
		fn(o, o->word);
	if (cli->complete)
		cli->complete(o, f->name, o->word);
}

static void complete_args(const struct bb_words *w, size_t n, struct candidates *c)
{
	struct bb_words before = *w;
	struct bb_command cmd;
	struct bb_buf none = { 0 };
	struct bb_out o;
	size_t fields, i;

	before.n = n;
	if (bb_command_find(&before, &cmd, NULL))
		return;
	fields = count_fields(cmd.cli->args);
	i = n - cmd.words;
	if (fields && i >= fields && cmd.cli->args[fields - 1].type == BB_T_REST)
		i = fields - 1;
	if (i < fields) {
		bb_out_init(&o, BB_OUT_TEXT, &none);
		o.add = add_candidate;
		o.add_arg = c;
		o.word = c->word;
		o.before = &w->v[cmd.words];
		o.n_before = n - cmd.words;
		complete_field(&cmd.cli->args[i], cmd.cli, &o);
		bb_buf_free(&none);
	}
	bb_command_end(&cmd);
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void bb_console_complete(struct bb_str line, void (*add)(struct bb_str word, void *arg), void *arg)
{
	struct bb_arena *a = bb_arena_new(32768);
	struct bb_words *w = a ? bb_arena_alloc(a, sizeof(*w)) : NULL;
	struct candidates *c = w ? bb_arena_alloc(a, sizeof(*c)) : NULL;
	size_t n;

	bb_assert_control();
	if (!c || line.l > BB_CONSOLE_LINE_MAX || bb_words_split(w, line, a))
		goto out;
	n = w->n && !w->more ? w->n - 1 : w->n;
	c->arena = a;
	c->word = n < w->n ? w->v[n].text : BB_STR("");
	bb_command_next_words(w, n, add_candidate, c);
	if (n)
		complete_args(w, n, c);
	qsort(c->v, c->n, sizeof(c->v[0]), by_text);
	for (size_t i = 0; i < c->n; i++)
		if (i == 0 || strcmp(c->v[i - 1], c->v[i]))
			add(bb_strz(c->v[i]), arg);
out:
	bb_arena_free(a);
}
