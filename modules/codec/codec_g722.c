/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_g722.c - ITU-T G.722 at 64 kbit/s to and from signed linear at 16 kHz
 * and at 8 kHz, by spandsp.
 *
 * G.722 codes two bands of 4 kHz each. What comes from a telephone or goes to
 * one has the lower band alone: that is coded and decoded as it is, without
 * resampling it first and splitting it again.
 */
#include <spandsp.h>

#include <bellbird/translator.h>

#define BIT_RATE 64000

struct decoder {
	g722_decode_state_t *st;
};
struct encoder {
	g722_encode_state_t *st;
	bool odd; /* it takes two samples at a time: one waits for the next frame */
	int16_t waits;
};

static int decoder_open(void *state, struct bb_str fmtp)
{
	struct decoder *d = state;

	d->st = g722_decode_init(NULL, BIT_RATE, 0);
	return d->st ? 0 : -ENOMEM;
}

static int narrow_decoder_open(void *state, struct bb_str fmtp)
{
	struct decoder *d = state;

	d->st = g722_decode_init(NULL, BIT_RATE, G722_SAMPLE_RATE_8000);
	return d->st ? 0 : -ENOMEM;
}

static int decode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	struct decoder *d = state;
	int n;

	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (out->cap < in->len * 2 * sizeof(int16_t))
		return -EOVERFLOW;
	n = g722_decode(d->st, (int16_t *)(void *)out->data, in->data, (int)in->len);
	out->len = (size_t)n * sizeof(int16_t);
	out->samples = (uint32_t)n;
	return 0;
}

static void decoder_close(void *state)
{
	g722_decode_free(((struct decoder *)state)->st);
}

static int encoder_open(void *state, struct bb_str fmtp)
{
	struct encoder *e = state;

	e->st = g722_encode_init(NULL, BIT_RATE, 0);
	return e->st ? 0 : -ENOMEM;
}

static int narrow_encoder_open(void *state, struct bb_str fmtp)
{
	struct encoder *e = state;

	e->st = g722_encode_init(NULL, BIT_RATE, G722_SAMPLE_RATE_8000);
	return e->st ? 0 : -ENOMEM;
}

static int encode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	struct encoder *e = state;
	const int16_t *src = (const int16_t *)(const void *)in->data;
	size_t n = in->len / sizeof(int16_t), done = 0;
	int16_t pair[2];

	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (out->cap < n / 2 + 1)
		return -EOVERFLOW;
	out->len = 0;
	if (e->odd && n) {
		pair[0] = e->waits;
		pair[1] = src[done++];
		out->len = (size_t)g722_encode(e->st, out->data, pair, 2);
		e->odd = false;
	}
	if ((n - done) % 2) {
		e->odd = true;
		e->waits = src[--n];
	}
	out->len += (size_t)g722_encode(e->st, out->data + out->len, src + done, (int)(n - done));
	out->samples = (uint32_t)out->len * 2;
	return 0;
}

static int narrow_encode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	struct encoder *e = state;
	size_t n = in->len / sizeof(int16_t);

	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (out->cap < n)
		return -EOVERFLOW;
	out->len = (size_t)g722_encode(e->st, out->data, (const int16_t *)(const void *)in->data,
				       (int)n);
	out->samples = (uint32_t)out->len * 2;
	return 0;
}

static void encoder_close(void *state)
{
	g722_encode_free(((struct encoder *)state)->st);
}

static const struct bb_codec codec = {
	.name = "g722",
	.encoding = "G722",
	.rate = 16000,
	.clock = 8000, /* RFC 3551 section 4.5.2: an old mistake that everybody keeps */
	.channels = 1,
	.payload_type = 9,
	.ptime = 20,
	.bytes_per_ms = 8,
	.doc = { .summary = "G.722 wideband audio at 64 kbit/s", .since = "0.1" },
};
static const struct bb_translator to_linear = {
	.from = "g722/16000",
	.to = "slin/16000",
	.state_size = sizeof(struct decoder),
	.open = decoder_open,
	.run = decode,
	.close = decoder_close,
	.doc = { .summary = "Decode G.722", .since = "0.1" },
};
static const struct bb_translator from_linear = {
	.from = "slin/16000",
	.to = "g722/16000",
	.state_size = sizeof(struct encoder),
	.open = encoder_open,
	.run = encode,
	.close = encoder_close,
	.doc = { .summary = "Encode G.722", .since = "0.1" },
};

static const struct bb_translator to_narrow = {
	.from = "g722/16000",
	.to = "slin/8000",
	.state_size = sizeof(struct decoder),
	.open = narrow_decoder_open,
	.run = decode,
	.close = decoder_close,
	.doc = { .summary = "Decode the lower band of G.722", .since = "0.1" },
};
static const struct bb_translator from_narrow = {
	.from = "slin/8000",
	.to = "g722/16000",
	.state_size = sizeof(struct encoder),
	.open = narrow_encoder_open,
	.run = narrow_encode,
	.close = encoder_close,
	.doc = { .summary = "Encode the lower band of G.722", .since = "0.1" },
};

BB_MODULE(codec_g722,
	  .provides = (const struct bb_provide[]){ BB_CODEC(&codec),
						   BB_TRANSLATOR(&to_linear),
						   BB_TRANSLATOR(&from_linear),
						   BB_TRANSLATOR(&to_narrow),
						   BB_TRANSLATOR(&from_narrow),
						   { 0 } },
	  .doc = { .summary = "G.722 wideband audio", .since = "0.1" });
