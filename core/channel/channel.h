/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/channel/channel.h - the inside of channels, for the rooms of the core
 * that work on them: this one, the dial plan and the console.
 *
 * Who owns what:
 * - struct bb_chan and everything in it belongs to core/channel, but for the
 *   parts marked "dial plan": those are kept here, because they live and die
 *   with the channel, and only core/dialplan reads and writes them.
 * - Variables are a list in the channel (.vars); all code about them, their
 *   freeing too (bb_run_ops.vars_free), is the dial plan's.
 * - A run (one execution of dial plan, with its fiber) belongs to the dial
 *   plan; the channel knows it as an opaque pointer and by struct bb_run_ops.
 */
#ifndef BB_CORE_CHANNEL_H
#define BB_CORE_CHANNEL_H

#include <bellbird/bridge.h>
#include <bellbird/chan.h>
#include <bellbird/device.h>
#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/map.h>
#include <bellbird/mem.h>

struct bb_fiber;
struct bb_run; /* the dial plan's */
struct bb_call;

/* --- the run on a channel: core/dialplan fills this in --- */

/**
 * What the dial plan does for channels. All on the control thread.
 */
struct bb_run_ops {
	/**
	 * Begin a run on a channel that has none: look the place up, spawn the
	 * fiber, call bb_chan_run_begin(). Also called for legs that were dialed,
	 * when they are transferred or originated. @p priority unset is "1".
	 * @return -ENOENT with *cause (BB_CAUSE_UNALLOCATED …) when there is no
	 * such place; the story tells why. Nothing has begun then.
	 */
	int (*start)(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
		     struct bb_str priority, unsigned *cause);
	/** The time set by bb_chan_set_deadline() came: go to `T`, or hang up. */
	void (*deadline)(struct bb_chan *ch);
	/** The channel goes: free .vars and .frames. */
	void (*vars_free)(struct bb_chan *ch);
};
/** Once, at start, by core/dialplan. Without it no channel enters the dial plan. */
BB_API void bb_run_ops_set(const struct bb_run_ops *ops);

/** The channel's run begins: the channel is referenced for it and .run set. */
BB_API void bb_chan_run_begin(struct bb_chan *ch, struct bb_run *run);
/**
 * The run has ended, `h` and hangup handlers included: hangs the channel up
 * if it still stands, writes its record, drops the run's reference. The last
 * thing the run does with the channel.
 */
BB_API void bb_chan_run_end(struct bb_chan *ch);
/** The step that runs now, for `core show channels` and records. Copied and cut. */
BB_API void bb_chan_set_step(struct bb_chan *ch, const char *context, const char *exten,
			     unsigned priority, const char *app, struct bb_str data);

/*
 * Interruption. While .interrupt is set every wait on the channel returns
 * -ECANCELED. It is set by a hangup (BB_INT_HANGUP, from far or near) or a
 * redirect, and stays until the run loop takes it: then `h` runs, or the run
 * goes to its new place. A hangup outranks a redirect that was not taken.
 * Once a hangup is taken, waits for media events (bb_wait_event, bb_wait_digit,
 * whatever plays or listens) return -ECANCELED at once because the channel is
 * BB_GONE, while bb_wait, bb_offload and what is built on them work.
 */
enum bb_interrupt { BB_INT_NONE, BB_INT_REDIRECT, BB_INT_HANGUP };
/** Set it (never weaker than it is), and wake whoever waits. */
BB_API void bb_chan_interrupt(struct bb_chan *ch, enum bb_interrupt why);
/** The run loop takes it: returns what it was, and clears it. */
BB_API enum bb_interrupt bb_chan_take_interrupt(struct bb_chan *ch);
/**
 * Take the channel out of whatever consumes its events (a bridge, an inbox),
 * so that a run may begin on it. For bb_chan_redirect() of a leg without run.
 */
BB_API void bb_chan_detach(struct bb_chan *ch);
/** bb_run_ops.start, or -ENOSYS without a dial plan. */
BB_API int bb_chan_run_at(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
			  struct bb_str priority, unsigned *cause);

/* --- events --- */

/** One queued event. Texts stand behind it in the same block. */
struct bb_qevent {
	struct bb_node node;
	uint64_t seq; /**< Order over all channels. */
	struct bb_event ev;
	bool fixed; /**< Part of the channel: never freed. */
};

/**
 * Who consumes a channel's events: an inbox or a bridge. Events are queued in
 * the channel itself, so a hand-over moves them all.
 */
struct bb_consumer {
	/** There is something in @p ch's queue. Only notes it (wakes, posts): never re-enters. */
	void (*ready)(struct bb_consumer *c, struct bb_chan *ch);
	/** @p ch was taken away (bb_chan_detach(), or given to another consumer). */
	void (*gone)(struct bb_consumer *c, struct bb_chan *ch);
};
/** NULL gives the channel back to its own run. */
void bb_chan_set_consumer(struct bb_chan *ch, struct bb_consumer *c);
/** Oldest event, or NULL. The taker frees it with bb_qevent_free(). */
struct bb_qevent *bb_chan_pop_event(struct bb_chan *ch);
void bb_qevent_free(struct bb_qevent *q);
/** Queue for the consumer only; no state changes (bb_chan_emit() does both). */
void bb_chan_queue_event(struct bb_chan *ch, const struct bb_event *ev);

/** A fiber that waits on something; stands in lists while it is parked. */
struct bb_waiter {
	struct bb_node node;
	struct bb_fiber *fiber;
};
/** Park the running fiber until woken, at most until @p until (negative: for ever), listed with @p
 * ch's (may be NULL) waiters and @p more (may be NULL). @return true when time ended it. */
bool bb_waiter_park(struct bb_chan *ch, struct bb_list *more, bb_time until);
void bb_waiters_wake(struct bb_list *waiters);

/* --- the channel --- */

#define BB_CHAN_NAME 96
#define BB_CHAN_EVENTS 64 /* queued at most; lifecycle events always fit */

struct bb_chan {
	const struct bb_chan_driver *drv;
	struct bb_use use; /* holds the driver's module */
	struct bb_self *self;
	void *pvt;
	struct bb_node node; /* live channels, by age */
	struct bb_node call_node; /* legs of .call */
	struct bb_map_node by_name, by_id, by_device;
	char name[BB_CHAN_NAME], device[BB_CHAN_NAME], uniqueid[64];
	struct bb_call *call;
	char leg; /* 'A', 'B' … within the call, for stories */

	enum bb_chan_state state;
	bool outgoing, in_driver, driver_told;
	bool held; /* its far end has put us on hold */
	bool finished; /* record written, out of the live list */
	bool hungup, far_hungup; /* ended; the far end did it */
	unsigned cause;
	char why[160]; /* the driver's words for it, or "" */
	enum bb_interrupt interrupt;
	bb_time created, answered, ended; /* bb_now() */
	bb_time wall_created, wall_answered, wall_ended;

	struct bb_party caller, connected;
	char dialed[80]; /* number an incoming leg asked for */
	char language[24], accountcode[40], musicclass[40], userfield[128];
	struct bb_formats formats;
	struct bb_port *ports[BB_MAX_STREAMS];

	struct bb_list events; /* struct bb_qevent */
	struct bb_qevent ev_answered, ev_hangup;
	struct bb_qevent *ev_last; /* lent by bb_wait_event() */
	struct bb_consumer *consumer;
	struct bb_list waiters; /* struct bb_waiter */
	struct bb_bridge *bridge;
	struct bb_chan *guard; /* its interruption counts as ours (a callee that runs U() in the
				  caller's fiber) */
	struct bb_task hangup_task, answer_task;
	struct bb_timer deadline;

	/* where an incoming leg starts; then where its run stands, for the console and records */
	char context[80], exten[80];
	unsigned priority;
	char app[40], appdata[160];

	void *sound; /* what plays to it in the background: core/sound's, ended by bb_sound_drop() */

	/* dial plan */
	struct bb_run *run;
	struct bb_list vars; /* variables, innermost first */
	void *frames; /* Gosub stack, While loops …: as the dial plan likes */
};

#endif
