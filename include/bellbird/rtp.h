/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/rtp.h - the "rtp/1" service: RTP endpoints (RFC 3550, 3551, 4733).
 */
#ifndef BB_RTP_H
#define BB_RTP_H

#include <bellbird/port.h>

BB_BEGIN_DECLS

struct bb_rtp; /**< One endpoint: a socket pair and its port. Control thread. */

/** Seen by the receiver and told by the far end's reports. Times in milliseconds. */
struct bb_rtp_stats {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t rx_lost, rx_reordered, rx_duplicates, rx_discarded;
	double rx_jitter, tx_jitter, rtt;
	uint64_t tx_lost;
	double rx_mos, tx_mos; /**< E-model estimate (ITU-T G.107), 1..4.5; 0 unknown. */
	bool latched;
	struct bb_addr remote;
};

struct bb_rtp_params {
	struct bb_port *near; /**< Live beside this port.                             */
	struct bb_addr
		local; /**< Address to bind and advertise; port chosen within rtp.conf's range. */
	bool symmetric; /**< Latch on the first legitimate source (rtp_symmetric, strictrtp). */
	bb_time timeout, timeout_hold; /**< 0: off.                                         */
	void (*event)(struct bb_rtp *r, const struct bb_port_event *ev, void *arg);
	void *arg;
};

struct bb_rtp_api {
	int (*create)(struct bb_rtp **rp, const struct bb_rtp_params *params);
	void (*close)(struct bb_rtp *r); /**< NULL is allowed. */
	struct bb_port *(*port)(struct bb_rtp *r);
	/** RTP address; RTCP is the next port. */
	const struct bb_addr *(*local)(const struct bb_rtp *r);
	/**
	 * Take what was negotiated: the remote addresses, the payload types both
	 * ways, direction and packet time. @p remote as the far end wrote it,
	 * @p local as we did; the first codec of the answer is sent. May be called again.
	 */
	int (*configure)(struct bb_rtp *r, const struct bb_stream_desc *local,
			 const struct bb_stream_desc *remote);
	/** On hold: the longer timeout counts and the source may pause. */
	void (*hold)(struct bb_rtp *r, bool held);
	/** RFC 4733 event of @p ms; -ENOTSUP when not negotiated. Queued one after another. */
	int (*send_digit)(struct bb_rtp *r, char digit, unsigned ms);
	/** A snapshot; cheap. */
	void (*stats)(struct bb_rtp *r, struct bb_rtp_stats *st);
	/** The port driver, to recognise RTP ports. */
	const struct bb_port_driver *driver;
};

BB_END_DECLS
#endif
