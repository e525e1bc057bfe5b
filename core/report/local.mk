# core/report
libbbcore_a_SOURCES += core/report/out.c core/report/out_text.c core/report/out_json.c \
	core/report/text.c core/report/completers.c
noinst_HEADERS += core/report/report.h
