# modules/sip above the transactions: the core of `sip`, its sessions, and the modules on it.
modules_sip_libsip_la_SOURCES += \
	modules/sip/auth.c \
	modules/sip/cause.c modules/sip/cause.h \
	modules/sip/conf_load.c modules/sip/conf_types.c modules/sip/conf_types.h \
	modules/sip/config.c modules/sip/config.h \
	modules/sip/contact.c \
	modules/sip/core.c modules/sip/core.h \
	modules/sip/desc.c modules/sip/desc.h \
	modules/sip/dialog.c modules/sip/dialog.h \
	modules/sip/digest.c modules/sip/digest.h \
	modules/sip/dispatch.c \
	modules/sip/keyring.c modules/sip/keyring.h \
	modules/sip/qualify.c \
	modules/sip/request.c \
	modules/sip/session.c modules/sip/session.h \
	modules/sip/session_early.c modules/sip/session_in.c modules/sip/session_offer.c \
	modules/sip/session_out.c modules/sip/session_request.c modules/sip/session_text.c

pkglib_LTLIBRARIES += modules/sip/sip.la modules/sip/chan_sip.la \
	modules/sip/sip_registrar.la modules/sip/sip_redirect.la
modules_sip_sip_la_SOURCES = modules/sip/sip.c modules/sip/sip_module.h modules/sip/sip_cli.c
modules_sip_sip_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_sip_sip_la_LIBADD = modules/sip/libsip.la $(CRYPTO_LIBS)
modules_sip_chan_sip_la_SOURCES = modules/sip/chan_sip.c modules/sip/chan_sip.h \
	modules/sip/chan_sip_call.c modules/sip/chan_sip_media.c modules/sip/chan_sip_func.c \
	modules/sip/chan_sip_cli.c
modules_sip_chan_sip_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_sip_sip_registrar_la_SOURCES = modules/sip/sip_registrar.c
modules_sip_sip_registrar_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_sip_sip_redirect_la_SOURCES = modules/sip/sip_redirect.c
modules_sip_sip_redirect_la_LDFLAGS = $(LDFLAGS_MODULE)
