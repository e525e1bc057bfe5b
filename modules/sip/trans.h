/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trans.h - transactions: RFC 3261 section 17 with the Accepted state of
 * RFC 6026 and the timing rules of RFC 4320.
 *
 * A transaction owns itself: it ends by its timers, and tells its user by
 * gone(), exactly once and last. Until then the user's pointer is good. A
 * user that loses interest detaches; the transaction then goes on alone.
 * No callback runs inside the call that makes a transaction.
 */
#ifndef SIP_TRANS_H
#define SIP_TRANS_H

#include "modules/sip/build.h"
#include "modules/sip/transport.h"

/** Names as in the RFCs. Not each kind of transaction knows each. */
enum sip_tstate {
	SIP_CALLING, /**< INVITE client. */
	SIP_TRYING, /**< Non-INVITE, both. */
	SIP_PROCEEDING, /**< All. */
	SIP_COMPLETED, /**< All. */
	SIP_CONFIRMED, /**< INVITE server. */
	SIP_ACCEPTED, /**< INVITE, both. */
	SIP_TERMINATED
};
const char *sip_tstate_name(enum sip_tstate s);

/* --- server --- */

struct sip_strans_ops {
	/**
	 * A CANCEL came for this INVITE, which has no final response yet; the CANCEL itself has
	 * been answered with 200. The user answers 487 with sip_strans_reply(). @p cancel may bear
	 * a Reason.
	 */
	void (*cancel)(struct sip_strans *st, struct sip_msg *cancel, void *arg);
	/**
	 * The transaction is over. 0: in the ordinary way. -ETIMEDOUT: no ACK came for the final
	 * response (timer H). Another error: a response could not be sent. In Accepted it says
	 * nothing about the ACK: that is the dialog's.
	 */
	void (*gone)(struct sip_strans *st, int err, void *arg);
};

void sip_strans_set_ops(struct sip_strans *st, const struct sip_strans_ops *ops, void *arg);
/** No callback comes any more. An INVITE or another request without final response is answered 500.
 */
void sip_strans_detach(struct sip_strans *st);
/**
 * Answer without keeping any state, and end the transaction without a word to its user: a
 * request that comes again is answered anew, in the same way (RFC 3261 section 8.2.7).
 */
void sip_strans_dismiss(struct sip_strans *st, unsigned code, const char *reason,
			struct bb_str extra);
struct sip_stack *sip_strans_stack(const struct sip_strans *st);
/** The request; take a reference to keep it beyond the final response (then NULL). */
struct sip_msg *sip_strans_request(const struct sip_strans *st);
enum sip_method sip_strans_method(const struct sip_strans *st);
enum sip_tstate sip_strans_state(const struct sip_strans *st);
/** The tag which this transaction puts on To: the local tag of a dialog it makes. */
struct bb_str sip_strans_tag(const struct sip_strans *st);
/** Responses go to the source address and port from now on, as if the Via had said rport. */
void sip_strans_force_rport(struct sip_strans *st);
/** Where the responses go. */
const struct sip_flow *sip_strans_flow(const struct sip_strans *st);

/**
 * Answer without body. @param reason NULL: the usual one.
 * A 1xx or a 408 to a request other than INVITE is not sent, and 0 returned: RFC 4320 forbids
 * both, and the transaction sends the 100 itself when it is due. A response that cannot be
 * sent ends the transaction with gone().
 * @return -EALREADY when a final response was sent, -ENOMEM, -EINVAL for no status code.
 */
int sip_strans_reply(struct sip_strans *st, unsigned code, const char *reason);
/** The same, with headers by the caller: @p extra holds whole header lines ("Name: value\r\n"…). */
int sip_strans_reply_with(struct sip_strans *st, unsigned code, const char *reason,
			  struct bb_str extra);
/** With headers and a body. @param type NULL without body. */
int sip_strans_reply_body(struct sip_strans *st, unsigned code, const char *reason,
			  struct bb_str extra, const char *type, struct bb_str body);
/**
 * Start a response the caller goes on writing (sip_put_hdr() …, sip_put_body()) and hands to
 * sip_strans_send(), which takes the bytes and leaves the buffer empty in any case.
 * A Server header is written already when the settings name one.
 */
void sip_strans_begin(struct sip_strans *st, struct bb_buf *b, unsigned code, const char *reason);
int sip_strans_send(struct sip_strans *st, unsigned code, struct bb_buf *b);
/** Send the 2xx of an INVITE again (section 13.3.1.4), or a reliable 1xx (RFC 3262). @return
 * -EINVAL when there is none. */
int sip_strans_resend(struct sip_strans *st);

/* --- client --- */

struct sip_ctrans;

struct sip_ctrans_ops {
	/** Each provisional response, the final one, and in Accepted each 2xx again or from other
	 * branches. */
	void (*response)(struct sip_ctrans *ct, struct sip_msg *rsp, void *arg);
	/**
	 * Over. 0: in the ordinary way, after a final response. -ETIMEDOUT: timer B or F (act as on
	 * 408). Another error: the request could not be sent (act as on 503).
	 */
	void (*gone)(struct sip_ctrans *ct, int err, void *arg);
};

/**
 * Send a request. @param to type and remote set, the rest by need; see sip_flow_prepare().
 * @param req a whole request by sip_request_begin() … sip_put_body(), without Via; its bytes are
 * taken and the buffer is left empty in any case. A long one to UDP goes by TCP where there is
 * a TCP transport and @p to names no transport, and by UDP after all when TCP is refused.
 * @return -EINVAL (a Via, or no request), -ENOMEM, what sip_flow_prepare() says: no callback comes
 * then.
 */
int sip_ctrans_new(struct sip_ctrans **ctp, struct sip_stack *s, const struct sip_flow *to,
		   struct bb_buf *req, const struct sip_ctrans_ops *ops, void *arg);
/** No callback comes any more; its 2xx are given to the stack's stray(). */
void sip_ctrans_detach(struct sip_ctrans *ct);
/**
 * CANCEL an INVITE: at once when a provisional response came, else when one comes. The outcome is
 * the INVITE's: a 487, or a 2xx that won the race, or -ETIMEDOUT 64*T1 after the CANCEL
 * (section 9.1).
 * @param reason value of a Reason header (RFC 3326), or unset. @return -EALREADY after a final
 * response.
 */
int sip_ctrans_cancel(struct sip_ctrans *ct, struct bb_str reason);
enum sip_method sip_ctrans_method(const struct sip_ctrans *ct);
enum sip_tstate sip_ctrans_state(const struct sip_ctrans *ct);
/** The flow in use, prepared. */
const struct sip_flow *sip_ctrans_flow(const struct sip_ctrans *ct);
/** The request as sent, Via included. */
struct bb_str sip_ctrans_text(const struct sip_ctrans *ct);

/**
 * Send an ACK for a 2xx, which has no transaction. The first call adds a Via to @p ack; keep
 * the buffer and call again for each further 2xx.
 */
int sip_send_ack(struct sip_stack *s, const struct sip_flow *to, struct bb_buf *ack);

/* --- for the console --- */

/** One line each transaction: state, kind, method, Call-ID, peer, timers. */
void sip_trans_print(struct bb_buf *b, struct sip_stack *s);

#endif
