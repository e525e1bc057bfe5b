/* SPDX-License-Identifier: BSD-3-Clause */
/* What the administrator does while people talk: reload, unload, stop. */
#include "house.h"

#include <string.h>

#include <bellbird/chan.h>

#include "core/init.h"
#include "core/registry/registry.h"

struct talk {
	struct ua *a, *b;
	struct leg *x;
};

/* A call at any stage of its life. */
static void talking(struct talk *t)
{
	t->a = phone("1001");
	t->b = phone("1002");
	t->b->manners.answers = true;
	t->b->manners.after = 1000 * BB_MS;
	t->x = leg_invite(t->a, sim_random(0, 2) ? "1002" : "601");
	wait_between(0, 2500);
}

static void do_reload(void *arg)
{
	struct bb_diag *d;

	sim_must(bb_diag_new(&d) == 0, "no memory");
	sim_must(bb_program_reload(d) == 0, "the reload failed");
	bb_diag_free(d);
}

static void reload(void)
{
	struct talk t;

	talking(&t);
	for (unsigned i = 0; i < 3; i++) {
		in_fiber(do_reload, NULL);
		wait_between(0, 1500);
	}
	wait_ms(2000);
	sim_should(t.x->state == LEG_UP, "the reload ended the call: %u", t.x->code);
	leg_hangup(t.x);
	wait_ms(2000);
	t.x = leg_invite(t.a, "600");
	wait_up(t.x, 30000);
	sim_should(t.x->state == LEG_UP, "no call after the reload: %u", t.x->code);
	leg_hangup(t.x);
	wait_ms(2000);
}

struct unload {
	const char *name;
	int err;
};

static void do_unload(void *arg)
{
	struct unload *u = arg;
	struct bb_diag *d;

	sim_must(bb_diag_new(&d) == 0, "no memory");
	u->err = bb_module_unload(bb_strz(u->name), d);
	bb_diag_free(d);
}

static void do_load(void *arg)
{
	struct unload *u = arg;
	struct bb_diag *d;

	sim_must(bb_diag_new(&d) == 0, "no memory");
	u->err = bb_module_load(bb_strz(u->name), d);
	bb_diag_free(d);
}

static bool running(const char *name)
{
	struct bb_module_info info;
	size_t it = 0;

	while (bb_module_next(&it, &info))
		if (strcmp(info.name, name) == 0)
			return info.state != BB_MODULE_OPEN;
	return false;
}

/* It drains, ends with its last user, and can come back. */
static void unload(void)
{
	static const char *const names[] = { "chan_sip",	 "app_dial",	  "app_musiconhold",
					     "chan_local",	 "bridge_relay",  "codec_ulaw",
					     "bridge_translate", "sip_registrar", "cdr_sqlite",
					     "format_wav" };
	struct unload u = { .name = names[sim_random(0, BB_ARRAY_SIZE(names) - 1)] };
	struct talk t;

	talking(&t);
	in_fiber(do_unload, &u);
	sim_must(u.err == 0 || u.err == -EINPROGRESS, "unload %s: %s", u.name, strerror(-u.err));
	wait_between(0, 3000);
	if (sim_random(0, 1)) {
		leg_hangup(t.x);
		wait_ms(3000);
		leg_hangup(ua_leg(t.b));
		wait_ms(40000);
		sim_should(!running(u.name), "%s does not end", u.name);
	}
	in_fiber(do_load, &u);
	sim_must(u.err == 0, "load %s: %s", u.name, strerror(-u.err));
	wait_between(0, 1000);
	leg_hangup(t.x);
	wait_ms(3000);
	t.x = leg_invite(t.a, "600");
	wait_up(t.x, 30000);
	sim_should(t.x->state == LEG_UP, "no call after %s came back: %u", u.name, t.x->code);
	leg_hangup(t.x);
	wait_ms(3000);
}

static void stop_program(bool gracefully)
{
	struct talk t;

	talking(&t);
	bb_program_stop(gracefully, 0, "the test says so");
	if (gracefully) {
		wait_between(0, 3000);
		leg_hangup(t.x);
	}
	/* The loop stops at the end of it. */
	wait_ms(60000);
	sim_must(bb_chan_count() == 0, "%u channels at the end", bb_chan_count());
}

static void stop_now(void)
{
	stop_program(false);
}

static void stop_gracefully(void)
{
	stop_program(true);
}

const struct scene scenes_house[] = {
	{ "reload", reload },
	{ "unload", unload },
	{ "stop-now", stop_now },
	{ "stop-gracefully", stop_gracefully },
	{ 0 },
};
