/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_conf.c - a .conf text is read; every line knows a place inside it, and
 * every value goes through splitting, judging and filling of arguments.
 */
#include "fuzz.h"

#include "core/config/config.h"

const char *const fuzz_also = "configs";

struct all {
	struct bb_strlist list;
	bb_time time;
	struct bb_opts opts;
	struct bb_goto_arg to;
};

static const struct bb_option options[] = {
	{ .letter = 't', .doc = "." },
	{ .letter = 'U', .arg = "sub", .type = BB_T_STR, .doc = "." },
	{ .letter = 'S', .arg = "n", .arg_optional = true, .type = BB_T_INT, .doc = "." },
	{ 0 },
};

static const struct bb_field fields[] = {
	{ .name = "list", .type = BB_T_LIST, .sep = '&', .off = offsetof(struct all, list) },
	{ .name = "time", .type = BB_T_DURATION, .off = offsetof(struct all, time), .def = "" },
	{ .name = "options",
	  .type = BB_T_OPTIONS,
	  .options = options,
	  .off = offsetof(struct all, opts),
	  .def = "" },
	{ .name = "to", .type = BB_T_GOTO, .off = offsetof(struct all, to), .def = "" },
	{ 0 },
};

static void use_value(const struct bb_conf_line *l, struct bb_diag *d)
{
	struct bb_arena *a = bb_arena_new(1024);
	struct bb_args_error e;
	struct all all = { 0 };

	FUZZ_ASSERT(l->name.p[l->name.l] == '\0' && l->value.p[l->value.l] == '\0');
	FUZZ_ASSERT(l->name.l > 0 && l->at.line > 0 && l->at.column > 0);
	for (size_t i = 1; l->columns && i < l->value.l; i++)
		FUZZ_ASSERT(l->columns[i] > l->columns[i - 1]);
	bb_args_check("Dial", fields, l->value, &(struct bb_args_judge){ .at = l->value_at }, d);
	if (a && bb_args_parse(fields, l->value, &all, a, &e) == -EINVAL)
		FUZZ_ASSERT(e.text[0] && e.offset <= l->value.l);
	bb_arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bb_conf_text *t = NULL;
	struct bb_diag *d;
	struct bb_buf out = { 0 };

	if (bb_diag_new(&d))
		return 0;
	if (bb_conf_text_parse(&t, NULL, "fuzz.conf", bb_strn((const char *)data, size), d) == 0) {
		bb_list_each (node, &t->sections) {
			struct bb_conf_section *s =
				bb_list_entry(node, struct bb_conf_section, node);
			unsigned n = 0;

			bb_list_each (line, &s->lines) {
				if (n++ < 100)
					use_value(bb_list_entry(line, struct bb_conf_line, node),
						  d);
			}
		}
		bb_conf_text_free(t);
	}
	for (size_t i = 0; bb_diag_at(d, i); i++)
		bb_diag_print(d, i, BB_DIAG_CHECK, false, &out);
	bb_buf_free(&out);
	bb_diag_free(d);
	bb_conf_intern_free();
	return 0;
}
