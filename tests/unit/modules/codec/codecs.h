/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CODECS_H
#define CODECS_H
#include <bellbird/module.h>
extern const struct bb_module mod_ulaw, mod_alaw;
#ifdef TEST_G722
extern const struct bb_module mod_g722;
#endif
#ifdef TEST_RESAMPLE
extern const struct bb_module mod_resample;
#endif
static const struct bb_module *const codec_modules[] = {
	&mod_ulaw,
	&mod_alaw,
#ifdef TEST_G722
	&mod_g722,
#endif
#ifdef TEST_RESAMPLE
	&mod_resample,
#endif
};
#endif
