/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctrans.h - the client transaction and what its two state machines share.
 * Private to ctrans*.c.
 */
#ifndef SIP_CTRANS_H
#define SIP_CTRANS_H

#include "modules/sip/stack.h"

/** One of the two state machines. */
struct sip_ctrans_machine {
	const char *name;
	enum sip_tstate first;
	/** The request was sent for the first time: set the timers. */
	void (*start)(struct sip_ctrans *ct);
	void (*response)(struct sip_ctrans *ct, struct sip_msg *m);
};
extern const struct sip_ctrans_machine sip_ctrans_invite, sip_ctrans_other;

struct sip_ctrans {
	struct bb_node node; /* of all */
	struct bb_node conn_node; /* of those that wait on a connection */
	struct bb_map_node by_branch;
	struct sip_stack *stack;
	const struct sip_ctrans_machine *machine;
	struct sip_ctrans_ops ops;
	void *arg;
	bool detached;
	enum sip_method method;
	enum sip_tstate state;
	struct sip_flow flow;
	char branch[SIP_TAG_TEXT];
	struct bb_buf wire; /* as sent */
	size_t via_at, via_len; /* the Via line in wire */
	size_t cid_back, cid_len; /* the Call-ID, counted from the end of wire */
	size_t method_len;
	struct bb_buf ack; /* INVITE, Completed */
	bb_time interval; /* A, E */
	struct bb_timer retransmit, timeout;
	bool switched; /* by TCP only for its size: UDP is still to be tried */
	bool cancel_wanted, cancelled;
	char *cancel_reason;
};

static inline bool sip_ctrans_reliable(const struct sip_ctrans *ct)
{
	return sip_tp_reliable(ct->flow.type);
}

/** Send the request once more. A failure ends the transaction: check state after. */
void sip_ctrans_resend(struct sip_ctrans *ct);
/** Hand a response to the user. */
void sip_ctrans_deliver(struct sip_ctrans *ct, struct sip_msg *m);
/** Over: tell the user, free. */
void sip_ctrans_end(struct sip_ctrans *ct, int err);
/** A send failed or its connection broke: try UDP if that is still to be tried, else end. */
void sip_ctrans_fail(struct sip_ctrans *ct, int err);
/** The CANCEL that was asked for, now that it may be sent. */
void sip_ctrans_send_cancel(struct sip_ctrans *ct);
/** Timer callback: end with -ETIMEDOUT, or in the ordinary way. */
void sip_ctrans_on_timeout(void *arg);
void sip_ctrans_on_done(void *arg);

#endif
