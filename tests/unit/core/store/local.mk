# tests of core/store
if HAVE_CHECK
check_PROGRAMS += tests/unit/core/store/test-store
TESTS += tests/unit/core/store/test-store
endif
noinst_HEADERS += tests/unit/core/store/store_test.h
tests_unit_core_store_test_store_SOURCES = tests/unit/core/store/main.c \
	tests/unit/core/store/astdb_test.c tests/unit/core/store/location_test.c \
	tests/unit/core/store/thread_test.c
tests_unit_core_store_test_store_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_store_test_store_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_store_test_store_LDADD = $(LDADD_TEST)
tests_unit_core_store_test_store_DEPENDENCIES = $(CORE_DEPS)
