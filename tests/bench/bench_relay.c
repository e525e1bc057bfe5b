/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_relay.c - processor time a packet: our relay and our translations
 * against a bare loop of epoll, receive and send, measured in turns on the
 * same sockets' worth of traffic. The thread that carries is measured, not
 * the one that makes the load.
 *
 * bench_relay [calls [rounds]]
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <bellbird/rtp.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"
#include "core/registry/registry.h"
#include "modules/rtp/pool.h"
#include "modules/rtp/rtp_api.h"
#include "modules/rtp/rtp_packet.h"
#include "tests/unit/modules/codec/codecs.h"

#define MAX_CALLS 1000
#define TURNS 5

static unsigned calls = 100, rounds = 200;

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_relay: %s failed\n", what);
	exit(1);
}

/* --- the load: a far end on each side of each call --- */

struct end {
	struct rtp_pair pair;
	struct bb_addr to;
	uint16_t seq;
	uint32_t ts;
};
static struct end ends[MAX_CALLS][2];

static void host(struct bb_addr *a)
{
	need(bb_addr_parse(a, BB_STR("127.0.0.1")) == 0, "address");
}

static void ends_open(void)
{
	struct bb_addr a;

	host(&a);
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++)
			need(rtp_pool_take(&ends[i][k].pair, &a) == 0, "socket");
}

static void ends_send(unsigned i, unsigned k, uint8_t pt)
{
	struct end *e = &ends[i][k];
	struct rtp_packet h = { .pt = pt, .seq = e->seq++, .ts = e->ts, .ssrc = i * 2 + k + 1 };
	uint8_t b[172];

	e->ts += 160;
	memset(b, 0x5a, sizeof(b));
	rtp_build(b, &h);
	if (sendto(e->pair.rtp, b, sizeof(b), 0, &e->to.u.sa, bb_addr_len(&e->to)) < 0)
		need(errno == ECONNREFUSED, "send");
}

static unsigned long long got;

static void ends_take(unsigned i, unsigned k)
{
	struct pollfd p = { .fd = ends[i][k].pair.rtp, .events = POLLIN };
	uint8_t b[512];

	if (poll(&p, 1, 200) > 0 && recv(p.fd, b, sizeof(b), MSG_DONTWAIT) > 0)
		got++;
}

/* A packet from every end, then one to every end, as if 20 ms had passed. */
static void round_of_all(const uint8_t pt[2])
{
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++)
			ends_send(i, k, pt[k]);
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++)
			ends_take(i, k);
}

/* @return microseconds of @p thread a packet */
static double load(pthread_t thread, const uint8_t pt[2])
{
	struct timespec a, b;
	clockid_t clock;

	need(pthread_getcpuclockid(thread, &clock) == 0, "cpu clock");
	for (unsigned r = 0; r < 10; r++)
		round_of_all(pt);
	got = 0;
	clock_gettime(clock, &a);
	for (unsigned r = 0; r < rounds; r++)
		round_of_all(pt);
	clock_gettime(clock, &b);
	need(got > (unsigned long long)calls * rounds, "relaying");
	return ((double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3) /
	       (double)got;
}

/* --- the bare loop --- */

struct bare {
	pthread_t thread;
	int epoll, stop[2];
	struct rtp_pair pair[MAX_CALLS][2];
};
static struct bare bare;

static void *bare_main(void *arg)
{
	struct epoll_event ev[64];
	uint8_t b[2048];

	for (;;) {
		int n = epoll_wait(bare.epoll, ev, 64, -1);

		for (int i = 0; i < n; i++) {
			struct sockaddr_storage from;
			socklen_t len = sizeof(from);
			unsigned at = ev[i].data.u32;
			ssize_t l;

			if (at == UINT32_MAX)
				return NULL;
			l = recvfrom(bare.pair[at / 2][at % 2].rtp, b, sizeof(b), MSG_DONTWAIT,
				     (struct sockaddr *)&from, &len);
			if (l > 0 && send(bare.pair[at / 2][!(at % 2)].rtp, b, (size_t)l, 0) < 0)
				continue;
		}
	}
}

static double bare_turn(void)
{
	static const uint8_t pt[2] = { 0, 0 };
	struct epoll_event ev = { .events = EPOLLIN };
	struct bb_addr a;
	double us;

	host(&a);
	bare.epoll = epoll_create1(0);
	need(bare.epoll >= 0 && pipe(bare.stop) == 0, "epoll");
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct rtp_pair *p = &bare.pair[i][k];
			struct bb_addr *far = &ends[i][k].pair.local;

			need(rtp_pool_take(p, &a) == 0, "socket");
			need(connect(p->rtp, &far->u.sa, bb_addr_len(far)) == 0, "connect");
			ev.data.u32 = i * 2 + k;
			epoll_ctl(bare.epoll, EPOLL_CTL_ADD, p->rtp, &ev);
			ends[i][k].to = p->local;
		}
	ev.data.u32 = UINT32_MAX;
	epoll_ctl(bare.epoll, EPOLL_CTL_ADD, bare.stop[0], &ev);
	need(pthread_create(&bare.thread, NULL, bare_main, NULL) == 0, "thread");
	us = load(bare.thread, pt);
	need(write(bare.stop[1], "", 1) == 1, "stop");
	pthread_join(bare.thread, NULL);
	close(bare.epoll);
	close(bare.stop[0]);
	close(bare.stop[1]);
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++)
			rtp_pair_close(&bare.pair[i][k]);
	return us;
}

/* --- ours --- */

static struct bb_rtp *ours[MAX_CALLS][2];

static struct bb_stream_desc describe(const struct bb_addr *a, const struct bb_format *f)
{
	struct bb_stream_desc d = { .type = BB_AUDIO, .rtp = *a, .dtmf_pt = 101, .n_codecs = 1 };

	d.codecs[0].format = f;
	d.codecs[0].pt = (uint8_t)f->payload_type;
	return d;
}

static void our_leg(unsigned i, unsigned k, const struct bb_format *f)
{
	struct bb_rtp_params params = { .symmetric = true, .timeout = 60 * BB_SEC };
	struct bb_stream_desc l, r;

	host(&params.local);
	need(rtp_api.create(&ours[i][k], &params) == 0, "endpoint");
	ends[i][k].to = *rtp_api.local(ours[i][k]);
	l = describe(&ends[i][k].to, f);
	r = describe(&ends[i][k].pair.local, f);
	need(rtp_api.configure(ours[i][k], &l, &r) == 0, "configure");
}

/* The media threads are told at the end of a turn of the loop. */
static void turned(void *arg)
{
	bb_loop_stop();
}

static void turn(void)
{
	struct bb_timer t = { 0 };

	bb_timer_set(&t, 50 * BB_MS, turned, NULL);
	bb_loop_run();
}

static double our_turn(const char *a, const char *b)
{
	const struct bb_format *f[2] = { bb_format_find(bb_strz(a)), bb_format_find(bb_strz(b)) };
	uint8_t pt[2];
	double us;

	need(f[0] && f[1], "format");
	for (unsigned k = 0; k < 2; k++)
		pt[k] = (uint8_t)f[k]->payload_type;
	for (unsigned i = 0; i < calls; i++) {
		our_leg(i, 0, f[0]);
		our_leg(i, 1, f[1]);
		need(bb_port_connect(rtp_api.port(ours[i][0]), rtp_api.port(ours[i][1])) == 0 &&
			     bb_port_connect(rtp_api.port(ours[i][1]), rtp_api.port(ours[i][0])) ==
				     0,
		     "connect");
	}
	turn();
	us = load(bb_engine.threads[0]->thread, pt);
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++)
			rtp_api.close(ours[i][k]);
	turn();
	return us;
}

static void up(void)
{
	static const char *const nowhere[] = { NULL };
	struct bb_loop_options opt = { .stall_limit = 60 * BB_SEC }; /* the load is made here */
	struct bb_diag *d = NULL;

	need(bb_config_init(NULL, NULL) == 0 && bb_loop_init(&opt) == 0 &&
		     bb_media_init(1, false) == 0 && bb_registry_init() == 0,
	     "start");
	bb_registry_search_only(nowhere);
	for (size_t i = 0; i < BB_ARRAY_SIZE(codec_modules); i++)
		need(bb_static_module_add(codec_modules[i]) == 0, "module");
	need(bb_diag_new(&d) == 0 && bb_modules_load(d) == 0, "load");
	bb_diag_free(d);
	rtp_settings = (struct rtp_settings){
		.strict = RTP_STRICT_YES, .probation = 4, .rtcp_interval = 5000, .checksums = true
	};
	rtp_pool_range(0, 0, true);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, TURNS, sizeof(*v), by_size);
	return v[TURNS / 2];
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *a, *b;
	} kinds[] = {
		{ "relay", "ulaw", "ulaw" },
		{ "PCMU-PCMA", "ulaw", "alaw" },
#if defined(TEST_G722) && defined(TEST_RESAMPLE)
		{ "PCMU-G722", "ulaw", "g722" },
#endif
	};
	double base[TURNS], us[BB_ARRAY_SIZE(kinds)][TURNS], bare_us;

	if (argc > 1)
		calls = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		rounds = (unsigned)strtoul(argv[2], NULL, 10);
	need(calls && calls <= MAX_CALLS && rounds, "number of calls and rounds");
	up();
	ends_open();
	for (unsigned t = 0; t < TURNS; t++) {
		base[t] = bare_turn();
		for (unsigned k = 0; k < BB_ARRAY_SIZE(kinds); k++)
			us[k][t] = our_turn(kinds[k].a, kinds[k].b);
	}
	bare_us = median(base);
	printf("%u calls, %u rounds, median of %u turns\n", calls, rounds, TURNS);
	printf("%-10s %6.2f us a packet\n", "bare loop", bare_us);
	for (unsigned k = 0; k < BB_ARRAY_SIZE(kinds); k++) {
		double m = median(us[k]);

		printf("%-10s %6.2f us a packet, %.2f times the bare loop\n", kinds[k].name, m,
		       m / bare_us);
	}
	for (unsigned i = 0; i < calls; i++)
		for (unsigned k = 0; k < 2; k++)
			rtp_pair_close(&ends[i][k].pair);
	rtp_pool_close();
	bb_media_close();
	bb_registry_close();
	bb_loop_close();
	bb_config_close();
	return 0;
}
