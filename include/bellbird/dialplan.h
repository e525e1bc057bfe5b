/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/dialplan.h - what applications and drivers may ask of the dial
 * plan: variables, substitution, jumps, subroutines, and what would match.
 */
#ifndef BB_DIALPLAN_H
#define BB_DIALPLAN_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

struct bb_chan;
struct bb_arena;

/**
 * A variable or a function: "FOO", "CALLERID(num)". Reading @p ch's, then the
 * globals. @return the value in @p arena; unset when there is none.
 * @p ch may be NULL (globals and functions that need no channel).
 */
BB_API struct bb_str bb_var_get(struct bb_chan *ch, const char *name, struct bb_arena *arena);
/**
 * Set a variable, or write a function. Leading '_' and '__' give inheritance
 * as in Asterisk. @return -ENOSYS for a function that cannot be written.
 */
BB_API int bb_var_set(struct bb_chan *ch, const char *name, struct bb_str value);
BB_API int bb_var_setf(struct bb_chan *ch, const char *name, const char *fmt, ...) BB_PRINTF(3, 4);
/** Walk a channel's variables (or the globals, ch NULL), innermost first. */
BB_API void bb_var_each(struct bb_chan *ch,
			void (*fn)(const char *name, struct bb_str value, void *arg), void *arg);

/** Replace ${…} and $[…]. May wait, since functions may. @return in @p arena; unset on no memory.
 */
BB_API struct bb_str bb_subst(struct bb_chan *ch, struct bb_str text, struct bb_arena *arena);

/** Where the run on a channel stands, or NULL fields without one. */
struct bb_place {
	const char *context, *exten;
	unsigned priority;
};
BB_API struct bb_place bb_chan_place(const struct bb_chan *ch);

/**
 * Continue the run at another place once the application returns 0. Unset
 * parts stay as they are; @p priority is a number, a label, or "+n"/"-n".
 * @return -ENOENT when it does not exist (the run is not moved).
 */
BB_API int bb_goto(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
		   struct bb_str priority);
/** A target as applications take it: "[[context,]exten,]priority". As with Asterisk's Goto a number
 * that does not exist is gone to all the same, and `i` of the context answers for it. */
BB_API int bb_goto_text(struct bb_chan *ch, struct bb_str target);
struct bb_goto_arg;
BB_API int bb_goto_arg(struct bb_chan *ch, const struct bb_goto_arg *target);

/** Interrupt whatever the channel does and continue there (transfer, `channel redirect`). Any flow
 * of the control thread. */
BB_API int bb_chan_redirect(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
			    struct bb_str priority);

/** Run one application on the channel, now, in the calling fiber: its arguments are substituted
 * already. @return as bb_app.run. */
BB_API int bb_exec_app(struct bb_chan *ch, struct bb_str app, struct bb_str args);

/**
 * Run a subroutine "[[context,]exten,]priority(arg1,…)" in the calling fiber
 * until its Return. Works on a channel with no run of its own (a dialed leg:
 * Dial's U, b). @return 0; BB_END when a step of it asked to hang up; -ENOENT,
 * -ECANCELED.
 */
BB_API int bb_gosub(struct bb_chan *ch, struct bb_str target);

/** What Gosub() does: push a frame and continue at the target once the application returns 0.
 * @return -ENOENT, -E2BIG (nested too deep). */
BB_API int bb_gosub_enter(struct bb_chan *ch, struct bb_str target);
/** What Return(value) does. @return -ENOENT when there is nothing to return from. */
BB_API int bb_gosub_return(struct bb_chan *ch, struct bb_str value);
/** Forget the newest frame without moving. @return -ENOENT. */
BB_API int bb_gosub_pop(struct bb_chan *ch);
/** A variable of the newest frame, gone after its Return. @return -ENOENT outside of subroutines.
 */
BB_API int bb_var_set_local(struct bb_chan *ch, const char *name, struct bb_str value);
/** What bb_var_set_local() set in the newest frame. Unset when nothing did. In @p arena. */
BB_API struct bb_str bb_var_get_local(struct bb_chan *ch, const char *name, struct bb_arena *arena);
/** Variables that other channels may use too: SHARED(name,channel). */
BB_API struct bb_str bb_shared_get(struct bb_chan *ch, const char *name, struct bb_arena *arena);
BB_API int bb_shared_set(struct bb_chan *ch, const char *name, struct bb_str value);

/** The application at a priority of the extension that runs, or NULL: what loops look for their
 * ends with. */
BB_API const char *bb_app_at(struct bb_chan *ch, unsigned priority);

/** Subroutines to run after `h`: the newest first. @return -ENOMEM, -ENOSPC. */
BB_API int bb_hangup_handler_push(struct bb_chan *ch, struct bb_str target);
/** @return -ENOENT when there is none. */
BB_API int bb_hangup_handler_pop(struct bb_chan *ch);
BB_API void bb_hangup_handler_wipe(struct bb_chan *ch);

/** TIMEOUT(…). Digit and response: how long digits are waited for. Absolute: from now; 0 is never.
 */
enum bb_timeout { BB_TIMEOUT_DIGIT, BB_TIMEOUT_RESPONSE, BB_TIMEOUT_ABSOLUTE };
BB_API bb_time bb_chan_timeout(struct bb_chan *ch, enum bb_timeout which);
BB_API int bb_chan_set_timeout(struct bb_chan *ch, enum bb_timeout which, bb_time span);

/** Go to `e` with ${EXCEPTION(reason)}. @return -ENOENT when the context has none. */
BB_API int bb_raise(struct bb_chan *ch, struct bb_str reason);

/** "9:00-17:00,mon-fri,*,*": does it hold at this calendar time? @return 1, 0, or -EINVAL with a
 * sentence in @p why. */
BB_API int bb_time_matches(struct bb_str spec, bb_time wall, char *why, size_t cap);
/** May the dial plan start programs ([options] live_dangerously)? */
BB_API bool bb_dangerous_allowed(void);
/**
 * Run a command by the shell; only this fiber waits, until it has ended.
 * @p output takes what it wrote, as far as 64 kB; may be NULL.
 * @return its exit status (or minus a signal) in *status; -EPERM unless allowed.
 */
BB_API int bb_system(struct bb_str command, int *status, struct bb_buf *output);
/** Is text "true" as conditions take it: not empty, not "0"? */
BB_API bool bb_true(struct bb_str text);

/** What stands at a dialed number. */
enum bb_match { BB_MATCH_NONE, BB_MATCH_EXISTS, BB_MATCH_MORE /**< longer ones exist too */ };
BB_API bool bb_exten_exists(struct bb_str context, struct bb_str exten, struct bb_str callerid);
/** A place with a number or label; unset parts are the channel's. @p ch may be NULL. */
BB_API bool bb_place_exists(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
			    struct bb_str priority);
/** Could more digits match something (for digit collection)? */
BB_API bool bb_exten_can_match(struct bb_str context, struct bb_str exten, struct bb_str callerid);
BB_API bool bb_exten_match_more(struct bb_str context, struct bb_str exten, struct bb_str callerid);
BB_API bool bb_context_exists(struct bb_str context);
/** The device list of a hint ("SIP/100&SIP/101"), or unset. */
BB_API struct bb_str bb_exten_hint(struct bb_str context, struct bb_str exten,
				   struct bb_arena *arena);

BB_END_DECLS
#endif
