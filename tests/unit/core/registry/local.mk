# tests of core/registry
noinst_HEADERS += tests/unit/core/registry/registry_test.h
REGISTRY_TESTS = tests/unit/core/registry/test_modules tests/unit/core/registry/test_hostile \
	tests/unit/core/registry/test_bus
check_PROGRAMS += $(REGISTRY_TESTS)
TESTS += $(REGISTRY_TESTS)
tests_unit_core_registry_test_modules_SOURCES = tests/unit/core/registry/test_modules.c
tests_unit_core_registry_test_modules_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_registry_test_modules_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_registry_test_modules_LDADD = $(LDADD_TEST)
tests_unit_core_registry_test_modules_DEPENDENCIES = $(CORE_DEPS) \
	tests/modules/test_hello.la tests/modules/test_old.la tests/modules/test_alien.la \
	tests/modules/test_undefined.la
tests_unit_core_registry_test_bus_SOURCES = tests/unit/core/registry/test_bus.c
tests_unit_core_registry_test_bus_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_registry_test_bus_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_registry_test_bus_LDADD = $(LDADD_TEST)
tests_unit_core_registry_test_bus_DEPENDENCIES = $(CORE_DEPS)
tests_unit_core_registry_test_hostile_SOURCES = tests/unit/core/registry/test_hostile.c
tests_unit_core_registry_test_hostile_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_registry_test_hostile_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_registry_test_hostile_LDADD = $(LDADD_TEST)
tests_unit_core_registry_test_hostile_DEPENDENCIES = $(CORE_DEPS) \
	tests/modules/test_hello.la tests/modules/test_leaky.la tests/modules/test_old.la
