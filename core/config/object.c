/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Configuration objects: one section each, filled into its owner's struct.
 * The struct stands behind a hidden head that remembers the lines it came from.
 */
#include "core/config/config.h"

#include <bellbird/map.h>

static struct conf_obj *obj_of(const void *data)
{
	return bb_container_of((void *)(uintptr_t)data, struct conf_obj, data);
}

static void obj_destroy(void *p)
{
	bb_arena_free(((struct conf_obj *)p)->arena);
}

static int copy_line(struct conf_obj *o, struct bb_conf_value *v, const struct bb_conf_line *l)
{
	const char *name = bb_arena_strdup(o->arena, l->name);
	const char *value = bb_arena_strdup(o->arena, l->value);

	if (!name || !value)
		return -ENOMEM;
	v->name = bb_strn(name, l->name.l);
	v->value = bb_strn(value, l->value.l);
	v->at = l->at;
	v->append = l->append;
	v->arrow = l->arrow;
	return 0;
}

static int copy_lines(struct conf_obj *o, const struct bb_conf_section *s)
{
	o->lines = bb_arena_alloc(o->arena, (s->lines.count + 1) * sizeof(*o->lines));
	if (!o->lines)
		return -ENOMEM;
	bb_list_each (node, &s->lines) {
		const struct bb_conf_line *l = bb_list_entry(node, struct bb_conf_line, node);
		int err = copy_line(o, &o->lines[o->n_lines], l);

		if (err)
			return err;
		o->n_lines++;
	}
	return 0;
}

/* --- judging one line --- */

static bool named(const struct bb_field *f, struct bb_str name)
{
	return bb_str_iis(name, f->name) || (f->alias && bb_str_iis(name, f->alias));
}

static const struct bb_field *field_find(const struct bb_field *f, struct bb_str name)
{
	for (; f && f->name; f++)
		if (named(f, name))
			return f;
	return NULL;
}

static bool among(const char *const *words, struct bb_str name)
{
	for (size_t i = 0; words && words[i]; i++)
		if (bb_str_iis(name, words[i]))
			return true;
	return false;
}

static void unknown_option(const struct bb_conf_type *t, const struct bb_conf_line *l,
			   struct bb_diag *d)
{
	struct bb_near near = { .got = l->name };
	const char *best;

	for (const struct bb_field *f = t->fields; f && f->name; f++)
		bb_near_offer(&near, f->name);
	for (size_t i = 0; t->known && t->known[i]; i++)
		bb_near_offer(&near, t->known[i]);
	best = bb_near_best(&near);
	bb_diag_add(d, BB_MISTAKE, &l->at, "unknown option '%.*s' of %s%s%s%s%s%s", BB_FMT(l->name),
		    t->type ? "type=" : "[", t->type ? t->type : t->section, t->type ? "" : "]",
		    best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

static int fill_line(struct conf_obj *o, const struct bb_conf_type *t, const struct bb_conf_line *l,
		     bool *given, struct bb_diag *d)
{
	const struct bb_field *f = field_find(t->fields, l->name);
	char why[200];
	int err;

	if (!f) {
		if (t->free_form || (t->type && bb_str_iis(l->name, "type")))
			return 0;
		if (among(t->known, l->name))
			bb_diag_gather(d, BB_WARN, &l->at,
				       "known options that are not built here and have no effect",
				       l->name);
		else
			unknown_option(t, l, d);
		return 0;
	}
	given[f - t->fields] = true;
	/* An empty value puts the default back, except where emptiness says something. */
	if (bb_str_empty(l->value) && f->type != BB_T_STR && f->type != BB_T_LIST) {
		given[f - t->fields] = false;
		return 0;
	}
	err = bb_field_parse(f, l->value, o->data, o->arena, why, sizeof(why));
	if (err == -EINVAL) {
		bb_diag_add(d, BB_MISTAKE, &l->value_at, "%s: %s", f->name, why);
		return 0;
	}
	return err;
}

static int fill_defaults(struct conf_obj *o, const struct bb_conf_type *t,
			 const struct bb_conf_section *s, const bool *given, struct bb_diag *d)
{
	char why[200];
	int err;

	for (const struct bb_field *f = t->fields; f && f->name; f++) {
		if (given[f - t->fields])
			continue;
		if (!f->def) {
			bb_diag_add(d, BB_MISTAKE, &s->at, "[%s] needs the option '%s'", s->name.p,
				    f->name);
			continue;
		}
		if (!f->def[0] && f->type != BB_T_STR)
			continue;
		err = bb_field_parse(f, bb_strz(f->def), o->data, o->arena, why, sizeof(why));
		if (err == -EINVAL)
			bb_diag_add(d, BB_MISTAKE, &s->at, "the default of '%s' is wrong: %s",
				    f->name, why);
		else if (err)
			return err;
	}
	return 0;
}

static size_t n_fields(const struct bb_field *f)
{
	size_t n = 0;

	while (f && f[n].name)
		n++;
	return n;
}

int bb_conf_obj_new(struct conf_obj **op, const struct bb_conf_type *t,
		    const struct bb_conf_text *text, const struct bb_conf_section *s,
		    struct bb_diag *d)
{
	struct conf_obj *o = bb_obj_new(sizeof(*o) + t->size, obj_destroy, "configuration");
	bool *given;
	int err = -ENOMEM;

	if (!o)
		return -ENOMEM;
	o->arena = bb_arena_new(256);
	if (!o->arena)
		goto out;
	o->name = bb_arena_strdup(o->arena, s->name);
	o->file = bb_conf_intern(strrchr(text->path, '/') ? strrchr(text->path, '/') + 1
							  : text->path);
	o->at = s->at;
	given = bb_arena_alloc(o->arena, n_fields(t->fields) + 1);
	if (!o->name || !o->file || !given)
		goto out;
	err = copy_lines(o, s);
	if (err)
		goto out;
	bb_list_each (node, &s->lines) {
		err = fill_line(o, t, bb_list_entry(node, struct bb_conf_line, node), given, d);
		if (err)
			goto out;
	}
	err = fill_defaults(o, t, s, given, d);
out:
	if (err)
		bb_obj_unref(o);
	else
		*op = o;
	return err;
}

/* --- what owners ask of an object --- */

const char *bb_conf_name(const void *obj)
{
	return obj_of(obj)->name;
}

const char *bb_conf_file(const void *obj)
{
	return obj_of(obj)->file;
}

static const struct bb_conf_value *value_find(const struct conf_obj *o, const char *option)
{
	for (size_t i = o->n_lines; i-- > 0;)
		if (bb_str_iis(o->lines[i].name, option))
			return &o->lines[i];
	return NULL;
}

struct bb_where bb_conf_where(const void *obj, const char *option)
{
	const struct conf_obj *o = obj_of(obj);
	const struct bb_conf_value *v = option ? value_find(o, option) : NULL;

	return v ? v->at : o->at;
}

bool bb_conf_given(const void *obj, const char *option)
{
	return value_find(obj_of(obj), option) != NULL;
}

const struct bb_conf_value *bb_conf_value_next(const void *obj, const struct bb_conf_value *prev)
{
	const struct conf_obj *o = obj_of(obj);
	size_t i = prev ? (size_t)(prev - o->lines) + 1 : 0;

	return i < o->n_lines ? &o->lines[i] : NULL;
}

const void *bb_conf_hold(const void *obj)
{
	if (obj)
		bb_obj_ref(obj_of(obj));
	return obj;
}

void bb_conf_drop(const void *obj)
{
	if (obj)
		bb_obj_unref(obj_of(obj));
}
