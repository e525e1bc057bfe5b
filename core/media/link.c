/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/link.c - what stands between a port that pushes and a port that
 * takes: nothing at all, or a chain of translators.
 *
 * Links are made and freed by control. While one is in place everything in it
 * belongs to the media thread.
 */
#include <bellbird/mem.h>

#include "core/media/engine.h"

#define HISTORY_MS 40u
#define CONCEAL_MAX 6u /* packets; after that, silence */

static void step_close(struct bb_mstep *s)
{
	if (s->state && s->tr->close)
		s->tr->close(s->state);
	bb_free(s->state);
	bb_use_end(&s->use);
}

void bb_mlink_free(struct bb_mlink *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < l->n; i++)
		step_close(&l->steps[i]);
	bb_free(l->history);
	bb_free(l);
	bb_engine.links--;
}

static int step_open(struct bb_mstep *s)
{
	void *state;
	int err;

	/* One byte at least: a state marks that close must be called. */
	state = bb_zalloc(s->tr->state_size ? s->tr->state_size : 1);
	if (!state)
		return -ENOMEM;
	err = s->tr->open ? s->tr->open(state, BB_STR("")) : 0;
	if (err < 0)
		bb_free(state);
	else
		s->state = state;
	return err;
}

int bb_mlink_new(struct bb_mlink **lp, struct bb_mport *to, const struct bb_format *from,
		 const struct bb_format *to_format)
{
	struct bb_mlink *l = bb_zalloc(sizeof(*l));
	int n, err = 0;

	if (!l)
		return -ENOMEM;
	bb_engine.links++;
	l->to = to;
	l->from_format = from;
	l->to_format = to_format;
	l->fresh = true;
	n = bb_path_open(from, to_format, l->steps);
	if (n < 0) {
		err = n;
		goto out;
	}
	l->n = (unsigned)n;
	for (unsigned i = 0; !err && i < l->n; i++)
		err = step_open(&l->steps[i]);
	if (!err && l->n && l->steps[0].out->linear) {
		l->history_cap = (size_t)l->steps[0].out->rate * HISTORY_MS / 1000;
		l->history = bb_alloc(l->history_cap * sizeof(*l->history));
		if (!l->history)
			err = -ENOMEM;
	}
out:
	if (err < 0)
		bb_mlink_free(l);
	else
		*lp = l;
	return err;
}

/* --- on the media thread --- */

static void dropped(struct bb_mthread *t)
{
	atomic_fetch_add_explicit(&t->dropped, 1, memory_order_relaxed);
}

/* The source changed to a format that this link was not made for: control makes another. */
static void ask_format(struct bb_mport *mp, struct bb_mlink *l, const struct bb_format *f)
{
	struct bb_mevent *e;

	if (!f || l->asked == f || l == mp->links[BB_SLOT_TAP_OUT])
		return;
	e = bb_mevent_get(mp->t);
	if (!e)
		return;
	l->asked = f;
	e->msg.kind = BB_MSG_FORMAT;
	e->port = mp->port;
	e->format = f;
	bb_msg_send(mp->t, &e->msg);
}

/* @return true: the sink has had it. */
static bool deliver(struct bb_mthread *t, struct bb_mport *to, struct bb_frame *f)
{
	if (t->depth >= BB_MAX_DEPTH) {
		dropped(t);
		return false;
	}
	t->depth++;
	if (to->links[BB_SLOT_TAP_OUT])
		bb_mlink_push(to, to->links[BB_SLOT_TAP_OUT], f, true);
	if (to->driver->write)
		to->driver->write(to, to->state, f);
	t->depth--;
	return true;
}

static void remember(struct bb_mlink *l, const struct bb_frame *out)
{
	size_t bytes = out->len;

	if (bytes > l->history_cap * sizeof(*l->history))
		bytes = l->history_cap * sizeof(*l->history);
	memcpy(l->history, out->data + out->len - bytes, bytes);
	l->history_len = bytes / sizeof(*l->history);
	l->lost_run = 0;
}

/* Say the last packet again, quieter each time, and fall silent. */
static int conceal(struct bb_mlink *l, struct bb_frame *out)
{
	int16_t *dst = (int16_t *)(void *)out->data;
	int shift;

	if (!l->history || !l->history_len || l->lost_run >= CONCEAL_MAX)
		return -ENODATA;
	shift = (int)l->lost_run++ / 2 + 1;
	for (size_t i = 0; i < l->history_len; i++)
		dst[i] = (int16_t)(l->history[i] / (1 << shift));
	out->len = l->history_len * sizeof(*dst);
	out->samples = (uint32_t)l->history_len;
	return 0;
}

static int run_step(struct bb_mlink *l, unsigned i, const struct bb_frame *in, struct bb_frame *out)
{
	const struct bb_mstep *s = &l->steps[i];
	int err = s->tr->run(s->state, in, out);

	if (i == 0 && err == -ENODATA && (in->flags & BB_FRAME_LOST))
		return conceal(l, out);
	if (i == 0 && !err && l->history && !(in->flags & BB_FRAME_LOST))
		remember(l, out);
	return err;
}

/* The source's timestamp in the clock of the last format. */
static uint32_t scale_ts(struct bb_mlink *l, const struct bb_frame *f)
{
	if (!l->have_ts || (f->flags & BB_FRAME_SWITCH)) {
		l->have_ts = true;
		l->in_ts = f->ts;
		l->out_ts0 = f->ts;
		l->in_total = 0;
	}
	l->in_total += (int32_t)(f->ts - l->in_ts);
	l->in_ts = f->ts;
	return l->out_ts0 +
	       (uint32_t)(l->in_total * (int64_t)l->to_format->clock / l->from_format->clock);
}

/* What comes too late has been concealed already. */
static bool too_late(struct bb_mlink *l, const struct bb_frame *f)
{
	if (!(f->flags & BB_FRAME_RTP))
		return false;
	if (l->have_seq && !(f->flags & BB_FRAME_SWITCH) && (int16_t)(f->seq - l->last_seq) <= 0)
		return true;
	l->have_seq = true;
	l->last_seq = f->seq;
	return false;
}

static bool translate(struct bb_mthread *t, struct bb_mlink *l, const struct bb_frame *f)
{
	struct bb_frame cur = *f, out;

	if (t->depth >= BB_MAX_DEPTH || too_late(l, f)) {
		dropped(t);
		return false;
	}
	cur.ts = scale_ts(l, f);
	for (unsigned i = 0; i < l->n; i++) {
		out = cur;
		out.format = l->steps[i].out;
		out.data = t->work[t->depth][i & 1] + BB_HEADROOM;
		out.cap = BB_WORK_BYTES;
		out.len = 0;
		out.samples = 0;
		if (run_step(l, i, &cur, &out) < 0) {
			dropped(t);
			return false;
		}
		if (!out.len)
			return false; /* it gathers */
		out.flags &= (uint16_t)~BB_FRAME_LOST;
		cur = out;
	}
	return deliver(t, l->to, &cur);
}

static bool pass_copy(struct bb_mthread *t, struct bb_mlink *l, const struct bb_frame *f)
{
	struct bb_frame c = *f;

	if (t->depth >= BB_MAX_DEPTH || f->len > BB_WORK_BYTES) {
		dropped(t);
		return false;
	}
	c.data = t->work[t->depth][0] + BB_HEADROOM;
	c.cap = BB_WORK_BYTES;
	memcpy(c.data, f->data, f->len);
	return deliver(t, l->to, &c);
}

void bb_mlink_push(struct bb_mport *mp, struct bb_mlink *l, struct bb_frame *f, bool copy)
{
	uint16_t flags = f->flags;
	bool had = false;

	if (f->format != l->from_format) {
		ask_format(mp, l, f->format);
		return;
	}
	if (l->fresh)
		f->flags |= BB_FRAME_SWITCH;
	/* Until a frame has come through, the next one still is the first of its stream. */
	l->fresh = f->flags & BB_FRAME_SWITCH;
	if (l->n)
		had = translate(mp->t, l, f);
	else if (f->flags & BB_FRAME_LOST)
		; /* a straight connection keeps the gap */
	else if (copy)
		had = pass_copy(mp->t, l, f);
	else
		had = deliver(mp->t, l->to, f);
	if (had)
		l->fresh = false;
	f->flags = flags;
}
