# tests of core/loop
noinst_HEADERS += tests/bbtest.h
check_PROGRAMS += tests/unit/core/loop/test_fiber
TESTS += tests/unit/core/loop/test_fiber
tests_unit_core_loop_test_fiber_SOURCES = tests/unit/core/loop/test_fiber.c
tests_unit_core_loop_test_fiber_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_loop_test_fiber_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_loop_test_fiber_LDADD = $(LDADD_TEST)
tests_unit_core_loop_test_fiber_DEPENDENCIES = $(CORE_DEPS)
