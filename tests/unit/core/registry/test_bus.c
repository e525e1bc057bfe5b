/* SPDX-License-Identifier: BSD-3-Clause */
/* The event bus: who hears what, when, and who does not. */
#include "bbtest.h"
#include "core/registry/registry.h"

#include <bellbird/bus.h>

static struct bb_buf heard;
static struct bb_bus_sub *self_sub;

static void hear(const struct bb_bus_event *ev, void *arg)
{
	bb_buf_printf(&heard, "%s:%s", (const char *)arg, ev->topic);
	for (size_t i = 0; i < ev->n; i++)
		bb_buf_printf(&heard, " %s=%.*s", ev->facts[i].name, BB_FMT(ev->facts[i].value));
	bb_buf_putc(&heard, ';');
}

static void hear_once(const struct bb_bus_event *ev, void *arg)
{
	hear(ev, arg);
	bb_bus_ignore(self_sub);
	/* An event published by a listener comes later. */
	bb_bus_publish("late", NULL, 0);
	bb_buf_puts(&heard, "ignored;");
}

static void heard_is(const char *want)
{
	ck_assert_str_eq(bb_buf_cstr(&heard), want);
	bb_buf_truncate(&heard, 0);
}

START_TEST(topics)
{
	char value[] = "x";
	struct bb_fact f = { "channel", bb_strn(value, 1) };
	struct bb_bus_sub *a, *all;

	ck_assert_int_eq(bb_bus_init(), 0);
	ck_assert(!bb_bus_wanted("channel.up"));
	a = bb_bus_listen("channel. bridge.", hear, (void *)(uintptr_t) "a");
	ck_assert(bb_bus_wanted("channel.up"));
	ck_assert(!bb_bus_wanted("registration"));
	bb_bus_publish("channel.up", &f, 1);
	value[0] = 'y'; /* values are copied */
	bb_bus_publish("nobody", &f, 1);
	heard_is("");
	bb_sim_settle();
	heard_is("a:channel.up channel=x;");
	all = bb_bus_listen("", hear, (void *)(uintptr_t) "all");
	bb_bus_publish("bridge.join", NULL, 0);
	bb_bus_publish("other", NULL, 0);
	bb_sim_settle();
	heard_is("a:bridge.join;all:bridge.join;all:other;");
	bb_bus_ignore(a);
	bb_bus_publish("channel.up", NULL, 0);
	bb_sim_settle();
	heard_is("all:channel.up;");
	bb_bus_ignore(all);
	bb_bus_ignore(NULL);
	bb_bus_close();
	bb_buf_free(&heard);
}
END_TEST

START_TEST(ignore_inside)
{
	struct bb_bus_sub *all;

	ck_assert_int_eq(bb_bus_init(), 0);
	self_sub = bb_bus_listen("", hear_once, (void *)(uintptr_t) "once");
	all = bb_bus_listen("", hear, (void *)(uintptr_t) "all");
	ck_assert_ptr_nonnull(all);
	bb_bus_publish("x", NULL, 0);
	bb_sim_settle();
	heard_is("once:x;ignored;all:x;all:late;");
	bb_bus_publish("y", NULL, 0);
	bb_bus_close(); /* what is queued falls away */
	bb_sim_settle();
	heard_is("");
	bb_buf_free(&heard);
}
END_TEST

/* An event that finds no memory is lost; nothing else is. */
START_TEST(without_memory)
{
	struct bb_fact facts[] = { { "channel", BB_STR("x") }, { "cause", BB_STR("16") } };

	BBT_OOM(100)
	{
		struct bb_bus_sub *sub = NULL;

		if (!bb_bus_init())
			sub = bb_bus_listen("channel.", hear, (void *)(uintptr_t) "a");
		bb_bus_publish("channel.gone", facts, 2);
		bb_bus_publish("channel.gone", facts, 1);
		bb_sim_settle();
		if (!bbt_oom)
			heard_is("a:channel.gone channel=x cause=16;a:channel.gone channel=x;");
		bb_bus_ignore(sub);
		bb_bus_close();
		bb_buf_free(&heard);
	}
}
END_TEST

BBT_MAIN("core/registry/bus", BBT_CASE("bus", BBT_SIMULATED, topics, ignore_inside, without_memory))
