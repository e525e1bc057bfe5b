/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trans_test.h - a stack on the virtual clock, a bare peer that speaks by
 * hand, and notes of all that happened with the virtual time of each thing.
 */
#ifndef TRANS_TEST_H
#define TRANS_TEST_H

#include "core/loop/loop_core.h"
#include "modules/sip/trans.h"
#include "sip_test.h"

#define MAX_SEEN 400

/** One datagram or message seen by the peer, or one event of a user. */
struct seen {
	bb_time at;
	char what[24]; /* "INVITE", "200", "gone" */
	int err;
	char text[2048];
};

struct notes {
	struct seen v[MAX_SEEN];
	unsigned n;
};

struct world {
	bb_time start;
	struct sip_stack *stack;
	struct sip_transport *udp, *tcp;
	struct bb_udp *peer;
	struct notes wire; /* what the peer got */
	struct notes user; /* what the user of the stack was told */
	struct sip_strans *st; /* last */
	struct sip_ctrans *ct;
	unsigned auto_reply; /* answer each request at once */
	unsigned long fail_at; /* which allocation fails once the peer has sent */
};
extern struct world w;

void w_open(const struct sip_stack_conf *conf);
/** Everything must be gone: no transaction, message, timer. */
void w_close(void);
/** Milliseconds since the start. */
long w_ms(void);
/** The peer sends; lines with \n become \r\n. */
void w_peer_send(const char *fmt, ...) BB_PRINTF(1, 2);
/** The peer answers the last request it got. @p to_tag may be "". */
void w_peer_reply(unsigned code, const char *to_tag);
/** The stack sends a request of that method to the peer. */
int w_request(const char *method, size_t body);
/** A request from the peer with that branch. */
void w_peer_request(const char *method, const char *branch, unsigned cseq, const char *extra);
/** Times in milliseconds of each thing noted under that name. Ends with -1. */
void w_times(const struct notes *n, const char *what, const long *want);
unsigned w_count(const struct notes *n, const char *what);
const struct seen *w_last(const struct notes *n, const char *what);
void w_clear(void);

#define ck_times(notes, what, ...) w_times(notes, what, (const long[]){ __VA_ARGS__, -1 })

#endif
