/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dialog.h - dialogs (RFC 3261 §12): identity, remote target, route set and
 * sequence numbers, and the requests within.
 */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include "modules/sip/trans.h"

#define SIP_ROUTES_MAX 32

/** Embedded in its usage. Texts are its own. */
struct sip_dialog {
	char *call_id, *local_tag;
	char *remote_tag; /* NULL until the far end gave one */
	char *local, *remote; /* values of From and To as we write them, without tags */
	char *target; /* where its Contact says */
	char *routes; /* comma-joined, in the order of sending; "" none */
	uint32_t local_cseq, remote_cseq;
	bool has_remote_cseq;
	struct sip_flow flow; /* a way that worked */
	bool pinned; /* always that way, whatever Contact says */
};

void sip_dialog_free(struct sip_dialog *d);
/** From an INVITE received; @p tag is ours. */
int sip_dialog_uas(struct sip_dialog *d, const struct sip_msg *invite, struct bb_str tag);
/** Before an INVITE is sent. */
int sip_dialog_uac(struct sip_dialog *d, struct bb_str local, struct bb_str remote,
		   struct bb_str target, struct bb_str routes);
/** What a 1xx or 2xx with a tag makes of it (§12.1.2): may be called again with the 2xx. */
int sip_dialog_response(struct sip_dialog *d, const struct sip_msg *rsp);
/** A whole dialog out of a 2xx alone, to end it. */
int sip_dialog_of_stray(struct sip_dialog *d, const struct sip_msg *rsp);
/** Target refresh (§12.2) by the Contact of @p m, if it has one. */
int sip_dialog_refresh(struct sip_dialog *d, const struct sip_msg *m);
/** True when the request's numbers are in order; remembers them. */
bool sip_dialog_in_order(struct sip_dialog *d, const struct sip_msg *m);

/** Start line to CSeq of a request within. An ACK takes the number of its INVITE. */
void sip_dialog_begin(struct sip_dialog *d, struct bb_buf *b, enum sip_method method, uint32_t cseq,
		      unsigned max_forwards);
/** The Request-URI such a request bears. */
struct bb_str sip_dialog_uri(const struct sip_dialog *d);
/** Where it is sent. Prepared. */
int sip_dialog_flow(struct sip_dialog *d, struct sip_stack *s, struct sip_flow *f);

#endif
