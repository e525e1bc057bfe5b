/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_time.c - the port itself, and what it does by the clock:
 * telephone events, reports, and noticing that nothing comes.
 */
#include "modules/rtp/rtp_port.h"

static bb_time timeout_of(const struct rtp_media *m)
{
	if (!m->setup || m->timed_out)
		return 0;
	return m->held ? m->init.timeout_hold : m->setup->recv ? m->init.timeout : 0;
}

static bb_time sooner(bb_time a, bb_time b)
{
	if (!a || !b)
		return a ? a : b;
	return a < b ? a : b;
}

void rtp_arm(struct bb_mport *mp, struct rtp_media *m)
{
	bb_time at = sooner(dtmf_tx_due(&m->dtmf_tx), dtmf_rx_due(&m->dtmf_rx));

	at = sooner(at, m->rtcp_next);
	if (timeout_of(m))
		at = sooner(at, m->last_rx + timeout_of(m));
	bb_mport_timer(mp, at);
}

/* Section 6.3.1: at random between half and one and a half times the interval, so that all the
 * reports of a system do not come at once; the first after half of that. */
void rtp_schedule_report(struct rtp_media *m, bb_time now, bool first)
{
	bb_time interval = m->init.rtcp_interval;

	if (!interval) {
		m->rtcp_next = 0;
		return;
	}
	if (first)
		interval /= 2;
	m->rtcp_next = now + interval / 2 + (bb_time)bb_random_below((uint32_t)interval);
}

void rtp_timer(struct bb_mport *mp, void *state, bb_time now)
{
	struct rtp_media *m = state;
	struct dtmf_out out;

	if (dtmf_tx_due(&m->dtmf_tx) && now >= dtmf_tx_due(&m->dtmf_tx))
		rtp_send_event(mp, m);
	rtp_tell_digits(mp, &out, dtmf_rx_expire(&m->dtmf_rx, now, &out));
	if (m->rtcp_next && now >= m->rtcp_next) {
		rtp_send_report(mp, m, false);
		rtp_schedule_report(m, now, false);
	}
	if (timeout_of(m) && now >= m->last_rx + timeout_of(m)) {
		m->timed_out = true;
		bb_mport_event(mp, &(struct bb_port_event){
					   .type = BB_PORT_TIMEOUT,
					   .ms = (unsigned)((now - m->last_rx) / BB_MS) });
	}
	rtp_arm(mp, m);
}

/* --- the port --- */

static int create(void *state, const void *init)
{
	struct rtp_media *m = state;

	m->init = *(const struct rtp_init *)init;
	m->latch.strict = m->init.strict;
	m->latch.symmetric = m->init.symmetric;
	m->latch.probation = m->init.probation;
	bb_random(&m->ssrc, sizeof(m->ssrc));
	bb_random(&m->tx_seq, sizeof(m->tx_seq));
	bb_random(&m->tx_ts, sizeof(m->tx_ts));
	/* Near zero, so that no receiver sees a wrap in its first seconds. */
	m->tx_seq &= 0x7fff;
	bb_random_text(m->cname, sizeof(m->cname) - 1);
	return 0;
}

static void attach(struct bb_mport *mp, void *state)
{
	struct rtp_media *m = state;

	if (bb_msock_take(mp, m->init.pair->rtp, rtp_readable, m) < 0 ||
	    bb_msock_take(mp, m->init.pair->rtcp, rtcp_readable, m) < 0)
		bb_mport_event(mp,
			       &(struct bb_port_event){ .type = BB_PORT_ERROR, .value = -ENOMEM });
	rtp_arm(mp, m);
}

static void detach(struct bb_mport *mp, void *state)
{
	struct rtp_media *m = state;

	rtp_disconnect(m);
	bb_msock_leave(mp, m->init.pair->rtp);
	bb_msock_leave(mp, m->init.pair->rtcp);
}

static void set_up(struct bb_mport *mp, struct rtp_media *m, const struct rtp_setup *setup)
{
	const struct rtp_setup *old = m->setup;
	bb_time now = bb_mport_now(mp);
	bool changed = !old || !bb_addr_eq(&old->remote, &setup->remote);

	m->setup = setup;
	m->tx_format = NULL;
	if (changed)
		rtp_disconnect(m);
	latch_signalled(&m->latch, &setup->remote, now);
	if (bb_addr_set(&setup->rtcp) && (!old || !bb_addr_eq(&old->rtcp, &setup->rtcp)))
		m->rtcp_to = setup->rtcp;
	/* Waiting begins anew with what was agreed anew. */
	m->last_rx = now;
	m->timed_out = m->unreachable = false;
	if (!old)
		rtp_schedule_report(m, now, true);
	if (old)
		bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_DRIVER,
							    .value = RTP_EV_SETUP_DONE,
							    .data = (void *)(uintptr_t)old });
}

static void command(struct bb_mport *mp, void *state, unsigned cmd, const void *data, size_t len)
{
	struct rtp_media *m = state;
	const struct rtp_setup *setup;
	const struct rtp_digit *d = data;

	switch (cmd) {
	case RTP_CMD_SETUP:
		memcpy(&setup, data, sizeof(setup));
		set_up(mp, m, setup);
		break;
	case RTP_CMD_HOLD:
		m->held = *(const bool *)data;
		m->last_rx = bb_mport_now(mp);
		break;
	case RTP_CMD_DIGIT:
		dtmf_tx_queue(&m->dtmf_tx, d->digit, d->ms, bb_mport_now(mp));
		rtp_set(&m->count.digits, m->dtmf_tx.count);
		if (m->dtmf_tx.count == 1 && !m->dtmf_tx.active)
			rtp_send_event(mp, m);
		break;
	case RTP_CMD_BYE:
		rtp_send_report(mp, m, true);
		m->rtcp_next = 0;
		break;
	}
	rtp_arm(mp, m);
}

static void destroy(void *state)
{
	struct rtp_media *m = state;
	struct bb_node *n;

	while ((n = bb_list_pop(&m->setups)) != NULL)
		bb_free(bb_list_entry(n, struct rtp_setup, node));
	rtp_pool_give(m->init.pair);
}

const struct bb_port_driver rtp_driver = {
	.name = "rtp",
	.state_size = sizeof(struct rtp_media),
	.create = create,
	.attach = attach,
	.detach = detach,
	.write = rtp_write,
	.timer = rtp_timer,
	.command = command,
	.destroy = destroy,
};
