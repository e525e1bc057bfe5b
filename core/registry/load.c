/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Load, check and reload: the same three steps over all files and modules.
 */
#include "core/registry/registry.h"

#include <bellbird/log.h>

#include "core/loop/loop_core.h"

static bool checking, busy, was_strict;
static void (*give_up)(const char *why);

bool bb_checking(void)
{
	return checking;
}

void bb_registry_on_give_up(void (*fn)(const char *why))
{
	give_up = fn;
}

void bb_give_up(struct bb_self *self, const char *why)
{
	bb_error("%s: %s; nothing is left to do", bb_self_name(self), why);
	if (give_up)
		give_up(why);
}

bool bb_modules_checked_strict(void)
{
	return was_strict;
}

bool bb_reloading(void)
{
	return busy;
}

/* --- the order of needs --- */

static void unusable(struct bb_self *s, struct bb_diag *d, const char *fmt, ...) BB_PRINTF(3, 4);

static void unusable(struct bb_self *s, struct bb_diag *d, const char *fmt, ...)
{
	struct bb_buf b = { 0 };
	va_list ap;

	s->failed = true;
	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	bb_diag_add(d, BB_WARN, NULL, "the module %s is not loaded: it needs %s", s->table.name,
		    bb_buf_cstr(&b));
	bb_buf_free(&b);
}

static void sort_one(struct bb_self *s, struct bb_list *sorted, struct bb_diag *d)
{
	s->sorting = true;
	for (size_t i = 0; s->table.needs && s->table.needs[i]; i++) {
		const char *need = s->table.needs[i];
		struct bb_entry *e = bb_need_find(need);

		if (!e) {
			unusable(s, d, "'%s', which no module provides", need);
			continue;
		}
		if (e->self->sorting) {
			unusable(s, d, "'%s' of %s, which in turn needs %s", need,
				 e->self->table.name, s->table.name);
			continue;
		}
		if (!e->self->sorted)
			sort_one(e->self, sorted, d);
		if (s->wanted && !e->self->wanted && e->self->state == BB_MODULE_OPEN)
			unusable(s, d, "'%s' of %s, which is not to be loaded", need,
				 e->self->table.name);
		else if (e->self->failed && !s->failed)
			unusable(s, d, "'%s' of %s, which cannot be loaded", need,
				 e->self->table.name);
	}
	s->sorting = false;
	s->sorted = true;
	bb_list_remove(&s->node);
	bb_list_append(sorted, &s->node);
}

static void sort_all(struct bb_diag *d)
{
	struct bb_list *all = bb_selves(), sorted = { 0 };
	struct bb_node *n;

	bb_list_each (node, all) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		s->sorted = s->sorting = s->failed = false;
	}
	while (all->head)
		sort_one(bb_list_entry(all->head, struct bb_self, node), &sorted, d);
	while ((n = bb_list_pop(&sorted)))
		bb_list_append(all, n);
}

const void *bb_service_get(struct bb_self *self, const char *name)
{
	size_t l = strcspn(name, "/");

	for (size_t i = 0; self->table.needs && self->table.needs[i]; i++) {
		const char *need = self->table.needs[i];
		struct bb_entry *e;

		if (strncmp(need, name, l) != 0 || strcspn(need, "/") != l)
			continue;
		e = bb_need_find(need);
		return e ? ((const struct bb_service *)e->desc)->api : NULL;
	}
	return NULL;
}

/* --- the three steps --- */

/* Does this module take part in what is being done now? */
typedef bool (*part_fn)(const struct bb_self *s, const void *arg);

static void abort_all(void)
{
	for (struct bb_node *n = bb_selves()->tail; n; n = n->prev) {
		struct bb_self *s = bb_list_entry(n, struct bb_self, node);

		if (!s->prepared)
			continue;
		s->prepared = false;
		if (s->table.abort)
			s->table.abort(s, s->ctx);
		s->ctx = NULL;
	}
}

static void commit_all(void)
{
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		if (!s->prepared)
			continue;
		s->prepared = false;
		bb_watchdog_enter(s->table.name, "commit");
		if (s->table.commit)
			s->table.commit(s, s->ctx);
		bb_watchdog_leave();
		s->ctx = NULL;
	}
}

/* A prepare may wait, and the list may not change meanwhile: `busy` sees to that. */
static int prepare_all(struct bb_conf *c, part_fn part, const void *arg, struct bb_diag *d)
{
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);
		size_t before = bb_diag_count(d, BB_MISTAKE);
		int err;

		if (!part(s, arg) || !s->table.prepare)
			continue;
		s->ctx = NULL;
		err = s->table.prepare(s, c, &s->ctx, d);
		if (err == -ENOMEM)
			return err;
		if (err && bb_diag_count(d, BB_MISTAKE) == before)
			bb_diag_add(d, BB_MISTAKE, NULL,
				    "the module %s does not accept its configuration: %s",
				    s->table.name, strerror(-err));
		/* A failed prepare has undone itself. */
		s->prepared = err == 0;
	}
	return 0;
}

/* Objects of modules that @p fresh names are read, all others kept. */
static int build(struct bb_conf **cp, part_fn fresh, const void *arg, bool whole, struct bb_diag *d)
{
	struct bb_conf_claim *claims;
	size_t n = 0;
	int err;

	bb_list_each (node, bb_selves()) {
		const struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		for (const struct bb_conf_type *t = s->table.conf; t && t->file; t++)
			n++;
	}
	claims = bb_zalloc((n + 1) * sizeof(*claims));
	if (!claims)
		return -ENOMEM;
	n = 0;
	bb_list_each (node, bb_selves()) {
		const struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		for (const struct bb_conf_type *t = s->table.conf; t && t->file; t++) {
			claims[n].type = t;
			claims[n].module = s->table.name;
			claims[n++].keep = !fresh(s, arg);
		}
	}
	err = bb_conf_build(cp, bb_conf_live(), claims, n, whole, d);
	bb_free(claims);
	return err;
}

static bool any(const struct bb_self *s, const void *arg)
{
	return true;
}

static bool is_running(const struct bb_self *s, const void *arg)
{
	return s->state == BB_MODULE_RUNNING || s->state == BB_MODULE_DRAINING;
}

static bool to_start(const struct bb_self *s, const void *arg)
{
	return s->wanted && !s->failed && s->state == BB_MODULE_OPEN;
}

static bool to_check(const struct bb_self *s, const void *arg)
{
	return !s->failed;
}

static bool is_same(const struct bb_self *s, const void *arg)
{
	return s == arg;
}

/* --- starting one --- */

void bb_self_drop_needs(struct bb_self *s)
{
	for (size_t i = 0; i < s->n_needs; i++)
		bb_use_end(&s->needs[i]);
	bb_free(s->needs);
	s->needs = NULL;
	s->n_needs = 0;
}

static int hold_needs(struct bb_self *s, struct bb_diag *d)
{
	size_t n = 0;

	while (s->table.needs && s->table.needs[n])
		n++;
	if (!n)
		return 0;
	s->needs = bb_zalloc(n * sizeof(*s->needs));
	if (!s->needs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct bb_entry *e = bb_need_find(s->table.needs[i]);

		if (!e || !bb_use_find(BB_KIND_SERVICE, bb_strz(e->name), &s->needs[i])) {
			bb_diag_add(
				d, BB_WARN, NULL,
				"the module %s is not started: it needs '%s', which does not run",
				s->table.name, s->table.needs[i]);
			bb_self_drop_needs(s);
			return -ENOENT;
		}
		bb_use_note(&s->needs[i], s->table.name);
		s->n_needs++;
	}
	return 0;
}

int bb_self_start(struct bb_self *s, struct bb_diag *d)
{
	size_t before = bb_diag_count(d, BB_MISTAKE) + bb_diag_count(d, BB_WARN);
	int err = hold_needs(s, d);

	if (err)
		return err;
	bb_watchdog_enter(s->table.name, "start");
	if (s->table.start)
		err = s->table.start(s, d);
	bb_watchdog_leave();
	if (err) {
		if (bb_diag_count(d, BB_MISTAKE) + bb_diag_count(d, BB_WARN) == before)
			bb_diag_add(d, BB_WARN, NULL, "the module %s does not start: %s",
				    s->table.name, strerror(-err));
		bb_self_drop_needs(s);
		return err;
	}
	s->state = BB_MODULE_RUNNING;
	bb_entries_publish(s, true);
	bb_debug(1, "module %s runs", s->table.name);
	return 0;
}

/* What cannot start is said and left out; the rest goes on. */
static int start_all(struct bb_diag *d)
{
	int err = 0;

	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		if (!to_start(s, NULL))
			continue;
		err = bb_self_start(s, d);
		if (err) {
			s->failed = true;
			bb_entries_publish(s, false);
		}
		if (err == -ENOMEM)
			return err;
		if (err && s->core)
			return err;
	}
	return 0;
}

/* --- whole operations --- */

static void show_facts(part_fn part, const void *arg, bool visible)
{
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		if (s->state != BB_MODULE_OPEN || !part(s, arg))
			continue;
		if (visible)
			bb_entries_publish_facts(s);
		else
			bb_entries_publish(s, false);
	}
}

/* Read, judge and prepare for @p part; on success the new set in *cp, everything prepared. */
static int get_ready(struct bb_conf **cp, part_fn fresh, part_fn part, const void *arg, bool whole,
		     struct bb_diag *d)
{
	enum bb_diag_mode mode = checking ? BB_DIAG_CHECK : BB_DIAG_START;
	struct bb_conf *c = NULL;
	int err = build(&c, fresh, arg, whole, d);

	was_strict = c && bb_settings_strict(c);
	show_facts(part, arg, true);
	if (!err)
		err = prepare_all(c, part, arg, d);
	if (!err && bb_diag_refuses(d, mode, was_strict))
		err = -EINVAL;
	if (err || checking) {
		abort_all();
		show_facts(part, arg, false);
		bb_conf_unref(c);
		c = NULL;
	}
	*cp = c;
	return err;
}

/* A reload loads and unloads nothing: where modules.conf has come to say otherwise, that is told.
 */
static void tell_differences(struct bb_diag *d)
{
	bb_list_each (node, bb_selves()) {
		const struct bb_self *s = bb_list_entry(node, struct bb_self, node);
		bool runs = s->state == BB_MODULE_RUNNING;

		if (s->core || s->wanted == runs || s->wanted == s->by_file)
			continue;
		bb_diag_add(
			d, BB_NOTE, NULL,
			runs ? "modules.conf no longer has %s: it stays until 'module unload "
			       "%s' or a restart"
			     : "modules.conf now has %s: 'module load %s' or a restart loads it",
			s->table.name, s->table.name);
	}
}

/* What modules.conf said last. */
static void remember_wanted(void)
{
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		s->by_file = s->wanted;
	}
}

/* Types of modules that are not to run are known types, too. */
static int scan_wanted(struct bb_diag *d)
{
	int err = bb_modules_scan(d);

	return err ? err : bb_modules_wanted(d);
}

/* Everything has prepared: nothing can fail any more. */
static void go_live(struct bb_conf *c)
{
	bb_conf_set_live(c);
	bb_conf_unref(c);
	commit_all();
}

int bb_modules_load(struct bb_diag *d)
{
	struct bb_conf *c = NULL;
	int err;

	if (busy)
		return -EBUSY;
	busy = true;
	err = scan_wanted(d);
	if (!err) {
		sort_all(d);
		err = get_ready(&c, any, to_start, NULL, true, d);
	}
	if (!err) {
		go_live(c);
		remember_wanted();
		err = start_all(d);
	}
	busy = false;
	return err;
}

int bb_modules_check(struct bb_diag *d)
{
	struct bb_conf *c = NULL;
	int err;

	if (busy)
		return -EBUSY;
	busy = checking = true;
	err = scan_wanted(d);
	if (!err) {
		sort_all(d);
		err = get_ready(&c, any, to_check, NULL, true, d);
	}
	busy = checking = false;
	return err;
}

int bb_modules_reload(struct bb_diag *d)
{
	struct bb_conf *c = NULL;
	int err;

	if (busy)
		return -EBUSY;
	busy = true;
	err = scan_wanted(d);
	if (!err)
		err = get_ready(&c, any, is_running, NULL, true, d);
	if (!err) {
		go_live(c);
		tell_differences(d);
		remember_wanted();
	}
	busy = false;
	return err;
}

int bb_module_reload(struct bb_str name, struct bb_diag *d)
{
	struct bb_self *s = bb_self_find(name);
	struct bb_conf *c = NULL;
	int err;

	if (!s || !is_running(s, NULL))
		return -ENOENT;
	if (busy)
		return -EBUSY;
	busy = true;
	err = get_ready(&c, is_same, is_same, s, false, d);
	if (!err)
		go_live(c);
	busy = false;
	return err;
}

/* The module and all it needs that does not run yet. */
static void want_with_needs(struct bb_self *s, unsigned depth)
{
	s->wanted = true;
	for (size_t i = 0; depth < 32 && s->table.needs && s->table.needs[i]; i++) {
		struct bb_entry *e = bb_need_find(s->table.needs[i]);

		if (e && e->self->state == BB_MODULE_OPEN)
			want_with_needs(e->self, depth + 1);
	}
}

static int load_open(struct bb_self *s, struct bb_diag *d)
{
	struct bb_conf *c = NULL;
	int err;

	bb_list_each (node, bb_selves()) {
		struct bb_self *o = bb_list_entry(node, struct bb_self, node);

		o->wanted = o->state != BB_MODULE_OPEN;
	}
	want_with_needs(s, 0);
	sort_all(d);
	if (s->failed)
		return -ENOENT;
	err = get_ready(&c, to_start, to_start, NULL, false, d);
	if (err)
		return err;
	go_live(c);
	err = start_all(d);
	return s->state == BB_MODULE_RUNNING ? 0 : err ? err : -EINVAL;
}

static void take_back(struct bb_self *s)
{
	bb_timer_cancel(&s->poll);
	bb_task_cancel(&s->done);
	s->state = BB_MODULE_RUNNING;
	if (s->table.undrain)
		s->table.undrain(s);
	bb_entries_publish(s, true);
	bb_notice("module %s is taken back", s->table.name);
}

/* The file may be another one than when its table was read. */
static int open_again(struct bb_self **sp, struct bb_diag *d)
{
	struct bb_self *s = *sp;
	char *path;
	int err;

	if (!s->path)
		return 0;
	path = bb_sprintf("%s", s->path);
	if (!path)
		return -ENOMEM;
	bb_conf_forget((struct bb_conf *)(uintptr_t)bb_conf_live(), s->table.conf);
	bb_self_close(s);
	err = bb_self_open(sp, path, d);
	bb_free(path);
	return err;
}

int bb_module_load(struct bb_str name, struct bb_diag *d)
{
	struct bb_self *s;
	int err;

	if (busy)
		return -EBUSY;
	busy = true;
	err = bb_modules_scan(d);
	s = err ? NULL : bb_module_find(name);
	if (!s) {
		err = err ? err : -ENOENT;
	} else if (s->state == BB_MODULE_DRAINING) {
		take_back(s);
	} else if (s->state != BB_MODULE_OPEN) {
		err = -EALREADY;
	} else {
		err = open_again(&s, d);
		if (!err)
			err = load_open(s, d);
	}
	busy = false;
	return err;
}
