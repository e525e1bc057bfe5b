/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * msg.c - asking a parsed message: headers by id and name, lists of values,
 * checks, bodies.
 */
#include "modules/sip/chars.h"
#include "modules/sip/msg.h"

const struct sip_hdr *sip_msg_hdr(const struct sip_msg *m, enum sip_hdr_id id)
{
	return id != SIP_HDR_OTHER && m->first[id] ? &m->hdrs[m->first[id] - 1] : NULL;
}

const struct sip_hdr *sip_msg_hdr_next(const struct sip_msg *m, const struct sip_hdr *h)
{
	return h->next ? &m->hdrs[h->next - 1] : NULL;
}

struct bb_str sip_msg_value(const struct sip_msg *m, enum sip_hdr_id id)
{
	const struct sip_hdr *h = sip_msg_hdr(m, id);

	return h ? h->value : bb_strn(NULL, 0);
}

const struct sip_hdr *sip_msg_hdr_named(const struct sip_msg *m, struct bb_str name, unsigned n)
{
	enum sip_hdr_id id = sip_hdr_id_of(name);

	for (unsigned i = 0; i < m->n_hdrs; i++) {
		const struct sip_hdr *h = &m->hdrs[i];

		if (h->id != id || (id == SIP_HDR_OTHER && !bb_str_ieq(h->name, name)))
			continue;
		if (n-- == 0)
			return h;
	}
	return NULL;
}

struct bb_str sip_msg_lines(const struct sip_msg *m)
{
	return m->body.l ? bb_strn(m->raw.p, (size_t)(m->body.p - m->raw.p)) : m->raw;
}

struct bb_str sip_lines_value(struct bb_str lines, struct bb_str name, unsigned n)
{
	enum sip_hdr_id id = sip_hdr_id_of(name);
	ptrdiff_t lf = bb_str_chr(lines, '\n'), colon;

	while (lf >= 0) {
		struct bb_str line, found;

		lines = bb_str_sub(lines, (size_t)lf + 1, lines.l);
		lf = bb_str_chr(lines, '\n');
		line = bb_str_trim(lf < 0 ? lines : bb_strn(lines.p, (size_t)lf));
		colon = bb_str_chr(line, ':');
		if (colon < 0)
			continue;
		found = bb_str_trim(bb_strn(line.p, (size_t)colon));
		if (sip_hdr_id_of(found) != id || (id == SIP_HDR_OTHER && !bb_str_ieq(found, name)))
			continue;
		if (n-- == 0)
			return bb_str_trim(bb_str_sub(line, (size_t)colon + 1, line.l));
	}
	return bb_strn(NULL, 0);
}

/* --- lists --- */

void sip_values_init(struct sip_values *it, const struct sip_msg *m, enum sip_hdr_id id)
{
	*it = (struct sip_values){ .m = m, .h = sip_msg_hdr(m, id) };
	if (it->h)
		it->rest = it->h->value;
}

/* The comma that ends the value at the front: outside quotes and angle brackets. */
static ptrdiff_t value_end(struct bb_str s)
{
	bool angle = false;
	size_t i = 0;

	while (i < s.l) {
		switch (s.p[i]) {
		case '"':
			i = sip_skip_quoted(s, i);
			if (!i)
				return -EINVAL;
			continue;
		case '<':
			angle = true;
			break;
		case '>':
			angle = false;
			break;
		case ',':
			if (!angle)
				return (ptrdiff_t)i;
			break;
		default:
			break;
		}
		i++;
	}
	return angle ? -EINVAL : (ptrdiff_t)i;
}

int sip_value_cut(struct bb_str *rest, struct bb_str *value)
{
	ptrdiff_t end;

	*value = bb_strn(NULL, 0);
	if (!rest->l)
		return 0;
	end = value_end(*rest);
	if (end < 0)
		return -EINVAL;
	*value = bb_str_trim(bb_strn(rest->p, (size_t)end));
	/* A comma with nothing behind it must not look like the end. */
	if (!value->l || (size_t)end + 1 == rest->l)
		return -EINVAL;
	*rest = (size_t)end < rest->l ? bb_str_sub(*rest, (size_t)end + 1, rest->l)
				      : bb_strn(rest->p + rest->l, 0);
	return 1;
}

int sip_values_next(struct sip_values *it, struct bb_str *value)
{
	*value = bb_strn(NULL, 0);
	while (it->h && !it->rest.l) {
		it->h = sip_msg_hdr_next(it->m, it->h);
		if (it->h)
			it->rest = it->h->value;
	}
	if (!it->h)
		return 0;
	if (it->n++ >= SIP_MAX_VALUES)
		return -EINVAL;
	if (!(sip_hdr_flags(it->h->id) & SIP_HF_LIST)) {
		*value = it->rest;
		it->rest = bb_strn(it->rest.p + it->rest.l, 0);
		return 1;
	}
	return sip_value_cut(&it->rest, value);
}

int sip_nameaddr_next(struct sip_values *it, struct sip_nameaddr *na)
{
	struct bb_str value;
	int n = sip_values_next(it, &value);

	if (n == 1 && sip_nameaddr_parse(na, value))
		return -EINVAL;
	return n;
}

bool sip_msg_has_token(const struct sip_msg *m, enum sip_hdr_id id, const char *token)
{
	struct sip_values it;
	struct bb_str value;

	sip_values_init(&it, m, id);
	while (sip_values_next(&it, &value) == 1)
		if (bb_str_iis(value, token))
			return true;
	return false;
}

/* --- checks --- */

static bool in_list(const char *const *list, struct bb_str token)
{
	for (; list && *list; list++)
		if (bb_str_iis(token, *list))
			return true;
	return false;
}

static int check_require(const struct sip_msg *m, const char *const *supported,
			 struct bb_buf *unsupported, struct sip_fault *flt)
{
	struct sip_values it;
	struct bb_str value;
	bool bad = false;
	int n;

	sip_values_init(&it, m, SIP_HDR_REQUIRE);
	while ((n = sip_values_next(&it, &value)) == 1) {
		if (in_list(supported, value))
			continue;
		if (unsupported) {
			if (bad)
				bb_buf_puts(unsupported, ", ");
			bb_buf_putstr(unsupported, value);
		}
		bad = true;
	}
	if (n < 0)
		*flt = (struct sip_fault){ 400, "Bad Require" };
	else if (bad)
		*flt = (struct sip_fault){ 420, "Require names an unknown extension" };
	return n < 0 || bad ? -EBADMSG : 0;
}

int sip_msg_check(const struct sip_msg *m, const char *const *supported, struct bb_buf *unsupported,
		  struct sip_fault *flt)
{
	*flt = (struct sip_fault){ 0 };
	if (!m->request)
		return 0;
	if (m->ruri.scheme == SIP_SCHEME_OTHER) {
		*flt = (struct sip_fault){ 416, "Unknown scheme of the Request-URI" };
		return -EBADMSG;
	}
	if (m->method == SIP_ACK || m->method == SIP_CANCEL)
		return 0;
	return check_require(m, supported, unsupported, flt);
}

/* --- bodies --- */

bool sip_ctype_is(struct bb_str value, const char *type)
{
	ptrdiff_t semi = bb_str_chr(value, ';');

	if (semi >= 0)
		value.l = (size_t)semi;
	return bb_str_iis(bb_str_trim(value), type);
}

/* Offset of a "--boundary" at the beginning of a line, from @p from on; -1 when there is none. */
static ptrdiff_t find_delimiter(struct bb_str body, size_t from, struct bb_str boundary)
{
	while (from + 2 + boundary.l <= body.l) {
		const char *p = memchr(body.p + from, '-', body.l - from);
		size_t at;

		if (!p)
			return -1;
		at = (size_t)(p - body.p);
		if (at + 2 + boundary.l > body.l)
			return -1;
		if (p[1] == '-' && !memcmp(p + 2, boundary.p, boundary.l) &&
		    (at == 0 || p[-1] == '\n'))
			return (ptrdiff_t)at;
		from = at + 1;
	}
	return -1;
}

/* Split a part into its Content-Type and its content. */
static void part_split(struct bb_str part, struct bb_str *ctype, struct bb_str *content)
{
	struct bb_str rest = part;

	*ctype = BB_STR("text/plain");
	*content = BB_STR("");
	while (rest.l) {
		ptrdiff_t lf = bb_str_chr(rest, '\n');
		struct bb_str line = bb_str_trim(bb_strn(rest.p, lf < 0 ? rest.l : (size_t)lf));
		ptrdiff_t colon = bb_str_chr(line, ':');

		rest = lf < 0 ? bb_strn(rest.p + rest.l, 0)
			      : bb_str_sub(rest, (size_t)lf + 1, rest.l);
		if (!line.l) {
			*content = rest;
			return;
		}
		if (colon > 0 && sip_hdr_id_of(bb_str_trim(bb_strn(line.p, (size_t)colon))) ==
					 SIP_HDR_CONTENT_TYPE)
			*ctype = bb_str_trim(bb_str_sub(line, (size_t)colon + 1, line.l));
	}
}

static bool multipart_find(struct bb_str body, struct bb_str boundary, const char *type,
			   struct bb_str *out)
{
	ptrdiff_t at = find_delimiter(body, 0, boundary), next;
	struct bb_str ctype, content;

	while (at >= 0) {
		size_t from = (size_t)at + 2 + boundary.l, to;

		if (from + 1 < body.l && body.p[from] == '-' && body.p[from + 1] == '-')
			return false;
		next = find_delimiter(body, from, boundary);
		if (next < 0)
			return false;
		while (from < (size_t)next && body.p[from] != '\n')
			from++;
		to = (size_t)next; /* the line end before a delimiter belongs to the delimiter */
		if (to > from && body.p[to - 1] == '\n')
			to--;
		if (to > from && body.p[to - 1] == '\r')
			to--;
		part_split(bb_str_sub(body, from + 1, to > from ? to - from - 1 : 0), &ctype,
			   &content);
		if (sip_ctype_is(ctype, type)) {
			*out = content;
			return true;
		}
		at = next;
	}
	return false;
}

bool sip_msg_body_of(const struct sip_msg *m, const char *type, struct bb_str *body)
{
	struct bb_str ctype = sip_msg_value(m, SIP_HDR_CONTENT_TYPE), boundary;
	ptrdiff_t semi;

	*body = bb_strn(NULL, 0);
	if (!m->body.l || !ctype.l)
		return false;
	if (sip_ctype_is(ctype, type)) {
		*body = m->body;
		return true;
	}
	semi = bb_str_chr(ctype, ';');
	if (semi < 0 || !bb_str_istarts(ctype, BB_STR("multipart/")) ||
	    !sip_param(bb_str_sub(ctype, (size_t)semi + 1, ctype.l), "boundary", &boundary))
		return false;
	boundary = sip_unquote(boundary);
	return boundary.l && boundary.l <= 70 && multipart_find(m->body, boundary, type, body);
}

void sip_msg_brief(struct bb_buf *b, const struct sip_msg *m)
{
	if (m->request)
		bb_buf_printf(b, "%.*s %.*s", BB_FMT(m->method_text), BB_FMT(m->ruri_text));
	else
		bb_buf_printf(b, "%u %.*s", m->status, BB_FMT(m->reason));
	bb_buf_printf(b, " (Call-ID %.*s, CSeq %u %.*s)", BB_FMT(m->call_id), m->cseq.number,
		      BB_FMT(m->cseq.method_text));
}
