/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/sim.h - between the files of the simulated world.
 */
#ifndef BB_CORE_SIM_H
#define BB_CORE_SIM_H

#include "core/loop/world.h"

struct bb_sim {
	bb_time now, wall_offset;
	/** What is on its way over the simulated wire, apart from anybody's timers. */
	struct bb_heap wire;
	uint64_t random; /**< The network's own sequence. */
	struct bb_sim_net net;
	void (*watch)(const struct bb_addr *from, const struct bb_addr *to, const void *data,
		      size_t len, bool delivered, void *arg);
	void *watch_arg;
	uint16_t next_port;
	struct bb_list hosts, udp, listeners;
};
extern struct bb_sim bb_sim;

/** Uniform in [0, bound) from the network's sequence. */
uint32_t bb_sim_below(uint32_t bound);
bb_time bb_sim_delay(void);
/** A port that is free; @p taken tells. 0 when there is none. */
uint16_t bb_sim_port(bool (*taken)(uint16_t port, const void *arg), const void *arg);
/** Where the one simulated host sends from when its socket is bound to any address. */
void bb_sim_source(struct bb_addr *local, const struct bb_addr *to);

int bb_sim_udp_open(struct bb_udp **up, const struct bb_addr *local);
int bb_sim_udp_send(struct bb_udp *u, const struct bb_addr *from, const struct bb_addr *to,
		    const void *data, size_t len);
void bb_sim_udp_close(struct bb_udp *u);
void bb_sim_udp_stop(void);

int bb_sim_tcp_listen(struct bb_listener **lp, const struct bb_addr *local);
void bb_sim_listener_close(struct bb_listener *l);
int bb_sim_tcp_connect(struct bb_tcp **cp, const struct bb_addr *to);
int bb_sim_tcp_send(struct bb_tcp *c, const void *data, size_t len);
size_t bb_sim_tcp_queued(const struct bb_tcp *c);
void bb_sim_tcp_close(struct bb_tcp *c);

int bb_sim_spawn(struct bb_process **pp, const char *const *argv, const char *input);
void bb_sim_kill(struct bb_process *p, int signal);

/**
 * Something on the wire: its timer comes first and fires once; the callback frees it.
 * @param drop frees it undelivered, at the end.
 */
struct bb_sim_event {
	struct bb_timer timer;
	void (*deliver)(struct bb_sim_event *e);
	void (*drop)(struct bb_sim_event *e);
};
void bb_sim_send(struct bb_sim_event *e, bb_time at);

#endif
