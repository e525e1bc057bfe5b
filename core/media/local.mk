# core/media
# Not yet in libbbcore.a: it needs the loop and the registry, which are being built.
noinst_LIBRARIES += libbbmedia.a
libbbmedia_a_CPPFLAGS = $(libbbcore_a_CPPFLAGS)
libbbmedia_a_SOURCES = core/media/engine.c core/media/formats.c core/media/io_epoll.c \
	core/media/io_sim.c core/media/link.c core/media/mport.c core/media/port.c \
	core/media/translate.c core/media/media_core.h core/media/engine.h
