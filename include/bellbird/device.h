/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bellbird/device.h - the state of devices ("SIP/alice"), derived from their
 * channels and from what their driver says (registered or not).
 */
#ifndef BB_DEVICE_H
#define BB_DEVICE_H

#include <bellbird/base.h>

BB_BEGIN_DECLS

enum bb_device_state {
	BB_DEV_UNKNOWN,
	BB_DEV_NOT_INUSE,
	BB_DEV_INUSE,
	BB_DEV_BUSY,
	BB_DEV_INVALID,
	BB_DEV_UNAVAILABLE,
	BB_DEV_RINGING,
	BB_DEV_RINGINUSE,
	BB_DEV_ONHOLD
};

/** Asterisk's words: "NOT_INUSE" … */
BB_API const char *bb_device_state_name(enum bb_device_state st);
/** Of "SIP/alice", from its channels, else from its driver's .device_state; several joined by '&'
 * aggregate as hints do. "PJSIP/x" is "SIP/x". */
BB_API enum bb_device_state bb_device_state(struct bb_str device);
/** A driver says that something about the device changed; the bus gets "device.state" when the
 * state did. */
BB_API void bb_device_changed(struct bb_str device);

BB_END_DECLS
#endif
