/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How channels end. There are two ways in: the far end has gone (the driver
 * emits BB_EV_HANGUP) or somebody here ends it. Both mark the channel once,
 * interrupt what waits, tell the consumer, and see that the driver gets its
 * one .hangup. When no dial plan runs on it any more the channel is finished:
 * its record is written and it leaves the lists.
 */
#include <bellbird/log.h>
#include <bellbird/sound.h>

#include "core/channel/channel.h"

const char *bb_cause_name(unsigned cause)
{
	static const struct {
		unsigned cause;
		const char *name;
	} names[] = {
		{ BB_CAUSE_NONE, "Unknown" },
		{ BB_CAUSE_NOT_IMPLEMENTED, "Channel type not implemented" },
		{ BB_CAUSE_UNALLOCATED, "Unallocated (unassigned) number" },
		{ BB_CAUSE_NO_ROUTE, "No route to destination" },
		{ BB_CAUSE_NORMAL, "Normal Clearing" },
		{ BB_CAUSE_BUSY, "User busy" },
		{ BB_CAUSE_NO_USER_RESPONSE, "No user responding" },
		{ BB_CAUSE_NO_ANSWER, "User alerting, no answer" },
		{ BB_CAUSE_SUBSCRIBER_ABSENT, "Subscriber absent" },
		{ BB_CAUSE_REJECTED, "Call Rejected" },
		{ BB_CAUSE_NUMBER_CHANGED, "Number changed" },
		{ BB_CAUSE_ROUTING_ERROR, "Exchange routing error" },
		{ BB_CAUSE_ANSWERED_ELSEWHERE, "Answered elsewhere" },
		{ BB_CAUSE_OUT_OF_ORDER, "Destination out of order" },
		{ BB_CAUSE_INVALID_NUMBER, "Invalid number format" },
		{ BB_CAUSE_NORMAL_UNSPECIFIED, "Normal, unspecified" },
		{ BB_CAUSE_CONGESTION, "Circuit/channel congestion" },
		{ BB_CAUSE_FAILURE, "Network out of order" },
		{ BB_CAUSE_TEMPORARY_FAILURE, "Temporary failure" },
		{ BB_CAUSE_SWITCH_CONGESTION, "Switching equipment congestion" },
		{ BB_CAUSE_BEARER_NOT_AVAILABLE, "Bearer capability not available" },
		{ BB_CAUSE_INCOMPATIBLE, "Incompatible destination" },
		{ BB_CAUSE_RECOVERY_TIMER, "Recover on timer expiry" },
		{ BB_CAUSE_INTERWORKING, "Interworking, unspecified" },
	};

	for (size_t i = 0; i < BB_ARRAY_SIZE(names); i++)
		if (names[i].cause == cause)
			return names[i].name;
	return "Unknown";
}

void bb_chan_finish(struct bb_chan *ch)
{
	const struct bb_run_ops *ops = bb_run_ops_get();
	char cause[12];
	struct bb_buf text = { 0 };

	if (ch->finished || !ch->hungup || !ch->driver_told || ch->run)
		return;
	if (!ch->ran && ops && ops->ended && ops->ended(ch))
		return; /* its hangup handlers run now; bb_chan_run_end() comes back here */
	ch->finished = true;
	bb_timer_cancel(&ch->deadline);
	bb_chan_set_guard(ch, NULL);
	bb_buf_printf(&text, "%u", ch->cause);
	bb_str_copy(cause, sizeof(cause), bb_buf_str(&text));
	bb_buf_free(&text);
	bb_chan_publish(ch, "channel.hangup", "cause", cause);
	bb_call_leg_finished(ch);
	bb_chan_unlist(ch);
	bb_device_channel_changed(ch);
}

static void tell_driver(struct bb_chan *ch)
{
	if (ch->driver_told)
		return;
	ch->driver_told = true;
	bb_chan_silence(ch);
	if (ch->drv->hangup)
		bb_chan_drive(ch, (ch->drv->hangup(ch, ch->cause), 0));
	bb_chan_finish(ch);
}

static void tell_driver_later(void *arg)
{
	struct bb_chan *ch = arg;

	tell_driver(ch);
	bb_chan_unref(ch);
}

static void mark(struct bb_chan *ch, unsigned cause, bool far)
{
	ch->hungup = true;
	ch->far_hungup = far;
	if (cause)
		ch->cause = cause;
	if (!ch->cause)
		ch->cause = BB_CAUSE_NORMAL;
	ch->ended = bb_now();
	ch->wall_ended = bb_wall();
	bb_call_leg_hungup(ch);
	if (ch->cause == BB_CAUSE_NORMAL && !ch->why[0])
		bb_story(ch, BB_STORY_STATE, "%s", far ? "hung up" : "was hung up by the PBX");
	else
		bb_story(ch, BB_STORY_STATE, "%s: %s (cause %u)",
			 far ? "ended" : "was hung up by the PBX",
			 far && ch->why[0] ? ch->why : bb_cause_name(ch->cause), ch->cause);
	bb_chan_set_state(ch, BB_GONE);
	bb_chan_interrupt(ch, BB_INT_HANGUP);
	bb_chan_queue_event(ch, &(struct bb_event){ .type = BB_EV_HANGUP, .cause = ch->cause });
}

/* The driver is in the middle of something: it hears of .hangup when that is over. */
static void tell_at_end_of_turn(struct bb_chan *ch)
{
	bb_chan_ref(ch);
	bb_task_post(&ch->hangup_task, tell_driver_later, ch);
}

void bb_chan_far_hangup(struct bb_chan *ch, unsigned cause, struct bb_str why)
{
	bb_text_set(&ch->why, 159, why);
	tell_at_end_of_turn(ch);
	mark(ch, cause, true);
}

void bb_chan_hangup(struct bb_chan *ch, unsigned cause)
{
	if (ch->hungup)
		return;
	bb_chan_ref(ch);
	mark(ch, cause, false);
	if (ch->in_driver)
		tell_at_end_of_turn(ch);
	else
		tell_driver(ch);
	bb_chan_unref(ch);
}

void bb_chan_run_begin(struct bb_chan *ch, struct bb_run *run)
{
	bb_chan_ref(ch);
	ch->run = run;
	ch->ran = true;
	bb_chan_set_guard(ch, NULL);
}

void bb_chan_run_end(struct bb_chan *ch)
{
	ch->run = NULL;
	if (!ch->hungup)
		bb_chan_hangup(ch, ch->cause);
	bb_chan_finish(ch);
	bb_chan_unref(ch);
}

static void deadline_came(void *arg)
{
	struct bb_chan *ch = arg;
	const struct bb_run_ops *ops = bb_run_ops_get();

	if (ch->hungup)
		return;
	bb_story(ch, BB_STORY_DECISION, "the absolute timeout of the channel came");
	if (ops && ops->deadline) {
		ops->deadline(ch);
		return;
	}
	bb_chan_reason(ch, BB_CAUSE_NORMAL, "the time allowed for the call was over");
	bb_chan_hangup(ch, BB_CAUSE_NORMAL);
}

void bb_chan_set_deadline(struct bb_chan *ch, bb_time at)
{
	if (!at || ch->hungup) {
		bb_timer_cancel(&ch->deadline);
		return;
	}
	bb_timer_set_at(&ch->deadline, at, deadline_came, ch, BB_WHERE);
}
