/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/media_core.h - starting and stopping the media engine.
 *
 * The engine is a few threads, each with its own descriptors and ports. The
 * control thread sends them commands and hears events back; nothing is
 * shared. In simulation there is one such "thread" that runs inline on the
 * control thread and on the virtual clock.
 */
#ifndef BB_CORE_MEDIA_H
#define BB_CORE_MEDIA_H

#include <bellbird/port.h>

/**
 * Start @p threads media threads (0: one a processor). After bb_loop_init();
 * the registry may be empty yet.
 */
BB_API int bb_media_init(unsigned threads, bool simulate);

/** End the threads and free everything. @return ports that were still open. */
BB_API unsigned bb_media_close(void);

/**
 * Call @p done on the control thread once every media thread has ended the
 * turn it was in: none is inside code that it entered before this call. What
 * the unloading of a module waits for. @return -ENOMEM; then done is not called.
 */
BB_API int bb_media_barrier(void (*done)(void *arg), void *arg);

struct bb_media_stats {
	unsigned threads;
	size_t ports; /**< Open, or closed and not yet let go.                         */
	size_t links; /**< Connections and taps that are in place.                     */
	uint64_t commands, spilled; /**< Commands sent; those that found the ring full. */
	uint64_t events, events_lost; /**< Lost: no memory or more than the bound.     */
	uint64_t wakes; /**< Times that a sleeping thread was woken for commands.         */
	size_t sockets; /**< Open, or closed and not yet let go.                       */
	uint64_t sockets_opened;
	uint64_t frames_dropped; /**< By translation: wrong format, too large, or late.  */
};
BB_API void bb_media_stats(struct bb_media_stats *st);
/** One thread's part: ports living there. */
BB_API unsigned bb_media_thread_ports(unsigned thread);

/** The cheapest way from one format to another; an element a step. */
#define BB_MAX_STEPS 8
struct bb_path_step {
	const struct bb_format *from, *to;
	unsigned cost; /**< Microseconds for a second of audio. */
	const char *module;
};
/** @return the number of steps (0 for equal formats), or -ENOTSUP. */
BB_API int bb_media_path(const struct bb_format *from, const struct bb_format *to,
			 struct bb_path_step steps[BB_MAX_STEPS]);
/** True when frames of @p from can become frames of @p to. */
BB_API bool bb_media_can(const struct bb_format *from, const struct bb_format *to);

/** Simulation: read every watched descriptor now, as a tick does. */
BB_API void bb_media_sim_poll(void);

#endif
