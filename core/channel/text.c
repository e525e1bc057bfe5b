/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Texts that most legs and calls leave empty or short, though they may be
 * long: each takes the room it needs.
 */
#include "core/channel/channel.h"

static char nothing[1];

void bb_text_init(char **texts, size_t n)
{
	while (n--)
		texts[n] = nothing;
}

void bb_text_free(char **texts, size_t n)
{
	while (n--) {
		if (texts[n] != nothing)
			bb_free(texts[n]);
		texts[n] = nothing;
	}
}

void bb_text_set(char **text, size_t most, struct bb_str s)
{
	char *z;

	if (s.l > most)
		s.l = most;
	/* A shorter one takes the place of a longer one: steps of the dial plan are many. */
	if (*text != nothing && s.l && s.l <= strlen(*text)) {
		memmove(*text, s.p, s.l);
		(*text)[s.l] = '\0';
		return;
	}
	z = s.l ? bb_strdup(s) : NULL;
	bb_text_free(text, 1);
	if (z)
		*text = z;
}
