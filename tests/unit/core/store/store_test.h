/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BB_STORE_TEST_H
#define BB_STORE_TEST_H

#include <check.h>

#include <bellbird/location.h>
#include <bellbird/mem.h>

#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/store/store_core.h"

/** Simulated world with a store; @p path NULL: in memory. */
void world_open(const char *path);
/** Ends both; nothing may be left behind. */
void world_close(void);
/** End and begin the store anew, as a restart does. */
void world_restart(const char *path);
/** Run @p fn in a fiber until it returns. */
void in_fiber(void (*fn)(void *arg), void *arg);
/** A path in a fresh directory; removed at exit of the test by world_close(). */
const char *temp_path(void);

Suite *astdb_suite(void);
Suite *location_suite(void);
Suite *store_suite(void);

#endif
