/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * parse.c - from bytes to struct sip_msg: start line, header lines with
 * folding undone in place, the headers that every layer needs, the body.
 *
 * The first thing found wrong is remembered and parsing goes on, so that a
 * request that is broken but can be answered gets its 4xx.
 */
#include "modules/sip/chars.h"
#include "modules/sip/msg.h"

#define HDRS_FIRST 32u

/* One pass over the writable copy. */
struct parser {
	struct sip_msg *m;
	char *p, *end;
	unsigned cap;
	bool dup; /* the header at hand is a second one of a kind that stands alone */
	int err;
};

static void destroy(void *obj)
{
	struct sip_msg *m = obj;

	bb_arena_free(m->arena);
}

struct sip_msg *sip_msg_ref(struct sip_msg *m)
{
	return bb_obj_ref(m);
}

void sip_msg_unref(struct sip_msg *m)
{
	bb_obj_unref(m);
}

/* First mistake wins. */
static void fault(struct sip_msg *m, unsigned code, const char *text)
{
	if (m->fault.text)
		return;
	m->fault.code = (uint16_t)code;
	m->fault.text = text;
}

static int new_msg(struct sip_msg **mp, const char *data, size_t len)
{
	struct sip_msg *m = bb_obj_new(sizeof(*m), destroy, "sip_msg");
	char *copy;

	if (!m)
		return -ENOMEM;
	m->arena = bb_arena_new(len + 64 + HDRS_FIRST * sizeof(struct sip_hdr));
	copy = m->arena ? bb_arena_alloc(m->arena, len + 1) : NULL;
	m->hdrs = copy ? bb_arena_alloc(m->arena, HDRS_FIRST * sizeof(*m->hdrs)) : NULL;
	if (!m->hdrs) {
		sip_msg_unref(m);
		return -ENOMEM;
	}
	memcpy(copy, data, len);
	m->raw = bb_strn(copy, len);
	m->max_forwards = -1;
	m->body = bb_strn(copy + len, 0);
	*mp = m;
	return 0;
}

/* The next line without its end; continuation lines are joined to it in place when @p fold. */
static bool next_line(struct parser *ps, bool fold, struct bb_str *line)
{
	char *from = ps->p, *lf, *last;

	for (;;) {
		lf = ps->p < ps->end ? memchr(ps->p, '\n', (size_t)(ps->end - ps->p)) : NULL;
		if (!lf)
			return false;
		ps->p = lf + 1;
		last = lf > from && lf[-1] == '\r' ? lf - 1 : lf;
		if (!fold || last == from || ps->p == ps->end || !sip_is_ws(*ps->p))
			break;
		*lf = ' ';
		*last = ' ';
	}
	*line = bb_strn(from, (size_t)(last - from));
	return true;
}

/* --- start line --- */

static void request_line(struct sip_msg *m, struct bb_str line)
{
	ptrdiff_t sp = bb_str_chr(line, ' ');
	struct bb_str rest = bb_str_sub(line, (size_t)sp + 1, line.l), version;

	m->request = true;
	m->method_text = bb_strn(line.p, (size_t)sp);
	m->method = sip_method_of(m->method_text);
	for (sp = (ptrdiff_t)rest.l - 1; sp >= 0 && rest.p[sp] != ' '; sp--)
		;
	if (sp < 0) {
		fault(m, 400, "No version on the request line");
		return;
	}
	version = bb_str_sub(rest, (size_t)sp + 1, rest.l);
	m->ruri_text = bb_strn(rest.p, (size_t)sp);
	if (!bb_str_iis(version, "SIP/2.0"))
		fault(m, bb_str_istarts(version, BB_STR("SIP/")) ? 505 : 400,
		      "Version is not SIP/2.0");
	else if (!sip_is_token(m->method_text))
		fault(m, 400, "Bad method name");
	else if (sip_uri_parse(&m->ruri, m->ruri_text))
		fault(m, 400, "Bad Request-URI");
}

static void status_line(struct sip_msg *m, struct bb_str line)
{
	struct bb_str code = bb_str_sub(line, 8, 3);

	m->reason = bb_str_sub(line, 12, line.l);
	if (!sip_all(code, SIP_C_DIGIT) || code.l != 3 || code.p[0] < '1' || code.p[0] > '6' ||
	    (line.l > 11 && line.p[11] != ' ')) {
		fault(m, 0, "Bad status code");
		return;
	}
	m->status =
		(uint16_t)((code.p[0] - '0') * 100 + (code.p[1] - '0') * 10 + (code.p[2] - '0'));
}

/* @return false when this is no SIP at all. */
static bool start_line(struct parser *ps)
{
	struct bb_str line;

	while (ps->p < ps->end && (*ps->p == '\r' || *ps->p == '\n'))
		ps->p++;
	if (!next_line(ps, false, &line)) {
		fault(ps->m, 0, "No start line");
		return false;
	}
	if (bb_str_istarts(line, BB_STR("SIP/2.0 "))) {
		status_line(ps->m, line);
		return true;
	}
	if (bb_str_chr(line, ' ') <= 0 || bb_str_find(line, BB_STR("SIP/")) < 0) {
		fault(ps->m, 0, "Not SIP");
		return false;
	}
	request_line(ps->m, line);
	return true;
}

/* --- header lines --- */

static struct sip_hdr *new_hdr(struct parser *ps)
{
	struct sip_msg *m = ps->m;
	struct sip_hdr *more;

	if (m->n_hdrs == ps->cap) {
		more = bb_arena_alloc(m->arena, ps->cap * 2 * sizeof(*more));
		if (!more) {
			ps->err = -ENOMEM;
			return NULL;
		}
		memcpy(more, m->hdrs, m->n_hdrs * sizeof(*more));
		m->hdrs = more;
		ps->cap *= 2;
	}
	return &m->hdrs[m->n_hdrs++];
}

static void content_length(struct sip_msg *m, struct bb_str value)
{
	struct bb_str old = sip_msg_value(m, SIP_HDR_CONTENT_LENGTH);
	uint64_t a, b;

	if (!sip_all(value, SIP_C_DIGIT) || bb_str_u64(value, &a) || a > SIP_MAX_MESSAGE)
		fault(m, 400, "Bad Content-Length");
	else if (old.p && (bb_str_u64(old, &b) || a != b))
		fault(m, 400, "Two different Content-Lengths");
}

static void decode(struct sip_msg *m, enum sip_hdr_id id, struct bb_str value)
{
	struct bb_str first;
	uint64_t n;

	switch (id) {
	case SIP_HDR_VIA:
		if (!m->via.text.p &&
		    (sip_value_cut(&value, &first) != 1 || sip_via_parse(&m->via, first))) {
			m->via = (struct sip_via){ .text = value };
			fault(m, 0, "Bad Via");
		}
		break;
	case SIP_HDR_FROM:
		if (sip_nameaddr_parse(&m->from, value) || m->from.star)
			fault(m, 400, "Bad From");
		break;
	case SIP_HDR_TO:
		if (sip_nameaddr_parse(&m->to, value) || m->to.star)
			fault(m, 400, "Bad To");
		break;
	case SIP_HDR_CALL_ID:
		m->call_id = value;
		if (!sip_all(value, SIP_C_WORD))
			fault(m, 400, "Bad Call-ID");
		break;
	case SIP_HDR_CSEQ:
		if (sip_cseq_parse(&m->cseq, value))
			fault(m, 400, "Bad CSeq");
		break;
	case SIP_HDR_MAX_FORWARDS:
		if (!sip_all(value, SIP_C_DIGIT) || bb_str_u64(value, &n) || n > 255)
			fault(m, 400, "Bad Max-Forwards");
		else
			m->max_forwards = (int)n;
		break;
	default:
		break;
	}
}

/* Chain it to the last one of its id. */
static void link_hdr(struct sip_msg *m, struct sip_hdr *h)
{
	uint16_t *at = &m->first[h->id];

	while (*at)
		at = &m->hdrs[*at - 1].next;
	*at = (uint16_t)(h - m->hdrs + 1);
}

static void header_line(struct parser *ps, struct bb_str line)
{
	struct sip_msg *m = ps->m;
	ptrdiff_t colon = bb_str_chr(line, ':');
	struct bb_str name, value;
	struct sip_hdr *h;
	enum sip_hdr_id id;

	name = bb_str_trim(bb_strn(line.p, colon > 0 ? (size_t)colon : 0));
	if (!sip_is_token(name)) {
		fault(m, 400, "A header line without a name");
		return;
	}
	value = bb_str_trim(bb_str_sub(line, (size_t)colon + 1, line.l));
	if (value.l && memchr(value.p, '\r', value.l))
		fault(m, 400, "A bare CR in a header");
	id = sip_hdr_id_of(name);
	if (id == SIP_HDR_CONTENT_LENGTH)
		content_length(m, value);
	if ((sip_hdr_flags(id) & SIP_HF_SINGLE) && m->first[id])
		fault(m, 400, "A header that may stand only once stands twice");
	else
		decode(m, id, value);
	h = new_hdr(ps);
	if (!h)
		return;
	*h = (struct sip_hdr){ .id = id, .name = name, .value = value };
	if (id != SIP_HDR_OTHER)
		link_hdr(m, h);
}

/* Up to the empty line. */
static void header_lines(struct parser *ps)
{
	struct bb_str line;

	while (!ps->err) {
		if (!next_line(ps, true, &line)) {
			fault(ps->m, 400, "Headers do not end");
			ps->p = ps->end;
			return;
		}
		if (!line.l)
			return;
		if (ps->m->n_hdrs >= SIP_MAX_HEADERS) {
			fault(ps->m, 400, "Too many headers");
			return;
		}
		header_line(ps, line);
	}
}

/* --- the whole --- */

static void body(struct parser *ps, enum sip_framing framing)
{
	struct sip_msg *m = ps->m;
	struct bb_str cl = sip_msg_value(m, SIP_HDR_CONTENT_LENGTH);
	size_t have = (size_t)(ps->end - ps->p);
	uint64_t want = have;

	if (cl.p && bb_str_u64(cl, &want))
		return;
	if (!cl.p && framing == SIP_STREAM)
		fault(m, 400, "No Content-Length on a stream");
	if (want > have) {
		fault(m, 400, "Content-Length is larger than the message");
		want = have;
	}
	m->body = bb_strn(ps->p, want);
}

static void check(struct sip_msg *m)
{
	if (!m->via.text.p)
		fault(m, 0, "No Via");
	else if (!m->first[SIP_HDR_FROM])
		fault(m, 400, "No From");
	else if (!m->first[SIP_HDR_TO])
		fault(m, 400, "No To");
	else if (!m->first[SIP_HDR_CALL_ID])
		fault(m, 400, "No Call-ID");
	else if (!m->first[SIP_HDR_CSEQ])
		fault(m, 400, "No CSeq");
	else if (m->request && !bb_str_eq(m->method_text, m->cseq.method_text))
		fault(m, 400, "CSeq names another method");
	if (!m->request) {
		m->method = m->cseq.method;
		m->method_text = m->cseq.method_text;
	}
	if (!m->fault.text)
		return;
	/* What has no way back, and what must never be answered. */
	if (!m->request || m->method == SIP_ACK || !m->via.host.l)
		m->fault.code = 0;
}

int sip_msg_parse(struct sip_msg **mp, const char *data, size_t len, enum sip_framing framing,
		  const struct sip_flow *flow, struct sip_fault *flt)
{
	struct parser ps = { .cap = HDRS_FIRST };
	struct sip_msg *m;
	int err;

	*mp = NULL;
	*flt = (struct sip_fault){ 0 };
	if (len > SIP_MAX_MESSAGE) {
		flt->text = "Message too long";
		return -EBADMSG;
	}
	err = new_msg(&m, data, len);
	if (err)
		return err;
	if (flow)
		m->flow = *flow;
	ps.m = m;
	ps.p = (char *)m->raw.p;
	ps.end = ps.p + len;
	if (start_line(&ps)) {
		header_lines(&ps);
		body(&ps, framing);
		check(m);
	}
	*flt = m->fault;
	if (ps.err || (m->fault.text && !m->fault.code)) {
		sip_msg_unref(m);
		return ps.err ? ps.err : -EBADMSG;
	}
	*mp = m;
	return m->fault.text ? -EBADMSG : 0;
}
