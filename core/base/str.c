/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/str.c - string views: comparing, cutting, reading numbers.
 *
 * Case is folded by hand over ASCII alone: the C library's functions look at
 * the locale, and protocol text has none.
 */
#include <stdlib.h>

#include <bellbird/base.h>

#include "core/base/random_core.h"

static inline unsigned char fold(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

static inline bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ieq(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool bb_str_ieq(struct bb_str a, struct bb_str b)
{
	return a.l == b.l && ieq(a.p, b.p, a.l);
}

int bb_str_cmp(struct bb_str a, struct bb_str b)
{
	size_t n = a.l < b.l ? a.l : b.l;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	if (r)
		return r;
	return a.l < b.l ? -1 : a.l > b.l;
}

int bb_str_icmp(struct bb_str a, struct bb_str b)
{
	size_t n = a.l < b.l ? a.l : b.l;

	for (size_t i = 0; i < n; i++) {
		int d = fold(a.p[i]) - fold(b.p[i]);

		if (d)
			return d;
	}
	return a.l < b.l ? -1 : a.l > b.l;
}

bool bb_str_starts(struct bb_str s, struct bb_str prefix)
{
	return s.l >= prefix.l && (prefix.l == 0 || memcmp(s.p, prefix.p, prefix.l) == 0);
}

bool bb_str_istarts(struct bb_str s, struct bb_str prefix)
{
	return s.l >= prefix.l && ieq(s.p, prefix.p, prefix.l);
}

struct bb_str bb_str_trim(struct bb_str s)
{
	while (s.l && is_space(s.p[0])) {
		s.p++;
		s.l--;
	}
	while (s.l && is_space(s.p[s.l - 1]))
		s.l--;
	return s;
}

struct bb_str bb_str_sub(struct bb_str s, size_t from, size_t len)
{
	if (!s.p)
		return s;
	if (from > s.l)
		from = s.l;
	if (len > s.l - from)
		len = s.l - from;
	return bb_strn(s.p + from, len);
}

ptrdiff_t bb_str_chr(struct bb_str s, char c)
{
	const char *at = s.l ? memchr(s.p, c, s.l) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t bb_str_find(struct bb_str s, struct bb_str needle)
{
	const char *at;

	if (needle.l == 0)
		return 0;
	if (s.l < needle.l)
		return -1;
	at = memmem(s.p, s.l, needle.p, needle.l);
	return at ? at - s.p : -1;
}

bool bb_str_split(struct bb_str *rest, char sep, struct bb_str *piece)
{
	ptrdiff_t at;

	if (!rest->p)
		return false;
	at = bb_str_chr(*rest, sep);
	if (at < 0) {
		*piece = bb_str_trim(*rest);
		*rest = bb_strn(NULL, 0);
		return true;
	}
	*piece = bb_str_trim(bb_strn(rest->p, (size_t)at));
	rest->p += at + 1;
	rest->l -= (size_t)at + 1;
	return true;
}

int bb_str_u64(struct bb_str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.l == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.l; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return -EINVAL;
	for (size_t i = 0; i < s.l; i++)
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return -ERANGE;
	*out = v;
	return 0;
}

int bb_str_i64(struct bb_str s, int64_t *out)
{
	bool negative = s.l && s.p[0] == '-';
	uint64_t v;
	int err;

	if (s.l && (s.p[0] == '-' || s.p[0] == '+'))
		s = bb_strn(s.p + 1, s.l - 1);
	err = bb_str_u64(s, &v);
	if (err)
		return err;
	if (v > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*out = negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int bb_str_double(struct bb_str s, double *out)
{
	char text[64], *end;
	double v;

	if (s.l == 0 || s.l >= sizeof(text))
		return -EINVAL;
	for (size_t i = 0; i < s.l; i++)
		if (!strchr("0123456789.eE+-", s.p[i]) || s.p[i] == '\0')
			return -EINVAL;
	memcpy(text, s.p, s.l);
	text[s.l] = '\0';
	errno = 0;
	v = strtod(text, &end);
	if (end != text + s.l)
		return -EINVAL;
	if (errno == ERANGE && v > 1.0)
		return -ERANGE;
	if (errno == ERANGE && v < -1.0)
		return -ERANGE;
	*out = v;
	return 0;
}

int bb_str_bool(struct bb_str s, bool *out)
{
	static const char *const yes[] = { "yes", "true", "y", "t", "1", "on" };
	static const char *const no[] = { "no", "false", "n", "f", "0", "off" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(yes); i++) {
		if (bb_str_iis(s, yes[i])) {
			*out = true;
			return 0;
		}
		if (bb_str_iis(s, no[i])) {
			*out = false;
			return 0;
		}
	}
	return -EINVAL;
}

int bb_str_copy(char *dst, size_t cap, struct bb_str s)
{
	size_t n;

	if (cap == 0)
		return -ENAMETOOLONG;
	n = s.l < cap ? s.l : cap - 1;
	if (n)
		memcpy(dst, s.p, n);
	dst[n] = '\0';
	return n < s.l ? -ENAMETOOLONG : 0;
}

/* Names are short; what is longer than a row cannot be a typing mistake of one that is not. */
#define DISTANCE_MAX 96

unsigned bb_str_distance(struct bb_str a, struct bb_str b)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	if (a.l > DISTANCE_MAX || b.l > DISTANCE_MAX) {
		if (bb_str_ieq(a, b))
			return 0;
		return (unsigned)(a.l > b.l ? a.l : b.l);
	}
	memset(rows, 0, sizeof(rows));
	for (unsigned j = 0; j <= b.l; j++)
		last[j] = j;
	for (unsigned i = 1; i <= a.l; i++) {
		unsigned *t;

		now[0] = i;
		for (unsigned j = 1; j <= b.l; j++) {
			unsigned char ca = fold(a.p[i - 1]), cb = fold(b.p[j - 1]);
			unsigned d = last[j - 1] + (ca != cb);

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (now[j - 1] + 1 < d)
				d = now[j - 1] + 1;
			/* Two neighbours changed over is one slip of the fingers. */
			if (i > 1 && j > 1 && ca == fold(b.p[j - 2]) && fold(a.p[i - 2]) == cb &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			now[j] = d;
		}
		t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[b.l];
}

/* The ASCII capitals among eight bytes made small. */
static uint64_t fold8(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t low = v & (ones * 0x7f);
	/* The top bit of each byte: at or above 'A', above 'Z', not ASCII at all. */
	uint64_t from = low + ones * (0x80 - 'A'), beyond = low + ones * (0x80 - 'Z' - 1);

	return v | ((from & ~beyond & ~v & (ones * 0x80)) >> 2);
}

/* Both halves of the product of 64 bits, one over the other. */
static uint64_t mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
#else
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, one = ah * bl + (low >> 32), two = al * bh + (uint32_t)one;

	return (two << 32 | (uint32_t)low) ^ (ah * bh + (one >> 32) + (two >> 32));
#endif
}

/*
 * Eight bytes at a time, each step folding the product with a secret: keys
 * come from strangers, and what would collide cannot be prepared without it.
 */
uint32_t bb_str_hash(struct bb_str s, bool fold_case)
{
	uint64_t seed = bb_hash_seed() * 0x9e3779b97f4a7c15u | 1;
	uint64_t h = mix(seed ^ s.l, 0xbf58476d1ce4e5b9u), w;

	for (; s.l; s = s.l > 8 ? bb_strn(s.p + 8, s.l - 8) : bb_strn(s.p, 0)) {
		w = 0;
		memcpy(&w, s.p, s.l < 8 ? s.l : 8);
		h = mix(h ^ (fold_case ? fold8(w) : w), seed);
	}
	return (uint32_t)(h ^ h >> 32);
}

const char *bb_base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}
