/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of the configuration directory that nobody reads: each is named
 * once, so that nobody waits for an effect that cannot come.
 */
#include "core/config/config.h"

static bool was_read(const struct bb_conf *c, const char *path)
{
	const struct bb_conf_text *t;

	for (size_t i = 0; (t = bb_conf_text_at(c, i)); i++) {
		bb_list_each (node, &t->files) {
			if (strcmp(bb_list_entry(node, struct bb_conf_included, node)->path,
				   path) == 0)
				return true;
		}
	}
	return false;
}

/* "sip.conf" where pjsip.conf is read instead. */
static const char *read_instead(const struct bb_conf *c, const char *base)
{
	static const char *const aliased[] = { "sip.conf", "bellbird.conf" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(aliased); i++) {
		const struct bb_conf_text *t = bb_conf_raw(c, aliased[i]);
		const char *const *n = bb_conf_file_names(aliased[i]);

		for (; t && *n; n++)
			if (strcmp(*n, base) == 0)
				return t->path;
	}
	return NULL;
}

static void judge(const struct bb_conf *c, const char *path, struct bb_diag *d)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct bb_where at = { path, 0, 0 }, dir = { bb_path("astetcdir"), 0, 0 };
	const char *instead = read_instead(c, base);

	if (instead)
		bb_diag_add(d, BB_NOTE, &at, "is not read, since '%s' is there", instead);
	else if (bb_diag_blames(d, path))
		return; /* it would have been read */
	else if (bb_known_file(bb_strz(base)))
		bb_diag_gather(
			d, BB_WARN, &dir,
			"files of Asterisk's that nothing here reads and that have no effect",
			bb_strz(base));
	else
		bb_diag_gather(d, BB_NOTE, &dir, "files that nothing reads", bb_strz(base));
}

int bb_conf_judge_directory(const struct bb_conf *c, struct bb_diag *d)
{
	struct bb_buf found = { 0 };
	char *pattern = bb_sprintf("%s/*.conf", bb_path("astetcdir"));
	int n = pattern ? bb_conf_glob(pattern, &found) : -ENOMEM;

	for (size_t i = 0; n > 0 && i < found.l; i += strlen(found.p + i) + 1)
		if (!was_read(c, found.p + i))
			judge(c, found.p + i, d);
	bb_buf_free(&found);
	bb_free(pattern);
	return n == -ENOMEM ? n : 0;
}
