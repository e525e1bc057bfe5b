/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the ground costs: fibers, timers, tasks, posts, allocation, hashing,
 * datagrams. One line a figure: name, nanoseconds, what was counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <config.h>

#include <bellbird/log.h>
#include <bellbird/map.h>
#include <bellbird/mem.h>

#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"

static double started;

static double clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void begin(void)
{
	started = clock_ns();
}

static void figure(const char *name, unsigned long n, const char *what)
{
	printf("%-28s %10.1f ns  a %s\n", name, (clock_ns() - started) / (double)n, what);
}

/* --- fibers --- */

#define SWITCHES 200000ul
static unsigned long rounds;
static struct bb_fiber *runner;

static void runs(void *arg)
{
	for (unsigned long i = 0; i < *(unsigned long *)arg; i++) {
		rounds++;
		bb_fiber_park();
	}
	runner = NULL;
}

static void bench_fiber(const char *backend)
{
	unsigned long n = strcmp(backend, "thread") == 0 ? SWITCHES / 20 : SWITCHES;
	struct bb_loop_options opt = { .simulate = true, .fibers = backend };
	char name[40];

	if (bb_loop_init(&opt))
		exit(1);
	rounds = 0;
	if (bb_fiber_spawn(&runner, "bench", runs, &n))
		exit(1);
	begin();
	while (runner) {
		bb_sim_settle();
		if (runner)
			bb_fiber_wake(runner);
	}
	snprintf(name, sizeof(name), "fiber_switch_%s", backend);
	figure(name, n, "wake, run and park");
	bb_loop_close();
}

static void nothing(void *arg)
{
	++*(unsigned long *)arg;
}

static void bench_spawn(void)
{
	struct bb_loop_options opt = { .simulate = true };
	unsigned long n = 0;

	if (bb_loop_init(&opt))
		exit(1);
	begin();
	while (n < 100000) {
		if (bb_fiber_spawn(NULL, "bench", nothing, &n))
			exit(1);
		bb_sim_settle();
	}
	figure("fiber_spawn", n, "spawn, run and end");
	bb_loop_close();
}

/* --- timers and tasks --- */

#define TIMERS 100000

static void bench_timers(void)
{
	struct bb_loop_options opt = { .simulate = true };
	struct bb_timer *t = bb_zalloc(TIMERS * sizeof(*t));
	unsigned long fired = 0;

	if (!t || bb_loop_init(&opt))
		exit(1);
	begin();
	for (size_t i = 0; i < TIMERS; i++)
		bb_timer_set(&t[i], (bb_time)(i * 7919 % TIMERS) * BB_MS, nothing, &fired);
	figure("timer_set", TIMERS, "timer among up to 100000");
	begin();
	for (size_t i = 0; i < TIMERS; i += 2)
		bb_timer_cancel(&t[i]);
	figure("timer_cancel", TIMERS / 2, "timer among 100000");
	begin();
	bb_sim_advance(TIMERS * BB_MS);
	figure("timer_fire", fired, "timer, each in a turn of its own");
	begin();
	for (size_t i = 0; i < 1000000; i++) {
		bb_timer_set(&t[i % 1000], 32 * BB_SEC, nothing, &fired);
		if (i >= 500)
			bb_timer_cancel(&t[(i - 500) % 1000]);
	}
	figure("timer_set_cancel", 1000000, "pair among 500");
	for (size_t i = 0; i < 1000; i++)
		bb_timer_cancel(&t[i]);
	bb_loop_close();
	bb_free(t);
}

static void bench_tasks(void)
{
	static struct bb_task tasks[1000];
	struct bb_loop_options opt = { .simulate = true };
	unsigned long ran = 0;

	if (bb_loop_init(&opt))
		exit(1);
	begin();
	for (unsigned k = 0; k < 1000; k++) {
		for (unsigned i = 0; i < 1000; i++)
			bb_task_post(&tasks[i], nothing, &ran);
		bb_sim_settle();
	}
	figure("task_post", ran, "post and run");
	ran = 0;
	begin();
	for (unsigned k = 0; k < 200; k++) {
		for (unsigned i = 0; i < 1000; i++)
			if (bb_loop_post(nothing, &ran))
				exit(1);
		bb_sim_settle();
	}
	figure("loop_post", ran, "cross-thread post and run");
	bb_loop_close();
}

/* --- datagrams over loopback --- */

static unsigned long datagrams;
static struct bb_udp *here, *there;

static void fill(void)
{
	static const char text[400];

	for (int i = 0; i < 50; i++)
		(void)bb_udp_send(here, NULL, bb_udp_local(there), text, sizeof(text));
}

static void got(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	if (++datagrams % 50 == 0)
		fill();
	if (datagrams == 100000)
		bb_loop_stop();
}

static void give_up(void *arg)
{
	bb_loop_stop();
}

static void bench_udp(void)
{
	static const struct bb_udp_ops ops = { .recv = got };
	struct bb_timer limit = { 0 };
	struct bb_addr any;

	if (bb_loop_init(NULL) || bb_addr_parse(&any, BB_STR("127.0.0.1:0")) ||
	    bb_udp_open(&here, &any, &ops, NULL) || bb_udp_open(&there, &any, &ops, NULL))
		exit(1);
	bb_timer_set(&limit, 10 * BB_SEC, give_up, NULL);
	fill();
	begin();
	bb_loop_run();
	figure("udp", datagrams, "datagram sent and received, 50 at a time");
	bb_timer_cancel(&limit);
	bb_udp_close(here);
	bb_udp_close(there);
	bb_loop_close();
}

/* --- base --- */

static void bench_base(void)
{
	static struct {
		struct bb_map_node node;
		char key[24];
	} e[10000];
	struct bb_map m = { 0 };
	unsigned long n = 0;
	char text[17];

	for (size_t i = 0; i < BB_ARRAY_SIZE(e); i++) {
		bb_random_text(e[i].key, 16);
		if (bb_map_add(&m, &e[i].node, bb_strz(e[i].key)))
			exit(1);
	}
	begin();
	for (unsigned k = 0; k < 100; k++)
		for (size_t i = 0; i < BB_ARRAY_SIZE(e); i++)
			n += bb_map_get(&m, bb_strn(e[i].key, 16)) != NULL;
	figure("map_get", n, "look-up among 10000");
	bb_map_free(&m);
	begin();
	for (n = 0; n < 1000000; n++) {
		struct bb_arena *a = bb_arena_new(1024);

		for (int k = 0; a && k < 20; k++)
			(void)bb_arena_alloc(a, 40);
		bb_arena_free(a);
	}
	figure("arena", n, "arena with 20 allocations");
	begin();
	for (n = 0; n < 1000000; n++)
		bb_random_text(text, 16);
	figure("random_text", n, "tag of 16 characters");
	begin();
	for (n = 0; n < 10000000; n++)
		bb_debug(5, "nobody reads this: %lu", n);
	figure("log_unwanted", n, "line that nobody wants");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
#ifdef HAVE_FIBER_ASM
	bench_fiber("asm");
#endif
	bench_fiber("ucontext");
	bench_fiber("thread");
	bench_spawn();
	bench_timers();
	bench_tasks();
	bench_udp();
	bench_base();
	return 0;
}
