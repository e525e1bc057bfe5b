/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/clock.h - the system's clocks, for the few places that ask them
 * themselves; all others take bb_now() and bb_wall().
 */
#ifndef BB_CORE_CLOCK_H
#define BB_CORE_CLOCK_H

#include <time.h>

#include <bellbird/base.h>

/** Microseconds. Any thread. */
static inline bb_time bb_read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (bb_time)ts.tv_sec * BB_SEC + ts.tv_nsec / 1000;
}

#endif
