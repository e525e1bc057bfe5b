/* SPDX-License-Identifier: BSD-3-Clause */
/* limit.c - how long a dialed call may last, and the warnings before its end. */
#include <bellbird/log.h>

#include "dial.h"

static int milliseconds(struct bb_str text, bb_time *out)
{
	uint64_t n;

	if (!text.l) {
		*out = 0;
		return 0;
	}
	if (bb_str_u64(text, &n) || n > 100000000000u)
		return -EINVAL;
	*out = (bb_time)n * BB_MS;
	return 0;
}

static bool yes(struct bb_chan *ch, const char *name, bool unset, struct bb_arena *a)
{
	struct bb_str v = bb_var_get(ch, name, a);
	bool b;

	return v.l && bb_str_bool(v, &b) == 0 ? b : unset;
}

static int parse_total(struct limit *l, struct bb_str text)
{
	struct bb_str piece[3] = { { 0 } };
	size_t n = 0;

	while (n < 3 && bb_str_split(&text, ':', &piece[n]))
		n++;
	if (milliseconds(piece[0], &l->total) || !l->total || milliseconds(piece[1], &l->warn_at) ||
	    milliseconds(piece[2], &l->repeat))
		return -EINVAL;
	if (l->warn_at >= l->total)
		l->warn_at = 0; /* it would come before the talk */
	return 0;
}

int limit_parse(struct limit *l, struct bb_chan *ch, const struct bb_opts *o)
{
	struct bb_arena *a = bb_arena_new(256);
	struct bb_str file;
	double seconds;
	int err = 0;

	*l = (struct limit){ 0 };
	if (!a)
		return -ENOMEM;
	if (bb_opts_arg(o, 'S').l) {
		err = bb_str_double(bb_opts_arg(o, 'S'), &seconds);
		if (err || seconds <= 0 || seconds > 1e8)
			err = -EINVAL;
		else
			l->total = (bb_time)(seconds * (double)BB_SEC);
	} else if (bb_opts_arg(o, 'L').l) {
		err = parse_total(l, bb_opts_arg(o, 'L'));
	}
	l->warn_caller = yes(ch, "LIMIT_PLAYAUDIO_CALLER", true, a);
	l->warn_callee = yes(ch, "LIMIT_PLAYAUDIO_CALLEE", false, a);
	file = bb_var_get(ch, "LIMIT_WARNING_FILE", a);
	bb_str_copy(l->warning, sizeof(l->warning), file.l ? file : BB_STR("beep"));
	bb_arena_free(a);
	return err;
}

static void over(void *arg)
{
	struct limit *l = arg;

	bb_chan_reason(l->caller, BB_CAUSE_NORMAL,
		       "the time limit of %.1f seconds that Dial set was reached",
		       (double)l->total / BB_SEC);
	bb_story(l->caller, BB_STORY_DECISION, "the time limit of the call was reached");
	bb_bridge_dissolve(l->bridge);
}

static void announce(struct limit *l, struct bb_chan *ch)
{
	int err = bb_bridge_announce(l->bridge, ch, bb_strz(l->warning));

	if (err && err != -EBUSY)
		bb_warning("%s: no warning before the time limit: %s", bb_chan_name(ch),
			   strerror(-err));
}

static void warn(void *arg)
{
	struct limit *l = arg;

	if (l->warn_caller)
		announce(l, l->caller);
	if (l->warn_callee)
		announce(l, l->callee);
	if (l->repeat && bb_now() + l->repeat < l->ends)
		bb_timer_set(&l->warn, l->repeat, warn, l);
}

void limit_begin(struct limit *l, struct bb_bridge *b, struct bb_chan *caller,
		 struct bb_chan *callee)
{
	if (!l->total)
		return;
	l->bridge = b;
	l->caller = caller;
	l->callee = callee;
	l->ends = bb_now() + l->total;
	bb_timer_set(&l->end, l->total, over, l);
	if (l->warn_at)
		bb_timer_set(&l->warn, l->total - l->warn_at, warn, l);
}

void limit_end(struct limit *l)
{
	bb_timer_cancel(&l->end);
	bb_timer_cancel(&l->warn);
}
