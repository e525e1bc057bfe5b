# tests/bench
EXTRA_PROGRAMS += tests/bench/bench_kernel
BENCHES = tests/bench/bench_kernel tests/bench/bench_base
tests_bench_bench_kernel_SOURCES = tests/bench/bench_kernel.c
tests_bench_bench_kernel_CPPFLAGS = $(AM_CPPFLAGS)
EXTRA_PROGRAMS += tests/bench/bench_sip
BENCHES += tests/bench/bench_sip
tests_bench_bench_sip_SOURCES = tests/bench/bench_sip.c
tests_bench_bench_sip_CPPFLAGS = $(AM_CPPFLAGS)
tests_bench_bench_sip_LDFLAGS = $(LDFLAGS_CORE)
tests_bench_bench_sip_LDADD = modules/sip/libsip.la $(LDADD_CORE)
tests_bench_bench_sip_DEPENDENCIES = modules/sip/libsip.la $(CORE_DEPS)
EXTRA_DIST += tests/bench/bench.py
bench: all $(BENCHES)
	BB_BUILD=$(abs_top_builddir) python3 $(top_srcdir)/tests/bench/bench.py
EXTRA_PROGRAMS += tests/bench/bench_base
tests_bench_bench_base_SOURCES = tests/bench/bench_base.c
tests_bench_bench_base_CPPFLAGS = $(libbbcore_a_CPPFLAGS)
tests_bench_bench_base_LDFLAGS = $(LDFLAGS_CORE)
tests_bench_bench_base_LDADD = $(LDADD_CORE)
tests_bench_bench_base_DEPENDENCIES = $(CORE_DEPS)
EXTRA_PROGRAMS += tests/bench/bench_relay
BENCHES += tests/bench/bench_relay
tests_bench_bench_relay_SOURCES = tests/bench/bench_relay.c $(RTP_SOURCES) $(CODECS_STATIC)
tests_bench_bench_relay_CPPFLAGS = $(libbbcore_a_CPPFLAGS) $(CODECS_CPPFLAGS)
tests_bench_bench_relay_LDFLAGS = $(LDFLAGS_CORE)
tests_bench_bench_relay_LDADD = $(LDADD_CORE) $(CODECS_LIBS)
tests_bench_bench_relay_DEPENDENCIES = $(CORE_DEPS)
