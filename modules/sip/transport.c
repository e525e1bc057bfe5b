/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * transport.c - listening transports, and the choice of transport, local
 * address and connection for what is sent.
 */
#include <stdio.h>

#include "modules/sip/stack.h"

const struct sip_tp_type *sip_tp_type(enum sip_tp t)
{
	static const struct sip_tp_type *const types[SIP_TP_N] = {
		[SIP_TP_UDP] = &sip_tp_type_udp,
		[SIP_TP_TCP] = &sip_tp_type_tcp,
	};

	return types[t];
}

static void transport_free(struct sip_transport *t)
{
	if (!t)
		return;
	bb_free(t->name);
	bb_free(t->external_host);
	bb_free(t->nets);
	bb_free(t);
}

int sip_transport_update(struct sip_transport *t, const struct sip_transport_conf *c)
{
	char *name = bb_strdup(c->name), *host = bb_strdup(c->external_host);
	struct bb_cidr *nets = NULL;

	if (c->n_local_nets)
		nets = bb_alloc(c->n_local_nets * sizeof(*nets));
	if (!name || !host || (c->n_local_nets && !nets)) {
		bb_free(name);
		bb_free(host);
		bb_free(nets);
		return -ENOMEM;
	}
	if (nets)
		memcpy(nets, c->local_nets, c->n_local_nets * sizeof(*nets));
	bb_free(t->name);
	bb_free(t->external_host);
	bb_free(t->nets);
	t->name = name;
	t->external_host = host;
	t->external_port = c->external_port;
	t->nets = nets;
	t->n_nets = c->n_local_nets;
	return 0;
}

int sip_transport_open(struct sip_transport **tp, struct sip_stack *s,
		       const struct sip_transport_conf *c)
{
	const struct sip_tp_type *ops = sip_tp_type(c->type);
	struct sip_transport *t;
	int err;

	if (!ops)
		return -EPROTONOSUPPORT;
	t = bb_zalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->stack = s;
	t->type = c->type;
	t->ops = ops;
	err = sip_transport_update(t, c);
	if (err)
		goto out;
	t->id = ++s->last_transport;
	err = ops->open(t, &c->bind);
	if (err)
		goto out;
	bb_list_append(&s->transports, &t->node);
	*tp = t;
out:
	if (err)
		transport_free(t);
	return err;
}

void sip_transport_close(struct sip_transport *t)
{
	struct sip_stack *s;

	if (!t)
		return;
	s = t->stack;
	bb_list_remove(&t->node);
	for (;;) {
		struct sip_conn *mine = NULL;

		bb_list_each (n, &s->conns) {
			struct sip_conn *c = bb_list_entry(n, struct sip_conn, node);

			if (c->tp == t)
				mine = c;
		}
		if (!mine)
			break;
		sip_conn_close(mine, -ESHUTDOWN);
	}
	t->ops->close(t);
	transport_free(t);
}

uint32_t sip_transport_id(const struct sip_transport *t)
{
	return t->id;
}

struct bb_str sip_transport_name(const struct sip_transport *t)
{
	return bb_strz(t->name);
}

enum sip_tp sip_transport_type(const struct sip_transport *t)
{
	return t->type;
}

const struct bb_addr *sip_transport_local(const struct sip_transport *t)
{
	return &t->local;
}

struct sip_transport *sip_transport_next(struct sip_stack *s, struct sip_transport *t)
{
	struct bb_node *n = t ? t->node.next : s->transports.head;

	return n ? bb_list_entry(n, struct sip_transport, node) : NULL;
}

struct sip_transport *sip_transport_by_id(struct sip_stack *s, uint32_t id)
{
	struct sip_transport *t = NULL;

	while ((t = sip_transport_next(s, t)))
		if (t->id == id)
			return t;
	return NULL;
}

struct sip_transport *sip_transport_by_name(struct sip_stack *s, struct bb_str name)
{
	struct sip_transport *t = NULL;

	while ((t = sip_transport_next(s, t)))
		if (bb_str_is(name, t->name))
			return t;
	return NULL;
}

/* --- choosing --- */

/* Can packets to @p to leave by a socket bound to @p local? Sockets serve one family each. */
static bool reaches(const struct bb_addr *local, const struct bb_addr *to)
{
	return bb_addr_family(local) == bb_addr_family(to);
}

/* How well a transport suits a flow: 0 not at all. A loopback socket reaches nobody else. */
static int suits(const struct sip_transport *t, const struct sip_flow *f)
{
	if (t->type != f->type || !reaches(&t->local, &f->remote))
		return 0;
	if (bb_addr_set(&f->local) && bb_addr_eq_host(&t->local, &f->local))
		return 3;
	if (bb_addr_is_any(&t->local) ||
	    bb_addr_is_loopback(&t->local) == bb_addr_is_loopback(&f->remote))
		return 2;
	return 1;
}

static struct sip_transport *choose(struct sip_stack *s, const struct sip_flow *f)
{
	struct sip_transport *t = NULL, *best = NULL;
	int score, best_score = 0;

	while ((t = sip_transport_next(s, t))) {
		score = suits(t, f);
		if (score <= best_score)
			continue;
		best = t;
		best_score = score;
	}
	return best;
}

/* The address a wildcard socket sends from; asking the kernel is a system call, so it is
 * remembered. */
static int source_for(struct sip_transport *t, const struct bb_addr *remote, struct bb_addr *local)
{
	unsigned slot = bb_addr_hash(remote) % SIP_SRC_CACHE;
	int err;

	if (!bb_addr_is_any(&t->local)) {
		*local = t->local;
		return 0;
	}
	if (t->src_cache[slot].until <= bb_now() ||
	    !bb_addr_eq_host(&t->src_cache[slot].remote, remote)) {
		err = bb_addr_source_for(&t->src_cache[slot].local, remote);
		t->src_cache[slot].until = err ? 0 : bb_now() + 30 * BB_SEC;
		if (err)
			return err;
		t->src_cache[slot].remote = *remote;
	}
	*local = t->src_cache[slot].local;
	bb_addr_set_port(local, bb_addr_port(&t->local));
	return 0;
}

static int prepare_conn(struct sip_stack *s, struct sip_transport *t, struct sip_flow *f)
{
	struct sip_conn *c = sip_conn_to(s, f->type, &f->remote);
	int err;

	if (!c) {
		err = sip_conn_open(&c, t, &f->remote);
		if (err)
			return err;
	}
	f->conn = c->flow.conn;
	f->transport = c->tp->id;
	return 0;
}

int sip_flow_prepare(struct sip_stack *s, struct sip_flow *f)
{
	const struct sip_tp_type *ops = sip_tp_type(f->type);
	struct sip_transport *t;
	struct sip_conn *c;
	int err;

	if (!ops)
		return -EPROTONOSUPPORT;
	if (f->conn) {
		c = sip_conn_find(s, f->conn);
		if (!c)
			return -ENOTCONN;
		*f = c->flow;
		return 0;
	}
	if (!bb_addr_set(&f->remote) || !bb_addr_port(&f->remote))
		return -EDESTADDRREQ;
	t = f->transport ? sip_transport_by_id(s, f->transport) : choose(s, f);
	if (!t || t->type != f->type || !reaches(&t->local, &f->remote))
		t = choose(s, f);
	if (!t)
		return -EPROTONOSUPPORT;
	f->transport = t->id;
	if (!bb_addr_set(&f->local)) {
		err = source_for(t, &f->remote, &f->local);
		if (err)
			return err;
	}
	return ops->connect ? prepare_conn(s, t, f) : 0;
}

bool sip_flow_alive(struct sip_stack *s, const struct sip_flow *f)
{
	if (f->conn)
		return sip_conn_find(s, f->conn) != NULL;
	return sip_transport_by_id(s, f->transport) != NULL;
}

static bool is_outside(const struct sip_transport *t, const struct bb_addr *remote)
{
	if (!t->external_host[0] || bb_addr_is_loopback(remote))
		return false;
	for (size_t i = 0; i < t->n_nets; i++)
		if (bb_cidr_has(&t->nets[i], remote))
			return false;
	return true;
}

/* Host without brackets, and port, as the other side shall know us. */
static void public_name(struct sip_stack *s, const struct sip_flow *f, char host[256],
			uint16_t *port)
{
	struct sip_transport *t = sip_transport_by_id(s, f->transport);
	char text[BB_ADDR_TEXT];

	*port = t ? bb_addr_port(&t->local) : bb_addr_port(&f->local);
	if (t && t->external_port && (is_outside(t, &f->remote) || !t->external_host[0]))
		*port = t->external_port;
	if (t && is_outside(t, &f->remote))
		bb_str_copy(host, 256, bb_strz(t->external_host));
	else
		bb_str_copy(host, 256, bb_strz(bb_addr_print_host(&f->local, text)));
}

void sip_flow_sent_by(struct sip_stack *s, const struct sip_flow *f, char dst[SIP_SENT_BY_TEXT])
{
	char host[256];
	uint16_t port;
	bool six;

	public_name(s, f, host, &port);
	six = strchr(host, ':') != NULL;
	bb_format(dst, SIP_SENT_BY_TEXT, "%s%s%s:%u", six ? "[" : "", host, six ? "]" : "", port);
}

void sip_flow_put_uri(struct bb_buf *b, struct sip_stack *s, const struct sip_flow *f,
		      struct bb_str user)
{
	char host[256];
	uint16_t port;

	public_name(s, f, host, &port);
	sip_uri_put(b, SIP_SCHEME_SIP, user, bb_strz(host), port);
	if (f->type != SIP_TP_UDP)
		bb_buf_printf(b, ";transport=%s", sip_tp_param(f->type));
}

bool sip_stack_is_me(struct sip_stack *s, struct bb_str host, uint16_t port)
{
	struct sip_transport *t = NULL;
	struct bb_addr a, local;
	bool literal;

	if (host.l > 2 && host.p[0] == '[')
		host = bb_strn(host.p + 1, host.l - 2);
	literal = bb_addr_from(&a, host, 5060) == 0;
	while ((t = sip_transport_next(s, t))) {
		uint16_t want = port ? port : sip_tp_port(t->type);

		if (t->external_host[0] && bb_str_iis(host, t->external_host) &&
		    want == (t->external_port ? t->external_port : bb_addr_port(&t->local)))
			return true;
		if (!literal || want != bb_addr_port(&t->local))
			continue;
		if (bb_addr_eq_host(&a, &t->local))
			return true;
		/* The kernel sends from an address to itself only when it is its own. */
		if (bb_addr_is_any(&t->local) && reaches(&t->local, &a) &&
		    !source_for(t, &a, &local) && bb_addr_eq_host(&local, &a))
			return true;
	}
	return false;
}

/* --- sending --- */

void sip_reply_flow(struct sip_stack *s, const struct sip_msg *m, bool force_rport,
		    struct sip_flow *f)
{
	const struct sip_via *v = &m->via;
	struct bb_addr a;

	*f = m->flow;
	if (f->conn)
		return;
	if (v->maddr.p && !bb_addr_from(&a, v->maddr, v->port ? v->port : 5060)) {
		f->remote = a;
		return;
	}
	if (!v->has_rport && !force_rport && !s->conf.force_rport)
		bb_addr_set_port(&f->remote, v->port ? v->port : 5060);
}

static int send_now(struct sip_stack *s, const struct sip_flow *f, struct bb_str text)
{
	struct sip_transport *t;
	struct sip_conn *c;

	if (f->conn) {
		c = sip_conn_find(s, f->conn);
		return c ? sip_conn_send(c, text) : -ENOTCONN;
	}
	t = sip_transport_by_id(s, f->transport);
	if (!t || !t->ops->send)
		return -ENOTCONN;
	return t->ops->send(t, f, text);
}

int sip_send(struct sip_stack *s, const struct sip_flow *f, struct bb_str text,
	     struct bb_str call_id)
{
	int err = send_now(s, f, text);

	if (err)
		return err;
	s->stats.tx++;
	s->stats.tx_bytes += text.l;
	sip_stack_trace(
		s, &(struct sip_trace){ .out = true, .flow = f, .raw = text, .call_id = call_id });
	return 0;
}

int sip_send_reply(struct sip_stack *s, struct sip_flow *f, uint16_t via_port, struct bb_str text,
		   struct bb_str call_id)
{
	struct sip_flow again = *f;
	int err = sip_send(s, f, text, call_id);

	if (err != -ENOTCONN || !f->conn)
		return err;
	again.conn = 0;
	bb_addr_set_port(&again.remote, via_port ? via_port : sip_tp_port(f->type));
	err = sip_flow_prepare(s, &again);
	if (err)
		return err;
	*f = again;
	return sip_send(s, f, text, call_id);
}

int sip_flow_send(struct sip_stack *s, const struct sip_flow *f, struct bb_str text)
{
	return sip_send(s, f, text, bb_strn(NULL, 0));
}

void sip_transport_print(struct bb_buf *b, struct sip_stack *s)
{
	struct sip_transport *t = NULL;
	char local[BB_ADDR_TEXT];

	while ((t = sip_transport_next(s, t))) {
		size_t conns = 0;

		bb_list_each (n, &s->conns) {
			conns += bb_list_entry(n, struct sip_conn, node)->tp == t;
		}
		bb_buf_printf(b, "%-4s %-24s %-24s %zu connections\n", sip_tp_param(t->type),
			      t->name, bb_addr_print(&t->local, local), conns);
	}
}
