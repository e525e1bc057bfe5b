/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The program's own options: [options] of bellbird.conf or asterisk.conf. The
 * room describes itself like any module.
 */
#include "core/config/config.h"

#include <bellbird/module.h>

static const void *held; /* the live [options] object */
static struct bb_settings defaults;
static struct bb_settings live;

#define OPT(member) .off = offsetof(struct bb_settings, member)

static const char *const durabilities[] = { "normal", "full", NULL };

static const struct bb_field option_fields[] = {
	{ .name = "maxcalls",
	  .type = BB_T_INT,
	  OPT(maxcalls),
	  .min = 0,
	  .max = 1000000,
	  .def = "0",
	  .doc = "How many calls there may be at once; 0 is no limit." },
	{ .name = "verbose",
	  .type = BB_T_INT,
	  OPT(verbose),
	  .min = 0,
	  .max = 10,
	  .def = "0",
	  .doc = "How much is told of calls on the console, as with -v." },
	{ .name = "debug",
	  .type = BB_T_INT,
	  OPT(debug),
	  .min = 0,
	  .max = 10,
	  .def = "0",
	  .doc = "How much is told for developers, as with -d." },
	{ .name = "strict",
	  .type = BB_T_BOOL,
	  OPT(strict),
	  .def = "no",
	  .doc = "Refuse to start or reload with warnings too." },
	{ .name = "live_dangerously",
	  .type = BB_T_BOOL,
	  OPT(live_dangerously),
	  .def = "no",
	  .doc = "Allow dial plan that may run programs, like System." },
	{ .name = "systemname",
	  .type = BB_T_STR,
	  OPT(system_name),
	  .def = "",
	  .doc = "Name of this node, a prefix of its unique ids." },
	{ .name = "defaultlanguage",
	  .type = BB_T_STR,
	  OPT(language),
	  .def = "en",
	  .doc = "Language of prompts where nothing else says." },
	{ .name = "media_threads",
	  .type = BB_T_INT,
	  OPT(media_threads),
	  .min = 0,
	  .max = 256,
	  .def = "0",
	  .doc = "How many threads carry media; 0 is one a core." },
	{ .name = "stall_limit",
	  .type = BB_T_DURATION,
	  OPT(stall_limit),
	  .unit = BB_MILLISECONDS,
	  .min = 10 * BB_MS,
	  .max = BB_SEC * 60,
	  .def = "200",
	  .doc = "How long, in milliseconds, one step may take before the watchdog reports it." },
	{ .name = "durability",
	  .type = BB_T_ENUM,
	  OPT(durability),
	  .words = durabilities,
	  .def = "normal",
	  .doc = "What the database survives: the death of the process (normal), or loss of power "
		 "too "
		 "(full, slower). Read at start." },
	{ 0 },
};

static const char *const known_options[] = {
	"maxfiles",
	"maxload",
	"refdebug",
	"trace",
	"sounds_search_custom_dir",
	"disable_remote_console_shell",
	"timestamp",
	"alwaysfork",
	"autosystemname",
	"cache_media_frames",
	"cache_record_files",
	"dontwarn",
	"dumpcore",
	"entityid",
	"execincludes",
	"forceblackbackground",
	"hideconnect",
	"highpriority",
	"initcrypto",
	"languageprefix",
	"lightbackground",
	"lockconfdir",
	"lockmode",
	"minmemfree",
	"mindtmfduration",
	"nocolor",
	"nofork",
	"quiet",
	"record_cache_dir",
	"rtp_use_dynamic",
	"rtp_pt_dynamic",
	"rungroup",
	"runuser",
	"stdexten",
	"transcode_via_sln",
	"transmit_silence",
	"transmit_silence_during_record",
	"console",
	"documentation_language",
	"hide_messaging_ami_events",
	"channel_storage_backend",
	/* Of earlier versions: a directory that is older still starts. */
	"internal_timing",
	"use_callids",
	NULL,
};

struct directories {
	struct bb_str etc, mod, varlib, db, key, data, agi, spool, run, log, sbin, cache;
};
#define DIR(what, member, text)                                                                    \
	{                                                                                          \
		.name = what, .type = BB_T_STR, .off = offsetof(struct directories, member),       \
		.def = "", .doc = text                                                             \
	}

/* Read at start, before anything else (paths.c); here they are judged and documented. */
static const struct bb_field directory_fields[] = {
	DIR("astetcdir", etc, "Directory of the configuration; -C goes before."),
	DIR("astmoddir", mod, "Directory of modules, when it holds Bellbird's."),
	DIR("astvarlibdir", varlib, "Directory of the state; -S goes before."),
	DIR("astdbdir", db, "Directory of the database; -S goes before."),
	DIR("astkeydir", key, "Only what ${ASTKEYDIR} says in the dial plan."),
	DIR("astagidir", agi, "Only what ${ASTAGIDIR} says in the dial plan."),
	DIR("astsbindir", sbin, "Only what ${ASTSBINDIR} says in the dial plan."),
	DIR("astcachedir", cache, "Only what ${ASTCACHEDIR} says in the dial plan."),
	DIR("astdatadir", data, "Directory whose sounds and moh folders hold prompts and music."),
	DIR("astspooldir", spool, "Directory of recordings; -S goes before."),
	DIR("astrundir", run, "Directory of the console's socket; -S goes before."),
	DIR("astlogdir", log, "Directory of logs and records; -S goes before."),
	{ 0 },
};

static const struct bb_conf_type types[] = {
	{ .file = "bellbird.conf",
	  .section = "options",
	  .fields = option_fields,
	  .size = sizeof(struct bb_settings),
	  .known = known_options,
	  .doc = "Options of the program as a whole." },
	{ .file = "bellbird.conf",
	  .section = "directories",
	  .fields = directory_fields,
	  .size = sizeof(struct directories),
	  .doc = "Where everything stands; read at start." },
	{ 0 },
};

const struct bb_settings *bb_settings(void)
{
	if (held)
		return &live;
	if (!defaults.language.p) {
		defaults.system_name = BB_STR("");
		defaults.language = BB_STR("en");
		defaults.stall_limit = 200 * BB_MS;
	}
	return &defaults;
}

void bb_settings_set(const void *obj)
{
	bb_conf_hold(obj);
	bb_conf_drop(held);
	held = obj;
	if (obj)
		live = *(const struct bb_settings *)obj;
}

bool bb_settings_strict(const struct bb_conf *c)
{
	const struct bb_settings *s = bb_conf_next(c, &types[0], NULL);

	return s && s->strict;
}

/* A directory of Asterisk's that was copied says where it stood before. */
static void judge_etc(const struct bb_conf *next, struct bb_diag *d)
{
	const struct directories *dirs = bb_conf_next(next, &types[1], NULL);
	struct bb_where at;

	if (!dirs || bb_str_empty(dirs->etc) || bb_str_is(dirs->etc, bb_path("astetcdir")))
		return;
	at = bb_conf_where(dirs, "astetcdir");
	bb_diag_add(d, BB_NOTE, &at,
		    "astetcdir '%.*s' does not count: the files are read from '%s'",
		    BB_FMT(dirs->etc), bb_path("astetcdir"));
}

static int prepare(struct bb_self *self, const struct bb_conf *next, void **ctx, struct bb_diag *d)
{
	judge_etc(next, d);
	*ctx = (void *)(uintptr_t)bb_conf_hold(bb_conf_next(next, &types[0], NULL));
	return 0;
}

static void commit(struct bb_self *self, void *ctx)
{
	bb_settings_set(ctx);
	bb_conf_drop(ctx);
}

static void undo(struct bb_self *self, void *ctx)
{
	bb_conf_drop(ctx);
}

const struct bb_module bb_settings_module = {
	.magic = BB_ABI_MAGIC,
	.abi_major = BB_ABI_MAJOR,
	.abi_minor = BB_ABI_MINOR,
	.size = sizeof(struct bb_module),
	.name = "settings",
	.conf = types,
	.prepare = prepare,
	.commit = commit,
	.abort = undo,
	.doc = { .summary = "Options of the program", .since = "0.1" },
};

int bb_settings_read(void)
{
	struct bb_conf_claim claim = { .type = &types[0], .module = bb_settings_module.name };
	struct bb_conf *c = NULL;
	struct bb_diag *d;
	int err = bb_diag_new(&d);

	if (err)
		return err;
	err = bb_conf_build(&c, NULL, &claim, 1, false, d);
	if (!err && bb_diag_count(d, BB_MISTAKE) == 0)
		bb_settings_set(bb_conf_next(c, &types[0], NULL));
	bb_conf_unref(c);
	bb_diag_free(d);
	return err;
}
