/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause.h - status codes to Q.850 causes and back (RFC 3398 §8.2.6, with the
 * choices Asterisk's users know).
 */
#ifndef SIP_CAUSE_H
#define SIP_CAUSE_H

unsigned sip_cause_from_code(unsigned code);
/** A final code to refuse an INVITE with. */
unsigned sip_code_from_cause(unsigned cause);

#endif
