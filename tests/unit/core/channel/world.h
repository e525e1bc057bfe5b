/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The world that the tests of channels live in: a simulated clock, the whole
 * core, the driver for tests, a dial plan, and the call-control applications.
 */
#ifndef CHANNEL_WORLD_H
#define CHANNEL_WORLD_H

#include <check.h>

#include "core/channel/channel.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "tests/modules/chan_test.h"

/** @p extensions is the text of extensions.conf; @p features that of features.conf or NULL. */
void world_open(const char *extensions, const char *features);
/** Everything ends; what a call left behind fails the test. */
void world_close(void);
/** Run @p fn in a fiber and the world until it has ended. */
void world_run(void (*fn)(void *arg), void *arg);
/** Start a fiber without waiting for it. */
void world_fork(void (*fn)(void *arg), void *arg);
/** Ring in: an incoming leg that enters the dial plan. Its reference is dropped. */
struct bb_chan *world_call(const char *name, const char *exten);
void world_ms(unsigned ms);
/** A variable as text; valid until the next call. */
const char *world_var(struct bb_chan *ch, const char *name);
/** What the application Note(name=value) of the dial plan said last of this name; "" nothing. */
const char *world_note(const char *name);
/** Why the newest ended call ended. */
const char *world_why(void);
/** The newest ended call. */
struct bb_call *world_last(void);
/** Call records that were written, in order. */
struct world_record {
	bool whole;
	char channel[96], dstchannel[96], disposition[24], lastapp[40], src[80], dst[80];
	char reason[240];
	int64_t duration, billsec;
};
unsigned world_records(void);
const struct world_record *world_record(unsigned i);
/** True when @p text is in the log of the driver. */
bool logged(const char *text);

TCase *tests_events(void);
TCase *tests_waits(void);
TCase *tests_dial(void);
TCase *tests_bridge(void);
TCase *tests_story(void);
TCase *tests_local(void);
TCase *tests_oom(void);

#endif
