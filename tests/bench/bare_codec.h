/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tests/bench/bare_codec.h - what the libraries themselves take for PCMU-G.722:
 * the yardstick of our translation.
 */
#ifndef BARE_CODEC_H
#define BARE_CODEC_H

#include <stdbool.h>

/**
 * Microseconds of this thread for one packet of 20 ms, on average of both ways:
 * mu-law to G.722 and back, for @p calls calls in turn; resampled to 16 kHz and
 * back, or the lower band alone when @p narrow. 0 when a library is missing.
 */
double bare_codec_us(unsigned calls, unsigned rounds, bool narrow);

#endif
