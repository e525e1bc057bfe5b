/* SPDX-License-Identifier: BSD-3-Clause */
/* The module as a static one, under a name of its own. */
#define bb_module mod_alaw
#include "modules/codec/codec_alaw.c"
