/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that go well: both ends hang up, through one Dial or two, into applications. */
#include "house.h"

/* 1001 calls a number at which 1002 answers. @return the caller's leg. */
static struct leg *call_1002(struct ua *a, struct ua *b, const char *number)
{
	struct leg *l;

	b->manners.answers = true;
	b->manners.after = sim_random(100, 3000) * BB_MS;
	l = leg_invite(a, number);
	wait_up(l, 30000);
	sim_should(l->state == LEG_UP, "1001 was not answered: %u", l->code);
	sim_should(l->ringing > 0, "1001 heard no ringing");
	wait_between(0, 5000);
	return l;
}

static void ended(struct leg *l, struct leg *other)
{
	wait_ms(3000);
	sim_should(l->state == LEG_OVER, "the other side does not know that it is over");
	sim_should(!other || other->state == LEG_OVER, "still up");
}

static void caller_ends(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = call_1002(a, b, "1002");

	leg_hangup(l);
	wait_ms(3000);
	sim_should(ua_leg(b)->bye_got, "1002 got no BYE");
	ended(l, ua_leg(b));
}

static void callee_ends(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = call_1002(a, b, "1002");

	leg_hangup(ua_leg(b));
	wait_ms(3000);
	sim_should(l->bye_got, "1001 got no BYE");
	ended(l, ua_leg(b));
}

static void through_local(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = call_1002(a, b, "604");

	leg_hangup(sim_random(0, 1) ? l : ua_leg(b));
	ended(l, ua_leg(b));
}

static void echo(void)
{
	struct ua *a = phone("1001");
	struct leg *l = leg_invite(a, sim_random(0, 1) ? "600" : "601");

	wait_up(l, 30000);
	sim_should(l->state == LEG_UP, "no answer: %u", l->code);
	wait_between(0, 5000);
	leg_hangup(l);
	ended(l, NULL);
}

/* They call each other at the same time, and hang up when they like. */
static void both_ways(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *x, *y;

	a->manners.answers = b->manners.answers = true;
	a->manners.after = b->manners.after = sim_random(0, 500) * BB_MS;
	x = leg_invite(a, "1002");
	wait_between(0, 300);
	y = leg_invite(b, "1001");
	wait_up(x, 30000);
	wait_up(y, 30000);
	wait_between(0, 3000);
	leg_hangup(x);
	wait_between(0, 300);
	leg_hangup(y);
	ended(x, y);
}

/* Ten calls in a row, one telephone. */
static void many(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");

	for (unsigned i = 0; i < 10; i++) {
		struct leg *l = call_1002(a, b, "1002");

		leg_hangup(sim_random(0, 1) ? l : ua_leg(b));
		wait_between(0, 2000);
	}
}

const struct scene scenes_call[] = {
	{ "caller-ends", caller_ends },
	{ "callee-ends", callee_ends },
	{ "through-local", through_local },
	{ "echo", echo },
	{ "both-ways", both_ways },
	{ "many", many },
	{ 0 },
};
