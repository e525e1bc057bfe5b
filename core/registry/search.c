/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where module files are: BB_MODULE_PATH in front (colon-separated), then the
 * first that has any of astmoddir (when it holds ours), the build directory
 * the program runs from, and where `make install` puts them.
 */
#include "core/registry/registry.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const *only;

void bb_registry_search_only(const char *const *dirs)
{
	only = dirs;
}

static struct bb_str base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct bb_str b = bb_strz(slash ? slash + 1 : path);

	if (b.l > 3)
		b.l -= 3; /* .so */
	return b;
}

static bool has_base(const struct bb_buf *list, struct bb_str base)
{
	for (size_t i = 0; i < list->l; i += strlen(list->p + i) + 1)
		if (bb_str_eq(base_of(list->p + i), base))
			return true;
	return false;
}

/* Is the file one of ours? An Asterisk module must not even be opened: that runs its code. */
static bool is_ours(const char *path)
{
	static const char mark[] = "\0bb_module";
	char *data;
	size_t len;
	bool yes;

	if (bb_conf_slurp(path, &data, &len))
		return false;
	yes = memmem(data, len, mark, sizeof(mark)) != NULL;
	bb_free(data);
	return yes;
}

static int add_pattern(struct bb_buf *out, const char *pattern, bool judge)
{
	struct bb_buf found = { 0 };
	int n = bb_conf_glob(pattern, &found), added = 0;

	for (size_t i = 0; n > 0 && i < found.l; i += strlen(found.p + i) + 1) {
		const char *path = found.p + i;

		if (has_base(out, base_of(path)) || (judge && !is_ours(path)))
			continue;
		bb_buf_put(out, path, strlen(path) + 1);
		added++;
	}
	bb_buf_free(&found);
	if (out->err)
		return out->err;
	return n == -ENOMEM ? n : added;
}

static int add_dir(struct bb_buf *out, const char *dir, const char *below, bool judge)
{
	char *pattern = bb_sprintf("%s/%s", dir, below);
	int n = pattern ? add_pattern(out, pattern, judge) : -ENOMEM;

	bb_free(pattern);
	return n;
}

static int add_uninstalled(struct bb_buf *out)
{
	char exe[4096], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return 0;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	/* libtool may run the program from .libs/ */
	slash = strrchr(exe, '/');
	if (slash && strcmp(slash, "/.libs") == 0)
		*slash = '\0';
	return add_dir(out, exe, "modules/*/.libs/*.so", false);
}

static int add_env(struct bb_buf *out)
{
	struct bb_str rest = bb_strz(getenv("BB_MODULE_PATH")), dir;
	int n = 0;

	while (n >= 0 && rest.p && bb_str_split(&rest, ':', &dir)) {
		char *z = bb_str_empty(dir) ? NULL : bb_strdup(dir);

		if (!z)
			continue;
		n = add_dir(out, z, "*.so", false);
		bb_free(z);
	}
	return n;
}

int bb_modules_search(struct bb_buf *out)
{
	int n;

	for (size_t i = 0; only && only[i]; i++) {
		n = add_dir(out, only[i], "*.so", false);
		if (n < 0)
			return n;
	}
	if (only)
		return 0;
	n = add_env(out);
	if (n < 0)
		return n;
	n = bb_path_given("astmoddir") ? add_dir(out, bb_path("astmoddir"), "*.so", true) : 0;
	if (n == 0)
		n = add_uninstalled(out);
	if (n == 0)
		n = add_dir(out, BB_LIBDIR "/bellbird", "*.so", false);
	return n < 0 ? n : 0;
}

int bb_modules_scan(struct bb_diag *d)
{
	struct bb_buf found = { 0 };
	int err = bb_statics_scan(d);

	if (!err)
		err = bb_modules_search(&found);
	for (size_t i = 0; !err && i < found.l; i += strlen(found.p + i) + 1) {
		struct bb_self *self;

		if (bb_self_find(base_of(found.p + i)))
			continue;
		/* One broken module is told of, and the rest goes on. */
		if (bb_self_open(&self, found.p + i, d) == -ENOMEM)
			err = -ENOMEM;
	}
	bb_buf_free(&found);
	return err;
}
