/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_resample.c - signed linear from one sample rate to another, by
 * speexdsp.
 */
#include <speex/speex_resampler.h>

#include <bellbird/translator.h>

#define QUALITY 3 /* of 10: transparent for speech at a third of the cost of the best */

struct resample {
	SpeexResamplerState *st;
};

static int open_rates(void *state, unsigned from, unsigned to)
{
	struct resample *r = state;
	int err = 0;

	r->st = speex_resampler_init(1, from, to, QUALITY, &err);
	return r->st ? 0 : -ENOMEM;
}

static int resample(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	struct resample *r = state;
	spx_uint32_t n_in = (spx_uint32_t)(in->len / sizeof(int16_t));
	spx_uint32_t n_out = (spx_uint32_t)(out->cap / sizeof(int16_t));
	spx_uint32_t given = n_in;

	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (speex_resampler_process_int(r->st, 0, (const spx_int16_t *)(const void *)in->data,
					&n_in, (spx_int16_t *)(void *)out->data, &n_out))
		return -EINVAL;
	if (n_in < given)
		return -EOVERFLOW;
	out->len = n_out * sizeof(int16_t);
	out->samples = n_out;
	return 0;
}

static void done(void *state)
{
	struct resample *r = state;

	speex_resampler_destroy(r->st);
}

/* Every pair of rates needs a descriptor, and an open that knows them. Measuring them all at load
 * would take a while, so that the cost is a rule taken from measurements: simple ratios run at the
 * higher rate over a short table, others interpolate. */
#define HIGH(a, b) ((a) > (b) ? (a) : (b))
#define LOW(a, b) ((a) < (b) ? (a) : (b))
#define AWKWARD(a, b) ((a) == 44100 || (b) == 44100 || HIGH(a, b) / LOW(a, b) > 12)
#define COST(a, b) (HIGH(a, b) / (AWKWARD(a, b) ? 36 : 180))
#define PAIR(a, b)                                                                                 \
	static int open_##a##_##b(void *state, struct bb_str fmtp)                                 \
	{                                                                                          \
		return open_rates(state, a, b);                                                    \
	}                                                                                          \
	static const struct bb_translator from_##a##_to_##b = {                                    \
		.from = "slin/" #a,                                                                \
		.to = "slin/" #b,                                                                  \
		.cost = COST(a, b),                                                                \
		.state_size = sizeof(struct resample),                                             \
		.open = open_##a##_##b,                                                            \
		.run = resample,                                                                   \
		.close = done,                                                                     \
		.doc = { .summary = "Resample " #a " to " #b " samples a second",                  \
			 .since = "0.1" },                                                         \
	};
PAIR(8000, 12000)
PAIR(8000, 16000)
PAIR(8000, 24000)
PAIR(8000, 32000)
PAIR(8000, 44100)
PAIR(8000, 48000)
PAIR(8000, 96000)
PAIR(8000, 192000)
PAIR(12000, 8000)
PAIR(12000, 16000)
PAIR(12000, 24000)
PAIR(12000, 32000)
PAIR(12000, 44100)
PAIR(12000, 48000)
PAIR(12000, 96000)
PAIR(12000, 192000)
PAIR(16000, 8000)
PAIR(16000, 12000)
PAIR(16000, 24000)
PAIR(16000, 32000)
PAIR(16000, 44100)
PAIR(16000, 48000)
PAIR(16000, 96000)
PAIR(16000, 192000)
PAIR(24000, 8000)
PAIR(24000, 12000)
PAIR(24000, 16000)
PAIR(24000, 32000)
PAIR(24000, 44100)
PAIR(24000, 48000)
PAIR(24000, 96000)
PAIR(24000, 192000)
PAIR(32000, 8000)
PAIR(32000, 12000)
PAIR(32000, 16000)
PAIR(32000, 24000)
PAIR(32000, 44100)
PAIR(32000, 48000)
PAIR(32000, 96000)
PAIR(32000, 192000)
PAIR(44100, 8000)
PAIR(44100, 12000)
PAIR(44100, 16000)
PAIR(44100, 24000)
PAIR(44100, 32000)
PAIR(44100, 48000)
PAIR(44100, 96000)
PAIR(44100, 192000)
PAIR(48000, 8000)
PAIR(48000, 12000)
PAIR(48000, 16000)
PAIR(48000, 24000)
PAIR(48000, 32000)
PAIR(48000, 44100)
PAIR(48000, 96000)
PAIR(48000, 192000)
PAIR(96000, 8000)
PAIR(96000, 12000)
PAIR(96000, 16000)
PAIR(96000, 24000)
PAIR(96000, 32000)
PAIR(96000, 44100)
PAIR(96000, 48000)
PAIR(96000, 192000)
PAIR(192000, 8000)
PAIR(192000, 12000)
PAIR(192000, 16000)
PAIR(192000, 24000)
PAIR(192000, 32000)
PAIR(192000, 44100)
PAIR(192000, 48000)
PAIR(192000, 96000)

#define T(a, b) BB_TRANSLATOR(&from_##a##_to_##b)
static const struct bb_provide provides[] = {
	T(8000, 12000),
	T(8000, 16000),
	T(8000, 24000),
	T(8000, 32000),
	T(8000, 44100),
	T(8000, 48000),
	T(8000, 96000),
	T(8000, 192000),
	T(12000, 8000),
	T(12000, 16000),
	T(12000, 24000),
	T(12000, 32000),
	T(12000, 44100),
	T(12000, 48000),
	T(12000, 96000),
	T(12000, 192000),
	T(16000, 8000),
	T(16000, 12000),
	T(16000, 24000),
	T(16000, 32000),
	T(16000, 44100),
	T(16000, 48000),
	T(16000, 96000),
	T(16000, 192000),
	T(24000, 8000),
	T(24000, 12000),
	T(24000, 16000),
	T(24000, 32000),
	T(24000, 44100),
	T(24000, 48000),
	T(24000, 96000),
	T(24000, 192000),
	T(32000, 8000),
	T(32000, 12000),
	T(32000, 16000),
	T(32000, 24000),
	T(32000, 44100),
	T(32000, 48000),
	T(32000, 96000),
	T(32000, 192000),
	T(44100, 8000),
	T(44100, 12000),
	T(44100, 16000),
	T(44100, 24000),
	T(44100, 32000),
	T(44100, 48000),
	T(44100, 96000),
	T(44100, 192000),
	T(48000, 8000),
	T(48000, 12000),
	T(48000, 16000),
	T(48000, 24000),
	T(48000, 32000),
	T(48000, 44100),
	T(48000, 96000),
	T(48000, 192000),
	T(96000, 8000),
	T(96000, 12000),
	T(96000, 16000),
	T(96000, 24000),
	T(96000, 32000),
	T(96000, 44100),
	T(96000, 48000),
	T(96000, 192000),
	T(192000, 8000),
	T(192000, 12000),
	T(192000, 16000),
	T(192000, 24000),
	T(192000, 32000),
	T(192000, 44100),
	T(192000, 48000),
	T(192000, 96000),
	{ 0 },
};

BB_MODULE(codec_resample, .provides = provides,
	  .doc = { .summary = "Resampling of linear audio", .since = "0.1" });
