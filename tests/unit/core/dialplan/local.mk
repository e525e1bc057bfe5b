# tests of core/dialplan
if HAVE_CHECK
check_PROGRAMS += tests/unit/core/dialplan/test-dialplan
TESTS += tests/unit/core/dialplan/test-dialplan
endif
noinst_HEADERS += tests/unit/core/dialplan/dialplan_test.h tests/unit/core/dialplan/world.h \
	tests/unit/core/dialplan/expressions.h tests/unit/core/dialplan/functions.h
tests_unit_core_dialplan_test_dialplan_SOURCES = tests/unit/core/dialplan/main.c \
	tests/unit/core/dialplan/test_expr.c tests/unit/core/dialplan/test_subst.c \
	tests/unit/core/dialplan/test_pattern.c tests/unit/core/dialplan/test_parse.c \
	tests/unit/core/dialplan/test_run.c tests/unit/core/dialplan/test_func.c \
	tests/unit/core/dialplan/test_check.c tests/unit/core/dialplan/world.c
tests_unit_core_dialplan_test_dialplan_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_core_dialplan_test_dialplan_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_core_dialplan_test_dialplan_LDADD = $(LDADD_TEST)
tests_unit_core_dialplan_test_dialplan_DEPENDENCIES = $(CORE_DEPS)
