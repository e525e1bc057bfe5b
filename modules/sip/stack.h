/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stack.h - what the files of the lower half share: the stack object with its
 * tables, transports, connections, sources. Nobody else includes it.
 */
#ifndef SIP_STACK_H
#define SIP_STACK_H

#include <bellbird/log.h>
#include <bellbird/loop.h>
#include <bellbird/map.h>

#include "modules/sip/trans.h"

#define SIP_LIMITS 64u /* log limits, by hash of the source */
#define SIP_SRC_CACHE 16u /* remembered local addresses of a wildcard transport */
#define SIP_REFUSED 4096u /* remembered refusals */
#define SIP_PENDING_MAX (256u * 1024u)
#define SIP_HOST_KEY 17u /* family, address */
#define SIP_PEER_KEY 20u /* type, host key, port */

/** Who sends to us: counts for the caps. There as long as a transaction or connection counts on it.
 */
struct sip_source {
	struct bb_map_node node;
	char key[SIP_HOST_KEY + 2]; /* the port is 0 where the host as a whole is meant */
	unsigned refs;
	unsigned transactions, conns;
};

/** How long messages wait for us (overload.c). */
struct sip_overload {
	bool above, shedding; /* above the limit; for so long that new requests are refused */
	bb_time since, shed_at; /* when it went above; when we last refused */
	bb_time longest;
	struct bb_log_limit limit;
};

struct sip_stack {
	struct sip_stack_conf conf;
	struct sip_stack_ops ops;
	void *arg;
	bool refusing, closing;

	struct bb_list transports;
	uint32_t last_transport;

	struct bb_list conns;
	struct bb_map conns_by_id, conns_by_peer;
	uint64_t last_conn;

	struct bb_map sources; /* struct sip_source by host key */
	struct bb_log_limit limits[SIP_LIMITS];

	struct bb_list ctrans, strans;
	struct bb_map ctrans_by_branch;
	struct bb_map strans_by_branch;
	struct bb_map strans_by_merge;

	struct sip_overload overload;
	/* Sent again they are refused again, or their sender would hear both no and yes. */
	struct {
		uint32_t mark;
		bb_time until;
	} refused[SIP_REFUSED];

	struct sip_stats stats;
};

/** A message was read that had waited so long. */
void sip_overload_waited(struct sip_stack *s, bb_time waited);
/** A new request was answered 503 and is forgotten. */
void sip_overload_refused(struct sip_stack *s, const struct sip_msg *m);
/** Is it one of those, sent again? */
bool sip_overload_is_again(const struct sip_stack *s, const struct sip_msg *m);

struct sip_conn;

/**
 * What a transport type can do. A new type (TLS, WS) is a new row: it brings
 * its own listening, its own connecting, and its own writing on a connection.
 */
struct sip_tp_type {
	int (*open)(struct sip_transport *t, const struct bb_addr *bind);
	void (*close)(struct sip_transport *t);
	/** Datagram types: send now. */
	int (*send)(struct sip_transport *t, const struct sip_flow *f, struct bb_str text);
	/** Stream types: begin to connect to c->flow.remote. */
	int (*connect)(struct sip_conn *c);
	/** Write one message on a connection that stands. */
	int (*write)(struct sip_conn *c, struct bb_str text);
	void (*disconnect)(struct sip_conn *c);
};
/** NULL for a type that is not built. */
const struct sip_tp_type *sip_tp_type(enum sip_tp t);
extern const struct sip_tp_type sip_tp_type_udp, sip_tp_type_tcp;

struct sip_transport {
	struct bb_node node;
	struct sip_stack *stack;
	uint32_t id;
	enum sip_tp type;
	const struct sip_tp_type *ops;
	struct bb_addr local;
	char *name, *external_host;
	uint16_t external_port;
	struct bb_cidr *nets;
	size_t n_nets;
	struct bb_udp *udp;
	struct bb_listener *listener;
	struct {
		struct bb_addr remote, local;
		bb_time until;
	} src_cache[SIP_SRC_CACHE];
};

/** A stream connection. Counted: whoever is inside a callback of it holds it. */
struct sip_conn {
	struct bb_node node;
	struct bb_map_node by_id, by_peer;
	char peer_key[SIP_PEER_KEY];
	struct sip_stack *stack;
	struct sip_transport *tp;
	struct sip_source *source; /* of incoming ones */
	struct sip_flow flow;
	struct bb_tcp *tcp;
	struct bb_buf in; /* the beginning of a message */
	struct bb_buf pending; /* what waits for the connection to stand */
	size_t scanned; /* bytes of in that hold no end of headers */
	bool incoming, connected, dead;
	bool proven; /* one whole message came */
	bb_time since, last_rx, last_tx, begun;
	struct bb_timer timer;
	struct bb_list users; /* client transactions that wait on it */
};

/* stack.c */
void sip_stack_input(struct sip_stack *s, const struct sip_flow *f, const char *data, size_t len,
		     enum sip_framing framing);
void sip_host_key(char key[SIP_HOST_KEY], const struct bb_addr *a);
/**
 * Find or make; NULL without memory. Release with sip_source_unref(). With @p port each phone
 * behind one router is a source of its own, so that a bad one does not silence the others.
 */
struct sip_source *sip_source_ref(struct sip_stack *s, const struct bb_addr *a, bool port);
void sip_source_unref(struct sip_stack *s, struct sip_source *src);
/** May a line about this source be written now? */
bool sip_log_allow(struct sip_stack *s, const struct bb_addr *from, unsigned *dropped);
/** Answer without a transaction (section 8.2.7). @p extra: header lines. */
void sip_reply_stateless(struct sip_stack *s, const struct sip_msg *m, unsigned code,
			 const char *reason, struct bb_str extra);
/** The same by a flow that is known already. */
void sip_reply_stateless_by(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			    unsigned code, const char *reason, struct bb_str extra);
void sip_stack_trace(struct sip_stack *s, const struct sip_trace *t);

/* transport.c */
/** Where the response to a request goes (section 18.2.2, RFC 3581). */
void sip_reply_flow(struct sip_stack *s, const struct sip_msg *m, bool force_rport,
		    struct sip_flow *f);
/** Send with tracing; @p call_id may be unset. */
int sip_send(struct sip_stack *s, const struct sip_flow *f, struct bb_str text,
	     struct bb_str call_id);
/**
 * The same for a response: when its connection is gone, a new one is opened to where the
 * request came from and the port of its Via (section 18.2.2).
 */
int sip_send_reply(struct sip_stack *s, struct sip_flow *f, uint16_t via_port, struct bb_str text,
		   struct bb_str call_id);

/* conn.c */
struct sip_conn *sip_conn_find(struct sip_stack *s, uint64_t id);
struct sip_conn *sip_conn_to(struct sip_stack *s, enum sip_tp type, const struct bb_addr *remote);
int sip_conn_open(struct sip_conn **cp, struct sip_transport *t, const struct bb_addr *remote);
/** A connection came in; -ENOBUFS over a cap (the caller closes it). */
int sip_conn_accepted(struct sip_conn **cp, struct sip_transport *t, const struct bb_addr *local,
		      const struct bb_addr *remote);
void sip_conn_connected(struct sip_conn *c);
void sip_conn_input(struct sip_conn *c, const char *data, size_t len);
int sip_conn_send(struct sip_conn *c, struct bb_str text);
void sip_conn_close(struct sip_conn *c, int err);
/**
 * Length of the message at the front of a stream.
 * @param scanned in and out: bytes already searched. @return 1 with *total; 0 more is needed;
 * -EBADMSG with *total the length of the headers, when where it ends cannot be known.
 */
int sip_frame(struct bb_str in, size_t *scanned, size_t *total);

/* ctrans.c */
void sip_ctrans_input(struct sip_stack *s, struct sip_msg *m);
void sip_ctrans_unreachable(struct sip_stack *s, const struct bb_addr *to, int err);
void sip_ctrans_conn_lost(struct sip_conn *c, int err);
void sip_ctrans_end_all(struct sip_stack *s, int err);

/* strans.c */
void sip_strans_input(struct sip_stack *s, struct sip_msg *m);
void sip_strans_end_all(struct sip_stack *s, int err);
/** Who waits for the answer to an INVITE at that address has gone (section 17.2.4). */
void sip_strans_unreachable(struct sip_stack *s, const struct bb_addr *to, int err);
/** The same of a stream: the connection that a response was to go by did not come about. */
void sip_strans_conn_failed(struct sip_stack *s, uint64_t conn, int err);

static inline bb_time sip_timer_b(const struct sip_stack *s)
{
	return s->conf.timer_b ? s->conf.timer_b : 64 * s->conf.t1;
}

#endif
