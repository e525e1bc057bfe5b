# core/store
noinst_HEADERS += core/store/store_core.h
