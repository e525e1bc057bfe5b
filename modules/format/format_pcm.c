/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * format_pcm.c - files that are bytes of one codec and nothing else.
 */
#include <unistd.h>

#include <bellbird/file_format.h>

static long raw_read(void *state, int fd, void *dst, size_t cap)
{
	ssize_t n = read(fd, dst, cap - cap % 2);

	return n < 0 ? -errno : n;
}

static int raw_write(void *state, int fd, const void *src, size_t len)
{
	ssize_t n = write(fd, src, len);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -ENOSPC;
}

static int raw_create(void *state, int fd, const struct bb_format *format)
{
	return 0;
}

#define RAW(ident, id, ext, fmt, what)                                                             \
	static const struct bb_file_format ident = {                                               \
		.name = id,                                                                        \
		.extensions = ext,                                                                 \
		.format = fmt,                                                                     \
		.read = raw_read,                                                                  \
		.create = raw_create,                                                              \
		.write = raw_write,                                                                \
		.doc = { .summary = "Read and write raw " what, .since = "0.1" },                  \
	}

RAW(raw_ulaw, "ulaw", "ulaw ul pcm mu", "ulaw/8000", "G.711 u-law");
RAW(raw_alaw, "alaw", "alaw al alw", "alaw/8000", "G.711 A-law");
RAW(raw_g722, "g722", "g722", "g722/16000", "G.722");
RAW(raw_sln, "sln", "sln slin raw", "slin/8000", "16-bit linear at 8 kHz");
RAW(raw_sln16, "sln16", "sln16 slin16", "slin/16000", "16-bit linear at 16 kHz");
RAW(raw_sln24, "sln24", "sln24 slin24", "slin/24000", "16-bit linear at 24 kHz");
RAW(raw_sln32, "sln32", "sln32 slin32", "slin/32000", "16-bit linear at 32 kHz");
RAW(raw_sln48, "sln48", "sln48 slin48", "slin/48000", "16-bit linear at 48 kHz");

BB_MODULE(format_pcm, .version = "0.1",
	  .doc = { .summary = "Raw sound files without a header", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_FILE_FORMAT(&raw_ulaw),
						   BB_FILE_FORMAT(&raw_alaw),
						   BB_FILE_FORMAT(&raw_g722),
						   BB_FILE_FORMAT(&raw_sln),
						   BB_FILE_FORMAT(&raw_sln16),
						   BB_FILE_FORMAT(&raw_sln24),
						   BB_FILE_FORMAT(&raw_sln32),
						   BB_FILE_FORMAT(&raw_sln48),
						   { 0 } });
