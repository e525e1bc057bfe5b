/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/translator.h - convert one media format into another.
 */
#ifndef BB_TRANSLATOR_H
#define BB_TRANSLATOR_H

#include <bellbird/media.h>

/**
 * One step of a translation path. The core chains them by measured cost.
 */
struct bb_translator {
	const char *from, *to; /**< "ulaw/8000", "slin/8000".                    */
	unsigned cost; /**< Microseconds for a second of audio; 0: the core measures it. */
	size_t state_size; /**< Zeroed by the core. 0: stateless.            */
	/** Control thread; may allocate. */
	int (*open)(void *state, struct bb_str fmtp);
	/**
	 * Media threads, many at once: all state is in @p state. No file-scope
	 * variables, allocation, locks, waiting or logging.
	 * @param in a lost frame has BB_FRAME_LOST: conceal it, or return -ENODATA.
	 * @param out data and cap are set; fill data, len and samples.
	 */
	int (*run)(void *state, const struct bb_frame *in, struct bb_frame *out);
	void (*close)(void *state);
	struct bb_doc doc;
};

#endif
