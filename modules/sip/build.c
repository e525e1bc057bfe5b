/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * build.c - writing requests and responses by the rules of RFC 3261.
 */
#include "modules/sip/build.h"
#include "modules/sip/chars.h"

#define USUAL 700 /* Bytes that hold most messages without a body: the buffer need not grow. */

/* Nothing that came from outside may end a header line. */
static void put_value(struct bb_buf *b, struct bb_str v)
{
	size_t from = 0;

	for (size_t i = 0; i < v.l; i++) {
		if (v.p[i] != '\r' && v.p[i] != '\n' && v.p[i] != '\0')
			continue;
		bb_buf_put(b, v.p + from, i - from);
		bb_buf_putc(b, ' ');
		from = i + 1;
	}
	bb_buf_put(b, v.p + from, v.l - from);
}

void sip_put_hdr_named(struct bb_buf *b, struct bb_str name, struct bb_str value)
{
	put_value(b, name);
	bb_buf_put(b, ": ", 2);
	if (value.l)
		put_value(b, value);
	bb_buf_put(b, "\r\n", 2);
}

void sip_put_hdr(struct bb_buf *b, enum sip_hdr_id id, struct bb_str value)
{
	sip_put_hdr_named(b, bb_strz(sip_hdr_name(id)), value);
}

void sip_put_hdrf(struct bb_buf *b, enum sip_hdr_id id, const char *fmt, ...)
{
	size_t from;
	va_list ap;

	bb_buf_puts(b, sip_hdr_name(id));
	bb_buf_put(b, ": ", 2);
	from = b->l;
	va_start(ap, fmt);
	bb_buf_vprintf(b, fmt, ap);
	va_end(ap);
	for (size_t i = from; !b->err && i < b->l; i++)
		if (b->p[i] == '\r' || b->p[i] == '\n' || b->p[i] == '\0')
			b->p[i] = ' ';
	bb_buf_put(b, "\r\n", 2);
}

/* As it came: what a parsed value holds beside line ends was legal once (escaped NUL in quotes). */
static void put_raw_hdr(struct bb_buf *b, enum sip_hdr_id id, struct bb_str value)
{
	bb_buf_puts(b, sip_hdr_name(id));
	bb_buf_put(b, ": ", 2);
	bb_buf_putstr(b, value);
	bb_buf_put(b, "\r\n", 2);
}

void sip_put_copy(struct bb_buf *b, const struct sip_msg *m, enum sip_hdr_id id)
{
	const struct sip_hdr *h;

	for (h = sip_msg_hdr(m, id); h; h = sip_msg_hdr_next(m, h))
		put_raw_hdr(b, id, h->value);
}

void sip_put_body(struct bb_buf *b, const char *type, struct bb_str body)
{
	if (type && body.l)
		sip_put_hdr(b, SIP_HDR_CONTENT_TYPE, bb_strz(type));
	bb_buf_printf(b, "Content-Length: %zu\r\n\r\n", body.l);
	if (body.l)
		bb_buf_putstr(b, body);
}

void sip_request_begin(struct bb_buf *b, const struct sip_request *r)
{
	struct bb_str method =
		r->method == SIP_UNKNOWN ? r->method_text : bb_strz(sip_method_name(r->method));

	bb_buf_reserve(b, USUAL);
	put_value(b, method);
	bb_buf_putc(b, ' ');
	put_value(b, r->uri);
	bb_buf_puts(b, " SIP/2.0\r\n");
	for (size_t i = 0; i < r->n_routes; i++)
		sip_put_hdr(b, SIP_HDR_ROUTE, r->routes[i]);
	bb_buf_printf(b, "Max-Forwards: %u\r\n", r->max_forwards);
	sip_put_hdr(b, SIP_HDR_FROM, r->from);
	sip_put_hdr(b, SIP_HDR_TO, r->to);
	sip_put_hdr(b, SIP_HDR_CALL_ID, r->call_id);
	bb_buf_printf(b, "CSeq: %u ", r->cseq);
	put_value(b, method);
	bb_buf_puts(b, "\r\n");
}

/*
 * The Vias of a request, the top one with received and rport as this server
 * saw them (RFC 3261 section 18.2.1, RFC 3581 section 4).
 */
static void put_vias(struct bb_buf *b, const struct sip_msg *req)
{
	const struct sip_hdr *h = sip_msg_hdr(req, SIP_HDR_VIA);
	const struct sip_via *v = &req->via;
	char host[BB_ADDR_TEXT];
	struct bb_str rest, name, value;

	if (!h)
		return;
	bb_buf_puts(b, "Via: SIP/2.0/");
	bb_buf_putstr(b, v->transport);
	bb_buf_putc(b, ' ');
	bb_buf_puts(b, v->ipv6 ? "[" : "");
	bb_buf_putstr(b, v->host);
	bb_buf_puts(b, v->ipv6 ? "]" : "");
	if (v->port)
		bb_buf_printf(b, ":%u", v->port);
	rest = v->params;
	while (sip_param_next(&rest, &name, &value) == 1) {
		if (bb_addr_set(&req->flow.remote) &&
		    (bb_str_iis(name, "received") || bb_str_iis(name, "rport")))
			continue;
		bb_buf_putc(b, ';');
		bb_buf_putstr(b, name);
		if (value.p) {
			bb_buf_putc(b, '=');
			bb_buf_putstr(b, value);
		}
	}
	if (bb_addr_set(&req->flow.remote)) {
		struct bb_addr sent;

		if (v->has_rport || bb_addr_from(&sent, v->host, 5060) ||
		    !bb_addr_eq_host(&sent, &req->flow.remote))
			bb_buf_printf(b, ";received=%s",
				      bb_addr_print_host(&req->flow.remote, host));
		if (v->has_rport)
			bb_buf_printf(b, ";rport=%u", bb_addr_port(&req->flow.remote));
	}
	/* Further values of the same line, then the other lines as they came. */
	rest = h->value;
	if (sip_value_cut(&rest, &value) == 1 && rest.l) {
		bb_buf_puts(b, ", ");
		bb_buf_putstr(b, bb_str_trim(rest));
	}
	bb_buf_puts(b, "\r\n");
	while ((h = sip_msg_hdr_next(req, h)))
		put_raw_hdr(b, SIP_HDR_VIA, h->value);
}

void sip_reply_begin(struct bb_buf *b, const struct sip_msg *req, unsigned code, const char *reason,
		     struct bb_str tag)
{
	const struct sip_hdr *to = sip_msg_hdr(req, SIP_HDR_TO);

	bb_buf_reserve(b, USUAL);
	bb_buf_printf(b, "SIP/2.0 %u ", code);
	put_value(b, bb_strz(reason ? reason : sip_reason_phrase(code)));
	bb_buf_puts(b, "\r\n");
	put_vias(b, req);
	sip_put_copy(b, req, SIP_HDR_FROM);
	if (to) {
		bb_buf_puts(b, "To: ");
		bb_buf_putstr(b, to->value);
		if (!req->to.tag.p && tag.l && code > 100)
			bb_buf_printf(b, ";tag=%.*s", BB_FMT(tag));
		bb_buf_puts(b, "\r\n");
	}
	sip_put_copy(b, req, SIP_HDR_CALL_ID);
	sip_put_copy(b, req, SIP_HDR_CSEQ);
	if (code == 100)
		sip_put_copy(b, req, SIP_HDR_TIMESTAMP);
	else if (code < 300)
		sip_put_copy(b, req, SIP_HDR_RECORD_ROUTE);
}

/* What CANCEL and ACK share: they follow the INVITE hop by hop (sections 9.1, 17.1.1.3). */
static void put_follower(struct bb_buf *b, const struct sip_msg *invite, const char *method,
			 struct bb_str to)
{
	bb_buf_reserve(b, USUAL);
	bb_buf_printf(b, "%s %.*s SIP/2.0\r\n", method, BB_FMT(invite->ruri_text));
	put_raw_hdr(b, SIP_HDR_VIA, invite->via.text);
	sip_put_copy(b, invite, SIP_HDR_ROUTE);
	bb_buf_puts(b, "Max-Forwards: 70\r\n");
	sip_put_copy(b, invite, SIP_HDR_FROM);
	put_raw_hdr(b, SIP_HDR_TO, to);
	put_raw_hdr(b, SIP_HDR_CALL_ID, invite->call_id);
	bb_buf_printf(b, "CSeq: %u %s\r\n", invite->cseq.number, method);
}

int sip_cancel_from(struct bb_buf *b, const struct sip_msg *invite, struct bb_str reason)
{
	put_follower(b, invite, "CANCEL", sip_msg_value(invite, SIP_HDR_TO));
	if (reason.l)
		sip_put_hdr(b, SIP_HDR_REASON, reason);
	sip_put_body(b, NULL, bb_strn("", 0));
	return b->err;
}

int sip_ack_from(struct bb_buf *b, const struct sip_msg *invite, const struct sip_msg *rsp)
{
	put_follower(b, invite, "ACK", sip_msg_value(rsp, SIP_HDR_TO));
	sip_put_body(b, NULL, bb_strn("", 0));
	return b->err;
}

/* @p head, the node's prefix and 16 random characters; always fits. */
static void new_id(char dst[SIP_TAG_TEXT], const char *head, const char *node)
{
	struct bb_str h = bb_strz(head), n = bb_str_sub(bb_strz(node), 0, 15);
	size_t at = 0;

	memcpy(dst, h.p, h.l);
	at += h.l;
	memcpy(dst + at, n.p, n.l);
	at += n.l;
	bb_random_text(dst + at, 20);
}

void sip_new_tag(char dst[SIP_TAG_TEXT], const char *node)
{
	new_id(dst, "", node);
}

void sip_new_branch(char dst[SIP_TAG_TEXT], const char *node)
{
	new_id(dst, "z9hG4bK", node);
}

void sip_new_call_id(char dst[SIP_TAG_TEXT], const char *node)
{
	new_id(dst, "", node);
}
