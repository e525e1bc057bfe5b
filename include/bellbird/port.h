/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/port.h - where media comes from and goes to.
 *
 * A port lives on one media thread and is known to the control thread by a
 * handle. Ports push frames to what they are connected to; a translation path
 * is put in between where formats differ. Control and media share nothing:
 * the control side sends commands through a ring and gets events back.
 *
 * RTP endpoints, file players, tone generators, recorders and conference
 * members are all ports.
 */
#ifndef BB_PORT_H
#define BB_PORT_H

#include <bellbird/media.h>

BB_BEGIN_DECLS

struct bb_port; /**< Control side handle.              */
struct bb_mport; /**< Media side; what drivers are given. */

/** What a media thread tells the control side. */
struct bb_port_event {
	enum bb_port_event_type {
		BB_PORT_DTMF_BEGIN = 1, /**< .digit                                        */
		BB_PORT_DTMF_END, /**< .digit, .ms                                   */
		BB_PORT_DONE, /**< A player or generator has come to its end: .value */
		BB_PORT_STARVED, /**< A player needs data read ahead.               */
		BB_PORT_TIMEOUT, /**< No packet for the time set.                   */
		BB_PORT_LATCHED, /**< Media comes from .addr now.                   */
		BB_PORT_FIRST, /**< First packet.                                 */
		BB_PORT_ERROR, /**< .value is a negative errno; e.g. port unreachable. */
		BB_PORT_DRIVER /**< Driver-specific: .value, .data                */
	} type;
	char digit;
	unsigned ms;
	int64_t value;
	struct bb_addr addr;
	void *data;
};

/** How a kind of port works; a const table. All functions but create and destroy run on the media
 * thread. */
struct bb_port_driver {
	const char *name;
	size_t state_size; /**< Zeroed.                                                  */
	bool ticks; /**< Wants .tick each 20 ms.                                  */
	/** Control thread: fill the state. @return negative errno. */
	int (*create)(void *state, const void *init);
	/** On the thread it lives on now: watch descriptors, begin. */
	void (*attach)(struct bb_mport *mp, void *state);
	/** The opposite; the port may be attached elsewhere afterwards, or destroyed. */
	void (*detach)(struct bb_mport *mp, void *state);
	/** A frame in the port's .tx format. May change the bytes and use head and tail room. */
	void (*write)(struct bb_mport *mp, void *state, struct bb_frame *f);
	void (*tick)(struct bb_mport *mp, void *state, bb_time now);
	/** The time set with bb_mport_timer() has come. */
	void (*timer)(struct bb_mport *mp, void *state, bb_time now);
	/** A command from bb_port_command(); @p data is a copy of @p len bytes. */
	void (*command)(struct bb_mport *mp, void *state, unsigned cmd, const void *data,
			size_t len);
	/** Control thread: free what the state points at. */
	void (*destroy)(void *state);
};

/* --- control thread --- */

struct bb_port_params {
	const struct bb_port_driver *driver;
	const void *init; /**< For .create.                                   */
	struct bb_port *near; /**< Live on the thread of this port; NULL: the least loaded one. */
	const struct bb_msock *sock; /**< Before .near: live where this socket rests.   */
	const struct bb_format *rx; /**< Of the frames it pushes; may be set later.     */
	const struct bb_format *tx; /**< Of the frames it takes.                        */
	void (*event)(struct bb_port *p, const struct bb_port_event *ev, void *arg);
	void *arg;
};
BB_API int bb_port_new(struct bb_port **pp, const struct bb_port_params *params);
/** No event comes after this returns; memory is freed once the media thread let go. NULL is
 * allowed. */
BB_API void bb_port_close(struct bb_port *p);
BB_API void bb_port_set_formats(struct bb_port *p, const struct bb_format *rx,
				const struct bb_format *tx);
BB_API const struct bb_format *bb_port_rx(const struct bb_port *p);
BB_API const struct bb_format *bb_port_tx(const struct bb_port *p);
/** Copy of at most 256 bytes. Never blocks; the media thread is woken at the end of the turn. */
BB_API int bb_port_command(struct bb_port *p, unsigned cmd, const void *data, size_t len);
/**
 * The same for what matters only when the next packet or tick comes: it is done before that, and
 * otherwise a little later (20 ms) together with whatever else has gathered, so that a call costs
 * no wake-up of its own.
 */
BB_API int bb_port_command_lazy(struct bb_port *p, unsigned cmd, const void *data, size_t len);
/**
 * Frames of @p from go to @p to, translated as needed. One source a sink and
 * one sink a source: an earlier connection of either is replaced. Migrates
 * @p from to the thread of @p to when they differ. from == to is an echo.
 * @return -ENOTSUP when there is no translation path.
 */
BB_API int bb_port_connect(struct bb_port *from, struct bb_port *to);
/** Take away where @p from's frames go. */
BB_API void bb_port_disconnect(struct bb_port *from);
BB_API bool bb_port_connected(const struct bb_port *from);
/** A second sink that gets a copy of what @p p pushes (in) or takes (out): recording, detection.
 * NULL removes. */
BB_API int bb_port_tap(struct bb_port *p, bool out, struct bb_port *sink);
/** Driver state for reading what the driver says may be read (atomic counters). */
BB_API void *bb_port_state(struct bb_port *p);
/** Number of the media thread it lives on. */
BB_API unsigned bb_port_thread(const struct bb_port *p);
/** The driver, to tell an RTP endpoint from a player. */
BB_API const struct bb_port_driver *bb_port_kind(const struct bb_port *p);

/** Number of the thread on which a port made now with this .near would live. */
BB_API unsigned bb_port_place(const struct bb_port *near);

/* --- datagram sockets, control thread --- */

#define BB_MEDIA_MAX_THREADS 64

/**
 * A datagram socket of the engine's. From bb_msock_rest() to its end a media thread watches it, and
 * what comes to it is dropped, until a port takes it: so that passing it from one port to the next
 * costs no system call and nothing of the first reaches the second. A port that moves to another
 * thread takes its sockets along.
 */
struct bb_msock;
enum {
	BB_MSOCK_NO_CHECKSUM = 1 /**< Send without UDP checksums, over IPv4. */
};
/** Bind to @p local; port 0 lets the kernel choose. @return -EADDRINUSE, another negative errno. */
BB_API int bb_msock_open(struct bb_msock **sp, const struct bb_addr *local, unsigned flags);
/** Let @p thread watch it. Once; a port can take it afterwards. */
BB_API void bb_msock_rest(struct bb_msock *s, unsigned thread);
/** It must rest, or never have rested. Its address is free a little later. NULL is allowed. */
BB_API void bb_msock_close(struct bb_msock *s);
BB_API const struct bb_addr *bb_msock_local(const struct bb_msock *s);
/** While it rests: the thread that watches it, or -ENOTCONN when none could. */
BB_API int bb_msock_thread(const struct bb_msock *s);
/** When something was last dropped because it came while the socket rested; 0: never. */
BB_API bb_time bb_msock_disturbed(const struct bb_msock *s);

/* --- media thread --- */

/** Hand a frame to what the port is connected to. */
BB_API void bb_mport_push(struct bb_mport *mp, struct bb_frame *f);
BB_API bool bb_mport_has_sink(const struct bb_mport *mp);
/** True when what this port pushes is decoded somewhere: then it should push BB_FRAME_LOST frames
 * for packets that are missing. */
BB_API bool bb_mport_wants_lost(const struct bb_mport *mp);
BB_API void bb_mport_event(struct bb_mport *mp, const struct bb_port_event *ev);
/** Call the driver's .timer once at @p at (precise to 5 ms, never early); a later call moves it; 0
 * is off. */
BB_API void bb_mport_timer(struct bb_mport *mp, bb_time at);
/** Call @p fn when @p fd is readable, until unwatched. */
struct bb_mwatch {
	int fd;
	void (*fn)(struct bb_mport *mp, void *state, int fd);
	struct bb_mport *mp;
	void *state;
};
BB_API int bb_mport_watch(struct bb_mport *mp, struct bb_mwatch *w);
BB_API void bb_mport_unwatch(struct bb_mport *mp, struct bb_mwatch *w);
/**
 * From now on what comes to @p s is this port's: @p fn is called when there is something to
 * receive. In .attach; bb_msock_leave() in .detach lets it rest again.
 * @return a negative errno when it cannot be watched on this thread.
 */
BB_API int bb_msock_take(struct bb_mport *mp, struct bb_msock *s,
			 void (*fn)(struct bb_mport *mp, void *state, struct bb_msock *s),
			 void *state);
BB_API void bb_msock_leave(struct bb_mport *mp, struct bb_msock *s);
/** One datagram. @p from may be NULL. @return its length, or a negative errno. */
BB_API ssize_t bb_msock_recv(struct bb_msock *s, void *buf, size_t cap, struct bb_addr *from);
/** @p to is NULL on a connected socket. @return @p len or a negative errno. Never blocks. */
BB_API ssize_t bb_msock_send(struct bb_msock *s, const void *data, size_t len,
			     const struct bb_addr *to);
/** Hear @p peer alone, and send to it without looking up the way each time; NULL undoes it. */
BB_API int bb_msock_connect(struct bb_msock *s, const struct bb_addr *peer);
/**
 * Take one error that the network reported about something sent ("port unreachable"); @p to gets
 * where that went. @return the negative errno, 0 when there is none.
 */
BB_API int bb_msock_error(struct bb_msock *s, struct bb_addr *to);
/** The thread's time, read once a turn. */
BB_API bb_time bb_mport_now(const struct bb_mport *mp);
/** Scratch of 2048 bytes with head and tail room around, shared by the thread: valid until the call
 * returns. */
BB_API uint8_t *bb_mport_scratch(struct bb_mport *mp);

BB_END_DECLS
#endif
