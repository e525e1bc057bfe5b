/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tests/sim/ua.h - telephones of the simulated house: small SIP user agents
 * that live on addresses of their own in the in-memory network. They share no
 * code with modules/sip: what both sides misread alike would not be found.
 *
 *   text.c  reading and writing messages, digest
 *   ua.c    sending, repeating, answering: RFC 3261 section 17, as short as it goes
 *   leg.c   calls
 *
 * Their memory is not the PBX's, whose allocations may be made to fail.
 * A telephone does by itself what its manners say; a scenario does the rest.
 */
#ifndef SIM_UA_H
#define SIM_UA_H

#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>
#include <bellbird/net.h>

#define UA_TEXT 4096
#define UA_SHORT 256
#define UA_SERVED 32
#define T1 (500 * BB_MS)
#define T2 (4 * BB_SEC)

/** What a telephone does when it is called. */
struct manners {
	bool deaf; /**< Answers nothing at all. */
	bool no_trying, no_ringing;
	bool answers; /**< Lifts its receiver after .after. */
	bb_time after;
	unsigned refuses; /**< Else it sends this after .after. */
	const char *redirects; /**< Contact of a 3xx. */
	bool never_acks; /**< As a caller: leaves every 2xx unacknowledged. */
	bool refuses_offers; /**< 488 to every re-INVITE. */
	bool video; /**< Offers video too, and first. */
	unsigned forks; /**< Answers with that many further To tags, as phones behind a proxy. */
	const char *codecs; /**< "0 8 101": payload types, in order; NULL: that. */
};

enum leg_state {
	LEG_CALLING, /**< INVITE sent. */
	LEG_CALLED, /**< INVITE received. */
	LEG_UP,
	LEG_OVER
};

struct ua {
	struct bb_node node;
	char name[16], host[BB_ADDR_TEXT], password[32];
	struct bb_addr addr, pbx;
	struct bb_udp *udp;
	struct bb_list legs, sent;
	struct manners manners;
	/* the registration */
	char reg_id[64];
	unsigned reg_cseq, reg_code, reg_bindings, reg_tries;
	char reg_contact[UA_SHORT], reg_expires[16];
	struct {
		char branch[80], method[12];
		char *text;
	} served[UA_SERVED];
	unsigned served_at, n_calls, odd;
};

/** One call as the telephone sees it. Lives as long as the telephone. */
struct leg {
	struct bb_node node;
	struct ua *ua;
	enum leg_state state;
	bool outgoing, cancel_sent, cancel_got, provisional, bye_sent, bye_got, authorised;
	char call_id[80], from_tag[48], to_tag[UA_SHORT], number[64];
	char remote_uri[UA_SHORT], target[UA_SHORT], route[UA_SHORT];
	unsigned cseq, invite_cseq, their_cseq;
	unsigned code; /**< Final response of the first INVITE; 0 none yet. */
	unsigned ringing, acks, oks; /**< 18x seen; ACKs and 2xx seen. */
	unsigned offers, offer_code, digits; /**< Theirs; the answer to ours; INFO answered. */
	char offer_dir[12], dir[12], codecs[64];
	char media[64]; /**< m= lines of the answer to a re-INVITE: "video:0 audio:4000 ". */
	unsigned sdp_version, rtp_port;
	char *invite; /**< The request that waits for our final response. */
	char invite_branch[80];
	bool answered; /**< .invite has its final response. */
	struct bb_timer timer;
};

/** A telephone 127.0.1.@p n, closed. */
struct ua *ua_new(const char *name, unsigned n);
/** Everything is forgotten at once, on the wire too: power cut. The object stays. */
void ua_vanish(struct ua *ua);
void ua_free(struct ua *ua);
/** Register its contact; "*" with 0 removes all. Credentials follow by themselves. */
void ua_register(struct ua *ua, const char *contact, unsigned expires);
/** "<sip:1001@127.0.1.1:5060>" */
const char *ua_contact(const struct ua *ua);

/** Call a number of the PBX. */
struct leg *leg_invite(struct ua *ua, const char *number);
/** The youngest one, or NULL. */
struct leg *ua_leg(const struct ua *ua);
void leg_answer(struct leg *l);
void leg_refuse(struct leg *l, unsigned code);
void leg_cancel(struct leg *l);
void leg_bye(struct leg *l);
/** Hang up as is right at this moment. */
void leg_hangup(struct leg *l);
/** A new offer: "sendonly", "sendrecv", and payload types (NULL: as before). */
void leg_offer(struct leg *l, const char *dir, const char *codecs);
/** A re-INVITE without a description: theirs comes in the 200, and gets no answer. */
void leg_ask_offer(struct leg *l);
/** One digit by INFO. */
void leg_digit(struct leg *l, char digit);

/* --- between the files --- */

/** A message that is repeated until somebody answers. */
struct sent {
	struct bb_node node;
	struct ua *ua;
	struct leg *leg;
	struct bb_timer timer;
	bb_time wait, until;
	bool request, invite, success;
	unsigned cseq;
	char branch[80], method[12];
	char text[];
};

/* text.c: all results terminated; the empty string is "none" */
void sim_header(const char *msg, const char *name, unsigned n, char *dst, size_t cap);
void sim_param(const char *value, const char *name, char *dst, size_t cap);
/** What stands between angle brackets, or the value up to its parameters. */
void sim_uri(const char *value, char *dst, size_t cap);
unsigned sim_status(const char *msg);
void sim_method(const char *msg, char *dst, size_t cap);
const char *sim_body(const char *msg);
/** "sendonly" … of a description. */
void sim_direction(const char *msg, char *dst, size_t cap);
void sim_branch(char *dst, size_t cap);
void sim_authorization(const char *challenge, const char *user, const char *password,
		       const char *method, const char *uri, char *dst, size_t cap);

/* ua.c */
void ua_put(struct ua *ua, const char *text);
void ua_send_register(struct ua *ua, const char *auth);
void ua_send_request(struct ua *ua, struct leg *l, const char *method, unsigned cseq,
		     const char *branch, const char *text);
/** Answer a request; @p to_tag may be "", @p extra are header lines, @p body an SDP or "". */
void ua_reply(struct ua *ua, struct leg *l, const char *request, unsigned code, const char *to_tag,
	      const char *extra, const char *body);
void ua_stop(struct ua *ua, struct leg *l, bool request, unsigned cseq);
bool ua_sending(struct ua *ua, struct leg *l, const char *method);

/* leg.c */
void leg_free(struct leg *l);
void leg_response(struct ua *ua, const char *msg, bool known);
void leg_request(struct ua *ua, const char *msg);
/** Nobody answered in time: a 408 of our own making, or no ACK came. */
void leg_timeout(struct sent *s);

#endif
