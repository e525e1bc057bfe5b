/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer_test.h - one core on the virtual clock, and a peer that speaks by
 * hand: what a whole user agent on the other side would never do.
 */
#ifndef PEER_TEST_H
#define PEER_TEST_H

#include "bbtest.h"
#include "modules/sip/session.h"

struct peer_world {
	struct sip_core *core;
	struct sip_config *config;
	struct bb_sip_session *s;
	unsigned answered, offers, offers_done, done_code, closed, progress, heard;
	unsigned end_code;
	enum bb_sip_fault fault;
	bool answer_offers;
	bool ring; /* calls that come in get a 180 */
	/* the peer, and somebody who has nothing to do with anything */
	struct bb_udp *peer, *bystander;
	struct sip_msg *invite; /* last one that the peer got */
	struct sip_msg *request; /* last request but ACK */
	struct sip_msg *ack; /* last ACK */
	unsigned rung; /* 1xx but 100 that the peer got */
	unsigned options, invites, acks, byes, cancels, infos, code, heard_by_bystander;
	char response[2048]; /* last one that the peer got */
};
extern struct peer_world t;

void describe(struct bb_media_desc *d);
/** Answer the last INVITE. */
void reply(unsigned code, const char *tag, bool sdp);
/** Answer any request. @param extra whole header lines. */
void answer(struct sip_msg *m, unsigned code, const char *tag, const char *extra, bool sdp);
/** The peer sends that. */
void say(const char *text);
/** A request within the dialog of the last INVITE. */
void ask(const char *method, const char *tag, unsigned cseq, const char *branch, bool sdp);
void ask_with(const char *method, const char *tag, unsigned cseq, const char *branch,
	      const char *extra, const char *type, const char *body);
void scene(void);
/** Invite the peer as that endpoint: "plain", "natted", "keys" (with credentials). */
void call_as(const char *endpoint);
void call(void);
/** A call that is answered. */
void talk(void);
/** The peer invites us at "open", which asks for nothing. @param extra header lines. */
void invite_us(const char *branch, const char *extra, const char *type, const char *body);
/** Its ACK of a refusal. */
void ack_us(const char *branch);
/** Nothing outlives its call. */
void curtain(void);

#endif
