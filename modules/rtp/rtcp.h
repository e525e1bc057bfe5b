/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtcp.h - RTCP: sender and receiver reports, SDES, BYE
 * (RFC 3550 section 6).
 */
#ifndef RTP_RTCP_H
#define RTP_RTCP_H

#include <bellbird/base.h>

#define RTCP_MAX_REPORTS 31
#define RTCP_MAX_PACKET 512

struct rtcp_report {
	uint32_t ssrc;
	uint8_t fraction;
	int32_t lost;
	uint32_t highest, jitter, lsr, dlsr;
};

/** What a compound packet said; of several sender reports the last counts. */
struct rtcp_info {
	uint32_t ssrc;
	bool sender; /* an SR: the following are set */
	uint32_t ntp_sec, ntp_frac, ts, packets, octets;
	struct rtcp_report reports[RTCP_MAX_REPORTS];
	unsigned n_reports;
	bool bye;
	char cname[64];
};

/** @return 0 or -EBADMSG. Unknown packet types are passed over. */
int rtcp_parse(struct rtcp_info *info, const uint8_t *data, size_t len);

/** Write SR or RR, SDES with the CNAME, and BYE when @c bye. @return the length, -EOVERFLOW. */
int rtcp_build(uint8_t *dst, size_t cap, const struct rtcp_info *info);

/** The middle 32 bits of an NTP timestamp. */
static inline uint32_t rtcp_middle(uint32_t sec, uint32_t frac)
{
	return sec << 16 | frac >> 16;
}
/** Microseconds since 1970 as NTP. */
void rtcp_ntp(bb_time wall, uint32_t *sec, uint32_t *frac);
/** Section 6.4.1: @return microseconds, or -1 when nothing can be said. */
bb_time rtcp_round_trip(uint32_t now_middle, const struct rtcp_report *r);

#endif
