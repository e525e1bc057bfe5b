/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A set of configuration objects: by type, in file order, found by name. The
 * live set is swapped whole; objects that did not change hands stay shared.
 */
#include "core/config/config.h"

#include <bellbird/map.h>
#include <bellbird/module.h>

struct ref {
	struct bb_map_node node;
	struct conf_obj *obj;
	size_t index; /* in the slot */
};

/* All objects of one type. */
struct slot {
	const struct bb_conf_type *type;
	struct ref **v;
	size_t n, cap;
	struct bb_map names; /* without case, as section names are */
};

struct bb_conf {
	struct slot *slots;
	size_t n_slots;
	struct bb_conf_text **texts;
	size_t n_texts;
};

static struct bb_conf empty;
static struct bb_conf *live;

/* --- slots --- */

static void slot_clear(struct slot *s)
{
	for (size_t i = 0; i < s->n; i++) {
		bb_map_remove(&s->names, &s->v[i]->node);
		bb_obj_unref(s->v[i]->obj);
		bb_free(s->v[i]);
	}
	bb_map_free(&s->names);
	bb_free(s->v);
	memset(s, 0, sizeof(*s));
}

static void conf_destroy(void *p)
{
	struct bb_conf *c = p;

	for (size_t i = 0; i < c->n_slots; i++)
		slot_clear(&c->slots[i]);
	for (size_t i = 0; i < c->n_texts; i++)
		bb_conf_text_free(c->texts[i]);
	bb_free(c->slots);
	bb_free(c->texts);
}

static struct slot *slot_find(const struct bb_conf *c, const struct bb_conf_type *type)
{
	for (size_t i = 0; i < c->n_slots; i++)
		if (c->slots[i].type == type)
			return &c->slots[i];
	return NULL;
}

/* Takes the caller's reference of @p o, also when it fails. */
static int slot_add(struct slot *s, struct conf_obj *o)
{
	struct ref *r = bb_zalloc(sizeof(*r));
	struct ref **v = s->v;
	int err = -ENOMEM;

	if (!r)
		goto out;
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 8;

		v = bb_realloc(s->v, cap * sizeof(struct ref *));
		if (!v)
			goto out;
		s->v = v;
		s->cap = cap;
	}
	s->names.fold = true;
	r->obj = o;
	r->index = s->n;
	err = bb_map_add(&s->names, &r->node, bb_strz(o->name));
	if (!err)
		s->v[s->n++] = r;
out:
	if (err) {
		bb_free(r);
		bb_obj_unref(o);
	}
	return err;
}

static struct ref *ref_of(const struct slot *s, const void *data)
{
	const struct conf_obj *o = bb_container_of((void *)(uintptr_t)data, struct conf_obj, data);
	struct bb_map_node *n = bb_map_get(&s->names, bb_strz(o->name));

	for (; n; n = bb_map_next_same(&s->names, n))
		if (bb_map_entry(n, struct ref, node)->obj == o)
			return bb_map_entry(n, struct ref, node);
	return NULL;
}

/* --- what owners ask --- */

const void *bb_conf_next(const struct bb_conf *c, const struct bb_conf_type *type, const void *prev)
{
	const struct slot *s = slot_find(c, type);
	size_t i = 0;

	if (!s)
		return NULL;
	if (prev) {
		const struct ref *r = ref_of(s, prev);

		if (!r)
			return NULL;
		i = r->index + 1;
	}
	return i < s->n ? s->v[i]->obj->data : NULL;
}

const void *bb_conf_get(const struct bb_conf *c, const struct bb_conf_type *type,
			struct bb_str name)
{
	const struct slot *s = slot_find(c, type);
	struct bb_map_node *n = s ? bb_map_get(&s->names, name) : NULL;

	return n ? bb_map_entry(n, struct ref, node)->obj->data : NULL;
}

const struct bb_conf_type *bb_conf_type_at(const struct bb_conf *c, size_t i)
{
	return i < c->n_slots ? c->slots[i].type : NULL;
}

size_t bb_conf_count(const struct bb_conf *c, const struct bb_conf_type *type)
{
	const struct slot *s = slot_find(c, type);

	return s ? s->n : 0;
}

const struct bb_conf_text *bb_conf_raw(const struct bb_conf *c, const char *canonical)
{
	for (size_t i = 0; i < c->n_texts; i++)
		if (strcmp(c->texts[i]->canonical, canonical) == 0)
			return c->texts[i];
	return NULL;
}

const struct bb_conf *bb_conf_live(void)
{
	return live ? live : &empty;
}

void bb_conf_set_live(struct bb_conf *c)
{
	struct bb_conf *old = live;

	live = bb_conf_ref(c);
	bb_conf_unref(old);
	/* Raw files serve .prepare alone. */
	for (size_t i = 0; live && i < live->n_texts; i++)
		bb_conf_text_free(live->texts[i]);
	if (live)
		live->n_texts = 0;
}

struct bb_conf *bb_conf_ref(struct bb_conf *c)
{
	return c && c != &empty ? bb_obj_ref(c) : NULL;
}

void bb_conf_unref(struct bb_conf *c)
{
	if (c && c != &empty)
		bb_obj_unref(c);
}

void bb_conf_forget(struct bb_conf *c, const struct bb_conf_type *types)
{
	for (const struct bb_conf_type *t = types; t && t->file; t++) {
		struct slot *s = slot_find(c, t);

		if (s)
			slot_clear(s);
	}
}

/* --- building --- */

struct build {
	struct bb_conf *c;
	const struct bb_conf *base;
	const struct bb_conf_claim *claims;
	size_t n;
	bool whole;
	struct bb_diag *d;
};

static int open_slots(struct build *b)
{
	b->c->slots = bb_zalloc((b->n + 1) * sizeof(*b->c->slots));
	b->c->texts = bb_zalloc((b->n + 1) * sizeof(*b->c->texts));
	if (!b->c->slots || !b->c->texts)
		return -ENOMEM;
	for (size_t i = 0; i < b->n; i++) {
		struct slot *s = &b->c->slots[b->c->n_slots++];
		struct slot *old;

		s->type = b->claims[i].type;
		old = b->claims[i].keep && b->base ? slot_find(b->base, s->type) : NULL;
		for (size_t j = 0; old && j < old->n; j++)
			if (slot_add(s, bb_obj_ref(old->v[j]->obj)))
				return -ENOMEM;
	}
	return 0;
}

static struct bb_str last_value(const struct bb_conf_section *s, const char *name,
				struct bb_where *at)
{
	for (struct bb_node *n = s->lines.tail; n; n = n->prev) {
		const struct bb_conf_line *l = bb_list_entry(n, struct bb_conf_line, node);

		if (bb_str_iis(l->name, name)) {
			*at = l->value_at;
			return l->value;
		}
	}
	return bb_strz(NULL);
}

/* How well a type claims a section: 0 not, 1 as "every other one", 2 by its name or type= line. */
static int claims_section(const struct bb_conf_type *t, const struct bb_conf_section *s,
			  struct bb_str type)
{
	if (t->type) {
		if (!type.p || !bb_str_iis(type, t->type))
			return 0;
		return !t->section || bb_str_iis(s->name, t->section) ||
				       strcmp(t->section, "*") == 0
			       ? 2
			       : 0;
	}
	if (!t->section)
		return 0;
	if (strcmp(t->section, "*") == 0)
		return 1;
	return bb_str_iis(s->name, t->section) ? 2 : 0;
}

static void suggest_type(struct build *b, const char *file, struct bb_str type,
			 const struct bb_where *at)
{
	struct bb_near near = { .got = type };
	const char *best;

	for (size_t i = 0; i < b->n; i++)
		if (b->claims[i].type->type && strcmp(b->claims[i].type->file, file) == 0)
			bb_near_offer(&near, b->claims[i].type->type);
	best = bb_near_best(&near);
	bb_diag_add(b->d, BB_MISTAKE, at, "unknown type '%.*s'%s%s%s", BB_FMT(type),
		    best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

static void suggest_section(struct build *b, const char *file, const struct bb_conf_section *s)
{
	struct bb_near near = { .got = s->name };
	bool typed = false;
	const char *best;

	for (size_t i = 0; i < b->n; i++) {
		const struct bb_conf_type *t = b->claims[i].type;

		if (strcmp(t->file, file) != 0)
			continue;
		typed |= t->type != NULL;
		if (!t->type && t->section)
			bb_near_offer(&near, t->section);
	}
	best = bb_near_best(&near);
	bb_diag_add(b->d, BB_MISTAKE, &s->at, "%s [%s]%s%s%s%s",
		    typed ? "no type= line in section" : "unknown section", s->name.p,
		    best ? "; did you mean [" : "", best ? best : "", best ? "]?" : "", "");
}

static void nobody_claims(struct build *b, const struct bb_conf_text *text,
			  const struct bb_conf_section *s, struct bb_str type,
			  const struct bb_where *type_at)
{
	if (!b->whole)
		return;
	if (type.p && strcmp(text->canonical, "sip.conf") == 0) {
		if (bb_known_sip_type(type))
			bb_diag_add(b->d, BB_WARN, type_at,
				    "type=%.*s is known but not built here; [%s] has no effect",
				    BB_FMT(type), s->name.p);
		else
			suggest_type(b, text->canonical, type, type_at);
	} else if (bb_known_section(text->canonical, s->name)) {
		/* An empty one asks for nothing. */
		if (s->lines.count)
			bb_diag_add(b->d, BB_WARN, &s->at,
				    "section [%s] is known but not built here; it has no effect",
				    s->name.p);
	} else {
		suggest_section(b, text->canonical, s);
	}
}

/* The same object twice: an error where names are unique, more lines where they are not. */
static bool is_double(struct build *b, const struct slot *slot, const struct bb_conf_section *s)
{
	struct bb_map_node *n = bb_map_get(&slot->names, s->name);
	const struct conf_obj *o;

	if (!n || slot->type->free_form)
		return false;
	o = bb_map_entry(n, struct ref, node)->obj;
	bb_diag_add(b->d, BB_MISTAKE, &s->at,
		    "[%s]%s%s stands here for the second time; first at %s:%u", s->name.p,
		    slot->type->type ? " type=" : "", slot->type->type ? slot->type->type : "",
		    o->at.file, o->at.line);
	return true;
}

/* Two kinds in one section: one of them would be lost. A template's type may be changed. */
static void judge_types(struct build *b, const struct bb_conf_section *s)
{
	const struct bb_conf_line *first = NULL;

	bb_list_each (node, &s->lines) {
		const struct bb_conf_line *l = bb_list_entry(node, struct bb_conf_line, node);

		if (!bb_str_iis(l->name, "type") || l->at.line < s->at.line)
			continue;
		if (first && !bb_str_ieq(first->value, l->value))
			bb_diag_add(
				b->d, BB_MISTAKE, &l->at,
				"[%s] is type=%s already by line %u: a second type is a section of "
				"its own",
				s->name.p, first->value.p, first->at.line);
		else if (!first)
			first = l;
	}
}

static int build_section(struct build *b, const struct bb_conf_text *text,
			 const struct bb_conf_section *s)
{
	struct bb_where type_at = s->at;
	struct bb_str type = last_value(s, "type", &type_at);
	const struct bb_conf_claim *best = NULL;
	struct conf_obj *o;
	int score = 0;
	struct slot *slot;
	int err;

	for (size_t i = 0; i < b->n; i++) {
		const struct bb_conf_type *t = b->claims[i].type;
		int sc = strcmp(t->file, text->canonical) ? 0 : claims_section(t, s, type);

		if (sc > score) {
			score = sc;
			best = &b->claims[i];
		}
	}
	if (!best) {
		nobody_claims(b, text, s, type, &type_at);
		return 0;
	}
	if (best->type->type)
		judge_types(b, s);
	slot = &b->c->slots[best - b->claims];
	if (best->keep || is_double(b, slot, s))
		return 0;
	err = bb_conf_obj_new(&o, best->type, text, s, b->d);
	return err ? err : slot_add(slot, o);
}

/* Sections that must exist even when nobody wrote them: [general] with all its defaults. */
static int build_absent(struct build *b, const struct bb_conf_claim *claim)
{
	const struct bb_conf_type *t = claim->type;
	struct slot *slot = &b->c->slots[claim - b->claims];
	struct bb_conf_section s = { 0 };
	struct bb_conf_text text = { 0 };
	struct conf_obj *o;
	int err;

	if (claim->keep || slot->n || t->type || !t->section || strcmp(t->section, "*") == 0)
		return 0;
	for (const struct bb_field *f = t->fields; f && f->name; f++)
		if (!f->def)
			return 0;
	s.name = bb_strz(t->section);
	s.at.file = text.path = t->file;
	err = bb_conf_obj_new(&o, t, &text, &s, b->d);
	return err ? err : slot_add(slot, o);
}

static bool first_claim_of_file(const struct build *b, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(b->claims[j].type->file, b->claims[i].type->file) == 0)
			return false;
	return true;
}

static bool file_wanted(const struct build *b, const char *file)
{
	for (size_t i = 0; i < b->n; i++)
		if (!b->claims[i].keep && strcmp(b->claims[i].type->file, file) == 0)
			return true;
	return false;
}

/* One file may stand under several names; the first that exists is read. */
static int read_claimed(struct build *b, const char *canonical)
{
	const char *const *names = bb_conf_file_names(canonical);
	const char *dir = bb_path("astetcdir"), *alone[] = { canonical, NULL };
	struct bb_conf_text *t = NULL;
	int err;

	for (names = names ? names : alone; *names; names++) {
		err = bb_conf_text_read(&t, dir, *names, b->d);
		if (err == -ENOENT)
			continue;
		if (err == -ENOMEM)
			return err;
		if (err)
			return 0; /* said already */
		t->canonical = canonical;
		b->c->texts[b->c->n_texts++] = t;
		break;
	}
	if (!t)
		return 0;
	bb_list_each (node, &t->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		err = s->is_template ? 0 : build_section(b, t, s);
		if (err)
			return err;
	}
	return 0;
}

int bb_conf_build(struct bb_conf **cp, const struct bb_conf *base,
		  const struct bb_conf_claim *claims, size_t n, bool whole, struct bb_diag *d)
{
	struct build b = { .base = base, .claims = claims, .n = n, .whole = whole, .d = d };
	int err;

	b.c = bb_obj_new(sizeof(*b.c), conf_destroy, "configuration set");
	if (!b.c)
		return -ENOMEM;
	err = open_slots(&b);
	for (size_t i = 0; i < n && !err; i++)
		if (first_claim_of_file(&b, i) && file_wanted(&b, claims[i].type->file))
			err = read_claimed(&b, claims[i].type->file);
	for (size_t i = 0; i < n && !err; i++)
		err = build_absent(&b, &claims[i]);
	if (!err && whole)
		err = bb_conf_judge_directory(b.c, d);
	if (err) {
		bb_obj_unref(b.c);
		return err;
	}
	*cp = b.c;
	return 0;
}

const struct bb_conf_text *bb_conf_text_at(const struct bb_conf *c, size_t i)
{
	return i < c->n_texts ? c->texts[i] : NULL;
}

/* --- the checker's question --- */

/* Fact: which objects the targets of a technology are. */
static const struct {
	const char *tech, *file, *type;
} devices[] = {
	{ "SIP", "sip.conf", "endpoint" },
	{ "PJSIP", "sip.conf", "endpoint" },
};

static const struct slot *slot_named(const struct bb_conf *c, const char *file, const char *type)
{
	for (size_t i = 0; i < c->n_slots; i++) {
		const struct bb_conf_type *t = c->slots[i].type;

		if (t->type && strcmp(t->file, file) == 0 && strcmp(t->type, type) == 0)
			return &c->slots[i];
	}
	return NULL;
}

int bb_conf_device_known(const struct bb_conf *next, struct bb_str device)
{
	struct bb_str name = device, tech;
	ptrdiff_t at;

	if (!bb_str_split(&name, '/', &tech) || bb_str_empty(name))
		return -ENOSYS;
	/* PJSIP/number@trunk, SIP/trunk/number */
	at = bb_str_chr(name, '/');
	if (at >= 0)
		name = bb_str_sub(name, 0, (size_t)at);
	at = bb_str_chr(name, '@');
	if (at >= 0)
		name = bb_str_sub(name, (size_t)at + 1, name.l);
	for (size_t i = 0; i < BB_ARRAY_SIZE(devices); i++) {
		const struct slot *s = bb_str_iis(tech, devices[i].tech)
					       ? slot_named(next, devices[i].file, devices[i].type)
					       : NULL;

		if (!s)
			continue;
		if (bb_map_get(&s->names, bb_str_trim(name)))
			return 1;
		/* An address needs no endpoint. */
		return bb_str_chr(name, '.') >= 0 || bb_str_chr(name, ':') >= 0 ? -ENOSYS : 0;
	}
	return -ENOSYS;
}
