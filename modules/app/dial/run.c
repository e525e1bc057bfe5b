/* SPDX-License-Identifier: BSD-3-Clause */
/* run.c - what Dial() does, in order: ring, answer, talk. */
#include <bellbird/log.h>
#include <bellbird/sound.h>

#include "dial.h"

struct dialing {
	struct bb_chan *ch;
	const struct dial_args *a;
	struct bb_dial *d;
	struct bb_arena *arena;
	struct limit limit;
	bb_time began, answered;
	bool music, tone;
};

static bool has(const struct dialing *dl, char letter)
{
	return bb_opts_has(&dl->a->options, letter);
}

static struct bb_str arg(const struct dialing *dl, char letter)
{
	return bb_opts_arg(&dl->a->options, letter);
}

const char *sub_target(struct bb_arena *a, struct bb_str text)
{
	char *t = bb_arena_strdup(a, text);

	for (char *p = t; p && *p; p++)
		if (*p == '^')
			*p = ',';
	return t;
}

/* U names a context: x^arg1^arg2 is x,s,1(arg1,arg2). */
static const char *callee_target(struct bb_arena *a, struct bb_str text)
{
	ptrdiff_t cut = bb_str_chr(text, '^');
	const char *args;

	if (cut < 0)
		return bb_arena_printf(a, "%.*s,s,1", BB_FMT(text));
	args = sub_target(a, bb_str_sub(text, (size_t)cut + 1, text.l));
	if (!args)
		return NULL;
	return bb_arena_printf(a, "%.*s,s,1(%s)", BB_FMT(bb_str_sub(text, 0, (size_t)cut)), args);
}

/* --- while it rings --- */

static int before(struct bb_dial *d, struct bb_chan *leg, void *arg_)
{
	struct dialing *dl = arg_;
	const char *target;
	int err;

	if (!has(dl, 'b'))
		return 0;
	target = sub_target(dl->arena, arg(dl, 'b'));
	if (!target)
		return -ENOMEM;
	err = bb_gosub(leg, bb_strz(target));
	if (err == -ENOENT) {
		bb_warning("Dial: b(%s): there is no such place", target);
		return 0;
	}
	return err;
}

static void ringing(struct bb_dial *d, struct bb_chan *leg, void *arg_)
{
	struct dialing *dl = arg_;

	if (!dl->music && !has(dl, 'r'))
		bb_chan_signal(dl->ch, BB_SIG_RINGING);
}

static void progress(struct bb_dial *d, struct bb_chan *leg, void *arg_)
{
	struct dialing *dl = arg_;

	/* r and m promise their own sound until the answer. */
	if (dl->music || has(dl, 'r'))
		return;
	if (dl->tone) {
		bb_tones_stop(dl->ch);
		dl->tone = false;
	}
	bb_chan_signal(dl->ch, BB_SIG_PROGRESS);
	if (bb_dial_early_media(d, leg) == -ENOTCONN)
		bb_debug(1, "%s: early media without a path to hear it", bb_chan_name(leg));
}

static const struct bb_dial_hooks hooks = { before, ringing, progress, NULL };

/* What the caller hears meanwhile. An answered caller needs the tone, a waiting one its phone. */
static void begin_sound(struct dialing *dl)
{
	if (has(dl, 'm')) {
		bb_chan_signal(dl->ch, BB_SIG_PROGRESS);
		dl->music = bb_moh_start(dl->ch, arg(dl, 'm')) == 0;
	} else if (has(dl, 'r')) {
		bb_chan_signal(dl->ch, BB_SIG_RINGING);
	}
	if (!dl->music && bb_chan_state(dl->ch) == BB_UP)
		dl->tone = bb_tones_start(dl->ch, BB_STR("ring")) == 0;
}

static void end_sound(struct dialing *dl)
{
	if (dl->music)
		bb_moh_stop(dl->ch);
	if (dl->tone)
		bb_tones_stop(dl->ch);
	dl->music = dl->tone = false;
}

/* --- after the answer --- */

/* Seconds are rounded to the nearest, as in Asterisk. */
static void set_time(struct bb_chan *ch, const char *seconds, const char *ms, bb_time span)
{
	bb_var_setf(ch, seconds, "%lld", (long long)((span + BB_SEC / 2) / BB_SEC));
	bb_var_setf(ch, ms, "%lld", (long long)(span / BB_MS));
}

static void set_times(struct dialing *dl)
{
	bb_time now = bb_now();

	set_time(dl->ch, "DIALEDTIME", "DIALEDTIME_MS", now - dl->began);
	if (dl->answered)
		set_time(dl->ch, "ANSWEREDTIME", "ANSWEREDTIME_MS", now - dl->answered);
}

static void set_status(struct dialing *dl, const char *status, unsigned cause)
{
	bb_var_set(dl->ch, "DIALSTATUS", bb_strz(status));
	if (!bb_chan_check(dl->ch))
		bb_chan_set_cause(dl->ch, cause);
	set_times(dl);
}

static void set_peer(struct dialing *dl, struct bb_chan *leg)
{
	struct bb_str name = bb_strz(bb_chan_name(leg)), device = bb_strz(bb_chan_device(leg));
	ptrdiff_t slash = bb_str_chr(device, '/');

	bb_var_set(dl->ch, "DIALEDPEERNAME", name);
	bb_var_set(dl->ch, "DIALEDPEERNUMBER", bb_str_sub(device, (size_t)(slash + 1), device.l));
}

enum verdict { TALK, GO_ON, END };

/* The callee's own dial plan may refuse the call: GOSUB_RESULT, as in Asterisk. */
static enum verdict judge(struct dialing *dl, struct bb_chan *leg)
{
	struct bb_str r = bb_var_get(leg, "GOSUB_RESULT", dl->arena);

	if (bb_str_iis(r, "ABORT"))
		return END;
	if (bb_str_iis(r, "CONGESTION") || bb_str_iis(r, "BUSY") || bb_str_iis(r, "CONTINUE")) {
		if (bb_str_iis(r, "BUSY"))
			set_status(dl, "BUSY", BB_CAUSE_BUSY);
		else if (bb_str_iis(r, "CONGESTION"))
			set_status(dl, "CONGESTION", BB_CAUSE_CONGESTION);
		return GO_ON;
	}
	if (bb_str_istarts(r, BB_STR("GOTO:"))) {
		const char *to = sub_target(dl->arena, bb_str_sub(r, 5, r.l));

		if (to && bb_goto_text(dl->ch, bb_strz(to)) == 0)
			return GO_ON;
		bb_warning("Dial: GOSUB_RESULT %.*s: there is no such place", BB_FMT(r));
	}
	return TALK;
}

/* U(), A(), D(): what the callee goes through before the two talk. @return -ECANCELED … */
static int prepare_callee(struct dialing *dl, struct bb_chan *leg, enum verdict *v)
{
	struct bb_str files = arg(dl, 'A'), file;
	const char *target;
	int err = 0;

	*v = TALK;
	if (has(dl, 'A') && bb_str_split(&files, ':', &file) && file.l)
		err = bb_play(leg, file, "");
	if (has(dl, 'A') && err != -ECANCELED && files.l)
		err = bb_play(dl->ch, files, "");
	if (err == -ECANCELED || !has(dl, 'U'))
		return err == -ECANCELED ? err : 0;
	target = callee_target(dl->arena, arg(dl, 'U'));
	if (!target)
		return -ENOMEM;
	err = bb_gosub(leg, bb_strz(target));
	if (err == -ENOENT)
		bb_warning("Dial: U(%s): there is no such place", target);
	else if (!err)
		*v = judge(dl, leg);
	return err == -ENOENT ? 0 : err;
}

static struct bb_member_opts member(const struct dialing *dl, bool caller, char features[4])
{
	char *f = features;

	if (has(dl, caller ? 'T' : 't'))
		*f++ = 't';
	if (has(dl, caller ? 'H' : 'h'))
		*f++ = 'h';
	*f = '\0';
	return (struct bb_member_opts){
		.features = features,
		.pass_dtmf = true,
		.ends_bridge = true,
		.hold_music = true,
		.transfer_context = bb_strz(bb_chan_place(dl->ch).context),
	};
}

static int talk(struct dialing *dl, struct bb_chan *leg)
{
	char caller_features[4], callee_features[4];
	struct bb_member_opts caller = member(dl, true, caller_features);
	struct bb_member_opts callee = member(dl, false, callee_features);
	struct bb_bridge *b;
	int err;

	err = bb_bridge_new(&b, "dial");
	if (err)
		return err;
	err = bb_bridge_join(b, dl->ch, &caller);
	if (!err)
		err = bb_bridge_join(b, leg, &callee);
	if (!err) {
		limit_begin(&dl->limit, b, dl->ch, leg);
		err = bb_bridge_wait(b, dl->ch);
		limit_end(&dl->limit);
	}
	bb_bridge_dissolve(b);
	bb_bridge_unref(b);
	return err;
}

/* G(context^exten^priority): the caller goes there, the callee to the priority behind it. */
static int send_both(struct dialing *dl, struct bb_chan *leg)
{
	struct bb_str rest = bb_strz(sub_target(dl->arena, arg(dl, 'G'))), part[3] = { { 0 } };
	struct bb_place at = bb_chan_place(dl->ch);
	struct bb_str context = bb_strz(at.context), exten = bb_strz(at.exten), prio;
	uint64_t n_prio;
	size_t n = 0;
	int err;

	while (n < 3 && bb_str_split(&rest, ',', &part[n]))
		n++;
	prio = n ? part[n - 1] : BB_STR("");
	if (n > 1)
		exten = part[n - 2];
	if (n > 2)
		context = part[0];
	if (bb_str_u64(prio, &n_prio)) {
		bb_warning("Dial: G(): the priority must be a number");
		return 0;
	}
	err = bb_chan_redirect(
		leg, context, exten,
		bb_strz(bb_arena_printf(dl->arena, "%llu", (unsigned long long)n_prio + 1)));
	if (!err)
		err = bb_goto(dl->ch, context, exten, prio);
	return err;
}

/* Whoever was called and has no place of its own in the dial plan ends here. */
static void part_from(struct dialing *dl, struct bb_chan *leg)
{
	if (!bb_chan_running(leg))
		bb_chan_hangup(leg, bb_chan_check(dl->ch) && bb_chan_cause(dl->ch)
					    ? bb_chan_cause(dl->ch)
					    : BB_CAUSE_NORMAL);
}

static int after_answer(struct dialing *dl, struct bb_chan *leg)
{
	enum verdict v;
	int err;

	end_sound(dl);
	dl->answered = bb_now();
	set_peer(dl, leg);
	set_status(dl, "ANSWER", 0);
	err = prepare_callee(dl, leg, &v);
	if (bb_chan_check(dl->ch))
		return -ECANCELED;
	if (err || v != TALK)
		return v == END ? BB_END : 0;
	err = bb_chan_answer(dl->ch);
	if (err)
		return err;
	if (has(dl, 'G'))
		return send_both(dl, leg);
	err = talk(dl, leg);
	set_times(dl);
	if (!bb_chan_check(dl->ch))
		bb_chan_set_cause(dl->ch,
				  bb_chan_cause(leg) ? bb_chan_cause(leg) : BB_CAUSE_NORMAL);
	if (err)
		return err;
	return has(dl, 'g') ? 0 : BB_END;
}

/* B() runs on the caller, once, before anything is sent. */
static int before_caller(struct dialing *dl)
{
	const char *target;
	int err;

	if (!has(dl, 'B') || !bb_dial_legs(dl->d))
		return 0;
	target = sub_target(dl->arena, arg(dl, 'B'));
	if (!target)
		return -ENOMEM;
	err = bb_gosub(dl->ch, bb_strz(target));
	if (err == -ENOENT)
		bb_warning("Dial: B(%s): there is no such place", target);
	return err == -ENOENT ? 0 : err;
}

/* Somebody to dial is a technology and what it knows the device by; else the call ends. */
static bool names_devices(struct dialing *dl)
{
	for (size_t i = 0; i < dl->a->destinations.n; i++) {
		struct bb_str to = bb_str_trim(dl->a->destinations.v[i]);

		ptrdiff_t slash = bb_str_chr(to, '/');

		if (!to.l || (slash > 0 && (size_t)slash + 1 < to.l))
			continue;
		bb_warning("%s: Dial: '%.*s' is no Technology/resource", bb_chan_name(dl->ch),
			   BB_FMT(to));
		bb_chan_reason(dl->ch, BB_CAUSE_FAILURE,
			       "Dial was asked for '%.*s', which is no Technology/resource",
			       BB_FMT(to));
		bb_var_set(dl->ch, "DIALSTATUS", BB_STR("INVALIDARGS"));
		return false;
	}
	return true;
}

static int dial_all(struct dialing *dl)
{
	struct bb_chan *leg = NULL;
	int err;

	if (!names_devices(dl))
		return BB_END;
	for (size_t i = 0; i < dl->a->destinations.n; i++)
		if (dl->a->destinations.v[i].l)
			bb_dial_add(dl->d, dl->a->destinations.v[i]);
	err = before_caller(dl);
	if (err)
		return err;
	if (bb_dial_legs(dl->d))
		begin_sound(dl);
	err = bb_dial_run(dl->d, dl->a->timeout > 0 ? dl->a->timeout : -1, &leg);
	end_sound(dl);
	if (err) {
		set_status(dl, bb_dial_status_name(bb_dial_status(dl->d)), bb_dial_cause(dl->d));
		return err == -ECANCELED ? err : 0;
	}
	err = after_answer(dl, leg);
	part_from(dl, leg);
	bb_chan_unref(leg);
	return err;
}

static void forget_last(struct bb_chan *ch)
{
	static const char *const names[] = { "DIALSTATUS",   "DIALEDPEERNAME", "DIALEDPEERNUMBER",
					     "ANSWEREDTIME", "DIALEDTIME",     "ANSWEREDTIME_MS",
					     "DIALEDTIME_MS" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(names); i++)
		bb_var_set(ch, names[i], BB_STR(""));
}

int dial_run(struct bb_chan *ch, const void *args)
{
	struct dialing dl = { .ch = ch, .a = args, .began = bb_now() };
	int err = -ENOMEM;

	forget_last(ch);
	if (limit_parse(&dl.limit, ch, &dl.a->options)) {
		bb_warning("%s: Dial: L(%.*s) or S(%.*s) is no limit", bb_chan_name(ch),
			   BB_FMT(arg(&dl, 'L')), BB_FMT(arg(&dl, 'S')));
		bb_var_set(ch, "DIALSTATUS", BB_STR("INVALIDARGS"));
		return BB_END;
	}
	dl.arena = bb_arena_new(512);
	if (dl.arena)
		err = bb_dial_new(&dl.d, ch, &hooks, &dl);
	if (!err)
		err = dial_all(&dl);
	bb_dial_free(dl.d);
	bb_arena_free(dl.arena);
	return err;
}
