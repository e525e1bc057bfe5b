/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_switch.h - from one stack to another: what fiber_stack.c
 * asks of the machine.
 */
#ifndef BB_CORE_FIBER_SWITCH_H
#define BB_CORE_FIBER_SWITCH_H

#include <stddef.h>

/** Where a flow of control goes on. The loop's own has no .stack. */
struct bb_switch_point {
	void *at; /* as its kind likes */
	char *stack; /* lowest byte; the highest bytes may hold what .at points to */
	size_t bytes;
};

struct bb_switch {
	/** Get @p p ready to call @p fn(@p arg), which never returns. */
	void (*begin)(struct bb_switch_point *p, void (*fn)(void *arg), void *arg);
	/** Stop at @p from, go on at @p to. Returns when somebody changes back. */
	void (*change)(struct bb_switch_point *from, struct bb_switch_point *to);
	/** Of a flow that waits: the lowest byte of its stack that is still in use. */
	char *(*lowest)(const struct bb_switch_point *p);
};
extern const struct bb_switch bb_switch_asm, bb_switch_ucontext;

#endif
