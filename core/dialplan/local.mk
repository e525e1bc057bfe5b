# core/dialplan
libbbcore_a_SOURCES += core/dialplan/var.c core/dialplan/predef.c core/dialplan/func.c \
	core/dialplan/subst.c core/dialplan/expr.c core/dialplan/value.c \
	core/dialplan/pattern.c core/dialplan/timespec.c core/dialplan/plan.c \
	core/dialplan/match.c core/dialplan/parse.c core/dialplan/place.c \
	core/dialplan/stack.c core/dialplan/exec.c core/dialplan/run.c \
	core/dialplan/system.c core/dialplan/room.c core/dialplan/check.c core/dialplan/check_names.c \
	core/dialplan/cli.c core/dialplan/explain.c
noinst_HEADERS += core/dialplan/dialplan.h
