/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ask.c - which of the sounds that a dial plan names are there? Asked while a
 * configuration is judged, all at once, since the answer is on the disk.
 *
 * A sound counts as there when any language has it: which one a caller will
 * hear is known only when there is a caller.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bellbird/app.h>
#include <bellbird/mem.h>

#include "core/loop/fiber.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"

#define MAX_EXTENSIONS 32
#define MAX_FOLDERS 64

struct question {
	struct bb_sound_ask *asks;
	size_t n;
	char ext[MAX_EXTENSIONS][16];
	unsigned n_ext;
	char folder[MAX_FOLDERS][300];
	unsigned n_folders;
	bool any_root;
};

static void add_format(const void *desc, void *arg)
{
	const struct bb_file_format *ff = desc;
	struct question *q = arg;
	struct bb_str rest = bb_strz(ff->extensions), ext;

	while (q->n_ext < MAX_EXTENSIONS && bb_str_split(&rest, ' ', &ext))
		if (ext.l && !bb_str_copy(q->ext[q->n_ext], sizeof(q->ext[0]), ext))
			q->n_ext++;
}

static void add_folder(struct question *q, const char *root, const char *name)
{
	if (q->n_folders < MAX_FOLDERS &&
	    snprintf(q->folder[q->n_folders], sizeof(q->folder[0]), "%s/sounds/%s", root, name) <
		    (int)sizeof(q->folder[0]))
		q->n_folders++;
}

/* The root itself, and every folder in it: languages and voices are some of them. */
static void add_root(struct question *q, const char *root)
{
	char path[300];
	struct dirent *e;
	DIR *d;

	if (!root || snprintf(path, sizeof(path), "%s/sounds", root) >= (int)sizeof(path))
		return;
	d = opendir(path);
	if (!d)
		return;
	q->any_root = true;
	add_folder(q, root, "");
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && (e->d_type == DT_DIR || e->d_type == DT_LNK))
			add_folder(q, root, e->d_name);
	closedir(d);
}

static bool there(const struct question *q, const char *folder, const char *name)
{
	char path[600];

	for (unsigned i = 0; i < q->n_ext; i++)
		if (snprintf(path, sizeof(path), "%s%s%s.%s", folder, *folder ? "/" : "", name,
			     q->ext[i]) < (int)sizeof(path) &&
		    access(path, R_OK) == 0)
			return true;
	return false;
}

static int answer(void *arg)
{
	struct question *q = arg;

	add_root(q, bb_path("astvarlibdir"));
	add_root(q, bb_path("astdatadir"));
	for (size_t i = 0; i < q->n; i++) {
		struct bb_sound_ask *a = &q->asks[i];

		a->found = a->name[0] == '/' && there(q, "", a->name);
		for (unsigned f = 0; a->name[0] != '/' && f < q->n_folders && !a->found; f++)
			a->found = there(q, q->folder[f], a->name);
	}
	return q->any_root ? 0 : -ENOENT;
}

int bb_sounds_ask(struct bb_sound_ask *asks, size_t n)
{
	struct question *q = bb_zalloc(sizeof(*q));
	int err;

	if (!q)
		return -ENOMEM;
	q->asks = asks;
	q->n = n;
	bb_reg_peek_each(BB_KIND_FILE_FORMAT, add_format, q);
	err = bb_fiber_self() ? bb_offload(NULL, answer, q) : answer(q);
	bb_free(q);
	return err;
}

/* --- folders of music --- */

struct folder {
	const char *path;
};

static int is_folder(void *arg)
{
	const struct folder *f = arg;
	struct stat st;

	if (stat(f->path, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int bb_folder_ask(const char *path)
{
	struct folder f = { path };

	return bb_fiber_self() ? bb_offload(NULL, is_folder, &f) : is_folder(&f);
}
