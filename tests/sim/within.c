/* SPDX-License-Identifier: BSD-3-Clause */
/* Within a call: hold, codecs, glare, digits, transfer. */
#include "house.h"

#include <string.h>

struct pair {
	struct ua *a, *b;
	struct leg *x, *y;
};

static bool joined(struct pair *p)
{
	p->a = phone("1001");
	p->b = phone("1002");
	p->b->manners.answers = true;
	p->b->manners.after = 300 * BB_MS;
	p->x = leg_invite(p->a, "1002");
	wait_up(p->x, 30000);
	sim_should(p->x->state == LEG_UP, "not answered: %u", p->x->code);
	p->y = ua_leg(p->b);
	wait_ms(1000);
	return p->x->state == LEG_UP && p->y && p->y->state == LEG_UP;
}

static void end(struct pair *p)
{
	leg_hangup(sim_random(0, 1) ? p->x : p->y);
	wait_ms(2000);
	sim_should(p->x->state == LEG_OVER && p->y->state == LEG_OVER, "one still believes in it");
}

static void hold_and_resume(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	for (unsigned i = 0; i < 3; i++) {
		struct leg *l = sim_random(0, 1) ? p.x : p.y;

		leg_offer(l, sim_random(0, 3) ? "sendonly" : "inactive", NULL);
		wait_between(500, 5000);
		sim_should(l->offer_code == 200, "hold: %u", l->offer_code);
		leg_offer(l, "sendrecv", NULL);
		wait_between(500, 3000);
		sim_should(l->offer_code == 200 && strcmp(l->offer_dir, "sendrecv") == 0,
			   "resume: %u %s", l->offer_code, l->offer_dir);
	}
	end(&p);
}

static void both_hold(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	leg_offer(p.x, "sendonly", NULL);
	wait_between(0, 1000);
	leg_offer(p.y, "sendonly", NULL);
	wait_between(0, 3000);
	leg_offer(p.x, "sendrecv", NULL);
	wait_between(0, 1000);
	leg_offer(p.y, "sendrecv", NULL);
	wait_between(0, 3000);
	end(&p);
}

static void hang_up_on_hold(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	leg_offer(p.x, "sendonly", NULL);
	wait_between(0, 3000);
	leg_hangup(sim_random(0, 1) ? p.x : p.y);
	wait_ms(3000);
}

static void codec_change(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	leg_offer(p.x, "sendrecv", "8 101");
	wait_ms(1500);
	sim_should(p.x->offer_code == 200, "another codec: %u", p.x->offer_code);
	leg_offer(p.y, "sendrecv", "8 0 101");
	wait_ms(1500);
	leg_offer(p.x, "sendrecv", "3");
	wait_ms(1500);
	sim_should(p.x->offer_code == 488, "a codec that nobody allows: %u", p.x->offer_code);
	sim_should(p.x->state == LEG_UP, "the refused offer ended the call");
	end(&p);
}

/* Streams keep their number and order for as long as the call lasts (RFC 3264 section 8). */
static void refused_video(void)
{
	struct ua *a = phone("1001");
	struct leg *l;

	a->manners.video = true;
	l = leg_invite(a, "600");
	wait_up(l, 30000);
	sim_should(l->state == LEG_UP, "not answered: %u", l->code);
	if (l->state != LEG_UP)
		return;
	leg_offer(l, "sendonly", NULL);
	wait_ms(2000);
	sim_should(strncmp(l->media, "video:0 audio:", 14) == 0, "their answer: %s", l->media);
	leg_ask_offer(l);
	wait_ms(2000);
	sim_should(strncmp(l->media, "video:0 audio:", 14) == 0, "their offer: %s", l->media);
	leg_hangup(l);
	wait_ms(2000);
}

static void different_codecs(void)
{
	struct pair p;

	p.a = phone("1001");
	p.b = phone("1002");
	p.a->manners.codecs = "0 101";
	p.b->manners.codecs = "8 101";
	p.b->manners.answers = true;
	p.x = leg_invite(p.a, "1002");
	wait_up(p.x, 30000);
	sim_should(p.x->state == LEG_UP, "not translated: %u", p.x->code);
	wait_ms(1000);
	leg_hangup(p.x);
	wait_ms(2000);
}

static void no_common_codec(void)
{
	struct ua *a = phone("1001");
	struct leg *l;

	a->manners.codecs = "3";
	l = leg_invite(a, "600");
	wait_over(l, 60000);
	sim_should(l->code == 488, "%u came, not 488", l->code);
}

/* Both offer at once: 491, and a second try. */
static void glare(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	for (unsigned i = 0; i < 3; i++) {
		leg_offer(p.x, "sendrecv", "8 101");
		wait_between(0, 20);
		leg_offer(p.y, "sendrecv", "0 101");
		wait_between(0, 5000);
	}
	wait_ms(5000);
	end(&p);
}

static void offers_refused(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	p.b->manners.refuses_offers = true;
	leg_offer(p.x, "sendonly", NULL);
	wait_ms(1000);
	leg_offer(p.x, "sendrecv", "8");
	wait_ms(1000);
	sim_should(p.x->state == LEG_UP && p.y->state == LEG_UP, "the call did not survive");
	end(&p);
}

static void digits(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	for (unsigned i = 0; i < 6; i++) {
		leg_digit(sim_random(0, 1) ? p.x : p.y, "0123456789*#"[sim_random(0, 11)]);
		wait_between(0, 400);
	}
	wait_ms(2000);
	if (p.x->state == LEG_UP && p.y->state == LEG_UP)
		end(&p);
}

static void dial_digits(struct leg *l, const char *digits)
{
	for (; *digits; digits++) {
		leg_digit(l, *digits);
		wait_between(100, 400);
	}
}

/* 1002 sends 1001 on to 1003 with #1. */
static void blind_transfer(void)
{
	struct ua *c = phone("1003");
	struct pair p;

	if (!joined(&p))
		return;
	c->manners.answers = true;
	c->manners.after = 500 * BB_MS;
	dial_digits(p.y, "#1");
	wait_ms(2000);
	dial_digits(p.y, "1003");
	wait_ms(8000);
	sim_should(ua_leg(c) && ua_leg(c)->state == LEG_UP, "1003 is not connected");
	sim_should(p.x->state == LEG_UP, "1001 was lost");
	sim_should(p.y->state == LEG_OVER, "1002 is still there");
	leg_hangup(sim_random(0, 1) ? p.x : ua_leg(c));
	wait_ms(3000);
}

/* The same, while somebody hangs up at any moment of it. */
static void transfer_and_hangup(void)
{
	struct ua *c = phone("1003");
	struct pair p;
	struct leg *who;
	static const char keys[] = "#11003";
	unsigned at;

	if (!joined(&p))
		return;
	c->manners.answers = sim_random(0, 1);
	c->manners.after = sim_random(0, 1000) * BB_MS;
	who = sim_random(0, 1) ? p.x : p.y;
	at = sim_random(0, sizeof(keys) + 1);
	for (unsigned i = 0; i < sizeof(keys) + 2; i++) {
		if (i == at)
			leg_hangup(who);
		if (i < sizeof(keys) - 1)
			leg_digit(p.y, keys[i]);
		wait_between(i == 1 ? 0 : 50, i == 1 ? 2500 : 400);
	}
	wait_between(0, 4000);
	leg_hangup(p.x);
	leg_hangup(ua_leg(c));
	wait_ms(5000);
}

static void disconnect_code(void)
{
	struct pair p;

	if (!joined(&p))
		return;
	dial_digits(p.x, "*0");
	wait_ms(3000);
	leg_hangup(p.x);
	leg_hangup(p.y);
	wait_ms(3000);
}

const struct scene scenes_within[] = {
	{ "hold-and-resume", hold_and_resume }, { "both-hold", both_hold },
	{ "hang-up-on-hold", hang_up_on_hold }, { "codec-change", codec_change },
	{ "refused-video", refused_video },	{ "different-codecs", different_codecs },
	{ "no-common-codec", no_common_codec }, { "glare", glare },
	{ "offers-refused", offers_refused },	{ "digits", digits },
	{ "blind-transfer", blind_transfer },	{ "transfer-and-hangup", transfer_and_hangup },
	{ "disconnect-code", disconnect_code }, { 0 },
};
