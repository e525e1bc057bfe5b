/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of media share: an engine on real threads or in simulation,
 * and ways to wait for it without sleeping.
 */
#ifndef MEDIA_TEST_H
#define MEDIA_TEST_H

#include <check.h>
#include <stdlib.h>

#include <bellbird/port.h>
#include <bellbird/translator.h>

#include "core/loop/loop_core.h"
#include "core/media/media_core.h"
#include "core/registry/registry.h"

struct toy_frame {
	const struct bb_format *format;
	size_t len;
	uint8_t value;
	uint32_t samples, ts;
	uint16_t seq, flags;
};

static unsigned mt_events, mt_wanted;
static struct bb_port_event mt_last;
static bool mt_simulated;

static inline void mt_event(struct bb_port *p, const struct bb_port_event *ev, void *arg)
{
	mt_last = *ev;
	mt_events++;
	if (mt_wanted && mt_events >= mt_wanted)
		bb_loop_stop();
}

static inline void mt_expired(void *arg)
{
	ck_abort_msg("what the test waits for did not come");
}

static inline bool mt_there(void *arg)
{
	return mt_events >= mt_wanted;
}

static inline void mt_run_loop(void)
{
	static struct bb_timer guard;

	bb_timer_set(&guard, 20 * BB_SEC, mt_expired, NULL);
	bb_loop_run();
	bb_timer_cancel(&guard);
}

static inline void mt_wait_events(unsigned n)
{
	mt_wanted = n;
	if (mt_simulated)
		ck_assert(bb_sim_until(mt_there, NULL, 60 * BB_SEC));
	else if (mt_events < n)
		mt_run_loop();
	mt_wanted = 0;
}

static inline void mt_passed(void *arg)
{
	*(bool *)arg = true;
	bb_loop_stop();
}

static inline bool mt_is_true(void *arg)
{
	return *(bool *)arg;
}

/* Every command sent so far has been executed and acknowledged. */
static inline void mt_barrier(void)
{
	static bool passed;

	passed = false;
	ck_assert_int_eq(bb_media_barrier(mt_passed, &passed), 0);
	if (mt_simulated)
		ck_assert(bb_sim_until(mt_is_true, &passed, BB_SEC));
	else if (!passed)
		mt_run_loop();
	ck_assert(passed);
}

/* Static modules stand for those from files. */
static inline void mt_open_with(bool simulate, const struct bb_module *const *mods, size_t n)
{
	static const char *const nowhere[] = { NULL };
	struct bb_loop_options opt = { .simulate = simulate, .seed = 1 };
	struct bb_diag *d = NULL;

	mt_simulated = simulate;
	mt_events = mt_wanted = 0;
	ck_assert_int_eq(bb_config_init(NULL, NULL), 0);
	ck_assert_int_eq(bb_loop_init(&opt), 0);
	ck_assert_int_eq(bb_media_init(2, simulate), 0);
	ck_assert_int_eq(bb_registry_init(), 0);
	bb_registry_search_only(nowhere);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(bb_static_module_add(mods[i]), 0);
	ck_assert_int_eq(bb_diag_new(&d), 0);
	ck_assert_int_eq(bb_modules_load(d), 0);
	bb_diag_free(d);
}

static inline void mt_open(bool simulate)
{
	mt_open_with(simulate, NULL, 0);
}

static inline void mt_close(void)
{
	mt_barrier();
	mt_barrier();
	ck_assert_uint_eq(bb_media_close(), 0);
	ck_assert_uint_eq(bb_registry_close(), 0);
	bb_loop_close();
	bb_config_close();
}

static inline int mt_run(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
