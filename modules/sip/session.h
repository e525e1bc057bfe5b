/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session.h - INVITE sessions: one dialog (or the attempt at one, with all
 * its early dialogs) and its offers and answers (RFC 3261 §13-15, RFC 3264,
 * RFC 3311).
 *
 *   session.c        life, look-up, ending
 *   session_in.c     the first INVITE received, and its answer
 *   session_out.c    the first INVITE sent: forks, credentials, next addresses
 *   session_early.c  its early dialogs
 *   session_offer.c  offers within: re-INVITE, UPDATE, glare
 *   session_request.c  requests within that carry none: BYE, INFO, UPDATE
 *   session_text.c   the header fields and bodies that we write
 */
#ifndef SIP_SESSION_H
#define SIP_SESSION_H

#include "modules/sip/core.h"
#include "modules/sip/desc.h"
#include "modules/sip/dialog.h"
#include "modules/sip/keyring.h"
#include "modules/sip/resolve.h"

#define SIP_EARLY_MAX 16

enum sip_session_state {
	SIP_S_CALLING, /* INVITE sent or about to be */
	SIP_S_INCOMING, /* INVITE received, no final answer */
	SIP_S_UP, /* 2xx */
	SIP_S_ENDING, /* CANCEL or BYE sent, or BYE waits for an ACK */
	SIP_S_OVER
};

/** One early dialog of a forked INVITE. */
struct sip_early {
	struct bb_node node;
	char *tag;
	struct sip_msg *last; /* first response of it that bore a description */
	uint32_t cseq; /* of its last request */
	bool has_cseq;
	bool gone; /* it said BYE: the others go on */
};

struct bb_sip_session {
	struct sip_core *core;
	struct bb_node node;
	struct bb_map_node by_tag;
	struct sip_tracee tracee;
	const struct bb_sip_session_ops *ops; /* NULL once dropped */
	void *arg;
	const struct bb_sip_endpoint *ep;
	enum sip_session_state state;
	bool outgoing;
	struct sip_dialog dlg;
	char *contact; /* value of our Contact */
	char *aor;
	bb_time since;

	/* what counts against caps */
	struct sip_load *by_source, *by_endpoint;
	bool pending;

	/* the first INVITE received */
	bool expires; /* its own Expires bounds it */
	struct sip_inreq *rq;
	char *request_uri; /* of the INVITE, once .rq was let go */
	/* Last message of the far end with headers worth reading: whole while it is worked on, its
	 * header lines alone when the dialog is up and quiet. */
	struct sip_msg *msg;
	char *lines;
	bool far_updates; /* it allows UPDATE */
	struct bb_buf extra; /* header lines for our next answers */

	/* the first INVITE sent */
	struct sip_ctrans *invite;
	struct bb_sip_target target; /* texts in .texts */
	struct bb_arena *texts; /* until the answer */
	struct sip_flow *flows; /* in .texts, room for SIP_RESOLVE_MAX */
	size_t n_flows, flow_at;
	bool tcp_tried; /* for its length */
	struct sip_resolve *resolve;
	struct bb_list early; /* struct sip_early */
	struct sip_early *heard; /* whose description was told */
	bool provisional;
	struct sip_tries tries;
	uint32_t invite_cseq;
	unsigned max_forwards; /* of the first INVITE */
	struct sip_keyring keys;
	char *auth_line; /* of the last INVITE, repeated in its ACK (RFC 3261 §22.1) */
	uint32_t auth_cseq;
	struct bb_sip_header *headers; /* of the first INVITE, in .texts */
	size_t n_headers;
	struct bb_sip_party caller;
	struct bb_media_desc *first; /* what the first INVITE offers; NULL: nothing, or answered */

	/* descriptions */
	struct sip_origin origin;
	struct bb_media_desc *local; /* our last one; only while the first INVITE is unanswered */
	struct bb_media_desc *remote; /* their last one */
	bool offered; /* ours is out, unanswered */
	char *sdp; /* our last one, as text */

	/* an offer of theirs within the dialog that waits for our answer */
	struct sip_strans *asked;
	bool asked_invite, asked_for_offer;

	/* our 2xx of an INVITE until its ACK */
	struct sip_strans *ok;
	bool ok_is_first, ok_bears_offer;
	uint32_t ok_cseq;
	struct bb_timer ok_timer; /* before it: what an INVITE that waits for its answer needs */
	bb_time ok_wait, ok_until;

	/* our ACK of their 2xx, to be sent again */
	struct bb_buf ack;
	struct sip_flow ack_flow;
	uint32_t ack_cseq;
	bool ack_owed; /* a delayed offer came in the 2xx: ACK with our answer */

	/* our re-INVITE or UPDATE */
	struct sip_ctrans *reinvite;
	uint32_t reinvite_cseq;
	struct sip_tries reinvite_tries;
	struct bb_media_desc *wanted;
	bool offer_wanted;
	struct bb_timer offer_timer; /* how long it may stay unanswered; then the wait of a 491 */

	/* the end */
	bool bye_wanted;
	unsigned end_cause;
	char *end_text;
	struct bb_task tell;
	struct bb_sip_end end;
	char *end_reason, *end_contact;
	bool ended_here;

	struct bb_sip_party connected;
	char *connected_texts; /* of .connected; NULL: it is not known */
};

/* --- entry points of the core --- */
void sip_session_ack(struct sip_core *c, struct sip_msg *m);
void sip_session_stray(struct sip_core *c, struct sip_msg *m);
/** A request with a To tag. @return false when no dialog is its. */
bool sip_session_request(struct sip_core *c, struct sip_strans *st, struct sip_msg *m);
/** The core goes: everything is freed without a word on the wire. */
void sip_sessions_abandon(struct sip_core *c);

/* --- what the service offers --- */
int sip_session_accept(struct bb_sip_session **sp, struct sip_inreq *rq,
		       const struct bb_sip_session_ops *ops, void *arg);
int sip_session_invite(struct bb_sip_session **sp, struct sip_core *c,
		       const struct bb_sip_invite *in, const struct bb_sip_session_ops *ops,
		       void *arg);
void sip_session_drop(struct bb_sip_session *s);
void sip_session_story(struct bb_sip_session *s, struct bb_story *story, const char *leg);
int sip_session_progress(struct bb_sip_session *s, unsigned code, const struct bb_media_desc *desc);
int sip_session_answer(struct bb_sip_session *s, const struct bb_media_desc *desc);
int sip_session_refuse_offer(struct bb_sip_session *s, unsigned code, const char *phrase);
int sip_session_reject(struct bb_sip_session *s, unsigned code, const char *phrase,
		       const struct bb_sip_header *headers, size_t n);
int sip_session_offer(struct bb_sip_session *s, const struct bb_media_desc *desc);
void sip_session_end(struct bb_sip_session *s, unsigned cause, const char *text);
int sip_session_digit(struct bb_sip_session *s, char digit, unsigned ms);
void sip_session_connected(struct bb_sip_session *s, const struct bb_sip_party *who);
struct bb_str sip_session_header(const struct bb_sip_session *s, const char *name, unsigned n);
int sip_session_add_header(struct bb_sip_session *s, struct bb_str name, struct bb_str value);
int sip_session_fact(const struct bb_sip_session *s, struct bb_str name, struct bb_buf *out);
const char *sip_session_state_name(const struct bb_sip_session *s);

/* --- between the session's files --- */
int sip_session_new(struct bb_sip_session **sp, struct sip_core *c,
		    const struct bb_sip_endpoint *ep, const struct bb_sip_session_ops *ops,
		    void *arg);
struct bb_sip_session *sip_session_ref(struct bb_sip_session *s);
void sip_session_unref(struct bb_sip_session *s);
/** In the maps from now on: .dlg is filled in. */
int sip_session_enter(struct bb_sip_session *s, const struct bb_addr *source);
/** It is established or over: it no longer counts as pending. */
void sip_session_settled(struct bb_sip_session *s);
/** Over: told soon, freed when everybody let go. */
void sip_session_over(struct bb_sip_session *s, unsigned code, struct bb_str reason, unsigned cause,
		      bool remote, enum bb_sip_fault fault);
void sip_session_bye(struct bb_sip_session *s);
/** End it with a BYE that goes its way alone: the owner hears at once. */
void sip_session_part(struct bb_sip_session *s, const char *why, unsigned cause, bool remote,
		      enum bb_sip_fault fault);
/** The far end refused a request within by that code: it no longer has the dialog. */
void sip_session_lost(struct bb_sip_session *s, unsigned code);
/** The Q.850 cause of a message's Reason, else of @p code. */
unsigned sip_session_cause(const struct sip_msg *m, unsigned code, struct bb_str *text);
void sip_session_keep_msg(struct bb_sip_session *s, struct sip_msg *m);
/** Up, and nothing under way: let go of what only the beginning needed. */
void sip_session_slim(struct bb_sip_session *s);
/** Remember what the far end says of its media. @return 0 or -ENOMEM. */
int sip_session_keep_remote(struct bb_sip_session *s, const struct bb_media_desc *d);
void sip_session_tell_identity(struct bb_sip_session *s, const struct sip_msg *m);

void sip_session_ok_sent(struct bb_sip_session *s, struct sip_strans *st, uint32_t cseq);
void sip_session_ok_acked(struct bb_sip_session *s);
/** What waits for a quiet dialog may go now. */
void sip_session_quiet(struct bb_sip_session *s);
bool sip_session_is_quiet(const struct bb_sip_session *s);
/** @return 0, -ENODATA without a description, -EBADMSG. */
int sip_session_desc(const struct sip_msg *m, struct bb_media_desc *d, const char **why);
int sip_session_send_ack(struct bb_sip_session *s, uint32_t cseq, const struct bb_media_desc *desc);
/** A body we cannot read may be passed over only when it is marked optional (§8.2.3); else 415. */
bool sip_session_body_refused(const struct sip_msg *m);
#define SIP_ACCEPTED_BODY "Accept: application/sdp\r\nAccept-Encoding: identity\r\n"
/** ACK it and end it: another branch of our fork answered too. @param s whose fork, or NULL. */
void sip_session_refuse_fork(struct sip_core *c, struct bb_sip_session *s,
			     const struct sip_msg *rsp);
void sip_session_reinvited(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m);
void sip_session_updated(struct bb_sip_session *s, struct sip_strans *st, struct sip_msg *m);
void sip_session_send_offer(struct bb_sip_session *s);

/* session_early.c */
void sip_early_free_all(struct bb_sip_session *s);
/** Answered: what they said is needed no more, that they are there still is. */
void sip_early_slim(struct bb_sip_session *s);
struct sip_early *sip_early_find(const struct bb_sip_session *s, struct bb_str tag);
/** A 1xx with a tag came. @return what can be heard from now on, or NULL. */
const struct bb_media_desc *sip_early_provisional(struct bb_sip_session *s, struct sip_msg *m);
bool sip_early_in_order(struct sip_early *e, const struct sip_msg *m);
/** It said BYE: the next one is heard if it was. @return false when it was the last one. */
bool sip_early_end(struct bb_sip_session *s, struct sip_early *ended);

/* session_request.c */
/** Does this answer to a request within end its dialog (RFC 5057 §5.1)? */
bool sip_ends_dialog(unsigned code);
/**
 * Send a request within that carries no offer; again with credentials when they are asked for.
 * @param tail header lines from Contact on, and the body; taken in any case.
 * @param done the final answer, 408 without one, 503 when it could not be sent; the session may be
 * over then. May be NULL. Not called when an error is returned.
 */
int sip_session_send(struct bb_sip_session *s, enum sip_method method, struct bb_buf *tail,
		     void (*done)(struct bb_sip_session *s, unsigned code));
/** The credentials of an INVITE, kept for its ACK. */
int sip_session_credentials(struct bb_sip_session *s, struct sip_tries *t, struct bb_buf *b,
			    uint32_t cseq);

/* session_text.c */
void sip_put_contact(struct bb_buf *b, struct bb_sip_session *s, const struct sip_flow *f);
void sip_put_usual(struct bb_buf *b, struct bb_sip_session *s, bool request);
void sip_put_identity(struct bb_buf *b, struct bb_sip_session *s, const struct bb_sip_party *who,
		      struct bb_str host);
void sip_put_reason(struct bb_buf *b, unsigned cause, const char *text);
/** Content-Type to the end of the message; NULL @p d: no body. Remembers what was said. */
int sip_put_desc(struct bb_buf *b, struct bb_sip_session *s, const struct bb_media_desc *d,
		 const struct sip_flow *f);

#endif
