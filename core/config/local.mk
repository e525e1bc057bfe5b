# core/config
libbbcore_a_SOURCES += core/config/config.h \
	core/config/args.c \
	core/config/args_check.c \
	core/config/diag.c \
	core/config/directory.c \
	core/config/field.c \
	core/config/intern.c \
	core/config/known_files.c \
	core/config/known_names.c \
	core/config/logger.c \
	core/config/object.c \
	core/config/paths.c \
	core/config/reader.c \
	core/config/set.c \
	core/config/settings.c \
	core/config/slurp.c \
	core/config/zone.c
