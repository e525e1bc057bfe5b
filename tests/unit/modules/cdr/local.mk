# tests of modules/cdr and of func_db
if HAVE_CHECK
check_PROGRAMS += tests/unit/modules/cdr/test-cdr
TESTS += tests/unit/modules/cdr/test-cdr
endif
tests_unit_modules_cdr_test_cdr_SOURCES = tests/unit/modules/cdr/test_cdr.c
tests_unit_modules_cdr_test_cdr_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_cdr_test_cdr_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_cdr_test_cdr_LDADD = $(LDADD_TEST)
tests_unit_modules_cdr_test_cdr_DEPENDENCIES = $(CORE_DEPS) modules/cdr/cdr_csv.la \
	modules/cdr/cdr_sqlite.la modules/func/func_db.la
