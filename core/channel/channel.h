/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/channel/channel.h - the inside of channels, for the rooms of the core
 * that work on them: this one, the dial plan and the console.
 *
 * Who owns what:
 * - struct bb_chan and everything in it belongs to core/channel, but for the
 *   parts marked "dial plan": those are kept here, because they live and die
 *   with the channel, and only core/dialplan reads and writes them.
 * - Variables are a list in the channel (.vars), kept by vars.c; what a name
 *   means (functions, predefined ones, substitution) is the dial plan's.
 * - A run (one execution of dial plan, with its fiber) belongs to the dial
 *   plan; the channel knows it as an opaque pointer and by struct bb_run_ops.
 */
#ifndef BB_CORE_CHANNEL_H
#define BB_CORE_CHANNEL_H

#include <bellbird/bridge.h>
#include <bellbird/cdr.h>
#include <bellbird/chan.h>
#include <bellbird/device.h>
#include <bellbird/dial.h>
#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/map.h>
#include <bellbird/mem.h>
#include <bellbird/story.h>

struct bb_fiber;
struct bb_run; /* the dial plan's */
struct bb_call;

/* --- the room (channel.c) --- */

/** Adds the room to the registry (features.conf, console commands). Once, after
 * bb_registry_init(). */
BB_API int bb_channel_init(void);
/** Forget the kept calls. After the modules have stopped. */
BB_API void bb_channel_close(void);

/* commands.c, cmd_channels.c, cmd_calls.c */
struct bb_out;
extern const struct bb_provide bb_channel_provides[];
int bb_channel_completers(void);
void bb_channel_complete(struct bb_out *o, struct bb_str word);

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
	/** The channel goes: free .frames. */
	void (*frames_free)(struct bb_chan *ch);
	/** A channel that had no run of its own has ended. When it has hangup handlers, run them in
	 * a fiber between bb_chan_run_begin() and bb_chan_run_end(). @return false: nothing to do.
	 * May be NULL. */
	bool (*ended)(struct bb_chan *ch);
};
/** Once, at start, by core/dialplan. Without it no channel enters the dial plan. */
BB_API void bb_run_ops_set(const struct bb_run_ops *ops);
const struct bb_run_ops *bb_run_ops_get(void);

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
	/** bb_chan_detach(): let go of @p ch. */
	void (*detach)(struct bb_consumer *c, struct bb_chan *ch);
	struct bb_list chans; /* bb_chan.consumer_node, each held */
};
/** Take the channel over from whoever has it; NULL gives it back to its own run. */
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
/**
 * Park the running fiber, listed with the waiters of @p ch and its guard (may
 * be NULL) and in @p more (may be NULL), until woken or until @p until
 * (monotonic; negative: for ever). @return true when time ended it.
 */
bool bb_waiter_park(struct bb_chan *ch, struct bb_list *more, bb_time until);
void bb_waiters_wake(struct bb_list *waiters);
/** What a wait of an interrupted channel ends with: @return -ECANCELED. Takes time from a flow that
 * does not heed it. */
int bb_chan_canceled(struct bb_chan *ch);
/** Whose interruption counts as @p ch's too; NULL nobody's. Held. */
void bb_chan_set_guard(struct bb_chan *ch, struct bb_chan *guard);

/* --- text.c: texts that are never NULL, and take no memory while they are empty --- */

void bb_text_init(char **texts, size_t n);
void bb_text_free(char **texts, size_t n);
/** Keep the first @p most bytes of @p s, which may be of the text itself; without memory none. */
void bb_text_set(char **text, size_t most, struct bb_str s);

/* --- the channel --- */

#define BB_CHAN_NAME 96
#define BB_CHAN_APPDATA 159 /* bytes of an application's arguments that are shown */
#define BB_CHAN_EVENTS 64 /* queued at most; lifecycle events always fit */
#define BB_CHAN_MAX_DEPTH 32 /* legs made for legs: what calls itself must end */

struct bb_chan {
	const struct bb_chan_driver *drv;
	struct bb_use use; /* holds the driver's module */
	struct bb_self *self;
	void *pvt;
	struct bb_node node; /* live channels, by age */
	struct bb_node call_node; /* legs of .call */
	struct bb_map_node by_name, by_id, by_device;
	char *names; /* holds the four that follow */
	const char *name, *device, *uniqueid;
	const char *canonical; /* .device by its driver's .tech */
	struct bb_call *call;

	enum bb_chan_state state;
	bool outgoing, in_driver, driver_told, answering;
	bool reached; /* something at the far end reacted at all */
	unsigned forwards; /* redirections that led here; children begin with their parent's */
	bool ran; /* dial plan ran on it, or its hangup handlers */
	unsigned depth; /* of the leg that it was made for, and one */
	unsigned hops; /* see bb_chan_hops(); children have their parent's */
	bool held; /* its far end has put us on hold */
	bool finished; /* record written, out of the live list */
	bool hungup, far_hungup; /* ended; the far end did it */
	bool transferred_away; /* it ends since it has sent its peer elsewhere: the call goes on */
	unsigned cause;
	enum bb_interrupt interrupt;
	unsigned interrupts; /* set so far: a wait sees one that was taken meanwhile */
	unsigned deaf; /* canceled waits since the step began */
	bb_time created, answered, ended; /* bb_now() */
	bb_time wall_created, wall_answered, wall_ended;

	struct bb_party caller, connected;
	char dialed[80]; /* number an incoming leg asked for */
	char language[24], musicclass[40];
	union {
		struct {
			char *why; /* the driver's words for the cause, or "" */
			char *accountcode, *userfield;
			char *appdata; /* of .app */
			char *peer; /* whom it was bridged with last */
		};
		char *texts[5];
	};
	struct bb_formats formats;
	struct bb_port *ports[BB_MAX_STREAMS];

	struct bb_list events; /* struct bb_qevent */
	struct bb_qevent ev_answered, ev_hangup;
	struct bb_qevent *ev_last; /* lent by bb_wait_event() */
	struct bb_consumer *consumer; /* NULL: its own run */
	struct bb_node consumer_node;
	struct bb_list waiters; /* struct bb_waiter */
	struct bb_bridge *bridge;
	struct bb_member *member; /* of .bridge */
	struct bb_chan *guard; /* its interruption counts as ours (a callee that runs U() in the
				  caller's fiber) */
	struct bb_task hangup_task;
	struct bb_timer deadline;

	/* where an incoming leg starts; then where its run stands, for the console and records */
	char context[80], exten[80];
	unsigned priority;
	char app[40];

	void *sound; /* what plays to it in the background: core/sound's, ended by bb_chan_silence()
		      */

	struct bb_list vars; /* struct bb_var, innermost first */

	/* dial plan */
	struct bb_run *run;
	void *frames; /* Gosub stack, While loops …: as the dial plan likes */
};

/* --- chan.c, driver.c --- */

/** Call a driver's function with .in_driver set around it. */
#define bb_chan_drive(ch, expr)                                                                    \
	({                                                                                         \
		bool drive_was = (ch)->in_driver;                                                  \
		int drive_err;                                                                     \
                                                                                                   \
		(ch)->in_driver = true;                                                            \
		drive_err = (expr);                                                                \
		(ch)->in_driver = drive_was;                                                       \
		drive_err;                                                                         \
	})

/** The driver of "SIP" or an alias, held. NULL: nobody has it. */
const struct bb_chan_driver *bb_driver_find(struct bb_str tech, struct bb_use *use);
/** One spelling of a device's technology: its driver's .tech ("PJSIP/x" is "SIP/x"). @return dst.
 */
char *bb_device_canonical(struct bb_str device, char dst[BB_CHAN_NAME]);
void bb_chan_set_state(struct bb_chan *ch, enum bb_chan_state state);
/** Facts for the bus: topic "channel.…" with channel, uniqueid, linkedid and what is given. */
void bb_chan_publish(struct bb_chan *ch, const char *topic, const char *name, const char *value);
/** Channels by canonical device. */
struct bb_chan *bb_chan_of_device(const char *device, struct bb_chan *prev);
/** Take it from the live list and its maps. */
void bb_chan_unlist(struct bb_chan *ch);
/** Its port was taken, or came: the bridge plugs anew. */
void bb_bridge_port_changed(struct bb_chan *ch, struct bb_port *old);
/** The driver said that the far end has gone. */
void bb_chan_far_hangup(struct bb_chan *ch, unsigned cause, struct bb_str why);
/** Hung up and no run left: its record is written, it leaves the live list. */
void bb_chan_finish(struct bb_chan *ch);

/* --- vars.c: variables as they are kept; their language is the dial plan's --- */

struct bb_var {
	struct bb_node node;
	struct bb_str value; /* terminated; in the same block */
	size_t room; /* bytes that a value set in its place may have */
	unsigned frame; /* subroutine depth it is local to; 0 is the channel's own */
	unsigned char inherit; /* underscores it was set with: 0, 1, 2 */
	char name[];
};
/** A scope is a list of struct bb_var, newest first. */
BB_API struct bb_var *bb_vars_find(const struct bb_list *v, struct bb_str name);
/** Replace, or add in front; an unset value removes. @return 0 or -ENOMEM. */
BB_API int bb_vars_set(struct bb_list *v, struct bb_str name, unsigned inherit,
		       struct bb_str value);
/** A local of a subroutine, shadowing what stood before. */
BB_API int bb_vars_push(struct bb_list *v, struct bb_str name, struct bb_str value, unsigned frame);
/** Locals of this frame and deeper ones disappear. */
BB_API void bb_vars_pop(struct bb_list *v, unsigned frame);
BB_API void bb_vars_clear(struct bb_list *v);
/** The globals, shared by all plans. */
BB_API struct bb_list *bb_globals(void);
/** The value of a plain variable, the channel's or global; valid until it is set. Unset: none. */
struct bb_str bb_vars_get(const struct bb_chan *ch, const char *name);

/* --- call.c, records.c, why.c --- */

/** All legs that were ever connected with one another. Counted. */
struct bb_call {
	struct bb_node node; /* live, ended and kept, or refused; oldest first */
	struct bb_list legs; /* bb_chan.call_node, until the leg is finished */
	struct bb_list absorbed; /* struct bb_call.node: younger calls that it took in, held */
	struct bb_call *into; /* the older call that took this one in */
	struct bb_story *story;
	char linkedid[64];
	union {
		struct {
			char *first, *second; /* names of its first two legs */
			char *src, *clid, *dst, *context, *accountcode;
			char *lastapp, *lastdata, *userfield, *codec;
			char *hint; /* how the last Dial failed; "": none did */
			/* of the leg whose end ended it */
			char *end_name, *end_why, *end_app, *end_context, *end_exten;
		};
		char *texts[17];
	};
	uint64_t number; /* for people: `call show 12` */
	char tag[24]; /* "C-0000000c": the number as it stands in log lines */
	size_t weight; /* bytes it counted when it was kept */
	bb_time wall_created, wall_answered, wall_ended;
	unsigned n_legs; /* ever */
	unsigned cause;
	unsigned repeats; /* refused ones of the same source that were not kept */
	bool talked; /* two legs were bridged and up */
	bool ended, refused;
	unsigned hint_cause;
	uint32_t hint_seq;
	struct {
		bool set, far, answered;
		unsigned cause, priority;
		bb_time at, answered_at;
		uint32_t seq;
	} ender; /* the leg whose end ended it */
};
int bb_call_new(struct bb_call **cp, struct bb_chan *first, struct bb_story *story);
struct bb_call *bb_call_ref(struct bb_call *c);
void bb_call_unref(struct bb_call *c);
void bb_call_add(struct bb_call *c, struct bb_chan *ch);
/** Two legs' calls become one; the older linked id wins. */
void bb_call_merge(struct bb_chan *a, struct bb_chan *b);
/** Stamp the log lines of this flow with the channel's call; NULL with none. */
void bb_chan_log_as(const struct bb_chan *ch);
/** A leg has been hung up: remember who ended it. */
void bb_call_leg_hungup(struct bb_chan *ch);
/** A leg is finished: its record; after the last one the call's. */
void bb_call_leg_finished(struct bb_chan *ch);
/** Why nobody answered, for the case that the call ends so. The newest stays. */
void bb_call_hint(struct bb_chan *ch, unsigned cause, const char *fmt, ...) BB_PRINTF(3, 4);
/** Keep a story that never had a channel. Takes the reference. */
void bb_call_keep_refused(struct bb_story *s);
/** Calls, oldest first: live ones, ended and kept ones, refused ones. NULL first. */
enum bb_call_list { BB_CALLS_LIVE, BB_CALLS_KEPT, BB_CALLS_REFUSED };
struct bb_call *bb_call_next(enum bb_call_list list, struct bb_call *prev);
unsigned bb_call_count(void);
/** Calls that ever were, those in progress too. */
uint64_t bb_calls_processed(void);
/** By number, linked id, an absorbed one, unique id or channel name. Not held. */
struct bb_call *bb_call_find(struct bb_str id);
/** Hang up all legs of the call that bb_call_find() finds. */
void bb_call_end(const char *id, const char *why);
/** The bound of what is kept; forgets everything with 0. */
void bb_call_keep(unsigned calls, size_t bytes);
/** Show in `core show memory` what is kept. */
void bb_call_gauge(void);
/** Give the call its reason, unless somebody has. */
void bb_call_explain(struct bb_call *c);
/** "name" <number>, or the number alone. @return dst */
const char *bb_clid_text(const struct bb_party *p, char dst[BB_CLID_SIZE]);
void bb_record_leg(struct bb_chan *ch);
void bb_record_call(struct bb_call *c);
/** ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION. */
const char *bb_disposition(bool answered, unsigned cause);

/* --- bridge.c, bridge_tech.c, bridge_events.c --- */

#define BB_FEATURE_DIGITS 11

struct bb_member {
	struct bb_node node;
	struct bb_bridge *bridge; /* held */
	struct bb_chan *ch; /* held by .consumer_node, or .away */
	char features[8], transfer_context[80];
	bool pass_dtmf, ends_bridge, hold_music;
	bool plugged; /* joined in the technique, with this port: */
	struct bb_port *port;
	const struct bb_format *rx, *tx; /* of .port when it was plugged */
	bool music; /* hears music because another one holds */
	bool away; /* a feature talks with it: its events are not ours now */
	/* digits that may become a feature code */
	char digits[BB_FEATURE_DIGITS + 1];
	unsigned digit_ms[BB_FEATURE_DIGITS + 1]; /* how long each was held */
	unsigned n_digits;
	struct bb_timer digit_timer;
};

struct bb_bridge {
	struct bb_consumer consumer;
	struct bb_node node; /* all bridges */
	struct bb_list members;
	struct bb_list waiters; /* of bb_bridge_wait() */
	char id[40], name[40];
	bb_time created;
	const struct bb_bridge_tech *tech; /* NULL: fewer than two with media, or nothing fits */
	struct bb_use use;
	void *state;
	struct bb_task task;
	bool task_held;
	bool updating, update_again;
	bool dissolving;
	unsigned end_cause;
	bool (*on_digit)(struct bb_bridge *b, struct bb_chan *from, char digit, void *arg);
	void *on_digit_arg;
};

/** Choose the technique for the members as they are, and plug all that can be. */
void bb_bridge_choose(struct bb_bridge *b);
void bb_bridge_plug(struct bb_bridge *b, struct bb_member *m);
void bb_bridge_unplug(struct bb_bridge *b, struct bb_member *m);
/** Take and handle all that members have queued. */
void bb_bridge_events(struct bb_bridge *b);
/** Start and stop music for members whose partners hold. */
void bb_bridge_music(struct bb_bridge *b);
void bb_bridge_pass_digit(struct bb_bridge *b, struct bb_chan *from, char digit, unsigned ms);
/** It leaves: no feature goes on with it. */
void bb_member_features_leave(struct bb_member *m);
/** Begin or end the music that a member hears in place of the others; not when it does already. */
void bb_member_music(struct bb_member *m, bool on);

/** What members may do with their keys: core/features fills this in, once, at start. */
struct bb_feature_ops {
	/** A member's digit: true when it is kept for a feature code, or was one. */
	bool (*digit)(struct bb_member *m, char digit, unsigned ms);
	/** It leaves: forget what was collected. */
	void (*leave)(struct bb_member *m);
	/** The leg itself asked (REFER): send the other one of its bridge to @p target. */
	void (*transfer)(struct bb_member *m, struct bb_str target);
};
BB_API void bb_feature_ops_set(const struct bb_feature_ops *ops);

/** What plays to a leg in the background: core/sound fills this in, once, at start. */
struct bb_sound_ops {
	/** Music on hold of a class ("" the channel's). */
	int (*music)(struct bb_chan *ch, struct bb_str musicclass);
	void (*music_stop)(struct bb_chan *ch);
	/** The leg ends, or its media end goes: whatever plays stops. */
	void (*drop)(struct bb_chan *ch);
};
BB_API void bb_sound_ops_set(const struct bb_sound_ops *ops);
/** bb_sound_ops.drop, if there is somebody who plays. */
void bb_chan_silence(struct bb_chan *ch);

/* --- dial.c, dial_run.c --- */

#define BB_DIAL_MAX_LEGS 64
#define BB_DIAL_MAX_REDIRECTS 5 /* followed one after another (3xx that point at each other) */

struct bb_dial_leg {
	struct bb_node node;
	struct bb_chan *ch; /* held */
	bool started;
};

struct bb_dial {
	struct bb_chan *caller; /* held, or NULL */
	const struct bb_dial_hooks *hooks;
	void *arg;
	struct bb_list legs; /* struct bb_dial_leg: not failed yet */
	struct bb_inbox *inbox;
	struct bb_party party;
	bool party_set, rang;
	struct bb_dial_leg *early; /* whose early media the caller hears */
	struct bb_port *early_port;
	unsigned tried, redirects;
	unsigned busy, congestion, unavailable, silent; /* legs that failed, by kind */
	unsigned busy_cause, congestion_cause, unavailable_cause, silent_cause;
	enum bb_dial_status status;
	unsigned cause;
};
void bb_dial_leg_free(struct bb_dial *d, struct bb_dial_leg *leg);
/** Hang up and forget all legs that are left. */
void bb_dial_drop_legs(struct bb_dial *d, unsigned cause);
void bb_dial_failed(struct bb_dial *d, unsigned cause);
/** Status and cause when every leg has failed. */
void bb_dial_conclude(struct bb_dial *d);
void bb_dial_early_end(struct bb_dial *d);

/* --- device.c --- */

void bb_device_channel_changed(struct bb_chan *ch);
void bb_device_forget(void);

/* --- story.c --- */

struct bb_story_options {
	int64_t entries; /* a story */
	int64_t text, raw; /* bytes of a story */
	int64_t kept; /* ended calls */
	int64_t kept_bytes;
	int64_t refused, per_source; /* stories without channel */
};
void bb_story_set_options(const struct bb_story_options *opt);
const struct bb_story_options *bb_story_options(void);
struct bb_story *bb_story_new(void);
struct bb_story *bb_story_ref(struct bb_story *s);
void bb_story_unref(struct bb_story *s);
/** The entries of @p from are told with those of @p into, and new ones go there. Takes the
 * reference of @p from. */
void bb_story_join(struct bb_story *into, struct bb_story *from);
/** Of bb_story_open() alone: say whose it is; it is no longer one that is open. */
int bb_story_name(struct bb_story *s, const char *source, const char *title);
bool bb_story_take_opened(struct bb_story *s);
/** The request became a channel: it no longer counts against its source. */
void bb_story_opened_done(struct bb_story *s);
/** "" while there is none. */
const char *bb_story_why(const struct bb_story *s);
unsigned bb_story_cause(const struct bb_story *s);
const char *bb_story_source(const struct bb_story *s);
const char *bb_story_title(const struct bb_story *s);
bb_time bb_story_began(const struct bb_story *s);
/** Bytes it takes, with what it took in. */
size_t bb_story_size(const struct bb_story *s);
/** Entries that the bounds cost. */
unsigned bb_story_dropped(const struct bb_story *s);

struct bb_story_entry {
	bb_time at; /* bb_wall() */
	uint32_t seq;
	enum bb_story_kind kind;
	enum bb_story_dir dir;
	const char *leg, *text, *peer; /* "" without */
	struct bb_str raw; /* empty when not kept */
	bool decisive; /* it says why the call ended */
};
/** All entries in order of time, in a block that bb_free() frees; texts live with the story. */
int bb_story_entries(const struct bb_story *s, struct bb_story_entry **ep, size_t *n);
/** The same without states that a message beside them says already: "is ringing" after a 180. */
int bb_story_telling(const struct bb_story *s, struct bb_story_entry **ep, size_t *n);
/** Number of the newest entry of all stories. */
uint32_t bb_story_seq(void);
/** Entry @p seq, or what is before it, is why the call ended. Else: the one before the reason. */
void bb_story_decided(struct bb_story *s, uint32_t seq);
/** Draw it, times counted from @p began, for a terminal of @p width columns (ladder.c). */
int bb_story_ladder(const struct bb_story *s, bb_time began, unsigned width, struct bb_buf *out);

#endif
