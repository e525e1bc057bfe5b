/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hdr.c - from names to ids and back. Header names are found by a perfect
 * hash over length, first, middle and last letter: its factors were searched
 * for, so that no two known names meet, and a unit test says so of each name.
 */
#include "modules/sip/chars.h"
#include "modules/sip/hdr.h"

static const struct {
	const char *name;
	uint8_t len;
	char compact;
	uint8_t flags;
} hdrs[SIP_HDR_N] = { [SIP_HDR_OTHER] = { "", 0, 0, 0 },
#define ROW(id, name, compact, flags) [SIP_HDR_##id] = { name, sizeof(name) - 1, compact, flags },
		      SIP_HDR_LIST(ROW)
#undef ROW
};

static const uint8_t compact_ids[26] = {
	['a' - 'a'] = SIP_HDR_ACCEPT_CONTACT,
	['u' - 'a'] = SIP_HDR_ALLOW_EVENTS,
	['i' - 'a'] = SIP_HDR_CALL_ID,
	['m' - 'a'] = SIP_HDR_CONTACT,
	['e' - 'a'] = SIP_HDR_CONTENT_ENCODING,
	['l' - 'a'] = SIP_HDR_CONTENT_LENGTH,
	['c' - 'a'] = SIP_HDR_CONTENT_TYPE,
	['o' - 'a'] = SIP_HDR_EVENT,
	['f' - 'a'] = SIP_HDR_FROM,
	['y' - 'a'] = SIP_HDR_IDENTITY,
	['n' - 'a'] = SIP_HDR_IDENTITY_INFO,
	['r' - 'a'] = SIP_HDR_REFER_TO,
	['b' - 'a'] = SIP_HDR_REFERRED_BY,
	['j' - 'a'] = SIP_HDR_REJECT_CONTACT,
	['d' - 'a'] = SIP_HDR_REQUEST_DISPOSITION,
	['x' - 'a'] = SIP_HDR_SESSION_EXPIRES,
	['s' - 'a'] = SIP_HDR_SUBJECT,
	['k' - 'a'] = SIP_HDR_SUPPORTED,
	['t' - 'a'] = SIP_HDR_TO,
	['v' - 'a'] = SIP_HDR_VIA,
};

static const uint8_t slots[256] = {
	[0] = SIP_HDR_SIP_ETAG,
	[3] = SIP_HDR_USER_AGENT,
	[4] = SIP_HDR_FROM,
	[8] = SIP_HDR_SESSION_EXPIRES,
	[14] = SIP_HDR_PROXY_AUTHORIZATION,
	[15] = SIP_HDR_P_PREFERRED_IDENTITY,
	[16] = SIP_HDR_AUTHENTICATION_INFO,
	[23] = SIP_HDR_PROXY_AUTHENTICATE,
	[26] = SIP_HDR_RACK,
	[28] = SIP_HDR_REPLACES,
	[30] = SIP_HDR_CSEQ,
	[32] = SIP_HDR_ALERT_INFO,
	[33] = SIP_HDR_IDENTITY_INFO,
	[36] = SIP_HDR_PATH,
	[37] = SIP_HDR_REJECT_CONTACT,
	[39] = SIP_HDR_WARNING,
	[45] = SIP_HDR_JOIN,
	[51] = SIP_HDR_REFER_TO,
	[52] = SIP_HDR_ACCEPT_ENCODING,
	[56] = SIP_HDR_REPLY_TO,
	[61] = SIP_HDR_REFERRED_BY,
	[66] = SIP_HDR_RSEQ,
	[75] = SIP_HDR_EVENT,
	[79] = SIP_HDR_ACCEPT,
	[80] = SIP_HDR_CALL_ID,
	[83] = SIP_HDR_DATE,
	[84] = SIP_HDR_EXPIRES,
	[85] = SIP_HDR_MIME_VERSION,
	[87] = SIP_HDR_CONTENT_TYPE,
	[96] = SIP_HDR_REMOTE_PARTY_ID,
	[97] = SIP_HDR_ALLOW,
	[100] = SIP_HDR_UNSUPPORTED,
	[104] = SIP_HDR_P_ACCESS_NETWORK_INFO,
	[113] = SIP_HDR_RETRY_AFTER,
	[114] = SIP_HDR_FLOW_TIMER,
	[120] = SIP_HDR_REFER_SUB,
	[126] = SIP_HDR_SUBSCRIPTION_STATE,
	[129] = SIP_HDR_PRIVACY,
	[139] = SIP_HDR_IDENTITY,
	[143] = SIP_HDR_CONTENT_LANGUAGE,
	[144] = SIP_HDR_ERROR_INFO,
	[145] = SIP_HDR_PROXY_REQUIRE,
	[152] = SIP_HDR_CONTACT,
	[154] = SIP_HDR_SUBJECT,
	[155] = SIP_HDR_P_ASSERTED_IDENTITY,
	[156] = SIP_HDR_ORGANIZATION,
	[157] = SIP_HDR_TIMESTAMP,
	[161] = SIP_HDR_MIN_EXPIRES,
	[163] = SIP_HDR_MAX_FORWARDS,
	[169] = SIP_HDR_PRIORITY,
	[177] = SIP_HDR_SUPPORTED,
	[179] = SIP_HDR_REASON,
	[180] = SIP_HDR_SERVER,
	[181] = SIP_HDR_CONTENT_DISPOSITION,
	[182] = SIP_HDR_RECORD_ROUTE,
	[184] = SIP_HDR_TARGET_DIALOG,
	[186] = SIP_HDR_WWW_AUTHENTICATE,
	[197] = SIP_HDR_AUTHORIZATION,
	[201] = SIP_HDR_ACCEPT_CONTACT,
	[202] = SIP_HDR_REQUIRE,
	[211] = SIP_HDR_SIP_IF_MATCH,
	[217] = SIP_HDR_REQUEST_DISPOSITION,
	[218] = SIP_HDR_VIA,
	[220] = SIP_HDR_ALLOW_EVENTS,
	[224] = SIP_HDR_CONTENT_ENCODING,
	[226] = SIP_HDR_ROUTE,
	[227] = SIP_HDR_ACCEPT_LANGUAGE,
	[228] = SIP_HDR_CALL_INFO,
	[237] = SIP_HDR_IN_REPLY_TO,
	[238] = SIP_HDR_SERVICE_ROUTE,
	[240] = SIP_HDR_HISTORY_INFO,
	[242] = SIP_HDR_MIN_SE,
	[244] = SIP_HDR_DIVERSION,
	[250] = SIP_HDR_TO,
	[251] = SIP_HDR_CONTENT_LENGTH,
};

static unsigned slot_of(struct bb_str n)
{
	return ((unsigned)n.l * 116 + (uint8_t)sip_lower(n.p[0]) * 156u +
		(uint8_t)sip_lower(n.p[n.l - 1]) * 43u + (uint8_t)sip_lower(n.p[n.l / 2]) * 147u) &
	       255u;
}

enum sip_hdr_id sip_hdr_id_of(struct bb_str name)
{
	unsigned id;
	char c;

	if (!name.l)
		return SIP_HDR_OTHER;
	if (name.l == 1) {
		c = sip_lower(name.p[0]);
		return c >= 'a' && c <= 'z' ? compact_ids[c - 'a'] : SIP_HDR_OTHER;
	}
	id = slots[slot_of(name)];
	return id && bb_str_ieq(name, bb_strn(hdrs[id].name, hdrs[id].len)) ? id : SIP_HDR_OTHER;
}

const char *sip_hdr_name(enum sip_hdr_id id)
{
	return (unsigned)id < SIP_HDR_N ? hdrs[id].name : "";
}

unsigned sip_hdr_flags(enum sip_hdr_id id)
{
	return (unsigned)id < SIP_HDR_N ? hdrs[id].flags : 0;
}

static const char *const methods[SIP_METHOD_N] = {
	[SIP_UNKNOWN] = "UNKNOWN",   [SIP_INVITE] = "INVITE",	    [SIP_ACK] = "ACK",
	[SIP_BYE] = "BYE",	     [SIP_CANCEL] = "CANCEL",	    [SIP_OPTIONS] = "OPTIONS",
	[SIP_REGISTER] = "REGISTER", [SIP_INFO] = "INFO",	    [SIP_PRACK] = "PRACK",
	[SIP_UPDATE] = "UPDATE",     [SIP_SUBSCRIBE] = "SUBSCRIBE", [SIP_NOTIFY] = "NOTIFY",
	[SIP_REFER] = "REFER",	     [SIP_MESSAGE] = "MESSAGE",	    [SIP_PUBLISH] = "PUBLISH",
};

enum sip_method sip_method_of(struct bb_str text)
{
	for (unsigned m = SIP_INVITE; m < SIP_METHOD_N; m++)
		if (bb_str_is(text, methods[m]))
			return m;
	return SIP_UNKNOWN;
}

const char *sip_method_name(enum sip_method m)
{
	return (unsigned)m < SIP_METHOD_N ? methods[m] : methods[SIP_UNKNOWN];
}

static const struct {
	uint16_t code;
	const char *text;
} phrases[] = {
	{ 100, "Trying" },
	{ 180, "Ringing" },
	{ 181, "Call Is Being Forwarded" },
	{ 182, "Queued" },
	{ 183, "Session Progress" },
	{ 199, "Early Dialog Terminated" },
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 204, "No Notification" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Moved Temporarily" },
	{ 305, "Use Proxy" },
	{ 380, "Alternative Service" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 412, "Conditional Request Failed" },
	{ 413, "Request Entity Too Large" },
	{ 414, "Request-URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Unsupported URI Scheme" },
	{ 417, "Unknown Resource-Priority" },
	{ 420, "Bad Extension" },
	{ 421, "Extension Required" },
	{ 422, "Session Interval Too Small" },
	{ 423, "Interval Too Brief" },
	{ 424, "Bad Location Information" },
	{ 428, "Use Identity Header" },
	{ 429, "Provide Referrer Identity" },
	{ 430, "Flow Failed" },
	{ 433, "Anonymity Disallowed" },
	{ 436, "Bad Identity-Info" },
	{ 437, "Unsupported Certificate" },
	{ 438, "Invalid Identity Header" },
	{ 439, "First Hop Lacks Outbound Support" },
	{ 440, "Max-Breadth Exceeded" },
	{ 469, "Bad Info Package" },
	{ 470, "Consent Needed" },
	{ 480, "Temporarily Unavailable" },
	{ 481, "Call/Transaction Does Not Exist" },
	{ 482, "Loop Detected" },
	{ 483, "Too Many Hops" },
	{ 484, "Address Incomplete" },
	{ 485, "Ambiguous" },
	{ 486, "Busy Here" },
	{ 487, "Request Terminated" },
	{ 488, "Not Acceptable Here" },
	{ 489, "Bad Event" },
	{ 491, "Request Pending" },
	{ 493, "Undecipherable" },
	{ 494, "Security Agreement Required" },
	{ 500, "Server Internal Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Server Time-out" },
	{ 505, "Version Not Supported" },
	{ 513, "Message Too Large" },
	{ 555, "Push Notification Service Not Supported" },
	{ 580, "Precondition Failure" },
	{ 600, "Busy Everywhere" },
	{ 603, "Decline" },
	{ 604, "Does Not Exist Anywhere" },
	{ 606, "Not Acceptable" },
	{ 607, "Unwanted" },
	{ 608, "Rejected" },
};

const char *sip_reason_phrase(unsigned code)
{
	static const char *const classes[] = { "Unknown",     "Progress",    "OK",
					       "Redirection", "Bad Request", "Server Failure",
					       "Declined" };
	size_t lo = 0, hi = BB_ARRAY_SIZE(phrases);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (phrases[mid].code == code)
			return phrases[mid].text;
		if (phrases[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return classes[code / 100 < 7 ? code / 100 : 0];
}
