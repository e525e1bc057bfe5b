/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dialing: ring all legs, take the first answer, let the others go.
 */
#include <bellbird/dialplan.h>
#include <bellbird/log.h>

#include "core/channel/channel.h"

static struct bb_dial_leg *leg_of(struct bb_dial *d, const struct bb_chan *ch)
{
	bb_list_each (n, &d->legs) {
		struct bb_dial_leg *leg = bb_list_entry(n, struct bb_dial_leg, node);

		if (leg->ch == ch)
			return leg;
	}
	return NULL;
}

/* In words, what a failed leg tells the call. The driver's own words say it best. */
static void tell_failure(struct bb_dial *d, struct bb_chan *ch, unsigned cause)
{
	const char *what;

	switch (cause) {
	case BB_CAUSE_BUSY:
		what = "is busy";
		break;
	case BB_CAUSE_REJECTED:
		what = "refused the call";
		break;
	case BB_CAUSE_CONGESTION:
	case BB_CAUSE_SWITCH_CONGESTION:
		what = "is circuit-busy";
		break;
	case BB_CAUSE_SUBSCRIBER_ABSENT:
		what = ch->why[0] ? "cannot be reached" : "is not registered";
		break;
	case BB_CAUSE_NO_ANSWER:
	case BB_CAUSE_NO_USER_RESPONSE:
		what = ch->reached ? "did not answer" : "did not respond at all";
		break;
	default:
		what = "cannot be reached";
	}
	bb_verbose(3, "%s %s", ch->name, what);
	if (d->caller && ch->why[0] && strcmp(what, "cannot be reached") == 0)
		bb_call_hint(d->caller, cause, "%s", ch->why);
	else if (d->caller)
		bb_call_hint(d->caller, cause, "%s %s%s%s", ch->device, what,
			     ch->why[0] ? ": " : "", ch->why);
}

static void leg_failed(struct bb_dial *d, struct bb_dial_leg *leg, unsigned cause)
{
	struct bb_chan *ch = bb_chan_ref(leg->ch);

	tell_failure(d, ch, cause);
	bb_dial_failed(d, cause);
	bb_dial_leg_free(d, leg);
	if (!ch->run)
		bb_chan_hangup(ch, cause);
	bb_chan_unref(ch);
}

static void start_leg(struct bb_dial *d, struct bb_dial_leg *leg)
{
	struct bb_chan *ch = bb_chan_ref(leg->ch);
	int err = 0;

	leg->started = true;
	if (d->hooks && d->hooks->before)
		err = d->hooks->before(d, ch, d->arg);
	/* The hook may have waited: the leg may be gone. */
	if (leg_of(d, ch) != leg || (d->caller && bb_chan_check(d->caller)))
		goto out;
	if (!err && ch->hungup)
		goto out; /* its event says the rest */
	if (!err) {
		bb_chan_set_state(ch, BB_DIALING);
		err = ch->drv->dial ? bb_chan_drive(ch, ch->drv->dial(ch)) : -ENOSYS;
	}
	if (err && !ch->hungup) {
		bb_story(ch, BB_STORY_REFUSAL, "could not be dialed: %s", strerror(-err));
		leg_failed(d, leg, ch->cause ? ch->cause : BB_CAUSE_FAILURE);
		goto out;
	}
	bb_verbose(3, "Called %s", ch->device);
	bb_story(ch, BB_STORY_STATE, "called");
out:
	bb_chan_unref(ch);
}

static void start_legs(struct bb_dial *d)
{
	bool again = true;

	/* A hook that waits may see legs come and go, so look anew after each. */
	while (again && !(d->caller && bb_chan_check(d->caller))) {
		again = false;
		bb_list_each (n, &d->legs) {
			struct bb_dial_leg *leg = bb_list_entry(n, struct bb_dial_leg, node);

			if (leg->started)
				continue;
			start_leg(d, leg);
			again = true;
			break;
		}
	}
}

/* "Go there instead" (3xx): a number means that extension, through a Local channel. */
static void redirect(struct bb_dial *d, struct bb_dial_leg *leg, struct bb_str target)
{
	struct bb_arena *a = bb_arena_new(256);
	struct bb_chan *ch = leg->ch;
	struct bb_str to = target;
	unsigned so_far;

	if (!a)
		return leg_failed(d, leg, BB_CAUSE_SWITCH_CONGESTION);
	if (bb_str_chr(target, '/') < 0) {
		struct bb_str context = bb_vars_get(ch, "FORWARD_CONTEXT");

		if (!context.l && d->caller)
			context = bb_strz(d->caller->context);
		to = bb_strz(
			bb_arena_printf(a, "Local/%.*s@%.*s/n", BB_FMT(target), BB_FMT(context)));
	}
	bb_verbose(3, "Now forwarding %s to '%.*s' (thanks to %s)",
		   d->caller ? d->caller->name : "the call", BB_FMT(to), ch->name);
	bb_story(ch, BB_STORY_DECISION, "sends the call on to %.*s", BB_FMT(to));
	d->redirects++;
	if (d->caller)
		d->caller->forwards++; /* its legs from now on know of it, however deep */
	so_far = d->caller ? d->caller->forwards : d->redirects;
	if (so_far > BB_DIAL_MAX_REDIRECTS) {
		bb_story(ch, BB_STORY_REFUSAL, "not followed: %u redirections one after another",
			 so_far);
		leg_failed(d, leg, BB_CAUSE_CONGESTION);
	} else {
		bb_chan_ref(ch);
		bb_dial_leg_free(d, leg);
		bb_chan_hangup(ch, BB_CAUSE_NORMAL);
		bb_chan_unref(ch);
		if (to.p && bb_dial_add(d, to) == 0)
			start_legs(d);
	}
	bb_arena_free(a);
}

static void win(struct bb_dial *d, struct bb_dial_leg *leg, struct bb_chan **winner)
{
	*winner = bb_chan_ref(leg->ch);
	if (d->early != leg)
		bb_dial_early_end(d);
	d->early = NULL; /* the bridge takes its media over as it is */
	bb_dial_leg_free(d, leg);
	if (!d->caller)
		bb_chan_log_as(*winner); /* the flow that called it is now the leg's */
	bb_verbose(3, "%s answered%s%s", (*winner)->name, d->caller ? " " : "",
		   d->caller ? d->caller->name : "");
	d->status = BB_DIAL_ANSWER;
	d->cause = 0;
	bb_dial_drop_legs(d, BB_CAUSE_ANSWERED_ELSEWHERE);
}

static void ringing(struct bb_dial *d, struct bb_chan *ch)
{
	bb_verbose(3, "%s is ringing", ch->name);
	if (d->rang)
		return;
	d->rang = true;
	if (d->hooks && d->hooks->ringing)
		d->hooks->ringing(d, ch, d->arg);
}

static void progress(struct bb_dial *d, struct bb_chan *ch)
{
	bb_verbose(3, "%s is making progress passing it to %s", ch->name,
		   d->caller ? d->caller->name : "nobody");
	if (d->hooks && d->hooks->progress)
		d->hooks->progress(d, ch, d->arg);
}

static void leg_event(struct bb_dial *d, struct bb_dial_leg *leg, const struct bb_event *ev,
		      struct bb_chan **winner)
{
	switch (ev->type) {
	case BB_EV_RINGING:
		ringing(d, leg->ch);
		break;
	case BB_EV_PROGRESS:
		progress(d, leg->ch);
		break;
	case BB_EV_ANSWERED:
		win(d, leg, winner);
		break;
	case BB_EV_REDIRECT:
		redirect(d, leg, ev->text);
		break;
	case BB_EV_HANGUP:
		leg_failed(d, leg, ev->cause);
		break;
	default:
		break;
	}
}

/* @return true when a digit of the caller ends the dialing. */
static bool caller_event(struct bb_dial *d, const struct bb_event *ev)
{
	if (ev->type != BB_EV_DTMF || !d->hooks || !d->hooks->caller_digit)
		return false;
	return d->hooks->caller_digit(d, ev->digit, d->arg);
}

/* The caller gave up: said at once, since nobody knows better who was being rung. */
static void cancelled(struct bb_dial *d)
{
	struct bb_chan *caller = d->caller;
	struct bb_buf legs = { 0 };

	d->status = BB_DIAL_CANCEL;
	d->cause = caller->cause ? caller->cause : BB_CAUSE_NORMAL;
	if (!caller->hungup || !caller->far_hungup)
		return;
	bb_list_each (n, &d->legs) {
		struct bb_chan *ch = bb_list_entry(n, struct bb_dial_leg, node)->ch;

		if (legs.l < 200)
			bb_buf_printf(&legs, "%s%s %s", legs.l ? ", " : "", ch->device,
				      ch->state == BB_RINGING ? "was ringing"
				      : ch->reached	      ? "was being called"
							      : "had not responded");
	}
	if (caller->cause == BB_CAUSE_NORMAL || !caller->why[0])
		bb_chan_reason(caller, d->cause,
			       "the caller (%s) hung up before anybody answered%s%s",
			       caller->device, legs.l ? "; " : "", bb_buf_cstr(&legs));
	bb_buf_free(&legs);
}

static void timed_out(struct bb_dial *d, bb_time timeout)
{
	struct bb_buf legs = { 0 };

	d->status = BB_DIAL_NOANSWER;
	d->cause = BB_CAUSE_NO_ANSWER;
	bb_list_each (n, &d->legs) {
		struct bb_chan *ch = bb_list_entry(n, struct bb_dial_leg, node)->ch;

		if (legs.l < 150)
			bb_buf_printf(&legs, "%s%s %s", legs.l ? ", " : "", ch->device,
				      ch->state == BB_RINGING ? "rang"
				      : ch->reached	      ? "did not ring"
							      : "did not respond at all");
	}
	bb_verbose(3, "Nobody picked up in %lld ms", (long long)(timeout / BB_MS));
	if (d->caller) {
		bb_story(d->caller, BB_STORY_DECISION, "nobody answered within %.1f seconds",
			 (double)timeout / BB_SEC);
		bb_call_hint(d->caller, d->cause, "nobody answered within %.1f seconds: %s",
			     (double)timeout / BB_SEC, bb_buf_cstr(&legs));
	}
	bb_buf_free(&legs);
}

static void all_failed(struct bb_dial *d)
{
	bb_dial_conclude(d);
	bb_verbose(2, "Everyone is busy/congested at this time (%u:%u/%u/%u)", d->tried, d->busy,
		   d->congestion, d->unavailable);
	if (d->caller)
		bb_story(d->caller, BB_STORY_DECISION, "nobody can be reached: %s",
			 bb_dial_status_name(d->status));
}

static int dial_loop(struct bb_dial *d, bb_time timeout, struct bb_chan **winner)
{
	bb_time until = timeout < 0 ? -1 : bb_now() + timeout;
	struct bb_dial_leg *leg;
	struct bb_event ev;
	int err;

	start_legs(d);
	while (d->legs.count) {
		bb_time left = until < 0 ? -1 : until > bb_now() ? until - bb_now() : 0;

		err = bb_wait_events(d->caller, d->inbox, left, &ev);
		if (err)
			return err;
		if (d->caller && ev.chan == d->caller) {
			if (caller_event(d, &ev))
				return -EINTR;
			continue;
		}
		leg = leg_of(d, ev.chan);
		if (leg)
			leg_event(d, leg, &ev, winner);
		if (*winner)
			return 0;
	}
	return d->caller && bb_chan_check(d->caller) ? -ECANCELED : -ECONNREFUSED;
}

int bb_dial_run(struct bb_dial *d, bb_time timeout, struct bb_chan **winner)
{
	int err;

	*winner = NULL;
	if (d->caller)
		bb_inbox_consume(d->inbox, d->caller);
	err = dial_loop(d, timeout, winner);
	if (d->caller)
		bb_inbox_release(d->inbox, d->caller);
	switch (err) {
	case 0:
		return 0;
	case -ETIMEDOUT:
		timed_out(d, timeout);
		bb_dial_drop_legs(d, BB_CAUSE_NO_ANSWER);
		break;
	case -ECONNREFUSED:
		all_failed(d);
		break;
	case -EINTR:
		d->status = BB_DIAL_CANCEL;
		d->cause = BB_CAUSE_NORMAL;
		bb_dial_drop_legs(d, BB_CAUSE_NORMAL);
		break;
	default:
		if (d->caller)
			cancelled(d);
		bb_dial_drop_legs(d, BB_CAUSE_NORMAL);
	}
	bb_dial_early_end(d);
	return err;
}
