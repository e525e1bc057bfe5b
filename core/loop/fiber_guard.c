/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/fiber_guard.c - the last words of a program whose fiber ran over
 * its stack.
 *
 * The fault comes on the guard page, so that nothing is spoiled yet, but there
 * is no stack left to handle it on: the control thread has another for this.
 * Whatever else faults is left to whom it was left before, as is the end.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bellbird/mem.h>

#include "core/loop/fiber_backend.h"

#define OTHER_STACK ((size_t)32 * 1024)

static struct {
	bool open;
	bool (*guarded)(const void *address, struct bb_fiber **fp);
	struct sigaction before;
	void *stack; /* NULL: the thread had one already (sanitizers) */
} guard;

/* Only what a signal handler may do: no printf(), no lock, no allocation. */
static char *put(char *p, const char *end, const char *z)
{
	while (p < end && *z)
		*p++ = *z++;
	return p;
}

static char *put_number(char *p, const char *end, size_t n)
{
	char digits[24];
	size_t i = sizeof(digits);

	digits[--i] = '\0';
	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	return put(p, end, digits + i);
}

static void tell(const struct bb_fiber *f)
{
	char text[400], *p = text;
	const char *end = text + sizeof(text) - 1;
	const struct bb_watch *w = &f->watch;
	unsigned top = w->depth < BB_WATCH_DEPTH ? w->depth : BB_WATCH_DEPTH;

	p = put(p, end, "bellbird: the fiber '");
	p = put(p, end, f->name);
	p = put(p, end, "'");
	if (f->log.call_id[0]) {
		p = put(p, end, " of ");
		p = put(p, end, f->log.call_id);
	}
	p = put(p, end, " ran over its stack of ");
	p = put_number(p, end, BB_STACK_BYTES / 1024);
	p = put(p, end, " kB");
	if (top) {
		p = put(p, end, " in ");
		p = put(p, end, w->at[top - 1].module);
		p = put(p, end, "/");
		p = put(p, end, w->at[top - 1].name);
	}
	p = put(p, end, ": the program ends here\n");
	bb_log_last_words(text, (size_t)(p - text));
}

static void on_fault(int signum, siginfo_t *info, void *context)
{
	struct bb_fiber *f;

	(void)context;
	if (guard.guarded(info->si_addr, &f))
		tell(f);
	/* The instruction is tried again, and faults for the one before us. */
	sigaction(signum, &guard.before, NULL);
}

static bool other_stack(void)
{
	stack_t st = { .ss_size = OTHER_STACK };

	guard.stack = NULL;
	if (sigaltstack(NULL, &st) == 0 && !(st.ss_flags & SS_DISABLE))
		return true;
	guard.stack = bb_alloc(OTHER_STACK);
	if (!guard.stack)
		return false;
	st = (stack_t){ .ss_sp = guard.stack, .ss_size = OTHER_STACK };
	if (sigaltstack(&st, NULL) == 0)
		return true;
	bb_free(guard.stack);
	guard.stack = NULL;
	return false;
}

void bb_fiber_guard_open(bool (*guarded)(const void *address, struct bb_fiber **fp))
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_ONSTACK };

	guard.guarded = guarded;
	/* Without it the program still ends at the guard page, only silently. */
	if (guard.open || !other_stack())
		return;
	sa.sa_sigaction = on_fault;
	sigemptyset(&sa.sa_mask);
	guard.open = sigaction(SIGSEGV, &sa, &guard.before) == 0;
}

void bb_fiber_guard_close(void)
{
	stack_t none = { .ss_flags = SS_DISABLE, .ss_size = OTHER_STACK };

	if (guard.open)
		sigaction(SIGSEGV, &guard.before, NULL);
	guard.open = false;
	if (!guard.stack)
		return;
	sigaltstack(&none, NULL);
	bb_free(guard.stack);
	guard.stack = NULL;
}
