/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/random.c - random bytes: the kernel's, taken in portions so that a
 * call does not cost a system call, or a seeded sequence in simulation.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include <bellbird/base.h>

#include "core/base/random_core.h"

#define PORTION 1024

static _Thread_local struct {
	unsigned char bytes[PORTION];
	size_t left;
	unsigned generation;
} stock;

/* A forked child must not hand out the bytes its parent still holds. */
static atomic_uint generation = 1;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static pthread_mutex_t seeded_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool seeded;
static uint64_t state[4];

static void forked(void)
{
	atomic_fetch_add(&generation, 1);
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, forked);
}

static void from_kernel(unsigned char *dst, size_t len)
{
	while (len) {
		ssize_t n = getrandom(dst, len, 0);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			/* Without randomness no tag or nonce is safe to make. */
			abort();
		}
		dst += n;
		len -= (size_t)n;
	}
}

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline uint64_t rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/* xoshiro256**, by Blackman and Vigna: good statistics, no secrecy asked for. */
static uint64_t sequence_next(void)
{
	uint64_t r = rotl(state[1] * 5, 7) * 9, t = state[1] << 17;

	state[2] ^= state[0];
	state[3] ^= state[1];
	state[1] ^= state[2];
	state[0] ^= state[3];
	state[2] ^= t;
	state[3] = rotl(state[3], 45);
	return r;
}

static void from_sequence(unsigned char *dst, size_t len)
{
	pthread_mutex_lock(&seeded_lock);
	while (len) {
		uint64_t v = sequence_next();
		size_t n = len < sizeof(v) ? len : sizeof(v);

		memcpy(dst, &v, n);
		dst += n;
		len -= n;
	}
	pthread_mutex_unlock(&seeded_lock);
}

void bb_random_seed(uint64_t seed)
{
	pthread_mutex_lock(&seeded_lock);
	for (size_t i = 0; i < BB_ARRAY_SIZE(state); i++)
		state[i] = splitmix(&seed);
	pthread_mutex_unlock(&seeded_lock);
	atomic_store(&seeded, true);
}

void bb_random_unseed(void)
{
	atomic_store(&seeded, false);
}

void bb_random(void *dst, size_t len)
{
	unsigned char *to = dst;
	unsigned now;

	if (atomic_load_explicit(&seeded, memory_order_relaxed)) {
		from_sequence(to, len);
		return;
	}
	if (len > PORTION / 4) {
		from_kernel(to, len);
		return;
	}
	pthread_once(&fork_once, watch_forks);
	now = atomic_load_explicit(&generation, memory_order_relaxed);
	if (stock.left < len || stock.generation != now) {
		from_kernel(stock.bytes, sizeof(stock.bytes));
		stock.left = sizeof(stock.bytes);
		stock.generation = now;
	}
	stock.left -= len;
	memcpy(to, stock.bytes + stock.left, len);
	/* What was given out is forgotten here: a nonce must not be found in a core file. */
	memset(stock.bytes + stock.left, 0, len);
}

uint32_t bb_random_below(uint32_t bound)
{
	uint32_t v, reject;

	if (bound < 2)
		return 0;
	/* Values under 2^32 mod bound would make the small results likelier. */
	reject = -bound % bound;
	do
		bb_random(&v, sizeof(v));
	while (v < reject);
	return v % bound;
}

void bb_random_text(char *dst, size_t chars)
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned char raw[64];
	size_t done = 0;

	while (done < chars) {
		size_t n = chars - done < sizeof(raw) ? chars - done : sizeof(raw);

		bb_random(raw, n);
		for (size_t i = 0; i < n; i++)
			dst[done + i] = alphabet[raw[i] & 31];
		done += n;
	}
	dst[chars] = '\0';
}

uint32_t bb_hash_seed(void)
{
	static atomic_uint chosen;
	unsigned v = atomic_load_explicit(&chosen, memory_order_relaxed), none = 0;

	if (v)
		return v;
	/* A simulation runs the same way each time: no hash order may differ. */
	if (atomic_load(&seeded))
		v = 0x5bd1e995u;
	else
		from_kernel((unsigned char *)&v, sizeof(v));
	v |= 1;
	if (!atomic_compare_exchange_strong(&chosen, &none, v))
		v = none;
	return v;
}
