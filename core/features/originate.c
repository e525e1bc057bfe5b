/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Originate: call somebody, and put who answers in the dial plan or in one
 * application. A fiber does it; nobody waits for it.
 */
#include <bellbird/app.h>
#include <bellbird/log.h>

#include "core/features/features.h"
#include "core/loop/fiber.h"

#define MAX_ORIGINATE 1000 /* under way at one time */

struct job {
	struct bb_arena *arena;
	struct bb_dial *dial;
	struct bb_originate o;
	void (*done)(enum bb_dial_status st, struct bb_chan *ch, void *arg);
	void *arg;
};

static unsigned under_way;

/* "1", or a label: unset begins at 1. */
static int enter(const struct bb_originate *o, struct bb_chan *ch)
{
	unsigned cause = 0;
	int err;

	bb_str_copy(ch->context, sizeof(ch->context), o->context);
	bb_str_copy(ch->exten, sizeof(ch->exten), o->exten);
	err = bb_chan_run_at(ch, o->context, o->exten, o->priority.l ? o->priority : BB_STR("1"),
			     &cause);
	if (!err)
		return 0;
	bb_chan_reason(ch, BB_CAUSE_UNALLOCATED,
		       "the extension %.*s does not exist in the context %.*s", BB_FMT(o->exten),
		       BB_FMT(o->context));
	bb_chan_hangup(ch, BB_CAUSE_UNALLOCATED);
	return err;
}

static void answered(const struct job *j, struct bb_chan *ch)
{
	const struct bb_originate *o = &j->o;
	int err;

	if (j->done)
		j->done(BB_DIAL_ANSWER, ch, j->arg);
	if (!o->app.l) {
		enter(o, ch);
		return;
	}
	bb_verbose(3, "Launching %.*s(%.*s) on %s", BB_FMT(o->app), BB_FMT(o->args), ch->name);
	bb_str_copy(ch->app, sizeof(ch->app), o->app);
	bb_text_set(&ch->appdata, BB_CHAN_APPDATA, o->args);
	err = bb_exec_app(ch, o->app, o->args);
	if (err < 0 && err != -ECANCELED)
		bb_warning("%s: %.*s: %s", ch->name, BB_FMT(o->app), strerror(-err));
	/* A redirect took it out of the application: then it has a run of its own now. */
	if (ch->run)
		return;
	bb_chan_reason(ch, BB_CAUSE_NORMAL, "the application %.*s of %s ended", BB_FMT(o->app),
		       ch->name);
	bb_chan_hangup(ch, BB_CAUSE_NORMAL);
}

static void failed(const struct job *j, enum bb_dial_status st)
{
	bb_notice("originate %.*s: %s", BB_FMT(j->o.destination), bb_dial_status_name(st));
	if (j->done)
		j->done(st, NULL, j->arg);
}

static void job_run(void *arg)
{
	struct job *j = arg;
	struct bb_chan *ch = NULL;

	if (bb_dial_run(j->dial, j->o.timeout, &ch))
		failed(j, bb_dial_status(j->dial));
	bb_dial_free(j->dial);
	if (ch)
		answered(j, ch);
	bb_chan_unref(ch);
	bb_arena_free(j->arena);
	under_way--;
}

static int copy(struct bb_arena *a, struct bb_str *s)
{
	if (!s->p)
		return 0;
	s->p = bb_arena_strdup(a, *s);
	return s->p ? 0 : -ENOMEM;
}

int bb_originate(const struct bb_originate *o,
		 void (*done)(enum bb_dial_status st, struct bb_chan *ch, void *arg), void *arg)
{
	struct bb_arena *a;
	struct bb_fiber *f;
	struct job *j;
	int err = -ENOMEM;

	if (under_way >= MAX_ORIGINATE)
		return -EBUSY;
	a = bb_arena_new(512);
	if (!a)
		return -ENOMEM;
	j = bb_arena_alloc(a, sizeof(*j));
	if (!j)
		goto out;
	*j = (struct job){ .arena = a, .o = *o, .done = done, .arg = arg };
	if (copy(a, &j->o.destination) || copy(a, &j->o.context) || copy(a, &j->o.exten) ||
	    copy(a, &j->o.priority) || copy(a, &j->o.app) || copy(a, &j->o.args))
		goto out;
	err = bb_dial_new(&j->dial, NULL, NULL, NULL);
	if (err)
		goto out;
	bb_dial_set_caller(j->dial, &j->o.caller);
	err = bb_dial_add(j->dial, j->o.destination);
	if (!err)
		err = bb_fiber_spawn(&f, "originate", job_run, j);
	if (err) {
		bb_dial_free(j->dial);
		goto out;
	}
	under_way++;
	return 0;
out:
	bb_arena_free(a);
	return err;
}
