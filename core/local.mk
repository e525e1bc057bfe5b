# The core is one archive; the program and the tests link it whole.
noinst_LIBRARIES += libbbcore.a
libbbcore_a_SOURCES = core/init.h core/init.c core/commands.c core/lock.c \
	core/rooms.c
libbbcore_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(XML2_CFLAGS) $(SQLITE_CFLAGS) \
	$(JANSSON_CFLAGS) $(EDIT_CFLAGS) $(CRYPTO_CFLAGS)

include core/base/local.mk
include core/loop/local.mk
include core/report/local.mk
include core/config/local.mk
include core/registry/local.mk
include core/channel/local.mk
include core/dialplan/local.mk
include core/media/local.mk
include core/sound/local.mk
include core/store/local.mk
include core/features/local.mk
include core/console/local.mk

bin_PROGRAMS += bellbird
bellbird_SOURCES = core/main.c
bellbird_CPPFLAGS = $(libbbcore_a_CPPFLAGS)
bellbird_LDFLAGS = $(LDFLAGS_CORE)
bellbird_LDADD = $(LDADD_CORE)
bellbird_DEPENDENCIES = $(CORE_DEPS)
