/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_sip_msg.c - a message is parsed, each of its values looked at, and a
 * reply, an ACK and a CANCEL made of it, which must be readable again.
 */
#include "fuzz.h"

#include "modules/sip/stack.h"

const char *const fuzz_also = "tests/data/torture";

static void inside(struct bb_str s, const struct sip_msg *m)
{
	FUZZ_ASSERT(!s.l || (s.p >= m->raw.p && s.p + s.l <= m->raw.p + m->raw.l));
}

static void look_at_values(const struct sip_msg *m)
{
	struct sip_nameaddr na;
	struct sip_reason_value r;
	struct sip_values it;
	struct sip_rack rack;
	struct sip_via via;
	struct bb_str v, scheme;
	const struct sip_auth_param nonce = { BB_STR("nonce"), &v };
	uint32_t n;
	unsigned q;

	for (unsigned i = 0; i < m->n_hdrs; i++) {
		inside(m->hdrs[i].name, m);
		inside(m->hdrs[i].value, m);
		FUZZ_ASSERT(bb_str_chr(m->hdrs[i].value, '\n') < 0);
		if (!sip_auth_read(m->hdrs[i].value, &scheme, &nonce, 1) && v.p)
			inside(v, m);
		sip_reason_parse(&r, m->hdrs[i].value);
		sip_rack_parse(&rack, m->hdrs[i].value);
		sip_seconds(m->hdrs[i].value, &n);
	}
	for (int id = SIP_HDR_OTHER + 1; id < SIP_HDR_N; id++) {
		unsigned count = 0;

		sip_values_init(&it, m, (enum sip_hdr_id)id);
		while (sip_values_next(&it, &v) == 1) {
			inside(v, m);
			FUZZ_ASSERT(++count <= SIP_MAX_VALUES);
			if (!sip_nameaddr_parse(&na, v)) {
				inside(na.uri.host, m);
				inside(na.params, m);
				sip_qvalue(na.params, &q);
			}
			sip_via_parse(&via, v);
		}
		sip_msg_seconds(m, (enum sip_hdr_id)id, &n);
	}
}

static void parse_again(struct bb_buf *b, bool request)
{
	struct sip_fault f;
	struct sip_msg *m;
	int err;

	if (!b->err && b->l <= SIP_MAX_MESSAGE) {
		err = sip_msg_parse(&m, b->p, b->l, SIP_STREAM, NULL, &f);
		FUZZ_ASSERT(err == 0 && m->request == request);
		sip_msg_unref(m);
	}
	bb_buf_free(b);
}

/* Where a message ends must not depend on the pieces in which a stream brings it. */
static void frame_in_pieces(struct bb_str in)
{
	size_t step = 1 + (in.l ? (uint8_t)in.p[in.l / 2] % 64 : 0);
	size_t whole_scanned = 0, whole = 0, scanned = 0, total = 0;
	int n = 0, want = sip_frame(in, &whole_scanned, &whole);

	FUZZ_ASSERT(want <= 0 || whole <= in.l);
	for (size_t have = step; n == 0; have += step) {
		have = have > in.l ? in.l : have;
		n = sip_frame(bb_strn(in.p, have), &scanned, &total);
		FUZZ_ASSERT(scanned <= have);
		if (have == in.l)
			break;
	}
	FUZZ_ASSERT(n == want && (n == 0 || total == whole));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_buf b = { 0 };
	struct sip_fault f;
	struct sip_msg *m;
	struct bb_str body;
	int err;

	frame_in_pieces(bb_strn((const char *)data, size));
	err = sip_msg_parse(&m, (const char *)data, size, size & 1 ? SIP_STREAM : SIP_DATAGRAM,
			    NULL, &f);
	FUZZ_ASSERT(err == 0 || f.text);
	FUZZ_ASSERT(!m == (err && !f.code));
	if (!m)
		return 0;
	look_at_values(m);
	if (sip_msg_body_of(m, "application/sdp", &body))
		inside(body, m);
	sip_msg_check(m, NULL, &b, &f);
	bb_buf_free(&b);
	sip_msg_brief(&b, m);
	bb_buf_free(&b);
	if (m->request) {
		sip_reply_begin(&b, m, 200, NULL, BB_STR("tag"));
		sip_put_body(&b, NULL, BB_STR(""));
		if (err)
			bb_buf_free(&b);
		else
			parse_again(&b, false);
		if (!err && !sip_cancel_from(&b, m, BB_STR("SIP")))
			parse_again(&b, true);
		bb_buf_free(&b);
	}
	sip_msg_unref(m);
	return 0;
}
