# core/features
libbbcore_a_SOURCES += core/features/transfer.c core/features/originate.c \
	core/features/cmd_send.c core/features/room.c
noinst_HEADERS += core/features/features.h
