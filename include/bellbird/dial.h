/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/dial.h - ringing several destinations at once until one answers.
 */
#ifndef BB_DIAL_H
#define BB_DIAL_H

#include <bellbird/chan.h>

BB_BEGIN_DECLS

struct bb_dial;

/** Why it ended, in Asterisk's DIALSTATUS words. */
enum bb_dial_status {
	BB_DIAL_ANSWER,
	BB_DIAL_BUSY,
	BB_DIAL_NOANSWER,
	BB_DIAL_CANCEL,
	BB_DIAL_CONGESTION,
	BB_DIAL_CHANUNAVAIL,
	BB_DIAL_INVALIDARGS
};
BB_API const char *bb_dial_status_name(enum bb_dial_status st);

struct bb_dial_hooks {
	/** Before a leg is dialed: run b(), set headers. May wait. Negative drops the leg. */
	int (*before)(struct bb_dial *d, struct bb_chan *leg, void *arg);
	/** First ringing of any leg / early media of a leg: see bb_dial_early_media(). */
	void (*ringing)(struct bb_dial *d, struct bb_chan *leg, void *arg);
	void (*progress)(struct bb_dial *d, struct bb_chan *leg, void *arg);
	/** A digit of the caller while ringing; true ends the dialing (d option and the like). */
	bool (*caller_digit)(struct bb_dial *d, char digit, void *arg);
};

/** @p caller may be NULL (originate). */
BB_API int bb_dial_new(struct bb_dial **dp, struct bb_chan *caller,
		       const struct bb_dial_hooks *hooks, void *arg);
/** "SIP/alice": a driver and its target. Failures to find it are remembered for the status. @return
 * negative errno when this destination cannot be dialed (others may). */
BB_API int bb_dial_add(struct bb_dial *d, struct bb_str destination);
/** What an error of bb_dial_add() means, for people: "it is not registered". */
BB_API const char *bb_dial_why(int err);
BB_API unsigned bb_dial_legs(const struct bb_dial *d);
/** Who the callees see; unset keeps the caller's. */
BB_API void bb_dial_set_caller(struct bb_dial *d, const struct bb_party *party);
/**
 * Dial all, wait for the first answer; the losers get a hangup with "answered
 * elsewhere". In a fiber. @param timeout negative: no limit.
 * @return 0 and the answered leg, held, events unconsumed; -ETIMEDOUT, -ECANCELED (caller gone),
 * -EINTR (a digit of the caller ended it), or -ECONNREFUSED when every leg failed; then *winner is
 * NULL.
 */
BB_API int bb_dial_run(struct bb_dial *d, bb_time timeout, struct bb_chan **winner);
/** From the progress hook: let the caller hear @p leg before the answer. The first one is heard.
 * @return -EBUSY another one is heard, -ENOTCONN one of the two has no media yet, -ENOTSUP. */
BB_API int bb_dial_early_media(struct bb_dial *d, struct bb_chan *leg);
BB_API enum bb_dial_status bb_dial_status(const struct bb_dial *d);
BB_API unsigned bb_dial_cause(const struct bb_dial *d);
/** Hangs up what still rings. NULL is allowed. */
BB_API void bb_dial_free(struct bb_dial *d);

/** Call .destination ("SIP/alice") for at most .timeout microseconds and put who answers at a place
 * in the dial plan or in an application. Returns at once, with the error of bb_dial_add() when
 * there is nobody to call; else the result comes to @p done (may be NULL). */
struct bb_originate {
	struct bb_str destination;
	bb_time timeout;
	struct bb_str context, exten, priority;
	struct bb_str app, args;
	struct bb_party caller;
};
BB_API int bb_originate(const struct bb_originate *o,
			void (*done)(enum bb_dial_status st, struct bb_chan *ch, void *arg),
			void *arg);

BB_END_DECLS
#endif
