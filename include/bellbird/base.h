/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/base.h - what every other header stands on: visibility, string
 * views, growing buffers, and the conventions of the whole API.
 *
 * Errors are `int`: 0 for success or a negative errno. Results come back
 * through a leading pointer to pointer. A NULL argument to a function that
 * releases something is allowed and does nothing.
 *
 * Unless a function says otherwise it must be called on the control thread.
 */
#ifndef BB_BASE_H
#define BB_BASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__cplusplus)
#define BB_BEGIN_DECLS extern "C" {
#define BB_END_DECLS }
#else
#define BB_BEGIN_DECLS
#define BB_END_DECLS
#endif

/** Exported from the program to its modules; everything else is hidden. */
#define BB_API __attribute__((visibility("default")))
#define BB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define BB_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/** The struct that holds @p member at address @p ptr. */
#define bb_container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

BB_BEGIN_DECLS

/** Microseconds: monotonic from bb_now(), since 1970 from bb_wall(). */
typedef int64_t bb_time;
#define BB_MS ((bb_time)1000)
#define BB_SEC ((bb_time)1000000)

/**
 * A view of bytes somebody else owns. Passed by value. Not terminated.
 * An unset view has p == NULL; an empty one has l == 0 and p != NULL.
 */
struct bb_str {
	const char *p;
	size_t l;
};

/** A view of a string literal, for use in expressions. */
#define BB_STR(lit) (bb_strn("" lit, sizeof(lit) - 1))
/** For "%.*s" in printf formats: printf("%.*s", BB_FMT(s)). */
#define BB_FMT(s) (int)(s).l, (s).p ? (s).p : ""

static inline struct bb_str bb_strn(const char *p, size_t l)
{
	struct bb_str s;

	s.p = p;
	s.l = l;
	return s;
}

/** A view of a terminated string; NULL gives an unset view. */
static inline struct bb_str bb_strz(const char *z)
{
	return bb_strn(z, z ? strlen(z) : 0);
}

static inline bool bb_str_empty(struct bb_str s)
{
	return s.l == 0;
}

static inline bool bb_str_eq(struct bb_str a, struct bb_str b)
{
	return a.l == b.l && (a.l == 0 || memcmp(a.p, b.p, a.l) == 0);
}

/** Equal without regard to ASCII case. */
BB_API bool bb_str_ieq(struct bb_str a, struct bb_str b);
static inline bool bb_str_is(struct bb_str a, const char *z)
{
	return bb_str_eq(a, bb_strz(z));
}
static inline bool bb_str_iis(struct bb_str a, const char *z)
{
	return bb_str_ieq(a, bb_strz(z));
}
/** Like strcmp()/strcasecmp(): a total order over bytes. */
BB_API int bb_str_cmp(struct bb_str a, struct bb_str b);
BB_API int bb_str_icmp(struct bb_str a, struct bb_str b);
BB_API bool bb_str_starts(struct bb_str s, struct bb_str prefix);
BB_API bool bb_str_istarts(struct bb_str s, struct bb_str prefix);
/** Without leading and trailing space, tab, CR and LF. */
BB_API struct bb_str bb_str_trim(struct bb_str s);
/** From byte @p from (clamped) up to @p len bytes. */
BB_API struct bb_str bb_str_sub(struct bb_str s, size_t from, size_t len);
/** @return the offset of @p c, or -1. */
BB_API ptrdiff_t bb_str_chr(struct bb_str s, char c);
BB_API ptrdiff_t bb_str_find(struct bb_str s, struct bb_str needle);
/**
 * Cut the next piece up to @p sep off the front of @p rest, trimmed.
 * @return false when nothing is left (an empty last piece is returned once).
 */
BB_API bool bb_str_split(struct bb_str *rest, char sep, struct bb_str *piece);
/** Whole string as a decimal number. @return 0, -EINVAL or -ERANGE. */
BB_API int bb_str_u64(struct bb_str s, uint64_t *out);
BB_API int bb_str_i64(struct bb_str s, int64_t *out);
BB_API int bb_str_double(struct bb_str s, double *out);
/** yes/true/y/t/1/on and no/false/n/f/0/off, as Asterisk reads them. */
BB_API int bb_str_bool(struct bb_str s, bool *out);
/** Copy into @p dst of @p cap bytes, terminated. @return -ENAMETOOLONG when cut. */
BB_API int bb_str_copy(char *dst, size_t cap, struct bb_str s);
/** What is behind the last slash of a path: a view into it; "" for NULL. */
BB_API const char *bb_base_name(const char *path);
/** Case-insensitive edit distance, for "did you mean". */
BB_API unsigned bb_str_distance(struct bb_str a, struct bb_str b);
/** FNV-1a, case folded when @p fold. Stable within a process only. */
BB_API uint32_t bb_str_hash(struct bb_str s, bool fold);

/**
 * As snprintf(), with one difference: what has only the conversions %s %c %d %u %x, with l or z, a
 * width or the precision of %s, is quick. Any thread.
 */
BB_API int bb_format(char *dst, size_t cap, const char *fmt, ...) BB_PRINTF(3, 4);
BB_API int bb_vformat(char *dst, size_t cap, const char *fmt, va_list ap) BB_PRINTF(3, 0);

/**
 * A growing, always terminated byte buffer. Zero-initialised is empty. The
 * first failure (no memory) is kept in @c err and later writes do nothing, so
 * that a writer checks once at the end.
 */
struct bb_buf {
	char *p;
	size_t l, cap;
	int err;
};

BB_API void bb_buf_putc(struct bb_buf *b, char c);
BB_API void bb_buf_put(struct bb_buf *b, const void *data, size_t len);
BB_API void bb_buf_puts(struct bb_buf *b, const char *z);
BB_API void bb_buf_putstr(struct bb_buf *b, struct bb_str s);
BB_API void bb_buf_printf(struct bb_buf *b, const char *fmt, ...) BB_PRINTF(2, 3);
BB_API void bb_buf_vprintf(struct bb_buf *b, const char *fmt, va_list ap) BB_PRINTF(2, 0);
/** Make room for so many more bytes at once, where a writer knows about how many will come. */
BB_API void bb_buf_reserve(struct bb_buf *b, size_t more);
/** Drop bytes from the end. */
BB_API void bb_buf_truncate(struct bb_buf *b, size_t len);
/** Drop bytes from the front (what a stream parser has consumed). */
BB_API void bb_buf_consume(struct bb_buf *b, size_t len);
/** Give back the room beyond what is in it: for what is kept. */
BB_API void bb_buf_trim(struct bb_buf *b);
/** Free and zero. */
BB_API void bb_buf_free(struct bb_buf *b);
/** "" when empty; valid until the next change. */
BB_API const char *bb_buf_cstr(const struct bb_buf *b);
static inline struct bb_str bb_buf_str(const struct bb_buf *b)
{
	return bb_strn(b->p ? b->p : "", b->l);
}

/** Fill with random bytes from the process's generator (seeded in simulation). Any thread. */
BB_API void bb_random(void *dst, size_t len);
/** Uniform in [0, bound). Any thread. */
BB_API uint32_t bb_random_below(uint32_t bound);
/** @p chars characters of base-32 without look-alikes, terminated; @p dst holds chars + 1. */
BB_API void bb_random_text(char *dst, size_t chars);

BB_END_DECLS
#endif
