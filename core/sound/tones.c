/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tones.c - tone lists and the port that generates them.
 *
 * A list is steps of up to two frequencies and a time, as indications.conf
 * writes them: "350+440", "!950/330,!1400/330,0/1000", "425*25/1000". Steps
 * with '!' are played once; the list then goes round from the first without.
 */
#include <math.h>

#include <bellbird/mem.h>

#include "core/sound/sound_core.h"

#define RATE 8000
#define CHUNK (RATE / 50)
#define LEVEL 7219.0 /* -13 dBm0 a frequency, as precise tone plans ask */

static int parse_number(struct bb_str *s, uint16_t *out, uint64_t max)
{
	size_t n = 0;
	uint64_t v;

	while (n < s->l && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!n || bb_str_u64(bb_strn(s->p, n), &v) || v > max)
		return -EINVAL;
	*out = (uint16_t)v;
	*s = bb_strn(s->p + n, s->l - n);
	return 0;
}

/* One that a telephone line cannot carry is not heard. */
static int parse_frequency(struct bb_str *s, uint16_t *out, bool *unheard)
{
	if (parse_number(s, out, UINT16_MAX))
		return -EINVAL;
	if (*out > RATE / 2) {
		*out = 0;
		*unheard = true;
	}
	return 0;
}

static int parse_step(struct bb_tone_step *st, struct bb_str s, bool *unheard)
{
	uint16_t more;

	*st = (struct bb_tone_step){ 0 };
	if (parse_frequency(&s, &st->f1, unheard))
		return -EINVAL;
	if (s.l && (*s.p == '+' || *s.p == '*')) {
		st->modulated = *s.p == '*';
		s = bb_strn(s.p + 1, s.l - 1);
		if (parse_frequency(&s, &st->f2, unheard))
			return -EINVAL;
	}
	while (s.l && *s.p == '+') {
		s = bb_strn(s.p + 1, s.l - 1);
		if (parse_frequency(&s, &more, unheard))
			return -EINVAL;
		*unheard = true;
	}
	if (s.l && *s.p == '/') {
		s = bb_strn(s.p + 1, s.l - 1);
		if (parse_number(&s, &st->ms, 60000))
			return -EINVAL;
	}
	return s.l ? -EINVAL : 0;
}

int bb_tone_parse(struct bb_tone_list *t, struct bb_str text)
{
	struct bb_str rest = text, one;
	bool looping = false;

	t->n = t->loop = 0;
	t->unheard = false;
	while (bb_str_split(&rest, ',', &one)) {
		bool once = one.l && *one.p == '!';

		if (once)
			one = bb_strn(one.p + 1, one.l - 1);
		if (t->n == BB_TONE_STEPS || parse_step(&t->step[t->n], one, &t->unheard))
			return -EINVAL;
		if (!once && !looping) {
			looping = true;
			t->loop = t->n;
		}
		t->n++;
	}
	if (!looping)
		t->loop = t->n;
	return t->n ? 0 : -EINVAL;
}

/** Media side. */
struct gen {
	struct bb_tone_list list;
	const struct bb_format *format;
	unsigned step, left; /* samples left of the step; 0 with .ms 0: for ever */
	double a1, a2; /* phases */
	uint32_t ts;
	bool done;
};

static void enter(struct gen *g, unsigned step)
{
	g->step = step;
	g->left = g->list.step[step].ms * (RATE / 1000u);
}

static int gen_create(void *state, const void *init)
{
	struct gen *g = state;

	g->list = *(const struct bb_tone_list *)init;
	g->format = bb_format_linear(RATE);
	enter(g, 0);
	return g->format ? 0 : -ENOTSUP;
}

static int16_t sample(struct gen *g, const struct bb_tone_step *st)
{
	double v = 0;

	if (st->f1) {
		v = sin(g->a1);
		g->a1 += 2 * M_PI * st->f1 / RATE;
		if (st->modulated)
			v *= 0.5 + 0.45 * sin(g->a2);
		else if (st->f2)
			v += sin(g->a2);
		g->a2 += 2 * M_PI * st->f2 / RATE;
	}
	return (int16_t)(v * LEVEL);
}

/** To the next step when this one's time is over. @return false at the end of the list. */
static bool advance(struct gen *g)
{
	unsigned next = g->step + 1;

	g->a1 = fmod(g->a1, 2 * M_PI);
	g->a2 = fmod(g->a2, 2 * M_PI);
	if (next == g->list.n) {
		if (g->list.loop == g->list.n)
			return false;
		next = g->list.loop;
	}
	enter(g, next);
	return true;
}

static void gen_tick(struct bb_mport *mp, void *state, bb_time now)
{
	struct gen *g = state;
	int16_t *dst = (int16_t *)(void *)bb_mport_scratch(mp);
	struct bb_frame f = { .format = g->format,
			      .data = (uint8_t *)dst,
			      .len = CHUNK * 2,
			      .cap = 2048,
			      .samples = CHUNK,
			      .ts = g->ts,
			      .at = now };

	if (g->done)
		return;
	for (unsigned i = 0; i < CHUNK; i++) {
		const struct bb_tone_step *st = &g->list.step[g->step];

		dst[i] = g->done ? 0 : sample(g, st);
		if (st->ms && !g->done && --g->left == 0)
			g->done = !advance(g);
	}
	g->ts += CHUNK;
	bb_mport_push(mp, &f);
	if (g->done)
		bb_mport_event(mp, &(struct bb_port_event){ .type = BB_PORT_DONE });
}

static const struct bb_port_driver tone_driver = {
	.name = "tones",
	.state_size = sizeof(struct gen),
	.ticks = true,
	.create = gen_create,
	.tick = gen_tick,
};

int bb_tone_port(struct bb_port **pp, const struct bb_tone_list *t, struct bb_port *near)
{
	struct bb_port_params params = {
		.driver = &tone_driver, .init = t, .near = near, .rx = bb_format_linear(RATE)
	};

	return bb_port_new(pp, &params);
}
