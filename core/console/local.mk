# core/console
noinst_HEADERS += core/console/console.h
