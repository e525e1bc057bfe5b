# core/media
libbbcore_a_SOURCES += core/media/engine.c core/media/formats.c core/media/io_epoll.c \
	core/media/io_sim.c core/media/link.c core/media/mport.c core/media/port.c \
	core/media/media_cli.c core/media/sock.c core/media/sock_real.c core/media/sock_sim.c core/media/translate.c core/media/media_core.h core/media/engine.h
