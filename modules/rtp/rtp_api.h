/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtp_api.h - the service's table, and the settings behind it.
 */
#ifndef RTP_API_H
#define RTP_API_H

#include <bellbird/rtp.h>

enum rtp_strict { RTP_STRICT_NO, RTP_STRICT_YES };

/** rtp.conf as it stands in force. */
struct rtp_settings {
	int64_t start, end;
	int strict;
	int64_t probation;
	int64_t rtcp_interval; /**< Milliseconds; 0 sends none. */
	bool checksums;
};
extern struct rtp_settings rtp_settings;
extern const struct bb_rtp_api rtp_api;
/** Endpoints that live, for the drain. */
unsigned rtp_endpoints(void);

#endif
