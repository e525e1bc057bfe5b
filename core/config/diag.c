/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is wrong with a configuration, collected for a human: all of it at
 * once, each sentence once, with its place and a guess at what was meant.
 */
#include "core/config/config.h"

#include <stdio.h>

#include <bellbird/log.h>

/* More than this nobody reads; the rest is counted. */
#define MAX_ITEMS 1000

struct bb_diag {
	struct bb_diag_item *items;
	size_t n, cap;
	size_t counts[BB_MISTAKE + 1];
	struct bb_arena *arena;
	bool short_of_memory;
};

void bb_diag_free(struct bb_diag *d)
{
	if (!d)
		return;
	bb_free(d->items);
	bb_arena_free(d->arena);
	bb_free(d);
}

int bb_diag_new(struct bb_diag **dp)
{
	struct bb_diag *d = bb_zalloc(sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->arena = bb_arena_new(1024);
	if (!d->arena) {
		bb_free(d);
		return -ENOMEM;
	}
	*dp = d;
	return 0;
}

static bool same_place(const struct bb_where *a, const struct bb_where *b)
{
	if (a->line != b->line || a->column != b->column)
		return false;
	if (!a->file || !b->file)
		return a->file == b->file;
	return strcmp(a->file, b->file) == 0;
}

static bool already_said(const struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
			 const char *text)
{
	for (size_t i = d->n; i-- > 0;) {
		const struct bb_diag_item *it = &d->items[i];

		if (it->sev == sev && same_place(&it->at, at) && strcmp(it->text, text) == 0)
			return true;
	}
	return false;
}

struct bb_diag_name {
	struct bb_diag_name *next;
	const char *name;
};

static bool room_for_one(struct bb_diag *d)
{
	struct bb_diag_item *more;
	size_t cap;

	if (d->n < d->cap)
		return true;
	cap = d->cap ? d->cap * 2 : 16;
	more = bb_realloc(d->items, cap * sizeof(*more));
	if (!more)
		return false;
	d->items = more;
	d->cap = cap;
	return true;
}

static void keep(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
		 const char *text)
{
	struct bb_where where = { 0 };
	struct bb_diag_item *it;

	if (at)
		where = *at;
	if (already_said(d, sev, &where, text))
		return;
	/* Counted even when it cannot be kept: a mistake must refuse. */
	d->counts[sev]++;
	if (d->n >= MAX_ITEMS)
		return;
	if (!room_for_one(d)) {
		d->short_of_memory = true;
		return;
	}
	it = &d->items[d->n];
	memset(it, 0, sizeof(*it));
	it->sev = sev;
	it->at = where;
	if (where.file) {
		const char *file = bb_conf_intern(where.file);

		it->at.file = file ? file : "(no memory for the file's name)";
	}
	it->text = bb_arena_strdup(d->arena, bb_strz(text));
	if (!it->text) {
		d->short_of_memory = true;
		return;
	}
	d->n++;
}

void bb_diag_add(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
		 const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	va_list ap;

	if (!d)
		return;
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (b.err)
		d->short_of_memory = true;
	keep(d, sev, at, b.err ? "(no memory for the text)" : bb_buf_cstr(&b));
	bb_buf_free(&b);
}

static struct bb_diag_item *gathered(struct bb_diag *d, enum bb_severity sev,
				     const struct bb_where *at, const char *what)
{
	for (size_t i = 0; i < d->n; i++) {
		struct bb_diag_item *it = &d->items[i];

		if (it->sev == sev && it->what && strcmp(it->what, what) == 0 && at->file &&
		    it->at.file && strcmp(it->at.file, at->file) == 0)
			return it;
	}
	return NULL;
}

static bool has_name(const struct bb_diag_item *it, struct bb_str name)
{
	for (const struct bb_diag_name *n = it->names; n; n = n->next)
		if (bb_str_is(name, n->name))
			return true;
	return false;
}

static int add_name(struct bb_diag *d, struct bb_diag_item *it, struct bb_str name)
{
	struct bb_diag_name *n = bb_arena_alloc(d->arena, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->name = bb_arena_strdup(d->arena, name);
	n->next = it->names;
	it->names = n;
	return n->name ? 0 : -ENOMEM;
}

void bb_diag_gather(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
		    const char *what, struct bb_str name)
{
	struct bb_diag_item *it;
	const char *text;

	if (!d)
		return;
	it = gathered(d, sev, at, what);
	if (!it) {
		size_t before = d->n;

		bb_diag_add(d, sev, at, "%s: %.*s", what, BB_FMT(name));
		if (d->n == before)
			return; /* too many, or no memory: counted all the same */
		it = &d->items[before];
		it->what = bb_arena_strdup(d->arena, bb_strz(what));
	} else if (!has_name(it, name)) {
		text = at->line ? bb_arena_printf(d->arena, "%s, %.*s (line %u)", it->text,
						  BB_FMT(name), at->line)
				: bb_arena_printf(d->arena, "%s, %.*s", it->text, BB_FMT(name));
		if (text)
			it->text = text;
		else
			d->short_of_memory = true;
	} else {
		return;
	}
	if (!it->what || add_name(d, it, name))
		d->short_of_memory = true;
}

void bb_diag_unknown(struct bb_diag *d, enum bb_severity sev, const struct bb_where *at,
		     const char *what, struct bb_str got, const char *const *words)
{
	const char *near = words ? bb_nearest(got, words) : NULL;

	if (near)
		bb_diag_add(d, sev, at, "unknown %s '%.*s'; did you mean '%s'?", what, BB_FMT(got),
			    near);
	else
		bb_diag_add(d, sev, at, "unknown %s '%.*s'", what, BB_FMT(got));
}

bool bb_diag_blames(const struct bb_diag *d, const char *file)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->items[i].at.file && strcmp(d->items[i].at.file, file) == 0)
			return true;
	return false;
}

const struct bb_diag_item *bb_diag_at(const struct bb_diag *d, size_t i)
{
	return i < d->n ? &d->items[i] : NULL;
}

size_t bb_diag_count(const struct bb_diag *d, enum bb_severity sev)
{
	return d->counts[sev];
}

const char *bb_diag_word(enum bb_severity sev, enum bb_diag_mode mode, bool strict)
{
	switch (sev) {
	case BB_MISTAKE:
		return "error";
	case BB_SUSPECT:
		return mode == BB_DIAG_CHECK || strict ? "error" : "warning";
	case BB_WARN:
		return strict ? "error" : "warning";
	case BB_NOTE:
		break;
	}
	return "note";
}

bool bb_diag_refuses(const struct bb_diag *d, enum bb_diag_mode mode, bool strict)
{
	if (d->short_of_memory || d->counts[BB_MISTAKE])
		return true;
	if (d->counts[BB_SUSPECT] && (mode == BB_DIAG_CHECK || strict))
		return true;
	return strict && d->counts[BB_WARN];
}

void bb_diag_print(const struct bb_diag *d, size_t i, enum bb_diag_mode mode, bool strict,
		   struct bb_buf *out)
{
	const struct bb_diag_item *it = bb_diag_at(d, i);

	if (!it)
		return;
	if (it->at.file)
		bb_buf_puts(out, it->at.file);
	if (it->at.file && it->at.line)
		bb_buf_printf(out, ":%u", it->at.line);
	if (it->at.file && it->at.line && it->at.column)
		bb_buf_printf(out, ":%u", it->at.column);
	if (it->at.file)
		bb_buf_puts(out, ": ");
	bb_buf_printf(out, "%s: %s", bb_diag_word(it->sev, mode, strict), it->text);
}

static bool stands_before(const struct bb_where *a, const struct bb_where *b)
{
	int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (order)
		return order < 0;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Parts of the program judge one after the other; a reader goes through file by file. Few are out
 * of place, so that inserting is cheap. */
void bb_diag_sort(struct bb_diag *d)
{
	for (size_t i = 1; i < d->n; i++) {
		struct bb_diag_item it = d->items[i];
		size_t k = i;

		for (; k > 0 && stands_before(&it.at, &d->items[k - 1].at); k--)
			d->items[k] = d->items[k - 1];
		d->items[k] = it;
	}
}

void bb_diag_log(const struct bb_diag *d, bool strict)
{
	struct bb_buf b = { 0 };

	for (size_t i = 0; i < d->n; i++) {
		const char *word = bb_diag_word(d->items[i].sev, BB_DIAG_START, strict);

		bb_buf_truncate(&b, 0);
		bb_diag_print(d, i, BB_DIAG_START, strict, &b);
		if (word[0] == 'e')
			bb_error("%s", bb_buf_cstr(&b));
		else if (word[0] == 'w')
			bb_warning("%s", bb_buf_cstr(&b));
		else
			bb_notice("%s", bb_buf_cstr(&b));
	}
	bb_buf_free(&b);
}

void bb_near_offer(struct bb_near *n, const char *candidate)
{
	unsigned dist = bb_str_distance(n->got, bb_strz(candidate));

	if (!n->best || dist < n->distance) {
		n->best = candidate;
		n->distance = dist;
	}
}

const char *bb_near_best(const struct bb_near *n)
{
	/* One slip in three letters still looks like the word. */
	if (!n->best || n->distance > 1 + n->got.l / 4 || n->distance >= n->got.l)
		return NULL;
	return n->best;
}

const char *bb_near_hint(const struct bb_near *n, char *dst, size_t cap)
{
	const char *best = bb_near_best(n);

	if (!best || snprintf(dst, cap, "; did you mean '%s'?", best) >= (int)cap)
		dst[0] = '\0';
	return dst;
}

const char *bb_nearest(struct bb_str got, const char *const *words)
{
	struct bb_near n = { .got = got };

	for (size_t i = 0; words && words[i]; i++)
		bb_near_offer(&n, words[i]);
	return bb_near_best(&n);
}
