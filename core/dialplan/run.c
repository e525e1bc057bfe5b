/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run.c - one execution of dial plan on a channel: priorities one after the
 * other, digits that dial further, `i t e T`, and in the end `h`.
 */
#include "core/dialplan/dialplan.h"
#include "core/loop/fiber.h"

#include <bellbird/log.h>

struct bb_run {
	struct bb_chan *ch;
	struct bb_dp *dp;
	struct bb_plan *plan;
	struct bb_fiber *fiber;
	char digits[BB_MAX_EXTEN + 1];
	size_t n_digits;
};

enum outcome { GO_ON, OVER };

static bool exists(struct bb_run *r, const char *exten)
{
	return bb_dp_find(r->ch, bb_strz(r->dp->context), bb_strz(exten), 1, NULL) != NULL;
}

static void go(struct bb_run *r, struct bb_str exten)
{
	if (bb_dp_set_place(r->dp, bb_strn(NULL, 0), exten, 1))
		bb_chan_hangup(r->ch, BB_CAUSE_FAILURE);
}

/* Say which extension a number meant, and by which line. */
static void tell_match(struct bb_chan *ch, struct bb_plan *plan, struct bb_str context,
		       struct bb_str exten)
{
	struct bb_find f = { .context = context,
			     .exten = exten,
			     .prio = 1,
			     .cid = bb_strz(bb_chan_caller(ch)->number) };

	if (!bb_plan_find(plan, &f))
		return;
	if (f.found_exten->name[0] != '_' && bb_str_is(context, f.found_context->name)) {
		bb_story(ch, BB_STORY_MATCH, "%.*s is an extension of [%.*s]  [%s:%u]",
			 BB_FMT(exten), BB_FMT(context), bb_base_name(f.found_exten->at.file),
			 f.found_exten->at.line);
		return;
	}
	bb_story(ch, BB_STORY_MATCH, "%.*s in [%.*s] is '%s'%s%s%s%s of [%s]  [%s:%u]",
		 BB_FMT(exten), BB_FMT(context), f.found_exten->name,
		 f.found_exten->cid ? " for callers '" : "",
		 f.found_exten->cid ? f.found_exten->cid : "", f.found_exten->cid ? "'" : "",
		 f.found_exten->name[0] == '_' ? ", a pattern" : "", f.found_context->name,
		 bb_base_name(f.found_exten->at.file), f.found_exten->at.line);
}

static void set_exception(struct bb_chan *ch, struct bb_dp *dp, struct bb_str reason)
{
	bb_vars_set(&ch->vars, BB_STR("~EXCEPTION~reason"), 0, reason);
	bb_vars_set(&ch->vars, BB_STR("~EXCEPTION~context"), 0, bb_strz(dp->context));
	bb_vars_set(&ch->vars, BB_STR("~EXCEPTION~exten"), 0, bb_strz(dp->exten));
	bb_var_setf(ch, "~EXCEPTION~priority", "%d", dp->prio);
}

int bb_raise(struct bb_chan *ch, struct bb_str reason)
{
	struct bb_dp *dp = bb_dp_of(ch);
	int err;

	if (!dp || !dp->context)
		return -ENOENT;
	set_exception(ch, dp, reason);
	err = bb_goto(ch, bb_strn(NULL, 0), BB_STR("e"), BB_STR("1"));
	return err;
}

/* --- interruptions --- */

/* Take what interrupted the run: another place, or the end. */
static enum outcome take_interrupt(struct bb_run *r)
{
	struct bb_dp *dp = r->dp;

	if (bb_chan_take_interrupt(r->ch) != BB_INT_REDIRECT || !dp->redirect_context)
		return OVER;
	if (r->plan != bb_plan_live() && bb_plan_live()) {
		bb_plan_unref(r->plan);
		r->plan = bb_plan_ref(bb_plan_live());
		dp->plan = r->plan;
	}
	if (bb_dp_set_place(dp, bb_strz(dp->redirect_context), bb_strz(dp->redirect_exten),
			    dp->redirect_prio))
		return OVER;
	bb_free(dp->redirect_context);
	bb_free(dp->redirect_exten);
	dp->redirect_context = dp->redirect_exten = NULL;
	bb_story(r->ch, BB_STORY_DECISION, "sent to %s@%s:%d", dp->exten, dp->context, dp->prio);
	return GO_ON;
}

static void deadline(struct bb_chan *ch)
{
	static const char *const takes[] = { "T", "e" };
	struct bb_dp *dp = bb_dp_of(ch);

	if (dp)
		dp->absolute = 0;
	bb_story(ch, BB_STORY_DECISION, "the call's absolute timeout has come");
	for (size_t i = 0; ch->run && dp && dp->context && i < BB_ARRAY_SIZE(takes); i++) {
		if (!bb_dp_find(ch, bb_strz(dp->context), bb_strz(takes[i]), 1, NULL))
			continue;
		if (takes[i][0] == 'e')
			set_exception(ch, dp, BB_STR("ABSOLUTETIMEOUT"));
		if (!bb_chan_redirect(ch, bb_strz(dp->context), bb_strz(takes[i]), BB_STR("1")))
			return;
	}
	bb_chan_reason(ch, BB_CAUSE_NORMAL, "the call's absolute timeout came");
	bb_chan_hangup(ch, BB_CAUSE_NORMAL);
}

/* --- priorities --- */

/* Step until something other than the next priority is due. @return -ENOENT the extension has
 * ended, a digit, BB_END, or -ECANCELED when the channel is gone. */
static int priorities(struct bb_run *r)
{
	struct bb_dp *dp = r->dp;
	int err;

	for (;;) {
		if (bb_chan_check(r->ch) && take_interrupt(r) == OVER)
			return -ECANCELED;
		dp->moved = false;
		err = bb_dp_step(r->ch);
		if (err == -ECANCELED && !bb_chan_check(r->ch))
			return -ECANCELED; /* gone already */
		if (err == -ECANCELED || bb_chan_check(r->ch))
			continue;
		if (err)
			return err;
		if (!dp->moved)
			dp->prio++;
	}
}

static void busy_tone(struct bb_run *r, enum bb_signal sig, unsigned cause)
{
	bb_chan_set_cause(r->ch, cause);
	if (bb_chan_state(r->ch) != BB_UP)
		return;
	if (!bb_chan_signal(r->ch, sig))
		bb_wait(r->ch, 10 * BB_SEC);
}

/* Nothing more to do and nothing to wait for. */
static enum outcome fall_through(struct bb_run *r)
{
	struct bb_arena *a = bb_arena_new(128);
	struct bb_str s = a ? bb_var_get(r->ch, "DIALSTATUS", a) : BB_STR("");

	if (!s.l)
		s = BB_STR("UNKNOWN");
	bb_verbose(3, "Auto fallthrough, channel '%s' status is '%.*s'", bb_chan_name(r->ch),
		   BB_FMT(s));
	bb_story(r->ch, BB_STORY_DECISION,
		 "the dial plan of %s@%s ended after priority %d (DIALSTATUS %.*s)", r->dp->exten,
		 r->dp->context, r->dp->prio - 1, BB_FMT(s));
	if (bb_str_is(s, "BUSY"))
		busy_tone(r, BB_SIG_BUSY, BB_CAUSE_BUSY);
	else if (bb_str_is(s, "CONGESTION") || bb_str_is(s, "CHANUNAVAIL"))
		busy_tone(r, BB_SIG_CONGESTION, BB_CAUSE_CONGESTION);
	bb_arena_free(a);
	return OVER;
}

/* --- digits --- */

/* As long as more digits could mean something, and no longer. @return false when interrupted. */
static bool collect(struct bb_run *r, bb_time wait)
{
	struct bb_find f;
	int c;

	for (;;) {
		f = (struct bb_find){ .context = bb_strz(r->dp->context),
				      .exten = bb_strn(r->digits, r->n_digits),
				      .cid = bb_strz(bb_chan_caller(r->ch)->number),
				      .prio = 1,
				      .mode = BB_FIND_MORE };
		if (r->n_digits >= BB_MAX_EXTEN || !bb_plan_find(r->plan, &f))
			return true;
		c = bb_wait_digit(r->ch, wait);
		if (c == -ETIMEDOUT)
			return true;
		if (c < 0)
			return false;
		r->digits[r->n_digits++] = (char)c;
		wait = r->dp->digit_timeout;
	}
}

/* An exception, or the end when nobody takes it. */
static enum outcome nobody(struct bb_run *r, const char *reason, const char *what)
{
	if (exists(r, "e")) {
		set_exception(r->ch, r->dp, bb_strz(reason));
		go(r, BB_STR("e"));
		return GO_ON;
	}
	bb_dp_warn(r->ch, "%s, and [%s] has neither '%s' nor 'e'", what, r->dp->context,
		   bb_str_is(bb_strz(reason), "INVALID") ? "i" : "t");
	bb_chan_reason(r->ch,
		       bb_str_is(bb_strz(reason), "INVALID") ? BB_CAUSE_UNALLOCATED
							     : BB_CAUSE_NORMAL,
		       "%s", what);
	return OVER;
}

static enum outcome invalid(struct bb_run *r, struct bb_str number)
{
	struct bb_buf what = { 0 };
	enum outcome o;

	bb_vars_set(&r->ch->vars, BB_STR("INVALID_EXTEN"), 0, number);
	bb_buf_printf(&what, "extension %.*s does not exist in context %s", BB_FMT(number),
		      r->dp->context);
	bb_story(r->ch, BB_STORY_MATCH, "%s", bb_buf_cstr(&what));
	if (exists(r, "i")) {
		go(r, BB_STR("i"));
		o = GO_ON;
	} else {
		o = nobody(r, "INVALID", bb_buf_cstr(&what));
	}
	bb_buf_free(&what);
	return o;
}

static enum outcome dialed_digits(struct bb_run *r)
{
	struct bb_str number;
	bb_time wait = r->n_digits ? r->dp->digit_timeout : r->dp->response_timeout;

	if (!collect(r, wait))
		return bb_chan_check(r->ch) ? take_interrupt(r) : OVER;
	number = bb_strn(r->digits, r->n_digits);
	if (!number.l) {
		if (exists(r, "t")) {
			bb_verbose(3, "Timeout on %s", bb_chan_name(r->ch));
			go(r, BB_STR("t"));
			return GO_ON;
		}
		return nobody(r, "RESPONSETIMEOUT", "nobody dialed in time");
	}
	r->digits[r->n_digits] = '\0';
	bb_story(r->ch, BB_STORY_DECISION, "dialed %s", r->digits);
	if (exists(r, r->digits)) {
		tell_match(r->ch, r->plan, bb_strz(r->dp->context), number);
		go(r, number);
		return GO_ON;
	}
	return invalid(r, number);
}

/* What follows when the priorities have ended with @p err. */
static enum outcome after(struct bb_run *r, int err)
{
	struct bb_dp *dp = r->dp;

	r->n_digits = 0;
	if (err == -ECANCELED)
		return OVER;
	if (err == BB_END) {
		bb_verbose(3, "Spawn extension (%s, %s, %d) exited non-zero on '%s'", dp->context,
			   dp->exten, dp->prio, bb_chan_name(r->ch));
		return OVER;
	}
	if (err > BB_END) {
		r->digits[r->n_digits++] = (char)err;
		return dialed_digits(r);
	}
	if (err != -ENOENT) {
		bb_dp_warn(r->ch, "step %d of %s@%s: %s", dp->prio, dp->exten, dp->context,
			   strerror(-err));
		return OVER;
	}
	if (!exists(r, dp->exten)) {
		char *number = bb_strdup(bb_strz(dp->exten));
		enum outcome o = number ? invalid(r, bb_strz(number)) : OVER;

		bb_free(number);
		return o;
	}
	return r->plan->autofallthrough ? fall_through(r) : dialed_digits(r);
}

/* --- the end --- */

static void run_h(struct bb_run *r)
{
	if (!exists(r, "h"))
		return;
	go(r, BB_STR("h"));
	bb_story(r->ch, BB_STORY_DECISION, "hung up: h of [%s]", r->dp->context);
	for (;;) {
		int err;

		bb_chan_take_interrupt(r->ch);
		r->dp->moved = false;
		err = bb_dp_step(r->ch);
		/* A wait that found the channel gone ends its step, not h. */
		if (err && err != -ECANCELED)
			return;
		if (!r->dp->moved)
			r->dp->prio++;
	}
}

static void finish(struct bb_run *r)
{
	unsigned cause = bb_chan_cause(r->ch);

	bb_chan_hangup(r->ch, cause ? cause : BB_CAUSE_NORMAL);
	bb_chan_take_interrupt(r->ch);
	run_h(r);
	bb_chan_take_interrupt(r->ch);
	bb_dp_run_handlers(r->ch);
	bb_stack_unwind(r->dp, 0);
}

/* The last of a run; the channel may go with it. */
static void end_run(struct bb_run *r)
{
	struct bb_chan *ch = r->ch;

	r->dp->plan = NULL;
	bb_plan_unref(r->plan);
	bb_free(r);
	bb_chan_run_end(ch);
}

static void run_main(void *arg)
{
	struct bb_run *r = arg;

	do {
		r->n_digits = 0;
	} while (after(r, priorities(r)) == GO_ON);
	finish(r);
	end_run(r);
}

/* Of a leg that never stood in the dial plan: somebody else gave it handlers. */
static void handlers_main(void *arg)
{
	struct bb_run *r = arg;

	bb_chan_take_interrupt(r->ch);
	bb_dp_run_handlers(r->ch);
	bb_stack_unwind(r->dp, 0);
	end_run(r);
}

/* A run on the plan that is live; @p entry in its fiber. */
static int begin_run(struct bb_chan *ch, struct bb_dp *dp, void (*entry)(void *arg))
{
	struct bb_run *r = bb_zalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->ch = ch;
	r->dp = dp;
	err = bb_fiber_spawn(&r->fiber, "dial plan", entry, r);
	if (err) {
		bb_free(r);
		return err;
	}
	r->plan = bb_plan_ref(bb_plan_live());
	dp->plan = r->plan;
	bb_chan_run_begin(ch, r);
	return 0;
}

static bool ended(struct bb_chan *ch)
{
	struct bb_dp *dp = ch->frames;
	int err;

	if (!dp || !dp->handlers.count)
		return false;
	err = begin_run(ch, dp, handlers_main);
	if (err)
		bb_warning("%s: its hangup handlers do not run: %s", bb_chan_name(ch),
			   strerror(-err));
	return !err;
}

static int refuse(struct bb_chan *ch, struct bb_str context, struct bb_str exten, unsigned *cause)
{
	bool known = bb_context_exists(context);

	if (cause)
		*cause = known ? BB_CAUSE_UNALLOCATED : BB_CAUSE_NO_ROUTE;
	if (known) {
		bb_story(ch, BB_STORY_REFUSAL, "extension %.*s does not exist in context %.*s",
			 BB_FMT(exten), BB_FMT(context));
		bb_chan_reason(ch, BB_CAUSE_UNALLOCATED,
			       "extension %.*s does not exist in context %.*s", BB_FMT(exten),
			       BB_FMT(context));
	} else {
		bb_story(ch, BB_STORY_REFUSAL, "context %.*s does not exist", BB_FMT(context));
		bb_chan_reason(ch, BB_CAUSE_NO_ROUTE, "context %.*s does not exist",
			       BB_FMT(context));
	}
	return -ENOENT;
}

static int start(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
		 struct bb_str priority, unsigned *cause)
{
	struct bb_dp *dp = bb_dp_of(ch);
	int n, err;

	if (!dp)
		return -ENOMEM;
	if (ch->run)
		return -EBUSY;
	n = bb_dp_resolve(ch, bb_plan_live(), context, exten, priority.l ? priority : BB_STR("1"));
	if (n < 0)
		return refuse(ch, context, exten, cause);
	tell_match(ch, bb_plan_live(), context, exten);
	err = bb_dp_set_place(dp, context, exten, n);
	return err ? err : begin_run(ch, dp, run_main);
}

const struct bb_run_ops bb_dialplan_run_ops = {
	.start = start,
	.deadline = deadline,
	.ended = ended,
	.frames_free = bb_dp_free,
};
