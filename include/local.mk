# Public headers are installed as <bellbird/...>.
bbincludedir = $(includedir)/bellbird
bbinclude_HEADERS = include/bellbird/base.h include/bellbird/list.h \
	include/bellbird/mem.h include/bellbird/map.h include/bellbird/log.h \
	include/bellbird/loop.h include/bellbird/net.h
