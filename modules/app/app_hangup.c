/* SPDX-License-Identifier: BSD-3-Clause */
/* app_hangup.c - Hangup(): end the call. */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/log.h>

struct hangup_args {
	struct bb_str cause;
};

/* The names that Asterisk takes beside the numbers. */
static const struct {
	const char *name;
	unsigned cause;
} names[] = {
	{ "UNALLOCATED", BB_CAUSE_UNALLOCATED },
	{ "NO_ROUTE_DESTINATION", BB_CAUSE_NO_ROUTE },
	{ "NORMAL_CLEARING", BB_CAUSE_NORMAL },
	{ "NORMAL", BB_CAUSE_NORMAL },
	{ "USER_BUSY", BB_CAUSE_BUSY },
	{ "BUSY", BB_CAUSE_BUSY },
	{ "NO_USER_RESPONSE", BB_CAUSE_NO_USER_RESPONSE },
	{ "NO_ANSWER", BB_CAUSE_NO_ANSWER },
	{ "NOANSWER", BB_CAUSE_NO_ANSWER },
	{ "SUBSCRIBER_ABSENT", BB_CAUSE_SUBSCRIBER_ABSENT },
	{ "CALL_REJECTED", BB_CAUSE_REJECTED },
	{ "NUMBER_CHANGED", BB_CAUSE_NUMBER_CHANGED },
	{ "EXCHANGE_ROUTING_ERROR", BB_CAUSE_ROUTING_ERROR },
	{ "ANSWERED_ELSEWHERE", BB_CAUSE_ANSWERED_ELSEWHERE },
	{ "DESTINATION_OUT_OF_ORDER", BB_CAUSE_OUT_OF_ORDER },
	{ "INVALID_NUMBER_FORMAT", BB_CAUSE_INVALID_NUMBER },
	{ "NORMAL_UNSPECIFIED", BB_CAUSE_NORMAL_UNSPECIFIED },
	{ "NORMAL_CIRCUIT_CONGESTION", BB_CAUSE_CONGESTION },
	{ "CONGESTION", BB_CAUSE_CONGESTION },
	{ "NETWORK_OUT_OF_ORDER", BB_CAUSE_FAILURE },
	{ "FAILURE", BB_CAUSE_FAILURE },
	{ "NORMAL_TEMPORARY_FAILURE", BB_CAUSE_TEMPORARY_FAILURE },
	{ "SWITCH_CONGESTION", BB_CAUSE_SWITCH_CONGESTION },
	{ "BEARERCAPABILITY_NOTAVAIL", BB_CAUSE_BEARER_NOT_AVAILABLE },
	{ "INCOMPATIBLE_DESTINATION", BB_CAUSE_INCOMPATIBLE },
	{ "RECOVERY_ON_TIMER_EXPIRE", BB_CAUSE_RECOVERY_TIMER },
	{ "INTERWORKING", BB_CAUSE_INTERWORKING },
};

static int cause_of(struct bb_str text, unsigned *cause)
{
	uint64_t n;

	if (bb_str_u64(text, &n) == 0 && n <= 127) {
		*cause = (unsigned)n;
		return 0;
	}
	for (size_t i = 0; i < BB_ARRAY_SIZE(names); i++) {
		if (!bb_str_iis(text, names[i].name))
			continue;
		*cause = names[i].cause;
		return 0;
	}
	return -EINVAL;
}

static int hangup_run(struct bb_chan *ch, const void *args)
{
	const struct hangup_args *a = args;
	unsigned cause = BB_CAUSE_NORMAL;

	if (a->cause.l && cause_of(a->cause, &cause))
		bb_warning("Hangup: '%.*s' is no cause; hanging up with %u", BB_FMT(a->cause),
			   cause);
	if (a->cause.l || !bb_chan_cause(ch))
		bb_chan_set_cause(ch, cause);
	return BB_END;
}

static const struct bb_field hangup_fields[] = {
	{ .name = "cause",
	  .type = BB_T_STR,
	  .off = offsetof(struct hangup_args, cause),
	  .def = "",
	  .doc = "Q.850 cause as a number or a name such as USER_BUSY; decides what the caller's "
		 "phone is told before an answer." },
	{ 0 }
};

static const struct bb_app app = {
	.name = "Hangup",
	.args = hangup_fields,
	.args_size = sizeof(struct hangup_args),
	.run = hangup_run,
	.doc = { .summary = "Hang up the channel",
		 .since = "0.1",
		 .text = "Ends the dial plan of the channel; the extension h runs after it.\n"
			 "Example: Hangup(17)",
		 .see_also = "Answer Busy Congestion" },
};

BB_MODULE(app_hangup, .version = "0.1", .doc = { .summary = "Hangup application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&app), { 0 } });
