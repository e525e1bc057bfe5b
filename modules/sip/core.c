/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core.c - life of the upper half, what counts against caps, and where
 * messages are told.
 */
#include "modules/sip/core.h"
#include "modules/sip/stack.h"

#include <stdio.h>

#include "modules/sip/session.h"

const char *const sip_option_tags[] = { "path", NULL };

/* --- traces --- */

int sip_tracee_add(struct sip_core *c, struct sip_tracee *t, struct bb_str call_id)
{
	return bb_map_add(&c->calls, &t->map, call_id);
}

void sip_tracee_remove(struct sip_core *c, struct sip_tracee *t)
{
	bb_map_remove(&c->calls, &t->map);
	t->story = NULL;
}

void sip_summary(struct bb_str raw, char *dst, size_t cap)
{
	struct bb_str line = raw, method;
	ptrdiff_t at = bb_str_find(raw, BB_STR("\n"));

	if (at >= 0)
		line = bb_str_trim(bb_strn(raw.p, (size_t)at));
	if (!bb_str_starts(line, BB_STR("SIP/2.0 "))) {
		if (bb_str_istarts(bb_str_sub(line, line.l >= 8 ? line.l - 8 : 0, 8),
				   BB_STR(" SIP/2.0")))
			line.l -= 8;
		bb_format(dst, cap, "%.*s", BB_FMT(line));
		return;
	}
	line = bb_str_sub(line, 8, line.l);
	at = bb_str_find(raw, BB_STR("\nCSeq:"));
	if (at < 0) {
		bb_format(dst, cap, "%.*s", BB_FMT(line));
		return;
	}
	method = bb_str_sub(raw, (size_t)at + 6, 40);
	at = bb_str_chr(method, '\r');
	if (at >= 0)
		method.l = (size_t)at;
	method = bb_str_trim(method);
	at = bb_str_chr(method, ' ');
	if (at >= 0)
		method = bb_str_trim(bb_str_sub(method, (size_t)at, method.l));
	bb_format(dst, cap, "%.*s (%.*s)", BB_FMT(line), BB_FMT(method));
}

static void log_message(struct sip_core *c, const struct sip_trace *t)
{
	char peer[BB_ADDR_TEXT];

	if (!c->log_all &&
	    !(bb_addr_set(&c->log_host) && bb_addr_eq_host(&c->log_host, &t->flow->remote)))
		return;
	bb_notice("<--- %s %zu bytes %s %s:%s --->\n%.*s\n<------------>",
		  t->out ? "Sent" : "Received", t->raw.l, t->out ? "to" : "from",
		  sip_tp_name(t->flow->type), bb_addr_print(&t->flow->remote, peer),
		  BB_FMT(t->raw));
}

static void on_trace(const struct sip_trace *t, void *arg)
{
	struct sip_core *c = arg;
	struct bb_map_node *n = NULL;
	char peer[BB_ADDR_TEXT], summary[160];

	log_message(c, t);
	if (t->call_id.p)
		n = bb_map_get(&c->calls, t->call_id);
	if (!n)
		return;
	sip_summary(t->raw, summary, sizeof(summary));
	bb_addr_print(&t->flow->remote, peer);
	for (; n; n = bb_map_next_same(&c->calls, n)) {
		struct sip_tracee *e = bb_map_entry(n, struct sip_tracee, map);

		if (!e->story)
			continue;
		bb_story_message(e->story, e->leg, t->out ? BB_STORY_OUT : BB_STORY_IN, peer,
				 summary, t->raw);
		break;
	}
}

/* --- caps --- */

struct sip_load *sip_load_get(struct bb_map *in, struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(in, name);
	struct sip_load *l;

	if (n)
		return sip_load_ref(bb_map_entry(n, struct sip_load, map));
	l = bb_zalloc(sizeof(*l) + name.l);
	if (!l)
		return NULL;
	bb_str_copy(l->name, name.l + 1, name);
	l->in = in;
	l->users = 1;
	if (bb_map_add(in, &l->map, bb_strz(l->name))) {
		bb_free(l);
		return NULL;
	}
	return l;
}

struct sip_load *sip_load_ref(struct sip_load *l)
{
	if (l)
		l->users++;
	return l;
}

void sip_load_put(struct sip_load *l)
{
	if (!l || --l->users)
		return;
	bb_map_remove(l->in, &l->map);
	bb_free(l);
}

void sip_log_refusal(struct sip_core *c, const struct bb_addr *from, const char *fmt, ...)
{
	char text[400], peer[BB_ADDR_TEXT];
	unsigned dropped = 0;
	va_list ap;

	if (!sip_log_allow(c->stack, from, &dropped))
		return;
	va_start(ap, fmt);
	bb_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (dropped)
		bb_security("%s: %s (%u such lines were left out)", bb_addr_print(from, peer), text,
			    dropped);
	else
		bb_security("%s: %s", bb_addr_print(from, peer), text);
}

/* --- life --- */

static void on_ack(struct sip_msg *m, void *arg)
{
	sip_session_ack(arg, m);
}

static void on_stray(struct sip_msg *m, void *arg)
{
	sip_session_stray(arg, m);
}

static void on_closed(const struct sip_flow *flow, int err, void *arg)
{
	(void)err;
	(void)arg;
	if (flow->conn)
		bb_location_connection_gone(flow->conn);
}

static const struct sip_stack_ops stack_ops = {
	.request = sip_dispatch,
	.ack = on_ack,
	.stray = on_stray,
	.closed = on_closed,
	.trace = on_trace,
};

static void fill_conf(struct sip_stack_conf *sc, const struct sip_config *c)
{
	const struct sip_settings *s = &c->set;

	sip_stack_defaults(sc);
	/* As a whole only when nobody asks otherwise; else per request. */
	sc->force_rport = true;
	bb_list_each (node, &c->endpoint_list)
		sc->force_rport &= bb_list_entry(node, struct sip_endpoint, node)->pub.force_rport;
	sc->t1 = s->timer_t1;
	sc->timer_b = s->timer_b;
	sc->max_transactions = (unsigned)s->max_transactions;
	sc->max_transactions_per_source = (unsigned)s->max_transactions_per_source;
	sc->max_connections = (unsigned)s->max_connections;
	sc->max_connections_per_source = (unsigned)s->max_connections_per_source;
	sc->retry_after = (unsigned)s->retry_after;
	sc->overload_delay = s->overload_delay;
	sc->keep_alive = s->keep_alive_interval;
	if (s->disable_tcp_switch)
		sc->udp_limit = 0;
	if (bb_str_copy(sc->server_name, sizeof(sc->server_name), s->user_agent))
		sc->server_name[0] = '\0';
}

static void take_debug(struct sip_core *c, struct bb_str debug)
{
	bool on;

	if (bb_str_bool(debug, &on) == 0)
		c->log_all = on;
	else if (bb_addr_parse(&c->log_host, debug))
		c->log_all = false;
}

int sip_core_new(struct sip_core **cp, struct sip_config *config)
{
	struct sip_core *c = bb_zalloc(sizeof(*c));
	struct sip_stack_conf sc;
	int err;

	if (!c)
		return -ENOMEM;
	c->config = sip_config_ref(config);
	c->endpoints.fold = true;
	c->qualifies.fold = true;
	bb_random(c->tag_secret, sizeof(c->tag_secret));
	fill_conf(&sc, config);
	err = sip_nonces_init(&c->nonces);
	if (!err)
		err = sip_stack_new(&c->stack, &sc, &stack_ops, c);
	if (err) {
		sip_nonces_free(&c->nonces);
		sip_config_unref(c->config);
		bb_free(c);
		return err;
	}
	take_debug(c, config->set.debug);
	*cp = c;
	return 0;
}

void sip_core_free(struct sip_core *c)
{
	if (!c)
		return;
	sip_qualify_stop(c);
	sip_sessions_abandon(c);
	sip_stack_free(c->stack);
	sip_sessions_abandon(c);
	sip_nonces_free(&c->nonces);
	bb_map_free(&c->sessions);
	bb_map_free(&c->calls);
	bb_map_free(&c->sources);
	bb_map_free(&c->endpoints);
	sip_config_unref(c->config);
	bb_free(c);
}

void sip_core_set_config(struct sip_core *c, struct sip_config *config)
{
	struct sip_stack_conf sc;
	struct sip_config *old = c->config;

	fill_conf(&sc, config);
	sip_stack_reconf(c->stack, &sc);
	c->config = sip_config_ref(config);
	if (!bb_str_eq(old->set.debug, config->set.debug))
		take_debug(c, config->set.debug);
	sip_config_unref(old);
}

int sip_core_open(struct sip_core *c, const struct sip_transport_def *def)
{
	struct sip_transport *t;
	const struct sip_transport_conf tc = { .name = bb_strz(def->name),
					       .type = def->type,
					       .bind = def->bind,
					       .external_host = def->external_signaling,
					       .external_port = def->external_port,
					       .local_nets = def->nets,
					       .n_local_nets = def->n_nets };

	return sip_transport_open(&t, c->stack, &tc);
}
