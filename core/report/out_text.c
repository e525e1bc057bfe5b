/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/report/out_text.c - tables and facts for people, and CSV.
 */
#include "core/report/report.h"

#define BOLD "\033[1m"
#define PLAIN "\033[0m"
#define GAP 2
#define NARROWEST 6

static const char *colour_of(struct bb_str s)
{
	static const struct {
		const char *word, *colour;
	} known[] = {
		{ "Up", "\033[32m" },	       { "Running", "\033[32m" },
		{ "Avail", "\033[32m" },       { "Not in use", "\033[32m" },
		{ "Reachable", "\033[32m" },   { "Ringing", "\033[33m" },
		{ "Ring", "\033[33m" },	       { "Draining", "\033[33m" },
		{ "Dialing", "\033[33m" },     { "In use", "\033[36m" },
		{ "Busy", "\033[33m" },	       { "Unavail", "\033[31m" },
		{ "Unavailable", "\033[31m" }, { "Unreachable", "\033[31m" },
		{ "Failed", "\033[31m" },
	};

	for (size_t i = 0; i < BB_ARRAY_SIZE(known); i++)
		if (bb_str_iis(s, known[i].word))
			return known[i].colour;
	return NULL;
}

static void pad(struct bb_buf *b, size_t n)
{
	while (n--)
		bb_buf_putc(b, ' ');
}

/* One cell, cut with … or padded to its width. The last column is not padded on its right. */
static void cell(struct bb_out *o, struct bb_str s, size_t width, const struct bb_column *col,
		 bool last, const char *colour)
{
	size_t w = bb_text_width(s);
	bool cut = w > width;

	if (cut) {
		s.l = bb_text_fit(s, width - 1);
		w = bb_text_width(s) + 1;
	}
	if (col->align == BB_RIGHT)
		pad(o->text, width - w);
	if (colour)
		bb_buf_puts(o->text, colour);
	bb_buf_putstr(o->text, s);
	if (cut)
		bb_buf_puts(o->text, "\xe2\x80\xa6");
	if (colour)
		bb_buf_puts(o->text, PLAIN);
	if (last)
		return;
	if (col->align == BB_LEFT)
		pad(o->text, width - w);
	pad(o->text, GAP);
}

#define HIDDEN SIZE_MAX
#define ROOMY 20 /* what a flexible column should have before another one is left out for it */

static size_t total_width(const struct bb_out *o, const size_t *width, size_t flexible_at_most)
{
	size_t total = 0;

	for (size_t i = 0; i < o->n_cols; i++) {
		bool soft = o->cols[i].flexible || o->cols[i].wrap;

		if (width[i] == HIDDEN)
			continue;
		total += GAP + (soft && width[i] > flexible_at_most ? flexible_at_most : width[i]);
	}
	return total > GAP ? total - GAP : 0;
}

static size_t widest(const struct bb_out *o, const size_t *width, bool flexible_alone)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < o->n_cols; i++) {
		if (width[i] == HIDDEN || width[i] <= NARROWEST)
			continue;
		if (flexible_alone && !o->cols[i].flexible && !o->cols[i].wrap)
			continue;
		if (found == SIZE_MAX || width[i] > width[found])
			found = i;
	}
	return found;
}

/* Too wide: first the columns that may be missing go, then the flexible ones get narrower, then
 * all. */
static void fit(struct bb_out *o, size_t *width)
{
	for (size_t i = o->n_cols; o->width && i-- > 0;)
		if (o->cols[i].wide && total_width(o, width, ROOMY) > o->width)
			width[i] = HIDDEN;
	while (o->width && total_width(o, width, SIZE_MAX) > o->width) {
		size_t w = widest(o, width, true);

		if (w == SIZE_MAX)
			w = widest(o, width, false);
		if (w == SIZE_MAX)
			return;
		width[w]--;
	}
}

static size_t last_shown(const struct bb_out *o, const size_t *width)
{
	size_t last = 0;

	for (size_t i = 0; i < o->n_cols; i++)
		if (width[i] != HIDDEN)
			last = i;
	return last;
}

/* How much of a text that goes on below stands in one line: whole words where there are any. */
static size_t one_line(struct bb_str s, size_t width)
{
	size_t n = bb_text_fit(s, width), at = n;

	if (n >= s.l)
		return s.l;
	if (s.p[n] == ' ')
		return n;
	while (at > n / 2 && s.p[at - 1] != ' ')
		at--;
	return at > n / 2 ? at : n ? n : 1;
}

static void wrapped(struct bb_out *o, struct bb_str s, const size_t *width, size_t col)
{
	size_t indent = 0;

	for (size_t i = 0; i < col; i++)
		indent += width[i] == HIDDEN ? 0 : width[i] + GAP;
	for (bool first = true; first || s.l; first = false) {
		size_t n = one_line(s, width[col]);

		if (!first) {
			bb_buf_putc(o->text, '\n');
			pad(o->text, indent);
		}
		bb_buf_putstr(o->text, bb_str_trim(bb_str_sub(s, 0, n)));
		s = bb_str_trim(bb_str_sub(s, n, SIZE_MAX));
	}
}

/* Empty cells at the end leave no trail of spaces. */
static void end_row(struct bb_buf *b)
{
	size_t n = b->l;

	while (n && b->p[n - 1] == ' ')
		n--;
	bb_buf_truncate(b, n);
	bb_buf_putc(b, '\n');
}

void bb_out_print_table(struct bb_out *o)
{
	size_t width[BB_OUT_COLUMNS], last;
	const char *p = bb_buf_cstr(&o->cells), *above[BB_OUT_COLUMNS] = { NULL };
	bool same = false;

	if (o->cells.err)
		return;
	if (o->after_block)
		bb_buf_putc(o->text, '\n');
	o->after_block = false;
	for (size_t i = 0; i < o->n_cols; i++)
		width[i] = bb_text_width(bb_strz(o->cols[i].name));
	for (size_t i = 0; i < o->n_cells; i++, p += strlen(p) + 1) {
		size_t w = bb_text_width(bb_strz(p));

		if (w > width[i % o->n_cols])
			width[i % o->n_cols] = w;
	}
	fit(o, width);
	last = last_shown(o, width);
	for (size_t i = 0; i <= last; i++)
		if (width[i] != HIDDEN)
			cell(o, bb_strz(o->cols[i].name), width[i], &o->cols[i], i == last,
			     o->colour ? BOLD : NULL);
	bb_buf_putc(o->text, '\n');
	p = bb_buf_cstr(&o->cells);
	for (size_t i = 0; i < o->n_cells; i++, p += strlen(p) + 1) {
		size_t c = i % o->n_cols;
		struct bb_str text = bb_strz(p);

		same = (c == 0 || same) && above[c] && strcmp(above[c], p) == 0;
		above[c] = p;
		if (same && o->cols[c].ditto)
			text = BB_STR("");
		if (c == last && o->cols[c].wrap)
			wrapped(o, text, width, c);
		else if (width[c] != HIDDEN)
			cell(o, text, width[c], &o->cols[c], c == last,
			     o->colour ? colour_of(text) : NULL);
		if (c + 1 == o->n_cols)
			end_row(o->text);
	}
}

/* Names aligned; a value of several lines goes on under its beginning. */
void bb_out_print_facts(struct bb_out *o)
{
	const char *p = bb_buf_cstr(&o->cells);
	size_t width = 0;

	if (o->cells.err)
		return;
	if (o->after_block)
		bb_buf_putc(o->text, '\n');
	o->after_block = false;
	for (size_t i = 0; i < o->n_cells; i++, p += strlen(p) + 1) {
		size_t w = bb_text_width(bb_strz(p)) + 1;

		if (i % 2 == 0 && w > width)
			width = w;
	}
	p = bb_buf_cstr(&o->cells);
	for (size_t i = 0; i < o->n_cells; i++, p += strlen(p) + 1) {
		struct bb_str rest = bb_strz(p), line;

		if (i % 2 == 0) {
			bb_buf_printf(o->text, "%s%s:%s", o->colour ? BOLD : "", p,
				      o->colour ? PLAIN : "");
			pad(o->text, width - bb_text_width(rest) - 1 + 1);
			continue;
		}
		for (bool first = true; first || rest.l; first = false) {
			ptrdiff_t nl = bb_str_chr(rest, '\n');

			line = nl < 0 ? rest : bb_str_sub(rest, 0, (size_t)nl);
			rest = nl < 0 ? BB_STR("") : bb_str_sub(rest, (size_t)nl + 1, SIZE_MAX);
			if (!first)
				pad(o->text, width + 1);
			bb_buf_putstr(o->text, line);
			bb_buf_putc(o->text, '\n');
		}
	}
}

/* RFC 4180, with plain line ends. */
void bb_out_print_csv_row(struct bb_out *o, const struct bb_cell *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bb_str s = c[i].text;
		bool quote = bb_str_chr(s, ',') >= 0 || bb_str_chr(s, '"') >= 0 ||
			     bb_str_chr(s, '\n') >= 0;
		struct bb_buf b = { 0 };

		if (i)
			bb_buf_putc(o->text, ',');
		bb_text_clean(&b, s, true);
		if (quote)
			bb_buf_putc(o->text, '"');
		for (size_t k = 0; k < b.l; k++) {
			if (b.p[k] == '"')
				bb_buf_putc(o->text, '"');
			bb_buf_putc(o->text, b.p[k]);
		}
		if (quote)
			bb_buf_putc(o->text, '"');
		bb_buf_free(&b);
	}
	bb_buf_putc(o->text, '\n');
}
