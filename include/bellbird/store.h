/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/store.h - the database: family/key/value as in Asterisk's AstDB.
 *
 * A table lives in memory and is written behind by the store thread in group
 * commits. A write is visible at once; functions that wait return when it is
 * committed.
 */
#ifndef BB_STORE_H
#define BB_STORE_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

/** @return the value, unset when there is none; valid until the key changes. */
BB_API struct bb_str bb_db_get(struct bb_str family, struct bb_str key);
/**
 * In a fiber: waits for the commit; elsewhere returns at once. @return -EIO, -ENOSPC … when it
 * could not be written (memory keeps the old value); -EINVAL (empty or with NUL), -ENAMETOOLONG,
 * -E2BIG.
 */
BB_API int bb_db_put(struct bb_str family, struct bb_str key, struct bb_str value);
/** The same; -ENOENT when there is none. */
BB_API int bb_db_del(struct bb_str family, struct bb_str key);
/** The key @p key_prefix of a family and those below it ("a" takes "a" and "a/b", not "ab"); empty:
 * the whole family. @return how many went. */
BB_API int bb_db_deltree(struct bb_str family, struct bb_str key_prefix);
/** Walk in key order; unset family: all. @p fn must not change the database. */
BB_API void bb_db_each(struct bb_str family,
		       void (*fn)(struct bb_str family, struct bb_str key, struct bb_str value,
				  void *arg),
		       void *arg);

/**
 * For the core's stores and record sinks: queue a statement with bound values
 * for the store thread. All statements queued in one turn are one
 * transaction. @p done runs on the control thread after the commit.
 */
struct bb_sql_value {
	enum { BB_SQL_NULL, BB_SQL_INT, BB_SQL_REAL, BB_SQL_TEXT } type;
	int64_t i;
	double r;
	struct bb_str s; /**< Copied. */
};
BB_API int bb_sql_exec(const char *sql, const struct bb_sql_value *v, size_t n,
		       void (*done)(int err, void *arg), void *arg);
/** Read rows at start: waits, in a fiber or before the loop runs. */
BB_API int bb_sql_query(const char *sql,
			void (*row)(const struct bb_sql_value *v, size_t n, void *arg), void *arg);

BB_END_DECLS
#endif
