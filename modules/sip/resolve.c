/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resolve.c - from an address to flows.
 */
#include "modules/sip/resolve.h"

#include <bellbird/mem.h>

struct sip_resolve {
	struct bb_resolve *query;
	enum sip_tp tp;
	void (*done)(int err, const struct sip_flow *flows, size_t n, void *arg);
	void *arg;
};

void sip_uri_target(const struct sip_uri *u, enum sip_tp *tp, struct bb_str *host, uint16_t *port)
{
	struct bb_str v;

	*tp = u->scheme == SIP_SCHEME_SIPS ? SIP_TP_TLS : SIP_TP_UDP;
	if (sip_uri_param(u, "transport", &v)) {
		*tp = sip_tp_of(v);
		if (u->scheme == SIP_SCHEME_SIPS && *tp == SIP_TP_TCP)
			*tp = SIP_TP_TLS;
		if (u->scheme == SIP_SCHEME_SIPS && *tp == SIP_TP_WS)
			*tp = SIP_TP_WSS;
	}
	*host = u->host;
	if (sip_uri_param(u, "maddr", &v) && v.l)
		*host = v;
	if (host->l > 2 && host->p[0] == '[')
		*host = bb_strn(host->p + 1, host->l - 2);
	*port = u->port ? u->port : sip_tp_port(*tp);
}

static int check(const struct sip_uri *u, enum sip_tp tp, struct bb_str host)
{
	if (u->scheme != SIP_SCHEME_SIP && u->scheme != SIP_SCHEME_SIPS)
		return -EINVAL;
	if (tp == SIP_TP_NONE)
		return -EPROTONOSUPPORT;
	return host.l ? 0 : -EINVAL;
}

int sip_uri_flow(const struct sip_uri *u, struct sip_flow *f)
{
	struct bb_str host;
	uint16_t port;
	int err;

	*f = (struct sip_flow){ 0 };
	sip_uri_target(u, &f->type, &host, &port);
	err = check(u, f->type, host);
	if (err)
		return err;
	return bb_addr_from(&f->remote, host, port) ? -EADDRNOTAVAIL : 0;
}

static void on_done(int err, const struct bb_addr *addrs, size_t n, void *arg)
{
	struct sip_resolve *r = arg;
	struct sip_flow flows[SIP_RESOLVE_MAX];
	size_t i;

	memset(flows, 0, sizeof(flows));
	for (i = 0; !err && i < n && i < SIP_RESOLVE_MAX; i++) {
		flows[i].type = r->tp;
		flows[i].remote = addrs[i];
	}
	if (!err && !i)
		err = -EADDRNOTAVAIL;
	r->done(err, flows, err ? 0 : i, r->arg);
	bb_free(r);
}

int sip_resolve(struct sip_resolve **rp, const struct sip_uri *u,
		void (*done)(int err, const struct sip_flow *flows, size_t n, void *arg), void *arg)
{
	struct sip_resolve *r;
	struct bb_str host;
	enum sip_tp tp;
	uint16_t port;
	int err;

	sip_uri_target(u, &tp, &host, &port);
	err = check(u, tp, host);
	if (err)
		return err;
	r = bb_zalloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->tp = tp;
	r->done = done;
	r->arg = arg;
	err = bb_resolve(&r->query, host, port, on_done, r);
	if (err) {
		bb_free(r);
		return err;
	}
	*rp = r;
	return 0;
}

void sip_resolve_cancel(struct sip_resolve *r)
{
	if (!r)
		return;
	bb_resolve_cancel(r->query);
	bb_free(r);
}
