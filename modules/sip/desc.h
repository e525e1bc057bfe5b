/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * desc.h - between SDP text and the neutral media description (RFC 8866,
 * RFC 3264). Nothing of SDP passes this file upwards.
 */
#ifndef SIP_DESC_H
#define SIP_DESC_H

#include <bellbird/media.h>

/** Identity of our session descriptions within one dialog (o= line). */
struct sip_origin {
	uint64_t id, version;
};

/**
 * @return 0; -EBADMSG with *why a literal sentence; -ENOMEM. Formats nobody
 * provides are left out; a stream beyond BB_MAX_STREAMS is an error.
 */
int sip_desc_parse(struct bb_media_desc *d, struct bb_str sdp, const char **why);
void sip_desc_print(struct bb_buf *b, const struct bb_media_desc *d, const struct sip_origin *o);
/** "(PCMU/8000|opus/48000)": what an SDP's first audio stream lists, known or not. */
void sip_desc_names(struct bb_buf *b, struct bb_str sdp);

#endif
