/* SPDX-License-Identifier: BSD-3-Clause */
/* Registrations: digest, several contacts, running out, taking back. */
#include "house.h"

#include <stdio.h>
#include <string.h>

static bool answered(void *arg)
{
	struct ua *ua = arg;

	return ua->reg_code >= 200 && (ua->reg_code != 401 || ua->reg_tries > 3);
}

static void ask(struct ua *ua, const char *contact, unsigned expires)
{
	ua_register(ua, contact, expires);
	bb_sim_until(answered, ua, 200 * BB_SEC);
}

static bool listed(const char *contact)
{
	return strstr(console("sip show contacts"), contact) != NULL;
}

static void comes_and_goes(void)
{
	struct ua *a = phone("1001");

	sim_must(listed("sip:1001@127.0.1.1:5060"), "1001 is not listed");
	ask(a, ua_contact(a), 0);
	sim_should(a->reg_code == 200, "unregister: %u", a->reg_code);
	sim_must(a->reg_code != 200 || !listed("sip:1001@"), "1001 is still listed");
}

static void wrong_password(void)
{
	struct ua *a = phone_off("1001");

	snprintf(a->password, sizeof(a->password), "wrong");
	ask(a, ua_contact(a), 3600);
	sim_must(a->reg_code != 200, "a wrong password is good enough");
	sim_must(!listed("sip:1001@"), "1001 is listed");
}

static void runs_out(void)
{
	struct ua *a = phone_off("1001");

	ask(a, ua_contact(a), 60);
	sim_should(a->reg_code == 200, "register: %u", a->reg_code);
	wait_ms(30000);
	ask(a, ua_contact(a), 60);
	wait_ms(40000);
	sim_should(listed("sip:1001@"), "it was refreshed, and is gone");
	wait_ms(60000);
	sim_must(!listed("sip:1001@"), "it ran out, and is there");
}

static void several(void)
{
	struct ua *a = phone("1001"), *twin = phone_twin("1001", 21),
		  *third = phone_twin("1001", 22);

	sim_should(third->reg_bindings >= 1, "no contact in the answer");
	sim_must(listed("127.0.1.1:5060") && listed("127.0.1.21:5060") && listed("127.0.1.22:5060"),
		 "not all three are there: %s", console("sip show contacts"));
	ask(twin, ua_contact(twin), 0);
	sim_must(twin->reg_code != 200 || !listed("127.0.1.21:5060"), "the second is still there");
	ask(a, "*", 0);
	sim_should(a->reg_code == 200, "*: %u", a->reg_code);
	sim_must(a->reg_code != 200 || !listed("sip:1001@"), "something is left after *");
}

/* A * with a lifetime, or with a contact beside it, is wrong (RFC 3261 section 10.3). */
static void wrong_star(void)
{
	struct ua *a = phone("1001");

	ask(a, "*", 60);
	sim_should(a->reg_code == 400, "* with a lifetime: %u", a->reg_code);
	ask(a, "*, <sip:1001@127.0.1.1:5060>", 0);
	sim_should(a->reg_code == 400, "* with a contact: %u", a->reg_code);
	sim_must(listed("sip:1001@"), "1001 is gone");
}

/* Contacts written twice in one request count once: the last word counts, and max_contacts holds.
 */
static void said_twice(void)
{
	struct ua *a = phone("1001");

	ask(a,
	    "<sip:1001@127.0.1.1:5060>;expires=0, <sip:1001@127.0.1.1:5060>, <sip:1001@127.0.1.7>, "
	    "<sip:1001@127.0.1.8>, <sip:1001@127.0.1.9>",
	    60);
	sim_should(a->reg_code == 403, "four of three contacts: %u", a->reg_code);
	sim_must(!listed("127.0.1.9"), "more than max_contacts are there");
	ask(a, "<sip:1001@127.0.1.7>, <sip:1001@127.0.1.7>;expires=0, <sip:1001@127.0.1.8>", 60);
	sim_should(a->reg_code == 200, "taken back at once: %u", a->reg_code);
	sim_must(a->reg_code != 200 || (listed("127.0.1.8") && !listed("127.0.1.7")),
		 "what was taken back in the same request is there");
}

static void crowd(void)
{
	static const char *const names[] = { "1001", "1002", "1003", "1004" };
	struct ua *all[4];

	for (unsigned i = 0; i < 4; i++) {
		all[i] = phone_off(names[i]);
		ua_register(all[i], ua_contact(all[i]), 300);
	}
	for (unsigned i = 0; i < 4; i++) {
		bb_sim_until(answered, all[i], 100 * BB_SEC);
		sim_should(all[i]->reg_code == 200, "%s: %u", names[i], all[i]->reg_code);
	}
}

const struct scene scenes_register[] = {
	{ "register", comes_and_goes },	 { "register-wrong", wrong_password },
	{ "register-expiry", runs_out }, { "register-several", several },
	{ "register-star", wrong_star }, { "register-twice", said_twice },
	{ "register-crowd", crowd },	 { 0 },
};
