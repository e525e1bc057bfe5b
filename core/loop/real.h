/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/loop/real.h - between the files of the real world, on libuv.
 */
#ifndef BB_CORE_REAL_H
#define BB_CORE_REAL_H

#include <uv.h>

#include "core/loop/world.h"

extern uv_loop_t bb_uv;

int bb_real_udp_start(void);
void bb_real_udp_stop(void);
void bb_real_udp_flush(void);
int bb_real_udp_open(struct bb_udp **up, const struct bb_addr *local);
int bb_real_udp_send(struct bb_udp *u, const struct bb_addr *from, const struct bb_addr *to,
		     const void *data, size_t len);
void bb_real_udp_close(struct bb_udp *u);

/** Lingering streams are cut. */
void bb_real_tcp_stop(void);
int bb_real_tcp_listen(struct bb_listener **lp, const struct bb_addr *local);
int bb_real_unix_listen(struct bb_listener **lp, const char *path);
void bb_real_listener_close(struct bb_listener *l);
int bb_real_tcp_connect(struct bb_tcp **cp, const struct bb_addr *to);
int bb_real_tcp_send(struct bb_tcp *c, const void *data, size_t len);
size_t bb_real_tcp_queued(const struct bb_tcp *c);
void bb_real_tcp_close(struct bb_tcp *c);
int bb_real_tcp_peer_uid(const struct bb_tcp *c, unsigned *uid);

#endif
