/* SPDX-License-Identifier: BSD-3-Clause */
/* dial.h - Dial() in parts: what was asked, the ringing, the talk, its limit. */
#ifndef APP_DIAL_H
#define APP_DIAL_H

#include <bellbird/app.h>
#include <bellbird/bridge.h>
#include <bellbird/dial.h>
#include <bellbird/loop.h>
#include <bellbird/mem.h>

struct dial_args {
	struct bb_strlist destinations;
	bb_time timeout; /* 0: none */
	struct bb_opts options;
	struct bb_str url;
};

/* L(total[:warn_at[:repeat]]) and S(total) */
struct limit {
	bb_time total, warn_at, repeat;
	bool warn_caller, warn_callee;
	char warning[160];
	struct bb_chan *caller, *callee;
	struct bb_bridge *bridge;
	bb_time ends;
	struct bb_timer end, warn;
};

/* @return -EINVAL for an unreadable L() or S(). */
int limit_parse(struct limit *l, struct bb_chan *ch, const struct bb_opts *o);
void limit_begin(struct limit *l, struct bb_bridge *b, struct bb_chan *caller,
		 struct bb_chan *callee);
void limit_end(struct limit *l);

/* "[[context^]exten^]priority[(arg^arg)]" of an option becomes a Gosub target. NULL without memory.
 */
const char *sub_target(struct bb_arena *a, struct bb_str text);

int dial_run(struct bb_chan *ch, const void *args);

#endif
