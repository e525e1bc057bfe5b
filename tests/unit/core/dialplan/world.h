/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DIALPLAN_WORLD_H
#define DIALPLAN_WORLD_H

#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "dialplan_test.h"

/** The whole core with this extensions.conf and the modules of modules/app and modules/func. */
void world_open(const char *extensions);
void world_write(const char *extensions);
/** All legs have gone and left nothing. */
void world_close(void);
/** A leg that would start at exten@main, with the caller's reference. */
struct bb_chan *world_leg(const char *exten, const char *number);
/** A call to exten@main from 555; NULL when refused. Not held. */
struct bb_chan *world_call(const char *exten);
void world_dial(struct bb_chan *ch, const char *digits);
/** What Trace() noted since the last call began. */
const char *world_trace(void);
/** Call, let half a minute pass, and tell the trace. */
const char *world_said(const char *exten);

#endif
