# Public headers, installed as <bellbird/...>.
bbincludedir = $(includedir)/bellbird
bbinclude_HEADERS = include/bellbird/app.h \
	include/bellbird/append.h \
	include/bellbird/base.h \
	include/bellbird/bridge.h \
	include/bellbird/bus.h \
	include/bellbird/cdr.h \
	include/bellbird/chan.h \
	include/bellbird/cli.h \
	include/bellbird/conf.h \
	include/bellbird/device.h \
	include/bellbird/dial.h \
	include/bellbird/dialplan.h \
	include/bellbird/file_format.h \
	include/bellbird/func.h \
	include/bellbird/list.h \
	include/bellbird/location.h \
	include/bellbird/log.h \
	include/bellbird/loop.h \
	include/bellbird/map.h \
	include/bellbird/media.h \
	include/bellbird/mem.h \
	include/bellbird/module.h \
	include/bellbird/net.h \
	include/bellbird/port.h \
	include/bellbird/rtp.h \
	include/bellbird/sip.h \
	include/bellbird/sound.h \
	include/bellbird/store.h \
	include/bellbird/story.h \
	include/bellbird/translator.h \
	include/bellbird/zone.h
