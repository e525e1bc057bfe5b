/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_sip_media.c - what SIP channels offer and answer, and their RTP.
 */
#include <stdio.h>

#include "modules/sip/chan_sip.h"

/* --- events of the media side --- */

/*
 * Silence ends a call that stands. Before the answer nobody has to send anything: only who has
 * once been heard is missed then.
 */
static bool may_pause(const struct cs *c)
{
	return c->held || (!c->up && !c->heard);
}

void cs_watch(struct cs *c)
{
	if (c->rtp)
		cs_rtp->hold(c->rtp, may_pause(c));
}

static void on_timeout(struct cs *c)
{
	bb_time limit = may_pause(c) ? c->ep->rtp_timeout_hold : c->ep->rtp_timeout;
	struct bb_buf b = { 0 };

	bb_buf_printf(&b, "no media came from %s for %lld s", c->ep->name,
		      (long long)(limit / BB_SEC));
	bb_story(c->ch, BB_STORY_MEDIA, "%s", bb_buf_cstr(&b));
	bb_chan_reason(c->ch, BB_CAUSE_RECOVERY_TIMER, "%s", bb_buf_cstr(&b));
	bb_chan_emit(c->ch, &(struct bb_event){ .type = BB_EV_HANGUP,
						.cause = BB_CAUSE_RECOVERY_TIMER,
						.text = bb_buf_str(&b) });
	bb_buf_free(&b);
}

static void on_media(struct bb_rtp *r, const struct bb_port_event *ev, void *arg)
{
	struct cs *c = arg;
	char addr[BB_ADDR_TEXT];

	(void)r;
	switch (ev->type) {
	case BB_PORT_DTMF_BEGIN:
		bb_chan_emit(c->ch,
			     &(struct bb_event){ .type = BB_EV_DTMF_BEGIN, .digit = ev->digit });
		break;
	case BB_PORT_DTMF_END:
		bb_chan_emit(c->ch, &(struct bb_event){
					    .type = BB_EV_DTMF, .digit = ev->digit, .ms = ev->ms });
		break;
	case BB_PORT_TIMEOUT:
		on_timeout(c);
		break;
	case BB_PORT_FIRST:
		c->heard = true;
		cs_watch(c);
		if (!c->latched)
			bb_story(c->ch, BB_STORY_MEDIA, "the first packet came");
		break;
	case BB_PORT_LATCHED:
		c->latched = true;
		bb_story(c->ch, BB_STORY_MEDIA, "packets come from %s",
			 bb_addr_print(&ev->addr, addr));
		break;
	case BB_PORT_ERROR:
		bb_story(c->ch, BB_STORY_MEDIA, "packets cannot be sent: %s",
			 strerror((int)-ev->value));
		break;
	default:
		break;
	}
}

int cs_rtp_open(struct cs *c, const struct bb_sip_target *target, struct bb_port *near)
{
	struct bb_rtp_params p = { .near = near,
				   .symmetric = c->ep->rtp_symmetric,
				   .timeout = c->ep->rtp_timeout,
				   .timeout_hold = c->ep->rtp_timeout_hold,
				   .event = on_media,
				   .arg = c };
	int err = cs_sip->media_address(c->ep, target, c->session, &p.local);

	if (!err)
		err = cs_rtp->create(&c->rtp, &p);
	if (!err)
		bb_chan_set_port(c->ch, 0, cs_rtp->port(c->rtp));
	return err;
}

void cs_rtp_close(struct cs *c)
{
	if (!c->rtp)
		return;
	bb_chan_set_port(c->ch, 0, NULL);
	cs_rtp->close(c->rtp);
	c->rtp = NULL;
}

/* --- descriptions --- */

static bool wants_events(const struct cs *c)
{
	return c->dtmf_mode == BB_SIP_DTMF_RFC4733 || c->dtmf_mode == BB_SIP_DTMF_AUTO ||
	       c->dtmf_mode == BB_SIP_DTMF_AUTO_INFO;
}

static const struct bb_stream_desc *audio_of(const struct bb_media_desc *d, unsigned *index)
{
	for (unsigned i = 0; i < d->n; i++) {
		const struct bb_stream_desc *s = &d->streams[i];

		if (s->type == BB_AUDIO && !s->rejected && strncmp(s->profile, "RTP/AVP", 7) == 0 &&
		    (s->profile[7] == '\0' || s->profile[7] == 'F')) {
			if (index)
				*index = i;
			return s;
		}
	}
	return NULL;
}

static void make_stream(struct cs *c, struct bb_stream_desc *s, enum bb_direction dir)
{
	memset(s, 0, sizeof(*s));
	s->type = BB_AUDIO;
	s->dir = dir;
	s->rtp = *cs_rtp->local(c->rtp);
	s->dtmf_pt = -1;
	s->dtmf_clock = 8000;
	memcpy(s->profile, "RTP/AVP", sizeof("RTP/AVP"));
	memcpy(s->media, "audio", sizeof("audio"));
}

/* Within a call number and order of the streams and the payload types stay (RFC 3264 section 8). */
static bool offer_again(struct cs *c, struct bb_media_desc *out)
{
	unsigned at;

	if (!c->negotiated || !c->local || !audio_of(c->local, &at))
		return false;
	bb_media_copy(out, c->local);
	out->streams[at].dir = BB_SENDRECV;
	return true;
}

static int keep_local(struct cs *c, const struct bb_media_desc *d)
{
	struct bb_media_desc *kept = bb_media_keep(d);

	if (!kept)
		return -ENOMEM;
	bb_free(c->local);
	c->local = kept;
	return 0;
}

int cs_make_offer(struct cs *c, struct bb_media_desc *out)
{
	struct bb_stream_desc *s = &out->streams[0];
	int dynamic = 96;

	if (offer_again(c, out))
		return keep_local(c, out);
	memset(out, 0, sizeof(*out));
	out->n = 1;
	make_stream(c, s, BB_SENDRECV);
	for (unsigned i = 0; i < c->allow.n; i++) {
		struct bb_codec_desc *cd = &s->codecs[s->n_codecs++];

		cd->format = c->allow.v[i];
		if (cd->format->payload_type < 0 && dynamic == 101)
			dynamic++;
		cd->pt = (uint8_t)(cd->format->payload_type >= 0 ? cd->format->payload_type
								 : dynamic++);
	}
	if (wants_events(c))
		s->dtmf_pt = 101;
	return keep_local(c, out);
}

void cs_common(const struct bb_formats *allow, const struct bb_media_desc *offer,
	       struct bb_formats *out)
{
	const struct bb_stream_desc *s = audio_of(offer, NULL);

	out->n = 0;
	for (unsigned i = 0; s && i < s->n_codecs; i++)
		if (bb_formats_has(allow, s->codecs[i].format))
			bb_formats_add(out, s->codecs[i].format);
}

/* Hold is what the far end's direction says of us. */
static void judge_hold(struct cs *c, const struct bb_stream_desc *remote)
{
	bool held = remote->dir == BB_SENDONLY || remote->dir == BB_INACTIVE;

	if (held == c->held)
		return;
	c->held = held;
	cs_watch(c);
	bb_chan_emit(c->ch, &(struct bb_event){ .type = held ? BB_EV_HOLD : BB_EV_UNHOLD });
}

static int apply(struct cs *c, const struct bb_stream_desc *local,
		 const struct bb_stream_desc *remote)
{
	const struct bb_format *f = remote->codecs[0].format;
	struct bb_formats fs = { .n = 0 };
	bool changed =
		!c->negotiated || !bb_chan_formats(c->ch)->n || bb_chan_formats(c->ch)->v[0] != f;
	char addr[BB_ADDR_TEXT];
	int err = cs_rtp->configure(c->rtp, local, remote);

	if (err)
		return err;
	bb_formats_add(&fs, f);
	bb_chan_set_formats(c->ch, &fs);
	if (changed)
		bb_story(c->ch, BB_STORY_MEDIA, "%s with %s, packets go to %s", f->full,
			 c->ep->name, bb_addr_print(&remote->rtp, addr));
	if (changed && c->negotiated)
		bb_chan_emit(c->ch, &(struct bb_event){ .type = BB_EV_MEDIA });
	if (!c->negotiated)
		cs_watch(c);
	c->negotiated = true;
	judge_hold(c, remote);
	return 0;
}

static enum bb_direction answer_dir(enum bb_direction offered)
{
	return bb_direction_flip(offered);
}

int cs_take_offer(struct cs *c, const struct bb_media_desc *offer, struct bb_media_desc *out)
{
	unsigned at = 0;
	const struct bb_stream_desc *theirs = audio_of(offer, &at);
	struct bb_stream_desc narrowed, *s;
	int err;

	memset(out, 0, sizeof(*out));
	out->n = offer->n;
	for (unsigned i = 0; i < offer->n; i++) {
		bb_stream_copy(&out->streams[i], &offer->streams[i]);
		out->streams[i].rejected = true;
	}
	if (!theirs)
		return -ENOPROTOOPT;
	s = &out->streams[at];
	make_stream(c, s, answer_dir(theirs->dir));
	memcpy(s->profile, theirs->profile, sizeof(s->profile));
	/* One format alone: nobody changes it without an offer then. */
	for (unsigned i = 0; i < theirs->n_codecs && !s->n_codecs; i++)
		if (bb_formats_has(&c->allow, theirs->codecs[i].format))
			bb_stream_add_codec(s, theirs, &theirs->codecs[i]);
	if (!s->n_codecs)
		return -ENOPROTOOPT;
	if (theirs->dtmf_pt >= 0 && wants_events(c)) {
		s->dtmf_pt = theirs->dtmf_pt;
		s->dtmf_clock = theirs->dtmf_clock;
	}
	bb_stream_copy(&narrowed, theirs);
	narrowed.n_codecs = narrowed.fmtp_used = 0;
	bb_stream_add_codec(&narrowed, s, &s->codecs[0]);
	err = keep_local(c, out);
	return err ? err : apply(c, s, &narrowed);
}

int cs_take_answer(struct cs *c, const struct bb_media_desc *answer)
{
	const struct bb_stream_desc *theirs = audio_of(answer, NULL);
	const struct bb_stream_desc *ours = c->local ? audio_of(c->local, NULL) : NULL;
	struct bb_stream_desc narrowed;

	if (!theirs || !ours)
		return -ENOPROTOOPT;
	bb_stream_copy(&narrowed, theirs);
	narrowed.n_codecs = narrowed.fmtp_used = 0;
	for (unsigned i = 0; i < theirs->n_codecs; i++)
		if (bb_formats_has(&c->allow, theirs->codecs[i].format))
			bb_stream_add_codec(&narrowed, theirs, &theirs->codecs[i]);
	if (!narrowed.n_codecs)
		return -ENOPROTOOPT;
	return apply(c, ours, &narrowed);
}

/* --- facts: CHANNEL(rtp,…), CHANNEL(rtpqos,…) --- */

int cs_media_fact(struct cs *c, struct bb_str kind, struct bb_str item, struct bb_buf *out)
{
	struct bb_rtp_stats st;
	char addr[BB_ADDR_TEXT];
	const struct bb_media_desc *remote;
	const struct bb_stream_desc *theirs;

	if (!c->rtp)
		return -ENOENT;
	cs_rtp->stats(c->rtp, &st);
	if (bb_str_iis(kind, "rtp")) {
		if (bb_str_iis(item, "src"))
			bb_buf_puts(out, bb_addr_print(cs_rtp->local(c->rtp), addr));
		else if (bb_str_iis(item, "dest")) {
			remote = c->session ? cs_sip->session_remote(c->session) : NULL;
			theirs = remote ? audio_of(remote, NULL) : NULL;
			bb_buf_puts(out,
				    bb_addr_print(bb_addr_set(&st.remote) || !theirs ? &st.remote
										     : &theirs->rtp,
						  addr));
		} else if (bb_str_iis(item, "hold"))
			bb_buf_puts(out, c->held ? "1" : "0");
		else if (bb_str_iis(item, "secure"))
			bb_buf_puts(out, "0");
		else
			return -ENOENT;
		return out->err;
	}
	if (bb_str_iis(item, "rxcount"))
		bb_buf_printf(out, "%llu", (unsigned long long)st.rx_packets);
	else if (bb_str_iis(item, "txcount"))
		bb_buf_printf(out, "%llu", (unsigned long long)st.tx_packets);
	else if (bb_str_iis(item, "rxploss") || bb_str_iis(item, "local_lostpackets"))
		bb_buf_printf(out, "%llu", (unsigned long long)st.rx_lost);
	else if (bb_str_iis(item, "txploss") || bb_str_iis(item, "remote_lostpackets"))
		bb_buf_printf(out, "%llu", (unsigned long long)st.tx_lost);
	else if (bb_str_iis(item, "rxjitter") || bb_str_iis(item, "local_jitter"))
		bb_buf_printf(out, "%.6f", st.rx_jitter / 1000);
	else if (bb_str_iis(item, "txjitter") || bb_str_iis(item, "remote_jitter"))
		bb_buf_printf(out, "%.6f", st.tx_jitter / 1000);
	else if (bb_str_iis(item, "rtt"))
		bb_buf_printf(out, "%.6f", st.rtt / 1000);
	else if (bb_str_iis(item, "rxmes") || bb_str_iis(item, "rxmos"))
		bb_buf_printf(out, "%.2f", st.rx_mos);
	else if (bb_str_iis(item, "txmes") || bb_str_iis(item, "txmos"))
		bb_buf_printf(out, "%.2f", st.tx_mos);
	else
		return -ENOENT;
	return out->err;
}
