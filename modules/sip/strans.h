/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strans.h - the server transaction and what its two state machines share.
 * Private to strans*.c.
 */
#ifndef SIP_STRANS_H
#define SIP_STRANS_H

#include "modules/sip/stack.h"

/** One of the two state machines. */
struct sip_strans_machine {
	const char *name;
	enum sip_tstate first;
	void (*start)(struct sip_strans *st);
	/** The same request came again. */
	void (*again)(struct sip_strans *st);
	/** May a response of this code be sent now? 1, 0 to swallow it, or a negative errno. */
	int (*may_send)(struct sip_strans *st, unsigned code);
	/** st->reply and st->code were set and sent. */
	void (*sent)(struct sip_strans *st);
};
extern const struct sip_strans_machine sip_strans_invite, sip_strans_other;

struct sip_strans {
	struct bb_node node;
	struct bb_map_node by_branch, by_merge;
	struct sip_stack *stack;
	const struct sip_strans_machine *machine;
	struct sip_strans_ops ops;
	void *arg;
	bool detached;
	bool counted; /* against its source's share */
	bool cancelled; /* the user was told of a CANCEL */
	bool forced_rport; /* as sip_strans_force_rport() says */
	struct sip_source *source;
	enum sip_method method;
	enum sip_tstate state;
	struct sip_msg *msg; /* until the final response */
	struct sip_flow flow; /* of responses */
	uint16_t via_port;

	/* What retransmissions, ACK and CANCEL are known by: in .keys, at the end. */
	struct bb_str branch, host, call_id, from_tag, merge, method_text;
	uint32_t cseq;
	bool cookie;

	char tag[SIP_TAG_TEXT];
	struct bb_buf reply; /* the last response, as sent */
	unsigned code; /* its status; 0: none yet */
	bb_time interval; /* G */
	int err;
	struct bb_timer retransmit, timeout;
	char keys[];
};

static inline bool sip_strans_reliable(const struct sip_strans *st)
{
	return sip_tp_reliable(st->flow.type);
}

/** Send st->reply (again). A failure ends the transaction, soon. */
void sip_strans_transmit(struct sip_strans *st);
/** No longer counts against its source. */
void sip_strans_uncount(struct sip_strans *st);
void sip_strans_end(struct sip_strans *st, int err);
void sip_strans_on_timeout(void *arg);
void sip_strans_on_done(void *arg);
/** An ACK for this INVITE transaction. @return false when it is the dialog's. */
bool sip_strans_invite_ack(struct sip_strans *st);

#endif
