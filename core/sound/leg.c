/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * leg.c - the one thing that plays to a leg in the background, and tones as
 * the simpler kind of it.
 */
#include <bellbird/mem.h>

#include "core/channel/channel.h"
#include "core/sound/leg.h"
#include "core/sound/sound_core.h"

bool bb_leg_gone(const struct bb_chan *ch)
{
	return ch->hungup;
}

void bb_leg_sound_set(struct bb_chan *ch, struct bb_leg_sound *s)
{
	bb_sound_drop(ch);
	ch->sound = s;
}

void bb_leg_sound_stop(struct bb_chan *ch, enum bb_leg_what what)
{
	struct bb_leg_sound *s = ch->sound;

	if (s && s->what == what)
		bb_sound_drop(ch);
}

void bb_sound_drop(struct bb_chan *ch)
{
	struct bb_leg_sound *s = ch->sound;

	ch->sound = NULL;
	if (s)
		s->stop(s);
}

struct tones {
	struct bb_leg_sound base;
	struct bb_port *port;
};

static void tones_stop(struct bb_leg_sound *base)
{
	struct tones *t = bb_container_of(base, struct tones, base);

	bb_port_disconnect(t->port);
	bb_port_close(t->port);
	bb_free(t);
}

int bb_tones_start(struct bb_chan *ch, struct bb_str tones)
{
	struct bb_port *sink = bb_chan_port(ch, 0);
	struct bb_tone_list list;
	struct tones *t;
	int err = bb_leg_gone(ch) ? -ENOTCONN : bb_indication(&list, tones);

	if (err)
		return err;
	t = bb_zalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->base.what = BB_LEG_TONES;
	t->base.stop = tones_stop;
	err = bb_tone_port(&t->port, &list, sink);
	if (err) {
		bb_free(t);
		return err;
	}
	bb_leg_sound_set(ch, &t->base);
	return sink ? bb_port_connect(t->port, sink) : 0;
}

void bb_tones_stop(struct bb_chan *ch)
{
	bb_leg_sound_stop(ch, BB_LEG_TONES);
}
