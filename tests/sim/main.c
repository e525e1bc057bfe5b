/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenarios of the whole house, each with many seeds, each run in a process
 * of its own. BB_SEEDS=n seeds (10), BB_SEED=n that one, BB_SCENE=name that
 * scenario.
 */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEDS 10
#define SCENES 100

static const struct scene *const families[] = {
	scenes_register, scenes_call, scenes_refused, scenes_within,
	scenes_crossing, scenes_gone, scenes_house,   scenes_memory,
};

static const struct scene *all[SCENES];
static unsigned n_all;
static uint64_t only_seed;
static bool has_seed;

/* check hands over one number: scenario and seed. */
static unsigned seeds = SEEDS;

START_TEST(play)
{
	const struct scene *s = all[(unsigned)_i / seeds];

	house_up(s->name, has_seed ? only_seed : (unsigned)_i % seeds);
	s->play();
	house_down();
}
END_TEST

static void collect(void)
{
	const char *want = getenv("BB_SCENE");

	for (size_t f = 0; f < BB_ARRAY_SIZE(families); f++)
		for (const struct scene *s = families[f]; s->name; s++)
			if ((!want || strcmp(want, s->name) == 0) && n_all < SCENES)
				all[n_all++] = s;
}

int main(void)
{
	const char *seed = getenv("BB_SEED"), *many = getenv("BB_SEEDS");
	Suite *suite = suite_create("the house");
	SRunner *r;
	int failed;

	if (many && atoi(many) > 0)
		seeds = (unsigned)atoi(many);
	if (seed) {
		has_seed = true;
		only_seed = strtoull(seed, NULL, 0);
		seeds = 1;
	}
	collect();
	for (unsigned i = 0; i < n_all; i++) {
		TCase *c = tcase_create(all[i]->name);

		tcase_set_timeout(c, 120);
		tcase_add_loop_test(c, play, (int)(i * seeds), (int)((i + 1) * seeds));
		suite_add_tcase(suite, c);
	}
	r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed || !n_all ? EXIT_FAILURE : EXIT_SUCCESS;
}
