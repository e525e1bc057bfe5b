/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/astdb.c - family/key/value, wholly in memory, written behind.
 *
 * An entry's key is "/family/key" as in Asterisk's table, so that a family
 * "a/b" with key "c" and a family "a" with key "b/c" are one. While writes of
 * an entry are on their way it remembers the value on disk: when the last of
 * them fails, that value comes back.
 */
#include <stdlib.h>

#include <bellbird/log.h>
#include <bellbird/map.h>

#include "core/loop/fiber.h"
#include "core/loop/loop_core.h"
#include "core/store/store_int.h"

#define KEY_MAX 512
#define VALUE_MAX 65536
#define KEYS_MAX 1000000

struct entry {
	struct bb_map_node node;
	char *value; /* NULL: deleted, the entry waits for its writes. */
	char *saved; /* What is on disk, while writes are pending. */
	unsigned pending;
	char key[];
};

/* One entry's part in a write. */
struct change {
	struct entry *e;
	char *value;
};

struct write {
	struct bb_fiber *fiber;
	bool done, waited;
	int err;
	size_t n;
	struct change c[];
};

static struct bb_map table;

struct key {
	char p[KEY_MAX];
	size_t l;
};

/* "/family/key", "/family" without a key. */
static int make_key(struct key *k, struct bb_str family, struct bb_str key)
{
	if (bb_str_empty(family) || memchr(family.p, '\0', family.l) ||
	    (key.l && memchr(key.p, '\0', key.l)))
		return -EINVAL;
	if (family.l + key.l + 3 > sizeof(k->p))
		return -ENAMETOOLONG;
	k->p[0] = '/';
	memcpy(k->p + 1, family.p, family.l);
	k->l = family.l + 1;
	if (key.l) {
		k->p[k->l++] = '/';
		memcpy(k->p + k->l, key.p, key.l);
		k->l += key.l;
	}
	k->p[k->l] = '\0';
	return 0;
}

static struct entry *find(struct bb_str key)
{
	struct bb_map_node *n = bb_map_get(&table, key);

	return n ? bb_map_entry(n, struct entry, node) : NULL;
}

static void entry_free(struct entry *e)
{
	bb_map_remove(&table, &e->node);
	bb_free(e->value);
	bb_free(e->saved);
	bb_free(e);
}

static int entry_new(struct entry **ep, struct bb_str key)
{
	struct entry *e;

	if (table.count >= KEYS_MAX)
		return -ENOSPC;
	e = bb_zalloc(sizeof(*e) + key.l + 1);
	if (!e)
		return -ENOMEM;
	memcpy(e->key, key.p, key.l);
	if (bb_map_add(&table, &e->node, bb_strn(e->key, key.l))) {
		bb_free(e);
		return -ENOMEM;
	}
	*ep = e;
	return 0;
}

/* The database answered for one change of an entry, in the order of the writes. */
static void settle(struct change *c, int err)
{
	struct entry *e = c->e;

	e->pending--;
	if (!err) {
		bb_free(e->saved);
		e->saved = c->value;
		c->value = NULL;
	}
	bb_free(c->value);
	if (e->pending)
		return;
	if (err) {
		bb_free(e->value);
		e->value = e->saved;
		e->saved = NULL;
	} else {
		bb_free(e->saved);
		e->saved = NULL;
	}
	if (!e->value)
		entry_free(e);
}

static void settle_all(struct write *w, int err)
{
	for (size_t i = 0; i < w->n; i++)
		settle(&w->c[i], err);
}

static void write_done(int err, void *arg)
{
	static struct bb_log_limit limit = { .burst = 3, .every = 10 * BB_SEC };
	struct write *w = arg;
	unsigned lost;

	settle_all(w, err);
	w->err = err;
	w->done = true;
	if (w->waited) {
		bb_fiber_wake(w->fiber);
		return;
	}
	/* Nobody waits who could be told. */
	if (err && bb_log_allow(&limit, &lost))
		bb_warning("a change of the database was taken back: %s", strerror(-err));
	bb_free(w);
}

/* Note the new value of an entry; @p value (taken over, NULL deletes) is visible from here on. */
static void apply(struct write *w, struct entry *e, char *value, char *shown)
{
	if (e->pending++ == 0)
		e->saved = e->value;
	else
		bb_free(e->value);
	e->value = shown;
	w->c[w->n].e = e;
	w->c[w->n++].value = value;
}

/* Queue the batch; in a fiber wait for it. Takes both. */
static int submit(struct write *w, struct bb_store_batch *b)
{
	int err;

	w->fiber = bb_fiber_self();
	w->waited = w->fiber != NULL;
	err = bb_store_batch_submit(b, write_done, w);
	if (err) {
		settle_all(w, err);
		bb_free(w);
		return err;
	}
	if (!w->waited)
		return 0;
	while (!w->done)
		bb_fiber_park();
	err = w->err;
	bb_free(w);
	return err;
}

static int batch_of(struct bb_store_batch **bp, const char *sql, struct bb_str key,
		    const struct bb_str *value)
{
	struct bb_sql_value v[2] = { { .type = BB_SQL_TEXT, .s = key }, { .type = BB_SQL_TEXT } };
	int err = bb_store_batch_new(bp);

	if (err)
		return err;
	if (value)
		v[1].s = *value;
	err = bb_store_batch_add(*bp, sql, v, value ? 2 : 1);
	if (err)
		bb_store_batch_free(*bp);
	return err;
}

struct bb_str bb_db_get(struct bb_str family, struct bb_str key)
{
	struct key k;
	struct entry *e;

	bb_assert_control();
	if (make_key(&k, family, key))
		return bb_strz(NULL);
	e = find(bb_strn(k.p, k.l));
	return e ? bb_strz(e->value) : bb_strz(NULL);
}

int bb_db_put(struct bb_str family, struct bb_str key, struct bb_str value)
{
	struct bb_store_batch *b;
	struct entry *e;
	struct write *w;
	struct key k;
	char *mine, *shown;
	int err;

	bb_assert_control();
	err = make_key(&k, family, key);
	if (err || bb_str_empty(key))
		return err ? err : -EINVAL;
	if (value.l > VALUE_MAX)
		return -E2BIG;
	if (value.l && memchr(value.p, '\0', value.l))
		return -EINVAL;
	e = find(bb_strn(k.p, k.l));
	err = batch_of(&b, "INSERT OR REPLACE INTO astdb (key, value) VALUES (?1, ?2)",
		       bb_strn(k.p, k.l), &value);
	if (err)
		return err;
	w = bb_zalloc(sizeof(*w) + sizeof(w->c[0]));
	mine = bb_strdup(value.p ? value : BB_STR(""));
	shown = bb_strdup(value.p ? value : BB_STR(""));
	err = w && mine && shown ? 0 : -ENOMEM;
	if (!err && !e)
		err = entry_new(&e, bb_strn(k.p, k.l));
	if (err) {
		bb_free(w);
		bb_free(mine);
		bb_free(shown);
		bb_store_batch_free(b);
		return err;
	}
	apply(w, e, mine, shown);
	return submit(w, b);
}

int bb_db_del(struct bb_str family, struct bb_str key)
{
	struct bb_store_batch *b;
	struct entry *e;
	struct write *w;
	struct key k;
	int err;

	bb_assert_control();
	err = make_key(&k, family, key);
	if (err)
		return err;
	e = find(bb_strn(k.p, k.l));
	if (!e || !e->value)
		return -ENOENT;
	err = batch_of(&b, "DELETE FROM astdb WHERE key = ?1", bb_strn(k.p, k.l), NULL);
	if (err)
		return err;
	w = bb_zalloc(sizeof(*w) + sizeof(w->c[0]));
	if (!w) {
		bb_store_batch_free(b);
		return -ENOMEM;
	}
	apply(w, e, NULL, NULL);
	return submit(w, b);
}

/* "/a/b" lies at or below "/a" and "/a/b", not below "/a/". */
static bool below(const struct entry *e, struct bb_str top)
{
	struct bb_str key = e->node.key;

	return !top.l || (bb_str_starts(key, top) && (key.l == top.l || key.p[top.l] == '/'));
}

static int by_key(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return bb_str_cmp((*x)->node.key, (*y)->node.key);
}

/* Live entries at or below @p top, sorted. */
static int collect(struct bb_str top, struct entry ***vp, size_t *np)
{
	struct entry **v = bb_alloc((table.count ? table.count : 1) * sizeof(struct entry *));
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;
	size_t count = 0;

	if (!v)
		return -ENOMEM;
	while ((n = bb_map_next(&table, &it))) {
		struct entry *e = bb_map_entry(n, struct entry, node);

		if (e->value && below(e, top))
			v[count++] = e;
	}
	qsort(v, count, sizeof(struct entry *), by_key);
	*vp = v;
	*np = count;
	return 0;
}

int bb_db_deltree(struct bb_str family, struct bb_str key_prefix)
{
	struct bb_store_batch *b;
	struct entry **v = NULL;
	struct write *w;
	struct key k = { .l = 0 };
	size_t n;
	int err;

	bb_assert_control();
	err = make_key(&k, family, key_prefix);
	if (err)
		return err;
	err = collect(bb_strn(k.p, k.l), &v, &n);
	if (err || n == 0)
		goto out;
	/* '0' follows '/': from "/a/b/" up to, and without, "/a/b0". */
	err = batch_of(&b,
		       "DELETE FROM astdb WHERE key = ?1 OR (key >= ?1 || '/' AND key < ?1 || '0')",
		       bb_strn(k.p, k.l), NULL);
	if (err)
		goto out;
	w = bb_zalloc(sizeof(*w) + n * sizeof(w->c[0]));
	if (!w) {
		bb_store_batch_free(b);
		err = -ENOMEM;
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		apply(w, v[i], NULL, NULL);
	err = submit(w, b);
out:
	bb_free(v);
	return err ? err : (int)n;
}

void bb_db_each(struct bb_str family,
		void (*fn)(struct bb_str family, struct bb_str key, struct bb_str value, void *arg),
		void *arg)
{
	struct entry **v;
	struct key k = { .l = 0 };
	size_t n;

	bb_assert_control();
	if (!bb_str_empty(family) && make_key(&k, family, bb_strz(NULL)))
		return;
	if (collect(bb_strn(k.p, k.l), &v, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct bb_str key = bb_str_sub(v[i]->node.key, 1, SIZE_MAX);
		size_t cut = bb_str_empty(family) ? (size_t)bb_str_chr(key, '/') : family.l;

		/* The family's own name as a key is not a member of it. */
		if (cut < key.l)
			fn(bb_str_sub(key, 0, cut), bb_str_sub(key, cut + 1, SIZE_MAX),
			   bb_strz(v[i]->value), arg);
	}
	bb_free(v);
}

size_t bb_db_count(void)
{
	return table.count;
}

static void load_row(const struct bb_sql_value *v, size_t n, void *arg)
{
	struct entry *e;
	int *err = arg;

	/* Rows from elsewhere need not have our form; what has none is left alone. */
	if (*err || n != 2 || v[0].type != BB_SQL_TEXT || v[1].type != BB_SQL_TEXT ||
	    v[0].s.l < 4 || v[0].s.l >= KEY_MAX || v[0].s.p[0] != '/' ||
	    bb_str_chr(bb_str_sub(v[0].s, 1, SIZE_MAX), '/') < 1)
		return;
	*err = entry_new(&e, v[0].s);
	if (*err)
		return;
	e->value = bb_strdup(v[1].s);
	if (!e->value) {
		entry_free(e);
		*err = -ENOMEM;
	}
}

int bb_astdb_load(void)
{
	int failed = 0, err;

	err = bb_sql_query("SELECT key, value FROM astdb", load_row, &failed);
	return err ? err : failed;
}

void bb_astdb_clear(void)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	while ((n = bb_map_next(&table, &it)))
		entry_free(bb_map_entry(n, struct entry, node));
	bb_map_free(&table);
}
