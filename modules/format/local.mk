# modules/format
pkglib_LTLIBRARIES += modules/format/format_wav.la modules/format/format_pcm.la
modules_format_format_wav_la_SOURCES = modules/format/format_wav.c
modules_format_format_wav_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_format_format_pcm_la_SOURCES = modules/format/format_pcm.c
modules_format_format_pcm_la_LDFLAGS = $(LDFLAGS_MODULE)
