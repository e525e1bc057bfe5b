/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctrans_invite.c - the INVITE client transaction (RFC 3261 section 17.1.1
 * as corrected by RFC 6026 section 7.2):
 *
 *   Calling ---1xx---> Proceeding
 *      |  \              |    \
 *      2xx  3xx-6xx     2xx    3xx-6xx
 *      |      \          |       \
 *   Accepted   Completed          (ACK is sent here)
 *
 * Timers: A retransmits in Calling, B gives up in Calling, D ends Completed,
 * M ends Accepted. Proceeding lasts as long as the other side lets it, or
 * 64*T1 after a CANCEL.
 */
#include "modules/sip/ctrans.h"

static void timer_a(void *arg)
{
	struct sip_ctrans *ct = arg;

	ct->interval *= 2;
	ct->stack->stats.retransmits_out++;
	bb_timer_set(&ct->retransmit, ct->interval, timer_a, ct);
	sip_ctrans_resend(ct);
}

static void start(struct sip_ctrans *ct)
{
	ct->interval = ct->stack->conf.t1;
	if (!sip_ctrans_reliable(ct))
		bb_timer_set(&ct->retransmit, ct->interval, timer_a, ct);
	bb_timer_set(&ct->timeout, sip_timer_b(ct->stack), sip_ctrans_on_timeout, ct);
}

static void send_ack(struct sip_ctrans *ct)
{
	int err = ct->ack.err ? ct->ack.err : -ENOMEM;

	if (ct->ack.l && !ct->ack.err)
		err = sip_send(ct->stack, &ct->flow, bb_buf_str(&ct->ack),
			       bb_strn(ct->wire.p + ct->wire.l - ct->cid_back, ct->cid_len));
	if (err)
		bb_debug(1, "ACK to a final response was not sent: %s", strerror(-err));
}

static void build_ack(struct sip_ctrans *ct, const struct sip_msg *rsp)
{
	struct sip_fault flt;
	struct sip_msg *invite;

	if (sip_msg_parse(&invite, ct->wire.p, ct->wire.l, SIP_DATAGRAM, NULL, &flt)) {
		sip_msg_unref(invite);
		return;
	}
	sip_ack_from(&ct->ack, invite, rsp);
	sip_msg_unref(invite);
}

static void on_provisional(struct sip_ctrans *ct, struct sip_msg *m)
{
	bool first = ct->state == SIP_CALLING;

	if (first) {
		bb_timer_cancel(&ct->retransmit);
		bb_timer_cancel(&ct->timeout);
		ct->state = SIP_PROCEEDING;
		if (ct->cancel_wanted)
			sip_ctrans_send_cancel(ct);
	}
	sip_ctrans_deliver(ct, m);
}

static void on_final(struct sip_ctrans *ct, struct sip_msg *m)
{
	bb_timer_cancel(&ct->retransmit);
	bb_timer_cancel(&ct->timeout);
	if (m->status < 300) {
		ct->state = SIP_ACCEPTED;
		bb_timer_set(&ct->timeout, 64 * ct->stack->conf.t1, sip_ctrans_on_done, ct);
	} else {
		ct->state = SIP_COMPLETED;
		bb_timer_set(&ct->timeout, sip_ctrans_reliable(ct) ? 0 : ct->stack->conf.timer_d,
			     sip_ctrans_on_done, ct);
		build_ack(ct, m);
		send_ack(ct);
	}
	sip_ctrans_deliver(ct, m);
}

static void response(struct sip_ctrans *ct, struct sip_msg *m)
{
	switch (ct->state) {
	case SIP_CALLING:
	case SIP_PROCEEDING:
		if (m->status < 200)
			on_provisional(ct, m);
		else
			on_final(ct, m);
		break;
	case SIP_COMPLETED:
		if (m->status >= 300) {
			ct->stack->stats.retransmits_in++;
			send_ack(ct);
		}
		break;
	case SIP_ACCEPTED:
		if (m->status >= 200 && m->status < 300)
			sip_ctrans_deliver(ct, m);
		break;
	default:
		break;
	}
}

const struct sip_ctrans_machine sip_ctrans_invite = {
	.name = "INVITE client",
	.first = SIP_CALLING,
	.start = start,
	.response = response,
};
