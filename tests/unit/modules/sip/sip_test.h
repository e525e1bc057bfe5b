/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sip_test.h - what the suites of the SIP stack share.
 */
#ifndef SIP_TEST_H
#define SIP_TEST_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "modules/sip/build.h"

#define ck_str_is(s, z)                                                                            \
	do {                                                                                       \
		struct bb_str s_ = (s);                                                            \
		ck_assert_msg(bb_str_is(s_, z), "%s:%d: \"%.*s\" is not \"%s\"", __FILE__,         \
			      __LINE__, BB_FMT(s_), z);                                            \
	} while (0)

/** Read a file below tests/data into a buffer. */
static inline void st_read(struct bb_buf *b, const char *name)
{
	char path[512], chunk[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/data/%s", BB_TOP_SRCDIR, name);
	f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "no file %s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		bb_buf_put(b, chunk, n);
	fclose(f);
}

/** One row of expected.tsv. */
struct st_torture {
	char name[64], file[128];
	char wanted[64];
};

/** @return how many rows; the table is the caller's to free(). */
static inline size_t st_torture_rows(struct st_torture **rows)
{
	struct bb_buf b = { 0 };
	struct bb_str rest, line, cell[6];
	size_t n = 0;

	st_read(&b, "torture/expected.tsv");
	*rows = calloc(128, sizeof(**rows));
	ck_assert(*rows != NULL);
	rest = bb_buf_str(&b);
	while (bb_str_split(&rest, '\n', &line)) {
		struct st_torture *r = &(*rows)[n];
		unsigned i = 0;

		if (!line.l || line.p[0] == '#')
			continue;
		while (i < 6 && bb_str_split(&line, '\t', &cell[i]))
			i++;
		ck_assert_uint_eq(i, 6);
		ck_assert_int_eq(bb_str_copy(r->name, sizeof(r->name), cell[0]), 0);
		ck_assert_int_eq(bb_str_copy(r->file, sizeof(r->file), cell[1]), 0);
		ck_assert_int_eq(bb_str_copy(r->wanted, sizeof(r->wanted), cell[4]), 0);
		ck_assert_uint_lt(++n, 128);
	}
	bb_buf_free(&b);
	return n;
}

/** Is an outcome among the wanted ones? @param got "accept", "drop" or a status. */
static inline bool st_wanted(const struct st_torture *r, const char *got)
{
	struct bb_str rest = bb_strz(r->wanted), w;

	while (bb_str_split(&rest, ',', &w)) {
		if (bb_str_is(w, got) || bb_str_is(w, "any"))
			return true;
		if (w.l == 3 && w.p[1] == 'x' && w.p[0] == got[0])
			return true;
	}
	return false;
}

static inline int st_run(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}

#endif
