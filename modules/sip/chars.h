/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chars.h - classes of bytes in SIP's grammar (RFC 3261 section 25.1), as a
 * table, because the parser asks for nearly each byte of a message.
 */
#ifndef SIP_CHARS_H
#define SIP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include <bellbird/base.h>

#define SIP_C_TOKEN 1u /* token */
#define SIP_C_HOST 2u /* hostname, IPv4address */
#define SIP_C_URI 4u /* may stand in an address: printable, no blanks, <, > or " */
#define SIP_C_DIGIT 8u
#define SIP_C_HEX 16u
#define SIP_C_USER 32u /* needs no escape in a user part */
#define SIP_C_WORD 64u /* word: Call-ID */
#define SIP_C_IP6 128u /* IPv6address, and its zone */

extern const uint8_t sip_chars[256];

static inline bool sip_is(char c, unsigned classes)
{
	return (sip_chars[(uint8_t)c] & classes) != 0;
}

static inline bool sip_all(struct bb_str s, unsigned classes)
{
	for (size_t i = 0; i < s.l; i++)
		if (!sip_is(s.p[i], classes))
			return false;
	return s.l > 0;
}

static inline bool sip_is_ws(char c)
{
	return c == ' ' || c == '\t';
}

static inline char sip_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/** Value of a hexadecimal digit, or -1. */
static inline int sip_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = sip_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** Offset of the next byte that is no blank, from @p i. */
static inline size_t sip_skip_ws(struct bb_str s, size_t i)
{
	while (i < s.l && sip_is_ws(s.p[i]))
		i++;
	return i;
}

/** Offset after the quoted-string that begins at @p i, or 0 when it never ends. */
size_t sip_skip_quoted(struct bb_str s, size_t i);

#endif
