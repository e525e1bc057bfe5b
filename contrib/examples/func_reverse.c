/* SPDX-License-Identifier: BSD-3-Clause */
/* func_reverse.c - ${REVERSE(text)}: the text from back to front. */
#include <bellbird/func.h>

struct reverse_args {
	struct bb_str text;
};

static int reverse_read(struct bb_chan *ch, const void *args, struct bb_buf *out)
{
	const struct reverse_args *a = args;

	for (size_t i = a->text.l; i > 0; i--)
		bb_buf_putc(out, a->text.p[i - 1]);
	return 0;
}

static const struct bb_field reverse_fields[] = {
	{ .name = "text",
	  .type = BB_T_REST,
	  .off = offsetof(struct reverse_args, text),
	  .doc = "What to turn round." },
	{ 0 },
};

static const struct bb_func reverse = {
	.name = "REVERSE",
	.args = reverse_fields,
	.args_size = sizeof(struct reverse_args),
	.read = reverse_read,
	.doc = { .summary = "Turn a text round", .since = "0.1" },
};

BB_MODULE(func_reverse, .doc = { .summary = "The REVERSE function", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_FUNC(&reverse), { 0 } });
