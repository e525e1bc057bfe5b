/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state directory belongs to one instance at a time.
 */
#include "core/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *lock_path; /* outlives the configuration room */

static int make_path(const char *path)
{
	char *copy = bb_sprintf("%s", path);
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; *p && !err; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			err = -errno;
		*p = '/';
	}
	if (!err && mkdir(copy, 0750) && errno != EEXIST)
		err = -errno;
	bb_free(copy);
	return err;
}

int bb_state_make(void)
{
	static const char *const dirs[] = { "state", "astdbdir", "astrundir", "astlogdir",
					    "astspooldir" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(dirs); i++) {
		const char *path = bb_path(dirs[i]);
		int err = path[0] ? make_path(path) : 0;

		if (!err && access(path, W_OK | X_OK))
			err = -errno;
		if (err) {
			fprintf(stderr,
				"bellbird: the directory %s cannot be used: %s (-S DIR chooses "
				"another)\n",
				path, strerror(-err));
			return err;
		}
	}
	return 0;
}

static void who_has_it(int fd, const char *path)
{
	char pid[32];
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	fprintf(stderr, "bellbird: another instance%s%s%s runs in %s; give each its own -S DIR\n",
		pid[0] ? " (process " : "", pid, pid[0] ? ")" : "", path);
}

int bb_state_lock(void)
{
	const char *dir = bb_path("astrundir");
	char *path = bb_sprintf("%s/bellbird.pid", dir);
	char pid[32];
	int fd, err = 0, n;

	if (!path)
		return -ENOMEM;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		err = -errno;
		fprintf(stderr, "bellbird: cannot open %s: %s\n", path, strerror(errno));
		goto out;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = -errno;
		who_has_it(fd, dir);
		close(fd);
		goto out;
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	/* The lock holds all the same, and a full disk is no reason not to take calls. */
	if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)n, 0) != n)
		fprintf(stderr, "bellbird: cannot write %s: %s\n", path, strerror(errno));
out:
	if (err)
		bb_free(path);
	else
		lock_path = path;
	return err ? err : fd;
}

void bb_state_unlock(int fd)
{
	unlink(lock_path);
	bb_free(lock_path);
	lock_path = NULL;
	close(fd);
}
