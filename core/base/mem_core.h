/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/mem_core.h - how much memory there is in all, and what holds it.
 */
#ifndef BB_CORE_MEM_H
#define BB_CORE_MEM_H

#include <bellbird/mem.h>

BB_BEGIN_DECLS

struct bb_mem_stats {
	size_t used; /**< Bytes of living blocks, of all threads and libraries.           */
	size_t idle; /**< Bytes the allocator keeps for later.                            */
};
/**
 * What the allocator of the process has given out. It walks the free lists:
 * not for the control thread. All zero where the C library cannot tell.
 */
BB_API void bb_mem_stats(struct bb_mem_stats *st);
/** Each in turn; NULL first. */
BB_API struct bb_mem_gauge *bb_mem_gauge_next(struct bb_mem_gauge *prev);

BB_END_DECLS
#endif
