/* SPDX-License-Identifier: BSD-3-Clause */
/* Sound crosses a Local channel, both ways. */
#include "core/media/media_core.h"
#include "tests/unit/core/channel/world.h"

static void setup(void)
{
	world_open("[internal]\nexten => 1,1,Wait(100)\n", NULL);
	chan_test_formats("alice", "ta");
}

struct talker {
	char says;
	unsigned heard;
	char last;
};

static int create(void *state, const void *init)
{
	((struct talker *)state)->says = *(const char *)init;
	return 0;
}

static void say(struct bb_mport *mp, void *state, bb_time now)
{
	struct talker *t = state;
	uint8_t block[BB_HEADROOM + 160 + BB_TAILROOM];
	struct bb_frame f = { .format = bb_format_find(BB_STR("ta")),
			      .data = block + BB_HEADROOM,
			      .len = 160,
			      .cap = 160,
			      .samples = 160 };

	memset(block, t->says, sizeof(block));
	bb_mport_push(mp, &f);
}

static void hear(struct bb_mport *mp, void *state, struct bb_frame *f)
{
	struct talker *t = state;

	t->heard++;
	t->last = (char)f->data[f->len / 2];
	ck_assert_uint_eq(f->len, 160);
	ck_assert_uint_eq(f->samples, 160);
}

static const struct bb_port_driver talker = { .name = "talker",
					      .state_size = sizeof(struct talker),
					      .ticks = true,
					      .create = create,
					      .tick = say,
					      .write = hear };

static struct bb_port *talker_new(char says)
{
	const struct bb_format *ta = bb_format_find(BB_STR("ta"));
	struct bb_port *p;

	ck_assert_int_eq(bb_port_new(&p, &(struct bb_port_params){ .driver = &talker,
								   .init = &says,
								   .rx = ta,
								   .tx = ta }),
			 0);
	return p;
}

static void join(struct bb_port *a, struct bb_port *b)
{
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	ck_assert_int_eq(bb_port_connect(b, a), 0);
}

START_TEST(sound_crosses)
{
	struct bb_chan *alice = chan_test_incoming("alice", "internal", "1"), *one, *two;
	struct bb_formats fs = { 0 };
	struct bb_port *a = talker_new('a'), *b = talker_new('b');
	struct talker *ta = bb_port_state(a), *tb = bb_port_state(b);
	struct bb_dial *d;

	bb_formats_add(&fs, bb_format_find(BB_STR("ta")));
	bb_chan_set_formats(alice, &fs);
	ck_assert_int_eq(bb_dial_new(&d, alice, NULL, NULL), 0);
	ck_assert_int_eq(bb_dial_add(d, BB_STR("Local/1@internal/n")), 0);
	one = bb_chan_next(alice);
	two = bb_chan_next(one);
	ck_assert_ptr_nonnull(strstr(bb_chan_name(one), ";1"));
	ck_assert_ptr_nonnull(strstr(bb_chan_name(two), ";2"));
	join(a, bb_chan_port(one, 0));
	join(b, bb_chan_port(two, 0));
	world_ms(1000);
	ck_assert_uint_ge(ta->heard, 45);
	ck_assert_int_eq(ta->last, 'b');
	ck_assert_uint_ge(tb->heard, 45);
	ck_assert_int_eq(tb->last, 'a');
	bb_dial_free(d);
	bb_chan_hangup(alice, 16);
	bb_chan_unref(alice);
	bb_port_close(a);
	bb_port_close(b);
}
END_TEST

START_TEST(unknown_extensions_are_refused)
{
	struct bb_dial *d;

	ck_assert_int_eq(bb_dial_new(&d, NULL, NULL, NULL), 0);
	ck_assert_int_eq(bb_dial_add(d, BB_STR("Local/2@internal")), -ENOENT);
	ck_assert_int_eq(bb_dial_add(d, BB_STR("Local/1@nowhere")), -ENOENT);
	ck_assert_int_eq(bb_dial_add(d, BB_STR("Local/")), -ENOENT);
	ck_assert_int_eq(bb_dial_add(d, BB_STR("Nope/1")), -EPROTONOSUPPORT);
	ck_assert_int_eq(bb_dial_add(d, BB_STR("nothing")), -EINVAL);
	ck_assert_uint_eq(bb_dial_legs(d), 0);
	bb_dial_free(d);
}
END_TEST

TCase *tests_local(void)
{
	TCase *t = tcase_create("local");

	tcase_add_checked_fixture(t, setup, world_close);
	tcase_add_test(t, sound_crosses);
	tcase_add_test(t, unknown_extensions_are_refused);
	return t;
}
