/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request.c - a request outside dialogs, as handlers see it.
 */
#include <stdio.h>

#include "modules/sip/core.h"
#include "modules/sip/stack.h"

enum bb_sip_method sip_method_public(enum sip_method m)
{
	static const enum bb_sip_method map[SIP_METHOD_N] = {
		[SIP_UNKNOWN] = BB_SIP_OTHER,
		[SIP_INVITE] = BB_SIP_INVITE,
		[SIP_ACK] = BB_SIP_ACK,
		[SIP_BYE] = BB_SIP_BYE,
		[SIP_CANCEL] = BB_SIP_CANCEL,
		[SIP_OPTIONS] = BB_SIP_OPTIONS,
		[SIP_REGISTER] = BB_SIP_REGISTER,
		[SIP_INFO] = BB_SIP_INFO,
		[SIP_PRACK] = BB_SIP_PRACK,
		[SIP_UPDATE] = BB_SIP_UPDATE,
		[SIP_SUBSCRIBE] = BB_SIP_SUBSCRIBE,
		[SIP_NOTIFY] = BB_SIP_NOTIFY,
		[SIP_REFER] = BB_SIP_REFER,
		[SIP_MESSAGE] = BB_SIP_MESSAGE,
		[SIP_PUBLISH] = BB_SIP_PUBLISH,
	};

	return map[m];
}

void sip_uri_public(struct bb_sip_uri *dst, const struct sip_uri *u)
{
	dst->scheme = u->scheme_text;
	dst->user = u->user;
	dst->password = u->password;
	dst->host = u->host;
	dst->port = u->port;
	dst->params = u->params;
	dst->headers = u->headers;
}

static void on_cancel(struct sip_strans *st, struct sip_msg *cancel, void *arg)
{
	struct sip_inreq *rq = arg;

	(void)st;
	sip_inreq_ref(rq);
	rq->canceled = true;
	if (rq->on_cancel)
		rq->on_cancel(rq, cancel, rq->arg);
	sip_inreq_respond(rq, 487, NULL, NULL, 0);
	sip_inreq_unref(rq);
}

static void on_gone(struct sip_strans *st, int err, void *arg)
{
	struct sip_inreq *rq = arg;

	(void)st;
	sip_inreq_ref(rq);
	rq->st = NULL;
	if (rq->on_gone)
		rq->on_gone(rq, err, rq->arg);
	sip_inreq_unref(rq);
}

static const struct sip_strans_ops st_ops = { .cancel = on_cancel, .gone = on_gone };

static void inreq_destroy(void *obj)
{
	struct sip_inreq *rq = obj;

	if (rq->st)
		sip_strans_detach(rq->st);
	sip_tracee_remove(rq->core, &rq->tracee);
	bb_story_close(rq->pub.story);
	sip_endpoint_unref(rq->pub.endpoint);
	sip_msg_unref(rq->msg);
}

static void fill(struct sip_inreq *rq, const struct sip_msg *m)
{
	struct bb_sip_request *p = &rq->pub;
	struct bb_buf name = { 0 };

	p->method = sip_method_public(m->method);
	p->method_name = m->method_text;
	p->uri_text = m->ruri_text;
	sip_uri_public(&p->uri, &m->ruri);
	sip_uri_public(&p->to, &m->to.uri);
	sip_uri_public(&p->from, &m->from.uri);
	p->to_uri = m->to.uri.text;
	p->from_uri = m->from.uri.text;
	sip_put_unquoted(&name, m->from.display);
	bb_str_copy(rq->from_name, sizeof(rq->from_name), bb_buf_str(&name));
	bb_buf_free(&name);
	p->from_name = bb_strz(rq->from_name);
	p->call_id = m->call_id;
	p->cseq = m->cseq.number;
	p->max_forwards = m->max_forwards > 0 ? (unsigned)m->max_forwards : 0;
	p->source = m->flow.remote;
	p->local = m->flow.local;
	p->connection = m->flow.conn;
	p->transport = bb_strz(sip_tp_param(m->flow.type));
}

int sip_inreq_new(struct sip_inreq **rp, struct sip_core *c, struct sip_strans *st,
		  struct sip_msg *m)
{
	struct sip_inreq *rq = bb_obj_new(sizeof(*rq), inreq_destroy, "sip request");

	if (!rq)
		return -ENOMEM;
	rq->core = c;
	rq->msg = sip_msg_ref(m);
	fill(rq, m);
	if (sip_tracee_add(c, &rq->tracee, m->call_id)) {
		bb_obj_unref(rq);
		return -ENOMEM;
	}
	rq->st = st;
	sip_strans_set_ops(st, &st_ops, rq);
	*rp = rq;
	return 0;
}

struct sip_inreq *sip_inreq_ref(struct sip_inreq *rq)
{
	return bb_obj_ref(rq);
}

void sip_inreq_unref(struct sip_inreq *rq)
{
	if (rq)
		bb_obj_unref(rq);
}

struct bb_story *sip_inreq_story(struct sip_inreq *rq)
{
	char source[BB_ADDR_TEXT], title[200], summary[160];

	if (rq->pub.story || rq->tracee.story)
		return rq->pub.story ? rq->pub.story : rq->tracee.story;
	bb_addr_print_host(&rq->pub.source, source);
	sip_summary(rq->msg->raw, summary, sizeof(summary));
	bb_format(title, sizeof(title), "%.*s by %.*s", BB_FMT(rq->msg->ruri.user),
		  BB_FMT(rq->msg->from.uri.user));
	rq->pub.story = bb_story_open(source, title);
	if (rq->pub.story) {
		bb_addr_print(&rq->pub.source, source);
		bb_story_message(rq->pub.story, rq->tracee.leg, BB_STORY_IN, source, summary,
				 rq->msg->raw);
		rq->tracee.story = rq->pub.story;
	}
	return rq->pub.story;
}

int sip_inreq_respond(struct sip_inreq *rq, unsigned code, const char *phrase,
		      const struct bb_sip_header *headers, size_t n)
{
	struct bb_buf extra = { 0 };
	int err;

	if (!rq->st)
		return -EALREADY;
	for (size_t i = 0; i < n; i++)
		sip_put_hdr_named(&extra, headers[i].name, headers[i].value);
	err = extra.err ? extra.err
			: sip_strans_reply_with(rq->st, code, phrase, bb_buf_str(&extra));
	bb_buf_free(&extra);
	return err;
}

void sip_inreq_refuse(struct sip_inreq *rq, unsigned code, const char *phrase, unsigned cause,
		      const char *fmt, ...)
{
	char text[400];
	struct bb_story *s = sip_inreq_story(rq);
	va_list ap;

	va_start(ap, fmt);
	bb_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	bb_story_add(s, rq->tracee.leg, BB_STORY_REFUSAL, "%s", text);
	bb_story_reason(s, cause, "%s", text);
	sip_inreq_respond(rq, code, phrase, NULL, 0);
}
