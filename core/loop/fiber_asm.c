/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_asm.c - the stack that fiber_change.S takes up first.
 *
 * A change of stacks is some twenty instructions, where ucontext asks the
 * kernel for the signal mask twice. No fiber has a mask of its own.
 */
#include <stdint.h>
#include <string.h>

#include <config.h>

#include "core/loop/fiber_switch.h"

#ifdef HAVE_FIBER_ASM

void bb_stack_change(void **from, void *to);
void bb_stack_begin(void);

#if defined(__x86_64__)
/* In the order of the pops in fiber_change.S. */
struct frame {
	uint32_t mxcsr;
	uint16_t fpu_control, pad;
	void *r15, *r14;
	void (*r13)(void *arg);
	void *r12, *rbx, *rbp;
	void (*back)(void);
};

static void fill(struct frame *f, void (*fn)(void *arg), void *arg)
{
	__asm__ volatile("stmxcsr %0" : "=m"(f->mxcsr));
	__asm__ volatile("fnstcw %0" : "=m"(f->fpu_control));
	f->r12 = arg;
	f->r13 = fn;
	f->back = bb_stack_begin;
}
#else
struct frame {
	void *x29;
	void (*x30)(void);
	void *x19;
	void (*x20)(void *arg);
	void *x21_to_28[8];
	uint64_t d8_to_15[8];
	uint64_t fpcr, pad;
};

static void fill(struct frame *f, void (*fn)(void *arg), void *arg)
{
	__asm__ volatile("mrs %0, fpcr" : "=r"(f->fpcr));
	f->x19 = arg;
	f->x20 = fn;
	f->x30 = bb_stack_begin;
}
#endif

static void begin(struct bb_switch_point *p, void (*fn)(void *arg), void *arg)
{
	struct frame *f = (struct frame *)(void *)(p->stack + p->bytes) - 1;

	_Static_assert(sizeof(*f) % 16 == 0, "both ABIs want a stack aligned to 16 at a call");
	memset(f, 0, sizeof(*f));
	fill(f, fn, arg);
	p->at = f;
}

static void change(struct bb_switch_point *from, struct bb_switch_point *to)
{
	bb_stack_change(&from->at, to->at);
}

/* Below it signals may still have written; nobody reads that again. */
static char *lowest(const struct bb_switch_point *p)
{
	return p->at;
}

const struct bb_switch bb_switch_asm = { begin, change, lowest };

#endif
