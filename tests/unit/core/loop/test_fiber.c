/* SPDX-License-Identifier: BSD-3-Clause */
/* Fibers, on all backends: park, wake, time-outs, the order of things, and their stacks. */
#include <fenv.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <config.h>

#include "bbtest.h"
#include "core/base/log_core.h"
#include "core/loop/fiber.h"

static struct bb_buf trail;

static void put(const char *what)
{
	bb_buf_puts(&trail, what);
}

static void down_trail(const char *want)
{
	ck_assert_str_eq(bb_buf_cstr(&trail), want);
	bb_buf_free(&trail);
}

static void walker(void *arg)
{
	struct bb_fiber **self = arg;

	ck_assert_ptr_eq(bb_fiber_self(), *self);
	ck_assert(bb_on_control());
	put("a");
	bb_fiber_park();
	put("b");
	bb_fiber_park();
	put("c");
	*self = NULL;
}

START_TEST(parks_and_wakes)
{
	struct bb_fiber *f;

	ck_assert_ptr_null(bb_fiber_self());
	ck_assert_int_eq(bb_fiber_spawn(&f, "walker", walker, &f), 0);
	ck_assert_str_eq(bb_buf_cstr(&trail), "");
	bb_sim_settle();
	ck_assert_str_eq(bb_buf_cstr(&trail), "a");
	bb_sim_settle();
	ck_assert_str_eq(bb_buf_cstr(&trail), "a");
	bb_fiber_wake(f);
	bb_fiber_wake(f);
	bb_sim_settle();
	ck_assert_str_eq(bb_buf_cstr(&trail), "ab");
	bb_fiber_wake(f);
	bb_sim_settle();
	ck_assert_ptr_null(f);
	down_trail("abc");
}
END_TEST

static void early(void *arg)
{
	bb_fiber_wake(bb_fiber_self());
	bb_fiber_park();
	put("on");
	bb_fiber_park();
	put("woken");
}

START_TEST(a_wake_before_the_park_is_kept_once)
{
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "early", early, NULL), 0);
	bb_sim_settle();
	ck_assert_str_eq(bb_buf_cstr(&trail), "on");
	bb_fiber_wake(f);
	bb_sim_settle();
	down_trail("onwoken");
}
END_TEST

static void sleeper(void *arg)
{
	bb_time before = bb_now();

	ck_assert(bb_fiber_park_for(32 * BB_SEC));
	ck_assert_int_eq(bb_now() - before, 32 * BB_SEC);
	put("slept ");
	ck_assert(!bb_fiber_park_for(10 * BB_SEC));
	ck_assert_int_eq(bb_now() - before, 33 * BB_SEC);
	put("woken");
}

START_TEST(parks_no_longer_than)
{
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "sleeper", sleeper, NULL), 0);
	bb_sim_advance(33 * BB_SEC);
	bb_fiber_wake(f);
	bb_sim_settle();
	down_trail("slept woken");
}
END_TEST

static int alive;

static void deep(void *arg)
{
	char frame[12 * 1024];
	bool same = true;

	memset(frame, (int)(intptr_t)arg, sizeof(frame));
	alive++;
	bb_fiber_park_for(((intptr_t)arg % 97) * BB_MS);
	/* One assertion for all: each costs a system call. */
	for (size_t i = 0; i < sizeof(frame) && same; i++)
		same = (unsigned char)frame[i] == (unsigned char)(intptr_t)arg;
	ck_assert(same);
	alive--;
}

START_TEST(many)
{
	struct bb_fiber_stats st;

	for (intptr_t i = 1; i <= 300; i++)
		ck_assert_int_eq(bb_fiber_spawn(NULL, "deep", deep, (void *)i), 0);
	bb_sim_settle();
	ck_assert_int_gt(alive, 290);
	bb_fiber_stats(&st);
	ck_assert_uint_eq(st.peak, 300);
	bb_sim_advance(BB_SEC);
	ck_assert_int_eq(alive, 0);
	bb_fiber_stats(&st);
	ck_assert_uint_eq(st.live, 0);
}
END_TEST

static void task_says(void *arg)
{
	put("T");
}

static void fiber_says(void *arg)
{
	static struct bb_task again;

	put("F");
	bb_task_post(&again, task_says, NULL);
	put("f");
}

START_TEST(tasks_come_before_fibers_and_never_inside)
{
	struct bb_task t = { 0 };

	ck_assert_int_eq(bb_fiber_spawn(NULL, "says", fiber_says, NULL), 0);
	bb_task_post(&t, task_says, NULL);
	bb_sim_settle();
	down_trail("TFfT");
}
END_TEST

static void keeps_id(void *arg)
{
	bb_log_set_call_id(arg);
	bb_fiber_park_for(BB_SEC);
	ck_assert_str_eq(bb_log_call_id(), arg);
	bb_fiber_park_for(BB_SEC);
	ck_assert_str_eq(bb_log_call_id(), arg);
	put(arg);
}

START_TEST(the_call_id_follows_the_fiber)
{
	bb_log_set_call_id("loop");
	ck_assert_int_eq(bb_fiber_spawn(NULL, "id", keeps_id, (void *)(uintptr_t) "one"), 0);
	ck_assert_int_eq(bb_fiber_spawn(NULL, "id", keeps_id, (void *)(uintptr_t) "two"), 0);
	bb_sim_advance(3 * BB_SEC);
	ck_assert_str_eq(bb_log_call_id(), "loop");
	bb_log_set_call_id(NULL);
	ck_assert_str_eq(bb_log_call_id(), "");
	down_trail("onetwo");
}
END_TEST

START_TEST(stats_and_local)
{
	struct bb_fiber_stats st;
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "walker", walker, &f), 0);
	bb_fiber_set_local(f, &st);
	ck_assert_ptr_eq(bb_fiber_local(f), &st);
	bb_fiber_stats(&st);
	ck_assert_uint_eq(st.live, 1);
	ck_assert_uint_gt(st.stack_bytes, 32768);
	for (int i = 0; i < 3; i++) {
		bb_sim_settle();
		if (f)
			bb_fiber_wake(f);
	}
	bb_buf_free(&trail);
}
END_TEST

START_TEST(the_environment_names_the_backend)
{
	struct bb_fiber_stats st;
	const char *want = getenv("BB_FIBERS");

	bb_fiber_stats(&st);
	ck_assert_str_eq(st.backend, want && *want ? want : BB_FIBERS_DEFAULT);
}
END_TEST

static void left_behind(void *arg)
{
	bb_fiber_park();
	ck_abort_msg("never woken");
}

/* --- stacks --- */

static __attribute__((noinline)) unsigned down(unsigned n, bool (*until)(const volatile char *at))
{
	volatile char frame[1024];

	memset((char *)frame, (int)n, sizeof(frame));
	return until(frame) ? 1 : down(n + 1, until) + (unsigned char)frame[n % sizeof(frame)];
}

static const char *stack_top, *deep_page;

/* So many bytes below where the fiber began: their page was used then. */
static bool twenty_kb(const volatile char *at)
{
	if (stack_top - (const char *)at < 20 * 1024)
		return false;
	deep_page = (const char *)((uintptr_t)at & ~(uintptr_t)4095);
	return true;
}

static bool never(const volatile char *at)
{
	return at == NULL;
}

static bool resident(const char *p)
{
	unsigned char there = 0;

	ck_assert_int_eq(mincore((void *)(uintptr_t)p, 4096, &there), 0);
	return there & 1;
}

static void waits_long(void *arg)
{
	const char *mark = "kept";

	stack_top = __builtin_frame_address(0);
	ck_assert_uint_gt(down(0, twenty_kb), 0);
	ck_assert(bb_fiber_park_for(BB_SEC));
	put("1");
	ck_assert(bb_fiber_park_for(10 * BB_SEC));
	ck_assert_str_eq(mark, "kept");
	put("2");
}

START_TEST(one_that_waits_for_long_gives_its_pages_back)
{
	struct bb_fiber_stats st;

	ck_assert_int_eq(bb_fiber_spawn(NULL, "long", waits_long, NULL), 0);
	bb_sim_advance(BB_SEC + 1);
	ck_assert_str_eq(bb_buf_cstr(&trail), "1");
	ck_assert(resident(deep_page));
	bb_sim_advance(5 * BB_SEC);
	ck_assert(!resident(deep_page));
	bb_fiber_stats(&st);
	ck_assert_uint_eq(st.trimmed, 1);
	ck_assert_uint_ge(st.deepest, 20 * 1024);
	ck_assert_uint_lt(st.deepest, st.stack_each);
	bb_sim_advance(5 * BB_SEC);
	bb_fiber_stats(&st);
	ck_assert_uint_eq(st.trimmed, 0);
	down_trail("12");
}
END_TEST

static void goes_too_deep(void *arg)
{
	bb_log_set_call_id("C-00000007");
	down(0, never);
}

START_TEST(who_runs_over_its_stack_is_named)
{
	char text[4096];
	size_t n = 0;
	ssize_t got;
	int fds[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		ck_assert_int_eq(bb_fiber_spawn(NULL, "too deep", goes_too_deep, NULL), 0);
		bb_sim_settle();
		_exit(0);
	}
	close(fds[1]);
	while (n < sizeof(text) - 1 && (got = read(fds[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* A sanitizer reports it and exits; otherwise the signal is what ends it. */
	ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
	ck_assert_ptr_nonnull(
		strstr(text, "the fiber 'too deep' of C-00000007 ran over its stack"));
}
END_TEST

static void rounds_down(void *arg)
{
	fesetround(FE_DOWNWARD);
	bb_fiber_park();
	ck_assert_int_eq(fegetround(), FE_DOWNWARD);
	put("down");
}

START_TEST(how_numbers_round_stays_with_the_flow)
{
	struct bb_fiber *f;

	ck_assert_int_eq(bb_fiber_spawn(&f, "rounds", rounds_down, NULL), 0);
	bb_sim_settle();
	ck_assert_int_eq(fegetround(), FE_TONEAREST);
	bb_fiber_wake(f);
	bb_sim_settle();
	ck_assert_int_eq(fegetround(), FE_TONEAREST);
	down_trail("down");
}
END_TEST

START_TEST(a_backend_that_is_not_there)
{
	struct bb_loop_options opt = { .simulate = true, .fibers = "string" };

	ck_assert_int_eq(bb_loop_init(&opt), -EINVAL);
}
END_TEST

START_TEST(closing_counts_the_living)
{
	bbt_simulated_up();
	ck_assert_int_eq(bb_fiber_spawn(NULL, "left", left_behind, NULL), 0);
	ck_assert_int_eq(bb_fiber_spawn(NULL, "left", left_behind, NULL), 0);
	bb_sim_settle();
	/* One that never ran at all. */
	ck_assert_int_eq(bb_fiber_spawn(NULL, "left", left_behind, NULL), 0);
	ck_assert_uint_eq(bb_loop_close(), 3);
}
END_TEST

START_TEST(without_memory)
{
	BBT_OOM(20)
	{
		int err = bb_fiber_spawn(NULL, "deep", deep, NULL);

		ck_assert(err == 0 || err == -ENOMEM);
		if (!bbt_oom)
			ck_assert_int_eq(err, 0);
		bb_sim_advance(BB_SEC);
		ck_assert_int_eq(alive, 0);
	}
}
END_TEST

#define ALL                                                                                        \
	parks_and_wakes, a_wake_before_the_park_is_kept_once, parks_no_longer_than, many,          \
		tasks_come_before_fibers_and_never_inside, the_call_id_follows_the_fiber,          \
		stats_and_local, without_memory
#define STACKS                                                                                     \
	one_that_waits_for_long_gives_its_pages_back, who_runs_over_its_stack_is_named,            \
		how_numbers_round_stays_with_the_flow

BBT_MAIN("core/loop/fiber",
	 BBT_CASE("default", BBT_SIMULATED, ALL, the_environment_names_the_backend),
	 BBT_CASE("threads", BBT_THREADS, ALL), BBT_CASE("ucontext", BBT_UCONTEXT, ALL, STACKS),
#ifdef HAVE_FIBER_ASM
	 BBT_CASE("asm", BBT_ASM, ALL, STACKS),
#endif
	 BBT_CASE("closing", BBT_NO_LOOP, closing_counts_the_living, a_backend_that_is_not_there))
