/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_types.h - the structs that sections of sip.conf fill, between
 * conf_types.c (the tables) and conf_load.c (what becomes of them).
 */
#ifndef SIP_CONF_TYPES_H
#define SIP_CONF_TYPES_H

#include "modules/sip/config.h"

enum sip_conf_kind {
	SIP_CONF_ENDPOINT,
	SIP_CONF_AOR,
	SIP_CONF_AUTH,
	SIP_CONF_IDENTIFY,
	SIP_CONF_TRANSPORT,
	SIP_CONF_GLOBAL,
	SIP_CONF_SYSTEM,
	SIP_CONF_ROUTE,
	SIP_CONF_FIRST_OTHER /* then: types known and not built, and the old dialect */
};

struct sip_conf_endpoint {
	struct bb_sip_endpoint pub;
	struct bb_strlist allow, disallow;
	bool direct_media;
	int rel100, media_encryption, callerid_privacy;
};

struct sip_conf_auth {
	struct sip_credentials cr;
	int auth_type;
	struct bb_str md5_cred;
	struct bb_strlist password_digest;
};

struct sip_conf_identify {
	struct bb_str endpoint;
	struct bb_strlist match;
};

struct sip_conf_transport {
	int protocol;
	struct bb_str bind, external_media, external_signaling;
	int64_t external_port;
	struct bb_strlist local_net;
};

struct sip_conf_route {
	struct sip_route r;
	struct bb_str action;
};

extern const char *const sip_conf_not_built[]; /* types, in the order of the table */
extern const char *const sip_conf_old_types[]; /* of chan_sip's sip.conf */
extern const char *const sip_method_words[];

#endif
