/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which technique carries a bridge's media. It is chosen anew whenever a
 * member comes, goes, or changes its formats, and changed while they talk.
 */
#include <bellbird/log.h>

#include "core/channel/channel.h"
#include "core/media/media_core.h"

const char *bb_bridge_tech_name(const struct bb_bridge *b)
{
	return b->tech ? b->tech->name : "none";
}

static bool is_rtp(const struct bb_port *p)
{
	const struct bb_port_driver *d = bb_port_kind(p);

	return d && strcmp(d->name, "rtp") == 0;
}

static bool can(const struct bb_port *from, const struct bb_port *to)
{
	const struct bb_format *a = bb_port_rx(from), *b = bb_port_tx(to);

	return a && b && (a == b || bb_media_can(a, b));
}

static bool same(const struct bb_port *from, const struct bb_port *to)
{
	return bb_port_rx(from) && bb_port_rx(from) == bb_port_tx(to);
}

static void look(struct bb_bridge *b, struct bb_bridge_info *info)
{
	struct bb_port *p[2] = { NULL, NULL };
	bool all_rtp = true;

	*info = (struct bb_bridge_info){ 0 };
	bb_list_each (n, &b->members) {
		struct bb_member *m = bb_list_entry(n, struct bb_member, node);
		struct bb_port *port = bb_chan_port(m->ch, 0);

		if (!port || m->away)
			continue;
		if (info->members < 2)
			p[info->members] = port;
		info->members++;
		all_rtp = all_rtp && is_rtp(port);
	}
	if (info->members != 2)
		return;
	info->two_rtp = all_rtp;
	info->same_format = same(p[0], p[1]) && same(p[1], p[0]);
	info->translatable = can(p[0], p[1]) && can(p[1], p[0]);
}

static const struct bb_bridge_tech *best(const struct bb_bridge_info *info, struct bb_use *use)
{
	struct bb_reg_iter it = { .kind = BB_KIND_BRIDGE };
	const struct bb_bridge_tech *t, *found = NULL;
	struct bb_use at = { 0 };
	unsigned high = 0;

	while ((t = bb_reg_next(&it, &at)) != NULL) {
		unsigned score = t->score ? t->score(info) : 0;

		if (score <= high)
			continue;
		high = score;
		found = t;
		bb_use_end(use);
		bb_use_copy(&at, use);
	}
	bb_use_note(use, "bridge");
	return found;
}

void bb_bridge_unplug(struct bb_bridge *b, struct bb_member *m)
{
	if (!m->plugged)
		return;
	m->plugged = false;
	if (b->tech && b->tech->leave)
		b->tech->leave(b, b->state, m->ch, m->port);
	m->port = NULL;
}

void bb_bridge_plug(struct bb_bridge *b, struct bb_member *m)
{
	struct bb_port *port = bb_chan_port(m->ch, 0);
	int err;

	if (m->plugged || m->away || m->music || !port || !b->tech || !b->tech->join)
		return;
	err = b->tech->join(b, b->state, m->ch, port);
	if (err) {
		bb_warning("%s: the bridge technique %s does not take it: %s", m->ch->name,
			   b->tech->name, strerror(-err));
		bb_story(m->ch, BB_STORY_REFUSAL, "no media in the bridge: %s: %s", b->tech->name,
			 strerror(-err));
		return;
	}
	m->plugged = true;
	m->port = port;
	m->rx = bb_port_rx(port);
	m->tx = bb_port_tx(port);
}

static void unplug_all(struct bb_bridge *b)
{
	bb_list_each (n, &b->members)
		bb_bridge_unplug(b, bb_list_entry(n, struct bb_member, node));
}

static void stop_tech(struct bb_bridge *b)
{
	if (!b->tech)
		return;
	unplug_all(b);
	if (b->tech->end)
		b->tech->end(b, b->state);
	bb_free(b->state);
	b->state = NULL;
	b->tech = NULL;
	bb_use_end(&b->use);
}

static int start_tech(struct bb_bridge *b, const struct bb_bridge_tech *t, struct bb_use *use)
{
	void *state = t->state_size ? bb_zalloc(t->state_size) : NULL;
	int err = 0;

	if (t->state_size && !state)
		return -ENOMEM;
	if (t->begin)
		err = t->begin(b, state);
	if (err) {
		bb_free(state);
		return err;
	}
	b->tech = t;
	b->state = state;
	b->use = *use;
	*use = (struct bb_use){ 0 };
	return 0;
}

static void tell(struct bb_bridge *b, const char *before)
{
	struct bb_member *m;

	if (!b->members.head || strcmp(before, bb_bridge_tech_name(b)) == 0)
		return;
	m = bb_list_entry(b->members.head, struct bb_member, node);
	/* How it begins is told when somebody joins, and that it ends with who leaves. */
	if (b->tech && b->members.count > 1 && strcmp(before, "none") != 0)
		bb_story(m->ch, BB_STORY_BRIDGE, "media of the bridge %.8s: now %s, was %s", b->id,
			 bb_bridge_tech_name(b), before);
	bb_verbose(4, "Bridge %s: technique changed from %s to %s", b->id, before,
		   bb_bridge_tech_name(b));
}

static void choose(struct bb_bridge *b)
{
	const char *before = bb_bridge_tech_name(b);
	const struct bb_bridge_tech *t;
	struct bb_bridge_info info;
	struct bb_use use = { 0 };

	look(b, &info);
	t = info.members ? best(&info, &use) : NULL;
	if (t != b->tech) {
		stop_tech(b);
		if (t && start_tech(b, t, &use))
			bb_warning("bridge %s: the technique %s cannot start", b->id, t->name);
	}
	bb_use_end(&use);
	/* What was plugged with other formats or another port is plugged anew. */
	bb_list_each (n, &b->members) {
		struct bb_member *m = bb_list_entry(n, struct bb_member, node);
		struct bb_port *port = bb_chan_port(m->ch, 0);

		if (m->plugged && (m->port != port || m->away || m->rx != bb_port_rx(port) ||
				   m->tx != bb_port_tx(port)))
			bb_bridge_unplug(b, m);
	}
	bb_list_each (n, &b->members)
		bb_bridge_plug(b, bb_list_entry(n, struct bb_member, node));
	tell(b, before);
}

/* A technique's own doing may ask for another choice: it follows, it does not nest. */
void bb_bridge_choose(struct bb_bridge *b)
{
	if (b->updating) {
		b->update_again = true;
		return;
	}
	b->updating = true;
	for (unsigned rounds = 0; rounds < 4; rounds++) {
		b->update_again = false;
		choose(b);
		if (!b->update_again)
			break;
	}
	b->updating = false;
}

void bb_bridge_update(struct bb_bridge *b)
{
	bb_bridge_choose(b);
}

/* The old port must not be touched after this: its owner is about to close it. */
void bb_bridge_port_changed(struct bb_chan *ch, struct bb_port *old)
{
	if (!ch->bridge)
		return;
	if (old)
		bb_bridge_unplug(ch->bridge, ch->member);
	bb_bridge_choose(ch->bridge);
}
