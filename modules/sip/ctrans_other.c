/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctrans_other.c - the non-INVITE client transaction (RFC 3261 section 17.1.2):
 *
 *   Trying ---1xx---> Proceeding
 *      \                 /
 *       ---- final ----> Completed
 *
 * Timers: E retransmits (at T2 in Proceeding), F gives up, K ends Completed.
 */
#include "modules/sip/ctrans.h"

static void timer_e(void *arg)
{
	struct sip_ctrans *ct = arg;
	const struct sip_stack_conf *conf = &ct->stack->conf;

	ct->interval = ct->state == SIP_PROCEEDING || ct->interval * 2 > conf->t2
			       ? conf->t2
			       : ct->interval * 2;
	ct->stack->stats.retransmits_out++;
	bb_timer_set(&ct->retransmit, ct->interval, timer_e, ct);
	sip_ctrans_resend(ct);
}

static void start(struct sip_ctrans *ct)
{
	ct->interval = ct->stack->conf.t1;
	if (!sip_ctrans_reliable(ct))
		bb_timer_set(&ct->retransmit, ct->interval, timer_e, ct);
	bb_timer_set(&ct->timeout, sip_timer_b(ct->stack), sip_ctrans_on_timeout, ct);
}

static void response(struct sip_ctrans *ct, struct sip_msg *m)
{
	if (ct->state != SIP_TRYING && ct->state != SIP_PROCEEDING) {
		ct->stack->stats.retransmits_in++;
		return;
	}
	if (m->status < 200) {
		ct->state = SIP_PROCEEDING;
		sip_ctrans_deliver(ct, m);
		return;
	}
	bb_timer_cancel(&ct->retransmit);
	ct->state = SIP_COMPLETED;
	bb_timer_set(&ct->timeout, sip_ctrans_reliable(ct) ? 0 : ct->stack->conf.t4,
		     sip_ctrans_on_done, ct);
	sip_ctrans_deliver(ct, m);
}

const struct sip_ctrans_machine sip_ctrans_other = {
	.name = "client",
	.first = SIP_TRYING,
	.start = start,
	.response = response,
};
