/* SPDX-License-Identifier: BSD-3-Clause */
/* The network as its users see it: the same tests over both worlds. */
#include <fcntl.h>
#include <netdb.h>
#include <sys/un.h>
#include <unistd.h>

#include "bbtest.h"

static struct {
	unsigned got, errors, accepted, connected, closed, resolved;
	struct bb_addr from, to;
	struct bb_buf data;
	struct bb_tcp *server, *client;
	int err;
} seen;

static void give_up(void *arg)
{
	bb_loop_stop();
}

/* Turn the loop until @p count reaches @p want, or five seconds passed. */
static void until(const unsigned *count, unsigned want)
{
	struct bb_timer limit = { 0 }, tick = { 0 };

	bb_timer_set(&limit, 5 * BB_SEC, give_up, NULL);
	while (*count < want && bb_timer_active(&limit)) {
		bb_timer_set(&tick, BB_MS, give_up, NULL);
		bb_loop_run();
	}
	bb_timer_cancel(&limit);
	bb_timer_cancel(&tick);
	ck_assert_uint_ge(*count, want);
}

static void received(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	seen.got++;
	seen.from = d->from;
	seen.to = d->to;
	ck_assert_int_eq(d->data[d->len], 0);
	d->data[d->len] = 'x'; /* The spare byte is ours. */
	bb_buf_put(&seen.data, d->data, d->len);
}

static void unreachable(struct bb_udp *u, const struct bb_addr *to, int err, void *arg)
{
	seen.errors++;
	seen.to = *to;
	seen.err = err;
}

static const struct bb_udp_ops udp_ops = { .recv = received, .error = unreachable };

static struct bb_addr addr(const char *text)
{
	struct bb_addr a;

	ck_assert_int_eq(bb_addr_parse(&a, bb_strz(text)), 0);
	return a;
}

static struct bb_udp *open_udp(const char *text)
{
	struct bb_addr a = addr(text);
	struct bb_udp *u;

	ck_assert_int_eq(bb_udp_open(&u, &a, &udp_ops, NULL), 0);
	ck_assert_uint_ne(bb_addr_port(bb_udp_local(u)), 0);
	return u;
}

START_TEST(datagrams)
{
	struct bb_udp *a = open_udp("127.0.0.1:0"), *b = open_udp("127.0.0.1:0"), *c;

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(b), "hello", 5), 0);
	until(&seen.got, 100);
	ck_assert_uint_eq(seen.data.l, 500);
	ck_assert(bb_addr_eq(&seen.from, bb_udp_local(a)));
	ck_assert(bb_addr_eq(&seen.to, bb_udp_local(b)));
	ck_assert_int_eq(bb_udp_open(&c, bb_udp_local(a), &udp_ops, NULL), -EADDRINUSE);
	bb_udp_close(a);
	bb_udp_close(b);
	bb_buf_free(&seen.data);
}
END_TEST

START_TEST(any_address_tells_and_picks_the_local_one)
{
	struct bb_udp *a = open_udp("0.0.0.0:0"), *b = open_udp("127.0.0.1:0");
	struct bb_addr two = addr("127.0.0.2"), to = addr("127.0.0.3");

	ck_assert_int_eq(bb_udp_send(a, &two, bb_udp_local(b), "x", 1), 0);
	until(&seen.got, 1);
	ck_assert(bb_addr_eq_host(&seen.from, &two));
	ck_assert_uint_eq(bb_addr_port(&seen.from), bb_addr_port(bb_udp_local(a)));
	bb_addr_set_port(&to, bb_addr_port(bb_udp_local(a)));
	ck_assert_int_eq(bb_udp_send(b, NULL, &to, "x", 1), 0);
	until(&seen.got, 2);
	ck_assert(bb_addr_eq(&seen.to, &to));
	bb_udp_close(a);
	bb_udp_close(b);
	bb_buf_free(&seen.data);
}
END_TEST

START_TEST(ipv6)
{
	struct bb_udp *a, *b;
	struct bb_addr any = addr("[::]:0"), v4 = addr("127.0.0.1:9"), one = addr("[::1]:0");
	int err = bb_udp_open(&a, &any, &udp_ops, NULL);

	if (err == -EAFNOSUPPORT || bb_udp_open(&b, &one, &udp_ops, NULL)) {
		/* A host without IPv6. */
		if (!err)
			bb_udp_close(a);
		return;
	}
	ck_assert_int_eq(bb_udp_send(b, NULL, &v4, "x", 1), -EAFNOSUPPORT);
	bb_addr_set_port(&one, bb_addr_port(bb_udp_local(a)));
	ck_assert_int_eq(bb_udp_send(b, NULL, &one, "six", 3), 0);
	until(&seen.got, 1);
	ck_assert(bb_addr_eq(&seen.to, &one));
	ck_assert_int_eq(bb_udp_send(a, &one, &seen.from, "six", 3), 0);
	until(&seen.got, 2);
	ck_assert(bb_addr_eq(&seen.from, &one));
	bb_udp_close(a);
	bb_udp_close(b);
	bb_buf_free(&seen.data);
}
END_TEST

START_TEST(a_closed_port_is_reported)
{
	struct bb_udp *a = open_udp("127.0.0.1:0"), *b = open_udp("127.0.0.1:0");
	struct bb_udp *c = open_udp("127.0.0.1:0");
	struct bb_addr gone = *bb_udp_local(b);

	bb_udp_close(b);
	ck_assert_int_eq(bb_udp_send(a, NULL, &gone, "x", 1), 0);
	until(&seen.errors, 1);
	ck_assert_int_eq(seen.err, -ECONNREFUSED);
	ck_assert(bb_addr_eq(&seen.to, &gone));
	/* And the socket goes on working. */
	ck_assert_int_eq(bb_udp_send(a, NULL, &gone, "x", 1), 0);
	ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(c), "x", 1), 0);
	until(&seen.got, 1);
	until(&seen.errors, 2);
	ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(c), "x", 1), 0);
	until(&seen.got, 2);
	bb_udp_close(a);
	bb_udp_close(c);
	bb_buf_free(&seen.data);
}
END_TEST

START_TEST(large_and_too_large)
{
	struct bb_udp *a = open_udp("127.0.0.1:0"), *b = open_udp("127.0.0.1:0");
	char *big = bb_zalloc(65507);
	unsigned i;

	ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(b), big, 65507), 0);
	ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(b), big, 65508), -EMSGSIZE);
	until(&seen.got, 1);
	ck_assert_uint_eq(seen.data.l, 65507);
	for (i = 0; i < 100; i++)
		if (bb_udp_send(a, NULL, bb_udp_local(b), big, 65507))
			break;
	ck_assert_uint_gt(i, 50);
	bb_free(big);
	bb_udp_close(a);
	bb_udp_close(b);
	bb_buf_free(&seen.data);
}
END_TEST

static void close_self(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	seen.got++;
	bb_udp_close(u);
}

START_TEST(closing_inside_the_callback)
{
	static const struct bb_udp_ops ops = { .recv = close_self };
	struct bb_addr any = addr("127.0.0.1:0");
	struct bb_udp *a = open_udp("127.0.0.1:0"), *b;

	ck_assert_int_eq(bb_udp_open(&b, &any, &ops, NULL), 0);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(b), "x", 1), 0);
	until(&seen.got, 1);
	until(&seen.got, 1);
	ck_assert_uint_eq(seen.got, 1);
	bb_udp_close(a);
}
END_TEST

/* --- streams --- */

static void tcp_recv(struct bb_tcp *c, const char *data, size_t len, void *arg)
{
	bb_buf_put(&seen.data, data, len);
	seen.got += (unsigned)len;
}

static void tcp_connected(struct bb_tcp *c, void *arg)
{
	seen.connected++;
}

static void tcp_closed(struct bb_tcp *c, int err, void *arg)
{
	seen.closed++;
	seen.err = err;
}

static const struct bb_tcp_ops tcp_ops = { .connected = tcp_connected,
					   .recv = tcp_recv,
					   .closed = tcp_closed };

static void accepted(struct bb_listener *l, struct bb_tcp *c, void *arg)
{
	seen.accepted++;
	seen.server = c;
	bb_tcp_set_ops(c, &tcp_ops, NULL);
}

static const struct bb_listener_ops listener_ops = { .accept = accepted };

START_TEST(streams)
{
	struct bb_addr any = addr("127.0.0.1:0");
	struct bb_listener *l, *m;
	struct bb_tcp *c;
	char *big = bb_zalloc(300000);

	ck_assert_int_eq(bb_tcp_listen(&l, &any, &listener_ops, NULL), 0);
	ck_assert_int_eq(bb_tcp_listen(&m, bb_listener_local(l), &listener_ops, NULL), -EADDRINUSE);
	ck_assert_int_eq(bb_tcp_connect(&c, bb_listener_local(l), &tcp_ops, NULL), 0);
	/* Said before anybody could hear it. */
	ck_assert_int_eq(bb_tcp_send(c, "hel", 3), 0);
	until(&seen.accepted, 1);
	until(&seen.connected, 1);
	ck_assert(bb_addr_eq(bb_tcp_local(seen.server), bb_tcp_remote(c)));
	ck_assert_int_eq(bb_tcp_send(c, "lo", 2), 0);
	until(&seen.got, 5);
	bbt_str_eq(bb_buf_str(&seen.data), "hello");
	ck_assert_int_eq(bb_tcp_send(seen.server, big, 300000), 0);
	ck_assert_int_eq(bb_tcp_send(seen.server, big, 300000), 0);
	/* What was queued is still written. */
	bb_tcp_close(seen.server);
	until(&seen.got, 600005);
	until(&seen.closed, 1);
	ck_assert_int_eq(seen.err, 0);
	bb_tcp_close(c);
	bb_listener_close(l);
	bb_buf_free(&seen.data);
	bb_free(big);
}
END_TEST

START_TEST(a_refused_stream)
{
	struct bb_addr any = addr("127.0.0.1:0"), gone;
	struct bb_listener *l;
	struct bb_tcp *c;

	ck_assert_int_eq(bb_tcp_listen(&l, &any, &listener_ops, NULL), 0);
	gone = *bb_listener_local(l);
	bb_listener_close(l);
	ck_assert_int_eq(bb_tcp_connect(&c, &gone, &tcp_ops, NULL), 0);
	until(&seen.closed, 1);
	ck_assert_int_eq(seen.err, -ECONNREFUSED);
	ck_assert_uint_eq(seen.connected, 0);
	ck_assert_int_eq(bb_tcp_send(c, "x", 1), -ENOTCONN);
	bb_tcp_close(c);
	/* Closed before anything could happen. */
	ck_assert_int_eq(bb_tcp_connect(&c, &gone, &tcp_ops, NULL), 0);
	bb_tcp_close(c);
}
END_TEST

static void unwanted(struct bb_listener *l, struct bb_tcp *c, void *arg)
{
	seen.accepted++;
}

START_TEST(a_stream_that_nobody_takes_is_closed)
{
	static const struct bb_listener_ops ops = { .accept = unwanted };
	struct bb_addr any = addr("127.0.0.1:0");
	struct bb_listener *l;
	struct bb_tcp *c;

	ck_assert_int_eq(bb_tcp_listen(&l, &any, &ops, NULL), 0);
	ck_assert_int_eq(bb_tcp_connect(&c, bb_listener_local(l), &tcp_ops, NULL), 0);
	until(&seen.closed, 1);
	bb_tcp_close(c);
	bb_listener_close(l);
}
END_TEST

START_TEST(a_stream_has_a_limit)
{
	struct bb_addr any = addr("127.0.0.1:0");
	struct bb_listener *l;
	struct bb_tcp *c;
	char *big = bb_zalloc((1 << 20) + 1);

	ck_assert_int_eq(bb_tcp_listen(&l, &any, &listener_ops, NULL), 0);
	ck_assert_int_eq(bb_tcp_connect(&c, bb_listener_local(l), &tcp_ops, NULL), 0);
	until(&seen.connected, 1);
	until(&seen.accepted, 1);
	ck_assert_int_eq(bb_tcp_send(c, big, (1 << 20) + 1), -ENOBUFS);
	bb_tcp_close(c);
	until(&seen.closed, 1);
	bb_tcp_close(seen.server);
	bb_listener_close(l);
	bb_free(big);
}
END_TEST

/* --- names --- */

static void resolved(int err, const struct bb_addr *addrs, size_t n, void *arg)
{
	seen.resolved++;
	seen.err = err;
	if (n)
		seen.to = addrs[0];
}

static void never(int err, const struct bb_addr *addrs, size_t n, void *arg)
{
	ck_abort_msg("a cancelled look-up answered");
}

START_TEST(names)
{
	struct bb_addr one = addr("127.0.0.1:5060"), six = addr("[2001:db8::7]:5060");
	struct bb_loop_stats st;
	struct bb_resolve *r;

	bb_loop_stats(&st);
	ck_assert_int_eq(bb_resolve(&r, BB_STR("127.0.0.1"), 5060, resolved, NULL), 0);
	ck_assert_uint_eq(seen.resolved, 0);
	until(&seen.resolved, 1);
	ck_assert_int_eq(seen.err, 0);
	ck_assert(bb_addr_eq(&seen.to, &one));
	ck_assert_int_eq(bb_resolve(&r, BB_STR("[2001:db8::7]"), 5060, resolved, NULL), 0);
	until(&seen.resolved, 2);
	ck_assert(bb_addr_eq(&seen.to, &six));
	ck_assert_int_eq(bb_resolve(&r, BB_STR("127.0.0.1"), 5060, never, NULL), 0);
	bb_resolve_cancel(r);
	ck_assert_int_eq(bb_resolve(&r, BB_STR("localhost"), 5060, never, NULL), 0);
	bb_resolve_cancel(r);
	ck_assert_int_eq(bb_resolve(&r, BB_STR(""), 5060, never, NULL), -EINVAL);
}
END_TEST

START_TEST(names_of_the_host)
{
	struct addrinfo *known = NULL;
	/* A machine without /etc/hosts knows no name at all: what it knows is what we find. */
	int unknown = getaddrinfo("localhost", NULL, NULL, &known);

	if (known)
		freeaddrinfo(known);
	ck_assert_int_eq(bb_resolve(NULL, BB_STR("localhost"), 5060, resolved, NULL), 0);
	until(&seen.resolved, 1);
	if (unknown) {
		ck_assert_int_lt(seen.err, 0);
		return;
	}
	ck_assert_int_eq(seen.err, 0);
	ck_assert(bb_addr_is_loopback(&seen.to));
	ck_assert_uint_eq(bb_addr_port(&seen.to), 5060);
}
END_TEST

START_TEST(names_of_the_simulation)
{
	struct bb_addr a = addr("192.0.2.7");

	ck_assert_int_eq(bb_sim_host("phone.example", &a), 0);
	ck_assert_int_eq(bb_resolve(NULL, BB_STR("PHONE.example"), 5070, resolved, NULL), 0);
	until(&seen.resolved, 1);
	bb_addr_set_port(&a, 5070);
	ck_assert(bb_addr_eq(&seen.to, &a));
	ck_assert_int_eq(bb_resolve(NULL, BB_STR("none.example"), 5070, resolved, NULL), 0);
	until(&seen.resolved, 2);
	ck_assert_int_eq(seen.err, -ENOENT);
}
END_TEST

static void close_when_closed(struct bb_tcp *c, int err, void *arg)
{
	seen.closed++;
	bb_tcp_close(c);
}

static void accepted_unix(struct bb_listener *l, struct bb_tcp *c, void *arg)
{
	static const struct bb_tcp_ops ops = { .recv = tcp_recv, .closed = close_when_closed };

	seen.accepted++;
	bb_tcp_set_ops(c, &ops, NULL);
}

static const struct bb_listener_ops unix_ops = { .accept = accepted_unix };

START_TEST(unix_sockets)
{
	char dir[] = "/tmp/bbtestXXXXXX", path[64];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct bb_listener *l, *m;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	ck_assert_int_eq(bb_unix_listen(&l, path, &unix_ops, NULL), 0);
	ck_assert_int_eq(bb_unix_listen(&m, path, &unix_ops, NULL), -EADDRINUSE);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(write(fd, "hi", 2), 2);
	/* The connection that only looked whether anybody lives there comes first. */
	until(&seen.accepted, 2);
	until(&seen.got, 2);
	bbt_str_eq(bb_buf_str(&seen.data), "hi");
	close(fd);
	until(&seen.closed, 2);
	bb_listener_close(l);
	/* Somebody who died and left the file. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	close(fd);
	ck_assert_int_eq(bb_unix_listen(&l, path, &unix_ops, NULL), 0);
	bb_listener_close(l);
	unlink(path);
	rmdir(dir);
	bb_buf_free(&seen.data);
}
END_TEST

START_TEST(the_source_towards)
{
	struct bb_addr to = addr("127.0.0.1:5060"), from;

	ck_assert_int_eq(bb_addr_source_for(&from, &to), 0);
	ck_assert(bb_addr_is_loopback(&from));
	ck_assert_uint_eq(bb_addr_port(&from), 0);
	/* Remembered, and told apart from another. */
	memset(&from, 0, sizeof(from));
	bb_addr_set_port(&to, 5070);
	ck_assert_int_eq(bb_addr_source_for(&from, &to), 0);
	ck_assert(bb_addr_is_loopback(&from));
	memset(&to, 0, sizeof(to));
	ck_assert_int_eq(bb_addr_source_for(&from, &to), -EINVAL);
}
END_TEST

/* --- the simulated wire --- */

static void transcript(const struct bb_addr *from, const struct bb_addr *to, const void *data,
		       size_t len, bool delivered, void *arg)
{
	bb_buf_printf(arg, "%d%c ", *(const unsigned char *)data, delivered ? '+' : '-');
}

static void wild_run(struct bb_buf *out, uint64_t seed)
{
	struct bb_loop_options opt = { .simulate = true, .seed = seed };
	struct bb_sim_net net = { .loss = 200,
				  .duplicate = 200,
				  .reorder = 200,
				  .delay_min = 5 * BB_MS,
				  .delay_max = 50 * BB_MS };
	struct bb_udp *a, *b;

	memset(&seen, 0, sizeof(seen));
	ck_assert_int_eq(bb_loop_init(&opt), 0);
	bb_sim_net_set(&net);
	bb_sim_net_watch(transcript, out);
	a = open_udp("192.0.2.1:5060");
	b = open_udp("192.0.2.2:5060");
	for (unsigned char i = 0; i < 200; i++) {
		ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(b), &i, 1), 0);
		bb_sim_advance(BB_MS);
	}
	bb_sim_advance(BB_SEC);
	bb_udp_close(a);
	bb_udp_close(b);
	ck_assert_uint_eq(bb_loop_close(), 0);
}

START_TEST(a_seed_tells_it_all)
{
	struct bb_buf one = { 0 }, two = { 0 }, other = { 0 };
	unsigned behind = 0;

	wild_run(&one, 7);
	ck_assert_uint_gt(seen.got, 120);
	ck_assert_uint_lt(seen.got, 250);
	for (size_t i = 1; i < seen.data.l; i++)
		behind += (unsigned char)seen.data.p[i] < (unsigned char)seen.data.p[i - 1];
	ck_assert_uint_gt(behind, 10);
	bb_buf_free(&seen.data);
	wild_run(&two, 7);
	bb_buf_free(&seen.data);
	wild_run(&other, 8);
	bb_buf_free(&seen.data);
	ck_assert_str_eq(one.p, two.p);
	ck_assert_str_ne(one.p, other.p);
	bb_buf_free(&one);
	bb_buf_free(&two);
	bb_buf_free(&other);
}
END_TEST

START_TEST(delay_keeps_the_order)
{
	struct bb_sim_net net = { .delay_min = BB_MS, .delay_max = 500 * BB_MS };
	struct bb_udp *a = open_udp("192.0.2.1:5060"), *b = open_udp("192.0.2.2:5060");

	bb_sim_net_set(&net);
	for (unsigned char i = 0; i < 100; i++)
		ck_assert_int_eq(bb_udp_send(a, NULL, bb_udp_local(b), &i, 1), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(seen.got, 100);
	for (unsigned char i = 0; i < 100; i++)
		ck_assert_int_eq(seen.data.p[i], i);
	/* Nobody lives there: silence, no refusal. */
	seen.to = addr("198.51.100.1:5060");
	ck_assert_int_eq(bb_udp_send(a, NULL, &seen.to, "x", 1), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(seen.errors, 0);
	bb_udp_close(a);
	bb_udp_close(b);
	bb_buf_free(&seen.data);
}
END_TEST

START_TEST(without_memory)
{
	BBT_OOM(100)
	{
		struct bb_addr at = addr("127.0.0.1:0");
		struct bb_udp *a = NULL, *b = NULL;
		struct bb_listener *l = NULL;
		struct bb_tcp *c = NULL;
		int err;

		memset(&seen, 0, sizeof(seen));
		err = bb_udp_open(&a, &at, &udp_ops, NULL);
		if (!err)
			err = bb_udp_open(&b, &at, &udp_ops, NULL);
		if (!err)
			err = bb_udp_send(a, NULL, bb_udp_local(b), "x", 1);
		if (!err)
			err = bb_tcp_listen(&l, &at, &listener_ops, NULL);
		if (!err)
			err = bb_tcp_connect(&c, bb_listener_local(l), &tcp_ops, NULL);
		if (!err)
			err = bb_resolve(NULL, BB_STR("127.0.0.1"), 5060, resolved, NULL);
		ck_assert(err == 0 || err == -ENOMEM);
		if (!bbt_oom) {
			ck_assert_int_eq(err, 0);
			until(&seen.accepted, 1);
			until(&seen.connected, 1);
		} else {
			struct bb_timer t = { 0 };

			bb_timer_set(&t, 10 * BB_MS, give_up, NULL);
			bb_loop_run();
		}
		bb_tcp_close(c);
		bb_tcp_close(seen.server);
		bb_listener_close(l);
		bb_udp_close(a);
		bb_udp_close(b);
		bb_buf_free(&seen.data);
	}
}
END_TEST

#define BOTH                                                                                       \
	datagrams, any_address_tells_and_picks_the_local_one, ipv6, a_closed_port_is_reported,     \
		large_and_too_large, closing_inside_the_callback, streams, a_refused_stream,       \
		a_stream_that_nobody_takes_is_closed, a_stream_has_a_limit, names,                 \
		the_source_towards, without_memory

BBT_MAIN("core/loop/net", BBT_CASE("simulated", BBT_SIMULATED, BOTH),
	 BBT_CASE("real", BBT_REAL, BOTH, names_of_the_host, unix_sockets),
	 BBT_CASE("wire", BBT_SIMULATED, delay_keeps_the_order, names_of_the_simulation),
	 BBT_CASE("seed", BBT_NO_LOOP, a_seed_tells_it_all))
