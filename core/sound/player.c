/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * player.c - a port that plays a sound file.
 *
 * Two blocks go round: while the media thread plays one, the pool fills the
 * other. A block that was played comes back with BB_PORT_STARVED. Both belong
 * to a counted object that the player, and the port until the media thread
 * let it go, each hold: an event that is never heard loses nothing.
 */
#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

#include "core/sound/sound_core.h"

enum { CMD_BLOCK = 1 };

struct blocks {
	struct bb_sound_block b[2];
};

struct start {
	const struct bb_format *format;
	struct blocks *blocks;
};

/** Media side. */
struct media {
	const struct bb_format *format;
	struct blocks *blocks; /* the port's reference */
	struct bb_sound_block *head, *tail;
	size_t at; /* in head */
	size_t chunk; /* bytes of 20 ms */
	uint32_t ts;
	bool begun, done;
};

struct bb_player {
	struct bb_port *port;
	struct bb_sound_file *file;
	struct blocks *blocks;
	bool away[2]; /* with the media thread */
	unsigned next; /* block to be filled next, or being filled */
	bool reading, stopped, at_end;
	void (*ended)(int err, void *arg);
	void *arg;
};

static int media_create(void *state, const void *init)
{
	const struct start *start = init;
	struct media *m = state;

	m->format = start->format;
	m->chunk =
		m->format->linear ? m->format->rate / 50 * 2 : (size_t)m->format->bytes_per_ms * 20;
	if (!m->chunk)
		return -ENOTSUP;
	m->blocks = bb_obj_ref(start->blocks);
	return 0;
}

static void media_destroy(void *state)
{
	struct media *m = state;

	bb_obj_unref(m->blocks);
}

static void media_command(struct bb_mport *mp, void *state, unsigned cmd, const void *data,
			  size_t len)
{
	struct media *m = state;
	struct bb_sound_block *b;

	if (cmd != CMD_BLOCK || len != sizeof(b))
		return;
	memcpy(&b, data, sizeof(b));
	b->next = NULL;
	if (m->tail)
		m->tail->next = b;
	else
		m->head = b;
	m->tail = b;
}

/** The first block was played: back to the control side with it. */
static void give_back(struct bb_mport *mp, struct media *m)
{
	struct bb_sound_block *b = m->head;

	m->head = b->next;
	if (!m->head)
		m->tail = NULL;
	m->at = 0;
	if (b->last)
		m->done = true;
	bb_mport_event(mp, &(struct bb_port_event){
				   .type = m->done ? BB_PORT_DONE : BB_PORT_STARVED, .data = b });
}

static size_t fill(struct bb_mport *mp, struct media *m, uint8_t *dst)
{
	size_t have = 0;

	while (have < m->chunk && m->head) {
		size_t left = m->head->len - m->at, n = m->chunk - have;

		if (n > left)
			n = left;
		memcpy(dst + have, m->head->data + m->at, n);
		have += n;
		m->at += n;
		if (m->at == m->head->len)
			give_back(mp, m);
	}
	if (have && have < m->chunk)
		memset(dst + have, m->format->linear ? 0 : m->format->silence, m->chunk - have);
	return have;
}

static void media_tick(struct bb_mport *mp, void *state, bb_time now)
{
	struct media *m = state;
	uint8_t *dst;
	struct bb_frame f;

	if (m->done || !m->head)
		return;
	dst = bb_mport_scratch(mp);
	if (!fill(mp, m, dst))
		return;
	f = (struct bb_frame){ .format = m->format,
			       .data = dst,
			       .len = m->chunk,
			       .cap = 2048,
			       .samples = m->format->rate / 50,
			       .ts = m->ts,
			       .flags = m->begun ? 0 : BB_FRAME_MARKER,
			       .at = now };
	m->ts += m->format->clock / 50;
	m->begun = true;
	bb_mport_push(mp, &f);
}

static const struct bb_port_driver player_driver = {
	.name = "player",
	.state_size = sizeof(struct media),
	.ticks = true,
	.create = media_create,
	.command = media_command,
	.tick = media_tick,
	.destroy = media_destroy,
};

static void player_destroy(void *obj)
{
	struct bb_player *p = obj;

	bb_sound_file_close(p->file);
	bb_obj_unref(p->blocks);
}

static void finish(struct bb_player *p, int err)
{
	void (*ended)(int err, void *arg) = p->ended;

	p->ended = NULL;
	if (ended && !p->stopped)
		ended(err, p->arg);
}

static int read_work(void *arg)
{
	struct bb_player *p = arg;

	return bb_sound_file_read(p->file, &p->blocks->b[p->next]);
}

static int read_more(struct bb_player *p);

static void read_done(int err, void *arg)
{
	struct bb_player *p = arg;
	struct bb_sound_block *b = &p->blocks->b[p->next];

	p->reading = false;
	if (err)
		bb_warning("%s: reading failed: %s", p->file->path, strerror(-err));
	if (!p->stopped) {
		p->at_end = b->last;
		p->away[p->next] = true;
		p->next = !p->next;
		if (bb_port_command(p->port, CMD_BLOCK, &b, sizeof(b)))
			finish(p, -ENOBUFS);
		else if (read_more(p))
			finish(p, -ENOMEM);
	}
	bb_obj_unref(p);
}

/** Fill the next block, when it is here and there is more. */
static int read_more(struct bb_player *p)
{
	if (p->reading || p->at_end || p->away[p->next])
		return 0;
	bb_obj_ref(p);
	p->reading = true;
	if (bb_work(read_work, read_done, p) == 0)
		return 0;
	p->reading = false;
	bb_obj_unref(p);
	return -ENOMEM;
}

static void on_event(struct bb_port *port, const struct bb_port_event *ev, void *arg)
{
	struct bb_player *p = arg;

	if (ev->type == BB_PORT_DONE) {
		finish(p, 0);
	} else if (ev->type == BB_PORT_STARVED) {
		p->away[ev->data == &p->blocks->b[1]] = false;
		if (read_more(p))
			finish(p, -ENOMEM);
	}
}

int bb_player_start(struct bb_player **pp, struct bb_sound_file *f, struct bb_port *near,
		    void (*ended)(int err, void *arg), void *arg)
{
	struct bb_player *p = bb_obj_new(sizeof(*p), player_destroy, "player");
	struct start start = { .format = f->format };
	struct bb_port_params params = { .driver = &player_driver,
					 .init = &start,
					 .near = near,
					 .rx = f->format,
					 .event = on_event,
					 .arg = p };
	int err;

	if (!p) {
		bb_sound_file_close(f);
		return -ENOMEM;
	}
	p->file = f;
	p->ended = ended;
	p->arg = arg;
	p->blocks = start.blocks = bb_obj_new(sizeof(*p->blocks), NULL, "sound blocks");
	err = p->blocks ? bb_port_new(&p->port, &params) : -ENOMEM;
	if (err) {
		bb_obj_unref(p);
		return err;
	}
	/* Nobody hears of an end before the beginning. */
	err = read_more(p);
	if (err) {
		bb_player_stop(p);
		return err;
	}
	*pp = p;
	return 0;
}

struct bb_port *bb_player_port(struct bb_player *p)
{
	return p->port;
}

void bb_player_stop(struct bb_player *p)
{
	if (!p)
		return;
	p->stopped = true;
	bb_port_disconnect(p->port);
	bb_port_close(p->port);
	p->port = NULL;
	bb_obj_unref(p);
}
