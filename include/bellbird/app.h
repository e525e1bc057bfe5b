/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/app.h - a dial plan application: a function that may wait.
 */
#ifndef BB_APP_H
#define BB_APP_H

#include <bellbird/dialplan.h>
#include <bellbird/module.h>

BB_BEGIN_DECLS

struct bb_chan;

/** Returned by .run to hang the channel up (Asterisk's -1). */
#define BB_END 1

enum bb_on_bad { BB_BAD_CONTINUE, BB_BAD_HANGUP };

struct bb_app {
	const char *name; /**< "Wait": what extensions.conf says.   */
	const struct bb_field *args; /**< {0}-ended, positional.               */
	size_t args_size;
	/**
	 * Runs in a fiber on the control thread, written top to bottom.
	 * @p args the struct the fields filled; lives until this returns.
	 * @return 0 to go on; BB_END to hang up; a digit's character when the
	 * caller pressed it as the first of an extension (Background, WaitExten:
	 * the run goes on collecting); -ECANCELED when a wait
	 * returned it; any other negative errno is logged, sets the status
	 * variable and goes on.
	 */
	int (*run)(struct bb_chan *ch, const void *args);
	const char *status; /**< Variable that the core sets to .failed when .run fails or arguments
				 are bad; the application sets it otherwise. NULL: none.   */
	const char *failed; /**< The word of .status for that; NULL is "FAILED".           */
	enum bb_on_bad on_bad; /**< What a bad argument does at run time.                         */
	struct bb_doc doc;
};

/**
 * Sleep, still serving the call. In a fiber.
 * @return 0, or -ECANCELED once the channel was hung up or sent elsewhere.
 */
BB_API int bb_wait(struct bb_chan *ch, bb_time span);

/**
 * Run @p fn on the pool while only this fiber waits. Returns what fn returned,
 * after fn has ended, even when the channel was hung up meanwhile. @p ch may
 * be NULL. In a fiber.
 */
BB_API int bb_offload(struct bb_chan *ch, int (*fn)(void *arg), void *arg);

BB_END_DECLS
#endif
