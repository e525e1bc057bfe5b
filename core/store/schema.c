/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/schema.c - the core's tables and how they came to be.
 *
 * `PRAGMA user_version` counts the steps that a file has taken. Steps are
 * only ever added at the end. Tables of modules (cdr) are their own business.
 */
#include <stdio.h>

#include "core/store/store_int.h"

static const char *const steps[] = {
	/* 1. Keys as in Asterisk's database: "/family/key". Bindings: RFC 3261 §10. Times in
	 * microseconds since 1970. */
	"CREATE TABLE astdb ("
	" key TEXT PRIMARY KEY NOT NULL,"
	" value TEXT NOT NULL"
	") WITHOUT ROWID;"
	"CREATE TABLE binding ("
	" aor TEXT NOT NULL,"
	" contact TEXT NOT NULL,"
	" params TEXT NOT NULL,"
	" path TEXT NOT NULL,"
	" call_id TEXT NOT NULL,"
	" cseq INTEGER NOT NULL,"
	" q INTEGER NOT NULL," /* thousandths */
	" expires INTEGER NOT NULL,"
	" user_agent TEXT NOT NULL,"
	" transport TEXT NOT NULL,"
	" local TEXT NOT NULL,"
	" remote TEXT NOT NULL,"
	" stream INTEGER NOT NULL," /* 1: came by a connection, which ends with the process */
	" instance TEXT NOT NULL,"
	" node INTEGER NOT NULL,"
	" since INTEGER NOT NULL,"
	" PRIMARY KEY (aor, contact)"
	") WITHOUT ROWID;",
};

static int version(struct bb_dbfile *f, int *out)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(f->db, "PRAGMA user_version", -1, &st, NULL);

	if (rc)
		return rc;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*out = sqlite3_column_int(st, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc;
}

int bb_schema_migrate(struct bb_dbfile *f)
{
	int have = 0, want = (int)BB_ARRAY_SIZE(steps);
	int rc = version(f, &have);

	if (rc)
		return rc;
	if (have > want) {
		snprintf(f->problem, sizeof(f->problem),
			 "database %s was written by a newer version (its tables are version %d, "
			 "this program knows %d)",
			 f->path, have, want);
		return SQLITE_ERROR;
	}
	for (; have < want && !rc; have++) {
		char mark[64];

		snprintf(mark, sizeof(mark), "PRAGMA user_version=%d", have + 1);
		rc = sqlite3_exec(f->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		if (!rc)
			rc = sqlite3_exec(f->db, steps[have], NULL, NULL, NULL);
		if (!rc)
			rc = sqlite3_exec(f->db, mark, NULL, NULL, NULL);
		if (!rc)
			rc = sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);
		if (rc && !sqlite3_get_autocommit(f->db))
			sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	}
	return rc;
}
