/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Console: calls and their stories. `call show` tells one in plain words, in
 * the order in which it happened, and ends with why it ended.
 */
#include <stdio.h>

#include <bellbird/cli.h>

#include "core/channel/channel.h"

static const char *status(const struct bb_call *c)
{
	if (c->refused)
		return "refused";
	if (!c->ended)
		return c->talked ? "talking" : "in progress";
	return c->talked ? "talked" : c->wall_answered ? "answered" : "not answered";
}

static void row(struct bb_out *o, const struct bb_call *c)
{
	bb_time end = c->ended ? c->wall_ended : bb_wall();

	/* A call that the PBX began itself has a first leg, and no number that dialed. */
	bb_out_rowf(o, "uswssfsS", c->number, c->linkedid, c->wall_created,
		    c->src[0] ? c->src : c->first, c->dst, (double)(end - c->wall_created) / BB_SEC,
		    status(c), c->ended ? bb_strz(bb_story_why(c->story)) : BB_STR(""));
}

/* The oldest of what the lists have next; it steps there. */
static struct bb_call *oldest(struct bb_call *next[3])
{
	struct bb_call *c;
	int at = -1;

	for (int l = BB_CALLS_LIVE; l <= BB_CALLS_REFUSED; l++)
		if (next[l] && (at < 0 || next[l]->number < next[at]->number))
			at = l;
	if (at < 0)
		return NULL;
	c = next[at];
	next[at] = bb_call_next((enum bb_call_list)at, c);
	return c;
}

static int list(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "Call", .align = BB_RIGHT },
						 { "LinkedID", .wide = true },
						 { "Began", .wide = true },
						 { "From", .flexible = true },
						 { "To", .flexible = true },
						 { "Lasted s", .align = BB_RIGHT },
						 { "Status" },
						 { "Why it ended", .wrap = true } };
	struct bb_call *next[3], *c;
	unsigned n[3] = { 0 };

	for (int l = BB_CALLS_LIVE; l <= BB_CALLS_REFUSED; l++)
		next[l] = bb_call_next((enum bb_call_list)l, NULL);
	bb_out_table(o, "calls", cols, BB_ARRAY_SIZE(cols));
	while ((c = oldest(next)) != NULL) {
		row(o, c);
		n[c->refused ? BB_CALLS_REFUSED : c->ended ? BB_CALLS_KEPT : BB_CALLS_LIVE]++;
	}
	bb_out_note(o, "%u in progress, %u ended and kept, %u refused before they were calls",
		    n[BB_CALLS_LIVE], n[BB_CALLS_KEPT], n[BB_CALLS_REFUSED]);
	return 0;
}

struct id_args {
	struct bb_str id;
	int view;
};

static struct bb_call *find(struct bb_out *o, struct bb_str id)
{
	struct bb_call *c = bb_call_find(id);

	if (!c)
		bb_out_error(o, "no call %.*s is known (call list shows those that are)",
			     BB_FMT(id));
	return c;
}

/* One entry as a sentence. */
static void sentence(const struct bb_story_entry *e, struct bb_buf *out)
{
	if (e->decisive)
		bb_buf_puts(out, "=> ");
	switch (e->kind) {
	case BB_STORY_MESSAGE:
		bb_buf_printf(out, "%s %s%s%s", e->dir == BB_STORY_IN ? "received" : "sent",
			      e->text,
			      !e->peer[0]	      ? ""
			      : e->dir == BB_STORY_IN ? " from "
						      : " to ",
			      e->peer);
		break;
	case BB_STORY_STEP:
		bb_buf_printf(out, "ran %s", e->text);
		break;
	case BB_STORY_REFUSAL:
		bb_buf_printf(out, "refused: %s", e->text);
		break;
	case BB_STORY_MEDIA:
		bb_buf_printf(out, "media: %s", e->text);
		break;
	case BB_STORY_MATCH:
	case BB_STORY_BRIDGE:
	case BB_STORY_DECISION:
	case BB_STORY_STATE:
		bb_buf_puts(out, e->text);
		break;
	}
}

static void head(struct bb_out *o, const struct bb_call *c)
{
	bb_time end = c->ended ? c->wall_ended : bb_wall();

	bb_out_fact(o, "Call", "%llu (%s)", (unsigned long long)c->number, c->linkedid);
	if (c->refused) {
		bb_out_fact(o, "From", "%s", c->src);
		bb_out_fact(o, "To", "%s", c->dst);
	} else {
		bb_out_fact(o, "From", "%s (%s)", c->first, c->clid[0] ? c->clid : "no number");
		if (c->dst[0])
			bb_out_fact(o, "To", "%s in context %s", c->dst, c->context);
		else
			bb_out_fact(o, "To", "nothing was dialed: the PBX began this call");
	}
	bb_out_fact(o, "Status", "%s", status(c));
	bb_out_fact_double(o, "Lasted s", (double)(end - c->wall_created) / BB_SEC);
	bb_list_each (n, (struct bb_list *)&c->absorbed)
		bb_out_fact(o, "Took in call", "%s",
			    bb_list_entry(n, struct bb_call, node)->linkedid);
	if (c->repeats)
		bb_out_fact_int(o, "More of the same source before", c->repeats);
}

static void messages(struct bb_out *o, const struct bb_call *c, const struct bb_story_entry *e,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (e[i].kind != BB_STORY_MESSAGE)
			continue;
		bb_out_text(o, "--- %.3f %s %s %s (%s)",
			    (double)(e[i].at - c->wall_created) / BB_SEC,
			    e[i].dir == BB_STORY_IN ? "received from" : "sent to", e[i].peer,
			    e[i].text, e[i].leg);
		bb_out_text(o, "%.*s", BB_FMT(e[i].raw.l ? e[i].raw : BB_STR("(not kept)")));
	}
}

static int show(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "After s", .align = BB_RIGHT },
						 { "Leg" },
						 { "What happened", .wrap = true } };
	const struct id_args *a = args;
	struct bb_call *c = find(o, a->id);
	struct bb_story_entry *e;
	size_t n;

	if (!c)
		return -ENOENT;
	if (bb_story_telling(c->story, &e, &n))
		return -ENOMEM;
	head(o, c);
	bb_out_table(o, "story", cols, BB_ARRAY_SIZE(cols));
	for (size_t i = 0; i < n; i++) {
		struct bb_buf text = { 0 };
		sentence(&e[i], &text);
		bb_out_rowf(o, "FsS", (double)(e[i].at - c->wall_created) / BB_SEC, e[i].leg,
			    bb_buf_str(&text));
		bb_buf_free(&text);
	}
	if (a->view)
		messages(o, c, e, n);
	bb_free(e);
	if (bb_story_dropped(c->story))
		bb_out_note(o, "%u steps in between were not kept (the story is bounded)",
			    bb_story_dropped(c->story));
	if (bb_story_why(c->story)[0])
		bb_out_fact(o, "Why it ended", "%s (cause %u, %s)", bb_story_why(c->story),
			    bb_story_cause(c->story), bb_cause_name(bb_story_cause(c->story)));
	else
		bb_out_fact(o, "Why it ended", "it has not ended yet");
	return 0;
}

static int ladder(struct bb_out *o, const void *args)
{
	const struct id_args *a = args;
	struct bb_call *c = find(o, a->id);
	struct bb_buf text = { 0 };
	int err;

	if (!c)
		return -ENOENT;
	err = bb_story_ladder(c->story, c->wall_created, bb_out_width(o), &text);
	if (!err)
		bb_out_text(o, "%s", bb_buf_cstr(&text));
	bb_buf_free(&text);
	if (!err && bb_story_why(c->story)[0])
		bb_out_fact(o, "Why it ended", "%s", bb_story_why(c->story));
	return err;
}

static void complete_call(struct bb_out *o, const char *field, struct bb_str word)
{
	char number[24];

	if (strcmp(field, "call") != 0)
		return;
	bb_out_candidate(o, BB_STR("last"));
	for (int l = BB_CALLS_LIVE; l <= BB_CALLS_REFUSED; l++) {
		struct bb_call *c = NULL;

		while ((c = bb_call_next((enum bb_call_list)l, c)) != NULL) {
			snprintf(number, sizeof(number), "%llu", (unsigned long long)c->number);
			if (bb_str_starts(bb_strz(number), word))
				bb_out_candidate(o, bb_strz(number));
			else if (bb_str_starts(bb_strz(c->linkedid), word))
				bb_out_candidate(o, bb_strz(c->linkedid));
		}
	}
}

static const struct bb_field id_fields[] = { { .name = "call",
					       .type = BB_T_STR,
					       .off = offsetof(struct id_args, id),
					       .doc = "Number of the call, its linked id, or the "
						      "name or unique id of one of its channels." },
					     { 0 } };

static const char *const view_words[] = { "plain", "messages", NULL };
static const struct bb_field show_fields[] = {
	{ .name = "call",
	  .type = BB_T_STR,
	  .off = offsetof(struct id_args, id),
	  .doc = "Number of the call, its linked id, or the name or unique id of one of its "
		 "channels." },
	{ .name = "view",
	  .type = BB_T_ENUM,
	  .off = offsetof(struct id_args, view),
	  .words = view_words,
	  .def = "plain",
	  .doc = "messages prints also the protocol messages as they went over the wire, as far "
		 "as they were kept." },
	{ 0 }
};

const struct bb_cli bb_cmd_call_list = {
	.words = "call list",
	.run = list,
	.doc = { .summary = "List calls: refused, kept, and in progress", .since = "0.1" },
};
const struct bb_cli bb_cmd_call_show = {
	.words = "call show",
	.args = show_fields,
	.args_size = sizeof(struct id_args),
	.run = show,
	.complete = complete_call,
	.doc = { .summary = "Tell the story of a call and why it ended",
		 .since = "0.1",
		 .text = "The line that begins with => is what decided how the call ended. last "
			 "names the newest call.",
		 .see_also = "call list call ladder" },
};
const struct bb_cli bb_cmd_call_ladder = {
	.words = "call ladder",
	.args = id_fields,
	.args_size = sizeof(struct id_args),
	.run = ladder,
	.complete = complete_call,
	.doc = { .summary = "Draw a call: all legs on one time axis",
		 .since = "0.1",
		 .text = "Messages are arrows between the phones and the PBX; what the PBX did "
			 "stands between them.",
		 .see_also = "call show" },
};
