# tests of core/media
noinst_HEADERS += tests/unit/core/media/media_test.h
check_PROGRAMS += tests/unit/core/media/test_engine
TESTS += tests/unit/core/media/test_engine
tests_unit_core_media_test_engine_SOURCES = tests/unit/core/media/test_engine.c
tests_unit_core_media_test_engine_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_media_test_engine_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_media_test_engine_LDADD = $(LDADD_TEST)
tests_unit_core_media_test_engine_DEPENDENCIES = $(CORE_DEPS)
