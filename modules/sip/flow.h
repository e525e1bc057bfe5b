/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow.h - the way a message came or goes: transport, connection, local and
 * remote address. A plain value without ownership: it may be stored in a
 * binding or a dialog for as long as one likes. Ids are never used twice, so
 * that a flow whose connection or transport is gone is simply not found.
 */
#ifndef SIP_FLOW_H
#define SIP_FLOW_H

#include <bellbird/net.h>

enum sip_tp { SIP_TP_NONE, SIP_TP_UDP, SIP_TP_TCP, SIP_TP_TLS, SIP_TP_WS, SIP_TP_WSS, SIP_TP_N };

struct sip_flow {
	enum sip_tp type;
	uint32_t transport; /**< Id of the listening transport; 0: choose one. */
	uint64_t conn; /**< Id of the connection; 0: none, or find or open one. */
	struct bb_addr local; /**< Unset: the stack chooses. */
	struct bb_addr remote;
};

/** "UDP" as in Via; "" for SIP_TP_NONE. */
const char *sip_tp_name(enum sip_tp t);
/** "udp" as in ;transport=. */
const char *sip_tp_param(enum sip_tp t);
/** From either spelling, case ignored; SIP_TP_NONE when nobody knows it. */
enum sip_tp sip_tp_of(struct bb_str text);
/** No retransmission is needed on it (all but UDP). */
bool sip_tp_reliable(enum sip_tp t);
bool sip_tp_secure(enum sip_tp t);
/** 5060, 5061, 80 or 443. */
uint16_t sip_tp_port(enum sip_tp t);

#define SIP_FLOW_TEXT 160
/** "UDP 192.0.2.1:5060 <- 192.0.2.7:5062 (#3)", for logs. @return dst. */
char *sip_flow_print(const struct sip_flow *f, char dst[SIP_FLOW_TEXT]);

#endif
