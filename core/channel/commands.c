/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the room offers to the console.
 */
#include "core/channel/channel.h"

const struct bb_provide bb_channel_provides[] = { { 0 } };
