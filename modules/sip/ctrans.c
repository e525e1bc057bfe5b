/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ctrans.c - client transactions: making, sending, matching (RFC 3261
 * section 17.1.3), CANCEL, ending. The state machines are in ctrans_invite.c
 * and ctrans_other.c.
 */
#include "modules/sip/ctrans.h"

/* What the Via line adds at most to a request, for the choice of transport. */
#define VIA_ROOM 110u

static void destroy(void *obj)
{
	struct sip_ctrans *ct = obj;

	bb_buf_free(&ct->wire);
	bb_buf_free(&ct->ack);
	bb_free(ct->cancel_reason);
}

static void unlink_all(struct sip_ctrans *ct)
{
	bb_timer_cancel(&ct->retransmit);
	bb_timer_cancel(&ct->timeout);
	bb_list_remove(&ct->node);
	bb_list_remove(&ct->conn_node);
	bb_map_remove(&ct->stack->ctrans_by_branch, &ct->by_branch);
}

void sip_ctrans_end(struct sip_ctrans *ct, int err)
{
	if (ct->state == SIP_TERMINATED)
		return;
	ct->state = SIP_TERMINATED;
	unlink_all(ct);
	if (!ct->detached && ct->ops.gone)
		ct->ops.gone(ct, err, ct->arg);
	bb_obj_unref(ct);
}

void sip_ctrans_on_timeout(void *arg)
{
	sip_ctrans_end(arg, -ETIMEDOUT);
}

void sip_ctrans_on_done(void *arg)
{
	sip_ctrans_end(arg, 0);
}

static struct bb_str call_id(const struct sip_ctrans *ct)
{
	return bb_strn(ct->wire.p + ct->wire.l - ct->cid_back, ct->cid_len);
}

static int send_wire(struct sip_ctrans *ct)
{
	return sip_send(ct->stack, &ct->flow, bb_buf_str(&ct->wire), call_id(ct));
}

void sip_ctrans_resend(struct sip_ctrans *ct)
{
	int err = send_wire(ct);

	if (err)
		sip_ctrans_fail(ct, err);
}

/* --- the text --- */

/* Find start line, method and Call-ID of a request that our own builder wrote. */
static int look_at(struct sip_ctrans *ct, const struct bb_buf *req)
{
	struct bb_str s = bb_buf_str(req), line;
	ptrdiff_t sp = bb_str_chr(s, ' '), eol = bb_str_find(s, BB_STR("\r\n")), cid;

	if (sp <= 0 || eol < sp)
		return -EINVAL;
	ct->method_len = (size_t)sp;
	ct->method = sip_method_of(bb_strn(s.p, (size_t)sp));
	ct->via_at = (size_t)eol + 2;
	cid = bb_str_find(s, BB_STR("\r\nCall-ID: "));
	if (cid < 0 || ct->method == SIP_ACK)
		return -EINVAL;
	line = bb_str_sub(s, (size_t)cid + 11, s.l);
	eol = bb_str_chr(line, '\r');
	if (eol < 0)
		return -EINVAL;
	ct->cid_len = (size_t)eol;
	ct->cid_back = line.l;
	return 0;
}

static size_t put_via(struct bb_buf *b, struct sip_stack *s, const struct sip_flow *f,
		      const char *branch)
{
	char sent_by[SIP_SENT_BY_TEXT];
	size_t from = b->l;

	sip_flow_sent_by(s, f, sent_by);
	bb_buf_puts(b, "Via: SIP/2.0/");
	bb_buf_puts(b, sip_tp_name(f->type));
	bb_buf_putc(b, ' ');
	bb_buf_puts(b, sent_by);
	bb_buf_puts(b, ";branch=");
	bb_buf_puts(b, branch);
	bb_buf_puts(b, ";rport\r\n");
	return b->l - from;
}

/* Put a Via for the flow where there is none, or in place of the one that stands there. */
static int set_via(struct sip_ctrans *ct, const struct bb_buf *req, size_t old_len)
{
	struct bb_buf out = { 0 };
	size_t tail = ct->via_at + old_len;

	bb_buf_put(&out, req->p, ct->via_at);
	ct->via_len = put_via(&out, ct->stack, &ct->flow, ct->branch);
	bb_buf_put(&out, req->p + tail, req->l - tail);
	if (out.err) {
		int err = out.err;

		bb_buf_free(&out);
		return err < 0 ? err : -ENOMEM;
	}
	bb_buf_trim(&out);
	bb_buf_free(&ct->wire);
	ct->wire = out;
	return 0;
}

/* --- making --- */

/* Section 18.1.1: what is too long for a datagram goes by TCP if it can. */
static bool try_tcp(struct sip_ctrans *ct, size_t len)
{
	const struct sip_stack_conf *conf = &ct->stack->conf;
	struct sip_flow tcp = ct->flow;

	if (ct->flow.type != SIP_TP_UDP || ct->flow.transport || !conf->udp_limit ||
	    len + VIA_ROOM <= conf->udp_limit)
		return false;
	tcp.type = SIP_TP_TCP;
	tcp.local = (struct bb_addr){ 0 };
	if (sip_flow_prepare(ct->stack, &tcp))
		return false;
	ct->flow = tcp;
	ct->switched = true;
	return true;
}

static void join_conn(struct sip_ctrans *ct)
{
	struct sip_conn *c = ct->flow.conn ? sip_conn_find(ct->stack, ct->flow.conn) : NULL;

	bb_list_remove(&ct->conn_node);
	if (c)
		bb_list_append(&c->users, &ct->conn_node);
}

static struct sip_ctrans *make(struct sip_stack *s, const struct sip_flow *to)
{
	struct sip_ctrans *ct = bb_obj_new(sizeof(*ct), destroy, "sip_ctrans");

	if (!ct)
		return NULL;
	ct->stack = s;
	ct->flow = *to;
	ct->detached = true;
	return ct;
}

/* Into the tables, and the first datagram. */
static int launch(struct sip_ctrans *ct)
{
	struct sip_stack *s = ct->stack;
	int err = bb_map_add(&s->ctrans_by_branch, &ct->by_branch, bb_strz(ct->branch));

	if (err)
		return err;
	ct->machine = ct->method == SIP_INVITE ? &sip_ctrans_invite : &sip_ctrans_other;
	ct->state = ct->machine->first;
	bb_list_append(&s->ctrans, &ct->node);
	join_conn(ct);
	err = send_wire(ct);
	if (err) {
		unlink_all(ct);
		return err;
	}
	ct->machine->start(ct);
	return 0;
}

static int back_to_udp(struct sip_ctrans *ct)
{
	ct->switched = false;
	ct->flow = (struct sip_flow){ .type = SIP_TP_UDP, .remote = ct->flow.remote };
	bb_list_remove(&ct->conn_node);
	return sip_flow_prepare(ct->stack, &ct->flow);
}

int sip_ctrans_new(struct sip_ctrans **ctp, struct sip_stack *s, const struct sip_flow *to,
		   struct bb_buf *req, const struct sip_ctrans_ops *ops, void *arg)
{
	struct sip_ctrans *ct = make(s, to);
	int err = ct ? (req->err ? -ENOMEM : look_at(ct, req)) : -ENOMEM;

	if (err)
		goto out;
	if (s->closing) {
		err = -ESHUTDOWN;
		goto out;
	}
	sip_new_branch(ct->branch, s->conf.node);
	if (!try_tcp(ct, req->l))
		err = sip_flow_prepare(s, &ct->flow);
	if (!err)
		err = set_via(ct, req, 0);
	if (!err)
		err = launch(ct);
	if (err && ct->switched) {
		err = back_to_udp(ct);
		if (!err)
			err = set_via(ct, req, 0);
		if (!err)
			err = launch(ct);
	}
	if (err)
		goto out;
	ct->ops = ops ? *ops : (struct sip_ctrans_ops){ 0 };
	ct->arg = arg;
	ct->detached = !ops;
	if (ctp)
		*ctp = ct;
out:
	bb_buf_free(req);
	if (err)
		bb_obj_unref(ct);
	return err;
}

/* --- trouble below --- */

void sip_ctrans_fail(struct sip_ctrans *ct, int err)
{
	bool waiting = ct->state == SIP_CALLING || ct->state == SIP_TRYING;

	if (ct->switched && waiting && !back_to_udp(ct) &&
	    !set_via(ct, &(struct bb_buf){ .p = ct->wire.p, .l = ct->wire.l }, ct->via_len) &&
	    !send_wire(ct)) {
		ct->machine->start(ct);
		return;
	}
	sip_ctrans_end(ct, err);
}

/* Does it still wait for something that a broken way can keep from coming? */
static bool unfinished(const struct sip_ctrans *ct)
{
	return ct->state == SIP_CALLING || ct->state == SIP_TRYING || ct->state == SIP_PROCEEDING;
}

void sip_ctrans_unreachable(struct sip_stack *s, const struct bb_addr *to, int err)
{
	struct bb_list hit = { 0 };

	/* Ending one calls its user, who may end others: so first mark, then end. */
	bb_list_each (n, &s->ctrans) {
		struct sip_ctrans *ct = bb_list_entry(n, struct sip_ctrans, node);

		if (ct->flow.type != SIP_TP_UDP || !unfinished(ct) ||
		    !bb_addr_eq(&ct->flow.remote, to))
			continue;
		bb_list_remove(&ct->conn_node);
		bb_list_append(&hit, &ct->conn_node);
	}
	while (hit.head)
		sip_ctrans_fail(bb_list_entry(bb_list_pop(&hit), struct sip_ctrans, conn_node),
				err);
}

void sip_ctrans_conn_lost(struct sip_conn *c, int err)
{
	while (c->users.head) {
		struct sip_ctrans *ct =
			bb_list_entry(bb_list_pop(&c->users), struct sip_ctrans, conn_node);

		/* It was sent: to say it again by UDP is not for what came of TCP later. */
		if (c->connected)
			ct->switched = false;
		if (unfinished(ct))
			sip_ctrans_fail(ct, err);
	}
}

void sip_ctrans_end_all(struct sip_stack *s, int err)
{
	while (s->ctrans.head)
		sip_ctrans_end(bb_list_entry(s->ctrans.head, struct sip_ctrans, node), err);
}

/* --- responses --- */

void sip_ctrans_deliver(struct sip_ctrans *ct, struct sip_msg *m)
{
	struct sip_stack *s = ct->stack;

	if (ct->detached) {
		if (m->method == SIP_INVITE && m->status >= 200 && m->status < 300 && s->ops.stray)
			s->ops.stray(m, s->arg);
	} else if (ct->ops.response) {
		ct->ops.response(ct, m, ct->arg);
	}
}

static struct sip_ctrans *find(struct sip_stack *s, const struct sip_msg *m)
{
	struct bb_map_node *n;

	if (!m->via.branch.p)
		return NULL;
	n = bb_map_get(&s->ctrans_by_branch, m->via.branch);
	for (; n; n = bb_map_next_same(&s->ctrans_by_branch, n)) {
		struct sip_ctrans *ct = bb_map_entry(n, struct sip_ctrans, by_branch);

		if (bb_str_eq(m->cseq.method_text, bb_strn(ct->wire.p, ct->method_len)))
			return ct;
	}
	return NULL;
}

void sip_ctrans_input(struct sip_stack *s, struct sip_msg *m)
{
	const struct sip_hdr *via = sip_msg_hdr(m, SIP_HDR_VIA);
	struct sip_ctrans *ct = find(s, m);

	/*
	 * More than one Via, and it is not for us (section 8.1.3.3). What no request of ours asked
	 * for is dropped (RFC 6026 section 7.2): to end the dialogs that a forged 2xx claims would
	 * send BYEs, again and again, to whomever its Contact names.
	 */
	if (!ct || sip_msg_hdr_next(m, via) || m->via.text.l != via->value.l) {
		s->stats.dropped++;
		return;
	}
	bb_obj_ref(ct);
	ct->machine->response(ct, m);
	bb_obj_unref(ct);
}

/* --- CANCEL --- */

void sip_ctrans_send_cancel(struct sip_ctrans *ct)
{
	struct sip_ctrans *c = NULL;
	struct sip_msg *invite;
	struct sip_fault flt;
	int err;

	ct->cancelled = true;
	bb_timer_set(&ct->timeout, 64 * ct->stack->conf.t1, sip_ctrans_on_timeout, ct);
	err = sip_msg_parse(&invite, ct->wire.p, ct->wire.l, SIP_DATAGRAM, NULL, &flt);
	if (!err) {
		c = make(ct->stack, &ct->flow);
		err = c ? sip_cancel_from(&c->wire, invite, bb_strz(ct->cancel_reason)) : -ENOMEM;
	}
	sip_msg_unref(invite);
	if (!err)
		err = look_at(c, &c->wire);
	if (!err) {
		memcpy(c->branch, ct->branch, sizeof(c->branch));
		err = launch(c);
	}
	if (err) {
		bb_warning("CANCEL could not be sent: %s", strerror(-err));
		bb_obj_unref(c);
	}
}

int sip_ctrans_cancel(struct sip_ctrans *ct, struct bb_str reason)
{
	if (ct->method != SIP_INVITE)
		return -EINVAL;
	if (ct->state != SIP_CALLING && ct->state != SIP_PROCEEDING)
		return -EALREADY;
	if (ct->cancel_wanted)
		return 0;
	if (reason.l) {
		ct->cancel_reason = bb_strdup(reason);
		if (!ct->cancel_reason)
			return -ENOMEM;
	}
	ct->cancel_wanted = true;
	if (ct->state == SIP_PROCEEDING)
		sip_ctrans_send_cancel(ct);
	return 0;
}

void sip_ctrans_detach(struct sip_ctrans *ct)
{
	if (ct)
		ct->detached = true;
}

/* --- asking --- */

enum sip_method sip_ctrans_method(const struct sip_ctrans *ct)
{
	return ct->method;
}

enum sip_tstate sip_ctrans_state(const struct sip_ctrans *ct)
{
	return ct->state;
}

const struct sip_flow *sip_ctrans_flow(const struct sip_ctrans *ct)
{
	return &ct->flow;
}

struct bb_str sip_ctrans_text(const struct sip_ctrans *ct)
{
	return bb_buf_str(&ct->wire);
}

/* --- the ACK for a 2xx --- */

int sip_send_ack(struct sip_stack *s, const struct sip_flow *to, struct bb_buf *ack)
{
	char branch[SIP_TAG_TEXT];
	struct bb_buf out = { 0 };
	struct sip_flow f = *to;
	ptrdiff_t eol;
	int err;

	if (ack->err)
		return -ENOMEM;
	eol = bb_str_find(bb_buf_str(ack), BB_STR("\r\n"));
	if (eol < 0)
		return -EINVAL;
	err = sip_flow_prepare(s, &f);
	if (err)
		return err;
	if (!bb_str_istarts(bb_str_sub(bb_buf_str(ack), (size_t)eol + 2, 4), BB_STR("Via:"))) {
		sip_new_branch(branch, s->conf.node);
		bb_buf_put(&out, ack->p, (size_t)eol + 2);
		put_via(&out, s, &f, branch);
		bb_buf_put(&out, ack->p + eol + 2, ack->l - (size_t)eol - 2);
		if (out.err) {
			bb_buf_free(&out);
			return -ENOMEM;
		}
		bb_buf_free(ack);
		bb_buf_trim(&out);
		*ack = out;
	}
	return sip_send(s, &f, bb_buf_str(ack), bb_strn(NULL, 0));
}
