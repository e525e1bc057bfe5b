/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tp_udp.c - datagrams. What is no message (keep-alives of RFC 5626 and of
 * older phones: line ends, NULs, "jaK") is taken without a word.
 */
#include "modules/sip/stack.h"

#define KEEP_ALIVE_MAX 8u

static void on_recv(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
	struct sip_transport *t = arg;
	struct sip_flow f = { .type = SIP_TP_UDP, .transport = t->id };
	size_t i = 0;

	(void)u;
	if (d->len <= KEEP_ALIVE_MAX)
		return;
	while (i < d->len && (d->data[i] == '\r' || d->data[i] == '\n' || d->data[i] == '\0'))
		i++;
	if (i == d->len)
		return;
	sip_overload_waited(t->stack, d->waited);
	f.remote = d->from;
	f.local = bb_addr_set(&d->to) ? d->to : t->local;
	sip_stack_input(t->stack, &f, d->data, d->len, SIP_DATAGRAM);
}

static void on_error(struct bb_udp *u, const struct bb_addr *to, int err, void *arg)
{
	struct sip_transport *t = arg;

	(void)u;
	err = err > 0 ? -err : err;
	sip_ctrans_unreachable(t->stack, to, err);
	sip_strans_unreachable(t->stack, to, err);
}

static const struct bb_udp_ops udp_ops = { .recv = on_recv, .error = on_error };

static int udp_open(struct sip_transport *t, const struct bb_addr *bind)
{
	int err = bb_udp_open(&t->udp, bind, &udp_ops, t);

	if (!err)
		t->local = *bb_udp_local(t->udp);
	return err;
}

static void udp_close(struct sip_transport *t)
{
	bb_udp_close(t->udp);
}

static int udp_send(struct sip_transport *t, const struct sip_flow *f, struct bb_str text)
{
	const struct bb_addr *from =
		bb_addr_is_any(&t->local) && bb_addr_set(&f->local) ? &f->local : NULL;
	int err = bb_udp_send(t->udp, from, &f->remote, text.p, text.l);

	/* A full socket is a lost datagram, and those are sent again. */
	return err == -EAGAIN || err == -EWOULDBLOCK || err == -ENOBUFS ? 0 : err;
}

const struct sip_tp_type sip_tp_type_udp = {
	.open = udp_open,
	.close = udp_close,
	.send = udp_send,
};
