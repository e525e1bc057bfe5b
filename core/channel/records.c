/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Call records: one a leg when it is finished, one a call at its end.
 */
#include <stdio.h>

#include <bellbird/cdr.h>

#include "core/channel/channel.h"
#include "core/store/store_core.h"

const char *bb_disposition(bool answered, unsigned cause)
{
	if (answered)
		return "ANSWERED";
	switch (cause) {
	case BB_CAUSE_BUSY:
	case BB_CAUSE_REJECTED:
		return "BUSY";
	case BB_CAUSE_CONGESTION:
	case BB_CAUSE_SWITCH_CONGESTION:
		return "CONGESTION";
	case BB_CAUSE_NONE:
	case BB_CAUSE_NORMAL:
	case BB_CAUSE_NO_USER_RESPONSE:
	case BB_CAUSE_NO_ANSWER:
	case BB_CAUSE_ANSWERED_ELSEWHERE:
	case BB_CAUSE_NORMAL_UNSPECIFIED:
		return "NO ANSWER";
	default:
		return "FAILED";
	}
}

static void span(struct bb_cdr *r)
{
	r->duration = r->end > r->start ? (r->end - r->start) / BB_SEC : 0;
	r->billsec = r->answer && r->end > r->answer ? (r->end - r->answer) / BB_SEC : 0;
}

/* A number that only the driver knows, such as the opinion score of the audio. */
static double ask_number(struct bb_chan *ch, const char *name)
{
	struct bb_buf b = { 0 };
	double v = 0;

	if (ch->drv->get && bb_chan_drive(ch, ch->drv->get(ch, bb_strz(name), &b)) == 0)
		(void)bb_str_double(bb_str_trim(bb_buf_str(&b)), &v);
	bb_buf_free(&b);
	return v;
}

const char *bb_clid_text(const struct bb_party *p, char dst[BB_CLID_SIZE])
{
	if (p->name[0])
		bb_format(dst, BB_CLID_SIZE, "\"%s\" <%s>", p->name, p->number);
	else
		bb_str_copy(dst, BB_CLID_SIZE, bb_strz(p->number));
	return dst;
}

void bb_cdr_of(struct bb_chan *ch, struct bb_cdr *r, char clid[BB_CLID_SIZE])
{
	const struct bb_call *c = ch->call;

	*r = (struct bb_cdr){
		.linkedid = bb_chan_linkedid(ch),
		.uniqueid = ch->uniqueid,
		.sequence = strrchr(ch->uniqueid, '.') ? strrchr(ch->uniqueid, '.') + 1 : "",
		.channel = ch->name,
		.dstchannel = ch->peer,
		.src = ch->caller.number,
		.clid = bb_clid_text(&ch->caller, clid),
		.dst = ch->dialed[0] ? ch->dialed : c->dst,
		.dcontext = ch->outgoing ? c->context : ch->context,
		.accountcode = ch->accountcode,
		.lastapp = ch->app,
		.lastdata = ch->appdata,
		.userfield = ch->userfield,
		.disposition = bb_disposition(ch->answered != 0, ch->cause),
		.start = ch->wall_created,
		.answer = ch->wall_answered,
		.end = ch->wall_ended,
		.cause = ch->cause,
		.reason = ch->why[0] ? ch->why : bb_cause_name(ch->cause),
		.legs = 1,
		.codec = ch->formats.n ? ch->formats.v[0]->name : "",
	};
	span(r);
}

void bb_record_leg(struct bb_chan *ch)
{
	struct bb_call *c = ch->call;
	char clid[BB_CLID_SIZE];
	struct bb_cdr r;

	bb_cdr_of(ch, &r, clid);
	r.mos = ask_number(ch, "mos");
	if (strcmp(c->first, ch->name) == 0)
		bb_text_set(&c->codec, 31, bb_strz(r.codec));
	bb_cdr_emit(&r);
}

void bb_record_call(struct bb_call *c)
{
	struct bb_cdr r = {
		.whole_call = true,
		.linkedid = c->linkedid,
		.uniqueid = c->linkedid,
		.sequence = "",
		.channel = c->first,
		.dstchannel = c->second,
		.src = c->src,
		.clid = c->clid,
		.dst = c->dst,
		.dcontext = c->context,
		.accountcode = c->accountcode,
		.lastapp = c->lastapp,
		.lastdata = c->lastdata,
		.userfield = c->userfield,
		.disposition = bb_disposition(c->wall_answered != 0,
					      c->hint[0] ? c->hint_cause : c->cause),
		.start = c->wall_created,
		.answer = c->wall_answered,
		.end = c->wall_ended,
		.cause = c->cause,
		.reason = bb_story_why(c->story),
		.legs = c->n_legs,
		.codec = c->codec,
	};

	span(&r);
	bb_cdr_emit(&r);
}
