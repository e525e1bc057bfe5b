# tests of core/config
CONFIG_TESTS = tests/unit/core/config/test_reader tests/unit/core/config/test_args \
	tests/unit/core/config/test_objects
check_PROGRAMS += $(CONFIG_TESTS)
TESTS += $(CONFIG_TESTS)
tests_unit_core_config_test_reader_SOURCES = tests/unit/core/config/test_reader.c
tests_unit_core_config_test_reader_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_config_test_reader_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_config_test_reader_LDADD = $(LDADD_TEST)
tests_unit_core_config_test_reader_DEPENDENCIES = $(CORE_DEPS)
tests_unit_core_config_test_args_SOURCES = tests/unit/core/config/test_args.c
tests_unit_core_config_test_args_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_config_test_args_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_config_test_args_LDADD = $(LDADD_TEST)
tests_unit_core_config_test_args_DEPENDENCIES = $(CORE_DEPS)
tests_unit_core_config_test_objects_SOURCES = tests/unit/core/config/test_objects.c
tests_unit_core_config_test_objects_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_config_test_objects_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_config_test_objects_LDADD = $(LDADD_TEST)
tests_unit_core_config_test_objects_DEPENDENCIES = $(CORE_DEPS)
