/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strans_invite.c - the INVITE server transaction (RFC 3261 section 17.2.1
 * as corrected by RFC 6026 section 7.1):
 *
 *   Proceeding ---2xx---> Accepted
 *        \
 *         3xx-6xx ---> Completed ---ACK---> Confirmed
 *
 * Timers: G retransmits the final response in Completed, H gives the ACK up,
 * I ends Confirmed, L ends Accepted. A 100 goes out by itself when the user
 * takes longer than 200 ms.
 */
#include "modules/sip/strans.h"

static void trying(void *arg)
{
	sip_strans_reply(arg, 100, NULL);
}

static void start(struct sip_strans *st)
{
	bb_timer_set(&st->retransmit, st->stack->conf.trying, trying, st);
}

static void again(struct sip_strans *st)
{
	switch (st->state) {
	case SIP_PROCEEDING:
		if (st->code)
			sip_strans_transmit(st);
		else
			sip_strans_reply(st, 100, NULL);
		break;
	case SIP_COMPLETED:
		sip_strans_transmit(st);
		break;
	default: /* in Accepted the user sends the 2xx again */
		break;
	}
}

static int may_send(struct sip_strans *st, unsigned code)
{
	if (st->state != SIP_PROCEEDING)
		return -EALREADY;
	/* A 100 says nothing that an earlier 18x did not. */
	return !(code == 100 && st->code > 100);
}

static void timer_g(void *arg)
{
	struct sip_strans *st = arg;
	const struct sip_stack_conf *conf = &st->stack->conf;

	st->interval = st->interval * 2 > conf->t2 ? conf->t2 : st->interval * 2;
	st->stack->stats.retransmits_out++;
	bb_timer_set(&st->retransmit, st->interval, timer_g, st);
	sip_strans_transmit(st);
}

static void sent(struct sip_strans *st)
{
	const struct sip_stack_conf *conf = &st->stack->conf;

	bb_timer_cancel(&st->retransmit);
	if (st->code < 200)
		return;
	if (st->code < 300) {
		st->state = SIP_ACCEPTED;
		sip_strans_uncount(st);
		bb_timer_set(&st->timeout, 64 * conf->t1, sip_strans_on_done, st);
		return;
	}
	st->state = SIP_COMPLETED;
	st->interval = conf->t1;
	if (!sip_strans_reliable(st))
		bb_timer_set(&st->retransmit, st->interval, timer_g, st);
	bb_timer_set(&st->timeout, sip_timer_b(st->stack), sip_strans_on_timeout, st);
}

bool sip_strans_invite_ack(struct sip_strans *st)
{
	if (st->state == SIP_ACCEPTED)
		return false;
	if (st->state != SIP_COMPLETED)
		return true;
	bb_timer_cancel(&st->retransmit);
	st->state = SIP_CONFIRMED;
	sip_strans_uncount(st);
	bb_timer_set(&st->timeout, sip_strans_reliable(st) ? 0 : st->stack->conf.t4,
		     sip_strans_on_done, st);
	return true;
}

const struct sip_strans_machine sip_strans_invite = {
	.name = "INVITE server",
	.first = SIP_PROCEEDING,
	.start = start,
	.again = again,
	.may_send = may_send,
	.sent = sent,
};
