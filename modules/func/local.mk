# modules/func
pkglib_LTLIBRARIES += modules/func/func_db.la
modules_func_func_db_la_SOURCES = modules/func/func_db.c
modules_func_func_db_la_LDFLAGS = $(LDFLAGS_MODULE)
include modules/func/language.mk
