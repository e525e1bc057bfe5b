# tests of core/sound
check_PROGRAMS += tests/unit/core/sound/test_sound
TESTS += tests/unit/core/sound/test_sound
tests_unit_core_sound_test_sound_SOURCES = tests/unit/core/sound/test_sound.c
tests_unit_core_sound_test_sound_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_sound_test_sound_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_sound_test_sound_LDADD = $(LDADD_TEST)
tests_unit_core_sound_test_sound_DEPENDENCIES = $(CORE_DEPS)
