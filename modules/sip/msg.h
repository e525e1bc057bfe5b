/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * msg.h - one SIP message, parsed: a counted object that owns the text, with
 * views into it. What every layer needs (start line, top Via, From, To,
 * Call-ID, CSeq, Max-Forwards, Content-Length) is decoded at once; the rest by
 * need with the functions below. Header lines are unfolded in place, so that
 * no view ever holds CR or LF.
 *
 * At most two allocations a message: the object, and one arena for its text
 * and its table of headers.
 */
#ifndef SIP_MSG_H
#define SIP_MSG_H

#include <bellbird/mem.h>

#include "modules/sip/flow.h"
#include "modules/sip/hdr.h"
#include "modules/sip/uri.h"

#define SIP_MAX_MESSAGE 65535u /**< Bytes, start line to end of body. */
#define SIP_MAX_HEADERS 512u /**< Header lines. */
#define SIP_MAX_VALUES 512u /**< Values one iteration gives for one header. */

struct sip_hdr {
	enum sip_hdr_id id;
	uint16_t next; /**< 1 + index of the next header of this id (not for SIP_HDR_OTHER); 0 at
			  the end. */
	struct bb_str name;
	struct bb_str value; /**< Trimmed; unfolded. */
};

/** RFC 3261 section 20.42. */
struct sip_via {
	struct bb_str text; /**< This one value. */
	enum sip_tp tp; /**< SIP_TP_NONE for a transport we do not speak. */
	struct bb_str transport;
	struct bb_str host; /**< sent-by, without brackets. */
	bool ipv6;
	uint16_t port; /**< 0: none given. */
	struct bb_str params;
	struct bb_str branch, received, maddr; /**< Unset when absent; received without brackets. */
	bool has_rport; /**< RFC 3581, with or without a value. */
	uint16_t rport;
	bool cookie; /**< branch begins with z9hG4bK and has more: RFC 3261 matching. */
};

/** From, To, Contact, Route, Refer-To … (RFC 3261 section 20.10). */
struct sip_nameaddr {
	struct bb_str text; /**< This one value. */
	struct bb_str
		display; /**< As written, quotes included; see sip_put_unquoted(). Empty if none. */
	struct sip_uri uri;
	struct bb_str params; /**< Of the header, without the leading ';'. */
	struct bb_str tag; /**< Unset when absent. */
	bool star; /**< The value is "*" (Contact in REGISTER). */
	bool angle; /**< The address stood in angle brackets. */
};

struct sip_cseq {
	uint32_t number;
	enum sip_method method;
	struct bb_str method_text;
};

/** What is wrong with a message. */
struct sip_fault {
	uint16_t code; /**< Status to answer; 0: do not answer. */
	const char
		*text; /**< One sentence for the log, the story and the reason phrase; a literal. */
};

/** Read-only for everybody but the parser and the transport (flow, fault). */
struct sip_msg {
	struct bb_arena *arena;
	struct bb_str raw; /**< The whole message, unfolded. */
	bool request;

	enum sip_method method; /**< Of a response: that of its CSeq. */
	struct bb_str method_text;
	struct bb_str ruri_text;
	struct sip_uri ruri;

	uint16_t status;
	struct bb_str reason;

	struct sip_hdr *hdrs;
	unsigned n_hdrs;
	uint16_t first[SIP_HDR_N]; /**< 1 + index of the first header of that id; 0: none. */

	struct sip_via via; /**< Top. */
	struct sip_nameaddr from, to;
	struct bb_str call_id;
	struct sip_cseq cseq;
	int max_forwards; /**< -1 when absent. */

	struct bb_str body;
	struct sip_flow flow; /**< How it came. */
	struct sip_fault fault;
};

/** How the end of a message is known. */
enum sip_framing {
	SIP_DATAGRAM, /**< Content-Length may be absent; bytes after the body are dropped. */
	SIP_STREAM /**< The text is exactly one message. */
};

/**
 * Parse a copy of @p len bytes.
 * @return 0; -ENOMEM; or -EBADMSG with *fault set. On -EBADMSG *mp is still set when
 * the message is a request that can be answered (fault->code != 0; its Via, From, To,
 * Call-ID and CSeq are good enough for sip_reply_begin()); else it is NULL: be silent.
 */
int sip_msg_parse(struct sip_msg **mp, const char *data, size_t len, enum sip_framing framing,
		  const struct sip_flow *flow, struct sip_fault *fault);
struct sip_msg *sip_msg_ref(struct sip_msg *m);
void sip_msg_unref(struct sip_msg *m);

/**
 * The checks of RFC 3261 section 8.2 that need no state: scheme of the Request-URI
 * (416) and Require (420, not on ACK or CANCEL).
 * @param supported option tags, NULL-ended. @param unsupported appended, comma separated, on 420;
 * may be NULL.
 * @return 0 or -EBADMSG with *fault set.
 */
int sip_msg_check(const struct sip_msg *m, const char *const *supported, struct bb_buf *unsupported,
		  struct sip_fault *fault);

/* --- headers by id and by name --- */

/** First header of that id, or NULL. */
const struct sip_hdr *sip_msg_hdr(const struct sip_msg *m, enum sip_hdr_id id);
/** The next one of the same id, or NULL. */
const struct sip_hdr *sip_msg_hdr_next(const struct sip_msg *m, const struct sip_hdr *h);
/** Value of the first header of that id; unset when absent. */
struct bb_str sip_msg_value(const struct sip_msg *m, enum sip_hdr_id id);
/** The n-th (from 0) header line of any name, known ones by either form; NULL when there are fewer.
 */
const struct sip_hdr *sip_msg_hdr_named(const struct sip_msg *m, struct bb_str name, unsigned n);

/** Walks the values of one header over all its lines and commas. */
struct sip_values {
	const struct sip_msg *m;
	const struct sip_hdr *h;
	struct bb_str rest;
	unsigned n;
};
void sip_values_init(struct sip_values *it, const struct sip_msg *m, enum sip_hdr_id id);
/** @return 1 with a trimmed value, 0 at the end, -EINVAL for an empty value or an open quote. */
int sip_values_next(struct sip_values *it, struct bb_str *value);
/** The same over one piece of text. */
int sip_value_cut(struct bb_str *rest, struct bb_str *value);
/** Is @p token among the values (Supported, Require, Allow …)? Case ignored. */
bool sip_msg_has_token(const struct sip_msg *m, enum sip_hdr_id id, const char *token);

/* --- typed views --- */

int sip_via_parse(struct sip_via *v, struct bb_str value);
/** Also "*" and bare addr-spec; header parameters after a bare address are the header's (section
 * 20). */
int sip_nameaddr_parse(struct sip_nameaddr *na, struct bb_str value);
int sip_cseq_parse(struct sip_cseq *c, struct bb_str value);
/** Next name-addr of a list header; like sip_values_next(). */
int sip_nameaddr_next(struct sip_values *it, struct sip_nameaddr *na);
/** A delta-seconds header or parameter. @return 0, -ENOENT, -EINVAL; -ERANGE over 2^32-1 (out is
 * then 2^32-1). */
int sip_seconds(struct bb_str value, uint32_t *out);
/** The same for a header of the message (Expires, Min-Expires, Session-Expires, Retry-After):
 * parameters cut. */
int sip_msg_seconds(const struct sip_msg *m, enum sip_hdr_id id, uint32_t *out);
/** "q" as thousandths (0…1000), 1000 when absent. @return -EINVAL when broken. */
int sip_qvalue(struct bb_str params, unsigned *q);

/** A parameter that sip_auth_read() shall find. */
struct sip_auth_param {
	struct bb_str name;
	struct bb_str *value; /**< Without quotes (backslash pairs stay); unset when absent. */
};
/**
 * One set of credentials or one challenge (RFC 3261 section 20.7; RFC 8760): its scheme and, of a
 * Digest, the parameters asked for; the first counts where one is written twice.
 * @return 0, -EINVAL.
 */
int sip_auth_read(struct bb_str value, struct bb_str *scheme, const struct sip_auth_param *want,
		  size_t n);

/** Reason (RFC 3326): "Q.850;cause=16;text=\"…\"". */
struct sip_reason_value {
	struct bb_str protocol;
	unsigned cause; /**< 0 when absent. */
	struct bb_str text; /**< Without quotes. */
};
int sip_reason_parse(struct sip_reason_value *r, struct bb_str value);

/** RAck (RFC 3262): "776656 1 INVITE". */
struct sip_rack {
	uint32_t rseq;
	struct sip_cseq cseq;
};
int sip_rack_parse(struct sip_rack *r, struct bb_str value);

/** The start line and the header lines alone. */
struct bb_str sip_msg_lines(const struct sip_msg *m);
/** As sip_msg_hdr_named(), of the text that sip_msg_lines() gave: the value, unset when absent. */
struct bb_str sip_lines_value(struct bb_str lines, struct bb_str name, unsigned n);

/* --- bodies --- */

/** Does a Content-Type value name @p type ("application/sdp")? Parameters and case ignored. */
bool sip_ctype_is(struct bb_str value, const char *type);
/**
 * The body of that type: the message's own, or the first such part of a multipart one.
 * @return false when there is none. @p body is a view.
 */
bool sip_msg_body_of(const struct sip_msg *m, const char *type, struct bb_str *body);

/** Request-URI or status, Call-ID and CSeq on one line, for logs. Appends. */
void sip_msg_brief(struct bb_buf *b, const struct sip_msg *m);

#endif
