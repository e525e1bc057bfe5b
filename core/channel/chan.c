/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The life of channels: made, named, found, and freed when the last one who
 * cares has let go. How they end is in hangup.c.
 */
#include <stdio.h>

#include <bellbird/bus.h>
#include <bellbird/dialplan.h>
#include <bellbird/log.h>

#include "core/channel/channel.h"
#include "core/registry/registry.h"
#include "core/config/config.h"

static struct {
	struct bb_list live;
	struct bb_map names, ids, devices;
	uint32_t next_name;
	uint64_t next_id;
} chans;

static const struct bb_run_ops *run_ops;

void bb_run_ops_set(const struct bb_run_ops *ops)
{
	run_ops = ops;
}

const struct bb_run_ops *bb_run_ops_get(void)
{
	return run_ops;
}

static void destroy(void *obj)
{
	struct bb_chan *ch = obj;
	struct bb_qevent *q;

	bb_task_cancel(&ch->hangup_task);
	bb_timer_cancel(&ch->deadline);
	if (ch->driver_told && ch->drv->destroy)
		bb_chan_drive(ch, (ch->drv->destroy(ch), 0));
	bb_chan_unlist(ch);
	if (run_ops && run_ops->frames_free)
		run_ops->frames_free(ch);
	bb_vars_clear(&ch->vars);
	while ((q = bb_chan_pop_event(ch)) != NULL)
		bb_qevent_free(q);
	bb_qevent_free(ch->ev_last);
	bb_list_remove(&ch->call_node);
	bb_call_unref(ch->call);
	bb_use_end(&ch->use);
	bb_text_free(ch->texts, BB_ARRAY_SIZE(ch->texts));
	bb_free(ch->names);
}

void bb_chan_unlist(struct bb_chan *ch)
{
	bb_list_remove(&ch->node);
	bb_map_remove(&chans.names, &ch->by_name);
	bb_map_remove(&chans.ids, &ch->by_id);
	bb_map_remove(&chans.devices, &ch->by_device);
	if (!chans.live.count) {
		bb_map_free(&chans.names);
		bb_map_free(&chans.ids);
		bb_map_free(&chans.devices);
	}
}

struct bb_chan *bb_chan_ref(struct bb_chan *ch)
{
	return ch ? bb_obj_ref(ch) : NULL;
}

void bb_chan_unref(struct bb_chan *ch)
{
	if (!ch)
		return;
	/* Nobody is left who could end it: it ends now, as every channel does, by .hangup. */
	if (bb_obj_refs(ch) == 1 && !ch->driver_told && ch->finished == false)
		bb_chan_hangup(ch, ch->cause);
	bb_obj_unref(ch);
}

/* The two halves of one thing bear one number: "-00000007;1" and "-00000007;2". */
static unsigned next_name(const char *suffix)
{
	return strcmp(suffix, ";2") == 0 ? chans.next_name : ++chans.next_name;
}

/* In one block: each leg has them for life. */
static int keep_names(struct bb_chan *ch, const char *name, const char *device, const char *id,
		      const char *canonical)
{
	const char *from[] = { name, device, id, canonical };
	const char **to[] = { &ch->name, &ch->device, &ch->uniqueid, &ch->canonical };
	size_t len[BB_ARRAY_SIZE(from)], all = 0;
	char *at;

	for (size_t i = 0; i < BB_ARRAY_SIZE(from); i++)
		all += len[i] = strlen(from[i]) + 1;
	at = bb_alloc(all);
	if (!at)
		return -ENOMEM;
	for (size_t i = 0; i < BB_ARRAY_SIZE(from); at += len[i++]) {
		memcpy(at, from[i], len[i]);
		*to[i] = at;
	}
	ch->names = at - all;
	return 0;
}

static int set_names(struct bb_chan *ch, const struct bb_chan_params *p)
{
	const char *tech = p->tech ? p->tech : ch->drv->tech;
	struct bb_str system = bb_settings()->system_name;
	const char *suffix = p->suffix ? p->suffix : "";
	/* Room for the technology, the slash, "-0000002a" and ";1". */
	size_t room = BB_CHAN_NAME - 14 - strlen(tech) - 1;
	struct bb_str dev = bb_str_sub(p->device, 0, room);
	char name[BB_CHAN_NAME], device[BB_CHAN_NAME], canonical[BB_CHAN_NAME], id[64];

	bb_format(device, sizeof(device), "%s/%.*s", tech, BB_FMT(dev));
	bb_format(name, sizeof(name), "%.80s-%08x%.4s", device, next_name(suffix), suffix);
	if (system.l)
		bb_format(id, sizeof(id), "%.*s-%lld.%llu", (int)(system.l < 24 ? system.l : 24),
			  system.p, (long long)(bb_wall() / BB_SEC),
			  (unsigned long long)chans.next_id++);
	else
		bb_format(id, sizeof(id), "%lld.%llu", (long long)(bb_wall() / BB_SEC),
			  (unsigned long long)chans.next_id++);
	/* The map keys by the canonical spelling; names keep the one of their file. */
	bb_device_canonical(bb_strz(device), canonical);
	return keep_names(ch, name, device, id, canonical);
}

static int enlist(struct bb_chan *ch)
{
	int err;

	chans.names.fold = true;
	chans.devices.fold = true;
	err = bb_map_add(&chans.names, &ch->by_name, bb_strz(ch->name));
	if (!err)
		err = bb_map_add(&chans.ids, &ch->by_id, bb_strz(ch->uniqueid));
	if (!err)
		err = bb_map_add(&chans.devices, &ch->by_device, bb_strz(ch->canonical));
	if (!err)
		bb_list_append(&chans.live, &ch->node);
	return err;
}

static void fill(struct bb_chan *ch, const struct bb_chan_params *p)
{
	const struct bb_chan *parent = p->parent;

	ch->depth = parent ? parent->depth + 1 : 0;
	ch->hops = parent ? parent->hops : p->hops;
	ch->outgoing = p->outgoing;
	ch->forwards = parent ? parent->forwards : 0;
	ch->state = p->outgoing ? BB_DOWN : BB_RING;
	ch->created = bb_now();
	ch->wall_created = bb_wall();
	ch->priority = 1;
	if (p->caller)
		ch->caller = *p->caller;
	bb_str_copy(ch->context, sizeof(ch->context), p->context);
	bb_str_copy(ch->exten, sizeof(ch->exten), p->exten);
	bb_str_copy(ch->dialed, sizeof(ch->dialed), p->exten);
	bb_str_copy(ch->language, sizeof(ch->language),
		    p->language.l ? p->language : bb_strz(parent ? parent->language : NULL));
	if (!ch->language[0])
		bb_str_copy(ch->language, sizeof(ch->language),
			    bb_settings()->language.l ? bb_settings()->language : BB_STR("en"));
	bb_chan_set_accountcode(ch, p->accountcode.l
					    ? p->accountcode
					    : bb_strz(parent ? parent->accountcode : NULL));
	bb_str_copy(ch->musicclass, sizeof(ch->musicclass),
		    p->musicclass.l ? p->musicclass : BB_STR("default"));
}

/* Which call it belongs to: its parent's, or a new one that takes the story. */
static int join_call(struct bb_chan *ch, const struct bb_chan_params *p)
{
	struct bb_call *call = NULL;
	int err;

	if (p->parent && p->parent->call) {
		bb_call_add(p->parent->call, ch);
		err = bb_var_inherit(ch, p->parent);
		if (err)
			return err;
		bb_story_opened_done(p->story);
		bb_story_join(p->parent->call->story, p->story);
		return 0;
	}
	err = bb_call_new(&call, ch, p->story);
	if (err)
		return err;
	bb_story_opened_done(p->story);
	bb_call_unref(call); /* the channel holds it */
	return 0;
}

int bb_chan_new(struct bb_chan **chp, struct bb_self *self, const struct bb_chan_driver *drv,
		const struct bb_chan_params *params)
{
	int64_t max = bb_settings()->maxcalls;
	struct bb_chan *ch;
	int err;

	*chp = NULL;
	if (max > 0 && !params->parent && bb_call_count() >= (uint64_t)max) {
		bb_story_reason(params->story, BB_CAUSE_SWITCH_CONGESTION,
				"the limit of %lld calls (maxcalls) was reached", (long long)max);
		return -EBUSY;
	}
	if (params->parent && params->parent->depth >= BB_CHAN_MAX_DEPTH) {
		bb_chan_reason(params->parent, BB_CAUSE_SWITCH_CONGESTION,
			       "the call goes in circles: no more than %d legs for one another",
			       BB_CHAN_MAX_DEPTH);
		return -ELOOP;
	}
	ch = bb_obj_new(sizeof(*ch) + drv->pvt_size, destroy, "channel");
	if (!ch)
		return -ENOMEM;
	ch->drv = drv;
	ch->self = self;
	ch->pvt = ch + 1;
	bb_text_init(ch->texts, BB_ARRAY_SIZE(ch->texts));
	ch->name = ch->device = ch->uniqueid = ch->canonical = "";
	if (self && bb_use_find(BB_KIND_CHAN, bb_strz(drv->tech), &ch->use) != drv) {
		err = -ESHUTDOWN; /* the module drains: no new calls through it */
		goto fail;
	}
	bb_use_note(&ch->use, "channel");
	fill(ch, params);
	err = set_names(ch, params);
	if (!err)
		err = enlist(ch);
	if (!err)
		err = join_call(ch, params);
	if (err)
		goto fail;
	bb_use_for_call(&ch->use, ch->call->tag);
	bb_chan_publish(ch, "channel.new", "exten", ch->exten);
	bb_device_channel_changed(ch);
	*chp = ch;
	return 0;
fail:
	ch->finished = true; /* it never was */
	bb_obj_unref(ch);
	return err;
}

void *bb_chan_pvt(const struct bb_chan *ch)
{
	return ch->pvt;
}

const struct bb_chan_driver *bb_chan_driver(const struct bb_chan *ch)
{
	return ch->drv;
}

struct bb_chan *bb_chan_next(struct bb_chan *prev)
{
	struct bb_node *n = prev ? prev->node.next : chans.live.head;

	return n ? bb_list_entry(n, struct bb_chan, node) : NULL;
}

struct bb_chan *bb_chan_find(struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(&chans.names, name);

	if (n)
		return bb_chan_ref(bb_map_entry(n, struct bb_chan, by_name));
	n = bb_map_get(&chans.ids, name);
	return n ? bb_chan_ref(bb_map_entry(n, struct bb_chan, by_id)) : NULL;
}

struct bb_chan *bb_chan_of_device(const char *device, struct bb_chan *prev)
{
	struct bb_map_node *n = prev ? bb_map_next_same(&chans.devices, &prev->by_device)
				     : bb_map_get(&chans.devices, bb_strz(device));

	return n ? bb_map_entry(n, struct bb_chan, by_device) : NULL;
}

unsigned bb_chan_count(void)
{
	return (unsigned)chans.live.count;
}

int bb_chan_run_at(struct bb_chan *ch, struct bb_str context, struct bb_str exten,
		   struct bb_str priority, unsigned *cause)
{
	unsigned dummy = 0;

	if (!cause)
		cause = &dummy;
	if (!run_ops) {
		*cause = BB_CAUSE_FAILURE;
		return -ENOSYS;
	}
	if (ch->run)
		return -EBUSY;
	return run_ops->start(ch, context, exten, priority, cause);
}

int bb_chan_run(struct bb_chan *ch, unsigned *cause)
{
	unsigned dummy = 0;
	int err;

	if (!cause)
		cause = &dummy;
	*cause = 0;
	err = bb_chan_run_at(ch, bb_strz(ch->context), bb_strz(ch->exten), BB_STR("1"), cause);
	if (!err)
		return 0;
	if (!*cause)
		*cause = err == -ENOENT ? BB_CAUSE_UNALLOCATED : BB_CAUSE_SWITCH_CONGESTION;
	if (err == -ENOENT)
		bb_chan_reason(ch, *cause, "the extension %s does not exist in the context %s",
			       ch->exten, ch->context);
	else
		bb_chan_reason(ch, *cause, "the dial plan could not be entered: %s",
			       strerror(-err));
	return err;
}
