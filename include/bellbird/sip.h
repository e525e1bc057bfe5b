/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/sip.h - the "sip/1" service: requests outside dialogs, INVITE
 * sessions, and the SIP objects of the configuration (RFC 3261).
 *
 * The `sip` module does transport, transaction, identification, authentication
 * and authorisation once. What other modules do is plug a struct
 * bb_sip_handler into the point "request" (they are asked in one configured
 * order and claim or pass), and hold sessions. Session descriptions are
 * neutral (struct bb_media_desc): SDP text does not leave the SIP module.
 *
 * Everything runs on the control thread and returns at once.
 */
#ifndef BB_SIP_H
#define BB_SIP_H

#include <bellbird/location.h>
#include <bellbird/media.h>
#include <bellbird/module.h>
#include <bellbird/story.h>

BB_BEGIN_DECLS

/** Methods, as bits of a mask. */
enum bb_sip_method {
	BB_SIP_INVITE = 1 << 0,
	BB_SIP_ACK = 1 << 1,
	BB_SIP_BYE = 1 << 2,
	BB_SIP_CANCEL = 1 << 3,
	BB_SIP_REGISTER = 1 << 4,
	BB_SIP_OPTIONS = 1 << 5,
	BB_SIP_INFO = 1 << 6,
	BB_SIP_UPDATE = 1 << 7,
	BB_SIP_PRACK = 1 << 8,
	BB_SIP_SUBSCRIBE = 1 << 9,
	BB_SIP_NOTIFY = 1 << 10,
	BB_SIP_REFER = 1 << 11,
	BB_SIP_MESSAGE = 1 << 12,
	BB_SIP_PUBLISH = 1 << 13,
	BB_SIP_OTHER = 1 << 14 /**< Any other token. */
};

/** A SIP or SIPS URI taken apart (RFC 3261 §19.1). Views; escapes are left as they are. */
struct bb_sip_uri {
	struct bb_str scheme, user, password, host; /**< host without brackets.     */
	uint16_t port; /**< 0 when not written.                                     */
	struct bb_str params; /**< "transport=tcp;lr", without the first ';'.       */
	struct bb_str headers; /**< Without '?'.                                    */
};

/* --- objects of the configuration --- */

enum bb_sip_dtmf {
	BB_SIP_DTMF_RFC4733,
	BB_SIP_DTMF_INFO,
	BB_SIP_DTMF_AUTO, /**< RFC 4733 when negotiated, INFO otherwise.            */
	BB_SIP_DTMF_INBAND, /**< Known, not built: behaves as none.                 */
	BB_SIP_DTMF_AUTO_INFO, /**< As auto.                                        */
	BB_SIP_DTMF_NONE
};

/** One codec line of an endpoint: allow= or disallow=, in file order. */
struct bb_sip_codec_line {
	bool allow;
	struct bb_str text;
};

/**
 * An endpoint (type=endpoint): counted and immutable. A reload makes new
 * ones; calls keep theirs. Names and meaning are those of pjsip.conf. Texts
 * live with the object.
 */
struct bb_sip_endpoint {
	const char *name;
	const char *tech; /**< How its channels' names begin: "PJSIP" or "SIP".     */
	const struct bb_sip_codec_line *codecs;
	size_t n_codecs;
	/* identification and authentication */
	struct bb_strlist auth, outbound_auth, aors;
	uint64_t identify_by; /**< Bits of enum bb_sip_identify.                     */
	/* where it goes and as whom */
	struct bb_str context, transport, outbound_proxy;
	struct bb_str callerid, from_user, from_domain, contact_user;
	struct bb_str language, accountcode, moh_suggest;
	bool callerid_restricted;
	bool trust_id_inbound, trust_id_outbound, send_pai, send_rpid, send_connected_line;
	/* how it is reached */
	bool force_rport, rewrite_contact;
	/* its media */
	bool rtp_symmetric, inband_progress;
	int dtmf_mode; /**< enum bb_sip_dtmf                                        */
	struct bb_str media_address;
	bb_time rtp_timeout, rtp_timeout_hold;
	bb_time answer_timeout; /**< Of its calls that nobody answers; 0 never.       */
	/* what it may do */
	bool allow_transfer;
	int64_t max_calls, max_pending;
	struct bb_strlist set_var;
};
enum bb_sip_identify {
	BB_SIP_BY_USERNAME = 1 << 0,
	BB_SIP_BY_AUTH_USERNAME = 1 << 1,
	BB_SIP_BY_IP = 1 << 2
};

/** An address of record (type=aor): counted and immutable. */
struct bb_sip_aor {
	const char *name;
	struct bb_strlist contact; /**< Static ones, URIs.                          */
	int64_t max_contacts;
	bool remove_existing, remove_unavailable, support_path;
	bb_time default_expiration, minimum_expiration, maximum_expiration;
	bb_time qualify_frequency, qualify_timeout;
	struct bb_str outbound_proxy;
};

/** Where a request is sent. Views: copy what is kept. */
struct bb_sip_target {
	struct bb_str uri; /**< Request-URI.                                        */
	struct bb_str route; /**< Route values, comma-joined, topmost first; may be empty. */
	struct bb_str transport; /**< "udp", "tcp"; empty: by the URI.              */
	struct bb_addr remote; /**< Send exactly here (NAT, connection); unset: by route or URI. */
	struct bb_addr local; /**< From here; unset: the kernel's choice.           */
	uint64_t connection; /**< Over this connection alone; 0: any.               */
};

enum bb_sip_contact_status {
	BB_SIP_UNQUALIFIED, /**< Nobody asks; taken as reachable.                    */
	BB_SIP_REACHABLE,
	BB_SIP_UNREACHABLE,
	BB_SIP_UNKNOWN /**< Asked, no answer yet; taken as reachable.               */
};

/** One contact of an address of record, static or registered. */
struct bb_sip_contact {
	struct bb_sip_target target;
	const struct bb_binding *binding; /**< NULL for a static one.               */
	unsigned q; /**< Thousandths.                                               */
	enum bb_sip_contact_status status;
	bb_time rtt; /**< 0 unknown.                                                */
};

/* --- requests outside dialogs --- */

enum bb_sip_action {
	BB_SIP_TO_DIALPLAN,
	BB_SIP_TO_PROXY,
	BB_SIP_TO_REDIRECT,
	BB_SIP_TO_REFUSAL /**< Answered by `sip` itself; handlers never see it.     */
};

/**
 * A request that has been identified, authenticated and authorised. Counted
 * by bb_sip_api.request_ref; views live as long as it. Whoever claims it
 * answers it once.
 */
struct bb_sip_request {
	enum bb_sip_method method;
	struct bb_str method_name;
	struct bb_sip_uri uri; /**< Request-URI.                                     */
	struct bb_str uri_text;
	struct bb_sip_uri to, from;
	struct bb_str to_uri, from_uri; /**< The URIs as written.                    */
	struct bb_str from_name; /**< Display name, unquoted.                        */
	struct bb_str call_id;
	uint32_t cseq;
	unsigned max_forwards; /**< 0 when it bears none: what may go no further is refused earlier.
				*/
	struct bb_addr source, local;
	struct bb_str transport; /**< "udp", "tcp"                                   */
	uint64_t connection; /**< 0 for datagrams.                                   */
	const struct bb_sip_endpoint *endpoint; /**< Whose; NULL for nobody's (not INVITE). */
	enum bb_sip_action action; /**< What the routes say.                         */
	struct bb_str domain; /**< Of the Request-URI when it is one of ours, else unset. */
	struct bb_story *story; /**< Open until the request is answered or becomes a session. */
};

enum bb_sip_verdict { BB_SIP_PASS, BB_SIP_CLAIMED };

/** Plugs into the point "request" of "sip/1". `[global] request_order` names them. */
struct bb_sip_handler {
	const char *name; /**< "registrar"                                          */
	unsigned methods; /**< Mask of enum bb_sip_method.                          */
	/** Claim and answer, now or later (hold it), or pass to the next. */
	enum bb_sip_verdict (*request)(struct bb_sip_request *rq);
	struct bb_doc doc;
};

/** One value of a Contact header field (RFC 3261 §20.10). */
struct bb_sip_contact_value {
	bool star; /**< "*"                                                         */
	struct bb_str uri; /**< As written.                                         */
	struct bb_sip_uri parsed;
	struct bb_str params; /**< All header parameters but q and expires.         */
	unsigned q; /**< Thousandths; 1000 when unsaid.                             */
	bool has_q;
	int64_t expires; /**< Seconds; -1 when unsaid.                              */
	struct bb_str instance; /**< +sip.instance without quotes, or unset.        */
};

/* --- INVITE sessions --- */

struct bb_sip_session; /**< Counted; one dialog or the attempt at one. */

/** How a session ended. */
struct bb_sip_end {
	unsigned code; /**< Final status code; 0 for an established session that ended. */
	struct bb_str reason; /**< Reason phrase or Reason text, or unset.           */
	unsigned cause; /**< Q.850: from a Reason header field, else from the code. */
	bool remote; /**< The far end did it.                                        */
	enum bb_sip_fault {
		BB_SIP_NO_FAULT,
		BB_SIP_SILENT, /**< No answer at all (timer B, F).                   */
		BB_SIP_PORT_CLOSED, /**< ICMP, or the connection was refused.        */
		BB_SIP_NO_ADDRESS, /**< The name does not resolve.                   */
		BB_SIP_NO_ACK, /**< Our 2xx was never acknowledged.                  */
		BB_SIP_BAD_MEDIA, /**< Unusable session description.                 */
		BB_SIP_NO_CREDENTIALS /**< It asked for credentials we do not have, or refused
					  ours. */
	} fault;
	const char *contacts; /**< Of a 3xx: the best Contact URI, or NULL.          */
};

/**
 * What a session tells its owner. Called from the loop, never from within a
 * call of the owner's, except that nothing follows drop(). NULL: not wanted.
 */
struct bb_sip_session_ops {
	/** 1xx, 100 too, outgoing. @p desc is set when media can be heard. */
	void (*progress)(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *desc,
			 void *arg);
	/** 2xx, outgoing. @p desc is the answer (or, when we offered nothing, an offer: answer it
	 *  with session_answer()). NULL when an early answer stands. */
	void (*answered)(struct bb_sip_session *s, const struct bb_media_desc *desc, void *arg);
	/** Our 2xx was acknowledged; @p desc the answer to an offer made in it, or NULL. */
	void (*acked)(struct bb_sip_session *s, const struct bb_media_desc *desc, void *arg);
	/** It offers anew (re-INVITE, UPDATE): session_answer() or session_refuse_offer(). NULL
	 *  @p desc: it wants an offer, made with session_answer() too. */
	void (*offer)(struct bb_sip_session *s, const struct bb_media_desc *desc, void *arg);
	/** What came of our session_offer(): the answer, or NULL with the code that refused it. */
	void (*offer_done)(struct bb_sip_session *s, unsigned code,
			   const struct bb_media_desc *desc, void *arg);
	/** A digit by INFO. */
	void (*digit)(struct bb_sip_session *s, char digit, unsigned ms, void *arg);
	/** It says who it is now (P-Asserted-Identity, Remote-Party-ID; trusted only). */
	void (*identity)(struct bb_sip_session *s, struct bb_str name, struct bb_str number,
			 void *arg);
	/** Over. Exactly once, last; the session may be dropped within. */
	void (*closed)(struct bb_sip_session *s, const struct bb_sip_end *end, void *arg);
};

/** A header field to add to a request or response. */
struct bb_sip_header {
	struct bb_str name, value;
};

/** Who we say is calling or connected. */
struct bb_sip_party {
	struct bb_str name, number;
	bool restricted;
};

struct bb_sip_invite {
	const struct bb_sip_endpoint *endpoint;
	struct bb_sip_target target;
	struct bb_sip_party caller;
	const struct bb_media_desc *offer; /**< NULL: a delayed offer.               */
	unsigned hops; /**< Of the call it sends on: Max-Forwards is one less. 0: as configured. */
	const struct bb_sip_header *headers;
	size_t n_headers;
	struct bb_story *story; /**< Messages are told here; stays the caller's.     */
	const char *leg; /**< The leg's name in the story; copied.                   */
	struct bb_str aor; /**< For the console, or empty.                           */
};

struct bb_sip_api {
	/* objects; found ones are held for the caller */
	const struct bb_sip_endpoint *(*endpoint_find)(struct bb_str name);
	const struct bb_sip_endpoint *(*endpoint_ref)(const struct bb_sip_endpoint *ep);
	void (*endpoint_unref)(const struct bb_sip_endpoint *ep); /**< NULL is allowed. */
	/** Names in order; NULL first. Valid until the loop turns. */
	const struct bb_sip_endpoint *(*endpoint_next)(const struct bb_sip_endpoint *prev);
	const struct bb_sip_aor *(*aor_find)(struct bb_str name);
	void (*aor_unref)(const struct bb_sip_aor *aor);
	/** The allowed formats, best first, of those that are loaded. */
	void (*endpoint_formats)(const struct bb_sip_endpoint *ep, struct bb_formats *fs);
	/** Contacts of an address of record, best q first. The callback must not change the
	 *  location store. @return how many; -ENOENT when there is no such aor. */
	int (*contacts)(struct bb_str aor, void (*fn)(const struct bb_sip_contact *c, void *arg),
			void *arg);
	/** True while some contact of the endpoint's aors can be tried. @p registered: has any. */
	bool (*endpoint_reachable)(const struct bb_sip_endpoint *ep, bool *registered);

	/* text */
	int (*uri_parse)(struct bb_sip_uri *u, struct bb_str text);
	/** RFC 3261 §19.1.4. */
	bool (*uri_eq)(struct bb_str a, struct bb_str b);
	/** A user part with its escapes resolved (RFC 3261 §19.1.2), terminated. @return -EINVAL
	 *  for a broken one or a NUL, -ENAMETOOLONG. */
	int (*unescape)(struct bb_str text, char *dst, size_t cap);
	unsigned (*cause_from_code)(unsigned code);
	unsigned (*code_from_cause)(unsigned cause);
	/** "Busy Here" */
	const char *(*reason_phrase)(unsigned code);

	/* requests outside dialogs */
	struct bb_sip_request *(*request_ref)(struct bb_sip_request *rq);
	void (*request_unref)(struct bb_sip_request *rq);
	/** The n-th (from 0) value of a header field, by its full name, or unset. Lists are
	 *  not taken apart. */
	struct bb_str (*request_header)(const struct bb_sip_request *rq, const char *name,
					unsigned n);
	/** Walk the Contact values; start with *pos 0. @return 1, 0 at the end, -EBADMSG. */
	int (*request_contact)(const struct bb_sip_request *rq, unsigned *pos,
			       struct bb_sip_contact_value *c);
	/** True when the list header field (Supported, Require) names the token. */
	bool (*request_lists)(const struct bb_sip_request *rq, const char *header,
			      const char *token);
	/** Answer it, finally. NULL @p phrase: the usual one. Later answers do nothing. */
	int (*respond)(struct bb_sip_request *rq, unsigned code, const char *phrase,
		       const struct bb_sip_header *headers, size_t n);
	/** May this endpoint register at that address of record? */
	bool (*may_register)(const struct bb_sip_request *rq, struct bb_str aor);

	/* sessions */
	/** Of an INVITE request that its handler claims; the request needs no further answer. */
	int (*session_accept)(struct bb_sip_session **sp, struct bb_sip_request *rq,
			      const struct bb_sip_session_ops *ops, void *arg);
	/** Invite somebody. What comes of it is told by @p ops, also when sending fails. */
	int (*session_invite)(struct bb_sip_session **sp, const struct bb_sip_invite *in,
			      const struct bb_sip_session_ops *ops, void *arg);
	/** From now on told to somebody else (a handler that accepts first and makes its own
	 *  object then). */
	void (*session_own)(struct bb_sip_session *s, const struct bb_sip_session_ops *ops,
			    void *arg);
	/** Nothing is told any more; what stands is ended. NULL is allowed. */
	void (*session_drop)(struct bb_sip_session *s);
	/** From now on messages are told in this story under this name. */
	void (*session_story)(struct bb_sip_session *s, struct bb_story *story, const char *leg);
	/** Offer of the INVITE received; NULL when it had none. */
	const struct bb_media_desc *(*session_remote)(const struct bb_sip_session *s);
	/** 180, 183 …; with @p desc the answer to its offer. Incoming, before the final answer. */
	int (*session_progress)(struct bb_sip_session *s, unsigned code,
				const struct bb_media_desc *desc);
	/** 200 of the first INVITE, or the answer to a later offer, or our offer where one was
	 *  asked for. @p desc may be NULL once an early answer was sent. */
	int (*session_answer)(struct bb_sip_session *s, const struct bb_media_desc *desc);
	int (*session_refuse_offer)(struct bb_sip_session *s, unsigned code, const char *phrase);
	/** Refuse the first INVITE. */
	int (*session_reject)(struct bb_sip_session *s, unsigned code, const char *phrase,
			      const struct bb_sip_header *headers, size_t n);
	/** Offer anew (re-INVITE). @return -EAGAIN while another exchange runs: it is made after.
	 */
	int (*session_offer)(struct bb_sip_session *s, const struct bb_media_desc *desc);
	/** End it whatever its state (refusal, CANCEL, BYE), with a Reason header field (RFC 3326).
	 *  @p text may be NULL. .closed follows. */
	void (*session_end)(struct bb_sip_session *s, unsigned cause, const char *text);
	int (*session_digit)(struct bb_sip_session *s, char digit, unsigned ms);
	/** Who it is connected to now: in our next response, or by UPDATE or re-INVITE. */
	void (*session_connected)(struct bb_sip_session *s, const struct bb_sip_party *who);
	/** Header field of the INVITE received, or of the last response. */
	struct bb_str (*session_header)(const struct bb_sip_session *s, const char *name,
					unsigned n);
	/** Header fields for our next responses to the first INVITE. */
	int (*session_add_header)(struct bb_sip_session *s, struct bb_str name,
				  struct bb_str value);
	const struct bb_sip_endpoint *(*session_endpoint)(const struct bb_sip_session *s);
	/** Facts: "call-id", "local_uri", "remote_uri", "local_tag", "remote_tag", "request_uri",
	 *  "target_uri", "local_addr", "remote_addr", "transport", "state", "aor", "offered" (the
	 *  codecs its last description lists). @return -ENOENT. */
	int (*session_fact)(const struct bb_sip_session *s, struct bb_str name, struct bb_buf *out);
	/**
	 * The address to bind media sockets to, for a target or a session (port 0). A
	 * description may then carry that address although it is "any": what is sent says how
	 * the peer reaches us.
	 */
	int (*media_address)(const struct bb_sip_endpoint *ep, const struct bb_sip_target *target,
			     const struct bb_sip_session *s, struct bb_addr *bind);
};

BB_END_DECLS
#endif
