/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_sip.c - the SIP stack without a network: messages parsed a second,
 * replies built a second, and whole transactions a second (a request that
 * comes in as text, is matched, answered, and comes again) on the virtual
 * clock. One line a figure; the command that made it is the program's name.
 */
#include <stdio.h>
#include <time.h>

#include "core/loop/loop_core.h"
#include "modules/sip/stack.h"

static const char invite[] =
	"INVITE sip:102@192.0.2.10 SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.21:5062;branch=z9hG4bK%010u;rport\r\n"
	"Max-Forwards: 70\r\n"
	"From: \"Alice\" <sip:101@192.0.2.10>;tag=9fxced76sl\r\n"
	"To: <sip:102@192.0.2.10>\r\n"
	"Call-ID: %010u@192.0.2.21\r\n"
	"CSeq: 20 %s\r\n"
	"Contact: <sip:101@192.0.2.21:5062;transport=udp>;+sip.instance=\"<urn:uuid:0>\"\r\n"
	"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, UPDATE\r\n"
	"Supported: replaces, timer, 100rel\r\n"
	"User-Agent: Phone 1.0\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 152\r\n\r\n"
	"v=0\r\no=- 29739 72739 IN IP4 192.0.2.21\r\ns=-\r\nc=IN IP4 192.0.2.21\r\nt=0 0\r\n"
	"m=audio 49217 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv \r\n";

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void tell(const char *what, unsigned n, double from)
{
	double took = seconds() - from;

	printf("%-28s %9.0f a second, %6.2f us each\n", what, n / took, took * 1e6 / n);
}

static void bench_parse(const char *text, size_t len, unsigned n)
{
	double from = seconds();
	struct sip_fault f;
	struct sip_msg *m;

	for (unsigned i = 0; i < n; i++) {
		if (sip_msg_parse(&m, text, len, SIP_DATAGRAM, NULL, &f))
			printf("not parsed: %s\n", f.text);
		sip_msg_unref(m);
	}
	tell("parse an INVITE", n, from);
}

static void bench_build(const char *text, size_t len, unsigned n)
{
	struct sip_fault f;
	struct sip_msg *m;
	double from;

	if (sip_msg_parse(&m, text, len, SIP_DATAGRAM, NULL, &f))
		return;
	from = seconds();
	for (unsigned i = 0; i < n; i++) {
		struct bb_buf b = { 0 };

		sip_reply_begin(&b, m, 180, NULL, BB_STR("a6c85cf"));
		sip_put_hdr(&b, SIP_HDR_CONTACT, BB_STR("<sip:102@192.0.2.10>"));
		sip_put_body(&b, NULL, BB_STR(""));
		bb_buf_free(&b);
	}
	tell("build a 180", n, from);
	sip_msg_unref(m);
}

static void on_request(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	sip_strans_reply(st, 200, NULL);
}

static void nothing(struct bb_udp *u, struct bb_dgram *d, void *arg)
{
}

static void bench_transactions(unsigned n)
{
	static const struct sip_stack_ops ops = { .request = on_request };
	static const struct bb_udp_ops peer_ops = { .recv = nothing };
	struct sip_transport_conf tc = { .type = SIP_TP_UDP, .name = BB_STR("udp") };
	struct sip_flow flow = { .type = SIP_TP_UDP };
	struct sip_stack_conf conf;
	struct sip_transport *t;
	struct sip_stack *s;
	struct bb_udp *peer;
	char text[2048];
	double from;

	sip_stack_defaults(&conf);
	if (bb_addr_parse(&tc.bind, BB_STR("192.0.2.10:5060")) ||
	    bb_addr_parse(&flow.remote, BB_STR("192.0.2.21:5062")) ||
	    sip_stack_new(&s, &conf, &ops, NULL) || sip_transport_open(&t, s, &tc) ||
	    bb_udp_open(&peer, &flow.remote, &peer_ops, NULL))
		return;
	flow.transport = sip_transport_id(t);
	flow.local = tc.bind;
	from = seconds();
	for (unsigned i = 0; i < n; i++) {
		int len = snprintf(text, sizeof(text), invite, i, i, "INVITE");

		sip_stack_input(s, &flow, text, (size_t)len, SIP_DATAGRAM);
		sip_stack_input(s, &flow, text, (size_t)len, SIP_DATAGRAM);
		bb_sim_settle();
	}
	tell("INVITE, 200, INVITE again", n, from);
	printf("%-28s %9zu\n", "transactions held", bb_obj_live("sip_strans"));
	bb_sim_advance(64 * BB_SEC);
	sip_stack_free(s);
	bb_udp_close(peer);
}

int main(void)
{
	struct bb_loop_options opt = { .simulate = true, .seed = 1 };
	char text[2048];
	int len = snprintf(text, sizeof(text), invite, 1, 1, "INVITE");

	if (bb_loop_init(&opt))
		return 1;
	bench_parse(text, (size_t)len, 300000);
	bench_build(text, (size_t)len, 300000);
	bench_transactions(50000);
	return bb_loop_close() != 0;
}
