/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_timer.c - Dial(Timer/3): a far end that rings for a second, answers,
 * and hangs up three seconds later. It has no media.
 */
#include <bellbird/chan.h>
#include <bellbird/loop.h>

struct timer_leg {
	struct bb_timer timer;
	bb_time talk;
};

static const struct bb_chan_driver driver;
static struct bb_self *self;

static void over(void *arg)
{
	bb_chan_emit(arg, &(struct bb_event){ .type = BB_EV_HANGUP, .cause = BB_CAUSE_NORMAL });
}

static void answered(void *arg)
{
	struct timer_leg *t = bb_chan_pvt(arg);

	bb_chan_emit(arg, &(struct bb_event){ .type = BB_EV_ANSWERED });
	bb_timer_set(&t->timer, t->talk, over, arg);
}

static int timer_request(const struct bb_chan_request *rq,
			 void (*add)(struct bb_chan *ch, void *arg), void *arg, unsigned *cause)
{
	struct bb_chan_params params = { .device = rq->target,
					 .outgoing = true,
					 .parent = rq->caller };
	struct timer_leg *t;
	struct bb_chan *ch;
	uint64_t seconds;
	int err;

	if (bb_str_u64(rq->target, &seconds) || seconds > 3600) {
		*cause = BB_CAUSE_INVALID_NUMBER;
		return -ENOENT;
	}
	err = bb_chan_new(&ch, self, &driver, &params);
	if (err)
		return err;
	t = bb_chan_pvt(ch);
	t->talk = (bb_time)seconds * BB_SEC;
	add(ch, arg);
	return 0;
}

static int timer_dial(struct bb_chan *ch)
{
	struct timer_leg *t = bb_chan_pvt(ch);

	bb_chan_emit(ch, &(struct bb_event){ .type = BB_EV_RINGING });
	bb_timer_set(&t->timer, BB_SEC, answered, ch);
	return 0;
}

static void timer_hangup(struct bb_chan *ch, unsigned cause)
{
	struct timer_leg *t = bb_chan_pvt(ch);

	bb_timer_cancel(&t->timer);
}

static const struct bb_chan_driver driver = {
	.tech = "Timer",
	.pvt_size = sizeof(struct timer_leg),
	.request = timer_request,
	.dial = timer_dial,
	.hangup = timer_hangup,
	.doc = { .summary = "Call a clock that answers and hangs up", .since = "0.1" },
};

static int start(struct bb_self *me, struct bb_diag *d)
{
	self = me;
	return 0;
}

BB_MODULE(chan_timer, .start = start, .doc = { .summary = "Timer channels", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_CHAN(&driver), { 0 } });
