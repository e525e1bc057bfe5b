/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * modules/rtp/pool.c - pairs of sockets, opened ahead.
 *
 * Each media thread has pairs of each local address that rest with it. A call
 * takes the one that has rested longest and gives it back to the end of the
 * line; what is taken is replaced at the end of the loop turn, so that a call
 * waits for no search for a free port. Under a steady load nothing is opened
 * or closed any more.
 *
 * A pair is not used again before its peer of before has been silent for a
 * while: resting sockets drop what comes, and remember when that was.
 */
#include <sys/resource.h>

#include <bellbird/loop.h>
#include <bellbird/mem.h>

#include "modules/rtp/pool.h"

#define AHEAD 8u /* pairs at least, of an address that is used, on a thread */
#define KERNEL_TRIES 32u
#define RESTING 4096u /* pairs at most, of all addresses */
#define SHARE 8u /* of the descriptors there may be: a quarter of them rests, two a pair */
#define REST (1 * BB_SEC)
#define SHORT_REST (100 * BB_MS) /* since the last stray, where no other pair is to be had */
#define TRIM_EVERY (10 * BB_SEC)
#define TRIM_AFTER (60 * BB_SEC)

/* A local address. */
struct rtp_host {
	struct bb_node node;
	struct bb_addr local;
	unsigned pairs; /* open ones, in use or resting */
	struct bb_list resting[BB_MEDIA_MAX_THREADS]; /* the longest first */
	bool wanted[BB_MEDIA_MAX_THREADS]; /* one was taken: see that there are more */
	uint64_t used[65536 / 2 / 64]; /* a bit a pair of ports that is ours */
};

static struct {
	uint16_t start, end;
	bool checksums, closed;
	struct bb_list hosts;
	unsigned resting, most, out;
	struct bb_task refill;
	struct bb_timer trim;
	uint16_t next;
} p;

static uint16_t port_of(const struct rtp_pair *pair)
{
	return bb_addr_port(bb_msock_local(pair->rtp));
}

static struct rtp_pair *first(struct bb_list *l)
{
	return l->head ? bb_list_entry(l->head, struct rtp_pair, node) : NULL;
}

/* --- hosts --- */

static struct rtp_host *host_of(const struct bb_addr *local)
{
	struct rtp_host *h;

	bb_list_each (n, &p.hosts) {
		h = bb_list_entry(n, struct rtp_host, node);
		if (bb_addr_eq_host(&h->local, local))
			return h;
	}
	h = bb_zalloc(sizeof(*h));
	if (!h)
		return NULL;
	h->local = *local;
	bb_list_append(&p.hosts, &h->node);
	return h;
}

static void host_settle(struct rtp_host *h)
{
	if (h->pairs)
		return;
	bb_list_remove(&h->node);
	bb_free(h);
}

static int settled(struct rtp_host *h, int err)
{
	host_settle(h);
	return err;
}

static uint64_t *used_word(struct rtp_host *h, uint16_t port)
{
	return &h->used[port / 2 / 64];
}

static uint64_t used_bit(uint16_t port)
{
	return (uint64_t)1 << port / 2 % 64;
}

/* --- opening and closing --- */

static void pair_free(struct rtp_pair *pair)
{
	struct rtp_host *h = pair->host;

	*used_word(h, port_of(pair)) &= ~used_bit(port_of(pair));
	bb_msock_close(pair->rtp);
	bb_msock_close(pair->rtcp);
	bb_free(pair);
	h->pairs--;
	host_settle(h);
}

static int open_at(struct bb_msock **sp, const struct rtp_host *h, uint16_t port)
{
	struct bb_addr a = h->local;

	bb_addr_set_port(&a, port);
	return bb_msock_open(sp, &a, p.checksums ? 0 : BB_MSOCK_NO_CHECKSUM);
}

/* Both sockets or none. */
static int open_both(struct rtp_pair *pair, struct rtp_host *h, uint16_t port)
{
	int err = open_at(&pair->rtp, h, port);

	if (err < 0)
		return err;
	err = open_at(&pair->rtcp, h, (uint16_t)(port + 1));
	if (err < 0)
		bb_msock_close(pair->rtp);
	return err;
}

/* A port that the kernel finds free is one of the two. */
static int open_by_kernel(struct rtp_pair *pair, struct rtp_host *h)
{
	int err = -EADDRINUSE;

	for (unsigned i = 0; err == -EADDRINUSE && i < KERNEL_TRIES; i++) {
		struct bb_msock *one, **other;
		uint16_t port;

		err = open_at(&one, h, 0);
		if (err < 0)
			return err;
		port = bb_addr_port(bb_msock_local(one));
		other = port & 1 ? &pair->rtp : &pair->rtcp;
		*(port & 1 ? &pair->rtcp : &pair->rtp) = one;
		err = open_at(other, h, port ^ 1);
		if (err < 0)
			bb_msock_close(one);
	}
	return err;
}

static int open_in_range(struct rtp_pair *pair, struct rtp_host *h)
{
	unsigned pairs = p.end > p.start ? (unsigned)(p.end - p.start + 1) / 2 : 0;
	int err = -EADDRINUSE;

	/* From anywhere: ports that follow each other can be guessed. */
	if (!p.next && pairs)
		p.next = (uint16_t)(1 + bb_random_below(pairs));
	for (unsigned i = 0; i < pairs && (err == -EADDRINUSE || err == -EACCES); i++) {
		uint16_t port = (uint16_t)(p.start + 2 * ((p.next - 1u) % pairs));

		p.next = (uint16_t)(p.next % pairs + 1);
		if (!(*used_word(h, port) & used_bit(port)))
			err = open_both(pair, h, port);
	}
	return err;
}

static int open_pair(struct rtp_pair **pp, struct rtp_host *h, unsigned thread)
{
	struct rtp_pair *pair = bb_zalloc(sizeof(*pair));
	int err;

	if (!pair)
		return -ENOMEM;
	err = p.start ? open_in_range(pair, h) : open_by_kernel(pair, h);
	if (err < 0) {
		bb_free(pair);
		return err;
	}
	pair->host = h;
	pair->checksums = p.checksums;
	h->pairs++;
	*used_word(h, port_of(pair)) |= used_bit(port_of(pair));
	bb_msock_rest(pair->rtp, thread);
	bb_msock_rest(pair->rtcp, thread);
	*pp = pair;
	return 0;
}

/* --- resting --- */

static void lie_down(struct rtp_pair *pair, unsigned thread)
{
	bb_list_append(&pair->host->resting[thread], &pair->node);
	p.resting++;
}

static void get_up(struct rtp_pair *pair)
{
	bb_list_remove(&pair->node);
	p.resting--;
}

/* Nothing came for @p span. */
static bool silent(const struct rtp_pair *pair, bb_time span)
{
	bb_time now = bb_now(), a = bb_msock_disturbed(pair->rtp),
		b = bb_msock_disturbed(pair->rtcp);

	return (!a || now - a >= span) && (!b || now - b >= span);
}

static bool may_be_had(const struct rtp_pair *pair)
{
	return !pair->since || bb_now() - pair->since >= REST;
}

/* The first that has rested enough. Those whose peer of before goes on sending rest on. */
static struct rtp_pair *rested(struct bb_list *l)
{
	struct rtp_pair *pair;

	for (size_t n = l->count; n && (pair = first(l)) != NULL && may_be_had(pair); n--) {
		if (silent(pair, REST))
			return pair;
		pair->since = bb_now();
		bb_list_remove(&pair->node);
		bb_list_append(l, &pair->node);
	}
	return NULL;
}

/* Where no port or descriptor is left: the one that has rested longest, on any thread. */
static struct rtp_pair *tired(struct rtp_host *h, unsigned thread)
{
	for (unsigned i = 0; i < BB_MEDIA_MAX_THREADS; i++) {
		struct bb_list *l = &h->resting[(thread + i) % BB_MEDIA_MAX_THREADS];

		bb_list_each (n, l) {
			struct rtp_pair *pair = bb_list_entry(n, struct rtp_pair, node);

			if (silent(pair, SHORT_REST))
				return pair;
		}
	}
	return NULL;
}

static bool in_force(const struct rtp_pair *pair)
{
	uint16_t port = port_of(pair);

	return !p.closed && pair->checksums == p.checksums &&
	       (!p.start || (port >= p.start && port < p.end));
}

/* All, or those that rtp.conf wants no more. The host may be gone afterwards. */
static void close_resting(struct rtp_host *h, bool all)
{
	h->pairs++;
	for (unsigned i = 0; i < BB_MEDIA_MAX_THREADS; i++)
		bb_list_each (n, &h->resting[i]) {
			struct rtp_pair *pair = bb_list_entry(n, struct rtp_pair, node);

			if (!all && in_force(pair))
				continue;
			get_up(pair);
			pair_free(pair);
		}
	h->pairs--;
	host_settle(h);
}

/* After a burst: what nobody has wanted for a while goes. */
static void trim(void *arg)
{
	bool more = false;

	bb_list_each (n, &p.hosts) {
		struct rtp_host *h = bb_list_entry(n, struct rtp_host, node);

		for (unsigned i = 0; i < BB_MEDIA_MAX_THREADS; i++) {
			struct bb_list *l = &h->resting[i];
			struct rtp_pair *pair;

			/* The host stays: some of its pairs are left. */
			while (l->count > AHEAD && (pair = first(l)) != NULL &&
			       bb_now() - pair->since >= TRIM_AFTER) {
				get_up(pair);
				pair_free(pair);
			}
			more |= l->count > AHEAD;
		}
	}
	if (more)
		bb_timer_set(&p.trim, TRIM_EVERY, trim, NULL);
}

void rtp_pool_give(struct rtp_pair *pair)
{
	int thread = bb_msock_thread(pair->rtp);

	p.out--;
	/* One that no thread watches would keep what comes for the next call. */
	if (!in_force(pair) || p.resting >= p.most || thread < 0 ||
	    bb_msock_thread(pair->rtcp) != thread) {
		pair_free(pair);
		return;
	}
	pair->since = bb_now();
	lie_down(pair, (unsigned)thread);
	if (pair->host->resting[thread].count > AHEAD && !bb_timer_active(&p.trim))
		bb_timer_set(&p.trim, TRIM_EVERY, trim, NULL);
}

/* --- taking --- */

static void refill_at(struct rtp_host *h, unsigned thread)
{
	struct bb_list *l = &h->resting[thread];
	struct rtp_pair *pair;
	unsigned ready = 0;

	/* Those that cannot be had yet do not count; they stand at the end. */
	bb_list_each (n, l) {
		if (ready == AHEAD || !may_be_had(bb_list_entry(n, struct rtp_pair, node)))
			break;
		ready++;
	}
	for (; ready < AHEAD && p.resting < p.most && open_pair(&pair, h, thread) == 0; ready++) {
		lie_down(pair, thread);
		/* No call has had it: before those that have to wait. */
		bb_list_remove(&pair->node);
		bb_list_prepend(l, &pair->node);
	}
}

static void refill(void *arg)
{
	bb_list_each (n, &p.hosts) {
		struct rtp_host *h = bb_list_entry(n, struct rtp_host, node);

		for (unsigned i = 0; i < BB_MEDIA_MAX_THREADS; i++) {
			if (h->wanted[i])
				refill_at(h, i);
			h->wanted[i] = false;
		}
	}
}

/* Descriptors that other addresses keep for nothing; they are free a little later. */
static void make_room(const struct rtp_host *h)
{
	bb_list_each (n, &p.hosts)
		if (bb_list_entry(n, struct rtp_host, node) != h)
			close_resting(bb_list_entry(n, struct rtp_host, node), true);
}

int rtp_pool_take(struct rtp_pair **pp, const struct bb_addr *local, unsigned thread)
{
	struct rtp_host *h = host_of(local);
	struct rtp_pair *pair;
	int err;

	if (!h || thread >= BB_MEDIA_MAX_THREADS)
		return h ? -EINVAL : -ENOMEM;
	h->wanted[thread] = true;
	bb_task_post(&p.refill, refill, NULL);
	pair = rested(&h->resting[thread]);
	if (!pair) {
		err = open_pair(pp, h, thread);
		if (!err)
			p.out++;
		if (!err || err == -ENOMEM)
			return settled(h, err);
		pair = tired(h, thread);
		if (!pair && (err == -EMFILE || err == -ENFILE))
			make_room(h);
		if (!pair)
			return settled(h, err);
	}
	get_up(pair);
	p.out++;
	*pp = pair;
	return 0;
}

/* --- settings --- */

static void close_others(bool all)
{
	bb_list_each (n, &p.hosts)
		close_resting(bb_list_entry(n, struct rtp_host, node), all);
}

static unsigned most_resting(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur / SHARE > RESTING)
		return RESTING;
	return (unsigned)(limit.rlim_cur / SHARE);
}

void rtp_pool_range(uint16_t start, uint16_t end, bool checksums)
{
	p.start = (uint16_t)((start + 1) & ~1);
	p.end = end;
	p.checksums = checksums;
	p.next = 0;
	p.closed = false;
	p.most = most_resting();
	close_others(false);
}

void rtp_pool_close(void)
{
	p.closed = true;
	bb_task_cancel(&p.refill);
	bb_timer_cancel(&p.trim);
	close_others(true);
}

void rtp_pool_stats(struct rtp_pool_stats *st)
{
	st->out = p.out;
	st->resting = p.resting;
}
