/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stack.c - the stack object: settings, the way of a received message into
 * the transactions, answers without a transaction, sources and their limits.
 */
#include "modules/sip/stack.h"

void sip_stack_defaults(struct sip_stack_conf *c)
{
	*c = (struct sip_stack_conf){
		.t1 = 500 * BB_MS,
		.t2 = 4 * BB_SEC,
		.t4 = 5 * BB_SEC,
		.timer_d = 32 * BB_SEC,
		.trying = 200 * BB_MS,
		.udp_limit = 1300,
		.max_transactions = 100000,
		.max_transactions_per_source = 1000,
		.retry_after = 5,
		.overload_delay = 200 * BB_MS,
		.max_connections = 4096,
		.max_connections_per_source = 256,
		.connect_timeout = 10 * BB_SEC,
		.first_timeout = 32 * BB_SEC,
		.idle_timeout = 7200 * BB_SEC,
		.server_name = "Bellbird",
	};
}

int sip_stack_new(struct sip_stack **sp, const struct sip_stack_conf *conf,
		  const struct sip_stack_ops *ops, void *arg)
{
	struct sip_stack *s = bb_zalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->conf = *conf;
	if (ops)
		s->ops = *ops;
	s->arg = arg;
	*sp = s;
	return 0;
}

void sip_stack_free(struct sip_stack *s)
{
	struct sip_transport *t;

	if (!s)
		return;
	s->closing = true;
	sip_ctrans_end_all(s, -ESHUTDOWN);
	sip_strans_end_all(s, -ESHUTDOWN);
	while ((t = sip_transport_next(s, NULL)))
		sip_transport_close(t);
	bb_map_free(&s->conns_by_id);
	bb_map_free(&s->conns_by_peer);
	bb_map_free(&s->sources);
	bb_map_free(&s->ctrans_by_branch);
	bb_map_free(&s->strans_by_branch);
	bb_map_free(&s->strans_by_merge);
	bb_free(s);
}

void sip_stack_reconf(struct sip_stack *s, const struct sip_stack_conf *conf)
{
	s->conf = *conf;
}

const struct sip_stack_conf *sip_stack_conf(const struct sip_stack *s)
{
	return &s->conf;
}

void sip_stack_refuse(struct sip_stack *s, bool on)
{
	s->refusing = on;
}

void sip_stack_stats(const struct sip_stack *s, struct sip_stats *st)
{
	*st = s->stats;
	st->longest_wait = s->overload.longest;
	st->client = s->ctrans.count;
	st->server = s->strans.count;
	st->conns = s->conns.count;
	st->transports = s->transports.count;
}

void sip_stack_trace(struct sip_stack *s, const struct sip_trace *t)
{
	if (s->ops.trace)
		s->ops.trace(t, s->arg);
}

/* --- sources --- */

void sip_host_key(char key[SIP_HOST_KEY], const struct bb_addr *a)
{
	memset(key, 0, SIP_HOST_KEY);
	if (bb_addr_family(a) == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&a->u.in6.sin6_addr)) {
		key[0] = 6;
		memcpy(key + 1, &a->u.in6.sin6_addr, 16);
	} else if (bb_addr_family(a) == AF_INET6) {
		key[0] = 4;
		memcpy(key + 1, (const char *)&a->u.in6.sin6_addr + 12, 4);
	} else {
		key[0] = 4;
		memcpy(key + 1, &a->u.in.sin_addr, 4);
	}
}

struct sip_source *sip_source_ref(struct sip_stack *s, const struct bb_addr *a, bool port)
{
	uint16_t number = port ? bb_addr_port(a) : 0;
	struct bb_map_node *n;
	struct sip_source *src;
	char key[sizeof(src->key)];

	sip_host_key(key, a);
	memcpy(key + SIP_HOST_KEY, &number, sizeof(number));
	n = bb_map_get(&s->sources, bb_strn(key, sizeof(key)));
	if (n) {
		src = bb_map_entry(n, struct sip_source, node);
		src->refs++;
		return src;
	}
	src = bb_zalloc(sizeof(*src));
	if (!src)
		return NULL;
	memcpy(src->key, key, sizeof(key));
	src->refs = 1;
	if (bb_map_add(&s->sources, &src->node, bb_strn(src->key, sizeof(src->key)))) {
		bb_free(src);
		return NULL;
	}
	return src;
}

void sip_source_unref(struct sip_stack *s, struct sip_source *src)
{
	if (!src || --src->refs)
		return;
	bb_map_remove(&s->sources, &src->node);
	bb_free(src);
}

bool sip_log_allow(struct sip_stack *s, const struct bb_addr *from, unsigned *dropped)
{
	char key[SIP_HOST_KEY];
	struct bb_log_limit *l;

	sip_host_key(key, from);
	l = &s->limits[bb_str_hash(bb_strn(key, sizeof(key)), false) % SIP_LIMITS];
	l->burst = 5;
	l->every = 10 * BB_SEC;
	return bb_log_allow(l, dropped);
}

/* --- answers without a transaction --- */

/* The same request gets the same tag each time. */
static void stateless_tag(const struct sip_msg *m, char dst[SIP_TAG_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	uint32_t h[3] = { bb_str_hash(m->call_id, false), bb_str_hash(m->via.branch, false),
			  bb_str_hash(m->from.tag, false) ^ m->cseq.number };
	size_t at = 0;

	for (size_t i = 0; i < BB_ARRAY_SIZE(h); i++)
		for (unsigned shift = 0; shift < 32; shift += 4)
			dst[at++] = digits[(h[i] >> shift) & 15];
	dst[at] = '\0';
}

void sip_reply_stateless(struct sip_stack *s, const struct sip_msg *m, unsigned code,
			 const char *reason, struct bb_str extra)
{
	struct sip_flow f;

	sip_reply_flow(s, m, false, &f);
	sip_reply_stateless_by(s, &f, m, code, reason, extra);
}

void sip_reply_stateless_by(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			    unsigned code, const char *reason, struct bb_str extra)
{
	char tag[SIP_TAG_TEXT];
	struct bb_buf b = { 0 };

	if (!m->request || m->method == SIP_ACK)
		return;
	stateless_tag(m, tag);
	sip_reply_begin(&b, m, code, reason, bb_strz(tag));
	if (extra.l)
		bb_buf_putstr(&b, extra);
	if (s->conf.server_name[0])
		sip_put_hdr(&b, SIP_HDR_SERVER, bb_strz(s->conf.server_name));
	sip_put_body(&b, NULL, bb_strn("", 0));
	if (!b.err)
		sip_send_reply(s, f, m->via.port, bb_buf_str(&b), m->call_id);
	bb_buf_free(&b);
}

/* --- input --- */

static void malformed(struct sip_stack *s, const struct sip_flow *f, struct sip_msg *m,
		      const struct sip_fault *flt)
{
	char from[BB_ADDR_TEXT];
	unsigned dropped = 0;

	if (sip_log_allow(s, &f->remote, &dropped)) {
		bb_notice("Malformed SIP message from %s over %s: %s%s",
			  bb_addr_print(&f->remote, from), sip_tp_name(f->type), flt->text,
			  m ? "" : "; dropped");
		if (dropped)
			bb_notice("%u more from there were not logged", dropped);
	}
	if (!m) {
		s->stats.dropped++;
		return;
	}
	s->stats.malformed++;
	sip_reply_stateless(s, m, flt->code, flt->code == 400 ? flt->text : NULL, bb_strn("", 0));
}

void sip_stack_input(struct sip_stack *s, const struct sip_flow *f, const char *data, size_t len,
		     enum sip_framing framing)
{
	struct sip_fault flt;
	struct sip_msg *m;
	int err;

	if (s->closing)
		return;
	s->stats.rx++;
	s->stats.rx_bytes += len;
	err = sip_msg_parse(&m, data, len, framing, f, &flt);
	if (err == -ENOMEM) {
		s->stats.dropped++;
		return;
	}
	sip_stack_trace(s, &(struct sip_trace){
				   .flow = f,
				   .raw = bb_strn(data, len),
				   .call_id = m ? m->call_id : bb_strn(NULL, 0),
				   .msg = m,
				   .fault = err ? &flt : NULL,
			   });
	if (err)
		malformed(s, f, m, &flt);
	else if (m->request)
		sip_strans_input(s, m);
	else
		sip_ctrans_input(s, m);
	sip_msg_unref(m);
}
