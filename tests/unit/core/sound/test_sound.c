/* SPDX-License-Identifier: BSD-3-Clause */
/* Tones, indications, and a player that plays a real file on the virtual clock. */
#include <fcntl.h>
#include <unistd.h>

#include "bbtest.h"
#include "core/config/config.h"
#include "core/media/media_core.h"
#include "core/registry/registry.h"
#include "core/sound/sound_core.h"

START_TEST(tone_lists)
{
	static const struct {
		const char *text;
		int err;
		unsigned n, loop;
	} t[] = {
		{ "425", 0, 1, 0 },
		{ "350+440", 0, 1, 0 },
		{ "425/500,0/500", 0, 2, 0 },
		{ "!950/330,!1400/330,!1800/330,0", 0, 4, 3 },
		{ "!425/100,!0/100", 0, 2, 2 },
		{ "425*25/1000,0/4000", 0, 2, 0 },
		{ "350+375+400", 0, 1, 0 },
		{ "1000/400,10000/400", 0, 2, 0 },
		{ "", -EINVAL, 0, 0 },
		{ "busy", -EINVAL, 0, 0 },
		{ "425/", -EINVAL, 0, 0 },
		{ "425/100x", -EINVAL, 0, 0 },
		{ "99999", -EINVAL, 0, 0 },
		{ "425,,425", -EINVAL, 0, 0 },
	};

	for (size_t i = 0; i < BB_ARRAY_SIZE(t); i++) {
		struct bb_tone_list l;

		ck_assert_msg(bb_tone_parse(&l, bb_strz(t[i].text)) == t[i].err, "%s", t[i].text);
		if (!t[i].err) {
			ck_assert_uint_eq(l.n, t[i].n);
			ck_assert_uint_eq(l.loop, t[i].loop);
		}
	}
}
END_TEST

START_TEST(tone_steps)
{
	struct bb_tone_list l;

	ck_assert_int_eq(bb_tone_parse(&l, BB_STR("!425*25/100,350+440/20,0/5")), 0);
	ck_assert(l.step[0].modulated && l.step[0].f1 == 425 && l.step[0].f2 == 25);
	ck_assert_uint_eq(l.step[0].ms, 100);
	ck_assert(!l.step[1].modulated && l.step[1].f2 == 440);
	ck_assert(l.step[2].f1 == 0 && l.step[2].ms == 5);
	ck_assert(!l.unheard);
	ck_assert_int_eq(bb_tone_parse(&l, BB_STR("350+375+400/7,10000")), 0);
	ck_assert(l.unheard && l.step[0].f2 == 375 && l.step[0].ms == 7 && l.step[1].f1 == 0);
}
END_TEST

START_TEST(builtin_tones)
{
	struct bb_tone_list l;

	ck_assert_int_eq(bb_indication(&l, BB_STR("busy")), 0);
	ck_assert_uint_eq(l.step[0].f1, 480);
	ck_assert_int_eq(bb_indication(&l, BB_STR("DIAL")), 0);
	ck_assert_int_eq(bb_indication(&l, BB_STR("dial@nowhere")), 0);
	ck_assert_int_eq(bb_indication(&l, BB_STR("440/10")), 0);
	ck_assert_int_eq(bb_indication(&l, BB_STR("no-such-tone")), -EINVAL);
}
END_TEST

/* --- a sink that remembers what it was given --- */

struct heard {
	uint64_t bytes, energy;
	unsigned frames, markers;
	int16_t first;
};
static struct heard heard;

static void sink_write(struct bb_mport *mp, void *state, struct bb_frame *f)
{
	const int16_t *v = (const int16_t *)(const void *)f->data;

	if (!heard.frames++)
		heard.first = v[0];
	heard.bytes += f->len;
	heard.markers += (f->flags & BB_FRAME_MARKER) != 0;
	for (size_t i = 0; i < f->len / 2; i++)
		heard.energy += (uint64_t)abs(v[i]);
}

static const struct bb_port_driver sink = { .name = "sink", .state_size = 1, .write = sink_write };

static void up(void)
{
	ck_assert_int_eq(bb_config_init(NULL, NULL), 0);
	ck_assert_int_eq(bb_registry_init(), 0);
	ck_assert_int_eq(bb_media_init(1, true), 0);
	memset(&heard, 0, sizeof(heard));
}

static void down(void)
{
	ck_assert_uint_eq(bb_media_close(), 0);
	bb_registry_close();
	bb_config_close();
}

static struct bb_port *new_sink(void)
{
	struct bb_port_params params = { .driver = &sink, .tx = bb_format_linear(8000) };
	struct bb_port *p;

	ck_assert_int_eq(bb_port_new(&p, &params), 0);
	return p;
}

START_TEST(generator)
{
	struct bb_tone_list l;
	struct bb_port *gen, *to;

	up();
	to = new_sink();
	ck_assert_int_eq(bb_tone_parse(&l, BB_STR("440/100,0/100")), 0);
	ck_assert_int_eq(bb_tone_port(&gen, &l, to), 0);
	ck_assert_int_eq(bb_port_connect(gen, to), 0);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_ge(heard.frames, 48);
	ck_assert_uint_le(heard.frames, 51);
	/* A sine of amplitude 7219 half of the time: 2/pi * 7219 / 2 on average. */
	ck_assert_uint_gt(heard.energy / (heard.bytes / 2), 2000);
	ck_assert_uint_lt(heard.energy / (heard.bytes / 2), 2600);
	bb_port_close(gen);
	bb_port_close(to);
	bb_sim_advance(BB_SEC);
	down();
}
END_TEST

/* --- a format of our own: `len` bytes of a constant --- */

static unsigned file_left;
static int const_open(void *state, int fd, const struct bb_format **format)
{
	*format = bb_format_linear(8000);
	file_left = 20000 * 2;
	return 0;
}

static long const_read(void *state, int fd, void *dst, size_t cap)
{
	int16_t *v = dst;
	size_t n = cap < file_left ? cap : file_left;

	n -= n % 2;
	for (size_t i = 0; i < n / 2; i++)
		v[i] = 1000;
	file_left -= (unsigned)n;
	return (long)n;
}

static const struct bb_file_format constant = { .name = "const",
						.open = const_open,
						.read = const_read };

static void ended(int err, void *arg)
{
	*(int *)arg = err ? err : 1;
}

static struct bb_sound_file *open_constant(void)
{
	struct bb_sound_file *f = bb_zalloc(sizeof(*f));

	ck_assert_ptr_nonnull(f);
	f->ff = &constant;
	f->fd = open("/dev/null", O_RDONLY);
	constant.open(NULL, f->fd, &f->format);
	return f;
}

START_TEST(player_plays_all)
{
	struct bb_player *p;
	struct bb_port *to;
	int over = 0;

	up();
	to = new_sink();
	ck_assert_int_eq(bb_player_start(&p, open_constant(), to, ended, &over), 0);
	ck_assert_int_eq(bb_port_connect(bb_player_port(p), to), 0);
	bb_sim_advance(2 * BB_SEC);
	ck_assert_int_eq(over, 0);
	bb_sim_advance(BB_SEC);
	ck_assert_int_eq(over, 1);
	/* 20000 samples: 125 frames of 160, none lost at the seams of the blocks */
	ck_assert_uint_eq(heard.frames, 125);
	ck_assert_uint_eq(heard.energy, 20000u * 1000u);
	ck_assert_uint_eq(heard.markers, 1);
	bb_player_stop(p);
	bb_port_close(to);
	bb_sim_advance(BB_SEC);
	ck_assert_uint_eq(bb_obj_live("player"), 0);
	ck_assert_uint_eq(bb_obj_live("sound blocks"), 0);
	down();
}
END_TEST

START_TEST(player_stopped_early)
{
	for (bb_time at = 0; at < 200 * BB_MS; at += 7 * BB_MS) {
		struct bb_player *p;
		struct bb_port *to;
		int over = 0;

		if (at == 0)
			up();
		to = new_sink();
		ck_assert_int_eq(bb_player_start(&p, open_constant(), to, ended, &over), 0);
		bb_port_connect(bb_player_port(p), to);
		bb_sim_advance(at);
		bb_player_stop(p);
		bb_port_close(to);
		bb_sim_advance(BB_SEC);
		ck_assert_int_eq(over, 0);
		ck_assert_uint_eq(bb_obj_live("player"), 0);
		ck_assert_uint_eq(bb_obj_live("sound blocks"), 0);
	}
	down();
}
END_TEST

START_TEST(player_without_memory)
{
	struct bb_port *to;

	up();
	to = new_sink();
	for (unsigned long n = 1; n < 12; n++) {
		struct bb_sound_file *f = open_constant();
		struct bb_player *p = NULL;
		int over = 0, err;

		bb_mem_fail_at(n);
		err = bb_player_start(&p, f, to, ended, &over);
		bb_mem_fail_at(0);
		if (!err)
			bb_player_stop(p);
		bb_sim_advance(BB_SEC);
		ck_assert_uint_eq(bb_obj_live("player"), 0);
	}
	bb_port_close(to);
	bb_sim_advance(BB_SEC);
	down();
}
END_TEST

BBT_MAIN("core/sound", BBT_CASE("tones", BBT_NO_LOOP, tone_lists, tone_steps),
	 BBT_CASE("ports", BBT_SIMULATED, generator, player_plays_all, player_stopped_early,
		  player_without_memory, builtin_tones))
