/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config.h - the SIP objects of one configuration: endpoints, addresses of
 * record, credentials, identification, routes, transports. One counted set;
 * every object keeps the whole set alive, so that a call goes on with what it
 * began with. Built from sip.conf by conf_load.c, or by hand in tests.
 */
#ifndef SIP_CONFIG_H
#define SIP_CONFIG_H

#include <bellbird/list.h>
#include <bellbird/map.h>
#include <bellbird/mem.h>
#include <bellbird/sip.h>

#include "modules/sip/digest.h"
#include "modules/sip/flow.h"

struct sip_config;

struct sip_endpoint {
	struct bb_sip_endpoint pub; /* first: the public pointer is this one's */
	struct sip_config *config;
	struct bb_map_node map;
	struct bb_node node; /* in order of names */
};

struct sip_aor {
	struct bb_sip_aor pub;
	struct sip_config *config;
	bool rewrite; /* of an endpoint with rewrite_contact */
	struct bb_str route; /* outbound_proxy as a Route value; empty without */
	struct bb_map_node map;
	struct bb_node node;
};

/** type=auth, for either role. */
struct sip_credentials {
	const char *name;
	struct bb_str username, password, realm; /* realm empty: the default one / any */
	struct bb_str ha1[SIP_DIGEST_ALGS]; /* given instead of a password; unset otherwise */
	struct bb_str own[SIP_DIGEST_ALGS]; /* of the password in our realm; kept by auth.c */
	bb_time nonce_lifetime;
	uint64_t algorithms; /* bits of enum sip_digest_alg offered */
	struct bb_map_node map;
	struct bb_node node;
};

/** One match= of a type=identify. */
struct sip_identify {
	const struct sip_endpoint *endpoint;
	struct bb_cidr match;
	struct bb_node node;
};

/** type=route: what a request gets. */
struct sip_route {
	const char *name;
	struct bb_str domain; /* empty: any */
	struct bb_str user; /* pattern, empty: any */
	struct bb_strlist source; /* networks as written */
	struct bb_cidr *nets;
	size_t n_nets;
	struct bb_strlist method;
	enum bb_sip_action action;
	unsigned code; /* of a refusal */
	struct bb_node node;
};

struct sip_transport_def {
	const char *name;
	enum sip_tp type;
	struct bb_addr bind;
	struct bb_str external_signaling, external_media;
	uint16_t external_port;
	struct bb_cidr *nets;
	size_t n_nets;
	struct bb_where at;
	struct bb_node node;
};

#define SIP_ORDER_MAX 16

struct sip_settings {
	struct bb_str user_agent, default_realm, default_from_user;
	struct bb_strlist request_order;
	int64_t max_forwards;
	int64_t max_transactions, max_transactions_per_source;
	int64_t max_pending, max_pending_per_source, max_calls;
	int64_t max_connections, max_connections_per_source;
	int64_t retry_after;
	bb_time overload_delay;
	bb_time keep_alive_interval;
	bb_time timer_t1, timer_b;
	bool disable_tcp_switch;
	struct bb_str debug;
};
void sip_settings_defaults(struct sip_settings *s);

struct sip_config {
	struct bb_map endpoints, aors, credentials; /* by name; without case */
	struct bb_map auth_users; /* endpoints by a user name of their auth; owns its nodes */
	struct bb_map aor_users; /* endpoints by each aor they name; owns its nodes; without case */
	struct bb_list endpoint_list, aor_list, credential_list;
	struct bb_list identifies, routes, transports;
	struct sip_settings set;
	struct bb_arena *arena;
	const void **held; /* configuration objects */
	size_t n_held, cap_held;
};

struct sip_config *sip_config_new(void);
struct sip_config *sip_config_ref(struct sip_config *c);
void sip_config_unref(struct sip_config *c);
/** Copies the struct; texts must live as long as the set (see sip_config_hold()). */
int sip_config_add_endpoint(struct sip_config *c, const struct bb_sip_endpoint *ep);
int sip_config_add_aor(struct sip_config *c, const struct bb_sip_aor *aor);
int sip_config_add_credentials(struct sip_config *c, const struct sip_credentials *cr);
int sip_config_add_identify(struct sip_config *c, const struct sip_endpoint *ep,
			    const struct bb_cidr *net);
int sip_config_add_route(struct sip_config *c, const struct sip_route *r);
int sip_config_add_transport(struct sip_config *c, const struct sip_transport_def *t);
/** Keep a configuration object until the set goes. */
int sip_config_hold(struct sip_config *c, const void *obj);
/** After everything was added: tables across objects. */
int sip_config_finish(struct sip_config *c);

struct sip_endpoint *sip_config_endpoint(const struct sip_config *c, struct bb_str name);
struct sip_endpoint *sip_config_by_auth_user(const struct sip_config *c, struct bb_str user);
/** Endpoints that name this address of record: start with *at NULL. @return NULL at the end. */
struct sip_endpoint *sip_config_aor_user(const struct sip_config *c, struct bb_str aor,
					 const struct bb_map_node **at);
struct sip_aor *sip_config_aor(const struct sip_config *c, struct bb_str name);
struct sip_credentials *sip_config_credentials(const struct sip_config *c, struct bb_str name);

const struct bb_sip_endpoint *sip_endpoint_ref(const struct bb_sip_endpoint *ep);
void sip_endpoint_unref(const struct bb_sip_endpoint *ep);
struct sip_config *sip_endpoint_config(const struct bb_sip_endpoint *ep);

/** From conf_load.c: the types for the module table, and building a set. */
extern const struct bb_conf_type sip_conf_types[];
struct bb_conf;
/** @return 0 also when mistakes were reported; -ENOMEM. */
int sip_config_load(struct sip_config **cp, const struct bb_conf *next, struct bb_diag *d);

#endif
