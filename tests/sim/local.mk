# tests/sim: the whole house on the virtual clock
noinst_HEADERS += tests/sim/house.h tests/sim/office.h tests/sim/ua.h
if HAVE_CHECK
check_PROGRAMS += tests/sim/sim
TESTS += tests/sim/sim
endif
tests_sim_sim_SOURCES = tests/sim/main.c tests/sim/house.c tests/sim/text.c tests/sim/ua.c \
	tests/sim/leg.c tests/sim/register.c tests/sim/call.c tests/sim/refused.c \
	tests/sim/within.c tests/sim/crossing.c tests/sim/gone.c tests/sim/stop.c \
	tests/sim/memory.c
tests_sim_sim_CPPFLAGS = $(CPPFLAGS_TEST)
tests_sim_sim_LDFLAGS = $(LDFLAGS_CORE)
tests_sim_sim_LDADD = $(LDADD_TEST)
tests_sim_sim_DEPENDENCIES = $(CORE_DEPS)

.PHONY: sim
# make sim SEEDS=1000: each scenario with that many seeds
SEEDS = 1000
sim: all tests/sim/sim
	BB_SEEDS=$(SEEDS) tests/sim/sim
