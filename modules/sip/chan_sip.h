/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_sip.h - a SIP channel: one session, one RTP endpoint, one channel.
 *
 *   chan_sip.c        the module; legs going out; the driver's table
 *   chan_sip_call.c   what the session tells, and calls that come in
 *   chan_sip_media.c  offers, answers, RTP
 *   chan_sip_func.c   dial plan functions, CHANNEL(pjsip,…)
 *   chan_sip_cli.c    console
 */
#ifndef CHAN_SIP_H
#define CHAN_SIP_H

#include <bellbird/chan.h>
#include <bellbird/cli.h>
#include <bellbird/func.h>
#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>
#include <bellbird/rtp.h>
#include <bellbird/sip.h>

#define CS_HEADERS_MAX 32

/** Hangs off the channel; zeroed before, gone after it. */
struct cs {
	struct bb_chan *ch; /* it owns us */
	struct bb_node node; /* all channels of this driver */
	struct bb_sip_session *session;
	const struct bb_sip_endpoint *ep;
	struct bb_rtp *rtp;
	struct bb_formats allow; /* what we may use with it, in the order we offer */
	struct bb_media_desc *local; /* as last offered or answered; NULL before */
	bool negotiated, early, up, held;
	bool early_sent; /* our answer went out in a 183 */
	bool ringing_played;
	bool latched; /* we know where its media comes from */
	bool heard; /* a packet came from it */
	int dtmf_mode;
	/* going out */
	struct bb_arena *texts;
	struct bb_sip_target target;
	struct bb_str aor;
	struct bb_sip_header *headers; /* in .texts; room for CS_HEADERS_MAX; NULL without */
	size_t n_headers;
};

extern struct bb_self *cs_self;
extern const struct bb_sip_api *cs_sip;
extern const struct bb_rtp_api *cs_rtp;
extern const struct bb_chan_driver cs_driver;
extern struct bb_list cs_all;

static inline struct cs *cs_of(const struct bb_chan *ch)
{
	return bb_chan_pvt(ch);
}
/** NULL unless the channel is one of ours. */
struct cs *cs_check(struct bb_chan *ch);

/* chan_sip_call.c */
extern const struct bb_sip_session_ops cs_session_ops;
enum bb_sip_verdict cs_on_invite(struct bb_sip_request *rq);
void cs_parse_callerid(struct bb_str text, struct bb_party *p);

/* chan_sip_media.c */
/** @p near: live beside this port, or NULL. */
int cs_rtp_open(struct cs *c, const struct bb_sip_target *target, struct bb_port *near);
void cs_rtp_close(struct cs *c);
/** The leg was answered, held, heard: say whether its silence counts. */
void cs_watch(struct cs *c);
/** @return 0 or -ENOMEM. */
int cs_make_offer(struct cs *c, struct bb_media_desc *out);
/**
 * Answer @p offer in @p out and take it into use. @return -ENOPROTOOPT when no
 * format is common, -ENOMEM.
 */
int cs_take_offer(struct cs *c, const struct bb_media_desc *offer, struct bb_media_desc *out);
/** Take the answer to .local into use. @return as above. */
int cs_take_answer(struct cs *c, const struct bb_media_desc *answer);
/** Formats of an offer's audio that we may use, in its order. */
void cs_common(const struct bb_formats *allow, const struct bb_media_desc *offer,
	       struct bb_formats *out);
int cs_media_fact(struct cs *c, struct bb_str kind, struct bb_str item, struct bb_buf *out);

/* chan_sip_func.c */
extern const struct bb_func cs_func_header, cs_func_dial_contacts, cs_func_endpoint, cs_func_aor;
int cs_get(struct bb_chan *ch, struct bb_str name, struct bb_buf *out);

/* chan_sip_cli.c */
extern const struct bb_cli cs_cli_channelstats;

#endif
