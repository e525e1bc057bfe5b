/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls: what connected legs have in common. A call is made with its first
 * leg and bears that leg's unique id as its linked id. When a bridge joins
 * two calls the older one takes the younger in, whose id stays as an alias.
 * Ended calls are kept for a while, with their stories.
 */
#include <stdio.h>

#include <bellbird/bus.h>
#include <bellbird/log.h>

#include "core/base/log_core.h"
#include "core/base/mem_core.h"
#include "core/channel/channel.h"

static struct {
	struct bb_list lists[3];
	size_t kept_bytes;
	uint64_t next_number, processed;
} calls;

static void destroy(void *obj)
{
	struct bb_call *c = obj;
	struct bb_node *n;

	while ((n = bb_list_pop(&c->absorbed)) != NULL) {
		bb_list_entry(n, struct bb_call, node)->into = NULL;
		bb_obj_unref(bb_list_entry(n, struct bb_call, node));
	}
	bb_list_remove(&c->node);
	bb_story_unref(c->story);
	bb_text_free(c->texts, BB_ARRAY_SIZE(c->texts));
}

static struct bb_call *make(void)
{
	struct bb_call *c = bb_obj_new(sizeof(*c), destroy, "call");

	if (c)
		bb_text_init(c->texts, BB_ARRAY_SIZE(c->texts));
	return c;
}

struct bb_call *bb_call_ref(struct bb_call *c)
{
	return c ? bb_obj_ref(c) : NULL;
}

void bb_call_unref(struct bb_call *c)
{
	if (c)
		bb_obj_unref(c);
}

#define MOST_TEXT 160

static void set(char **text, const char *z)
{
	bb_text_set(text, MOST_TEXT, bb_strz(z));
}

static void describe(struct bb_call *c, const struct bb_chan *ch)
{
	char clid[BB_CLID_SIZE];

	bb_str_copy(c->linkedid, sizeof(c->linkedid), bb_strz(ch->uniqueid));
	set(&c->first, ch->name);
	set(&c->src, ch->caller.number);
	set(&c->dst, ch->dialed);
	set(&c->context, ch->context);
	set(&c->accountcode, ch->accountcode);
	set(&c->clid, bb_clid_text(&ch->caller, clid));
}

/* The call lives in the list of live ones as long as it has legs: that reference is the list's.
 * Takes the story unless it fails. */
int bb_call_new(struct bb_call **cp, struct bb_chan *first, struct bb_story *story)
{
	struct bb_call *c = make();

	*cp = c;
	if (!c)
		return -ENOMEM;
	/* Without memory for a story there is none; the call goes on. */
	c->story = story ? story : bb_story_new();
	c->number = ++calls.next_number;
	calls.processed++;
	bb_format(c->tag, sizeof(c->tag), "C-%08llx", (unsigned long long)c->number);
	c->wall_created = bb_wall();
	describe(c, first);
	bb_list_append(&calls.lists[BB_CALLS_LIVE], &c->node);
	bb_call_ref(c);
	bb_call_add(c, first);
	return 0;
}

static struct bb_call *front(struct bb_call *c)
{
	while (c && c->into)
		c = c->into;
	return c;
}

void bb_call_add(struct bb_call *c, struct bb_chan *ch)
{
	c = front(c);
	ch->call = bb_call_ref(c);
	bb_list_append(&c->legs, &ch->call_node);
	if (++c->n_legs == 2)
		set(&c->second, ch->name);
}

static void take_in(struct bb_call *older, struct bb_call *younger)
{
	struct bb_node *n;

	while ((n = bb_list_pop(&younger->legs)) != NULL) {
		struct bb_chan *ch = bb_list_entry(n, struct bb_chan, call_node);

		bb_call_add(older, ch);
		bb_call_unref(younger);
	}
	bb_story_join(older->story, younger->story);
	younger->story = NULL;
	younger->into = older;
	older->talked |= younger->talked;
	if (!older->wall_answered)
		older->wall_answered = younger->wall_answered;
	bb_list_remove(&younger->node);
	bb_list_append(&older->absorbed, &younger->node); /* with the list's reference */
	while ((n = bb_list_pop(&younger->absorbed)) != NULL) {
		bb_list_entry(n, struct bb_call, node)->into = older;
		bb_list_append(&older->absorbed, n);
	}
}

void bb_call_merge(struct bb_chan *a, struct bb_chan *b)
{
	struct bb_call *older = front(a->call), *younger = front(b->call);

	if (!older || !younger || older == younger || older->ended || younger->ended)
		return;
	if (younger->number < older->number) {
		struct bb_call *swap = older;

		older = younger;
		younger = swap;
	}
	bb_debug(1, "call %s takes in call %s", older->linkedid, younger->linkedid);
	take_in(older, younger);
}

void bb_chan_log_as(const struct bb_chan *ch)
{
	bb_log_set_call_id(ch && ch->call ? ch->call->tag : "");
}

void bb_call_hint(struct bb_chan *ch, unsigned cause, const char *fmt, ...)
{
	struct bb_call *c = ch ? ch->call : NULL;
	char text[240];
	va_list ap;

	if (!c)
		return;
	va_start(ap, fmt);
	bb_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	bb_text_set(&c->hint, sizeof(text), bb_strz(text));
	c->hint_cause = cause;
	c->hint_seq = bb_story_seq();
}

void bb_call_leg_hungup(struct bb_chan *ch)
{
	struct bb_call *c = ch->call;

	if (!c || ch->transferred_away || (!ch->answered && strcmp(c->first, ch->name) != 0))
		return;
	/* Whoever leaves well after it shows that the call had gone on. */
	if (c->ender.set && ch->ended - c->ender.at < BB_SEC / 2)
		return;
	memset(&c->ender, 0, sizeof(c->ender));
	c->ender.set = true;
	c->ender.seq = bb_story_seq() + 1; /* the line that follows */
	c->ender.far = ch->far_hungup;
	c->ender.answered = ch->answered != 0;
	c->ender.cause = ch->cause;
	c->ender.at = ch->ended;
	c->ender.answered_at = ch->answered;
	c->ender.priority = ch->priority;
	set(&c->end_name, ch->name);
	set(&c->end_why, ch->why);
	set(&c->end_app, ch->run ? ch->app : "");
	set(&c->end_context, ch->run ? ch->context : "");
	set(&c->end_exten, ch->run ? ch->exten : "");
}

static size_t weight(const struct bb_call *c)
{
	size_t n = sizeof(*c) + bb_story_size(c->story);

	for (size_t i = 0; i < BB_ARRAY_SIZE(c->texts); i++)
		n += strlen(c->texts[i]);
	bb_list_each (node, &c->absorbed)
		n += weight(bb_list_entry(node, struct bb_call, node));
	return n;
}

static void evict(struct bb_call *c)
{
	calls.kept_bytes -= c->weight;
	bb_list_remove(&c->node);
	bb_call_unref(c);
}

void bb_call_keep(unsigned max, size_t bytes)
{
	for (int l = BB_CALLS_KEPT; l <= BB_CALLS_REFUSED; l++) {
		struct bb_list *list = &calls.lists[l];
		unsigned n =
			l == BB_CALLS_KEPT || !max ? max : (unsigned)bb_story_options()->refused;

		while (list->head && (list->count > n || calls.kept_bytes > bytes))
			evict(bb_list_entry(list->head, struct bb_call, node));
	}
}

/* Takes the reference. What is told after the end (the answers to our BYE) still fits. */
static void keep(struct bb_call *c, enum bb_call_list list)
{
	c->ended = true;
	bb_list_append(&calls.lists[list], &c->node);
	c->weight = weight(c);
	calls.kept_bytes += c->weight;
	bb_call_keep((unsigned)bb_story_options()->kept, (size_t)bb_story_options()->kept_bytes);
}

static void ended(struct bb_call *c)
{
	struct bb_fact facts[] = { { "linkedid", bb_strz(c->linkedid) } };

	c->wall_ended = bb_wall();
	bb_call_explain(c);
	bb_record_call(c);
	bb_bus_publish("call.end", facts, 1);
	bb_list_remove(&c->node);
	keep(c, BB_CALLS_KEPT);
}

void bb_call_leg_finished(struct bb_chan *ch)
{
	struct bb_call *c = ch->call;

	if (!c || !bb_node_linked(&ch->call_node))
		return;
	if (ch->answered && (!c->wall_answered || ch->wall_answered < c->wall_answered) &&
	    strcmp(c->first, ch->name) == 0)
		c->wall_answered = ch->wall_answered;
	if (strcmp(c->first, ch->name) == 0) {
		c->cause = ch->cause;
		set(&c->lastapp, ch->app);
		set(&c->lastdata, ch->appdata);
		set(&c->userfield, ch->userfield);
	}
	if (c->legs.count == 1 && !c->ended)
		bb_call_explain(c);
	bb_record_leg(ch);
	bb_list_remove(&ch->call_node);
	if (!c->legs.count && !c->ended)
		ended(c);
}

static void read_kept(size_t *n, size_t *bytes, size_t *most)
{
	*n = calls.lists[BB_CALLS_KEPT].count + calls.lists[BB_CALLS_REFUSED].count;
	*bytes = calls.kept_bytes;
	*most = (size_t)bb_story_options()->kept_bytes;
}

void bb_call_gauge(void)
{
	static struct bb_mem_gauge gauge = { .name = "stories kept", .read = read_kept };

	bb_mem_gauge_add(&gauge);
}

static struct bb_call *oldest_of_source(const char *source, unsigned *n)
{
	struct bb_call *first = NULL;

	*n = 0;
	bb_list_each (node, &calls.lists[BB_CALLS_REFUSED]) {
		struct bb_call *c = bb_list_entry(node, struct bb_call, node);

		if (strcmp(c->src, source) != 0)
			continue;
		if (!first)
			first = c;
		(*n)++;
	}
	return first;
}

void bb_call_keep_refused(struct bb_story *s)
{
	const char *source = bb_story_source(s);
	struct bb_call *c, *old;
	unsigned n;

	old = oldest_of_source(source, &n);
	c = make();
	if (!c) {
		bb_story_unref(s);
		return;
	}
	if (old && n >= (size_t)bb_story_options()->per_source) {
		c->repeats = old->repeats + 1;
		evict(old);
	}
	c->story = s;
	c->refused = true;
	c->number = ++calls.next_number;
	c->wall_created = bb_story_began(s);
	c->wall_ended = bb_wall();
	c->cause = bb_story_cause(s);
	set(&c->src, source);
	bb_text_set(&c->dst, 79, bb_strz(bb_story_title(s)));
	bb_format(c->linkedid, sizeof(c->linkedid), "refused.%llu", (unsigned long long)c->number);
	keep(c, BB_CALLS_REFUSED);
}

struct bb_call *bb_call_next(enum bb_call_list list, struct bb_call *prev)
{
	struct bb_node *n = prev ? prev->node.next : calls.lists[list].head;

	return n ? bb_list_entry(n, struct bb_call, node) : NULL;
}

uint64_t bb_calls_processed(void)
{
	return calls.processed;
}

unsigned bb_call_count(void)
{
	return (unsigned)calls.lists[BB_CALLS_LIVE].count;
}

static bool is_called(struct bb_call *c, struct bb_str id)
{
	uint64_t number;

	if (bb_str_is(id, c->linkedid) || bb_str_iis(id, c->tag) || bb_str_iis(id, c->first) ||
	    bb_str_iis(id, c->second))
		return true;
	if (bb_str_u64(id, &number) == 0 && number == c->number)
		return true;
	bb_list_each (n, &c->absorbed) {
		struct bb_call *a = bb_list_entry(n, struct bb_call, node);

		if (bb_str_is(id, a->linkedid) || bb_str_iis(id, a->first))
			return true;
	}
	return false;
}

/** The one that began last, refused or not. */
static struct bb_call *latest(void)
{
	struct bb_call *best = NULL, *c = NULL;

	for (int l = BB_CALLS_LIVE; l <= BB_CALLS_REFUSED; l++)
		while ((c = bb_call_next((enum bb_call_list)l, c)) != NULL)
			if (!best || c->number > best->number)
				best = c;
	return best;
}

static struct bb_chan *standing_leg(struct bb_call *c)
{
	bb_list_each (n, &c->legs) {
		struct bb_chan *ch = bb_list_entry(n, struct bb_chan, call_node);

		if (!ch->hungup)
			return ch;
	}
	return NULL;
}

void bb_call_end(const char *id, const char *why)
{
	struct bb_call *c = bb_call_find(bb_strz(id));
	struct bb_chan *ch;

	while (c && c->into)
		c = c->into;
	if (!c)
		return;
	bb_call_ref(c);
	/* Ending one may end others. */
	while ((ch = standing_leg(c))) {
		bb_chan_reason(ch, BB_CAUSE_NORMAL, "%s", why);
		bb_chan_hangup(ch, BB_CAUSE_NORMAL);
	}
	bb_call_unref(c);
}

struct bb_call *bb_call_find(struct bb_str id)
{
	struct bb_chan *ch = bb_chan_find(id);
	struct bb_call *c = NULL;

	if (bb_str_iis(id, "last"))
		return latest();
	if (ch) {
		c = ch->call;
		bb_chan_unref(ch); /* the call lives as long as its leg is listed */
		return c;
	}
	for (int l = BB_CALLS_LIVE; l <= BB_CALLS_REFUSED; l++)
		while ((c = bb_call_next((enum bb_call_list)l, c)) != NULL)
			if (is_called(c, id))
				return c;
	return NULL;
}
