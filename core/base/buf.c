/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/buf.c - growing byte buffers.
 */
#include <bellbird/base.h>
#include <bellbird/mem.h>

/* Room for @p more bytes and the terminator. */
static bool reserve(struct bb_buf *b, size_t more)
{
	size_t need, cap;
	char *p;

	if (b->err)
		return false;
	if (__builtin_add_overflow(b->l, more, &need) || need >= SIZE_MAX / 2) {
		b->err = -ENOMEM;
		return false;
	}
	need++;
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap * 2 : 64;
	while (cap < need)
		cap *= 2;
	p = bb_realloc(b->p, cap);
	if (!p) {
		b->err = -ENOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void bb_buf_reserve(struct bb_buf *b, size_t more)
{
	reserve(b, more);
}

void bb_buf_putc(struct bb_buf *b, char c)
{
	if (!reserve(b, 1))
		return;
	b->p[b->l++] = c;
	b->p[b->l] = '\0';
}

void bb_buf_put(struct bb_buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->p + b->l, data, len);
	b->l += len;
	b->p[b->l] = '\0';
}

void bb_buf_puts(struct bb_buf *b, const char *z)
{
	if (z)
		bb_buf_put(b, z, strlen(z));
}

void bb_buf_putstr(struct bb_buf *b, struct bb_str s)
{
	bb_buf_put(b, s.p, s.l);
}

void bb_buf_printf(struct bb_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	bb_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void bb_buf_vprintf(struct bb_buf *b, const char *fmt, va_list ap)
{
	size_t room;
	va_list again;
	int n;

	if (!reserve(b, 32))
		return;
	room = b->cap - b->l;
	va_copy(again, ap);
	n = bb_vformat(b->p + b->l, room, fmt, ap);
	if (n < 0) {
		b->err = -EINVAL;
		b->p[b->l] = '\0';
	} else if ((size_t)n < room) {
		b->l += (size_t)n;
	} else {
		b->p[b->l] = '\0';
		if (reserve(b, (size_t)n)) {
			bb_vformat(b->p + b->l, (size_t)n + 1, fmt, again);
			b->l += (size_t)n;
		}
	}
	va_end(again);
}

void bb_buf_truncate(struct bb_buf *b, size_t len)
{
	if (len >= b->l)
		return;
	b->l = len;
	b->p[len] = '\0';
}

void bb_buf_consume(struct bb_buf *b, size_t len)
{
	if (len > b->l)
		len = b->l;
	if (len == 0)
		return;
	memmove(b->p, b->p + len, b->l - len);
	b->l -= len;
	b->p[b->l] = '\0';
}

void bb_buf_trim(struct bb_buf *b)
{
	char *p = b->p && b->cap > b->l + 1 ? bb_realloc(b->p, b->l + 1) : NULL;

	if (!p)
		return;
	b->p = p;
	b->cap = b->l + 1;
}

void bb_buf_free(struct bb_buf *b)
{
	if (!b)
		return;
	bb_free(b->p);
	memset(b, 0, sizeof(*b));
}

const char *bb_buf_cstr(const struct bb_buf *b)
{
	return b->p && b->l ? b->p : "";
}
