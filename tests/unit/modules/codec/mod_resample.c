/* SPDX-License-Identifier: BSD-3-Clause */
/* The module as a static one, under a name of its own. */
#define bb_module mod_resample
#include "modules/codec/codec_resample.c"
