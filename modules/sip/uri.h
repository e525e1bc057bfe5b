/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * uri.h - SIP, SIPS and TEL addresses as views into the text they stand in
 * (RFC 3261 section 19.1, RFC 3966, RFC 5118), and the ";name=value"
 * parameters that addresses and headers share.
 *
 * Nothing here allocates but the functions that write into a bb_buf.
 */
#ifndef SIP_URI_H
#define SIP_URI_H

#include <bellbird/net.h>

#define SIP_URI_PARAMS_MAX 64u /**< More are refused: comparing takes the square of it. */

enum sip_scheme {
	SIP_SCHEME_OTHER, /**< A well-formed absolute URI of another scheme (416 as a Request-URI).
			   */
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL
};

/** A parsed address. Views point into the parsed text and keep its escapes. */
struct sip_uri {
	struct bb_str text; /**< All of it. */
	enum sip_scheme scheme;
	struct bb_str scheme_text;
	struct bb_str user; /**< Still escaped; unset when there is none. For tel: the number. */
	struct bb_str password; /**< Unset when there is none. */
	struct bb_str host; /**< Without the brackets of an IPv6 reference. */
	bool ipv6; /**< @c host is an IPv6 address. */
	uint16_t port; /**< 0 when none is given. */
	struct bb_str params; /**< "a=b;c", without the leading ';'; may be empty. */
	struct bb_str headers; /**< "a=b&c=d", without the leading '?'; may be empty. */
};

/** Parse a whole address. @return 0 or -EINVAL. A scheme nobody knows is no error. */
int sip_uri_parse(struct sip_uri *u, struct bb_str text);
/** Equality of RFC 3261 section 19.1.4 (escapes, order of parameters, defaults that count). */
bool sip_uri_eq(const struct sip_uri *a, const struct sip_uri *b);
/** Find a parameter. @param value may be NULL; unset when it has none. */
bool sip_uri_param(const struct sip_uri *u, const char *name, struct bb_str *value);
/** The address without what may not stand in a Request-URI (headers, method parameter). */
void sip_uri_put_request(struct bb_buf *b, const struct sip_uri *u);
/** "sip:user@host:port" with the user escaped; user or port may be unset/0; IPv6 gets brackets. */
void sip_uri_put(struct bb_buf *b, enum sip_scheme scheme, struct bb_str user, struct bb_str host,
		 uint16_t port);
/** Append the text with %XX resolved. %00 gives a byte 0. @return 0 or -EINVAL for a broken escape.
 */
int sip_unescape(struct bb_buf *b, struct bb_str escaped);
/**
 * The same into @p dst, terminated: what users, extensions and addresses of record are compared
 * by (RFC 3261 section 10.3 step 5). @return -EINVAL for a broken escape or an escaped NUL,
 * -ENAMETOOLONG.
 */
int sip_unescape_to(struct bb_str escaped, char *dst, size_t cap);
/** Append a user part escaped as RFC 3261 section 25.1 wants it. */
void sip_escape_user(struct bb_buf *b, struct bb_str plain);
/** Equal after resolving escapes. */
bool sip_escaped_eq(struct bb_str a, struct bb_str b);

/**
 * Cut the next parameter off the front of @p rest ("a=b;c=\"d\""). Values keep their quotes.
 * @return 1 with name and value (unset without '='), 0 at the end, -EINVAL for an empty or broken
 * one.
 */
int sip_param_next(struct bb_str *rest, struct bb_str *name, struct bb_str *value);
/** Find one by name, case ignored. @param value may be NULL. */
bool sip_param(struct bb_str params, const char *name, struct bb_str *value);
/** Without the surrounding quotes, if it has any; backslash pairs stay. */
struct bb_str sip_unquote(struct bb_str s);
/** Append the content of a quoted-string with backslash pairs resolved; other text as it is. */
void sip_put_unquoted(struct bb_buf *b, struct bb_str s);
/** Append as quoted-string with what needs a backslash escaped (CR, LF and NUL become spaces). */
void sip_put_quoted(struct bb_buf *b, struct bb_str plain);

/** True when every byte is a token character (RFC 3261 section 25.1) and there is at least one. */
bool sip_is_token(struct bb_str s);
/** A host name, IPv4 address or IPv6 address without brackets, in the grammar's letters. */
bool sip_is_host(struct bb_str s);

#endif
