/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chan_sip_func.c - dial plan functions of SIP channels, and what
 * CHANNEL(pjsip,…) and CHANNEL(rtp,…) read.
 */
#include <stdio.h>

#include "modules/sip/chan_sip.h"

/* --- PJSIP_HEADER --- */

static const char *const actions[] = { "read", "add", "update", "remove", NULL };
enum { READ, ADD, UPDATE, REMOVE };

struct header_args {
	int action;
	struct bb_str name;
	int64_t number;
};

static const struct bb_field header_fields[] = {
	{ "action", BB_T_ENUM, offsetof(struct header_args, action), .words = actions,
	  .doc = "read, add, update or remove." },
	{ "name", BB_T_STR, offsetof(struct header_args, name),
	  .doc = "Name of the header field; remove takes a final *." },
	{ "number", BB_T_INT, offsetof(struct header_args, number), .min = 1, .max = 1000,
	  .def = "1", .doc = "Which of several." },
	{ 0 }
};

static bool name_fits(struct bb_str pattern, struct bb_str name)
{
	if (pattern.l && pattern.p[pattern.l - 1] == '*')
		return bb_str_istarts(name, bb_strn(pattern.p, pattern.l - 1));
	return bb_str_ieq(pattern, name);
}

static unsigned remove_headers(struct cs *c, struct bb_str pattern)
{
	unsigned gone = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->n_headers; i++) {
		if (name_fits(pattern, c->headers[i].name))
			gone++;
		else
			c->headers[n++] = c->headers[i];
	}
	c->n_headers = n;
	return gone;
}

static int header_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct header_args *a = args;
	struct cs *c = cs_check(ch);
	struct bb_str v;

	if (!c)
		return -ENOTSUP;
	if (a->action == REMOVE) {
		bb_buf_printf(out, "%u", remove_headers(c, a->name));
		return out->err;
	}
	if (a->action != READ)
		return -EINVAL;
	if (!c->session) {
		/* Not dialed yet: what was added for it. */
		int64_t nth = a->number;

		for (size_t i = 0; i < c->n_headers; i++)
			if (bb_str_ieq(c->headers[i].name, a->name) && --nth == 0)
				bb_buf_putstr(out, c->headers[i].value);
		return out->err;
	}
	{
		char name[128];

		if (bb_str_copy(name, sizeof(name), a->name))
			return -EINVAL;
		v = cs_sip->session_header(c->session, name, (unsigned)a->number - 1);
		bb_buf_putstr(out, v);
	}
	return out->err;
}

static int keep(struct cs *c, struct bb_str *dst, struct bb_str src)
{
	char *p;

	if (!c->texts)
		c->texts = bb_arena_new(192);
	p = c->texts ? bb_arena_strdup(c->texts, src) : NULL;
	*dst = bb_strn(p, p ? src.l : 0);
	return p ? 0 : -ENOMEM;
}

static int add_header(struct cs *c, struct bb_str name, struct bb_str value)
{
	struct bb_sip_header h;
	int err;

	if (c->session && !bb_chan_outgoing(c->ch))
		return cs_sip->session_add_header(c->session, name, value);
	if (c->n_headers == CS_HEADERS_MAX)
		return -ENOBUFS;
	err = keep(c, &h.name, name);
	if (!err)
		err = keep(c, &h.value, value);
	if (!err && !c->headers) {
		c->headers = bb_arena_alloc(c->texts, CS_HEADERS_MAX * sizeof(*c->headers));
		err = c->headers ? 0 : -ENOMEM;
	}
	if (!err)
		c->headers[c->n_headers++] = h;
	return err;
}

static int header_write(struct bb_chan *ch, const void *args, struct bb_str value)
{
	const struct header_args *a = args;
	struct cs *c = cs_check(ch);
	int64_t nth = a->number;

	if (!c)
		return -ENOTSUP;
	switch (a->action) {
	case ADD:
		return add_header(c, a->name, value);
	case UPDATE:
		for (size_t i = 0; i < c->n_headers; i++)
			if (bb_str_ieq(c->headers[i].name, a->name) && --nth == 0)
				return keep(c, &c->headers[i].value, value);
		return add_header(c, a->name, value);
	case REMOVE:
		remove_headers(c, a->name);
		return 0;
	default:
		return -EINVAL;
	}
}

const struct bb_func cs_func_header = {
	.name = "PJSIP_HEADER",
	.args = header_fields,
	.args_size = sizeof(struct header_args),
	.read = header_read,
	.write = header_write,
	.doc = { .summary = "Read, add, update or remove SIP header fields",
		 .text = "On an incoming leg it reads the INVITE and adds to our answers. On a leg "
			 "going out (Dial's b option) it adds to the INVITE.",
		 .since = "0.1" },
};

/* --- PJSIP_DIAL_CONTACTS --- */

struct contacts_args {
	struct bb_str endpoint, aor, user;
};

static const struct bb_field contacts_fields[] = {
	{ "endpoint", BB_T_STR, offsetof(struct contacts_args, endpoint),
	  .doc = "Name of the endpoint.", .complete = "endpoint" },
	{ "aor", BB_T_STR, offsetof(struct contacts_args, aor), .def = "",
	  .doc = "Only this address of record." },
	{ "request_user", BB_T_STR, offsetof(struct contacts_args, user), .def = "",
	  .doc = "User part to call instead of the contact's." },
	{ 0 }
};

struct gather {
	const struct bb_sip_endpoint *ep;
	struct bb_buf *out;
	struct bb_str user;
	bool any;
};

static void gather_contact(const struct bb_sip_contact *ct, void *arg)
{
	struct gather *g = arg;
	struct bb_sip_uri u;

	if (ct->status == BB_SIP_UNREACHABLE)
		return;
	bb_buf_printf(g->out, "%sPJSIP/%s/", g->any ? "&" : "", g->ep->name);
	g->any = true;
	if (bb_str_empty(g->user) || cs_sip->uri_parse(&u, ct->target.uri)) {
		bb_buf_putstr(g->out, ct->target.uri);
		return;
	}
	bb_buf_printf(g->out, "%.*s:%.*s@", BB_FMT(u.scheme), BB_FMT(g->user));
	bb_buf_printf(g->out, bb_str_chr(u.host, ':') >= 0 ? "[%.*s]" : "%.*s", BB_FMT(u.host));
	if (u.port)
		bb_buf_printf(g->out, ":%u", u.port);
	if (u.params.l)
		bb_buf_printf(g->out, ";%.*s", BB_FMT(u.params));
}

static int contacts_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct contacts_args *a = args;
	struct gather g = { .out = out, .user = a->user };

	(void)ch;
	g.ep = cs_sip->endpoint_find(a->endpoint);
	if (!g.ep)
		return -ENOENT;
	for (size_t i = 0; i < g.ep->aors.n; i++)
		if (bb_str_empty(a->aor) || bb_str_ieq(a->aor, g.ep->aors.v[i]))
			cs_sip->contacts(g.ep->aors.v[i], gather_contact, &g);
	cs_sip->endpoint_unref(g.ep);
	return out->err;
}

const struct bb_func cs_func_dial_contacts = {
	.name = "PJSIP_DIAL_CONTACTS",
	.args = contacts_fields,
	.args_size = sizeof(struct contacts_args),
	.read = contacts_read,
	.doc = { .summary = "List the contacts of an endpoint for Dial",
		 .text = "Dial(${PJSIP_DIAL_CONTACTS(alice)})",
		 .since = "0.1" },
};

/* --- PJSIP_ENDPOINT, PJSIP_AOR --- */

struct object_args {
	struct bb_str name, field;
};

static const struct bb_field endpoint_fields[] = {
	{ "name", BB_T_STR, offsetof(struct object_args, name), .doc = "Name of the endpoint.",
	  .complete = "endpoint" },
	{ "field", BB_T_STR, offsetof(struct object_args, field),
	  .doc = "aors, auth, outbound_auth, context, callerid, transport, from_user, from_domain, "
		 "language, accountcode, moh_suggest, outbound_proxy or allow." },
	{ 0 }
};

static void put_list(struct bb_buf *out, struct bb_strlist l)
{
	for (size_t i = 0; i < l.n; i++)
		bb_buf_printf(out, "%s%.*s", i ? "," : "", BB_FMT(l.v[i]));
}

static int endpoint_field(const struct bb_sip_endpoint *ep, struct bb_str f, struct bb_buf *out)
{
	const struct {
		const char *name;
		const struct bb_strlist *list;
		const struct bb_str *text;
	} fields[] = {
		{ "aors", &ep->aors, NULL },
		{ "auth", &ep->auth, NULL },
		{ "outbound_auth", &ep->outbound_auth, NULL },
		{ "context", NULL, &ep->context },
		{ "callerid", NULL, &ep->callerid },
		{ "transport", NULL, &ep->transport },
		{ "from_user", NULL, &ep->from_user },
		{ "from_domain", NULL, &ep->from_domain },
		{ "language", NULL, &ep->language },
		{ "accountcode", NULL, &ep->accountcode },
		{ "moh_suggest", NULL, &ep->moh_suggest },
		{ "outbound_proxy", NULL, &ep->outbound_proxy },
	};
	struct bb_formats fs;
	char text[240];

	for (size_t i = 0; i < BB_ARRAY_SIZE(fields); i++) {
		if (!bb_str_iis(f, fields[i].name))
			continue;
		if (fields[i].list)
			put_list(out, *fields[i].list);
		else
			bb_buf_putstr(out, *fields[i].text);
		return out->err;
	}
	if (!bb_str_iis(f, "allow"))
		return -EINVAL;
	cs_sip->endpoint_formats(ep, &fs);
	bb_buf_puts(out, bb_formats_print(&fs, text, sizeof(text)));
	return out->err;
}

static int endpoint_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct object_args *a = args;
	const struct bb_sip_endpoint *ep = cs_sip->endpoint_find(a->name);
	int err;

	(void)ch;
	if (!ep)
		return -ENOENT;
	err = endpoint_field(ep, a->field, out);
	cs_sip->endpoint_unref(ep);
	return err;
}

const struct bb_func cs_func_endpoint = {
	.name = "PJSIP_ENDPOINT",
	.args = endpoint_fields,
	.args_size = sizeof(struct object_args),
	.read = endpoint_read,
	.doc = { .summary = "Read an option of a SIP endpoint", .since = "0.1" },
};

static const struct bb_field aor_fields[] = {
	{ "name", BB_T_STR, offsetof(struct object_args, name),
	  .doc = "Name of the address of record." },
	{ "field", BB_T_STR, offsetof(struct object_args, field),
	  .doc = "contact (all of them, comma-separated), max_contacts, default_expiration, "
		 "minimum_expiration, maximum_expiration or qualify_frequency." },
	{ 0 }
};

static void list_contact(const struct bb_sip_contact *ct, void *arg)
{
	struct bb_buf *out = arg;

	bb_buf_printf(out, "%s%.*s", out->l ? "," : "", BB_FMT(ct->target.uri));
}

static int aor_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct object_args *a = args;
	const struct bb_sip_aor *aor = cs_sip->aor_find(a->name);
	struct bb_buf list = { 0 };
	long long n = -1;

	(void)ch;
	if (!aor)
		return -ENOENT;
	if (bb_str_iis(a->field, "contact")) {
		cs_sip->contacts(a->name, list_contact, &list);
		bb_buf_putstr(out, bb_buf_str(&list));
		bb_buf_free(&list);
		cs_sip->aor_unref(aor);
		return out->err;
	}
	if (bb_str_iis(a->field, "max_contacts"))
		n = aor->max_contacts;
	else if (bb_str_iis(a->field, "default_expiration"))
		n = aor->default_expiration / BB_SEC;
	else if (bb_str_iis(a->field, "minimum_expiration"))
		n = aor->minimum_expiration / BB_SEC;
	else if (bb_str_iis(a->field, "maximum_expiration"))
		n = aor->maximum_expiration / BB_SEC;
	else if (bb_str_iis(a->field, "qualify_frequency"))
		n = aor->qualify_frequency / BB_SEC;
	cs_sip->aor_unref(aor);
	if (n < 0)
		return -EINVAL;
	bb_buf_printf(out, "%lld", n);
	return out->err;
}

const struct bb_func cs_func_aor = {
	.name = "PJSIP_AOR",
	.args = aor_fields,
	.args_size = sizeof(struct object_args),
	.read = aor_read,
	.doc = { .summary = "Read an option or the contacts of an address of record",
		 .since = "0.1" },
};

/* --- CHANNEL(…) --- */

int cs_get(struct bb_chan *ch, struct bb_str name, struct bb_buf *out)
{
	struct cs *c = cs_of(ch);
	struct bb_str kind, item = { 0 };
	ptrdiff_t comma = bb_str_chr(name, ',');

	kind = comma < 0 ? name : bb_str_trim(bb_strn(name.p, (size_t)comma));
	if (comma >= 0) {
		item = bb_str_trim(bb_str_sub(name, (size_t)comma + 1, name.l));
		/* "rtp,src,audio": only audio is there. */
		comma = bb_str_chr(item, ',');
		if (comma >= 0) {
			struct bb_str more =
				bb_str_trim(bb_str_sub(item, (size_t)comma + 1, item.l));

			if (!bb_str_iis(more, "audio"))
				return -ENOENT;
			item = bb_str_trim(bb_strn(item.p, (size_t)comma));
		}
	}
	if (bb_str_iis(kind, "endpoint")) {
		bb_buf_puts(out, c->ep->name);
		return out->err;
	}
	if (bb_str_iis(kind, "rtp") || bb_str_iis(kind, "rtpqos"))
		return cs_media_fact(c, kind, item, out);
	if (bb_str_iis(kind, "pjsip") || bb_str_iis(kind, "sip")) {
		if (bb_str_iis(item, "endpoint")) {
			bb_buf_puts(out, c->ep->name);
			return out->err;
		}
		if (bb_str_iis(item, "contact")) {
			bb_buf_putstr(out, c->target.uri);
			return out->err;
		}
		if (bb_str_iis(item, "secure")) {
			bb_buf_puts(out, "0");
			return out->err;
		}
		return c->session ? cs_sip->session_fact(c->session, item, out) : -ENOENT;
	}
	return -ENOENT;
}
