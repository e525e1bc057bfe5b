/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dialing: the destinations, their legs, and what became of them.
 */
#include <bellbird/log.h>

#include "core/channel/channel.h"

const char *bb_dial_status_name(enum bb_dial_status st)
{
	static const char *const names[] = { "ANSWER",	   "BUSY",	  "NOANSWER",	"CANCEL",
					     "CONGESTION", "CHANUNAVAIL", "INVALIDARGS" };

	return (unsigned)st < BB_ARRAY_SIZE(names) ? names[st] : "INVALIDARGS";
}

int bb_dial_new(struct bb_dial **dp, struct bb_chan *caller, const struct bb_dial_hooks *hooks,
		void *arg)
{
	struct bb_dial *d = bb_zalloc(sizeof(*d));
	int err;

	*dp = NULL;
	if (!d)
		return -ENOMEM;
	err = bb_inbox_new(&d->inbox);
	if (err) {
		bb_free(d);
		return err;
	}
	d->caller = bb_chan_ref(caller);
	d->hooks = hooks;
	d->arg = arg;
	d->status = BB_DIAL_CHANUNAVAIL;
	*dp = d;
	return 0;
}

void bb_dial_leg_free(struct bb_dial *d, struct bb_dial_leg *leg)
{
	bb_list_remove(&leg->node);
	if (d->early == leg)
		bb_dial_early_end(d);
	bb_inbox_release(d->inbox, leg->ch);
	if (leg->ch->state != BB_UP)
		bb_chan_set_guard(leg->ch, NULL);
	bb_chan_unref(leg->ch);
	bb_free(leg);
}

void bb_dial_drop_legs(struct bb_dial *d, unsigned cause)
{
	struct bb_node *n;

	while ((n = d->legs.head) != NULL) {
		struct bb_dial_leg *leg = bb_list_entry(n, struct bb_dial_leg, node);
		struct bb_chan *ch = bb_chan_ref(leg->ch);

		bb_dial_leg_free(d, leg);
		if (!ch->run)
			bb_chan_hangup(ch, cause);
		bb_chan_unref(ch);
	}
}

void bb_dial_free(struct bb_dial *d)
{
	if (!d)
		return;
	bb_dial_drop_legs(d, BB_CAUSE_NORMAL);
	bb_dial_early_end(d);
	bb_inbox_free(d->inbox);
	if (d->caller)
		d->caller->forwards -= d->redirects;
	bb_chan_unref(d->caller);
	bb_free(d);
}

void bb_dial_set_caller(struct bb_dial *d, const struct bb_party *party)
{
	d->party = *party;
	d->party_set = true;
}

unsigned bb_dial_legs(const struct bb_dial *d)
{
	return (unsigned)d->legs.count;
}

enum bb_dial_status bb_dial_status(const struct bb_dial *d)
{
	return d->status;
}

unsigned bb_dial_cause(const struct bb_dial *d)
{
	return d->cause;
}

/* How the causes of failed legs add up, as Asterisk counts them: a refusal (403, 603) is no busy.
 */
void bb_dial_failed(struct bb_dial *d, unsigned cause)
{
	switch (cause) {
	case BB_CAUSE_BUSY:
		if (!d->busy++)
			d->busy_cause = cause;
		break;
	case BB_CAUSE_CONGESTION:
	case BB_CAUSE_SWITCH_CONGESTION:
		if (!d->congestion++)
			d->congestion_cause = cause;
		break;
	case BB_CAUSE_NORMAL:
	case BB_CAUSE_NO_ANSWER:
	case BB_CAUSE_NO_USER_RESPONSE:
		if (!d->silent++)
			d->silent_cause = cause;
		break;
	default:
		if (!d->unavailable++)
			d->unavailable_cause = cause;
	}
}

void bb_dial_conclude(struct bb_dial *d)
{
	if (d->silent) {
		d->status = BB_DIAL_NOANSWER;
		d->cause = d->silent_cause;
	} else if (d->busy) {
		d->status = BB_DIAL_BUSY;
		d->cause = d->busy_cause;
	} else if (d->congestion) {
		d->status = BB_DIAL_CONGESTION;
		d->cause = d->congestion_cause;
	} else {
		d->status = BB_DIAL_CHANUNAVAIL;
		d->cause = d->unavailable ? d->unavailable_cause : BB_CAUSE_NO_ROUTE;
	}
}

/* --- adding destinations --- */

struct adding {
	struct bb_dial *d;
	int err;
	unsigned n;
};

static void prepare(struct bb_dial *d, struct bb_chan *ch)
{
	struct bb_chan *caller = d->caller;

	bb_str_copy(ch->app, sizeof(ch->app), BB_STR("AppDial"));
	bb_text_set(&ch->appdata, BB_CHAN_APPDATA, BB_STR("(Outgoing Line)"));
	if (d->party_set)
		ch->connected = d->party;
	else if (caller)
		ch->connected = caller->caller;
	if (!caller)
		return;
	/* What runs on the leg in the caller's fiber (b, U) ends with the caller. */
	bb_chan_set_guard(ch, caller);
	if (!ch->caller.number[0])
		bb_str_copy(ch->caller.number, sizeof(ch->caller.number), bb_strz(caller->dialed));
	if (!ch->dialed[0])
		bb_str_copy(ch->dialed, sizeof(ch->dialed), bb_strz(caller->exten));
}

static void add_leg(struct bb_chan *ch, void *arg)
{
	struct adding *a = arg;
	struct bb_dial_leg *leg = NULL;

	if (a->d->legs.count < BB_DIAL_MAX_LEGS)
		leg = bb_zalloc(sizeof(*leg));
	if (!leg) {
		a->err = a->d->legs.count < BB_DIAL_MAX_LEGS ? -ENOMEM : -ENOBUFS;
		bb_chan_hangup(ch, BB_CAUSE_SWITCH_CONGESTION);
		bb_chan_unref(ch);
		return;
	}
	leg->ch = ch;
	a->n++;
	prepare(a->d, ch);
	bb_list_append(&a->d->legs, &leg->node);
	bb_inbox_consume(a->d->inbox, ch);
}

static unsigned cause_of(int err)
{
	switch (err) {
	case -ENOENT:
		return BB_CAUSE_NO_ROUTE;
	case -EPROTONOSUPPORT:
		return BB_CAUSE_NOT_IMPLEMENTED;
	case -EHOSTUNREACH:
		return BB_CAUSE_SUBSCRIBER_ABSENT;
	case -ENOBUFS:
	case -EADDRINUSE:
	case -EMFILE:
	case -EBUSY:
	case -ENOMEM:
		return BB_CAUSE_SWITCH_CONGESTION;
	default:
		return BB_CAUSE_FAILURE;
	}
}

const char *bb_dial_why(int err)
{
	switch (err) {
	case -EHOSTUNREACH:
		return "it is not registered";
	case -ENOENT:
		return "there is no such device";
	case -EPROTONOSUPPORT:
		return "no loaded module makes such channels";
	case -EBUSY:
		return "the limit of calls is reached";
	case -EADDRINUSE:
		return "no media port is free";
	default:
		return strerror(-err);
	}
}

static void tell_unreachable(struct bb_dial *d, struct bb_str destination, int err, unsigned cause)
{
	const char *why = bb_dial_why(err);

	bb_verbose(3, "Unable to create channel for '%.*s': %s (cause %u - %s)",
		   BB_FMT(destination), why, cause, bb_cause_name(cause));
	if (!d->caller)
		return;
	bb_story(d->caller, BB_STORY_REFUSAL, "%.*s cannot be dialed: %s", BB_FMT(destination),
		 why);
	bb_call_hint(d->caller, cause, "%.*s cannot be reached: %s", BB_FMT(destination), why);
}

static int request(struct bb_dial *d, struct bb_str destination, unsigned *cause)
{
	ptrdiff_t slash = bb_str_chr(destination, '/');
	struct adding a = { .d = d };
	struct bb_use use = { 0 };
	const struct bb_chan_driver *drv;
	struct bb_chan_request rq;
	int err;

	if (slash <= 0)
		return -EINVAL;
	drv = bb_driver_find(bb_str_sub(destination, 0, (size_t)slash), &use);
	if (!drv || !drv->request) {
		bb_use_end(&use);
		return -EPROTONOSUPPORT;
	}
	rq = (struct bb_chan_request){
		.target = bb_str_sub(destination, (size_t)slash + 1, destination.l),
		.caller = d->caller,
		.formats = d->caller ? &d->caller->formats : NULL,
	};
	err = drv->request(&rq, add_leg, &a, cause);
	bb_use_end(&use);
	if (a.n)
		return 0;
	return err ? err : a.err ? a.err : -ENOENT;
}

int bb_dial_add(struct bb_dial *d, struct bb_str destination)
{
	unsigned cause = 0;
	int err;

	destination = bb_str_trim(destination);
	d->tried++;
	err = request(d, destination, &cause);
	if (!err)
		return 0;
	if (!cause)
		cause = cause_of(err);
	bb_dial_failed(d, cause);
	tell_unreachable(d, destination, err, cause);
	return err;
}

/* --- early media --- */

void bb_dial_early_end(struct bb_dial *d)
{
	struct bb_port *leg = d->early ? bb_chan_port(d->early->ch, 0) : NULL;
	struct bb_port *caller = d->caller ? bb_chan_port(d->caller, 0) : NULL;

	if (leg && leg == d->early_port)
		bb_port_disconnect(leg);
	if (caller && d->early)
		bb_port_disconnect(caller);
	d->early = NULL;
	d->early_port = NULL;
}

/* The first leg with media before the answer is heard, the others wait for theirs. */
int bb_dial_early_media(struct bb_dial *d, struct bb_chan *ch)
{
	struct bb_port *port = bb_chan_port(ch, 0);
	struct bb_port *caller = d->caller ? bb_chan_port(d->caller, 0) : NULL;
	int err;

	if (!port || !caller)
		return -ENOTCONN;
	if (d->early && d->early->ch != ch)
		return -EBUSY;
	err = bb_port_connect(port, caller);
	if (!err)
		err = bb_port_connect(caller, port);
	if (err)
		return err;
	bb_list_each (n, &d->legs) {
		struct bb_dial_leg *leg = bb_list_entry(n, struct bb_dial_leg, node);

		if (leg->ch == ch)
			d->early = leg;
	}
	d->early_port = port;
	bb_story(ch, BB_STORY_MEDIA, "its early media is heard by %s", d->caller->name);
	return 0;
}
