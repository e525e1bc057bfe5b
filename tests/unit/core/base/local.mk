# tests of core/base
check_PROGRAMS += tests/unit/core/base/test_base
TESTS += tests/unit/core/base/test_base
tests_unit_core_base_test_base_SOURCES = tests/unit/core/base/test_base.c
tests_unit_core_base_test_base_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_base_test_base_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_base_test_base_LDADD = $(LDADD_TEST)
tests_unit_core_base_test_base_DEPENDENCIES = $(CORE_DEPS)
check_PROGRAMS += tests/unit/core/base/test_log
TESTS += tests/unit/core/base/test_log
tests_unit_core_base_test_log_SOURCES = tests/unit/core/base/test_log.c
tests_unit_core_base_test_log_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_base_test_log_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_base_test_log_LDADD = $(LDADD_TEST)
tests_unit_core_base_test_log_DEPENDENCIES = $(CORE_DEPS)
TESTS += tests/unit/core/base/test_headers.sh tests/unit/core/base/test_rooms.sh
