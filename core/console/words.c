/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/words.c - splitting a command line.
 */
#include "core/console/console_int.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One word from *at on, unquoted. @return true when it was quoted at its beginning. */
static bool word(struct bb_str line, size_t *at, struct bb_buf *out, bool *open)
{
	bool quoted = line.p[*at] == '"' || line.p[*at] == '\'';
	char quote = 0;

	for (; *at < line.l; (*at)++) {
		char c = line.p[*at];

		if (!quote && blank(c))
			break;
		if (c == '\\' && quote != '\'' && *at + 1 < line.l)
			bb_buf_putc(out, line.p[++*at]);
		else if (quote && c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else
			bb_buf_putc(out, c);
	}
	*open = quote != 0;
	return quoted;
}

int bb_words_split(struct bb_words *w, struct bb_str line, struct bb_arena *a)
{
	struct bb_buf b = { 0 };
	size_t at = 0;
	int err = 0;

	memset(w, 0, sizeof(*w));
	w->more = true;
	while (!err) {
		struct bb_word *v = &w->v[w->n];
		bool quoted;

		while (at < line.l && blank(line.p[at]))
			at++;
		if (at == line.l)
			break;
		if (w->n == BB_WORDS_MAX) {
			err = -E2BIG;
			break;
		}
		v->at = at;
		bb_buf_truncate(&b, 0);
		quoted = word(line, &at, &b, &w->open);
		v->end = at;
		w->more = at < line.l;
		if (!quoted && bb_str_is(bb_buf_str(&b), "--json")) {
			w->json = true;
			continue;
		}
		if (!quoted && bb_str_is(bb_buf_str(&b), "--csv")) {
			w->csv = true;
			continue;
		}
		v->text = bb_strz(bb_arena_strdup(a, bb_buf_str(&b)));
		if (b.err || !v->text.p)
			err = -ENOMEM;
		w->n++;
	}
	bb_buf_free(&b);
	return err;
}
