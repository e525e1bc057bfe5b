# tests of modules/sip
noinst_HEADERS += tests/unit/modules/sip/sip_test.h tests/unit/modules/sip/trans_test.h \
	tests/unit/modules/sip/peer_test.h
if HAVE_CHECK
sip_tests = tests/unit/modules/sip/test_uri tests/unit/modules/sip/test_msg \
	tests/unit/modules/sip/test_build tests/unit/modules/sip/test_sdp \
	tests/unit/modules/sip/test_ctrans tests/unit/modules/sip/test_strans \
	tests/unit/modules/sip/test_tcp tests/unit/modules/sip/test_lossy \
	tests/unit/modules/sip/test_real
check_PROGRAMS += $(sip_tests)
TESTS += $(sip_tests)
SIP_TEST_LIBS = modules/sip/libsip.la $(LDADD_TEST)
SIP_TEST_DEPS = modules/sip/libsip.la $(CORE_DEPS)
tests_unit_modules_sip_test_uri_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_uri_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_uri_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_uri_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_msg_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_msg_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_msg_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_msg_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_build_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_build_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_build_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_build_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_sdp_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_sdp_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_sdp_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_sdp_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_ctrans_SOURCES = tests/unit/modules/sip/test_ctrans.c tests/unit/modules/sip/trans_test.c
tests_unit_modules_sip_test_ctrans_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_ctrans_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_ctrans_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_ctrans_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_strans_SOURCES = tests/unit/modules/sip/test_strans.c tests/unit/modules/sip/trans_test.c
tests_unit_modules_sip_test_strans_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_strans_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_strans_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_strans_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_tcp_SOURCES = tests/unit/modules/sip/test_tcp.c tests/unit/modules/sip/trans_test.c
tests_unit_modules_sip_test_tcp_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_tcp_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_tcp_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_tcp_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_lossy_SOURCES = tests/unit/modules/sip/test_lossy.c
tests_unit_modules_sip_test_lossy_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_lossy_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_lossy_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_lossy_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_real_SOURCES = tests/unit/modules/sip/test_real.c
tests_unit_modules_sip_test_real_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_real_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_real_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_real_DEPENDENCIES = $(SIP_TEST_DEPS)
check_PROGRAMS += tests/unit/modules/sip/test_session tests/unit/modules/sip/test_digest \
	tests/unit/modules/sip/test_peer tests/unit/modules/sip/test_challenge
TESTS += tests/unit/modules/sip/test_session tests/unit/modules/sip/test_digest \
	tests/unit/modules/sip/test_peer tests/unit/modules/sip/test_challenge
tests_unit_modules_sip_test_challenge_SOURCES = tests/unit/modules/sip/test_challenge.c tests/unit/modules/sip/peer_test.c
tests_unit_modules_sip_test_challenge_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_challenge_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_challenge_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_challenge_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_peer_SOURCES = tests/unit/modules/sip/test_peer.c tests/unit/modules/sip/peer_test.c
tests_unit_modules_sip_test_peer_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_peer_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_peer_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_peer_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_digest_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_digest_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_digest_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_digest_DEPENDENCIES = $(SIP_TEST_DEPS)
tests_unit_modules_sip_test_session_CPPFLAGS = $(CPPFLAGS_TEST)
tests_unit_modules_sip_test_session_LDFLAGS = $(LDFLAGS_CORE)
tests_unit_modules_sip_test_session_LDADD = $(SIP_TEST_LIBS)
tests_unit_modules_sip_test_session_DEPENDENCIES = $(SIP_TEST_DEPS)
endif
