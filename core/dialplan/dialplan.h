/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/dialplan/dialplan.h - the dial plan inside the core: the compiled plan,
 * substitution and expressions, the state a channel carries, and its run.
 *
 * The channel owns one `struct bb_dp` (bb_dp_new() when it is made,
 * bb_dp_free() with its last reference): variables, subroutine stack, digit
 * timeouts and hangup handlers, whether or not dial plan runs on it. A run
 * (`struct bb_run`) exists while a fiber executes priorities on the channel.
 * All on the control thread.
 */
#ifndef BB_CORE_DIALPLAN_H
#define BB_CORE_DIALPLAN_H

#include <bellbird/app.h>
#include <bellbird/dialplan.h>
#include <bellbird/func.h>
#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/map.h>
#include <bellbird/mem.h>

BB_BEGIN_DECLS

struct bb_plan;
struct bb_run;
struct bb_dp;

/* --- variables (vars.c) --- */

/** One scope of variables: a channel's, a subroutine frame's, the globals. */
struct bb_vars {
	struct bb_list list; /**< Newest first. */
};
struct bb_var {
	struct bb_node node;
	struct bb_str value; /**< Behind the name, in the same block. */
	unsigned char inherit; /**< How many '_' the name was set with: 0, 1, 2. */
	char name[];
};
BB_API struct bb_var *bb_vars_find(const struct bb_vars *v, struct bb_str name);
/** Replace, or add in front. An unset value removes. @return 0 or -ENOMEM. */
BB_API int bb_vars_set(struct bb_vars *v, struct bb_str name, unsigned inherit,
		       struct bb_str value);
BB_API void bb_vars_clear(struct bb_vars *v);
/** The globals, shared by all plans. */
BB_API struct bb_vars *bb_globals(void);

/* --- what a channel carries --- */

/** @return NULL without memory. */
BB_API struct bb_dp *bb_dp_new(struct bb_chan *ch);
BB_API void bb_dp_free(struct bb_dp *dp);

/**
 * Provided by core/channel: the state that bb_dp_new() made for this channel.
 * @return NULL only while the channel is being made.
 */
BB_API struct bb_dp *bb_chan_dp(const struct bb_chan *ch);

/* --- runs (run.c) --- */

/**
 * Begin to execute dial plan on the channel at a place, in a new fiber that
 * keeps a reference on the channel. When the run ends it hangs the channel up.
 * @return -ENOENT when there is no such place (and no 'i' to take it),
 * -EBUSY when a run is already there, -ENOMEM.
 */
BB_API int bb_run_start(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
			unsigned priority);
/** True while dial plan runs on the channel. */
BB_API bool bb_run_active(const struct bb_chan *ch);
/** Application and arguments being executed, for `core show channels`; "" without. */
BB_API const char *bb_run_app(const struct bb_chan *ch);
BB_API const char *bb_run_data(const struct bb_chan *ch);
/**
 * A channel without a run of its own has ended: run its hangup handlers in a
 * fiber, then call bb_dp_ended. Channels with a run do this by themselves.
 */
BB_API bool bb_run_handlers_pending(const struct bb_chan *ch);

/* --- the plan (plan.c) --- */

/**
 * The rooms's part of the three steps of configuration: extensions.conf into a
 * new plan beside the old one.
 */
struct bb_conf;
struct bb_diag;
BB_API int bb_dialplan_prepare(const struct bb_conf *next, struct bb_plan **plan,
			       struct bb_diag *d);
BB_API void bb_dialplan_commit(struct bb_plan *plan);
BB_API void bb_dialplan_abort(struct bb_plan *plan);
/** Console commands, completers, the configuration type: once at start. */
BB_API int bb_dialplan_init(void);
BB_API void bb_dialplan_close(void);

/**
 * Hook of the checker: is "SIP/alice" (or what a driver calls its devices)
 * defined by the configuration being judged? @return 1 yes, 0 no, -ENOSYS
 * cannot tell. Set by whoever knows (the channel core asks its drivers).
 */
typedef int (*bb_device_known_fn)(const struct bb_conf *next, struct bb_str device);
BB_API void bb_dialplan_device_check(bb_device_known_fn fn);

BB_END_DECLS
#endif
