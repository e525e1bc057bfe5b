/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log_file.c - writing one file of the log thread, and what happens
 * when it cannot be written.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/base/log_file.h"

/* A file that failed is tried again after so long. */
#define RETRY 10

void bb_log_file_free(struct bb_log_file *f)
{
	bb_list_remove(&f->node);
	if (f->fd > STDERR_FILENO)
		close(f->fd);
	bb_buf_free(&f->batch);
	bb_free(f);
}

void bb_log_tell_stderr(const char *text)
{
	size_t len = strlen(text);

	/* If this fails too there is nobody left to tell. */
	if (write(STDERR_FILENO, text, len) != (ssize_t)len)
		return;
}

static time_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void file_failed(struct bb_log_file *f, int err)
{
	bool first = !f->err;
	char text[512];

	f->err = err;
	f->retry = seconds() + RETRY;
	if (f->fd > STDERR_FILENO)
		close(f->fd);
	f->fd = -1;
	if (!first || strcmp(f->path, "-") == 0)
		return;
	/* To all that can still be read; and where none can, to the standard error output. */
	bb_error("Cannot write %s: %s; what belongs there is lost until it works again", f->path,
		 strerror(-err));
	snprintf(text, sizeof(text), "bellbird: cannot write %s: %s\n", f->path, strerror(-err));
	bb_log_tell_stderr(text);
}

static void file_works(struct bb_log_file *f)
{
	if (!f->err)
		return;
	f->err = 0;
	bb_notice("%s is written again; %llu entries were lost", f->path,
		  (unsigned long long)f->lost);
}

static int open_file(struct bb_log_file *f)
{
	if (f->fd >= 0)
		return 0;
	if (strcmp(f->path, "-") == 0) {
		f->fd = STDERR_FILENO;
		return 0;
	}
	if (f->err && seconds() < f->retry)
		return f->err;
	f->fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	return f->fd < 0 ? -errno : 0;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

void bb_log_file_write(struct bb_log_file *f)
{
	bool waits = f->err && f->fd < 0 && seconds() < f->retry;
	int err;

	if (!f->in_batch)
		return;
	err = f->batch.err;
	if (!err && !waits)
		err = open_file(f);
	if (!err && !waits)
		err = write_all(f->fd, f->batch.p, f->batch.l);
	if (err || waits)
		f->lost += f->in_batch;
	else
		f->written += f->in_batch;
	if (err && err != f->batch.err)
		file_failed(f, err);
	else if (!err && !waits)
		file_works(f);
	f->in_batch = 0;
	f->batch.err = 0;
	bb_buf_truncate(&f->batch, 0);
	if (f->batch.cap > 65536)
		bb_buf_free(&f->batch);
}

struct bb_log_file *bb_log_file_new(const char *path)
{
	size_t len = strlen(path) + 1;
	struct bb_log_file *f = bb_zalloc(sizeof(*f) + len);

	if (!f)
		return NULL;
	f->fd = -1;
	memcpy(f->path, path, len);
	return f;
}
