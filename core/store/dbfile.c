/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/dbfile.c - the SQLite file: opened, run in transactions, read.
 *
 * Nothing here knows of threads; store.c sees to it that one at a time calls.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bellbird/log.h>

#include "core/store/store_int.h"

int bb_dbfile_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return -EINVAL;
	case SQLITE_TOOBIG:
		return -E2BIG;
	default:
		return -EIO;
	}
}

static int simple(struct bb_dbfile *f, const char *sql)
{
	return sqlite3_exec(f->db, sql, NULL, NULL, NULL);
}

static int fail_open(struct bb_dbfile *f, int rc, const char *doing)
{
	const char *why = f->db ? sqlite3_errmsg(f->db) : sqlite3_errstr(rc);

	if ((rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT)
		snprintf(f->problem, sizeof(f->problem),
			 "database %s cannot be read (%s): move it away to begin with an empty one",
			 f->path, why);
	else if (f->problem[0] == '\0')
		snprintf(f->problem, sizeof(f->problem), "database %s: cannot %s: %s", f->path,
			 doing, why);
	return bb_dbfile_errno(rc) ? bb_dbfile_errno(rc) : -EIO;
}

/* SQLite would make it readable for all; secrets may be in it. Its WAL takes the same mode. */
static int create_private(struct bb_dbfile *f)
{
	int fd, err;

	fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	err = -errno;
	snprintf(f->problem, sizeof(f->problem), "database %s cannot be opened: %s", f->path,
		 strerror(-err));
	return err;
}

int bb_dbfile_open(struct bb_dbfile *f, const char *path, bool full_sync)
{
	int rc;

	memset(f, 0, sizeof(*f));
	snprintf(f->path, sizeof(f->path), "%s", path ? path : ":memory:");
	if (path) {
		rc = create_private(f);
		if (rc)
			return rc;
	}
	rc = sqlite3_open_v2(f->path, &f->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (rc)
		return fail_open(f, rc, "open it");
	sqlite3_extended_result_codes(f->db, 1);
	/* Somebody may look at it with the sqlite3 program. */
	sqlite3_busy_timeout(f->db, 2000);
	rc = simple(f, "PRAGMA journal_mode=WAL");
	if (!rc)
		rc = simple(f, full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
	if (!rc)
		rc = simple(f, "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY");
	if (!rc) {
		char sql[48];

		snprintf(sql, sizeof(sql), "PRAGMA cache_size=-%u", BB_DBFILE_PAGES / 1024);
		rc = simple(f, sql);
	}
	if (rc)
		return fail_open(f, rc, "prepare it");
	rc = bb_schema_migrate(f);
	if (rc)
		return fail_open(f, rc, "bring its tables up to date");
	return 0;
}

void bb_dbfile_close(struct bb_dbfile *f)
{
	for (size_t i = 0; i < BB_DBFILE_CACHE; i++) {
		sqlite3_finalize(f->cache[i].st);
		bb_free(f->cache[i].sql);
		f->cache[i].st = NULL;
		f->cache[i].sql = NULL;
	}
	sqlite3_close(f->db);
	f->db = NULL;
}

#define WAYS 4u

/* Prepared statements are kept by their text, in one of a few slots; the newcomer takes a free one,
 * or turns one out. */
static int prepare(struct bb_dbfile *f, const char *sql, sqlite3_stmt **stp)
{
	uint32_t hash = bb_str_hash(bb_strz(sql), false);
	size_t at = hash % BB_DBFILE_CACHE;
	int rc;

	for (size_t k = WAYS; k-- > 0;) {
		size_t i = (hash + k) % BB_DBFILE_CACHE;

		if (!f->cache[i].st)
			at = i;
		else if (f->cache[i].hash == hash && strcmp(f->cache[i].sql, sql) == 0) {
			*stp = f->cache[i].st;
			return SQLITE_OK;
		}
	}
	sqlite3_finalize(f->cache[at].st);
	bb_free(f->cache[at].sql);
	f->cache[at].st = NULL;
	f->cache[at].sql = bb_strdup(bb_strz(sql));
	f->cache[at].hash = hash;
	if (!f->cache[at].sql)
		return SQLITE_NOMEM;
	rc = sqlite3_prepare_v3(f->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &f->cache[at].st, NULL);
	*stp = f->cache[at].st;
	if (rc == SQLITE_OK && !*stp)
		rc = SQLITE_MISUSE; /* a comment alone */
	return rc;
}

static int bind(sqlite3_stmt *st, const struct bb_stmt *s)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < s->n && rc == SQLITE_OK; i++) {
		const struct bb_sql_value *v = &s->v[i];
		int at = (int)i + 1;

		switch (v->type) {
		case BB_SQL_INT:
			rc = sqlite3_bind_int64(st, at, v->i);
			break;
		case BB_SQL_REAL:
			rc = sqlite3_bind_double(st, at, v->r);
			break;
		case BB_SQL_TEXT:
			rc = sqlite3_bind_text64(st, at, v->s.p ? v->s.p : "", v->s.l,
						 SQLITE_STATIC, SQLITE_UTF8);
			break;
		case BB_SQL_NULL:
			rc = sqlite3_bind_null(st, at);
			break;
		}
	}
	return rc;
}

static void keep_row(sqlite3_stmt *st, struct bb_rows *rows)
{
	size_t n = (size_t)sqlite3_column_count(st);

	rows->columns = n;
	for (size_t i = 0; i < n; i++) {
		struct bb_sql_value v = { .type = BB_SQL_NULL };
		const void *text;

		switch (sqlite3_column_type(st, (int)i)) {
		case SQLITE_INTEGER:
			v.type = BB_SQL_INT;
			v.i = sqlite3_column_int64(st, (int)i);
			break;
		case SQLITE_FLOAT:
			v.type = BB_SQL_REAL;
			v.r = sqlite3_column_double(st, (int)i);
			break;
		case SQLITE_NULL:
			break;
		default:
			v.type = BB_SQL_TEXT;
			text = sqlite3_column_text(st, (int)i);
			v.i = (int64_t)rows->texts.l;
			v.s.l = text ? (size_t)sqlite3_column_bytes(st, (int)i) : 0;
			bb_buf_put(&rows->texts, text ? text : "", v.s.l);
			bb_buf_putc(&rows->texts, '\0');
		}
		bb_buf_put(&rows->values, &v, sizeof(v));
	}
	rows->count++;
}

/* Without rows: step to the end. */
static int run_stmt(struct bb_dbfile *f, const struct bb_stmt *s, struct bb_rows *rows)
{
	sqlite3_stmt *st;
	int rc, rc2;

	rc = prepare(f, s->sql, &st);
	if (rc)
		return rc;
	rc = bind(st, s);
	while (!rc) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW) {
			rc = SQLITE_OK;
			if (rows)
				keep_row(st, rows);
			if (rows && (rows->values.err || rows->texts.err))
				rc = SQLITE_NOMEM;
		}
	}
	rc2 = sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	f->statements++;
	if (rc == SQLITE_DONE)
		return SQLITE_OK;
	return rc ? rc : rc2;
}

/* BEGIN and COMMIT of each transaction, prepared like the rest. */
static int run_plain(struct bb_dbfile *f, const char *sql)
{
	sqlite3_stmt *st;
	int rc = prepare(f, sql, &st), rc2;

	if (rc)
		return rc;
	rc = sqlite3_step(st);
	rc2 = sqlite3_reset(st);
	return rc == SQLITE_DONE ? SQLITE_OK : rc ? rc : rc2;
}

static int run_batch(struct bb_dbfile *f, struct bb_store_batch *b)
{
	bool several = b->n > 1;
	int rc = SQLITE_OK;

	if (several)
		rc = simple(f, "SAVEPOINT batch");
	for (struct bb_stmt *s = b->first; s && !rc; s = s->next)
		rc = run_stmt(f, s, NULL);
	if (rc && rc != SQLITE_FULL)
		bb_debug(1, "database %s: %s", f->path, sqlite3_errmsg(f->db));
	if (several && !sqlite3_get_autocommit(f->db)) {
		if (rc)
			simple(f, "ROLLBACK TO batch");
		simple(f, "RELEASE batch");
	}
	return rc;
}

static void fail_all(struct bb_store_batch *first, int err)
{
	for (struct bb_store_batch *b = first; b; b = b->next)
		b->err = err;
}

/* A full disk fails every transaction: one sentence when it begins, one when it is over. */
static void report(struct bb_dbfile *f, int rc)
{
	if (rc && !f->failing)
		bb_error("database %s: cannot write: %s. Changes are refused until it can be "
			 "written again",
			 f->path, sqlite3_errstr(rc));
	else if (!rc && f->failing)
		bb_notice("database %s: can be written again", f->path);
	f->failing = rc != 0;
}

static void run_query(struct bb_dbfile *f, struct bb_store_batch *b)
{
	int rc = run_stmt(f, b->first, b->rows);

	b->err = bb_dbfile_errno(rc);
	if (rc)
		bb_error("database %s: %s", f->path, sqlite3_errmsg(f->db));
}

static void run_writes(struct bb_dbfile *f, struct bb_store_batch *first)
{
	int rc = run_plain(f, "BEGIN IMMEDIATE");

	for (struct bb_store_batch *b = first; b && !rc; b = b->next) {
		int one = run_batch(f, b);

		b->err = bb_dbfile_errno(one);
		/* SQLite gave the transaction up: all that was in it is lost. */
		if (one && sqlite3_get_autocommit(f->db))
			rc = one;
	}
	if (!rc)
		rc = run_plain(f, "COMMIT");
	if (rc) {
		if (!sqlite3_get_autocommit(f->db))
			simple(f, "ROLLBACK");
		fail_all(first, bb_dbfile_errno(rc));
	}
	report(f, rc);
	f->transactions++;
}

void bb_dbfile_run(struct bb_dbfile *f, struct bb_store_batch *first, int inject)
{
	while (first) {
		struct bb_store_batch *last = first, *rest;

		if (!first->rows)
			while (last->next && !last->next->rows)
				last = last->next;
		rest = last->next;
		last->next = NULL;
		if (!f->db || f->problem[0])
			fail_all(first, -EIO);
		else if (first->rows)
			run_query(f, first);
		else if (inject)
			fail_all(first, inject);
		else
			run_writes(f, first);
		for (struct bb_store_batch *b = first; b; b = b->next)
			f->failed += b->err != 0;
		last->next = rest;
		first = rest;
	}
}
