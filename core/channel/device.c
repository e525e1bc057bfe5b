/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * States of devices: from their channels, and where there are none from what
 * their driver says (registered or not).
 */
#include <bellbird/bus.h>
#include <bellbird/log.h>

#include "core/channel/channel.h"

/* The last state told of a device, so that only changes are published. */
struct known {
	struct bb_map_node node;
	enum bb_device_state state;
	char name[];
};
#define MAX_KNOWN 20000

static struct bb_map known;

const char *bb_device_state_name(enum bb_device_state st)
{
	static const char *const names[] = {
		[BB_DEV_UNKNOWN] = "UNKNOWN", [BB_DEV_NOT_INUSE] = "NOT_INUSE",
		[BB_DEV_INUSE] = "INUSE",     [BB_DEV_BUSY] = "BUSY",
		[BB_DEV_INVALID] = "INVALID", [BB_DEV_UNAVAILABLE] = "UNAVAILABLE",
		[BB_DEV_RINGING] = "RINGING", [BB_DEV_RINGINUSE] = "RINGINUSE",
		[BB_DEV_ONHOLD] = "ONHOLD",
	};

	return (unsigned)st < BB_ARRAY_SIZE(names) ? names[st] : "UNKNOWN";
}

/* What the channels of a device make of it; UNKNOWN when it has none. */
static enum bb_device_state of_channels(const char *device)
{
	bool any = false, ringing = false, up = false, held = true;
	struct bb_chan *ch = NULL;

	while ((ch = bb_chan_of_device(device, ch)) != NULL) {
		if (ch->hungup)
			continue;
		any = true;
		if (ch->state == BB_RINGING)
			ringing = true;
		else if (ch->state != BB_DOWN)
			up = true;
		if (!ch->held)
			held = false;
	}
	if (!any)
		return BB_DEV_UNKNOWN;
	if (ringing)
		return up ? BB_DEV_RINGINUSE : BB_DEV_RINGING;
	if (up && held)
		return BB_DEV_ONHOLD;
	return up ? BB_DEV_INUSE : BB_DEV_UNKNOWN;
}

static enum bb_device_state of_one(struct bb_str device)
{
	char name[BB_CHAN_NAME];
	ptrdiff_t slash = bb_str_chr(device, '/');
	struct bb_use use = { 0 };
	const struct bb_chan_driver *drv;
	enum bb_device_state st;

	if (slash <= 0)
		return BB_DEV_INVALID;
	bb_device_canonical(device, name);
	st = of_channels(name);
	if (st != BB_DEV_UNKNOWN)
		return st;
	drv = bb_driver_find(bb_str_sub(device, 0, (size_t)slash), &use);
	if (!drv)
		return BB_DEV_INVALID;
	if (drv->device_state) {
		int said = drv->device_state(bb_str_sub(device, (size_t)slash + 1, device.l));

		st = said >= 0 ? (enum bb_device_state)said : BB_DEV_INVALID;
	}
	bb_use_end(&use);
	return st;
}

/* How a hint that watches several devices reads, as Asterisk's aggregation: any ringing one shows,
 * "in use and ringing" when both are there, unavailable only when all are. */
struct aggregate {
	unsigned n, ringing, inuse, held, busy, idle, unavailable, invalid;
};

static void count(struct aggregate *a, enum bb_device_state st)
{
	a->n++;
	a->ringing += st == BB_DEV_RINGING || st == BB_DEV_RINGINUSE;
	a->inuse += st == BB_DEV_INUSE || st == BB_DEV_RINGINUSE || st == BB_DEV_ONHOLD;
	a->held += st == BB_DEV_ONHOLD;
	a->busy += st == BB_DEV_BUSY;
	a->idle += st == BB_DEV_NOT_INUSE || st == BB_DEV_UNKNOWN;
	a->unavailable += st == BB_DEV_UNAVAILABLE;
	a->invalid += st == BB_DEV_INVALID;
}

static enum bb_device_state sum(const struct aggregate *a)
{
	if (!a->n)
		return BB_DEV_INVALID;
	if (a->ringing)
		return a->inuse ? BB_DEV_RINGINUSE : BB_DEV_RINGING;
	if (a->inuse)
		return a->held == a->n ? BB_DEV_ONHOLD : BB_DEV_INUSE;
	if (a->busy && a->busy + a->unavailable + a->invalid == a->n)
		return BB_DEV_BUSY;
	if (a->busy)
		return BB_DEV_INUSE;
	if (a->idle)
		return BB_DEV_NOT_INUSE;
	return a->unavailable ? BB_DEV_UNAVAILABLE : BB_DEV_INVALID;
}

enum bb_device_state bb_device_state(struct bb_str device)
{
	struct aggregate a = { 0 };
	struct bb_str one;

	if (bb_str_chr(device, '&') < 0)
		return of_one(bb_str_trim(device));
	while (bb_str_split(&device, '&', &one))
		if (one.l)
			count(&a, of_one(one));
	return sum(&a);
}

static struct known *remember(const char *name)
{
	struct bb_map_node *n = bb_map_get(&known, bb_strz(name));
	struct known *k;

	if (n)
		return bb_map_entry(n, struct known, node);
	if (known.count >= MAX_KNOWN)
		return NULL;
	k = bb_zalloc(sizeof(*k) + strlen(name) + 1);
	if (!k)
		return NULL;
	bb_str_copy(k->name, strlen(name) + 1, bb_strz(name));
	k->state = BB_DEV_UNKNOWN;
	if (bb_map_add(&known, &k->node, bb_strz(k->name))) {
		bb_free(k);
		return NULL;
	}
	return k;
}

static void publish(const char *name, enum bb_device_state st)
{
	struct bb_fact facts[] = {
		{ "device", bb_strz(name) },
		{ "state", bb_strz(bb_device_state_name(st)) },
	};

	bb_bus_publish("device.state", facts, BB_ARRAY_SIZE(facts));
}

void bb_device_changed(struct bb_str device)
{
	char name[BB_CHAN_NAME];
	enum bb_device_state st;
	struct known *k;

	/* States are pulled by who asks; they are computed here only for listeners. */
	if (!bb_bus_wanted("device.state"))
		return;
	bb_device_canonical(device, name);
	known.fold = true;
	st = of_one(bb_strz(name));
	k = remember(name);
	if (k && k->state == st)
		return;
	if (k)
		k->state = st;
	publish(name, st);
}

void bb_device_channel_changed(struct bb_chan *ch)
{
	bb_device_changed(bb_strz(ch->canonical));
}

void bb_device_forget(void)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	while ((n = bb_map_next(&known, &it)) != NULL) {
		bb_map_remove(&known, n);
		bb_free(bb_map_entry(n, struct known, node));
	}
	bb_map_free(&known);
}
