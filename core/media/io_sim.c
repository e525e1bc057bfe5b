/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/io_sim.c - descriptors in simulation: looked at without waiting,
 * each turn. (The engine's sockets are no descriptors there: sock_sim.c.)
 */
#include <poll.h>

#include <bellbird/mem.h>

#include "core/media/engine.h"

#define MAX_TURNS 256 /* of one wait: two ports may answer each other for ever */

struct sim_io {
	struct bb_mwatch **v;
	size_t n, cap;
};

static int io_open(struct bb_mthread *t)
{
	t->io_state = bb_zalloc(sizeof(struct sim_io));
	return t->io_state ? 0 : -ENOMEM;
}

static void io_close(struct bb_mthread *t)
{
	struct sim_io *io = t->io_state;

	if (!io)
		return;
	bb_free(io->v);
	bb_free(io);
	t->io_state = NULL;
}

static int io_watch(struct bb_mthread *t, struct bb_mwatch *w)
{
	struct sim_io *io = t->io_state;

	if (io->n == io->cap) {
		size_t cap = io->cap ? io->cap * 2 : 16;
		struct bb_mwatch **v = bb_realloc(io->v, cap * sizeof(struct bb_mwatch *));

		if (!v)
			return -ENOMEM;
		io->v = v;
		io->cap = cap;
	}
	io->v[io->n++] = w;
	return 0;
}

static void io_unwatch(struct bb_mthread *t, struct bb_mwatch *w)
{
	struct sim_io *io = t->io_state;

	for (size_t i = 0; i < io->n; i++)
		if (io->v[i] == w) {
			memmove(&io->v[i], &io->v[i + 1],
				(io->n - i - 1) * sizeof(struct bb_mwatch *));
			io->n--;
			return;
		}
}

static void io_wait(struct bb_mthread *t, bb_time due)
{
	struct sim_io *io = t->io_state;
	bool some = true;

	for (unsigned turn = 0; some && turn < MAX_TURNS; turn++) {
		some = false;
		for (size_t i = 0; i < io->n; i++) {
			struct bb_mwatch *w = io->v[i];
			struct pollfd p = { .fd = w->fd, .events = POLLIN };

			if (poll(&p, 1, 0) <= 0)
				continue;
			some = true;
			w->fn(w->mp, w->state, w->fd);
		}
	}
}

const struct bb_mio bb_mio_sim = {
	.name = "simulated",
	.open = io_open,
	.close = io_close,
	.watch = io_watch,
	.unwatch = io_unwatch,
	.wait = io_wait,
};
