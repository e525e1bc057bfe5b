/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/clock.c - what time it is.
 *
 * The control thread lives in the time of its loop turn, so that a turn is one
 * instant and costs one look at the clock; other threads look for themselves.
 */
#include <time.h>

#include <bellbird/loop.h>

static bb_time read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (bb_time)ts.tv_sec * BB_SEC + ts.tv_nsec / 1000;
}

bb_time bb_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

bb_time bb_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}
