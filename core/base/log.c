/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log.c - making a log line: whether anybody wants it, the call it
 * speaks of, and how it looks.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <bellbird/log.h>

#include "core/base/clock.h"
#include "core/base/log_core.h"
#include "core/base/log_file.h"

#define USUAL                                                                                      \
	(BB_LOG_BIT(BB_LOG_ERROR) | BB_LOG_BIT(BB_LOG_WARNING) | BB_LOG_BIT(BB_LOG_NOTICE) |       \
	 BB_LOG_BIT(BB_LOG_SECURITY))

static atomic_uint wanted_levels = USUAL;
static atomic_int wanted_verbose, wanted_debug;
static _Thread_local struct bb_log_context own, *current;

static const char *const names[] = { "ERROR", "WARNING", "NOTICE",  "VERBOSE",
				     "DEBUG", "DTMF",	 "SECURITY" };

const char *bb_log_level_name(enum bb_log_level level)
{
	return (unsigned)level < BB_ARRAY_SIZE(names) ? names[level] : "?";
}

void bb_log_publish(unsigned levels, int verbose, int debug)
{
	atomic_store_explicit(&wanted_levels, levels, memory_order_relaxed);
	atomic_store_explicit(&wanted_verbose, verbose, memory_order_relaxed);
	atomic_store_explicit(&wanted_debug, debug, memory_order_relaxed);
}

bool bb_log_wanted(enum bb_log_level level, int depth)
{
	if (!(atomic_load_explicit(&wanted_levels, memory_order_relaxed) & BB_LOG_BIT(level)))
		return false;
	if (level == BB_LOG_VERBOSE)
		return depth <= atomic_load_explicit(&wanted_verbose, memory_order_relaxed);
	if (level == BB_LOG_DEBUG)
		return depth <= atomic_load_explicit(&wanted_debug, memory_order_relaxed);
	return true;
}

/* --- the call --- */

struct bb_log_context *bb_log_context_use(struct bb_log_context *c)
{
	struct bb_log_context *before = current;

	current = c;
	return before;
}

void bb_log_set_call_id(const char *id)
{
	struct bb_log_context *c = current ? current : &own;

	(void)bb_str_copy(c->call_id, sizeof(c->call_id), bb_strz(id));
}

const char *bb_log_call_id(void)
{
	return current ? current->call_id : own.call_id;
}

/* --- making --- */

void bb_log_at(enum bb_log_level level, int depth, const char *file, int line, const char *func,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	bb_log_vat(level, depth, file, line, func, fmt, ap);
	va_end(ap);
}

static bb_time own_now(void)
{
	return bb_read_clock(CLOCK_MONOTONIC);
}

static bb_time own_wall(void)
{
	return bb_read_clock(CLOCK_REALTIME);
}

static int no_post(void (*fn)(void *arg), void *arg)
{
	return -ENOTCONN;
}

static const struct bb_log_host alone = { own_now, own_wall, no_post };
static _Atomic(const struct bb_log_host *) host = &alone;

void bb_log_host_set(const struct bb_log_host *h)
{
	atomic_store(&host, h ? h : &alone);
}

const struct bb_log_host *bb_log_host(void)
{
	return atomic_load_explicit(&host, memory_order_acquire);
}

static void write_now(const struct bb_log_line *l)
{
	struct bb_buf b = { 0 };

	bb_log_render(&b, l, BB_LOG_TEXT);
	/* There is nobody left to tell when this fails. */
	if (b.l && write(STDERR_FILENO, b.p, b.l) < 0)
		b.err = -errno;
	bb_buf_free(&b);
}

void bb_log_vat(enum bb_log_level level, int depth, const char *file, int line, const char *func,
		const char *fmt, va_list ap)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	struct bb_log_line l = { .level = level,
				 .depth = depth,
				 .wall = bb_log_host()->wall(),
				 .line = line,
				 .file = slash	? slash + 1
					 : file ? file
						: "",
				 .func = func ? func : "",
				 .call_id = bb_log_call_id() };
	char small[512];
	struct bb_buf big = { 0 };
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	l.text = small;
	if (n < 0) {
		l.text = fmt;
	} else if ((size_t)n >= sizeof(small)) {
		bb_buf_vprintf(&big, fmt, again);
		/* Without memory the line is at least begun. */
		if (!big.err)
			l.text = big.p;
	}
	va_end(again);
	if (!bb_log_queue(&l))
		write_now(&l);
	bb_buf_free(&big);
}

/* --- how it looks --- */

/** strftime() piece by piece, since it knows no fractions: %q is tenths, %3q milliseconds. */
static void stamp(struct bb_buf *out, bb_time wall, const char *format, bool utc)
{
	time_t s = (time_t)(wall / BB_SEC);
	char one[4] = "%?", text[64];
	struct tm tm;

	if (utc)
		gmtime_r(&s, &tm);
	else
		localtime_r(&s, &tm);
	for (const char *p = format; *p; p++) {
		unsigned digits = 1;

		if (*p != '%' || !p[1]) {
			bb_buf_putc(out, *p);
			continue;
		}
		p++;
		if (*p >= '1' && *p <= '6' && p[1] == 'q')
			digits = (unsigned)(*p++ - '0');
		if (*p == 'q') {
			snprintf(text, sizeof(text), "%06u", (unsigned)(wall % BB_SEC));
			bb_buf_put(out, text, digits);
			continue;
		}
		one[1] = *p;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		bb_buf_put(out, text, strftime(text, sizeof(text), one, &tm));
#pragma GCC diagnostic pop
	}
}

/*
 * What strangers sent must not look like a line of ours, nor talk to the
 * terminal: lines that follow are indented, control characters are shown.
 */
static void plain_text(struct bb_buf *out, const char *z)
{
	size_t len = strlen(z);

	while (len && (z[len - 1] == '\n' || z[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)z[i];

		if (c == '\n')
			bb_buf_puts(out, "\n    ");
		else if (c == '\r' && z[i + 1] == '\n')
			continue;
		else if ((c < 0x20 && c != '\t') || c == 0x7f)
			bb_buf_printf(out, "\\x%02x", c);
		else
			bb_buf_putc(out, z[i]);
	}
}

/* Bytes of the UTF-8 character at @p z, 0 when it is none. */
static size_t utf8_len(const char *z)
{
	const unsigned char *u = (const unsigned char *)z;
	size_t n = u[0] < 0x80			 ? 1
		   : u[0] >= 0xc2 && u[0] < 0xe0 ? 2
		   : u[0] >= 0xe0 && u[0] < 0xf0 ? 3
		   : u[0] >= 0xf0 && u[0] < 0xf5 ? 4
						 : 0;

	for (size_t i = 1; i < n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] >= 0xa0) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] >= 0x90))
		return 0;
	return n;
}

static void json_string(struct bb_buf *out, const char *key, const char *z)
{
	bb_buf_printf(out, ",\"%s\":\"", key);
	while (*z) {
		size_t n = utf8_len(z);

		if (n == 0)
			bb_buf_puts(out, "\\ufffd");
		else if (*z == '"' || *z == '\\')
			bb_buf_printf(out, "\\%c", *z);
		else if (*z == '\n')
			bb_buf_puts(out, "\\n");
		else if ((unsigned char)*z < 0x20 || *z == 0x7f)
			bb_buf_printf(out, "\\u%04x", (unsigned char)*z);
		else
			bb_buf_put(out, z, n);
		z += n ? n : 1;
	}
	bb_buf_putc(out, '"');
}

static void render_json(struct bb_buf *out, const struct bb_log_line *l)
{
	bb_buf_puts(out, "{\"time\":\"");
	stamp(out, l->wall, "%FT%T.%3qZ", true);
	bb_buf_putc(out, '"');
	json_string(out, "level", bb_log_level_name(l->level));
	if (l->depth)
		bb_buf_printf(out, ",\"depth\":%d", l->depth);
	if (*l->call_id)
		json_string(out, "call", l->call_id);
	json_string(out, "file", l->file);
	bb_buf_printf(out, ",\"line\":%d", l->line);
	json_string(out, "function", l->func);
	json_string(out, "message", l->text);
	bb_buf_puts(out, "}\n");
}

const char *bb_log_verbose_mark(int depth)
{
	static const char *const marks[] = { "", "", "  == ", "    -- ", "       > " };

	return marks[depth < 0 ? 0 : depth > 4 ? 4 : depth];
}

void bb_log_render(struct bb_buf *out, const struct bb_log_line *l, enum bb_log_format format)
{
	if (format == BB_LOG_JSON) {
		render_json(out, l);
		return;
	}
	bb_buf_putc(out, '[');
	stamp(out, l->wall, bb_log_date_format, false);
	bb_buf_printf(out, "] %s", bb_log_level_name(l->level));
	if (*l->call_id)
		bb_buf_printf(out, "[%s]", l->call_id);
	/* Whoever watches calls has no use for the place in the source. */
	if (l->level != BB_LOG_VERBOSE && l->level != BB_LOG_DTMF && l->level != BB_LOG_SECURITY)
		bb_buf_printf(out, " %s:%d %s", l->file, l->line, l->func);
	bb_buf_puts(out, ": ");
	if (l->level == BB_LOG_VERBOSE)
		bb_buf_puts(out, bb_log_verbose_mark(l->depth));
	plain_text(out, l->text);
	bb_buf_putc(out, '\n');
}

int bb_log_parse_filter(struct bb_log_filter *f, struct bb_str text, struct bb_str *bad)
{
	struct bb_log_filter made = { 0 };
	struct bb_str word;

	while (bb_str_split(&text, ',', &word)) {
		ptrdiff_t open = bb_str_chr(word, '(');
		struct bb_str name = word;
		uint64_t depth = 0;
		size_t i;

		if (bb_str_is(word, "*")) {
			made.levels = BB_LOG_ALL;
			continue;
		}
		if (open >= 0) {
			name = bb_str_trim(bb_str_sub(word, 0, (size_t)open));
			if (word.p[word.l - 1] != ')' ||
			    bb_str_u64(
				    bb_str_sub(word, (size_t)open + 1, word.l - (size_t)open - 2),
				    &depth) ||
			    depth < 1 || depth > 10)
				goto bad;
		}
		for (i = 0; i < BB_ARRAY_SIZE(names); i++)
			if (bb_str_iis(name, names[i]))
				break;
		if (i == BB_ARRAY_SIZE(names))
			goto bad;
		if (depth && i != BB_LOG_VERBOSE && i != BB_LOG_DEBUG)
			goto bad;
		if (i == BB_LOG_VERBOSE)
			made.verbose = (int)depth;
		else if (i == BB_LOG_DEBUG)
			made.debug = (int)depth;
		made.levels |= BB_LOG_BIT(i);
	}
	*f = made;
	return 0;
bad:
	if (bad)
		*bad = word;
	return -EINVAL;
}

bool bb_log_allow(struct bb_log_limit *l, unsigned *dropped)
{
	bb_time now = bb_log_host()->now();

	if (l->every > 0 && now - l->since >= l->every) {
		bb_time n = (now - l->since) / l->every;

		l->used = (bb_time)l->used > n ? l->used - (unsigned)n : 0;
		l->since += n * l->every;
	}
	if (l->used >= l->burst) {
		l->dropped++;
		return false;
	}
	if (l->used == 0)
		l->since = now;
	l->used++;
	if (dropped)
		*dropped = l->dropped;
	l->dropped = 0;
	return true;
}
