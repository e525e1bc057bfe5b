/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/commands.c - the commands there are, and which one a line means.
 *
 * Every command has one spelling and perhaps aliases. A word of the line may
 * be abbreviated where only one word of the commands begins so.
 */
#include <bellbird/log.h>

#include "core/config/config.h"
#include "core/console/console_int.h"

static const struct bb_cli **core_cmds;
static size_t n_core, cap_core;

int bb_cli_add_core(const struct bb_cli *const *cmds, size_t n)
{
	if (n_core + n > cap_core) {
		size_t cap = (n_core + n) * 2;
		const struct bb_cli **v = bb_realloc(core_cmds, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		core_cmds = v;
		cap_core = cap;
	}
	memcpy(core_cmds + n_core, cmds, n * sizeof(*cmds));
	n_core += n;
	return 0;
}

void bb_commands_clear(void)
{
	bb_free(core_cmds);
	core_cmds = NULL;
	n_core = cap_core = 0;
	bb_completers_clear();
}

/* --- walking spellings --- */

/* The alias @p i of a command; its own words for -1. */
static const char *spelling_at(const struct bb_cli *c, int i)
{
	if (i < 0)
		return c->words;
	return c->aliases ? c->aliases[i] : NULL;
}

struct walk {
	size_t core;
	struct bb_reg_iter it;
	bool in_modules;
	const struct bb_cli *cli;
	struct bb_use use;
	int alias;
};

/* @return the next spelling; the command is held until the next step. */
static const char *walk_next(struct walk *w)
{
	const char *s;

	if (w->cli) {
		s = spelling_at(w->cli, ++w->alias);
		if (s)
			return s;
	}
	bb_use_end(&w->use);
	w->use.entry = NULL;
	w->alias = -1;
	if (w->core < n_core) {
		w->cli = core_cmds[w->core++];
	} else {
		w->it.kind = BB_KIND_CLI;
		w->cli = bb_reg_next(&w->it, &w->use);
	}
	return w->cli ? w->cli->words : NULL;
}

void bb_command_each(void (*fn)(const struct bb_cli *cli, const char *spelling, bool alias,
				void *arg),
		     void *arg)
{
	struct walk w = { 0 };
	const char *s;

	while ((s = walk_next(&w)))
		fn(w.cli, s, w.alias >= 0, arg);
}

/* --- matching --- */

/* Word @p i of a spelling; unset past its end. */
static struct bb_str nth(const char *spelling, size_t i)
{
	struct bb_str rest = bb_strz(spelling), piece;

	while (bb_str_split(&rest, ' ', &piece))
		if (i-- == 0)
			return piece;
	return bb_strz(NULL);
}

static size_t length(const char *spelling)
{
	size_t n = 0;

	while (nth(spelling, n).p)
		n++;
	return n;
}

/* What a word of the line was found to mean at its place. */
struct path {
	struct bb_str word[BB_WORDS_MAX];
	size_t n;
};

static bool on_path(const char *spelling, const struct path *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct bb_str at = nth(spelling, i);

		if (!at.p || !bb_str_ieq(at, p->word[i]))
			return false;
	}
	return true;
}

struct level {
	const struct path *path;
	struct bb_str typed;
	struct bb_str found; /* Points into a descriptor. */
	bool exact, several;
	struct bb_buf names;
};

static bool has_word(struct bb_str list, struct bb_str word)
{
	struct bb_str one;

	while (bb_str_split(&list, ',', &one))
		if (bb_str_ieq(bb_str_trim(one), word))
			return true;
	return false;
}

static void look(const char *s, struct level *l)
{
	struct bb_str at;

	if (!on_path(s, l->path))
		return;
	at = nth(s, l->path->n);
	if (!at.p || l->exact || !bb_str_istarts(at, l->typed))
		return;
	if (bb_str_ieq(at, l->typed)) {
		l->exact = true;
		l->several = false;
		l->found = at;
		return;
	}
	if (l->found.p && bb_str_ieq(l->found, at))
		return;
	if (l->found.p)
		l->several = true;
	if (!has_word(bb_buf_str(&l->names), at))
		bb_buf_printf(&l->names, "%s%.*s", l->found.p ? ", " : "", BB_FMT(at));
	l->found = at;
}

/* Does some command end exactly here? */
static bool ends_here(const struct path *p)
{
	struct walk w = { 0 };
	const char *s;
	bool yes = false;

	while ((s = walk_next(&w)))
		if (length(s) == p->n && on_path(s, p))
			yes = true;
	return yes;
}

/*
 * Follow the words of the line as far as they are words of commands. *ends
 * becomes how many of them name a command (0: none does).
 */
static int follow(const struct bb_words *w, size_t n, struct path *p, size_t *ends,
		  struct bb_buf *why)
{
	*ends = 0;
	p->n = 0;
	while (p->n < n) {
		struct level l = { .path = p, .typed = w->v[p->n].text };
		struct walk all = { 0 };
		const char *s;

		if (bb_str_empty(l.typed))
			break;
		while ((s = walk_next(&all)))
			look(s, &l);
		if (l.several && *ends == 0 && why)
			bb_buf_printf(why, "\"%.*s\" may mean: %s", BB_FMT(l.typed),
				      bb_buf_cstr(&l.names));
		bb_buf_free(&l.names);
		/* After a whole command this is an argument. */
		if (l.several)
			return *ends ? 0 : -EAGAIN;
		if (!l.found.p)
			break;
		p->word[p->n++] = l.found;
		if (ends_here(p))
			*ends = p->n;
	}
	return 0;
}

static void suggest(const struct bb_words *w, const struct path *p, struct bb_buf *why)
{
	struct bb_near near = { 0 };
	struct bb_buf typed = { 0 };
	struct walk all = { 0 };
	const char *s, *best;

	for (size_t i = 0; i < w->n; i++)
		bb_buf_printf(&typed, "%s%.*s", i ? " " : "", BB_FMT(w->v[i].text));
	near.got = bb_buf_str(&typed);
	while ((s = walk_next(&all)))
		bb_near_offer(&near, s);
	best = bb_near_best(&near);
	if (p->n && p->n == w->n)
		bb_buf_printf(why, "\"%s\" is not complete: try TAB, or core show help %s",
			      bb_buf_cstr(&typed), bb_buf_cstr(&typed));
	else if (best)
		bb_buf_printf(why, "no such command: \"%s\". Did you mean \"%s\"?",
			      bb_buf_cstr(&typed), best);
	else
		bb_buf_printf(why, "no such command: \"%s\" (core show help lists them)",
			      bb_buf_cstr(&typed));
	bb_buf_free(&typed);
}

int bb_command_find(const struct bb_words *w, struct bb_command *c, struct bb_buf *why)
{
	struct walk all = { 0 };
	struct path p;
	const char *s;
	size_t ends;
	int err;

	memset(c, 0, sizeof(*c));
	err = follow(w, w->n, &p, &ends, why);
	if (err)
		return err;
	if (ends == 0) {
		if (why)
			suggest(w, &p, why);
		return -ENOENT;
	}
	p.n = ends;
	while ((s = walk_next(&all))) {
		if (length(s) != p.n || !on_path(s, &p))
			continue;
		if (!c->cli) {
			c->cli = all.cli;
			c->spelling = s;
			c->words = ends;
			if (all.use.entry)
				bb_use_copy(&all.use, &c->use);
		}
	}
	if (c->use.entry)
		bb_use_note(&c->use, "console");
	return c->cli ? 0 : -ENOENT;
}

void bb_command_end(struct bb_command *c)
{
	bb_use_end(&c->use);
	memset(c, 0, sizeof(*c));
}

void bb_command_next_words(const struct bb_words *w, size_t n,
			   void (*add)(struct bb_str word, void *arg), void *arg)
{
	struct walk all = { 0 };
	struct path p;
	const char *s;
	size_t ends;

	if (follow(w, n, &p, &ends, NULL) || p.n != n)
		return;
	while ((s = walk_next(&all))) {
		struct bb_str at;

		if (!on_path(s, &p))
			continue;
		at = nth(s, n);
		if (at.p)
			add(at, arg);
	}
}

void bb_command_usage(const struct bb_cli *cli, const char *spelling, struct bb_buf *out)
{
	bb_buf_puts(out, spelling);
	for (const struct bb_field *f = cli->args; f && f->name; f++) {
		bool optional = f->def != NULL;

		bb_buf_puts(out, optional ? " [" : " ");
		if (f->type == BB_T_ENUM && f->words) {
			for (size_t i = 0; f->words[i]; i++)
				bb_buf_printf(out, "%s%s", i ? "|" : "", f->words[i]);
		} else {
			bb_buf_printf(out, "<%s>%s", f->name, f->type == BB_T_REST ? "…" : "");
		}
		if (optional)
			bb_buf_putc(out, ']');
	}
}
