# tests of modules/codec
noinst_HEADERS += tests/unit/modules/codec/codecs.h
check_PROGRAMS += tests/unit/modules/codec/test_codec
TESTS += tests/unit/modules/codec/test_codec
tests_unit_modules_codec_test_codec_SOURCES = tests/unit/modules/codec/test_codec.c $(CODECS_STATIC)
tests_unit_modules_codec_test_codec_CPPFLAGS = $(CPPFLAGS_TEST) $(CODECS_CPPFLAGS)
tests_unit_modules_codec_test_codec_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_codec_test_codec_LDADD = $(LDADD_TEST) $(CODECS_LIBS)
tests_unit_modules_codec_test_codec_DEPENDENCIES = $(CORE_DEPS)
