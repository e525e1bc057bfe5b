# modules/bridge
noinst_HEADERS += modules/bridge/two_party.h
pkglib_LTLIBRARIES += modules/bridge/bridge_relay.la modules/bridge/bridge_translate.la
modules_bridge_bridge_relay_la_SOURCES = modules/bridge/bridge_relay.c
modules_bridge_bridge_relay_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_bridge_bridge_translate_la_SOURCES = modules/bridge/bridge_translate.c
modules_bridge_bridge_translate_la_LDFLAGS = $(LDFLAGS_MODULE)
