/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/store.c - the queue between the control thread and the one
 * thread that writes SQLite.
 *
 * Batches gather on the control side until the end of the loop turn, then go
 * over together; whatever has gathered while a transaction ran makes the next
 * one, so that a busy disk makes larger transactions, not a longer queue of
 * small ones. A transaction costs more than what is in it: when many come,
 * they gather for a moment longer, and what nobody waits for (call records)
 * gathers longer still. Answers come back in order through bb_loop_post().
 */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <bellbird/log.h>
#include <bellbird/loop.h>

#include "config.h"
#include "core/base/mem_core.h"
#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/store/store_int.h"

#define MAX_QUEUE 65536
#define BATCH_BYTES 512 /* Most batches cost one allocation. */
#define LAZY (250 * BB_MS) /* How long a batch lies that nobody waits for. */
#define GROUP (50 * BB_MS) /* And one that somebody waits for, while many come: */
#define MANY 10u /* so many in WINDOW. */
#define WINDOW (100 * BB_MS)

struct chain {
	struct bb_store_batch *first, **end;
};

static struct {
	bool up, simulate;
	size_t max_queue;
	struct bb_dbfile file;
	/* control thread */
	struct chain gathered;
	size_t queued; /* Statements not answered yet. */
	struct bb_task hand_over;
	struct bb_timer later;
	bb_time later_at; /* 0: not set */
	bb_time window; /* When it began, and how many were waited for in it and in the last. */
	unsigned now_many, last_many;
	struct bb_store_stats stats;
	/* both, under the lock */
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	struct chain in, out;
	bool busy, quit, posted;
	int inject;
	pthread_t thread;
} store = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .work = PTHREAD_COND_INITIALIZER,
	    .idle = PTHREAD_COND_INITIALIZER };

static void chain_clear(struct chain *c)
{
	c->first = NULL;
	c->end = &c->first;
}

/* Move all of @p from behind @p to. */
static void chain_move(struct chain *to, struct chain *from)
{
	if (!from->first)
		return;
	*to->end = from->first;
	to->end = from->end;
	chain_clear(from);
}

static void answer(struct bb_store_batch *b)
{
	static struct bb_log_limit limit = { .burst = 3, .every = 10 * BB_SEC };
	unsigned dropped;

	store.queued -= b->n;
	if (b->done)
		b->done(b->err, b->arg);
	else if (b->err && bb_log_allow(&limit, &dropped))
		bb_warning("database %s: a write was lost: %s", store.file.path, strerror(-b->err));
	bb_store_batch_free(b);
}

static void deliver(void *arg)
{
	struct chain got;

	(void)arg;
	chain_clear(&got);
	pthread_mutex_lock(&store.lock);
	store.posted = false;
	if (store.out.end)
		chain_move(&got, &store.out);
	pthread_mutex_unlock(&store.lock);
	while (got.first) {
		struct bb_store_batch *b = got.first;

		got.first = b->next;
		answer(b);
	}
}

/* With the lock held. The loop is told once; without memory for that, again a little later. */
static void tell_control(void)
{
	while (store.out.first && !store.posted && !store.quit) {
		store.posted = true;
		if (bb_loop_post(deliver, NULL) == 0)
			return;
		store.posted = false;
		pthread_mutex_unlock(&store.lock);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		pthread_mutex_lock(&store.lock);
	}
}

static void *store_thread(void *arg)
{
	(void)arg;
#ifdef HAVE_PTHREAD_SETNAME_NP
	pthread_setname_np(pthread_self(), "bb-store");
#endif
	pthread_mutex_lock(&store.lock);
	for (;;) {
		struct chain mine;
		int inject;

		while (!store.in.first && !store.quit)
			pthread_cond_wait(&store.work, &store.lock);
		if (!store.in.first)
			break;
		chain_clear(&mine);
		chain_move(&mine, &store.in);
		inject = store.inject;
		store.busy = true;
		pthread_mutex_unlock(&store.lock);
		bb_dbfile_run(&store.file, mine.first, inject);
		pthread_mutex_lock(&store.lock);
		store.stats.statements = store.file.statements;
		store.stats.transactions = store.file.transactions;
		store.stats.failed = store.file.failed;
		chain_move(&store.out, &mine);
		tell_control();
		store.busy = false;
		pthread_cond_broadcast(&store.idle);
	}
	pthread_mutex_unlock(&store.lock);
	return NULL;
}

/* The end of the turn: all that was queued in it becomes one transaction. */
static void hand_over(void *arg)
{
	struct chain mine;

	(void)arg;
	bb_timer_cancel(&store.later);
	store.later_at = 0;
	if (!store.gathered.first)
		return;
	if (!store.simulate) {
		pthread_mutex_lock(&store.lock);
		chain_move(&store.in, &store.gathered);
		pthread_cond_signal(&store.work);
		pthread_mutex_unlock(&store.lock);
		return;
	}
	chain_clear(&mine);
	chain_move(&mine, &store.gathered);
	bb_dbfile_run(&store.file, mine.first, store.inject);
	store.stats.statements = store.file.statements;
	store.stats.transactions = store.file.transactions;
	store.stats.failed = store.file.failed;
	chain_move(&store.out, &mine);
	deliver(NULL);
}

static bool many_come(void)
{
	bb_time now = bb_now();

	if (now - store.window >= WINDOW) {
		store.last_many = now - store.window < 2 * WINDOW ? store.now_many : 0;
		store.now_many = 0;
		store.window = now;
	}
	store.now_many++;
	return store.now_many >= MANY || store.last_many >= MANY;
}

/* When what has been gathered goes over. */
static void plan_hand_over(bool waited_for)
{
	bb_time wait = LAZY;

	if (waited_for)
		wait = many_come() ? GROUP : 0;
	if (store.simulate || !wait) {
		bb_task_post(&store.hand_over, hand_over, NULL);
		return;
	}
	if (store.later_at && store.later_at <= bb_now() + wait)
		return;
	store.later_at = bb_now() + wait;
	bb_timer_set(&store.later, wait, hand_over, NULL);
}

void bb_store_flush(void)
{
	if (!store.up)
		return;
	/* Answers may queue more. */
	do {
		bb_task_cancel(&store.hand_over);
		hand_over(NULL);
		if (!store.simulate) {
			pthread_mutex_lock(&store.lock);
			while (store.in.first || store.busy)
				pthread_cond_wait(&store.idle, &store.lock);
			pthread_mutex_unlock(&store.lock);
			deliver(NULL);
		}
	} while (store.gathered.first);
}

/* --- batches --- */

int bb_store_batch_new(struct bb_store_batch **bp)
{
	struct bb_arena *a = bb_arena_new(BATCH_BYTES);
	struct bb_store_batch *b = a ? bb_arena_alloc(a, sizeof(*b)) : NULL;

	if (!b) {
		bb_arena_free(a);
		return -ENOMEM;
	}
	b->arena = a;
	b->end = &b->first;
	*bp = b;
	return 0;
}

void bb_store_batch_free(struct bb_store_batch *b)
{
	if (b)
		bb_arena_free(b->arena);
}

int bb_store_batch_add(struct bb_store_batch *b, const char *sql, const struct bb_sql_value *v,
		       size_t n)
{
	struct bb_stmt *s = bb_arena_alloc(b->arena, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->sql = sql;
	s->n = n;
	s->v = n ? bb_arena_alloc(b->arena, n * sizeof(*v)) : NULL;
	if (n && !s->v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		s->v[i] = v[i];
		if (v[i].type != BB_SQL_TEXT)
			continue;
		s->v[i].s.p = bb_arena_strdup(b->arena, v[i].s.p ? v[i].s : BB_STR(""));
		if (!s->v[i].s.p)
			return -ENOMEM;
	}
	*b->end = s;
	b->end = &s->next;
	b->n++;
	return 0;
}

int bb_store_batch_submit(struct bb_store_batch *b, void (*done)(int err, void *arg), void *arg)
{
	int err = 0;

	bb_assert_control();
	if (!store.up)
		err = -EIO;
	else if (store.queued + b->n > store.max_queue)
		err = -ENOBUFS;
	if (err) {
		bb_store_batch_free(b);
		return err;
	}
	b->done = done;
	b->arg = arg;
	store.queued += b->n;
	*store.gathered.end = b;
	store.gathered.end = &b->next;
	plan_hand_over(done != NULL);
	return 0;
}

int bb_sql_exec(const char *sql, const struct bb_sql_value *v, size_t n,
		void (*done)(int err, void *arg), void *arg)
{
	struct bb_store_batch *b;
	const char *copy;
	int err = bb_store_batch_new(&b);

	if (err)
		return err;
	copy = bb_arena_strdup(b->arena, bb_strz(sql));
	err = copy ? bb_store_batch_add(b, copy, v, n) : -ENOMEM;
	if (err) {
		bb_store_batch_free(b);
		return err;
	}
	return bb_store_batch_submit(b, done, arg);
}

/* --- reading --- */

struct wait {
	struct bb_fiber *fiber;
	bool done;
	int err;
};

static void query_done(int err, void *arg)
{
	struct wait *w = arg;

	w->err = err;
	w->done = true;
	if (w->fiber)
		bb_fiber_wake(w->fiber);
}

static void give_rows(struct bb_rows *rows,
		      void (*row)(const struct bb_sql_value *v, size_t n, void *arg), void *arg)
{
	struct bb_sql_value *v = (struct bb_sql_value *)(void *)rows->values.p;

	for (size_t i = 0; i < rows->count; i++, v += rows->columns) {
		for (size_t k = 0; k < rows->columns; k++)
			if (v[k].type == BB_SQL_TEXT)
				v[k].s.p = rows->texts.p + v[k].i;
		row(v, rows->columns, arg);
	}
}

int bb_sql_query(const char *sql, void (*row)(const struct bb_sql_value *v, size_t n, void *arg),
		 void *arg)
{
	struct wait w = { .fiber = bb_fiber_self() };
	struct bb_rows rows = { .count = 0 };
	struct bb_store_batch *b;
	int err = bb_store_batch_new(&b);

	if (err)
		return err;
	b->rows = &rows;
	err = bb_store_batch_add(b, sql, NULL, 0);
	if (err) {
		bb_store_batch_free(b);
		return err;
	}
	err = bb_store_batch_submit(b, query_done, &w);
	if (err)
		return err;
	if (!w.fiber)
		bb_store_flush();
	while (!w.done)
		bb_fiber_park();
	if (!w.err)
		give_rows(&rows, row, arg);
	bb_buf_free(&rows.values);
	bb_buf_free(&rows.texts);
	return w.err;
}

/* --- beginning and end --- */

static int start_thread(void)
{
	sigset_t all, old;
	int err;

	/* Signals are the control thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&store.thread, NULL, store_thread, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

static void read_bindings(size_t *n, size_t *bytes, size_t *most)
{
	size_t aors;

	bb_location_stats(n, &aors, bytes);
	*most = 0;
}

/* Its cache of pages grows with the file up to what bb_dbfile_open() allows. */
static void read_sqlite(size_t *n, size_t *bytes, size_t *most)
{
	*n = store.file.db ? 1 : 0;
	*bytes = (size_t)sqlite3_memory_used();
	*most = BB_DBFILE_PAGES;
}

int bb_store_init(const struct bb_store_options *opt)
{
	static struct bb_mem_gauge bindings = { .name = "bindings", .read = read_bindings };
	static struct bb_mem_gauge sqlite = { .name = "database cache", .read = read_sqlite };
	int err;

	bb_assert_control();
	bb_mem_gauge_add(&bindings);
	bb_mem_gauge_add(&sqlite);
	store.simulate = opt->simulate;
	store.max_queue = opt->max_queue ? opt->max_queue : MAX_QUEUE;
	store.queued = 0;
	store.inject = 0;
	store.quit = store.busy = store.posted = false;
	chain_clear(&store.gathered);
	chain_clear(&store.in);
	chain_clear(&store.out);
	memset(&store.stats, 0, sizeof(store.stats));
	if (bb_dbfile_open(&store.file, opt->path, opt->full_sync)) {
		bb_error("%s. Nothing is saved until this is mended and the program started again",
			 store.file.problem);
		bb_dbfile_close(&store.file);
	}
	if (!store.simulate) {
		err = start_thread();
		if (err) {
			bb_dbfile_close(&store.file);
			return err;
		}
	}
	store.up = true;
	if (store.file.problem[0])
		return 0;
	err = bb_astdb_load();
	if (!err)
		err = bb_location_load();
	if (err)
		bb_error("database %s cannot be read: %s. It goes on with what could be read",
			 store.file.path, strerror(-err));
	return err == -ENOMEM ? err : 0;
}

void bb_store_close(void)
{
	if (!store.up)
		return;
	bb_store_flush();
	if (!store.simulate) {
		pthread_mutex_lock(&store.lock);
		store.quit = true;
		pthread_cond_signal(&store.work);
		pthread_mutex_unlock(&store.lock);
		pthread_join(store.thread, NULL);
	}
	store.up = false;
	bb_task_cancel(&store.hand_over);
	bb_timer_cancel(&store.later);
	store.later_at = 0;
	bb_location_clear();
	bb_astdb_clear();
	bb_dbfile_close(&store.file);
}

void bb_store_stats(struct bb_store_stats *st)
{
	pthread_mutex_lock(&store.lock);
	*st = store.stats;
	pthread_mutex_unlock(&store.lock);
	st->path = store.file.path;
	st->problem = store.file.problem[0] ? store.file.problem : NULL;
	st->queued = store.queued;
}

void bb_store_fail(int err)
{
	pthread_mutex_lock(&store.lock);
	store.inject = err;
	pthread_mutex_unlock(&store.lock);
}
