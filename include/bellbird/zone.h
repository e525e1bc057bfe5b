/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/zone.h - time zones by name, from the machine's files.
 *
 * The process's own zone is not here: that is localtime_r(3). Control thread.
 */
#ifndef BB_ZONE_H
#define BB_ZONE_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

/** Read once, then kept until the program ends. */
struct bb_zone;

struct bb_zone_time {
	int64_t offset; /**< East of Greenwich, in seconds. */
	bool dst;
	char name[16]; /**< "CEST" */
};

/**
 * "Europe/Madrid", "UTC". Reads the file the first time, on the pool when in a fiber.
 * @return 0; -EINVAL no name of a zone; -ENOENT, or what open(2) says; -EBADMSG no zone
 * file; -ENOMEM.
 */
BB_API int bb_zone_find(const struct bb_zone **zp, struct bb_str name);
/** What holds at so many seconds since 1970. After the file's last change that one holds for ever.
 */
BB_API struct bb_zone_time bb_zone_at(const struct bb_zone *z, int64_t utc);
/** The same by the clock on the wall there, counted as if it were UTC. Of an hour that comes twice
 * the later one. */
BB_API struct bb_zone_time bb_zone_at_local(const struct bb_zone *z, int64_t local);

BB_END_DECLS
#endif
