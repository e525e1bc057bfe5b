/* SPDX-License-Identifier: BSD-3-Clause */
/* app_indicate.c - Ringing(), Progress(), Busy(), Congestion(): tell the caller how it stands. */
#include <bellbird/app.h>
#include <bellbird/chan.h>
#include <bellbird/sound.h>

struct end_args {
	bb_time timeout;
};

/* What a technology cannot say, it does not need. */
static int tell(struct bb_chan *ch, enum bb_signal sig)
{
	int err = bb_chan_signal(ch, sig);

	return err == -ENOSYS ? 0 : err;
}

static int ringing_run(struct bb_chan *ch, const void *args)
{
	return tell(ch, BB_SIG_RINGING);
}

static int progress_run(struct bb_chan *ch, const void *args)
{
	return tell(ch, BB_SIG_PROGRESS);
}

/* An answered caller hears the tone; before the answer it is told, and its phone plays it. Then
 * the caller has to hang up, or the time runs out. */
static int end_with(struct bb_chan *ch, const struct end_args *a, enum bb_signal sig,
		    unsigned cause, struct bb_str tone)
{
	bool up = bb_chan_state(ch) == BB_UP;
	int err;

	bb_chan_set_cause(ch, cause);
	err = up ? bb_tones_start(ch, tone) : tell(ch, sig);
	if (err && err != -ENOENT)
		return err;
	err = bb_wait(ch, a->timeout > 0 ? a->timeout : 86400 * BB_SEC);
	if (up)
		bb_tones_stop(ch);
	return err ? err : BB_END;
}

static int busy_run(struct bb_chan *ch, const void *args)
{
	return end_with(ch, args, BB_SIG_BUSY, BB_CAUSE_BUSY, BB_STR("busy"));
}

static int congestion_run(struct bb_chan *ch, const void *args)
{
	return end_with(ch, args, BB_SIG_CONGESTION, BB_CAUSE_CONGESTION, BB_STR("congestion"));
}

static const struct bb_field end_fields[] = {
	{ .name = "timeout",
	  .type = BB_T_DURATION,
	  .unit = BB_SECONDS,
	  .off = offsetof(struct end_args, timeout),
	  .min = 0,
	  .max = 86400 * BB_SEC,
	  .def = "0",
	  .doc = "Hang up after so many seconds; 0 waits for the caller to do it." },
	{ 0 }
};

static const struct bb_app ringing = {
	.name = "Ringing",
	.run = ringing_run,
	.doc = { .summary = "Tell the caller that it rings",
		 .since = "0.1",
		 .text = "Sends 180 Ringing to a SIP phone. Nothing happens once the call is "
			 "answered.",
		 .see_also = "Progress Busy Congestion" },
};
static const struct bb_app progress = {
	.name = "Progress",
	.run = progress_run,
	.doc = { .summary = "Open the audio path to the caller before the answer",
		 .since = "0.1",
		 .text = "Sends 183 Session Progress to a SIP phone, so that what is played before "
			 "the answer is heard.",
		 .see_also = "Ringing Playback" },
};
static const struct bb_app busy = {
	.name = "Busy",
	.args = end_fields,
	.args_size = sizeof(struct end_args),
	.run = busy_run,
	.doc = { .summary = "Tell the caller that it is busy, and end",
		 .since = "0.1",
		 .text = "An answered caller hears the busy tone instead.\nExample: Busy(10)",
		 .see_also = "Congestion Hangup" },
};
static const struct bb_app congestion = {
	.name = "Congestion",
	.args = end_fields,
	.args_size = sizeof(struct end_args),
	.run = congestion_run,
	.doc = { .summary = "Tell the caller that no line is free, and end",
		 .since = "0.1",
		 .text = "An answered caller hears the congestion tone instead.\n"
			 "Example: Congestion(10)",
		 .see_also = "Busy Hangup" },
};

BB_MODULE(app_indicate, .version = "0.1",
	  .doc = { .summary = "Ringing, Progress, Busy and Congestion", .since = "0.1" },
	  .provides = (const struct bb_provide[]){
		  BB_APP(&ringing), BB_APP(&progress), BB_APP(&busy), BB_APP(&congestion), { 0 } });
