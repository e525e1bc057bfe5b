/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * view.c - typed views of single header values. All take trimmed, unfolded
 * text without line ends, and keep pointing into it.
 */
#include "modules/sip/chars.h"
#include "modules/sip/msg.h"

/* --- Via --- */

/* A token at *i, blanks around it skipped. */
static bool take_token(struct bb_str s, size_t *i, struct bb_str *tok)
{
	size_t from = *i = sip_skip_ws(s, *i);

	while (*i < s.l && sip_is(s.p[*i], SIP_C_TOKEN))
		(*i)++;
	*tok = bb_strn(s.p + from, *i - from);
	*i = sip_skip_ws(s, *i);
	return tok->l > 0;
}

static bool take_char(struct bb_str s, size_t *i, char c)
{
	if (*i >= s.l || s.p[*i] != c)
		return false;
	*i = sip_skip_ws(s, *i + 1);
	return true;
}

static int take_sent_by(struct sip_via *v, struct bb_str s, size_t *i)
{
	size_t from = *i;
	struct bb_str digits;
	uint64_t n;

	if (*i < s.l && s.p[*i] == '[') {
		v->ipv6 = true;
		from++;
		while (*i < s.l && s.p[*i] != ']')
			(*i)++;
		if (*i == s.l)
			return -EINVAL;
		v->host = bb_strn(s.p + from, (*i)++ - from);
	} else {
		while (*i < s.l && sip_is(s.p[*i], SIP_C_HOST))
			(*i)++;
		v->host = bb_strn(s.p + from, *i - from);
	}
	if (!sip_is_host(v->host) || v->ipv6 != (bb_str_chr(v->host, ':') >= 0))
		return -EINVAL;
	*i = sip_skip_ws(s, *i);
	if (!take_char(s, i, ':'))
		return 0;
	from = *i;
	while (*i < s.l && sip_is(s.p[*i], SIP_C_DIGIT))
		(*i)++;
	digits = bb_strn(s.p + from, *i - from);
	if (!digits.l || bb_str_u64(digits, &n) || n == 0 || n > 65535)
		return -EINVAL;
	v->port = (uint16_t)n;
	*i = sip_skip_ws(s, *i);
	return 0;
}

static struct bb_str unbracket(struct bb_str s)
{
	if (s.l > 2 && s.p[0] == '[' && s.p[s.l - 1] == ']')
		return bb_strn(s.p + 1, s.l - 2);
	return s;
}

static int via_params(struct sip_via *v)
{
	struct bb_str rest = v->params, name, value;
	uint64_t port;
	int n;

	while ((n = sip_param_next(&rest, &name, &value)) == 1) {
		if (bb_str_iis(name, "branch")) {
			v->branch = value;
		} else if (bb_str_iis(name, "received")) {
			v->received = unbracket(value);
		} else if (bb_str_iis(name, "maddr")) {
			v->maddr = unbracket(value);
		} else if (bb_str_iis(name, "rport")) {
			v->has_rport = true;
			if (value.p && (bb_str_u64(value, &port) || port == 0 || port > 65535))
				return -EINVAL;
			v->rport = value.p ? (uint16_t)port : 0;
		}
	}
	v->cookie = v->branch.l > 7 && bb_str_istarts(v->branch, BB_STR("z9hG4bK"));
	return n;
}

int sip_via_parse(struct sip_via *v, struct bb_str s)
{
	struct bb_str name, version;
	size_t i = 0;

	*v = (struct sip_via){ .text = s };
	v->params = BB_STR("");
	if (!take_token(s, &i, &name) || !take_char(s, &i, '/') || !take_token(s, &i, &version) ||
	    !take_char(s, &i, '/') || !take_token(s, &i, &v->transport))
		return -EINVAL;
	if (!bb_str_iis(name, "SIP") || !bb_str_is(version, "2.0"))
		return -EINVAL;
	v->tp = sip_tp_of(v->transport);
	if (v->transport.p + v->transport.l == s.p + i || take_sent_by(v, s, &i))
		return -EINVAL;
	if (i == s.l)
		return 0;
	if (s.p[i] != ';' || i + 1 == s.l)
		return -EINVAL;
	v->params = bb_str_sub(s, i + 1, s.l);
	return via_params(v);
}

/* --- name-addr --- */

static int nameaddr_params(struct sip_nameaddr *na, struct bb_str s)
{
	struct bb_str rest, name, value;
	int n;

	s = bb_str_trim(s);
	if (!s.l)
		return 0;
	if (s.p[0] != ';' || s.l == 1)
		return -EINVAL;
	rest = na->params = bb_str_sub(s, 1, s.l);
	while ((n = sip_param_next(&rest, &name, &value)) == 1) {
		if (!bb_str_iis(name, "tag"))
			continue;
		if (na->tag.p || !sip_is_token(value))
			return -EINVAL;
		na->tag = value;
	}
	return n;
}

/* What may stand before '<' without quotes: words, and what real phones add to them. */
static bool display_ok(struct bb_str s)
{
	for (size_t i = 0; i < s.l; i++)
		if (strchr(",;<>\"\\", s.p[i]))
			return false; /* strchr finds NUL too */
	return true;
}

static int bare_addr(struct sip_nameaddr *na, struct bb_str s)
{
	ptrdiff_t semi = bb_str_chr(s, ';');
	struct bb_str addr = semi < 0 ? s : bb_str_trim(bb_strn(s.p, (size_t)semi));

	if (bb_str_chr(addr, '?') >= 0 || bb_str_chr(addr, ',') >= 0)
		return -EINVAL;
	if (sip_uri_parse(&na->uri, addr))
		return -EINVAL;
	return nameaddr_params(na, semi < 0 ? BB_STR("") : bb_str_sub(s, (size_t)semi, s.l));
}

int sip_nameaddr_parse(struct sip_nameaddr *na, struct bb_str s)
{
	ptrdiff_t close;
	size_t i = 0;

	*na = (struct sip_nameaddr){ .text = s };
	na->display = na->params = BB_STR("");
	if (bb_str_is(s, "*")) {
		na->star = true;
		return 0;
	}
	if (s.l && s.p[0] == '"') {
		i = sip_skip_quoted(s, 0);
		if (!i)
			return -EINVAL;
		na->display = bb_strn(s.p, i);
		i = sip_skip_ws(s, i);
		if (i == s.l || s.p[i] != '<')
			return -EINVAL;
	} else {
		while (i < s.l && s.p[i] != '<')
			i++;
		if (i == s.l)
			return bare_addr(na, s);
		na->display = bb_str_trim(bb_strn(s.p, i));
		if (!display_ok(na->display))
			return -EINVAL;
	}
	na->angle = true;
	s = bb_str_sub(s, i + 1, s.l);
	close = bb_str_chr(s, '>');
	if (close < 0 || sip_uri_parse(&na->uri, bb_str_trim(bb_strn(s.p, (size_t)close))))
		return -EINVAL;
	return nameaddr_params(na, bb_str_sub(s, (size_t)close + 1, s.l));
}

/* --- numbers --- */

int sip_cseq_parse(struct sip_cseq *c, struct bb_str s)
{
	size_t i = 0;
	uint64_t n;

	*c = (struct sip_cseq){ 0 };
	while (i < s.l && sip_is(s.p[i], SIP_C_DIGIT))
		i++;
	/* Below 2^31: section 8.1.1.5. */
	if (i == 0 || bb_str_u64(bb_strn(s.p, i), &n) || n > INT32_MAX)
		return -EINVAL;
	if (i == s.l || !sip_is_ws(s.p[i]))
		return -EINVAL;
	c->number = (uint32_t)n;
	c->method_text = bb_str_trim(bb_str_sub(s, i, s.l));
	c->method = sip_method_of(c->method_text);
	return sip_is_token(c->method_text) ? 0 : -EINVAL;
}

int sip_seconds(struct bb_str s, uint32_t *out)
{
	uint64_t n;

	if (!s.p)
		return -ENOENT;
	if (!sip_all(s, SIP_C_DIGIT))
		return -EINVAL;
	if (bb_str_u64(s, &n) || n > UINT32_MAX) {
		*out = UINT32_MAX;
		return -ERANGE;
	}
	*out = (uint32_t)n;
	return 0;
}

int sip_msg_seconds(const struct sip_msg *m, enum sip_hdr_id id, uint32_t *out)
{
	struct bb_str v = sip_msg_value(m, id);

	for (size_t i = 0; i < v.l; i++) {
		/* Retry-After may bear a comment and parameters. */
		if (v.p[i] == ';' || v.p[i] == '(') {
			v.l = i;
			break;
		}
	}
	return sip_seconds(v.p ? bb_str_trim(v) : v, out);
}

int sip_qvalue(struct bb_str params, unsigned *q)
{
	struct bb_str v;
	unsigned n, scale = 100;

	*q = 1000;
	if (!sip_param(params, "q", &v))
		return 0;
	if (!v.l || (v.p[0] != '0' && v.p[0] != '1') || v.l > 5)
		return -EINVAL;
	n = v.p[0] == '1' ? 1000 : 0;
	if (v.l > 1 && v.p[1] != '.')
		return -EINVAL;
	for (size_t i = 2; i < v.l; i++, scale /= 10) {
		if (!sip_is(v.p[i], SIP_C_DIGIT))
			return -EINVAL;
		n += (unsigned)(v.p[i] - '0') * scale;
	}
	if (n > 1000)
		return -EINVAL;
	*q = n;
	return 0;
}

/* --- credentials, challenges --- */

/* Next name=value of a comma separated list, in one walk. @return 1, 0 at the end, -EINVAL. */
static int auth_next(struct bb_str *rest, struct bb_str *name, struct bb_str *value)
{
	struct bb_str s = *rest;
	size_t i = sip_skip_ws(s, 0), from = i, end;

	if (i == s.l)
		return 0;
	while (i < s.l && sip_is(s.p[i], SIP_C_TOKEN))
		i++;
	*name = bb_strn(s.p + from, i - from);
	i = sip_skip_ws(s, i);
	if (!name->l || i == s.l || s.p[i] != '=')
		return -EINVAL;
	from = sip_skip_ws(s, i + 1);
	if (from < s.l && s.p[from] == '"') {
		end = sip_skip_quoted(s, from);
		if (!end)
			return -EINVAL;
		*value = bb_strn(s.p + from, end - from);
		end = sip_skip_ws(s, end);
	} else {
		for (end = from; end < s.l && s.p[end] != ',';)
			end++;
		*value = bb_str_trim(bb_strn(s.p + from, end - from));
	}
	/* A comma with nothing behind it is no end. */
	if (end < s.l && (s.p[end] != ',' || sip_skip_ws(s, end + 1) == s.l))
		return -EINVAL;
	*rest = end < s.l ? bb_strn(s.p + end + 1, s.l - end - 1) : bb_strn(s.p + s.l, 0);
	return 1;
}

static void take_param(const struct sip_auth_param *want, size_t n, struct bb_str name,
		       struct bb_str value)
{
	for (size_t i = 0; i < n; i++)
		if (bb_str_ieq(want[i].name, name)) {
			if (!want[i].value->p)
				*want[i].value = sip_unquote(value);
			return;
		}
}

int sip_auth_read(struct bb_str s, struct bb_str *scheme, const struct sip_auth_param *want,
		  size_t n)
{
	struct bb_str rest, name, value;
	size_t i = 0;
	int got;

	for (size_t k = 0; k < n; k++)
		*want[k].value = bb_strn(NULL, 0);
	while (i < s.l && sip_is(s.p[i], SIP_C_TOKEN))
		i++;
	*scheme = bb_strn(s.p, i);
	if (!i || (i < s.l && !sip_is_ws(s.p[i])))
		return -EINVAL;
	if (!bb_str_iis(*scheme, "Digest"))
		return 0; /* other schemes have grammars of their own */
	rest = bb_str_sub(s, i, s.l);
	while ((got = auth_next(&rest, &name, &value)) == 1)
		take_param(want, n, name, value);
	return got;
}

/* --- Reason, RAck --- */

int sip_reason_parse(struct sip_reason_value *r, struct bb_str s)
{
	ptrdiff_t semi = bb_str_chr(s, ';');
	struct bb_str params = semi < 0 ? BB_STR("") : bb_str_sub(s, (size_t)semi + 1, s.l), v;
	uint32_t cause;

	*r = (struct sip_reason_value){ .text = BB_STR("") };
	r->protocol = bb_str_trim(bb_strn(s.p, semi < 0 ? s.l : (size_t)semi));
	if (!sip_is_token(r->protocol))
		return -EINVAL;
	if (sip_param(params, "cause", &v)) {
		if (sip_seconds(v, &cause))
			return -EINVAL;
		r->cause = cause;
	}
	if (sip_param(params, "text", &v))
		r->text = sip_unquote(v);
	return 0;
}

int sip_rack_parse(struct sip_rack *r, struct bb_str s)
{
	size_t i = 0;

	*r = (struct sip_rack){ 0 };
	while (i < s.l && sip_is(s.p[i], SIP_C_DIGIT))
		i++;
	if (sip_seconds(bb_strn(s.p, i), &r->rseq) || i == s.l)
		return -EINVAL;
	return sip_cseq_parse(&r->cseq, bb_str_trim(bb_str_sub(s, i, s.l)));
}
