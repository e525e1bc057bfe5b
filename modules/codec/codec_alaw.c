/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_alaw.c - G.711 A-law to and from signed linear, and directly to and from mu-law.
 */
#include "modules/codec/g711.h"

static struct g711_tables tables;
static uint8_t to_ulaw[256], from_ulaw[256]; /* filled by start, then only read */

static int decode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	return g711_decode(&tables, in, out);
}

static int encode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	return g711_encode(&tables, in, out);
}

static int by_table(const uint8_t table[256], const struct bb_frame *in, struct bb_frame *out)
{
	if (in->flags & BB_FRAME_LOST)
		return -ENODATA;
	if (out->cap < in->len)
		return -EOVERFLOW;
	for (size_t i = 0; i < in->len; i++)
		out->data[i] = table[in->data[i]];
	out->len = in->len;
	out->samples = (uint32_t)in->len;
	return 0;
}

static int alaw_to_ulaw(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	return by_table(to_ulaw, in, out);
}

static int ulaw_to_alaw(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	return by_table(from_ulaw, in, out);
}

static int start(struct bb_self *self, struct bb_diag *d)
{
	g711_fill(&tables, g711_alaw_decode, g711_alaw_encode);
	for (unsigned i = 0; i < 256; i++) {
		to_ulaw[i] = g711_ulaw_encode(g711_alaw_decode((uint8_t)i));
		from_ulaw[i] = g711_alaw_encode(g711_ulaw_decode((uint8_t)i));
	}
	return 0;
}

static const struct bb_codec codec = {
	.name = "alaw",
	.encoding = "PCMA",
	.rate = 8000,
	.clock = 8000,
	.channels = 1,
	.payload_type = 8,
	.ptime = 20,
	.bytes_per_ms = 8,
	.silence = 0xd5,
	.doc = { .summary = "G.711 A-law", .since = "0.1" },
};
static const struct bb_translator decoder = {
	.from = "alaw/8000",
	.to = "slin/8000",
	.run = decode,
	.doc = { .summary = "Decode G.711 A-law", .since = "0.1" },
};
static const struct bb_translator encoder = {
	.from = "slin/8000",
	.to = "alaw/8000",
	.run = encode,
	.doc = { .summary = "Encode G.711 A-law", .since = "0.1" },
};
static const struct bb_translator direct_to = {
	.from = "alaw/8000",
	.to = "ulaw/8000",
	.run = alaw_to_ulaw,
	.doc = { .summary = "Turn A-law into mu-law", .since = "0.1" },
};
static const struct bb_translator direct_from = {
	.from = "ulaw/8000",
	.to = "alaw/8000",
	.run = ulaw_to_alaw,
	.doc = { .summary = "Turn mu-law into A-law", .since = "0.1" },
};

BB_MODULE(codec_alaw,
	  .provides = (const struct bb_provide[]){ BB_CODEC(&codec),
						   BB_TRANSLATOR(&decoder),
						   BB_TRANSLATOR(&encoder),
						   BB_TRANSLATOR(&direct_to),
						   BB_TRANSLATOR(&direct_from),
						   { 0 } },
	  .start = start, .doc = { .summary = "G.711 A-law", .since = "0.1" });
