/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * session_text.c - the header fields and bodies that sessions write.
 */
#include <stdio.h>

#include "modules/sip/session.h"

/* The user part by which we are known to the far end. */
static struct bb_str our_user(const struct bb_sip_session *s)
{
	struct sip_nameaddr na;

	if (s->ep && !bb_str_empty(s->ep->contact_user))
		return s->ep->contact_user;
	if (s->dlg.local && sip_nameaddr_parse(&na, bb_strz(s->dlg.local)) == 0 && na.uri.user.p)
		return na.uri.user;
	return s->core->config->set.default_from_user;
}

void sip_put_contact(struct bb_buf *b, struct bb_sip_session *s, const struct sip_flow *f)
{
	struct bb_buf uri = { 0 };

	sip_flow_put_uri(&uri, s->core->stack, f, our_user(s));
	sip_put_hdrf(b, SIP_HDR_CONTACT, "<%s>", bb_buf_cstr(&uri));
	if (uri.err)
		b->err = uri.err;
	bb_buf_free(&uri);
}

void sip_put_usual(struct bb_buf *b, struct bb_sip_session *s, bool request)
{
	sip_put_hdr(b, SIP_HDR_ALLOW, BB_STR(SIP_ALLOW_DIALOG));
	/* Responses bear Server already. */
	if (request)
		sip_put_hdr(b, SIP_HDR_USER_AGENT, s->core->config->set.user_agent);
}

void sip_put_identity(struct bb_buf *b, struct bb_sip_session *s, const struct bb_sip_party *who,
		      struct bb_str host)
{
	struct bb_buf v = { 0 };

	if (!s->ep || (!s->ep->send_pai && !s->ep->send_rpid) || bb_str_empty(who->number))
		return;
	if (who->restricted && !s->ep->trust_id_outbound)
		return;
	if (!bb_str_empty(who->name)) {
		sip_put_quoted(&v, who->name);
		bb_buf_putc(&v, ' ');
	}
	bb_buf_putc(&v, '<');
	sip_uri_put(&v, SIP_SCHEME_SIP, who->number,
		    bb_str_empty(s->ep->from_domain) ? host : s->ep->from_domain, 0);
	bb_buf_putc(&v, '>');
	if (!v.err && s->ep->send_pai) {
		sip_put_hdr(b, SIP_HDR_P_ASSERTED_IDENTITY, bb_buf_str(&v));
		if (who->restricted)
			sip_put_hdr(b, SIP_HDR_PRIVACY, BB_STR("id"));
	}
	if (!v.err && s->ep->send_rpid)
		sip_put_hdrf(b, SIP_HDR_REMOTE_PARTY_ID, "%s;party=%s;privacy=%s;screen=no",
			     bb_buf_cstr(&v), s->outgoing ? "calling" : "called",
			     who->restricted ? "full" : "off");
	bb_buf_free(&v);
}

void sip_put_reason(struct bb_buf *b, unsigned cause, const char *text)
{
	if (!cause)
		return;
	/* Phones show "call completed elsewhere" by this form alone (RFC 3326 §2). */
	if (cause == 26)
		sip_put_hdr(b, SIP_HDR_REASON,
			    BB_STR("SIP;cause=200;text=\"Call completed elsewhere\""));
	else if (text && !strpbrk(text, "\"\\\r\n"))
		sip_put_hdrf(b, SIP_HDR_REASON, "Q.850;cause=%u;text=\"%s\"", cause, text);
	else
		sip_put_hdrf(b, SIP_HDR_REASON, "Q.850;cause=%u", cause);
}

/* The address that media for this peer is told to come to. */
static void media_host(struct bb_sip_session *s, const struct sip_flow *f, struct bb_addr *out)
{
	const struct sip_transport_def *def = NULL;
	struct sip_transport *t = sip_transport_by_id(s->core->stack, f->transport);
	bool near_by = false;

	if (s->ep && !bb_str_empty(s->ep->media_address) &&
	    bb_addr_parse(out, s->ep->media_address) == 0)
		return;
	bb_list_each (node, &s->core->config->transports) {
		const struct sip_transport_def *d =
			bb_list_entry(node, struct sip_transport_def, node);

		if (t && bb_str_is(sip_transport_name(t), d->name))
			def = d;
	}
	for (size_t i = 0; def && i < def->n_nets; i++)
		near_by |= bb_cidr_has(&def->nets[i], &f->remote);
	if (def && !near_by && !bb_str_empty(def->external_media) &&
	    bb_addr_parse(out, def->external_media) == 0)
		return;
	*out = f->local;
	if (!bb_addr_set(out) || bb_addr_is_any(out))
		if (bb_addr_source_for(out, &f->remote))
			*out = f->local;
}

static void fill_host(struct bb_addr *a, const struct bb_addr *host)
{
	uint16_t port = bb_addr_port(a);

	if (!bb_addr_set(a) || !bb_addr_is_any(a))
		return;
	*a = *host;
	bb_addr_set_port(a, port);
}

int sip_put_desc(struct bb_buf *b, struct bb_sip_session *s, const struct bb_media_desc *d,
		 const struct sip_flow *f)
{
	struct bb_buf sdp = { 0 };
	struct bb_media_desc *kept;
	struct bb_addr host;
	int err;

	if (!d) {
		sip_put_body(b, NULL, BB_STR(""));
		return b->err;
	}
	kept = bb_media_keep(d);
	if (!kept)
		return -ENOMEM;
	bb_free(s->local);
	s->local = kept;
	media_host(s, f, &host);
	for (unsigned i = 0; i < kept->n; i++) {
		fill_host(&kept->streams[i].rtp, &host);
		fill_host(&kept->streams[i].rtcp, &host);
	}
	sip_desc_print(&sdp, kept, &s->origin);
	/* The version grows with each change (RFC 3264 §8). */
	if (!sdp.err && s->sdp && !bb_str_is(bb_buf_str(&sdp), s->sdp)) {
		bb_buf_truncate(&sdp, 0);
		s->origin.version++;
		sip_desc_print(&sdp, kept, &s->origin);
	}
	err = sdp.err;
	if (!err) {
		bb_free(s->sdp);
		s->sdp = bb_strdup(bb_buf_str(&sdp));
		sip_put_body(b, "application/sdp", bb_buf_str(&sdp));
		err = s->sdp ? b->err : -ENOMEM;
	}
	bb_buf_free(&sdp);
	return err;
}

int sip_session_desc(const struct sip_msg *m, struct bb_media_desc *d, const char **why)
{
	struct bb_str sdp;

	*why = "there is no session description";
	if (!sip_msg_body_of(m, "application/sdp", &sdp) || !sdp.l)
		return -ENODATA;
	return sip_desc_parse(d, sdp, why);
}

/* P-Asserted-Identity, else Remote-Party-ID: believed of whom the configuration trusts. */
void sip_session_tell_identity(struct bb_sip_session *s, const struct sip_msg *m)
{
	struct bb_str v = sip_msg_value(m, SIP_HDR_P_ASSERTED_IDENTITY);
	struct bb_buf name = { 0 }, number = { 0 };
	struct sip_nameaddr na;

	if (!v.p)
		v = sip_msg_value(m, SIP_HDR_REMOTE_PARTY_ID);
	if (!v.p || !s->ep || !s->ep->trust_id_inbound || !s->ops || !s->ops->identity)
		return;
	if (sip_nameaddr_parse(&na, v))
		return;
	sip_put_unquoted(&name, na.display);
	sip_unescape(&number, na.uri.user);
	if (!name.err && !number.err)
		s->ops->identity(s, bb_buf_str(&name), bb_buf_str(&number), s->arg);
	bb_buf_free(&name);
	bb_buf_free(&number);
}
