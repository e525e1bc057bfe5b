/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports on real media threads and in simulation: commands, events, links,
 * migration, taps, timers, barrier, memory that runs out.
 */
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "tests/unit/core/media/media_test.h"

/* A port that pushes what it is told and keeps what it is given. */
enum { CMD_PUSH = 1, CMD_EVENT, CMD_TIMER, CMD_WATCH };
struct toy {
	atomic_uint attached, detached, written, ticks, timers, bytes, commands;
	atomic_int last, switches;
	atomic_uint order_errors;
	unsigned expect;
	struct bb_mwatch watch;
};
static atomic_uint destroyed;

static void toy_attach(struct bb_mport *mp, void *state)
{
	struct toy *t = state;

	atomic_fetch_add(&t->attached, 1);
}

static void toy_detach(struct bb_mport *mp, void *state)
{
	struct toy *t = state;

	if (t->watch.fn)
		bb_mport_unwatch(mp, &t->watch);
	t->watch.fn = NULL;
	atomic_fetch_add(&t->detached, 1);
}

static void toy_write(struct bb_mport *mp, void *state, struct bb_frame *f)
{
	struct toy *t = state;

	atomic_fetch_add(&t->written, 1);
	atomic_fetch_add(&t->bytes, (unsigned)f->len);
	if (f->flags & BB_FRAME_SWITCH)
		atomic_fetch_add(&t->switches, 1);
	atomic_store(&t->last, f->len ? f->data[0] : -1);
	f->data[0] = 0xee; /* a sink may change the bytes */
}

static void toy_tick(struct bb_mport *mp, void *state, bb_time now)
{
	atomic_fetch_add(&((struct toy *)state)->ticks, 1);
}

static void toy_timer(struct bb_mport *mp, void *state, bb_time now)
{
	atomic_fetch_add(&((struct toy *)state)->timers, 1);
	bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_DRIVER, .value = now });
}

static void toy_readable(struct bb_mport *mp, void *state, int fd)
{
	struct toy *t = state;
	char b[8];

	if (recv(fd, b, sizeof(b), MSG_DONTWAIT) > 0)
		bb_mport_event(mp,
			       &(struct bb_port_event){ .type = BB_PORT_DRIVER, .value = b[0] });
	atomic_fetch_add(&t->bytes, 1);
}

static void toy_push(struct bb_mport *mp, const struct toy_frame *tf)
{
	uint8_t *b = bb_mport_scratch(mp);
	struct bb_frame f = { .format = tf->format,
			      .data = b,
			      .len = tf->len,
			      .cap = 2048,
			      .samples = tf->samples,
			      .seq = tf->seq,
			      .ts = tf->ts,
			      .flags = tf->flags };

	memset(b, tf->value, tf->len);
	bb_mport_push(mp, &f);
}

static void toy_command(struct bb_mport *mp, void *state, unsigned cmd, const void *data,
			size_t len)
{
	struct toy *t = state;
	unsigned n;

	atomic_fetch_add(&t->commands, 1);
	switch (cmd) {
	case CMD_PUSH:
		toy_push(mp, data);
		break;
	case CMD_EVENT:
		memcpy(&n, data, sizeof(n));
		if (n != t->expect++)
			atomic_fetch_add(&t->order_errors, 1);
		bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_DRIVER, .value = n });
		break;
	case CMD_TIMER:
		bb_mport_timer(mp, bb_mport_now(mp) + *(const bb_time *)data);
		break;
	case CMD_WATCH:
		memcpy(&t->watch.fd, data, sizeof(int));
		t->watch.fn = toy_readable;
		t->watch.mp = mp;
		t->watch.state = t;
		ck_assert_int_eq(bb_mport_watch(mp, &t->watch), 0);
		break;
	}
}

static void toy_destroy(void *state)
{
	atomic_fetch_add(&destroyed, 1);
}

static const struct bb_port_driver toy = {
	.name = "toy",
	.state_size = sizeof(struct toy),
	.attach = toy_attach,
	.detach = toy_detach,
	.write = toy_write,
	.timer = toy_timer,
	.command = toy_command,
	.destroy = toy_destroy,
};
static const struct bb_port_driver ticker = {
	.name = "ticker",
	.state_size = sizeof(struct toy),
	.ticks = true,
	.tick = toy_tick,
	.command = toy_command,
	.destroy = toy_destroy,
};

static struct bb_port *toy_new(const struct bb_port_driver *d, const char *format,
			       struct bb_port *near)
{
	const struct bb_format *f = bb_format_find(bb_strz(format));
	struct bb_port *p = NULL;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(bb_port_new(&p, &(struct bb_port_params){ .driver = d,
								   .near = near,
								   .rx = f,
								   .tx = f,
								   .event = mt_event }),
			 0);
	return p;
}

static struct toy *toy_of(struct bb_port *p)
{
	return bb_port_state(p);
}

static void push(struct bb_port *p, struct toy_frame tf)
{
	if (!tf.format)
		tf.format = bb_port_rx(p);
	ck_assert_int_eq(bb_port_command(p, CMD_PUSH, &tf, sizeof(tf)), 0);
}

START_TEST(pushes_to_its_sink)
{
	struct bb_port *a, *b;

	mt_open(_i);
	destroyed = 0;
	a = toy_new(&toy, "slin", NULL);
	b = toy_new(&toy, "slin", NULL);
	push(a, (struct toy_frame){ .len = 20, .value = 1 });
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	ck_assert(bb_port_connected(a));
	ck_assert_uint_eq(bb_port_thread(a), bb_port_thread(b));
	push(a, (struct toy_frame){ .len = 40, .value = 7 });
	push(a, (struct toy_frame){ .len = 40, .value = 8 });
	mt_barrier();
	mt_barrier();
	ck_assert_uint_eq(toy_of(b)->written, 2);
	ck_assert_uint_eq(toy_of(b)->bytes, 80);
	ck_assert_int_eq(toy_of(b)->last, 8);
	ck_assert_int_eq(toy_of(b)->switches, 1);
	/* That another stream begins is said with the first frame that comes through. */
	push(a, (struct toy_frame){ .flags = BB_FRAME_LOST | BB_FRAME_SWITCH });
	push(a, (struct toy_frame){ .len = 40, .value = 8 });
	mt_barrier();
	ck_assert_uint_eq(toy_of(b)->written, 3);
	ck_assert_int_eq(toy_of(b)->switches, 2);
	bb_port_disconnect(a);
	push(a, (struct toy_frame){ .len = 40, .value = 9 });
	mt_barrier();
	ck_assert_uint_eq(toy_of(b)->written, 3);
	bb_port_close(a);
	bb_port_close(b);
	mt_barrier();
	ck_assert_uint_eq(destroyed, 2);
	mt_close();
}
END_TEST

START_TEST(echoes)
{
	struct bb_port *a;

	mt_open(_i);
	a = toy_new(&toy, "slin", NULL);
	ck_assert_int_eq(bb_port_connect(a, a), 0);
	push(a, (struct toy_frame){ .len = 4, .value = 3 });
	mt_barrier();
	ck_assert_uint_eq(toy_of(a)->written, 1);
	bb_port_close(a);
	mt_close();
}
END_TEST

/* Chains on two threads meet; every port keeps its connections, commands keep their order. */
START_TEST(migrates_with_what_it_is_connected_to)
{
	struct bb_port *a, *b, *c, *d;
	unsigned n = 0;

	mt_open(_i);
	a = toy_new(&toy, "slin", NULL);
	b = toy_new(&toy, "slin", a);
	c = toy_new(&toy, "slin", NULL);
	d = toy_new(&toy, "slin", c);
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	ck_assert_int_eq(bb_port_connect(c, d), 0);
	if (!_i) {
		ck_assert_uint_ne(bb_port_thread(a), bb_port_thread(c));
	}
	for (; n < 50; n++)
		ck_assert_int_eq(bb_port_command(b, CMD_EVENT, &n, sizeof(n)), 0);
	/* b comes to c's thread and brings a along. */
	ck_assert_int_eq(bb_port_connect(b, c), 0);
	for (; n < 100; n++)
		ck_assert_int_eq(bb_port_command(b, CMD_EVENT, &n, sizeof(n)), 0);
	ck_assert_uint_eq(bb_port_thread(a), bb_port_thread(d));
	mt_barrier();
	mt_barrier();
	push(a, (struct toy_frame){ .len = 2, .value = 1 });
	push(b, (struct toy_frame){ .len = 2, .value = 2 });
	push(c, (struct toy_frame){ .len = 2, .value = 3 });
	mt_barrier();
	ck_assert_uint_eq(toy_of(b)->written, 1);
	ck_assert_uint_eq(toy_of(c)->written, 1);
	ck_assert_uint_eq(toy_of(d)->written, 1);
	ck_assert_uint_eq(toy_of(b)->order_errors, 0);
	ck_assert_uint_eq(toy_of(b)->commands, 101);
	ck_assert_uint_eq(mt_events, 100);
	bb_port_close(a);
	bb_port_close(b);
	bb_port_close(c);
	bb_port_close(d);
	mt_close();
}
END_TEST

START_TEST(closes_while_it_moves)
{
	mt_open(_i);
	destroyed = 0;
	for (unsigned i = 0; i < 50; i++) {
		struct bb_port *a = toy_new(&toy, "slin", NULL);
		struct bb_port *b = toy_new(&toy, "slin", NULL);
		unsigned n = 0;

		ck_assert_int_eq(bb_port_connect(a, b), 0);
		ck_assert_int_eq(bb_port_command(a, CMD_EVENT, &n, sizeof(n)), 0);
		bb_port_close(i & 1 ? a : b);
		bb_port_close(i & 1 ? b : a);
	}
	mt_barrier();
	mt_barrier();
	ck_assert_uint_eq(destroyed, 100);
	ck_assert_uint_eq(mt_events, 0); /* none after close */
	mt_close();
}
END_TEST

START_TEST(spills_when_the_ring_is_full)
{
	struct bb_port *a;
	struct bb_media_stats st;

	mt_open(0);
	a = toy_new(&toy, "slin", NULL);
	for (unsigned n = 0; n < 20000; n++)
		ck_assert_int_eq(bb_port_command(a, CMD_EVENT, &n, sizeof(n)), 0);
	mt_barrier();
	ck_assert_uint_eq(toy_of(a)->commands, 20000);
	ck_assert_uint_eq(toy_of(a)->order_errors, 0);
	bb_media_stats(&st);
	ck_assert_uint_eq(mt_events + st.events_lost, 20000);
	bb_port_close(a);
	mt_close();
}
END_TEST

START_TEST(taps_get_copies)
{
	struct bb_port *a, *b, *in, *out;

	mt_open(_i);
	a = toy_new(&toy, "slin", NULL);
	b = toy_new(&toy, "slin", NULL);
	in = toy_new(&toy, "slin", NULL);
	out = toy_new(&toy, "slin16", NULL);
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	ck_assert_int_eq(bb_port_tap(a, false, in), 0);
	ck_assert_int_eq(bb_port_tap(b, true, out), -ENOTSUP); /* no resampler is loaded */
	bb_port_set_formats(out, bb_format_linear(8000), bb_format_linear(8000));
	ck_assert_int_eq(bb_port_tap(b, true, out), 0);
	mt_barrier();
	mt_barrier();
	push(a, (struct toy_frame){ .len = 2, .value = 5 });
	mt_barrier();
	ck_assert_int_eq(toy_of(in)->last, 5);
	ck_assert_int_eq(toy_of(out)->last, 5);
	ck_assert_int_eq(toy_of(b)->last, 5);
	bb_port_tap(a, false, NULL);
	push(a, (struct toy_frame){ .len = 2, .value = 6 });
	mt_barrier();
	ck_assert_uint_eq(toy_of(in)->written, 1);
	ck_assert_uint_eq(toy_of(out)->written, 2);
	bb_port_close(b);
	bb_port_close(in);
	bb_port_close(out);
	bb_port_close(a);
	mt_close();
}
END_TEST

START_TEST(ticks_each_20_ms)
{
	struct bb_port *a, *b;

	mt_open(1);
	a = toy_new(&ticker, "slin", NULL);
	b = toy_new(&toy, "slin", NULL);
	bb_sim_advance(1 * BB_SEC);
	ck_assert_uint_eq(toy_of(a)->ticks, 50);
	ck_assert_uint_eq(toy_of(b)->ticks, 0);
	bb_port_close(a);
	bb_port_close(b);
	mt_close();
}
END_TEST

START_TEST(timers_fire_once_and_not_early)
{
	static const bb_time spans[] = { 1 * BB_MS, 5 * BB_MS, 33 * BB_MS, 2 * BB_SEC,
					 30 * BB_SEC };
	struct bb_port *a;

	mt_open(1);
	a = toy_new(&toy, "slin", NULL);
	for (unsigned i = 0; i < BB_ARRAY_SIZE(spans); i++) {
		bb_time from = bb_now();

		ck_assert_int_eq(bb_port_command(a, CMD_TIMER, &spans[i], sizeof(spans[i])), 0);
		bb_sim_advance(spans[i] + 6 * BB_MS);
		ck_assert_uint_eq(mt_events, i + 1);
		ck_assert_int_ge(mt_last.value, from + spans[i]);
		ck_assert_int_le(mt_last.value, from + spans[i] + 5 * BB_MS);
		bb_sim_advance(3 * BB_SEC);
		ck_assert_uint_eq(mt_events, i + 1);
	}
	bb_port_close(a);
	mt_close();
}
END_TEST

START_TEST(serves_descriptors)
{
	struct bb_port *a;
	int fds[2];

	mt_open(_i);
	a = toy_new(&toy, "slin", NULL);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	ck_assert_int_eq(bb_port_command(a, CMD_WATCH, &fds[0], sizeof(int)), 0);
	ck_assert_int_eq(send(fds[1], "x", 1, 0), 1);
	mt_wait_events(1);
	ck_assert_int_eq(mt_last.value, 'x');
	bb_port_close(a);
	mt_barrier();
	close(fds[0]);
	close(fds[1]);
	mt_close();
}
END_TEST

/* Ports from several threads' worth of traffic at once, for the sanitizers. */
START_TEST(stands_a_crowd)
{
	struct bb_port *p[40];

	mt_open(0);
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 40; i++)
			p[i] = toy_new(i & 1 ? &toy : &ticker, "slin", NULL);
		for (unsigned i = 0; i < 40; i++)
			ck_assert_int_eq(bb_port_connect(p[i], p[(i * 7 + round) % 40]), 0);
		for (unsigned i = 0; i < 40; i++)
			push(p[i], (struct toy_frame){ .len = 10, .value = 1 });
		for (unsigned i = 0; i < 40; i++)
			bb_port_close(p[(i + round) % 40]);
	}
	mt_close();
}
END_TEST

/* A module that ends after the engine still closes what is its own. */
START_TEST(ports_may_outlive_the_engine)
{
	struct bb_port *a, *b;
	unsigned n = 0;

	mt_open(_i);
	destroyed = 0;
	a = toy_new(&toy, "slin", NULL);
	b = toy_new(&toy, "slin", a);
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	ck_assert_int_eq(bb_port_connect(b, a), 0);
	mt_barrier();
	ck_assert_uint_eq(bb_media_close(), 2);
	ck_assert_int_eq(bb_port_command(a, CMD_EVENT, &n, sizeof(n)), 0);
	bb_port_disconnect(b);
	bb_port_close(a);
	bb_port_close(b);
	ck_assert_uint_eq(destroyed, 2);
	ck_assert_uint_eq(bb_registry_close(), 0);
	bb_loop_close();
	bb_config_close();
}
END_TEST

START_TEST(out_of_memory_is_an_error)
{
	const struct bb_format *f;

	mt_open(1);
	f = bb_format_linear(8000);
	for (unsigned long at = 1; at < 40; at++) {
		struct bb_port *a = NULL, *b = NULL;
		struct toy_frame tf = { .len = 2, .format = f };
		int err;

		bb_mem_fail_at(at);
		err = bb_port_new(&a, &(struct bb_port_params){ .driver = &toy, .rx = f, .tx = f });
		if (!err)
			err = bb_port_new(
				&b, &(struct bb_port_params){ .driver = &toy, .rx = f, .tx = f });
		if (!err)
			err = bb_port_connect(a, b);
		if (!err)
			err = bb_port_command(a, CMD_PUSH, &tf, sizeof(tf));
		ck_assert(err == 0 || err == -ENOMEM);
		bb_port_close(a);
		bb_port_close(b);
		bb_sim_settle();
		bb_mem_fail_at(0);
	}
	mt_close();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("engine");
	Suite *s = suite_create("media engine");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, pushes_to_its_sink, 0, 2);
	tcase_add_loop_test(tc, echoes, 0, 2);
	tcase_add_loop_test(tc, migrates_with_what_it_is_connected_to, 0, 2);
	tcase_add_loop_test(tc, closes_while_it_moves, 0, 2);
	tcase_add_test(tc, spills_when_the_ring_is_full);
	tcase_add_loop_test(tc, taps_get_copies, 0, 2);
	tcase_add_test(tc, ticks_each_20_ms);
	tcase_add_test(tc, timers_fire_once_and_not_early);
	tcase_add_loop_test(tc, serves_descriptors, 0, 2);
	tcase_add_test(tc, stands_a_crowd);
	tcase_add_loop_test(tc, ports_may_outlive_the_engine, 0, 2);
	tcase_add_test(tc, out_of_memory_is_an_error);
	suite_add_tcase(s, tc);
	return mt_run(s);
}
