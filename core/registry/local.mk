# core/registry
libbbcore_a_SOURCES += core/registry/registry.h \
	core/registry/bus.c \
	core/registry/cli_module.c \
	core/registry/counterparts.c \
	core/registry/entry.c \
	core/registry/lint.c \
	core/registry/load.c \
	core/registry/object.c \
	core/registry/open.c \
	core/registry/provide.c \
	core/registry/registry.c \
	core/registry/search.c \
	core/registry/unload.c \
	core/registry/wanted.c
