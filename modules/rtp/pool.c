/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/pool.c - pairs of sockets, opened ahead.
 *
 * A pair that was taken is replaced at the end of the loop turn, so that the
 * set-up of a call does not wait for the search for a free port. A pair that a
 * call gave back rests until what its peer still sends has died away, and is
 * then used again: opening and closing two sockets takes the kernel longer
 * than all else that a leg asks of it.
 */
#include <sys/socket.h>
#include <unistd.h>

#include <bellbird/loop.h>

#include "modules/rtp/pool.h"

#define POOLS 8u /* local addresses that have pairs ahead */
#define AHEAD 8u
#define KERNEL_TRIES 32u
#define PAIRS_MAX 32768u
#define RESTING 512u /* pairs, of all addresses */
#define REST (1 * BB_SEC)
#define REST_MAX (10 * BB_SEC) /* where another address' pairs wait for theirs */

static struct {
	uint16_t start, end;
	bool checksums;
	struct pool {
		struct bb_addr local;
		struct rtp_pair ready[AHEAD];
		unsigned n;
		uint64_t held[PAIRS_MAX / 64]; /* The pairs of the range that are open here. */
	} pools[POOLS];
	unsigned n_pools;
	struct {
		struct rtp_pair pair;
		bb_time since;
	} resting[RESTING]; /* a ring: those that have rested longest come first */
	unsigned rest_first, rest_n;
	struct bb_task refill;
	uint16_t next;
	unsigned settings;
} p;

void rtp_pool_range(uint16_t start, uint16_t end, bool checksums)
{
	p.start = (uint16_t)((start + 1) & ~1);
	p.end = end;
	p.checksums = checksums;
	p.next = 0;
	p.settings++;
	rtp_pool_close();
}

static void set_options(int fd, int family)
{
	int on = 1;

	/* Without it an unconnected socket hears nothing of "port unreachable". */
	if (family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	}
#ifdef SO_NO_CHECK
	if (!p.checksums && family == AF_INET)
		setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on));
#endif
}

static int open_one(int *fdp, const struct bb_addr *local, uint16_t port)
{
	struct bb_addr a = *local;
	int fd = socket(bb_addr_family(local), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	set_options(fd, bb_addr_family(local));
	bb_addr_set_port(&a, port);
	if (bind(fd, &a.u.sa, bb_addr_len(&a)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*fdp = fd;
	return 0;
}

static int open_pair(struct rtp_pair *pair, const struct bb_addr *local, uint16_t port)
{
	int err = open_one(&pair->rtp, local, port);

	if (err < 0)
		return err;
	err = open_one(&pair->rtcp, local, (uint16_t)(port + 1));
	if (err < 0) {
		close(pair->rtp);
		return err;
	}
	pair->settings = p.settings;
	pair->local = *local;
	bb_addr_set_port(&pair->local, port);
	return 0;
}

static uint16_t kernel_port(const struct bb_addr *local)
{
	struct bb_addr a;
	socklen_t len = sizeof(a.u);
	int fd = -1;

	if (open_one(&fd, local, 0) < 0)
		return 0;
	memset(&a, 0, sizeof(a));
	if (getsockname(fd, &a.u.sa, &len) < 0)
		memset(&a, 0, sizeof(a));
	close(fd);
	return bb_addr_set(&a) ? bb_addr_port(&a) & (uint16_t)~1 : 0;
}

static int open_by_kernel(struct rtp_pair *pair, const struct bb_addr *local)
{
	int err = -EADDRINUSE;

	for (unsigned i = 0; err < 0 && i < KERNEL_TRIES; i++) {
		uint16_t port = kernel_port(local);

		if (!port)
			return -EADDRNOTAVAIL;
		err = open_pair(pair, local, port);
	}
	return err;
}

static struct pool *known_pool(const struct bb_addr *local)
{
	for (unsigned i = 0; i < p.n_pools; i++)
		if (bb_addr_eq_host(&p.pools[i].local, local))
			return &p.pools[i];
	return NULL;
}

/* A full range must cost no search: it is full when there is most to do. */
static bool is_held(const struct pool *pool, unsigned i)
{
	return pool && (pool->held[i / 64] >> (i % 64) & 1);
}

static void hold(const struct rtp_pair *pair, bool on)
{
	struct pool *pool = known_pool(&pair->local);
	unsigned i = (bb_addr_port(&pair->local) - (unsigned)p.start) / 2;

	if (!p.start || !pool || pair->settings != p.settings || i >= PAIRS_MAX)
		return;
	if (on)
		pool->held[i / 64] |= 1ull << (i % 64);
	else
		pool->held[i / 64] &= ~(1ull << (i % 64));
}

static int open_in_range(struct rtp_pair *pair, const struct bb_addr *local)
{
	unsigned pairs = p.end > p.start ? (unsigned)(p.end - p.start + 1) / 2 : 0;
	const struct pool *pool = known_pool(local);
	int err = -EADDRINUSE;

	if (!p.start)
		return open_by_kernel(pair, local);
	/* From anywhere: ports that follow each other can be guessed. */
	if (!p.next && pairs)
		p.next = (uint16_t)(1 + bb_random_below(pairs));
	for (unsigned i = 0; i < pairs && (err == -EADDRINUSE || err == -EACCES); i++) {
		unsigned at = (p.next - 1u) % pairs;

		p.next = (uint16_t)(p.next % pairs + 1);
		if (!is_held(pool, at))
			err = open_pair(pair, local, (uint16_t)(p.start + 2 * at));
	}
	if (!err)
		hold(pair, true);
	return err;
}

void rtp_pair_close(struct rtp_pair *pair)
{
	if (pair->rtp >= 0)
		close(pair->rtp);
	if (pair->rtcp >= 0)
		close(pair->rtcp);
	if (pair->rtp >= 0)
		hold(pair, false);
	pair->rtp = pair->rtcp = -1;
}

/* What came while nobody listened, and what the kernel had to say about what was sent. */
static bool drain(int fd)
{
	struct msghdr none = { 0 };
	char byte;

	for (unsigned i = 0; i < 64; i++) {
		if (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
			continue;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return true;
		while (i < 64 && recvmsg(fd, &none, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
			i++;
	}
	/* Somebody goes on sending: not this one. */
	return false;
}

/*
 * The one that has rested longest, if it has rested long enough (or @p tired:
 * no other is to be had) and belongs to this address.
 */
static bool wake_one(struct rtp_pair *pair, const struct bb_addr *local, bool tired)
{
	while (p.rest_n) {
		bool ours = bb_addr_eq_host(&p.resting[p.rest_first].pair.local, local);
		bb_time rested = bb_now() - p.resting[p.rest_first].since;

		if (!tired && rested < (ours ? REST : REST_MAX))
			return false;
		*pair = p.resting[p.rest_first].pair;
		p.rest_first = (p.rest_first + 1) % RESTING;
		p.rest_n--;
		if (ours && drain(pair->rtp) && drain(pair->rtcp))
			return true;
		rtp_pair_close(pair);
	}
	return false;
}

void rtp_pool_give(struct rtp_pair *pair)
{
	if (pair->rtp < 0)
		return;
	if (p.rest_n == RESTING || pair->settings != p.settings) {
		rtp_pair_close(pair);
		return;
	}
	p.resting[(p.rest_first + p.rest_n) % RESTING].pair = *pair;
	p.resting[(p.rest_first + p.rest_n) % RESTING].since = bb_now();
	p.rest_n++;
	pair->rtp = pair->rtcp = -1;
}

static int another(struct rtp_pair *pair, const struct bb_addr *local)
{
	int err;

	if (wake_one(pair, local, false))
		return 0;
	err = open_in_range(pair, local);
	/* Those that rest may be what fills the range, or the process' descriptors. */
	if (err < 0 && wake_one(pair, local, true))
		err = 0;
	return err;
}

static void refill(void *arg)
{
	for (unsigned i = 0; i < p.n_pools; i++) {
		struct pool *pool = &p.pools[i];

		while (pool->n < AHEAD && another(&pool->ready[pool->n], &pool->local) == 0)
			pool->n++;
	}
}

static struct pool *pool_of(const struct bb_addr *local)
{
	struct pool *pool = known_pool(local);

	if (pool || p.n_pools == POOLS)
		return pool;
	pool = &p.pools[p.n_pools++];
	memset(pool, 0, sizeof(*pool));
	pool->local = *local;
	return pool;
}

int rtp_pool_take(struct rtp_pair *pair, const struct bb_addr *local)
{
	struct pool *pool = pool_of(local);

	if (!pool)
		return another(pair, local);
	bb_task_post(&p.refill, refill, NULL);
	/* What was sent to it while it lay ready is no part of this call. */
	while (pool->n) {
		*pair = pool->ready[--pool->n];
		if (drain(pair->rtp) && drain(pair->rtcp))
			return 0;
		rtp_pair_close(pair);
	}
	return another(pair, local);
}

void rtp_pool_close(void)
{
	bb_task_cancel(&p.refill);
	for (unsigned i = 0; i < p.n_pools; i++)
		while (p.pools[i].n)
			rtp_pair_close(&p.pools[i].ready[--p.pools[i].n]);
	p.n_pools = 0;
	for (; p.rest_n; p.rest_n--) {
		rtp_pair_close(&p.resting[p.rest_first].pair);
		p.rest_first = (p.rest_first + 1) % RESTING;
	}
	p.rest_first = 0;
}
