/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * func.c - calling dial plan functions by name.
 *
 * The look-up holds the function's module for this one call, so that modules
 * drain while dial plan that names them stays loaded.
 */
#include "core/dialplan/dialplan.h"
#include "core/loop/loop_core.h"

#include <bellbird/log.h>

#include <stdio.h>

void bb_dp_warn(struct bb_chan *ch, const char *fmt, ...)
{
	struct bb_dp *dp = ch ? ch->frames : NULL;
	const struct bb_where *at = dp && dp->step ? &dp->step->at : NULL;
	struct bb_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	bb_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (at) {
		bb_warning("%s:%u: %s", at->file, at->line, bb_buf_cstr(&b));
		bb_story(ch, BB_STORY_DECISION, "%s  [%s:%u]", bb_buf_cstr(&b),
			 bb_base_name(at->file), at->line);
	} else {
		bb_warning("%s", bb_buf_cstr(&b));
		bb_story(ch, BB_STORY_DECISION, "%s", bb_buf_cstr(&b));
	}
	bb_buf_free(&b);
}

static const struct bb_func *find(struct bb_chan *ch, struct bb_str name, struct bb_use *use)
{
	const struct bb_func *f = bb_use_find(BB_KIND_FUNC, name, use);

	if (f)
		bb_use_note(use, "dial plan function call");
	else if (bb_known_func(name))
		bb_dp_warn(ch, "function %.*s is not built here", BB_FMT(name));
	else
		bb_dp_warn(ch, "there is no function '%.*s'", BB_FMT(name));
	return f;
}

/* The arguments as the function's fields want them, in @p a. */
static int arguments(struct bb_chan *ch, const struct bb_func *f, struct bb_str text,
		     struct bb_arena *a, void **args)
{
	struct bb_args_error e = { 0 };
	int err;

	*args = bb_arena_alloc(a, f->args_size ? f->args_size : 1);
	if (!*args)
		return -ENOMEM;
	if (!f->args)
		return 0;
	err = bb_args_parse(f->args, text, *args, a, &e);
	if (!err && e.text[0]) /* an application would go on without it; a function is nothing */
		err = -EINVAL;
	if (err == -EINVAL)
		bb_dp_warn(ch, "%s(%.*s): %s%s%s", f->name, BB_FMT(text), e.field ? e.field : "",
			   e.field ? ": " : "", e.text);
	if (e.ignored[0])
		bb_dp_warn(ch, "%s(%.*s): unknown option letters '%s'", f->name, BB_FMT(text),
			   e.ignored);
	return err;
}

static int call(struct bb_chan *ch, struct bb_str name, struct bb_str text, struct bb_buf *out,
		const struct bb_str *value)
{
	struct bb_use use = { 0 };
	const struct bb_func *f = find(ch, name, &use);
	struct bb_arena *a;
	void *args;
	int err;

	if (!f)
		return -ENOENT;
	if (out ? !f->read : !f->write) {
		bb_dp_warn(ch, "function %s cannot be %s", f->name, out ? "read" : "written");
		bb_use_end(&use);
		return -ENOSYS;
	}
	a = bb_arena_new(512);
	err = a ? arguments(ch, f, text, a, &args) : -ENOMEM;
	if (!err) {
		bb_watchdog_enter(bb_use_module(&use), f->name);
		err = out ? f->read(ch, args, out) : f->write(ch, args, *value);
		bb_watchdog_leave();
	}
	if (err && err != -EINVAL && err != -ECANCELED)
		bb_dp_warn(ch, "%s(%.*s): %s", f->name, BB_FMT(text), strerror(-err));
	bb_arena_free(a);
	bb_use_end(&use);
	return err;
}

int bb_func_read(struct bb_chan *ch, struct bb_str name, struct bb_str args, struct bb_buf *out)
{
	return call(ch, name, args, out, NULL);
}

int bb_func_write(struct bb_chan *ch, struct bb_str name, struct bb_str args, struct bb_str value)
{
	return call(ch, name, args, NULL, &value);
}
