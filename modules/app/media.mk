pkglib_LTLIBRARIES += modules/app/app_echo.la
modules_app_app_echo_la_SOURCES = modules/app/app_echo.c
modules_app_app_echo_la_LDFLAGS = $(LDFLAGS_MODULE)
