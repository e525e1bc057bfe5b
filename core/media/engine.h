/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/media/engine.h - what the files of the media engine share.
 *
 * Control and media meet in two places only. A command is a block of memory
 * that the control thread makes, sends through a thread's ring and gets back
 * through the queue as its own acknowledgement; whatever it carries (a link
 * that was replaced, a port that was detached) is freed then, by control. An
 * event is a block of a thread's own pool that comes through the same queue
 * and goes back to the pool. One queue keeps both in order: after the
 * acknowledgement of a detach no event of that port can follow, so a handle
 * is never seen after its end.
 */
#ifndef BB_MEDIA_ENGINE_H
#define BB_MEDIA_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include <bellbird/list.h>
#include <bellbird/loop.h>
#include <bellbird/translator.h>

#include "core/media/media_core.h"

#define BB_RING_SIZE 1024u
#define BB_TICK (20 * BB_MS)
#define BB_WHEEL_SLOTS 512u
#define BB_WHEEL_STEP (5 * BB_MS)
#define BB_MAX_DEPTH 4u /* ports that push from within .write */
#define BB_WORK_BYTES 12288u /* 128 ms at 48 kHz */

/* A message on its way to the control thread. */
struct bb_mmsg {
	_Atomic(struct bb_mmsg *) next;
	enum { BB_MSG_STUB, BB_MSG_ACK, BB_MSG_EVENT, BB_MSG_FORMAT } kind;
	unsigned thread;
};

enum bb_mop {
	BB_MOP_ATTACH,
	BB_MOP_DETACH,
	BB_MOP_LINK,
	BB_MOP_COMMAND,
	BB_MOP_SOCK_WATCH,
	BB_MOP_SOCK_CLOSE,
	BB_MOP_BARRIER,
	BB_MOP_STOP
};

struct bb_mcmd {
	struct bb_mmsg msg;
	struct bb_mcmd *next; /* spilled, or waiting for a migration */
	enum bb_mop op;
	bool wake; /* a sleeping thread is woken for it; others wait for a packet or a tick */
	bool hurry; /* control waits for the acknowledgement; others are taken now and then */
	struct bb_mport *mp;
	struct bb_msock *sock;
	struct bb_mlink *link; /* LINK: the new one there, the old one back */
	unsigned slot;
	unsigned cmd;
	struct bb_barrier *barrier;
	size_t len;
	unsigned char data[];
};

struct bb_mevent {
	struct bb_mmsg msg;
	struct bb_mevent *free; /* in the pool */
	struct bb_port *port;
	struct bb_port_event ev;
	const struct bb_format *format;
};

/* Where a port's frames go: what it pushes, and copies of both ways. */
enum bb_slot { BB_SLOT_SINK, BB_SLOT_TAP_IN, BB_SLOT_TAP_OUT, BB_SLOTS };

struct bb_mport {
	struct bb_mthread *t;
	const struct bb_port_driver *driver;
	void *state;
	struct bb_port *port; /* only ever handed back in messages */
	struct bb_mlink *links[BB_SLOTS];
	struct bb_node tick, timer;
	bb_time timer_at;
	unsigned timer_slot;
	bool leaving; /* for another thread: its sockets come along */
};

/* What stands behind a socket: the kernel, or the simulated network. */
struct bb_msock_ops {
	int (*open)(struct bb_msock *s, unsigned flags); /* binds to .local, which gets its port */
	void (*close)(struct bb_msock *s);
	int (*watch)(struct bb_mthread *t, struct bb_msock *s);
	void (*unwatch)(struct bb_mthread *t, struct bb_msock *s);
	ssize_t (*recv)(struct bb_msock *s, void *buf, size_t cap, struct bb_addr *from);
	ssize_t (*send)(struct bb_msock *s, const void *data, size_t len, const struct bb_addr *to);
	int (*connect)(struct bb_msock *s, const struct bb_addr *peer);
	int (*error)(struct bb_msock *s, struct bb_addr *to);
};
extern const struct bb_msock_ops bb_msock_real, bb_msock_sim;

/* A socket. Control makes and frees it; between its commands it is the media thread's. */
struct bb_msock {
	struct bb_mwatch watch; /* its port is the owner, NULL while it rests */
	const struct bb_msock_ops *ops;
	struct bb_msock_sim *sim;
	struct bb_addr local;
	struct bb_mcmd *on, *off; /* made with it: watching and closing cannot fail for memory */
	atomic_int thread; /* where it is watched, or a negative errno */
	bool watched;
	void (*fn)(struct bb_mport *mp, void *state, struct bb_msock *s);
	void *state;
	_Atomic bb_time disturbed;
};

struct bb_mstep {
	const struct bb_translator *tr;
	void *state;
	const struct bb_format *out;
	struct bb_use use;
};

/* A connection with what translates on it. */
struct bb_mlink {
	struct bb_mport *to;
	const struct bb_format *from_format, *to_format;
	unsigned n;
	struct bb_mstep steps[BB_MAX_STEPS];
	bool fresh, have_seq, have_ts;
	const struct bb_format *asked; /* told to control already */
	uint16_t last_seq;
	uint32_t in_ts, out_ts0;
	int64_t in_total;
	/* last good output of the first step, for concealment */
	int16_t *history;
	size_t history_cap, history_len;
	unsigned lost_run;
};

/* How descriptors are waited for. */
struct bb_mio {
	const char *name;
	int (*open)(struct bb_mthread *t);
	void (*close)(struct bb_mthread *t);
	int (*watch)(struct bb_mthread *t, struct bb_mwatch *w);
	void (*unwatch)(struct bb_mthread *t, struct bb_mwatch *w);
	/* Serve what is ready, sleeping no longer than until @p due. */
	void (*wait)(struct bb_mthread *t, bb_time due);
};
extern const struct bb_mio bb_mio_epoll, bb_mio_sim;

struct bb_mthread {
	unsigned index;
	pthread_t thread;
	bool started;

	/* The command ring: control writes head, the thread writes tail. */
	atomic_uint head;
	char pad1[60];
	atomic_uint tail;
	atomic_int sleeping;
	char pad2[56];
	int wake_fd;
	struct bb_mcmd *ring[BB_RING_SIZE];

	/* Control side. */
	struct bb_mcmd *spill_head, *spill_tail;
	unsigned ports;
	bool urgent; /* something of this turn cannot wait */
	struct bb_mcmd *stop_cmd;

	/* Media side. */
	const struct bb_mio *io;
	void *io_state;
	bool stop;
	bb_time now, next_tick;
	struct bb_list ticking;
	struct bb_list wheel[BB_WHEEL_SLOTS];
	uint64_t wheel_used[BB_WHEEL_SLOTS / 64]; /* a bit a slot that holds anything */
	size_t timers, watches; /* of descriptors; in simulation they are looked at each tick */
	int64_t wheel_at; /* last slot number that was served */
	struct bb_mevent *pool;
	unsigned pool_made;
	unsigned depth;
	uint8_t *work[BB_MAX_DEPTH][2];
	uint8_t *scratch;
	atomic_ullong dropped, events_lost;

	_Atomic(struct bb_mevent *) returned; /* event blocks on their way back */
	struct bb_timer sim_timer;
	bool sim_busy;
};

/* engine.c */
extern struct bb_engine {
	bool open, simulate, closing;
	bool ended; /* no thread is left that would execute anything */
	unsigned n;
	struct bb_mthread *threads[BB_MEDIA_MAX_THREADS];
	size_t ports, links, sockets;
	uint64_t commands, acked, spilled, events, wakes, sockets_opened;
	struct bb_task turn_end;
	struct bb_timer later; /* for commands and acknowledgements nobody waits for */
} bb_engine;
struct bb_mcmd *bb_mcmd_new(enum bb_mop op, struct bb_mport *mp, const void *data, size_t len);
void bb_mcmd_send(struct bb_mthread *t, struct bb_mcmd *c);
bool bb_mthread_has_commands(const struct bb_mthread *t);
/* Media thread: execute what stands in the ring. */
void bb_mthread_commands(struct bb_mthread *t);
void bb_msg_send(struct bb_mthread *t, struct bb_mmsg *m);
struct bb_mevent *bb_mevent_get(struct bb_mthread *t);
bb_time bb_mthread_turn(struct bb_mthread *t);
void bb_engine_drain(void);

/* port.c, on the control thread */
void bb_port_acked(struct bb_mcmd *c);
void bb_port_heard(struct bb_mevent *e);

/* mport.c, on the media thread */
void bb_mport_attach(struct bb_mthread *t, struct bb_mport *mp);
void bb_mport_detach(struct bb_mport *mp, bool leaving);
bb_time bb_mtimers_run(struct bb_mthread *t);

/* sock.c */
void bb_msock_watch_now(struct bb_mthread *t, struct bb_msock *s);
void bb_msock_close_now(struct bb_mthread *t, struct bb_msock *s);
void bb_msock_acked(struct bb_mcmd *c);

/* link.c */
int bb_mlink_new(struct bb_mlink **lp, struct bb_mport *to, const struct bb_format *from,
		 const struct bb_format *to_format);
void bb_mlink_free(struct bb_mlink *l);
/* Media thread: through the steps and into the sink. @p copy: the bytes must stay as they are. */
void bb_mlink_push(struct bb_mport *mp, struct bb_mlink *l, struct bb_frame *f, bool copy);

/* translate.c */
/* Like bb_media_path(), with the translators held. */
int bb_path_open(const struct bb_format *from, const struct bb_format *to,
		 struct bb_mstep steps[BB_MAX_STEPS]);
void bb_translate_reset(void);

/* formats.c */
const struct bb_format *bb_format_at(unsigned id);
unsigned bb_format_count(void);
/* Take in what codec modules provide now. */
void bb_formats_refresh(void);
int bb_formats_init(void);
/* A format that translators name but no codec describes: "x/8000". */
const struct bb_format *bb_format_full(struct bb_str full);

/* media_cli.c */
int bb_media_cli_init(void);

#endif
