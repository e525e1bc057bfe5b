/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/random_core.h - seeding the process's generator.
 */
#ifndef BB_CORE_RANDOM_H
#define BB_CORE_RANDOM_H

#include <bellbird/base.h>

/** From now on bb_random() is a reproducible sequence made of @p seed (simulation). */
BB_API void bb_random_seed(uint64_t seed);
/** From now on bb_random() is unpredictable again. */
BB_API void bb_random_unseed(void);

/** What bb_str_hash() is keyed with: chosen once a process. Any thread. */
BB_API uint32_t bb_hash_seed(void);

#endif
