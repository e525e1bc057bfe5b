/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/addr.c - addresses and networks as values.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

#include <bellbird/net.h>

socklen_t bb_addr_len(const struct bb_addr *a)
{
	switch (bb_addr_family(a)) {
	case AF_INET:
		return sizeof(a->u.in);
	case AF_INET6:
		return sizeof(a->u.in6);
	default:
		return 0;
	}
}

uint16_t bb_addr_port(const struct bb_addr *a)
{
	switch (bb_addr_family(a)) {
	case AF_INET:
		return ntohs(a->u.in.sin_port);
	case AF_INET6:
		return ntohs(a->u.in6.sin6_port);
	default:
		return 0;
	}
}

void bb_addr_set_port(struct bb_addr *a, uint16_t port)
{
	if (bb_addr_family(a) == AF_INET)
		a->u.in.sin_port = htons(port);
	else if (bb_addr_family(a) == AF_INET6)
		a->u.in6.sin6_port = htons(port);
}

static int parse_v4(struct bb_addr *a, struct bb_str host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr in;

	if (bb_str_copy(text, sizeof(text), host) || strlen(text) != host.l)
		return -EINVAL;
	if (inet_pton(AF_INET, text, &in) != 1)
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	a->u.in.sin_family = AF_INET;
	a->u.in.sin_addr = in;
	return 0;
}

static int parse_scope(struct bb_str scope, uint32_t *id)
{
	char name[IF_NAMESIZE];
	uint64_t n;

	if (bb_str_empty(scope))
		return -EINVAL;
	if (!bb_str_u64(scope, &n)) {
		if (n > UINT32_MAX)
			return -EINVAL;
		*id = (uint32_t)n;
		return 0;
	}
	if (bb_str_copy(name, sizeof(name), scope))
		return -EINVAL;
	*id = if_nametoindex(name);
	return *id ? 0 : -EINVAL;
}

static int parse_v6(struct bb_addr *a, struct bb_str host)
{
	ptrdiff_t percent = bb_str_chr(host, '%');
	char text[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	uint32_t scope = 0;

	if (percent >= 0) {
		if (parse_scope(bb_str_sub(host, (size_t)percent + 1, SIZE_MAX), &scope))
			return -EINVAL;
		host.l = (size_t)percent;
	}
	if (bb_str_copy(text, sizeof(text), host) || strlen(text) != host.l)
		return -EINVAL;
	if (inet_pton(AF_INET6, text, &in6) != 1)
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	a->u.in6.sin6_family = AF_INET6;
	a->u.in6.sin6_addr = in6;
	a->u.in6.sin6_scope_id = scope;
	return 0;
}

static int parse_port(struct bb_str text, uint16_t *port)
{
	uint64_t n;

	if (text.l > 5 || bb_str_u64(text, &n) || n > 65535)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

int bb_addr_from(struct bb_addr *a, struct bb_str host, uint16_t port)
{
	struct bb_addr made;
	int err;

	if (host.l >= 2 && host.p[0] == '[' && host.p[host.l - 1] == ']')
		err = parse_v6(&made, bb_str_sub(host, 1, host.l - 2));
	else if (bb_str_chr(host, ':') >= 0)
		err = parse_v6(&made, host);
	else
		err = parse_v4(&made, host);
	if (err)
		return err;
	bb_addr_set_port(&made, port);
	*a = made;
	return 0;
}

int bb_addr_parse(struct bb_addr *a, struct bb_str text)
{
	struct bb_str host = text, after = { 0 };
	uint16_t port = 0;
	ptrdiff_t at;

	if (text.l && text.p[0] == '[') {
		at = bb_str_chr(text, ']');
		if (at < 0)
			return -EINVAL;
		host = bb_str_sub(text, 0, (size_t)at + 1);
		after = bb_str_sub(text, (size_t)at + 1, SIZE_MAX);
		if (after.l && after.p[0] != ':')
			return -EINVAL;
	} else {
		at = bb_str_chr(text, ':');
		/* Two colons without brackets: IPv6, and no port can follow. */
		if (at >= 0 && bb_str_chr(bb_str_sub(text, (size_t)at + 1, SIZE_MAX), ':') < 0) {
			host = bb_str_sub(text, 0, (size_t)at);
			after = bb_str_sub(text, (size_t)at, SIZE_MAX);
		}
	}
	if (after.l && parse_port(bb_str_sub(after, 1, SIZE_MAX), &port))
		return -EINVAL;
	return bb_addr_from(a, host, port);
}

static char *put_octet(char *p, unsigned v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

/* By hand: each message of each call has a dozen. */
static void print_v4(char *p, const uint8_t b[4])
{
	for (int i = 0; i < 4; i++) {
		p = put_octet(p, b[i]);
		*p++ = i < 3 ? '.' : '\0';
	}
}

char *bb_addr_print_host(const struct bb_addr *a, char dst[BB_ADDR_TEXT])
{
	size_t n;

	switch (bb_addr_family(a)) {
	case AF_INET:
		print_v4(dst, (const uint8_t *)&a->u.in.sin_addr);
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->u.in6.sin6_addr, dst, BB_ADDR_TEXT);
		n = strlen(dst);
		if (a->u.in6.sin6_scope_id)
			bb_format(dst + n, BB_ADDR_TEXT - n, "%%%u", a->u.in6.sin6_scope_id);
		break;
	default:
		bb_str_copy(dst, BB_ADDR_TEXT, BB_STR("none"));
	}
	return dst;
}

char *bb_addr_print(const struct bb_addr *a, char dst[BB_ADDR_TEXT])
{
	char host[BB_ADDR_TEXT];

	if (!bb_addr_set(a))
		return bb_addr_print_host(a, dst);
	bb_addr_print_host(a, host);
	if (bb_addr_family(a) == AF_INET6)
		bb_format(dst, BB_ADDR_TEXT, "[%.54s]:%u", host, bb_addr_port(a));
	else
		bb_format(dst, BB_ADDR_TEXT, "%.54s:%u", host, bb_addr_port(a));
	return dst;
}

/* The IPv4 address of an IPv4 or IPv4-mapped one. @return false for real IPv6. */
static bool as_v4(const struct bb_addr *a, uint32_t *v4)
{
	if (bb_addr_family(a) == AF_INET) {
		*v4 = ntohl(a->u.in.sin_addr.s_addr);
		return true;
	}
	if (bb_addr_family(a) == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->u.in6.sin6_addr)) {
		const uint8_t *b = a->u.in6.sin6_addr.s6_addr + 12;

		*v4 = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
		return true;
	}
	return false;
}

bool bb_addr_eq_host(const struct bb_addr *a, const struct bb_addr *b)
{
	bool a_v6 = bb_addr_family(a) == AF_INET6, b_v6 = bb_addr_family(b) == AF_INET6;
	uint32_t va, vb;

	if (!bb_addr_set(a) || !bb_addr_set(b))
		return bb_addr_set(a) == bb_addr_set(b);
	if (as_v4(a, &va))
		return as_v4(b, &vb) && va == vb;
	if (!a_v6 || !b_v6)
		return false;
	return memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr, sizeof(struct in6_addr)) == 0 &&
	       a->u.in6.sin6_scope_id == b->u.in6.sin6_scope_id;
}

bool bb_addr_eq(const struct bb_addr *a, const struct bb_addr *b)
{
	return bb_addr_port(a) == bb_addr_port(b) && bb_addr_eq_host(a, b);
}

bool bb_addr_is_any(const struct bb_addr *a)
{
	uint32_t v4;

	if (as_v4(a, &v4))
		return v4 == INADDR_ANY;
	return bb_addr_family(a) == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr);
}

bool bb_addr_is_loopback(const struct bb_addr *a)
{
	uint32_t v4;

	if (as_v4(a, &v4))
		return v4 >> 24 == 127;
	return bb_addr_family(a) == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a->u.in6.sin6_addr);
}

bool bb_addr_is_private(const struct bb_addr *a)
{
	const uint8_t *b;
	uint32_t v4;

	if (as_v4(a, &v4))
		return v4 >> 24 == 10 || v4 >> 20 == (172u << 4 | 1) ||
		       v4 >> 16 == (192u << 8 | 168) || v4 >> 16 == (169u << 8 | 254);
	if (bb_addr_family(a) != AF_INET6)
		return false;
	b = a->u.in6.sin6_addr.s6_addr;
	return (b[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&a->u.in6.sin6_addr);
}

uint32_t bb_addr_hash(const struct bb_addr *a)
{
	struct {
		uint8_t host[16];
		uint16_t port;
	} key;
	uint32_t v4;

	memset(&key, 0, sizeof(key));
	key.port = bb_addr_port(a);
	if (as_v4(a, &v4))
		memcpy(key.host, &v4, sizeof(v4));
	else if (bb_addr_family(a) == AF_INET6)
		memcpy(key.host, &a->u.in6.sin6_addr, sizeof(key.host));
	return bb_str_hash(bb_strn((const char *)&key, sizeof(key)), false);
}

/* "255.255.0.0" as 16. */
static int mask_bits(struct bb_str text, unsigned *bits)
{
	struct bb_addr mask;
	uint32_t v4;

	if (parse_v4(&mask, text))
		return -EINVAL;
	v4 = ntohl(mask.u.in.sin_addr.s_addr);
	*bits = v4 ? 32 - (unsigned)__builtin_ctz(v4) : 0;
	return *bits == 0 || v4 == UINT32_MAX << (32 - *bits) ? 0 : -EINVAL;
}

int bb_cidr_parse(struct bb_cidr *c, struct bb_str text)
{
	ptrdiff_t slash = bb_str_chr(text, '/');
	struct bb_str host = slash < 0 ? text : bb_str_sub(text, 0, (size_t)slash), mask;
	struct bb_cidr made;
	unsigned most;
	uint64_t n;

	memset(&made, 0, sizeof(made));
	if (bb_addr_from(&made.net, host, 0))
		return -EINVAL;
	most = bb_addr_family(&made.net) == AF_INET ? 32 : 128;
	made.bits = most;
	if (slash >= 0) {
		mask = bb_str_sub(text, (size_t)slash + 1, SIZE_MAX);
		if (most == 32 && bb_str_chr(mask, '.') >= 0) {
			if (mask_bits(mask, &made.bits))
				return -EINVAL;
		} else if (bb_str_u64(mask, &n) || n > most) {
			return -EINVAL;
		} else {
			made.bits = (unsigned)n;
		}
	}
	*c = made;
	return 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool bb_cidr_has(const struct bb_cidr *c, const struct bb_addr *a)
{
	uint32_t net, host;

	if (bb_addr_family(&c->net) == AF_INET) {
		if (!as_v4(a, &host))
			return false;
		net = ntohl(c->net.u.in.sin_addr.s_addr);
		return c->bits == 0 || (net ^ host) >> (32 - c->bits) == 0;
	}
	if (bb_addr_family(&c->net) != AF_INET6 || bb_addr_family(a) != AF_INET6)
		return false;
	return same_bits(c->net.u.in6.sin6_addr.s6_addr, a->u.in6.sin6_addr.s6_addr, c->bits);
}
