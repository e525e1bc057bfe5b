# modules/codec
noinst_HEADERS += modules/codec/g711.h
pkglib_LTLIBRARIES += modules/codec/codec_ulaw.la modules/codec/codec_alaw.la
modules_codec_codec_ulaw_la_SOURCES = modules/codec/codec_ulaw.c
modules_codec_codec_ulaw_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_codec_codec_alaw_la_SOURCES = modules/codec/codec_alaw.c
modules_codec_codec_alaw_la_LDFLAGS = $(LDFLAGS_MODULE)
if HAVE_SPANDSP
pkglib_LTLIBRARIES += modules/codec/codec_g722.la
modules_codec_codec_g722_la_SOURCES = modules/codec/codec_g722.c
modules_codec_codec_g722_la_CPPFLAGS = $(AM_CPPFLAGS) $(SPANDSP_CFLAGS)
modules_codec_codec_g722_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_codec_codec_g722_la_LIBADD = $(SPANDSP_LIBS)
endif
if HAVE_SPEEXDSP
pkglib_LTLIBRARIES += modules/codec/codec_resample.la
modules_codec_codec_resample_la_SOURCES = modules/codec/codec_resample.c
modules_codec_codec_resample_la_CPPFLAGS = $(AM_CPPFLAGS) $(SPEEXDSP_CFLAGS)
modules_codec_codec_resample_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_codec_codec_resample_la_LIBADD = $(SPEEXDSP_LIBS)
endif
