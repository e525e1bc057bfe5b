/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/sound/sound_core.h - the inside of playing: sound files, players, tone
 * generators, and what plays to a leg in the background.
 *
 * core/media moves frames and knows no channel; core/channel knows no file.
 * This room stands on both. A sound file is opened and read on the pool, and
 * handed to a player port in blocks, two of them in turn, so that no media
 * thread ever waits for a disk.
 */
#ifndef BB_CORE_SOUND_H
#define BB_CORE_SOUND_H

#include <bellbird/file_format.h>
#include <bellbird/port.h>
#include <bellbird/sound.h>

/** Adds the room to the core: musiconhold.conf, indications.conf. After the registry. */
BB_API int bb_sound_init(void);
BB_API void bb_sound_close(void);

/* --- files (file.c) --- */

#define BB_SOUND_BLOCK 16000

/** A run of a file's bytes on its way to a player. */
struct bb_sound_block {
	struct bb_sound_block *next;
	size_t len;
	bool last; /**< Nothing comes after it. */
	_Alignas(int64_t) uint8_t data[BB_SOUND_BLOCK]; /**< Formats store samples. */
};

/** An open sound file. Owned by one player at a time. */
struct bb_sound_file {
	int fd;
	const struct bb_file_format *ff;
	struct bb_use use;
	void *state;
	const struct bb_format *format;
	char path[512];
};

/**
 * The search for one sound: prepared on the control thread, run on the pool,
 * finished on the control thread.
 */
struct bb_sound_search;
BB_API int bb_sound_search_new(struct bb_sound_search **sp, struct bb_str name,
			       const char *language, const struct bb_format *prefer);
/** Pool: find and open it. @p arg is the search. @return 0, -ENOENT, or what open(2) says. */
BB_API int bb_sound_search_run(void *arg);
/** Control thread: take the file out (NULL when none was found) and free the search. */
BB_API struct bb_sound_file *bb_sound_search_end(struct bb_sound_search *s);

/** Pool: fill a block. @return 0 or a negative errno; a failed read ends the sound. */
BB_API int bb_sound_file_read(struct bb_sound_file *f, struct bb_sound_block *b);
BB_API void bb_sound_file_close(struct bb_sound_file *f);

/* --- what there is on the disk, asked at load (ask.c) --- */

struct bb_sound_ask {
	const char *name; /**< Without extension; absolute, or below the folders of sounds. */
	bool found; /**< Out: in any language, in a format that somebody here reads. */
};
/** Answer all of them. Control thread; waits when called in a fiber. @return 0, -ENOENT when there
 * is no folder of sounds at all, -ENOMEM. */
BB_API int bb_sounds_ask(struct bb_sound_ask *asks, size_t n);
/** The same for a folder. @return 0, -ENOENT, -ENOTDIR, or what stat(2) says. */
BB_API int bb_folder_ask(const char *path);

/* --- players (player.c) --- */

struct bb_player;
/**
 * Play @p f on a new port beside @p near; takes the file over, failing or
 * not. @p ended runs once on the control thread when the last frame was
 * pushed, or with a negative errno.
 */
BB_API int bb_player_start(struct bb_player **pp, struct bb_sound_file *f, struct bb_port *near,
			   void (*ended)(int err, void *arg), void *arg);
BB_API struct bb_port *bb_player_port(struct bb_player *p);
/** ended will not be called. NULL is allowed. */
BB_API void bb_player_stop(struct bb_player *p);

/* --- tones (tones.c, indications.c) --- */

#define BB_TONE_STEPS 32
struct bb_tone_step {
	uint16_t f1, f2; /**< Hz; 0 is silence. */
	bool modulated; /**< f1*f2: the second modulates the first. */
	uint16_t ms; /**< 0: for ever. */
};
struct bb_tone_list {
	unsigned n, loop; /**< Goes back to step .loop; loop == n: plays once. */
	struct bb_tone_step step[BB_TONE_STEPS];
	bool unheard; /**< A third frequency of a step, or one above 4000 Hz, is left out. */
};
/** "!350+440/100,!0/100,350+440": as indications.conf writes it. @return -EINVAL. */
BB_API int bb_tone_parse(struct bb_tone_list *t, struct bb_str text);
/** A generator port; it raises BB_PORT_DONE when a list without loop has ended. */
BB_API int bb_tone_port(struct bb_port **pp, const struct bb_tone_list *t, struct bb_port *near);
/** By name in the country of indications.conf, or of "name@country"; else parsed as a list. */
BB_API int bb_indication(struct bb_tone_list *t, struct bb_str name);

struct bb_indications_general {
	struct bb_str country;
};
extern const struct bb_field bb_indications_general[];
int bb_indications_prepare(const struct bb_conf *next, struct bb_diag *d);

/* --- music on hold (moh.c) --- */

struct bb_moh_class {
	int mode, sort;
	struct bb_str directory;
	bool random;
};
extern const struct bb_field bb_moh_fields[];
extern const char *const bb_moh_known[];
/** Directory and order of a class; the default class when there is none of that name. */
struct bb_moh_source {
	char directory[512];
	bool shuffle;
};
int bb_moh_class_find(struct bb_str name, struct bb_moh_source *out);
int bb_moh_prepare(const struct bb_conf *next, struct bb_diag *d);
/** Does this configuration have the class? Without any class all names mean the built-in one. */
BB_API bool bb_moh_class_known(const struct bb_conf *next, struct bb_str name);

/* --- the room's configuration types (room.c) --- */

extern const struct bb_conf_type bb_sound_types[];
#define BB_INDICATIONS_GENERAL (&bb_sound_types[0])
#define BB_INDICATIONS_COUNTRY (&bb_sound_types[1])
#define BB_MOH_CLASS (&bb_sound_types[3])

#endif
