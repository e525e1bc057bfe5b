# modules/chan
pkglib_LTLIBRARIES += modules/chan/chan_local.la
modules_chan_chan_local_la_SOURCES = modules/chan/chan_local.c
modules_chan_chan_local_la_LDFLAGS = $(LDFLAGS_MODULE)
