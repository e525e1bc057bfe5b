/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz.h - a fuzz target is one file with LLVMFuzzerTestOneInput(). With
 * --enable-fuzzing libFuzzer drives it; else driver.c is its main(): it
 * replays a corpus folder and then mutates its files with a seeded generator
 * for a short while, so that the ordinary test run covers each target too.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/** Once, before the first input: see quiet.c. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** A target may define this: a further folder of inputs, below the source tree. */
extern const char *const fuzz_also __attribute__((weak));

/** A property that must hold for each input. */
#define FUZZ_ASSERT(cond)                                                                          \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

#endif
