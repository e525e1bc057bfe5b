# tests of modules/codec
noinst_HEADERS += tests/unit/modules/codec/codecs.h
# The codec modules as static ones, for any test that needs them.
CODECS_STATIC = tests/unit/modules/codec/mod_ulaw.c tests/unit/modules/codec/mod_alaw.c
CODECS_CPPFLAGS = $(SPANDSP_CFLAGS) $(SPEEXDSP_CFLAGS)
CODECS_LIBS = $(SPANDSP_LIBS) $(SPEEXDSP_LIBS)
if HAVE_SPANDSP
CODECS_STATIC += tests/unit/modules/codec/mod_g722.c
CODECS_CPPFLAGS += -DTEST_G722
endif
if HAVE_SPEEXDSP
CODECS_STATIC += tests/unit/modules/codec/mod_resample.c
CODECS_CPPFLAGS += -DTEST_RESAMPLE
endif
check_PROGRAMS += tests/unit/modules/codec/test_codec
TESTS += tests/unit/modules/codec/test_codec
tests_unit_modules_codec_test_codec_SOURCES = tests/unit/modules/codec/test_codec.c $(CODECS_STATIC)
tests_unit_modules_codec_test_codec_CPPFLAGS = $(CPPFLAGS_TEST) $(CODECS_CPPFLAGS)
tests_unit_modules_codec_test_codec_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_codec_test_codec_LDADD = $(LDADD_TEST) $(CODECS_LIBS)
tests_unit_modules_codec_test_codec_DEPENDENCIES = $(CORE_DEPS)
