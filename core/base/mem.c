/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/base/mem.c - plain blocks, and the hook that lets tests run out of them.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <bellbird/mem.h>

/* Counting begins with the first bb_mem_fail_at(): nobody else pays for it. */
static atomic_bool counting;
static atomic_ulong made, fail_at;

static bool refused(void)
{
	unsigned long n;

	if (!atomic_load_explicit(&counting, memory_order_relaxed))
		return false;
	n = atomic_fetch_add_explicit(&made, 1, memory_order_relaxed) + 1;
	return n == atomic_load_explicit(&fail_at, memory_order_relaxed);
}

unsigned long bb_mem_fail_at(unsigned long n)
{
	unsigned long since = atomic_exchange(&made, 0);

	atomic_store(&fail_at, n);
	atomic_store(&counting, true);
	return since;
}

void *bb_alloc(size_t size)
{
	return refused() ? NULL : malloc(size ? size : 1);
}

void *bb_zalloc(size_t size)
{
	return refused() ? NULL : calloc(1, size ? size : 1);
}

void *bb_realloc(void *p, size_t size)
{
	return refused() ? NULL : realloc(p, size ? size : 1);
}

void bb_free(void *p)
{
	free(p);
}

char *bb_strdup(struct bb_str s)
{
	char *z;

	if (s.l == SIZE_MAX)
		return NULL;
	z = bb_alloc(s.l + 1);
	if (!z)
		return NULL;
	if (s.l)
		memcpy(z, s.p, s.l);
	z[s.l] = '\0';
	return z;
}

char *bb_sprintf(const char *fmt, ...)
{
	va_list ap;
	char *z;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	z = bb_alloc((size_t)n + 1);
	if (!z)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(z, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return z;
}
