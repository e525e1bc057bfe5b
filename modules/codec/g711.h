/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/codec/g711.h - ITU-T G.711: the two laws one sample at a time, and
 * what both codecs do with tables of them.
 */
#ifndef CODEC_G711_H
#define CODEC_G711_H

#include <bellbird/translator.h>

/* Position of the highest bit set; v is not 0. */
static inline int g711_log2(unsigned v)
{
	return 31 - __builtin_clz(v);
}

static inline int16_t g711_ulaw_decode(uint8_t code)
{
	int mag;

	code = (uint8_t)~code;
	mag = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84;
	return (int16_t)(code & 0x80 ? -mag : mag);
}

static inline uint8_t g711_ulaw_encode(int16_t sample)
{
	unsigned sign = sample < 0 ? 0x80 : 0;
	unsigned mag = (unsigned)(sample < 0 ? -(int)sample : sample);
	unsigned seg;

	if (mag > 32635)
		mag = 32635;
	mag += 0x84;
	seg = (unsigned)g711_log2(mag) - 7;
	return (uint8_t) ~(sign | seg << 4 | ((mag >> (seg + 3)) & 0x0f));
}

static inline int16_t g711_alaw_decode(uint8_t code)
{
	unsigned seg;
	int mag;

	code ^= 0x55;
	seg = (code & 0x70) >> 4;
	mag = (code & 0x0f) << 4;
	mag += seg ? 0x108 : 8;
	if (seg > 1)
		mag <<= seg - 1;
	return (int16_t)(code & 0x80 ? mag : -mag);
}

static inline uint8_t g711_alaw_encode(int16_t sample)
{
	unsigned mask = sample < 0 ? 0x55 : 0xd5;
	unsigned v = (unsigned)(sample < 0 ? ~(int)sample : sample) >> 3;
	unsigned seg = v < 0x20 ? 0 : (unsigned)g711_log2(v) - 4;

	return (uint8_t)((seg << 4 | ((v >> (seg < 2 ? 1 : seg)) & 0x0f)) ^ mask);
}

/* --- by tables --- */

#define G711_SHIFT 2 /* the laws keep at most 14 bits of 16 */

/** Of one law. Filled at start, then only read. */
struct g711_tables {
	int16_t to_linear[256];
	uint8_t from_linear[65536 >> G711_SHIFT];
};

static inline void g711_fill(struct g711_tables *t, int16_t (*decode)(uint8_t code),
			     uint8_t (*encode)(int16_t sample))
{
	for (unsigned i = 0; i < 256; i++)
		t->to_linear[i] = decode((uint8_t)i);
	/* The middle of the samples that share an entry, so that the error has no bias. */
	for (unsigned i = 0; i < BB_ARRAY_SIZE(t->from_linear); i++)
		t->from_linear[i] = encode((int16_t)(uint16_t)(i << G711_SHIFT | 2));
}

static inline int g711_decode(const struct g711_tables *t, const struct bb_frame *in,
			      struct bb_frame *out)
{
	int16_t *dst = (int16_t *)(void *)out->data;

	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (out->cap < in->len * sizeof(*dst))
		return -EOVERFLOW;
	for (size_t i = 0; i < in->len; i++)
		dst[i] = t->to_linear[in->data[i]];
	out->len = in->len * sizeof(*dst);
	out->samples = (uint32_t)in->len;
	return 0;
}

static inline int g711_encode(const struct g711_tables *t, const struct bb_frame *in,
			      struct bb_frame *out)
{
	const int16_t *src = (const int16_t *)(const void *)in->data;
	size_t n = in->len / sizeof(*src);

	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (out->cap < n)
		return -EOVERFLOW;
	for (size_t i = 0; i < n; i++)
		out->data[i] = t->from_linear[(uint16_t)src[i] >> G711_SHIFT];
	out->len = n;
	out->samples = (uint32_t)n;
	return 0;
}

#endif
