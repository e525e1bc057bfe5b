/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asterisk's .conf grammar, read as it is read there: line by line, after
 * comments are taken out. Each character that is left remembers its column,
 * so that a mistake inside a value can be pointed at.
 */
#include "core/config/config.h"

#include <stdio.h>

#define MAX_LINE 65535u
#define MAX_DEPTH 10u /* of includes, as Asterisk */
#define MAX_LINES 1000000u

struct reader {
	struct bb_conf_text *t;
	struct bb_diag *d;
	const char *dir; /* NULL: no files */
	unsigned depth;
	size_t lines; /* kept in all, a bound on templates of templates */
	struct bb_conf_section *sec;
	int err; /* -ENOMEM ends everything */
};

/* One file being read. */
struct source {
	const char *file;
	unsigned line;
	unsigned nested; /* open block comments */
	unsigned opened[8]; /* where they began */
	struct bb_buf text; /* what is left of the line */
	struct bb_buf cols; /* unsigned, one a character */
};

static int read_file(struct reader *r, const char *path);

/* --- comments --- */

static void emit(struct source *s, char c, size_t i)
{
	unsigned col = (unsigned)i + 1;

	bb_buf_putc(&s->text, c);
	bb_buf_put(&s->cols, &col, sizeof(col));
}

static void block_opens(struct source *s)
{
	if (s->nested < BB_ARRAY_SIZE(s->opened))
		s->opened[s->nested] = s->line;
	s->nested++;
}

/* Leave in s->text what is no comment. `;--` opens a block unless a third
 * dash follows, `--;` closes it, `\;` is a semicolon. */
static void strip_comments(struct source *s, struct bb_str raw)
{
	size_t from = 0; /* what was used up by a comment mark is no part of the next */

	bb_buf_truncate(&s->text, 0);
	bb_buf_truncate(&s->cols, 0);
	for (size_t i = 0; i < raw.l; i++) {
		const char *p = raw.p + i;
		size_t left = raw.l - i;

		if (*p != ';') {
			if (!s->nested)
				emit(s, *p, i);
		} else if (i > from && p[-1] == '\\') {
			if (!s->nested) {
				bb_buf_truncate(&s->text, s->text.l - 1);
				bb_buf_truncate(&s->cols, s->cols.l - sizeof(unsigned));
				emit(s, ';', i);
			}
			from = i + 1;
		} else if (left > 2 && p[1] == '-' && p[2] == '-' && (left == 3 || p[3] != '-')) {
			block_opens(s);
			i += 2;
			from = i + 1;
		} else if (s->nested && i >= from + 2 && p[-1] == '-' && p[-2] == '-') {
			s->nested--;
			from = i + 1;
		} else if (!s->nested) {
			return;
		}
	}
}

/* --- what a line is made of --- */

/* A part of the stripped line, with its columns. */
struct part {
	struct bb_str text;
	const unsigned *cols;
};

static bool is_space(char c)
{
	return (unsigned char)c < 33;
}

static struct part part_sub(struct part p, size_t from, size_t len)
{
	struct part r = { bb_strn(p.text.p + from, len), p.cols + from };

	return r;
}

static struct part part_trim(struct part p)
{
	size_t a = 0, b = p.text.l;

	while (a < b && is_space(p.text.p[a]))
		a++;
	while (b > a && is_space(p.text.p[b - 1]))
		b--;
	return part_sub(p, a, b - a);
}

static struct bb_where where(const struct source *s, struct part p)
{
	struct bb_where w = { s->file, s->line, p.text.l ? p.cols[0] : 0 };

	return w;
}

static struct bb_where where_at(const struct source *s, struct part p, size_t i)
{
	struct bb_where w = { s->file, s->line, i < p.text.l ? p.cols[i] : 0 };

	return w;
}

static void *need(struct reader *r, void *p)
{
	if (!p)
		r->err = -ENOMEM;
	return p;
}

static struct bb_str keep_text(struct reader *r, struct bb_str s)
{
	return bb_strn(need(r, bb_arena_strdup(r->t->arena, s)), s.l);
}

/* Columns are kept only when they do not simply count up. */
static const unsigned *keep_columns(struct reader *r, struct part p)
{
	unsigned *cols;
	size_t i;

	for (i = 1; i < p.text.l; i++)
		if (p.cols[i] != p.cols[0] + i)
			break;
	if (i >= p.text.l)
		return NULL;
	cols = need(r, bb_arena_alloc(r->t->arena, p.text.l * sizeof(*cols)));
	if (cols)
		memcpy(cols, p.cols, p.text.l * sizeof(*cols));
	return cols;
}

/* --- [section](options) --- */

struct bb_conf_section *bb_conf_section_find(const struct bb_conf_text *t, struct bb_str name,
					     bool templates)
{
	bb_list_each (node, &t->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		if (bb_str_ieq(s->name, name) && (templates || !s->is_template))
			return s;
	}
	return NULL;
}

static struct bb_conf_line *line_new(struct reader *r, struct bb_conf_section *sec)
{
	struct bb_conf_line *l;

	if (++r->lines > MAX_LINES) {
		bb_diag_add(r->d, BB_MISTAKE, &sec->at, "more than %u lines; the rest is not read",
			    MAX_LINES);
		r->err = -E2BIG;
		return NULL;
	}
	l = need(r, bb_arena_alloc(r->t->arena, sizeof(*l)));
	if (l)
		bb_list_append(&sec->lines, &l->node);
	return l;
}

static void inherit(struct reader *r, struct bb_conf_section *to,
		    const struct bb_conf_section *base)
{
	bb_list_each (node, &base->lines) {
		const struct bb_conf_line *from = bb_list_entry(node, struct bb_conf_line, node);
		struct bb_node link;
		struct bb_conf_line *l = line_new(r, to);

		if (!l)
			return;
		link = l->node;
		*l = *from;
		l->node = link;
		l->inherited = true;
	}
}

/* `+` with a filter: `+type=endpoint&auth=x` must all be found in the section. */
static bool filter_matches(const struct bb_conf_section *s, struct bb_str filter)
{
	struct bb_str pair, name;

	while (bb_str_split(&filter, '&', &pair)) {
		bool found = false;

		if (bb_str_empty(pair) || !bb_str_split(&pair, '=', &name))
			continue;
		if (bb_str_iis(name, "TEMPLATES"))
			continue;
		bb_list_each (node, &s->lines) {
			struct bb_conf_line *l = bb_list_entry(node, struct bb_conf_line, node);

			if (bb_str_ieq(l->name, name) && bb_str_eq(l->value, bb_str_trim(pair)))
				found = true;
		}
		if (!found)
			return false;
	}
	return true;
}

static struct bb_conf_section *to_extend(const struct reader *r, struct bb_str name,
					 struct bb_str filter, const struct bb_conf_section * not )
{
	struct bb_conf_section *tpl = NULL;

	bb_list_each (node, &r->t->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		if (s == not || !bb_str_ieq(s->name, name) || !filter_matches(s, filter))
			continue;
		if (!s->is_template)
			return s;
		if (!tpl)
			tpl = s;
	}
	return tpl;
}

static void unknown_section(struct reader *r, const struct bb_where *at, const char *what,
			    struct bb_str name)
{
	struct bb_near near = { .got = name };

	bb_list_each (node, &r->t->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		if (!bb_str_ieq(s->name, name))
			bb_near_offer(&near, s->name.p);
	}
	if (bb_near_best(&near))
		bb_diag_add(r->d, BB_MISTAKE, at,
			    "%s [%.*s], which does not stand before this line; did you mean [%s]?",
			    what, BB_FMT(name), bb_near_best(&near));
	else
		bb_diag_add(r->d, BB_MISTAKE, at,
			    "%s [%.*s], which does not stand before this line", what, BB_FMT(name));
}

/* What stands in the parentheses after [name]. */
static void section_options(struct reader *r, struct source *s, struct part opts,
			    struct bb_conf_section *fresh)
{
	struct bb_conf_section *sec = fresh;

	for (size_t i = 0; i <= opts.text.l && !r->err;) {
		ptrdiff_t comma = bb_str_chr(bb_str_sub(opts.text, i, opts.text.l), ',');
		size_t len = comma < 0 ? opts.text.l - i : (size_t)comma;
		struct part p = part_trim(part_sub(opts, i, len));
		struct bb_where at = p.text.l ? where(s, p) : fresh->at;

		i += len + 1;
		if (bb_str_is(p.text, "!")) {
			sec->is_template = true;
		} else if (p.text.l && p.text.p[0] == '+') {
			struct bb_conf_section *old =
				to_extend(r, fresh->name, bb_str_sub(p.text, 1, p.text.l), fresh);

			if (!old) {
				unknown_section(r, &at, "(+) adds to", fresh->name);
				continue;
			}
			bb_list_remove(&fresh->node);
			r->sec = sec = old;
		} else if (p.text.l) {
			struct bb_conf_section *base = bb_conf_section_find(r->t, p.text, true);

			if (base && base != sec)
				inherit(r, sec, base);
			else
				unknown_section(r, &at, "inherits from", p.text);
		}
	}
}

static void read_header(struct reader *r, struct source *s, struct part line)
{
	ptrdiff_t close = bb_str_chr(line.text, ']');
	struct bb_conf_section *sec;
	struct bb_where at;
	struct part name, rest;

	r->sec = NULL;
	if (close < 0) {
		at = where(s, line);
		bb_diag_add(r->d, BB_MISTAKE, &at, "the section's name has no closing ']'");
		return;
	}
	name = part_trim(part_sub(line, 1, (size_t)close - 1));
	rest = part_trim(part_sub(line, (size_t)close + 1, line.text.l - (size_t)close - 1));
	sec = need(r, bb_arena_alloc(r->t->arena, sizeof(*sec)));
	if (!sec)
		return;
	sec->name = keep_text(r, name.text);
	sec->at = where(s, line);
	if (bb_str_empty(name.text))
		bb_diag_add(r->d, BB_MISTAKE, &sec->at, "the section has no name");
	if (r->err)
		return;
	bb_list_append(&r->t->sections, &sec->node);
	r->sec = sec;
	if (!rest.text.l)
		return;
	at = where(s, rest);
	/* Behind a space Asterisk reads it as nothing at all: that is never meant. */
	if (rest.text.p != line.text.p + close + 1 || rest.text.p[0] != '(') {
		bb_diag_add(r->d, BB_MISTAKE, &at,
			    "'%.*s' after ']' is not read; templates follow it directly: "
			    "[%s](template)",
			    BB_FMT(rest.text), sec->name.p);
		return;
	}
	close = bb_str_chr(rest.text, ')');
	if (close < 0) {
		bb_diag_add(r->d, BB_MISTAKE, &at, "'(' has no closing ')'");
		return;
	}
	if ((size_t)close + 1 < rest.text.l) {
		at = where_at(s, rest, (size_t)close + 1);
		bb_diag_add(r->d, BB_MISTAKE, &at, "text after ')' of a section is not read");
	}
	section_options(r, s, part_sub(rest, 1, (size_t)close - 1), sec);
}

/* --- #include --- */

static bool is_pattern(struct bb_str s)
{
	return bb_str_chr(s, '*') >= 0 || bb_str_chr(s, '?') >= 0 || bb_str_chr(s, '[') >= 0;
}

static void include_one(struct reader *r, const char *path, const struct bb_where *at, bool must)
{
	struct bb_conf_section *sec = r->sec;
	int err;

	if (r->depth >= MAX_DEPTH) {
		bb_diag_add(r->d, BB_MISTAKE, at, "includes are nested more than %u deep at '%s'",
			    MAX_DEPTH, path);
		return;
	}
	r->depth++;
	err = read_file(r, path);
	r->depth--;
	r->sec = sec;
	if (err == -ENOENT && must)
		bb_diag_add(r->d, BB_MISTAKE, at, "the file '%s' does not exist", path);
	else if (err && err != -ENOENT && !r->err)
		bb_diag_add(r->d, BB_MISTAKE, at, "cannot read '%s': %s", path, strerror(-err));
}

static void include(struct reader *r, struct bb_str name, const struct bb_where *at, bool must)
{
	struct bb_buf path = { 0 }, found = { 0 };
	int n;

	if (!r->dir) {
		bb_diag_add(r->d, BB_MISTAKE, at, "files cannot be included here");
		return;
	}
	if (name.p[0] != '/')
		bb_buf_printf(&path, "%s/", r->dir);
	bb_buf_putstr(&path, name);
	if (path.err) {
		r->err = -ENOMEM;
	} else if (!is_pattern(name)) {
		include_one(r, bb_buf_cstr(&path), at, must);
	} else {
		n = bb_conf_glob(bb_buf_cstr(&path), &found);
		if (n == -ENOMEM)
			r->err = n;
		else if (n < 0)
			bb_diag_add(r->d, BB_MISTAKE, at, "cannot list '%s': %s",
				    bb_buf_cstr(&path), strerror(-n));
		else if (n == 0 && must)
			bb_diag_add(r->d, BB_WARN, at, "no file matches '%s'", bb_buf_cstr(&path));
		for (size_t i = 0; n > 0 && i < found.l && !r->err; i += strlen(found.p + i) + 1)
			include_one(r, found.p + i, at, must);
	}
	bb_buf_free(&path);
	bb_buf_free(&found);
}

static struct bb_str unquote(struct bb_str s)
{
	if (s.l >= 2 &&
	    ((s.p[0] == '"' && s.p[s.l - 1] == '"') || (s.p[0] == '<' && s.p[s.l - 1] == '>')))
		return bb_str_sub(s, 1, s.l - 2);
	return s;
}

static void read_directive(struct reader *r, struct source *s, struct part line)
{
	static const char *const words[] = { "include", "tryinclude", NULL };
	struct bb_where at = where(s, line);
	size_t i = 1;
	struct part word, arg;
	struct bb_str name;

	while (i < line.text.l && !is_space(line.text.p[i]))
		i++;
	word = part_sub(line, 1, i - 1);
	arg = part_trim(part_sub(line, i, line.text.l - i));
	if (bb_str_iis(word.text, "exec")) {
		bb_diag_add(r->d, BB_MISTAKE, &at,
			    "#exec is not supported: write the output into a file and #include it");
		return;
	}
	if (!bb_str_iis(word.text, "include") && !bb_str_iis(word.text, "tryinclude")) {
		bb_diag_unknown(r->d, BB_MISTAKE, &at, "directive", word.text, words);
		return;
	}
	name = unquote(arg.text);
	if (bb_str_empty(name)) {
		bb_diag_add(r->d, BB_MISTAKE, &at, "#%.*s needs the name of a file",
			    BB_FMT(word.text));
		return;
	}
	at = where(s, arg);
	/* The line's buffer is reused by the file that is read now. */
	name = keep_text(r, name);
	if (!r->err)
		include(r, name, &at, bb_str_iis(word.text, "include"));
}

/* --- name = value --- */

static void append_to(struct reader *r, struct bb_conf_line *old, const struct bb_where *at,
		      const struct source *s, struct part tail)
{
	struct bb_buf b = { 0 };
	struct bb_str joined;

	bb_buf_putstr(&b, old->value);
	bb_buf_putstr(&b, tail.text);
	while (b.l && is_space(b.p[b.l - 1]))
		bb_buf_truncate(&b, b.l - 1);
	if (b.err) {
		r->err = -ENOMEM;
	} else {
		joined = keep_text(r, bb_buf_str(&b));
		if (joined.p) {
			old->value = joined;
			old->at = *at;
			old->value_at = tail.text.l ? where(s, tail) : *at;
			old->columns = NULL;
			old->append = true;
			old->inherited = false;
		}
	}
	bb_buf_free(&b);
}

static struct bb_conf_line *last_of(struct bb_conf_section *sec, struct bb_str name)
{
	struct bb_node *n;

	for (n = sec->lines.tail; n; n = n->prev)
		if (bb_str_eq(bb_list_entry(n, struct bb_conf_line, node)->name, name))
			return bb_list_entry(n, struct bb_conf_line, node);
	return NULL;
}

static void read_value(struct reader *r, struct source *s, struct part line)
{
	struct bb_where at = where(s, line);
	ptrdiff_t eq = bb_str_chr(line.text, '=');
	struct part name, value, tail;
	struct bb_conf_line *l, *old;
	bool append, arrow = false;
	size_t after;

	if (eq < 0) {
		bb_diag_add(r->d, BB_MISTAKE, &at, "no '=' in '%.*s'",
			    (int)(line.text.l > 40 ? 40 : line.text.l), line.text.p);
		return;
	}
	append = eq > 0 && line.text.p[eq - 1] == '+';
	after = (size_t)eq + 1;
	if (!append && after < line.text.l && line.text.p[after] == '>') {
		arrow = true;
		after++;
	}
	name = part_trim(part_sub(line, 0, (size_t)(eq - append)));
	tail = part_sub(line, after, line.text.l - after);
	value = part_trim(tail);
	if (!name.text.l) {
		bb_diag_add(r->d, BB_MISTAKE, &at, "no name before '='");
		return;
	}
	if (!r->sec) {
		bb_diag_add(r->d, BB_MISTAKE, &at, "'%.*s' stands before any [section]",
			    BB_FMT(name.text));
		return;
	}
	old = append ? last_of(r->sec, name.text) : NULL;
	if (old) {
		append_to(r, old, &at, s, tail);
		return;
	}
	l = line_new(r, r->sec);
	if (!l)
		return;
	l->name = keep_text(r, name.text);
	l->value = keep_text(r, value.text);
	l->at = at;
	l->value_at = value.text.l ? where(s, value) : at;
	l->arrow = arrow;
	l->append = append;
	l->columns = keep_columns(r, value);
}

/* --- files --- */

static void read_line(struct reader *r, struct source *s, struct bb_str raw)
{
	struct bb_where at = { s->file, s->line, 1 };
	struct part line;

	if (raw.l > MAX_LINE) {
		bb_diag_add(r->d, BB_MISTAKE, &at, "the line is longer than %u characters",
			    MAX_LINE);
		return;
	}
	if (memchr(raw.p, '\0', raw.l)) {
		bb_diag_add(r->d, BB_MISTAKE, &at,
			    "the line holds a NUL byte: is this a text file?");
		return;
	}
	strip_comments(s, raw);
	if (s->text.err || s->cols.err) {
		r->err = -ENOMEM;
		return;
	}
	if (!s->text.l)
		return;
	line.text = bb_buf_str(&s->text);
	line.cols = (const unsigned *)(const void *)s->cols.p;
	line = part_trim(line);
	if (!line.text.l)
		return;
	if (line.text.p[0] == '[')
		read_header(r, s, line);
	else if (line.text.p[0] == '#')
		read_directive(r, s, line);
	else
		read_value(r, s, line);
}

static int read_data(struct reader *r, const char *name, struct bb_str data)
{
	struct source s = { 0 };

	s.file = bb_conf_intern(name);
	if (!s.file)
		return -ENOMEM;
	if (data.l >= 3 && memcmp(data.p, "\xef\xbb\xbf", 3) == 0)
		data = bb_str_sub(data, 3, data.l);
	while (data.l && !r->err) {
		ptrdiff_t nl = bb_str_chr(data, '\n');
		size_t len = nl < 0 ? data.l : (size_t)nl;

		s.line++;
		read_line(r, &s, bb_strn(data.p, len));
		data = bb_str_sub(data, len + (nl >= 0), data.l);
	}
	if (s.nested && !r->err) {
		unsigned last =
			s.nested > BB_ARRAY_SIZE(s.opened) ? BB_ARRAY_SIZE(s.opened) : s.nested;
		struct bb_where at = { s.file, s.opened[last - 1], 0 };

		bb_diag_add(r->d, BB_MISTAKE, &at,
			    "the block comment ';--' that begins here is never closed by '--;'");
	}
	bb_buf_free(&s.text);
	bb_buf_free(&s.cols);
	return r->err;
}

static int remember(struct bb_conf_text *t, const char *path)
{
	struct bb_conf_included *inc = bb_arena_alloc(t->arena, sizeof(*inc));

	if (!inc)
		return -ENOMEM;
	inc->path = bb_arena_strdup(t->arena, bb_strz(path));
	if (!inc->path)
		return -ENOMEM;
	bb_list_append(&t->files, &inc->node);
	return 0;
}

static int read_file(struct reader *r, const char *path)
{
	char *data;
	size_t len;
	int err = bb_conf_slurp(path, &data, &len);

	if (err) {
		if (err == -ENOMEM)
			r->err = err;
		return err;
	}
	err = remember(r->t, path);
	if (err)
		r->err = err;
	else
		err = read_data(r, path, bb_strn(data, len));
	bb_free(data);
	return err;
}

static int text_new(struct bb_conf_text **tp, const char *path)
{
	struct bb_arena *a = bb_arena_new(4096);
	struct bb_conf_text *t;

	if (!a)
		return -ENOMEM;
	t = bb_arena_alloc(a, sizeof(*t));
	if (t)
		t->path = bb_arena_strdup(a, bb_strz(path));
	if (!t || !t->path) {
		bb_arena_free(a);
		return -ENOMEM;
	}
	t->arena = a;
	t->canonical = t->path;
	*tp = t;
	return 0;
}

void bb_conf_text_free(struct bb_conf_text *t)
{
	if (t)
		bb_arena_free(t->arena);
}

int bb_conf_text_read(struct bb_conf_text **tp, const char *dir, const char *file,
		      struct bb_diag *d)
{
	struct reader r = { .d = d, .dir = dir };
	char *path;
	int err;

	path = file[0] == '/' ? bb_sprintf("%s", file) : bb_sprintf("%s/%s", dir, file);
	if (!path)
		return -ENOMEM;
	err = text_new(&r.t, path);
	if (!err)
		err = read_file(&r, path);
	if (err && err != -ENOENT && err != -ENOMEM && !r.err) {
		struct bb_where at = { path, 0, 0 };

		bb_diag_add(d, BB_MISTAKE, &at, "cannot be read: %s", strerror(-err));
	}
	if (err && err != -E2BIG) {
		bb_conf_text_free(r.t);
		r.t = NULL;
	} else {
		err = 0;
	}
	*tp = r.t;
	bb_free(path);
	return err;
}

int bb_conf_text_parse(struct bb_conf_text **tp, const char *dir, const char *name,
		       struct bb_str data, struct bb_diag *d)
{
	struct reader r = { .d = d, .dir = dir };
	int err = text_new(&r.t, name);

	if (err)
		return err;
	err = read_data(&r, name, data);
	if (err && err != -E2BIG) {
		bb_conf_text_free(r.t);
		return err;
	}
	*tp = r.t;
	return 0;
}
