/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rooms of the core, in the order in which they begin.
 */
#include "core/init.h"

#include "core/channel/channel.h"
#include "core/console/console.h"
#include "core/media/media_core.h"
#include "core/registry/registry.h"
#include "core/store/store_core.h"

/* Rooms that are not in every build of the tests' programs. */
#define OPTIONAL __attribute__((weak))
OPTIONAL int bb_sound_init(void);
OPTIONAL void bb_sound_close(void);

char *bb_socket_path(void)
{
	return bb_sprintf("%s/bellbird.ctl", bb_path("astrundir"));
}
