# tests/modules: modules for the tests of the registry. -rpath makes libtool build them shared.
check_LTLIBRARIES += tests/modules/test_hello.la tests/modules/test_old.la \
	tests/modules/test_alien.la tests/modules/test_undefined.la tests/modules/test_leaky.la
LDFLAGS_TEST_MODULE = $(LDFLAGS_MODULE) -rpath /nowhere
tests_modules_test_hello_la_SOURCES = tests/modules/test_hello.c
tests_modules_test_hello_la_LDFLAGS = $(LDFLAGS_TEST_MODULE)
tests_modules_test_old_la_SOURCES = tests/modules/test_old.c
tests_modules_test_old_la_LDFLAGS = $(LDFLAGS_TEST_MODULE)
tests_modules_test_alien_la_SOURCES = tests/modules/test_alien.c
tests_modules_test_alien_la_LDFLAGS = $(LDFLAGS_TEST_MODULE)
tests_modules_test_undefined_la_SOURCES = tests/modules/test_undefined.c
tests_modules_test_undefined_la_LDFLAGS = $(LDFLAGS_TEST_MODULE)
tests_modules_test_leaky_la_SOURCES = tests/modules/test_leaky.c
tests_modules_test_leaky_la_LDFLAGS = $(LDFLAGS_TEST_MODULE)
