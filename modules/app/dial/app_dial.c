/* SPDX-License-Identifier: BSD-3-Clause */
/* app_dial.c - Dial(): call somebody and connect the caller. */
#include "dial.h"

static const struct bb_option options[] = {
	{ .letter = 'A',
	  .arg = "called[:caller]",
	  .refers = BB_REF_SOUND,
	  .doc = "Play this sound to who answers, and the second one to the caller, before they "
		 "talk." },
	{ .letter = 'b',
	  .arg = "[[context^]exten^]priority[(arg^…)]",
	  .type = BB_T_APPCALL,
	  .refers = BB_REF_PLACE,
	  .doc = "Run this subroutine on each dialed channel before it is called." },
	{ .letter = 'B',
	  .arg = "[[context^]exten^]priority[(arg^…)]",
	  .type = BB_T_APPCALL,
	  .refers = BB_REF_PLACE,
	  .doc = "Run this subroutine on the caller's channel before anything is called." },
	{ .letter = 'g', .doc = "Go on in the dial plan when the called party hangs up." },
	{ .letter = 'G',
	  .arg = "[[context^]exten^]priority",
	  .refers = BB_REF_PLACE,
	  .doc = "After the answer send the caller there, and the called party to the priority "
		 "behind it." },
	{ .letter = 'h', .doc = "Let the called party hang up by the disconnect key." },
	{ .letter = 'H', .doc = "Let the caller hang up by the disconnect key." },
	{ .letter = 'L',
	  .arg = "total[:warn[:repeat]]",
	  .doc = "End the call after so many milliseconds; warn when so many are left, and again "
		 "each so many." },
	{ .letter = 'm',
	  .arg = "class",
	  .refers = BB_REF_MUSIC,
	  .arg_optional = true,
	  .doc = "Play music on hold to the caller until the answer." },
	{ .letter = 'r', .doc = "Tell the caller that it rings at once, and pass no early audio." },
	{ .letter = 'S',
	  .arg = "seconds",
	  .doc = "End the call so many seconds after the answer." },
	{ .letter = 't',
	  .doc = "Let the called party transfer the caller by the blind transfer key." },
	{ .letter = 'T',
	  .doc = "Let the caller transfer the called party by the blind transfer key." },
	{ .letter = 'U',
	  .arg = "context[^arg[^…]]",
	  .refers = BB_REF_SUB,
	  .doc = "Run the subroutine at s,1 of this context on who answers before they talk; its "
		 "GOSUB_RESULT may be "
		 "ABORT, BUSY, CONGESTION, CONTINUE or GOTO:context^exten^priority." },
	{ 0 }
};

static const struct bb_field fields[] = {
	{ .name = "destinations",
	  .type = BB_T_LIST,
	  .sep = '&',
	  .refers = BB_REF_DEVICE,
	  .off = offsetof(struct dial_args, destinations),
	  .doc = "Technology/resource, several joined by '&' ring at the same time." },
	{ .name = "timeout",
	  .type = BB_T_DURATION,
	  .unit = BB_SECONDS,
	  .off = offsetof(struct dial_args, timeout),
	  .min = 0,
	  .max = 86400 * BB_SEC,
	  .def = "0",
	  .doc = "Give up after so many seconds; 0 or empty waits without end." },
	{ .name = "options",
	  .type = BB_T_OPTIONS,
	  .off = offsetof(struct dial_args, options),
	  .options = options,
	  .def = "",
	  .doc = "Letters that change what happens." },
	{ .name = "URL",
	  .type = BB_T_STR,
	  .off = offsetof(struct dial_args, url),
	  .def = "",
	  .doc = "Accepted for old dial plans; no technology here can show it." },
	{ 0 }
};

static const struct bb_app dial = {
	.name = "Dial",
	.args = fields,
	.args_size = sizeof(struct dial_args),
	.run = dial_run,
	.status = "DIALSTATUS",
	.failed = "CHANUNAVAIL",
	.doc = { .summary = "Call somebody and connect the caller",
		 .since = "0.1",
		 .text = "All destinations ring at once; the first to answer is connected, the "
			 "others stop ringing. The dial plan goes on when nobody answered, and "
			 "with "
			 "g also when the called party hung up.\n"
			 "DIALSTATUS becomes ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION, "
			 "CHANUNAVAIL or INVALIDARGS; HANGUPCAUSE the Q.850 cause; DIALEDPEERNAME "
			 "and DIALEDPEERNUMBER who answered; DIALEDTIME and ANSWEREDTIME seconds.\n"
			 "With several destinations that failed the status is NOANSWER when one "
			 "rang in vain, else BUSY, else CONGESTION, else CHANUNAVAIL.\n"
			 "L() plays LIMIT_WARNING_FILE (beep) to the caller unless "
			 "LIMIT_PLAYAUDIO_CALLER is no, to the called party when "
			 "LIMIT_PLAYAUDIO_CALLEE is yes. TRANSFER_CONTEXT says where transfers by "
			 "key look.\n"
			 "Example: Dial(SIP/1001&SIP/1002,20,tr)",
		 .see_also = "Hangup Busy Congestion" },
};

BB_MODULE(app_dial, .version = "0.1", .doc = { .summary = "Dial application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&dial), { 0 } });
