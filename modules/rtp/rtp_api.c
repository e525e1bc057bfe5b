/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_api.c - RTP endpoints on the control thread.
 */
#include <bellbird/loop.h>
#include <bellbird/mem.h>

#include "modules/rtp/rtp_api.h"
#include "modules/rtp/rtp_port.h"

struct bb_rtp {
	struct bb_port *port;
	struct bb_addr local, remote;
	bool latched, can_digits;
	void (*event)(struct bb_rtp *r, const struct bb_port_event *ev, void *arg);
	void *arg;
};

struct rtp_settings rtp_settings;
static unsigned endpoints;

unsigned rtp_endpoints(void)
{
	return endpoints;
}

static void on_event(struct bb_port *p, const struct bb_port_event *ev, void *arg)
{
	struct bb_rtp *r = arg;

	if (ev->type == BB_PORT_DRIVER && ev->value == RTP_EV_SETUP_DONE) {
		struct rtp_setup *s = ev->data;

		bb_list_remove(&s->node);
		bb_free(s);
		return;
	}
	if (ev->type == BB_PORT_LATCHED) {
		r->latched = true;
		r->remote = ev->addr;
	}
	if (r->event)
		r->event(r, ev, r->arg);
}

static int rtp_create(struct bb_rtp **rp, const struct bb_rtp_params *params)
{
	struct bb_rtp *r = bb_zalloc(sizeof(*r));
	struct rtp_init init = { .symmetric = params->symmetric,
				 .strict = rtp_settings.strict != RTP_STRICT_NO,
				 .probation = (unsigned)rtp_settings.probation,
				 .timeout = params->timeout,
				 .timeout_hold = params->timeout_hold,
				 .rtcp_interval = rtp_settings.rtcp_interval * BB_MS,
				 .wall_offset = bb_wall() - bb_now() };
	int err;

	if (!r)
		return -ENOMEM;
	err = rtp_pool_take(&init.pair, &params->local, bb_port_place(params->near));
	if (err < 0)
		goto out;
	r->local = *bb_msock_local(init.pair->rtp);
	r->event = params->event;
	r->arg = params->arg;
	err = bb_port_new(&r->port, &(struct bb_port_params){ .driver = &rtp_driver,
							      .init = &init,
							      .sock = init.pair->rtp,
							      .near = params->near,
							      .event = on_event,
							      .arg = r });
	if (err < 0) {
		rtp_pool_give(init.pair);
		goto out;
	}
	endpoints++;
	*rp = r;
	return 0;
out:
	bb_free(r);
	return err;
}

static void rtp_close(struct bb_rtp *r)
{
	if (!r)
		return;
	/* Without memory the far end hears no BYE, which is allowed. */
	bb_port_command_lazy(r->port, RTP_CMD_BYE, NULL, 0);
	bb_port_close(r->port);
	endpoints--;
	bb_free(r);
}

static struct bb_port *rtp_port(struct bb_rtp *r)
{
	return r->port;
}

static const struct bb_addr *rtp_local(const struct bb_rtp *r)
{
	return &r->local;
}

/* --- what was negotiated --- */

static bool sends(enum bb_direction d)
{
	return d == BB_SENDRECV || d == BB_SENDONLY;
}

static bool receives(enum bb_direction d)
{
	return d == BB_SENDRECV || d == BB_RECVONLY;
}

static const struct bb_codec_desc *find_codec(const struct bb_stream_desc *d,
					      const struct bb_format *f)
{
	for (unsigned i = 0; i < d->n_codecs; i++)
		if (d->codecs[i].format == f)
			return &d->codecs[i];
	return NULL;
}

/* The far end sends by the numbers that we wrote; one that uses its own where they differ is
 * understood all the same when the number is free. */
static void map_receive(struct rtp_setup *s, const struct bb_stream_desc *local,
			const struct bb_stream_desc *remote)
{
	for (unsigned i = 0; i < local->n_codecs; i++)
		if (local->codecs[i].pt < 128)
			s->rx[local->codecs[i].pt] = local->codecs[i].format;
	s->rx_dtmf = local->dtmf_pt;
	s->rx_dtmf_clock = local->dtmf_clock ? local->dtmf_clock : 8000;
	for (unsigned i = 0; i < remote->n_codecs; i++) {
		unsigned pt = remote->codecs[i].pt;

		if (pt < 128 && !s->rx[pt] && (int)pt != s->rx_dtmf &&
		    find_codec(local, remote->codecs[i].format))
			s->rx[pt] = remote->codecs[i].format;
	}
}

/* The answer is the shorter list, and its first codec is sent; at equal lengths the far end has
 * its way. */
static void map_send(struct rtp_setup *s, const struct bb_stream_desc *local,
		     const struct bb_stream_desc *remote)
{
	const struct bb_stream_desc *answer = local->n_codecs < remote->n_codecs ? local : remote;

	for (unsigned i = 0; i < answer->n_codecs; i++) {
		const struct bb_format *f = answer->codecs[i].format;
		const struct bb_codec_desc *theirs = find_codec(remote, f);

		if (!f || !theirs || !find_codec(local, f) || s->n_tx == BB_MAX_FORMATS)
			continue;
		s->tx[s->n_tx].format = f;
		s->tx[s->n_tx++].pt = theirs->pt;
	}
	s->clock = s->n_tx ? s->tx[0].format->clock : 8000;
	s->tx_dtmf = local->dtmf_pt >= 0 ? remote->dtmf_pt : -1;
	s->tx_dtmf_clock = remote->dtmf_clock ? remote->dtmf_clock : 8000;
}

static void set_addresses(struct rtp_setup *s, const struct bb_stream_desc *local,
			  const struct bb_stream_desc *remote)
{
	s->mux = local->rtcp_mux && remote->rtcp_mux;
	s->remote = remote->rtp;
	/* 0.0.0.0 is a way to say hold (RFC 2543), and port 0 to refuse: neither is a place. */
	if (bb_addr_is_any(&remote->rtp) || !bb_addr_port(&remote->rtp))
		return;
	if (s->mux) {
		s->rtcp = remote->rtp;
	} else if (bb_addr_set(&remote->rtcp)) {
		s->rtcp = remote->rtcp;
	} else if (bb_addr_set(&remote->rtp)) {
		s->rtcp = remote->rtp;
		bb_addr_set_port(&s->rtcp, (uint16_t)(bb_addr_port(&s->rtcp) + 1));
	}
}

static int rtp_configure(struct bb_rtp *r, const struct bb_stream_desc *local,
			 const struct bb_stream_desc *remote)
{
	bool off = local->rejected || remote->rejected;
	struct rtp_media *m = bb_port_state(r->port);
	struct rtp_setup *s = bb_zalloc(sizeof(*s));
	const struct bb_format *f;
	int err;

	if (!s)
		return -ENOMEM;
	set_addresses(s, local, remote);
	map_receive(s, local, remote);
	map_send(s, local, remote);
	s->send = !off && sends(local->dir) && receives(remote->dir);
	s->recv = !off && receives(local->dir) && sends(remote->dir);
	if (!off && !s->n_tx) {
		bb_free(s);
		return -ENOTSUP;
	}
	err = bb_port_command_lazy(r->port, RTP_CMD_SETUP, &s, sizeof(s));
	if (err < 0) {
		bb_free(s);
		return err;
	}
	bb_list_append(&m->setups, &s->node);
	r->can_digits = s->tx_dtmf >= 0;
	if (!r->latched || !bb_addr_eq_host(&r->remote, &s->remote))
		r->remote = s->remote;
	f = s->n_tx ? s->tx[0].format : NULL;
	bb_port_set_formats(r->port, f, f);
	return 0;
}

static void rtp_hold(struct bb_rtp *r, bool held)
{
	bb_port_command_lazy(r->port, RTP_CMD_HOLD, &held, sizeof(held));
}

static int rtp_send_digit(struct bb_rtp *r, char digit, unsigned ms)
{
	struct rtp_media *m = bb_port_state(r->port);
	struct rtp_digit d = { .digit = digit, .ms = ms };

	if (dtmf_event(digit) < 0)
		return -EINVAL;
	if (!r->can_digits)
		return -ENOTSUP;
	if (rtp_get(&m->count.digits) >= DTMF_QUEUE)
		return -ENOBUFS;
	return bb_port_command(r->port, RTP_CMD_DIGIT, &d, sizeof(d));
}

static void rtp_stats(struct bb_rtp *r, struct bb_rtp_stats *st)
{
	const struct rtp_counters *c = &((struct rtp_media *)bb_port_state(r->port))->count;
	uint64_t expected = rtp_read(&c->rx_expected), received = rtp_read(&c->rx_received);
	unsigned rtt = rtp_get(&c->rtt);

	memset(st, 0, sizeof(*st));
	st->rx_packets = rtp_read(&c->rx_packets);
	st->rx_bytes = rtp_read(&c->rx_bytes);
	st->tx_packets = rtp_read(&c->tx_packets);
	st->tx_bytes = rtp_read(&c->tx_bytes);
	st->rx_lost = expected > received ? expected - received : 0;
	st->rx_reordered = rtp_read(&c->rx_reordered);
	st->rx_duplicates = rtp_read(&c->rx_duplicates);
	st->rx_discarded = rtp_read(&c->rx_discarded);
	st->rx_jitter = rtp_get(&c->rx_jitter) / 1000.0;
	st->tx_jitter = rtp_get(&c->tx_jitter) / 1000.0;
	st->rtt = rtt ? (rtt - 1) / 1000.0 : 0;
	st->tx_lost = rtp_get(&c->tx_lost);
	if (expected)
		st->rx_mos =
			rtp_mos((double)st->rx_lost / (double)expected, st->rx_jitter, st->rtt);
	/* Only the far end's reports tell how we are heard. */
	if (rtt)
		st->tx_mos = rtp_mos(rtp_get(&c->tx_fraction) / 256.0, st->tx_jitter, st->rtt);
	st->latched = r->latched;
	st->remote = r->remote;
}

const struct bb_rtp_api rtp_api = {
	.create = rtp_create,
	.close = rtp_close,
	.port = rtp_port,
	.local = rtp_local,
	.configure = rtp_configure,
	.hold = rtp_hold,
	.send_digit = rtp_send_digit,
	.stats = rtp_stats,
	.driver = &rtp_driver,
};
