/* SPDX-License-Identifier: BSD-3-Clause */
/* Telephones whose power is cut. */
#include <bellbird/chan.h>

#include "house.h"

static void caller_vanishes(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");

	b->manners.answers = true;
	b->manners.after = 1000 * BB_MS;
	leg_invite(a, "1002");
	wait_between(0, 2500);
	ua_vanish(a);
	wait_ms(120000);
	sim_should(!ua_leg(b) || ua_leg(b)->state == LEG_OVER, "1002 talks to nobody");
}

static void callee_vanishes(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	b->manners.after = 1000 * BB_MS;
	l = leg_invite(a, "1002");
	wait_between(0, 2500);
	ua_vanish(b);
	wait_ms(120000);
	sim_should(l->state == LEG_OVER, "1001 talks to nobody");
}

static void both_vanish(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");

	b->manners.answers = true;
	leg_invite(a, "1002");
	wait_between(0, 2000);
	ua_vanish(a);
	wait_between(0, 2000);
	ua_vanish(b);
	wait_ms(1000);
}

static void vanishes_in_application(void)
{
	static const char *const numbers[] = { "600", "601", "605", "607" };
	struct ua *a = phone("1001");

	leg_invite(a, numbers[sim_random(0, BB_ARRAY_SIZE(numbers) - 1)]);
	wait_between(0, 2000);
	ua_vanish(a);
	wait_ms(1000);
}

/* In an application that plays but never answers: answer_timeout ends it. */
static void vanishes_before_answer(void)
{
	struct ua *a = phone("1001");

	leg_invite(a, "609");
	wait_between(0, 2000);
	ua_vanish(a);
	wait_ms(230000);
	sim_must(bb_chan_count() == 0, "a call nobody will ever answer goes on");
}

/* Somebody hangs up on one that has gone: the BYE finds nobody. */
static void bye_to_nobody(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(1000);
	ua_vanish(b);
	wait_between(0, 1000);
	leg_hangup(l);
	wait_ms(3000);
	sim_should(l->state == LEG_OVER, "1001 cannot hang up");
}

/* It offers a hold and is gone before the answer. */
static void vanishes_in_offer(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(1000);
	leg_offer(l, "sendonly", NULL);
	wait_between(0, 15);
	ua_vanish(a);
	wait_ms(100000);
	leg_hangup(ua_leg(b));
	wait_ms(5000);
}

const struct scene scenes_gone[] = {
	{ "caller-vanishes", caller_vanishes },
	{ "callee-vanishes", callee_vanishes },
	{ "both-vanish", both_vanish },
	{ "vanishes-in-application", vanishes_in_application },
	{ "vanishes-before-answer", vanishes_before_answer },
	{ "bye-to-nobody", bye_to_nobody },
	{ "vanishes-in-offer", vanishes_in_offer },
	{ 0 },
};
