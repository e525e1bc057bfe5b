/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/store_core.h - starting and stopping the store, and statements
 * that stand or fall together.
 *
 * One thread writes SQLite. What the control thread queues in one loop turn
 * becomes one transaction; answers come back on the control thread. In
 * simulation everything runs inline, at the end of the turn.
 */
#ifndef BB_CORE_STORE_H
#define BB_CORE_STORE_H

#include <bellbird/cdr.h>
#include <bellbird/store.h>

BB_BEGIN_DECLS

struct bb_store_options {
	const char *path; /**< Database file; NULL is a database in memory.              */
	bool simulate; /**< Run inline, without a thread.                             */
	bool full_sync; /**< `durability=full`: survives power loss too.               */
	size_t max_queue; /**< Statements that may wait; 0: 65536.                       */
};

/**
 * Open the store and read its tables (astdb, bindings) into memory. A
 * database that cannot be opened or read is one logged sentence: the store
 * then answers every write with an error and the rest goes on.
 * @return 0 or -ENOMEM, -EAGAIN (no thread). After bb_loop_init().
 */
BB_API int bb_store_init(const struct bb_store_options *opt);
/** Write what is queued, give its answers, end the thread, forget the memory. Before
 * bb_loop_close(). */
BB_API void bb_store_close(void);
/** Hand the queue to the store thread now and wait until it is committed and answered (blocks:
 * for stopping and tests). */
BB_API void bb_store_flush(void);

/** Statements that stand or fall together. */
struct bb_store_batch;
BB_API int bb_store_batch_new(struct bb_store_batch **bp);
/** @param sql a literal (it is kept by reference). Texts of @p v are copied. */
BB_API int bb_store_batch_add(struct bb_store_batch *b, const char *sql,
			      const struct bb_sql_value *v, size_t n);
/**
 * Queue it; always takes the batch. @p done (may be NULL) runs once on the control thread,
 * never before this returns 0. @return -ENOBUFS over the bound, -ENOMEM: done will not run.
 */
BB_API int bb_store_batch_submit(struct bb_store_batch *b, void (*done)(int err, void *arg),
				 void *arg);
BB_API void bb_store_batch_free(struct bb_store_batch *b);

/** Facts for the console and tests. */
struct bb_store_stats {
	const char *path; /**< ":memory:" without a file.                                */
	const char *problem; /**< What is wrong, in one sentence; NULL: nothing.         */
	size_t queued; /**< Statements not yet answered.                              */
	uint64_t statements, transactions, failed;
};
BB_API void bb_store_stats(struct bb_store_stats *st);
/** Tests: let every write fail with this errno until set to 0 again. */
BB_API void bb_store_fail(int err);

/** Keys in the database. */
BB_API size_t bb_db_count(void);

/** Bytes of memory that the location store holds, and how many bindings. */
BB_API void bb_location_stats(size_t *bindings, size_t *aors, size_t *bytes);

/** Give a record to every sink that is loaded (BB_KIND_CDR_SINK). */
BB_API void bb_cdr_emit(const struct bb_cdr *r);

BB_END_DECLS
#endif
