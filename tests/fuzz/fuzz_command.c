/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_command.c - a console line of anything is split into words that lie
 * within it, and completed; each candidate begins as the last word does.
 */
#include "fuzz.h"

#include "core/console/console_int.h"
#include "core/loop/loop_core.h"

static void candidate(struct bb_str word, void *arg)
{
	FUZZ_ASSERT(word.l > 0 && !memchr(word.p, '\0', word.l));
}

static void up(void)
{
	static const struct bb_loop_options simulated = { .simulate = true };

	if (bb_loop_init(&simulated) || bb_console_init(NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_str line = bb_strn((const char *)data, size);
	struct bb_arena *a = bb_arena_new(256);
	struct bb_buf why = { 0 };
	struct bb_command c = { 0 };
	static bool is_up;
	struct bb_words w;

	if (!is_up)
		up();
	is_up = true;
	if (a && size < BB_CONSOLE_LINE_MAX && bb_words_split(&w, line, a) == 0) {
		FUZZ_ASSERT(w.n <= BB_WORDS_MAX);
		for (size_t i = 0; i < w.n; i++) {
			FUZZ_ASSERT(w.v[i].at <= w.v[i].end && w.v[i].end <= line.l);
			FUZZ_ASSERT(w.v[i].text.l <= w.v[i].end - w.v[i].at);
			FUZZ_ASSERT(w.v[i].text.p[w.v[i].text.l] == '\0');
		}
		if (bb_command_find(&w, &c, &why) == 0) {
			FUZZ_ASSERT(c.cli && c.words <= w.n);
			bb_command_end(&c);
		}
		bb_console_complete(line, candidate, NULL);
	}
	bb_buf_free(&why);
	bb_arena_free(a);
	return 0;
}
