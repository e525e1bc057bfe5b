/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tests/bbtest.h - what the unit tests of all rooms share.
 *
 *	#include "bbtest.h"
 *
 *	START_TEST(adds) { ... } END_TEST
 *
 *	BBT_MAIN("core/base/map", BBT_CASE("plain", BBT_NO_LOOP, adds, removes),
 *		 BBT_CASE("timed", BBT_SIMULATED, expires))
 *
 * Each test runs in a process of its own (check's fork mode). A simulated or
 * real case begins with an open loop and ends by closing it; what a test left
 * behind in it fails the test.
 */
#ifndef BBTEST_H
#define BBTEST_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <bellbird/base.h>
#include <bellbird/mem.h>

#include "core/loop/loop_core.h"

/** The seed of simulated cases: the same each time unless BBT_SEED says another. */
static inline uint64_t bbt_seed(void)
{
	const char *env = getenv("BBT_SEED");

	return env ? strtoull(env, NULL, 0) : 1;
}

static inline void bbt_simulated_up(void)
{
	struct bb_loop_options opt = { .simulate = true, .seed = bbt_seed() };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
}

static inline void bbt_threads_up(void)
{
	struct bb_loop_options opt = { .simulate = true, .seed = bbt_seed(), .fibers = "thread" };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
}

static inline void bbt_ucontext_up(void)
{
	struct bb_loop_options opt = { .simulate = true, .seed = bbt_seed(), .fibers = "ucontext" };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
}

static inline void bbt_asm_up(void)
{
	struct bb_loop_options opt = { .simulate = true, .seed = bbt_seed(), .fibers = "asm" };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
}

static inline void bbt_real_up(void)
{
	struct bb_loop_options opt = { .simulate = false };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
}

static inline void bbt_loop_down(void)
{
	ck_assert_uint_eq(bb_loop_close(), 0);
}

enum bbt_kind {
	BBT_NO_LOOP,
	BBT_SIMULATED, /**< Virtual clock, in-memory network. */
	BBT_THREADS, /**< The same with fibers on threads. */
	BBT_UCONTEXT, /**< The same with ucontext. */
	BBT_ASM, /**< The same with the assembler. */
	BBT_REAL
};

struct bbt_case {
	const char *name;
	enum bbt_kind kind;
	const TTest *tests[64];
};

/** A case: name, kind, tests (up to 63). */
#define BBT_CASE(name, kind, ...)                                                                  \
	{                                                                                          \
		name, kind,                                                                        \
		{                                                                                  \
			__VA_ARGS__, NULL                                                          \
		}                                                                                  \
	}

static inline int bbt_run(const char *name, const struct bbt_case *cases, size_t n)
{
	Suite *s = suite_create(name);
	SRunner *r;
	int failed;

	for (size_t i = 0; i < n; i++) {
		TCase *c = tcase_create(cases[i].name);

		/* A loaded machine and sanitizers are slow: this only ends what hangs. */
		tcase_set_timeout(c, 60);
		if (cases[i].kind == BBT_SIMULATED)
			tcase_add_checked_fixture(c, bbt_simulated_up, bbt_loop_down);
		else if (cases[i].kind == BBT_THREADS)
			tcase_add_checked_fixture(c, bbt_threads_up, bbt_loop_down);
		else if (cases[i].kind == BBT_UCONTEXT)
			tcase_add_checked_fixture(c, bbt_ucontext_up, bbt_loop_down);
		else if (cases[i].kind == BBT_ASM)
			tcase_add_checked_fixture(c, bbt_asm_up, bbt_loop_down);
		else if (cases[i].kind == BBT_REAL)
			tcase_add_checked_fixture(c, bbt_real_up, bbt_loop_down);
		for (size_t t = 0; cases[i].tests[t]; t++)
			tcase_add_test(c, cases[i].tests[t]);
		suite_add_tcase(s, c);
	}
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define BBT_MAIN(name, ...)                                                                        \
	int main(void)                                                                             \
	{                                                                                          \
		const struct bbt_case cases[] = { __VA_ARGS__ };                                   \
                                                                                                   \
		return bbt_run(name, cases, BB_ARRAY_SIZE(cases));                                 \
	}

/**
 * Repeat the body with the 1st, 2nd, … allocation failing, until a round had
 * no failure any more. The body must clean up after itself and may only claim
 * that nothing breaks; a last round without failures follows with
 * @c bbt_oom == 0, where it may claim success.
 *
 *	BBT_OOM(2000) {
 *		int err = thing_new(&t);
 *		if (!bbt_oom) ck_assert_int_eq(err, 0);
 *		thing_free(t);
 *	}
 */
#define BBT_OOM(max)                                                                               \
	for (unsigned long bbt_oom = 1, bbt_going = bbt_oom_begin(1); bbt_going;                   \
	     bbt_going = bbt_oom_next(&bbt_oom, max))

static inline unsigned long bbt_oom_begin(unsigned long n)
{
	bb_mem_fail_at(n);
	return 1;
}

static inline unsigned long bbt_oom_next(unsigned long *n, unsigned long max)
{
	unsigned long made = bb_mem_fail_at(0);

	if (*n == 0)
		return 0;
	/* Fewer allocations than that were made: nothing failed. The last round is clean. */
	if (made < *n)
		*n = 0;
	else
		++*n;
	ck_assert_msg(*n <= max, "more than %lu allocations", max);
	bb_mem_fail_at(*n);
	return 1;
}

/** Assert two struct bb_str, or a view and a literal, equal. */
#define bbt_str_eq(view, literal)                                                                  \
	do {                                                                                       \
		struct bb_str bbt_got = (view);                                                    \
		const char *bbt_want = (literal);                                                  \
		ck_assert_msg(bb_str_is(bbt_got, bbt_want), "\"%.*s\" is not \"%s\"",              \
			      BB_FMT(bbt_got), bbt_want);                                          \
	} while (0)

#endif
