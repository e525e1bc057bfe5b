/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/engine.c - the media threads, the rings that lead to them and
 * the queue that leads back.
 */
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bellbird/log.h>
#include <bellbird/mem.h>

#include "core/loop/loop_core.h"
#include "core/media/engine.h"
#include "core/registry/registry.h"

#define POOL_FIRST 32u
#define POOL_MAX 8192u

struct bb_engine bb_engine;

struct bb_barrier {
	unsigned pending;
	void (*done)(void *arg);
	void *arg;
};

/* The queue: any media thread appends, control takes (Vyukov's list with a stub). */
static struct {
	_Atomic(struct bb_mmsg *) head;
	struct bb_mmsg *tail;
	struct bb_mmsg stub;
	atomic_bool posted;
} queue;

static void queue_init(void)
{
	atomic_store(&queue.stub.next, NULL);
	atomic_store(&queue.head, &queue.stub);
	queue.tail = &queue.stub;
	atomic_store(&queue.posted, false);
}

static void queue_put(struct bb_mmsg *m)
{
	struct bb_mmsg *prev;

	atomic_store_explicit(&m->next, NULL, memory_order_relaxed);
	prev = atomic_exchange_explicit(&queue.head, m, memory_order_acq_rel);
	atomic_store_explicit(&prev->next, m, memory_order_release);
}

static struct bb_mmsg *queue_take(void)
{
	struct bb_mmsg *tail = queue.tail;
	struct bb_mmsg *next = atomic_load_explicit(&tail->next, memory_order_acquire);

	if (tail == &queue.stub) {
		if (!next)
			return NULL;
		queue.tail = tail = next;
		next = atomic_load_explicit(&tail->next, memory_order_acquire);
	}
	if (!next) {
		/* Only one is left, or a producer is between its two steps: it posts again. */
		if (tail != atomic_load_explicit(&queue.head, memory_order_acquire))
			return NULL;
		queue_put(&queue.stub);
		next = atomic_load_explicit(&tail->next, memory_order_acquire);
		if (!next)
			return NULL;
	}
	queue.tail = next;
	return tail;
}

static void drain_posted(void *arg)
{
	atomic_store(&queue.posted, false);
	bb_engine_drain();
}

/* Most acknowledgements only give memory back: for those control is not woken. */
static void msg_leave(struct bb_mthread *t, struct bb_mmsg *m)
{
	m->thread = t->index;
	queue_put(m);
}

void bb_msg_send(struct bb_mthread *t, struct bb_mmsg *m)
{
	msg_leave(t, m);
	if (atomic_exchange(&queue.posted, true))
		return;
	/* Without memory the next message tries again. */
	if (bb_loop_post(drain_posted, NULL) < 0)
		atomic_store(&queue.posted, false);
}

/* --- commands --- */

struct bb_mcmd *bb_mcmd_new(enum bb_mop op, struct bb_mport *mp, const void *data, size_t len)
{
	struct bb_mcmd *c = bb_zalloc(sizeof(*c) + len);

	if (!c)
		return NULL;
	c->msg.kind = BB_MSG_ACK;
	c->op = op;
	c->mp = mp;
	c->len = len;
	if (len)
		memcpy(c->data, data, len);
	return c;
}

static bool ring_put(struct bb_mthread *t, struct bb_mcmd *c)
{
	unsigned head = atomic_load_explicit(&t->head, memory_order_relaxed);

	if (head - atomic_load_explicit(&t->tail, memory_order_acquire) == BB_RING_SIZE)
		return false;
	t->ring[head % BB_RING_SIZE] = c;
	/* Sequentially consistent: either the thread sees this or we see that it sleeps. */
	atomic_store(&t->head, head + 1);
	return true;
}

static unsigned ring_used(const struct bb_mthread *t)
{
	return atomic_load_explicit(&t->head, memory_order_relaxed) -
	       atomic_load_explicit(&t->tail, memory_order_relaxed);
}

static void ring_kick(struct bb_mthread *t)
{
	uint64_t one = 1;

	if (!atomic_exchange(&t->sleeping, 0))
		return;
	bb_engine.wakes++;
	/* The counter cannot overflow, so that this can only fail when it is set already. */
	if (write(t->wake_fd, &one, sizeof(one)) < 0)
		return;
}

bool bb_mthread_has_commands(const struct bb_mthread *t)
{
	return atomic_load(&t->head) != atomic_load_explicit(&t->tail, memory_order_relaxed);
}

/*
 * Most commands matter only when a packet or a tick comes, and the thread looks
 * at its ring before it serves either. Those that stood there for a while all
 * the same (they give memory and sockets back) are worth one wake-up together;
 * and what was left in the queue without a word is taken then, and at the end
 * of each turn that sends commands.
 */
#define LATER (20 * BB_MS)

static void look_later(void);

static void later(void *arg)
{
	bb_engine_drain();
	for (unsigned i = 0; i < bb_engine.n; i++)
		if (bb_mthread_has_commands(bb_engine.threads[i]))
			ring_kick(bb_engine.threads[i]);
	look_later();
}

static void look_later(void)
{
	if (bb_engine.commands > bb_engine.acked && !bb_timer_active(&bb_engine.later))
		bb_timer_set(&bb_engine.later, LATER, later, NULL);
}

/* One wake-up a thread, whatever the turn had to tell it. */
static void turn_ended(void *arg)
{
	bb_engine_drain();
	for (unsigned i = 0; i < bb_engine.n; i++) {
		struct bb_mthread *t = bb_engine.threads[i];

		if (t->urgent && bb_mthread_has_commands(t))
			ring_kick(t);
		t->urgent = false;
	}
	look_later();
}

static void spill_flush(struct bb_mthread *t)
{
	bool some = false;

	while (t->spill_head && ring_put(t, t->spill_head)) {
		some = true;
		t->spill_head = t->spill_head->next;
	}
	if (!t->spill_head)
		t->spill_tail = NULL;
	if (some)
		ring_kick(t);
}

static void spill(struct bb_mthread *t, struct bb_mcmd *c)
{
	c->next = NULL;
	if (t->spill_tail)
		t->spill_tail->next = c;
	else
		t->spill_head = c;
	t->spill_tail = c;
	bb_engine.spilled++;
	ring_kick(t);
}

static void execute(struct bb_mthread *t, struct bb_mcmd *c)
{
	struct bb_mlink *old;

	switch (c->op) {
	case BB_MOP_ATTACH:
		bb_mport_attach(t, c->mp);
		break;
	case BB_MOP_DETACH:
		bb_mport_detach(c->mp, c->hurry);
		break;
	case BB_MOP_LINK:
		old = c->mp->links[c->slot];
		c->mp->links[c->slot] = c->link;
		c->link = old;
		break;
	case BB_MOP_COMMAND:
		if (c->mp->driver->command)
			c->mp->driver->command(c->mp, c->mp->state, c->cmd, c->data, c->len);
		break;
	case BB_MOP_SOCK_WATCH:
		bb_msock_watch_now(t, c->sock);
		break;
	case BB_MOP_SOCK_CLOSE:
		bb_msock_close_now(t, c->sock);
		break;
	case BB_MOP_BARRIER:
		break;
	case BB_MOP_STOP:
		t->stop = true;
		break;
	}
	/* Virtual time would have to pass for the collection: there control is told at once. */
	if (c->hurry || bb_engine.simulate)
		bb_msg_send(t, &c->msg);
	else
		msg_leave(t, &c->msg);
}

void bb_mthread_commands(struct bb_mthread *t)
{
	unsigned tail = atomic_load_explicit(&t->tail, memory_order_relaxed);
	unsigned head = atomic_load_explicit(&t->head, memory_order_acquire);

	while (tail != head) {
		struct bb_mcmd *c = t->ring[tail % BB_RING_SIZE];

		tail++;
		/* Before it runs: its acknowledgement may free the ring's place for a spilled one.
		 */
		atomic_store_explicit(&t->tail, tail, memory_order_release);
		execute(t, c);
	}
}

bb_time bb_mthread_turn(struct bb_mthread *t)
{
	t->now = bb_now();
	bb_mthread_commands(t);
	return bb_mtimers_run(t);
}

static void sim_turn(void *arg)
{
	struct bb_mthread *t = arg;
	bb_time due;

	t->sim_busy = true;
	bb_mthread_turn(t);
	t->io->wait(t, 0);
	due = bb_mtimers_run(t);
	if (t->watches && due > t->now + BB_TICK)
		due = t->now + BB_TICK;
	t->sim_busy = false;
	if (due != INT64_MAX)
		bb_timer_set_at(&t->sim_timer, due, sim_turn, t, BB_WHERE);
	else
		bb_timer_cancel(&t->sim_timer);
}

void bb_media_sim_poll(void)
{
	if (bb_engine.open && bb_engine.simulate && !bb_engine.threads[0]->sim_busy)
		sim_turn(bb_engine.threads[0]);
}

void bb_mcmd_send(struct bb_mthread *t, struct bb_mcmd *c)
{
	if (!bb_engine.open) {
		/* The threads have ended: there is nobody to tell. */
		bb_mlink_free(c->link);
		bb_free(c);
		return;
	}
	bb_engine.commands++;
	if (c->wake || c->hurry || ring_used(t) > BB_RING_SIZE / 2)
		t->urgent = true;
	if (t->spill_head)
		spill_flush(t);
	if (t->spill_head || !ring_put(t, c))
		spill(t, c);
	if (bb_engine.simulate)
		bb_media_sim_poll();
	else
		bb_turn_end_post(&bb_engine.turn_end, turn_ended, NULL);
}

/* --- events --- */

struct bb_mevent *bb_mevent_get(struct bb_mthread *t)
{
	struct bb_mevent *e;

	if (!t->pool)
		t->pool = atomic_exchange_explicit(&t->returned, NULL, memory_order_acquire);
	e = t->pool;
	if (e) {
		t->pool = e->free;
		return e;
	}
	e = t->pool_made < POOL_MAX ? bb_zalloc(sizeof(*e)) : NULL;
	if (e)
		t->pool_made++;
	else
		atomic_fetch_add_explicit(&t->events_lost, 1, memory_order_relaxed);
	return e;
}

static void event_return(struct bb_mevent *e)
{
	struct bb_mthread *t = bb_engine.threads[e->msg.thread];
	struct bb_mevent *old = atomic_load_explicit(&t->returned, memory_order_relaxed);

	do
		e->free = old;
	while (!atomic_compare_exchange_weak_explicit(&t->returned, &old, e, memory_order_release,
						      memory_order_relaxed));
}

static void barrier_passed(struct bb_barrier *b)
{
	if (!b || --b->pending)
		return;
	if (b->done)
		b->done(b->arg);
	bb_free(b);
}

static void acknowledged(struct bb_mcmd *c)
{
	switch (c->op) {
	case BB_MOP_SOCK_WATCH:
	case BB_MOP_SOCK_CLOSE:
		bb_msock_acked(c);
		return;
	case BB_MOP_BARRIER:
		barrier_passed(c->barrier);
		bb_free(c);
		return;
	case BB_MOP_STOP:
		bb_free(c);
		return;
	default:
		bb_port_acked(c);
	}
}

void bb_engine_drain(void)
{
	struct bb_mmsg *m;

	while ((m = queue_take()) != NULL) {
		if (m->kind == BB_MSG_ACK) {
			bb_engine.acked++;
			acknowledged(bb_container_of(m, struct bb_mcmd, msg));
			continue;
		}
		bb_engine.events++;
		bb_port_heard(bb_container_of(m, struct bb_mevent, msg));
		event_return(bb_container_of(m, struct bb_mevent, msg));
	}
	for (unsigned i = 0; i < bb_engine.n; i++)
		if (bb_engine.threads[i]->spill_head)
			spill_flush(bb_engine.threads[i]);
}

/* --- threads --- */

static void *thread_main(void *arg)
{
	struct bb_mthread *t = arg;

	for (;;) {
		bb_time due = bb_mthread_turn(t);

		if (t->stop)
			return NULL;
		t->io->wait(t, due);
	}
}

static void events_free(struct bb_mevent *e)
{
	while (e) {
		struct bb_mevent *next = e->free;

		bb_free(e);
		e = next;
	}
}

static void thread_free(struct bb_mthread *t)
{
	if (!t)
		return;
	bb_timer_cancel(&t->sim_timer);
	if (t->io)
		t->io->close(t);
	events_free(t->pool);
	events_free(atomic_load(&t->returned));
	for (unsigned i = 0; i < BB_MAX_DEPTH; i++) {
		bb_free(t->work[i][0]);
		bb_free(t->work[i][1]);
	}
	bb_free(t->scratch);
	bb_free(t->stop_cmd);
	if (t->wake_fd >= 0)
		close(t->wake_fd);
	bb_free(t);
}

static int thread_buffers(struct bb_mthread *t)
{
	for (unsigned i = 0; i < BB_MAX_DEPTH; i++)
		for (unsigned k = 0; k < 2; k++) {
			t->work[i][k] = bb_zalloc(BB_HEADROOM + BB_WORK_BYTES + BB_TAILROOM);
			if (!t->work[i][k])
				return -ENOMEM;
		}
	t->scratch = bb_zalloc(BB_HEADROOM + 2048 + BB_TAILROOM);
	if (!t->scratch)
		return -ENOMEM;
	for (unsigned i = 0; i < POOL_FIRST; i++) {
		struct bb_mevent *e = bb_zalloc(sizeof(*e));

		if (!e)
			return -ENOMEM;
		e->free = t->pool;
		t->pool = e;
		t->pool_made++;
	}
	return 0;
}

static int thread_new(struct bb_mthread **tp, unsigned index, bool simulate)
{
	struct bb_mthread *t = bb_zalloc(sizeof(*t));
	char name[16];
	int err;

	if (!t)
		return -ENOMEM;
	t->index = index;
	t->now = bb_now();
	t->wheel_at = t->now / BB_WHEEL_STEP;
	t->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err = t->wake_fd < 0 ? -errno : thread_buffers(t);
	/* Ahead, so that stopping cannot fail for want of memory. */
	t->stop_cmd = bb_mcmd_new(BB_MOP_STOP, NULL, NULL, 0);
	if (!err && !t->stop_cmd)
		err = -ENOMEM;
	if (err < 0)
		goto out;
	t->io = simulate ? &bb_mio_sim : &bb_mio_epoll;
	err = t->io->open(t);
	if (err < 0) {
		t->io = NULL;
		goto out;
	}
	if (!simulate) {
		err = -pthread_create(&t->thread, NULL, thread_main, t);
		if (err < 0)
			goto out;
		t->started = true;
		snprintf(name, sizeof(name), "bb-media-%u", index);
		pthread_setname_np(t->thread, name);
	}
out:
	if (err < 0)
		thread_free(t);
	else
		*tp = t;
	return err;
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

/* The registry cannot do without its barrier: without memory try again a little later. */
static struct {
	void (*done)(void *arg);
	void *arg;
	struct bb_timer timer;
} again;

static void registry_barrier(void (*done)(void *arg), void *arg);

static void barrier_again(void *arg)
{
	registry_barrier(again.done, again.arg);
}

static void registry_barrier(void (*done)(void *arg), void *arg)
{
	if (bb_media_barrier(done, arg) == 0)
		return;
	again.done = done;
	again.arg = arg;
	bb_timer_set(&again.timer, 100 * BB_MS, barrier_again, NULL);
}

int bb_media_init(unsigned threads, bool simulate)
{
	int err = 0;

	bb_assert_control();
	if (bb_engine.open)
		return -EALREADY;
	if (!threads)
		threads = processors();
	if (simulate)
		threads = 1;
	if (threads > BB_MEDIA_MAX_THREADS)
		threads = BB_MEDIA_MAX_THREADS;
	memset(&bb_engine, 0, sizeof(bb_engine));
	queue_init();
	bb_engine.simulate = simulate;
	bb_engine.open = true;
	err = bb_formats_init();
	if (!err)
		err = bb_media_cli_init();
	while (!err && bb_engine.n < threads) {
		err = thread_new(&bb_engine.threads[bb_engine.n], bb_engine.n, simulate);
		if (!err)
			bb_engine.n++;
	}
	if (err < 0)
		bb_media_close();
	else
		bb_registry_set_barrier(registry_barrier);
	return err;
}

static void thread_stop(struct bb_mthread *t)
{
	struct bb_mcmd *c = t->stop_cmd;

	if (!t->started)
		return;
	/* On shutdown control may wait: what was spilled goes first, in order. */
	while (t->spill_head) {
		spill_flush(t);
		bb_engine_drain();
	}
	t->stop_cmd = NULL; /* acknowledged like any other */
	while (!ring_put(t, c))
		usleep(100);
	ring_kick(t);
	pthread_join(t->thread, NULL);
	t->started = false;
}

unsigned bb_media_close(void)
{
	unsigned left;

	if (!bb_engine.open)
		return 0;
	bb_engine.closing = true;
	for (unsigned i = 0; i < bb_engine.n; i++)
		thread_stop(bb_engine.threads[i]);
	bb_engine.ended = true;
	bb_engine_drain();
	bb_task_cancel(&bb_engine.turn_end);
	bb_timer_cancel(&bb_engine.later);
	left = (unsigned)bb_engine.ports;
	for (unsigned i = 0; i < bb_engine.n; i++)
		thread_free(bb_engine.threads[i]);
	bb_translate_reset();
	bb_engine.n = 0;
	bb_engine.open = false;
	bb_timer_cancel(&again.timer);
	bb_registry_set_barrier(NULL);
	return left;
}

int bb_media_barrier(void (*done)(void *arg), void *arg)
{
	struct bb_mcmd *cmds[BB_MEDIA_MAX_THREADS];
	struct bb_barrier *b = bb_zalloc(sizeof(*b));
	unsigned n = 0;

	bb_assert_control();
	while (b && n < bb_engine.n) {
		cmds[n] = bb_mcmd_new(BB_MOP_BARRIER, NULL, NULL, 0);
		if (!cmds[n])
			break;
		cmds[n]->hurry = true;
		cmds[n++]->barrier = b;
	}
	if (!b || n < bb_engine.n || !n) {
		while (n)
			bb_free(cmds[--n]);
		bb_free(b);
		return bb_engine.n ? -ENOMEM : bb_loop_post(done, arg);
	}
	b->done = done;
	b->arg = arg;
	b->pending = n;
	for (unsigned i = 0; i < n; i++)
		bb_mcmd_send(bb_engine.threads[i], cmds[i]);
	return 0;
}

void bb_media_stats(struct bb_media_stats *st)
{
	memset(st, 0, sizeof(*st));
	st->threads = bb_engine.n;
	st->ports = bb_engine.ports;
	st->links = bb_engine.links;
	st->commands = bb_engine.commands;
	st->spilled = bb_engine.spilled;
	st->events = bb_engine.events;
	st->wakes = bb_engine.wakes;
	st->sockets = bb_engine.sockets;
	st->sockets_opened = bb_engine.sockets_opened;
	for (unsigned i = 0; i < bb_engine.n; i++) {
		st->events_lost += atomic_load_explicit(&bb_engine.threads[i]->events_lost,
							memory_order_relaxed);
		st->frames_dropped +=
			atomic_load_explicit(&bb_engine.threads[i]->dropped, memory_order_relaxed);
	}
}

unsigned bb_media_thread_ports(unsigned thread)
{
	return thread < bb_engine.n ? bb_engine.threads[thread]->ports : 0;
}
