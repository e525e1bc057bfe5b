/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_rtcp.c - what is read of a compound packet can be written, and is then
 * read the same.
 */
#include "fuzz.h"

#include "modules/rtp/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtcp_info info, again;
	uint8_t b[2048];
	int n;

	if (rtcp_parse(&info, data, size) < 0)
		return 0;
	FUZZ_ASSERT(info.n_reports <= RTCP_MAX_REPORTS && strlen(info.cname) < sizeof(info.cname));
	for (unsigned i = 0; i < info.n_reports; i++) {
		bb_time rtt = rtcp_round_trip(0x12345678, &info.reports[i]);

		FUZZ_ASSERT(rtt >= -1 && rtt <= 61 * BB_SEC);
	}
	n = rtcp_build(b, sizeof(b), &info);
	FUZZ_ASSERT(n > 0 && n % 4 == 0);
	FUZZ_ASSERT(rtcp_parse(&again, b, (size_t)n) == 0);
	FUZZ_ASSERT(again.ssrc == info.ssrc && again.n_reports == info.n_reports &&
		    again.bye == info.bye && strcmp(again.cname, info.cname) == 0);
	return 0;
}
