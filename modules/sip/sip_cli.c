/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sip_cli.c - console commands of the SIP stack.
 */
#include <stdio.h>

#include "modules/sip/sip_module.h"

#define COLS(...)                                                                                  \
	(const struct bb_column[]){ __VA_ARGS__ },                                                 \
		sizeof((const struct bb_column[]){ __VA_ARGS__ }) / sizeof(struct bb_column)

static const char *status_word(const struct bb_sip_contact *c)
{
	if (c->binding && !c->binding->reachable)
		return "Gone";
	switch (c->status) {
	case BB_SIP_REACHABLE:
		return "Avail";
	case BB_SIP_UNREACHABLE:
		return "Unavail";
	case BB_SIP_UNKNOWN:
		return "Unknown";
	default:
		return "NonQual";
	}
}

static const char *endpoint_state(const struct bb_sip_endpoint *ep, unsigned *calls)
{
	struct bb_map_node *n = bb_map_get(&sip_the_core->endpoints, bb_strz(ep->name));
	bool registered;

	*calls = n ? bb_map_entry(n, struct sip_load, map)->calls : 0;
	if (*calls)
		return "In use";
	return sip_endpoint_reachable(sip_the_core, ep, &registered) ? "Not in use" : "Unavailable";
}

static void join(struct bb_strlist l, char *dst, size_t cap)
{
	size_t at = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < l.n && at < cap; i++)
		at += (size_t)snprintf(dst + at, cap - at, "%s%.*s", i ? "," : "", BB_FMT(l.v[i]));
}

static int show_endpoints(struct bb_out *o, const void *args)
{
	unsigned n = 0, calls;

	(void)args;
	bb_out_table(o, "endpoints",
		     COLS({ "Endpoint" }, { "State" }, { "Channels", BB_RIGHT },
			  { "Auth", .flexible = true }, { "Aors", .flexible = true },
			  { "Context" }));
	bb_list_each (node, &sip_the_core->config->endpoint_list) {
		struct sip_endpoint *ep = bb_list_entry(node, struct sip_endpoint, node);
		char auth[80], aors[120];
		const char *st = endpoint_state(&ep->pub, &calls);

		join(ep->pub.auth, auth, sizeof(auth));
		join(ep->pub.aors, aors, sizeof(aors));
		bb_out_rowf(o, "ssussS", ep->pub.name, st, (uint64_t)calls, auth, aors,
			    ep->pub.context);
		n++;
	}
	bb_out_note(o, "%u endpoint%s", n, n == 1 ? "" : "s");
	return 0;
}

struct name_args {
	struct bb_str name;
};

static void contact_row(const struct bb_sip_contact *c, void *arg)
{
	if (c->rtt)
		bb_out_rowf(arg, "Ssuf", c->target.uri, status_word(c), (uint64_t)c->q,
			    (double)c->rtt / BB_MS);
	else
		bb_out_rowf(arg, "Ssus", c->target.uri, status_word(c), (uint64_t)c->q,
			    (const char *)NULL);
}

static int show_endpoint(struct bb_out *o, const void *args)
{
	const struct name_args *a = args;
	struct sip_endpoint *x = sip_config_endpoint(sip_the_core->config, a->name);
	const struct bb_sip_endpoint *ep;
	struct bb_formats fs;
	char text[240];
	unsigned calls;

	if (!x) {
		bb_out_error(o, "There is no endpoint '%.*s'", BB_FMT(a->name));
		return -ENOENT;
	}
	ep = &x->pub;
	bb_out_fact(o, "Endpoint", "%s", ep->name);
	bb_out_fact(o, "State", "%s", endpoint_state(ep, &calls));
	bb_out_fact_int(o, "Channels", calls);
	bb_out_fact(o, "Context", "%.*s", BB_FMT(ep->context));
	join(ep->auth, text, sizeof(text));
	bb_out_fact(o, "Auth", "%s", text);
	join(ep->outbound_auth, text, sizeof(text));
	bb_out_fact(o, "Outbound auth", "%s", text);
	join(ep->aors, text, sizeof(text));
	bb_out_fact(o, "Aors", "%s", text);
	sip_endpoint_formats(ep, &fs);
	bb_out_fact(o, "Allow", "%s", bb_formats_print(&fs, text, sizeof(text)));
	bb_out_fact(o, "Caller id", "%.*s", BB_FMT(ep->callerid));
	bb_out_fact(o, "Transport", "%.*s", BB_FMT(ep->transport));
	bb_out_fact_bool(o, "Force rport", ep->force_rport);
	bb_out_fact_bool(o, "Rewrite contact", ep->rewrite_contact);
	bb_out_fact_bool(o, "RTP symmetric", ep->rtp_symmetric);
	bb_out_fact_int(o, "RTP timeout s", ep->rtp_timeout / BB_SEC);
	bb_out_fact_int(o, "RTP timeout hold s", ep->rtp_timeout_hold / BB_SEC);
	bb_out_fact_bool(o, "Trust id inbound", ep->trust_id_inbound);
	bb_out_fact_int(o, "Max calls", ep->max_calls);
	bb_out_fact_int(o, "Max pending", ep->max_pending);
	bb_out_table(o, "contacts",
		     COLS({ "Contact", .flexible = true }, { "Status" }, { "Q", BB_RIGHT },
			  { "RTT ms", BB_RIGHT }));
	for (size_t i = 0; i < ep->aors.n; i++)
		sip_contacts(sip_the_core, ep->aors.v[i], contact_row, o);
	return 0;
}

struct contacts_ctx {
	struct bb_out *o;
	const char *aor;
	unsigned n;
};

static void contacts_row(const struct bb_sip_contact *c, void *arg)
{
	struct contacts_ctx *x = arg;
	char remote[BB_ADDR_TEXT] = "";
	char left[24] = "never";
	struct bb_str agent = c->binding ? c->binding->user_agent : BB_STR("(static)");

	if (c->binding)
		bb_addr_print(&c->binding->remote, remote);
	if (c->binding)
		snprintf(left, sizeof(left), "%lld",
			 (long long)((c->binding->expires - bb_wall()) / BB_SEC));
	if (c->rtt)
		bb_out_rowf(x->o, "sSsfsSs", x->aor, c->target.uri, status_word(c),
			    (double)c->rtt / BB_MS, remote, agent, left);
	else
		bb_out_rowf(x->o, "sSsssSs", x->aor, c->target.uri, status_word(c),
			    (const char *)NULL, remote, agent, left);
	x->n++;
}

static int show_contacts(struct bb_out *o, const void *args)
{
	struct contacts_ctx x = { .o = o };

	(void)args;
	bb_out_table(o, "contacts",
		     COLS({ "Aor" }, { "Contact", .flexible = true }, { "Status" },
			  { "RTT ms", BB_RIGHT, .wide = true }, { "Source" },
			  { "User agent", .flexible = true, .wide = true },
			  { "Expires s", BB_RIGHT }));
	bb_list_each (node, &sip_the_core->config->aor_list) {
		x.aor = bb_list_entry(node, struct sip_aor, node)->pub.name;
		sip_contacts(sip_the_core, bb_strz(x.aor), contacts_row, &x);
	}
	bb_out_note(o, "%u contact%s", x.n, x.n == 1 ? "" : "s");
	return 0;
}

static int show_aors(struct bb_out *o, const void *args)
{
	unsigned n = 0;

	(void)args;
	bb_out_table(o, "aors",
		     COLS({ "Aor" }, { "Contacts", BB_RIGHT }, { "Max", BB_RIGHT },
			  { "Qualify s", BB_RIGHT }));
	bb_list_each (node, &sip_the_core->config->aor_list) {
		struct sip_aor *a = bb_list_entry(node, struct sip_aor, node);

		bb_out_rowf(o, "suuu", a->pub.name,
			    (uint64_t)(bb_location_count(bb_strz(a->pub.name)) + a->pub.contact.n),
			    (uint64_t)a->pub.max_contacts,
			    (uint64_t)(a->pub.qualify_frequency / BB_SEC));
		n++;
	}
	bb_out_note(o, "%u aor%s", n, n == 1 ? "" : "s");
	return 0;
}

static bool is_open(const char *name)
{
	struct sip_transport *t = NULL;

	while ((t = sip_transport_next(sip_the_core->stack, t)))
		if (bb_str_is(sip_transport_name(t), name))
			return true;
	return false;
}

static int show_transports(struct bb_out *o, const void *args)
{
	struct sip_transport *t = NULL;
	char at[BB_ADDR_TEXT];

	(void)args;
	bb_out_table(o, "transports",
		     COLS({ "Transport" }, { "Type" }, { "Address" }, { "State" }));
	while ((t = sip_transport_next(sip_the_core->stack, t)))
		bb_out_rowf(o, "Ssss", sip_transport_name(t), sip_tp_param(sip_transport_type(t)),
			    bb_addr_print(sip_transport_local(t), at), "Listening");
	/* Asked for and not there: its port was somebody else's. */
	bb_list_each (node, &sip_the_core->config->transports) {
		const struct sip_transport_def *d =
			bb_list_entry(node, struct sip_transport_def, node);

		if (!is_open(d->name))
			bb_out_rowf(o, "ssss", d->name, sip_tp_param(d->type),
				    bb_addr_print(&d->bind, at), "Failed");
	}
	return 0;
}

static int show_transactions(struct bb_out *o, const void *args)
{
	struct bb_buf b = { 0 };
	struct sip_stats st;

	(void)args;
	sip_stack_stats(sip_the_core->stack, &st);
	bb_out_fact_int(o, "Client transactions", (int64_t)st.client);
	bb_out_fact_int(o, "Server transactions", (int64_t)st.server);
	sip_trans_print(&b, sip_the_core->stack);
	bb_out_text(o, "%s", bb_buf_cstr(&b));
	bb_buf_free(&b);
	return 0;
}

static int show_sessions(struct bb_out *o, const void *args)
{
	(void)args;
	bb_out_table(o, "sessions",
		     COLS({ "Call-ID", .flexible = true }, { "Endpoint" }, { "Dir" }, { "State" },
			  { "Peer" }, { "Age s", BB_RIGHT }));
	bb_list_each (node, &sip_the_core->session_list) {
		struct bb_sip_session *s = bb_list_entry(node, struct bb_sip_session, node);
		char peer[BB_ADDR_TEXT];

		bb_out_rowf(o, "sssssd", s->dlg.call_id, s->ep ? s->ep->name : "",
			    s->outgoing ? "out" : "in", sip_session_state_name(s),
			    bb_addr_print(&s->dlg.flow.remote, peer),
			    (bb_now() - s->since) / BB_SEC);
	}
	bb_out_note(o, "%zu session%s", sip_the_core->session_list.count,
		    sip_the_core->session_list.count == 1 ? "" : "s");
	return 0;
}

static int show_settings(struct bb_out *o, const void *args)
{
	const struct sip_settings *s = &sip_the_core->config->set;
	struct sip_stats st;
	char order[200];

	(void)args;
	sip_stack_stats(sip_the_core->stack, &st);
	join(s->request_order, order, sizeof(order));
	bb_out_fact(o, "User agent", "%.*s", BB_FMT(s->user_agent));
	bb_out_fact(o, "Default realm", "%.*s", BB_FMT(s->default_realm));
	bb_out_fact(o, "Request order", "%s", order);
	bb_out_fact_int(o, "T1 ms", s->timer_t1 / BB_MS);
	bb_out_fact_int(o, "Timer B ms", s->timer_b / BB_MS);
	bb_out_fact_int(o, "Max transactions", s->max_transactions);
	bb_out_fact_int(o, "Max transactions per source", s->max_transactions_per_source);
	bb_out_fact_int(o, "Max pending", s->max_pending);
	bb_out_fact_int(o, "Max pending per source", s->max_pending_per_source);
	bb_out_fact_int(o, "Max calls", s->max_calls);
	bb_out_fact_int(o, "Max connections", s->max_connections);
	bb_out_fact_int(o, "Max connections per source", s->max_connections_per_source);
	bb_out_fact_int(o, "Retry-After s", s->retry_after);
	bb_out_fact_int(o, "Overload delay ms", s->overload_delay / BB_MS);
	bb_out_fact_int(o, "Pending now", sip_the_core->pending);
	bb_out_fact_int(o, "Messages received", (int64_t)st.rx);
	bb_out_fact_int(o, "Messages sent", (int64_t)st.tx);
	bb_out_fact_int(o, "Malformed", (int64_t)st.malformed);
	bb_out_fact_int(o, "Refused over caps", (int64_t)st.over_cap);
	bb_out_fact_int(o, "Refused for overload", (int64_t)st.overload);
	bb_out_fact_int(o, "Longest wait ms", st.longest_wait / BB_MS);
	bb_out_fact_int(o, "Lost before read", (int64_t)bb_udp_lost());
	bb_out_fact_int(o, "Connections now", (int64_t)st.conns);
	bb_out_fact_int(o, "Connections refused", (int64_t)st.conns_refused);
	return 0;
}

static int set_logger(struct bb_out *o, const void *args)
{
	const struct name_args *a = args;
	struct bb_str what = bb_str_trim(a->name);
	bool on;

	if (bb_str_istarts(what, BB_STR("host ")))
		what = bb_str_trim(bb_str_sub(what, 5, what.l));
	if (bb_str_bool(what, &on) == 0) {
		sip_the_core->log_all = on;
		memset(&sip_the_core->log_host, 0, sizeof(sip_the_core->log_host));
		bb_out_text(o, "SIP messages are %s", on ? "shown" : "not shown");
		return 0;
	}
	if (bb_addr_parse(&sip_the_core->log_host, what)) {
		bb_out_error(o, "on, off or an IP address, not '%.*s'", BB_FMT(what));
		return -EINVAL;
	}
	sip_the_core->log_all = false;
	bb_out_text(o, "SIP messages of %.*s are shown", BB_FMT(what));
	return 0;
}

static void complete_endpoint(struct bb_out *o, struct bb_str word)
{
	if (!sip_the_core)
		return;
	bb_list_each (node, &sip_the_core->config->endpoint_list) {
		struct sip_endpoint *ep = bb_list_entry(node, struct sip_endpoint, node);

		if (bb_str_istarts(bb_strz(ep->pub.name), word))
			bb_out_candidate(o, bb_strz(ep->pub.name));
	}
}

/* What Dial and originate are given: "PJSIP/alice", "SIP/alice" when it was begun so. */
static void complete_device(struct bb_out *o, struct bb_str word)
{
	const char *tech = bb_str_istarts(word, BB_STR("S")) ? "SIP" : "PJSIP";
	char name[160];

	if (!sip_the_core)
		return;
	bb_list_each (node, &sip_the_core->config->endpoint_list) {
		struct sip_endpoint *ep = bb_list_entry(node, struct sip_endpoint, node);
		int n = snprintf(name, sizeof(name), "%s/%s", tech, ep->pub.name);

		if (n > 0 && (size_t)n < sizeof(name))
			bb_out_candidate(o, bb_strz(name));
	}
}

void sip_cli_completers(void)
{
	bb_completer_add("device", complete_device);
	bb_completer_add("endpoint", complete_endpoint);
}

#define ALSO(...)                                                                                  \
	.aliases = (const char *const[])                                                           \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

const struct bb_cli sip_cli_endpoints = {
	.words = "sip show endpoints",
	ALSO("pjsip show endpoints", "sip show peers", "pjsip list endpoints"),
	.run = show_endpoints,
	.doc = { .summary = "List the endpoints and whether they can be reached", .since = "0.1" },
};

static const struct bb_field endpoint_args[] = {
	{ "endpoint", BB_T_STR, offsetof(struct name_args, name), .doc = "Name of the endpoint.",
	  .complete = "endpoint" },
	{ 0 }
};
const struct bb_cli sip_cli_endpoint = {
	.words = "sip show endpoint",
	ALSO("pjsip show endpoint", "sip show peer"),
	.args = endpoint_args,
	.args_size = sizeof(struct name_args),
	.run = show_endpoint,
	.doc = { .summary = "Show one endpoint with its contacts", .since = "0.1" },
};

const struct bb_cli sip_cli_contacts = {
	.words = "sip show contacts",
	ALSO("pjsip show contacts", "pjsip list contacts"),
	.run = show_contacts,
	.doc = { .summary = "List static and registered contacts", .since = "0.1" },
};

const struct bb_cli sip_cli_aors = {
	.words = "sip show aors",
	ALSO("pjsip show aors", "pjsip list aors"),
	.run = show_aors,
	.doc = { .summary = "List the addresses of record", .since = "0.1" },
};

const struct bb_cli sip_cli_transports = {
	.words = "sip show transports",
	ALSO("pjsip show transports", "pjsip list transports"),
	.run = show_transports,
	.doc = { .summary = "List where SIP listens", .since = "0.1" },
};

const struct bb_cli sip_cli_transactions = {
	.words = "sip show transactions",
	ALSO("pjsip show transactions"),
	.run = show_transactions,
	.doc = { .summary = "List the transactions there are now", .since = "0.1" },
};

const struct bb_cli sip_cli_sessions = {
	.words = "sip show channels",
	ALSO("pjsip show channels", "pjsip list channels", "sip show sessions"),
	.run = show_sessions,
	.doc = { .summary = "List the SIP sessions there are now", .since = "0.1" },
};

const struct bb_cli sip_cli_settings = {
	.words = "sip show settings",
	ALSO("pjsip show settings"),
	.run = show_settings,
	.doc = { .summary = "Show settings, caps and counters of the SIP stack", .since = "0.1" },
};

static void complete_logger(struct bb_out *o, const char *field, struct bb_str word)
{
	(void)field;
	(void)word;
	bb_out_candidate(o, BB_STR("on"));
	bb_out_candidate(o, BB_STR("off"));
}

static const struct bb_field logger_args[] = { { "what", BB_T_REST,
						 offsetof(struct name_args, name),
						 .doc = "on, off, or an IP address to follow." },
					       { 0 } };
const struct bb_cli sip_cli_logger = {
	.words = "sip set logger",
	ALSO("pjsip set logger", "sip set debug"),
	.args = logger_args,
	.args_size = sizeof(struct name_args),
	.run = set_logger,
	.complete = complete_logger,
	.doc = { .summary = "Show SIP messages as they pass", .since = "0.1" },
};
