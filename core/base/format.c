/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/format.c - printf() for texts that are made all day: messages,
 * stories, names. The plain conversions are written here, which costs a
 * quarter of what the C library's general machine takes; from the first other
 * one on, that machine does the rest.
 */
#include <stdio.h>

#include <bellbird/base.h>

#define FROM_ARGS (-2)

/* What stands behind a '%'. */
struct spec {
	bool zero; /* pad with zeros */
	unsigned width;
	int precision; /* -1: none */
	unsigned longs; /* how many l; z counts as one */
	char conv;
};

struct out {
	char *dst;
	size_t cap, at; /* at goes on counting when the room is used up */
};

static void put(struct out *o, const char *p, size_t n)
{
	if (o->at < o->cap) {
		size_t room = o->cap - o->at;

		memcpy(o->dst + o->at, p, n < room ? n : room);
	}
	o->at += n;
}

static void pad(struct out *o, char with, size_t have, size_t want)
{
	for (; have < want; have++)
		put(o, &with, 1);
}

/* @return its end, or NULL when it is none of the plain ones. */
static const char *read_spec(const char *p, struct spec *s)
{
	*s = (struct spec){ .precision = -1 };
	if (*p == '0') {
		s->zero = true;
		p++;
	}
	while (*p >= '0' && *p <= '9' && s->width < 1000)
		s->width = s->width * 10 + (unsigned)(*p++ - '0');
	if (*p == '.' && p[1] == '*') {
		s->precision = FROM_ARGS;
		p += 2;
	} else if (*p == '.') {
		s->precision = 0;
		while (*++p >= '0' && *p <= '9' && s->precision < 1000)
			s->precision = s->precision * 10 + (*p - '0');
	}
	for (; *p == 'l' || *p == 'z'; p++)
		s->longs++;
	s->conv = *p;
	switch (s->conv) {
	case 's':
		return s->longs || s->zero ? NULL : p + 1;
	case 'c':
	case '%':
		return s->longs || s->zero || s->width || s->precision != -1 ? NULL : p + 1;
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
		return s->longs > 2 || s->precision != -1 ? NULL : p + 1;
	default:
		return NULL;
	}
}

static void put_number(struct out *o, const struct spec *s, unsigned long long v, bool negative)
{
	const char *digits = s->conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24], *end = text + sizeof(text), *p = end;
	size_t n;

	if (s->conv == 'x' || s->conv == 'X')
		do
			*--p = digits[v & 15];
		while (v >>= 4);
	else
		do
			*--p = digits[v % 10];
		while (v /= 10);
	n = (size_t)(end - p) + negative;
	if (!s->zero)
		pad(o, ' ', n, s->width);
	if (negative)
		put(o, "-", 1);
	if (s->zero)
		pad(o, '0', n, s->width);
	put(o, p, (size_t)(end - p));
}

static void put_signed(struct out *o, const struct spec *s, long long v)
{
	put_number(o, s, v < 0 ? -(unsigned long long)v : (unsigned long long)v, v < 0);
}

static void put_text(struct out *o, const struct spec *s, int precision, const char *z)
{
	size_t n;

	if (!z)
		z = "(null)";
	n = precision < 0 ? strlen(z) : strnlen(z, (size_t)precision);
	pad(o, ' ', n, s->width);
	put(o, z, n);
}

/* The rest of a format by the C library. It was judged as a whole where it was written. */
static int put_rest(struct out *o, const char *fmt, va_list ap)
{
	size_t room = o->at < o->cap ? o->cap - o->at : 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	int n = vsnprintf(room ? o->dst + o->at : NULL, room, fmt, ap);
#pragma GCC diagnostic pop

	if (n >= 0)
		o->at += (size_t)n;
	return n;
}

static int finish(struct out *o, int err)
{
	if (o->cap)
		o->dst[o->at < o->cap ? o->at : o->cap - 1] = '\0';
	return err < 0 || o->at > INT32_MAX ? -1 : (int)o->at;
}

int bb_vformat(char *dst, size_t cap, const char *fmt, va_list ap)
{
	struct out o = { .dst = dst, .cap = cap };
	struct spec s;

	for (;;) {
		const char *percent = strchrnul(fmt, '%');
		int precision;

		put(&o, fmt, (size_t)(percent - fmt));
		if (!*percent)
			return finish(&o, 0);
		fmt = read_spec(percent + 1, &s);
		if (!fmt)
			return finish(&o, put_rest(&o, percent, ap));
		precision = s.precision == FROM_ARGS ? va_arg(ap, int) : s.precision;
		if (s.conv == 's') {
			put_text(&o, &s, precision, va_arg(ap, const char *));
		} else if (s.conv == '%') {
			put(&o, "%", 1);
		} else if (s.conv == 'c') {
			char c = (char)va_arg(ap, int);

			put(&o, &c, 1);
		} else if (s.conv == 'd' || s.conv == 'i') {
			put_signed(&o, &s,
				   s.longs > 1	 ? va_arg(ap, long long)
				   : s.longs > 0 ? va_arg(ap, long)
						 : va_arg(ap, int));
		} else {
			put_number(&o, &s,
				   s.longs > 1	 ? va_arg(ap, unsigned long long)
				   : s.longs > 0 ? va_arg(ap, unsigned long)
						 : va_arg(ap, unsigned),
				   false);
		}
	}
}

int bb_format(char *dst, size_t cap, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = bb_vformat(dst, cap, fmt, ap);
	va_end(ap);
	return n;
}
