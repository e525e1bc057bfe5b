/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/story.h - every call keeps its story.
 *
 * A story is a bounded record of what happened on all legs of one call: SIP
 * messages, dial plan steps, media facts, decisions and refusals with their
 * reason. It is cheap: an entry is a time, a kind and a text formatted once.
 * What was refused before it became a channel has a story too, bounded per
 * source address. The console tells them: `call show`, `call ladder`.
 */
#ifndef BB_STORY_H
#define BB_STORY_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

struct bb_chan;
struct bb_story;

enum bb_story_kind {
	BB_STORY_MESSAGE, /**< A protocol message on the wire; has a direction and a peer.  */
	BB_STORY_STEP, /**< A dial plan priority with its evaluated arguments.           */
	BB_STORY_MATCH, /**< Why an extension matched.                                    */
	BB_STORY_MEDIA, /**< Codecs chosen, latching, loss, timeouts.                     */
	BB_STORY_BRIDGE, /**< Joined, left, technique changed.                             */
	BB_STORY_DECISION, /**< Something was chosen, and why.                               */
	BB_STORY_REFUSAL, /**< Something was refused, and why.                              */
	BB_STORY_STATE /**< Ringing, answered, held …                                    */
};
enum bb_story_dir { BB_STORY_NONE, BB_STORY_IN, BB_STORY_OUT };

/** Add to the story of the channel's call. @p ch may be NULL (nothing happens). */
BB_API void bb_story(struct bb_chan *ch, enum bb_story_kind kind, const char *fmt, ...)
	BB_PRINTF(3, 4);
/** A message: @p summary is "INVITE" or "200 OK (INVITE)", @p peer the far address; @p raw (may be
 * unset) is kept as far as the bound allows. */
BB_API void bb_story_message(struct bb_story *s, const char *leg, enum bb_story_dir dir,
			     const char *peer, const char *summary, struct bb_str raw);
BB_API void bb_story_add(struct bb_story *s, const char *leg, enum bb_story_kind kind,
			 const char *fmt, ...) BB_PRINTF(4, 5);
/** The story of the channel's call, not held. */
BB_API struct bb_story *bb_chan_story(struct bb_chan *ch);

/**
 * A story that begins before there is a channel (a request that may be
 * refused). @p source limits how many are kept of one address. Give it to
 * bb_chan_new() when the request becomes a channel, or end it.
 * @return NULL when not kept (over the limit); all functions take NULL.
 */
BB_API struct bb_story *bb_story_open(const char *source, const char *title);
/**
 * Why it ended, in plain words ("the password of 101 was wrong"), and the
 * Q.850 cause. The first reason given stays. For calls the core gives one at
 * the last hangup when nobody has.
 */
BB_API void bb_story_reason(struct bb_story *s, unsigned cause, const char *fmt, ...)
	BB_PRINTF(3, 4);
/** The same for a channel's call; a later leg's reason does not replace an earlier one. */
BB_API void bb_chan_reason(struct bb_chan *ch, unsigned cause, const char *fmt, ...)
	BB_PRINTF(3, 4);
/** Finished without ever having a channel: it moves to the kept ones. */
BB_API void bb_story_close(struct bb_story *s);

BB_END_DECLS
#endif
