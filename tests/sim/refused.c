/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that reach nobody: busy, declined, unanswered, taken back, elsewhere, silence. */
#include "house.h"

static void refused_with(unsigned code, unsigned want)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.refuses = code;
	b->manners.after = sim_random(0, 2000) * BB_MS;
	l = leg_invite(a, "1002");
	wait_over(l, 60000);
	sim_should(l->code == want, "%u came for %u, not %u", l->code, code, want);
	sim_should(ua_leg(b) && ua_leg(b)->acks > 0, "nobody acknowledged the %u", code);
}

static void busy(void)
{
	refused_with(486, 486);
}

static void declined(void)
{
	refused_with(603, 403);
}

static void any_code(void)
{
	static const unsigned codes[] = { 400, 404, 408, 410, 415, 480, 482, 484, 488, 500,
					  501, 503, 504, 580, 600, 604, 606, 499, 699 };
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.refuses = codes[sim_random(0, BB_ARRAY_SIZE(codes) - 1)];
	b->manners.after = sim_random(0, 500) * BB_MS;
	l = leg_invite(a, "1002");
	wait_over(l, 60000);
	sim_should(l->code >= 300, "%u came for %u", l->code, b->manners.refuses);
}

static void no_answer(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = leg_invite(a, "1002");

	wait_over(l, 60000);
	sim_should(l->code == 480, "%u came, not 480", l->code);
	sim_should(ua_leg(b)->cancel_got, "1002 rings on");
}

/* Dial gives up after three seconds; the caller hears a tone in the meantime of its own. */
static void then_tones(void)
{
	struct ua *a = phone("1001");
	struct leg *l;

	phone("1002");
	l = leg_invite(a, "603");
	wait_between(2500, 7000);
	leg_hangup(l);
	wait_over(l, 60000);
}

static void unknown_number(void)
{
	struct ua *a = phone("1001");
	struct leg *l = leg_invite(a, "4711");

	wait_over(l, 60000);
	sim_should(l->code == 404, "%u came, not 404", l->code);
}

static void nobody_registered(void)
{
	struct ua *a = phone("1001");
	struct leg *l = leg_invite(a, "1002");

	wait_over(l, 60000);
	sim_should(l->code == 480, "%u came, not 480", l->code);
}

static void wrong_password(void)
{
	struct ua *a = phone("1001");
	struct leg *l;

	a->password[0] = 'X';
	l = leg_invite(a, "600");
	wait_over(l, 60000);
	sim_must(l->code != 200, "a wrong password is good enough");
}

static void caller_gives_up(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l = leg_invite(a, "1002");

	wait_between(0, 3000);
	leg_cancel(l);
	wait_over(l, 60000);
	sim_should(l->code == 487, "%u came, not 487", l->code);
	wait_ms(2000);
	sim_should(!ua_leg(b) || ua_leg(b)->cancel_got, "1002 rings on");
}

/* Two ring, one answers, the other is told. */
static void fork_and_cancel(void)
{
	struct ua *a = phone("1001"), *b = phone("1002"), *c = phone("1003");
	struct leg *l;

	b->manners.answers = true;
	b->manners.after = sim_random(500, 3000) * BB_MS;
	l = leg_invite(a, "602");
	wait_up(l, 30000);
	sim_should(l->state == LEG_UP, "not answered: %u", l->code);
	wait_ms(2000);
	sim_should(ua_leg(c)->cancel_got, "1003 rings on");
	leg_hangup(l);
	wait_ms(2000);
}

/* Two ring and lift at nearly the same moment. */
static void fork_both_answer(void)
{
	struct ua *a = phone("1001"), *b = phone("1002"), *c = phone("1003");
	struct leg *l;

	b->manners.answers = c->manners.answers = true;
	b->manners.after = 1000 * BB_MS;
	c->manners.after = sim_random(980, 1020) * BB_MS;
	l = leg_invite(a, "602");
	wait_up(l, 30000);
	wait_ms(3000);
	sim_should((ua_leg(b)->state == LEG_UP) + (ua_leg(c)->state == LEG_UP) == 1,
		   "not one of them is connected");
	leg_hangup(l);
	wait_ms(2000);
}

static void fork_all_busy(void)
{
	struct ua *a = phone("1001"), *b = phone("1002"), *c = phone("1003");
	struct leg *l;

	b->manners.refuses = 486;
	c->manners.refuses = sim_random(0, 1) ? 486 : 603;
	b->manners.after = sim_random(0, 1000) * BB_MS;
	c->manners.after = sim_random(0, 1000) * BB_MS;
	l = leg_invite(a, "602");
	wait_over(l, 60000);
	sim_should(l->code >= 400, "%u came", l->code);
}

/* Three telephones of one account. */
static void contacts_ring(void)
{
	struct ua *a = phone("1001"), *b = phone("1002"), *b2 = phone_twin("1002", 21);
	struct leg *l;

	b2->manners.answers = true;
	b2->manners.after = sim_random(200, 2000) * BB_MS;
	b->manners.refuses = sim_random(0, 1) ? 486 : 0;
	b->manners.after = sim_random(0, 2500) * BB_MS;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(1000);
	leg_hangup(l);
	wait_ms(2000);
}

/* Behind one contact stand several telephones (a proxy forked): one call is what remains. */
static void forked_downstream(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	b->manners.forks = sim_random(1, 3);
	b->manners.after = sim_random(100, 1000) * BB_MS;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(2000);
	leg_hangup(l);
	wait_ms(2000);
}

static void redirected(void)
{
	struct ua *a = phone("1001"), *b = phone("1002"), *c = phone("1003");
	struct leg *l;

	b->manners.redirects = "<sip:1003@127.0.1.3:5060>";
	b->manners.after = sim_random(0, 500) * BB_MS;
	c->manners.answers = true;
	c->manners.after = 500 * BB_MS;
	l = leg_invite(a, "1002");
	wait_up(l, 30000);
	wait_ms(1000);
	leg_hangup(l);
	wait_ms(3000);
	sim_must(l->state == LEG_OVER || !house_fine(), "neither connected nor refused");
}

static void redirected_in_circles(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.redirects = "<sip:1002@127.0.1.2:5060>";
	l = leg_invite(a, "1002");
	sim_must(wait_over(l, 120000), "it goes round for ever");
	sim_must(b->legs.count < 20, "%zu INVITEs", b->legs.count);
}

/* A dial plan that calls itself. */
static void calls_itself(void)
{
	struct ua *a = phone("1001");
	struct leg *l = leg_invite(a, "608");

	sim_must(wait_over(l, 120000), "it goes round for ever");
	sim_should(l->code >= 400, "%u came", l->code);
}

/* Timer B: nothing at all comes from the called telephone. */
static void silent_callee(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.deaf = true;
	l = leg_invite(a, "1002");
	wait_over(l, 60000);
	sim_should(l->code >= 400, "%u came", l->code);
}

static void silent_then_next(void)
{
	struct ua *a = phone("1001"), *b = phone("1002"), *c = phone("1003");
	struct leg *l;

	b->manners.deaf = true;
	c->manners.answers = true;
	l = leg_invite(a, "606");
	wait_up(l, 60000);
	sim_should(l->state == LEG_UP, "1003 was not reached: %u", l->code);
	leg_hangup(l);
	wait_ms(2000);
}

const struct scene scenes_refused[] = {
	{ "busy", busy },
	{ "declined", declined },
	{ "any-code", any_code },
	{ "no-answer", no_answer },
	{ "then-tones", then_tones },
	{ "unknown-number", unknown_number },
	{ "nobody-registered", nobody_registered },
	{ "wrong-password", wrong_password },
	{ "caller-gives-up", caller_gives_up },
	{ "fork-and-cancel", fork_and_cancel },
	{ "fork-both-answer", fork_both_answer },
	{ "fork-all-busy", fork_all_busy },
	{ "contacts-ring", contacts_ring },
	{ "forked-downstream", forked_downstream },
	{ "redirected", redirected },
	{ "redirected-in-circles", redirected_in_circles },
	{ "calls-itself", calls_itself },
	{ "silent-callee", silent_callee },
	{ "silent-then-next", silent_then_next },
	{ 0 },
};
