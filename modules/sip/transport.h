/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * transport.h - the stack object, listening transports, connections, and
 * sending text on a flow (RFC 3261 section 18, RFC 3581, RFC 5626 keep-alive).
 *
 * What a transport type can do is one row of a table (tp_type in
 * stack.h), so that further types fit in without change here.
 */
#ifndef SIP_TRANSPORT_H
#define SIP_TRANSPORT_H

#include <bellbird/list.h>

#include "modules/sip/msg.h"

struct sip_stack;
struct sip_transport;
struct sip_strans;

/** Settings of the stack; sip_stack_defaults() fills in what the RFCs and good sense say. */
struct sip_stack_conf {
	bb_time t1, t2, t4; /**< 500 ms, 4 s, 5 s. */
	bb_time timer_b; /**< And F, H: 0 is 64 * T1. */
	bb_time timer_d; /**< On UDP; 32 s. */
	bb_time trying; /**< A 100 is sent when an INVITE has no answer by then; 200 ms. */

	unsigned udp_limit; /**< A request longer than this goes by TCP if it can (section 18.1.1);
			       1300, 0: never. */

	unsigned max_transactions; /**< Server transactions in all; 100000. */
	/** Those without a final response or its ACK, from one address and port; 1000. */
	unsigned max_transactions_per_source;
	unsigned retry_after; /**< Seconds in the 503 beyond the caps; 5. */
	/** While messages wait longer than this to be read, new requests get 503; 200 ms, 0: never.
	 */
	bb_time overload_delay;

	unsigned max_connections; /**< Incoming and outgoing; 4096. */
	unsigned max_connections_per_source; /**< Incoming, from one address; 256. */
	bb_time connect_timeout; /**< 10 s (never more than timer B). */
	bb_time first_timeout; /**< An incoming connection must send a whole message by then; and a
				  begun message must end by then; 32 s. */
	bb_time idle_timeout; /**< Without any traffic; 2 h, longer than any binding lives. 0:
				 never. */
	bb_time keep_alive; /**< Send a CRLF ping that often on connections; 0: off. */

	bool force_rport; /**< Answer to the source port even without rport (RFC 3581); off. */

	char node[16]; /**< Prefix of branches and tags of this node; may be "". */
	char server_name[64]; /**< Server header of the stack's own answers; "" for none. */
};
void sip_stack_defaults(struct sip_stack_conf *c);

/** A message passing by, for `sip set logger` and the stories of calls. */
struct sip_trace {
	bool out;
	const struct sip_flow *flow;
	struct bb_str raw;
	struct bb_str call_id; /**< Unset when unknown. */
	const struct sip_msg *msg; /**< Parsed, for incoming ones; else NULL. */
	const struct sip_fault *fault; /**< Why it was refused or dropped; else NULL. */
};

/** What the layer above provides. Every member may be NULL. */
struct sip_stack_ops {
	/**
	 * A new request and its server transaction: never an ACK, never a CANCEL. The callee
	 * answers with sip_strans_reply(), now or later.
	 */
	void (*request)(struct sip_strans *st, struct sip_msg *m, void *arg);
	/** An ACK for a 2xx. */
	void (*ack)(struct sip_msg *m, void *arg);
	/** A 2xx to an INVITE that matches no transaction (its dialog must ACK and BYE it). */
	void (*stray)(struct sip_msg *m, void *arg);
	/** A connection ended; flow->conn names it. */
	void (*closed)(const struct sip_flow *flow, int err, void *arg);
	void (*trace)(const struct sip_trace *t, void *arg);
};

int sip_stack_new(struct sip_stack **sp, const struct sip_stack_conf *conf,
		  const struct sip_stack_ops *ops, void *arg);
/** Ends all transactions (gone with -ESHUTDOWN), connections and transports. Not from inside a
 * callback. */
void sip_stack_free(struct sip_stack *s);
/** New settings, for what begins from now on. */
void sip_stack_reconf(struct sip_stack *s, const struct sip_stack_conf *conf);
const struct sip_stack_conf *sip_stack_conf(const struct sip_stack *s);
/** Answer new requests with 503 and Retry-After (while draining or stopping), or stop doing so. */
void sip_stack_refuse(struct sip_stack *s, bool on);

/* --- listening --- */

struct sip_transport_conf {
	struct bb_str name;
	enum sip_tp type; /**< SIP_TP_UDP or SIP_TP_TCP. */
	struct bb_addr bind; /**< Port 0: a free one. */
	struct bb_str external_host; /**< What Via and Contact say to addresses outside local_nets;
					unset: the real one. */
	uint16_t external_port; /**< 0: the real one. */
	const struct bb_cidr *local_nets;
	size_t n_local_nets;
};
/** Bind and receive. Strings and networks are copied. @return -EADDRINUSE, -EPROTONOSUPPORT … */
int sip_transport_open(struct sip_transport **tp, struct sip_stack *s,
		       const struct sip_transport_conf *c);
/** Change all but type and bind. @return -ENOMEM (then unchanged). */
int sip_transport_update(struct sip_transport *t, const struct sip_transport_conf *c);
/** Stop listening; its connections close too. */
void sip_transport_close(struct sip_transport *t);
uint32_t sip_transport_id(const struct sip_transport *t);
struct bb_str sip_transport_name(const struct sip_transport *t);
enum sip_tp sip_transport_type(const struct sip_transport *t);
/** The bound address with its real port. */
const struct bb_addr *sip_transport_local(const struct sip_transport *t);
struct sip_transport *sip_transport_by_id(struct sip_stack *s, uint32_t id);
struct sip_transport *sip_transport_by_name(struct sip_stack *s, struct bb_str name);
/** Walk: NULL first. */
struct sip_transport *sip_transport_next(struct sip_stack *s, struct sip_transport *t);

/* --- flows --- */

/**
 * Complete a flow for sending: type and remote are given, transport may be; transport,
 * local and conn are filled in, a connection is found or begun (this never waits; what
 * is sent meanwhile is queued). @return -EPROTONOSUPPORT when no transport of the type
 * and family is there, -ENOTCONN when a given conn is gone, -EHOSTUNREACH, -ENOBUFS over the cap.
 */
int sip_flow_prepare(struct sip_stack *s, struct sip_flow *f);
/** True while the connection (or the transport, for UDP) of a flow is there. */
bool sip_flow_alive(struct sip_stack *s, const struct sip_flow *f);
/** "host:port" as this side is known to the other on a prepared flow: for Via, Contact. Terminated.
 */
#define SIP_SENT_BY_TEXT 300
void sip_flow_sent_by(struct sip_stack *s, const struct sip_flow *f, char dst[SIP_SENT_BY_TEXT]);
/** "sip:user@host:port;transport=tcp" for a Contact or Record-Route on a prepared flow (no
 * ;transport for UDP). */
void sip_flow_put_uri(struct bb_buf *b, struct sip_stack *s, const struct sip_flow *f,
		      struct bb_str user);
/** Does a host and port (0: default) name one of this stack's own transports or their external
 * names? */
bool sip_stack_is_me(struct sip_stack *s, struct bb_str host, uint16_t port);
/** Send text as it is on a prepared flow. @return 0 or what failed at once. */
int sip_flow_send(struct sip_stack *s, const struct sip_flow *f, struct bb_str text);

/* --- for the console --- */

struct sip_conn_info {
	uint64_t id;
	struct sip_flow flow;
	bool incoming, connected;
	bb_time since, last; /**< bb_now() of the opening and of the last traffic. */
};
void sip_conn_each(struct sip_stack *s, void (*fn)(const struct sip_conn_info *i, void *arg),
		   void *arg);
/** Counters since the start. */
struct sip_stats {
	uint64_t rx, tx, rx_bytes, tx_bytes;
	uint64_t malformed, dropped; /**< Refused with a status; silently. */
	uint64_t retransmits_in, retransmits_out;
	uint64_t over_cap; /**< Answered 503 for a cap or for overload. */
	uint64_t overload; /**< Of these for overload. */
	bb_time longest_wait; /**< The longest that a message waited to be read. */
	uint64_t conns_refused;
	size_t client, server; /**< Transactions there are now. */
	size_t conns, transports;
};
void sip_stack_stats(const struct sip_stack *s, struct sip_stats *st);
/** One line each: "tcp  0.0.0.0:5060  name …". */
void sip_transport_print(struct bb_buf *b, struct sip_stack *s);

#endif
