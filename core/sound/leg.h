/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/sound/leg.h - what plays to a leg in the background: one thing at a
 * time, music or tones. It ends with bb_sound_drop(), or when the next begins.
 */
#ifndef BB_CORE_SOUND_LEG_H
#define BB_CORE_SOUND_LEG_H

#include <bellbird/sound.h>

enum bb_leg_what { BB_LEG_MUSIC = 1, BB_LEG_TONES };

struct bb_leg_sound {
	enum bb_leg_what what;
	/** Stop and free (or drop the leg's reference). */
	void (*stop)(struct bb_leg_sound *s);
};

/** It was hung up: what began to play now would have nobody to end it. */
bool bb_leg_gone(const struct bb_chan *ch);
void bb_leg_sound_set(struct bb_chan *ch, struct bb_leg_sound *s);
/** Stop it when it is that. */
void bb_leg_sound_stop(struct bb_chan *ch, enum bb_leg_what what);

#endif
