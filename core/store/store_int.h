/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/store_int.h - between the files of this folder: the database
 * file as the store thread sees it, and the tables that live in memory.
 */
#ifndef BB_STORE_INT_H
#define BB_STORE_INT_H

#include <sqlite3.h>

#include <bellbird/mem.h>

#include "core/store/store_core.h"

/** One statement of a batch, in the batch's arena. */
struct bb_stmt {
	const char *sql;
	struct bb_sql_value *v;
	size_t n;
	struct bb_stmt *next;
};

/** What bb_sql_query() collects: values whose texts are offsets into .texts until they are given
 * out. */
struct bb_rows {
	struct bb_buf values, texts;
	size_t columns, count;
	int err;
};

struct bb_store_batch {
	struct bb_arena *arena;
	struct bb_stmt *first, **end;
	size_t n;
	struct bb_rows *rows; /**< Set: this is a query of one statement. */
	int err;
	void (*done)(int err, void *arg);
	void *arg;
	struct bb_store_batch *next;
};

#define BB_DBFILE_CACHE 64
/* Bytes of pages that SQLite keeps in memory: it fills slowly, as the file grows. */
#define BB_DBFILE_PAGES (2000u * 1024)

/** An open database. Belongs to one thread at a time. */
struct bb_dbfile {
	sqlite3 *db;
	struct {
		char *sql;
		uint32_t hash;
		sqlite3_stmt *st;
	} cache[BB_DBFILE_CACHE];
	char path[4096];
	char problem[4700]; /**< Why it cannot be used; "" nothing. */
	bool failing; /**< The last transaction failed: said once. */
	uint64_t statements, transactions, failed;
};

/** Open, check and bring the schema up to date. On failure .problem says why. */
int bb_dbfile_open(struct bb_dbfile *f, const char *path, bool full_sync);
void bb_dbfile_close(struct bb_dbfile *f);
/** Run all from @p first in one transaction; each gets its .err. @p inject fails them all. */
void bb_dbfile_run(struct bb_dbfile *f, struct bb_store_batch *first, int inject);
/** Bring tables to the version of this program. @return a SQLite code; .problem set. */
int bb_schema_migrate(struct bb_dbfile *f);
/** SQLite's code as a negative errno. */
int bb_dbfile_errno(int rc);

int bb_astdb_load(void);
void bb_astdb_clear(void);
int bb_location_load(void);
void bb_location_clear(void);

#endif
