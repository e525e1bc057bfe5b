/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a member of a bridge can do with its keys: send its partner elsewhere
 * (blind transfer), or hang up. Digits are held back while they may still
 * become a code, and go on to the others when they do not.
 */
#include <bellbird/dialplan.h>
#include <bellbird/log.h>
#include <bellbird/sound.h>

#include "core/features/features.h"
#include "core/loop/fiber.h"

/* Where transfers of this leg look: TRANSFER_CONTEXT, what Dial said, its own context. */
static void transfer_context(struct bb_chan *ch, char dst[80])
{
	struct bb_str set = bb_vars_get(ch, "TRANSFER_CONTEXT");

	if (!set.l && ch->member)
		set = bb_strz(ch->member->transfer_context);
	if (!set.l)
		set = bb_strz(ch->context);
	bb_str_copy(dst, 80, set);
}

/* Send the other one of its bridge to a place in the dial plan, and hang @p from up. */
static int blind_transfer(struct bb_chan *from, struct bb_str context, struct bb_str exten)
{
	struct bb_bridge *b = from->bridge;
	struct bb_chan *peer = b ? bb_bridge_peer(b, from) : NULL;
	int err;

	if (!peer)
		return -ENOTCONN;
	if (!bb_exten_exists(context, exten, bb_strz(peer->caller.number)))
		return -ENOENT;
	bb_chan_ref(peer);
	bb_chan_ref(from);
	bb_var_set(peer, "BLINDTRANSFER", bb_strz(from->name));
	bb_story(from, BB_STORY_DECISION, "transfers %s to %.*s@%.*s", peer->name, BB_FMT(exten),
		 BB_FMT(context));
	bb_verbose(3, "%s transfers %s to %.*s@%.*s", from->name, peer->name, BB_FMT(exten),
		   BB_FMT(context));
	err = bb_chan_redirect(peer, context, exten, BB_STR("1"));
	if (!err) {
		from->transferred_away = true;
		bb_chan_hangup(from, BB_CAUSE_NORMAL);
	}
	bb_chan_unref(from);
	bb_chan_unref(peer);
	return err;
}

/* --- the talk with the one who transfers, in a fiber of its own --- */

struct transfer {
	struct bb_bridge *bridge;
	struct bb_chan *ch;
	char sound[200]; /* of an announcement */
};

/* Still a member, still there? */
static bool holds(const struct transfer *t)
{
	return t->ch->bridge == t->bridge && t->ch->member && !bb_chan_check(t->ch) &&
	       !t->ch->hungup;
}

static void music_for_others(struct transfer *t, bool on)
{
	struct bb_chan *peer = bb_bridge_peer(t->bridge, t->ch);

	if (!peer || !peer->member || peer->member->music == on)
		return;
	bb_bridge_unplug(t->bridge, peer->member);
	bb_member_music(peer->member, on);
}

/* @return digits, 0 when none came, -ECANCELED. */
static int collect(struct transfer *t, struct bb_str context, char *digits, size_t cap)
{
	const struct bb_features *f = bb_features();
	size_t n = 0;
	int key;

	key = bb_play(t->ch, f->xfersound, "any");
	if (key == -ECANCELED)
		return key;
	if (key <= 0)
		key = bb_wait_digit(t->ch, f->transfer_timeout);
	while (key > 0 && n + 1 < cap) {
		if (key == '#' && n)
			break;
		digits[n++] = (char)key;
		digits[n] = '\0';
		/* Nothing longer could match: no need to wait for more. */
		if (!bb_exten_match_more(context, bb_strn(digits, n),
					 bb_strz(t->ch->caller.number)))
			break;
		key = bb_wait_digit(t->ch, f->transfer_timeout);
	}
	digits[n] = '\0';
	return key == -ECANCELED ? key : (int)n;
}

static int ask_and_send(struct transfer *t)
{
	const struct bb_features *f = bb_features();
	char context[80], digits[80];
	int err = -ENOENT;

	transfer_context(t->ch, context);
	for (int64_t tries = 0; tries < f->attempts; tries++) {
		int n = collect(t, bb_strz(context), digits, sizeof(digits));

		if (n < 0 || !holds(t))
			return -ECANCELED;
		if (n == 0)
			break; /* changed their mind */
		err = blind_transfer(t->ch, bb_strz(context), bb_strz(digits));
		if (err != -ENOENT)
			return err;
		bb_story(t->ch, BB_STORY_REFUSAL, "transfer: %s does not exist in the context %s",
			 digits, context);
		if (bb_play(t->ch, tries + 1 < f->attempts ? f->retrysound : f->failsound, "") ==
		    -ECANCELED)
			return -ECANCELED;
	}
	return err;
}

/* Back to talking: events and media are the bridge's again. */
static void resume(struct transfer *t)
{
	if (t->ch->bridge != t->bridge || !t->ch->member)
		return;
	t->ch->member->away = false;
	music_for_others(t, false);
	bb_chan_set_consumer(t->ch, &t->bridge->consumer);
	bb_bridge_choose(t->bridge);
	bb_bridge_music(t->bridge);
}

static void end(struct transfer *t)
{
	resume(t);
	bb_chan_unref(t->ch);
	bb_bridge_unref(t->bridge);
	bb_free(t);
}

static void transfer_run(void *arg)
{
	struct transfer *t = arg;

	bb_chan_log_as(t->ch);
	if (holds(t))
		(void)ask_and_send(t);
	end(t);
}

static void announce_run(void *arg)
{
	struct transfer *t = arg;

	bb_chan_log_as(t->ch);
	if (holds(t))
		(void)bb_play(t->ch, bb_strz(t->sound), "");
	end(t);
}

/* Put the member aside, with a fiber that talks to it. */
static int put_aside(struct bb_member *m, const char *name, void (*run)(void *arg),
		     struct bb_str sound)
{
	struct transfer *t;
	struct bb_fiber *f;
	int err;

	if (m->away)
		return -EBUSY;
	t = bb_zalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->bridge = bb_bridge_ref(m->bridge);
	t->ch = bb_chan_ref(m->ch);
	bb_str_copy(t->sound, sizeof(t->sound), sound);
	err = bb_fiber_spawn(&f, name, run, t);
	if (err) {
		bb_chan_unref(t->ch);
		bb_bridge_unref(t->bridge);
		bb_free(t);
		return err;
	}
	m->away = true;
	bb_member_music(m, false);
	bb_bridge_unplug(m->bridge, m);
	bb_chan_set_consumer(m->ch, NULL);
	return 0;
}

int bb_bridge_announce(struct bb_bridge *b, struct bb_chan *ch, struct bb_str sound)
{
	if (ch->bridge != b || !ch->member)
		return -ENOTCONN;
	return put_aside(ch->member, "announce", announce_run, sound);
}

static void begin_transfer(struct bb_member *m)
{
	struct transfer t = { .bridge = m->bridge, .ch = m->ch };

	if (put_aside(m, "transfer", transfer_run, bb_strz("")))
		return;
	bb_story(m->ch, BB_STORY_DECISION, "began a blind transfer by key");
	music_for_others(&t, true);
}

/* --- codes --- */

static bool may(const struct bb_member *m, char what)
{
	return strchr(m->features, what) != NULL;
}

/* @return 2 the code is complete, 1 it may become it, 0 no. */
static int compare(const struct bb_member *m, struct bb_str code)
{
	if (!code.l || code.l < m->n_digits || memcmp(code.p, m->digits, m->n_digits) != 0)
		return 0;
	return code.l == m->n_digits ? 2 : 1;
}

/* The oldest is no part of a code: the other side hears it, as long as it was. */
static void give_up_one(struct bb_member *m)
{
	char digit = m->digits[0];
	unsigned ms = m->digit_ms[0];

	m->n_digits--;
	memmove(m->digits, m->digits + 1, m->n_digits);
	memmove(m->digit_ms, m->digit_ms + 1, m->n_digits * sizeof(m->digit_ms[0]));
	if (m->pass_dtmf)
		bb_bridge_pass_digit(m->bridge, m->ch, digit, ms);
}

static void waited_long_enough(void *arg)
{
	struct bb_member *m = arg;

	while (m->n_digits)
		give_up_one(m);
}

static void act(struct bb_member *m, bool transfer)
{
	m->n_digits = 0;
	if (transfer) {
		begin_transfer(m);
		return;
	}
	bb_chan_reason(m->ch, BB_CAUSE_NORMAL, "%s hung up by the key %.*s", m->ch->name,
		       BB_FMT(bb_features()->disconnect));
	bb_chan_hangup(m->ch, BB_CAUSE_NORMAL);
}

static bool feature_digit(struct bb_member *m, char digit, unsigned ms)
{
	const struct bb_features *f = bb_features();

	if (!m->features[0] || m->n_digits >= BB_FEATURE_DIGITS)
		return false;
	bb_timer_cancel(&m->digit_timer);
	m->digits[m->n_digits] = digit;
	m->digit_ms[m->n_digits++] = ms;
	/* A code may begin within what turned out to be none. */
	for (; m->n_digits; give_up_one(m)) {
		int transfer = may(m, 't') ? compare(m, f->blindxfer) : 0;
		int disconnect = may(m, 'h') ? compare(m, f->disconnect) : 0;

		if (transfer == 2 || disconnect == 2) {
			act(m, transfer == 2);
			return true;
		}
		if (transfer || disconnect) {
			bb_timer_set(&m->digit_timer, f->digit_timeout, waited_long_enough, m);
			return true;
		}
	}
	return true;
}

static void feature_leave(struct bb_member *m)
{
	bb_timer_cancel(&m->digit_timer);
	m->n_digits = 0;
}

/* Its peer goes to @p target of its transfer context. */
static void asked_by_leg(struct bb_member *m, struct bb_str target)
{
	char context[80];
	int err;

	transfer_context(m->ch, context);
	err = blind_transfer(m->ch, bb_strz(context), target);
	if (err)
		bb_story(m->ch, BB_STORY_REFUSAL, "transfer to %.*s@%s refused: %s", BB_FMT(target),
			 context, strerror(-err));
}

const struct bb_feature_ops bb_transfer_ops = {
	.digit = feature_digit,
	.leave = feature_leave,
	.transfer = asked_by_leg,
};
