/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * format_wav.c - Microsoft WAV files: 16-bit linear at any rate, µ-law and
 * A-law, one channel.
 */
#include <stdio.h>
#include <unistd.h>

#include <bellbird/file_format.h>

enum { WAVE_PCM = 1, WAVE_ALAW = 6, WAVE_ULAW = 7 };
#define HEADER 44
#define WAVE_CHUNK_MAX 0x7ffffff0u /* of what stands before the samples */

struct wav {
	uint64_t left; /* bytes of the data chunk still to be read */
	uint32_t written, rate;
	uint16_t align;
	off_t data;
};

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static int format_of(const uint8_t *fmt, const struct bb_format **format, struct wav *w)
{
	uint16_t tag = le16(fmt), channels = le16(fmt + 2), bits = le16(fmt + 14);
	char name[24];

	w->rate = le32(fmt + 4);
	if (channels != 1)
		return -ENOTSUP;
	if (tag == WAVE_PCM && bits == 16)
		*format = bb_format_linear(w->rate);
	else if ((tag == WAVE_ALAW || tag == WAVE_ULAW) && w->rate == 8000) {
		snprintf(name, sizeof(name), "%s", tag == WAVE_ALAW ? "alaw" : "ulaw");
		*format = bb_format_find(bb_strz(name));
	}
	w->align = bits / 8 ? bits / 8 : 1;
	return *format ? 0 : -ENOTSUP;
}

static int wav_open(void *state, int fd, const struct bb_format **format)
{
	struct wav *w = state;
	uint8_t head[12], chunk[8], fmt[16];

	*format = NULL;
	if (read(fd, head, sizeof(head)) != (ssize_t)sizeof(head) || memcmp(head, "RIFF", 4) ||
	    memcmp(head + 8, "WAVE", 4))
		return -EINVAL;
	while (read(fd, chunk, sizeof(chunk)) == (ssize_t)sizeof(chunk)) {
		uint32_t size = le32(chunk + 4);

		if (memcmp(chunk, "data", 4) == 0) {
			w->left = size;
			return *format ? 0 : -EINVAL;
		}
		if (memcmp(chunk, "fmt ", 4) == 0) {
			int err;

			if (size < sizeof(fmt) ||
			    read(fd, fmt, sizeof(fmt)) != (ssize_t)sizeof(fmt))
				return -EINVAL;
			err = format_of(fmt, format, w);
			if (err)
				return err;
			size -= sizeof(fmt);
		}
		/* Where off_t has 32 bits it would lead back, for ever. */
		if (size > WAVE_CHUNK_MAX)
			return -EINVAL;
		if (lseek(fd, (off_t)size + (size & 1), SEEK_CUR) < 0)
			return -errno;
	}
	return -EINVAL;
}

static long wav_read(void *state, int fd, void *dst, size_t cap)
{
	struct wav *w = state;
	size_t want = cap - cap % w->align;
	ssize_t n;

	if (want > w->left)
		want = (size_t)w->left;
	if (!want)
		return 0;
	n = read(fd, dst, want);
	if (n < 0)
		return -errno;
	n -= n % w->align;
	w->left -= (uint64_t)n;
	return n;
}

static int write_header(struct wav *w, int fd)
{
	uint8_t h[HEADER];

	memcpy(h, "RIFF", 4);
	put32(h + 4, w->written + HEADER - 8);
	memcpy(h + 8, "WAVEfmt ", 8);
	put32(h + 16, 16);
	put16(h + 20, WAVE_PCM);
	put16(h + 22, 1);
	put32(h + 24, w->rate);
	put32(h + 28, w->rate * 2);
	put16(h + 32, 2);
	put16(h + 34, 16);
	memcpy(h + 36, "data", 4);
	put32(h + 40, w->written);
	return pwrite(fd, h, sizeof(h), 0) == (ssize_t)sizeof(h) ? 0 : -errno;
}

static int wav_create(void *state, int fd, const struct bb_format *format)
{
	struct wav *w = state;

	if (!format->linear)
		return -ENOTSUP;
	w->rate = format->rate;
	if (write_header(w, fd))
		return -errno;
	return lseek(fd, HEADER, SEEK_SET) < 0 ? -errno : 0;
}

static int wav_write(void *state, int fd, const void *src, size_t len)
{
	struct wav *w = state;
	ssize_t n = write(fd, src, len);

	if (n < 0)
		return -errno;
	w->written += (uint32_t)n;
	return (size_t)n == len ? 0 : -ENOSPC;
}

static int wav_finish(void *state, int fd, bool written)
{
	return written ? write_header(state, fd) : 0;
}

static const struct bb_file_format wav = {
	.name = "wav",
	.extensions = "wav WAV",
	.state_size = sizeof(struct wav),
	.open = wav_open,
	.read = wav_read,
	.create = wav_create,
	.write = wav_write,
	.finish = wav_finish,
	.doc = { .summary = "Read and write WAV files",
		 .since = "0.1",
		 .text = "One channel of 16-bit linear samples at any rate, or of G.711." },
};

BB_MODULE(format_wav, .version = "0.1", .doc = { .summary = "WAV sound files", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_FILE_FORMAT(&wav), { 0 } });
