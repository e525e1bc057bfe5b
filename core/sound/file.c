/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file.c - find a sound by name and language, and read it.
 *
 * Debian keeps its prompts under en_US_f_Allison and the like, and "en" only
 * through an alternative that may be missing: a language therefore also means
 * the folders that begin with it and an underscore.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/sound/sound_core.h"

#define MAX_KINDS 24
#define MAX_ROOTS 3
#define MAX_VOICES 16

/** One extension that some format module reads. */
struct kind {
	const struct bb_file_format *ff;
	struct bb_use use;
	const struct bb_format *format; /* NULL: the header tells */
	char ext[16];
};

struct bb_sound_search {
	struct kind kinds[MAX_KINDS];
	unsigned n_kinds;
	char roots[MAX_ROOTS][256];
	unsigned n_roots;
	char name[512], language[24];
	bool absolute;
	struct bb_sound_file *file; /* being filled on the pool */
	const struct kind *found;
};

static void add_kinds(struct bb_sound_search *s, const struct bb_file_format *ff,
		      const struct bb_use *use, const struct bb_format *prefer)
{
	struct bb_str rest = bb_strz(ff->extensions), ext;
	const struct bb_format *format = ff->format ? bb_format_find(bb_strz(ff->format)) : NULL;

	if (ff->format && !format)
		return; /* its codec is not loaded: nobody could play it */
	while (s->n_kinds < MAX_KINDS && bb_str_split(&rest, ' ', &ext)) {
		struct kind k = { .ff = ff, .format = format };

		if (bb_str_copy(k.ext, sizeof(k.ext), ext) || !ext.l)
			continue;
		bb_use_copy(use, &k.use);
		s->kinds[s->n_kinds++] = k;
		/* What needs no translation goes first. */
		if (prefer && format == prefer) {
			for (unsigned i = s->n_kinds - 1; i > 0; i--) {
				struct kind swap = s->kinds[i];

				s->kinds[i] = s->kinds[i - 1];
				s->kinds[i - 1] = swap;
			}
		}
	}
}

static void add_root(struct bb_sound_search *s, const char *base)
{
	char *dst = s->roots[s->n_roots];

	if (!base || s->n_roots == MAX_ROOTS)
		return;
	if (snprintf(dst, sizeof(s->roots[0]), "%s/sounds", base) >= (int)sizeof(s->roots[0]))
		return;
	for (unsigned i = 0; i < s->n_roots; i++)
		if (strcmp(s->roots[i], dst) == 0)
			return;
	s->n_roots++;
}

int bb_sound_search_new(struct bb_sound_search **sp, struct bb_str name, const char *language,
			const struct bb_format *prefer)
{
	struct bb_sound_search *s = bb_zalloc(sizeof(*s));
	struct bb_reg_iter it = { .kind = BB_KIND_FILE_FORMAT };
	struct bb_use use = { 0 };
	const struct bb_file_format *ff;

	if (!s)
		return -ENOMEM;
	s->file = bb_zalloc(sizeof(*s->file));
	if (!s->file || bb_str_copy(s->name, sizeof(s->name), name)) {
		bb_free(s->file);
		bb_free(s);
		return -ENOENT;
	}
	s->file->fd = -1;
	s->absolute = name.l && name.p[0] == '/';
	if (bb_str_copy(s->language, sizeof(s->language),
			bb_strz(language && *language ? language : "en")))
		(void)bb_str_copy(s->language, sizeof(s->language), BB_STR("en"));
	add_root(s, bb_path("astvarlibdir"));
	add_root(s, bb_path("astdatadir"));
	while ((ff = bb_reg_next(&it, &use))) {
		add_kinds(s, ff, &use, prefer);
		bb_use_end(&use);
	}
	*sp = s;
	return 0;
}

/** Open base.ext for the first kind there is. @return 0 or -ENOENT. */
static int try_base(struct bb_sound_search *s, const char *base)
{
	for (unsigned i = 0; i < s->n_kinds; i++) {
		struct bb_sound_file *f = s->file;

		if (snprintf(f->path, sizeof(f->path), "%s.%s", base, s->kinds[i].ext) >=
		    (int)sizeof(f->path))
			continue;
		f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
		if (f->fd >= 0) {
			s->found = &s->kinds[i];
			return 0;
		}
	}
	return -ENOENT;
}

static int try_folder(struct bb_sound_search *s, const char *root, const char *folder)
{
	char base[512];

	if (snprintf(base, sizeof(base), "%s/%s%s%s", root, folder, *folder ? "/" : "", s->name) >=
	    (int)sizeof(base))
		return -ENOENT;
	return try_base(s, base);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/** Names of the root's folders that begin with language and '_', sorted. @return how many. */
static unsigned voices(const char *root, const char *language, char names[][64], unsigned max)
{
	size_t l = strlen(language);
	DIR *d = opendir(root);
	struct dirent *e;
	unsigned n = 0;

	while (d && n < max && (e = readdir(d)))
		if (strncmp(e->d_name, language, l) == 0 && e->d_name[l] == '_' &&
		    !bb_str_copy(names[n], sizeof(names[0]), bb_strz(e->d_name)))
			n++;
	if (d)
		closedir(d);
	qsort(names, n, sizeof(names[0]), by_name);
	return n;
}

/** The folder of a language, then those of its regions and voices in name order. */
static int try_language(struct bb_sound_search *s, const char *root, const char *language)
{
	char names[MAX_VOICES][64];
	unsigned n;

	if (!try_folder(s, root, language))
		return 0;
	n = voices(root, language, names, MAX_VOICES);
	for (unsigned i = 0; i < n; i++)
		if (!try_folder(s, root, names[i]))
			return 0;
	return -ENOENT;
}

/** fr_CA: fr_CA, then fr, then en, then no language at all. */
static int find(struct bb_sound_search *s)
{
	char parent[24];
	const char *languages[3] = { s->language, parent, "en" };
	char *cut;

	if (s->absolute)
		return try_base(s, s->name);
	memcpy(parent, s->language, sizeof(parent));
	cut = strchr(parent, '_');
	if (cut)
		*cut = '\0';
	for (unsigned l = 0; l < 3; l++)
		for (unsigned r = 0; r < s->n_roots; r++)
			if (!try_language(s, s->roots[r], languages[l]))
				return 0;
	for (unsigned r = 0; r < s->n_roots; r++)
		if (!try_folder(s, s->roots[r], ""))
			return 0;
	return -ENOENT;
}

int bb_sound_search_run(void *arg)
{
	struct bb_sound_search *s = arg;
	struct bb_sound_file *f = s->file;
	int err = find(s);

	if (err)
		return err;
	f->ff = s->found->ff;
	f->format = s->found->format;
	if (f->ff->state_size) {
		f->state = bb_zalloc(f->ff->state_size);
		if (!f->state)
			err = -ENOMEM;
	}
	if (!err && f->ff->open)
		err = f->ff->open(f->state, f->fd, &f->format);
	if (!err && !f->format)
		err = -ENOTSUP;
	if (err) {
		close(f->fd);
		f->fd = -1;
		bb_free(f->state);
		f->state = NULL;
		s->found = NULL;
	}
	return err;
}

struct bb_sound_file *bb_sound_search_end(struct bb_sound_search *s)
{
	struct bb_sound_file *f = s->file;

	if (s->found)
		bb_use_copy(&s->found->use, &f->use);
	for (unsigned i = 0; i < s->n_kinds; i++)
		bb_use_end(&s->kinds[i].use);
	if (!s->found) {
		bb_free(f);
		f = NULL;
	}
	bb_free(s);
	return f;
}

int bb_sound_file_read(struct bb_sound_file *f, struct bb_sound_block *b)
{
	b->next = NULL;
	b->len = 0;
	b->last = false;
	while (b->len < BB_SOUND_BLOCK) {
		long n = f->ff->read(f->state, f->fd, b->data + b->len, BB_SOUND_BLOCK - b->len);

		if (n <= 0) {
			b->last = true;
			return (int)n;
		}
		b->len += (size_t)n;
	}
	return 0;
}

void bb_sound_file_close(struct bb_sound_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0) {
		if (f->ff->finish)
			f->ff->finish(f->state, f->fd, false);
		close(f->fd);
	}
	bb_use_end(&f->use);
	bb_free(f->state);
	bb_free(f);
}
