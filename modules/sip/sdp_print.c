/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sdp_print.c - writing session descriptions (RFC 8866).
 */
#include "modules/sip/sdp.h"

/* Nothing that came from outside may end a line. */
static void put(struct bb_buf *b, struct bb_str v)
{
	for (size_t i = 0; i < v.l; i++)
		bb_buf_putc(b, v.p[i] == '\r' || v.p[i] == '\n' || v.p[i] == '\0' ? ' ' : v.p[i]);
}

static void line(struct bb_buf *b, const char *head, struct bb_str v)
{
	bb_buf_puts(b, head);
	put(b, v);
	bb_buf_puts(b, "\r\n");
}

static void put_conn(struct bb_buf *b, struct bb_str host)
{
	bb_buf_puts(b, bb_str_chr(host, ':') >= 0 ? "c=IN IP6 " : "c=IN IP4 ");
	line(b, "", host);
}

static void put_attrs(struct bb_buf *b, const struct sdp_attr *a)
{
	for (; a; a = a->next) {
		bb_buf_puts(b, "a=");
		put(b, a->name);
		if (a->value.p)
			bb_buf_putc(b, ':');
		line(b, "", a->value);
	}
}

static void put_format(struct bb_buf *b, const struct sdp_media *m, const struct sdp_format *f)
{
	if (m->rtp && f->pt >= 0 && f->name.l && (f->mapped || f->pt >= 96)) {
		bb_buf_printf(b, "a=rtpmap:%d ", f->pt);
		put(b, f->name);
		bb_buf_printf(b, "/%u", f->rate);
		if (f->channels > 1)
			bb_buf_printf(b, "/%u", f->channels);
		bb_buf_puts(b, "\r\n");
	}
	if (f->fmtp.p) {
		bb_buf_puts(b, "a=fmtp:");
		put(b, f->text);
		line(b, " ", f->fmtp);
	}
}

static void put_rtcp(struct bb_buf *b, const struct sdp_media *m)
{
	char host[BB_ADDR_TEXT];

	if (bb_addr_set(&m->rtcp)) {
		bb_buf_printf(b, "a=rtcp:%u", bb_addr_port(&m->rtcp));
		if (!bb_addr_eq_host(&m->rtcp, &m->addr))
			bb_buf_printf(b, " IN %s %s",
				      bb_addr_family(&m->rtcp) == AF_INET6 ? "IP6" : "IP4",
				      bb_addr_print_host(&m->rtcp, host));
		bb_buf_puts(b, "\r\n");
	}
	if (m->rtcp_mux)
		bb_buf_puts(b, "a=rtcp-mux\r\n");
}

static void put_media(struct bb_buf *b, const struct sdp_session *s, const struct sdp_media *m)
{
	char host[BB_ADDR_TEXT];

	bb_buf_puts(b, "m=");
	put(b, m->type);
	bb_buf_printf(b, " %u", m->port);
	if (m->n_ports > 1)
		bb_buf_printf(b, "/%u", m->n_ports);
	bb_buf_putc(b, ' ');
	put(b, m->proto);
	for (size_t i = 0; i < m->n_formats; i++) {
		bb_buf_putc(b, ' ');
		put(b, m->formats[i].text);
	}
	bb_buf_puts(b, "\r\n");
	if (m->title.p)
		line(b, "i=", m->title);
	if (bb_addr_set(&m->addr))
		put_conn(b, bb_strz(bb_addr_print_host(&m->addr, host)));
	else if (m->conn.p || s->conn.p)
		put_conn(b, m->conn.p ? m->conn : s->conn);
	if (m->bandwidth.p)
		line(b, "b=", m->bandwidth);
	for (size_t i = 0; i < m->n_formats; i++)
		put_format(b, m, &m->formats[i]);
	if (m->ptime)
		bb_buf_printf(b, "a=ptime:%u\r\n", m->ptime);
	if (m->maxptime)
		bb_buf_printf(b, "a=maxptime:%u\r\n", m->maxptime);
	if (m->rtp || m->dir != SDP_SENDRECV)
		bb_buf_printf(b, "a=%s\r\n", sdp_dir_name(m->dir));
	put_rtcp(b, m);
	put_attrs(b, m->attrs);
}

void sdp_print(struct bb_buf *b, const struct sdp_session *s)
{
	bb_buf_puts(b, "v=0\r\no=");
	put(b, s->user.l ? s->user : BB_STR("-"));
	bb_buf_putc(b, ' ');
	put(b, s->sess_id);
	bb_buf_putc(b, ' ');
	put(b, s->sess_version);
	line(b, " ", s->origin_addr);
	line(b, "s=", s->name.l ? s->name : BB_STR("-"));
	if (s->info.p)
		line(b, "i=", s->info);
	if (s->conn.p)
		put_conn(b, s->conn);
	if (s->bandwidth.p)
		line(b, "b=", s->bandwidth);
	line(b, "t=", s->timing.l ? s->timing : BB_STR("0 0"));
	put_attrs(b, s->attrs);
	for (size_t i = 0; i < s->n_media; i++)
		put_media(b, s, &s->media[i]);
}
