/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Console: channels and bridges, in the shapes that Asterisk's users know.
 */
#include <bellbird/cli.h>
#include <bellbird/log.h>

#include "core/channel/channel.h"

enum view { PLAIN, CONCISE, VERBOSE, COUNT };
struct view_args {
	int view;
};

static const char *const view_words[] = { "plain", "concise", "verbose", "count", NULL };
static const struct bb_field view_fields[] = {
	{ .name = "view",
	  .type = BB_T_ENUM,
	  .off = offsetof(struct view_args, view),
	  .words = view_words,
	  .def = "plain",
	  .doc = "concise prints one line of fields joined by '!' a channel, verbose more columns, "
		 "count the numbers alone." },
	{ 0 }
};

static struct bb_str where(const struct bb_chan *ch, struct bb_arena *a)
{
	const char *t = ch->exten[0] || ch->run ? bb_arena_printf(a, "%s@%s:%u", ch->exten,
								  ch->context, ch->priority)
						: "(None)";

	return bb_strz(t ? t : "");
}

static struct bb_str what(const struct bb_chan *ch, struct bb_arena *a)
{
	const char *t = ch->app[0] ? bb_arena_printf(a, "%s(%s)", ch->app, ch->appdata) : "(None)";

	return bb_strz(t ? t : "");
}

static int64_t age(const struct bb_chan *ch)
{
	return (bb_now() - ch->created) / BB_SEC;
}

static void concise(struct bb_out *o, struct bb_chan *ch)
{
	bb_out_text(o, "%s!%s!%s!%u!%s!%s!%s!%s!%s!!3!%lld!%s!%s", ch->name, ch->context, ch->exten,
		    ch->priority, bb_chan_state_name(ch->state), ch->app, ch->appdata,
		    ch->caller.number, ch->accountcode, (long long)age(ch),
		    ch->bridge ? ch->bridge->id : "", ch->uniqueid);
}

static void verbose(struct bb_out *o, struct bb_chan *ch)
{
	bb_out_rowf(o, "sssusssstsss", ch->name, ch->context, ch->exten, (uint64_t)ch->priority,
		    bb_chan_state_name(ch->state), ch->app, ch->appdata, ch->caller.number,
		    (bb_time)(age(ch) * BB_SEC), ch->accountcode, "",
		    ch->bridge ? ch->bridge->id : "");
}

static void table(struct bb_out *o, int view)
{
	static const struct bb_column plain_cols[] = { { "Channel" },
						       { "Location", .flexible = true },
						       { "State" },
						       { "Application(Data)", .flexible = true } };
	static const struct bb_column verbose_cols[] = {
		{ "Channel" },
		{ "Context", .flexible = true },
		{ "Extension" },
		{ "Prio", .align = BB_RIGHT, .wide = true },
		{ "State", .wide = true },
		{ "Application", .flexible = true },
		{ "Data", .flexible = true },
		{ "CallerID", .wide = true },
		{ "Duration" },
		{ "Accountcode", .wide = true },
		{ "PeerAccount", .wide = true },
		{ "BridgeID", .wide = true },
	};

	if (view == VERBOSE)
		bb_out_table(o, "channels", verbose_cols, BB_ARRAY_SIZE(verbose_cols));
	else if (view == PLAIN)
		bb_out_table(o, "channels", plain_cols, BB_ARRAY_SIZE(plain_cols));
}

static int show_channels(struct bb_out *o, const void *args)
{
	const struct view_args *v = args;
	struct bb_arena *a = bb_arena_new(4096);
	struct bb_chan *ch = NULL;

	if (!a)
		return -ENOMEM;
	table(o, v->view);
	while (v->view != COUNT && (ch = bb_chan_next(ch)) != NULL) {
		if (v->view == CONCISE)
			concise(o, ch);
		else if (v->view == VERBOSE)
			verbose(o, ch);
		else
			bb_out_rowf(o, "sSsS", ch->name, where(ch, a),
				    bb_chan_state_name(ch->state), what(ch, a));
	}
	if (v->view != CONCISE) {
		bb_out_count(o, bb_chan_count(), "active channel", "active channels");
		bb_out_count(o, bb_call_count(), "active call", "active calls");
		bb_out_count(o, bb_calls_processed(), "call processed", "calls processed");
	}
	bb_arena_free(a);
	return 0;
}

struct name_args {
	struct bb_str name;
};

static struct bb_chan *find(struct bb_out *o, struct bb_str name)
{
	struct bb_chan *ch = bb_chan_find(name);

	if (!ch)
		bb_out_error(o, "%.*s is not a known channel", BB_FMT(name));
	return ch;
}

static void general(struct bb_out *o, struct bb_chan *ch)
{
	char formats[256];

	bb_out_fact(o, "Name", "%s", ch->name);
	bb_out_fact(o, "Type", "%s", ch->drv->tech);
	bb_out_fact(o, "UniqueID", "%s", ch->uniqueid);
	bb_out_fact(o, "LinkedID", "%s", bb_chan_linkedid(ch));
	bb_out_fact(o, "Caller ID", "%s", ch->caller.number);
	bb_out_fact(o, "Caller ID Name", "%s", ch->caller.name);
	bb_out_fact(o, "Connected Line ID", "%s", ch->connected.number);
	bb_out_fact(o, "Connected Line ID Name", "%s", ch->connected.name);
	bb_out_fact(o, "DNID Digits", "%s", ch->dialed);
	bb_out_fact(o, "Language", "%s", ch->language);
	bb_out_fact(o, "State", "%s (%d)", bb_chan_state_name(ch->state), (int)ch->state);
	bb_out_fact(o, "Formats", "%s", bb_formats_print(&ch->formats, formats, sizeof(formats)));
	bb_out_fact(o, "Elapsed Time", "%lldh%lldm%llds", (long long)(age(ch) / 3600),
		    (long long)(age(ch) / 60 % 60), (long long)(age(ch) % 60));
	bb_out_fact(o, "Bridge ID", "%s", ch->bridge ? ch->bridge->id : "(Not bridged)");
	bb_out_fact(o, "Account Code", "%s", ch->accountcode);
	bb_out_fact(o, "Hangup Cause", "%u", ch->cause);
}

static int show_channel(struct bb_out *o, const void *args)
{
	const struct name_args *n = args;
	struct bb_chan *ch = find(o, n->name);

	if (!ch)
		return -ENOENT;
	bb_out_text(o, " -- General --");
	general(o, ch);
	bb_out_text(o, " --   PBX   --");
	bb_out_fact(o, "Context", "%s", ch->context);
	bb_out_fact(o, "Extension", "%s", ch->exten);
	bb_out_fact_int(o, "Priority", ch->priority);
	bb_out_fact(o, "Application", "%s", ch->app[0] ? ch->app : "(N/A)");
	bb_out_fact(o, "Data", "%s", ch->appdata[0] ? ch->appdata : "(Empty)");
	bb_out_fact(o, "Call", "%llu", (unsigned long long)(ch->call ? ch->call->number : 0));
	bb_out_text(o, " -- Variables --");
	bb_list_each (v, &ch->vars) {
		struct bb_var *var = bb_list_entry(v, struct bb_var, node);

		bb_out_fact(o, var->name, "%.*s", BB_FMT(var->value));
	}
	bb_chan_unref(ch);
	return 0;
}

static int request_hangup(struct bb_out *o, const void *args)
{
	const struct name_args *n = args;
	struct bb_chan *ch;
	unsigned asked = 0;

	if (!bb_str_iis(n->name, "all")) {
		ch = find(o, n->name);
		if (!ch)
			return -ENOENT;
		bb_out_text(o, "Requested Hangup on channel '%s'", ch->name);
		bb_chan_reason(ch, BB_CAUSE_NORMAL, "%s was hung up from the console", ch->name);
		bb_chan_hangup(ch, BB_CAUSE_NORMAL);
		bb_chan_unref(ch);
		return 0;
	}
	/* Ending one may end others; what is hung up already waits for its run to end. */
	do {
		for (ch = bb_chan_next(NULL); ch && ch->hungup; ch = bb_chan_next(ch))
			;
		if (!ch)
			break;
		bb_chan_reason(ch, BB_CAUSE_NORMAL, "all channels were hung up from the console");
		bb_chan_hangup(ch, BB_CAUSE_NORMAL);
		asked++;
	} while (true);
	bb_out_text(o, "Requested Hangup on %u channel%s", asked, asked == 1 ? "" : "s");
	return 0;
}

static int bridge_show(struct bb_out *o, const void *args)
{
	static const struct bb_column cols[] = { { "Bridge-ID", .flexible = true },
						 { "Name" },
						 { "Chans", .align = BB_RIGHT },
						 { "Technology" },
						 { "Duration" } };
	const struct name_args *n = args;
	struct bb_bridge *b = NULL;

	if (bb_str_iis(n->name, "all")) {
		bb_out_table(o, "bridges", cols, BB_ARRAY_SIZE(cols));
		while ((b = bb_bridge_each(b)) != NULL)
			bb_out_rowf(o, "ssust", b->id, b->name, (uint64_t)b->members.count,
				    bb_bridge_tech_name(b), bb_now() - b->created);
		return 0;
	}
	while ((b = bb_bridge_each(b)) != NULL)
		if (bb_str_starts(bb_strz(b->id), n->name))
			break;
	if (!b) {
		bb_out_error(o, "Bridge '%.*s' not found", BB_FMT(n->name));
		return -ENOENT;
	}
	bb_out_fact(o, "Id", "%s", b->id);
	bb_out_fact(o, "Name", "%s", b->name);
	bb_out_fact(o, "Technology", "%s", bb_bridge_tech_name(b));
	bb_out_fact_int(o, "Num-Channels", (int64_t)b->members.count);
	for (struct bb_chan *ch = bb_bridge_next(b, NULL); ch; ch = bb_bridge_next(b, ch))
		bb_out_fact(o, "Channel", "%s", ch->name);
	return 0;
}

void bb_channel_complete(struct bb_out *o, struct bb_str word)
{
	struct bb_chan *ch = NULL;

	while ((ch = bb_chan_next(ch)) != NULL)
		if (bb_str_istarts(bb_strz(ch->name), word))
			bb_out_candidate(o, bb_strz(ch->name));
}

static void complete_bridge(struct bb_out *o, const char *field, struct bb_str word)
{
	struct bb_bridge *b = NULL;

	if (bb_str_istarts(BB_STR("all"), word))
		bb_out_candidate(o, BB_STR("all"));
	while ((b = bb_bridge_each(b)) != NULL)
		if (bb_str_istarts(bb_strz(b->id), word))
			bb_out_candidate(o, bb_strz(b->id));
}

static void complete_hangup(struct bb_out *o, const char *field, struct bb_str word)
{
	if (bb_str_istarts(BB_STR("all"), word))
		bb_out_candidate(o, BB_STR("all"));
	bb_channel_complete(o, word);
}

static const struct bb_field channel_fields[] = { { .name = "channel",
						    .type = BB_T_STR,
						    .off = offsetof(struct name_args, name),
						    .complete = "channel",
						    .doc = "Name or unique id of a channel." },
						  { 0 } };
static const struct bb_field hangup_fields[] = {
	{ .name = "channel",
	  .type = BB_T_STR,
	  .off = offsetof(struct name_args, name),
	  .doc = "Name or unique id of a channel, or all." },
	{ 0 }
};
static const struct bb_field bridge_fields[] = {
	{ .name = "bridge",
	  .type = BB_T_STR,
	  .off = offsetof(struct name_args, name),
	  .def = "all",
	  .doc = "The beginning of a bridge's id; all when left out." },
	{ 0 }
};
const struct bb_cli bb_cmd_show_channels = {
	.words = "core show channels",
	.args = view_fields,
	.args_size = sizeof(struct view_args),
	.run = show_channels,
	.doc = { .summary = "List the channels", .since = "0.1", .see_also = "call list" },
};
const struct bb_cli bb_cmd_show_channel = {
	.words = "core show channel",
	.args = channel_fields,
	.args_size = sizeof(struct name_args),
	.run = show_channel,
	.doc = { .summary = "Show one channel with its variables", .since = "0.1" },
};
const struct bb_cli bb_cmd_request_hangup = {
	.words = "channel request hangup",
	.args = hangup_fields,
	.args_size = sizeof(struct name_args),
	.run = request_hangup,
	.complete = complete_hangup,
	.doc = { .summary = "Hang up a channel, or all", .since = "0.1" },
};
const struct bb_cli bb_cmd_bridge_show = {
	.words = "bridge show",
	.args = bridge_fields,
	.args_size = sizeof(struct name_args),
	.run = bridge_show,
	.complete = complete_bridge,
	.doc = { .summary = "List the bridges, or show one", .since = "0.1" },
};
