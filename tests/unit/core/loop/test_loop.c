/* SPDX-License-Identifier: BSD-3-Clause */
/* Timers, tasks, work, processes, signals, the watchdog. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "bbtest.h"
#include "core/loop/fiber.h"

static unsigned count;
static struct bb_buf trail;

static void put(void *arg)
{
	bb_buf_puts(&trail, arg);
}

static void counts(void *arg)
{
	count++;
}

static void stops(void *arg)
{
	bb_loop_stop();
}

static void *say(const char *z)
{
	return (void *)(uintptr_t)z;
}

/* --- timers --- */

START_TEST(timers_fire_in_order)
{
	struct bb_timer t[5] = { 0 };
	bb_time start = bb_now(), wall = bb_wall();

	bb_timer_set(&t[0], 3 * BB_SEC, put, say("c"));
	bb_timer_set(&t[1], 1 * BB_SEC, put, say("a"));
	bb_timer_set(&t[2], 3 * BB_SEC, put, say("d"));
	bb_timer_set(&t[3], 2 * BB_SEC, put, say("b"));
	bb_timer_set(&t[4], 2 * BB_SEC, put, say("!"));
	bb_timer_cancel(&t[4]);
	ck_assert(!bb_timer_active(&t[4]));
	bb_sim_advance(BB_SEC - 1);
	ck_assert_str_eq(bb_buf_cstr(&trail), "");
	bb_sim_advance(1);
	ck_assert_str_eq(bb_buf_cstr(&trail), "a");
	bb_sim_advance(32 * BB_SEC);
	ck_assert_str_eq(bb_buf_cstr(&trail), "abcd");
	ck_assert_int_eq(bb_now() - start, 33 * BB_SEC);
	ck_assert_int_eq(bb_wall() - wall, 33 * BB_SEC);
	bb_buf_free(&trail);
}
END_TEST

START_TEST(the_loop_runs_until_nothing_can_happen)
{
	struct bb_timer t = { 0 };
	bb_time start = bb_now();

	bb_timer_set(&t, 24 * 3600 * BB_SEC, counts, NULL);
	bb_loop_run();
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(bb_now() - start, 24 * 3600 * BB_SEC);
}
END_TEST

struct many {
	struct bb_timer t;
	bb_time due;
};
static bb_time latest;

static void in_order(void *arg)
{
	struct many *m = arg;

	ck_assert_int_eq(bb_now(), m->due);
	ck_assert_int_ge(m->due, latest);
	latest = m->due;
	count++;
}

START_TEST(many_timers)
{
	static struct many many[5000];
	unsigned set = 0;

	for (unsigned i = 0; i < BB_ARRAY_SIZE(many); i++) {
		many[i].due = bb_now() + bb_random_below(1000000);
		bb_timer_set_at(&many[i].t, many[i].due, in_order, &many[i], BB_WHERE);
	}
	for (unsigned i = 0; i < BB_ARRAY_SIZE(many); i++) {
		uint32_t what = bb_random_below(3);

		if (what == 0)
			bb_timer_cancel(&many[i].t);
		if (what == 1) {
			many[i].due = bb_now() + bb_random_below(1000000);
			bb_timer_set_at(&many[i].t, many[i].due, in_order, &many[i], BB_WHERE);
		}
		set += bb_timer_active(&many[i].t);
	}
	bb_sim_advance(2 * BB_SEC);
	ck_assert_uint_eq(count, set);
}
END_TEST

static void rearm(void *arg)
{
	if (++count < 10)
		bb_timer_set((struct bb_timer *)arg, 0, rearm, arg);
}

START_TEST(a_timer_may_set_itself_again)
{
	struct bb_timer t = { 0 };

	bb_timer_set(&t, 0, rearm, &t);
	bb_sim_settle();
	ck_assert_uint_eq(count, 10);
}
END_TEST

static void find_where(const struct bb_timer *t, void *arg)
{
	count += strstr(t->where, "test_loop.c:") != NULL;
}

START_TEST(timers_can_be_named)
{
	struct bb_timer t = { 0 };
	struct bb_loop_stats st;

	bb_timer_set(&t, BB_SEC, counts, NULL);
	bb_timer_each(find_where, NULL);
	ck_assert_uint_eq(count, 1);
	bb_loop_stats(&st);
	ck_assert_uint_eq(st.timers, 1);
	bb_timer_cancel(&t);
}
END_TEST

START_TEST(real_timers_fire)
{
	struct bb_timer t[2] = { 0 };
	bb_time start = bb_now();

	bb_timer_set(&t[0], 30 * BB_MS, stops, NULL);
	bb_timer_set(&t[1], 10 * BB_MS, counts, NULL);
	bb_loop_run();
	ck_assert_uint_eq(count, 1);
	ck_assert_int_ge(bb_now() - start, 30 * BB_MS);
	ck_assert_int_lt(bb_now() - start, 5 * BB_SEC);
}
END_TEST

/* --- tasks --- */

static struct bb_task one, two;

static void posts_two(void *arg)
{
	put(arg);
	bb_task_post(&two, put, say("2"));
	bb_task_post(&two, put, say("never: it is queued already"));
}

START_TEST(tasks)
{
	struct bb_task off = { 0 };

	bb_task_post(&one, posts_two, say("1"));
	bb_task_post(&off, put, say("!"));
	bb_task_cancel(&off);
	ck_assert_str_eq(bb_buf_cstr(&trail), "");
	bb_sim_settle();
	ck_assert_str_eq(bb_buf_cstr(&trail), "12");
	bb_buf_free(&trail);
}
END_TEST

static void for_ever(void *arg)
{
	bb_task_post(&one, for_ever, NULL);
}

START_TEST(endless_tasks_do_not_starve_the_timers)
{
	struct bb_timer t = { 0 };

	bb_task_post(&one, for_ever, NULL);
	bb_timer_set(&t, 10 * BB_MS, stops, NULL);
	bb_loop_run();
	bb_task_cancel(&one);
}
END_TEST

/* --- other threads --- */

static void posted(void *arg)
{
	bb_assert_control();
	if (++count == 400)
		bb_loop_stop();
}

static void *poster(void *arg)
{
	ck_assert(!bb_on_control());
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(bb_loop_post(posted, NULL), 0);
	return NULL;
}

START_TEST(posts_from_threads)
{
	struct bb_timer limit = { 0 };
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, poster, NULL), 0);
	bb_timer_set(&limit, 20 * BB_SEC, stops, NULL);
	bb_loop_run();
	bb_timer_cancel(&limit);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	ck_assert_uint_eq(count, 400);
}
END_TEST

static int hard_work(void *arg)
{
	return 42;
}

static void worked(int result, void *arg)
{
	ck_assert_int_eq(result, 42);
	bb_assert_control();
	if (++count == 8)
		bb_loop_stop();
}

START_TEST(work)
{
	struct bb_timer limit = { 0 };

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(bb_work(hard_work, worked, NULL), 0);
	ck_assert_uint_eq(count, 0);
	bb_timer_set(&limit, 20 * BB_SEC, stops, NULL);
	bb_loop_run();
	bb_timer_cancel(&limit);
	ck_assert_uint_eq(count, 8);
}
END_TEST

START_TEST(work_without_memory)
{
	BBT_OOM(50)
	{
		int err = bb_work(hard_work, NULL, NULL);

		ck_assert(err == 0 || err == -ENOMEM);
		if (!bbt_oom)
			ck_assert_int_eq(err, 0);
		err = bb_loop_post(counts, NULL);
		ck_assert(err == 0 || err == -ENOMEM);
	}
}
END_TEST

/* --- processes --- */

static int status;

static void said(struct bb_process *p, const char *data, size_t len, void *arg)
{
	bb_buf_put(&trail, data, len);
}

static void ended(struct bb_process *p, int st, void *arg)
{
	status = st;
	count++;
	bb_loop_stop();
}

static const struct bb_process_ops process_ops = { .output = said, .exit = ended };

static void spawn(const char *script, const char *input, struct bb_process **pp)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	ck_assert_int_eq(bb_process_spawn(pp, argv, input, &process_ops, NULL), 0);
}

START_TEST(processes)
{
	const char *nothing[] = { "/nonexistent/program", NULL };
	struct bb_process *p;

	spawn("cat; echo err >&2; exit 3", "input ", &p);
	ck_assert_uint_eq(count, 0);
	bb_loop_run();
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(status, 3);
	ck_assert_str_eq(bb_buf_cstr(&trail), "input err\n");
	bb_buf_free(&trail);
	spawn("kill -9 $$", NULL, NULL);
	bb_loop_run();
	ck_assert_int_eq(status, -9);
	ck_assert_int_eq(bb_process_spawn(&p, nothing, NULL, &process_ops, NULL), -ENOENT);
	bb_buf_free(&trail);
}
END_TEST

START_TEST(a_process_can_be_killed)
{
	struct bb_process *p;

	spawn("exec sleep 60", NULL, &p);
	bb_process_kill(p, SIGTERM);
	bb_loop_run();
	ck_assert_int_eq(status, -SIGTERM);
}
END_TEST

/* --- signals, the watchdog --- */

static void signalled(int signum, void *arg)
{
	ck_assert_int_eq(signum, SIGHUP);
	count++;
	bb_loop_stop();
}

START_TEST(signals)
{
	ck_assert_int_eq(bb_loop_on_signal(SIGHUP, signalled, NULL), 0);
	kill(getpid(), SIGHUP);
	bb_loop_run();
	ck_assert_uint_eq(count, 1);
}
END_TEST

static void stands_still(void *arg)
{
	bb_time end = bb_now() + 5 * BB_SEC;
	struct bb_loop_stats st;

	/* Until the watchdog has seen it: no fixed time would do on a busy machine. */
	bb_watchdog_enter("app_test", "Loiter");
	do {
		usleep(2000);
		bb_loop_stats(&st);
	} while (!st.stalls && bb_now() <= end);
	bb_watchdog_leave();
	count = (unsigned)st.stalls;
	bb_loop_stop();
}

START_TEST(stalls_are_seen)
{
	struct bb_loop_options opt = { .stall_limit = 30 * BB_MS };
	struct bb_task t = { 0 };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
	bb_task_post(&t, stands_still, NULL);
	bb_loop_run();
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(bb_loop_close(), 0);
}
END_TEST

/* --- the end --- */

START_TEST(what_was_posted_runs_before_the_end)
{
	bbt_simulated_up();
	ck_assert_int_eq(bb_loop_post(counts, NULL), 0);
	ck_assert_uint_eq(bb_loop_close(), 0);
	ck_assert_uint_eq(count, 1);
}
END_TEST

static void ticks_until_ten(void *arg)
{
	if (count >= 10)
		bb_loop_stop();
	else
		bb_timer_set((struct bb_timer *)arg, BB_MS, ticks_until_ten, arg);
}

static void *posts_until_refused(void *arg)
{
	while (bb_loop_post(counts, NULL) == 0)
		usleep(10);
	return NULL;
}

START_TEST(closing_under_the_hands_of_a_poster)
{
	struct bb_timer tick = { 0 };
	pthread_t t;

	bbt_real_up();
	ck_assert_int_eq(pthread_create(&t, NULL, posts_until_refused, NULL), 0);
	bb_timer_set(&tick, BB_MS, ticks_until_ten, &tick);
	bb_loop_run();
	ck_assert_uint_eq(bb_loop_close(), 0);
	pthread_join(t, NULL);
}
END_TEST

START_TEST(what_is_left_is_counted)
{
	struct bb_timer t = { 0 };
	struct bb_udp *u;
	struct bb_addr a;
	static const struct bb_udp_ops ops = { .recv = NULL };

	bbt_simulated_up();
	ck_assert_int_eq(bb_loop_init(NULL), -EBUSY);
	ck_assert_int_eq(bb_addr_parse(&a, BB_STR("127.0.0.1:0")), 0);
	ck_assert_int_eq(bb_udp_open(&u, &a, &ops, NULL), -EINVAL);
	bb_timer_set(&t, BB_SEC, counts, NULL);
	ck_assert_uint_eq(bb_loop_close(), 1);
	ck_assert(!bb_timer_active(&t));
	bb_timer_cancel(&t);
	ck_assert_int_eq(bb_loop_post(counts, NULL), -ECANCELED);
	ck_assert(!bb_on_control());
	ck_assert_int_gt(bb_now(), 0);
	ck_assert_int_gt(bb_wall(), bb_now());
}
END_TEST

static bool five(void *arg)
{
	return count >= 5;
}

static void ticks(void *arg)
{
	count++;
	bb_timer_set((struct bb_timer *)arg, BB_SEC, ticks, arg);
}

START_TEST(until_something_holds)
{
	struct bb_timer t = { 0 };
	bb_time start = bb_now();

	bb_timer_set(&t, BB_SEC, ticks, &t);
	ck_assert(bb_sim_until(five, NULL, 100 * BB_SEC));
	ck_assert_int_eq(bb_now() - start, 5 * BB_SEC);
	bb_timer_cancel(&t);
	count = 0;
	ck_assert(!bb_sim_until(five, NULL, 100 * BB_SEC));
	ck_assert_int_eq(bb_now() - start, 105 * BB_SEC);
}
END_TEST

static void random_bytes(uint64_t seed, char dst[33])
{
	struct bb_loop_options opt = { .simulate = true, .seed = seed };

	ck_assert_int_eq(bb_loop_init(&opt), 0);
	bb_random_text(dst, 32);
	ck_assert_uint_eq(bb_loop_close(), 0);
}

START_TEST(randomness_is_seeded)
{
	char a[33], b[33], c[33];

	random_bytes(5, a);
	random_bytes(5, b);
	random_bytes(6, c);
	ck_assert_str_eq(a, b);
	ck_assert_str_ne(a, c);
}
END_TEST

BBT_MAIN("core/loop",
	 BBT_CASE("virtual", BBT_SIMULATED, timers_fire_in_order,
		  the_loop_runs_until_nothing_can_happen, many_timers, a_timer_may_set_itself_again,
		  timers_can_be_named, tasks, work, work_without_memory, processes,
		  until_something_holds),
	 BBT_CASE("real", BBT_REAL, real_timers_fire, endless_tasks_do_not_starve_the_timers,
		  posts_from_threads, work, work_without_memory, processes, a_process_can_be_killed,
		  signals),
	 BBT_CASE("ends", BBT_NO_LOOP, stalls_are_seen, what_is_left_is_counted,
		  what_was_posted_runs_before_the_end, closing_under_the_hands_of_a_poster,
		  randomness_is_seeded))
