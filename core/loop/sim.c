/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/sim.c - the simulated world: a clock that jumps to whatever comes
 * next, a pool that works at once, names from a list.
 *
 * Time moves only in bb_sim_advance() and its like and, in bb_loop_run(), when
 * nothing is left to do at the present instant.
 */
#include <stdlib.h>

#include <bellbird/mem.h>

#include "core/loop/fiber.h"
#include "core/loop/sim.h"

#define WIRE_MAX ((size_t)1 << 20)
/* Not 0: a time that nobody set should look like the past. */
#define EPOCH (1000 * BB_SEC)
#define YEAR_2026 (1767225600 * BB_SEC)

struct host {
	struct bb_node node;
	struct bb_addr addr;
	char name[];
};

struct bb_sim bb_sim;

uint32_t bb_sim_below(uint32_t bound)
{
	uint64_t z = (bb_sim.random += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return bound ? (uint32_t)((z >> 32) * bound >> 32) : 0;
}

bb_time bb_sim_delay(void)
{
	bb_time span = bb_sim.net.delay_max - bb_sim.net.delay_min;

	if (span <= 0)
		return bb_sim.net.delay_min;
	if (span > UINT32_MAX - 1)
		span = UINT32_MAX - 1;
	return bb_sim.net.delay_min + bb_sim_below((uint32_t)span + 1);
}

uint16_t bb_sim_port(bool (*taken)(uint16_t port, const void *arg), const void *arg)
{
	for (unsigned i = 0; i < 16384; i++) {
		uint16_t port = bb_sim.next_port++;

		if (bb_sim.next_port < 49152)
			bb_sim.next_port = 49152;
		if (!taken(port, arg))
			return port;
	}
	return 0;
}

static int sim_open(const struct bb_loop_options *opt)
{
	int err;

	memset(&bb_sim, 0, sizeof(bb_sim));
	err = bb_heap_open(&bb_sim.wire, WIRE_MAX);
	if (err)
		return err;
	bb_sim.now = EPOCH;
	bb_sim.wall_offset = (opt->wall ? opt->wall : YEAR_2026) - EPOCH;
	bb_sim.random = opt->seed ^ 0x6a09e667f3bcc909u;
	bb_sim.next_port = 49152;
	return 0;
}

static void sim_close(void)
{
	struct bb_timer *t;
	struct bb_node *n;

	while ((t = bb_heap_first(&bb_sim.wire))) {
		struct bb_sim_event *e = bb_container_of(t, struct bb_sim_event, timer);

		bb_heap_remove(&bb_sim.wire, t);
		e->drop(e);
	}
	bb_heap_close(&bb_sim.wire);
	while ((n = bb_list_pop(&bb_sim.hosts)))
		bb_free(bb_list_entry(n, struct host, node));
}

static void sim_read_clock(bb_time *now, bb_time *wall)
{
	*now = bb_sim.now;
	*wall = bb_sim.now + bb_sim.wall_offset;
}

void bb_sim_send(struct bb_sim_event *e, bb_time at)
{
	bb_heap_set(&bb_sim.wire, &e->timer, at);
}

static void deliver_due(void)
{
	uint64_t last = bb_sim.wire.seq;
	struct bb_timer *t;

	while ((t = bb_heap_first(&bb_sim.wire)) && t->at <= bb_sim.now && t->seq <= last) {
		struct bb_sim_event *e = bb_container_of(t, struct bb_sim_event, timer);

		bb_heap_remove(&bb_sim.wire, t);
		bb_loop_awake();
		e->deliver(e);
	}
}

/* The next instant at which anything happens, or -1. */
static bb_time next_instant(bb_time wake_at)
{
	struct bb_timer *t = bb_heap_first(&bb_sim.wire);

	if (t && (wake_at < 0 || t->at < wake_at))
		return t->at;
	return wake_at;
}

static bool sim_poll(bb_time wake_at)
{
	if (wake_at != 0) {
		wake_at = next_instant(wake_at);
		if (wake_at < 0)
			return false;
		if (wake_at > bb_sim.now)
			bb_sim.now = wake_at;
		bb_loop.clock_stale = true;
	}
	deliver_due();
	return true;
}

/* Nobody sleeps here. */
static void sim_wake(void)
{
}

static void sim_flush(void)
{
}

static int sim_work(struct bb_job *job)
{
	job->result = job->work(job->arg);
	bb_job_done(job);
	return 0;
}

/* Signals come from outside of the simulated world. */
static int sim_on_signal(int signum, void (*fn)(int, void *), void *arg)
{
	return -ENOTSUP;
}

static int sim_unix_listen(struct bb_listener **lp, const char *path)
{
	return -ENOTSUP;
}

static int sim_resolve(struct bb_resolve *r, struct bb_str host)
{
	bb_list_each (n, &bb_sim.hosts) {
		struct host *h = bb_list_entry(n, struct host, node);

		if (bb_str_iis(host, h->name) && r->n < BB_ARRAY_SIZE(r->addrs))
			r->addrs[r->n++] = h->addr;
	}
	bb_resolve_finish(r);
	return 0;
}

static void sim_resolve_cancel(struct bb_resolve *r)
{
	(void)r;
}

void bb_sim_source(struct bb_addr *local, const struct bb_addr *to)
{
	const char *text;

	if (bb_addr_family(to) == AF_INET6)
		text = bb_addr_is_loopback(to) ? "::1" : "2001:db8::1";
	else
		text = bb_addr_is_loopback(to) ? "127.0.0.1" : "192.0.2.1";
	(void)bb_addr_parse(local, bb_strz(text));
}

static int sim_source_for(struct bb_addr *local, const struct bb_addr *to)
{
	bb_sim_source(local, to);
	return 0;
}

const struct bb_world bb_world_sim = {
	.name = "simulated",
	.open = sim_open,
	.close = sim_close,
	.read_clock = sim_read_clock,
	.poll = sim_poll,
	.wake = sim_wake,
	.flush = sim_flush,
	.work = sim_work,
	.on_signal = sim_on_signal,
	.spawn = bb_sim_spawn,
	.kill = bb_sim_kill,
	.udp_open = bb_sim_udp_open,
	.udp_send = bb_sim_udp_send,
	.udp_close = bb_sim_udp_close,
	.tcp_listen = bb_sim_tcp_listen,
	.unix_listen = sim_unix_listen,
	.listener_close = bb_sim_listener_close,
	.tcp_connect = bb_sim_tcp_connect,
	.tcp_send = bb_sim_tcp_send,
	.tcp_queued = bb_sim_tcp_queued,
	.tcp_close = bb_sim_tcp_close,
	.resolve = sim_resolve,
	.resolve_cancel = sim_resolve_cancel,
	.source_for = sim_source_for,
};

/* --- for tests --- */

static bool due(void)
{
	struct bb_timer *t = bb_heap_first(&bb_loop.timers), *e = bb_heap_first(&bb_sim.wire);

	return bb_loop_busy() || (t && t->at <= bb_sim.now) || (e && e->at <= bb_sim.now);
}

static void turn_at(bb_time at)
{
	/* A fiber that turned the loop would resume itself. */
	if (bb_fiber_self())
		abort();
	if (at > bb_sim.now)
		bb_sim.now = at;
	bb_loop.clock_stale = true;
	deliver_due();
	bb_loop_awake();
	bb_loop_turn();
}

/* The next instant after which something happens, however far. */
static bb_time next_event(void)
{
	struct bb_timer *t = bb_heap_first(&bb_loop.timers);

	return next_instant(t ? t->at : -1);
}

void bb_sim_settle(void)
{
	bb_assert_control();
	do
		turn_at(bb_sim.now);
	while (due() && !bb_loop.stop);
}

void bb_sim_advance(bb_time span)
{
	bb_time end = bb_sim.now + span;

	bb_assert_control();
	bb_loop.stop = false;
	for (;;) {
		bb_time next;

		bb_sim_settle();
		if (bb_loop.stop)
			return;
		next = next_event();
		if (next < 0 || next > end)
			break;
		turn_at(next);
	}
	bb_sim.now = end;
	bb_loop.clock_stale = true;
	bb_loop_awake();
}

bool bb_sim_until(bool (*cond)(void *arg), void *arg, bb_time limit)
{
	bb_time end = bb_sim.now + limit;

	bb_assert_control();
	bb_loop.stop = false;
	while (!cond(arg)) {
		bb_time next = due() ? bb_sim.now : next_event();

		if (bb_loop.stop)
			return cond(arg);
		if (next < 0 || next > end) {
			bb_sim.now = end;
			bb_loop.clock_stale = true;
			bb_loop_awake();
			return false;
		}
		turn_at(next);
	}
	return true;
}

void bb_sim_net_set(const struct bb_sim_net *net)
{
	bb_sim.net = *net;
}

void bb_sim_net_watch(void (*fn)(const struct bb_addr *from, const struct bb_addr *to,
				 const void *data, size_t len, bool delivered, void *arg),
		      void *arg)
{
	bb_sim.watch = fn;
	bb_sim.watch_arg = arg;
}

int bb_sim_host(const char *name, const struct bb_addr *addr)
{
	size_t len = strlen(name) + 1;
	struct host *h = bb_zalloc(sizeof(*h) + len);

	if (!h)
		return -ENOMEM;
	memcpy(h->name, name, len);
	h->addr = *addr;
	bb_list_append(&bb_sim.hosts, &h->node);
	return 0;
}
