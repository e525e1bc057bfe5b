/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cause.c - the two tables between SIP and Q.850.
 */
#include "modules/sip/cause.h"

#include <bellbird/chan.h>

static const struct {
	unsigned code, cause;
} from_code[] = {
	{ 401, BB_CAUSE_REJECTED },
	{ 403, BB_CAUSE_REJECTED },
	{ 404, BB_CAUSE_UNALLOCATED },
	{ 405, BB_CAUSE_INTERWORKING },
	{ 407, BB_CAUSE_REJECTED },
	{ 408, BB_CAUSE_NO_USER_RESPONSE },
	{ 409, BB_CAUSE_TEMPORARY_FAILURE },
	{ 410, BB_CAUSE_NUMBER_CHANGED },
	{ 414, BB_CAUSE_INTERWORKING },
	{ 415, BB_CAUSE_INCOMPATIBLE },
	{ 416, BB_CAUSE_INVALID_NUMBER },
	{ 420, BB_CAUSE_INTERWORKING },
	{ 421, BB_CAUSE_INTERWORKING },
	{ 423, BB_CAUSE_INTERWORKING },
	{ 480, BB_CAUSE_NO_ANSWER },
	{ 481, BB_CAUSE_INTERWORKING },
	{ 482, BB_CAUSE_ROUTING_ERROR },
	{ 483, BB_CAUSE_ROUTING_ERROR },
	{ 484, BB_CAUSE_INVALID_NUMBER },
	{ 485, BB_CAUSE_UNALLOCATED },
	{ 486, BB_CAUSE_BUSY },
	{ 487, BB_CAUSE_NORMAL },
	{ 488, BB_CAUSE_BEARER_NOT_AVAILABLE },
	{ 500, BB_CAUSE_FAILURE },
	{ 501, BB_CAUSE_REJECTED },
	{ 502, BB_CAUSE_OUT_OF_ORDER },
	{ 503, BB_CAUSE_CONGESTION },
	{ 504, BB_CAUSE_RECOVERY_TIMER },
	{ 600, BB_CAUSE_BUSY },
	{ 603, BB_CAUSE_REJECTED },
	{ 604, BB_CAUSE_UNALLOCATED },
	{ 606, BB_CAUSE_BEARER_NOT_AVAILABLE },
};

static const struct {
	unsigned cause, code;
} from_cause[] = {
	{ BB_CAUSE_UNALLOCATED, 404 },
	{ 2, 404 },
	{ BB_CAUSE_NO_ROUTE, 404 },
	{ BB_CAUSE_NORMAL, 603 },
	{ BB_CAUSE_BUSY, 486 },
	{ BB_CAUSE_NO_USER_RESPONSE, 408 },
	{ BB_CAUSE_NO_ANSWER, 480 },
	{ BB_CAUSE_SUBSCRIBER_ABSENT, 480 },
	{ BB_CAUSE_REJECTED, 403 },
	{ BB_CAUSE_NUMBER_CHANGED, 410 },
	{ BB_CAUSE_ROUTING_ERROR, 483 },
	{ BB_CAUSE_ANSWERED_ELSEWHERE, 480 },
	{ BB_CAUSE_OUT_OF_ORDER, 502 },
	{ BB_CAUSE_INVALID_NUMBER, 484 },
	{ 29, 501 },
	{ BB_CAUSE_NORMAL_UNSPECIFIED, 480 },
	{ BB_CAUSE_CONGESTION, 503 },
	{ BB_CAUSE_FAILURE, 500 },
	{ BB_CAUSE_TEMPORARY_FAILURE, 503 },
	{ BB_CAUSE_SWITCH_CONGESTION, 503 },
	{ 44, 503 },
	{ 55, 403 },
	{ 57, 403 },
	{ BB_CAUSE_BEARER_NOT_AVAILABLE, 488 },
	{ 65, 488 },
	{ 79, 501 },
	{ BB_CAUSE_INCOMPATIBLE, 488 },
	{ BB_CAUSE_RECOVERY_TIMER, 504 },
	{ 111, 500 },
	{ BB_CAUSE_INTERWORKING, 500 },
};

unsigned sip_cause_from_code(unsigned code)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(from_code); i++)
		if (from_code[i].code == code)
			return from_code[i].cause;
	if (code >= 300 && code < 400)
		return BB_CAUSE_INTERWORKING;
	if (code >= 400 && code < 500)
		return BB_CAUSE_INTERWORKING;
	if (code >= 500 && code < 600)
		return BB_CAUSE_CONGESTION;
	if (code >= 600)
		return BB_CAUSE_INTERWORKING;
	return BB_CAUSE_NORMAL;
}

unsigned sip_code_from_cause(unsigned cause)
{
	for (size_t i = 0; i < BB_ARRAY_SIZE(from_cause); i++)
		if (from_cause[i].cause == cause)
			return from_cause[i].code;
	return 500;
}
