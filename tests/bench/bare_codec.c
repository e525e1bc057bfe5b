/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bare_codec.c - spandsp and speexdsp called in a plain loop, with the same
 * settings as our modules, and nothing around them. Our own path takes no
 * detour through 16 kHz; the budget was set for those that do.
 */
#include <time.h>

#include <bellbird/mem.h>

#include "tests/bench/bare_codec.h"

#if defined(TEST_G722) && defined(TEST_RESAMPLE)
#include <spandsp.h>
#include <speex/speex_resampler.h>

#define QUALITY 3 /* as codec_resample.c */
#define NARROW 160
#define WIDE 320

struct both_ways {
	SpeexResamplerState *up, *down;
	g722_encode_state_t *enc;
	g722_decode_state_t *dec;
};

static uint8_t written[NARROW]; /* where everybody sees it: nothing is left out as useless */
static int16_t linear[256];
static uint8_t ulaw[65536 / 4];

static void tables(void)
{
	for (unsigned i = 0; i < 256; i++)
		linear[i] = ulaw_to_linear((uint8_t)i);
	for (int i = 0; i < 16384; i++)
		ulaw[i] = linear_to_ulaw((i - 8192) * 4);
}

static void to_g722(struct both_ways *w, const uint8_t *in, bool narrow)
{
	int16_t lower[NARROW], wide[WIDE];
	spx_uint32_t n_in = NARROW, n_out = WIDE;

	for (unsigned i = 0; i < NARROW; i++)
		lower[i] = linear[in[i]];
	if (narrow) {
		g722_encode(w->enc, written, lower, NARROW);
		return;
	}
	speex_resampler_process_int(w->up, 0, lower, &n_in, wide, &n_out);
	g722_encode(w->enc, written, wide, (int)n_out);
}

static void to_ulaw(struct both_ways *w, const uint8_t *in, bool narrow)
{
	int16_t lower[NARROW], wide[WIDE];
	spx_uint32_t n_in = WIDE, n_out = NARROW;

	if (narrow) {
		g722_decode(w->dec, lower, in, NARROW);
	} else {
		g722_decode(w->dec, wide, in, NARROW);
		speex_resampler_process_int(w->down, 0, wide, &n_in, lower, &n_out);
	}
	for (unsigned i = 0; i < n_out; i++)
		written[i] = ulaw[(lower[i] + 32768) >> 2];
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double bare_codec_us(unsigned calls, unsigned rounds, bool narrow)
{
	struct both_ways *w = bb_zalloc(sizeof(*w) * calls);
	uint8_t in[NARROW];
	double from, us;
	int err, options = narrow ? G722_SAMPLE_RATE_8000 : 0;

	if (!w)
		return 0;
	tables();
	for (unsigned i = 0; i < calls; i++) {
		w[i].up = speex_resampler_init(1, 8000, 16000, QUALITY, &err);
		w[i].down = speex_resampler_init(1, 16000, 8000, QUALITY, &err);
		w[i].enc = g722_encode_init(NULL, 64000, options);
		w[i].dec = g722_decode_init(NULL, 64000, options);
	}
	from = cpu_us();
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < calls; i++) {
			for (unsigned n = 0; n < NARROW; n++)
				in[n] = (uint8_t)(n * 167 + r);
			to_g722(&w[i], in, narrow);
			to_ulaw(&w[i], in, narrow);
		}
	us = (cpu_us() - from) / (2.0 * calls * rounds);
	for (unsigned i = 0; i < calls; i++) {
		speex_resampler_destroy(w[i].up);
		speex_resampler_destroy(w[i].down);
		g722_encode_free(w[i].enc);
		g722_decode_free(w[i].dec);
	}
	bb_free(w);
	return us;
}
#else
double bare_codec_us(unsigned calls, unsigned rounds, bool narrow)
{
	return 0;
}
#endif
