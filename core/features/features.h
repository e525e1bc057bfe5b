/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/features/features.h - what is done with calls from above channels, dial
 * plan and sound: feature codes, transfers, announcements, originate.
 *
 * A bridge knows this room by struct bb_feature_ops alone.
 */
#ifndef BB_CORE_FEATURES_H
#define BB_CORE_FEATURES_H

#include "core/channel/channel.h"

/** Adds the room to the registry (features.conf, console commands). After channels, dial plan and
 * sound. */
BB_API int bb_features_init(void);
BB_API void bb_features_close(void);

/** features.conf */
struct bb_features {
	struct bb_str blindxfer, disconnect;
	bb_time digit_timeout, transfer_timeout;
	int64_t attempts;
	struct bb_str xfersound, failsound, retrysound;
};
const struct bb_features *bb_features(void);

/* transfer.c, cmd_send.c */
extern const struct bb_feature_ops bb_transfer_ops;
extern const struct bb_provide bb_features_provides[];

#endif
