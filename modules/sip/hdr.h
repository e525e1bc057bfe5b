/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hdr.h - names of methods and header fields. One list makes the ids, the
 * spellings and the compact forms.
 */
#ifndef SIP_HDR_H
#define SIP_HDR_H

#include <bellbird/base.h>

enum sip_method {
	SIP_UNKNOWN, /**< Any other token; the text tells. */
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_OPTIONS,
	SIP_REGISTER,
	SIP_INFO,
	SIP_PRACK,
	SIP_UPDATE,
	SIP_SUBSCRIBE,
	SIP_NOTIFY,
	SIP_REFER,
	SIP_MESSAGE,
	SIP_PUBLISH,
	SIP_METHOD_N
};
/** A set of methods, for handlers: SIP_METHOD_BIT(SIP_INVITE) | … */
#define SIP_METHOD_BIT(m) (1u << (m))

/** Case matters in methods (RFC 3261 section 7.1). */
enum sip_method sip_method_of(struct bb_str text);
/** "INVITE"; "UNKNOWN" for SIP_UNKNOWN. */
const char *sip_method_name(enum sip_method m);

/* X(id, name, compact form or 0, flags) */
#define SIP_HF_LIST 1u /* several values, by comma or by line (section 7.3.1) */
#define SIP_HF_SINGLE 2u /* may stand only once: a second one is a 400 */
#define SIP_HDR_LIST(X)                                                                            \
	X(ACCEPT, "Accept", 0, SIP_HF_LIST)                                                        \
	X(ACCEPT_CONTACT, "Accept-Contact", 'a', SIP_HF_LIST)                                      \
	X(ACCEPT_ENCODING, "Accept-Encoding", 0, SIP_HF_LIST)                                      \
	X(ACCEPT_LANGUAGE, "Accept-Language", 0, SIP_HF_LIST)                                      \
	X(ALERT_INFO, "Alert-Info", 0, SIP_HF_LIST)                                                \
	X(ALLOW, "Allow", 0, SIP_HF_LIST)                                                          \
	X(ALLOW_EVENTS, "Allow-Events", 'u', SIP_HF_LIST)                                          \
	X(AUTHENTICATION_INFO, "Authentication-Info", 0, 0)                                        \
	X(AUTHORIZATION, "Authorization", 0, 0)                                                    \
	X(CALL_ID, "Call-ID", 'i', SIP_HF_SINGLE)                                                  \
	X(CALL_INFO, "Call-Info", 0, SIP_HF_LIST)                                                  \
	X(CONTACT, "Contact", 'm', SIP_HF_LIST)                                                    \
	X(CONTENT_DISPOSITION, "Content-Disposition", 0, 0)                                        \
	X(CONTENT_ENCODING, "Content-Encoding", 'e', SIP_HF_LIST)                                  \
	X(CONTENT_LANGUAGE, "Content-Language", 0, SIP_HF_LIST)                                    \
	X(CONTENT_LENGTH, "Content-Length", 'l', 0)                                                \
	X(CONTENT_TYPE, "Content-Type", 'c', 0)                                                    \
	X(CSEQ, "CSeq", 0, SIP_HF_SINGLE)                                                          \
	X(DATE, "Date", 0, 0)                                                                      \
	X(DIVERSION, "Diversion", 0, SIP_HF_LIST)                                                  \
	X(ERROR_INFO, "Error-Info", 0, SIP_HF_LIST)                                                \
	X(EVENT, "Event", 'o', 0)                                                                  \
	X(EXPIRES, "Expires", 0, 0)                                                                \
	X(FLOW_TIMER, "Flow-Timer", 0, 0)                                                          \
	X(FROM, "From", 'f', SIP_HF_SINGLE)                                                        \
	X(HISTORY_INFO, "History-Info", 0, SIP_HF_LIST)                                            \
	X(IDENTITY, "Identity", 'y', 0)                                                            \
	X(IDENTITY_INFO, "Identity-Info", 'n', 0)                                                  \
	X(IN_REPLY_TO, "In-Reply-To", 0, SIP_HF_LIST)                                              \
	X(JOIN, "Join", 0, 0)                                                                      \
	X(MAX_FORWARDS, "Max-Forwards", 0, SIP_HF_SINGLE)                                          \
	X(MIME_VERSION, "MIME-Version", 0, 0)                                                      \
	X(MIN_EXPIRES, "Min-Expires", 0, 0)                                                        \
	X(MIN_SE, "Min-SE", 0, 0)                                                                  \
	X(ORGANIZATION, "Organization", 0, 0)                                                      \
	X(P_ACCESS_NETWORK_INFO, "P-Access-Network-Info", 0, 0)                                    \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, SIP_HF_LIST)                              \
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0, SIP_HF_LIST)                            \
	X(PATH, "Path", 0, SIP_HF_LIST)                                                            \
	X(PRIORITY, "Priority", 0, 0)                                                              \
	X(PRIVACY, "Privacy", 0, 0)                                                                \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, 0)                                          \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, 0)                                        \
	X(PROXY_REQUIRE, "Proxy-Require", 0, SIP_HF_LIST)                                          \
	X(RACK, "RAck", 0, 0)                                                                      \
	X(REASON, "Reason", 0, SIP_HF_LIST)                                                        \
	X(RECORD_ROUTE, "Record-Route", 0, SIP_HF_LIST)                                            \
	X(REFER_SUB, "Refer-Sub", 0, 0)                                                            \
	X(REFER_TO, "Refer-To", 'r', 0)                                                            \
	X(REFERRED_BY, "Referred-By", 'b', 0)                                                      \
	X(REJECT_CONTACT, "Reject-Contact", 'j', SIP_HF_LIST)                                      \
	X(REMOTE_PARTY_ID, "Remote-Party-ID", 0, SIP_HF_LIST)                                      \
	X(REPLACES, "Replaces", 0, 0)                                                              \
	X(REPLY_TO, "Reply-To", 0, 0)                                                              \
	X(REQUEST_DISPOSITION, "Request-Disposition", 'd', SIP_HF_LIST)                            \
	X(REQUIRE, "Require", 0, SIP_HF_LIST)                                                      \
	X(RETRY_AFTER, "Retry-After", 0, 0)                                                        \
	X(ROUTE, "Route", 0, SIP_HF_LIST)                                                          \
	X(RSEQ, "RSeq", 0, 0)                                                                      \
	X(SERVER, "Server", 0, 0)                                                                  \
	X(SERVICE_ROUTE, "Service-Route", 0, SIP_HF_LIST)                                          \
	X(SESSION_EXPIRES, "Session-Expires", 'x', 0)                                              \
	X(SIP_ETAG, "SIP-ETag", 0, 0)                                                              \
	X(SIP_IF_MATCH, "SIP-If-Match", 0, 0)                                                      \
	X(SUBJECT, "Subject", 's', 0)                                                              \
	X(SUBSCRIPTION_STATE, "Subscription-State", 0, 0)                                          \
	X(SUPPORTED, "Supported", 'k', SIP_HF_LIST)                                                \
	X(TARGET_DIALOG, "Target-Dialog", 0, 0)                                                    \
	X(TIMESTAMP, "Timestamp", 0, 0)                                                            \
	X(TO, "To", 't', SIP_HF_SINGLE)                                                            \
	X(UNSUPPORTED, "Unsupported", 0, SIP_HF_LIST)                                              \
	X(USER_AGENT, "User-Agent", 0, 0)                                                          \
	X(VIA, "Via", 'v', SIP_HF_LIST)                                                            \
	X(WARNING, "Warning", 0, SIP_HF_LIST)                                                      \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, 0)

enum sip_hdr_id {
	SIP_HDR_OTHER, /**< Any other name; the text tells. */
#define SIP_HDR_ENUM(id, name, compact, flags) SIP_HDR_##id,
	SIP_HDR_LIST(SIP_HDR_ENUM)
#undef SIP_HDR_ENUM
		SIP_HDR_N
};

/** Case ignored, compact forms too. */
enum sip_hdr_id sip_hdr_id_of(struct bb_str name);
/** Canonical spelling; "" for SIP_HDR_OTHER. */
const char *sip_hdr_name(enum sip_hdr_id id);
unsigned sip_hdr_flags(enum sip_hdr_id id);

/** The default reason phrase of a status code ("Ringing"); by class for unknown ones. */
const char *sip_reason_phrase(unsigned code);

#endif
