/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/media.h - formats, frames, and the neutral description of what a
 * media offer or answer says. SDP text exists only in the SIP module.
 */
#ifndef BB_MEDIA_H
#define BB_MEDIA_H

#include <bellbird/module.h>
#include <bellbird/net.h>

BB_BEGIN_DECLS

/**
 * What a codec module provides about its format (BB_CODEC). A format is named
 * "name/rate" by its sample rate: "ulaw/8000", "g722/16000", "slin/8000".
 */
struct bb_codec {
	const char *name; /**< As in allow=: "ulaw"                                 */
	const char *encoding; /**< In rtpmap (RFC 3551): "PCMU"                         */
	unsigned rate; /**< Samples a second.                                    */
	unsigned clock; /**< RTP clock rate; G.722 says 8000 (RFC 3551 §4.5.2).   */
	unsigned channels;
	int payload_type; /**< Static one, or -1 for dynamic.                       */
	unsigned ptime; /**< Default packet time in milliseconds.                 */
	unsigned bytes_per_ms; /**< 0 for variable rate.                                 */
	uint8_t silence; /**< A byte that sounds like nothing, when stateless.     */
	struct bb_doc doc;
};

/** An interned format: equal formats are equal pointers. Lives as long as the program. */
struct bb_format {
	const char *name; /**< "ulaw"                     */
	const char *full; /**< "ulaw/8000"                */
	const char *encoding; /**< "PCMU"; "" for linear ones  */
	unsigned rate, clock, channels, ptime, bytes_per_ms;
	int payload_type;
	uint8_t silence;
	bool linear; /**< 16-bit signed native-endian samples. */
	unsigned id; /**< Small, for tables.          */
};
/** By name "ulaw" (the codec's own rate) or "slin/16000"; asterisk's "slin16" too. NULL when no
 * module provides it. Any thread after start. */
BB_API const struct bb_format *bb_format_find(struct bb_str name);
/** By rtpmap: encoding name (without case) and clock rate. */
BB_API const struct bb_format *bb_format_by_rtpmap(struct bb_str encoding, unsigned clock);
BB_API const struct bb_format *bb_format_by_pt(unsigned payload_type);
/** 16-bit linear at a rate. */
BB_API const struct bb_format *bb_format_linear(unsigned rate);

#define BB_MAX_FORMATS 16

/** An ordered set of formats, best first. */
struct bb_formats {
	const struct bb_format *v[BB_MAX_FORMATS];
	unsigned n;
};
BB_API bool bb_formats_has(const struct bb_formats *fs, const struct bb_format *f);
BB_API void bb_formats_add(struct bb_formats *fs, const struct bb_format *f);
/** Keep @p a's order. */
BB_API void bb_formats_common(const struct bb_formats *a, const struct bb_formats *b,
			      struct bb_formats *out);
/** "ulaw,alaw" as allow= and disallow= lines build it up. @return -EINVAL with the bad word in
 * *bad. */
BB_API int bb_formats_parse(struct bb_formats *fs, struct bb_str text, bool allow,
			    struct bb_str *bad);
/** "(ulaw|alaw)", "(nothing)". @return dst */
BB_API char *bb_formats_print(const struct bb_formats *fs, char *dst, size_t cap);

/**
 * A run of media of one format. The bytes belong to whoever made the frame
 * and are valid during the call that passes it. There are at least
 * BB_HEADROOM writable bytes before and BB_TAILROOM after the data, so that
 * headers and authentication tags are written in place.
 */
#define BB_HEADROOM 64
#define BB_TAILROOM 64
struct bb_frame {
	const struct bb_format *format;
	uint8_t *data;
	size_t len; /**< Bytes used.                                              */
	size_t cap; /**< Bytes there are from data on.                            */
	uint32_t samples; /**< At format->rate.                                         */
	uint32_t ts; /**< RTP timestamp of the source, in its clock.               */
	uint16_t seq; /**< Of the source, when BB_FRAME_RTP.                        */
	uint16_t flags;
	bb_time at; /**< When it came in (monotonic).                             */
};
enum {
	BB_FRAME_MARKER = 1, /**< A talk spurt begins (RFC 3551 §4.1).                  */
	BB_FRAME_RTP = 2, /**< ts and seq are of a real stream; a relay keeps gaps.  */
	BB_FRAME_LOST = 4, /**< Stands for a lost packet; data may be empty.          */
	BB_FRAME_SWITCH = 8 /**< First of another stream: ts and seq do not go on from the last. */
};

enum bb_direction { BB_SENDRECV, BB_SENDONLY, BB_RECVONLY, BB_INACTIVE };
/** What the other side should say to this direction (RFC 3264 §6.1). */
BB_API enum bb_direction bb_direction_flip(enum bb_direction d);

/** One format in an offer or answer. */
struct bb_codec_desc {
	const struct bb_format *format;
	uint8_t pt;
	uint8_t fmtp; /**< Where its text begins in the stream's; see bb_codec_fmtp(). */
};

#define BB_MAX_STREAMS 4

/** One stream of an offer or answer. */
struct bb_stream_desc {
	enum bb_stream_type { BB_AUDIO, BB_VIDEO, BB_TEXT, BB_IMAGE, BB_OTHER } type;
	bool rejected; /**< Port zero.                                   */
	enum bb_direction dir; /**< As its sender wrote it.                      */
	struct bb_addr rtp, rtcp;
	bool rtcp_mux;
	uint8_t fmtp_used;
	char fmtp[160]; /**< Of all codecs: each call keeps several descriptions. */
	int dtmf_pt; /**< telephone-event (RFC 4733), or -1.           */
	unsigned dtmf_clock;
	unsigned ptime; /**< Asked packet time in ms; 0 unsaid.           */
	char profile[24]; /**< "RTP/AVP" …                                  */
	char media[16]; /**< The m= word, kept for streams we reject.     */
	unsigned n_codecs;
	struct bb_codec_desc codecs[BB_MAX_FORMATS]; /**< Last: see bb_media_keep(). */
};
struct bb_media_desc {
	unsigned n;
	struct bb_stream_desc streams[BB_MAX_STREAMS];
};

/**
 * A copy for keeping that takes only the room its streams and codecs need; bb_free() frees it. It
 * is read like any other, but neither it nor its last stream is to be copied by assignment: use
 * the functions below. @return NULL without memory.
 */
BB_API struct bb_media_desc *bb_media_keep(const struct bb_media_desc *d);
BB_API void bb_media_copy(struct bb_media_desc *dst, const struct bb_media_desc *src);
BB_API void bb_stream_copy(struct bb_stream_desc *dst, const struct bb_stream_desc *src);

/** What the a=fmtp line of @p c, a codec of @p s, says; "" without. */
static inline const char *bb_codec_fmtp(const struct bb_stream_desc *s,
					const struct bb_codec_desc *c)
{
	return s->fmtp + c->fmtp;
}
/** Parameters that find no room any more are left out. */
BB_API void bb_codec_set_fmtp(struct bb_stream_desc *s, struct bb_codec_desc *c,
			      struct bb_str fmtp);
/** Append @p c, a codec of @p from, unless @p s is full. */
BB_API void bb_stream_add_codec(struct bb_stream_desc *s, const struct bb_stream_desc *from,
				const struct bb_codec_desc *c);

BB_END_DECLS
#endif
