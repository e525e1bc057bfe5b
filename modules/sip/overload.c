/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overload.c - what is done when more comes than can be served (RFC 6357,
 * RFC 7339 section 5.10.1).
 *
 * Then messages wait in the kernel before we read them. When they wait longer
 * than a sender's patience (T1), each is sent again, the work doubles, and
 * what is answered comes too late: much is done and nothing achieved. So the
 * wait is measured, and while it stays above a limit, requests that begin
 * something new get 503 with Retry-After, which costs little; what goes on or
 * ends is always served. A wait that is over within a moment (the machine
 * stood still, and we catch up) refuses nobody.
 */
#include <stdio.h>

#include "modules/sip/strans.h"

#define CALM (500 * BB_MS) /* so long it may take to catch up */
#define RELAPSE (5 * BB_SEC) /* above the limit again within this: at once */
#define REMEMBER (32 * BB_SEC) /* a request is sent again for as long (timer B and F) */

static void begin(struct sip_stack *s, bb_time waited)
{
	struct bb_log_limit *l = &s->overload.limit;
	unsigned dropped = 0;

	s->overload.shedding = true;
	l->burst = 1;
	l->every = 10 * BB_SEC;
	if (bb_log_allow(l, &dropped))
		bb_warning("Overload: SIP messages wait %lld ms before they are read; new requests "
			   "get 503 until it is less than %lld ms (overload_delay)",
			   (long long)(waited / BB_MS),
			   (long long)(s->conf.overload_delay / BB_MS));
}

void sip_overload_waited(struct sip_stack *s, bb_time waited)
{
	struct sip_overload *o = &s->overload;
	bb_time now = bb_now();

	if (waited > o->longest)
		o->longest = waited;
	if (s->conf.overload_delay == 0 || waited <= s->conf.overload_delay) {
		o->above = o->shedding = false;
		return;
	}
	if (!o->above) {
		o->above = true;
		o->since = now;
	}
	if (o->shedding)
		o->shed_at = now;
	else if (now - o->since >= CALM || (o->shed_at && now - o->shed_at < RELAPSE))
		begin(s, waited);
}

/* --- requests refused without a transaction --- */

static uint32_t mark_of(const struct sip_msg *m)
{
	return bb_str_hash(m->via.branch, false) ^ bb_str_hash(m->call_id, false) ^ m->cseq.number;
}

void sip_overload_refused(struct sip_stack *s, const struct sip_msg *m)
{
	uint32_t mark = mark_of(m);

	s->stats.over_cap++;
	s->refused[mark % SIP_REFUSED].mark = mark;
	s->refused[mark % SIP_REFUSED].until = bb_now() + REMEMBER;
}

bool sip_overload_is_again(const struct sip_stack *s, const struct sip_msg *m)
{
	uint32_t mark;

	if (!s->stats.over_cap)
		return false;
	mark = mark_of(m);
	return s->refused[mark % SIP_REFUSED].mark == mark &&
	       s->refused[mark % SIP_REFUSED].until > bb_now();
}
