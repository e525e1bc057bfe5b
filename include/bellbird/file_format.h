/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/file_format.h - sound files. Read and written on the pool, never
 * on a media or the control thread.
 */
#ifndef BB_FILE_FORMAT_H
#define BB_FILE_FORMAT_H

#include <bellbird/media.h>

struct bb_file_format {
	const char *name; /**< "wav"                                    */
	const char *extensions; /**< Space-separated: "wav WAV"               */
	const char *format; /**< "slin/8000"; NULL: the header tells.     */
	size_t state_size; /**< Zeroed, one an open file.                */
	/** Pool thread. @p fd is open for reading at 0. Tell the format. @return negative errno. */
	int (*open)(void *state, int fd, const struct bb_format **format);
	/** Next bytes of media, whole samples. @return bytes, 0 at the end, or a negative errno. */
	long (*read)(void *state, int fd, void *dst, size_t cap);
	/** Begin a file for writing. NULL: cannot be written. */
	int (*create)(void *state, int fd, const struct bb_format *format);
	int (*write)(void *state, int fd, const void *src, size_t len);
	/** Finish (sizes in the header); the core closes fd. @p written: it was created. */
	int (*finish)(void *state, int fd, bool written);
	/** Stand at @p samples from the start. NULL: cannot seek. */
	int (*seek)(void *state, int fd, uint64_t samples);
	struct bb_doc doc;
};

#endif
