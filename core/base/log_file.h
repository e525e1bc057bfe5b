/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/log_file.h - one file that the log thread writes, between log_out.c
 * and log_file.c.
 */
#ifndef BB_CORE_LOG_FILE_H
#define BB_CORE_LOG_FILE_H

#include <stdatomic.h>
#include <time.h>

#include <bellbird/list.h>

#include "core/base/log_core.h"

struct bb_log_file {
	struct bb_node node;
	struct bb_log_filter filter;
	enum bb_log_format format;
	struct bb_buf batch;
	unsigned in_batch; /* Lines. */
	int fd;
	atomic_int err; /* `logger show` reads it. */
	bool removed, record;
	time_t retry;
	_Atomic uint64_t written, lost;
	char path[];
};

/** Not opened yet. NULL without memory. */
struct bb_log_file *bb_log_file_new(const char *path);
/** Out of its list, closed, freed. */
void bb_log_file_free(struct bb_log_file *f);
/** Write the batch, or count it as lost; the log thread, without its lock (it logs). */
void bb_log_file_write(struct bb_log_file *f);
void bb_log_tell_stderr(const char *text);

/** Of text lines; read and changed under the lock of log_out.c once the log thread runs. */
extern char bb_log_date_format[64];

#endif
