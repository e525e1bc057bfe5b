/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_fiber - memory of fibers that wait, as ten thousand calls in Wait() do:
 * the smallest that the machine allows, and what one costs that called deep
 * functions before it waited.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"

#define FIBERS 2000u

static struct bb_fiber *fibers[FIBERS];
static bool go;

static unsigned long pss_kb(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	unsigned long kb = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "Pss:", 4) == 0)
			kb = strtoul(line + 4, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void waits(void *arg)
{
	(void)arg;
	while (!go)
		bb_fiber_park();
}

static __attribute__((noinline)) unsigned deep(unsigned n)
{
	volatile char frame[1024];

	memset((char *)frame, (int)n, sizeof(frame));
	return n ? deep(n - 1) + (unsigned)frame[n] : (unsigned)frame[0];
}

static void waits_after(void *arg)
{
	/* Never true; the compiler cannot know. */
	if (deep(12) == 0xffffffffu)
		return;
	waits(arg);
}

static void ended(void *arg)
{
	(void)arg;
	bb_loop_stop();
}

static void measure(const char *what, void (*fn)(void *))
{
	unsigned long before = pss_kb();
	struct bb_timer t = { 0 };

	go = false;
	for (unsigned i = 0; i < FIBERS; i++)
		if (bb_fiber_spawn(&fibers[i], "idle", fn, NULL)) {
			fprintf(stderr, "bench_fiber: no fiber\n");
			exit(1);
		}
	/* Long enough for their stacks to be trimmed. */
	bb_timer_set(&t, 4 * BB_SEC, ended, NULL);
	bb_loop_run();
	printf("%-30s %10.1f kB    each of %u\n", what, (double)(pss_kb() - before) / FIBERS,
	       FIBERS);
	go = true;
	for (unsigned i = 0; i < FIBERS; i++)
		bb_fiber_wake(fibers[i]);
	bb_timer_set(&t, 10 * BB_MS, ended, NULL);
	bb_loop_run();
}

int main(void)
{
	if (bb_loop_init(NULL))
		return 1;
	measure("fiber_idle", waits);
	measure("fiber_idle_after_12_kB", waits_after);
	return bb_loop_close() ? 1 : 0;
}
