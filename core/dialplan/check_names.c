/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * check_names.c - what arguments and options name, and whether it is there:
 * places, subroutines, contexts, applications, devices, sounds, music.
 *
 * Which argument names what is written in its descriptor (enum bb_refers), so
 * that a new application is judged without a word about it here.
 */
#include "core/dialplan/dialplan.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"

#define MAX_NESTED 20 /* applications within arguments of applications */

static bb_device_known_fn device_known;

void bb_dialplan_device_check(bb_device_known_fn fn)
{
	device_known = fn;
}

const char *bb_check_context_hint(const struct bb_check *c, struct bb_str name, char *dst,
				  size_t cap)
{
	struct bb_near near = { .got = name };

	bb_list_each (n, &c->plan->order)
		bb_near_offer(&near, bb_list_entry(n, struct bb_context, order)->name);
	return bb_near_hint(&near, dst, cap);
}

/* --- places --- */

/* A priority by number, by label, or so many steps from here. */
static void want_priority(const struct bb_check *c, struct bb_str priority, struct bb_find *f)
{
	uint64_t n;

	if (priority.l && (priority.p[0] == '+' || priority.p[0] == '-')) {
		if (bb_str_u64(bb_str_sub(priority, 1, priority.l), &n) || n > 100000)
			n = 0;
		f->prio = c->prio->n + (priority.p[0] == '+' ? (int)n : -(int)n);
	} else if (!bb_str_u64(priority, &n)) {
		f->prio = (int)(n > 1000000 ? 1000000 : n);
	} else {
		f->label = priority;
	}
}

/* "[[context,]exten,]priority[(args)]" must exist, as far as it is literal. */
static void check_place(struct bb_check *c, struct bb_str s)
{
	struct bb_find f = { .any_cid = true };
	struct bb_goto_arg g;
	const struct bb_prio *p;
	char hint[BB_MAX_EXTEN];
	ptrdiff_t open;

	s = bb_str_trim(s);
	open = bb_str_chr(s, '(');
	if (open >= 0 && !bb_check_opaque(bb_str_sub(s, 0, (size_t)open)))
		s = bb_str_trim(bb_str_sub(s, 0, (size_t)open));
	if (!s.l)
		return;
	if (bb_check_opaque(s)) {
		c->blind = true;
		return;
	}
	g = bb_goto_split(s);
	f.context = g.context.p ? g.context : bb_strz(c->ctx->name);
	f.exten = g.exten.p ? g.exten : bb_strz(c->exten->name);
	want_priority(c, g.priority, &f);
	p = bb_plan_find(c->plan, &f);
	if (p)
		((struct bb_prio *)p)->targeted = true;
	else if (f.status == BB_FIND_NOCONTEXT)
		bb_check_say(c, BB_SUSPECT, s.p, "there is no context '%.*s'%s", BB_FMT(f.context),
			     bb_check_context_hint(c, f.context, hint, sizeof(hint)));
	else if (f.status == BB_FIND_NOEXTEN)
		bb_check_say(c, BB_SUSPECT, s.p, "there is no extension '%.*s' in context '%.*s'",
			     BB_FMT(f.exten), BB_FMT(f.context));
	else
		bb_check_say(c, BB_SUSPECT, s.p, "'%.*s' in context '%.*s' has no %s '%.*s'",
			     BB_FMT(f.exten), BB_FMT(f.context), f.label.p ? "label" : "priority",
			     BB_FMT(g.priority));
}

/* Within an option's parentheses '^' stands for ','. */
static void check_letter_place(struct bb_check *c, struct bb_str text)
{
	char *copy = bb_arena_strdup(c->arena, text);

	if (!copy)
		return;
	for (size_t i = 0; i < text.l; i++)
		if (copy[i] == '^')
			copy[i] = ',';
	c->copy = bb_strn(copy, text.l);
	c->copy_of = text.p;
	check_place(c, c->copy);
	c->copy = bb_strn(NULL, 0);
}

static void check_context(struct bb_check *c, struct bb_str name)
{
	char hint[BB_MAX_EXTEN];

	name = bb_str_trim(name);
	if (!bb_check_opaque(name) && !bb_plan_context(c->plan, name))
		bb_check_say(c, BB_SUSPECT, name.p, "there is no context '%.*s'%s", BB_FMT(name),
			     bb_check_context_hint(c, name, hint, sizeof(hint)));
}

/* "context[^args]": begins at its s,1. */
static void check_sub(struct bb_check *c, struct bb_str text)
{
	ptrdiff_t cut = bb_str_chr(text, '^');
	struct bb_str name = bb_str_trim(cut < 0 ? text : bb_str_sub(text, 0, (size_t)cut));
	struct bb_find f = { .any_cid = true, .context = name, .exten = BB_STR("s"), .prio = 1 };
	char hint[BB_MAX_EXTEN];

	if (bb_check_opaque(name) || bb_plan_find(c->plan, &f))
		return;
	if (f.status == BB_FIND_NOCONTEXT)
		bb_check_say(c, BB_SUSPECT, name.p, "there is no subroutine '%.*s'%s", BB_FMT(name),
			     bb_check_context_hint(c, name, hint, sizeof(hint)));
	else
		bb_check_say(c, BB_SUSPECT, name.p,
			     "the subroutine '%.*s' has no extension 's' with priority 1",
			     BB_FMT(name));
}

/* --- applications --- */

static void check_call(struct bb_check *c, struct bb_str call)
{
	struct bb_str args = BB_STR("");
	ptrdiff_t open = bb_str_chr(call, '(');
	size_t end = call.l;

	if (c->nested >= MAX_NESTED)
		return;
	if (open >= 0) {
		while (end > (size_t)open + 1 && call.p[end - 1] != ')')
			end--;
		args = bb_str_sub(call, (size_t)open + 1,
				  end > (size_t)open + 1 ? end - (size_t)open - 2 : call.l);
		call = bb_str_sub(call, 0, (size_t)open);
	}
	c->nested++;
	bb_check_app(c, bb_str_trim(call), args);
	c->nested--;
}

/* --- devices --- */

/* "Local/exten@context[/options]" leads back into the plan. */
static void check_local(struct bb_check *c, struct bb_str target)
{
	struct bb_find f = { .any_cid = true, .prio = 1 };
	ptrdiff_t at, slash = bb_str_chr(target, '/');
	char hint[BB_MAX_EXTEN];

	if (slash >= 0)
		target = bb_str_sub(target, 0, (size_t)slash);
	at = bb_str_chr(target, '@');
	f.exten = at < 0 ? target : bb_str_sub(target, 0, (size_t)at);
	f.context = at < 0 ? BB_STR("default") : bb_str_sub(target, (size_t)at + 1, target.l);
	if (bb_plan_find(c->plan, &f))
		return;
	if (f.status == BB_FIND_NOCONTEXT)
		bb_check_say(c, BB_SUSPECT, target.p, "Local/%.*s: there is no context '%.*s'%s",
			     BB_FMT(target), BB_FMT(f.context),
			     bb_check_context_hint(c, f.context, hint, sizeof(hint)));
	else
		bb_check_say(c, BB_SUSPECT, target.p,
			     "Local/%.*s: there is no extension '%.*s' in context '%.*s'",
			     BB_FMT(target), BB_FMT(f.exten), BB_FMT(f.context));
}

static void check_devices(struct bb_check *c, struct bb_str s)
{
	struct bb_str device;

	while (bb_str_split(&s, '&', &device)) {
		device = bb_str_trim(device);
		if (!device.l || bb_check_opaque(device) || bb_str_chr(device, '/') <= 0)
			continue;
		if (bb_str_istarts(device, BB_STR("Local/")))
			check_local(c, bb_str_sub(device, 6, device.l));
		else if (device_known && device_known(c->next, device) == 0)
			bb_check_say(c, BB_SUSPECT, device.p, "nothing defines %.*s",
				     BB_FMT(device));
	}
}

/* --- sounds and music --- */

static void note_sounds(struct bb_check *c, struct bb_str s, char sep)
{
	struct bb_str name;

	while (bb_str_split(&s, sep, &name)) {
		struct bb_check_sound *sound;
		struct bb_tone_list tone;

		name = bb_str_trim(name);
		/* Read() with i takes a tone here. */
		if (bb_indication(&tone, name) == 0)
			continue;
		/* Where from and what with, an address says itself. */
		if (!name.l || bb_check_opaque(name) || bb_str_find(name, BB_STR("://")) >= 0 ||
		    !bb_check_first(c, "sound", name))
			continue;
		sound = bb_arena_alloc(c->arena, sizeof(*sound));
		if (!sound)
			return;
		sound->name = bb_arena_strdup(c->arena, name);
		sound->at = bb_check_place(name.p, c);
		sound->next = c->sounds;
		if (!sound->name)
			return;
		c->sounds = sound;
		c->n_sounds++;
	}
}

void bb_check_sounds(struct bb_check *c)
{
	struct bb_sound_ask *asks = bb_arena_alloc(c->arena, (c->n_sounds + 1) * sizeof(*asks));
	size_t i = 0;
	int err;

	if (!asks || !c->n_sounds)
		return;
	for (const struct bb_check_sound *s = c->sounds; s; s = s->next)
		asks[i++] = (struct bb_sound_ask){ .name = s->name };
	err = bb_sounds_ask(asks, c->n_sounds);
	if (err && err != -ENOENT)
		return;
	i = 0;
	for (const struct bb_check_sound *s = c->sounds; s; s = s->next, i++) {
		if (asks[i].found)
			continue;
		if (err == -ENOENT && s->name[0] != '/') {
			if (bb_check_first(c, "folder", BB_STR("sounds")))
				bb_diag_add(c->d, BB_WARN, &s->at,
					    "no sound can be played: there is no folder %s/sounds",
					    bb_path("astdatadir"));
			continue;
		}
		bb_diag_add(c->d, BB_WARN, &s->at, "there is no sound '%s' in any language",
			    s->name);
	}
}

static void check_music(struct bb_check *c, struct bb_str name)
{
	name = bb_str_trim(name);
	if (c->next && !bb_check_opaque(name) && !bb_moh_class_known(c->next, name))
		bb_check_say(c, BB_WARN, name.p,
			     "there is no music class '%.*s': the default one plays", BB_FMT(name));
}

void bb_check_named(enum bb_refers refers, struct bb_str text, bool letter, void *check)
{
	struct bb_check *c = check;

	switch (refers) {
	case BB_REF_PLACE:
		if (letter)
			check_letter_place(c, text);
		else
			check_place(c, text);
		break;
	case BB_REF_SUB:
		check_sub(c, text);
		break;
	case BB_REF_CONTEXT:
		check_context(c, text);
		break;
	case BB_REF_APP:
		check_call(c, text);
		break;
	case BB_REF_DEVICE:
		check_devices(c, text);
		break;
	case BB_REF_SOUND:
		note_sounds(c, text, letter ? ':' : '&');
		break;
	case BB_REF_MUSIC:
		check_music(c, text);
		break;
	case BB_REF_NONE:
		break;
	}
}

/* --- options of configuration objects --- */

static void check_object(struct bb_check *c, const struct bb_conf_type *t, const void *obj)
{
	char hint[BB_MAX_EXTEN];

	for (const struct bb_field *f = t->fields; f && f->name; f++) {
		struct bb_where at;
		struct bb_str name;

		if (f->refers != BB_REF_CONTEXT || f->type != BB_T_STR ||
		    !bb_conf_given(obj, f->name))
			continue;
		memcpy(&name, (const char *)obj + f->off, sizeof(name));
		if (!name.l || bb_plan_context(c->plan, name))
			continue;
		at = bb_conf_where(obj, f->name);
		bb_diag_add(c->d, BB_SUSPECT, &at,
			    "%s of '%s': there is no context '%.*s' in the dial plan%s", f->name,
			    bb_conf_name(obj), BB_FMT(name),
			    bb_check_context_hint(c, name, hint, sizeof(hint)));
	}
}

void bb_check_objects(struct bb_check *c)
{
	const struct bb_conf_type *t;

	/* Without a dial plan nobody meant to have one: a registrar, a redirect server. */
	if (!c->next || !c->plan->order.count)
		return;
	for (size_t i = 0; (t = bb_conf_type_at(c->next, i)); i++)
		for (const void *o = NULL; (o = bb_conf_next(c->next, t, o));)
			check_object(c, t, o);
}
