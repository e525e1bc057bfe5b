/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/translate.c - which translators there are, what they cost, and
 * the cheapest chain between two formats.
 */
#include <time.h>

#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"

#define MAX_EDGES 256u
#define MAX_NODES 64u
#define MEASURE_FRAMES 10u /* of 20 ms; the result counts for a second */
#define STEP_COST 2u /* each step has some, so that fewer win among equals */

struct edge {
	const struct bb_translator *tr; /* compared and shown, called only through a held use */
	const struct bb_format *from, *to;
	unsigned cost;
};

static struct edge edges[MAX_EDGES];
static unsigned n_edges;
static unsigned generation, codec_generation;
static bool fresh;

void bb_translate_reset(void)
{
	fresh = false;
	n_edges = 0;
}

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Twenty milliseconds of something: noise for linear audio, any bytes else. */
static void fill(struct bb_frame *f, const struct bb_format *from)
{
	f->format = from;
	f->samples = from->rate / 50;
	f->len = from->linear	      ? f->samples * 2u
		 : from->bytes_per_ms ? from->bytes_per_ms * 20u
				      : 40u;
	if (f->len > f->cap)
		f->len = f->cap;
	for (size_t i = 0; i < f->len; i++)
		f->data[i] = (uint8_t)(i * 167 + 13);
}

static unsigned measure(const struct bb_translator *tr, const struct bb_format *from)
{
	uint8_t *mem = bb_zalloc(2 * BB_WORK_BYTES);
	void *state = bb_zalloc(tr->state_size ? tr->state_size : 1);
	struct bb_frame in = { .data = mem, .cap = BB_WORK_BYTES }, out;
	unsigned cost = 1000;
	uint64_t began;

	if (!mem || !state || (tr->open && tr->open(state, BB_STR("")) < 0))
		goto out;
	fill(&in, from);
	began = clock_ns();
	for (unsigned i = 0; i < MEASURE_FRAMES; i++) {
		out = in;
		out.data = mem + BB_WORK_BYTES;
		out.cap = BB_WORK_BYTES;
		out.len = 0;
		tr->run(state, &in, &out);
	}
	cost = (unsigned)((clock_ns() - began) * (50 / MEASURE_FRAMES) / 1000);
	if (tr->close)
		tr->close(state);
out:
	bb_free(state);
	bb_free(mem);
	return cost;
}

static unsigned cost_of(const struct bb_translator *tr, const struct bb_format *from)
{
	if (tr->cost)
		return tr->cost;
	/* A simulated run must choose as it chose before. */
	if (bb_engine.simulate)
		return 100 + from->rate / 1000;
	return measure(tr, from);
}

static void refresh(void)
{
	struct bb_reg_iter it = { .kind = BB_KIND_TRANSLATOR };
	struct bb_use use = { 0 };
	const struct bb_translator *tr;
	unsigned now = bb_reg_generation(BB_KIND_TRANSLATOR);
	unsigned codecs = bb_reg_generation(BB_KIND_CODEC);

	bb_assert_control();
	if (fresh && now == generation && codecs == codec_generation)
		return;
	n_edges = 0;
	while ((tr = bb_reg_next(&it, &use)) != NULL && n_edges < MAX_EDGES) {
		struct edge *e = &edges[n_edges];

		e->tr = tr;
		e->from = bb_format_full(bb_strz(tr->from));
		e->to = bb_format_full(bb_strz(tr->to));
		if (!e->from || !e->to)
			continue;
		e->cost = cost_of(tr, e->from) + STEP_COST;
		n_edges++;
	}
	bb_use_end(&use);
	generation = now;
	codec_generation = codecs;
	fresh = true;
}

struct search {
	unsigned best[MAX_NODES];
	int via[MAX_NODES];
	bool done[MAX_NODES];
};

/* Dijkstra's, over a few dozen nodes. @p floor: no rate below it on the way. */
static bool search(struct search *s, const struct bb_format *from, const struct bb_format *to,
		   unsigned floor)
{
	for (unsigned i = 0; i < MAX_NODES; i++) {
		s->best[i] = UINT32_MAX;
		s->via[i] = -1;
		s->done[i] = false;
	}
	s->best[from->id] = 0;
	for (;;) {
		unsigned at = MAX_NODES;

		for (unsigned i = 0; i < MAX_NODES; i++)
			if (!s->done[i] && s->best[i] != UINT32_MAX &&
			    (at == MAX_NODES || s->best[i] < s->best[at]))
				at = i;
		if (at == MAX_NODES || at == to->id)
			return at == to->id;
		s->done[at] = true;
		for (unsigned i = 0; i < n_edges; i++) {
			unsigned next = edges[i].to->id, cost = s->best[at] + edges[i].cost;

			if (edges[i].from->id != at || edges[i].to->rate < floor ||
			    cost >= s->best[next])
				continue;
			s->best[next] = cost;
			s->via[next] = (int)i;
		}
	}
}

/* The edges of the cheapest chain, in order. @return their number or -ENOTSUP. */
static int chain(const struct bb_format *from, const struct bb_format *to,
		 unsigned steps[BB_MAX_STEPS])
{
	struct search s;
	unsigned n = 0, floor;

	if (from == to)
		return 0;
	if (!from || !to)
		return -ENOTSUP;
	refresh();
	/* A detour through a lower rate would be cheap and lose half the voice. */
	floor = from->rate < to->rate ? from->rate : to->rate;
	if (!search(&s, from, to, floor) && !search(&s, from, to, 0))
		return -ENOTSUP;
	for (unsigned at = to->id; at != from->id; at = edges[s.via[at]].from->id) {
		if (n == BB_MAX_STEPS)
			return -ENOTSUP;
		memmove(&steps[1], &steps[0], n * sizeof(steps[0]));
		steps[0] = (unsigned)s.via[at];
		n++;
	}
	return (int)n;
}

bool bb_media_can(const struct bb_format *from, const struct bb_format *to)
{
	unsigned steps[BB_MAX_STEPS];

	return chain(from, to, steps) >= 0;
}

/* Hold the translator behind an edge. The registry has it by walking only. */
static int hold(const struct edge *e, struct bb_use *use)
{
	struct bb_reg_iter it = { .kind = BB_KIND_TRANSLATOR };
	const struct bb_translator *tr;

	memset(use, 0, sizeof(*use));
	while ((tr = bb_reg_next(&it, use)) != NULL)
		if (tr == e->tr) {
			bb_use_note(use, "translation");
			return 0;
		}
	return -ENOTSUP;
}

int bb_path_open(const struct bb_format *from, const struct bb_format *to,
		 struct bb_mstep steps[BB_MAX_STEPS])
{
	unsigned path[BB_MAX_STEPS];
	int n = chain(from, to, path);

	for (int i = 0; i < n; i++) {
		const struct edge *e = &edges[path[i]];

		if (hold(e, &steps[i].use) < 0) {
			while (i--)
				bb_use_end(&steps[i].use);
			return -ENOTSUP;
		}
		steps[i].tr = e->tr;
		steps[i].out = e->to;
	}
	return n;
}

int bb_media_path(const struct bb_format *from, const struct bb_format *to,
		  struct bb_path_step steps[BB_MAX_STEPS])
{
	unsigned path[BB_MAX_STEPS];
	int n = chain(from, to, path);

	for (int i = 0; i < n; i++) {
		const struct edge *e = &edges[path[i]];
		struct bb_use use;

		steps[i].from = e->from;
		steps[i].to = e->to;
		steps[i].cost = e->cost;
		steps[i].module = "";
		if (hold(e, &use) == 0) {
			steps[i].module = bb_use_module(&use);
			bb_use_end(&use);
		}
	}
	return n;
}
