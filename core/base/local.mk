# core/base
libbbcore_a_SOURCES += core/base/str.c core/base/buf.c core/base/format.c core/base/mem.c core/base/arena.c \
	core/base/obj.c core/base/map.c core/base/random.c core/base/random_core.h \
	core/base/log.c core/base/log_out.c core/base/log_file.c core/base/log_file.h \
	core/base/clock.h core/base/log_core.h core/base/mem_core.h
