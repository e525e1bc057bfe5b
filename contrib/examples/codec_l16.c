/* SPDX-License-Identifier: BSD-3-Clause */
/* codec_l16.c - L16 at 8 kHz: 16-bit samples in network byte order (RFC 3551 section 4.5.11). */
#include <bellbird/translator.h>

/** Both directions are the same act: swap the two bytes of each sample. */
static int swap(void *state, const struct bb_frame *in, struct bb_frame *out)
{
	if (in->flags & BB_FRAME_LOST)
		return -ENODATA; /* let the core conceal it */
	if (out->cap < in->len)
		return -EOVERFLOW;
	for (size_t i = 0; i + 1 < in->len; i += 2) {
		out->data[i] = in->data[i + 1];
		out->data[i + 1] = in->data[i];
	}
	out->len = in->len;
	out->samples = in->samples;
	return 0;
}

static const struct bb_codec l16 = {
	.name = "l16",
	.encoding = "L16",
	.rate = 8000,
	.clock = 8000,
	.channels = 1,
	.payload_type = -1,
	.ptime = 20,
	.bytes_per_ms = 16,
	.doc = { .summary = "16-bit linear in network byte order", .since = "0.1" },
};

static const struct bb_translator decode = {
	.from = "l16/8000",
	.to = "slin/8000",
	.run = swap,
	.doc = { .summary = "Decode L16", .since = "0.1" },
};
static const struct bb_translator encode = {
	.from = "slin/8000",
	.to = "l16/8000",
	.run = swap,
	.doc = { .summary = "Encode L16", .since = "0.1" },
};

BB_MODULE(codec_l16, .doc = { .summary = "L16 codec", .since = "0.1" },
	  .provides = (const struct bb_provide[]){
		  BB_CODEC(&l16), BB_TRANSLATOR(&decode), BB_TRANSLATOR(&encode), { 0 } });
