/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tests/sim/house.h - the whole PBX on the virtual clock: all rooms of the
 * core, the modules as they were built, a configuration of its own, and a
 * network that the seed makes better or worse.
 *
 * Everything random comes from the seed: the same scenario with the same seed
 * is the same run. BB_SEED=n runs that one alone, BB_SCENE=name that
 * scenario, BB_SIM_TRACE=1 prints messages and log lines as they pass.
 */
#ifndef SIM_HOUSE_H
#define SIM_HOUSE_H

#include <check.h>

#include <bellbird/base.h>

#include "core/loop/loop_core.h"
#include "ua.h"

/** How bad the network is; seeds take turns. */
enum weather { FINE, LATE, BREEZE, RAIN, STORM, WEATHERS };

/** Begin; the phones 1001 to 1004 are not there yet. */
void house_up(const char *scene, uint64_t seed);
/** Let everything end by itself, compare with the beginning, close. */
void house_down(void);
/** Only the comparison: nothing of any call is left. All telephones must be gone. */
void house_clean(void);

/** A telephone of the house, registered. */
struct ua *phone(const char *name);
/** The same, not registered. */
struct ua *phone_off(const char *name);
/** Another telephone with the same account. */
struct ua *phone_twin(const char *name, unsigned n);

/** Nothing is lost and nothing overtakes: then what must happen can be claimed. */
bool house_fine(void);
void house_weather(enum weather w);

/** Virtual time passes. */
void wait_ms(unsigned ms);
/** Somewhere between, as the seed says. */
unsigned sim_random(unsigned low, unsigned high);
void wait_between(unsigned low_ms, unsigned high_ms);
/** Wait until the leg has come that far; false after @p ms. */
bool wait_up(struct leg *l, unsigned ms);
bool wait_over(struct leg *l, unsigned ms);
/** Wait until the telephone has a further call. */
struct leg *wait_call(struct ua *ua, unsigned n_calls, unsigned ms);

/** Run a console command in a fiber. @return its output as JSON, valid until the next. */
const char *console(const char *line);
/** Run @p fn in a fiber to its end. */
void in_fiber(void (*fn)(void *arg), void *arg);

/** Always true, or the run has failed. */
#define sim_must(cond, ...)                                                                        \
	do {                                                                                       \
		if (!(cond))                                                                       \
			sim_fail(__FILE__, __LINE__, #cond, __VA_ARGS__);                          \
	} while (0)
/** The same where nothing is lost or late. */
#define sim_should(cond, ...)                                                                      \
	do {                                                                                       \
		if (house_fine() && !(cond))                                                       \
			sim_fail(__FILE__, __LINE__, #cond, __VA_ARGS__);                          \
	} while (0)
void sim_fail(const char *file, int line, const char *cond, const char *fmt, ...) BB_PRINTF(4, 5)
	__attribute__((noreturn));

/** A scenario: its story from the ready house to the last word. */
struct scene {
	const char *name;
	void (*play)(void);
};
extern const struct scene scenes_register[], scenes_call[], scenes_refused[], scenes_within[],
	scenes_crossing[], scenes_gone[], scenes_house[], scenes_memory[];

#endif
