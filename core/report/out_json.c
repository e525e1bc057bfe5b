/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/report/out_json.c - a command's output for machines.
 */
#include "core/report/report.h"

/* "Call ID" is "call_id", "Rx lost %" is "rx_lost_percent". */
void bb_out_json_key(char *dst, size_t cap, const char *name)
{
	size_t n = 0;

	for (; *name && n + 1 < cap; name++) {
		char c = *name;

		if (c == '%' && n + 8 < cap) {
			memcpy(dst + n, "percent", 7);
			n += 7;
			continue;
		}
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			dst[n++] = c;
		else if (n && dst[n - 1] != '_')
			dst[n++] = '_';
	}
	while (n && dst[n - 1] == '_')
		n--;
	dst[n] = '\0';
}

json_t *bb_json_text(struct bb_str s)
{
	struct bb_buf b = { 0 };
	json_t *j;

	/* jansson refuses what is not UTF-8. */
	j = json_stringn(s.p ? s.p : "", s.l);
	if (j)
		return j;
	bb_text_clean(&b, s, true);
	j = json_stringn(bb_buf_cstr(&b), b.l);
	bb_buf_free(&b);
	return j;
}

json_t *bb_json_value(const struct bb_cell *c)
{
	switch (c->type) {
	case BB_CELL_INT:
		return json_integer(c->i);
	case BB_CELL_UINT:
		return json_integer((json_int_t)c->u);
	case BB_CELL_DOUBLE:
		return json_real(c->d);
	case BB_CELL_BOOL:
		return json_boolean(c->i);
	case BB_CELL_NULL:
		return json_null();
	case BB_CELL_TEXT:
		break;
	}
	return bb_json_text(c->text);
}

void bb_out_json_row(struct bb_out *o, const struct bb_cell *c, size_t n)
{
	json_t *row = json_object();
	char key[64];

	for (size_t i = 0; i < n; i++) {
		bb_out_json_key(key, sizeof(key) - 2, o->cols[i].name);
		if (c[i].span)
			memcpy(key + strlen(key), "_s", 3);
		json_object_set_new(row, key, bb_json_value(&c[i]));
	}
	json_array_append_new(o->rows, row);
}

/* A name that comes again makes an array. */
void bb_out_json_set(struct bb_out *o, const char *name, json_t *v)
{
	char key[64];
	json_t *had;

	bb_out_json_key(key, sizeof(key), name);
	had = json_object_get(o->root, key);
	if (!had) {
		json_object_set_new(o->root, key, v);
	} else if (json_is_array(had)) {
		json_array_append_new(had, v);
	} else {
		json_t *both = json_array();

		json_array_append(both, had);
		json_array_append_new(both, v);
		json_object_set_new(o->root, key, both);
	}
}

void bb_out_json_text(struct bb_out *o, const char *key, struct bb_str text)
{
	const char *had = json_string_value(json_object_get(o->root, key));
	struct bb_buf b = { 0 };

	if (text.l && text.p[text.l - 1] == '\n')
		text.l--;
	if (had)
		bb_buf_printf(&b, "%s\n", had);
	bb_text_clean(&b, text, true);
	json_object_set_new(o->root, key, bb_json_text(bb_buf_str(&b)));
	bb_buf_free(&b);
}
