/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conf_load.c - from the sections of sip.conf to a set of SIP objects, naming
 * every reference that leads nowhere.
 */
#include <bellbird/media.h>
#include <bellbird/module.h>

#include "modules/sip/conf_types.h"
#include "modules/sip/hdr.h"
#include "modules/sip/uri.h"

struct load {
	struct sip_config *c;
	const struct bb_conf *next;
	struct bb_diag *d;
	const char **names[3]; /* of endpoints, aors, auths: NULL-ended, for suggestions */
};

#define mistake(l, obj, opt, ...)                                                                  \
	do {                                                                                       \
		struct bb_where where_ = bb_conf_where(obj, opt);                                  \
		bb_diag_add((l)->d, BB_MISTAKE, &where_, __VA_ARGS__);                             \
	} while (0)
#define warn(l, obj, opt, ...)                                                                     \
	do {                                                                                       \
		struct bb_where where_ = bb_conf_where(obj, opt);                                  \
		bb_diag_add((l)->d, BB_WARN, &where_, __VA_ARGS__);                                \
	} while (0)

/* It loads and does not do what its author hopes. */
#define suspect(l, obj, opt, ...)                                                                  \
	do {                                                                                       \
		struct bb_where where_ = bb_conf_where(obj, opt);                                  \
		bb_diag_add((l)->d, BB_SUSPECT, &where_, __VA_ARGS__);                             \
	} while (0)

static const struct bb_conf_type *type_at(int kind)
{
	return &sip_conf_types[kind];
}

static int collect_names(struct load *l, int which, int kind)
{
	size_t n = 0;
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(kind), o)))
		n++;
	l->names[which] = bb_arena_alloc(l->c->arena, (n + 1) * sizeof(char *));
	if (!l->names[which])
		return -ENOMEM;
	n = 0;
	while ((o = bb_conf_next(l->next, type_at(kind), o)))
		l->names[which][n++] = bb_conf_name(o);
	return 0;
}

static bool among(const char *const *names, struct bb_str s)
{
	for (; *names; names++)
		if (bb_str_iis(s, *names))
			return true;
	return false;
}

static void check_refs(struct load *l, const void *o, const char *opt, struct bb_strlist list,
		       int which, const char *what)
{
	for (size_t i = 0; i < list.n; i++)
		if (!bb_str_empty(list.v[i]) && !among(l->names[which], list.v[i])) {
			struct bb_where at = bb_conf_where(o, opt);

			bb_diag_unknown(l->d, BB_MISTAKE, &at, what, list.v[i], l->names[which]);
		}
}

/* Codecs that the peers have, and ours that may not be loaded: named, and not offered. */
static const char *const known_codecs[] = {
	"ulaw",	  "alaw",    "g722",	"gsm",	   "g723",    "g726",	 "g726aal2",
	"adpcm",  "lpc10",   "g729",	"speex",   "speex16", "speex32", "ilbc",
	"siren7", "siren14", "g719",	"opus",	   "silk",    "silk8",	 "silk12",
	"silk16", "silk24",  "codec2",	"testlaw", "h261",    "h263",	 "h263p",
	"h264",	  "h265",    "mpeg4",	"vp8",	   "vp9",     "jpeg",	 "png",
	"red",	  "t140",    "t140red", "slin",	   "slin12",  "slin16",	 "slin24",
	"slin32", "slin44",  "slin48",	"slin96",  "slin192", "none",	 NULL
};

static void judge_codecs(struct load *l, const struct bb_conf_value *v)
{
	struct bb_str rest = v->value, word;

	while (bb_str_split(&rest, ',', &word)) {
		if (word.l && word.p[0] == '!')
			word = bb_str_trim(bb_str_sub(word, 1, word.l));
		if (!word.l || bb_str_iis(word, "all") || bb_format_find(word))
			continue;
		if (among(known_codecs, word))
			bb_diag_add(l->d, BB_WARN, &v->at,
				    "the codec %.*s is known and not loaded: it is not offered",
				    BB_FMT(word));
		else
			bb_diag_unknown(l->d, BB_MISTAKE, &v->at, "codec", word, known_codecs);
	}
}

/* allow= and disallow= in the order they were written. */
static int take_codecs(struct load *l, const void *o, struct bb_sip_endpoint *ep)
{
	const struct bb_conf_value *v = NULL;
	struct bb_sip_codec_line *lines;
	bool none = false; /* left, by what was read so far */
	size_t n = 0;

	while ((v = bb_conf_value_next(o, v)))
		n += bb_str_iis(v->name, "allow") || bb_str_iis(v->name, "disallow");
	if (!n)
		return 0;
	lines = bb_arena_alloc(l->c->arena, n * sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	n = 0;
	while ((v = bb_conf_value_next(o, v))) {
		bool allow = bb_str_iis(v->name, "allow");

		if (!allow && !bb_str_iis(v->name, "disallow"))
			continue;
		if (allow)
			judge_codecs(l, v);
		if (!bb_str_empty(v->value))
			none = !allow && bb_str_iis(bb_str_trim(v->value), "all");
		lines[n].allow = allow;
		lines[n++].text = v->value;
	}
	if (none)
		suspect(l, o, "disallow", "endpoint [%s] allows no codec: its calls are refused",
			bb_conf_name(o));
	ep->codecs = lines;
	ep->n_codecs = n;
	return 0;
}

static void judge_proxy(struct load *l, const void *o, struct bb_str proxy)
{
	struct sip_uri u;

	if (!bb_str_empty(proxy) && (sip_uri_parse(&u, proxy) ||
				     (u.scheme != SIP_SCHEME_SIP && u.scheme != SIP_SCHEME_SIPS)))
		mistake(l, o, "outbound_proxy", "outbound_proxy must be a SIP URI, not '%.*s'",
			BB_FMT(proxy));
}

/* Many may ask for it: one sentence names them all. */
static void gather(struct load *l, const void *o, const char *opt, const char *what)
{
	struct bb_where at = bb_conf_where(o, opt);

	bb_diag_gather(l->d, BB_WARN, &at, what, bb_strz(bb_conf_name(o)));
}

static void judge_variables(struct load *l, const void *o, struct bb_strlist vars)
{
	for (size_t i = 0; i < vars.n; i++)
		if (bb_str_chr(vars.v[i], '=') <= 0)
			suspect(l, o, "set_var", "set_var needs NAME=VALUE, not '%.*s'",
				BB_FMT(vars.v[i]));
}

static void judge_endpoint(struct load *l, const void *o, const struct sip_conf_endpoint *e)
{
	struct bb_addr a;

	check_refs(l, o, "auth", e->pub.auth, 2, "auth section");
	check_refs(l, o, "outbound_auth", e->pub.outbound_auth, 2, "auth section");
	check_refs(l, o, "aors", e->pub.aors, 1, "aor section");
	judge_variables(l, o, e->pub.set_var);
	if (e->direct_media)
		gather(l, o, "direct_media",
		       "direct_media=yes is not built, media passes through here");
	if (e->media_encryption)
		gather(l, o, "media_encryption",
		       "media_encryption is not built, media is sent in the clear");
	if (e->rel100)
		gather(l, o, "100rel",
		       "100rel is not built, provisional responses are not reliable");
	if (e->pub.dtmf_mode == BB_SIP_DTMF_INBAND)
		gather(l, o, "dtmf_mode",
		       "dtmf_mode=inband is not built, digits in the sound are not heard");
	if (e->pub.identify_by & ~7u)
		gather(l, o, "identify_by",
		       "identify_by header and request_uri are not built, only username, "
		       "auth_username and ip count");
	judge_proxy(l, o, e->pub.outbound_proxy);
	if (!bb_str_empty(e->pub.media_address) && bb_addr_parse(&a, e->pub.media_address))
		mistake(l, o, "media_address", "media_address must be an IP address, not '%.*s'",
			BB_FMT(e->pub.media_address));
}

static int load_endpoints(struct load *l)
{
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_ENDPOINT), o))) {
		const struct sip_conf_endpoint *e = o;
		struct bb_sip_endpoint ep = e->pub;
		const char *file = bb_conf_file(o);
		int err;

		judge_endpoint(l, o, e);
		ep.name = bb_conf_name(o);
		ep.tech = file && strcmp(file, "pjsip.conf") == 0 ? "PJSIP" : "SIP";
		ep.callerid_restricted = e->callerid_privacy >= 4;
		err = take_codecs(l, o, &ep);
		if (!err)
			err = sip_config_hold(l->c, o);
		if (!err)
			err = sip_config_add_endpoint(l->c, &ep);
		if (err == -EEXIST)
			mistake(l, o, NULL, "endpoint [%s] stands twice", ep.name);
		else if (err)
			return err;
	}
	return 0;
}

static int load_aors(struct load *l)
{
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_AOR), o))) {
		struct bb_sip_aor a = *(const struct bb_sip_aor *)o;
		struct sip_uri u;
		int err;

		a.name = bb_conf_name(o);
		for (size_t i = 0; i < a.contact.n; i++)
			if (sip_uri_parse(&u, a.contact.v[i]) ||
			    (u.scheme != SIP_SCHEME_SIP && u.scheme != SIP_SCHEME_SIPS))
				mistake(l, o, "contact", "contact must be a SIP URI, not '%.*s'",
					BB_FMT(a.contact.v[i]));
		judge_proxy(l, o, a.outbound_proxy);
		if (a.minimum_expiration > a.maximum_expiration)
			mistake(l, o, "minimum_expiration",
				"minimum_expiration is more than maximum_expiration");
		err = sip_config_hold(l->c, o);
		if (!err)
			err = sip_config_add_aor(l->c, &a);
		if (err == -EEXIST)
			mistake(l, o, NULL, "aor [%s] stands twice", a.name);
		else if (err)
			return err;
	}
	return 0;
}

static void take_digest(struct load *l, const void *o, struct sip_credentials *cr, struct bb_str v)
{
	ptrdiff_t colon = bb_str_chr(v, ':');
	enum sip_digest_alg alg;

	if (colon < 0 || sip_digest_alg_of(&alg, bb_strn(v.p, (size_t)colon)) ||
	    v.l - (size_t)colon - 1 != (alg == SIP_DIGEST_SHA256 ? 64 : 32)) {
		mistake(l, o, "password_digest", "password_digest must be MD5:HEX or SHA-256:HEX");
		return;
	}
	cr->ha1[alg] = bb_str_sub(v, (size_t)colon + 1, v.l);
}

static void judge_auth(struct load *l, const void *o, const struct sip_conf_auth *a,
		       struct sip_credentials *cr)
{
	bool hashed;

	if (bb_str_empty(cr->username))
		suspect(l, o, NULL, "auth [%s] has no username: nobody can log in by it", cr->name);
	if (!bb_str_empty(a->md5_cred)) {
		if (a->md5_cred.l != 32)
			mistake(l, o, "md5_cred", "md5_cred must be 32 hexadecimal digits");
		cr->ha1[SIP_DIGEST_MD5] = a->md5_cred;
	}
	for (size_t i = 0; i < a->password_digest.n; i++)
		take_digest(l, o, cr, a->password_digest.v[i]);
	hashed = cr->ha1[SIP_DIGEST_MD5].p || cr->ha1[SIP_DIGEST_SHA256].p;
	if (a->auth_type == 3) {
		warn(l, o, "auth_type", "auth_type=google_oauth is not built: [%s] matches nobody",
		     cr->name);
		return;
	}
	if (bb_str_empty(cr->password) && !hashed) {
		suspect(l, o, NULL,
			"auth [%s] has neither password nor password_digest: nobody can log in by "
			"it",
			cr->name);
		return;
	}
	/* Without the password only the given hashes can be checked. */
	for (int i = 0; i < SIP_DIGEST_ALGS; i++)
		if (bb_str_empty(cr->password) && !cr->ha1[i].p)
			cr->algorithms &= ~(1ull << i);
	if (!cr->algorithms)
		mistake(l, o, "supported_algorithms_uas",
			"auth [%s] is left without an algorithm: no password_digest fits them",
			cr->name);
}

static int load_auths(struct load *l)
{
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_AUTH), o))) {
		const struct sip_conf_auth *a = o;
		struct sip_credentials cr = a->cr;
		int err;

		cr.name = bb_conf_name(o);
		judge_auth(l, o, a, &cr);
		err = sip_config_hold(l->c, o);
		if (!err)
			err = sip_config_add_credentials(l->c, &cr);
		if (err == -EEXIST)
			mistake(l, o, NULL, "auth [%s] stands twice", cr.name);
		else if (err)
			return err;
	}
	return 0;
}

static int load_identifies(struct load *l)
{
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_IDENTIFY), o))) {
		const struct sip_conf_identify *id = o;
		const struct bb_strlist one = { &id->endpoint, 1 };
		struct sip_endpoint *ep = sip_config_endpoint(l->c, id->endpoint);

		check_refs(l, o, "endpoint", one, 0, "endpoint");
		if (!id->match.n)
			suspect(l, o, NULL, "identify [%s] has no match: it finds nobody",
				bb_conf_name(o));
		for (size_t i = 0; i < id->match.n; i++) {
			struct bb_cidr net;
			int err;

			if (bb_cidr_parse(&net, id->match.v[i])) {
				warn(l, o, "match",
				     "match='%.*s' is no address or network; host names are not "
				     "looked up yet",
				     BB_FMT(id->match.v[i]));
				continue;
			}
			err = ep ? sip_config_add_identify(l->c, ep, &net) : 0;
			if (err)
				return err;
		}
	}
	return 0;
}

static int take_nets(struct load *l, const void *o, const char *opt, struct bb_strlist list,
		     struct bb_cidr **nets, size_t *n)
{
	*n = 0;
	if (!list.n)
		return 0;
	*nets = bb_arena_alloc(l->c->arena, list.n * sizeof(**nets));
	if (!*nets)
		return -ENOMEM;
	for (size_t i = 0; i < list.n; i++)
		if (bb_cidr_parse(&(*nets)[*n], list.v[i]))
			mistake(l, o, opt, "'%.*s' is no network", BB_FMT(list.v[i]));
		else
			++*n;
	return 0;
}

static int load_transports(struct load *l)
{
	static const enum sip_tp types[] = { SIP_TP_UDP, SIP_TP_TCP, SIP_TP_TLS, SIP_TP_WS,
					     SIP_TP_WSS };
	static const char *const words[] = { "udp", "tcp", "tls", "ws", "wss", "flow" };
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_TRANSPORT), o))) {
		const struct sip_conf_transport *t = o;
		struct sip_transport_def def = { .name = bb_conf_name(o),
						 .external_signaling = t->external_signaling,
						 .external_media = t->external_media,
						 .external_port = (uint16_t)t->external_port,
						 .at = bb_conf_where(o, "bind") };
		int err = sip_config_hold(l->c, o);

		if (err)
			return err;
		if (t->protocol > 1) {
			warn(l, o, "protocol", "transport [%s] is not opened: %s is not built",
			     def.name, words[t->protocol]);
			continue;
		}
		def.type = types[t->protocol];
		if (bb_str_empty(t->bind))
			continue; /* its absence was told */
		if (bb_addr_parse(&def.bind, t->bind)) {
			mistake(l, o, "bind", "bind='%.*s' is no address", BB_FMT(t->bind));
			continue;
		}
		if (bb_addr_port(&def.bind) == 0 && bb_str_chr(t->bind, ':') < 0)
			bb_addr_set_port(&def.bind, sip_tp_port(def.type));
		err = take_nets(l, o, "local_net", t->local_net, &def.nets, &def.n_nets);
		if (!err)
			err = sip_config_add_transport(l->c, &def);
		if (err)
			return err;
	}
	return 0;
}

static void judge_route(struct load *l, const void *o, struct sip_route *r, struct bb_str action)
{
	struct bb_str rest = bb_str_trim(action), word;
	uint64_t code = 0;

	if (bb_str_iis(rest, "dialplan")) {
		r->action = BB_SIP_TO_DIALPLAN;
	} else if (bb_str_iis(rest, "redirect")) {
		r->action = BB_SIP_TO_REDIRECT;
	} else if (bb_str_iis(rest, "proxy")) {
		r->action = BB_SIP_TO_PROXY;
		warn(l, o, "action", "action=proxy is not built: such requests are refused");
	} else if (bb_str_split(&rest, ' ', &word) && bb_str_iis(word, "refuse") &&
		   bb_str_u64(bb_str_trim(rest), &code) == 0 && code >= 400 && code <= 699) {
		r->action = BB_SIP_TO_REFUSAL;
		r->code = (unsigned)code;
	} else {
		mistake(l, o, "action",
			"action must be dialplan, proxy, redirect or 'refuse CODE', not '%.*s'",
			BB_FMT(action));
	}
	for (size_t i = 0; i < r->method.n; i++)
		if (sip_method_of(r->method.v[i]) == SIP_UNKNOWN)
			warn(l, o, "method", "no SIP method is called '%.*s'",
			     BB_FMT(r->method.v[i]));
}

static int load_routes(struct load *l)
{
	const void *o = NULL;

	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_ROUTE), o))) {
		const struct sip_conf_route *cr = o;
		struct sip_route r = cr->r;
		int err = sip_config_hold(l->c, o);

		r.name = bb_conf_name(o);
		judge_route(l, o, &r, cr->action);
		if (!err)
			err = take_nets(l, o, "source", r.source, &r.nets, &r.n_nets);
		if (!err)
			err = sip_config_add_route(l->c, &r);
		if (err)
			return err;
	}
	return 0;
}

static int load_settings(struct load *l)
{
	const void *o = bb_conf_next(l->next, type_at(SIP_CONF_GLOBAL), NULL);
	struct sip_settings keep = l->c->set;
	const struct sip_settings *sys;

	if (o) {
		l->c->set = *(const struct sip_settings *)o;
		l->c->set.timer_t1 = keep.timer_t1;
		l->c->set.timer_b = keep.timer_b;
		l->c->set.disable_tcp_switch = keep.disable_tcp_switch;
		if (sip_config_hold(l->c, o))
			return -ENOMEM;
		o = bb_conf_next(l->next, type_at(SIP_CONF_GLOBAL), o);
		if (o)
			mistake(l, o, NULL, "a second section of type global");
	}
	o = bb_conf_next(l->next, type_at(SIP_CONF_SYSTEM), NULL);
	if (o) {
		sys = o;
		l->c->set.timer_t1 = sys->timer_t1;
		l->c->set.timer_b = sys->timer_b;
		l->c->set.disable_tcp_switch = sys->disable_tcp_switch;
	}
	return 0;
}

static void name_others(struct load *l)
{
	const struct bb_conf_type *t = type_at(SIP_CONF_FIRST_OTHER);

	for (; t->file; t++) {
		const void *o = NULL;

		while ((o = bb_conf_next(l->next, t, o))) {
			const char *name = bb_conf_name(o);

			/* A section by name has an object even when nobody wrote it. */
			if (!bb_conf_where(o, NULL).line)
				continue;
			if (t->type && among(sip_conf_not_built, bb_strz(t->type)))
				warn(l, o, NULL,
				     "type=%s is known and not built: [%s] does nothing", t->type,
				     name);
			else if (t->type)
				mistake(l, o, NULL,
					"[%s] is a %s in the dialect of chan_sip, which is not "
					"read "
					"yet: write it as sections of type endpoint, auth and aor",
					name, t->type);
			else
				mistake(l, o, NULL,
					"[general] belongs to the dialect of chan_sip, which is "
					"not read yet: write sections of type transport and "
					"global");
		}
	}
}

static void check_transports(struct load *l)
{
	const void *o = NULL;

	if (!l->c->transports.count)
		bb_diag_add(
			l->d, BB_SUSPECT, NULL,
			"there is no section of type=transport that could be opened, so no phone "
			"can reach us");
	while ((o = bb_conf_next(l->next, type_at(SIP_CONF_ENDPOINT), o))) {
		const struct sip_conf_endpoint *e = o;
		const void *t = NULL;

		if (bb_str_empty(e->pub.transport))
			continue;
		while ((t = bb_conf_next(l->next, type_at(SIP_CONF_TRANSPORT), t)))
			if (bb_str_iis(e->pub.transport, bb_conf_name(t)))
				break;
		if (!t)
			mistake(l, o, "transport", "there is no transport [%.*s]",
				BB_FMT(e->pub.transport));
	}
}

int sip_config_load(struct sip_config **cp, const struct bb_conf *next, struct bb_diag *d)
{
	struct load l = { .c = sip_config_new(), .next = next, .d = d };
	int err = -ENOMEM;

	if (!l.c)
		return err;
	err = collect_names(&l, 0, SIP_CONF_ENDPOINT);
	if (!err)
		err = collect_names(&l, 1, SIP_CONF_AOR);
	if (!err)
		err = collect_names(&l, 2, SIP_CONF_AUTH);
	if (!err)
		err = load_settings(&l);
	if (!err)
		err = load_endpoints(&l);
	if (!err)
		err = load_aors(&l);
	if (!err)
		err = load_auths(&l);
	if (!err)
		err = load_identifies(&l);
	if (!err)
		err = load_transports(&l);
	if (!err)
		err = load_routes(&l);
	if (err) {
		sip_config_unref(l.c);
		return err;
	}
	check_transports(&l);
	name_others(&l);
	err = sip_config_finish(l.c);
	if (err) {
		sip_config_unref(l.c);
		return err;
	}
	*cp = l.c;
	return 0;
}
