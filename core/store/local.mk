# core/store
libbbcore_a_SOURCES += core/store/store.c core/store/dbfile.c core/store/schema.c \
	core/store/astdb.c core/store/location.c core/store/location_disk.c core/store/cdr.c
noinst_HEADERS += core/store/store_core.h core/store/store_int.h core/store/location_int.h
