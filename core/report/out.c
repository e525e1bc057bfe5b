/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/report/out.c - what a command emits, collected for its reader.
 *
 * A table is held until it ends, since its columns' widths depend on all rows.
 */
#include <stdio.h>
#include <time.h>

#include "core/report/report.h"

void bb_out_init(struct bb_out *o, enum bb_out_format format, struct bb_buf *text)
{
	memset(o, 0, sizeof(*o));
	o->format = format;
	o->text = text;
	o->begin = text->l;
	if (format == BB_OUT_JSON)
		o->root = json_object();
}

/* A runaway command must not eat the memory: what is over the bound is said, not kept. */
static bool has_room(struct bb_out *o)
{
	if (!o->full && o->text->l - o->begin + o->weight > BB_OUT_MAX)
		o->full = true;
	return !o->full && !o->add;
}

void bb_out_flush(struct bb_out *o)
{
	if (o->format == BB_OUT_TEXT && o->block == BB_OUT_TABLE)
		bb_out_print_table(o);
	else if (o->format == BB_OUT_TEXT && o->block == BB_OUT_FACTS)
		bb_out_print_facts(o);
	if (o->block != BB_OUT_NONE)
		o->after_block = true;
	o->block = BB_OUT_NONE;
	o->n_cells = 0;
	o->rows = NULL;
	if (o->format != BB_OUT_JSON)
		o->weight = 0;
	if (o->cells.err && !o->text->err)
		o->text->err = o->cells.err;
	bb_buf_free(&o->cells);
}

static int dump_to(const char *data, size_t len, void *arg)
{
	struct bb_buf *b = arg;

	bb_buf_put(b, data, len);
	return b->err;
}

void bb_out_finish(struct bb_out *o, int status)
{
	bb_out_flush(o);
	if (o->full)
		bb_out_error(o, "the output was too long and ends here");
	if (o->format != BB_OUT_JSON || o->add)
		return;
	json_object_set_new(o->root, "ok", json_boolean(status >= 0));
	if (json_dump_callback(o->root, dump_to, o->text, JSON_INDENT(2)) && !o->text->err)
		o->text->err = -ENOMEM;
	bb_buf_putc(o->text, '\n');
	json_decref(o->root);
	o->root = NULL;
}

void bb_out_table(struct bb_out *o, const char *name, const struct bb_column *cols, size_t n)
{
	char key[64];

	bb_out_flush(o);
	if (!has_room(o))
		return;
	if (n > BB_OUT_COLUMNS)
		n = BB_OUT_COLUMNS;
	memcpy(o->cols, cols, n * sizeof(*cols));
	o->n_cols = n;
	o->block = BB_OUT_TABLE;
	if (o->format == BB_OUT_JSON) {
		bb_out_json_key(key, sizeof(key), name ? name : "rows");
		o->rows = json_object_get(o->root, key);
		if (!json_is_array(o->rows)) {
			o->rows = json_array();
			json_object_set_new(o->root, key, o->rows);
		}
	} else if (o->format == BB_OUT_CSV) {
		struct bb_cell head[BB_OUT_COLUMNS] = { 0 };

		for (size_t i = 0; i < n; i++)
			head[i].text = bb_strz(cols[i].name);
		bb_out_print_csv_row(o, head, n);
	}
}

static void emit_row(struct bb_out *o, const struct bb_cell *c, size_t n)
{
	if (o->block != BB_OUT_TABLE || !has_room(o))
		return;
	if (o->format == BB_OUT_JSON) {
		for (size_t i = 0; i < n; i++)
			o->weight += c[i].text.l + 64;
		bb_out_json_row(o, c, n);
		return;
	}
	if (o->format == BB_OUT_CSV) {
		bb_out_print_csv_row(o, c, n);
		return;
	}
	for (size_t i = 0; i < o->n_cols; i++) {
		if (i < n)
			bb_text_clean(&o->cells, c[i].text, false);
		bb_buf_putc(&o->cells, '\0');
		o->n_cells++;
	}
	o->weight = o->cells.l;
}

void bb_out_row(struct bb_out *o, const char *const *cells, size_t n)
{
	struct bb_cell c[BB_OUT_COLUMNS] = { 0 };

	if (n > o->n_cols)
		n = o->n_cols;
	for (size_t i = 0; i < n; i++) {
		c[i].type = cells[i] ? BB_CELL_TEXT : BB_CELL_NULL;
		c[i].text = bb_strz(cells[i]);
	}
	emit_row(o, c, n);
}

static void span_text(char *dst, size_t cap, bb_time t)
{
	long long s = t / BB_SEC;

	if (s < 86400)
		snprintf(dst, cap, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(dst, cap, "%lldd %02lld:%02lld:%02lld", s / 86400, s / 3600 % 24,
			 s / 60 % 60, s % 60);
}

static void wall_text(char *dst, size_t cap, bb_time t, bool iso)
{
	time_t s = (time_t)(t / BB_SEC);
	struct tm tm;

	dst[0] = '\0';
	if (t <= 0)
		return;
	if (iso && gmtime_r(&s, &tm))
		strftime(dst, cap, "%Y-%m-%dT%H:%M:%SZ", &tm);
	else if (!iso && localtime_r(&s, &tm))
		strftime(dst, cap, "%Y-%m-%d %H:%M:%S", &tm);
}

#define NUMBER_TEXT 48

static void time_cell(struct bb_out *o, struct bb_cell *c, char type, bb_time t,
		      char buf[NUMBER_TEXT])
{
	if (type == 't') {
		span_text(buf, NUMBER_TEXT, t);
		c->type = BB_CELL_INT;
		c->span = true;
		c->i = t / BB_SEC;
	} else {
		wall_text(buf, NUMBER_TEXT, t, o->format != BB_OUT_TEXT);
		c->type = buf[0] ? BB_CELL_TEXT : BB_CELL_NULL;
	}
	c->text = bb_strz(buf);
}

static void typed_cell(struct bb_out *o, struct bb_cell *c, char type, va_list *ap,
		       char buf[NUMBER_TEXT])
{
	switch (type) {
	case 's':
		c->text = bb_strz(va_arg(*ap, const char *));
		c->type = c->text.p ? BB_CELL_TEXT : BB_CELL_NULL;
		return;
	case 'S':
		c->text = va_arg(*ap, struct bb_str);
		c->type = c->text.p ? BB_CELL_TEXT : BB_CELL_NULL;
		return;
	case 'd':
		c->type = BB_CELL_INT;
		c->i = va_arg(*ap, int64_t);
		snprintf(buf, NUMBER_TEXT, "%lld", (long long)c->i);
		break;
	case 'u':
		c->type = BB_CELL_UINT;
		c->u = va_arg(*ap, uint64_t);
		snprintf(buf, NUMBER_TEXT, "%llu", (unsigned long long)c->u);
		break;
	case 'f':
		c->type = BB_CELL_DOUBLE;
		c->d = va_arg(*ap, double);
		snprintf(buf, NUMBER_TEXT, "%.2f", c->d);
		break;
	case 'F':
		c->type = BB_CELL_DOUBLE;
		c->d = va_arg(*ap, double);
		snprintf(buf, NUMBER_TEXT, "%.3f", c->d);
		break;
	case 'b':
		c->type = BB_CELL_BOOL;
		c->i = va_arg(*ap, int) != 0;
		snprintf(buf, NUMBER_TEXT, "%s", c->i ? "yes" : "no");
		break;
	default:
		time_cell(o, c, type, va_arg(*ap, bb_time), buf);
		return;
	}
	c->text = bb_strz(buf);
}

void bb_out_rowf(struct bb_out *o, const char *types, ...)
{
	struct bb_cell c[BB_OUT_COLUMNS] = { 0 };
	char numbers[BB_OUT_COLUMNS][NUMBER_TEXT];
	va_list ap;
	size_t n;

	va_start(ap, types);
	for (n = 0; types[n] && n < o->n_cols; n++)
		typed_cell(o, &c[n], types[n], &ap, numbers[n]);
	va_end(ap);
	emit_row(o, c, n);
}

/* Whole words in a line, as many as the terminal has room for. */
static void put_wrapped(struct bb_out *o, struct bb_str line)
{
	while (o->width && bb_text_width(line) > o->width) {
		size_t fits = bb_text_fit(line, o->width), n = fits;

		while (n && line.p[n] != ' ')
			n--;
		/* A word longer than the terminal is left to it. */
		if (!n || bb_str_empty(bb_str_trim(bb_str_sub(line, 0, n))))
			break;
		bb_buf_put(o->text, line.p, n);
		bb_buf_putc(o->text, '\n');
		line = bb_str_sub(line, n + 1, SIZE_MAX);
	}
	bb_buf_putstr(o->text, line);
	bb_buf_putc(o->text, '\n');
}

static void put_clean(struct bb_out *o, struct bb_str s)
{
	struct bb_buf clean = { 0 };

	bb_text_clean(&clean, s, true);
	for (size_t at = 0; at < clean.l;) {
		const char *nl = memchr(clean.p + at, '\n', clean.l - at);
		size_t l = nl ? (size_t)(nl - clean.p) - at : clean.l - at;

		put_wrapped(o, bb_strn(clean.p + at, l));
		at += l + 1;
	}
	if (!clean.l)
		bb_buf_putc(o->text, '\n');
	bb_buf_free(&clean);
}

/* Text for people, on a line of its own. */
static void put_line(struct bb_out *o, const char *before, struct bb_str s, const char *after)
{
	bool colour = o->colour && before[0];

	if (o->after_block)
		o->after_block = false;
	if (colour)
		bb_buf_puts(o->text, before);
	put_clean(o, s);
	if (colour) {
		/* The colour ends with the text, not on the next line. */
		bb_buf_truncate(o->text, o->text->l ? o->text->l - 1 : 0);
		bb_buf_puts(o->text, after);
		bb_buf_putc(o->text, '\n');
	}
}

void bb_out_note(struct bb_out *o, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	va_list ap;

	bb_out_flush(o);
	if (o->format != BB_OUT_TEXT || !has_room(o))
		return;
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	put_line(o, "", bb_buf_str(&b), "");
	bb_buf_free(&b);
}

void bb_out_text(struct bb_out *o, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	va_list ap;

	bb_out_flush(o);
	if (!has_room(o))
		return;
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (o->format == BB_OUT_JSON)
		bb_out_json_text(o, "text", bb_buf_str(&b));
	else
		put_line(o, "", bb_buf_str(&b), "");
	bb_buf_free(&b);
}

void bb_out_error(struct bb_out *o, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	va_list ap;

	if (o->add)
		return;
	bb_out_flush(o);
	o->failed = true;
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (o->format == BB_OUT_JSON)
		bb_out_json_text(o, "error", bb_buf_str(&b));
	else
		put_line(o, "\033[31m", bb_buf_str(&b), "\033[0m");
	bb_buf_free(&b);
}

static void fact(struct bb_out *o, const char *name, const struct bb_cell *c)
{
	if (o->block != BB_OUT_FACTS) {
		bb_out_flush(o);
		o->block = BB_OUT_FACTS;
	}
	if (!has_room(o))
		return;
	if (o->format == BB_OUT_JSON) {
		bb_out_json_set(o, name, bb_json_value(c));
	} else if (o->format == BB_OUT_CSV) {
		const struct bb_cell row[2] = { { .text = bb_strz(name) }, *c };

		bb_out_print_csv_row(o, row, 2);
	} else {
		bb_text_clean(&o->cells, bb_strz(name), false);
		bb_buf_putc(&o->cells, '\0');
		bb_text_clean(&o->cells, c->text, true);
		bb_buf_putc(&o->cells, '\0');
		o->n_cells += 2;
	}
}

void bb_out_fact(struct bb_out *o, const char *name, const char *fmt, ...)
{
	struct bb_cell c = { .type = BB_CELL_TEXT };
	struct bb_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	c.text = bb_buf_str(&b);
	fact(o, name, &c);
	bb_buf_free(&b);
}

void bb_out_fact_int(struct bb_out *o, const char *name, int64_t value)
{
	char buf[NUMBER_TEXT];
	struct bb_cell c = { .type = BB_CELL_INT, .i = value };

	snprintf(buf, sizeof(buf), "%lld", (long long)value);
	c.text = bb_strz(buf);
	fact(o, name, &c);
}

void bb_out_count(struct bb_out *o, uint64_t n, const char *one, const char *many)
{
	if (o->format == BB_OUT_JSON)
		bb_out_fact_int(o, many, (int64_t)n);
	else
		bb_out_note(o, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

void bb_out_fact_double(struct bb_out *o, const char *name, double value)
{
	char buf[NUMBER_TEXT];
	struct bb_cell c = { .type = BB_CELL_DOUBLE, .d = value };

	snprintf(buf, sizeof(buf), "%.3f", value);
	c.text = bb_strz(buf);
	fact(o, name, &c);
}

void bb_out_fact_bool(struct bb_out *o, const char *name, bool value)
{
	struct bb_cell c = { .type = BB_CELL_BOOL, .i = value };

	c.text = bb_strz(value ? "yes" : "no");
	fact(o, name, &c);
}

void bb_out_candidate(struct bb_out *o, struct bb_str text)
{
	if (o->add && bb_str_istarts(text, o->word))
		o->add(text, o->add_arg);
}

unsigned bb_out_width(const struct bb_out *o)
{
	return o->width ? o->width : 80;
}
