/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unloading is draining: hidden from new look-ups at once, stopped when the
 * last user has gone and every media thread is out of its text, then closed.
 */
#include "core/registry/registry.h"

#include <stdio.h>

#include <bellbird/log.h>

#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"

#define POLL (100 * BB_MS)
#define PATIENCE (5 * BB_SEC) /* how long the console waits for the media threads */

static void (*barrier)(void (*done)(void *arg), void *arg);

void bb_registry_set_barrier(void (*fn)(void (*done)(void *arg), void *arg))
{
	barrier = fn;
}

/* --- who holds it --- */

static void say(struct bb_buf *out, unsigned n, const char *what)
{
	if (!n)
		return;
	bb_buf_printf(out, "%s%u %s%s", out->l ? ", " : "", n, what, n == 1 ? "" : "s");
}

static unsigned noted(const struct bb_entry *e, const char *who)
{
	for (size_t i = 0; i < BB_ENTRY_NOTES; i++)
		if (e->notes[i].n && strcmp(e->notes[i].who, who) == 0)
			return e->notes[i].n;
	return 0;
}

static unsigned unnoted(const struct bb_entry *e)
{
	unsigned n = e->uses;

	for (size_t i = 0; i < BB_ENTRY_NOTES; i++)
		n -= e->notes[i].n;
	return n;
}

/* Counted once, at the first entry that has it. */
static bool said_before(const struct bb_self *s, const struct bb_entry *at, const char *who)
{
	bb_list_each (node, &s->entries) {
		const struct bb_entry *e = bb_list_entry(node, struct bb_entry, in_self);

		if (e == at)
			return false;
		if (noted(e, who))
			return true;
	}
	return false;
}

static void say_note(struct bb_buf *out, const struct bb_self *s, const struct bb_entry *e,
		     const char *who)
{
	unsigned n = 0;

	if (said_before(s, e, who))
		return;
	bb_list_each (node, &s->entries) {
		n += noted(bb_list_entry(node, struct bb_entry, in_self), who);
	}
	/* A module that needs it says its own name. */
	if (e->kind == BB_KIND_SERVICE && bb_self_find(bb_strz(who)))
		bb_buf_printf(out, "%sthe module %s", out->l ? ", " : "", who);
	else
		say(out, n, who);
}

#define CALLS_TOLD 8
#define CALLS_MAX 4096

/* The calls that hold something of it, each once. @return how many there are. */
static size_t calls_of(const struct bb_self *s, const char **calls, size_t max)
{
	size_t n = 0;

	bb_list_each (at, &s->entries) {
		struct bb_entry *e = bb_list_entry(at, struct bb_entry, in_self);

		bb_list_each (node, &e->calls) {
			const char *call = bb_list_entry(node, struct bb_call_hold, node)->call;
			size_t i = 0;

			while (i < n && strcmp(calls[i], call) != 0)
				i++;
			if (i == n && n < max)
				calls[n++] = call;
		}
	}
	return n;
}

static void say_calls(struct bb_buf *out, const struct bb_self *s)
{
	const char *calls[CALLS_TOLD + 1];
	size_t n = calls_of(s, calls, CALLS_TOLD + 1);

	for (size_t i = 0; i < n && i < CALLS_TOLD; i++)
		bb_buf_printf(out, "%s%s",
			      i	      ? ", "
			      : n > 1 ? " for the calls "
				      : " for the call ",
			      calls[i]);
	if (n > CALLS_TOLD)
		bb_buf_puts(out, " and more");
}

static void (*end_call)(const char *call, const char *why);

void bb_registry_on_call_end(void (*fn)(const char *call, const char *why))
{
	end_call = fn;
}

unsigned bb_module_hang_up(const char *name)
{
	struct bb_self *s = bb_self_find(bb_strz(name));
	const char **calls = bb_zalloc(CALLS_MAX * sizeof(*calls));
	char why[128];
	size_t n = 0;

	if (s && calls && end_call)
		n = calls_of(s, calls, CALLS_MAX);
	snprintf(why, sizeof(why), "the module %s was unloaded with --hangup", name);
	/* Ending one may end the use that the next name stands in: names of their own. */
	for (size_t i = 0; i < n; i++)
		calls[i] = bb_strdup(bb_strz(calls[i]));
	for (size_t i = 0; i < n; i++) {
		if (calls[i])
			end_call(calls[i], why);
		bb_free((void *)(uintptr_t)calls[i]);
	}
	bb_free(calls);
	return (unsigned)n;
}

static void holders(const struct bb_self *s, struct bb_buf *out)
{
	unsigned busy;

	bb_list_each (node, &s->entries) {
		const struct bb_entry *e = bb_list_entry(node, struct bb_entry, in_self);

		for (size_t i = 0; i < BB_ENTRY_NOTES; i++)
			if (e->notes[i].n)
				say_note(out, s, e, e->notes[i].who);
	}
	for (int kind = BB_KIND_APP; kind <= BB_KIND_EXTENSION; kind++) {
		unsigned n = 0;

		bb_list_each (node, &s->entries) {
			const struct bb_entry *e = bb_list_entry(node, struct bb_entry, in_self);

			if ((int)e->kind == kind)
				n += unnoted(e);
		}
		say(out, n, bb_kind_holder((enum bb_kind)kind));
	}
	busy = s->table.busy && s->state != BB_MODULE_OPEN
		       ? s->table.busy((struct bb_self *)(uintptr_t)s)
		       : 0;
	say(out, busy, "piece of work");
	say_calls(out, s);
}

void bb_module_holders(const char *name, struct bb_buf *out)
{
	const struct bb_self *s = bb_self_find(bb_strz(name));
	struct bb_buf mine = { 0 };

	if (s)
		holders(s, &mine);
	bb_buf_putstr(out, bb_buf_str(&mine));
	bb_buf_free(&mine);
}

/* --- stopping --- */

void bb_self_stop(struct bb_self *self)
{
	bb_task_cancel(&self->done);
	bb_timer_cancel(&self->poll);
	bb_watchdog_enter(self->table.name, "stop");
	if (self->table.stop)
		self->table.stop(self);
	bb_watchdog_leave();
	bb_self_drop_needs(self);
	self->state = BB_MODULE_OPEN;
}

static void finish(void *arg)
{
	struct bb_self *self = arg;

	bb_notice("module %s is unloaded", self->table.name);
	bb_self_stop(self);
	bb_conf_forget((struct bb_conf *)(uintptr_t)bb_conf_live(), self->table.conf);
	bb_self_close(self);
}

static void try_finish(void *arg)
{
	struct bb_self *self = arg;

	if (self->state != BB_MODULE_DRAINING || bb_self_uses(self))
		return;
	/* A reload walks the modules and may wait meanwhile. */
	if (bb_reloading() || (self->table.busy && self->table.busy(self))) {
		bb_timer_set(&self->poll, POLL, try_finish, self);
		return;
	}
	self->state = BB_MODULE_STOPPING;
	if (barrier)
		barrier(finish, self);
	else
		finish(self);
}

void bb_self_idle(struct bb_self *self)
{
	if (self->state == BB_MODULE_DRAINING && !bb_self_uses(self))
		bb_task_post(&self->done, try_finish, self);
}

/* --- asking --- */

static bool needed(struct bb_self *self, struct bb_diag *d)
{
	bool yes = false;

	bb_list_each (node, bb_selves()) {
		struct bb_self *o = bb_list_entry(node, struct bb_self, node);

		for (size_t i = 0; i < o->n_needs; i++) {
			if (o->needs[i].entry->self != self)
				continue;
			bb_diag_add(d, BB_MISTAKE, NULL, "cannot unload %s: %s needs it",
				    self->table.name, o->table.name);
			yes = true;
		}
	}
	return yes;
}

static int wait_gone(const char *name)
{
	bb_time until = bb_now() + PATIENCE;
	struct bb_self *s;

	while ((s = bb_self_find(bb_strz(name))) && s->state == BB_MODULE_STOPPING) {
		if (!bb_fiber_self() || bb_now() >= until)
			return -EINPROGRESS;
		bb_fiber_park_for(5 * BB_MS);
	}
	return s && s->state == BB_MODULE_DRAINING ? -EINPROGRESS : 0;
}

int bb_module_unload(struct bb_str name, struct bb_diag *d)
{
	struct bb_self *s = bb_module_find(name);
	char *copy;
	int err;

	if (!s || s->state == BB_MODULE_OPEN)
		return -ENOENT;
	if (s->core)
		return -EPERM;
	if (s->state != BB_MODULE_RUNNING)
		return -EINPROGRESS;
	if (bb_reloading())
		return -EAGAIN;
	if (needed(s, d))
		return -EBUSY;
	copy = bb_sprintf("%s", s->table.name);
	if (!copy)
		return -ENOMEM;
	bb_entries_publish(s, false);
	s->state = BB_MODULE_DRAINING;
	if (s->table.drain)
		s->table.drain(s);
	try_finish(s);
	err = wait_gone(copy);
	bb_free(copy);
	return err;
}

/* --- the end of the program --- */

void bb_modules_refuse_calls(void)
{
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);
		bool driver = false;

		bb_list_each (en, &s->entries) {
			driver |= bb_list_entry(en, struct bb_entry, in_self)->kind == BB_KIND_CHAN;
		}
		if (!driver || s->core || s->state != BB_MODULE_RUNNING)
			continue;
		bb_entries_publish(s, false);
		if (s->table.drain)
			s->table.drain(s);
	}
}

void bb_modules_stop(void)
{
	struct bb_list *all = bb_selves();
	struct bb_buf who = { 0 };

	for (struct bb_node *n = all->tail; n; n = n->prev) {
		struct bb_self *s = bb_list_entry(n, struct bb_self, node);

		if (s->state != BB_MODULE_RUNNING)
			continue;
		bb_entries_publish(s, false);
		if (s->table.drain)
			s->table.drain(s);
		s->state = BB_MODULE_STOPPING;
	}
	for (struct bb_node *n = all->tail; n; n = n->prev) {
		struct bb_self *s = bb_list_entry(n, struct bb_self, node);

		if (s->state == BB_MODULE_OPEN)
			continue;
		if (bb_self_uses(s) && !s->core) {
			bb_buf_truncate(&who, 0);
			holders(s, &who);
			bb_warning("module %s is still held by %s", s->table.name,
				   bb_buf_cstr(&who));
			bb_self_drop_needs(s);
			continue; /* its users could still call it */
		}
		bb_self_stop(s);
	}
	bb_buf_free(&who);
}
