/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/append.h - files that only grow, such as call records in CSV.
 *
 * The log thread writes them, so that a slow disk stalls nobody. Files are
 * opened at their first bytes and again after `logger rotate`, with mode 0640.
 * A file that cannot be written is told in the log, once, and tried again a
 * little later; what came meanwhile is lost and counted.
 */
#ifndef BB_APPEND_H
#define BB_APPEND_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

/**
 * Queue a copy of @p data to be added at the end of @p path. Pieces of one call
 * stay together and in order. Any thread but a media thread's packet path.
 * @return 0, -ENOMEM, -ENOBUFS while too much is waiting (counted, and told in
 * the log), -EINVAL for an empty path.
 */
BB_API int bb_append_file(const char *path, struct bb_str data);

BB_END_DECLS
#endif
