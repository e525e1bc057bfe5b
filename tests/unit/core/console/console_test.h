/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BB_CONSOLE_TEST_H
#define BB_CONSOLE_TEST_H

#include <check.h>

#include <bellbird/loop.h>

#include "core/console/console_int.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/store/store_core.h"

/** Simulated world with store, console and the test's commands, without a socket. */
void desk_open(void);
void desk_close(void);
/** Run a line in a fiber; its output, valid until the next call. *status may be NULL. */
const char *say(const char *line, int *status);
/** The same for a terminal. */
const char *say_tty(const char *line, unsigned width, bool colour);
/** Candidates joined by spaces. */
const char *tab(const char *line);
/** "test table", "test echo", "test wait", "test fail", "test many", … */
void add_test_commands(void);

Suite *text_suite(void);
Suite *command_suite(void);
Suite *socket_suite(void);
Suite *manual_suite(void);

#endif
