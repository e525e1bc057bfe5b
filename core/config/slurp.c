/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files and directories, read on the pool when a fiber asks (a reload while
 * calls run), directly when nobody else is there to wait (at start).
 */
#include "core/config/config.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bellbird/loop.h>

#include "core/loop/fiber.h"

#define MAX_FILE (16u << 20)

struct job {
	int (*fn)(struct job *j);
	const char *path;
	char *data;
	size_t len;
	struct bb_buf *out;
	struct bb_fiber *fiber;
	int result;
	bool done;
};

static int job_work(void *arg)
{
	struct job *j = arg;

	return j->fn(j);
}

static void job_done(int result, void *arg)
{
	struct job *j = arg;

	j->result = result;
	j->done = true;
	bb_fiber_wake(j->fiber);
}

static int run(struct job *j)
{
	int err;

	j->fiber = bb_fiber_self();
	if (!j->fiber)
		return j->fn(j);
	err = bb_work(job_work, job_done, j);
	if (err)
		return err;
	while (!j->done)
		bb_fiber_park();
	return j->result;
}

static int read_all(int fd, char *p, size_t want, size_t *len)
{
	size_t at = 0;

	while (at < want) {
		ssize_t n = read(fd, p + at, want - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		at += (size_t)n;
	}
	*len = at;
	return 0;
}

static int slurp(struct job *j)
{
	struct stat st;
	int err, fd;

	fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		err = -errno;
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		err = -EISDIR;
		goto out;
	}
	/* A pipe could keep the pool waiting for ever. */
	if (!S_ISREG(st.st_mode)) {
		err = -ENXIO;
		goto out;
	}
	if (st.st_size > (off_t)MAX_FILE) {
		err = -EFBIG;
		goto out;
	}
	j->data = bb_alloc((size_t)st.st_size + 1);
	if (!j->data) {
		err = -ENOMEM;
		goto out;
	}
	err = read_all(fd, j->data, (size_t)st.st_size, &j->len);
	if (err) {
		bb_free(j->data);
		j->data = NULL;
	} else {
		j->data[j->len] = '\0';
	}
out:
	close(fd);
	return err;
}

int bb_conf_slurp(const char *path, char **data, size_t *len)
{
	struct job j = { .fn = slurp, .path = path };
	int err = run(&j);

	if (err)
		return err;
	*data = j.data;
	*len = j.len;
	return 0;
}

static int do_glob(struct job *j)
{
	glob_t g = { 0 };
	int err = glob(j->path, GLOB_MARK, NULL, &g);
	int n = 0;

	if (err == GLOB_NOMATCH)
		return 0;
	if (err == GLOB_NOSPACE)
		return -ENOMEM;
	if (err)
		return -EIO;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		size_t l = strlen(g.gl_pathv[i]);

		if (l && g.gl_pathv[i][l - 1] == '/')
			continue; /* a directory */
		bb_buf_put(j->out, g.gl_pathv[i], l + 1);
		n++;
	}
	globfree(&g);
	return j->out->err ? j->out->err : n;
}

int bb_conf_glob(const char *pattern, struct bb_buf *out)
{
	struct job j = { .fn = do_glob, .path = pattern, .out = out };

	return run(&j);
}
