# tests of core/channel
if HAVE_CHECK
check_PROGRAMS += tests/unit/core/channel/test-channel
TESTS += tests/unit/core/channel/test-channel
endif
noinst_HEADERS += tests/unit/core/channel/world.h tests/modules/chan_test.h
tests_unit_core_channel_test_channel_SOURCES = tests/unit/core/channel/main.c \
	tests/unit/core/channel/world.c tests/unit/core/channel/dial_test.c \
	tests/unit/core/channel/events_test.c tests/unit/core/channel/waits_test.c \
	tests/unit/core/channel/bridge_test.c tests/unit/core/channel/story_test.c \
	tests/unit/core/channel/oom_test.c tests/unit/core/channel/local_test.c \
	tests/modules/chan_test.c
tests_unit_core_channel_test_channel_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_channel_test_channel_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_channel_test_channel_LDADD = $(LDADD_TEST)
tests_unit_core_channel_test_channel_DEPENDENCIES = $(CORE_DEPS)
