/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow.c - names and facts of transport types.
 */
#include <stdio.h>

#include "modules/sip/flow.h"

static const struct {
	const char *name, *param;
	bool reliable, secure;
	uint16_t port;
} types[SIP_TP_N] = {
	[SIP_TP_NONE] = { "", "", false, false, 5060 },
	[SIP_TP_UDP] = { "UDP", "udp", false, false, 5060 },
	[SIP_TP_TCP] = { "TCP", "tcp", true, false, 5060 },
	[SIP_TP_TLS] = { "TLS", "tls", true, true, 5061 },
	[SIP_TP_WS] = { "WS", "ws", true, false, 80 },
	[SIP_TP_WSS] = { "WSS", "wss", true, true, 443 },
};

const char *sip_tp_name(enum sip_tp t)
{
	return types[t].name;
}

const char *sip_tp_param(enum sip_tp t)
{
	return types[t].param;
}

enum sip_tp sip_tp_of(struct bb_str text)
{
	for (int t = SIP_TP_UDP; t < SIP_TP_N; t++)
		if (bb_str_iis(text, types[t].name))
			return (enum sip_tp)t;
	return SIP_TP_NONE;
}

bool sip_tp_reliable(enum sip_tp t)
{
	return types[t].reliable;
}

bool sip_tp_secure(enum sip_tp t)
{
	return types[t].secure;
}

uint16_t sip_tp_port(enum sip_tp t)
{
	return types[t].port;
}

char *sip_flow_print(const struct sip_flow *f, char dst[SIP_FLOW_TEXT])
{
	char local[BB_ADDR_TEXT] = "-", remote[BB_ADDR_TEXT] = "-";

	if (bb_addr_set(&f->local))
		bb_addr_print(&f->local, local);
	if (bb_addr_set(&f->remote))
		bb_addr_print(&f->remote, remote);
	if (f->conn)
		snprintf(dst, SIP_FLOW_TEXT, "%s %s <-> %s (#%llu)", types[f->type].name, local,
			 remote, (unsigned long long)f->conn);
	else
		snprintf(dst, SIP_FLOW_TEXT, "%s %s <-> %s", types[f->type].name, local, remote);
	return dst;
}
