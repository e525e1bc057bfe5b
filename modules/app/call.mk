# applications that control the call
pkglib_LTLIBRARIES += modules/app/app_answer.la modules/app/app_hangup.la modules/app/app_wait.la \
	modules/app/app_indicate.la modules/app/app_dial.la
modules_app_app_answer_la_SOURCES = modules/app/app_answer.c
modules_app_app_answer_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_app_app_hangup_la_SOURCES = modules/app/app_hangup.c
modules_app_app_hangup_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_app_app_wait_la_SOURCES = modules/app/app_wait.c
modules_app_app_wait_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_app_app_indicate_la_SOURCES = modules/app/app_indicate.c
modules_app_app_indicate_la_LDFLAGS = $(LDFLAGS_MODULE)
modules_app_app_dial_la_SOURCES = modules/app/dial/app_dial.c modules/app/dial/run.c \
	modules/app/dial/limit.c modules/app/dial/dial.h
modules_app_app_dial_la_LDFLAGS = $(LDFLAGS_MODULE)
