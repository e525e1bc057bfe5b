/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tp_tcp.c - TCP under the connections of conn.c.
 */
#include "modules/sip/stack.h"

static void on_connected(struct bb_tcp *tcp, void *arg)
{
	(void)tcp;
	sip_conn_connected(arg);
}

static void on_recv(struct bb_tcp *tcp, const char *data, size_t len, void *arg)
{
	struct sip_conn *c = arg;

	(void)tcp;
	/* The kernel does not tell; what is read late in a turn has waited for what was before. */
	sip_overload_waited(c->stack, bb_loop_late());
	sip_conn_input(c, data, len);
}

static void on_closed(struct bb_tcp *tcp, int err, void *arg)
{
	(void)tcp;
	sip_conn_close(arg, err ? err : -ECONNRESET);
}

static const struct bb_tcp_ops tcp_ops = {
	.connected = on_connected,
	.recv = on_recv,
	.closed = on_closed,
};

static void on_accept(struct bb_listener *l, struct bb_tcp *tcp, void *arg)
{
	struct sip_transport *t = arg;
	struct sip_conn *c;

	(void)l;
	if (sip_conn_accepted(&c, t, bb_tcp_local(tcp), bb_tcp_remote(tcp))) {
		bb_tcp_close(tcp);
		return;
	}
	c->tcp = tcp;
	bb_tcp_set_ops(tcp, &tcp_ops, c);
}

static const struct bb_listener_ops listener_ops = { .accept = on_accept };

static int tcp_open(struct sip_transport *t, const struct bb_addr *bind)
{
	int err = bb_tcp_listen(&t->listener, bind, &listener_ops, t);

	if (!err)
		t->local = *bb_listener_local(t->listener);
	return err;
}

static void tcp_close(struct sip_transport *t)
{
	bb_listener_close(t->listener);
}

static int tcp_connect(struct sip_conn *c)
{
	return bb_tcp_connect(&c->tcp, &c->flow.remote, &tcp_ops, c);
}

static int tcp_write(struct sip_conn *c, struct bb_str text)
{
	return bb_tcp_send(c->tcp, text.p, text.l);
}

static void tcp_disconnect(struct sip_conn *c)
{
	if (c->tcp)
		bb_tcp_close(c->tcp);
	c->tcp = NULL;
}

const struct sip_tp_type sip_tp_type_tcp = {
	.open = tcp_open,
	.close = tcp_close,
	.connect = tcp_connect,
	.write = tcp_write,
	.disconnect = tcp_disconnect,
};
