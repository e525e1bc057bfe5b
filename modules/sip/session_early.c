/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_early.c - the early dialogs of one INVITE sent: each branch behind
 * a proxy that forks counts, rings, is heard and ends on its own (RFC 3261
 * §12.1, §13.2.2.1).
 */
#include "modules/sip/session.h"

void sip_early_free_all(struct bb_sip_session *s)
{
	bb_list_each (node, &s->early) {
		struct sip_early *e = bb_list_entry(node, struct sip_early, node);

		bb_list_remove(node);
		sip_msg_unref(e->last);
		bb_free(e->tag);
		bb_free(e);
	}
	s->heard = NULL;
}

void sip_early_slim(struct bb_sip_session *s)
{
	bb_list_each (node, &s->early) {
		struct sip_early *e = bb_list_entry(node, struct sip_early, node);

		sip_msg_unref(e->last);
		e->last = NULL;
	}
}

struct sip_early *sip_early_find(const struct bb_sip_session *s, struct bb_str tag)
{
	bb_list_each (node, &s->early) {
		struct sip_early *e = bb_list_entry(node, struct sip_early, node);

		if (tag.p && bb_str_is(tag, e->tag))
			return e;
	}
	return NULL;
}

static struct sip_early *make(struct bb_sip_session *s, struct bb_str tag)
{
	struct sip_early *e;

	if (!tag.p || s->early.count >= SIP_EARLY_MAX)
		return NULL;
	e = bb_zalloc(sizeof(*e));
	if (!e)
		return NULL;
	e->tag = bb_strdup(tag);
	if (!e->tag) {
		bb_free(e);
		return NULL;
	}
	bb_list_append(&s->early, &e->node);
	return e;
}

/* The first branch that can be heard is; the others wait for their 2xx, or for its end. */
static bool hear(struct bb_sip_session *s, struct sip_early *e)
{
	struct bb_media_desc d;
	const char *why;

	if (s->heard || !s->offered || e->gone || !e->last || sip_session_desc(e->last, &d, &why))
		return false;
	if (sip_session_keep_remote(s, &d))
		return false;
	s->heard = e;
	return true;
}

const struct bb_media_desc *sip_early_provisional(struct bb_sip_session *s, struct sip_msg *m)
{
	struct sip_early *e = sip_early_find(s, m->to.tag);
	struct bb_str sdp;

	if (!e)
		e = make(s, m->to.tag);
	if (!e || e->last || e->gone)
		return NULL;
	if (sip_msg_body_of(m, "application/sdp", &sdp) && sdp.l)
		e->last = sip_msg_ref(m);
	return hear(s, e) ? s->remote : NULL;
}

bool sip_early_in_order(struct sip_early *e, const struct sip_msg *m)
{
	if (e->has_cseq && m->cseq.number <= e->cseq)
		return false;
	e->cseq = m->cseq.number;
	e->has_cseq = true;
	return true;
}

bool sip_early_end(struct bb_sip_session *s, struct sip_early *ended)
{
	bool left = false;

	ended->gone = true;
	bb_list_each (node, &s->early)
		left |= !bb_list_entry(node, struct sip_early, node)->gone;
	if (!left)
		return false;
	if (s->heard != ended)
		return true;
	s->heard = NULL;
	bb_list_each (node, &s->early) {
		struct sip_early *e = bb_list_entry(node, struct sip_early, node);

		if (!hear(s, e))
			continue;
		if (s->ops && s->ops->progress)
			s->ops->progress(s, e->last->status, s->remote, s->arg);
		break;
	}
	return true;
}
