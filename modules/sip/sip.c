/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sip.c - the module `sip`: its configuration over the life of the program,
 * and the service "sip/1".
 */
#include "modules/sip/sip_module.h"

#include <stdio.h>

#include <bellbird/device.h>

#include "modules/sip/cause.h"

struct sip_core *sip_the_core;

/* --- configuration --- */

/** One prepared configuration. */
struct next {
	struct sip_config *config;
	struct sip_core *core; /* the first time */
};

static struct sip_transport_def *def_named(struct sip_config *c, struct bb_str name)
{
	bb_list_each (node, &c->transports) {
		struct sip_transport_def *d = bb_list_entry(node, struct sip_transport_def, node);

		if (bb_str_is(name, d->name))
			return d;
	}
	return NULL;
}

/* Same place as one that is open? */
static bool stays(const struct sip_transport *t, const struct sip_transport_def *d)
{
	const struct bb_addr *at = sip_transport_local(t);

	return sip_transport_type(t) == d->type &&
	       (bb_addr_eq(at, &d->bind) ||
		(bb_addr_port(&d->bind) == 0 && bb_addr_eq_host(at, &d->bind)));
}

/* Open what is new. A port in use costs that transport alone. */
static void open_new(struct sip_core *c, struct sip_config *cf, struct bb_diag *d)
{
	char at[BB_ADDR_TEXT];

	bb_list_each (node, &cf->transports) {
		struct sip_transport_def *def = bb_list_entry(node, struct sip_transport_def, node);
		struct sip_transport *t = sip_transport_by_name(c->stack, bb_strz(def->name));
		int err;

		if (t && stays(t, def))
			continue;
		err = sip_core_open(c, def);
		if (err)
			bb_diag_add(d, BB_WARN, &def->at,
				    "transport [%s] cannot listen at %s: %s; it is left out",
				    def->name, bb_addr_print(&def->bind, at), strerror(-err));
	}
}

static void prepare_free(struct next *n)
{
	sip_core_free(n->core);
	sip_config_unref(n->config);
	bb_free(n);
}

static int prepare(struct bb_self *self, const struct bb_conf *conf, void **ctx, struct bb_diag *d)
{
	struct next *n = bb_zalloc(sizeof(*n));
	struct sip_core *core;
	int err;

	(void)self;
	if (!n)
		return -ENOMEM;
	err = sip_config_load(&n->config, conf, d);
	if (!err && !sip_the_core)
		err = sip_core_new(&n->core, n->config);
	if (err) {
		prepare_free(n);
		return err;
	}
	core = n->core ? n->core : sip_the_core;
	if (!bb_checking())
		open_new(core, n->config, d);
	*ctx = n;
	return 0;
}

static void abort_prepare(struct bb_self *self, void *ctx)
{
	struct next *n = ctx;

	(void)self;
	if (!n)
		return;
	/* Transports that only the refused configuration wanted. */
	if (sip_the_core) {
		struct sip_transport *t = NULL, *after;

		for (t = sip_transport_next(sip_the_core->stack, NULL); t; t = after) {
			struct sip_transport_def *def =
				def_named(sip_the_core->config, sip_transport_name(t));

			after = sip_transport_next(sip_the_core->stack, t);
			if (!def || !stays(t, def))
				sip_transport_close(t);
		}
	}
	prepare_free(n);
}

static void endpoint_changed(const struct bb_sip_endpoint *ep)
{
	char device[120];

	bb_format(device, sizeof(device), "SIP/%s", ep->name);
	bb_device_changed(bb_strz(device));
}

static void settle_transports(struct sip_core *c)
{
	struct sip_transport *t, *after;

	for (t = sip_transport_next(c->stack, NULL); t; t = after) {
		struct sip_transport_def *def = def_named(c->config, sip_transport_name(t));

		after = sip_transport_next(c->stack, t);
		if (!def || !stays(t, def)) {
			sip_transport_close(t);
		} else {
			const struct sip_transport_conf tc = { .name = bb_strz(def->name),
							       .type = def->type,
							       .bind = def->bind,
							       .external_host =
								       def->external_signaling,
							       .external_port = def->external_port,
							       .local_nets = def->nets,
							       .n_local_nets = def->n_nets };

			sip_transport_update(t, &tc);
		}
	}
}

static void commit(struct bb_self *self, void *ctx)
{
	struct next *n = ctx;

	if (n->core) {
		sip_the_core = n->core;
		sip_the_core->endpoint_changed = endpoint_changed;
		n->core = NULL;
	} else {
		sip_core_set_config(sip_the_core, n->config);
		settle_transports(sip_the_core);
	}
	/* One that was asked for none is told so by sip_config_new(), and may live by others. */
	if (sip_the_core->config->transports.count &&
	    !sip_transport_next(sip_the_core->stack, NULL))
		bb_give_up(self, "no SIP transport could be opened");
	sip_qualify_start(sip_the_core);
	prepare_free(n);
}

static void read_nonces(size_t *n, size_t *bytes, size_t *most)
{
	*n = *bytes = *most = 0;
	if (sip_the_core)
		sip_nonces_held(&sip_the_core->nonces, n, bytes, most);
}

static struct bb_mem_gauge nonces = { .name = "SIP nonces", .read = read_nonces };

static int start(struct bb_self *self, struct bb_diag *d)
{
	(void)self;
	(void)d;
	bb_mem_gauge_add(&nonces);
	sip_cli_completers();
	return 0;
}

static void drain(struct bb_self *self)
{
	(void)self;
	sip_stack_refuse(sip_the_core->stack, true);
}

static void undrain(struct bb_self *self)
{
	(void)self;
	sip_stack_refuse(sip_the_core->stack, false);
}

static unsigned busy(struct bb_self *self)
{
	(void)self;
	return (unsigned)sip_the_core->session_list.count;
}

static void stop(struct bb_self *self)
{
	(void)self;
	bb_mem_gauge_remove(&nonces);
	sip_core_free(sip_the_core);
	sip_the_core = NULL;
	sip_digest_forget();
}

/* --- the service --- */

static struct sip_inreq *inreq(const struct bb_sip_request *rq)
{
	return (struct sip_inreq *)(void *)(uintptr_t)rq;
}

static const struct bb_sip_endpoint *api_endpoint_find(struct bb_str name)
{
	struct sip_endpoint *ep = sip_config_endpoint(sip_the_core->config, name);

	return ep ? sip_endpoint_ref(&ep->pub) : NULL;
}

static const struct bb_sip_endpoint *api_endpoint_next(const struct bb_sip_endpoint *prev)
{
	struct bb_node *n = sip_the_core->config->endpoint_list.head;

	if (prev)
		n = ((const struct sip_endpoint *)(const void *)prev)->node.next;
	return n ? &bb_list_entry(n, struct sip_endpoint, node)->pub : NULL;
}

static const struct bb_sip_aor *api_aor_find(struct bb_str name)
{
	struct sip_aor *a = sip_config_aor(sip_the_core->config, name);

	if (!a)
		return NULL;
	sip_config_ref(a->config);
	return &a->pub;
}

static void api_aor_unref(const struct bb_sip_aor *a)
{
	if (a)
		sip_config_unref(((const struct sip_aor *)(const void *)a)->config);
}

static int api_contacts(struct bb_str aor, void (*fn)(const struct bb_sip_contact *c, void *arg),
			void *arg)
{
	return sip_contacts(sip_the_core, aor, fn, arg);
}

static bool api_reachable(const struct bb_sip_endpoint *ep, bool *registered)
{
	return sip_endpoint_reachable(sip_the_core, ep, registered);
}

static int api_uri_parse(struct bb_sip_uri *u, struct bb_str text)
{
	struct sip_uri x;
	int err = sip_uri_parse(&x, text);

	if (!err)
		sip_uri_public(u, &x);
	return err;
}

static bool api_uri_eq(struct bb_str a, struct bb_str b)
{
	struct sip_uri x, y;

	return sip_uri_parse(&x, a) == 0 && sip_uri_parse(&y, b) == 0 && sip_uri_eq(&x, &y);
}

static struct bb_sip_request *api_request_ref(struct bb_sip_request *rq)
{
	return &sip_inreq_ref(inreq(rq))->pub;
}

static void api_request_unref(struct bb_sip_request *rq)
{
	if (rq)
		sip_inreq_unref(inreq(rq));
}

static struct bb_str api_request_header(const struct bb_sip_request *rq, const char *name,
					unsigned n)
{
	const struct sip_hdr *h = sip_msg_hdr_named(inreq(rq)->msg, bb_strz(name), n);

	return h ? h->value : (struct bb_str){ 0 };
}

/* Without q and expires, which are read apart. */
static int other_params(struct bb_str *out, struct bb_arena *arena, struct bb_str params)
{
	struct bb_str rest = params, name, value;
	struct bb_buf b = { 0 };
	char *p;

	while (sip_param_next(&rest, &name, &value) == 1) {
		if (bb_str_iis(name, "q") || bb_str_iis(name, "expires"))
			continue;
		bb_buf_printf(&b, "%s%.*s", b.l ? ";" : "", BB_FMT(name));
		if (value.p)
			bb_buf_printf(&b, "=%.*s", BB_FMT(value));
	}
	p = b.err ? NULL : bb_arena_strdup(arena, bb_buf_str(&b));
	*out = bb_strn(p, b.l);
	bb_buf_free(&b);
	return p ? 0 : -ENOMEM;
}

static int contact_params(struct bb_sip_contact_value *c, struct bb_arena *arena,
			  struct bb_str params)
{
	struct bb_str name, value, rest = params;
	uint32_t secs;
	int got;

	c->params = params;
	c->expires = -1;
	c->q = 1000;
	while ((got = sip_param_next(&rest, &name, &value)) == 1) {
		if (bb_str_iis(name, "q")) {
			c->has_q = true;
			if (sip_qvalue(params, &c->q))
				return -EBADMSG;
		} else if (bb_str_iis(name, "expires")) {
			/* A malformed one counts as 3600 (RFC 3261 §20.10 reads §20.19). */
			int err = sip_seconds(value, &secs);

			c->expires = err == -EINVAL ? 3600 : secs;
		} else if (bb_str_iis(name, "+sip.instance")) {
			c->instance = sip_unquote(value);
		}
	}
	if (got < 0)
		return -EBADMSG;
	return c->has_q || c->expires >= 0 ? other_params(&c->params, arena, params) : 0;
}

static int api_request_contact(const struct bb_sip_request *rq, unsigned *pos,
			       struct bb_sip_contact_value *c)
{
	struct sip_values it;
	struct sip_nameaddr na;
	int got = 0;

	memset(c, 0, sizeof(*c));
	sip_values_init(&it, inreq(rq)->msg, SIP_HDR_CONTACT);
	for (unsigned i = 0; i <= *pos; i++) {
		got = sip_nameaddr_next(&it, &na);
		if (got <= 0)
			return got < 0 ? -EBADMSG : 0;
	}
	++*pos;
	c->star = na.star;
	if (na.star)
		return 1;
	c->uri = na.uri.text;
	sip_uri_public(&c->parsed, &na.uri);
	return contact_params(c, inreq(rq)->msg->arena, na.params) ? -EBADMSG : 1;
}

static bool api_request_lists(const struct bb_sip_request *rq, const char *header,
			      const char *token)
{
	return sip_msg_has_token(inreq(rq)->msg, sip_hdr_id_of(bb_strz(header)), token);
}

static int api_respond(struct bb_sip_request *rq, unsigned code, const char *phrase,
		       const struct bb_sip_header *headers, size_t n)
{
	return sip_inreq_respond(inreq(rq), code, phrase, headers, n);
}

static bool api_may_register(const struct bb_sip_request *rq, struct bb_str aor)
{
	for (size_t i = 0; rq->endpoint && i < rq->endpoint->aors.n; i++)
		if (bb_str_ieq(rq->endpoint->aors.v[i], aor))
			return true;
	return false;
}

static int api_accept(struct bb_sip_session **sp, struct bb_sip_request *rq,
		      const struct bb_sip_session_ops *ops, void *arg)
{
	return sip_session_accept(sp, inreq(rq), ops, arg);
}

static int api_invite(struct bb_sip_session **sp, const struct bb_sip_invite *in,
		      const struct bb_sip_session_ops *ops, void *arg)
{
	return sip_session_invite(sp, sip_the_core, in, ops, arg);
}

static void api_own(struct bb_sip_session *s, const struct bb_sip_session_ops *ops, void *arg)
{
	s->ops = ops;
	s->arg = arg;
}

static const struct bb_media_desc *api_remote(const struct bb_sip_session *s)
{
	return s->remote;
}

static const struct bb_sip_endpoint *api_session_endpoint(const struct bb_sip_session *s)
{
	return s->ep;
}

static int api_media_address(const struct bb_sip_endpoint *ep, const struct bb_sip_target *target,
			     const struct bb_sip_session *s, struct bb_addr *bind)
{
	struct sip_flow f = { 0 };
	bool v6;

	if (s)
		f = s->dlg.flow;
	else if (target && sip_target_flow(sip_the_core, target, &f))
		memset(&f, 0, sizeof(f));
	if (ep && !bb_str_empty(ep->media_address) && bb_addr_parse(bind, ep->media_address) == 0)
		v6 = bb_addr_family(bind) == AF_INET6;
	else
		v6 = bb_addr_family(&f.remote) == AF_INET6;
	return bb_addr_parse(bind, v6 ? BB_STR("[::]:0") : BB_STR("0.0.0.0:0"));
}

static const struct bb_sip_api api = {
	.endpoint_find = api_endpoint_find,
	.endpoint_ref = sip_endpoint_ref,
	.endpoint_unref = sip_endpoint_unref,
	.endpoint_next = api_endpoint_next,
	.aor_find = api_aor_find,
	.aor_unref = api_aor_unref,
	.endpoint_formats = sip_endpoint_formats,
	.contacts = api_contacts,
	.endpoint_reachable = api_reachable,
	.uri_parse = api_uri_parse,
	.uri_eq = api_uri_eq,
	.unescape = sip_unescape_to,
	.cause_from_code = sip_cause_from_code,
	.code_from_cause = sip_code_from_cause,
	.reason_phrase = sip_reason_phrase,
	.request_ref = api_request_ref,
	.request_unref = api_request_unref,
	.request_header = api_request_header,
	.request_contact = api_request_contact,
	.request_lists = api_request_lists,
	.respond = api_respond,
	.may_register = api_may_register,
	.session_accept = api_accept,
	.session_invite = api_invite,
	.session_own = api_own,
	.session_drop = sip_session_drop,
	.session_story = sip_session_story,
	.session_remote = api_remote,
	.session_progress = sip_session_progress,
	.session_answer = sip_session_answer,
	.session_refuse_offer = sip_session_refuse_offer,
	.session_reject = sip_session_reject,
	.session_offer = sip_session_offer,
	.session_end = sip_session_end,
	.session_digit = sip_session_digit,
	.session_connected = sip_session_connected,
	.session_header = sip_session_header,
	.session_add_header = sip_session_add_header,
	.session_endpoint = api_session_endpoint,
	.session_fact = sip_session_fact,
	.media_address = api_media_address,
};

static const char *const points[] = { "request", NULL };
static const struct bb_service service = {
	.name = "sip",
	.major = 1,
	.minor = 0,
	.api = &api,
	.api_size = sizeof(api),
	.points = points,
	.doc = { .summary = "Send and receive SIP", .since = "0.1" },
};

BB_MODULE(sip, .conf = sip_conf_types,
	  .provides = (const struct bb_provide[]){ BB_SERVICE(&service),
						   BB_CLI(&sip_cli_endpoints),
						   BB_CLI(&sip_cli_endpoint),
						   BB_CLI(&sip_cli_contacts),
						   BB_CLI(&sip_cli_aors),
						   BB_CLI(&sip_cli_transports),
						   BB_CLI(&sip_cli_transactions),
						   BB_CLI(&sip_cli_sessions),
						   BB_CLI(&sip_cli_settings),
						   BB_CLI(&sip_cli_logger),
						   { 0 } },
	  .doc = { .summary = "The SIP stack: transports, transactions, sessions, identification",
		   .since = "0.1" },
	  .start = start, .prepare = prepare, .commit = commit, .abort = abort_prepare,
	  .drain = drain, .undrain = undrain, .busy = busy, .stop = stop);
