/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pool of socket pairs and the engine's sockets behind it: who has a pair
 * when, what comes to one that rests, and what a call costs the kernel.
 */
#include <sys/resource.h>

#include <bellbird/mem.h>
#include <bellbird/rtp.h>

#include "modules/rtp/pool.h"
#include "modules/rtp/rtp_api.h"
#include "modules/rtp/rtp_packet.h"
#include "tests/unit/core/media/media_test.h"
#include "tests/unit/modules/codec/codecs.h"
#include "tests/unit/modules/rtp/far_sock.h"

static struct bb_addr loopback;
static unsigned n_first;

static void up(bool simulate)
{
	mt_open_with(simulate, codec_modules, BB_ARRAY_SIZE(codec_modules));
	rtp_settings = (struct rtp_settings){
		.strict = RTP_STRICT_YES, .probation = 4, .rtcp_interval = 5000, .checksums = true
	};
	ck_assert_int_eq(bb_addr_parse(&loopback, BB_STR("127.0.0.1")), 0);
	rtp_pool_range(0, 0, true);
	n_first = 0;
}

static void down(void)
{
	struct rtp_pool_stats st;
	struct bb_media_stats ms;

	mt_barrier();
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.out, 0);
	rtp_pool_close();
	mt_barrier();
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.resting, 0);
	bb_media_stats(&ms);
	ck_assert_uint_eq(ms.sockets, 0);
	mt_close();
}

static void count_first(struct bb_rtp *r, const struct bb_port_event *ev, void *arg)
{
	n_first += ev->type == BB_PORT_FIRST;
}

static struct bb_rtp *endpoint(struct bb_rtp *near)
{
	struct bb_rtp_params params = { .near = near ? rtp_api.port(near) : NULL,
					.local = loopback,
					.symmetric = true,
					.timeout = 30 * BB_SEC,
					.event = count_first };
	struct bb_rtp *r = NULL;

	ck_assert_int_eq(rtp_api.create(&r, &params), 0);
	return r;
}

static void configure(struct bb_rtp *r, const struct bb_addr *remote)
{
	struct bb_stream_desc l = { .type = BB_AUDIO,
				    .rtp = *rtp_api.local(r),
				    .dtmf_pt = 101,
				    .dtmf_clock = 8000,
				    .n_codecs = 1 };
	struct bb_stream_desc f = l;

	l.codecs[0].format = f.codecs[0].format = bb_format_find(BB_STR("ulaw"));
	f.rtp = *remote;
	ck_assert_int_eq(rtp_api.configure(r, &l, &f), 0);
}

static uint16_t port_of(const struct rtp_pair *pair)
{
	return bb_addr_port(bb_msock_local(pair->rtp));
}

static struct rtp_pair *take(void)
{
	struct rtp_pair *pair = NULL;

	ck_assert_int_eq(rtp_pool_take(&pair, &loopback, 0), 0);
	ck_assert_uint_eq(port_of(pair) % 2, 0);
	ck_assert_uint_eq(bb_addr_port(bb_msock_local(pair->rtcp)), port_of(pair) + 1u);
	return pair;
}

static struct far_sock far_rtp, far_rtcp;

static void send_voice(uint16_t port)
{
	struct rtp_packet h = { .pt = 0, .seq = 7, .ts = 160, .ssrc = 99 };
	struct bb_addr to = loopback;
	uint8_t b[RTP_HEADER + 160] = { 0 };

	rtp_build(b, &h);
	bb_addr_set_port(&to, port);
	far_send(&far_rtp, &to, b, sizeof(b));
}

/* A turn after the first barrier every thread has served what was there. */
static void served(void)
{
	mt_barrier();
	mt_barrier();
}

/* --- tests --- */

/* A range of one pair: full while it is out, and what rests does not fill it. */
START_TEST(a_full_range)
{
	struct rtp_pair *pair, *none = NULL;
	uint16_t port;

	up(true);
	pair = take();
	port = port_of(pair);
	rtp_pool_range(port, (uint16_t)(port + 1), true);
	ck_assert_int_eq(rtp_pool_take(&none, &loopback, 0), -EADDRINUSE);
	rtp_pool_give(pair);
	/* On any thread: better another one than none. */
	ck_assert_int_eq(rtp_pool_take(&pair, &loopback, 1), 0);
	ck_assert_uint_eq(port_of(pair), port);
	rtp_pool_give(pair);
	down();
}
END_TEST

START_TEST(a_new_range_keeps_what_is_inside)
{
	struct rtp_pair *in, *out;
	struct rtp_pool_stats st;
	uint16_t port;

	up(true);
	in = take();
	out = take();
	port = port_of(in);
	bb_sim_settle();
	rtp_pool_range(port, (uint16_t)(port + 1), true);
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.out, 2);
	ck_assert_uint_eq(st.resting, 0);
	rtp_pool_give(in);
	rtp_pool_give(out); /* of the range of before: closed */
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.resting, 1);
	rtp_pool_range(port, (uint16_t)(port + 1), true);
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.resting, 1);
	/* Sockets cannot be told to leave out what they were opened with. */
	rtp_pool_range(port, (uint16_t)(port + 1), false);
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.resting, 0);
	down();
}
END_TEST

START_TEST(pairs_rest_between_calls)
{
	struct rtp_pair *pair;
	uint16_t port;
	bool again = false;

	up(true);
	pair = take();
	port = port_of(pair);
	bb_sim_settle(); /* there are more now */
	rtp_pool_give(pair);
	for (unsigned i = 0; i < 8; i++) {
		pair = take();
		ck_assert_uint_ne(port_of(pair), port);
		rtp_pool_give(pair);
	}
	bb_sim_settle();
	bb_sim_advance(2 * BB_SEC);
	for (unsigned i = 0; i < 40 && !again; i++) {
		pair = take();
		again = port_of(pair) == port;
		rtp_pool_give(pair);
	}
	ck_assert(again);
	down();
}
END_TEST

/* Somebody who missed the end of his call goes on sending. */
START_TEST(a_disturbed_pair_rests_on)
{
	struct rtp_pair *pair;
	struct bb_addr far;
	uint16_t port;

	up(true);
	far = loopback;
	far_open(&far_rtp, &far_rtcp, &far);
	pair = take();
	port = port_of(pair);
	bb_sim_settle();
	rtp_pool_give(pair);
	for (unsigned i = 0; i < 50; i++) {
		bb_sim_advance(100 * BB_MS);
		send_voice(port);
		pair = take();
		ck_assert_uint_ne(port_of(pair), port);
		rtp_pool_give(pair);
	}
	far_close(&far_rtp);
	far_close(&far_rtcp);
	down();
}
END_TEST

/* What comes to a pair while it rests is no part of the next call, wherever that is from. */
START_TEST(nothing_of_before_is_heard)
{
	struct bb_addr far;
	struct bb_rtp_stats st;
	struct bb_rtp *r, *last = NULL;
	struct rtp_pool_stats ps;
	uint16_t port;

	up(_i);
	far = loopback;
	far_open(&far_rtp, &far_rtcp, &far);
	r = endpoint(NULL);
	configure(r, &far);
	port = bb_addr_port(rtp_api.local(r));
	/* A range of this pair alone: the next call has the same one. */
	rtp_pool_range(port, (uint16_t)(port + 1), true);
	send_voice(port);
	served();
	rtp_api.stats(r, &st);
	ck_assert_uint_eq(st.rx_packets, 1);
	rtp_api.close(r);
	served();
	rtp_pool_stats(&ps);
	ck_assert_uint_eq(ps.resting, 1);
	for (unsigned i = 0; i < 5; i++)
		send_voice(port);
	served();
	/* Still noisy: not to be had, though no other is. */
	{
		struct bb_rtp_params params = { .local = loopback };

		ck_assert_int_eq(rtp_api.create(&last, &params), -EADDRINUSE);
	}
	if (mt_simulated)
		bb_sim_advance(BB_SEC);
	else
		while (rtp_api.create(&last, &(struct bb_rtp_params){ .local = loopback,
								      .symmetric = true }) < 0)
			served();
	if (mt_simulated)
		last = endpoint(NULL);
	ck_assert_uint_eq(bb_addr_port(rtp_api.local(last)), port);
	configure(last, &far);
	served();
	rtp_api.stats(last, &st);
	ck_assert_uint_eq(st.rx_packets + st.rx_discarded, 0);
	ck_assert_uint_eq(n_first, 1);
	/* The call itself is heard. */
	send_voice(port);
	served();
	rtp_api.stats(last, &st);
	ck_assert_uint_eq(st.rx_packets, 1);
	rtp_api.close(last);
	far_close(&far_rtp);
	far_close(&far_rtcp);
	down();
}
END_TEST

static void call(const struct bb_addr *far)
{
	struct bb_rtp *a = endpoint(NULL), *b = endpoint(a);

	configure(a, far);
	configure(b, far);
	ck_assert_int_eq(bb_port_connect(rtp_api.port(a), rtp_api.port(b)), 0);
	ck_assert_int_eq(bb_port_connect(rtp_api.port(b), rtp_api.port(a)), 0);
	rtp_api.close(a);
	rtp_api.close(b);
}

static bool had_all(void *arg)
{
	struct rtp_pool_stats st;

	rtp_pool_stats(&st);
	return st.out == 0;
}

static void when_had_all(void *arg)
{
	static struct bb_timer t;

	if (had_all(NULL))
		bb_loop_stop();
	else
		bb_timer_set(&t, BB_MS, when_had_all, NULL);
}

/* A turn with ten calls in it wakes nobody; what they held comes back all the same. */
START_TEST(a_call_wakes_nobody)
{
	struct bb_addr far;
	struct bb_media_stats before, after;
	struct bb_task go = { 0 };

	up(false);
	far = loopback;
	bb_addr_set_port(&far, 9);
	call(&far);
	served();
	bb_media_stats(&before);
	for (unsigned i = 0; i < 10; i++)
		call(&far);
	bb_media_stats(&after);
	ck_assert_uint_eq(after.wakes, before.wakes);
	bb_task_post(&go, when_had_all, NULL);
	mt_run_loop();
	bb_media_stats(&after);
	/* One for all of them on each thread, and one more where that one was asleep again. */
	ck_assert_uint_le(after.wakes - before.wakes, 4);
	ck_assert_uint_ge(after.commands - before.commands, 100);
	down();
}
END_TEST

/* Under a steady load nothing is opened any more. */
START_TEST(steady_calls_open_nothing)
{
	struct bb_addr far;
	struct bb_media_stats before, after;

	up(true);
	far = loopback;
	bb_addr_set_port(&far, 9);
	for (unsigned i = 0; i < 100; i++) {
		call(&far);
		bb_sim_advance(20 * BB_MS);
	}
	bb_media_stats(&before);
	for (unsigned i = 0; i < 500; i++) {
		call(&far);
		bb_sim_advance(20 * BB_MS);
	}
	bb_media_stats(&after);
	ck_assert_uint_eq(after.sockets_opened, before.sockets_opened);
	/* What a busy hour needed goes when nobody wants it. */
	bb_sim_advance(180 * BB_SEC);
	bb_media_stats(&after);
	ck_assert_uint_lt(after.sockets, before.sockets);
	ck_assert_uint_le(after.sockets, 2 * 8);
	down();
}
END_TEST

/* A leg that goes to another thread takes its sockets along, and is heard there. */
START_TEST(sockets_move_with_their_port)
{
	struct bb_addr far;
	struct bb_rtp *a, *b;
	struct bb_rtp_stats st;

	up(false);
	far = loopback;
	far_open(&far_rtp, &far_rtcp, &far);
	a = endpoint(NULL);
	b = endpoint(NULL);
	ck_assert_uint_ne(bb_port_thread(rtp_api.port(a)), bb_port_thread(rtp_api.port(b)));
	configure(a, &far);
	configure(b, &far);
	for (unsigned i = 0; i < 3; i++)
		send_voice(bb_addr_port(rtp_api.local(a)));
	ck_assert_int_eq(bb_port_connect(rtp_api.port(a), rtp_api.port(b)), 0);
	ck_assert_int_eq(bb_port_connect(rtp_api.port(b), rtp_api.port(a)), 0);
	served();
	ck_assert_uint_eq(bb_port_thread(rtp_api.port(a)), bb_port_thread(rtp_api.port(b)));
	send_voice(bb_addr_port(rtp_api.local(a)));
	served();
	served();
	rtp_api.stats(a, &st);
	ck_assert_uint_eq(st.rx_packets, 4);
	/* Closed on its way back: the pair is given up, not lost. */
	rtp_api.close(a);
	rtp_api.close(b);
	far_close(&far_rtp);
	far_close(&far_rtcp);
	down();
}
END_TEST

/* What rests is a part of what the process may open: the rest is for calls. */
START_TEST(few_descriptors)
{
	struct rlimit before, low;
	struct rtp_pair *pairs[20];
	struct rtp_pool_stats st;

	up(true);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 96;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	rtp_pool_range(0, 0, true);
	for (unsigned i = 0; i < BB_ARRAY_SIZE(pairs); i++)
		pairs[i] = take();
	for (unsigned i = 0; i < BB_ARRAY_SIZE(pairs); i++)
		rtp_pool_give(pairs[i]);
	bb_sim_settle();
	rtp_pool_stats(&st);
	ck_assert_uint_eq(st.resting, 96 / 8);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	down();
}
END_TEST

START_TEST(lack_of_memory_loses_no_pair)
{
	up(true);
	for (unsigned long at = 1; at < 40; at++) {
		struct bb_rtp_params params = { .local = loopback };
		struct rtp_pool_stats st;
		struct bb_rtp *r = NULL;
		int err;

		rtp_pool_close();
		rtp_pool_range(0, 0, true);
		bb_mem_fail_at(at);
		err = rtp_api.create(&r, &params);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		rtp_api.close(r);
		mt_barrier();
		rtp_pool_stats(&st);
		ck_assert_uint_eq(st.out, 0);
	}
	down();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pool");
	Suite *s = suite_create("rtp pool");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_full_range);
	tcase_add_test(tc, a_new_range_keeps_what_is_inside);
	tcase_add_test(tc, pairs_rest_between_calls);
	tcase_add_test(tc, a_disturbed_pair_rests_on);
	tcase_add_loop_test(tc, nothing_of_before_is_heard, 0, 2);
	tcase_add_test(tc, a_call_wakes_nobody);
	tcase_add_test(tc, steady_calls_open_nothing);
	tcase_add_test(tc, sockets_move_with_their_port);
	tcase_add_test(tc, few_descriptors);
	tcase_add_test(tc, lack_of_memory_loses_no_pair);
	suite_add_tcase(s, tc);
	return mt_run(s);
}
