/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Console: sending legs to places of the dial plan, new ones and live ones.
 */
#include <bellbird/app.h>
#include <bellbird/cli.h>

#include "core/features/features.h"

struct originate_args {
	struct bb_str destination;
	int how;
	struct bb_str rest;
};
static const char *const how_words[] = { "extension", "application", NULL };

/* What can be known at once is said at once: the call itself takes its time. */
static int can_originate(struct bb_out *o, const struct bb_originate * or)
{
	ptrdiff_t slash = bb_str_chr(or->destination, '/');
	struct bb_use use = { 0 };
	bool there;

	there = slash > 0 && bb_driver_find(bb_str_sub(or->destination, 0, (size_t)slash), &use);
	bb_use_end(&use);
	if (!there) {
		bb_out_error(o,
			     "no loaded module calls '%.*s' (technology/resource, as in SIP/1001)",
			     BB_FMT(or->destination));
		return -EPROTONOSUPPORT;
	}
	if (or->app.l) {
		there = bb_use_find(BB_KIND_APP, or->app, &use) != NULL;
		bb_use_end(&use);
		if (!there)
			bb_out_error(o, "no application is called %.*s", BB_FMT(or->app));
		return there ? 0 : -ENOENT;
	}
	if (bb_exten_exists(or->context, or->exten, BB_STR("")))
		return 0;
	bb_out_error(o, "extension %.*s does not exist in context %.*s", BB_FMT(or->exten),
		     BB_FMT(or->context));
	return -ENOENT;
}

/* "Playback hello", or as the dial plan writes it: "Playback(hello)". */
static void take_app(struct bb_originate * or, struct bb_str text)
{
	ptrdiff_t open = bb_str_chr(text, '('), space = bb_str_chr(text, ' ');

	if (open > 0 && (space < 0 || open < space) && text.p[text.l - 1] == ')') {
		or->app = bb_str_sub(text, 0, (size_t)open);
		or->args = bb_str_sub(text, (size_t)open + 1, text.l - (size_t)open - 2);
	} else {
		or->app = space < 0 ? text : bb_str_sub(text, 0, (size_t)space);
		or->args = space < 0 ? BB_STR("")
				     : bb_str_trim(bb_str_sub(text, (size_t)space, text.l));
	}
}

static int originate(struct bb_out *o, const void *args)
{
	const struct originate_args *a = args;
	struct bb_originate or = { .destination = a->destination, .timeout = 30 * BB_SEC };
	struct bb_str rest = a->rest;
	ptrdiff_t at = bb_str_chr(rest, '@');
	int err;

	if (!rest.l) {
		bb_out_error(o, "%s what?", how_words[a->how]);
		return -EINVAL;
	}
	if (a->how == 0) {
		or.exten = at < 0 ? rest : bb_str_sub(rest, 0, (size_t)at);
		or.context = at < 0 ? BB_STR("default") : bb_str_sub(rest, (size_t)at + 1, rest.l);
	} else {
		take_app(& or, rest);
	}
	err = can_originate(o, & or);
	if (err)
		return err;
	err = bb_originate(& or, NULL, NULL);
	if (err)
		bb_out_error(o, "%.*s cannot be called: %s", BB_FMT(a->destination),
			     bb_dial_why(err));
	else
		bb_out_text(o, "Calling %.*s; call list tells how it goes", BB_FMT(a->destination));
	return err;
}

struct redirect_args {
	struct bb_str name, target;
};

static int redirect(struct bb_out *o, const void *args)
{
	const struct redirect_args *r = args;
	struct bb_str rest = r->target, part[3] = { { 0 } };
	struct bb_chan *ch = bb_chan_find(r->name);
	struct bb_str context, exten;
	size_t n = 0;
	int err;

	if (!ch) {
		bb_out_error(o, "%.*s is not a known channel", BB_FMT(r->name));
		return -ENOENT;
	}
	while (n < 3 && bb_str_split(&rest, ',', &part[n]))
		n++;
	context = n == 3 ? part[0] : bb_strz(ch->context);
	exten = n >= 2 ? part[n - 2] : bb_strz(ch->exten);
	err = n ? bb_chan_redirect(ch, context, exten, part[n - 1]) : -EINVAL;
	if (err)
		bb_out_error(o, "%s cannot go to %.*s: %s", ch->name, BB_FMT(r->target),
			     strerror(-err));
	else
		bb_out_text(o, "Channel '%s' successfully redirected to %.*s", ch->name,
			    BB_FMT(r->target));
	bb_chan_unref(ch);
	return err;
}

static const struct bb_field redirect_fields[] = { { .name = "channel",
						     .type = BB_T_STR,
						     .off = offsetof(struct redirect_args, name),
						     .complete = "channel",
						     .doc = "Name or unique id of a channel." },
						   { .name = "target",
						     .type = BB_T_REST,
						     .off = offsetof(struct redirect_args, target),
						     .doc = "[[context,]extension,]priority" },
						   { 0 } };
static const struct bb_field originate_fields[] = {
	{ .name = "destination",
	  .type = BB_T_STR,
	  .off = offsetof(struct originate_args, destination),
	  .complete = "device",
	  .doc = "Whom to call: technology/resource." },
	{ .name = "how",
	  .type = BB_T_ENUM,
	  .off = offsetof(struct originate_args, how),
	  .words = how_words,
	  .doc = "Where who answers goes: an extension or an application." },
	{ .name = "what",
	  .type = BB_T_REST,
	  .off = offsetof(struct originate_args, rest),
	  .def = "",
	  .doc = "extension[@context], or the application's name and its arguments." },
	{ 0 }
};

static const struct bb_cli cmd_originate = {
	.words = "channel originate",
	.args = originate_fields,
	.args_size = sizeof(struct originate_args),
	.run = originate,
	.doc = { .summary = "Call somebody, and put who answers somewhere",
		 .since = "0.1",
		 .text = "Gives up after 30 seconds.\n"
			 "Example: channel originate SIP/1001 extension 601@internal\n"
			 "Example: channel originate SIP/1001 application Playback hello-world" },
};
static const struct bb_cli cmd_redirect = {
	.words = "channel redirect",
	.args = redirect_fields,
	.args_size = sizeof(struct redirect_args),
	.run = redirect,
	.doc = { .summary = "Send a channel to another place in the dial plan",
		 .since = "0.1",
		 .text = "Example: channel redirect SIP/1001-00000003 internal,601,1" },
};

const struct bb_provide bb_features_provides[] = {
	BB_CLI(&cmd_originate),
	BB_CLI(&cmd_redirect),
	{ 0 },
};
