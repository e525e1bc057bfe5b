/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_ucontext.c - changing stacks with swapcontext(), on machines
 * that fiber_change.S does not know.
 */
#include <stdint.h>
#include <stdlib.h>

#include <config.h>

#include "core/loop/fiber_switch.h"

#ifdef HAVE_UCONTEXT_H

#include <ucontext.h>

/* At the top of the flow's stack. */
struct context {
	ucontext_t here;
	char *lowest;
	void (*fn)(void *arg);
	void *arg;
};

static struct context loop_context;

static struct context *context_of(const struct bb_switch_point *p)
{
	return p->stack ? p->at : &loop_context;
}

/* makecontext() passes ints alone: the pointer comes in two halves. */
static void entry(unsigned high, unsigned low)
{
	struct context *c = (struct context *)((uintptr_t)high << 16 << 16 | (uintptr_t)low);

	c->fn(c->arg);
	abort();
}

static void begin(struct bb_switch_point *p, void (*fn)(void *arg), void *arg)
{
	struct context *c = (struct context *)(void *)(p->stack + p->bytes) - 1;
	uintptr_t u;

	c = (struct context *)((uintptr_t)c & ~(uintptr_t)63);
	u = (uintptr_t)c;
	if (getcontext(&c->here))
		abort(); /* it has no way to fail but a bad address */
	c->here.uc_stack.ss_sp = p->stack;
	c->here.uc_stack.ss_size = (size_t)((char *)c - p->stack);
	c->here.uc_link = NULL;
	c->lowest = (char *)c;
	c->fn = fn;
	c->arg = arg;
	p->at = c;
	makecontext(&c->here, (void (*)(void))entry, 2, (unsigned)(u >> 16 >> 16), (unsigned)u);
}

static void change(struct bb_switch_point *from, struct bb_switch_point *to)
{
	struct context *c = context_of(from);

	/* What this function and swapcontext() lay below their frames is little. */
	c->lowest = (char *)__builtin_frame_address(0) - 1024;
	swapcontext(&c->here, &context_of(to)->here);
}

static char *lowest(const struct bb_switch_point *p)
{
	return context_of(p)->lowest;
}

const struct bb_switch bb_switch_ucontext = { begin, change, lowest };

#endif
