/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strans_other.c - the non-INVITE server transaction (RFC 3261 section
 * 17.2.2) with the timing of RFC 4320:
 *
 *   Trying ---100---> Proceeding
 *      \                 /
 *       ---- final ----> Completed
 *
 * Timer J ends Completed. A 100 goes out only once the client's timer E has
 * reached T2; no other 1xx and no 408 ever goes out. When the client must
 * have given up, the transaction ends without an answer.
 */
#include "modules/sip/strans.h"

static void trying(void *arg)
{
	struct sip_strans *st = arg;

	st->interval = 1; /* due now */
	sip_strans_reply(st, 100, NULL);
}

/* When timer E of the client is set to T2. */
static bb_time trying_due(const struct sip_stack_conf *conf)
{
	bb_time at = 0, e = conf->t1;

	while (e > 0 && e < conf->t2) {
		at += e;
		e *= 2;
	}
	return at;
}

static void start(struct sip_strans *st)
{
	bb_timer_set(&st->retransmit, trying_due(&st->stack->conf), trying, st);
	bb_timer_set(&st->timeout, sip_timer_b(st->stack), sip_strans_on_timeout, st);
}

static void again(struct sip_strans *st)
{
	if (st->code)
		sip_strans_transmit(st);
}

static int may_send(struct sip_strans *st, unsigned code)
{
	if (st->state == SIP_COMPLETED)
		return -EALREADY;
	if (code == 408)
		return 0;
	return code >= 200 || (code == 100 && st->interval);
}

static void sent(struct sip_strans *st)
{
	if (st->code < 200) {
		st->state = SIP_PROCEEDING;
		return;
	}
	bb_timer_cancel(&st->retransmit);
	st->state = SIP_COMPLETED;
	sip_strans_uncount(st);
	bb_timer_set(&st->timeout, sip_strans_reliable(st) ? 0 : 64 * st->stack->conf.t1,
		     sip_strans_on_done, st);
}

const struct sip_strans_machine sip_strans_other = {
	.name = "server",
	.first = SIP_TRYING,
	.start = start,
	.again = again,
	.may_send = may_send,
	.sent = sent,
};
