/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where everything stands: the directory of the configuration (-C), of the
 * state (-S), and what [directories] says of them.
 */
#include "core/config/config.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum path_kind {
	PATH_FIXED, /* as [directories] or the default says */
	PATH_STATE /* -S goes before */
};

static struct path {
	const char *name;
	enum path_kind kind;
	const char *below; /* of the state directory, with -S or by default */
	const char *def; /* when not below the state directory */
	char *value;
	bool given; /* by [directories] */
} paths[] = {
	{ "astetcdir", PATH_FIXED, NULL, BB_SYSCONFDIR "/bellbird" },
	{ "astmoddir", PATH_FIXED, NULL, BB_LIBDIR "/bellbird" },
	{ "astdatadir", PATH_FIXED, NULL, "/usr/share/asterisk" },
	{ "astsbindir", PATH_FIXED, NULL, "/usr/sbin" },
	{ "astvarlibdir", PATH_STATE, "", NULL },
	{ "astdbdir", PATH_STATE, "", NULL },
	{ "astrundir", PATH_STATE, "", NULL },
	{ "astlogdir", PATH_STATE, "/log", NULL },
	{ "astspooldir", PATH_STATE, "/spool", NULL },
	{ "astkeydir", PATH_STATE, "", NULL },
	{ "astagidir", PATH_STATE, "/agi-bin", NULL },
	{ "astcachedir", PATH_STATE, "/cache", NULL },
	{ "state", PATH_STATE, "", NULL },
};

static bool state_given;

static struct path *path_find(struct bb_str name)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(paths); i++)
		if (bb_str_iis(name, paths[i].name))
			return &paths[i];
	return NULL;
}

static int path_set(struct path *p, char *value)
{
	if (!value)
		return -ENOMEM;
	bb_free(p->value);
	p->value = value;
	return 0;
}

const char *bb_path(const char *which)
{
	struct path *p = path_find(bb_strz(which));

	return p && p->value ? p->value : "";
}

bool bb_path_given(const char *which)
{
	struct path *p = path_find(bb_strz(which));

	return p && p->given;
}

const char *const *bb_conf_file_names(const char *canonical)
{
	static const char *const sip[] = { "pjsip.conf", "sip.conf", NULL };
	static const char *const own[] = { "bellbird.conf", "asterisk.conf", NULL };

	if (strcmp(canonical, "sip.conf") == 0)
		return sip;
	if (strcmp(canonical, "bellbird.conf") == 0)
		return own;
	return NULL;
}

static int set_defaults(const char *state)
{
	int err = 0;

	state_given = state != NULL;
	for (size_t i = 0; i < BB_ARRAY_SIZE(paths) && !err; i++) {
		struct path *p = &paths[i];

		p->given = false;
		if (p->kind == PATH_FIXED)
			err = path_set(p, bb_sprintf("%s", p->def));
		else
			err = path_set(p, bb_sprintf("%s%s",
						     state ? state : BB_STATEDIR "/lib/bellbird",
						     p->below));
	}
	return err;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* -C names a file: its directory is the configuration's, unless the file says otherwise. */
static int set_etc(const char *path, bool *is_file)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	struct path *etc = path_find(BB_STR("astetcdir"));

	*is_file = false;
	if (!path)
		return 0;
	if (is_directory(path) || !(strstr(path, ".conf")))
		return path_set(etc, bb_sprintf("%s", path));
	*is_file = true;
	if (!slash)
		return path_set(etc, bb_sprintf("."));
	if (slash == path)
		return path_set(etc, bb_sprintf("/"));
	return path_set(etc, bb_strdup(bb_strn(path, (size_t)(slash - path))));
}

static int take_line(const struct bb_conf_line *l, bool etc_counts)
{
	struct path *p = path_find(l->name);

	if (!p || bb_str_empty(l->value) || strcmp(p->name, "state") == 0)
		return 0;
	if (p->kind == PATH_STATE && state_given)
		return 0;
	if (strcmp(p->name, "astetcdir") == 0 && (!etc_counts || !is_directory(l->value.p)))
		return 0;
	p->given = true;
	return path_set(p, bb_strdup(l->value));
}

static int take_directories(const struct bb_conf_text *t, bool etc_counts)
{
	int err = 0;

	bb_list_each (node, &t->sections) {
		struct bb_conf_section *s = bb_list_entry(node, struct bb_conf_section, node);

		if (s->is_template || !bb_str_iis(s->name, "directories"))
			continue;
		bb_list_each (line, &s->lines) {
			if (!err)
				err = take_line(bb_list_entry(line, struct bb_conf_line, node),
						etc_counts);
		}
	}
	return err;
}

/* What is wrong with the file is told when it is read with all others. */
static int read_directories(const char *file, bool is_file)
{
	const char *const *names = bb_conf_file_names("bellbird.conf");
	const char *dir = bb_path("astetcdir"), *one[] = { file, NULL };
	struct bb_conf_text *t = NULL;
	struct bb_diag *d;
	int err = bb_diag_new(&d);

	if (err)
		return err;
	for (names = is_file ? one : names; *names; names++) {
		const char *base =
			is_file && strrchr(*names, '/') ? strrchr(*names, '/') + 1 : *names;

		err = bb_conf_text_read(&t, dir, base, d);
		if (err != -ENOENT)
			break;
	}
	bb_diag_free(d);
	if (err == -ENOMEM)
		return err;
	if (err)
		return 0;
	err = take_directories(t, is_file);
	/* The database and the socket follow astvarlibdir and astrundir; "state" is the database's.
	 */
	if (!err && !state_given && bb_path_given("astvarlibdir"))
		err = path_set(path_find(BB_STR("state")),
			       bb_sprintf("%s", bb_path("astvarlibdir")));
	if (!err && !state_given && bb_path_given("astvarlibdir") && !bb_path_given("astdbdir"))
		err = path_set(path_find(BB_STR("astdbdir")),
			       bb_sprintf("%s", bb_path("astvarlibdir")));
	bb_conf_text_free(t);
	return err;
}

int bb_config_init(const char *path, const char *state)
{
	bool is_file;
	int err = set_defaults(state);

	if (!err)
		err = set_etc(path, &is_file);
	if (!err)
		err = read_directories(path, is_file);
	if (err)
		bb_config_close();
	return err;
}

int bb_config_look(const char *path)
{
	const char *dir = bb_path("astetcdir");

	if (path && access(path, R_OK))
		return -errno;
	if (access(dir, R_OK | X_OK))
		return -errno;
	return is_directory(dir) ? 0 : -ENOTDIR;
}

void bb_config_close(void)
{
	bb_conf_set_live(NULL);
	bb_settings_set(NULL);
	for (size_t i = 0; i < BB_ARRAY_SIZE(paths); i++) {
		bb_free(paths[i].value);
		paths[i].value = NULL;
	}
	bb_conf_intern_free();
	bb_zones_close();
}
