/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two stacks over a network that loses, doubles and reorders datagrams. What
 * must hold with every seed: each request reaches the other side's user once,
 * each transaction tells its user of its end once, no final response but a 2xx
 * is told twice, and nothing outlives its call. A failure names its seed;
 * BB_SEED=n runs that one alone.
 */
#include "core/loop/loop_core.h"
#include "modules/sip/trans.h"
#include "sip_test.h"

#define CALLS 60

enum plan { ANSWER, REFUSE, CANCEL_IT, PLANS };

struct call {
	unsigned id;
	enum plan plan;
	struct sip_ctrans *invite;
	struct bb_timer cancel;
	unsigned finals, oks, gone, bye_gone;
	struct bb_buf ack;
	/* the other side */
	struct sip_strans *st;
	unsigned invites, byes, acks, st_gone, cancels;
	struct bb_timer answer, resend;
	bb_time interval;
};

static struct call calls[CALLS];
static struct sip_stack *a, *b;
static struct sip_transport *ta, *tb;
static unsigned long seed;

#define HOLDS(cond, c)                                                                             \
	ck_assert_msg(cond, "seed %lu, call %u, plan %d: not %s", seed, (c)->id, (c)->plan, #cond)

static struct call *of(struct bb_str call_id)
{
	uint64_t n;

	ck_assert_int_eq(bb_str_u64(bb_str_sub(call_id, 5, 9), &n), 0);
	ck_assert_uint_lt(n, CALLS);
	return &calls[n];
}

static void request(struct bb_buf *out, const struct call *c, enum sip_method m, unsigned cseq)
{
	char id[32];

	snprintf(id, sizeof(id), "call-%u", c->id);
	sip_request_begin(out,
			  &(struct sip_request){ .method = m,
						 .uri = BB_STR("sip:b@10.0.0.2"),
						 .from = BB_STR("<sip:a@10.0.0.1>;tag=a"),
						 .to = cseq > 1 ? BB_STR("<sip:b@10.0.0.2>;tag=b")
								: BB_STR("<sip:b@10.0.0.2>"),
						 .call_id = bb_strz(id),
						 .cseq = cseq });
	sip_put_body(out, NULL, BB_STR(""));
}

/* --- the calling side --- */

static void bye_gone(struct sip_ctrans *ct, int err, void *arg)
{
	struct call *c = arg;

	c->bye_gone++;
	HOLDS(c->bye_gone == 1, c);
}

static void on_ok(struct call *c)
{
	static const struct sip_ctrans_ops ops = { .gone = bye_gone };
	struct sip_flow to = { .type = SIP_TP_UDP, .remote = *sip_transport_local(tb) };
	struct bb_buf bye = { 0 };

	if (!c->ack.l)
		request(&c->ack, c, SIP_ACK, 1);
	ck_assert_int_eq(sip_send_ack(a, &to, &c->ack), 0);
	if (c->oks++)
		return;
	request(&bye, c, SIP_BYE, 2);
	ck_assert_int_eq(sip_ctrans_new(NULL, a, &to, &bye, &ops, c), 0);
}

static void on_response(struct sip_ctrans *ct, struct sip_msg *m, void *arg)
{
	struct call *c = arg;

	HOLDS(of(m->call_id) == c, c);
	if (m->status < 200)
		return;
	if (m->status < 300) {
		HOLDS(c->finals == 0, c);
		on_ok(c);
		return;
	}
	c->finals++;
	HOLDS(c->finals == 1 && c->oks == 0, c);
}

static void on_gone(struct sip_ctrans *ct, int err, void *arg)
{
	struct call *c = arg;

	c->gone++;
	c->invite = NULL;
	bb_timer_cancel(&c->cancel);
	HOLDS(c->gone == 1, c);
	HOLDS(err == -ETIMEDOUT || c->finals + (c->oks > 0) == 1, c);
}

static void cancel(void *arg)
{
	struct call *c = arg;

	if (c->invite)
		sip_ctrans_cancel(c->invite, BB_STR("SIP;cause=200"));
}

static void start(struct call *c)
{
	static const struct sip_ctrans_ops ops = { .response = on_response, .gone = on_gone };
	struct sip_flow to = { .type = SIP_TP_UDP, .remote = *sip_transport_local(tb) };
	struct bb_buf req = { 0 };

	request(&req, c, SIP_INVITE, 1);
	ck_assert_int_eq(sip_ctrans_new(&c->invite, a, &to, &req, &ops, c), 0);
	if (c->plan == CANCEL_IT)
		bb_timer_set(&c->cancel, (bb_time)bb_random_below(3000) * BB_MS, cancel, c);
}

/* --- the called side --- */

static void resend(void *arg)
{
	struct call *c = arg;

	if (!c->st || sip_strans_resend(c->st))
		return;
	c->interval = c->interval * 2 > 4 * BB_SEC ? 4 * BB_SEC : c->interval * 2;
	bb_timer_set(&c->resend, c->interval, resend, c);
}

static void answer(void *arg)
{
	struct call *c = arg;

	if (!c->st)
		return;
	if (c->plan == REFUSE) {
		sip_strans_reply(c->st, 486, NULL);
		return;
	}
	sip_strans_reply(c->st, 200, NULL);
	c->interval = 500 * BB_MS;
	bb_timer_set(&c->resend, c->interval, resend, c);
}

static void b_cancel(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	struct call *c = arg;

	c->cancels++;
	HOLDS(c->cancels == 1, c);
	bb_timer_cancel(&c->answer);
	sip_strans_reply(st, 487, NULL);
}

static void b_gone(struct sip_strans *st, int err, void *arg)
{
	struct call *c = arg;

	c->st = NULL;
	c->st_gone++;
	bb_timer_cancel(&c->resend);
	bb_timer_cancel(&c->answer);
	HOLDS(c->st_gone == 1, c);
}

static void b_request(struct sip_strans *st, struct sip_msg *m, void *arg)
{
	static const struct sip_strans_ops ops = { .cancel = b_cancel, .gone = b_gone };
	struct call *c = of(m->call_id);

	if (m->method == SIP_BYE) {
		c->byes++;
		HOLDS(c->byes == 1, c);
		sip_strans_reply(st, 200, NULL);
		return;
	}
	c->invites++;
	HOLDS(c->invites == 1, c);
	c->st = st;
	sip_strans_set_ops(st, &ops, c);
	sip_strans_reply(st, 180, NULL);
	bb_timer_set(&c->answer, (bb_time)bb_random_below(4000) * BB_MS, answer, c);
}

static void b_ack(struct sip_msg *m, void *arg)
{
	struct call *c = of(m->call_id);

	c->acks++;
	bb_timer_cancel(&c->resend);
}

/* --- the run --- */

static struct sip_transport *open_stack(struct sip_stack **s, const struct sip_stack_ops *ops,
					const char *addr)
{
	struct sip_transport_conf tc = { .type = SIP_TP_UDP, .name = BB_STR("udp") };
	struct sip_stack_conf conf;
	struct sip_transport *t;

	sip_stack_defaults(&conf);
	ck_assert_int_eq(sip_stack_new(s, &conf, ops, NULL), 0);
	ck_assert_int_eq(bb_addr_parse(&tc.bind, bb_strz(addr)), 0);
	ck_assert_int_eq(sip_transport_open(&t, *s, &tc), 0);
	return t;
}

static void judge(void)
{
	struct bb_loop_stats ls;
	struct sip_stats sa, sb;
	unsigned timeouts = 0;

	for (unsigned i = 0; i < CALLS; i++) {
		struct call *c = &calls[i];

		HOLDS(c->gone == 1, c);
		HOLDS(c->st_gone == c->invites, c);
		HOLDS(c->bye_gone == (c->oks > 0), c);
		timeouts += !c->finals && !c->oks;
		bb_buf_free(&c->ack);
	}
	/* With a fifth of the datagrams lost, timers still bring nearly all through. */
	ck_assert_msg(timeouts <= CALLS / 10, "seed %lu: %u timeouts", seed, timeouts);
	sip_stack_stats(a, &sa);
	sip_stack_stats(b, &sb);
	ck_assert_msg(!sa.client && !sa.server && !sb.client && !sb.server,
		      "seed %lu: a transaction outlives its call", seed);
	ck_assert_uint_eq(bb_obj_live("sip_ctrans"), 0);
	ck_assert_uint_eq(bb_obj_live("sip_strans"), 0);
	ck_assert_uint_eq(bb_obj_live("sip_msg"), 0);
	bb_loop_stats(&ls);
	ck_assert_msg(ls.timers == 0, "seed %lu: a timer is left", seed);
}

static void run(void)
{
	static const struct sip_stack_ops a_ops = { 0 };
	static const struct sip_stack_ops b_ops = { .request = b_request, .ack = b_ack };
	struct bb_loop_options opt = { .simulate = true, .seed = seed };

	memset(calls, 0, sizeof(calls));
	ck_assert_int_eq(bb_loop_init(&opt), 0);
	bb_sim_net_set(&(struct bb_sim_net){ .loss = 200,
					     .duplicate = 100,
					     .reorder = 100,
					     .delay_min = BB_MS,
					     .delay_max = 80 * BB_MS });
	ta = open_stack(&a, &a_ops, "10.0.0.1:5060");
	tb = open_stack(&b, &b_ops, "10.0.0.2:5060");
	for (unsigned i = 0; i < CALLS; i++) {
		calls[i].id = i;
		calls[i].plan = (enum plan)(i % PLANS);
		start(&calls[i]);
		bb_sim_advance((bb_time)bb_random_below(200) * BB_MS);
	}
	bb_sim_advance(300 * BB_SEC);
	judge();
	sip_stack_free(a);
	sip_stack_free(b);
	ck_assert_uint_eq(bb_loop_close(), 0);
}

START_TEST(holds)
{
	const char *only = getenv("BB_SEED");

	seed = only ? strtoul(only, NULL, 10) : (unsigned long)_i + 1;
	run();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip over a lossy network");
	TCase *tc = tcase_create("lossy");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, holds, 0, 20);
	suite_add_tcase(s, tc);
	return st_run(s);
}
