/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/chan.h - channels: one leg of a call each, and the drivers that
 * make them.
 *
 * Everything here runs on the control thread; nothing needs a lock. Driver
 * callbacks return at once and are never re-entered: what comes of them is
 * told by bb_chan_emit(). Functions marked "in a fiber" may wait.
 */
#ifndef BB_CHAN_H
#define BB_CHAN_H

#include <bellbird/media.h>
#include <bellbird/story.h>

BB_BEGIN_DECLS

struct bb_chan; /**< Counted; belongs to the core. */
struct bb_port;

enum bb_chan_state {
	BB_DOWN,
	BB_DIALING,
	BB_RING /**< it rings us */,
	BB_RINGING /**< it is ringing */,
	BB_UP,
	BB_GONE
};

enum bb_signal {
	BB_SIG_RINGING = 1,
	BB_SIG_PROGRESS,
	BB_SIG_BUSY,
	BB_SIG_CONGESTION,
	BB_SIG_HOLD,
	BB_SIG_UNHOLD,
	BB_SIG_CONNECTED_LINE
};

/** Q.850 causes in use (ITU-T Q.850 §2.2.7); Asterisk's numbers are the same. */
enum bb_cause {
	BB_CAUSE_NONE = 0,
	BB_CAUSE_UNALLOCATED = 1,
	BB_CAUSE_NO_ROUTE = 3,
	BB_CAUSE_NORMAL = 16,
	BB_CAUSE_BUSY = 17,
	BB_CAUSE_NO_USER_RESPONSE = 18,
	BB_CAUSE_NO_ANSWER = 19,
	BB_CAUSE_SUBSCRIBER_ABSENT = 20,
	BB_CAUSE_REJECTED = 21,
	BB_CAUSE_NUMBER_CHANGED = 22,
	BB_CAUSE_ROUTING_ERROR = 25, /**< It goes in circles. */
	BB_CAUSE_ANSWERED_ELSEWHERE = 26,
	BB_CAUSE_OUT_OF_ORDER = 27,
	BB_CAUSE_INVALID_NUMBER = 28,
	BB_CAUSE_NORMAL_UNSPECIFIED = 31,
	BB_CAUSE_CONGESTION = 34,
	BB_CAUSE_FAILURE = 38,
	BB_CAUSE_TEMPORARY_FAILURE = 41,
	BB_CAUSE_SWITCH_CONGESTION = 42,
	BB_CAUSE_BEARER_NOT_AVAILABLE = 58,
	BB_CAUSE_NOT_IMPLEMENTED = 66, /**< Nobody makes channels of that technology. */
	BB_CAUSE_INCOMPATIBLE = 88,
	BB_CAUSE_RECOVERY_TIMER = 102,
	BB_CAUSE_INTERWORKING = 127
};
BB_API const char *bb_cause_name(unsigned cause);

/** What a driver tells the core. Strings are copied. */
struct bb_event {
	enum bb_event_type {
		BB_EV_RINGING = 1,
		BB_EV_PROGRESS, /**< Early media is there.                          */
		BB_EV_ANSWERED,
		BB_EV_DTMF_BEGIN, /**< .digit                                         */
		BB_EV_DTMF, /**< A whole digit: .digit, .ms                     */
		BB_EV_HOLD,
		BB_EV_UNHOLD,
		BB_EV_TEXT, /**< .text                                          */
		BB_EV_TRANSFER, /**< It asks to send its peer to .text              */
		BB_EV_MEDIA, /**< Its formats or direction changed.              */
		BB_EV_CONNECTED, /**< It says who it is now: .text name, .text2 number */
		BB_EV_REDIRECT, /**< Go to .text instead (3xx), before answer       */
		BB_EV_HANGUP, /**< .cause; .text a reason in plain words or unset */
		BB_EV_WAKE, /**< Nothing; look again.                           */
		BB_EV_TRYING /**< The far end, or what stands before it, reacted at all (any
				 response, 100 too): tells "silent" from "did not answer". */
	} type;
	char digit;
	unsigned ms;
	unsigned cause;
	struct bb_str text, text2;
	struct bb_chan *chan; /**< Set by the core: whose event it is.             */
};

/** What is asked of a driver for an outgoing leg. */
struct bb_chan_request {
	struct bb_str target; /**< "alice" of SIP/alice                                  */
	struct bb_chan *caller; /**< The leg that dials, or NULL                           */
	const struct bb_formats *formats; /**< The caller's, best first: a hint */
};

/**
 * A channel technology. NULL members mean "cannot". Every channel is created
 * with bb_chan_new() and ends with exactly one .hangup and one .destroy.
 */
struct bb_chan_driver {
	const char *tech; /**< "SIP", as in Dial(SIP/alice)                 */
	const char *const *aliases; /**< NULL-ended: "PJSIP"                          */
	size_t pvt_size; /**< Zeroed, lives and dies with the channel      */
	/**
	 * Allocate an outgoing leg (bb_chan_new()), send nothing yet. Several
	 * targets may stand behind one name (forking to contacts): the driver
	 * makes one channel a device it would ring, through @p add, each with
	 * the caller's reference. @return 0, or a negative errno with *cause set
	 * (-ENOENT: nobody of that name, -EHOSTUNREACH: not registered).
	 */
	int (*request)(const struct bb_chan_request *rq, void (*add)(struct bb_chan *ch, void *arg),
		       void *arg, unsigned *cause);
	/** Ring the far end of an outgoing leg. What comes of it is told by events; @return a
	 * negative errno when it cannot even begin (a .hangup follows all the same). */
	int (*dial)(struct bb_chan *ch);
	/** Answer an incoming leg; BB_EV_ANSWERED says when media may flow. */
	int (*answer)(struct bb_chan *ch);
	/** Show the far end that it rings, is held … May be NULL; what must be
	 * heard all the same (Busy's tone) is played by the core. */
	int (*signal)(struct bb_chan *ch, enum bb_signal sig);
	/** Send one digit ("0" to "9", "*", "#", "A" to "D") of @p ms milliseconds. */
	int (*dtmf)(struct bb_chan *ch, char digit, unsigned ms);
	/** Send text, UTF-8. */
	int (*text)(struct bb_chan *ch, struct bb_str text);
	/** Ask the far end to go elsewhere (REFER, or 302 before answer). */
	int (*transfer)(struct bb_chan *ch, struct bb_str target);
	/** Start tearing down. Exactly once, always, however it ended. */
	void (*hangup)(struct bb_chan *ch, unsigned cause);
	/** Last reference gone: free what pvt points at. */
	void (*destroy)(struct bb_chan *ch);
	/** State of a device of this technology: see device.h. */
	int (*device_state)(struct bb_str device);
	/** Facts for CHANNEL(name) and `core show channel` that the core does not know. @return
	 * -ENOENT. */
	int (*get)(struct bb_chan *ch, struct bb_str name, struct bb_buf *out);
	int (*set)(struct bb_chan *ch, struct bb_str name, struct bb_str value);
	struct bb_doc doc;
};

struct bb_party {
	char name[80], number[80];
	bool restricted; /**< Presentation not allowed. */
};

struct bb_chan_params {
	const char *tech; /**< How names begin: "PJSIP"; NULL is the driver's .tech. */
	struct bb_str device; /**< "alice": names become TECH/alice-0000002a             */
	const char *suffix; /**< After the name's number, ";1"; NULL none.                */
	bool outgoing;
	struct bb_str context, exten; /**< Where an incoming one would start.                    */
	const struct bb_party *caller; /**< Of an incoming leg.                                   */
	struct bb_str language, accountcode, musicclass;
	struct bb_story *story; /**< Begun before the channel; ownership passes.           */
	/** How often an incoming call may still be sent on to another system; 0: nobody said. */
	unsigned hops;
	struct bb_chan *parent; /**< Variables are inherited and the story shared.         */
};

/**
 * Make a channel, with one reference of the caller's. @p self is the driver's
 * module, which the channel holds loaded (NULL: nothing to hold).
 * @return -ENOMEM, -EBUSY over the limit (`maxcalls`), -ESHUTDOWN while the
 * module drains, -ELOOP when legs are made for one another without end. The story, when given, is
 * taken unless it fails.
 */
BB_API int bb_chan_new(struct bb_chan **chp, struct bb_self *self, const struct bb_chan_driver *drv,
		       const struct bb_chan_params *params);
BB_API struct bb_chan *bb_chan_ref(struct bb_chan *ch);
BB_API void bb_chan_unref(struct bb_chan *ch);
BB_API void *bb_chan_pvt(const struct bb_chan *ch);
BB_API const struct bb_chan_driver *bb_chan_driver(const struct bb_chan *ch);

/** Tell the channel's one consumer (Dial, bridge or its run). Never re-enters; may be called from
 * driver callbacks. */
BB_API void bb_chan_emit(struct bb_chan *ch, const struct bb_event *ev);
/**
 * Enter the dial plan at the place given in the parameters. @return -ENOENT
 * with *cause when the extension does not exist: the driver refuses with it.
 */
BB_API int bb_chan_run(struct bb_chan *ch, unsigned *cause);

/** True while dial plan runs on the channel (a dialed leg has none until it is sent somewhere). */
BB_API bool bb_chan_running(const struct bb_chan *ch);

/** The media end of stream @p index (0 is audio); the driver keeps ownership and must set NULL
 * before closing it. */
BB_API void bb_chan_set_port(struct bb_chan *ch, unsigned index, struct bb_port *port);
BB_API struct bb_port *bb_chan_port(const struct bb_chan *ch, unsigned index);
/** What the leg can carry, best first: set by the driver from negotiation. */
BB_API void bb_chan_set_formats(struct bb_chan *ch, const struct bb_formats *fs);
BB_API const struct bb_formats *bb_chan_formats(const struct bb_chan *ch);

BB_API const char *bb_chan_name(const struct bb_chan *ch);
BB_API const char *bb_chan_device(const struct bb_chan *ch); /**< "SIP/alice" */
BB_API const char *bb_chan_uniqueid(const struct bb_chan *ch);
BB_API const char *bb_chan_linkedid(const struct bb_chan *ch);
BB_API enum bb_chan_state bb_chan_state(const struct bb_chan *ch);
BB_API const char *bb_chan_state_name(enum bb_chan_state st);
BB_API bool bb_chan_outgoing(const struct bb_chan *ch);
/**
 * How often the call may still be sent on to another system, as its first leg's driver was told: so
 * that a call which comes back to us again and again ends. A driver that sends it on tells the
 * next system one less. 0: nobody said.
 */
BB_API unsigned bb_chan_hops(const struct bb_chan *ch);
BB_API bb_time bb_chan_created(const struct bb_chan *ch); /**< bb_now() */
BB_API bb_time bb_chan_answered(const struct bb_chan *ch); /**< 0: not yet */
BB_API const char *bb_chan_language(const struct bb_chan *ch);
BB_API void bb_chan_set_language(struct bb_chan *ch, struct bb_str lang);
BB_API const char *bb_chan_accountcode(const struct bb_chan *ch);
BB_API void bb_chan_set_accountcode(struct bb_chan *ch, struct bb_str code);
BB_API const char *bb_chan_musicclass(const struct bb_chan *ch);
BB_API void bb_chan_set_musicclass(struct bb_chan *ch, struct bb_str musicclass);
/** Free text for the call record. */
BB_API const char *bb_chan_userfield(const struct bb_chan *ch);
BB_API void bb_chan_set_userfield(struct bb_chan *ch, struct bb_str text);
/** Who is at the far end of this leg / who it is connected to / what was dialed. Writable. */
BB_API struct bb_party *bb_chan_caller(struct bb_chan *ch);
BB_API struct bb_party *bb_chan_connected(struct bb_chan *ch);
BB_API const char *bb_chan_dialed(const struct bb_chan *ch);
/** Live channels, oldest first; NULL first. Not held. */
BB_API struct bb_chan *bb_chan_next(struct bb_chan *prev);
/** By name or unique id; held for the caller. */
BB_API struct bb_chan *bb_chan_find(struct bb_str name);
BB_API unsigned bb_chan_count(void);

/** Answer; waits until media may flow. In a fiber. 0 when already up. */
BB_API int bb_chan_answer(struct bb_chan *ch);
BB_API int bb_chan_signal(struct bb_chan *ch, enum bb_signal sig);
/** Send a digit; returns at once. */
BB_API int bb_chan_send_digit(struct bb_chan *ch, char digit, unsigned ms);
/** Hang up, from anywhere: the driver is told now, the run ends at its next wait. Idempotent. */
BB_API void bb_chan_hangup(struct bb_chan *ch, unsigned cause);
BB_API unsigned bb_chan_cause(const struct bb_chan *ch);
BB_API void bb_chan_set_cause(struct bb_chan *ch, unsigned cause);
/** 0, or -ECANCELED when hung up or sent elsewhere: long loops ask. */
BB_API int bb_chan_check(const struct bb_chan *ch);
/** The variables that a child leg gets: '_' loses its mark, '__' keeps it. @return 0 or -ENOMEM. */
BB_API int bb_var_inherit(struct bb_chan *child, struct bb_chan *parent);
/** All variables with their marks: the two ends of a Local channel. @return 0 or -ENOMEM. */
BB_API int bb_var_copy(struct bb_chan *to, struct bb_chan *from);
/** Hang up at this monotonic time (TIMEOUT(absolute)); 0 never. */
BB_API void bb_chan_set_deadline(struct bb_chan *ch, bb_time at);

/**
 * Where events go. An inbox is what a fiber waits on: one inbox may consume
 * any number of channels. Consumers are handed over explicitly.
 */
struct bb_inbox;
BB_API int bb_inbox_new(struct bb_inbox **ip);
/** Channels that it still consumes go back to their own runs. */
BB_API void bb_inbox_free(struct bb_inbox *in);
/** @p ch's events come here from now on; those not yet taken move along. NULL gives it back to its
 * own run. */
BB_API void bb_inbox_consume(struct bb_inbox *in, struct bb_chan *ch);
BB_API void bb_inbox_release(struct bb_inbox *in, struct bb_chan *ch);
/**
 * Wait for the next event of any channel in the inbox. In a fiber. @p ch is
 * the leg whose interruption ends the wait (may be NULL).
 * @param timeout microseconds; negative waits forever.
 * @return 0 with *ev (strings valid until the next call), -ETIMEDOUT, -ECANCELED.
 */
BB_API int bb_wait_events(struct bb_chan *ch, struct bb_inbox *in, bb_time timeout,
			  struct bb_event *ev);
/** Wait for an event of the channel's own run. In a fiber. */
BB_API int bb_wait_event(struct bb_chan *ch, bb_time timeout, struct bb_event *ev);
/** Wait for the next digit of the channel. @return the character, -ETIMEDOUT or -ECANCELED. In a
 * fiber. */
BB_API int bb_wait_digit(struct bb_chan *ch, bb_time timeout);

BB_END_DECLS
#endif
