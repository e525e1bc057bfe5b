/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Allocations that fail in the middle of calls. Nobody is promised that his
 * call survives; the house must, and nothing may be left behind.
 */
#include "house.h"

#include <bellbird/mem.h>

static void fail_soon(void)
{
	bb_mem_fail_at(sim_random(1, sim_random(0, 2) ? 60 : 1500));
}

static void one_fails_in_a_call(void)
{
	struct ua *a = phone("1001"), *b = phone("1002");
	struct leg *l;

	b->manners.answers = true;
	b->manners.after = 300 * BB_MS;
	bb_mem_fail_at(sim_random(1, 400));
	l = leg_invite(a, sim_random(0, 1) ? "1002" : "604");
	wait_ms(2000);
	leg_offer(l, "sendonly", NULL);
	wait_ms(1000);
	leg_offer(l, "sendrecv", NULL);
	wait_ms(1000);
	leg_hangup(l);
	wait_ms(3000);
	bb_mem_fail_at(0);
	l = leg_invite(a, "600");
	wait_up(l, 30000);
	sim_should(l->state == LEG_UP, "no call afterwards: %u", l->code);
	leg_hangup(l);
	wait_ms(3000);
}

static void many_fail(void)
{
	static const char *const numbers[] = { "1002", "600", "601", "602", "603", "604", "605" };
	struct ua *a = phone("1001"), *b = phone("1002"), *c = phone("1003");

	b->manners.answers = true;
	b->manners.after = sim_random(0, 1500) * BB_MS;
	c->manners.refuses = 486;
	for (unsigned i = 0; i < 10; i++) {
		struct leg *l;

		fail_soon();
		l = leg_invite(a, numbers[sim_random(0, BB_ARRAY_SIZE(numbers) - 1)]);
		for (unsigned k = sim_random(0, 6); k; k--) {
			wait_between(0, 800);
			if (sim_random(0, 1))
				fail_soon();
			if (sim_random(0, 2) == 0)
				leg_offer(l, sim_random(0, 1) ? "sendonly" : "sendrecv", NULL);
			else if (ua_leg(b))
				leg_digit(ua_leg(b), "#11003*0"[sim_random(0, 7)]);
		}
		leg_hangup(sim_random(0, 1) || !ua_leg(b) ? l : ua_leg(b));
		wait_between(0, 2000);
	}
	wait_ms(5000);
	bb_mem_fail_at(0);
	/* An answer that could not be sent leaves a caller waiting as long as it likes. */
	console("channel request hangup all");
	wait_ms(3000);
}

static void registering(void)
{
	struct ua *a = phone_off("1001");

	for (unsigned i = 0; i < 20; i++) {
		bb_mem_fail_at(sim_random(1, 80));
		ua_register(a, sim_random(0, 3) ? ua_contact(a) : "*", sim_random(0, 1) ? 60 : 0);
		wait_between(0, 5000);
	}
	bb_mem_fail_at(0);
	wait_ms(40000);
	ua_register(a, ua_contact(a), 60);
	wait_ms(5000);
	sim_should(a->reg_code == 200, "no registration afterwards: %u", a->reg_code);
}

const struct scene scenes_memory[] = {
	{ "memory-call", one_fails_in_a_call },
	{ "memory-many", many_fail },
	{ "memory-register", registering },
	{ 0 },
};
