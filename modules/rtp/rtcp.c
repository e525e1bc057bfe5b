/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/rtcp.c - reading and writing RTCP.
 */
#include "modules/rtp/rtcp.h"
#include "modules/rtp/rtp_packet.h"

enum { RTCP_SR = 200, RTCP_RR, RTCP_SDES, RTCP_BYE };
#define SDES_CNAME 1
#define ROUNDING (65536 / 200) /* 5 ms: what a thread's clock is behind */
#define NTP_EPOCH 2208988800u /* from 1900 to 1970 */

static int parse_reports(struct rtcp_info *info, unsigned count, const uint8_t *p, size_t len)
{
	if (len < count * 24u)
		return -EBADMSG;
	for (; count; count--, p += 24) {
		struct rtcp_report *r;

		if (info->n_reports == RTCP_MAX_REPORTS)
			return 0;
		r = &info->reports[info->n_reports++];
		r->ssrc = rtp_get32(p);
		r->fraction = p[4];
		r->lost = (int32_t)(rtp_get32(p + 4) << 8) >> 8;
		r->highest = rtp_get32(p + 8);
		r->jitter = rtp_get32(p + 12);
		r->lsr = rtp_get32(p + 16);
		r->dlsr = rtp_get32(p + 20);
	}
	return 0;
}

static int parse_sr(struct rtcp_info *info, unsigned count, const uint8_t *p, size_t len)
{
	if (len < 24)
		return -EBADMSG;
	info->ssrc = rtp_get32(p);
	info->sender = true;
	info->ntp_sec = rtp_get32(p + 4);
	info->ntp_frac = rtp_get32(p + 8);
	info->ts = rtp_get32(p + 12);
	info->packets = rtp_get32(p + 16);
	info->octets = rtp_get32(p + 20);
	return parse_reports(info, count, p + 24, len - 24);
}

static int parse_rr(struct rtcp_info *info, unsigned count, const uint8_t *p, size_t len)
{
	if (len < 4)
		return -EBADMSG;
	info->ssrc = rtp_get32(p);
	return parse_reports(info, count, p + 4, len - 4);
}

/* One chunk. @return bytes used, 0 when it is broken. */
static size_t parse_chunk(struct rtcp_info *info, const uint8_t *p, size_t len)
{
	size_t at = 4;

	while (at < len && p[at]) {
		size_t l;

		if (at + 2 > len || at + 2 + p[at + 1] > len)
			return 0;
		l = p[at + 1];
		if (p[at] == SDES_CNAME && !info->cname[0])
			bb_str_copy(info->cname, sizeof(info->cname),
				    bb_strn((const char *)p + at + 2, l));
		at += 2 + l;
	}
	if (at >= len)
		return 0;
	return (at + 4) & ~(size_t)3; /* the null octet and what fills the word */
}

static int parse_sdes(struct rtcp_info *info, unsigned count, const uint8_t *p, size_t len)
{
	for (; count; count--) {
		size_t used = len > 4 ? parse_chunk(info, p, len) : 0;

		if (!used || used > len)
			return -EBADMSG;
		p += used;
		len -= used;
	}
	return 0;
}

static int parse_one(struct rtcp_info *info, unsigned type, unsigned count, const uint8_t *p,
		     size_t len)
{
	switch (type) {
	case RTCP_SR:
		return parse_sr(info, count, p, len);
	case RTCP_RR:
		return parse_rr(info, count, p, len);
	case RTCP_SDES:
		return parse_sdes(info, count, p, len);
	case RTCP_BYE:
		info->bye = true;
		return len < count * 4u ? -EBADMSG : 0;
	default:
		return 0;
	}
}

int rtcp_parse(struct rtcp_info *info, const uint8_t *data, size_t len)
{
	memset(info, 0, sizeof(*info));
	if (len < 8)
		return -EBADMSG;
	while (len) {
		size_t size, body;

		if (len < 4 || data[0] >> 6 != 2)
			return -EBADMSG;
		size = ((size_t)rtp_get16(data + 2) + 1) * 4;
		if (size > len)
			return -EBADMSG;
		body = size - 4;
		if (data[0] & 0x20) { /* padding of the last one */
			if (!body || data[size - 1] > body || size != len)
				return -EBADMSG;
			body -= data[size - 1];
		}
		if (parse_one(info, data[1], data[0] & 0x1f, data + 4, body) < 0)
			return -EBADMSG;
		data += size;
		len -= size;
	}
	return 0;
}

/* --- writing --- */

static uint8_t *put_header(uint8_t *p, unsigned count, unsigned type, size_t bytes)
{
	p[0] = (uint8_t)(0x80 | count);
	p[1] = (uint8_t)type;
	rtp_put16(p + 2, (uint16_t)(bytes / 4 - 1));
	return p + 4;
}

static uint8_t *put_report(uint8_t *p, const struct rtcp_report *r)
{
	rtp_put32(p, r->ssrc);
	rtp_put32(p + 4, (uint32_t)r->lost & 0xffffff);
	p[4] = r->fraction;
	rtp_put32(p + 8, r->highest);
	rtp_put32(p + 12, r->jitter);
	rtp_put32(p + 16, r->lsr);
	rtp_put32(p + 20, r->dlsr);
	return p + 24;
}

int rtcp_build(uint8_t *dst, size_t cap, const struct rtcp_info *info)
{
	size_t name = strlen(info->cname);
	size_t report = 8 + (info->sender ? 20u : 0) + info->n_reports * 24u;
	size_t sdes = 4 + ((4 + 2 + name + 1 + 3) & ~(size_t)3);
	size_t total = report + sdes + (info->bye ? 8u : 0);
	uint8_t *p = dst;

	if (total > cap)
		return -EOVERFLOW;
	memset(dst, 0, total);
	p = put_header(p, info->n_reports, info->sender ? RTCP_SR : RTCP_RR, report);
	rtp_put32(p, info->ssrc);
	p += 4;
	if (info->sender) {
		rtp_put32(p, info->ntp_sec);
		rtp_put32(p + 4, info->ntp_frac);
		rtp_put32(p + 8, info->ts);
		rtp_put32(p + 12, info->packets);
		rtp_put32(p + 16, info->octets);
		p += 20;
	}
	for (unsigned i = 0; i < info->n_reports; i++)
		p = put_report(p, &info->reports[i]);
	p = put_header(p, 1, RTCP_SDES, sdes);
	rtp_put32(p, info->ssrc);
	p[4] = SDES_CNAME;
	p[5] = (uint8_t)name;
	memcpy(p + 6, info->cname, name);
	p += sdes - 4;
	if (info->bye) {
		p = put_header(p, 1, RTCP_BYE, 8);
		rtp_put32(p, info->ssrc);
	}
	return (int)total;
}

void rtcp_ntp(bb_time wall, uint32_t *sec, uint32_t *frac)
{
	*sec = (uint32_t)((uint64_t)wall / 1000000u + NTP_EPOCH);
	*frac = (uint32_t)((((uint64_t)wall % 1000000u) << 32) / 1000000u);
}

bb_time rtcp_round_trip(uint32_t now_middle, const struct rtcp_report *r)
{
	int32_t rtt = (int32_t)(now_middle - r->lsr - r->dlsr);

	/* A few units below zero are the rounding of a very short way. */
	if (rtt < 0 && rtt > -ROUNDING)
		rtt = 0;
	/* Nothing received yet, or clocks that make it negative or longer than a minute. */
	if (!r->lsr || rtt < 0 || rtt > 60 << 16)
		return -1;
	return (bb_time)rtt * 1000000 >> 16;
}
