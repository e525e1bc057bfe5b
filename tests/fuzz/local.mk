# tests/fuzz: a target is one file with LLVMFuzzerTestOneInput(). With --enable-fuzzing libFuzzer
# drives it; else driver.c replays its corpus and mutates it for a short run in `make check`.
noinst_HEADERS += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/driver.c tests/fuzz/quiet.c
FUZZ_TARGETS = tests/fuzz/fuzz_sip_msg tests/fuzz/fuzz_sip_uri tests/fuzz/fuzz_sdp \
	tests/fuzz/fuzz_rtp tests/fuzz/fuzz_rtcp tests/fuzz/fuzz_conf tests/fuzz/fuzz_expr \
	tests/fuzz/fuzz_extensions tests/fuzz/fuzz_digest tests/fuzz/fuzz_wav tests/fuzz/fuzz_command
check_PROGRAMS += $(FUZZ_TARGETS)
if FUZZING
FUZZ_MAIN = tests/fuzz/quiet.c
else
FUZZ_MAIN = tests/fuzz/driver.c tests/fuzz/quiet.c
TESTS += $(FUZZ_TARGETS)
endif
# Targets of other rooms: add to FUZZ_TARGETS and give SOURCES, CPPFLAGS, LDFLAGS, LDADD, DEPENDENCIES likewise.
CPPFLAGS_FUZZ = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/fuzz \
	-DBB_TOP_SRCDIR=\"$(abs_top_srcdir)\"
LDFLAGS_FUZZ = $(LDFLAGS_CORE) $(BB_FUZZ_LDFLAGS)
FUZZ_SIP = modules/sip/libsip.la $(LDADD_CORE)
FUZZ_SIP_DEPS = modules/sip/libsip.la $(CORE_DEPS)
tests_fuzz_fuzz_sip_msg_SOURCES = tests/fuzz/fuzz_sip_msg.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sip_msg_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_sip_msg_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_sip_msg_LDADD = $(FUZZ_SIP)
tests_fuzz_fuzz_sip_msg_DEPENDENCIES = $(FUZZ_SIP_DEPS)
tests_fuzz_fuzz_sip_uri_SOURCES = tests/fuzz/fuzz_sip_uri.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sip_uri_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_sip_uri_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_sip_uri_LDADD = $(FUZZ_SIP)
tests_fuzz_fuzz_sip_uri_DEPENDENCIES = $(FUZZ_SIP_DEPS)
tests_fuzz_fuzz_sdp_SOURCES = tests/fuzz/fuzz_sdp.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sdp_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_sdp_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_sdp_LDADD = $(FUZZ_SIP)
tests_fuzz_fuzz_sdp_DEPENDENCIES = $(FUZZ_SIP_DEPS)
tests_fuzz_fuzz_rtp_SOURCES = tests/fuzz/fuzz_rtp.c modules/rtp/dtmf.c modules/rtp/latch.c \
	modules/rtp/rtp_packet.c $(FUZZ_MAIN)
tests_fuzz_fuzz_rtp_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_rtp_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_rtp_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_rtp_DEPENDENCIES = $(CORE_DEPS)
tests_fuzz_fuzz_rtcp_SOURCES = tests/fuzz/fuzz_rtcp.c modules/rtp/rtcp.c $(FUZZ_MAIN)
tests_fuzz_fuzz_rtcp_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_rtcp_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_rtcp_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_rtcp_DEPENDENCIES = $(CORE_DEPS)
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_conf_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_conf_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_conf_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_conf_DEPENDENCIES = $(CORE_DEPS)
tests_fuzz_fuzz_expr_SOURCES = tests/fuzz/fuzz_expr.c $(FUZZ_MAIN)
tests_fuzz_fuzz_expr_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_expr_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_expr_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_expr_DEPENDENCIES = $(CORE_DEPS)
tests_fuzz_fuzz_extensions_SOURCES = tests/fuzz/fuzz_extensions.c $(FUZZ_MAIN)
tests_fuzz_fuzz_extensions_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_extensions_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_extensions_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_extensions_DEPENDENCIES = $(CORE_DEPS)
tests_fuzz_fuzz_digest_SOURCES = tests/fuzz/fuzz_digest.c $(FUZZ_MAIN)
tests_fuzz_fuzz_digest_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_digest_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_digest_LDADD = $(FUZZ_SIP)
tests_fuzz_fuzz_digest_DEPENDENCIES = $(FUZZ_SIP_DEPS)
tests_fuzz_fuzz_wav_SOURCES = tests/fuzz/fuzz_wav.c $(FUZZ_MAIN)
tests_fuzz_fuzz_wav_CPPFLAGS = $(CPPFLAGS_FUZZ)
tests_fuzz_fuzz_wav_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_wav_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_wav_DEPENDENCIES = $(CORE_DEPS)
tests_fuzz_fuzz_command_SOURCES = tests/fuzz/fuzz_command.c $(FUZZ_MAIN)
tests_fuzz_fuzz_command_CPPFLAGS = $(CPPFLAGS_FUZZ) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_command_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_command_LDADD = $(LDADD_CORE)
tests_fuzz_fuzz_command_DEPENDENCIES = $(CORE_DEPS)

# As long as one likes, each target FUZZ_SECONDS, with a seed of its own each time (it is printed).
FUZZ_SECONDS = 60
CLEANFILES += fuzz-crash.bin
clean-local: clean-fuzz
clean-fuzz:
	rm -rf tests/fuzz/found
.PHONY: clean-fuzz
# FUZZ_ARGS='-seed=1 -runs=100000' is the same run each time.
FUZZ_ARGS = -max_total_time=$(FUZZ_SECONDS)
fuzz: $(FUZZ_TARGETS)
if FUZZING
	@set -e; for t in $(FUZZ_TARGETS); do \
		name=$${t##*/fuzz_}; \
		echo "== $$t"; \
		$(MKDIR_P) tests/fuzz/found/$$name; \
		$$t $(FUZZ_ARGS) -print_final_stats=1 -artifact_prefix=tests/fuzz/found/ \
			tests/fuzz/found/$$name $(srcdir)/tests/fuzz/corpus/$$name; \
	done
else
	@set -e; for t in $(FUZZ_TARGETS); do \
		echo "== $$t"; \
		$$t -t $(FUZZ_SECONDS) -s $$(date +%s); \
	done
endif
