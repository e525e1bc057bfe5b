# core/console
libbbcore_a_SOURCES += core/console/words.c core/console/commands.c core/console/exec.c \
	core/console/elsewhere.c \
	core/console/server.c core/console/console.c core/console/cmd_help.c \
	core/console/cmd_db.c core/console/cmd_core.c core/console/client.c core/console/link.c \
	core/console/prompt.c core/console/log_feed.c core/console/manual.c \
	core/console/manual_page.c
noinst_HEADERS += core/console/console.h core/console/console_int.h core/console/server.h \
	core/console/client.h core/console/wire.h core/console/manual.h
