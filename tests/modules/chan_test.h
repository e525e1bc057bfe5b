/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_test.h - a channel driver for tests. The far ends are scripts: what
 * they do when they are called, and when. Everything that the core asks of a
 * channel is written to a log that tests compare.
 *
 *   chan_test_far("bob", "ring 100, answer 2000, hangup 9000 16");
 *   Dial(TEST/bob)
 *
 * Actions, each with its time in milliseconds after dialing: try, ring,
 * progress, answer, media, busy, hangup CAUSE, redirect TARGET, digit X, hold,
 * unhold. A far end without a script does nothing; "refuse ERRNO CAUSE" makes
 * its .request fail. Link it into a test program, and give chan_test_module
 * to bb_static_module_add().
 */
#ifndef CHAN_TEST_H
#define CHAN_TEST_H

#include <bellbird/bridge.h>
#include <bellbird/device.h>

extern const struct bb_module chan_test_module;

/** Say what the far end "TEST/name" does. Replaces; the texts are copied. */
void chan_test_far(const char *name, const char *script);
/** It carries these formats ("ta", "tb"): a port is made when media is there. "" none. */
void chan_test_formats(const char *name, const char *formats);
/** Forget all scripts and the log. */
void chan_test_reset(void);
/** "bob request, bob dial, bob hangup 16, …" so far. */
const char *chan_test_log(void);
void chan_test_log_clear(void);
/** An incoming leg "TEST/name" at a place of the dial plan; held for the caller. */
struct bb_chan *chan_test_incoming(const char *name, const char *context, const char *exten);
/** The latest channel of that far end, not held; NULL without. */
struct bb_chan *chan_test_last(const char *name);
/** It sends this now. */
void chan_test_emit(struct bb_chan *ch, enum bb_event_type type);
void chan_test_digits(struct bb_chan *ch, const char *digits);
void chan_test_hangup(struct bb_chan *ch, unsigned cause, const char *why);

#endif
