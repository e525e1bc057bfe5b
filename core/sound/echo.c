/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * echo.c - a leg hears itself: its media end becomes its own sink.
 */
#include <bellbird/port.h>
#include <bellbird/sound.h>

int bb_echo_start(struct bb_chan *ch)
{
	struct bb_port *port = bb_chan_port(ch, 0);

	if (!port)
		return -ENOTCONN;
	bb_sound_drop(ch);
	return bb_port_connect(port, port);
}

void bb_echo_stop(struct bb_chan *ch)
{
	struct bb_port *port = bb_chan_port(ch, 0);

	if (port)
		bb_port_disconnect(port);
}
