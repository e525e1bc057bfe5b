/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules.conf: which of the installed modules are started. Asterisk's names
 * are understood (counterparts.c); what has no counterpart here is named once.
 */
#include "core/registry/registry.h"

struct modules_conf {
	bool autoload;
};

static const struct bb_field fields[] = {
	{ .name = "autoload",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct modules_conf, autoload),
	  .def = "yes",
	  .doc = "Start every installed module that noload does not name." },
	{ 0 },
};

/* load, noload, preload, require stand many times: read as lines. */
static const struct bb_conf_type types[] = {
	{ .file = "modules.conf",
	  .section = "modules",
	  .fields = fields,
	  .size = sizeof(struct modules_conf),
	  .free_form = true,
	  .doc = "Which modules are started: autoload, load, noload, preload, require." },
	{ 0 },
};

const struct bb_module bb_modules_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "modules",
	.conf = types,
	.provides = bb_module_provides,
	.doc = { .summary = "Which modules are started", .since = "0.1" },
};

static void no_counterpart(const struct bb_conf_line *l, struct bb_diag *d)
{
	struct bb_near near = { .got = bb_module_plain(l->value) };
	const char *best;

	bb_list_each (node, bb_selves()) {
		bb_near_offer(&near, bb_list_entry(node, struct bb_self, node)->table.name);
	}
	bb_module_offer_counterparts(&near);
	best = bb_near_best(&near);
	if (bb_module_not_built(l->value))
		bb_diag_gather(d, BB_WARN, &l->value_at,
			       "modules of Asterisk's that are not built here", l->value);
	else if (bb_module_counterparts(l->value).p)
		bb_diag_gather(d, BB_WARN, &l->value_at, "modules that are not installed",
			       l->value);
	else
		bb_diag_add(d, BB_SUSPECT, &l->value_at, "unknown module '%s'%s%s%s", l->value.p,
			    best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

/* `noload => chan_sip.so` beside a pjsip.conf means Asterisk's older driver, not ours. */
static bool means_the_old_driver(const struct bb_conf_line *l)
{
	struct bb_buf found = { 0 };
	char *path;
	int n;

	if (!bb_str_is(l->value, "chan_sip.so") && !bb_str_is(l->value, "chan_sip"))
		return false;
	path = bb_sprintf("%s/pjsip.conf", bb_path("astetcdir"));
	n = path ? bb_conf_glob(path, &found) : 0;
	bb_buf_free(&found);
	bb_free(path);
	return n > 0;
}

/* noload of a part of Asterisk's must not take away what other parts of it share here. */
static bool goes_by(const struct bb_conf_line *l, const struct bb_self *self)
{
	return bb_str_starts(l->value, bb_strz(self->table.name)) ||
	       strcmp(self->table.name, "chan_sip") == 0;
}

static void take_name(const struct bb_conf_line *l, bool load, struct bb_diag *d)
{
	struct bb_str all = bb_module_counterparts(l->value), one;

	if (!load && means_the_old_driver(l))
		return;
	if (!all.p && load)
		no_counterpart(l, d);
	while (all.p && bb_str_split(&all, ' ', &one)) {
		struct bb_self *self = bb_self_find(one);

		if (self && !self->core && (load || goes_by(l, self)))
			self->wanted = load;
		else if (!self && load && !bb_str_empty(one))
			no_counterpart(l, d);
	}
}

static void take_line(const struct bb_conf_line *l, struct bb_diag *d)
{
	static const char *const words[] = { "autoload", "load",    "noload",
					     "preload",	 "require", "preload-require",
					     "loadnow",	 NULL };

	if (bb_str_iis(l->name, "autoload"))
		return;
	if (bb_str_iis(l->name, "noload"))
		take_name(l, false, d);
	else if (bb_str_iis(l->name, "load") || bb_str_iis(l->name, "preload") ||
		 bb_str_iis(l->name, "require") || bb_str_iis(l->name, "preload-require"))
		take_name(l, true, d);
	else
		bb_diag_unknown(d, BB_MISTAKE, &l->at, "line of [modules]", l->name, words);
}

static bool autoload_of(const struct bb_conf_section *s)
{
	bool on = false, said = false;

	bb_list_each (node, &s->lines) {
		struct bb_conf_line *l = bb_list_entry(node, struct bb_conf_line, node);

		if (bb_str_iis(l->name, "autoload") && bb_str_bool(l->value, &on) == 0)
			said = true;
	}
	return !said || on;
}

static void want_all(bool yes)
{
	bb_list_each (node, bb_selves()) {
		struct bb_self *s = bb_list_entry(node, struct bb_self, node);

		s->wanted = yes || s->core || bb_module_is_basic(bb_strz(s->table.name));
	}
}

/* With autoload=no the modules that are named bring along what they need. */
static void want_needs(void)
{
	bool more = true;

	while (more) {
		more = false;
		bb_list_each (node, bb_selves()) {
			struct bb_self *s = bb_list_entry(node, struct bb_self, node);

			for (size_t i = 0; s->wanted && s->table.needs && s->table.needs[i]; i++) {
				struct bb_entry *e = bb_need_find(s->table.needs[i]);

				if (e && !e->self->wanted) {
					e->self->wanted = true;
					more = true;
				}
			}
		}
	}
}

int bb_modules_wanted(struct bb_diag *d)
{
	struct bb_conf_text *t = NULL;
	struct bb_diag *scratch;
	bool autoload = true;
	int err = bb_diag_new(&scratch);

	if (err)
		return err;
	want_all(true);
	/* Its grammar is judged when it is read again with all others. */
	err = bb_conf_text_read(&t, bb_path("astetcdir"), "modules.conf", scratch);
	bb_diag_free(scratch);
	if (err)
		return err == -ENOMEM ? err : 0;
	bb_list_each (node, &t->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		if (s->is_template || !bb_str_iis(s->name, "modules"))
			continue;
		autoload = autoload_of(s);
		want_all(autoload);
		bb_list_each (line, &s->lines) {
			take_line(bb_list_entry(line, struct bb_conf_line, node), d);
		}
	}
	if (!autoload)
		want_needs();
	bb_conf_text_free(t);
	return 0;
}
