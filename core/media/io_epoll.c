/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/io_epoll.c - waiting for descriptors with epoll.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/media/engine.h"

#define BATCH 64

struct epoll_io {
	int fd;
	int n, at; /* the batch that is being served */
	struct epoll_event ev[BATCH];
};

static void io_close(struct bb_mthread *t)
{
	struct epoll_io *io = t->io_state;

	if (!io)
		return;
	if (io->fd >= 0)
		close(io->fd);
	bb_free(io);
	t->io_state = NULL;
}

static int io_open(struct bb_mthread *t)
{
	/* At its edge, so that the counter need not be read. */
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.ptr = NULL };
	struct epoll_io *io = bb_zalloc(sizeof(*io));

	if (!io)
		return -ENOMEM;
	t->io_state = io;
	io->fd = epoll_create1(EPOLL_CLOEXEC);
	if (io->fd < 0 || epoll_ctl(io->fd, EPOLL_CTL_ADD, t->wake_fd, &ev) < 0) {
		int err = -errno;

		io_close(t);
		return err;
	}
	return 0;
}

static int io_watch(struct bb_mthread *t, struct bb_mwatch *w)
{
	struct epoll_io *io = t->io_state;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };

	return epoll_ctl(io->fd, EPOLL_CTL_ADD, w->fd, &ev) < 0 ? -errno : 0;
}

static void io_unwatch(struct bb_mthread *t, struct bb_mwatch *w)
{
	struct epoll_io *io = t->io_state;

	epoll_ctl(io->fd, EPOLL_CTL_DEL, w->fd, NULL);
	/* It may stand further down in the batch. */
	for (int i = io->at; i < io->n; i++)
		if (io->ev[i].data.ptr == w)
			io->ev[i].events = 0;
}

static int timeout_until(bb_time due, bb_time now)
{
	if (due == INT64_MAX)
		return -1;
	if (due <= now)
		return 0;
	if (due - now > 1000 * BB_SEC)
		return 1000000;
	return (int)((due - now + BB_MS - 1) / BB_MS);
}

static void io_wait(struct bb_mthread *t, bb_time due)
{
	struct epoll_io *io = t->io_state;
	int ms = timeout_until(due, t->now);

	if (ms) {
		atomic_store(&t->sleeping, 1);
		if (bb_mthread_has_commands(t))
			ms = 0;
	}
	io->n = epoll_wait(io->fd, io->ev, BATCH, ms);
	atomic_store_explicit(&t->sleeping, 0, memory_order_relaxed);
	t->now = bb_now();
	/* Before what came is served: it may be for a port that only now takes its socket. */
	io->at = 0;
	bb_mthread_commands(t);
	for (io->at = 0; io->at < io->n; io->at++) {
		struct bb_mwatch *w = io->ev[io->at].data.ptr;

		if (w && io->ev[io->at].events)
			w->fn(w->mp, w->state, w->fd);
	}
	io->n = 0;
}

const struct bb_mio bb_mio_epoll = {
	.name = "epoll",
	.open = io_open,
	.close = io_close,
	.watch = io_watch,
	.unwatch = io_unwatch,
	.wait = io_wait,
};
