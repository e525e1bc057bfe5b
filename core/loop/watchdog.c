/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/watchdog.c - a thread that notices when the control thread stands
 * still, and says in what.
 *
 * The control thread counts a beat at each callback and never looks at a
 * clock for this. The watchdog looks a few times within the limit: the same
 * beat all along, and the loop not asleep, is a stall.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include <bellbird/log.h>

#include "core/loop/world.h"

static struct {
	bool open;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t quit_cond;
	bool quit;
	struct bb_watch loop, *now;
	/* Told by the watchdog, read by the control thread at its end. */
	_Atomic uint64_t stalls;
	_Atomic bb_time longest;
} dog = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct bb_watch *flow(void)
{
	return dog.now ? dog.now : &dog.loop;
}

void bb_watchdog_enter(const char *module, const char *name)
{
	struct bb_watch *w;

	bb_watchdog_beat();
	if (!dog.open)
		return;
	pthread_mutex_lock(&dog.lock);
	w = flow();
	if (w->depth < BB_WATCH_DEPTH) {
		w->at[w->depth].module = module;
		w->at[w->depth].name = name;
	}
	w->depth++;
	pthread_mutex_unlock(&dog.lock);
}

void bb_watchdog_leave(void)
{
	struct bb_watch *w;

	bb_watchdog_beat();
	if (!dog.open)
		return;
	pthread_mutex_lock(&dog.lock);
	w = flow();
	if (w->depth)
		w->depth--;
	pthread_mutex_unlock(&dog.lock);
}

void bb_watchdog_flow(struct bb_watch *w)
{
	if (!dog.open)
		return;
	pthread_mutex_lock(&dog.lock);
	dog.now = w;
	pthread_mutex_unlock(&dog.lock);
}

void bb_watchdog_idle(bool idle)
{
	unsigned beat = atomic_load_explicit(&bb_loop.beat, memory_order_relaxed);

	/* The lowest bit says "asleep". */
	atomic_store_explicit(&bb_loop.beat, idle ? (beat + 2) | 1 : (beat + 2) & ~1u,
			      memory_order_relaxed);
}

static void where(char *dst, size_t cap)
{
	struct bb_watch *w;
	unsigned top;

	pthread_mutex_lock(&dog.lock);
	w = flow();
	top = w->depth < BB_WATCH_DEPTH ? w->depth : BB_WATCH_DEPTH;
	if (top)
		snprintf(dst, cap, "%s/%s", w->at[top - 1].module, w->at[top - 1].name);
	else
		snprintf(dst, cap, "the core");
	pthread_mutex_unlock(&dog.lock);
}

/* @return false when it is time to go. */
static bool nap(bb_time span)
{
	struct timespec ts;
	bool quit;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += (span % BB_SEC) * 1000;
	ts.tv_sec += span / BB_SEC + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	pthread_mutex_lock(&dog.lock);
	while (!dog.quit && pthread_cond_timedwait(&dog.quit_cond, &dog.lock, &ts) == 0)
		;
	quit = dog.quit;
	pthread_mutex_unlock(&dog.lock);
	return !quit;
}

static void *watch(void *arg)
{
	unsigned seen = atomic_load(&bb_loop.beat);
	bb_time since = bb_now();
	bool told = false;
	char place[160] = "";

	/* Rarely while the loop sleeps: an idle PBX should let the processor sleep too. */
	while (nap(seen & 1 ? bb_loop.stall_limit : bb_loop.stall_limit / 3 + 1)) {
		unsigned beat = atomic_load_explicit(&bb_loop.beat, memory_order_relaxed);
		bb_time now = bb_now();

		if (beat != seen || (beat & 1)) {
			if (told) {
				bb_time lasted = now - since;

				bb_warning("The control thread stood still for about %lld ms in %s",
					   (long long)(lasted / BB_MS), place);
				if (lasted > atomic_load(&dog.longest))
					atomic_store(&dog.longest, lasted);
			}
			seen = beat;
			since = now;
			told = false;
		} else if (!told && now - since >= bb_loop.stall_limit) {
			told = true;
			where(place, sizeof(place));
			atomic_fetch_add(&dog.stalls, 1);
			bb_warning("The control thread has not moved on for %lld ms: it is in %s",
				   (long long)((now - since) / BB_MS), place);
		}
	}
	return NULL;
}

void bb_watchdog_stats(struct bb_loop_stats *st)
{
	st->stalls = atomic_load(&dog.stalls);
	st->longest_stall = atomic_load(&dog.longest);
}

int bb_watchdog_open(void)
{
	pthread_condattr_t attr;
	int err;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&dog.quit_cond, &attr);
	pthread_condattr_destroy(&attr);
	dog.quit = false;
	dog.now = NULL;
	memset(&dog.loop, 0, sizeof(dog.loop));
	atomic_store(&dog.stalls, 0);
	atomic_store(&dog.longest, 0);
	err = pthread_create(&dog.thread, NULL, watch, NULL);
	if (err) {
		pthread_cond_destroy(&dog.quit_cond);
		return -err;
	}
	dog.open = true;
#ifdef __linux__
	pthread_setname_np(dog.thread, "bb-watchdog");
#endif
	return 0;
}

void bb_watchdog_close(void)
{
	if (!dog.open)
		return;
	pthread_mutex_lock(&dog.lock);
	dog.quit = true;
	pthread_cond_signal(&dog.quit_cond);
	pthread_mutex_unlock(&dog.lock);
	pthread_join(dog.thread, NULL);
	pthread_cond_destroy(&dog.quit_cond);
	dog.open = false;
}
