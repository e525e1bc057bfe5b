/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_relay.c - what media costs: our relay against a bare loop of epoll,
 * receive and send, our translations against the relay and the bare codec, and
 * four hundred calls at their pace. Each is measured in turns with its
 * yardstick, on the same sockets' worth of traffic. The thread that carries is
 * measured, not the one that makes the load.
 *
 * bench_relay [calls [rounds]]
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#include <bellbird/mem.h>
#include <bellbird/rtp.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"
#include "core/registry/registry.h"
#include "modules/rtp/pool.h"
#include "modules/rtp/rtp_api.h"
#include "modules/rtp/rtp_packet.h"
#include "tests/bench/bare_codec.h"
#include "tests/unit/modules/codec/codecs.h"
#include "tests/unit/modules/rtp/far_end.h"

#define MAX_CALLS 1000
#define TURNS 5
#define PACED_CALLS 400u
#define PACED_PACKETS 150u /* of each end: three seconds */

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
	int fd, rtcp;
	struct bb_addr local, to;
	uint16_t seq;
	uint32_t ts;
};
static struct end ends[MAX_CALLS][2];

static void host(struct bb_addr *a)
{
	need(bb_addr_parse(a, BB_STR("127.0.0.1")) == 0, "address");
}

static void ends_open(unsigned n)
{
	int on = 1;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct end *e = &ends[i][k];

			host(&e->local);
			need(far_pair(&e->fd, &e->rtcp, &e->local) == 0, "socket");
			/* The kernel says when a packet came, however late it is looked at. */
			need(setsockopt(e->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0,
			     "time stamps");
		}
}

static int64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The first bytes of the payload say when it was sent. */
static void ends_send(unsigned i, unsigned k, uint8_t pt)
{
	struct end *e = &ends[i][k];
	struct rtp_packet h = { .pt = pt, .seq = e->seq++, .ts = e->ts, .ssrc = i * 2 + k + 1 };
	uint8_t b[172];
	int64_t now;

	e->ts += 160;
	for (size_t n = 0; n < sizeof(b); n++)
		b[n] = (uint8_t)(n * 167 + e->seq);
	rtp_build(b, &h);
	now = wall_ns();
	memcpy(b + RTP_HEADER, &now, sizeof(now));
	if (sendto(e->fd, b, sizeof(b), 0, &e->to.u.sa, bb_addr_len(&e->to)) < 0)
		need(errno == ECONNREFUSED, "send");
}

static unsigned long long got;

static void ends_take(unsigned i, unsigned k)
{
	struct pollfd p = { .fd = ends[i][k].fd, .events = POLLIN };
	uint8_t b[512];

	if (poll(&p, 1, 200) > 0 && recv(p.fd, b, sizeof(b), MSG_DONTWAIT) > 0)
		got++;
}

/* A packet from every end, then one to every end, as if 20 ms had passed. */
static void round_of_all(unsigned n, const uint8_t pt[2])
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++)
			ends_send(i, k, pt[k]);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++)
			ends_take(i, k);
}

/* @return microseconds of @p thread a packet */
static double load(pthread_t thread, unsigned n, const uint8_t pt[2])
{
	struct timespec a, b;
	clockid_t clock;

	need(pthread_getcpuclockid(thread, &clock) == 0, "cpu clock");
	for (unsigned r = 0; r < 10; r++)
		round_of_all(n, pt);
	got = 0;
	clock_gettime(clock, &a);
	for (unsigned r = 0; r < rounds; r++)
		round_of_all(n, pt);
	clock_gettime(clock, &b);
	need(got > (unsigned long long)n * rounds, "relaying");
	return ((double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3) /
	       (double)got;
}

/* --- at their pace --- */

struct paced {
	unsigned sent, came;
	uint32_t *us; /* delays */
	int64_t late; /* ns that the load itself stood still */
};

static int64_t came_at(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec t;

			memcpy(&t, CMSG_DATA(c), sizeof(t));
			return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
		}
	return 0;
}

static void paced_take(struct paced *p, int fd)
{
	uint8_t b[512], control[128];
	struct iovec iov = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	int64_t sent;

	m.msg_controllen = sizeof(control);
	if (recvmsg(fd, &m, MSG_DONTWAIT) < (ssize_t)(RTP_HEADER + sizeof(sent)) ||
	    p->came == p->sent)
		return;
	memcpy(&sent, b + RTP_HEADER, sizeof(sent));
	p->us[p->came++] = (uint32_t)((came_at(&m) - sent) / 1000);
}

/* When the next packet is due. A load that was late does not make up for it by a burst: real
 * telephones do not wait for each other. */
static int64_t due(struct paced *p, unsigned n, int64_t *from)
{
	int64_t at = *from + (int64_t)p->sent * 20000000 / (n * 2), late = wall_ns() - at;

	if (late > 1000000) {
		*from += late;
		p->late += late;
	}
	return at;
}

/* Each end every 20 ms, spread evenly over them; in between what came is taken. */
static void pace(struct paced *p, unsigned n)
{
	struct epoll_event ev[64], add = { .events = EPOLLIN };
	int epoll = epoll_create1(0);
	unsigned total = n * 2 * PACED_PACKETS, left = 20;
	int64_t from;

	p->us = bb_zalloc(sizeof(*p->us) * total);
	need(epoll >= 0 && p->us, "pace");
	for (unsigned i = 0; i < n * 2; i++) {
		char byte;

		/* What an earlier turn left is no part of this one. */
		while (recv(ends[i / 2][i % 2].fd, &byte, 1, MSG_DONTWAIT) >= 0)
			;
		add.data.fd = ends[i / 2][i % 2].fd;
		epoll_ctl(epoll, EPOLL_CTL_ADD, add.data.fd, &add);
	}
	from = wall_ns();
	while (p->sent < total || (p->came < p->sent && left)) {
		int ready;

		while (p->sent < total && due(p, n, &from) <= wall_ns()) {
			unsigned at = p->sent++ % (n * 2);

			ends_send(at / 2, at % 2, 0);
		}
		/* Half a second after the last one whatever is not there is lost. */
		ready = epoll_wait(epoll, ev, 64, p->sent < total ? 0 : 25);
		if (p->sent == total && !ready)
			left--;
		for (int i = 0; i < ready; i++)
			paced_take(p, ev[i].data.fd);
	}
	close(epoll);
}

/* --- the bare loop --- */

struct bare {
	pthread_t thread;
	int epoll, stop[2];
	int fd[MAX_CALLS][2], rtcp[MAX_CALLS][2];
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
			l = recvfrom(bare.fd[at / 2][at % 2], b, sizeof(b), MSG_DONTWAIT,
				     (struct sockaddr *)&from, &len);
			if (l > 0 && send(bare.fd[at / 2][!(at % 2)], b, (size_t)l, 0) < 0)
				continue;
		}
	}
}

static void bare_begin(unsigned n)
{
	struct epoll_event ev = { .events = EPOLLIN };

	bare.epoll = epoll_create1(0);
	need(bare.epoll >= 0 && pipe(bare.stop) == 0, "epoll");
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct bb_addr a, *far = &ends[i][k].local;

			host(&a);
			need(far_pair(&bare.fd[i][k], &bare.rtcp[i][k], &a) == 0, "socket");
			need(connect(bare.fd[i][k], &far->u.sa, bb_addr_len(far)) == 0, "connect");
			ev.data.u32 = i * 2 + k;
			epoll_ctl(bare.epoll, EPOLL_CTL_ADD, bare.fd[i][k], &ev);
			ends[i][k].to = a;
		}
	ev.data.u32 = UINT32_MAX;
	epoll_ctl(bare.epoll, EPOLL_CTL_ADD, bare.stop[0], &ev);
	need(pthread_create(&bare.thread, NULL, bare_main, NULL) == 0, "thread");
}

static void bare_end(unsigned n)
{
	need(write(bare.stop[1], "", 1) == 1, "stop");
	pthread_join(bare.thread, NULL);
	close(bare.epoll);
	close(bare.stop[0]);
	close(bare.stop[1]);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++) {
			close(bare.fd[i][k]);
			close(bare.rtcp[i][k]);
		}
}

static double bare_turn(unsigned n)
{
	static const uint8_t pt[2] = { 0, 0 };
	double us;

	bare_begin(n);
	us = load(bare.thread, n, pt);
	bare_end(n);
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
	r = describe(&ends[i][k].local, f);
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

static void our_begin(unsigned n, const char *a, const char *b, uint8_t pt[2])
{
	const struct bb_format *f[2] = { bb_format_find(bb_strz(a)), bb_format_find(bb_strz(b)) };

	need(f[0] && f[1], "format");
	for (unsigned k = 0; k < 2; k++)
		pt[k] = (uint8_t)f[k]->payload_type;
	for (unsigned i = 0; i < n; i++) {
		our_leg(i, 0, f[0]);
		our_leg(i, 1, f[1]);
		need(bb_port_connect(rtp_api.port(ours[i][0]), rtp_api.port(ours[i][1])) == 0 &&
			     bb_port_connect(rtp_api.port(ours[i][1]), rtp_api.port(ours[i][0])) ==
				     0,
		     "connect");
	}
	turn();
}

static void our_end(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++)
			rtp_api.close(ours[i][k]);
	turn();
}

static double our_turn(unsigned n, const char *a, const char *b)
{
	uint8_t pt[2];
	double us;

	our_begin(n, a, b, pt);
	us = load(bb_engine.threads[0]->thread, n, pt);
	our_end(n);
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

/* --- each with its yardstick --- */

static void bench_relay(void)
{
	double base[TURNS], us[TURNS], b, m;

	for (unsigned t = 0; t < TURNS; t++) {
		base[t] = bare_turn(calls);
		us[t] = our_turn(calls, "ulaw", "ulaw");
	}
	b = median(base);
	m = median(us);
	printf("relay, %u calls: %.2f us a packet, the bare loop %.2f: %.2f times (budget 1.30)\n",
	       calls, m, b, m / b);
}

static void bench_g711(unsigned n)
{
	double base[TURNS], us[TURNS], b, m;

	for (unsigned t = 0; t < TURNS; t++) {
		base[t] = our_turn(n, "ulaw", "ulaw");
		us[t] = our_turn(n, "ulaw", "alaw");
	}
	b = median(base);
	m = median(us);
	printf("PCMU-PCMA, %u calls: %.2f us a packet, the relay %.2f: %.2f times (budget 1.15)\n",
	       n, m, b, m / b);
}

static void bench_g722(unsigned n)
{
	double base[TURNS], codec[TURNS], narrow[TURNS], us[TURNS], b, c, m, low;

	for (unsigned t = 0; t < TURNS; t++) {
		base[t] = our_turn(n, "ulaw", "ulaw");
		codec[t] = bare_codec_us(n, rounds, false);
		narrow[t] = bare_codec_us(n, rounds, true);
		us[t] = our_turn(n, "ulaw", "g722");
	}
	b = median(base);
	c = median(codec);
	low = median(narrow);
	m = median(us);
	if (c <= 0) {
		printf("PCMU-G722: not built\n");
		return;
	}
	printf("PCMU-G722, %u calls: %.2f us a packet, the relay %.2f, the bare codec with "
	       "resampling %.2f: relay + %.2f times that (budget 1.20)\n",
	       n, m, b, c, (m - b) / c);
	printf("    the bare codec as we use it, without: %.2f, relay + %.2f times that\n", low,
	       (m - b) / low);
}

static int by_delay(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double at_part(const struct paced *p, unsigned thousandths)
{
	return p->came ? p->us[(size_t)(p->came - 1) * thousandths / 1000] / 1000.0 : 0;
}

static void paced_told(const char *what, struct paced *p, const char *budget)
{
	qsort(p->us, p->came, sizeof(*p->us), by_delay);
	printf("%s, %u calls at their pace: %u of %u lost, delay %.3f ms in the middle, %.3f at "
	       "99 %%, %.3f at most%s; the load stood still for %.0f ms\n",
	       what, PACED_CALLS, p->sent - p->came, p->sent, at_part(p, 500), at_part(p, 990),
	       at_part(p, 1000), budget, (double)p->late / 1e6);
	bb_free(p->us);
}

static void bench_paced(void)
{
	struct paced theirs = { 0 }, own = { 0 };
	uint8_t pt[2];

	bare_begin(PACED_CALLS);
	pace(&theirs, PACED_CALLS);
	bare_end(PACED_CALLS);
	our_begin(PACED_CALLS, "ulaw", "ulaw", pt);
	pace(&own, PACED_CALLS);
	our_end(PACED_CALLS);
	paced_told("the bare loop", &theirs, "");
	paced_told("relay", &own, " (budget 0 lost, 5 ms at 99 %)");
}

int main(int argc, char **argv)
{
	unsigned most, n;

	if (argc > 1)
		calls = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		rounds = (unsigned)strtoul(argv[2], NULL, 10);
	need(calls && calls <= MAX_CALLS && rounds, "number of calls and rounds");
	up();
	most = calls > PACED_CALLS ? calls : PACED_CALLS;
	n = calls > 1 ? calls / 2 : 1;
	ends_open(most);
	printf("%u rounds, median of %u turns\n", rounds, TURNS);
	bench_relay();
	bench_g711(n);
	bench_g722(n);
	bench_paced();
	for (unsigned i = 0; i < most; i++)
		for (unsigned k = 0; k < 2; k++) {
			close(ends[i][k].fd);
			close(ends[i][k].rtcp);
		}
	rtp_pool_close();
	bb_media_close();
	bb_registry_close();
	bb_loop_close();
	bb_config_close();
	return 0;
}
