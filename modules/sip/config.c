/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config.c - the counted set of SIP objects and its look-ups.
 */
#include "modules/sip/config.h"

#include "modules/sip/uri.h"

/* An endpoint under the name of something it uses. */
struct user {
	struct bb_map_node map;
	struct sip_endpoint *ep;
};

static void config_destroy(void *obj)
{
	struct sip_config *c = obj;

	for (size_t i = 0; i < c->n_held; i++)
		bb_conf_drop(c->held[i]);
	bb_free(c->held);
	bb_map_free(&c->endpoints);
	bb_map_free(&c->aors);
	bb_map_free(&c->credentials);
	bb_map_free(&c->auth_users);
	bb_map_free(&c->aor_users);
	bb_arena_free(c->arena);
}

void sip_settings_defaults(struct sip_settings *s)
{
	static const struct bb_str order[] = {
		{ "registrar", 9 }, { "redirect", 8 }, { "proxy", 5 }, { "channel", 7 }
	};

	*s = (struct sip_settings){
		.user_agent = BB_STR("Bellbird"),
		.default_realm = BB_STR("bellbird"),
		.default_from_user = BB_STR("bellbird"),
		.request_order = { order, BB_ARRAY_SIZE(order) },
		.max_forwards = 70,
		.max_transactions = 100000,
		.max_transactions_per_source = 4000,
		.max_connections = 4096,
		.max_connections_per_source = 256,
		.max_pending = 4000,
		.max_pending_per_source = 1000,
		.retry_after = 5,
		.overload_delay = 200 * BB_MS,
		.keep_alive_interval = 90 * BB_SEC,
		.timer_t1 = 500 * BB_MS,
		.timer_b = 32 * BB_SEC,
		.disable_tcp_switch = true,
		.debug = BB_STR("no"),
	};
}

struct sip_config *sip_config_new(void)
{
	struct sip_config *c = bb_obj_new(sizeof(*c), config_destroy, "sip config");

	if (!c)
		return NULL;
	c->arena = bb_arena_new(4096);
	if (!c->arena) {
		bb_obj_unref(c);
		return NULL;
	}
	/* Names are compared as pjsip.conf does; a domain's users are as well. */
	c->endpoints.fold = true;
	c->aors.fold = true;
	c->credentials.fold = true;
	c->aor_users.fold = true;
	sip_settings_defaults(&c->set);
	return c;
}

struct sip_config *sip_config_ref(struct sip_config *c)
{
	return bb_obj_ref(c);
}

void sip_config_unref(struct sip_config *c)
{
	if (c)
		bb_obj_unref(c);
}

int sip_config_hold(struct sip_config *c, const void *obj)
{
	if (c->n_held == c->cap_held) {
		size_t cap = c->cap_held ? 2 * c->cap_held : 64;
		const void **p = bb_realloc(c->held, cap * sizeof(*p));

		if (!p)
			return -ENOMEM;
		c->held = p;
		c->cap_held = cap;
	}
	c->held[c->n_held++] = bb_conf_hold(obj);
	return 0;
}

int sip_config_add_endpoint(struct sip_config *c, const struct bb_sip_endpoint *pub)
{
	struct sip_endpoint *ep = bb_arena_alloc(c->arena, sizeof(*ep));
	struct bb_node *at = c->endpoint_list.head;

	if (!ep)
		return -ENOMEM;
	ep->pub = *pub;
	ep->config = c;
	if (bb_map_get(&c->endpoints, bb_strz(pub->name)))
		return -EEXIST;
	if (bb_map_add(&c->endpoints, &ep->map, bb_strz(pub->name)))
		return -ENOMEM;
	while (at && bb_str_icmp(bb_strz(bb_list_entry(at, struct sip_endpoint, node)->pub.name),
				 bb_strz(pub->name)) < 0)
		at = at->next;
	bb_list_insert(&c->endpoint_list, at, &ep->node);
	return 0;
}

int sip_config_add_aor(struct sip_config *c, const struct bb_sip_aor *pub)
{
	struct sip_aor *a = bb_arena_alloc(c->arena, sizeof(*a));
	struct bb_node *at = c->aor_list.head;

	if (!a)
		return -ENOMEM;
	a->pub = *pub;
	a->config = c;
	if (bb_map_get(&c->aors, bb_strz(pub->name)))
		return -EEXIST;
	if (bb_map_add(&c->aors, &a->map, bb_strz(pub->name)))
		return -ENOMEM;
	while (at && bb_str_icmp(bb_strz(bb_list_entry(at, struct sip_aor, node)->pub.name),
				 bb_strz(pub->name)) < 0)
		at = at->next;
	bb_list_insert(&c->aor_list, at, &a->node);
	return 0;
}

int sip_config_add_credentials(struct sip_config *c, const struct sip_credentials *cr)
{
	struct sip_credentials *x = bb_arena_alloc(c->arena, sizeof(*x));

	if (!x)
		return -ENOMEM;
	*x = *cr;
	memset(&x->map, 0, sizeof(x->map));
	memset(&x->node, 0, sizeof(x->node));
	if (bb_map_get(&c->credentials, bb_strz(cr->name)))
		return -EEXIST;
	if (bb_map_add(&c->credentials, &x->map, bb_strz(cr->name)))
		return -ENOMEM;
	bb_list_append(&c->credential_list, &x->node);
	return 0;
}

int sip_config_add_identify(struct sip_config *c, const struct sip_endpoint *ep,
			    const struct bb_cidr *net)
{
	struct sip_identify *i = bb_arena_alloc(c->arena, sizeof(*i));
	struct bb_node *at = c->identifies.head;

	if (!i)
		return -ENOMEM;
	i->endpoint = ep;
	i->match = *net;
	/* The narrowest network first; file order among equals. */
	while (at && bb_list_entry(at, struct sip_identify, node)->match.bits >= net->bits)
		at = at->next;
	bb_list_insert(&c->identifies, at, &i->node);
	return 0;
}

int sip_config_add_route(struct sip_config *c, const struct sip_route *r)
{
	struct sip_route *x = bb_arena_alloc(c->arena, sizeof(*x));

	if (!x)
		return -ENOMEM;
	*x = *r;
	memset(&x->node, 0, sizeof(x->node));
	bb_list_append(&c->routes, &x->node);
	return 0;
}

int sip_config_add_transport(struct sip_config *c, const struct sip_transport_def *t)
{
	struct sip_transport_def *x = bb_arena_alloc(c->arena, sizeof(*x));

	if (!x)
		return -ENOMEM;
	*x = *t;
	memset(&x->node, 0, sizeof(x->node));
	bb_list_append(&c->transports, &x->node);
	return 0;
}

/* A proxy of ours routes loosely, whether or not its URI says so. */
static int make_route(struct sip_config *c, struct sip_aor *a)
{
	struct sip_uri u;
	char *p;

	if (bb_str_empty(a->pub.outbound_proxy) || sip_uri_parse(&u, a->pub.outbound_proxy))
		return 0;
	p = bb_arena_printf(c->arena, "<%.*s%s>", BB_FMT(a->pub.outbound_proxy),
			    sip_uri_param(&u, "lr", NULL) ? "" : ";lr");
	a->route = bb_strz(p);
	return p ? 0 : -ENOMEM;
}

static int add_user(struct sip_config *c, struct bb_map *to, struct bb_str name,
		    struct sip_endpoint *ep)
{
	struct user *u = bb_arena_alloc(c->arena, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->ep = ep;
	return bb_map_add(to, &u->map, name);
}

static int link_aors(struct sip_config *c, struct sip_endpoint *ep)
{
	int err = 0;

	for (size_t i = 0; !err && i < ep->pub.aors.n; i++) {
		struct sip_aor *a = sip_config_aor(c, ep->pub.aors.v[i]);

		if (a && ep->pub.rewrite_contact)
			a->rewrite = true;
		err = add_user(c, &c->aor_users, ep->pub.aors.v[i], ep);
	}
	return err;
}

static int link_auth(struct sip_config *c, struct sip_endpoint *ep)
{
	int err = 0;

	if (!(ep->pub.identify_by & BB_SIP_BY_AUTH_USERNAME))
		return 0;
	for (size_t i = 0; !err && i < ep->pub.auth.n; i++) {
		struct sip_credentials *cr = sip_config_credentials(c, ep->pub.auth.v[i]);

		if (cr && !bb_map_get(&c->auth_users, cr->username))
			err = add_user(c, &c->auth_users, cr->username, ep);
	}
	return err;
}

int sip_config_finish(struct sip_config *c)
{
	int err = 0;

	bb_list_each (node, &c->aor_list)
		if (make_route(c, bb_list_entry(node, struct sip_aor, node)))
			return -ENOMEM;
	bb_list_each (node, &c->endpoint_list) {
		struct sip_endpoint *ep = bb_list_entry(node, struct sip_endpoint, node);

		if (!err)
			err = link_aors(c, ep);
		if (!err)
			err = link_auth(c, ep);
	}
	return err;
}

struct sip_endpoint *sip_config_endpoint(const struct sip_config *c, struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(&c->endpoints, name);

	return n ? bb_map_entry(n, struct sip_endpoint, map) : NULL;
}

struct sip_endpoint *sip_config_by_auth_user(const struct sip_config *c, struct bb_str user)
{
	struct bb_map_node *n = bb_map_get(&c->auth_users, user);

	return n ? bb_map_entry(n, struct user, map)->ep : NULL;
}

struct sip_endpoint *sip_config_aor_user(const struct sip_config *c, struct bb_str aor,
					 const struct bb_map_node **at)
{
	struct bb_map_node *n =
		*at ? bb_map_next_same(&c->aor_users, *at) : bb_map_get(&c->aor_users, aor);

	*at = n;
	return n ? bb_map_entry(n, struct user, map)->ep : NULL;
}

struct sip_aor *sip_config_aor(const struct sip_config *c, struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(&c->aors, name);

	return n ? bb_map_entry(n, struct sip_aor, map) : NULL;
}

struct sip_credentials *sip_config_credentials(const struct sip_config *c, struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(&c->credentials, name);

	return n ? bb_map_entry(n, struct sip_credentials, map) : NULL;
}

struct sip_config *sip_endpoint_config(const struct bb_sip_endpoint *ep)
{
	return ((const struct sip_endpoint *)(const void *)ep)->config;
}

const struct bb_sip_endpoint *sip_endpoint_ref(const struct bb_sip_endpoint *ep)
{
	sip_config_ref(sip_endpoint_config(ep));
	return ep;
}

void sip_endpoint_unref(const struct bb_sip_endpoint *ep)
{
	if (ep)
		sip_config_unref(sip_endpoint_config(ep));
}
