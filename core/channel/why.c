/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a call ended, in plain words. Who knows better has said so already
 * (bb_chan_reason()); this is for the rest: somebody hung up, nobody
 * answered, or the dial plan came to its end.
 */
#include <stdio.h>

#include "core/channel/channel.h"

static void spoken(const struct bb_call *c, char *dst, size_t cap)
{
	long long s = (c->ender.at - c->ender.answered_at) / BB_SEC;

	dst[0] = '\0';
	if (!c->talked || !c->ender.answered)
		return;
	if (!s)
		snprintf(dst, cap, " after less than a second");
	else
		snprintf(dst, cap, " after %lld second%s", s, s == 1 ? "" : "s");
}

static void by_far_end(struct bb_call *c)
{
	char after[48];

	spoken(c, after, sizeof(after));
	if (c->end_why[0] && c->ender.cause != BB_CAUSE_NORMAL)
		bb_story_reason(c->story, c->ender.cause, "%s ended%s: %s", c->end_name, after,
				c->end_why);
	else if (!c->ender.answered)
		bb_story_reason(c->story, c->ender.cause,
				"the caller (%s) hung up before anybody answered", c->end_name);
	else
		bb_story_reason(c->story, c->ender.cause, "%s hung up%s", c->end_name, after);
	bb_story_decided(c->story, c->ender.seq);
}

static void by_us(struct bb_call *c)
{
	char after[48];

	if (c->hint[0] && !c->talked) {
		bb_story_reason(c->story, c->hint_cause, "%s", c->hint);
		bb_story_decided(c->story, c->hint_seq);
		return;
	}
	spoken(c, after, sizeof(after));
	if (c->end_app[0])
		bb_story_reason(c->story, c->ender.cause,
				"the dial plan ended the call%s, in %s of %s@%s:%u", after,
				c->end_app, c->end_exten, c->end_context, c->ender.priority);
	else
		bb_story_reason(c->story, c->ender.cause, "%s was hung up by the PBX%s (%s)",
				c->end_name, after, bb_cause_name(c->ender.cause));
	bb_story_decided(c->story, c->ender.seq);
}

void bb_call_explain(struct bb_call *c)
{
	if (bb_story_why(c->story)[0])
		return;
	if (c->ender.set && c->ender.far)
		by_far_end(c);
	else if (c->ender.set)
		by_us(c);
	else if (c->hint[0])
		bb_story_reason(c->story, c->hint_cause, "%s", c->hint);
	else
		bb_story_reason(c->story, c->cause, "all legs have ended (%s)",
				bb_cause_name(c->cause));
}
