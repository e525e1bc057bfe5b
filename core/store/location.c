/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/store/location.c - addresses-of-record and their bindings in memory.
 *
 * Bindings never change once made (a refresh makes a new one), so that sets of
 * them can be shared between what callers see and what is on disk. While
 * changes of an address-of-record are on their way it keeps both, and the
 * changes themselves: when one fails, what callers see is made again from what
 * is on disk and the changes that still stand.
 */
#include <bellbird/log.h>
#include <bellbird/loop.h>

#include "core/loop/loop_core.h"
#include "core/store/location_int.h"

#define PER_AOR 256
#define WATCHERS 16
#define CONN_SLOTS 1024
/* The wall clock may be set: look again at least this often. */
#define LOOK_AGAIN (600 * BB_SEC)

struct change {
	struct bb_loc_binding *put; /* Holds it; NULL: remove .contact. */
	char *contact;
};

struct op {
	struct bb_loc_aor *aor;
	struct op *next;
	void (*done)(int err, void *arg);
	void *arg;
	size_t n;
	struct change c[];
};

struct watcher {
	void (*fn)(struct bb_str aor, void *arg);
	void *arg;
};

static struct bb_map aors;
static size_t n_bindings, bytes_held;
/* Bindings by expiry: one timer for all of them. */
static struct bb_loc_binding **heap;
static size_t heap_n, heap_cap;
static struct bb_timer expiry;
/* Bindings that came by a connection, by its id. */
static struct bb_loc_binding *by_conn[CONN_SLOTS];
static struct watcher watchers[WATCHERS];
static size_t n_watchers;
static struct bb_loc_aor *changed;
static struct bb_task tell_task;

/* --- the expiry heap --- */

static void heap_place(size_t i, struct bb_loc_binding *b)
{
	heap[i] = b;
	b->heap_at = (uint32_t)i + 1;
}

static void heap_up(size_t i, struct bb_loc_binding *b)
{
	while (i && heap[(i - 1) / 2]->b.expires > b->b.expires) {
		heap_place(i, heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_place(i, b);
}

static void heap_down(size_t i, struct bb_loc_binding *b)
{
	for (;;) {
		size_t c = 2 * i + 1;

		if (c >= heap_n)
			break;
		if (c + 1 < heap_n && heap[c + 1]->b.expires < heap[c]->b.expires)
			c++;
		if (heap[c]->b.expires >= b->b.expires)
			break;
		heap_place(i, heap[c]);
		i = c;
	}
	heap_place(i, b);
}

/* Room for one more binding is made where it is allocated, so that this cannot fail. */
static int heap_reserve(void)
{
	struct bb_loc_binding **grown;
	size_t cap;

	if (n_bindings < heap_cap)
		return 0;
	cap = heap_cap ? heap_cap * 2 : 64;
	grown = bb_realloc(heap, cap * sizeof(struct bb_loc_binding *));
	if (!grown)
		return -ENOMEM;
	heap = grown;
	heap_cap = cap;
	return 0;
}

static void heap_remove(struct bb_loc_binding *b)
{
	size_t i = b->heap_at - 1;
	struct bb_loc_binding *last = heap[--heap_n];

	b->heap_at = 0;
	if (last == b)
		return;
	if (i && heap[(i - 1) / 2]->b.expires > last->b.expires)
		heap_up(i, last);
	else
		heap_down(i, last);
}

static void expire(void *arg);

static void arm(void)
{
	bb_time in;

	if (heap_n == 0) {
		bb_timer_cancel(&expiry);
		return;
	}
	in = heap[0]->b.expires - bb_wall();
	if (in < 0)
		in = 0;
	if (in > LOOK_AGAIN)
		in = LOOK_AGAIN;
	bb_timer_set(&expiry, in, expire, NULL);
}

/* --- bindings that callers see: in the heap and in the connection table --- */

static struct bb_loc_binding **conn_slot(uint64_t id)
{
	return &by_conn[(id ^ (id >> 10)) % CONN_SLOTS];
}

static void show(struct bb_loc_binding *b)
{
	if (b->shown++)
		return;
	heap_up(heap_n++, b);
	if (b->b.connection) {
		struct bb_loc_binding **slot = conn_slot(b->b.connection);

		b->conn_prev = slot;
		b->conn_next = *slot;
		if (*slot)
			(*slot)->conn_prev = &b->conn_next;
		*slot = b;
	}
}

static void hide(struct bb_loc_binding *b)
{
	if (--b->shown)
		return;
	heap_remove(b);
	if (b->conn_prev) {
		*b->conn_prev = b->conn_next;
		if (b->conn_next)
			b->conn_next->conn_prev = b->conn_prev;
		b->conn_prev = NULL;
		b->conn_next = NULL;
	}
}

static void binding_unref(struct bb_loc_binding *b)
{
	if (!b || --b->refs)
		return;
	n_bindings--;
	bytes_held -= b->size;
	bb_free(b);
}

/* The few transport names are shared. */
static const char *intern(struct bb_str name)
{
	static const char *const known[] = { "udp", "tcp", "tls", "ws", "wss", "" };

	for (size_t i = 0; i < BB_ARRAY_SIZE(known); i++)
		if (bb_str_iis(name, known[i]))
			return known[i];
	return NULL;
}

static struct bb_str pack(char **at, struct bb_str s)
{
	char *p = *at;

	if (s.l)
		memcpy(p, s.p, s.l);
	p[s.l] = '\0';
	*at += s.l + 1;
	return bb_strn(p, s.l);
}

int bb_loc_binding_new(struct bb_loc_binding **bp, const struct bb_binding *from,
		       struct bb_loc_aor *aor)
{
	const char *transport = intern(from->transport);
	size_t size = sizeof(struct bb_loc_binding) + from->contact.l + from->params.l +
		      from->path.l + from->call_id.l + from->user_agent.l + from->instance.l + 6 +
		      (transport ? 0 : from->transport.l + 1);
	struct bb_loc_binding *b;
	char *at;

	if (heap_reserve())
		return -ENOMEM;
	b = bb_alloc(size);
	if (!b)
		return -ENOMEM;
	memset(b, 0, sizeof(*b));
	b->b = *from;
	at = b->texts;
	b->b.contact = pack(&at, from->contact);
	b->b.params = pack(&at, from->params);
	b->b.path = pack(&at, from->path);
	b->b.call_id = pack(&at, from->call_id);
	b->b.user_agent = pack(&at, from->user_agent);
	b->b.instance = pack(&at, from->instance);
	b->b.transport = transport ? bb_strz(transport) : pack(&at, from->transport);
	b->aor = aor;
	b->size = (uint32_t)size;
	b->refs = 1;
	n_bindings++;
	bytes_held += size;
	*bp = b;
	return 0;
}

/* --- sets --- */

static void set_clear(struct bb_loc_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		binding_unref(s->v[i]);
	bb_free(s->v);
	bytes_held -= s->n * sizeof(s->v[0]);
	s->v = NULL;
	s->n = 0;
}

static size_t set_find(const struct bb_loc_set *s, struct bb_str contact)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (bb_str_eq(s->v[i]->b.contact, contact))
			break;
	return i;
}

static void set_remove_at(struct bb_loc_set *s, size_t i)
{
	binding_unref(s->v[i]);
	memmove(&s->v[i], &s->v[i + 1], (s->n - i - 1) * sizeof(s->v[0]));
	bytes_held -= sizeof(s->v[0]);
	if (--s->n == 0) {
		bb_free(s->v);
		s->v = NULL;
	}
}

static bool before(const struct bb_loc_binding *a, const struct bb_loc_binding *b)
{
	return a->b.q != b->b.q ? a->b.q > b->b.q : a->b.since < b->b.since;
}

/* Put in, in place of one with the same contact. Takes a reference. */
static int set_put(struct bb_loc_set *s, struct bb_loc_binding *b)
{
	struct bb_loc_binding **v;
	size_t i = set_find(s, b->b.contact);

	if (i < s->n && s->n == 1) {
		b->refs++;
		binding_unref(s->v[0]);
		s->v[0] = b;
		return 0;
	}
	if (i == s->n) {
		v = bb_realloc(s->v, (s->n + 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
	} else {
		set_remove_at(s, i);
	}
	b->refs++;
	for (i = s->n; i && before(b, s->v[i - 1]); i--)
		s->v[i] = s->v[i - 1];
	s->v[i] = b;
	s->n++;
	bytes_held += sizeof(s->v[0]);
	return 0;
}

static int set_copy(struct bb_loc_set *to, const struct bb_loc_set *from)
{
	to->n = 0;
	to->v = from->n ? bb_alloc(from->n * sizeof(to->v[0])) : NULL;
	if (from->n && !to->v)
		return -ENOMEM;
	for (; to->n < from->n; to->n++) {
		to->v[to->n] = from->v[to->n];
		to->v[to->n]->refs++;
	}
	bytes_held += to->n * sizeof(to->v[0]);
	return 0;
}

static int set_apply(struct bb_loc_set *s, const struct change *c)
{
	size_t i;

	if (c->put)
		return set_put(s, c->put);
	i = set_find(s, bb_strz(c->contact));
	if (i < s->n)
		set_remove_at(s, i);
	return 0;
}

/* What callers see becomes @p next, whose bindings it takes over. */
static void switch_live(struct bb_loc_aor *a, struct bb_loc_set *next)
{
	struct bb_loc_set old = a->live;

	for (size_t i = 0; i < next->n; i++)
		show(next->v[i]);
	for (size_t i = 0; i < old.n; i++)
		hide(old.v[i]);
	a->live = *next;
	set_clear(&old);
	arm();
}

/* --- addresses-of-record --- */

static struct bb_loc_aor *find(struct bb_str name)
{
	struct bb_map_node *n = bb_map_get(&aors, name);

	return n ? bb_map_entry(n, struct bb_loc_aor, node) : NULL;
}

int bb_loc_aor_get(struct bb_loc_aor **ap, struct bb_str name)
{
	struct bb_loc_aor *a = find(name);

	if (!a) {
		a = bb_zalloc(sizeof(*a) + name.l + 1);
		if (!a)
			return -ENOMEM;
		memcpy(a->name, name.p, name.l);
		if (bb_map_add(&aors, &a->node, bb_strn(a->name, name.l))) {
			bb_free(a);
			return -ENOMEM;
		}
		bytes_held += sizeof(*a) + name.l + 1;
	}
	*ap = a;
	return 0;
}

static void aor_drop_if_empty(struct bb_loc_aor *a)
{
	if (a->live.n || a->ops || a->marked || a->telling)
		return;
	bb_map_remove(&aors, &a->node);
	set_clear(&a->disk);
	bytes_held -= sizeof(*a) + a->node.key.l + 1;
	bb_free(a);
}

static void tell(void *arg)
{
	(void)arg;
	while (changed) {
		struct bb_loc_aor *a = changed;

		changed = a->changed_next;
		a->marked = false;
		a->telling = true;
		for (size_t i = 0; i < n_watchers; i++)
			watchers[i].fn(a->node.key, watchers[i].arg);
		a->telling = false;
		aor_drop_if_empty(a);
	}
}

/* Watchers hear once a turn, when the callers' work is done. */
static void mark(struct bb_loc_aor *a)
{
	if (n_watchers == 0 || a->marked)
		return;
	a->marked = true;
	a->changed_next = changed;
	changed = a;
	bb_task_post(&tell_task, tell, NULL);
}

int bb_location_watch(void (*fn)(struct bb_str aor, void *arg), void *arg)
{
	if (n_watchers == WATCHERS)
		return -ENOSPC;
	watchers[n_watchers++] = (struct watcher){ fn, arg };
	return 0;
}

void bb_location_unwatch(void (*fn)(struct bb_str aor, void *arg), void *arg)
{
	for (size_t i = 0; i < n_watchers; i++) {
		if (watchers[i].fn != fn || watchers[i].arg != arg)
			continue;
		memmove(&watchers[i], &watchers[i + 1], (n_watchers - i - 1) * sizeof(watchers[0]));
		n_watchers--;
		return;
	}
}

/* --- reading --- */

const struct bb_binding *bb_location_next(struct bb_str aor, const struct bb_binding *prev)
{
	const struct bb_loc_aor *a;
	bb_time now = bb_wall();
	size_t i = 0;

	bb_assert_control();
	a = prev ? bb_container_of(prev, struct bb_loc_binding, b)->aor : find(aor);
	if (!a)
		return NULL;
	while (prev && i < a->live.n && &a->live.v[i++]->b != prev)
		;
	for (; i < a->live.n; i++)
		if (a->live.v[i]->b.expires > now)
			return &a->live.v[i]->b;
	return NULL;
}

unsigned bb_location_count(struct bb_str aor)
{
	unsigned n = 0;

	for (const struct bb_binding *b = NULL; (b = bb_location_next(aor, b));)
		n++;
	return n;
}

void bb_location_each(void (*fn)(struct bb_str aor, const struct bb_binding *b, void *arg),
		      void *arg)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	bb_assert_control();
	while ((n = bb_map_next(&aors, &it)))
		for (const struct bb_binding *b = NULL; (b = bb_location_next(n->key, b));)
			fn(n->key, b, arg);
}

void bb_location_stats(size_t *bindings, size_t *names, size_t *bytes)
{
	*bindings = n_bindings;
	*names = aors.count;
	*bytes = bytes_held + heap_cap * sizeof(heap[0]) + aors.n_slots * sizeof(aors.slots[0]);
}

/* --- changing --- */

static void op_free(struct op *op)
{
	for (size_t i = 0; i < op->n; i++) {
		binding_unref(op->c[i].put);
		bb_free(op->c[i].contact);
	}
	bb_free(op);
}

static int op_new(struct op **opp, struct bb_loc_aor *a, const struct bb_location_change *ch,
		  size_t n)
{
	struct op *op = bb_zalloc(sizeof(*op) + n * sizeof(op->c[0]));
	int err = op ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !err; i++) {
		struct bb_binding b = ch[i].b;
		size_t had;

		op->n++;
		if (ch[i].op == BB_LOC_REMOVE) {
			op->c[i].contact = bb_strdup(b.contact);
			err = op->c[i].contact ? 0 : -ENOMEM;
			continue;
		}
		had = set_find(&a->live, b.contact);
		b.reachable = true;
		b.since = had < a->live.n ? a->live.v[had]->b.since : bb_wall();
		err = bb_loc_binding_new(&op->c[i].put, &b, a);
	}
	if (err && op)
		op_free(op);
	else
		*opp = op;
	return err;
}

/* From what is on disk and the changes that still wait. */
static int rebuild(struct bb_loc_aor *a, struct bb_loc_set *next)
{
	int err = set_copy(next, &a->disk);

	for (struct op *op = a->ops; op && !err; op = op->next)
		for (size_t i = 0; i < op->n && !err; i++)
			err = set_apply(next, &op->c[i]);
	if (err)
		set_clear(next);
	return err;
}

static void drop_expired(struct bb_loc_set *s, bb_time now)
{
	for (size_t i = s->n; i-- > 0;)
		if (s->v[i]->b.expires <= now)
			set_remove_at(s, i);
}

static void committed(int err, void *arg)
{
	struct op *op = arg;
	struct bb_loc_aor *a = op->aor;
	struct bb_loc_set next = { 0 };

	/* Answers come in the order of the changes. */
	a->ops = op->next;
	for (size_t i = 0; i < op->n && !err; i++)
		if (set_apply(&a->disk, &op->c[i]))
			bb_error("out of memory: a failed change of %s cannot be taken back",
				 a->name);
	if (err && rebuild(a, &next) == 0) {
		drop_expired(&next, bb_wall());
		switch_live(a, &next);
		mark(a);
	}
	if (!a->ops)
		set_clear(&a->disk);
	if (op->done)
		op->done(err, op->arg);
	op_free(op);
	aor_drop_if_empty(a);
}

static int submit(struct op *op, struct bb_loc_aor *a)
{
	struct bb_store_batch *b;
	struct op **end = &a->ops;
	int err = bb_store_batch_new(&b);

	for (size_t i = 0; i < op->n && !err; i++) {
		if (op->c[i].put)
			err = bb_loc_disk_put(b, a->node.key, &op->c[i].put->b);
		else
			err = bb_loc_disk_remove(b, a->node.key, bb_strz(op->c[i].contact));
		if (err)
			bb_store_batch_free(b);
	}
	if (!err)
		err = bb_store_batch_submit(b, committed, op);
	if (err)
		return err;
	while (*end)
		end = &(*end)->next;
	*end = op;
	return 0;
}

static int check(struct bb_str aor, const struct bb_location_change *ch, size_t n)
{
	if (bb_str_empty(aor) || n == 0 || n > PER_AOR)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (bb_str_empty(ch[i].b.contact))
			return -EINVAL;
	return 0;
}

int bb_location_apply(struct bb_str aor, const struct bb_location_change *ch, size_t n,
		      void (*done)(int err, void *arg), void *arg)
{
	struct bb_loc_set next = { 0 }, disk = { 0 };
	struct bb_loc_aor *a = NULL;
	struct op *op = NULL;
	int err;

	bb_assert_control();
	err = check(aor, ch, n);
	if (!err)
		err = bb_loc_aor_get(&a, aor);
	if (err)
		return err;
	err = op_new(&op, a, ch, n);
	if (!err)
		err = set_copy(&next, &a->live);
	for (size_t i = 0; i < n && !err; i++)
		err = set_apply(&next, &op->c[i]);
	if (!err && next.n > PER_AOR)
		err = -ENOSPC;
	if (!err && !a->ops)
		err = set_copy(&disk, &a->live);
	if (!err) {
		op->aor = a;
		op->done = done;
		op->arg = arg;
		if (!a->ops)
			a->disk = disk;
		err = submit(op, a);
	}
	if (err) {
		set_clear(&next);
		if (!a->ops)
			set_clear(&a->disk);
		if (op)
			op_free(op);
		aor_drop_if_empty(a);
		return err;
	}
	switch_live(a, &next);
	mark(a);
	return 0;
}

/* --- what happens by itself --- */

static void expire(void *arg)
{
	bb_time now = bb_wall();

	(void)arg;
	while (heap_n && heap[0]->b.expires <= now) {
		struct bb_loc_binding *b = heap[0];
		struct bb_loc_aor *a = b->aor;
		struct bb_loc_set next = { 0 };

		bb_loc_disk_expire(a->node.key, &b->b);
		if (set_copy(&next, &a->live)) {
			/* Callers do not see it any more; try again when there is memory. */
			bb_timer_set(&expiry, BB_SEC, expire, NULL);
			return;
		}
		drop_expired(&next, now);
		drop_expired(&a->disk, now);
		switch_live(a, &next);
		mark(a);
		aor_drop_if_empty(a);
	}
	arm();
}

void bb_location_connection_gone(uint64_t connection)
{
	bb_assert_control();
	if (!connection)
		return;
	for (struct bb_loc_binding *b = *conn_slot(connection); b; b = b->conn_next) {
		if (b->b.connection != connection || !b->b.reachable)
			continue;
		b->b.reachable = false;
		mark(b->aor);
	}
}

int bb_loc_restore(struct bb_str aor, const struct bb_binding *b)
{
	struct bb_loc_set next = { 0 };
	struct bb_loc_binding *made = NULL;
	struct bb_loc_aor *a;
	int err = bb_loc_aor_get(&a, aor);

	if (err)
		return err;
	err = bb_loc_binding_new(&made, b, a);
	if (!err)
		err = set_copy(&next, &a->live);
	if (!err)
		err = set_put(&next, made);
	if (!err)
		switch_live(a, &next);
	else
		set_clear(&next);
	binding_unref(made);
	aor_drop_if_empty(a);
	return err;
}

void bb_location_clear(void)
{
	struct bb_map_iter it = { 0 };
	struct bb_map_node *n;

	bb_task_cancel(&tell_task);
	changed = NULL;
	while ((n = bb_map_next(&aors, &it))) {
		struct bb_loc_aor *a = bb_map_entry(n, struct bb_loc_aor, node);
		struct bb_loc_set none = { 0 };

		a->marked = false;
		switch_live(a, &none);
		aor_drop_if_empty(a);
	}
	bb_timer_cancel(&expiry);
	bb_map_free(&aors);
	bb_free(heap);
	heap = NULL;
	heap_cap = 0;
	n_watchers = 0;
}
