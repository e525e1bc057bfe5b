/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * core/console/wire.h - what server and client say to each other.
 *
 * Each message is one JSON object on a line of its own (jansson writes no
 * newline inside). From the client:
 *   {"op":"hello","verbose":3,"debug":0,"log":true,"colour":true}
 *   {"op":"exec","id":1,"command":"core show help","width":80,"colour":true,"format":"text"}
 *   {"op":"complete","id":2,"line":"core sh"}
 *   {"op":"ack","bytes":4096}            so much was read; the server sends no more than a window
 * ahead From the server:
 *   {"hello":"pbx","version":"0.1.0","pid":42}
 *   {"id":1,"out":"…"}                   any number of times, then
 *   {"id":1,"done":true,"status":0}      status is 0 or a negative errno
 *   {"id":2,"words":["show"]}
 *   {"log":"…"}                          a line of the log at this client's level
 *   {"bye":"…"}                          the server ends, and why
 */
#ifndef BB_CONSOLE_WIRE_H
#define BB_CONSOLE_WIRE_H

#define BB_WIRE_LINE_MAX 65536 /**< Of a client's message. */
#define BB_WIRE_WINDOW (256 * 1024) /**< Bytes that may be on their way, not yet acknowledged. */
#define BB_WIRE_CHUNK (16 * 1024) /**< Of output, one message. */
#define BB_WIRE_LOG_MAX                                                                            \
	(256 * 1024) /**< Log lines wait up to this; then they are dropped and counted. */
#define BB_WIRE_CLIENTS 64
#define BB_WIRE_QUEUE 16 /**< Commands that one client may have waiting. */

#endif
