/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a channel tells about itself, and what others tell it.
 */
#include <bellbird/bus.h>
#include <bellbird/log.h>
#include <bellbird/sound.h>

#include "core/channel/channel.h"

const char *bb_chan_name(const struct bb_chan *ch)
{
	return ch->name;
}

const char *bb_chan_device(const struct bb_chan *ch)
{
	return ch->device;
}

const char *bb_chan_uniqueid(const struct bb_chan *ch)
{
	return ch->uniqueid;
}

const char *bb_chan_linkedid(const struct bb_chan *ch)
{
	return ch->call ? ch->call->linkedid : ch->uniqueid;
}

enum bb_chan_state bb_chan_state(const struct bb_chan *ch)
{
	return ch->state;
}

/* Asterisk's words, which scripts and dial plans compare. */
const char *bb_chan_state_name(enum bb_chan_state st)
{
	switch (st) {
	case BB_DOWN:
		return "Down";
	case BB_DIALING:
		return "Dialing";
	case BB_RING:
		return "Ring";
	case BB_RINGING:
		return "Ringing";
	case BB_UP:
		return "Up";
	case BB_GONE:
		return "Gone";
	}
	return "Unknown";
}

bool bb_chan_outgoing(const struct bb_chan *ch)
{
	return ch->outgoing;
}

unsigned bb_chan_hops(const struct bb_chan *ch)
{
	return ch->hops;
}

bb_time bb_chan_created(const struct bb_chan *ch)
{
	return ch->created;
}

bb_time bb_chan_answered(const struct bb_chan *ch)
{
	return ch->answered;
}

const char *bb_chan_language(const struct bb_chan *ch)
{
	return ch->language;
}

void bb_chan_set_language(struct bb_chan *ch, struct bb_str lang)
{
	bb_str_copy(ch->language, sizeof(ch->language), lang);
}

const char *bb_chan_accountcode(const struct bb_chan *ch)
{
	return ch->accountcode;
}

void bb_chan_set_accountcode(struct bb_chan *ch, struct bb_str code)
{
	bb_text_set(&ch->accountcode, 39, code);
}

const char *bb_chan_musicclass(const struct bb_chan *ch)
{
	return ch->musicclass;
}

void bb_chan_set_musicclass(struct bb_chan *ch, struct bb_str musicclass)
{
	bb_str_copy(ch->musicclass, sizeof(ch->musicclass), musicclass);
}

const char *bb_chan_userfield(const struct bb_chan *ch)
{
	return ch->userfield;
}

void bb_chan_set_userfield(struct bb_chan *ch, struct bb_str text)
{
	bb_text_set(&ch->userfield, 127, text);
}

struct bb_party *bb_chan_caller(struct bb_chan *ch)
{
	return &ch->caller;
}

struct bb_party *bb_chan_connected(struct bb_chan *ch)
{
	return &ch->connected;
}

const char *bb_chan_dialed(const struct bb_chan *ch)
{
	return ch->dialed;
}

unsigned bb_chan_cause(const struct bb_chan *ch)
{
	return ch->cause;
}

void bb_chan_set_cause(struct bb_chan *ch, unsigned cause)
{
	ch->cause = cause;
}

bool bb_chan_running(const struct bb_chan *ch)
{
	return ch->run != NULL;
}

struct bb_bridge *bb_chan_bridge(const struct bb_chan *ch)
{
	return ch->bridge;
}

void bb_chan_set_formats(struct bb_chan *ch, const struct bb_formats *fs)
{
	ch->formats = *fs;
}

const struct bb_formats *bb_chan_formats(const struct bb_chan *ch)
{
	return &ch->formats;
}

struct bb_port *bb_chan_port(const struct bb_chan *ch, unsigned index)
{
	return index < BB_MAX_STREAMS ? ch->ports[index] : NULL;
}

void bb_chan_set_port(struct bb_chan *ch, unsigned index, struct bb_port *port)
{
	struct bb_port *old;

	if (index >= BB_MAX_STREAMS || ch->ports[index] == port)
		return;
	old = ch->ports[index];
	if (index == 0 && old && !port)
		bb_chan_silence(ch);
	ch->ports[index] = port;
	if (index == 0)
		bb_bridge_port_changed(ch, old);
}

void bb_chan_publish(struct bb_chan *ch, const char *topic, const char *name, const char *value)
{
	struct bb_fact facts[] = {
		{ "channel", bb_strz(ch->name) },
		{ "uniqueid", bb_strz(ch->uniqueid) },
		{ "linkedid", bb_strz(bb_chan_linkedid(ch)) },
		{ "device", bb_strz(ch->device) },
		{ "state", bb_strz(bb_chan_state_name(ch->state)) },
		{ name, bb_strz(value) },
	};

	if (bb_bus_wanted(topic))
		bb_bus_publish(topic, facts, BB_ARRAY_SIZE(facts) - (name ? 0 : 1));
}

void bb_chan_set_state(struct bb_chan *ch, enum bb_chan_state state)
{
	if (ch->state == state)
		return;
	ch->state = state;
	if (state == BB_UP && !ch->answered) {
		ch->answered = bb_now();
		ch->wall_answered = bb_wall();
	}
	bb_chan_publish(ch, "channel.state", NULL, NULL);
	bb_device_channel_changed(ch);
}

void bb_chan_set_step(struct bb_chan *ch, const char *context, const char *exten, unsigned priority,
		      const char *app, struct bb_str data)
{
	bb_str_copy(ch->context, sizeof(ch->context), bb_strz(context));
	bb_str_copy(ch->exten, sizeof(ch->exten), bb_strz(exten));
	ch->priority = priority;
	ch->deaf = 0;
	bb_chan_log_as(ch); /* this is the flow that runs the channel's dial plan */
	if (ch->hungup)
		return; /* `h` does not change what the record says ran last */
	bb_str_copy(ch->app, sizeof(ch->app), bb_strz(app));
	bb_text_set(&ch->appdata, BB_CHAN_APPDATA, data);
}

int bb_chan_signal(struct bb_chan *ch, enum bb_signal sig)
{
	if (ch->hungup)
		return -ECANCELED;
	/* Progress tones mean nothing to a leg that talks. */
	if (ch->state == BB_UP && (sig == BB_SIG_RINGING || sig == BB_SIG_PROGRESS))
		return 0;
	if (!ch->drv->signal)
		return -ENOSYS;
	return bb_chan_drive(ch, ch->drv->signal(ch, sig));
}

int bb_chan_send_digit(struct bb_chan *ch, char digit, unsigned ms)
{
	if (ch->hungup)
		return -ECANCELED;
	if (!ch->drv->dtmf)
		return -ENOSYS;
	return bb_chan_drive(ch, ch->drv->dtmf(ch, digit, ms));
}
