/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/real.c - the real world: libuv's loop, pool, signals and name
 * look-up. (libuv's names appear in this folder alone.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <bellbird/log.h>
#include <bellbird/mem.h>

#include "core/base/clock.h"
#include "core/loop/real.h"

uv_loop_t bb_uv;
static uv_async_t wake_up;
static uv_timer_t alarm_clock;

struct watched_signal {
	uv_signal_t handle;
	struct bb_node node;
	void (*fn)(int signum, void *arg);
	void *arg;
};
static struct bb_list signals;
static unsigned lookups; /* On the pool now. */

/*
 * Asked for nearly each message, and three system calls a time: remembered for
 * a moment. A change of the routes is noticed after that.
 */
#define SOURCE_KEPT (5 * BB_SEC)
static struct {
	struct bb_addr to, local;
	bb_time until;
} sources[64];

static void woken(uv_async_t *a)
{
	bb_loop_awake();
}

static void rang(uv_timer_t *t)
{
	bb_loop_awake();
}

static int real_open(const struct bb_loop_options *opt)
{
	char threads[16];
	int err;

	/* libuv reads this once, at the first piece of work. */
	snprintf(threads, sizeof(threads), "%u", opt->pool_threads ? opt->pool_threads : 4);
	setenv("UV_THREADPOOL_SIZE", threads, 0);
	memset(&signals, 0, sizeof(signals));
	memset(sources, 0, sizeof(sources));
	err = uv_loop_init(&bb_uv);
	if (err)
		return err;
	err = uv_async_init(&bb_uv, &wake_up, woken);
	if (err)
		goto out;
	uv_timer_init(&bb_uv, &alarm_clock);
	err = bb_real_udp_start();
	if (!err)
		return 0;
	uv_close((uv_handle_t *)&wake_up, NULL);
	uv_close((uv_handle_t *)&alarm_clock, NULL);
	uv_run(&bb_uv, UV_RUN_DEFAULT);
out:
	uv_loop_close(&bb_uv);
	return err;
}

static void signal_closed(uv_handle_t *h)
{
	bb_free(bb_container_of(h, struct watched_signal, handle));
}

/*
 * Work that the pool has begun ends before the loop does. A name server that
 * does not answer is not worth waiting for.
 */
static void finish_work(void)
{
	bb_time end = bb_read_clock(CLOCK_MONOTONIC) + 2 * BB_SEC;

	uv_timer_start(&alarm_clock, rang, 100, 100);
	while (bb_loop.stats.work || (lookups && bb_read_clock(CLOCK_MONOTONIC) < end)) {
		uv_run(&bb_uv, UV_RUN_ONCE);
		bb_tasks_run();
	}
	uv_timer_stop(&alarm_clock);
}

static void real_close(void)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&signals))) {
		struct watched_signal *s = bb_list_entry(n, struct watched_signal, node);

		uv_close((uv_handle_t *)&s->handle, signal_closed);
	}
	bb_real_tcp_stop();
	finish_work();
	uv_close((uv_handle_t *)&wake_up, NULL);
	uv_close((uv_handle_t *)&alarm_clock, NULL);
	while (uv_run(&bb_uv, UV_RUN_NOWAIT))
		if (uv_backend_timeout(&bb_uv) < 0 && uv_loop_alive(&bb_uv))
			break;
	if (uv_loop_close(&bb_uv))
		bb_warning("Sockets or processes that are still open at the end are left to the "
			   "kernel");
	bb_real_udp_stop();
}

static void real_read_clock(bb_time *now, bb_time *wall)
{
	*now = bb_read_clock(CLOCK_MONOTONIC);
	*wall = bb_read_clock(CLOCK_REALTIME);
}

static bool real_poll(bb_time wake_at)
{
	bb_time wait = wake_at > 0 ? wake_at - bb_now() : 0;

	if (wake_at == 0 || (wake_at > 0 && wait <= 0)) {
		uv_run(&bb_uv, UV_RUN_NOWAIT);
		return true;
	}
	if (wake_at > 0) {
		/* libuv counts milliseconds from its own idea of now: late by one at most. */
		uv_update_time(&bb_uv);
		uv_timer_start(&alarm_clock, rang, (uint64_t)((wait + BB_MS - 1) / BB_MS), 0);
	} else {
		uv_timer_stop(&alarm_clock);
	}
	bb_watchdog_idle(true);
	uv_run(&bb_uv, UV_RUN_ONCE);
	bb_watchdog_idle(false);
	return true;
}

static void real_wake(void)
{
	uv_async_send(&wake_up);
}

static void signalled(uv_signal_t *h, int signum)
{
	struct watched_signal *s = bb_container_of(h, struct watched_signal, handle);

	bb_loop_awake();
	s->fn(signum, s->arg);
}

static int real_on_signal(int signum, void (*fn)(int, void *), void *arg)
{
	struct watched_signal *s = bb_zalloc(sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->fn = fn;
	s->arg = arg;
	err = uv_signal_init(&bb_uv, &s->handle);
	if (err) {
		bb_free(s);
		return err;
	}
	err = uv_signal_start(&s->handle, signalled, signum);
	if (err) {
		uv_close((uv_handle_t *)&s->handle, signal_closed);
		return err;
	}
	bb_list_append(&signals, &s->node);
	return 0;
}

/* --- the pool --- */

struct real_job {
	uv_work_t req;
	struct bb_job *job;
};

static void job_runs(uv_work_t *req)
{
	struct real_job *r = bb_container_of(req, struct real_job, req);

	r->job->result = r->job->work(r->job->arg);
}

static void job_ran(uv_work_t *req, int status)
{
	struct real_job *r = bb_container_of(req, struct real_job, req);

	bb_loop_awake();
	bb_job_done(r->job);
	bb_free(r);
}

static int real_work(struct bb_job *job)
{
	struct real_job *r = bb_zalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->job = job;
	err = uv_queue_work(&bb_uv, &r->req, job_runs, job_ran);
	if (err)
		bb_free(r);
	return err;
}

/* --- names --- */

struct lookup {
	uv_getaddrinfo_t req;
	struct bb_resolve *r;
};

static int lookup_errno(int status)
{
	switch (status) {
	case UV_EAI_NONAME:
	case UV_EAI_NODATA:
	case UV_EAI_ADDRFAMILY:
		return -ENOENT;
	case UV_EAI_MEMORY:
	case UV_ENOMEM:
		return -ENOMEM;
	case UV_EAI_CANCELED:
	case UV_ECANCELED:
		return -ECANCELED;
	default:
		return -EAGAIN;
	}
}

static void looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *res)
{
	struct lookup *l = bb_container_of(req, struct lookup, req);
	struct bb_resolve *r = l->r;

	lookups--;
	bb_loop_awake();
	bb_free(l);
	r->err = status ? lookup_errno(status) : 0;
	for (struct addrinfo *a = res; a && r->n < BB_ARRAY_SIZE(r->addrs); a = a->ai_next) {
		struct bb_addr *to = &r->addrs[r->n];

		if ((a->ai_family != AF_INET && a->ai_family != AF_INET6) ||
		    a->ai_addrlen > sizeof(to->u))
			continue;
		memset(to, 0, sizeof(*to));
		memcpy(&to->u, a->ai_addr, a->ai_addrlen);
		r->n++;
	}
	uv_freeaddrinfo(res);
	bb_resolve_finish(r);
}

static int real_resolve(struct bb_resolve *r, struct bb_str host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG };
	struct lookup *l;
	char name[256];
	int err;

	if (bb_str_copy(name, sizeof(name), host))
		return -EINVAL;
	l = bb_zalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->r = r;
	err = uv_getaddrinfo(&bb_uv, &l->req, looked_up, name, NULL, &hints);
	if (err)
		bb_free(l);
	else
		lookups++;
	return err;
}

/* The answer comes all the same, and finds the request cancelled. */
static void real_resolve_cancel(struct bb_resolve *r)
{
	(void)r;
}

static int ask_routing(struct bb_addr *local, const struct bb_addr *to)
{
	struct bb_addr dst = *to, src;
	socklen_t len = sizeof(src.u);
	int fd, err = 0;

	if (!bb_addr_port(&dst))
		bb_addr_set_port(&dst, 9);
	fd = socket(bb_addr_family(to), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	memset(&src, 0, sizeof(src));
	/* Connecting a datagram socket sends nothing: it only asks the routing table. */
	if (connect(fd, &dst.u.sa, bb_addr_len(&dst)) || getsockname(fd, &src.u.sa, &len))
		err = errno == ENETUNREACH ? -EHOSTUNREACH : -errno;
	close(fd);
	if (err)
		return err;
	bb_addr_set_port(&src, 0);
	*local = src;
	return 0;
}

int bb_source_for_real(struct bb_addr *local, const struct bb_addr *to)
{
	struct bb_addr host = *to;
	size_t i;
	int err;

	/* Other threads, and whoever comes before the loop, ask the kernel each time. */
	if (!bb_baton)
		return ask_routing(local, to);
	bb_addr_set_port(&host, 0);
	i = bb_addr_hash(&host) % BB_ARRAY_SIZE(sources);
	if (sources[i].until > bb_now() && bb_addr_eq(&sources[i].to, &host) &&
	    bb_addr_family(&sources[i].to) == bb_addr_family(to)) {
		*local = sources[i].local;
		return 0;
	}
	err = ask_routing(local, to);
	if (err)
		return err;
	sources[i].to = host;
	sources[i].local = *local;
	sources[i].until = bb_now() + SOURCE_KEPT;
	return 0;
}

const struct bb_world bb_world_real = {
	.name = "real",
	.open = real_open,
	.close = real_close,
	.read_clock = real_read_clock,
	.poll = real_poll,
	.wake = real_wake,
	.flush = bb_real_udp_flush,
	.work = real_work,
	.on_signal = real_on_signal,
	.spawn = bb_process_real_spawn,
	.kill = bb_process_real_kill,
	.udp_open = bb_real_udp_open,
	.udp_send = bb_real_udp_send,
	.udp_close = bb_real_udp_close,
	.tcp_listen = bb_real_tcp_listen,
	.unix_listen = bb_real_unix_listen,
	.listener_close = bb_real_listener_close,
	.tcp_connect = bb_real_tcp_connect,
	.tcp_send = bb_real_tcp_send,
	.tcp_queued = bb_real_tcp_queued,
	.tcp_close = bb_real_tcp_close,
	.tcp_peer_uid = bb_real_tcp_peer_uid,
	.resolve = real_resolve,
	.resolve_cancel = real_resolve_cancel,
	.source_for = bb_source_for_real,
};
