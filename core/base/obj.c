/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/obj.c - counted objects.
 *
 * Live objects are counted by the text of their type, not by its address: two
 * files may spell the same one, and a module's literals go with the module.
 */
#include <assert.h>
#include <stdalign.h>

#include <bellbird/mem.h>

struct type {
	struct type *next;
	size_t live, bytes;
	char name[];
};

struct obj {
	void (*destroy)(void *obj);
	struct type *type;
	size_t size;
	unsigned refs;
	alignas(max_align_t) char body[];
};

#define BUCKETS 64
static struct type *types[BUCKETS];

static struct obj *head_of(const void *body)
{
	return bb_container_of(body, struct obj, body);
}

static struct type *look_up_type(const char *name, bool make)
{
	struct type **slot = &types[bb_str_hash(bb_strz(name), false) % BUCKETS], *t;
	size_t len;

	for (t = *slot; t; t = t->next)
		if (strcmp(t->name, name) == 0)
			return t;
	if (!make)
		return NULL;
	len = strlen(name) + 1;
	t = bb_zalloc(sizeof(*t) + len);
	if (!t)
		return NULL;
	memcpy(t->name, name, len);
	t->next = *slot;
	*slot = t;
	return t;
}

/* Who makes objects names their type with the same literal each time; its text is looked at all the
 * same, as a module's literals go with the module. */
static struct type *lately[BUCKETS];

static struct type *find_type(const char *name, bool make)
{
	struct type **guess = &lately[(uintptr_t)name / 8 % BUCKETS];

	if (!*guess || strcmp((*guess)->name, name) != 0)
		*guess = look_up_type(name, make);
	return *guess;
}

void *bb_obj_new(size_t size, void (*destroy)(void *obj), const char *type)
{
	struct type *t = find_type(type, true);
	struct obj *o;

	if (!t || size > SIZE_MAX / 2)
		return NULL;
	o = bb_zalloc(sizeof(*o) + size);
	if (!o)
		return NULL;
	o->destroy = destroy;
	o->type = t;
	o->size = sizeof(*o) + size;
	o->refs = 1;
	t->live++;
	t->bytes += o->size;
	return o->body;
}

void *bb_obj_ref(void *obj)
{
	struct obj *o;

	if (!obj)
		return NULL;
	o = head_of(obj);
	assert(o->refs > 0 && "a reference taken on an object that is being destroyed");
	o->refs++;
	return obj;
}

void bb_obj_unref(void *obj)
{
	struct obj *o;

	if (!obj)
		return;
	o = head_of(obj);
	assert(o->refs > 0 && "a reference dropped twice");
	if (--o->refs)
		return;
	if (o->destroy)
		o->destroy(obj);
	o->type->live--;
	o->type->bytes -= o->size;
	bb_free(o);
}

unsigned bb_obj_refs(const void *obj)
{
	return obj ? head_of(obj)->refs : 0;
}

size_t bb_obj_live(const char *type)
{
	size_t n = 0;

	if (type) {
		struct type *t = find_type(type, false);

		return t ? t->live : 0;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct type *t = types[i]; t; t = t->next)
			n += t->live;
	return n;
}

void bb_obj_each_type(void (*fn)(const char *type, size_t live, size_t bytes, void *arg), void *arg)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct type *t = types[i]; t; t = t->next)
			fn(t->name, t->live, t->bytes, arg);
}
