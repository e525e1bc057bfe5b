/* SPDX-License-Identifier: BSD-3-Clause */
#include "sip_test.h"

#include "modules/sip/sdp.h"

static const char offer[] = "v=0\r\n"
			    "o=jdoe 2890844526 2890842807 IN IP4 10.47.16.5\r\n"
			    "s=SDP Seminar\r\n"
			    "i=A Seminar\r\n"
			    "u=http://www.example.com/\r\n"
			    "c=IN IP4 192.0.2.12/127\r\n"
			    "b=AS:128\r\n"
			    "t=2873397496 2873404696\r\n"
			    "a=recvonly\r\n"
			    "a=group:BUNDLE a v\r\n"
			    "m=audio 49170 RTP/AVP 0 8 101 96 18\r\n"
			    "a=rtpmap:101 telephone-event/8000\r\n"
			    "a=fmtp:101 0-16\r\n"
			    "a=rtpmap:96 opus/48000/2\r\n"
			    "a=rtpmap:97 ghost/8000\r\n"
			    "a=ptime:20\r\n"
			    "a=maxptime:40\r\n"
			    "a=sendrecv\r\n"
			    "a=rtcp:53020\r\n"
			    "a=rtcp-mux\r\n"
			    "a=ssrc:1 cname:x\r\n"
			    "m=video 51372/2 RTP/SAVPF 99\r\n"
			    "c=IN IP6 2001:db8::2\r\n"
			    "a=rtpmap:99 h263-1998/90000\r\n"
			    "m=image 0 udptl t38\r\n";

static struct bb_arena *arena;

static void setup(void)
{
	arena = bb_arena_new(512);
	ck_assert(arena != NULL);
}

static void teardown(void)
{
	bb_arena_free(arena);
}

static void check_offer(const struct sdp_session *s)
{
	const struct sdp_media *m = &s->media[0];
	char text[BB_ADDR_TEXT];

	ck_str_is(s->sess_id, "2890844526");
	ck_str_is(s->sess_version, "2890842807");
	ck_str_is(s->origin_addr, "IN IP4 10.47.16.5");
	ck_str_is(s->name, "SDP Seminar");
	ck_str_is(s->bandwidth, "AS:128");
	ck_str_is(sdp_attr_find(s->attrs, "group")->value, "BUNDLE a v");
	ck_assert_uint_eq(s->n_media, 3);
	ck_str_is(m->type, "audio");
	ck_assert(m->rtp && m->rtcp_mux);
	ck_assert_uint_eq(m->n_formats, 5);
	ck_str_is(m->formats[0].name, "PCMU");
	ck_assert_uint_eq(m->formats[1].rate, 8000);
	ck_str_is(m->formats[2].name, "telephone-event");
	ck_str_is(m->formats[2].fmtp, "0-16");
	ck_str_is(m->formats[3].name, "opus");
	ck_assert_uint_eq(m->formats[3].channels, 2);
	ck_assert_int_eq(m->formats[4].pt, 18);
	ck_assert_uint_eq(m->ptime, 20);
	ck_assert_uint_eq(m->maxptime, 40);
	ck_assert_int_eq(m->dir, SDP_SENDRECV);
	ck_assert_str_eq(bb_addr_print(&m->addr, text), "192.0.2.12:49170");
	ck_assert_str_eq(bb_addr_print(&m->rtcp, text), "192.0.2.12:53020");
	ck_str_is(sdp_attr_find(m->attrs, "ssrc")->value, "1 cname:x");
	m = &s->media[1];
	ck_assert_uint_eq(m->n_ports, 2);
	ck_assert_int_eq(m->dir, SDP_RECVONLY);
	ck_assert_str_eq(bb_addr_print(&m->addr, text), "[2001:db8::2]:51372");
	m = &s->media[2];
	ck_assert(!m->rtp);
	ck_assert_uint_eq(m->port, 0);
	ck_str_is(m->formats[0].text, "t38");
	ck_assert_int_eq(m->formats[0].pt, -1);
}

START_TEST(reads)
{
	struct sdp_session *s;
	const char *why;

	ck_assert_int_eq(sdp_parse(&s, arena, bb_strz(offer), &why), 0);
	check_offer(s);
}
END_TEST

/* What is printed is read as the same, and printing that gives the same text. */
START_TEST(prints)
{
	struct bb_buf b = { 0 }, c = { 0 };
	struct sdp_session *s;
	const char *why;

	ck_assert_int_eq(sdp_parse(&s, arena, bb_strz(offer), &why), 0);
	sdp_print(&b, s);
	ck_assert_msg(sdp_parse(&s, arena, bb_buf_str(&b), &why) == 0, "%s\n%s", why,
		      bb_buf_cstr(&b));
	check_offer(s);
	sdp_print(&c, s);
	ck_assert_str_eq(bb_buf_cstr(&b), bb_buf_cstr(&c));
	bb_buf_free(&b);
	bb_buf_free(&c);
}
END_TEST

static const char *const broken[] = {
	"",
	"o=- 1 1 IN IP4 h\r\n",
	"v=1\r\no=- 1 1 IN IP4 h\r\n",
	"v=0\r\ns=-\r\n",
	"v=0\r\no=- 1\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP4\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\nc=XX IP4 h\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio x RTP/AVP 0\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 65536 RTP/AVP 0\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 1\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\nnonsense\r\n",
	"v=0\r\no=- 1 1 IN IP4 h\r\na=\r\n",
};

START_TEST(refuses)
{
	struct sdp_session *s;
	const char *why = NULL;

	ck_assert_msg(sdp_parse(&s, arena, bb_strz(broken[_i]), &why) == -EBADMSG, "%s",
		      broken[_i]);
	ck_assert_ptr_nonnull(why);
}
END_TEST

/* A mapping that says too little names nothing; the rest of the description stands. */
START_TEST(half_a_mapping)
{
	struct sdp_session *s;
	const char *why;

	ck_assert_int_eq(sdp_parse(&s, arena,
				   BB_STR("v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 1 RTP/AVP 96 97 0\r\n"
					  "a=rtpmap:96 x\r\na=rtpmap:97 x/0\r\na=rtpmap:0 y\r\n"),
				   &why),
			 0);
	ck_assert_uint_eq(s->media[0].formats[0].name.l, 0);
	ck_assert_uint_eq(s->media[0].formats[1].name.l, 0);
	ck_str_is(s->media[0].formats[2].name, "PCMU");
}
END_TEST

START_TEST(tolerates)
{
	struct sdp_session *s;
	const char *why;

	ck_assert_int_eq(
		sdp_parse(&s, arena,
			  BB_STR("v=0\no=- 1 1 IN IP4 host.example.com\nc=IN IP4 host.example.com\n"
				 "m=audio 9 RTP/AVP\na=ptime:x\n\nz=0\na=inactive \n"),
			  &why),
		0);
	ck_assert(!bb_addr_set(&s->media[0].addr));
	ck_assert_uint_eq(s->media[0].n_formats, 0);
	ck_assert_int_eq(s->media[0].dir, SDP_INACTIVE);
	ck_assert_int_eq(sdp_dir_reverse(SDP_SENDONLY), SDP_RECVONLY);
}
END_TEST

START_TEST(bounds)
{
	static const struct {
		const char *line;
		unsigned ok;
	} many[] = {
		{ "m=audio 1 RTP/AVP 0\r\n", SDP_MAX_MEDIA },
		{ "a=x:y\r\n", SDP_MAX_ATTRS },
	};
	struct sdp_session *s;
	const char *why;

	for (size_t i = 0; i < BB_ARRAY_SIZE(many); i++) {
		struct bb_buf b = { 0 };

		bb_buf_puts(&b, "v=0\r\no=- 1 1 IN IP4 h\r\n");
		for (unsigned n = 0; n < many[i].ok; n++)
			bb_buf_puts(&b, many[i].line);
		ck_assert_int_eq(sdp_parse(&s, arena, bb_buf_str(&b), &why), 0);
		bb_buf_puts(&b, many[i].line);
		ck_assert_int_eq(sdp_parse(&s, arena, bb_buf_str(&b), &why), -E2BIG);
		bb_buf_free(&b);
	}
}
END_TEST

START_TEST(out_of_memory)
{
	struct sdp_session *s;
	const char *why;
	int err = -ENOMEM;

	for (unsigned long at = 1; err; at++) {
		struct bb_arena *a = bb_arena_new(64);

		ck_assert_uint_lt(at, 100);
		bb_mem_fail_at(at);
		err = sdp_parse(&s, a, bb_strz(offer), &why);
		bb_mem_fail_at(0);
		ck_assert(err == 0 || err == -ENOMEM);
		bb_arena_free(a);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip sdp");
	TCase *tc = tcase_create("sdp");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, reads);
	tcase_add_test(tc, prints);
	tcase_add_loop_test(tc, refuses, 0, BB_ARRAY_SIZE(broken));
	tcase_add_test(tc, half_a_mapping);
	tcase_add_test(tc, tolerates);
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, out_of_memory);
	suite_add_tcase(s, tc);
	return st_run(s);
}
