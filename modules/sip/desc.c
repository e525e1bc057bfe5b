/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * desc.c - SDP text to and from struct bb_media_desc.
 */
#include "modules/sip/desc.h"

#include <inttypes.h>
#include <stdio.h>

#include "modules/sip/sdp.h"

static const struct {
	const char *word;
	enum bb_stream_type type;
} stream_words[] = {
	{ "audio", BB_AUDIO },
	{ "video", BB_VIDEO },
	{ "text", BB_TEXT },
	{ "image", BB_IMAGE },
};

static enum bb_direction dir_in(enum sdp_dir d)
{
	switch (d) {
	case SDP_SENDONLY:
		return BB_SENDONLY;
	case SDP_RECVONLY:
		return BB_RECVONLY;
	case SDP_INACTIVE:
		return BB_INACTIVE;
	default:
		return BB_SENDRECV;
	}
}

static const char *dir_word(enum bb_direction d)
{
	static const char *const words[] = { "sendrecv", "sendonly", "recvonly", "inactive" };

	return words[d];
}

/* Formats of one m= line into the stream; telephone-event apart. */
static void take_formats(struct bb_stream_desc *s, const struct sdp_media *m)
{
	for (size_t i = 0; i < m->n_formats; i++) {
		const struct sdp_format *f = &m->formats[i];
		struct bb_codec_desc *c;
		const struct bb_format *format;

		if (f->pt < 0 || f->pt > 127)
			continue;
		if (bb_str_iis(f->name, "telephone-event")) {
			/* The one whose clock is 8000 serves all narrow-band codecs. */
			if (s->dtmf_pt < 0 || f->rate == 8000) {
				s->dtmf_pt = f->pt;
				s->dtmf_clock = f->rate ? f->rate : 8000;
			}
			continue;
		}
		if (s->n_codecs >= BB_MAX_FORMATS || bb_str_empty(f->name))
			continue;
		format = bb_format_by_rtpmap(f->name, f->rate);
		if (!format)
			continue;
		c = &s->codecs[s->n_codecs++];
		c->format = format;
		c->pt = (uint8_t)f->pt;
		bb_codec_set_fmtp(s, c, f->fmtp);
	}
}

static void take_stream(struct bb_stream_desc *s, const struct sdp_media *m)
{
	memset(s, 0, sizeof(*s));
	s->type = BB_OTHER;
	s->dtmf_pt = -1;
	for (size_t i = 0; i < BB_ARRAY_SIZE(stream_words); i++)
		if (bb_str_iis(m->type, stream_words[i].word))
			s->type = stream_words[i].type;
	bb_str_copy(s->media, sizeof(s->media), m->type);
	if (bb_str_copy(s->profile, sizeof(s->profile), m->proto))
		s->rejected = true;
	if (m->port == 0)
		s->rejected = true;
	s->dir = dir_in(m->dir);
	s->rtp = m->addr;
	s->rtcp = m->rtcp;
	s->rtcp_mux = m->rtcp_mux;
	s->ptime = m->ptime;
	/* The hold of RFC 2543: the address is zero. */
	if (bb_addr_set(&s->rtp) && bb_addr_is_any(&s->rtp))
		s->dir = s->dir == BB_RECVONLY || s->dir == BB_INACTIVE ? BB_INACTIVE : BB_SENDONLY;
	if (m->rtp)
		take_formats(s, m);
}

int sip_desc_parse(struct bb_media_desc *d, struct bb_str sdp, const char **why)
{
	struct bb_arena *a = bb_arena_new(4096);
	struct sdp_session *s = NULL;
	int err;

	*why = "no memory";
	if (!a)
		return -ENOMEM;
	memset(d, 0, sizeof(*d));
	err = sdp_parse(&s, a, sdp, why);
	if (!err && s->n_media > BB_MAX_STREAMS) {
		*why = "the session description has more streams than can be handled";
		err = -EBADMSG;
	}
	for (size_t i = 0; !err && i < s->n_media; i++)
		take_stream(&d->streams[d->n++], &s->media[i]);
	bb_arena_free(a);
	return err == -E2BIG ? -EBADMSG : err;
}

static void put_addr(struct bb_buf *b, const struct bb_addr *a)
{
	char host[BB_ADDR_TEXT];

	if (!bb_addr_set(a)) {
		bb_buf_puts(b, "IN IP4 0.0.0.0");
		return;
	}
	bb_buf_printf(b, "IN IP%c %s", bb_addr_family(a) == AF_INET6 ? '6' : '4',
		      bb_addr_print_host(a, host));
}

static void put_rejected(struct bb_buf *b, const struct bb_stream_desc *s)
{
	bb_buf_printf(b, "m=%s 0 %s", s->media[0] ? s->media : "audio",
		      s->profile[0] ? s->profile : "RTP/AVP");
	if (s->n_codecs)
		for (unsigned i = 0; i < s->n_codecs; i++)
			bb_buf_printf(b, " %u", s->codecs[i].pt);
	else
		bb_buf_puts(b, " 0");
	bb_buf_puts(b, "\r\n");
}

static void put_stream(struct bb_buf *b, const struct bb_stream_desc *s, const struct bb_addr *at)
{
	if (s->rejected) {
		put_rejected(b, s);
		return;
	}
	bb_buf_printf(b, "m=%s %u %s", s->media[0] ? s->media : "audio", bb_addr_port(&s->rtp),
		      s->profile[0] ? s->profile : "RTP/AVP");
	for (unsigned i = 0; i < s->n_codecs; i++)
		bb_buf_printf(b, " %u", s->codecs[i].pt);
	if (s->dtmf_pt >= 0)
		bb_buf_printf(b, " %d", s->dtmf_pt);
	bb_buf_puts(b, "\r\n");
	if (!bb_addr_eq_host(&s->rtp, at)) {
		bb_buf_puts(b, "c=");
		put_addr(b, &s->rtp);
		bb_buf_puts(b, "\r\n");
	}
	for (unsigned i = 0; i < s->n_codecs; i++) {
		const struct bb_codec_desc *c = &s->codecs[i];

		bb_buf_printf(b, "a=rtpmap:%u %s/%u", c->pt, c->format->encoding, c->format->clock);
		if (c->format->channels > 1)
			bb_buf_printf(b, "/%u", c->format->channels);
		bb_buf_puts(b, "\r\n");
		if (*bb_codec_fmtp(s, c))
			bb_buf_printf(b, "a=fmtp:%u %s\r\n", c->pt, bb_codec_fmtp(s, c));
	}
	if (s->dtmf_pt >= 0)
		bb_buf_printf(b, "a=rtpmap:%d telephone-event/%u\r\na=fmtp:%d 0-16\r\n", s->dtmf_pt,
			      s->dtmf_clock ? s->dtmf_clock : 8000, s->dtmf_pt);
	if (s->ptime)
		bb_buf_printf(b, "a=ptime:%u\r\n", s->ptime);
	bb_buf_printf(b, "a=%s\r\n", dir_word(s->dir));
}

void sip_desc_print(struct bb_buf *b, const struct bb_media_desc *d, const struct sip_origin *o)
{
	const struct bb_addr *at = NULL;
	static const struct bb_addr none;

	for (unsigned i = 0; i < d->n && !at; i++)
		if (!d->streams[i].rejected && bb_addr_set(&d->streams[i].rtp))
			at = &d->streams[i].rtp;
	if (!at)
		at = &none;
	bb_buf_printf(b, "v=0\r\no=- %" PRIu64 " %" PRIu64 " ", o->id, o->version);
	put_addr(b, at);
	bb_buf_puts(b, "\r\ns=Bellbird\r\nc=");
	put_addr(b, at);
	bb_buf_puts(b, "\r\nt=0 0\r\n");
	for (unsigned i = 0; i < d->n; i++)
		put_stream(b, &d->streams[i], at);
}

void sip_desc_names(struct bb_buf *b, struct bb_str sdp)
{
	struct bb_arena *a = bb_arena_new(4096);
	struct sdp_session *s = NULL;
	const char *why, *sep = "";

	bb_buf_putc(b, '(');
	if (a && sdp_parse(&s, a, sdp, &why) == 0)
		for (size_t i = 0; i < s->n_media; i++) {
			const struct sdp_media *m = &s->media[i];

			if (!bb_str_iis(m->type, "audio"))
				continue;
			for (size_t k = 0; k < m->n_formats; k++) {
				if (bb_str_iis(m->formats[k].name, "telephone-event"))
					continue;
				bb_buf_printf(b, "%s%.*s/%u", sep,
					      BB_FMT(m->formats[k].name.l ? m->formats[k].name
									  : m->formats[k].text),
					      m->formats[k].rate);
				sep = "|";
			}
			break;
		}
	bb_buf_putc(b, ')');
	bb_arena_free(a);
}
