/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * uri.c - parsing, comparing and writing addresses (RFC 3261 section 19.1).
 * The user part is read more liberally than the grammar has it, since phones
 * send '#' and letters beyond ASCII there; what could break a message apart
 * is refused everywhere.
 */
#include "modules/sip/chars.h"
#include "modules/sip/uri.h"

bool sip_is_token(struct bb_str s)
{
	return sip_all(s, SIP_C_TOKEN);
}

static bool is_ip6(struct bb_str s)
{
	bool colon = false, zone = false;

	for (size_t i = 0; i < s.l; i++) {
		if (s.p[i] == '%')
			zone = i > 0 && colon;
		else if (s.p[i] == ':')
			colon = true;
		else if (!zone && !sip_is(s.p[i], SIP_C_HEX) && s.p[i] != '.')
			return false;
		if (!sip_is(s.p[i], SIP_C_IP6))
			return false;
	}
	return colon && s.l < 64;
}

bool sip_is_host(struct bb_str s)
{
	if (bb_str_chr(s, ':') >= 0)
		return is_ip6(s);
	return sip_all(s, SIP_C_HOST) && s.l < 256 && s.p[0] != '.';
}

/* Printable address text whose percent signs all begin an escape. */
static bool escapes_ok(struct bb_str s)
{
	for (size_t i = 0; i < s.l; i++) {
		if (!sip_is(s.p[i], SIP_C_URI))
			return false;
		if (s.p[i] != '%')
			continue;
		if (i + 2 >= s.l || sip_hex(s.p[i + 1]) < 0 || sip_hex(s.p[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

static int parse_port(struct bb_str s, uint16_t *port)
{
	uint64_t n;

	if (!sip_all(s, SIP_C_DIGIT) || bb_str_u64(s, &n) || n == 0 || n > 65535)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

/* "host", "host:port", "[v6]:port" */
static int parse_hostport(struct sip_uri *u, struct bb_str s)
{
	ptrdiff_t at;

	if (s.l && s.p[0] == '[') {
		at = bb_str_chr(s, ']');
		if (at < 0)
			return -EINVAL;
		u->host = bb_strn(s.p + 1, (size_t)at - 1);
		u->ipv6 = true;
		if (!is_ip6(u->host))
			return -EINVAL;
		s = bb_str_sub(s, (size_t)at + 1, s.l);
		if (!s.l)
			return 0;
		return s.p[0] == ':' ? parse_port(bb_str_sub(s, 1, s.l), &u->port) : -EINVAL;
	}
	at = bb_str_chr(s, ':');
	u->host = at < 0 ? s : bb_strn(s.p, (size_t)at);
	if (!sip_is_host(u->host))
		return -EINVAL;
	return at < 0 ? 0 : parse_port(bb_str_sub(s, (size_t)at + 1, s.l), &u->port);
}

static int check_params(struct bb_str params)
{
	struct bb_str name, value;
	unsigned count = 0;
	int n;

	while ((n = sip_param_next(&params, &name, &value)) == 1)
		if (++count > SIP_URI_PARAMS_MAX)
			return -EINVAL;
	return n;
}

static int parse_userinfo(struct sip_uri *u, struct bb_str s)
{
	ptrdiff_t at = bb_str_chr(s, ':');

	u->user = at < 0 ? s : bb_strn(s.p, (size_t)at);
	if (at >= 0)
		u->password = bb_str_sub(s, (size_t)at + 1, s.l);
	return u->user.l && escapes_ok(s) ? 0 : -EINVAL;
}

static int parse_sip(struct sip_uri *u, struct bb_str s)
{
	ptrdiff_t at = bb_str_chr(s, '@');
	size_t i;

	if (at >= 0) {
		if (parse_userinfo(u, bb_strn(s.p, (size_t)at)))
			return -EINVAL;
		s = bb_str_sub(s, (size_t)at + 1, s.l);
	}
	at = bb_str_chr(s, '?');
	if (at >= 0) {
		u->headers = bb_str_sub(s, (size_t)at + 1, s.l);
		s.l = (size_t)at;
		if (!u->headers.l || !escapes_ok(u->headers))
			return -EINVAL;
	}
	for (i = 0; i < s.l && s.p[i] != ';'; i++)
		;
	if (i < s.l) {
		u->params = bb_str_sub(s, i + 1, s.l);
		s.l = i;
		if (!u->params.l || !escapes_ok(u->params) || check_params(u->params))
			return -EINVAL;
	}
	return parse_hostport(u, s);
}

static int parse_tel(struct sip_uri *u, struct bb_str s)
{
	ptrdiff_t at = bb_str_chr(s, ';');

	if (at >= 0) {
		u->params = bb_str_sub(s, (size_t)at + 1, s.l);
		s.l = (size_t)at;
		if (!u->params.l || !escapes_ok(u->params) || check_params(u->params))
			return -EINVAL;
	}
	u->user = s;
	for (size_t i = 0; i < s.l; i++)
		if (!sip_is(s.p[i], SIP_C_HEX) && !strchr("+-.()*#", s.p[i]))
			return -EINVAL;
	return s.l ? 0 : -EINVAL;
}

static enum sip_scheme scheme_of(struct bb_str s)
{
	if (bb_str_iis(s, "sip"))
		return SIP_SCHEME_SIP;
	if (bb_str_iis(s, "sips"))
		return SIP_SCHEME_SIPS;
	return bb_str_iis(s, "tel") ? SIP_SCHEME_TEL : SIP_SCHEME_OTHER;
}

int sip_uri_parse(struct sip_uri *u, struct bb_str text)
{
	ptrdiff_t at = bb_str_chr(text, ':');
	struct bb_str rest;

	*u = (struct sip_uri){ .text = text };
	u->params = u->headers = BB_STR("");
	u->host = BB_STR("");
	if (at <= 0)
		return -EINVAL;
	u->scheme_text = bb_strn(text.p, (size_t)at);
	rest = bb_str_sub(text, (size_t)at + 1, text.l);
	for (size_t i = 0; i < u->scheme_text.l; i++)
		if (!sip_is(text.p[i], SIP_C_HOST) && text.p[i] != '+')
			return -EINVAL;
	u->scheme = scheme_of(u->scheme_text);
	switch (u->scheme) {
	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		return parse_sip(u, rest);
	case SIP_SCHEME_TEL:
		return parse_tel(u, rest);
	case SIP_SCHEME_OTHER:
		break;
	}
	return sip_all(rest, SIP_C_URI) ? 0 : -EINVAL;
}

/* --- comparing --- */

/* The next byte with its escape resolved. Escaped reserved letters are not equal to bare ones. */
static unsigned next_unescaped(struct bb_str s, size_t *i)
{
	unsigned c = (uint8_t)s.p[(*i)++];

	if (c == '%' && *i + 1 < s.l && sip_hex(s.p[*i]) >= 0 && sip_hex(s.p[*i + 1]) >= 0) {
		c = (unsigned)(sip_hex(s.p[*i]) * 16 + sip_hex(s.p[*i + 1]));
		*i += 2;
		if (c == 0 || strchr(";/?:@&=+$,", (int)c))
			c |= 0x100;
	}
	return c;
}

static bool escaped_eq(struct bb_str a, struct bb_str b, bool fold)
{
	size_t i = 0, k = 0;

	while (i < a.l && k < b.l) {
		unsigned x = next_unescaped(a, &i), y = next_unescaped(b, &k);

		if (fold && x < 128 && y < 128) {
			x = (uint8_t)sip_lower((char)x);
			y = (uint8_t)sip_lower((char)y);
		}
		if (x != y)
			return false;
	}
	return i == a.l && k == b.l;
}

bool sip_escaped_eq(struct bb_str a, struct bb_str b)
{
	return escaped_eq(a, b, false);
}

static bool find_param(struct bb_str params, struct bb_str want, struct bb_str *value)
{
	struct bb_str name, v;

	while (sip_param_next(&params, &name, &v) == 1) {
		if (!escaped_eq(name, want, true))
			continue;
		if (value)
			*value = v;
		return true;
	}
	return false;
}

/* Parameters whose absence on one side already makes a difference. */
static bool must_be_in_both(struct bb_str name)
{
	return bb_str_iis(name, "user") || bb_str_iis(name, "ttl") || bb_str_iis(name, "method") ||
	       bb_str_iis(name, "maddr") || bb_str_iis(name, "transport");
}

static bool params_eq(struct bb_str a, struct bb_str b)
{
	struct bb_str name, v, w;

	while (sip_param_next(&a, &name, &v) == 1) {
		if (!find_param(b, name, &w)) {
			if (must_be_in_both(name))
				return false;
		} else if (!escaped_eq(v, w, true)) {
			return false;
		}
	}
	return true;
}

static size_t count_headers(struct bb_str h)
{
	size_t n = h.l != 0;

	for (size_t i = 0; i < h.l; i++)
		n += h.p[i] == '&';
	return n;
}

static bool has_header(struct bb_str list, struct bb_str want)
{
	struct bb_str piece;

	while (bb_str_split(&list, '&', &piece))
		if (escaped_eq(piece, want, true))
			return true;
	return false;
}

static bool headers_eq(struct bb_str a, struct bb_str b)
{
	struct bb_str piece, rest = a;

	if (count_headers(a) != count_headers(b) || count_headers(a) > 64)
		return bb_str_eq(a, b);
	while (rest.l && bb_str_split(&rest, '&', &piece))
		if (!has_header(b, piece))
			return false;
	return true;
}

bool sip_uri_eq(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (bb_str_eq(a->text, b->text))
		return true;
	if (a->scheme == SIP_SCHEME_OTHER)
		return false;
	if (!a->user.p != !b->user.p || !a->password.p != !b->password.p || a->port != b->port)
		return false;
	return escaped_eq(a->user, b->user, false) && escaped_eq(a->password, b->password, false) &&
	       bb_str_ieq(a->host, b->host) && params_eq(a->params, b->params) &&
	       params_eq(b->params, a->params) && headers_eq(a->headers, b->headers);
}

bool sip_uri_param(const struct sip_uri *u, const char *name, struct bb_str *value)
{
	return find_param(u->params, bb_strz(name), value);
}

/* --- parameters --- */

/* Blanks alone: a line end is no blank, and must not slip through. */
static struct bb_str trim(struct bb_str s)
{
	while (s.l && sip_is_ws(s.p[0])) {
		s.p++;
		s.l--;
	}
	while (s.l && sip_is_ws(s.p[s.l - 1]))
		s.l--;
	return s;
}

/* End of a value: the next ';' outside quotes; -EINVAL when a quote stays open. */
static ptrdiff_t value_end(struct bb_str s, size_t i)
{
	while (i < s.l && s.p[i] != ';') {
		if (s.p[i] == '"') {
			i = sip_skip_quoted(s, i);
			if (!i)
				return -EINVAL;
		} else {
			i++;
		}
	}
	return (ptrdiff_t)i;
}

static bool value_ok(struct bb_str v)
{
	if (!v.l)
		return false;
	if (v.p[0] == '"')
		return sip_skip_quoted(v, 0) == v.l;
	return sip_all(v, SIP_C_URI);
}

int sip_param_next(struct bb_str *rest, struct bb_str *name, struct bb_str *value)
{
	struct bb_str s = *rest;
	size_t i = sip_skip_ws(s, 0), from = i;
	ptrdiff_t end;

	*value = bb_strn(NULL, 0);
	if (i == s.l) {
		*name = bb_strn(NULL, 0);
		return s.l && i ? -EINVAL : 0;
	}
	while (i < s.l && s.p[i] != ';' && s.p[i] != '=')
		i++;
	*name = trim(bb_strn(s.p + from, i - from));
	if (!sip_all(*name, SIP_C_URI))
		return -EINVAL;
	if (i < s.l && s.p[i] == '=') {
		end = value_end(s, i + 1);
		if (end < 0)
			return -EINVAL;
		*value = trim(bb_strn(s.p + i + 1, (size_t)end - i - 1));
		i = (size_t)end;
		if (!value_ok(*value))
			return -EINVAL;
	}
	if (i + 1 == s.l) /* ends with a ';' that nothing follows */
		return -EINVAL;
	*rest = i < s.l ? bb_str_sub(s, i + 1, s.l) : bb_strn(s.p + s.l, 0);
	return 1;
}

bool sip_param(struct bb_str params, const char *name, struct bb_str *value)
{
	struct bb_str n, v;

	while (sip_param_next(&params, &n, &v) == 1) {
		if (!bb_str_iis(n, name))
			continue;
		if (value)
			*value = v;
		return true;
	}
	return false;
}

struct bb_str sip_unquote(struct bb_str s)
{
	if (s.l >= 2 && s.p[0] == '"' && s.p[s.l - 1] == '"')
		return bb_strn(s.p + 1, s.l - 2);
	return s;
}

void sip_put_unquoted(struct bb_buf *b, struct bb_str s)
{
	struct bb_str in = sip_unquote(s);

	if (in.l == s.l) {
		bb_buf_putstr(b, s);
		return;
	}
	for (size_t i = 0; i < in.l; i++) {
		if (in.p[i] == '\\' && i + 1 < in.l)
			i++;
		bb_buf_putc(b, in.p[i]);
	}
}

void sip_put_quoted(struct bb_buf *b, struct bb_str plain)
{
	bb_buf_putc(b, '"');
	for (size_t i = 0; i < plain.l; i++) {
		char c = plain.p[i];

		if (c == '"' || c == '\\')
			bb_buf_putc(b, '\\');
		bb_buf_putc(b, c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
	}
	bb_buf_putc(b, '"');
}

/* --- writing --- */

int sip_unescape(struct bb_buf *b, struct bb_str s)
{
	for (size_t i = 0; i < s.l; i++) {
		if (s.p[i] != '%') {
			bb_buf_putc(b, s.p[i]);
			continue;
		}
		if (i + 2 >= s.l || sip_hex(s.p[i + 1]) < 0 || sip_hex(s.p[i + 2]) < 0)
			return -EINVAL;
		bb_buf_putc(b, (char)(sip_hex(s.p[i + 1]) * 16 + sip_hex(s.p[i + 2])));
		i += 2;
	}
	return b->err;
}

int sip_unescape_to(struct bb_str s, char *dst, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < s.l; i++) {
		int hi, lo;

		if (n + 1 >= cap)
			return -ENAMETOOLONG;
		dst[n] = s.p[i];
		if (s.p[i] == '%') {
			hi = i + 2 < s.l ? sip_hex(s.p[i + 1]) : -1;
			lo = hi < 0 ? -1 : sip_hex(s.p[i + 2]);
			if (lo < 0 || !(hi || lo))
				return -EINVAL;
			dst[n] = (char)(hi * 16 + lo);
			i += 2;
		}
		n++;
	}
	if (!cap)
		return -ENAMETOOLONG;
	dst[n] = '\0';
	return 0;
}

void sip_escape_user(struct bb_buf *b, struct bb_str plain)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < plain.l; i++) {
		uint8_t c = (uint8_t)plain.p[i];

		if (sip_is((char)c, SIP_C_USER)) {
			bb_buf_putc(b, (char)c);
			continue;
		}
		bb_buf_putc(b, '%');
		bb_buf_putc(b, digits[c >> 4]);
		bb_buf_putc(b, digits[c & 15]);
	}
}

static void put_host(struct bb_buf *b, struct bb_str host, uint16_t port)
{
	bool six = bb_str_chr(host, ':') >= 0;

	if (six)
		bb_buf_putc(b, '[');
	bb_buf_putstr(b, host);
	if (six)
		bb_buf_putc(b, ']');
	if (port)
		bb_buf_printf(b, ":%u", port);
}

void sip_uri_put(struct bb_buf *b, enum sip_scheme scheme, struct bb_str user, struct bb_str host,
		 uint16_t port)
{
	if (scheme == SIP_SCHEME_TEL) {
		bb_buf_puts(b, "tel:");
		sip_escape_user(b, user);
		return;
	}
	bb_buf_puts(b, scheme == SIP_SCHEME_SIPS ? "sips:" : "sip:");
	if (user.l) {
		sip_escape_user(b, user);
		bb_buf_putc(b, '@');
	}
	put_host(b, host, port);
}

void sip_uri_put_request(struct bb_buf *b, const struct sip_uri *u)
{
	struct bb_str rest = u->params, name, value;

	if (u->scheme != SIP_SCHEME_SIP && u->scheme != SIP_SCHEME_SIPS) {
		bb_buf_putstr(b, u->text);
		return;
	}
	bb_buf_putstr(b, u->scheme_text);
	bb_buf_putc(b, ':');
	if (u->user.p) {
		bb_buf_putstr(b, u->user);
		if (u->password.p) {
			bb_buf_putc(b, ':');
			bb_buf_putstr(b, u->password);
		}
		bb_buf_putc(b, '@');
	}
	put_host(b, u->host, u->port);
	while (sip_param_next(&rest, &name, &value) == 1) {
		if (bb_str_iis(name, "method"))
			continue;
		bb_buf_putc(b, ';');
		bb_buf_putstr(b, name);
		if (value.p) {
			bb_buf_putc(b, '=');
			bb_buf_putstr(b, value);
		}
	}
}
