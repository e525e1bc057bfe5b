/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * play.c - bb_play(): open, connect, wait for the end or for a digit.
 */
#include <bellbird/app.h>
#include <bellbird/log.h>
#include <bellbird/loop.h>

#include "core/channel/channel.h"
#include "core/sound/sound_core.h"

/** True when @p digit is one of those that end what plays. */
static bool ends(const char *stop_digits, char digit)
{
	if (!stop_digits || !*stop_digits)
		return false;
	return strcmp(stop_digits, "any") == 0 || strchr(stop_digits, digit);
}

static int find(struct bb_chan *ch, struct bb_str name, struct bb_sound_file **fp)
{
	struct bb_port *port = bb_chan_port(ch, 0);
	struct bb_sound_search *s;
	int err =
		bb_sound_search_new(&s, name, bb_chan_language(ch), port ? bb_port_tx(port) : NULL);

	if (err)
		return err;
	err = bb_offload(ch, bb_sound_search_run, s);
	*fp = bb_sound_search_end(s);
	return err;
}

bool bb_sound_exists(struct bb_chan *ch, struct bb_str name)
{
	struct bb_sound_file *f = NULL;
	int err = find(ch, name, &f);

	bb_sound_file_close(f);
	return !err;
}

struct playing {
	struct bb_chan *ch;
	bool over;
	int err;
};

static void on_end(int err, void *arg)
{
	struct playing *pl = arg;

	pl->over = true;
	pl->err = err;
	bb_chan_emit(pl->ch, &(struct bb_event){ .type = BB_EV_WAKE });
}

/** Serve the leg until the sound is over. @return 0, a digit, -ECANCELED. */
static int serve(struct bb_chan *ch, struct bb_player *p, struct playing *pl,
		 const char *stop_digits)
{
	struct bb_port *sink = NULL;

	while (!pl->over) {
		struct bb_port *now = bb_chan_port(ch, 0);
		struct bb_event ev;
		int err;

		if (now != sink && now)
			bb_port_connect(bb_player_port(p), now);
		sink = now;
		err = bb_wait_event(ch, -1, &ev);
		if (err)
			return err;
		if (ev.type == BB_EV_DTMF && ends(stop_digits, ev.digit))
			return ev.digit;
	}
	return pl->err;
}

int bb_play(struct bb_chan *ch, struct bb_str name, const char *stop_digits)
{
	struct playing pl = { .ch = ch };
	struct bb_sound_file *f = NULL;
	struct bb_player *p;
	int err = bb_chan_check(ch);

	if (err)
		return bb_chan_canceled(ch);
	bb_sound_drop(ch);
	err = find(ch, name, &f);
	if (err == -ENOENT)
		bb_warning("%s: there is no sound \"%.*s\" (language %s)", bb_chan_name(ch),
			   BB_FMT(name), bb_chan_language(ch));
	else if (err)
		bb_warning("%s: the sound \"%.*s\" cannot be read: %s", bb_chan_name(ch),
			   BB_FMT(name), strerror(-err));
	if (err) {
		bb_sound_file_close(f);
		bb_story(ch, BB_STORY_MEDIA, "the sound \"%.*s\" cannot be played: %s",
			 BB_FMT(name), err == -ENOENT ? "there is no such file" : strerror(-err));
		return err;
	}
	bb_verbose(3, "<%s> Playing '%.*s.%s' (language '%s')", bb_chan_name(ch), BB_FMT(name),
		   f->ff->name, bb_chan_language(ch));
	bb_story(ch, BB_STORY_MEDIA, "plays \"%.*s\"", BB_FMT(name));
	err = bb_player_start(&p, f, bb_chan_port(ch, 0), on_end, &pl);
	if (err)
		return err;
	err = serve(ch, p, &pl, stop_digits);
	bb_player_stop(p);
	return err;
}

int bb_play_silence(struct bb_chan *ch, bb_time span, const char *stop_digits)
{
	bb_time until = bb_now() + span;

	for (;;) {
		int d = bb_wait_digit(ch, until - bb_now() > 0 ? until - bb_now() : 0);

		if (d == -ETIMEDOUT)
			return 0;
		if (d < 0 || ends(stop_digits, (char)d))
			return d;
	}
}
