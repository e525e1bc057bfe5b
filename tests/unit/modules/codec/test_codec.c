/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The codecs against known values and through round trips, the choice of
 * translation paths, and frames on their way through links.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>

#include <bellbird/mem.h>

#include "tests/unit/core/media/media_test.h"
#include "tests/unit/modules/codec/codecs.h"

#define PI 3.14159265358979323846

static const struct bb_translator *find(const char *from, const char *to)
{
	struct bb_reg_iter it = { .kind = BB_KIND_TRANSLATOR };
	struct bb_use use = { 0 };
	const struct bb_translator *tr;

	while ((tr = bb_reg_next(&it, &use)) != NULL)
		if (strcmp(tr->from, from) == 0 && strcmp(tr->to, to) == 0)
			break;
	bb_use_end(&use);
	ck_assert_ptr_nonnull(tr);
	return tr;
}

static size_t run(const struct bb_translator *tr, void *state, const void *in, size_t len,
		  void *out, size_t cap)
{
	struct bb_frame fi = { .data = (uint8_t *)(uintptr_t)in, .len = len };
	struct bb_frame fo = { .data = out, .cap = cap };

	ck_assert_int_eq(tr->run(state, &fi, &fo), 0);
	return fo.len;
}

static int16_t decode1(const struct bb_translator *tr, uint8_t code)
{
	int16_t v;

	ck_assert_uint_eq(run(tr, NULL, &code, 1, &v, sizeof(v)), 2);
	return v;
}

static uint8_t encode1(const struct bb_translator *tr, int16_t v)
{
	uint8_t code;

	ck_assert_uint_eq(run(tr, NULL, &v, 2, &code, 1), 1);
	return code;
}

static void open_all(void)
{
	mt_open_with(true, codec_modules, BB_ARRAY_SIZE(codec_modules));
}

/* ITU-T G.711 tables 1a, 1b, 2a, 2b: decision and output values, scaled to 16 bits. */
static const struct {
	const char *law;
	uint8_t code;
	int16_t value;
} g711[] = {
	{ "ulaw/8000", 0xff, 0 },     { "ulaw/8000", 0x80, 32124 }, { "ulaw/8000", 0x00, -32124 },
	{ "ulaw/8000", 0x8f, 16764 }, { "ulaw/8000", 0xfe, 8 },	    { "ulaw/8000", 0x7e, -8 },
	{ "ulaw/8000", 0xef, 132 },   { "ulaw/8000", 0xdf, 396 },   { "alaw/8000", 0xd5, 8 },
	{ "alaw/8000", 0x55, -8 },    { "alaw/8000", 0xaa, 32256 }, { "alaw/8000", 0x2a, -32256 },
	{ "alaw/8000", 0xa5, 16896 }, { "alaw/8000", 0xc5, 264 },   { "alaw/8000", 0xda, 248 },
	{ "alaw/8000", 0xba, 16128 },
};

START_TEST(g711_known_values)
{
	open_all();
	ck_assert_int_eq(decode1(find(g711[_i].law, "slin/8000"), g711[_i].code), g711[_i].value);
	mt_close();
}
END_TEST

START_TEST(g711_every_code_comes_back)
{
	static const char *const laws[] = { "ulaw/8000", "alaw/8000" };
	const struct bb_translator *dec, *enc;

	open_all();
	dec = find(laws[_i], "slin/8000");
	enc = find("slin/8000", laws[_i]);
	for (unsigned c = 0; c < 256; c++) {
		/* mu-law has two zeros. */
		if (_i == 0 && c == 0x7f)
			continue;
		ck_assert_uint_eq(encode1(enc, decode1(dec, (uint8_t)c)), c);
	}
	/* The error is at most half a step: a 16th of the value, or the smallest step. */
	for (int v = -32768; v < 32768; v += 7) {
		int got = decode1(dec, encode1(enc, (int16_t)v));
		int step = (v < 0 ? -v : v) / 24 + 17;

		ck_assert_int_le(got > v ? got - v : v - got, v < -32124 || v > 32124 ? 700 : step);
	}
	mt_close();
}
END_TEST

static void sine(int16_t *dst, size_t n, unsigned rate, double hz, double amplitude)
{
	for (size_t i = 0; i < n; i++)
		dst[i] = (int16_t)lrint(amplitude * sin(2 * PI * hz * (double)i / rate));
}

/* Best over a few delays, since filters delay. */
static double snr(const int16_t *want, const int16_t *got, size_t n, size_t max_delay)
{
	double best = -100;

	for (size_t d = 0; d <= max_delay; d++) {
		double s = 0, e = 0;

		for (size_t i = n / 4; i + d < n; i++) {
			double diff = (double)got[i + d] - want[i];

			s += (double)want[i] * want[i];
			e += diff * diff;
		}
		s = 10 * log10(s / (e + 1e-9));
		if (s > best)
			best = s;
	}
	return best;
}

static const struct {
	const char *a, *b; /* there, and back */
	unsigned rate, per; /* samples a frame */
	double hz, least;
	bool needs_g722, needs_resample;
} trips[] = {
	{ "slin/8000", "ulaw/8000", 8000, 160, 1004, 35, false, false },
	{ "slin/8000", "alaw/8000", 8000, 160, 1004, 35, false, false },
	{ "slin/16000", "g722/16000", 16000, 320, 1004, 25, true, false },
	{ "slin/16000", "g722/16000", 16000, 320, 5000, 10, true, false },
	{ "slin/8000", "g722/16000", 8000, 160, 1004, 25, true, false },
	{ "slin/8000", "g722/16000", 8000, 160, 3000, 15, true, false },
	{ "slin/8000", "slin/16000", 8000, 160, 1004, 30, false, true },
	{ "slin/48000", "slin/16000", 48000, 960, 1004, 30, false, true },
	{ "slin/8000", "slin/44100", 8000, 160, 700, 25, false, true },
};

static bool have(bool g722, bool resample)
{
#ifndef TEST_G722
	if (g722)
		return false;
#endif
#ifndef TEST_RESAMPLE
	if (resample)
		return false;
#endif
	return true;
}

START_TEST(round_trips)
{
	static int16_t want[48000], got[60000];
	static uint8_t mid[20000];
	const struct bb_translator *there, *back;
	void *s1, *s2;
	size_t out = 0, n = trips[_i].rate, per = trips[_i].per;

	if (!have(trips[_i].needs_g722, trips[_i].needs_resample))
		return;
	open_all();
	there = find(trips[_i].a, trips[_i].b);
	back = find(trips[_i].b, trips[_i].a);
	s1 = bb_zalloc(there->state_size + 1);
	s2 = bb_zalloc(back->state_size + 1);
	if (there->open)
		ck_assert_int_eq(there->open(s1, BB_STR("")), 0);
	if (back->open)
		ck_assert_int_eq(back->open(s2, BB_STR("")), 0);
	sine(want, n, trips[_i].rate, trips[_i].hz, 10000);
	for (size_t i = 0; i < n; i += per) {
		size_t len = run(there, s1, want + i, per * 2, mid, sizeof(mid));

		out += run(back, s2, mid, len, got + out, sizeof(got) - out * 2) / 2;
	}
	ck_assert_uint_ge(out, n - per);
	ck_assert_uint_le(out, n);
	ck_assert_double_ge(snr(want, got, n - per, 200), trips[_i].least);
	if (there->close)
		there->close(s1);
	if (back->close)
		back->close(s2);
	bb_free(s1);
	bb_free(s2);
	mt_close();
}
END_TEST

static const struct {
	const char *from, *to, *path;
	bool needs_g722, needs_resample;
} paths[] = {
	{ "ulaw", "ulaw", "", false, false },
	{ "ulaw", "slin", "ulaw/8000>slin/8000", false, false },
	{ "ulaw", "alaw", "ulaw/8000>alaw/8000", false, false },
	{ "alaw", "ulaw", "alaw/8000>ulaw/8000", false, false },
	{ "ulaw", "g722", "ulaw/8000>slin/8000>g722/16000", true, false },
	{ "g722", "alaw", "g722/16000>slin/8000>alaw/8000", true, false },
	{ "g722", "slin48", "g722/16000>slin/16000>slin/48000", true, true }, /* both bands */
	{ "slin48", "g722", "slin/48000>slin/16000>g722/16000", true, true },
	{ "slin16", "slin44", "slin/16000>slin/44100", false, true },
};

START_TEST(takes_the_cheapest_path)
{
	struct bb_path_step steps[BB_MAX_STEPS];
	const struct bb_format *from, *to;
	char text[200] = "";
	int n;

	if (!have(paths[_i].needs_g722, paths[_i].needs_resample))
		return;
	open_all();
	from = bb_format_find(bb_strz(paths[_i].from));
	to = bb_format_find(bb_strz(paths[_i].to));
	ck_assert(from && to);
	n = bb_media_path(from, to, steps);
	ck_assert_int_ge(n, 0);
	for (int i = 0; i < n; i++) {
		size_t l = strlen(text);

		snprintf(text + l, sizeof(text) - l, "%s%s%s", i ? "" : steps[i].from->full, ">",
			 steps[i].to->full);
	}
	ck_assert_str_eq(text, paths[_i].path);
	mt_close();
}
END_TEST

START_TEST(formats_by_name)
{
	struct bb_formats fs = { .n = 0 }, other = { .n = 0 }, both;
	struct bb_str bad;
	char text[64];

	open_all();
	ck_assert_ptr_eq(bb_format_find(BB_STR("ULAW")), bb_format_by_pt(0));
	ck_assert_ptr_eq(bb_format_find(BB_STR("ulaw/8000")),
			 bb_format_by_rtpmap(BB_STR("pcmu"), 8000));
	ck_assert_ptr_null(bb_format_by_rtpmap(BB_STR("PCMU"), 16000));
	ck_assert_ptr_eq(bb_format_find(BB_STR("slin16")), bb_format_linear(16000));
	ck_assert_ptr_eq(bb_format_find(BB_STR("slin/16000")), bb_format_linear(16000));
	ck_assert_ptr_null(bb_format_find(BB_STR("opus")));
	ck_assert_str_eq(bb_formats_print(&fs, text, sizeof(text)), "(nothing)");
	ck_assert_int_eq(bb_formats_parse(&fs, BB_STR("alaw, ulaw"), true, &bad), 0);
	ck_assert_str_eq(bb_formats_print(&fs, text, sizeof(text)), "(alaw|ulaw)");
	ck_assert_int_eq(bb_formats_parse(&fs, BB_STR("alaw,oops"), false, &bad), -EINVAL);
	ck_assert(bb_str_is(bad, "oops"));
	ck_assert_str_eq(bb_formats_print(&fs, text, sizeof(text)), "(ulaw)");
	ck_assert_int_eq(bb_formats_parse(&fs, BB_STR("!all,alaw"), true, &bad), 0);
	ck_assert_str_eq(bb_formats_print(&fs, text, sizeof(text)), "(alaw)");
	bb_formats_parse(&other, BB_STR("ulaw,alaw"), true, &bad);
	bb_formats_common(&other, &fs, &both);
	ck_assert_uint_eq(both.n, 1);
	ck_assert(bb_formats_has(&both, bb_format_by_pt(8)));
	mt_close();
}
END_TEST

/* --- through links --- */

struct probe {
	atomic_uint frames, samples, conceals;
	atomic_int peak;
	const struct bb_format *_Atomic format;
	atomic_uint ts, seq;
};

static void probe_write(struct bb_mport *mp, void *state, struct bb_frame *f)
{
	struct probe *p = state;
	int peak = 0;

	atomic_fetch_add(&p->frames, 1);
	atomic_fetch_add(&p->samples, f->samples);
	p->format = f->format;
	p->ts = f->ts;
	p->seq = f->seq;
	if (f->format->linear)
		for (size_t i = 0; i < f->len / 2; i++) {
			int v = ((int16_t *)(void *)f->data)[i];

			if (v > peak)
				peak = v;
		}
	p->peak = peak;
}

static void probe_command(struct bb_mport *mp, void *state, unsigned cmd, const void *data,
			  size_t len)
{
	const struct toy_frame *tf = data;
	uint8_t *b = bb_mport_scratch(mp);
	struct bb_frame f = { .format = tf->format,
			      .data = b,
			      .len = tf->len,
			      .cap = 2048,
			      .samples = tf->samples,
			      .ts = tf->ts,
			      .seq = tf->seq,
			      .flags = tf->flags };

	memset(b, tf->value, tf->len);
	bb_mport_push(mp, &f);
}

static const struct bb_port_driver probe = {
	.name = "probe",
	.state_size = sizeof(struct probe),
	.write = probe_write,
	.command = probe_command,
};

static struct bb_port *probe_new(const char *format)
{
	const struct bb_format *f = bb_format_find(bb_strz(format));
	struct bb_port *p = NULL;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(
		bb_port_new(&p, &(struct bb_port_params){ .driver = &probe, .rx = f, .tx = f }), 0);
	return p;
}

static void feed(struct bb_port *p, const char *format, uint16_t seq, uint8_t value, uint16_t flags)
{
	struct toy_frame tf = { .format = bb_format_find(bb_strz(format)),
				.len = flags & BB_FRAME_LOST ? 0 : 160,
				.samples = 160,
				.value = value,
				.seq = seq,
				.ts = seq * 160u,
				.flags = (uint16_t)(flags | BB_FRAME_RTP) };

	ck_assert_int_eq(bb_port_command(p, 1, &tf, sizeof(tf)), 0);
}

START_TEST(conceals_what_is_lost)
{
	struct bb_port *a, *b;
	struct probe *p;

	open_all();
	a = probe_new("ulaw");
	b = probe_new("slin");
	p = bb_port_state(b);
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	feed(a, "ulaw", 1, 0x80, 0);
	ck_assert_int_eq(p->peak, 32124);
	/* Half, half, a quarter, a quarter, an eighth, an eighth, then nothing. */
	feed(a, "ulaw", 2, 0, BB_FRAME_LOST);
	ck_assert_int_eq(p->peak, 16062);
	ck_assert_uint_eq(p->samples, 320);
	feed(a, "ulaw", 3, 0, BB_FRAME_LOST);
	feed(a, "ulaw", 4, 0, BB_FRAME_LOST);
	ck_assert_int_eq(p->peak, 8031);
	for (uint16_t s = 5; s < 20; s++)
		feed(a, "ulaw", s, 0, BB_FRAME_LOST);
	ck_assert_uint_eq(p->frames, 7);
	/* What was concealed and comes late is not played twice. */
	feed(a, "ulaw", 3, 0x80, 0);
	ck_assert_uint_eq(p->frames, 7);
	feed(a, "ulaw", 20, 0x80, 0);
	ck_assert_uint_eq(p->frames, 8);
	ck_assert_int_eq(p->peak, 32124);
	ck_assert_uint_eq(p->seq, 20);
	ck_assert_uint_eq(p->ts, 3200);
	bb_port_close(a);
	bb_port_close(b);
	mt_close();
}
END_TEST

START_TEST(follows_a_source_that_changes_format)
{
	struct bb_port *a, *b;
	struct probe *p;

	open_all();
	a = probe_new("ulaw");
	b = probe_new("slin");
	p = bb_port_state(b);
	ck_assert_int_eq(bb_port_connect(a, b), 0);
	feed(a, "ulaw", 1, 0x80, 0);
	feed(a, "alaw", 2, 0xaa, 0); /* not understood yet */
	ck_assert_uint_eq(p->frames, 1);
	mt_barrier();
	feed(a, "alaw", 3, 0xaa, 0);
	ck_assert_uint_eq(p->frames, 2);
	ck_assert_int_eq(p->peak, 32256);
	ck_assert_ptr_eq(bb_port_rx(a), bb_format_find(BB_STR("alaw")));
	/* And the sink changes what it wants. */
	bb_port_set_formats(b, bb_format_find(BB_STR("alaw")), bb_format_find(BB_STR("ulaw")));
	feed(a, "alaw", 4, 0xaa, 0);
	ck_assert_ptr_eq(p->format, bb_format_find(BB_STR("ulaw")));
	bb_port_close(a);
	bb_port_close(b);
	mt_close();
}
END_TEST

START_TEST(paths_survive_lack_of_memory)
{
	open_all();
	for (unsigned long at = 1; at < 30; at++) {
		struct bb_port *a = probe_new("ulaw"), *b = probe_new("slin");
		int err;

		bb_mem_fail_at(at);
		err = bb_port_connect(a, b);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		bb_port_close(a);
		bb_port_close(b);
		mt_barrier();
	}
	mt_close();
}
END_TEST

static double rms(const int16_t *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)v[i] * v[i];
	return sqrt(sum / (double)n);
}

/* Coded from one rate and decoded to the other it is as loud as it was. */
START_TEST(g722_of_one_band_is_as_loud)
{
	static int16_t in[16000], out[17000];
	static uint8_t mid[9000];
	const struct bb_translator *there, *back;
	unsigned from = _i ? 16000 : 8000, to = _i ? 8000 : 16000;
	void *s1, *s2;
	size_t n;

	if (!have(true, false))
		return;
	open_all();
	there = find(_i ? "slin/16000" : "slin/8000", "g722/16000");
	back = find("g722/16000", _i ? "slin/8000" : "slin/16000");
	s1 = bb_zalloc(there->state_size);
	s2 = bb_zalloc(back->state_size);
	ck_assert_int_eq(there->open(s1, BB_STR("")), 0);
	ck_assert_int_eq(back->open(s2, BB_STR("")), 0);
	sine(in, from, from, 1004, 10000);
	n = run(there, s1, in, from * 2, mid, sizeof(mid));
	ck_assert_uint_eq(n, 8000);
	ck_assert_uint_eq(run(back, s2, mid, n, out, sizeof(out)), to * 2);
	ck_assert_double_ge(rms(out + to / 2, to / 2) / rms(in, from), 0.94);
	ck_assert_double_le(rms(out + to / 2, to / 2) / rms(in, from), 1.06);
	there->close(s1);
	back->close(s2);
	bb_free(s1);
	bb_free(s2);
	mt_close();
}
END_TEST

/* G.722 takes two samples at a time: of an odd number one waits, and none is made up. */
START_TEST(g722_of_odd_frames)
{
	static int16_t in[3200];
	static uint8_t want[1601], got[2400];
	static const size_t parts[] = { 321, 319, 1, 1, 639, 2, 317 };
	const struct bb_translator *tr;
	size_t n = 0, at = 0;
	void *s;

	if (!have(true, false))
		return;
	open_all();
	tr = find("slin/16000", "g722/16000");
	s = bb_zalloc(tr->state_size);
	sine(in, 3200, 16000, 440, 8000);
	ck_assert_int_eq(tr->open(s, BB_STR("")), 0);
	ck_assert_uint_eq(run(tr, s, in, sizeof(in), want, sizeof(want)), 1600);
	tr->close(s);
	memset(s, 0, tr->state_size);
	ck_assert_int_eq(tr->open(s, BB_STR("")), 0);
	for (unsigned i = 0; at < 3200; i++) {
		size_t part = parts[i % BB_ARRAY_SIZE(parts)];

		if (part > 3200 - at)
			part = 3200 - at;
		n += run(tr, s, in + at, part * 2, got + n, 700);
		at += part;
	}
	ck_assert_uint_eq(n, 1600);
	ck_assert_mem_eq(got, want, 1600);
	tr->close(s);
	bb_free(s);
	mt_close();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("codec");
	Suite *s = suite_create("codecs");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, g711_known_values, 0, BB_ARRAY_SIZE(g711));
	tcase_add_loop_test(tc, g711_every_code_comes_back, 0, 2);
	tcase_add_loop_test(tc, round_trips, 0, BB_ARRAY_SIZE(trips));
	tcase_add_loop_test(tc, takes_the_cheapest_path, 0, BB_ARRAY_SIZE(paths));
	tcase_add_loop_test(tc, g722_of_one_band_is_as_loud, 0, 2);
	tcase_add_test(tc, g722_of_odd_frames);
	tcase_add_test(tc, formats_by_name);
	tcase_add_test(tc, conceals_what_is_lost);
	tcase_add_test(tc, follows_a_source_that_changes_format);
	tcase_add_test(tc, paths_survive_lack_of_memory);
	suite_add_tcase(s, tc);
	return mt_run(s);
}
