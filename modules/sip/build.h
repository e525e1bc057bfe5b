/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * build.h - writing messages into a bb_buf. A failed allocation sticks in
 * the buffer (b->err), so that callers check once at the end.
 *
 * The order is always: begin (start line and the headers the rules dictate),
 * any headers by the caller, then sip_put_body(), which ends the message.
 * Requests are written without Via: the transaction adds it once it knows the
 * flow.
 */
#ifndef SIP_BUILD_H
#define SIP_BUILD_H

#include "modules/sip/msg.h"

/** "Name: value\r\n". Line ends and NULs inside the value become spaces: nothing can be injected.
 */
void sip_put_hdr(struct bb_buf *b, enum sip_hdr_id id, struct bb_str value);
void sip_put_hdr_named(struct bb_buf *b, struct bb_str name, struct bb_str value);
void sip_put_hdrf(struct bb_buf *b, enum sip_hdr_id id, const char *fmt, ...) BB_PRINTF(3, 4);
/** Copy all lines of one header. */
void sip_put_copy(struct bb_buf *b, const struct sip_msg *m, enum sip_hdr_id id);
/** Content-Type (when @p type is set), Content-Length, empty line, body. Ends the message. */
void sip_put_body(struct bb_buf *b, const char *type, struct bb_str body);

/** What a request says in the headers that RFC 3261 section 8.1.1 demands. */
struct sip_request {
	enum sip_method method;
	struct bb_str method_text; /**< Only for SIP_UNKNOWN. */
	struct bb_str uri; /**< Request-URI. */
	struct bb_str from, to; /**< Whole header values, tags included. */
	struct bb_str call_id;
	uint32_t cseq;
	unsigned max_forwards;
	const struct bb_str *routes; /**< Whole Route values, in order. */
	size_t n_routes;
};
/** Start line, Route, Max-Forwards, From, To, Call-ID, CSeq. */
void sip_request_begin(struct bb_buf *b, const struct sip_request *r);

/**
 * Status line, Via, From, To, Call-ID, CSeq, for 18x and 2xx Record-Route, for 100 Timestamp
 * (RFC 3261 section 8.2.6, 12.1.1).
 * @param reason NULL: the usual one. @param tag appended to To unless it has one; may be unset
 * (100).
 */
void sip_reply_begin(struct bb_buf *b, const struct sip_msg *req, unsigned code, const char *reason,
		     struct bb_str tag);

/** A CANCEL for a sent INVITE (section 9.1), Via included. @param reason value of a Reason header,
 * or unset. */
int sip_cancel_from(struct bb_buf *b, const struct sip_msg *invite, struct bb_str reason);
/** The ACK for a final response other than 2xx (section 17.1.1.3), Via included. */
int sip_ack_from(struct bb_buf *b, const struct sip_msg *invite, const struct sip_msg *rsp);

/** A new tag, branch (with the cookie) or Call-ID, terminated. @param node prefix of this node, may
 * be "". */
#define SIP_TAG_TEXT 48
void sip_new_tag(char dst[SIP_TAG_TEXT], const char *node);
void sip_new_branch(char dst[SIP_TAG_TEXT], const char *node);
void sip_new_call_id(char dst[SIP_TAG_TEXT], const char *node);

#endif
