/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules.conf: which of the installed modules are started. Asterisk's names
 * are understood; what has no counterpart here is named once.
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

/* Asterisk's name, and ours; "" is a part of the program. */
static const struct {
	const char *theirs, *ours;
} counterparts[] = {
	{ "chan_pjsip", "chan_sip" },
	{ "res_pjsip", "sip" },
	{ "res_pjproject", "sip" },
	{ "res_pjsip_session", "sip" },
	{ "res_pjsip_authenticator_digest", "sip" },
	{ "res_pjsip_outbound_authenticator_digest", "sip" },
	{ "res_pjsip_endpoint_identifier_ip", "sip" },
	{ "res_pjsip_endpoint_identifier_user", "sip" },
	{ "res_pjsip_endpoint_identifier_anonymous", "sip" },
	{ "res_pjsip_sdp_rtp", "chan_sip" },
	{ "res_pjsip_caller_id", "chan_sip" },
	{ "res_pjsip_dtmf_info", "chan_sip" },
	{ "res_pjsip_nat", "sip" },
	{ "res_pjsip_rfc3326", "chan_sip" },
	{ "res_pjsip_logger", "sip" },
	{ "res_pjsip_acl", "sip" },
	{ "res_pjsip_path", "sip_registrar" },
	{ "res_pjsip_registrar", "sip_registrar" },
	{ "res_pjsip_registrar_expire", "sip_registrar" },
	{ "res_pjsip_one_touch_record_info", NULL },
	{ "res_pjsip_header_funcs", "chan_sip" },
	{ "func_pjsip_endpoint", NULL },
	{ "res_rtp_asterisk", "rtp" },
	{ "res_srtp", NULL },
	{ "bridge_native_rtp", "bridge_relay" },
	{ "bridge_simple", "bridge_translate" },
	{ "bridge_builtin_features", "" },
	{ "bridge_builtin_interval_features", "" },
	{ "bridge_holding", "" },
	{ "chan_bridge_media", "" },
	{ "pbx_config", "" },
	{ "res_musiconhold", "" },
	{ "res_indications", "" },
	{ "res_timing_timerfd", "" },
	{ "res_timing_pthread", "" },
	{ "res_timing_dahdi", "" },
	{ "res_sorcery_config", "" },
	{ "res_sorcery_memory", "" },
	{ "res_sorcery_astdb", "" },
	{ "res_clioriginate", "" },
	{ "res_limit", "" },
	{ "res_crypto", "" },
	{ "res_config_sqlite3", NULL },
	{ "cdr_csv", "cdr_csv" },
	{ "cdr_sqlite3_custom", "cdr_sqlite" },
	{ "format_pcm", "format_raw" },
	{ "format_sln", "format_raw" },
	{ "format_wav", "format_wav" },
	{ "codec_resample", "codec_resample" },
	{ "pbx_spool", NULL },
};

/* Families whose members Asterisk has and we group differently. */
static const char *const families[] = { "app_", "func_",   "res_",  "codec_", "format_", "cdr_",
					"cel_", "bridge_", "chan_", "pbx_",   NULL };

const char *bb_module_counterpart(struct bb_str name)
{
	struct bb_self *self;

	if (name.l > 3 && bb_str_is(bb_str_sub(name, name.l - 3, 3), ".so"))
		name.l -= 3;
	self = bb_self_find(name);
	if (self)
		return self->table.name;
	for (size_t i = 0; i < BB_ARRAY_SIZE(counterparts); i++)
		if (bb_str_is(name, counterparts[i].theirs))
			return counterparts[i].ours;
	return NULL;
}

static bool in_family(struct bb_str name)
{
	for (size_t i = 0; families[i]; i++)
		if (bb_str_starts(name, bb_strz(families[i])))
			return true;
	return false;
}

static void no_counterpart(const struct bb_conf_line *l, struct bb_diag *d)
{
	struct bb_near near = { .got = l->value };
	const char *best;

	bb_list_each (node, bb_selves()) {
		bb_near_offer(&near, bb_list_entry(node, struct bb_self, node)->table.name);
	}
	best = bb_near_best(&near);
	if (in_family(l->value) && (!best || l->value.l > 3))
		bb_diag_add(d, BB_WARN, &l->value_at,
			    "the module '%s' is not built here; it is not loaded%s%s%s", l->value.p,
			    best ? " (there is '" : "", best ? best : "", best ? "')" : "");
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

static void take_name(const struct bb_conf_line *l, bool load, struct bb_diag *d)
{
	const char *ours = bb_module_counterpart(l->value);
	struct bb_self *self = ours && ours[0] ? bb_self_find(bb_strz(ours)) : NULL;

	if ((self && self->core) || (!load && means_the_old_driver(l)))
		return;
	/* noload of Asterisk's part must not take away what other parts of it share. */
	if (self && (load || bb_str_starts(l->value, bb_strz(self->table.name)) ||
		     strcmp(ours, "chan_sip") == 0))
		self->wanted = load;
	else if (load && (!ours || ours[0]) && !self)
		no_counterpart(l, d);
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

		s->wanted = yes || s->core;
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
