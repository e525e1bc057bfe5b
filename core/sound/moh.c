/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * moh.c - the classes of musiconhold.conf, and music played to a leg.
 *
 * Each leg hears its own player: file after file of the class's folder. The
 * list of files is read anew, on the pool, whenever music begins.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <bellbird/conf.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

#include "core/sound/leg.h"
#include "core/sound/sound_core.h"

#define MAX_FILES 256

static const char *const modes[] = { "files", NULL };
static const char *const sorts[] = { "", "alpha", "random", "randstart", NULL };

const struct bb_field bb_moh_fields[] = {
	{ .name = "mode",
	  .type = BB_T_ENUM,
	  .off = offsetof(struct bb_moh_class, mode),
	  .words = modes,
	  .def = "files",
	  .doc = "Where the music comes from: files of a directory." },
	{ .name = "directory",
	  .type = BB_T_STR,
	  .off = offsetof(struct bb_moh_class, directory),
	  .def = "moh",
	  .doc = "Folder of the files; a relative one is below astdatadir." },
	{ .name = "sort",
	  .type = BB_T_ENUM,
	  .off = offsetof(struct bb_moh_class, sort),
	  .words = sorts,
	  .def = "",
	  .doc = "Order of the files: alpha, random or randstart (from a random one on)." },
	{ .name = "random",
	  .type = BB_T_BOOL,
	  .off = offsetof(struct bb_moh_class, random),
	  .def = "no",
	  .doc = "The older spelling of sort=random." },
	{ 0 }
};
const char *const bb_moh_known[] = {
	"application", "format",    "digit",	    "announcement", "kill_escalation_delay",
	"kill_method", "loop_last", "answeredonly", "entry",	    NULL
};

/** A relative folder is below astdatadir. */
static int place(char *dst, size_t cap, struct bb_str dir)
{
	if (dir.l && *dir.p == '/')
		return bb_str_copy(dst, cap, dir);
	if (snprintf(dst, cap, "%s/%.*s", bb_path("astdatadir"), BB_FMT(dir)) >= (int)cap)
		return -ENAMETOOLONG;
	return 0;
}

int bb_moh_prepare(const struct bb_conf *next, struct bb_diag *d)
{
	const struct bb_moh_class *c = NULL;
	char path[512];

	while ((c = bb_conf_next(next, BB_MOH_CLASS, c))) {
		struct bb_where at = bb_conf_where(c, "directory");
		int err = place(path, sizeof(path), c->directory);

		if (!err)
			err = bb_folder_ask(path);
		if (err)
			bb_diag_add(d, BB_WARN, &at, "class '%s' has no music: %.*s: %s",
				    bb_conf_name(c), BB_FMT(c->directory), strerror(-err));
	}
	return 0;
}

bool bb_moh_class_known(const struct bb_conf *next, struct bb_str name)
{
	return !bb_conf_next(next, BB_MOH_CLASS, NULL) || bb_str_iis(name, "default") ||
	       bb_conf_get(next, BB_MOH_CLASS, name);
}

int bb_moh_class_find(struct bb_str name, struct bb_moh_source *out)
{
	const struct bb_moh_class *c;
	struct bb_str dir = BB_STR("moh");

	c = bb_conf_get(bb_conf_live(), BB_MOH_CLASS, name.l ? name : BB_STR("default"));
	if (!c)
		c = bb_conf_get(bb_conf_live(), BB_MOH_CLASS, BB_STR("default"));
	*out = (struct bb_moh_source){ 0 };
	if (c) {
		dir = c->directory;
		out->shuffle = c->random || c->sort == 2 || c->sort == 3;
	}
	return place(out->directory, sizeof(out->directory), dir);
}

/** One leg's music. Counted: the leg holds it, and a running search does. */
struct music {
	struct bb_leg_sound base;
	struct bb_moh_source source;
	char (*files)[256]; /* names without extension, allocated by the listing */
	unsigned n, next, failures;
	struct bb_sound_search *search;
	struct bb_player *player;
	struct bb_port *sink;
	char language[24];
	bool stopped;
};

static void music_destroy(void *obj)
{
	struct music *m = obj;

	bb_free(m->files);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/** Pool: the files of the folder, without their extensions. */
static int list_work(void *arg)
{
	struct music *m = arg;
	DIR *d = opendir(m->source.directory);
	struct dirent *e;

	if (!d)
		return -errno;
	m->files = bb_alloc(MAX_FILES * sizeof(m->files[0]));
	while (m->files && m->n < MAX_FILES && (e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || dot == e->d_name)
			continue;
		(void)bb_str_copy(m->files[m->n++], sizeof(m->files[0]),
				  bb_strn(e->d_name, (size_t)(dot - e->d_name)));
	}
	closedir(d);
	if (!m->files)
		return -ENOMEM;
	qsort(m->files, m->n, sizeof(m->files[0]), by_name);
	if (m->source.shuffle && m->n)
		m->next = bb_random_below(m->n);
	return m->n ? 0 : -ENOENT;
}

static void next_file(struct music *m);

static void file_ended(int err, void *arg)
{
	struct music *m = arg;

	bb_player_stop(m->player);
	m->player = NULL;
	next_file(m);
}

static void file_found(int err, void *arg)
{
	struct music *m = arg;
	struct bb_sound_file *f = bb_sound_search_end(m->search);

	m->search = NULL;
	if (m->stopped || !f) {
		bb_sound_file_close(f);
		if (!m->stopped && ++m->failures < m->n)
			next_file(m);
	} else if (!bb_player_start(&m->player, f, m->sink, file_ended, m)) {
		m->failures = 0;
		if (m->sink)
			bb_port_connect(bb_player_port(m->player), m->sink);
	}
	bb_obj_unref(m);
}

static int search_work(void *arg)
{
	struct music *m = arg;

	return bb_sound_search_run(m->search);
}

static void next_file(struct music *m)
{
	char path[800];

	if (m->stopped || snprintf(path, sizeof(path), "%s/%s", m->source.directory,
				   m->files[m->next % m->n]) >= (int)sizeof(path))
		return;
	m->next = m->source.shuffle ? bb_random_below(m->n) : m->next + 1;
	if (bb_sound_search_new(&m->search, bb_strz(path), m->language,
				m->sink ? bb_port_tx(m->sink) : NULL))
		return;
	bb_obj_ref(m);
	if (bb_work(search_work, file_found, m)) {
		bb_sound_search_end(m->search);
		m->search = NULL;
		bb_obj_unref(m);
	}
}

static void listed(int err, void *arg)
{
	struct music *m = arg;

	if (err && !m->stopped)
		bb_warning("music on hold: %s: %s", m->source.directory, strerror(-err));
	if (!err)
		next_file(m);
	bb_obj_unref(m);
}

static void music_stop(struct bb_leg_sound *base)
{
	struct music *m = bb_container_of(base, struct music, base);

	m->stopped = true;
	m->sink = NULL;
	bb_player_stop(m->player);
	m->player = NULL;
	bb_obj_unref(m);
}

int bb_moh_start(struct bb_chan *ch, struct bb_str musicclass)
{
	struct bb_str name = musicclass.l ? musicclass : bb_strz(bb_chan_musicclass(ch));
	struct music *m;
	int err;

	if (bb_leg_gone(ch))
		return -ENOTCONN;
	bb_sound_drop(ch);
	m = bb_obj_new(sizeof(*m), music_destroy, "music on hold");
	if (!m)
		return -ENOMEM;
	err = bb_moh_class_find(name, &m->source);
	m->sink = bb_chan_port(ch, 0);
	m->base.stop = music_stop;
	m->base.what = BB_LEG_MUSIC;
	(void)bb_str_copy(m->language, sizeof(m->language), bb_strz(bb_chan_language(ch)));
	if (!err) {
		bb_obj_ref(m);
		err = bb_work(list_work, listed, m);
		if (err)
			bb_obj_unref(m);
	}
	if (err) {
		bb_obj_unref(m);
		return err;
	}
	bb_leg_sound_set(ch, &m->base);
	return 0;
}

void bb_moh_stop(struct bb_chan *ch)
{
	bb_leg_sound_stop(ch, BB_LEG_MUSIC);
}
