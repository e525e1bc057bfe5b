# modules/cdr
pkglib_LTLIBRARIES += modules/cdr/cdr_sqlite.la
modules_cdr_cdr_sqlite_la_SOURCES = modules/cdr/cdr_sqlite.c
modules_cdr_cdr_sqlite_la_LDFLAGS = $(LDFLAGS_MODULE)
pkglib_LTLIBRARIES += modules/cdr/cdr_csv.la
modules_cdr_cdr_csv_la_SOURCES = modules/cdr/cdr_csv.c
modules_cdr_cdr_csv_la_LDFLAGS = $(LDFLAGS_MODULE)
