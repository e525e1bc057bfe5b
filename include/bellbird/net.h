/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/net.h - addresses, datagrams, streams and name look-up of the
 * control thread. In simulation an in-memory network stands behind the same
 * functions. (RTP has its own sockets, on media threads: bellbird/port.h.)
 */
#ifndef BB_NET_H
#define BB_NET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include <bellbird/base.h>

BB_BEGIN_DECLS

/** One address and port, IPv4 or IPv6. Zero-initialised is "none". */
struct bb_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u;
};

#define BB_ADDR_TEXT 64 /**< "[…%scope]:65535" fits, terminated. */

static inline int bb_addr_family(const struct bb_addr *a)
{
	return a->u.sa.sa_family;
}
static inline bool bb_addr_set(const struct bb_addr *a)
{
	return a->u.sa.sa_family != AF_UNSPEC;
}
BB_API socklen_t bb_addr_len(const struct bb_addr *a);
BB_API uint16_t bb_addr_port(const struct bb_addr *a);
BB_API void bb_addr_set_port(struct bb_addr *a, uint16_t port);
/** A literal address ("192.0.2.1", "[2001:db8::1]", with or without ":port"). @return -EINVAL. */
BB_API int bb_addr_parse(struct bb_addr *a, struct bb_str text);
/** A literal address of one part and a port of another. */
BB_API int bb_addr_from(struct bb_addr *a, struct bb_str host, uint16_t port);
/** "host:port", IPv6 in brackets. @return dst. */
BB_API char *bb_addr_print(const struct bb_addr *a, char dst[BB_ADDR_TEXT]);
/** The host alone; IPv6 without brackets. @return dst. */
BB_API char *bb_addr_print_host(const struct bb_addr *a, char dst[BB_ADDR_TEXT]);
/** Same address and port; an IPv4-mapped IPv6 address equals its IPv4 one. */
BB_API bool bb_addr_eq(const struct bb_addr *a, const struct bb_addr *b);
BB_API bool bb_addr_eq_host(const struct bb_addr *a, const struct bb_addr *b);
BB_API bool bb_addr_is_any(const struct bb_addr *a);
BB_API bool bb_addr_is_loopback(const struct bb_addr *a);
/** True inside RFC 1918, RFC 4193 and link-local ranges. */
BB_API bool bb_addr_is_private(const struct bb_addr *a);
BB_API uint32_t bb_addr_hash(const struct bb_addr *a);

/** A network in CIDR notation ("10.0.0.0/8", "10.0.0.0/255.0.0.0", one address). */
struct bb_cidr {
	struct bb_addr net;
	unsigned bits;
};
BB_API int bb_cidr_parse(struct bb_cidr *c, struct bb_str text);
BB_API bool bb_cidr_has(const struct bb_cidr *c, const struct bb_addr *a);

/** The local address the kernel would send from towards @p to. @return -EHOSTUNREACH. */
BB_API int bb_addr_source_for(struct bb_addr *local, const struct bb_addr *to);

/** One received datagram. @c data is writable, holds one spare byte after @c len, and is valid
 * during the call. */
struct bb_dgram {
	struct bb_addr from, to; /**< @c to is the local address it was sent to. */
	char *data;
	size_t len;
	bb_time waited; /**< How long it lay in the kernel before it was read; 0: not known. */
};

struct bb_udp;
struct bb_udp_ops {
	void (*recv)(struct bb_udp *u, struct bb_dgram *d, void *arg);
	/** The kernel reported a destination unreachable (ICMP); may be NULL. */
	void (*error)(struct bb_udp *u, const struct bb_addr *to, int err, void *arg);
};
/** Bind and start receiving. @return -EADDRINUSE … */
BB_API int bb_udp_open(struct bb_udp **up, const struct bb_addr *local,
		       const struct bb_udp_ops *ops, void *arg);
/**
 * Send from this socket; @p from picks the local address (NULL: the kernel does).
 * Never blocks: it leaves at the end of the loop turn. @return -ENOBUFS while 4 MiB
 * wait, -EMSGSIZE, -EAFNOSUPPORT, -ENOMEM; what fails later comes to ops->error.
 */
BB_API int bb_udp_send(struct bb_udp *u, const struct bb_addr *from, const struct bb_addr *to,
		       const void *data, size_t len);
/** The bound address with its real port. */
BB_API const struct bb_addr *bb_udp_local(const struct bb_udp *u);
/** Datagrams of all sockets that the kernel had no room for, since the start. */
BB_API uint64_t bb_udp_lost(void);
/** No callback comes after this returns; what was sent still leaves. NULL is allowed. */
BB_API void bb_udp_close(struct bb_udp *u);

struct bb_tcp;
struct bb_tcp_ops {
	/** An outgoing connection stands. */
	void (*connected)(struct bb_tcp *c, void *arg);
	/** Bytes came; valid during the call. */
	void (*recv)(struct bb_tcp *c, const char *data, size_t len, void *arg);
	/** Ended: 0 for an orderly end. bb_tcp_close() must still be called. */
	void (*closed)(struct bb_tcp *c, int err, void *arg);
};
struct bb_listener;
struct bb_listener_ops {
	/** A new connection; give it ops with bb_tcp_set_ops() or close it. */
	void (*accept)(struct bb_listener *l, struct bb_tcp *c, void *arg);
};
/** Bind and listen. @return -EADDRINUSE, -EADDRNOTAVAIL … */
BB_API int bb_tcp_listen(struct bb_listener **lp, const struct bb_addr *local,
			 const struct bb_listener_ops *ops, void *arg);
BB_API const struct bb_addr *bb_listener_local(const struct bb_listener *l);
/** No callback comes after this returns; accepted connections stay. NULL is allowed. */
BB_API void bb_listener_close(struct bb_listener *l);
/**
 * A stream socket in the file system, for the console. Mode 0600. A file left by
 * a process that died is replaced. @return -EADDRINUSE, -EEXIST (no socket),
 * -ENAMETOOLONG, -ENOTSUP in simulation.
 */
BB_API int bb_unix_listen(struct bb_listener **lp, const char *path,
			  const struct bb_listener_ops *ops, void *arg);

/** Connect; .connected or .closed tells what came of it, never before this returns. @return
 * -ENOMEM, -ENETUNREACH …: then there is no connection. */
BB_API int bb_tcp_connect(struct bb_tcp **cp, const struct bb_addr *to,
			  const struct bb_tcp_ops *ops, void *arg);
BB_API void bb_tcp_set_ops(struct bb_tcp *c, const struct bb_tcp_ops *ops, void *arg);
/**
 * Queue a copy, also while the connection is still being made. @return -ENOBUFS
 * over the connection's limit (1 MiB), -ENOTCONN once it has ended, -ENOMEM.
 */
BB_API int bb_tcp_send(struct bb_tcp *c, const void *data, size_t len);
BB_API size_t bb_tcp_queued(const struct bb_tcp *c);
BB_API const struct bb_addr *bb_tcp_local(const struct bb_tcp *c);
BB_API const struct bb_addr *bb_tcp_remote(const struct bb_tcp *c);
/** What was queued is still written. No callback comes after this returns. NULL is allowed. */
BB_API void bb_tcp_close(struct bb_tcp *c);

/**
 * Look a host name up (A and AAAA); literals answer too. @p done runs on the
 * control thread, never before this returns, and ends the look-up: @p *rp (may
 * be NULL) is gone then. @p addrs, at most 16, hold @p port and are valid during
 * the call. @p err: -ENOENT no such name, -EAGAIN nobody could say.
 * @return -EINVAL for what is no host name, -ENOMEM: @p done does not come.
 */
struct bb_resolve;
BB_API int bb_resolve(struct bb_resolve **rp, struct bb_str host, uint16_t port,
		      void (*done)(int err, const struct bb_addr *addrs, size_t n, void *arg),
		      void *arg);
/** @p done will not be called. NULL is allowed; not from within it or after. */
BB_API void bb_resolve_cancel(struct bb_resolve *r);

BB_END_DECLS
#endif
