# core/base
libbbcore_a_SOURCES += core/base/str.c
