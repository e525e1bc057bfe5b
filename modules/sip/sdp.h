/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sdp.h - session descriptions as text (RFC 8866, RFC 4566) to and from a
 * struct. No meaning beyond the lines: offer/answer is another room's. The
 * struct lives in the caller's arena, its views in the parsed text (which must
 * live as long) or in the arena.
 */
#ifndef SIP_SDP_H
#define SIP_SDP_H

#include <bellbird/mem.h>
#include <bellbird/net.h>

#define SDP_MAX_MEDIA 16u
#define SDP_MAX_FORMATS 64u
#define SDP_MAX_ATTRS 512u /**< In all, of session and media. */

enum sdp_dir { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

/** An attribute that has no field of its own: "a=name" or "a=name:value". */
struct sdp_attr {
	struct sdp_attr *next;
	struct bb_str name;
	struct bb_str value; /**< Unset without ':'. */
};

/** One format of an m= line. */
struct sdp_format {
	struct bb_str text; /**< As on the m= line. */
	int pt; /**< RTP payload type, -1 when it is not an RTP profile. */
	struct bb_str name; /**< rtpmap encoding ("PCMU", "opus"); static types are filled in. */
	uint32_t rate; /**< Clock rate; 0 unknown. */
	unsigned channels; /**< 1 unless the rtpmap says more. */
	struct bb_str fmtp; /**< Unset without fmtp. */
	bool mapped; /**< There was an rtpmap line (or one shall be printed). */
};

struct sdp_media {
	struct bb_str type; /**< "audio" … */
	uint16_t port; /**< 0: refused or switched off. */
	unsigned n_ports; /**< "/2"; 1 otherwise. */
	struct bb_str proto; /**< "RTP/AVP" … */
	bool rtp; /**< proto is of the RTP family. */
	struct sdp_format *formats;
	size_t n_formats;
	struct bb_str conn; /**< Address of its own c= line; unset: that of the session. */
	struct bb_addr addr; /**< Effective address and port; unset when it is a name or absent. */
	uint32_t ptime, maxptime; /**< Milliseconds; 0 absent. */
	enum sdp_dir dir; /**< Effective: own, else the session's, else sendrecv. */
	struct bb_addr rtcp; /**< RFC 3605; unset: port + 1. */
	bool rtcp_mux; /**< RFC 5761. */
	struct bb_str title; /**< i= */
	struct bb_str bandwidth; /**< First b= line. */
	struct sdp_attr *attrs; /**< All others, in order. */
};

struct sdp_session {
	/* o= */
	struct bb_str user, sess_id, sess_version,
		origin_addr; /**< origin_addr: "IN IP4 192.0.2.1". */
	struct bb_str name; /**< s= */
	struct bb_str info, bandwidth, timing; /**< i=, first b=, first t=. */
	struct bb_str conn; /**< Session c= address; unset when absent. */
	enum sdp_dir dir;
	bool has_dir;
	struct sdp_attr *attrs;
	struct sdp_media media[SDP_MAX_MEDIA];
	size_t n_media;
};

/** @return 0, -ENOMEM, -EBADMSG with *why a literal sentence, -E2BIG over a bound (also with *why).
 */
int sdp_parse(struct sdp_session **sp, struct bb_arena *arena, struct bb_str text,
	      const char **why);
/**
 * Print. Every section gets its own c= line from @c addr (or @c conn, or the session's).
 * Numbers of o= are taken from the struct.
 */
void sdp_print(struct bb_buf *b, const struct sdp_session *s);

/** The first attribute of that name, or NULL. */
const struct sdp_attr *sdp_attr_find(const struct sdp_attr *list, const char *name);
/** Append to a list. @return -ENOMEM. */
int sdp_attr_add(struct sdp_attr **list, struct bb_arena *arena, struct bb_str name,
		 struct bb_str value);
const char *sdp_dir_name(enum sdp_dir d);
/** What the other side sees: sendonly <-> recvonly. */
enum sdp_dir sdp_dir_reverse(enum sdp_dir d);
/** Fill name, rate and channels of a static payload type (RFC 3551). @return false for a dynamic
 * one. */
bool sdp_static_format(int pt, struct sdp_format *f);

#endif
