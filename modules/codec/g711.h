/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/codec/g711.h - one sample at a time of ITU-T G.711, for building
 * tables.
 */
#ifndef CODEC_G711_H
#define CODEC_G711_H

#include <stdint.h>

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

#endif
