/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/report/completers.c - who knows the names of a kind of thing: channels,
 * modules, contexts. A command's argument names the kind.
 */
#include "core/report/report.h"

#define COMPLETERS_MAX 64

static struct completer {
	const char *what;
	void (*fn)(struct bb_out *o, struct bb_str word);
} completers[COMPLETERS_MAX];
static size_t n_completers;

int bb_completer_add(const char *what, void (*fn)(struct bb_out *o, struct bb_str word))
{
	for (size_t i = 0; i < n_completers; i++) {
		if (strcmp(completers[i].what, what) == 0) {
			completers[i].fn = fn;
			return 0;
		}
	}
	if (n_completers == COMPLETERS_MAX)
		return -ENOSPC;
	completers[n_completers++] = (struct completer){ what, fn };
	return 0;
}

void (*bb_completer_find(const char *what))(struct bb_out *o, struct bb_str word)
{
	for (size_t i = 0; what && i < n_completers; i++)
		if (strcmp(completers[i].what, what) == 0)
			return completers[i].fn;
	return NULL;
}

void bb_completers_clear(void)
{
	n_completers = 0;
}
