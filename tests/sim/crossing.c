/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages that cross each other on the wire. */
#include "house.h"

/* The caller gives up just when the callee lifts. */
static void cancel_crosses_ok(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	b->manners.after = 1000 * BB_MS;
	l = leg_invite(a, "1002");
	wait_between(980, 1080);
	leg_hangup(l);
	wait_over(l, 60000);
	wait_ms(5000);
	sim_should(!ua_leg(b) || ua_leg(b)->state == LEG_OVER, "1002 is still connected");
}

/* Dial gives up just when the callee lifts. */
static void timeout_crosses_ok(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	b->manners.after = sim_random(2980, 3020) * BB_MS;
	l = leg_invite(a, "603");
	wait_up(l, 4000);
	wait_ms(5000);
	leg_hangup(l);
	wait_over(l, 60000);
	wait_ms(3000);
	sim_should(!ua_leg(b) || ua_leg(b)->state == LEG_OVER, "1002 is still connected");
}

/* The callee lifts although the CANCEL has come. */
static void late_ok_after_cancel(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = leg_invite(a, "1002");
	struct leg *y = wait_call(b, 1, 30000);

	wait_ms(1000);
	b->manners.deaf = true; /* it does not hear the CANCEL */
	leg_cancel(l);
	wait_between(0, 10000);
	leg_answer(y);
	b->manners.deaf = false;
	wait_ms(40000);
	sim_should(!y || y->state == LEG_OVER, "1002 is still connected");
}

static void bye_crosses_bye(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(1000);
	leg_hangup(l);
	wait_between(0, 20);
	leg_hangup(ua_leg(b));
	wait_ms(3000);
}

static void bye_crosses_reinvite(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l, *y;

	b->manners.answers = true;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(1000);
	y = ua_leg(b);
	if (!y)
		return;
	leg_offer(sim_random(0, 1) ? l : y, "sendonly", NULL);
	wait_between(0, 20);
	leg_hangup(sim_random(0, 1) ? l : y);
	wait_ms(3000);
	leg_hangup(l);
	leg_hangup(y);
	wait_ms(3000);
}

/* The callee hangs up before our ACK of its 2xx is there. */
static void bye_before_ack(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = leg_invite(a, "1002"), *y = wait_call(b, 1, 30000);

	wait_ms(500);
	leg_answer(y);
	wait_between(0, 5);
	leg_hangup(y);
	wait_over(l, 60000);
	sim_should(l->state == LEG_OVER, "1001 is still connected");
}

/* The caller hangs up with the 200 hardly seen. */
static void bye_after_ok(void)
{
	struct ua *a = phone("1001");
	struct leg *l = leg_invite(a, "600");

	wait_up(l, 30000);
	leg_hangup(l);
	wait_ms(3000);
}

/* A 2xx that never finds its ACK is sent again for 32 s, and then the call ends. */
static void never_acked(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	a->manners.never_acks = true;
	l = leg_invite(a, sim_random(0, 1) ? "1002" : "600");
	wait_ms(10000);
	sim_should(l->oks > 3, "the 2xx came %u times only", l->oks);
	wait_ms(60000);
	sim_should(l->bye_got, "no BYE ended it");
	sim_should(!ua_leg(b) || ua_leg(b)->state == LEG_OVER, "1002 is still connected");
}

static void never_acked_and_hung_up(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	a->manners.never_acks = true;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_between(0, 40000);
	leg_hangup(sim_random(0, 1) ? l : ua_leg(b));
	wait_ms(60000);
}

/* Everybody does something at any moment. */
static void chaos(void)
{
	struct ua *ua[3] = { phone("1001"), phone("1002"), phone("1003") };
	static const char *const numbers[] = { "1001", "1002", "1003", "600", "601", "602",
					       "603",  "604",  "605",  "606", "607", "4711" };

	for (unsigned i = 0; i < 3; i++) {
		ua[i]->manners.answers = sim_random(0, 2) > 0;
		ua[i]->manners.refuses = sim_random(0, 1) ? 486 : 0;
		ua[i]->manners.after = sim_random(0, 3000) * BB_MS;
	}
	for (unsigned i = 0; i < 40; i++) {
		struct ua *u = ua[sim_random(0, 2)];
		struct leg *l = NULL;
		unsigned skip = sim_random(0, 3);

		bb_list_each (n, &u->legs) {
			struct leg *x = bb_list_entry(n, struct leg, node);

			if (x->state != LEG_OVER && (!l || skip--))
				l = x;
		}
		switch (sim_random(0, 7)) {
		case 0:
		case 1:
			leg_invite(u, numbers[sim_random(0, BB_ARRAY_SIZE(numbers) - 1)]);
			break;
		case 2:
			leg_hangup(l);
			break;
		case 3:
			if (l)
				leg_offer(l, sim_random(0, 1) ? "sendonly" : "sendrecv",
					  sim_random(0, 1) ? "8 101" : NULL);
			break;
		case 4:
			if (l)
				leg_digit(l, "0123456789*#"[sim_random(0, 11)]);
			break;
		case 5:
			u->manners.deaf = sim_random(0, 3) == 0;
			break;
		default:
			leg_answer(l);
		}
		wait_between(0, sim_random(0, 4) ? 300 : 6000);
	}
}

const struct scene scenes_crossing[] = {
	{ "cancel-crosses-ok", cancel_crosses_ok },
	{ "timeout-crosses-ok", timeout_crosses_ok },
	{ "late-ok-after-cancel", late_ok_after_cancel },
	{ "bye-crosses-bye", bye_crosses_bye },
	{ "bye-crosses-reinvite", bye_crosses_reinvite },
	{ "bye-before-ack", bye_before_ack },
	{ "bye-after-ok", bye_after_ok },
	{ "never-acked", never_acked },
	{ "never-acked-and-hung-up", never_acked_and_hung_up },
	{ "chaos", chaos },
	{ 0 },
};
