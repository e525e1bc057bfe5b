# tests of core/console
if HAVE_CHECK
check_PROGRAMS += tests/unit/core/console/test-console
TESTS += tests/unit/core/console/test-console
endif
noinst_HEADERS += tests/unit/core/console/console_test.h
tests_unit_core_console_test_console_SOURCES = tests/unit/core/console/main.c \
	tests/unit/core/console/text_test.c tests/unit/core/console/command_test.c \
	tests/unit/core/console/socket_test.c tests/unit/core/console/manual_test.c
tests_unit_core_console_test_console_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_console_test_console_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_console_test_console_LDADD = $(LDADD_TEST) -lutil
tests_unit_core_console_test_console_DEPENDENCIES = $(CORE_DEPS)
