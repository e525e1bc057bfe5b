/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strans.c - server transactions: matching (RFC 3261 section 17.2.3), caps,
 * merged requests (section 8.2.2.2), CANCEL (section 9.2), ACK, sending. The
 * state machines are in strans_invite.c and strans_other.c.
 */
#include <stdio.h>

#include "modules/sip/strans.h"

static void destroy(void *obj)
{
	struct sip_strans *st = obj;

	sip_msg_unref(st->msg);
	bb_buf_free(&st->reply);
}

void sip_strans_uncount(struct sip_strans *st)
{
	if (!st->counted)
		return;
	st->counted = false;
	st->source->transactions--;
}

void sip_strans_end(struct sip_strans *st, int err)
{
	struct sip_stack *s = st->stack;

	if (st->state == SIP_TERMINATED)
		return;
	st->state = SIP_TERMINATED;
	sip_strans_uncount(st);
	sip_source_unref(s, st->source);
	st->source = NULL;
	bb_timer_cancel(&st->retransmit);
	bb_timer_cancel(&st->timeout);
	bb_list_remove(&st->node);
	bb_map_remove(&s->strans_by_branch, &st->by_branch);
	bb_map_remove(&s->strans_by_merge, &st->by_merge);
	if (!st->detached && st->ops.gone)
		st->ops.gone(st, err, st->arg);
	bb_obj_unref(st);
}

void sip_strans_on_timeout(void *arg)
{
	sip_strans_end(arg, -ETIMEDOUT);
}

void sip_strans_on_done(void *arg)
{
	sip_strans_end(arg, 0);
}

void sip_strans_end_all(struct sip_stack *s, int err)
{
	while (s->strans.head)
		sip_strans_end(bb_list_entry(s->strans.head, struct sip_strans, node), err);
}

static void send_failed(void *arg)
{
	struct sip_strans *st = arg;

	sip_strans_end(st, st->err);
}

/* Not from inside the user's call. */
static void end_soon(struct sip_strans *st, int err)
{
	st->err = err;
	bb_timer_cancel(&st->retransmit);
	bb_timer_set(&st->timeout, 0, send_failed, st);
}

static bool is_waiting(const struct sip_strans *st)
{
	return st->method == SIP_INVITE && st->state == SIP_PROCEEDING;
}

void sip_strans_unreachable(struct sip_stack *s, const struct bb_addr *to, int err)
{
	bb_list_each (n, &s->strans) {
		struct sip_strans *st = bb_list_entry(n, struct sip_strans, node);

		if (is_waiting(st) && st->flow.type == SIP_TP_UDP &&
		    bb_addr_eq(&st->flow.remote, to))
			end_soon(st, err);
	}
}

void sip_strans_conn_failed(struct sip_stack *s, uint64_t conn, int err)
{
	bb_list_each (n, &s->strans) {
		struct sip_strans *st = bb_list_entry(n, struct sip_strans, node);

		if (is_waiting(st) && st->flow.conn == conn)
			end_soon(st, err);
	}
}

/* --- keys --- */

/* RFC 2543 requests have no unique branch: their Call-ID stands in for it. */
static struct bb_str branch_of(const struct sip_msg *m)
{
	return m->via.cookie ? m->via.branch : m->call_id;
}

static struct bb_str keep(char **at, struct bb_str s)
{
	struct bb_str copy = bb_strn(*at, s.l);

	if (s.l)
		memcpy(*at, s.p, s.l);
	*at += s.l;
	return copy;
}

#define CSEQ_TEXT 16

/* Room for what set_keys() writes. */
static size_t keys_size(const struct sip_msg *m)
{
	return branch_of(m).l + m->via.host.l + m->call_id.l + 1 + m->from.tag.l + CSEQ_TEXT +
	       m->method_text.l;
}

/* The merge key is Call-ID, From tag, CSeq: "call\ntag\n1 INVITE". */
static void set_keys(struct sip_strans *st, const struct sip_msg *m)
{
	char num[CSEQ_TEXT], *at = st->keys;
	size_t n = (size_t)bb_format(num, sizeof(num), "\n%u ", m->cseq.number);

	st->branch = keep(&at, branch_of(m));
	st->host = keep(&at, m->via.host);
	st->call_id = keep(&at, m->call_id);
	keep(&at, BB_STR("\n"));
	st->from_tag = keep(&at, m->from.tag);
	keep(&at, bb_strn(num, n));
	st->method_text = keep(&at, m->method_text);
	st->merge = bb_strn(st->call_id.p, (size_t)(at - st->call_id.p));
	st->via_port = m->via.port;
	st->cseq = m->cseq.number;
	st->cookie = m->via.cookie;
}

static bool same(const struct sip_strans *st, const struct sip_msg *m, struct bb_str method)
{
	if (st->cookie != m->via.cookie || st->via_port != m->via.port ||
	    !bb_str_ieq(st->host, m->via.host) || !bb_str_eq(st->method_text, method))
		return false;
	return st->cookie || (st->cseq == m->cseq.number && bb_str_eq(st->from_tag, m->from.tag));
}

/** Who has this branch, sent-by and method (given, since ACK and CANCEL look for the INVITE)? */
static struct sip_strans *find(struct sip_stack *s, const struct sip_msg *m, struct bb_str method)
{
	struct bb_map_node *n = bb_map_get(&s->strans_by_branch, branch_of(m));

	for (; n; n = bb_map_next_same(&s->strans_by_branch, n)) {
		struct sip_strans *st = bb_map_entry(n, struct sip_strans, by_branch);

		if (same(st, m, method))
			return st;
	}
	return NULL;
}

/* Another copy of a request that is being served came by another way (section 8.2.2.2). */
static bool is_merged(struct sip_stack *s, const struct sip_strans *st)
{
	struct bb_map_node *n = bb_map_get(&s->strans_by_merge, st->merge);

	for (; n; n = bb_map_next_same(&s->strans_by_merge, n)) {
		struct sip_strans *other = bb_map_entry(n, struct sip_strans, by_merge);

		if (other->state == SIP_TRYING || other->state == SIP_PROCEEDING ||
		    other->state == SIP_ACCEPTED)
			return true;
	}
	return false;
}

/* --- input --- */

static void input_ack(struct sip_stack *s, struct sip_msg *m)
{
	struct sip_strans *st = find(s, m, BB_STR("INVITE"));

	if (st && sip_strans_invite_ack(st))
		return;
	if (s->ops.ack)
		s->ops.ack(m, s->arg);
}

/* Whose branch and sent-by a CANCEL bears: of whatever method (section 9.2). */
static struct sip_strans *find_cancelled(struct sip_stack *s, const struct sip_msg *m)
{
	struct sip_strans *st = find(s, m, BB_STR("INVITE"));
	struct bb_map_node *n = st ? NULL : bb_map_get(&s->strans_by_branch, branch_of(m));

	for (; n && !st; n = bb_map_next_same(&s->strans_by_branch, n)) {
		struct sip_strans *any = bb_map_entry(n, struct sip_strans, by_branch);

		if (same(any, m, any->method_text))
			st = any;
	}
	return st;
}

static void input_cancel(struct sip_stack *s, struct sip_msg *m)
{
	struct sip_strans *st = find_cancelled(s, m);
	struct bb_buf b = { 0 };

	if (!st) {
		sip_reply_stateless(s, m, 481, NULL, bb_strn("", 0));
		return;
	}
	/* The tag of the INVITE's own response (section 9.2), so not sip_reply_stateless(). */
	sip_reply_begin(&b, m, 200, NULL, bb_strz(st->tag));
	sip_put_body(&b, NULL, bb_strn("", 0));
	if (!b.err) {
		struct sip_flow f;

		sip_reply_flow(s, m, st->forced_rport, &f);
		sip_send_reply(s, &f, m->via.port, bb_buf_str(&b), m->call_id);
	}
	bb_buf_free(&b);
	/* It has no effect on what is answered, and none at all on other requests. */
	if (st->method != SIP_INVITE || st->state != SIP_PROCEEDING || st->cancelled)
		return;
	st->cancelled = true;
	if (!st->detached && st->ops.cancel)
		st->ops.cancel(st, m, st->arg);
	else
		sip_strans_reply(st, 487, NULL);
}

static int over_cap(struct sip_stack *s, const struct sip_source *src, const struct sip_msg *m)
{
	/* What belongs to a dialog gets twice the room: it ends calls. */
	size_t room = m->to.tag.p ? 2 : 1;

	if (s->refusing && room == 1)
		return 1;
	if (s->overload.shedding && room == 1) {
		s->stats.overload++;
		return 1;
	}
	return s->strans.count >= s->conf.max_transactions * room ||
	       src->transactions >= s->conf.max_transactions_per_source * room;
}

/* Overload and our own end are told of once; this is of one sender. */
static void tell_refused(struct sip_stack *s, const struct sip_msg *m)
{
	char from[BB_ADDR_TEXT];
	unsigned dropped = 0;

	if (!s->refusing && !s->overload.shedding && sip_log_allow(s, &m->flow.remote, &dropped))
		bb_warning("Too many SIP transactions (%zu in all): refusing %s from %s, and %u "
			   "others",
			   s->strans.count, sip_method_name(m->method),
			   bb_addr_print(&m->flow.remote, from), dropped);
}

static void refuse(struct sip_stack *s, const struct sip_msg *m)
{
	char extra[64];
	int n = bb_format(extra, sizeof(extra), "Retry-After: %u\r\n", s->conf.retry_after);

	sip_overload_refused(s, m);
	sip_reply_stateless(s, m, 503, NULL, bb_strn(extra, (size_t)n));
}

static int make(struct sip_strans **stp, struct sip_stack *s, struct sip_msg *m)
{
	struct sip_strans *st = bb_obj_new(sizeof(*st) + keys_size(m), destroy, "sip_strans");

	if (!st)
		return -ENOMEM;
	st->stack = s;
	st->method = m->method;
	st->machine = m->method == SIP_INVITE ? &sip_strans_invite : &sip_strans_other;
	st->state = st->machine->first;
	st->msg = sip_msg_ref(m);
	sip_reply_flow(s, m, false, &st->flow);
	sip_new_tag(st->tag, s->conf.node);
	set_keys(st, m);
	*stp = st;
	return 0;
}

static int enter(struct sip_strans *st, struct sip_source *src)
{
	struct sip_stack *s = st->stack;

	if (bb_map_add(&s->strans_by_branch, &st->by_branch, st->branch))
		return -ENOMEM;
	if (!st->msg->to.tag.p && bb_map_add(&s->strans_by_merge, &st->by_merge, st->merge)) {
		bb_map_remove(&s->strans_by_branch, &st->by_branch);
		return -ENOMEM;
	}
	st->source = src;
	st->counted = true;
	src->transactions++;
	bb_list_append(&s->strans, &st->node);
	return 0;
}

static void new_request(struct sip_stack *s, struct sip_msg *m)
{
	struct sip_source *src = sip_source_ref(s, &m->flow.remote, true);
	struct sip_strans *st = NULL;
	bool merged;

	if (!src || sip_overload_is_again(s, m)) {
		sip_source_unref(s, src);
		refuse(s, m);
		return;
	}
	if (over_cap(s, src, m)) {
		sip_source_unref(s, src);
		tell_refused(s, m);
		refuse(s, m);
		return;
	}
	if (make(&st, s, m))
		goto fail;
	merged = !m->to.tag.p && is_merged(s, st);
	if (merged) {
		sip_reply_stateless(s, m, 482, NULL, bb_strn("", 0));
		bb_obj_unref(st);
		sip_source_unref(s, src);
		return;
	}
	if (enter(st, src))
		goto fail;
	st->machine->start(st);
	bb_obj_ref(st);
	if (s->ops.request)
		s->ops.request(st, m, s->arg);
	else
		sip_strans_reply(st, 501, NULL);
	bb_obj_unref(st);
	return;
fail:
	bb_obj_unref(st);
	sip_source_unref(s, src);
	sip_reply_stateless(s, m, 503, NULL, bb_strn("", 0));
}

void sip_strans_input(struct sip_stack *s, struct sip_msg *m)
{
	struct sip_strans *st;

	if (m->method == SIP_ACK) {
		input_ack(s, m);
		return;
	}
	if (m->method == SIP_CANCEL) {
		input_cancel(s, m);
		return;
	}
	st = find(s, m, m->method_text);
	if (st) {
		s->stats.retransmits_in++;
		bb_obj_ref(st);
		st->machine->again(st);
		bb_obj_unref(st);
		return;
	}
	new_request(s, m);
}

/* --- responses --- */

void sip_strans_transmit(struct sip_strans *st)
{
	int err = sip_send_reply(st->stack, &st->flow, st->via_port, bb_buf_str(&st->reply),
				 st->call_id);

	if (err)
		end_soon(st, err);
}

void sip_strans_begin(struct sip_strans *st, struct bb_buf *b, unsigned code, const char *reason)
{
	if (!st->msg) {
		b->err = -EALREADY;
		return;
	}
	sip_reply_begin(b, st->msg, code, reason, bb_strz(st->tag));
	if (code > 100 && st->stack->conf.server_name[0])
		sip_put_hdr(b, SIP_HDR_SERVER, bb_strz(st->stack->conf.server_name));
}

int sip_strans_send(struct sip_strans *st, unsigned code, struct bb_buf *b)
{
	int n = b->err ? b->err : -EINVAL;

	if (!b->err && code >= 100 && code < 700)
		n = st->state == SIP_TERMINATED ? -EALREADY : st->machine->may_send(st, code);
	if (n <= 0) {
		bb_buf_free(b);
		return n;
	}
	bb_buf_free(&st->reply);
	bb_buf_trim(b);
	st->reply = *b;
	*b = (struct bb_buf){ 0 };
	st->code = code;
	if (code >= 200) {
		sip_msg_unref(st->msg);
		st->msg = NULL;
	}
	st->machine->sent(st);
	sip_strans_transmit(st);
	return 0;
}

int sip_strans_reply_body(struct sip_strans *st, unsigned code, const char *reason,
			  struct bb_str extra, const char *type, struct bb_str body)
{
	struct bb_buf b = { 0 };

	sip_strans_begin(st, &b, code, reason);
	if (extra.l)
		bb_buf_putstr(&b, extra);
	sip_put_body(&b, type, body);
	return sip_strans_send(st, code, &b);
}

int sip_strans_reply_with(struct sip_strans *st, unsigned code, const char *reason,
			  struct bb_str extra)
{
	return sip_strans_reply_body(st, code, reason, extra, NULL, bb_strn("", 0));
}

int sip_strans_reply(struct sip_strans *st, unsigned code, const char *reason)
{
	return sip_strans_reply_with(st, code, reason, bb_strn("", 0));
}

int sip_strans_resend(struct sip_strans *st)
{
	bool again = st->state == SIP_ACCEPTED || (st->state == SIP_PROCEEDING && st->code > 100);

	if (st->method != SIP_INVITE || !again)
		return -EINVAL;
	st->stack->stats.retransmits_out++;
	sip_strans_transmit(st);
	return 0;
}

/* --- the user --- */

void sip_strans_set_ops(struct sip_strans *st, const struct sip_strans_ops *ops, void *arg)
{
	st->ops = ops ? *ops : (struct sip_strans_ops){ 0 };
	st->arg = arg;
	st->detached = false;
}

void sip_strans_detach(struct sip_strans *st)
{
	if (!st)
		return;
	st->detached = true;
	if (st->code < 200 && st->state != SIP_TERMINATED)
		sip_strans_reply(st, 500, NULL);
}

void sip_strans_dismiss(struct sip_strans *st, unsigned code, const char *reason,
			struct bb_str extra)
{
	if (st->msg && code == 503)
		sip_overload_refused(st->stack, st->msg);
	if (st->msg)
		sip_reply_stateless_by(st->stack, &st->flow, st->msg, code, reason, extra);
	st->detached = true;
	sip_strans_end(st, 0);
}

void sip_strans_force_rport(struct sip_strans *st)
{
	st->forced_rport = true;
	if (st->msg)
		sip_reply_flow(st->stack, st->msg, true, &st->flow);
}

struct sip_stack *sip_strans_stack(const struct sip_strans *st)
{
	return st->stack;
}

struct sip_msg *sip_strans_request(const struct sip_strans *st)
{
	return st->msg;
}

enum sip_method sip_strans_method(const struct sip_strans *st)
{
	return st->method;
}

enum sip_tstate sip_strans_state(const struct sip_strans *st)
{
	return st->state;
}

struct bb_str sip_strans_tag(const struct sip_strans *st)
{
	return bb_strz(st->tag);
}

const struct sip_flow *sip_strans_flow(const struct sip_strans *st)
{
	return &st->flow;
}
