/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * codec_ulaw.c - G.711 mu-law to and from signed linear.
 */
#include "modules/codec/g711.h"

static struct g711_tables tables;

static int decode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	return g711_decode(&tables, in, out);
}

static int encode(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	return g711_encode(&tables, in, out);
}

static int start(struct bb_self *self, struct bb_diag *d)
{
	g711_fill(&tables, g711_ulaw_decode, g711_ulaw_encode);
	return 0;
}

static const struct bb_codec codec = {
	.name = "ulaw",
	.encoding = "PCMU",
	.rate = 8000,
	.clock = 8000,
	.channels = 1,
	.payload_type = 0,
	.ptime = 20,
	.bytes_per_ms = 8,
	.silence = 0xff,
	.doc = { .summary = "G.711 mu-law", .since = "0.1" },
};
static const struct bb_translator decoder = {
	.from = "ulaw/8000",
	.to = "slin/8000",
	.run = decode,
	.doc = { .summary = "Decode G.711 mu-law", .since = "0.1" },
};
static const struct bb_translator encoder = {
	.from = "slin/8000",
	.to = "ulaw/8000",
	.run = encode,
	.doc = { .summary = "Encode G.711 mu-law", .since = "0.1" },
};

BB_MODULE(codec_ulaw,
	  .provides = (const struct bb_provide[]){ BB_CODEC(&codec),
						   BB_TRANSLATOR(&decoder),
						   BB_TRANSLATOR(&encoder),
						   { 0 } },
	  .start = start, .doc = { .summary = "G.711 mu-law", .since = "0.1" });
