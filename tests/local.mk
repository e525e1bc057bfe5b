# Unit tests mirror the source paths: tests/unit/<path>/.
CPPFLAGS_TEST = $(libbbcore_a_CPPFLAGS) $(CHECK_CFLAGS) -I$(top_srcdir)/tests \
	-DBB_TOP_SRCDIR=\"$(abs_top_srcdir)\" -DBB_TOP_BUILDDIR=\"$(abs_top_builddir)\"
LDADD_TEST = $(LDADD_CORE) $(CHECK_LIBS)
# Each allocation fails in turn (BBT_OOM) in every program but these, which would show nothing new:
#   modules/sip/test_uri, modules/rtp/test_parts       what they test allocates nothing
#   modules/sip/test_tcp, test_lossy, test_real,       the same code under other traffic; without
#     test_peer, test_challenge                          memory: test_ctrans, test_strans, test_session, test_msg
#   modules/cdr/test-cdr                                real files and threads; the store's own do it
#   core/registry/test_hostile                          without memory: test_modules

# The codec modules as static ones, for any test or bench that needs them.
CODECS_STATIC = tests/unit/modules/codec/mod_ulaw.c tests/unit/modules/codec/mod_alaw.c
CODECS_CPPFLAGS = $(SPANDSP_CFLAGS) $(SPEEXDSP_CFLAGS)
CODECS_LIBS = $(SPANDSP_LIBS) $(SPEEXDSP_LIBS)
if HAVE_SPANDSP
CODECS_STATIC += tests/unit/modules/codec/mod_g722.c
CODECS_CPPFLAGS += -DTEST_G722
endif
if HAVE_SPEEXDSP
CODECS_STATIC += tests/unit/modules/codec/mod_resample.c
CODECS_CPPFLAGS += -DTEST_RESAMPLE
endif

EXTRA_DIST += tests/tsan.supp tests/data/torture tests/unit/core/base/test_headers.sh \
	tests/unit/core/base/test_rooms.sh
if HAVE_CHECK
include tests/unit/core/base/local.mk
include tests/unit/core/loop/local.mk
include tests/unit/core/config/local.mk
include tests/unit/core/registry/local.mk
include tests/unit/core/channel/local.mk
include tests/unit/core/dialplan/local.mk
include tests/unit/core/media/local.mk
include tests/unit/core/sound/local.mk
include tests/unit/core/store/local.mk
include tests/unit/core/console/local.mk
include tests/unit/modules/sip/local.mk
include tests/unit/modules/rtp/local.mk
include tests/unit/modules/codec/local.mk
include tests/unit/modules/app/local.mk
include tests/unit/modules/func/local.mk
include tests/unit/modules/cdr/local.mk
endif
include tests/wire/local.mk
include tests/sim/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/modules/local.mk
