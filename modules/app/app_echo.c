/* SPDX-License-Identifier: BSD-3-Clause */
/* app_echo.c - Echo(): the caller hears what he says. */
#include <bellbird/app.h>
#include <bellbird/sound.h>

#define DIGIT_MS 100

static int echo_run(struct bb_chan *ch, const void *args)
{
	int digit = 0, err = bb_echo_start(ch);

	if (err)
		return err;
	while (digit >= 0 && digit != '#') {
		digit = bb_wait_digit(ch, -1);
		/* Events of the dial pad are no audio: they are sent back by hand. */
		if (digit > 0 && digit != '#')
			bb_chan_send_digit(ch, (char)digit, DIGIT_MS);
	}
	bb_echo_stop(ch);
	return digit < 0 ? digit : 0;
}

static const struct bb_app app = {
	.name = "Echo",
	.run = echo_run,
	.doc = { .summary = "Send back to the caller what comes from him",
		 .since = "0.1",
		 .text = "Voice and digits come back at once, to test the line and its delay.\n"
			 "The # key ends it, and the dial plan goes on.\n"
			 "Example: Echo()" },
};

BB_MODULE(app_echo, .version = "0.1", .doc = { .summary = "Echo application", .since = "0.1" },
	  .provides = (const struct bb_provide[]){ BB_APP(&app), { 0 } });
