/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/report/text.c - UTF-8 as a terminal shows it. The process's locale is
 * not asked: the terminal that counts is at the other end of a socket.
 */
#include "core/report/report.h"

/* Decode one character. @return its length, 0 when it is not valid. */
static size_t decode(struct bb_str s, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n;

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		n = 2;
		*cp = p[0] & 0x1f;
	} else if ((p[0] & 0xf0) == 0xe0) {
		n = 3;
		*cp = p[0] & 0x0f;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
		*cp = p[0] & 0x07;
	} else {
		return 0;
	}
	if (s.l < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && *cp < 0x800) || (n == 4 && (*cp < 0x10000 || *cp > 0x10ffff)) ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

static unsigned columns(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
		unsigned width;
	} ranges[] = {
		{ 0x300, 0x36f, 0 },	 { 0x483, 0x489, 0 },	  { 0x591, 0x5bd, 0 },
		{ 0x610, 0x61a, 0 },	 { 0x64b, 0x65f, 0 },	  { 0x1100, 0x115f, 2 },
		{ 0x200b, 0x200f, 0 },	 { 0x202a, 0x202e, 0 },	  { 0x2060, 0x2064, 0 },
		{ 0x20d0, 0x20f0, 0 },	 { 0x2e80, 0x303e, 2 },	  { 0x3041, 0x33ff, 2 },
		{ 0x3400, 0x4dbf, 2 },	 { 0x4e00, 0x9fff, 2 },	  { 0xa000, 0xa4cf, 2 },
		{ 0xac00, 0xd7a3, 2 },	 { 0xf900, 0xfaff, 2 },	  { 0xfe00, 0xfe0f, 0 },
		{ 0xfe30, 0xfe6f, 2 },	 { 0xff00, 0xff60, 2 },	  { 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1f64f, 2 }, { 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
	};

	for (size_t i = 0; i < BB_ARRAY_SIZE(ranges); i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			return ranges[i].width;
	return 1;
}

size_t bb_text_width(struct bb_str s)
{
	size_t w = 0;

	while (s.l) {
		uint32_t cp;
		size_t n = decode(s, &cp);

		w += n ? columns(cp) : 1;
		s = bb_str_sub(s, n ? n : 1, SIZE_MAX);
	}
	return w;
}

size_t bb_text_fit(struct bb_str s, size_t max)
{
	size_t at = 0, w = 0;

	while (at < s.l) {
		uint32_t cp;
		size_t n = decode(bb_str_sub(s, at, SIZE_MAX), &cp);

		w += n ? columns(cp) : 1;
		if (w > max)
			break;
		at += n ? n : 1;
	}
	return at;
}

size_t bb_text_cut(struct bb_str s, size_t max)
{
	if (s.l <= max)
		return s.l;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return max;
}

void bb_text_clean(struct bb_buf *b, struct bb_str s, bool lines)
{
	while (s.l) {
		uint32_t cp;
		size_t n = decode(s, &cp);

		if (n == 0)
			bb_buf_puts(b, "\xef\xbf\xbd");
		else if (lines && (cp == '\n' || cp == '\t'))
			bb_buf_putc(b, (char)cp);
		else if (cp == '\n' || cp == '\t')
			bb_buf_putc(b, ' ');
		else if (cp < 0x20 || cp == 0x7f)
			bb_buf_printf(b, "^%c", cp == 0x7f ? '?' : (char)(cp + 0x40));
		/* C1 controls, and those that turn the reading direction around */
		else if ((cp >= 0x80 && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
			 (cp >= 0x2066 && cp <= 0x2069))
			bb_buf_puts(b, "\xef\xbf\xbd");
		else
			bb_buf_put(b, s.p, n);
		s = bb_str_sub(s, n ? n : 1, SIZE_MAX);
	}
}
