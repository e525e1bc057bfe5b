/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/sound.h - playing to a leg and listening to it, in straight line.
 *
 * All functions but those marked run in the channel's fiber and wait.
 */
#ifndef BB_SOUND_H
#define BB_SOUND_H

#include <bellbird/chan.h>

BB_BEGIN_DECLS

/**
 * Play a sound by its name without extension ("hello-world", "digits/3",
 * an absolute path), in the channel's language, falling back as Asterisk does.
 * @param stop_digits digits that end it ("" none, "any" each).
 * @return 0 played, the digit's character when one ended it, -ENOENT (said once in the log),
 * -ECANCELED.
 */
BB_API int bb_play(struct bb_chan *ch, struct bb_str name, const char *stop_digits);
/** True when a file of that name is there for the channel's language. Waits (file system on the
 * pool). */
BB_API bool bb_sound_exists(struct bb_chan *ch, struct bb_str name);
/** @p span microseconds of silence, interruptible as bb_play(). */
BB_API int bb_play_silence(struct bb_chan *ch, bb_time span, const char *stop_digits);
/**
 * Start a tone of indications.conf by name ("ring", "busy", "dial") or a tone
 * list ("425/500,0/500"). Goes on until stopped; does not wait.
 */
BB_API int bb_tones_start(struct bb_chan *ch, struct bb_str tones);
BB_API void bb_tones_stop(struct bb_chan *ch);
/** Music on hold of a class ("" the channel's). Does not wait. */
BB_API int bb_moh_start(struct bb_chan *ch, struct bb_str musicclass);
BB_API void bb_moh_stop(struct bb_chan *ch);
/** Stop whatever plays to the leg in the background. Safe at any time; the end of the leg or of its
 * media does it by itself. */
BB_API void bb_sound_drop(struct bb_chan *ch);
/** Send what comes from the leg back to it. Does not wait. */
BB_API int bb_echo_start(struct bb_chan *ch);
BB_API void bb_echo_stop(struct bb_chan *ch);
/**
 * Collect digits. @param max digits at most; @param terminators end early
 * (not part of the result). @return their number (0 too), -ETIMEDOUT when the
 * time ran out with fewer than max (digits read so far are in dst), -ECANCELED.
 */
BB_API int bb_read_digits(struct bb_chan *ch, char *dst, size_t cap, unsigned max,
			  const char *terminators, bb_time first, bb_time between);
/** Speak: digits one by one, a number, letters, in the channel's language. */
BB_API int bb_say_digits(struct bb_chan *ch, struct bb_str digits, const char *stop_digits);
BB_API int bb_say_number(struct bb_chan *ch, int64_t n, const char *gender,
			 const char *stop_digits);
BB_API int bb_say_alpha(struct bb_chan *ch, struct bb_str text, const char *stop_digits);
/** Send DTMF digits ("1234#", 'w' waits half a second) one after the other. */
BB_API int bb_send_digits(struct bb_chan *ch, struct bb_str digits, bb_time duration,
			  bb_time between);

BB_END_DECLS
#endif
