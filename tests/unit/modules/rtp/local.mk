# tests of modules/rtp
noinst_HEADERS += tests/unit/modules/rtp/far_end.h tests/unit/modules/rtp/far_sock.h tests/unit/modules/rtp/endpoint_test.h
check_PROGRAMS += tests/unit/modules/rtp/test_parts
TESTS += tests/unit/modules/rtp/test_parts
tests_unit_modules_rtp_test_parts_SOURCES = tests/unit/modules/rtp/test_parts.c \
	modules/rtp/dtmf.c modules/rtp/latch.c modules/rtp/rtcp.c modules/rtp/rtp_packet.c
tests_unit_modules_rtp_test_parts_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_rtp_test_parts_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_rtp_test_parts_LDADD = $(LDADD_TEST)
tests_unit_modules_rtp_test_parts_DEPENDENCIES = $(CORE_DEPS)
check_PROGRAMS += tests/unit/modules/rtp/test_endpoint
TESTS += tests/unit/modules/rtp/test_endpoint
tests_unit_modules_rtp_test_endpoint_SOURCES = tests/unit/modules/rtp/test_endpoint.c \
	$(RTP_SOURCES) $(CODECS_STATIC)
tests_unit_modules_rtp_test_endpoint_CPPFLAGS = $(CPPFLAGS_TEST) $(CODECS_CPPFLAGS)
tests_unit_modules_rtp_test_endpoint_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_rtp_test_endpoint_LDADD = $(LDADD_TEST) $(CODECS_LIBS)
tests_unit_modules_rtp_test_endpoint_DEPENDENCIES = $(CORE_DEPS)
check_PROGRAMS += tests/unit/modules/rtp/test_pool
TESTS += tests/unit/modules/rtp/test_pool
tests_unit_modules_rtp_test_pool_SOURCES = tests/unit/modules/rtp/test_pool.c \
	$(RTP_SOURCES) $(CODECS_STATIC)
tests_unit_modules_rtp_test_pool_CPPFLAGS = $(CPPFLAGS_TEST) $(CODECS_CPPFLAGS)
tests_unit_modules_rtp_test_pool_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_rtp_test_pool_LDADD = $(LDADD_TEST) $(CODECS_LIBS)
tests_unit_modules_rtp_test_pool_DEPENDENCIES = $(CORE_DEPS)
check_PROGRAMS += tests/unit/modules/rtp/test_reports
TESTS += tests/unit/modules/rtp/test_reports
tests_unit_modules_rtp_test_reports_SOURCES = tests/unit/modules/rtp/test_reports.c \
	$(RTP_SOURCES) $(CODECS_STATIC)
tests_unit_modules_rtp_test_reports_CPPFLAGS = $(CPPFLAGS_TEST) $(CODECS_CPPFLAGS)
tests_unit_modules_rtp_test_reports_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_rtp_test_reports_LDADD = $(LDADD_TEST) $(CODECS_LIBS)
tests_unit_modules_rtp_test_reports_DEPENDENCIES = $(CORE_DEPS)
