/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sdp.c - reading session descriptions (RFC 8866). Tolerant where phones are
 * sloppy (order of lines, bare LF, missing t=), strict where a mistake would
 * change who hears what.
 */
#include "modules/sip/chars.h"
#include "modules/sip/sdp.h"
#include "modules/sip/uri.h"

struct sdp_reader {
	struct sdp_session *s;
	struct bb_arena *arena;
	struct sdp_media *m; /* the section at hand; NULL in the session part */
	struct sdp_attr **tail;
	bool media_dir; /* the section has its own direction */
	unsigned n_attrs;
	const char *why;
};

static int bad(struct sdp_reader *r, const char *why)
{
	r->why = why;
	return -EBADMSG;
}

static int over(struct sdp_reader *r, const char *why)
{
	r->why = why;
	return -E2BIG;
}

/* The next blank separated word; false at the end. */
static bool word(struct bb_str *rest, struct bb_str *w)
{
	size_t from = sip_skip_ws(*rest, 0), i = from;

	while (i < rest->l && !sip_is_ws(rest->p[i]))
		i++;
	*w = bb_strn(rest->p + from, i - from);
	*rest = bb_strn(rest->p + i, rest->l - i);
	return w->l > 0;
}

static bool number(struct bb_str s, uint64_t max, uint64_t *n)
{
	return sip_all(s, SIP_C_DIGIT) && !bb_str_u64(s, n) && *n <= max;
}

/* --- single lines --- */

static int read_origin(struct sdp_reader *r, struct bb_str v)
{
	struct sdp_session *s = r->s;

	if (!word(&v, &s->user) || !word(&v, &s->sess_id) || !word(&v, &s->sess_version))
		return bad(r, "Bad o= line");
	s->origin_addr = bb_str_trim(v);
	return s->origin_addr.l ? 0 : bad(r, "Bad o= line");
}

/* "IN IP4 192.0.2.1", perhaps with "/ttl". */
static int read_conn(struct sdp_reader *r, struct bb_str v, struct bb_str *conn)
{
	struct bb_str net, type, addr;
	ptrdiff_t slash;

	if (!word(&v, &net) || !word(&v, &type) || !word(&v, &addr))
		return bad(r, "Bad c= line");
	slash = bb_str_chr(addr, '/');
	if (slash >= 0)
		addr.l = (size_t)slash;
	if (!bb_str_iis(net, "IN") || !sip_is_host(addr))
		return bad(r, "Bad c= line");
	*conn = addr;
	return 0;
}

static bool is_rtp(struct bb_str proto)
{
	return bb_str_find(proto, BB_STR("RTP/")) >= 0;
}

static int read_formats(struct sdp_reader *r, struct sdp_media *m, struct bb_str v)
{
	struct bb_str rest = v, w;
	size_t n = 0;
	uint64_t pt;

	while (word(&rest, &w))
		n++;
	if (n > SDP_MAX_FORMATS)
		return over(r, "Too many formats");
	m->formats = bb_arena_alloc(r->arena, (n ? n : 1) * sizeof(*m->formats));
	if (!m->formats)
		return -ENOMEM;
	while (word(&v, &w)) {
		struct sdp_format *f = &m->formats[m->n_formats++];

		f->text = w;
		f->pt = -1;
		f->channels = 1;
		if (m->rtp && number(w, 127, &pt)) {
			f->pt = (int)pt;
			sdp_static_format(f->pt, f);
		}
	}
	return 0;
}

static int read_media(struct sdp_reader *r, struct bb_str v)
{
	struct sdp_session *s = r->s;
	struct bb_str port, count = bb_strn(NULL, 0);
	struct sdp_media *m;
	ptrdiff_t slash;
	uint64_t n, ports = 1;

	if (s->n_media == SDP_MAX_MEDIA)
		return over(r, "Too many media sections");
	m = &s->media[s->n_media];
	if (!word(&v, &m->type) || !word(&v, &port) || !word(&v, &m->proto))
		return bad(r, "Bad m= line");
	slash = bb_str_chr(port, '/');
	if (slash >= 0) {
		count = bb_str_sub(port, (size_t)slash + 1, port.l);
		port.l = (size_t)slash;
	}
	if (!number(port, 65535, &n) || (count.p && !number(count, 64, &ports)))
		return bad(r, "Bad port on an m= line");
	m->port = (uint16_t)n;
	m->n_ports = (unsigned)ports;
	m->rtp = is_rtp(m->proto);
	m->dir = s->dir;
	s->n_media++;
	r->m = m;
	r->tail = &m->attrs;
	return read_formats(r, m, v);
}

/* --- attributes --- */

static struct sdp_format *format_of(struct sdp_media *m, struct bb_str text)
{
	for (size_t i = 0; i < m->n_formats; i++)
		if (bb_str_eq(m->formats[i].text, text))
			return &m->formats[i];
	return NULL;
}

/* "96 opus/48000/2" */
static int read_rtpmap(struct sdp_reader *r, struct bb_str v)
{
	struct bb_str pt, name, rate, channels;
	struct sdp_format *f;
	uint64_t n;

	if (!word(&v, &pt))
		return bad(r, "Bad rtpmap");
	f = format_of(r->m, pt);
	if (!f)
		return 0; /* of a format that is not offered: section 6.6 has no meaning for it */
	v = bb_str_trim(v);
	/* One that says too little names nothing ("31 LPC" is seen): the format alone is lost. */
	if (!bb_str_split(&v, '/', &name) || !name.l || !bb_str_split(&v, '/', &rate) ||
	    !number(rate, 1000000, &n) || n == 0)
		return 0;
	f->name = name;
	f->rate = (uint32_t)n;
	f->channels = 1;
	f->mapped = true;
	if (bb_str_split(&v, '/', &channels)) {
		if (!number(channels, 255, &n) || n == 0)
			return bad(r, "Bad rtpmap");
		f->channels = (unsigned)n;
	}
	return 0;
}

static int read_fmtp(struct sdp_reader *r, struct bb_str v)
{
	struct bb_str pt;
	struct sdp_format *f;

	if (!word(&v, &pt))
		return bad(r, "Bad fmtp");
	f = format_of(r->m, pt);
	if (f)
		f->fmtp = bb_str_trim(v);
	return 0;
}

/* "53020" or "53020 IN IP4 192.0.2.1" (RFC 3605). */
static int read_rtcp(struct sdp_reader *r, struct bb_str v)
{
	struct bb_str port, addr;
	uint64_t n;

	if (!word(&v, &port) || !number(port, 65535, &n))
		return bad(r, "Bad rtcp attribute");
	if (!n)
		return 0; /* No port: nothing is said of where RTCP goes. */
	if (word(&v, &addr) && word(&v, &addr) && word(&v, &addr)) {
		if (bb_addr_from(&r->m->rtcp, addr, (uint16_t)n))
			r->m->rtcp = (struct bb_addr){ 0 };
		return 0;
	}
	/* The address is that of the section, known at its end. */
	r->m->rtcp = (struct bb_addr){ 0 };
	r->m->rtcp.u.in.sin_port = htons((uint16_t)n);
	return 0;
}

static bool read_dir(struct bb_str name, enum sdp_dir *dir)
{
	for (int d = SDP_SENDRECV; d <= SDP_INACTIVE; d++) {
		if (bb_str_is(name, sdp_dir_name((enum sdp_dir)d))) {
			*dir = (enum sdp_dir)d;
			return true;
		}
	}
	return false;
}

static int keep_attr(struct sdp_reader *r, struct bb_str name, struct bb_str value)
{
	struct sdp_attr *a = bb_arena_alloc(r->arena, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->name = name;
	a->value = value;
	*r->tail = a;
	r->tail = &a->next;
	return 0;
}

/* An attribute with a field of its own in a section. @return 1 when it is none. */
static int media_attr(struct sdp_reader *r, struct bb_str name, struct bb_str value)
{
	uint64_t n;

	if (read_dir(name, &r->m->dir))
		return 0;
	if (bb_str_is(name, "rtcp-mux")) {
		r->m->rtcp_mux = true;
		return 0;
	}
	if (!value.p)
		return 1;
	if (r->m->rtp && bb_str_is(name, "rtpmap"))
		return read_rtpmap(r, value);
	if (bb_str_is(name, "fmtp"))
		return read_fmtp(r, value);
	if (r->m->rtp && bb_str_is(name, "rtcp"))
		return read_rtcp(r, value);
	if (bb_str_is(name, "ptime") || bb_str_is(name, "maxptime")) {
		/* Some write "20.0": what is no number is as good as absent. */
		if (number(bb_str_trim(value), 10000, &n)) {
			if (name.l == 5)
				r->m->ptime = (uint32_t)n;
			else
				r->m->maxptime = (uint32_t)n;
		}
		return 0;
	}
	return 1;
}

static int read_attr(struct sdp_reader *r, struct bb_str v)
{
	ptrdiff_t colon = bb_str_chr(v, ':');
	struct bb_str name = colon < 0 ? v : bb_strn(v.p, (size_t)colon), value = bb_strn(NULL, 0);
	int n = 1;

	if (colon >= 0)
		value = bb_str_sub(v, (size_t)colon + 1, v.l);
	name = bb_str_trim(name);
	if (!sip_is_token(name))
		return bad(r, "Bad a= line");
	if (++r->n_attrs > SDP_MAX_ATTRS)
		return over(r, "Too many attributes");
	if (r->m)
		n = media_attr(r, name, value);
	else if (read_dir(name, &r->s->dir))
		r->s->has_dir = true, n = 0;
	return n == 1 ? keep_attr(r, name, value) : n;
}

/* --- the whole --- */

static void first_of(struct bb_str *field, struct bb_str v)
{
	if (!field->p)
		*field = v;
}

static int read_line(struct sdp_reader *r, char type, struct bb_str v)
{
	struct sdp_session *s = r->s;

	switch (type) {
	case 'v':
		return bb_str_is(bb_str_trim(v), "0") ? 0 : bad(r, "Version is not 0");
	case 'o':
		return read_origin(r, v);
	case 's':
		first_of(&s->name, v);
		return 0;
	case 'i':
		first_of(r->m ? &r->m->title : &s->info, v);
		return 0;
	case 'c':
		return read_conn(r, v, r->m ? &r->m->conn : &s->conn);
	case 'b':
		first_of(r->m ? &r->m->bandwidth : &s->bandwidth, v);
		return 0;
	case 't':
		first_of(&s->timing, v);
		return 0;
	case 'm':
		return read_media(r, v);
	case 'a':
		return read_attr(r, v);
	default: /* u= e= p= r= z= k=: nothing for a telephone */
		return 0;
	}
}

/* Addresses that take the section's or the session's c= line. */
static void settle_addrs(struct sdp_session *s)
{
	for (size_t i = 0; i < s->n_media; i++) {
		struct sdp_media *m = &s->media[i];
		struct bb_str conn = m->conn.p ? m->conn : s->conn;
		uint16_t rtcp = 0;

		if (!bb_addr_set(&m->rtcp))
			rtcp = ntohs(m->rtcp.u.in.sin_port);
		if (!conn.p || bb_addr_from(&m->addr, conn, m->port))
			m->addr = (struct bb_addr){ 0 };
		if (!rtcp)
			continue;
		m->rtcp = m->addr;
		if (bb_addr_set(&m->rtcp))
			bb_addr_set_port(&m->rtcp, rtcp);
	}
}

static int read_all(struct sdp_reader *r, struct bb_str text)
{
	bool first = true;
	int err;

	while (text.l) {
		const char *lf = memchr(text.p, '\n', text.l);
		size_t l = lf ? (size_t)(lf - text.p) : text.l;
		struct bb_str line = bb_strn(text.p, l);

		text = lf ? bb_strn(lf + 1, text.l - l - 1) : bb_strn(text.p + text.l, 0);
		while (line.l && (line.p[line.l - 1] == '\r' || sip_is_ws(line.p[line.l - 1])))
			line.l--;
		if (!line.l)
			continue;
		if (line.l < 2 || line.p[1] != '=' || memchr(line.p, '\0', line.l) ||
		    memchr(line.p, '\r', line.l))
			return bad(r, "A line that is not type=value");
		if (first && line.p[0] != 'v')
			return bad(r, "Does not begin with v=");
		first = false;
		err = read_line(r, line.p[0], bb_str_sub(line, 2, line.l));
		if (err)
			return err;
	}
	if (first)
		return bad(r, "Empty");
	return r->s->sess_id.p ? 0 : bad(r, "No o= line");
}

int sdp_parse(struct sdp_session **sp, struct bb_arena *arena, struct bb_str text, const char **why)
{
	struct sdp_reader r = { .arena = arena };
	int err;

	if (why)
		*why = NULL;
	r.s = bb_arena_alloc(arena, sizeof(*r.s));
	if (!r.s)
		return -ENOMEM;
	r.tail = &r.s->attrs;
	err = read_all(&r, text);
	if (why)
		*why = r.why;
	if (err)
		return err;
	settle_addrs(r.s);
	*sp = r.s;
	return 0;
}

const struct sdp_attr *sdp_attr_find(const struct sdp_attr *list, const char *name)
{
	for (; list; list = list->next)
		if (bb_str_is(list->name, name))
			return list;
	return NULL;
}

int sdp_attr_add(struct sdp_attr **list, struct bb_arena *arena, struct bb_str name,
		 struct bb_str value)
{
	struct sdp_attr *a = bb_arena_alloc(arena, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->name = name;
	a->value = value;
	while (*list)
		list = &(*list)->next;
	*list = a;
	return 0;
}

const char *sdp_dir_name(enum sdp_dir d)
{
	static const char *const names[] = { "sendrecv", "sendonly", "recvonly", "inactive" };

	return names[d];
}

enum sdp_dir sdp_dir_reverse(enum sdp_dir d)
{
	if (d == SDP_SENDONLY)
		return SDP_RECVONLY;
	return d == SDP_RECVONLY ? SDP_SENDONLY : d;
}

bool sdp_static_format(int pt, struct sdp_format *f)
{
	static const struct {
		const char *name;
		uint32_t rate;
		unsigned channels;
	} types[35] = {
		[0] = { "PCMU", 8000, 1 },   [3] = { "GSM", 8000, 1 },
		[4] = { "G723", 8000, 1 },   [5] = { "DVI4", 8000, 1 },
		[6] = { "DVI4", 16000, 1 },  [7] = { "LPC", 8000, 1 },
		[8] = { "PCMA", 8000, 1 },   [9] = { "G722", 8000, 1 },
		[10] = { "L16", 44100, 2 },  [11] = { "L16", 44100, 1 },
		[12] = { "QCELP", 8000, 1 }, [13] = { "CN", 8000, 1 },
		[14] = { "MPA", 90000, 1 },  [15] = { "G728", 8000, 1 },
		[16] = { "DVI4", 11025, 1 }, [17] = { "DVI4", 22050, 1 },
		[18] = { "G729", 8000, 1 },  [25] = { "CelB", 90000, 1 },
		[26] = { "JPEG", 90000, 1 }, [28] = { "nv", 90000, 1 },
		[31] = { "H261", 90000, 1 }, [32] = { "MPV", 90000, 1 },
		[33] = { "MP2T", 90000, 1 }, [34] = { "H263", 90000, 1 },
	};

	if (pt < 0 || (size_t)pt >= BB_ARRAY_SIZE(types) || !types[pt].name)
		return false;
	f->name = bb_strz(types[pt].name);
	f->rate = types[pt].rate;
	f->channels = types[pt].channels;
	return true;
}
