/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rooms of the core, in the order in which they begin. They end in the
 * reverse order.
 */
#include "core/init.h"

#include <stdio.h>

#include "core/base/log_core.h"
#include "core/channel/channel.h"
#include "core/console/console.h"
#include "core/dialplan/dialplan.h"
#include "core/features/features.h"
#include "core/loop/loop_core.h"
#include "core/media/media_core.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"
#include "core/store/store_core.h"

char *bb_socket_path(void)
{
	return bb_sprintf("%s/bellbird.ctl", bb_path("astrundir"));
}

static int init_config(const struct bb_options *opt)
{
	int err = bb_config_init(opt->config, opt->state);

	return err ? err : bb_settings_read();
}

static void close_config(void)
{
	bb_config_close();
}

static int init_loop(const struct bb_options *opt)
{
	struct bb_loop_options lo = { .stall_limit = bb_settings()->stall_limit };

	return bb_loop_init(&lo);
}

static void close_loop(void)
{
	bb_loop_close();
}

/* Until logger.conf is read, everything goes to whoever started us. */
static int init_log(const struct bb_options *opt)
{
	static const struct bb_log_filter first = { .levels = BB_LOG_ALL };
	int64_t verbose = bb_settings()->verbose, debug = bb_settings()->debug;
	int err;

	if (opt->check)
		return 0;
	err = bb_log_init();
	if (!err)
		err = bb_log_add_file("-", &first, BB_LOG_TEXT);
	bb_log_set_verbose(opt->verbose > verbose ? (int)opt->verbose : (int)verbose);
	bb_log_set_debug(opt->debug > debug ? (int)opt->debug : (int)debug);
	return err;
}

static int init_registry(const struct bb_options *opt)
{
	return bb_registry_init();
}

static void close_registry(void)
{
	bb_registry_close();
}

static int init_store(const struct bb_options *opt)
{
	struct bb_store_options so = { 0 };
	char *path;
	int err;

	/* A check looks at nothing but the configuration. */
	if (opt->check) {
		so.simulate = true;
		return bb_store_init(&so);
	}
	path = bb_sprintf("%s/bellbird.sqlite3", bb_path("astdbdir"));
	if (!path)
		return -ENOMEM;
	so.path = path;
	so.full_sync = bb_settings()->durability == 1;
	err = bb_store_init(&so);
	bb_free(path);
	return err;
}

static int init_media(const struct bb_options *opt)
{
	return bb_media_init(opt->check ? 1 : (unsigned)bb_settings()->media_threads, false);
}

static void close_media(void)
{
	bb_media_close();
}

static int init_channel(const struct bb_options *opt)
{
	return bb_channel_init();
}

static int init_sound(const struct bb_options *opt)
{
	return bb_sound_init();
}

static int init_dialplan(const struct bb_options *opt)
{
	bb_dialplan_device_check(bb_conf_device_known);
	return bb_dialplan_init();
}

static int init_features(const struct bb_options *opt)
{
	return bb_features_init();
}

static int init_console(const struct bb_options *opt)
{
	char *path;
	int err = bb_program_commands_init();

	if (err)
		return err;
	if (opt->check)
		return bb_console_init(NULL);
	path = bb_socket_path();
	if (!path)
		return -ENOMEM;
	err = bb_console_init(path);
	if (err)
		fprintf(stderr, "bellbird: the console cannot listen at %s: %s\n", path,
			strerror(-err));
	bb_free(path);
	return err;
}

static const struct room {
	const char *name;
	int (*init)(const struct bb_options *opt);
	void (*close)(void);
} rooms[] = {
	{ "config", init_config, close_config },
	{ "loop", init_loop, close_loop },
	{ "log", init_log, bb_log_close },
	{ "store", init_store, bb_store_close },
	{ "registry", init_registry, close_registry },
	/* Closed before the registry: its connections hold translators. */
	{ "media", init_media, close_media },
	{ "channel", init_channel, bb_channel_close },
	{ "sound", init_sound, bb_sound_close },
	{ "dialplan", init_dialplan, bb_dialplan_close },
	{ "features", init_features, bb_features_close },
	{ "console", init_console, bb_console_close },
};

static size_t begun;

int bb_rooms_init(const struct bb_options *opt)
{
	for (begun = 0; begun < BB_ARRAY_SIZE(rooms); begun++) {
		int err = rooms[begun].init(opt);

		if (err) {
			fprintf(stderr, "bellbird: %s cannot begin: %s\n", rooms[begun].name,
				strerror(-err));
			bb_rooms_close();
			return err;
		}
	}
	return 0;
}

void bb_rooms_close(void)
{
	while (begun)
		rooms[--begun].close();
}
