/* SPDX-License-Identifier: BSD-3-Clause */
/* app_musiconhold.c - MusicOnHold(), StartMusicOnHold(), StopMusicOnHold(). */
#include <bellbird/app.h>
#include <bellbird/sound.h>

struct moh_args {
	struct bb_str musicclass;
	bb_time duration;
};

static int moh_run(struct bb_chan *ch, const void *args)
{
	const struct moh_args *a = args;
	struct bb_event ev;
	int err = bb_moh_start(ch, a->musicclass);

	if (err)
		return err;
	if (a->duration > 0)
		err = bb_wait(ch, a->duration);
	else
		while (!(err = bb_wait_event(ch, -1, &ev)))
			;
	bb_moh_stop(ch);
	return err;
}

static int start_run(struct bb_chan *ch, const void *args)
{
	const struct moh_args *a = args;

	return bb_moh_start(ch, a->musicclass);
}

static int stop_run(struct bb_chan *ch, const void *args)
{
	bb_moh_stop(ch);
	return 0;
}

static const struct bb_field moh_fields[] = {
	{ .name = "class",
	  .type = BB_T_STR,
	  .refers = BB_REF_MUSIC,
	  .off = offsetof(struct moh_args, musicclass),
	  .def = "",
	  .doc = "Class of musiconhold.conf; without one the channel's." },
	{ .name = "duration",
	  .type = BB_T_DURATION,
	  .unit = BB_SECONDS,
	  .off = offsetof(struct moh_args, duration),
	  .def = "0",
	  .doc = "Seconds; without one until the caller hangs up." },
	{ 0 }
};
static const struct bb_field start_fields[] = {
	{ .name = "class",
	  .type = BB_T_STR,
	  .refers = BB_REF_MUSIC,
	  .off = offsetof(struct moh_args, musicclass),
	  .def = "",
	  .doc = "Class of musiconhold.conf; without one the channel's." },
	{ 0 }
};

static const struct bb_app moh = {
	.name = "MusicOnHold",
	.args = moh_fields,
	.args_size = sizeof(struct moh_args),
	.run = moh_run,
	.doc = { .summary = "Play music to the caller",
		 .since = "0.1",
		 .text = "Example: MusicOnHold(default,30)",
		 .see_also = "StartMusicOnHold StopMusicOnHold" },
};
static const struct bb_app start_moh = {
	.name = "StartMusicOnHold",
	.args = start_fields,
	.args_size = sizeof(struct moh_args),
	.run = start_run,
	.doc = { .summary = "Start music while the dial plan goes on",
		 .since = "0.1",
		 .see_also = "StopMusicOnHold MusicOnHold" },
};
static const struct bb_app stop_moh = {
	.name = "StopMusicOnHold",
	.run = stop_run,
	.doc = { .summary = "Stop the music", .since = "0.1", .see_also = "StartMusicOnHold" },
};

BB_MODULE(app_musiconhold, .version = "0.1",
	  .doc = { .summary = "Music on hold applications", .since = "0.1" },
	  .provides = (const struct bb_provide[]){
		  BB_APP(&moh), BB_APP(&start_moh), BB_APP(&stop_moh), { 0 } });
