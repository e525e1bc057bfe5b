/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core.h - the upper half of SIP: one user agent over one stack. The module
 * has one, a test as many as it likes; nothing here is global.
 *
 *   core.c      its life, traces and caps
 *   dispatch.c  requests outside dialogs: checks, identification, routes, handlers
 *   auth.c      challenges, and credentials shown to us; keyring.c: ours
 *   request.c   struct bb_sip_request
 *   dialog.c    RFC 3261 §12
 *   session*.c  INVITE sessions
 *   contact.c   from an address of record to contacts; qualify.c asks them
 */
#ifndef SIP_CORE_H
#define SIP_CORE_H

#include <bellbird/log.h>
#include <bellbird/loop.h>

#include "modules/sip/config.h"
#include "modules/sip/trans.h"

struct sip_session;

/** Who wants to hear of messages with this Call-ID. */
struct sip_tracee {
	struct bb_map_node map;
	struct bb_story *story;
	char leg[80];
};

/** What an endpoint or a source has open; lives while anything counts on it. */
struct sip_load {
	struct bb_map_node map;
	struct bb_map *in;
	unsigned calls, pending, users;
	char name[1];
};

struct sip_qualify;

struct sip_core {
	struct sip_stack *stack;
	struct sip_config *config;
	struct sip_nonces nonces;
	struct bb_map sessions; /* struct sip_session by local tag */
	struct bb_list session_list;
	struct bb_map calls; /* struct sip_tracee by Call-ID */
	struct bb_map sources, endpoints; /* struct sip_load */
	unsigned pending;
	struct bb_map qualifies; /* struct sip_qualify by address of record */
	struct bb_timer qualify_timer;
	bool qualify_watching;
	/** Asked in this order; NULL: the extension point "request" is walked. */
	const struct bb_sip_handler *const *handlers;
	/** An endpoint's reachability may have changed. May be NULL. */
	void (*endpoint_changed)(const struct bb_sip_endpoint *ep);
	bool log_all; /* `sip set logger on` */
	struct bb_addr log_host; /* only this one */
	uint8_t tag_secret[16];
};

/** Takes its own reference to the set. */
int sip_core_new(struct sip_core **cp, struct sip_config *config);
void sip_core_free(struct sip_core *c);
/** From now on; what goes on keeps its own. */
void sip_core_set_config(struct sip_core *c, struct sip_config *config);
/** Open one transport of the set. */
int sip_core_open(struct sip_core *c, const struct sip_transport_def *def);

int sip_tracee_add(struct sip_core *c, struct sip_tracee *t, struct bb_str call_id);
void sip_tracee_remove(struct sip_core *c, struct sip_tracee *t);
/** "INVITE sip:600@…" or "200 OK (INVITE)" of a message's text. */
void sip_summary(struct bb_str raw, char *dst, size_t cap);

/** Count on a load of that name; NULL without memory. */
struct sip_load *sip_load_get(struct bb_map *in, struct bb_str name);
struct sip_load *sip_load_ref(struct sip_load *l);
void sip_load_put(struct sip_load *l);
/** A refusal for the security log, at a limited rate. */
void sip_log_refusal(struct sip_core *c, const struct bb_addr *from, const char *fmt, ...)
	BB_PRINTF(3, 4);

extern const char *const sip_option_tags[]; /* what Require may name */
#define SIP_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER"
#define SIP_ALLOW_DIALOG "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"

/* --- requests outside dialogs --- */

struct sip_inreq {
	struct bb_sip_request pub; /* first */
	struct sip_core *core;
	struct sip_strans *st; /* NULL once answered or gone */
	struct sip_msg *msg;
	struct sip_tracee tracee;
	char from_name[80];
	char transport[8];
	bool canceled;
	/* what waits for a CANCEL: the session made of it */
	void (*on_cancel)(struct sip_inreq *rq, struct sip_msg *cancel, void *arg);
	void (*on_gone)(struct sip_inreq *rq, int err, void *arg);
	void *arg;
};

int sip_inreq_new(struct sip_inreq **rp, struct sip_core *c, struct sip_strans *st,
		  struct sip_msg *m);
struct sip_inreq *sip_inreq_ref(struct sip_inreq *rq);
void sip_inreq_unref(struct sip_inreq *rq);
int sip_inreq_respond(struct sip_inreq *rq, unsigned code, const char *phrase,
		      const struct bb_sip_header *headers, size_t n);
/** Refuse and tell why: story, security log. @p why is a whole sentence. */
void sip_inreq_refuse(struct sip_inreq *rq, unsigned code, const char *phrase, unsigned cause,
		      const char *fmt, ...) BB_PRINTF(5, 6);
struct bb_story *sip_inreq_story(struct sip_inreq *rq);
void sip_uri_public(struct bb_sip_uri *dst, const struct sip_uri *u);
enum bb_sip_method sip_method_public(enum sip_method m);

/* Entry points of the stack. */
void sip_dispatch(struct sip_strans *st, struct sip_msg *m, void *core);
enum bb_sip_verdict sip_handlers_ask(struct sip_core *c, struct sip_inreq *rq);

/* --- authentication (auth.c) --- */

enum sip_auth_verdict { SIP_AUTH_OK, SIP_AUTH_MISSING, SIP_AUTH_STALE, SIP_AUTH_WRONG };
/** @p ep NULL: nobody's; takes as long as for somebody. */
enum sip_auth_verdict sip_auth_verify(struct sip_core *c, const struct sip_msg *m,
				      const struct bb_sip_endpoint *ep);
/** WWW-Authenticate lines. */
void sip_auth_challenge(struct sip_core *c, struct bb_buf *b, const struct bb_sip_endpoint *ep,
			bool stale);
/** User name of the credentials shown, or unset. */
struct bb_str sip_auth_user(const struct sip_msg *m);

/* --- contacts --- */

int sip_contacts(struct sip_core *c, struct bb_str aor,
		 void (*fn)(const struct bb_sip_contact *ct, void *arg), void *arg);
bool sip_endpoint_reachable(struct sip_core *c, const struct bb_sip_endpoint *ep, bool *registered);
void sip_qualify_start(struct sip_core *c);
void sip_qualify_stop(struct sip_core *c);
enum bb_sip_contact_status sip_qualify_status(struct sip_core *c, struct bb_str aor,
					      struct bb_str uri, bb_time *rtt);
/** The flow a target asks for when it names an address. @return -EAGAIN: look it up. */
int sip_target_flow(struct sip_core *c, const struct bb_sip_target *t, struct sip_flow *f);
/** Look up the host name it is about; see sip_resolve(). */
struct sip_resolve;
int sip_target_resolve(struct sip_resolve **rp, const struct bb_sip_target *t,
		       void (*done)(int err, const struct sip_flow *flows, size_t n, void *arg),
		       void *arg);
void sip_endpoint_formats(const struct bb_sip_endpoint *ep, struct bb_formats *fs);

#endif
