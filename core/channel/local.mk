# SPDX-License-Identifier: BSD-3-Clause
# core/channel
noinst_HEADERS += core/channel/channel.h
libbbcore_a_SOURCES += core/channel/chan.c core/channel/chan_info.c core/channel/text.c core/channel/driver.c \
	core/channel/events.c core/channel/inbox.c core/channel/waits.c core/channel/hangup.c \
	core/channel/device.c core/channel/call.c core/channel/why.c core/channel/records.c \
	core/channel/story.c core/channel/story_open.c core/channel/bridge.c \
	core/channel/bridge_tech.c core/channel/bridge_events.c core/channel/dial.c \
	core/channel/dial_run.c core/channel/vars.c core/channel/channel.c core/channel/commands.c \
	core/channel/cmd_channels.c core/channel/cmd_calls.c core/channel/ladder.c
